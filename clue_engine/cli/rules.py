"""rules list | show: look at a rule pack. (rules check and explain: check.py; rules test: rules_test.py)

Comes in: a pack folder. Goes out: tables or JSON.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import AsOfOption, JsonOption, ParametersOption, RulesOption, day
from clue_engine.cli.screen import pad, print_json, print_table, say, style
from clue_engine.cli.words import did_you_mean
from clue_engine.errors import ClueError
from clue_engine.pack.labels import ACTIONS, STATUSES

if TYPE_CHECKING:
    from clue_engine.language.check_pack import CheckedPack
    from clue_engine.pack.model import Hold, Pack, Rule

IdArgument = Annotated[str, typer.Argument(metavar="编号", help="规则编号，如 J02")]
SqlOption = Annotated[bool, typer.Option("--sql", help="同时显示编译成的 SQL", show_default=False)]


def list_command(rules: RulesOption = None, json: JsonOption = False) -> None:
    """列出规则包里的规则、排除规则和帮扶措施。

    例：
      clue-engine rules list
      clue-engine rules list --rules 我的规则 --json
    """
    from clue_engine.language.catalogue import points_text

    pack = _pack(rules)
    if json:
        print_json([*map(_values, pack.rules_and_measures), *map(_values, pack.holds)])
        return
    rows = [(r.id, r.title, r.direction, STATUSES[r.status], r.version, points_text(pack, r)) for r in pack.rules]
    for h in pack.holds:
        rows.append(
            (h.id, h.title, "、".join(h.directions) or "全部", STATUSES[h.status], h.version, ACTIONS[h.action])
        )
    for m in pack.measures:
        rows.append((m.id, m.title, "帮扶措施", STATUSES[m.status], m.version, m.support.column if m.support else ""))
    print_table(("编号", "名称", "方向", "状态", "版本", "分值或处理"), rows)


def show_command(
    rule_id: IdArgument,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    sql: SqlOption = False,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> None:
    """显示一条规则：条件、分值、理由、依据、核实要点、可能的误报。

    例：
      clue-engine rules show J02
      clue-engine rules show J02 --sql
    """
    from clue_engine.language.catalogue import owner_facts
    from clue_engine.language.check_pack import check_pack
    from clue_engine.language.codes import spelled_out
    from clue_engine.pack.model import Hold

    pack = _pack(rules, parameters)
    by_id = pack.owners
    found = by_id.get(rule_id) or by_id.get(rule_id.upper())
    if found is None:
        hint = did_you_mean(rule_id, list(by_id)) if by_id else "先用 clue-engine rules list 查看"
        if rules is None:
            hint = f"自带的规则包里没有；是否要加 --rules 目录？{hint}"
        raise ClueError("CE-U04", f"没有规则“{rule_id}”", place="rules show", hint=hint)
    checked, _ = check_pack(pack)
    statement = _sql(checked, found.id, day(as_of) if as_of else dt.date.today()) if sql else ""
    if json:
        own = checked.rules.get(found.id) or checked.holds.get(found.id)
        spelled = spelled_out(own.when) if own is not None else []
        more = {"when": str(found.when), "spelled": spelled, "reason": str(found.reason)}
        print_json({**_values(found), **more, **({"sql": statement} if sql else {})})
        return
    print(style(f"{found.id} {found.title}", "bold"))
    direction = [] if isinstance(found, Hold) or found.support else [("方向", found.direction)]
    rows = [("条件", str(found.when)), *direction, *owner_facts(checked, found, coded=True).rows, ("文件", found.file)]
    for label, text in rows:
        print(f"  {pad(label, 12)}  {text}")
    if sql:
        print(f"\n{statement}")


def _pack(rules: Path | None, parameters: Path | None = None) -> Pack:
    """The pack for looking at; findings are counted on stderr, not shown."""
    from clue_engine.pack.load import read_pack

    pack, found = read_pack(rules, parameters)
    errors = sum(d.level == "error" for d in found)
    if errors:
        say(f"提醒：规则包有 {errors} 处错误，有错的规则没有列出；运行 clue-engine rules check 查看")
    return pack


def _sql(checked: CheckedPack, rule_id: str, as_of: dt.date) -> str:
    from clue_engine.decide.show_sql import rule_sql

    statement = rule_sql(checked, rule_id, as_of)
    if not statement:
        hint = "clue-engine rules check 查看全部问题"
        raise ClueError("CE-U10", f"规则 {rule_id} 有错，不能编译：{checked.wrong.get(rule_id, '')}", hint=hint)
    return statement


def _values(owner: Rule | Hold) -> dict[str, Any]:
    from clue_engine.pack.model import Hold

    values: dict[str, Any] = {"id": owner.id, "title": owner.title, "status": owner.status, "version": owner.version}
    if isinstance(owner, Hold):
        values |= {"kind": "hold", "directions": list(owner.directions), "action": owner.action}
    else:
        kind, directions = "rule" if owner.support is None else "measure", [owner.direction] if owner.direction else []
        values |= {"kind": kind, "directions": directions, "points": dict(owner.points)}
    return {**values, "file": owner.file}
