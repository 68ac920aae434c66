"""Witness rows: which rows make a rule's quantifier true, or possibly true, for households that are listed."""

from __future__ import annotations

import duckdb

from clue_engine.evaluate.holds import removed_sql
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedRule
from clue_engine.language.facts import WORD, Planner
from clue_engine.workspace import literal


def write_witnesses(
    con: duckdb.DuckDBPyConnection, planner: Planner, rules: list[CheckedRule], holds: list[CheckedHold]
) -> None:
    """Rows behind hits (true ones) and unknowns (true and possible ones), read off the bits of the row tables."""
    for rule in rules:
        parts = []
        for quant in rising_quantifiers(rule.when):
            parts.append(_rows(planner, quant, rule, holds))
        if not parts:
            continue
        rows = " union all ".join(parts)
        con.execute(
            f"insert into witness select household_id, {literal(rule.rule.id)}, relation, row_id, min(outcome) "
            f"from ({rows}) group by all order by household_id, relation, row_id"
        )


def _rows(planner: Planner, quant: t.Quant, rule: CheckedRule, holds: list[CheckedHold]) -> str:
    name = quant.relation.name
    word, n = divmod(planner.quantifier_bit(quant), WORD)
    mask = f"{1 << n}::ubigint"
    dead = removed_sql(holds, rule.rule.direction, name)
    alive = f" and row_id not in ({dead})" if dead else ""
    verdicts = f"select household_id, outcome as verdict from hit where rule_id = {literal(rule.rule.id)}"
    true = f"certain and (t{word} & {mask}) <> 0"
    return (
        f"select household_id, {literal(name)} as relation, row_id, case when {true} then 1 else 2 end as outcome "
        f"from rt_{name} join ({verdicts}) "
        f"using (household_id) where (u{word} & {mask}) <> 0 and (verdict = 2 or {true}){alive}"
    )


def rising_quantifiers(body: t.Bool, positive: bool = True) -> list[t.Quant]:
    """Quantified tests that more rows can only help; the others are proved by the absence of rows."""
    if isinstance(body, t.Quant):
        return [body] if body.rising == positive else []
    if isinstance(body, t.Not):
        return rising_quantifiers(body.body, not positive)
    return [q for part in t.children(body) for q in rising_quantifiers(part, positive)]
