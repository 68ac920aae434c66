"""Runs the tests that rules and holds carry, on the production path: compiled SQL in a database in memory.

Every test is a household of its own; all tests with one scan date run in one database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import pyarrow as pa

from clue_engine.errors import ClueError
from clue_engine.language.check_pack import CheckedHold, CheckedPack, CheckedRule, check_pack
from clue_engine.language.compile import Compiler
from clue_engine.language.enrich import enrich
from clue_engine.language.facts import Planner, facts_sql, folded, row_table
from clue_engine.language.given import FactRow, Given, day, fact_rows, given
from clue_engine.language.missing import missing_facts
from clue_engine.language.opened import opened
from clue_engine.language.oracle import Oracle, Place, World
from clue_engine.language.vocabulary import HOUSEHOLD, fact_columns
from clue_engine.pack.amounts import Unreadable, typed_value
from clue_engine.pack.model import Pack, ParameterValue, Text
from clue_engine.workspace import ident

OUTCOMES = {True: "hit", False: "no_hit", None: "unknown"}
_WORDS = {"hit": "命中", "no_hit": "未命中", "unknown": "待核"}
DEFAULT_DAY = dt.date(2026, 1, 1)


@dataclass(frozen=True)
class TestResult:
    """Outcome of one test; ``detail`` says in words what is wrong, with the code of the fault (CE5xx)."""

    __test__ = False  # not a class of tests for pytest

    rule_id: str
    name: str
    passed: bool
    expected: str
    got: str
    detail: str = ""


@dataclass
class Case:
    """A test with its rows, a household of its own."""

    owner: CheckedRule | CheckedHold
    owner_id: str
    test: Mapping[str, Any]
    found: Given
    rows: list[FactRow]
    kin: list[tuple[Any, ...]]
    number: int
    missing: set[str] = field(default_factory=set)


def run_rule_tests(pack: Pack | CheckedPack, as_of: dt.date | None = None) -> list[TestResult]:
    """Run all tests of all rules and holds. Scan date: the test's own, ``as_of``, the pack's test_as_of."""
    checked = pack if isinstance(pack, CheckedPack) else check_pack(pack)[0]
    checked = with_test_parameters(checked)
    default = as_of or day(checked.pack.options.get("test_as_of", "")) or DEFAULT_DAY
    by_day: dict[dt.date, list[Case]] = {}
    results: dict[int, TestResult] = {}
    for n, case in enumerate(rule_cases(checked)):
        when = day(case.test["as_of"]) if "as_of" in case.test else default
        by_day.setdefault(when or default, []).append(case)
        assert case.number == n + 1
    for when, cases in by_day.items():
        for case, outcome in _run(checked, cases, when):
            results[case.number] = _judge(case, outcome, checked)
    return [results[n] for n in sorted(results)]


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
    defaults = checked.pack.options.get("test_defaults") or {}
    found: list[Case] = []
    owners: list[tuple[str, CheckedRule | CheckedHold, tuple[Mapping[str, Any], ...]]] = []
    owners += [(r.rule.id, r, r.rule.tests) for r in checked.rules.values()]
    owners += [(h.hold.id, h, h.hold.tests) for h in checked.holds.values()]
    for owner_id, owner, tests in owners:
        by_name = {str(x.get("name", "")): x for x in tests}
        for test in tests:
            own = given(test, by_name)
            number = len(found) + 1
            rows, kin = fact_rows(own, number, defaults, checked.vocabulary)
            found.append(Case(owner, owner_id, test, own, rows, kin, number))
    return found


def _run(checked: CheckedPack, cases: list[Case], as_of: dt.date) -> list[tuple[Case, bool | None]]:
    """The outcome of every test, by compiled SQL; and the missing facts of the unknown ones, by the oracle."""
    with duckdb.connect() as con:
        rows = load_rows(con, checked, cases)
        owners = {c.owner_id: c.owner for c in cases}
        enriched = enrich(con, checked, [o.when for o in owners.values()], as_of)
        home = enriched.tables[checked.vocabulary.household.name]
        planner = Planner(Compiler(checked.vocabulary, as_of), enriched)
        sql = {i: _outcome_sql(planner, o) for i, o in owners.items()}
        folds = []
        for tests in planner.relations.values():
            row_table(con, tests, enriched.tables[tests.relation.name], home, f"rt_{tests.relation.name}")
            folds.append(folded(tests, f"rt_{tests.relation.name}"))
        con.execute(f"create temp table facts as {facts_sql(folds, home, None)}")
        outcomes: dict[int, bool | None] = {}
        for owner_id, owner in owners.items():
            ids = [c.number for c in cases if c.owner_id == owner_id]
            query = f"select h.household_id, {sql[owner_id]} from facts h"
            if isinstance(owner, CheckedHold) and owner.relation.label != HOUSEHOLD:
                source = f"{enriched.tables[owner.relation.name]} r left join {home} h using (household_id)"
                query = f"select household_id, {sql[owner_id]} from {source}"
            verdicts: dict[int, list[bool | None]] = {}
            for number, verdict in con.execute(
                query + f" where household_id in ({', '.join(map(str, ids))})"
            ).fetchall():
                verdicts.setdefault(number, []).append(verdict)
            for number in ids:  # a hold on several rows: any of them
                seen = verdicts.get(number, [False])
                outcomes[number] = True if True in seen else None if None in seen else False
        loaded = dict.fromkeys(enriched.loaded, True)
        oracle = Oracle(checked.vocabulary, as_of, World(rows, [k for c in cases for k in c.kin], loaded))
    for case in cases:
        if outcomes[case.number] is None:
            case.missing = _missing(case, oracle, checked)
    return [(c, outcomes[c.number]) for c in cases]


def _outcome_sql(planner: Planner, owner: CheckedRule | CheckedHold) -> str:
    if isinstance(owner, CheckedHold) and owner.relation.label != HOUSEHOLD:
        return planner.row_test(owner.relation, owner.when)
    return planner.condition(owner.when)


def load_rows(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, cases: list[Case]
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
    con.execute("create table fact_kin (household_id bigint, person_id bigint, link varchar, other_person_id bigint)")
    kin = [list(line) for case in cases for line in case.kin]
    if kin:
        con.executemany("insert into fact_kin values (?, ?, ?, ?)", kin)
    return rows


def _arrow(kind: str) -> pa.DataType:
    """The column type of a fact table's SQL type."""
    if kind == "varchar[]":
        return pa.list_(pa.string())
    types = {"varchar": pa.string(), "bigint": pa.int64(), "boolean": pa.bool_(), "date": pa.date32()}
    return types.get(kind, pa.float64())


def _missing(case: Case, oracle: Oracle, checked: CheckedPack) -> set[str]:
    """Labels of the facts that leave the test unknown."""
    body = opened(case.owner.when, checked.vocabulary)
    home = next(h for h in oracle.world.rows[checked.vocabulary.household.name] if h["household_id"] == case.number)
    places = [Place(home)]
    if isinstance(case.owner, CheckedHold) and case.owner.relation.label != HOUSEHOLD:
        rows = oracle.world.rows[case.owner.relation.name]
        places = [Place(home, r) for r in rows if r["household_id"] == case.number]
    keys = {k for place in places for k in missing_facts(oracle, body, place)}
    return {f"{relation}.{name}" for relation, name in keys if name is not None}


def _judge(case: Case, outcome: bool | None, checked: CheckedPack) -> TestResult:
    test = case.test
    name, expected = str(test.get("name", "")), str(test.get("expect", ""))
    got = OUTCOMES[outcome]
    faults: list[str] = list(dict.fromkeys(case.found.problems))
    if expected not in _WORDS:
        said = {"命中": "hit", "未命中": "no_hit", "不命中": "no_hit", "待核": "unknown"}.get(expected)
        faults.append(f"expect: {expected}写 {said}" if said else "expect 应是 hit、no_hit 或 unknown")
    labels = {f"{r.name}.{f.name}": f.label for r in checked.pack.relations for f in r.fields}
    stated = {f"{row.relation.name}.{n}" for row in case.rows for n in row.stated}
    absent = sorted(labels[k] for k in case.missing if k in labels and k not in stated)
    if absent:
        faults.append(f"CE502 条件用到而测试没有写明：{'、'.join(absent)}（写上值，或写 缺失）")
    if expected in _WORDS and got != expected:
        reason = [labels.get(k, k.split(".")[-1]) for k in sorted(case.missing)]
        because = f"（缺：{'、'.join(reason)}）" if reason else ""
        faults.append(f"CE501 预期{_WORDS[expected]}，实际{_WORDS[got]}{because}")
    known = {labels.get(k, k.split(".")[-1]) for k in case.missing}
    wanted = test.get("missing") or []
    unseen = [str(w) for w in ([wanted] if isinstance(wanted, str) else wanted) if str(w) not in known]
    if unseen and got == "unknown":
        faults.append(f"CE503 预期缺{'、'.join(unseen)}，实际缺{'、'.join(sorted(known)) or '无'}")
    return TestResult(case.owner_id, name, not faults, expected, got, ";".join(faults))
