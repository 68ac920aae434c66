"""Holds on rows and households -> who is taken out (dead), who is marked, and the hold_row table.

Dead and marked rows go to ``dead_<direction>_<relation>`` and ``marked_<direction>_<relation>`` (temp tables).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

import duckdb

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold
from clue_engine.language.enrich import Rows
from clue_engine.language.facts import WORD, Planner
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.workspace import ident, literal

REMOVING = ("suppress", "hold")


@dataclass
class HoldBits:
    """Where each hold on rows stands in its relation's row table; ``told_once``: the same with empty fields as no."""

    bits: dict[str, int] = field(default_factory=dict)
    told_once: dict[str, int] = field(default_factory=dict)


def empty_fields(con: duckdb.DuckDBPyConnection, holds: Sequence[CheckedHold], rows: Rows) -> dict[str, list[str]]:
    """Hold -> the fields that it reads on its rows and that no row has: they are told once, not at every row.

    Only for holds that keep a row in doubt as it is; a mark or a restriction must stand at each row.
    """
    found: dict[str, list[str]] = {}
    for each in holds:
        if each.relation.label == HOUSEHOLD or each.hold.unknown != "keep":
            continue
        refs = [ref for node in t.walk(each.when) if isinstance(node, t.Atom) for ref in t.atom_refs(node)]
        own = {r.field.name: r.field for r in refs if isinstance(r, t.FieldRef) and r.relation == each.relation}
        if not own:
            continue
        counts = ", ".join(f"count({ident(f.name + '_lo' if f.interval else f.name)})" for f in own.values())
        found_in = con.execute(f"select count(*), {counts} from {rows.tables[each.relation.name]}").fetchall()
        n_rows, *filled = found_in[0]
        nowhere = [name for name, n in zip(own, filled, strict=True) if not n]
        if n_rows and nowhere:
            found[each.hold.id] = nowhere
    return found


def register_holds(
    planner: Planner, holds: Sequence[CheckedHold], empty: Mapping[str, Sequence[str]] | None = None
) -> HoldBits:
    """Give each hold on rows a bit, so that the one scan per relation answers holds too."""
    found = HoldBits()
    for each in holds:
        if each.relation.label == HOUSEHOLD:
            continue
        tests = planner.tests(each.relation)
        found.bits[each.hold.id] = tests.bit(planner.row_test(each.relation, each.when))
        if empty and each.hold.id in empty:
            rest = _without(each.when, {(each.relation.name, name) for name in empty[each.hold.id]})
            found.told_once[each.hold.id] = tests.bit(planner.row_test(each.relation, rest) if rest else "false")
    return found


def _without(node: t.Bool, facts: Set[tuple[str, str]]) -> t.Bool | None:
    """The condition with every test on these facts taken as no; None where nothing else can make it true."""
    match node:
        case t.Or(parts):
            kept = tuple(p for p in (_without(part, facts) for part in parts) if p is not None)
            return t.Or(kept) if len(kept) > 1 else kept[0] if kept else None
        case t.And(parts):
            joint = tuple(_without(part, facts) for part in parts)
            return None if None in joint else t.And(tuple(p for p in joint if p is not None))
        case t.Named(_, _, body):
            inner = _without(body, facts)
            return None if inner is None else replace(node, body=inner)
        case t.Not() | t.TwoSided() | t.Quant() | t.Known():
            return node
    return None if any(key in facts for key in t.atom_keys(node)) else node


def write_holds(
    con: duckdb.DuckDBPyConnection, planner: Planner, holds: list[CheckedHold],
    bits: HoldBits, rows: Rows, household_facts: str, empty: Mapping[str, Sequence[str]] | None = None,
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
            verdict = _verdict(bits.bits[each.hold.id])
            if each.hold.id in bits.told_once:
                told = _verdict(bits.told_once[each.hold.id])
                quiet = f"select 1 from rt_{relation.name} where ({verdict}) is null and not ({told}) limit 1"
                if con.execute(quiet).fetchall():
                    for name in (empty or {}).get(each.hold.id, ()):
                        con.execute(
                            "insert into evaluate_caveat values ('HOLD_FIELD_EMPTY', ?, ?)", [each.hold.id, name]
                        )
                verdict = told
            source = f"(select household_id, row_id, {verdict} as c from rt_{relation.name})"
        _insert(con, each, source, rows)


def _verdict(bit: int) -> str:
    """SQL of a row test's outcome in a row table."""
    word, n = divmod(bit, WORD)
    mask = f"{1 << n}::ubigint"
    return f"case when (t{word} & {mask}) <> 0 then true when (u{word} & {mask}) <> 0 then null else false end"


def _insert(con: duckdb.DuckDBPyConnection, each: CheckedHold, source: str, rows: Rows) -> None:
    hold = each.hold
    unknown_too = "c is not false"
    # A restriction stands where nothing is known as well: one missing file must not show a protected person.
    if hold.not_loaded == "caveat" and hold.unknown != "restrict" and not all(rows.loaded.values()):
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
