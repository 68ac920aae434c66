"""One household and one condition under the evaluator: what it says, with and without holds, and what is missing.

Comes in: the fact tables, and hold_row of a run. Goes out: a ``Look``. Only the household is read, and those that share
an event with it where a definition looks there; what decides is the same as in a scan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import numpy as np

from clue_engine.decide.columns import Reader
from clue_engine.decide.definitions import with_aggregates
from clue_engine.decide.enrich import crosses_households, enrich
from clue_engine.decide.holds import REMOVING
from clue_engine.decide.missing import decides, missing_facts
from clue_engine.decide.rows import Rows
from clue_engine.decide.seen import OUTCOME, Seen, Told, leaves_in, note_shown
from clue_engine.decide.verdicts import Held, Key, Verdicts
from clue_engine.errors import ClueError
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedPack
from clue_engine.language.compile import Compiler
from clue_engine.language.opened import opened
from clue_engine.workspace import ident


@dataclass(frozen=True)
class HeldRows:
    """By relation and row_id: the rows that holds took out, and the holds that took out or marked a row."""

    dead: frozenset[tuple[str, int]] = frozenset()
    by: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """``body``: the condition, opened. ``told``: the verdicts of it; there is one household."""

    body: t.Bool
    household_id: int
    told: Told
    held: HeldRows

    def verdict(self, variant: str = "s") -> bool | None:
        return OUTCOME[int(self.told.verdicts.condition(self.body, variant)[0])]

    def seen(self) -> Seen:
        return self.told.seen(self.body, 0)

    def missing(self) -> list[tuple[Key, bool]]:
        """The facts whose absence leaves the condition unknown, and whether each alone would make it hit."""
        verdicts = self.told.verdicts
        unknown = verdicts.condition(self.body, "s") == 0
        return [
            (key, bool(decides(self.body, verdicts, key)[0])) for key in missing_facts(self.body, verdicts, unknown)
        ]

    def said(self, hold: CheckedHold) -> list[bool | None]:
        """What a hold says of the household's rows; it must have been among ``holds``."""
        return [OUTCOME[int(v)] for v in Verdicts(self.told.verdicts.read).on_rows(hold.relation, hold.when)]

    @property
    def home_is_held(self) -> bool:
        read = self.told.verdicts.read
        return (read.reader.owner.name, int(read.own.row_id[0])) in self.held.dead


def look(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, household_id: int, rule_id: str,
    holds: Sequence[CheckedHold] = (),
) -> Look:  # fmt: skip
    """A rule on a household of a scanned workspace. Raises CE-U10 for a rule with errors, CE-U13 for no household."""
    body, rows = _ready(con, checked, as_of, [household_id], rule_id, holds)
    held = held_rows(con, checked, [household_id], checked.rules[rule_id].rule.direction)
    return look_at(con, checked, as_of, rows, household_id, body, held, holds)


def looks(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, household_id: int, rule_ids: Sequence[str],
    holds: Sequence[CheckedHold] = (),
) -> Iterator[tuple[str, Look]]:  # fmt: skip
    """Several rules on one household, its facts made ready once for all of them."""
    own = {rule_id: opened(checked.rules[rule_id].when, checked.vocabulary) for rule_id in rule_ids}
    bodies = [b for body in own.values() for b in (body, *told_bodies(checked, body).values())]
    bodies += [h.when for h in holds]
    rows = enrich(con, checked, bodies, as_of, _near(con, checked, [household_id], bodies), few=True)
    held: dict[str, HeldRows] = {}
    for rule_id, body in own.items():
        direction = checked.rules[rule_id].rule.direction
        if direction not in held:
            held[direction] = held_rows(con, checked, [household_id], direction)
        yield rule_id, look_at(con, checked, as_of, rows, household_id, body, held[direction], holds)


def seen_of(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, household_ids: Iterable[int], rule_id: str
) -> Iterator[tuple[int, Seen]]:
    """What a rule saw of several households, all read at once."""
    ids = sorted(set(household_ids))
    body, rows = _ready(con, checked, as_of, ids, rule_id, ())
    held = held_rows(con, checked, ids, checked.rules[rule_id].rule.direction)
    told = look_at(con, checked, as_of, rows, ids[0], body, held, last=ids[-1]).told
    places = {int(household_id): place for place, household_id in enumerate(told.verdicts.read.ids)}
    for household_id in ids:
        yield household_id, told.seen(body, places[household_id])


def _ready(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, household_ids: Sequence[int], rule_id: str,
    holds: Sequence[CheckedHold],
) -> tuple[t.Bool, Rows]:  # fmt: skip
    """The condition of a rule, opened, and the facts of households made ready for it."""
    if rule_id not in checked.rules:
        reason = checked.wrong.get(rule_id, "没有这条规则")
        raise ClueError("CE-U10", f"规则 {rule_id} 不能解释：{reason}", hint="先运行 clue-engine rules check")
    body = opened(checked.rules[rule_id].when, checked.vocabulary)
    bodies = [body, *told_bodies(checked, body).values(), *(h.when for h in holds)]
    return body, enrich(con, checked, bodies, as_of, _near(con, checked, household_ids, bodies), few=True)


def look_at(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, rows: Rows, household_id: int, body: t.Bool,
    held: HeldRows | None = None, holds: Iterable[CheckedHold] = (), *, last: int | None = None,
) -> Look:  # fmt: skip
    """A condition, opened, on a household of tables enriched for it and for its ``told_bodies``.

    ``last``: all households from the one to this one are read.
    """
    held = held or HeldRows()
    compiler = Compiler(checked.vocabulary, as_of)
    reader = Reader(compiler, rows, checked.vocabulary.household)
    note_shown(reader, body)
    for each in holds:
        reader.register_on(each.relation, each.when)
    read = reader.read(con, household_id, last or household_id)
    if not len(read.ids):
        raise ClueError("CE-U13", f"没有编号为 {household_id} 的户", hint="编号见名单或 clue-engine show")
    out = {}
    for relation in {q.relation.name: q.relation for q in t.quantifiers(body)}.values():
        ids = read.table(relation).row_id
        dead = np.array([(relation.name, int(i)) in held.dead for i in ids], bool)
        out[relation.name] = Held(dead, np.zeros(len(ids), bool))
    bodies = told_bodies(checked, body)
    told = Told(Verdicts(read, out), _inside(con, checked, compiler, rows, bodies), bodies, "s", held.by)
    return Look(body, household_id, told, held)


def told_bodies(checked: CheckedPack, body: t.Bool) -> Mapping[tuple[str, str], t.Bool]:
    """The quantified tests of definitions that a condition is told with, also through one another: all are read."""
    bodies: dict[tuple[str, str], t.Bool] = {}
    todo = leaves_in(body)
    while todo:
        leaf = todo.pop()
        key = (leaf.relation.name, leaf.definition.label)
        own = checked.definitions[key].body
        if key not in bodies and own is not None:
            bodies[key] = opened(own, checked.vocabulary)
            todo += leaves_in(bodies[key])
    return bodies


def _inside(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, compiler: Compiler, rows: Rows,
    bodies: Mapping[tuple[str, str], t.Bool],
) -> Mapping[str, Told]:  # fmt: skip
    """The rows that the quantified tests of definitions look at, read and decided."""
    inside: dict[str, Told] = {}
    definitions = {key: replace(checked.definitions[key], body=body) for key, body in bodies.items()}
    for relation in {d.relation.name: d.relation for d in definitions.values()}.values():
        own = [d for d in definitions.values() if d.relation == relation]
        source, knowing = with_aggregates(con, relation, own, rows, compiler, f"e_{relation.name}_told")
        reader = Reader(knowing, replace(rows, tables={**rows.tables, relation.name: source}), relation)
        for key, body in bodies.items():
            if key[0] == relation.name:
                note_shown(reader, body)
        parts = reader.parts()
        inside[relation.name] = Told(Verdicts(reader.read(con, parts[0][0], parts[-1][1])), inside, bodies)
    return inside


def held_rows(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, household_ids: Sequence[int], direction: str
) -> HeldRows:
    """What the holds of the last scan say of the rows of households, for a direction."""
    if not con.execute(
        "select 1 from duckdb_tables() where table_name = 'hold_row' and database_name = current_database()"
    ).fetchall():
        return HeldRows()
    lines = con.execute(
        "select hold_id, relation, row_id, outcome from hold_row"
        " where list_contains(?::bigint[], household_id) and direction in ('*', ?)",
        [list(household_ids), direction],
    ).fetchall()
    holds = {h.id: h for h in checked.pack.holds}
    dead: set[tuple[str, int]] = set()
    by: dict[tuple[str, int], tuple[str, ...]] = {}
    for hold_id, relation, row_id, outcome in sorted(lines):
        hold = holds.get(hold_id)
        if hold is None or hold.action not in REMOVING:
            continue
        if outcome == 1:
            dead.add((relation, row_id))
        if outcome == 1 or hold.unknown == "mark":
            by[relation, row_id] = (*by.get((relation, row_id), ()), hold_id)
    return HeldRows(frozenset(dead), by)


def _near(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, household_ids: Iterable[int], bodies: Iterable[t.Bool]
) -> str:
    """SQL of the households, and of those in their events where a definition looks at them."""
    ids = {int(one) for one in household_ids}
    own = ", ".join(map(str, sorted(ids)))
    if crosses_households(checked, bodies):
        known = {n for (n,) in con.execute("select table_name from duckdb_tables() union all select view_name"
                                           " from duckdb_views()").fetchall()}  # fmt: skip
        tables = [ident(r.table) for r in checked.pack.relations if r.table in known]
        events = " union ".join(f"select event_id from {x} where household_id in ({own})" for x in tables)
        near = " union ".join(f"select household_id from {x} where event_id in ({events})" for x in tables)
        ids |= {int(h) for (h,) in con.execute(near).fetchall() if h is not None}
    return f"select unnest([{', '.join(map(str, sorted(ids)))}])"
