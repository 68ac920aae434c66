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
    from clue_engine.pack.model import Hold, Pack, Rule

UNKNOWNS = {"keep": "保留", "mark": "标为待核", "restrict": "按限制处理"}
IdArgument = Annotated[str, typer.Argument(metavar="编号", help="规则编号，如 J02")]
SqlOption = Annotated[bool, typer.Option("--sql", help="同时显示编译成的 SQL", show_default=False)]


def list_command(rules: RulesOption = None, json: JsonOption = False) -> None:
    """列出规则包里的规则、排除规则和帮扶措施。

    例：
      clue-engine rules list
      clue-engine rules list --rules 我的规则 --json
    """
    pack = _pack(rules)
    if json:
        print_json([_rule_values(r) for r in pack.rules_and_measures] + [_hold_values(h) for h in pack.holds])
        return
    rows = [(r.id, r.title, r.direction, STATUSES[r.status], r.version, _points(r, pack)) for r in pack.rules]
    for h in pack.holds:
        rows.append((h.id, h.title, _directions(h), STATUSES[h.status], h.version, ACTIONS[h.action]))
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
    pack = _pack(rules, parameters)
    by_id = pack.owners
    found = by_id.get(rule_id) or by_id.get(rule_id.upper())
    if found is None:
        hint = did_you_mean(rule_id, list(by_id)) if by_id else "先用 clue-engine rules list 查看"
        if rules is None:
            hint = f"自带的规则包里没有；是否要加 --rules 目录？{hint}"
        raise ClueError("CE-U04", f"没有规则“{rule_id}”", place="rules show", hint=hint)
    statement = _sql(pack, found.id, day(as_of) if as_of else dt.date.today()) if sql else ""
    from clue_engine.pack.model import Hold

    if json:
        values = _hold_values(found) if isinstance(found, Hold) else _rule_values(found)
        own = {"when": str(found.when), "spelled": _spelled(found, pack), "reason": str(found.reason)}
        print_json({**values, **own, **({"sql": statement} if sql else {})})
        return
    print(style(f"{found.id} {found.title}", "bold"))
    for label, text in [*_facts(found, pack), ("条件里", "；".join(_spelled(found, pack)))]:
        if text:
            print(f"  {pad(label, 8)}  {text}")
    if sql:
        print(f"\n{statement}")


def _spelled(found: Rule | Hold, pack: Pack) -> list[str]:
    """What the bounds on scales stand for, as sets."""
    from clue_engine.language.check_pack import check_pack
    from clue_engine.language.codes import spelled_out

    checked, _ = check_pack(pack)
    own = checked.rules.get(found.id) or checked.holds.get(found.id)
    return spelled_out(own.when) if own is not None else []


def _pack(rules: Path | None, parameters: Path | None = None) -> Pack:
    """The pack for looking at; findings are counted on stderr, not shown."""
    from clue_engine.pack.load import read_pack

    pack, found = read_pack(rules, parameters)
    errors = sum(d.level == "error" for d in found)
    if errors:
        say(f"提醒：规则包有 {errors} 处错误，有错的规则没有列出；运行 clue-engine rules check 查看")
    return pack


def _sql(pack: Pack, rule_id: str, as_of: dt.date) -> str:
    from clue_engine.decide.show_sql import rule_sql
    from clue_engine.language.check_pack import check_pack

    checked, _ = check_pack(pack)
    statement = rule_sql(checked, rule_id, as_of)
    if not statement:
        hint = "clue-engine rules check 查看全部问题"
        raise ClueError("CE-U10", f"规则 {rule_id} 有错，不能编译：{checked.wrong.get(rule_id, '')}", hint=hint)
    return statement


def _points(rule: Rule, pack: Pack, *, names: bool = False) -> str:
    """损害后果 30, with ``names`` 损害后果（harm）30, as rules write it."""
    labels = {d.name: d.label for one in pack.directions if one.name == rule.direction for d in one.dimensions}
    told = []
    for name, points in rule.points.items():
        label = labels.get(name, name)
        told.append(f"{label}（{name}）{points}" if names and label != name else f"{label} {points}")
    return "、".join(told)


def _directions(hold: Hold) -> str:
    return "、".join(hold.directions) or "全部"


def _facts(found: Rule | Hold, pack: Pack) -> list[tuple[str, str]]:
    from clue_engine.pack.model import Hold

    basis = "；".join("".join(dict.fromkeys(item.values())) for item in found.basis)  # 待补充 once
    if isinstance(found, Hold):
        own = [
            ("处理", ACTIONS[found.action] + (f" → {found.to}" if found.to else "")),
            ("方向", _directions(found)),
            ("作用于", found.relation),
            ("不能判断时", UNKNOWNS[found.unknown]),
        ]
    elif found.support is not None:
        own = [
            ("列名", found.support.column),
            ("提供单位", found.support.provider),
            ("按哪个方向排除", found.direction),
        ]
    else:
        own = [
            ("方向", found.direction),
            ("分值", _points(found, pack, names=True)),
            ("取代", "、".join(found.supersedes)),
            ("先行救助", "是" if found.urgent else ""),
            ("限制知悉", found.restrict or ""),
            ("接收单位", "、".join(w for w in (found.receiver, *found.also) if w)),
        ]
    facts = [("状态", f"{STATUSES[found.status]}（版本 {found.version}）"), *own]
    facts += [("条件", str(found.when)), ("理由", str(found.reason)), ("依据", basis), ("核实", "；".join(found.check))]
    if not isinstance(found, Hold):
        facts += [("误报", "；".join(found.false_positives)), ("遗漏", "；".join(found.misses))]
        facts.append(("暂无命中", found.rare))
    return [*facts, ("测试", f"{len(found.tests)} 个" if found.tests else ""), ("文件", found.file)]


def _rule_values(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "kind": "rule" if rule.support is None else "measure",
        "directions": [rule.direction] if rule.direction else [],
        "status": rule.status,
        "version": rule.version,
        "points": dict(rule.points),
        "file": rule.file,
    }


def _hold_values(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.id,
        "title": hold.title,
        "kind": "hold",
        "directions": list(hold.directions),
        "status": hold.status,
        "version": hold.version,
        "action": hold.action,
        "file": hold.file,
    }
