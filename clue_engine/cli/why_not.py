"""why-not: why a household does not have a rule, and by how much."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, ParametersOption, RulesOption, WorkspaceOption
from clue_engine.cli.screen import paragraph, print_json, print_tree, say, style
from clue_engine.export.privacy import RESTRICTED
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    from clue_engine.enquiry.why_not import WhyNot

HouseholdArgument = Annotated[str, typer.Argument(metavar="户", help="户编号，或清单里的线索编号")]
RuleArgument = Annotated[str, typer.Argument(metavar="规则", help="规则编号，如 J02")]
FullOption = Annotated[bool, typer.Option("--full", help="条件逐项列出，包括不起作用的", show_default=False)]


def why_not_command(
    household: HouseholdArgument,
    rule: RuleArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    full: FullOption = False,
    json: JsonOption = False,
) -> None:
    """说明一户为什么没有命中一条规则：哪个条件不满足、差多少，或者只缺哪一项事实。

    姓名一律掩码；受限的户、受限的规则只显示规则名称。

    例：
      clue-engine why-not 529921101201000001 J02 -w 工作区
      clue-engine why-not JU-3F9A2C1B J05 -w 工作区
    """
    from clue_engine.enquiry.run import changes, load_scanned, scan_date
    from clue_engine.enquiry.why_not import why_not

    pack = load_scanned(workspace, rules, parameters)
    with Workspace.open(workspace, create=False) as ws:
        found = why_not(ws, pack, scan_date(ws), household, rule, full=full)
        changed = changes(ws, pack)
        if changed:
            say(f"提示：{changed}；结果按现在的规则")
    if json:
        print_json(asdict(found))
    else:
        _print(found)


def _print(found: WhyNot) -> None:
    print(style(f"{found.rule_id} {found.title}", "bold") + (f":{found.outcome}" if found.outcome else ""))
    if found.restricted:
        print(RESTRICTED)
        return
    paragraph(f"户：{found.household}")
    if found.holds:
        paragraph(f"因以下情形不列入：{'、'.join(found.holds)}")
    if found.failed:
        print("差在：")
    for failure in found.failed:
        paragraph(f"  {failure.condition}" + (f"〔{failure.value}〕" if failure.value else ""))
        if failure.gap:
            paragraph(f"    {failure.gap}")
    deciding = [f for f in found.missing if f.decides]
    for fact in deciding:
        paragraph(f"只要知道“{fact.label}”就能判断，由{fact.holder or '承办单位'}掌握")
    others = [f.label for f in found.missing if not f.decides]
    if others:
        paragraph(f"{'还' if deciding else ''}缺：{'、'.join(others)}{'' if deciding else '（缺的不止一项）'}")
    if found.quiet:
        paragraph("这条规则的清单不写案情，条件不逐项显示")
    if found.tree:
        print("\n条件")
    print_tree(found.tree, 1)
