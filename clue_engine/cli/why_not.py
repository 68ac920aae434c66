"""why-not: how somebody stands and what is lacking; why a household does not have a rule, and by how much."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.again import with_options
from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, ParametersOption, RulesOption, WorkspaceOption
from clue_engine.cli.screen import paragraph, print_json, print_tree, say, style
from clue_engine.cli.who import (
    PickOption,
    ReasonOption,
    RestrictedOption,
    WhoArgument,
    choices,
    print_choices,
    purpose,
    tell_several,
    typed,
)
from clue_engine.errors import EXIT_OK
from clue_engine.export.privacy import RESTRICTED
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    from clue_engine.enquiry.mentions import Mention
    from clue_engine.enquiry.overview import Near, Overview, Standing
    from clue_engine.enquiry.who import Found
    from clue_engine.enquiry.why_not import Failure, WhyNot

RuleArgument = Annotated[
    str | None, typer.Argument(metavar="规则", help="规则编号，如 J02；不写则说明各方向的情况", show_default=False)
]
FullOption = Annotated[bool, typer.Option("--full", help="条件逐项列出，包括不起作用的", show_default=False)]
_SHOWN = 2  # cases, questions, conditions of one rule in the overview: it is to fit a screen
_MENTIONED = 3


def why_not_command(
    ctx: typer.Context,
    who: WhoArgument,
    rule: RuleArgument = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    full: FullOption = False,
    pick: PickOption = None,
    restricted: RestrictedOption = False,
    reason: ReasonOption = None,
    json: JsonOption = False,
) -> int:
    """说明一个人、一户为什么没有列入：各方向列没列、缺什么；写规则的，说明哪个条件不满足、差多少。

    在不在清单、在不在名册都能查。同名的几处、一件案件的几个人，列出来按序号选（--pick）。
    姓名一律掩码；受限的只能按编号查，只说受限；专人查看的，写 --restricted 和用途，查看记入审计。

    例：
      clue-engine why-not 王某 -w 工作区
      clue-engine why-not 529921101201000001 J02 -w 工作区
      clue-engine why-not 样检刑诉受〔2024〕12号 -w 工作区
    """
    from clue_engine.enquiry.overview import overview, states
    from clue_engine.enquiry.run import changes, load_scanned, scan_date
    from clue_engine.enquiry.who import CASE, Several, find, note_purpose, one_of
    from clue_engine.enquiry.why_not import why_found

    why = purpose(restricted, reason, "why-not")
    said, seen_all = typed(who), why is not None
    pack = load_scanned(workspace, rules, parameters)
    with Workspace.open(workspace, create=False) as ws:
        day = scan_date(ws)
        found = find(ws, pack, said, day, purpose=seen_all)
        whole_case = found.by == CASE and len(found.ones) > 1 and pick is None and rule is None
        try:
            one = None if whole_case else one_of(found, pick)
        except Several as several:
            return tell_several(several, json=json)
        if why is not None:
            note_purpose(ws, found.ones if one is None else (one,), "why-not restricted", why)
        where = [states(ws, each.household_id, purpose=seen_all) for each in found.ones] if whole_case else []
        told = None if rule is None else why_found(ws, pack, day, found, one, rule, full=full, purpose=seen_all)
        seen = None if whole_case or told else overview(ws, pack, day, found, one, purpose=seen_all)
        if changed := changes(ws, pack):
            say(f"提示：{changed}；结果按现在的规则")
    if whole_case:
        _tell_case(found, where, json=json)
    elif told is not None:
        print_json(asdict(told)) if json else _print(told)
    elif seen is not None:
        print_json(asdict(seen)) if json else _print_overview(seen)
    if why is not None:
        say("这次查看已记入审计。请不要外传。")
    elif found.restricted:  # found by a number: what was typed names nobody
        say(f"专人查看：{with_options(ctx, '--restricted', '--reason', '用途')}")
    return EXIT_OK


# -- without a rule -------------------------------------------------------------------------------------------------
def _tell_case(found: Found, where: list[str], *, json: bool) -> None:
    """Everybody of a case and where each stands."""
    if json:
        lines = zip(choices(found.ones), where, strict=True)
        print_json({"by": found.by, "persons": [{**one, "stands": said} for one, said in lines]})
        return
    print_choices(found.ones, where)
    say("看其中一个：在原来的命令后面加 --pick 序号")


def _print_overview(seen: Overview) -> None:
    if seen.restricted:
        print(RESTRICTED)
        return
    if seen.who:
        print(style(seen.who, "bold") + (f"  {seen.number}" if seen.number else ""))
    for case in seen.cases[:_SHOWN]:
        day = f"{case.day}受理" if case.day else ""
        paragraph("案件：" + "，".join(v for v in ("、".join(case.roles), day, case.case_no, case.strength) if v))
    if len(seen.cases) > _SHOWN:
        print(f"案件：共 {len(seen.cases)} 件")
    for note in seen.notes:
        paragraph(f"{note}。")
    for standing in seen.standings:
        _print_standing(standing)
    for mention in seen.also[:_MENTIONED]:
        paragraph(f"另见：{_place(mention)}一列，{mention.became}")
    if len(seen.also) > _MENTIONED:
        print(f"另见：共 {len(seen.also)} 处")
    if seen.standings:
        say("受限的清单和规则不在这里说明。逐条看：clue-engine show 线索编号，或在这条命令的后面写规则编号")


def _place(mention: Mention) -> str:
    sheet = f"〔{mention.sheet}〕" if mention.sheet else ""
    row = f"第{mention.row_no}行" if mention.row_no else ""
    source = f"（{mention.source}）" if mention.source else ""
    return f"“{mention.file}”{sheet}{source}{row}的“{mention.heading}”"


def _print_standing(standing: Standing) -> None:
    parts = [standing.status, standing.clue_id, standing.band]
    rules = f"（{'、'.join(standing.rules)}）" if standing.rules else ""
    tail = "，最接近的：" if standing.near else ""
    paragraph(f"{standing.direction}：{' '.join(p for p in parts if p)}{rules}{tail}")
    for note in (standing.note, standing.progress):
        if note:
            paragraph(f"  {note}")
    for fact in standing.asks[:_SHOWN]:
        paragraph(f"  待核：{fact.label}，由{fact.holder or '承办单位'}掌握")
    for hold in standing.holds:
        paragraph(f"  {hold.hold_id} {hold.title}" + (f"：{hold.text}" if hold.text else ""))
    for near in standing.near:
        _print_near(near)


def _print_near(near: Near) -> None:
    others = f"等 {len(near.rules)} 条" if len(near.rules) > 1 else ""
    paragraph(f"  {near.rules[0]} {near.titles[0]}{others}：{_lacking(near)}")


def _lacking(near: Near) -> str:
    deciding = [f for f in near.missing if f.decides]
    if deciding:
        return "只缺 " + "，或".join(f"“{f.label}”（{f.holder or '承办单位'}掌握）" for f in deciding[:_SHOWN])
    if near.missing:
        more = f"等 {len(near.missing)} 项" if len(near.missing) > _SHOWN else ""
        return "不知道 " + "、".join(f"“{f.label}”" for f in near.missing[:_SHOWN]) + more
    n = len(near.failed)
    more = f"等 {n} 项" if n > _SHOWN else ""
    return "差 " + "；".join(map(_failed, near.failed[:_SHOWN])) + more


def _failed(failure: Failure) -> str:
    """The condition with the value, and how far that is from the bound."""
    told = "，".join(v for v in (failure.value, failure.gap) if v)
    return _condition(failure) + (f"〔{told}〕" if told else "")


def _condition(failure: Failure) -> str:
    from clue_engine.language.plain_words import in_words

    bare = failure.condition.removesuffix("”应不成立").removeprefix("“")
    return in_words(bare) if bare == failure.condition else f"“{in_words(bare)}”应不成立"


# -- one rule -------------------------------------------------------------------------------------------------------
def _print(found: WhyNot) -> None:
    print(style(f"{found.rule_id} {found.title}", "bold") + (f"：{found.outcome}" if found.outcome else ""))
    if found.restricted:
        print(RESTRICTED)
        return
    paragraph(f"户：{found.household}")
    if found.holds:
        paragraph(f"条件都满足，但因以下情形搁置，不列入：{'、'.join(found.holds)}")
    if found.failed:
        print("差在：")
    for failure in found.failed:
        paragraph(f"  {_condition(failure)}" + (f"〔{failure.value}〕" if failure.value else ""))
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
