"""Tests of rules and holds as households of their own: loaded into one database in memory, decided all at once.

Comes in: a checked pack, conditions per rule or hold. Goes out: what each condition says of each of its owner's tests.
The evaluator is that of a scan; only the tables are small.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from clue_engine.decide.columns import Reader, Verdict
from clue_engine.decide.enrich import KIN, enrich
from clue_engine.decide.given import FactRow, Given, day, fact_rows, given
from clue_engine.decide.holds import Ruling
from clue_engine.decide.missing import missing_facts
from clue_engine.decide.rows import Rows
from clue_engine.decide.verdicts import Verdicts
from clue_engine.errors import ClueError
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedPack, CheckedRule, check_pack
from clue_engine.language.compile import Compiler
from clue_engine.language.opened import Opener
from clue_engine.language.vocabulary import HOUSEHOLD, fact_columns
from clue_engine.pack.model import ParameterValue, Text
from clue_engine.pack.parameters import Unreadable, typed_value
from clue_engine.workspace import ident

DEFAULT_DAY = dt.date(2026, 1, 1)
Owner = CheckedRule | CheckedHold
OUTCOME = {1: True, -1: False, 0: None}


@dataclass
class Case:
    """A test with its rows, a household of its own."""

    owner: Owner
    owner_id: str
    test: Mapping[str, Any]
    found: Given
    rows: list[FactRow]
    kin: list[tuple[Any, ...]]
    number: int
    missing: set[str] = field(default_factory=set)

    def day(self, default: dt.date) -> dt.date:
        return (day(self.test["as_of"]) if "as_of" in self.test else None) or default


def default_day(checked: CheckedPack, as_of: dt.date | None = None) -> dt.date:
    """The scan date of tests without one of their own."""
    return as_of or day(checked.pack.options.get("test_as_of", "")) or DEFAULT_DAY


def by_day(cases: Iterable[Case], default: dt.date) -> Mapping[dt.date, list[Case]]:
    found: dict[dt.date, list[Case]] = {}
    for case in cases:
        found.setdefault(case.day(default), []).append(case)
    return found


def with_test_parameters(checked: CheckedPack) -> CheckedPack:
    """Local policy numbers have no value in the shared pack; tests name one (test_parameters)."""
    own = checked.pack.options.get("test_parameters") or {}
    parameters = dict(checked.pack.parameters)
    for name, raw in own.items():
        if str(name) in parameters:
            found = parameters[str(name)]
            words = [Text(str(w), ()) for w in (raw if isinstance(raw, list | tuple) else [raw])]
            try:
                typed = typed_value(
                    words, isinstance(raw, list | tuple), found, checked.pack.codes.get(found.codes or "")
                )
            except Unreadable as error:
                message = f"options.test_parameters.{name} 看不懂：{error.message}"
                raise ClueError("CE013", message, place=f"{checked.pack.root}/pack.yaml", hint=error.hint) from None
            value = ParameterValue(dt.date(1900, 1, 1), "", str(raw), typed, "test_parameters")
            parameters[str(name)] = replace(found, values=(value,))
    if not own:
        return checked
    return check_pack(replace(checked.pack, parameters=parameters))[0]


def rule_cases(checked: CheckedPack) -> list[Case]:
    """All tests of the pack, numbered from 1."""
    found: list[Case] = []
    owners: list[tuple[str, Owner, tuple[Mapping[str, Any], ...]]] = []
    owners += [(r.rule.id, r, r.rule.tests) for r in checked.rules.values()]
    owners += [(h.hold.id, h, h.hold.tests) for h in checked.holds.values()]
    for owner_id, owner, tests in owners:
        found += [test_case(checked, owner, owner_id, test, tests, len(found) + n) for n, test in enumerate(tests, 1)]
    return found


def test_case(
    checked: CheckedPack, owner: Owner, owner_id: str, test: Mapping[str, Any], tests: Iterable[Mapping[str, Any]],
    number: int,
) -> Case:  # fmt: skip
    """One test, which may be like another of ``tests``, with its rows."""
    own = given(test, {str(x.get("name", "")): x for x in tests})
    defaults = checked.pack.options.get("test_defaults") or {}
    rows, kin = fact_rows(own, number, defaults, checked.vocabulary)
    return Case(owner, owner_id, test, own, rows, kin, number)


def at_home(owner: Owner, body: t.Bool) -> t.Bool:
    """A hold on rows, seen from the household: some row of it is held."""
    if isinstance(owner, CheckedRule) or owner.relation.label == HOUSEHOLD:
        return body
    return t.Quant("any", owner.relation, None, body, text=f"any {owner.relation.label}")


@contextmanager
def laid(
    checked: CheckedPack, when: dt.date, bodies: Iterable[t.Bool], cases: Sequence[Case]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Rows]]:
    """A database in memory with the rows of these tests, and what the conditions read of them."""
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        con.execute("pragma disable_optimizer")  # a few hundred rows under thousands of expressions
        load_rows(con, checked, cases)
        yield con, enrich(con, checked, bodies, when)


def decided(
    checked: CheckedPack, when: dt.date, conditions: Mapping[str, Sequence[t.Bool]], cases: Sequence[Case]
) -> Iterator[tuple[Case, list[bool | None]]]:
    """What each condition (``at_home``) of its owner says about each test."""
    with laid(checked, when, [b for own in conditions.values() for b in own], cases) as (con, rows):
        reader = Reader(Compiler(checked.vocabulary, when), rows, checked.vocabulary.household)
        for own in conditions.values():
            for body in own:
                reader.register(body)
        verdicts = Verdicts(reader.read(con, 0, max(c.number for c in cases)))
        places = {int(household): n for n, household in enumerate(verdicts.read.ids)}
        for owner_id, own in conditions.items():
            mine = [c for c in cases if c.owner_id == owner_id]
            at = [places[c.number] for c in mine]
            said = np.array([verdicts.condition(body)[at] for body in own])
            for case, column in zip(mine, said.T, strict=True):
                yield case, [OUTCOME[int(v)] for v in column]


def outcomes(checked: CheckedPack, when: dt.date, cases: Sequence[Case]) -> Iterator[tuple[Case, bool | None]]:
    """What each owner says about its tests, held rows as holds say; the facts missing of a test are noted in it."""
    owners = {c.owner_id: c.owner for c in cases}
    opener = Opener(checked.vocabulary)
    bodies = {i: opener.opened(o.when) for i, o in owners.items()}
    whole = {i: at_home(o, bodies[i]) for i, o in owners.items()}
    with laid(checked, when, whole.values(), cases) as (con, rows):
        reader = Reader(Compiler(checked.vocabulary, when), rows, checked.vocabulary.household)
        for body in whole.values():
            reader.register(body)
        verdicts = Verdicts(reader.read(con, 0, max(c.number for c in cases)))
        places = {int(household): n for n, household in enumerate(verdicts.read.ids)}
        for owner_id, owner in owners.items():
            mine = {places[c.number]: c for c in cases if c.owner_id == owner_id}
            if isinstance(owner, CheckedRule):
                said = verdicts.condition(whole[owner_id])
            else:
                said = _held(verdicts, owner, bodies[owner_id])
            unknown = np.zeros(len(said), bool)
            unknown[list(mine)] = said[list(mine)] == 0
            for (relation, name), where in missing_facts(whole[owner_id], verdicts, unknown, "a").items():
                for place in np.flatnonzero(where) if name is not None else ():
                    mine[int(place)].missing.add(f"{relation}.{name}")
            for n, case in mine.items():
                yield case, OUTCOME[int(said[n])]


def _held(verdicts: Verdicts, owner: CheckedHold, body: t.Bool) -> Verdict:
    """Of each household: 1 some row of it is held, 0 one may be, -1 none."""
    ruled = Ruling(owner, body).outcome(verdicts.read)
    home = verdicts.read.table(owner.relation).home
    found = np.full(len(verdicts.read.ids), -1, np.int8)
    found[home[ruled == 2]] = 0
    found[home[ruled == 1]] = 1
    return found


def load_rows(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, cases: Sequence[Case]
) -> dict[str, list[dict[str, Any]]]:
    """Fact tables with the rows of all cases; the same rows as dicts."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for relation in checked.pack.relations:
        columns = fact_columns(relation)
        con.execute(f"create table {ident(relation.table)} ({', '.join(f'{ident(n)} {k}' for n, k in columns)})")
        own = rows.setdefault(relation.name, [])
        for case in cases:
            for row in case.rows:
                if row.relation == relation:
                    own.append({n: row.values.get(n) for n, _ in columns} | {"row_id": row.values.get("row_id", 0)})
        for n, each in enumerate(own):
            each["row_id"] = each["row_id"] or n + 1
        if own:  # as columns: prepared rows or a long VALUES take many times as long
            arrays = [pa.array([r[n] for r in own], _arrow(kind)) for n, kind in columns]
            con.register("given_rows", pa.table(arrays, names=[n for n, _ in columns]))
            con.execute(f"insert into {ident(relation.table)} select * from given_rows")
            con.unregister("given_rows")
    con.execute(f"create table {KIN} (household_id bigint, person_id bigint, link varchar, other_person_id bigint)")
    kin = [list(line) for case in cases for line in case.kin]
    if kin:
        con.executemany(f"insert into {KIN} values (?, ?, ?, ?)", kin)
    return rows


def _arrow(kind: str) -> pa.DataType:
    """The column type of a fact table's SQL type."""
    if kind == "varchar[]":
        return pa.list_(pa.string())
    types = {"varchar": pa.string(), "bigint": pa.int64(), "boolean": pa.bool_(), "date": pa.date32()}
    return types.get(kind, pa.float64())
