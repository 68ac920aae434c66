"""Holds on rows and households -> who is taken out (dead), who is marked, and the hold_row table.

Dead and marked rows go to ``dead_<direction>_<relation>`` and ``marked_<direction>_<relation>`` (temp tables).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb

from clue_engine.language.check_pack import CheckedHold
from clue_engine.language.enrich import Rows
from clue_engine.language.facts import WORD, Planner
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.workspace import literal

REMOVING = ("suppress", "hold")


@dataclass
class HoldBits:
    """Where each hold on rows stands in its relation's row table."""

    bits: dict[str, int] = field(default_factory=dict)


def register_holds(planner: Planner, holds: list[CheckedHold]) -> HoldBits:
    """Give each hold on rows a bit, so that the one scan per relation answers holds too."""
    found = HoldBits()
    for each in holds:
        if each.relation.label != HOUSEHOLD:
            sql = planner.row_test(each.relation, each.when)
            found.bits[each.hold.id] = planner.tests(each.relation).bit(sql)
    return found


def write_holds(
    con: duckdb.DuckDBPyConnection, planner: Planner, holds: list[CheckedHold],
    bits: HoldBits, rows: Rows, household_facts: str,
) -> None:  # fmt: skip
    """Fill ``hold_all``: one line per hold, direction and row with outcome 1 or 2."""
    con.execute(
        "create or replace temp table hold_all (hold_id varchar, direction varchar, relation varchar, "
        "household_id bigint, row_id bigint, outcome tinyint)"
    )
    for each in holds:
        relation = each.relation
        if relation.label == HOUSEHOLD:
            condition = planner.condition(each.when, "a")
            source = f"(select household_id, row_id, {condition} as c from {household_facts} h)"
        else:
            word, n = divmod(bits.bits[each.hold.id], WORD)
            mask = f"{1 << n}::ubigint"
            verdict = (
                f"case when (t{word} & {mask}) <> 0 then true when (u{word} & {mask}) <> 0 then null else false end"
            )
            source = f"(select household_id, row_id, {verdict} as c from rt_{relation.name})"
        _insert(con, each, source, rows)


def _insert(con: duckdb.DuckDBPyConnection, each: CheckedHold, source: str, rows: Rows) -> None:
    hold = each.hold
    unknown_too = "c is not false"
    if hold.not_loaded == "caveat" and not all(rows.loaded.values()):
        decided = con.execute(f"select count(*), count(c) from {source}").fetchall()[0]
        if (
            decided[0] and not decided[1]
        ):  # unknown everywhere: its source is not there; one line, not one per household
            con.execute("insert into evaluate_caveat values ('HOLD_NOT_LOADED', ?, ?)", [hold.id, hold.title])
            unknown_too = "c"
    for direction in hold.directions or ("*",):
        con.execute(
            f"insert into hold_all select {literal(hold.id)}, {literal(direction)}, {literal(each.relation.name)}, "
            f"household_id, row_id, case when c then 1 else 2 end from {source} where {unknown_too}"
        )


def removed_sql(holds: list[CheckedHold], direction: str, relation: str) -> str:
    """SQL of the row_ids that holds take out of a direction; empty when no hold can."""
    own = [h.hold.id for h in _concerned(holds, direction, relation) if h.hold.action in REMOVING]
    return _rows(own, 1, direction, relation)


def marked_sql(holds: list[CheckedHold], direction: str, relation: str) -> str:
    """SQL of the row_ids under an undecided hold that marks."""
    own = [
        h.hold.id for h in _concerned(holds, direction, relation)
        if h.hold.action in REMOVING and h.hold.unknown == "mark"
    ]  # fmt: skip
    return _rows(own, 2, direction, relation)


def _rows(hold_ids: list[str], outcome: int, direction: str, relation: str) -> str:
    if not hold_ids:
        return ""
    ids = ", ".join(literal(i) for i in hold_ids)
    return (
        f"select row_id from hold_all where hold_id in ({ids}) and outcome = {outcome} "
        f"and relation = {literal(relation)} and direction in ('*', {literal(direction)})"
    )


def _concerned(holds: list[CheckedHold], direction: str, relation: str) -> list[CheckedHold]:
    return [
        h for h in holds if h.relation.name == relation and (not h.hold.directions or direction in h.hold.directions)
    ]
