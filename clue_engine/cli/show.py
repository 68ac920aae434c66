"""show: why a household is on the list, back to file, sheet, row and cell."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.again import hand_over, with_options
from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, ParametersOption, RulesOption, WorkspaceOption
from clue_engine.cli.screen import paragraph, print_json, print_table, print_tree, say, style
from clue_engine.cli.who import PickOption, ReasonOption, RestrictedOption, WhoArgument, purpose, tell_several, typed
from clue_engine.errors import EXIT_OK
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    from clue_engine.enquiry.show import ClueView, RuleView

FullOption = Annotated[bool, typer.Option("--full", help="条件逐项列出，包括不起作用的", show_default=False)]
_KINDS = {"hit": "命中", "pending": "命中，待核", "unknown": "不能确定", "lost": "命中，已搁置"}


def show_command(
    ctx: typer.Context,
    who: WhoArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    full: FullOption = False,
    pick: PickOption = None,
    restricted: RestrictedOption = False,
    reason: ReasonOption = None,
    json: JsonOption = False,
) -> int:
    """说明一条线索：命中的规则和每个条件的取值、人员与匹配、搁置情形、缺失项、数据出处。

    不写线索编号，写姓名、户编号、证件号码、案号的，查到哪一户就说明那一户的线索；没有列出的用 why-not。
    受限线索只说明受限、由谁查看；专人查看的，写 --restricted 和用途，查看记入审计。

    例：
      clue-engine show JU-3F9A2C1B -w 工作区
      clue-engine show 王某 -w 工作区
      clue-engine show JU-3F9A2C1B -w 工作区 --restricted --reason 司法救助审查
    """
    from clue_engine.enquiry.clues import as_json
    from clue_engine.enquiry.run import changes, load_scanned, scan_date
    from clue_engine.enquiry.show import show
    from clue_engine.enquiry.tree import explainer
    from clue_engine.enquiry.who import Several, clue_of, find, one_of

    why = purpose(restricted, reason, "show")
    said = typed(who)
    pack = load_scanned(workspace, rules, parameters)
    with Workspace.open(workspace, create=False) as ws:
        day = scan_date(ws)
        found = find(ws, pack, said, day, purpose=why is not None)
        try:
            one = None if found.restricted else one_of(found, pick)
        except Several as several:
            return tell_several(several, json=json)
        number = clue_of(ws, found, one, purpose=why is not None)
        view = show(ws, pack, number, explain=explainer(ws, pack, day, full=full), reason=why)
        if found.clue_id and view.row.clue_id != (old := said.strip().upper()):
            say(f"提示：{old} 与 {view.row.clue_id} 已是同一条线索，按后一个编号列出")
        changed = changes(ws, pack)
        if changed:
            say(f"提示：{changed}；条件的取值仅供参考")
    if json:
        value: dict[str, Any] = asdict(view)
        value.pop("row")
        print_json({**as_json(view.row), **value})
    else:
        _print(view)
    if view.row.restricted and why is None:
        say(f"专人查看：{with_options(ctx, '--restricted', '--reason', '用途')}")
        say(f"交给专人：{hand_over(workspace)}")
    elif view.row.restricted:
        say("这是受限线索，这次查看已记入审计。请不要外传。")
    return EXIT_OK


def _print(view: ClueView) -> None:
    cells = view.row.cells
    print(style(f"{view.row.clue_id}  {view.row.direction}  {view.row.status}", "bold"))
    for heading in (
        "优先级", "得分", "可能得分", "姓名", "证件号码", "乡镇", "村", "匹配方式", "理由", "缺失项", "缺失项掌握单位",
        "搁置原因", "提示", "建议核查", "帮扶建议", "救助上限参考", "户号", "同户线索", "建议承办单位",
    ):  # fmt: skip
        if cells.get(heading) in (None, ""):
            continue
        first, *more = str(cells[heading]).split("\n")
        if more:
            print(f"{heading}：")
            for part in (first, *more):
                paragraph(f"  {part}")
        else:
            paragraph(f"{heading}：{first}")
    if view.scores:
        print("\n得分")
        print_table(
            ("项目", "上限", "得分", "可能得分"),
            [(s["dimension"], s["cap"], s["certain"], s["possible"]) for s in view.scores],
        )
    for rule in view.rules:
        _print_rule(rule)
    if view.persons:
        print("\n人员")
        print_table(("姓名", "证件号码", "性别", "出生年"), [tuple(p.values()) for p in view.persons])
    for link in view.links:
        paragraph(f"匹配：{link['name']} {link['strength']}（{link['tier']}），{link['reason']}")
    for hold in view.holds:
        paragraph(f"情形 {hold['id']} {hold['title']}：{hold['state']}，{hold['effect']}。{hold['text']}")
    for fact in view.missing:
        decides = "（知道即可判断）" if fact["decides"] else ""
        paragraph(f"缺失：{fact['field']}{decides}，由{fact['holder'] or '承办单位'}掌握")
    if view.sources:
        print("\n数据出处")
    for source in view.sources:
        sheet = f"〔{source.sheet}〕" if source.sheet else ""
        paragraph(f"{source.file}{sheet}第{source.row_no}行（{source.source}）")
        for cell in source.cells:
            paragraph(f"    第{cell.column}列 {cell.header}：{cell.text}")


def _print_rule(rule: RuleView) -> None:
    state = _KINDS.get(rule.kind, rule.kind) + ("，已由更重的规则计分" if rule.superseded else "")
    print(f"\n规则 {rule.rule_id} {rule.title}（第{rule.version}版）  {state}  {rule.points}分")
    if rule.reason:
        paragraph(f"  {rule.reason}")
    for basis in rule.basis:
        paragraph(f"  依据：{basis}")
    print_tree(rule.tree, 2)
