"""The SQL that one rule or hold gives rise to, for people to read (rules show ID --sql)."""

from __future__ import annotations

import datetime as dt

from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.compile import Compiler
from clue_engine.language.facts import Planner
from clue_engine.language.rows import Rows
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.workspace import ident

_SHOWN_DAY = dt.date(2026, 1, 1)


def rule_sql(checked: CheckedPack, rule_id: str, as_of: dt.date = _SHOWN_DAY) -> str:
    """Row tests per relation and the condition over the facts table; empty when the rule has errors."""
    relations = checked.pack.relations
    rows = Rows({r.name: f"e_{r.name}" for r in relations}, {r.name: True for r in relations})
    planner = Planner(Compiler(checked.vocabulary, as_of), rows)
    lines: list[str] = []
    if rule_id in checked.holds:
        held = checked.holds[rule_id]
        if held.relation.label != HOUSEHOLD:
            test = planner.row_test(held.relation, held.when)
            select = f"select household_id, row_id, {test} as outcome\nfrom e_{held.relation.name} r"
            return f"-- 行条件：{held.relation.label}\n{select}"
        condition = planner.condition(held.when)
    elif rule_id in checked.rules:
        condition = planner.condition(checked.rules[rule_id].when)
    else:
        return ""
    for name, tests in planner.relations.items():
        for sql, bit in tests.bits.items():
            lines.append(f"-- {tests.relation.label} 第 {bit} 位：{ident(name)}\n{sql}")
    return "\n".join(
        [*lines, "-- 户条件（true 命中，null 待核）", f"select household_id, {condition} as outcome", "from facts h"]
    )
