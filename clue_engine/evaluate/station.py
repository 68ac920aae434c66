"""Facts -> hits: every active or trial rule over every household that it can decide.

Comes in: fact tables, coverage, a pack, the scan date. Goes out: hit, lost_hit, hold_row, witness, missing_fact,
measure (with measure_witness, measure_missing), rule_run, evaluate_caveat. A rule, measure or hold that
fails is left out with its error; the others go on.

The database computes every test of every rule, each once, as a column; what the conditions make of them is array work.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

import duckdb
import numpy as np

from clue_engine.decide.columns import Read, Reader
from clue_engine.decide.enrich import base_relation, base_sql, coverage, crosses_households, enrich
from clue_engine.decide.holds import Caveat, Holds, empty_fields, rule_on
from clue_engine.decide.rows import Rows
from clue_engine.evaluate.scan import Directions, Found, Tally, add_hold_rows, scan, suggest
from clue_engine.evaluate.tables import create_tables
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedPack, CheckedRule, check_pack
from clue_engine.language.compile import Compiler
from clue_engine.language.opened import Opener
from clue_engine.language.reads import without_value
from clue_engine.pack.model import RUNNING, Pack
from clue_engine.workspace import Workspace

_OPTIONAL = ("person_id", "event_id")  # senseless in some relations
# Errors that say nothing about a rule.
_OUTER = (
    duckdb.InterruptException, duckdb.OutOfMemoryException, duckdb.IOException, duckdb.FatalException,
    duckdb.TransactionException,
)  # fmt: skip


@dataclass
class Run:
    """What one evaluation shares between its steps. Rules, measures: each with its condition, opened (``shared``)."""

    con: duckdb.DuckDBPyConnection
    checked: CheckedPack
    rules: list[tuple[CheckedRule, t.Bool]]
    measures: list[tuple[CheckedRule, t.Bool]]
    shared: Set[int]
    holds: list[CheckedHold]
    rows: Rows
    reader: Reader
    errors: Mapping[str, str]
    caveats: list[Caveat]


def evaluate(ws: Workspace, pack: Pack, as_of: dt.date) -> None:
    """Write the tables of evaluate for all rules of the pack with status active or trial."""
    checked, _ = check_pack(pack)
    evaluate_checked(ws.con, checked, as_of)


def evaluate_checked(con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date) -> None:
    """All or nothing, but for rules and holds that fail: each is named and left out, and the rest runs again."""
    rules = [r.id for r in checked.pack.rules_and_measures if r.status in RUNNING and r.id in checked.rules]
    holds = [h.id for h in checked.pack.holds if h.status in RUNNING and h.id in checked.holds]
    failed: dict[str, str] = {}
    for suspects in (rules, holds):
        try:
            _evaluated(con, checked, as_of, failed)
            return
        except _OUTER:
            raise
        except duckdb.Error:
            failed |= _failing(con, checked, as_of, suspects, {*rules, *holds})
    _evaluated(con, checked, as_of, failed)


def _evaluated(con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, failed: Mapping[str, str]) -> None:
    run = _prepare(con, checked, as_of, failed)
    con.execute("begin transaction")
    try:
        _write(run)
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def _failing(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, suspects: Iterable[str], ids: Set[str]
) -> dict[str, str]:
    """What the database objects to each of these rules or holds, computed by itself; nothing where it does not."""
    found = {}
    for suspect in suspects:
        try:
            for _ in _reads(_prepare(con, checked, as_of, dict.fromkeys(ids - {suspect}, ""))):
                pass
        except _OUTER:
            raise
        except duckdb.Error as error:
            found[suspect] = str(error).splitlines()[0]
    return found


def _prepare(con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, failed: Mapping[str, str]) -> Run:
    """Everything before the first row is written: which rules run, on which tables; what is to be said once."""
    errors: dict[str, str] = {}
    caveats: list[Caveat] = []
    rules, holds = [], []
    wrong = {**checked.wrong, **failed}
    for rule in checked.pack.rules:
        if rule.status in RUNNING and rule.id in wrong:
            errors[rule.id] = wrong[rule.id]
        elif rule.status in RUNNING:
            rules.append(checked.rules[rule.id])
    measures = []
    for measure in checked.pack.measures:
        if measure.status in RUNNING and measure.id in wrong:
            caveats.append(("MEASURE_WRONG", measure.id, wrong[measure.id]))
        elif measure.status in RUNNING:
            measures.append(checked.rules[measure.id])
    for hold in checked.pack.holds:
        if hold.status in RUNNING and hold.id in wrong:
            caveats.append(("HOLD_WRONG", hold.id, wrong[hold.id]))
        elif hold.status in RUNNING:
            holds.append(checked.holds[hold.id])
    opener = Opener(checked.vocabulary)
    conditions = [(r, opener.opened(r.when)) for r in (*rules, *measures)]
    bodies: list[t.Bool] = [body for _, body in conditions] + [h.when for h in holds]
    base = None
    if not crosses_households(checked, bodies):
        base = base_sql(checked, base_relation(rules, coverage(con, checked.pack.relations)))
    rows = enrich(con, checked, bodies, as_of, base)
    caveats += [("COLUMN_ABSENT", relation, column) for relation, column in rows.absent if column not in _OPTIONAL]
    lacking = without_value(checked, {r.rule.id: body for r, body in conditions}, as_of)
    caveats += [("PARAMETER_NO_VALUE", ",".join(ids), name) for name, ids in lacking.items()]
    reader = Reader(Compiler(checked.vocabulary, as_of), rows, checked.vocabulary.household)
    for _, body in conditions:
        reader.register(body)
    for each in holds:
        reader.register_on(each.relation, each.when)
    own, suggested = conditions[: len(rules)], conditions[len(rules) :]
    return Run(con, checked, own, suggested, opener.shared, holds, rows, reader, errors, caveats)


def _reads(run: Run) -> Iterator[Read]:
    """The households, part by part."""
    for first, last in run.reader.parts():
        yield run.reader.read(run.con, first, last)


def _write(run: Run) -> None:
    con = run.con
    create_tables(con)
    parts = run.reader.parts()
    whole = [run.reader.read(con, *parts[0])] if len(parts) == 1 else None  # mostly: read once, not twice
    empty = empty_fields(con, run.holds, run.rows)
    rulings, told = rule_on(run.holds, empty, run.rows, whole or _reads(run))
    for caveat in [*run.caveats, *told]:
        con.execute("insert into evaluate_caveat values (?, ?, ?)", list(caveat))
    tallies = {rule.rule.id: Tally() for rule, _ in run.rules}
    for read in whole or _reads(run):
        found, holds = Found(), Holds(rulings, read)
        directions = Directions(holds, run.checked.pack.relations, run.shared)
        listed = np.zeros(len(read.ids), bool)
        for rule, body in run.rules:
            started = time.monotonic()
            listed |= scan(rule, body, directions, found, tallies[rule.rule.id])
            tallies[rule.rule.id].seconds += time.monotonic() - started
        for measure, body in run.measures:
            suggest(measure, body, directions, listed, found)
        add_hold_rows(found.hold_row, holds, listed)
        found.insert(con)
    lines = [[rule_id, *vars(tally).values(), None] for rule_id, tally in tallies.items()]
    lines += [[rule_id, 0, 0, 0, 0, error] for rule_id, error in sorted(run.errors.items())]
    if lines:
        con.executemany("insert into rule_run values (?, ?, ?, ?, ?, ?)", lines)
