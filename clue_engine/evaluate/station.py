"""Facts -> hits: every active or trial rule over every household that it can decide.

Comes in: fact tables, coverage, a pack, the scan date. Goes out: hit, lost_hit, hold_row, witness, missing_fact,
rule_run, evaluate_caveat. A rule that fails is left out with its error; the others go on.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from clue_engine.evaluate.base import base_relation, base_sql, crosses_households
from clue_engine.evaluate.holds import empty_fields, marked_sql, register_holds, removed_sql, write_holds
from clue_engine.evaluate.missing import write_missing
from clue_engine.evaluate.tables import create_tables
from clue_engine.evaluate.witness import write_witnesses
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedPack, CheckedRule, check_pack
from clue_engine.language.compile import Compiler
from clue_engine.language.enrich import Rows, coverage, enrich
from clue_engine.language.facts import Planner, facts_sql, folded, row_table
from clue_engine.language.opened import opened
from clue_engine.language.parameters import without_value
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, literal

RUN = ("active", "trial")
_OPTIONAL = ("person_id", "event_id")  # senseless in some relations


@dataclass
class Run:
    """What one evaluation shares between its steps."""

    con: duckdb.DuckDBPyConnection
    checked: CheckedPack
    as_of: dt.date
    rules: list[CheckedRule]
    holds: list[CheckedHold]
    rows: Rows
    planner: Planner
    home: str
    errors: Mapping[str, str]
    caveats: list[tuple[str, str, str]]


def evaluate(ws: Workspace, pack: Pack, as_of: dt.date) -> None:
    """Write the tables of evaluate for all rules of the pack with status active or trial."""
    checked, _ = check_pack(pack)
    evaluate_checked(ws.con, checked, as_of)


def evaluate_checked(con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date) -> None:
    """All or nothing, but for rules that fail: each is named in rule_run and left out, and the rest runs again."""
    failed: dict[str, str] = {}
    while True:
        run = _prepare(con, checked, as_of, failed)  # binds outside: an error would abort the transaction
        con.execute("begin transaction")
        try:
            _write(run)
        except _RuleFailed as failure:
            con.execute("rollback")
            failed[failure.rule_id] = failure.reason
            continue
        except BaseException:
            con.execute("rollback")
            raise
        con.execute("commit")
        return


class _RuleFailed(Exception):
    def __init__(self, rule_id: str, reason: str):
        super().__init__(reason)
        self.rule_id, self.reason = rule_id, reason


def _prepare(con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date, failed: Mapping[str, str]) -> Run:
    """Everything before the first row is written: which rules run, on which tables; what is to be said once."""
    errors = dict(failed)
    caveats: list[tuple[str, str, str]] = []
    rules, holds = [], []
    for rule in checked.pack.rules:
        if rule.status in RUN and rule.id in checked.wrong:
            errors[rule.id] = checked.wrong[rule.id]
        elif rule.status in RUN and rule.id not in failed:
            rules.append(checked.rules[rule.id])
    for hold in checked.pack.holds:
        if hold.status in RUN and hold.id in checked.wrong:
            caveats.append(("HOLD_WRONG", hold.id, checked.wrong[hold.id]))
        elif hold.status in RUN:
            holds.append(checked.holds[hold.id])
    bodies: list[t.Bool] = [r.when for r in rules] + [h.when for h in holds]
    bodies += [opened(r.when, checked.vocabulary) for r in rules]
    base = None
    if not crosses_households(checked, bodies):
        base = base_sql(checked, base_relation(rules, coverage(con, checked.pack.relations)))
    rows = enrich(con, checked, bodies, as_of, base)
    home = rows.tables[checked.vocabulary.household.name]
    planner = Planner(Compiler(checked.vocabulary, as_of), rows)
    caveats += [("COLUMN_ABSENT", relation, column) for relation, column in rows.absent if column not in _OPTIONAL]
    for name in sorted({n for r in rules for n in without_value(checked, r.when, as_of)}):
        using = ",".join(r.rule.id for r in rules if name in without_value(checked, r.when, as_of))
        caveats.append(("PARAMETER_NO_VALUE", using, name))
    good = []
    for each in rules:
        error = bind_error(con, each.when, planner, rows, home)
        if error:
            errors[each.rule.id] = error
        else:
            good.append(each)
    return Run(con, checked, as_of, good, holds, rows, planner, home, errors, caveats)


def _write(run: Run) -> None:
    con = run.con
    create_tables(con)
    for rule_id, error in sorted(run.errors.items()):
        con.execute("insert into rule_run values (?, 0, 0, 0, 0, ?)", [rule_id, error])
    for caveat in run.caveats:
        con.execute("insert into evaluate_caveat values (?, ?, ?)", list(caveat))
    empty = empty_fields(con, run.holds, run.rows)
    bits = register_holds(run.planner, run.holds, empty)
    for rule in run.rules:
        for variant in "asm":
            run.planner.condition(rule.when, variant)
    for hold in run.holds:
        if hold.hold.id not in bits.bits:
            run.planner.condition(hold.when, "a")
    for tests in run.planner.relations.values():
        row_table(con, tests, run.rows.tables[tests.relation.name], run.home, f"rt_{tests.relation.name}")
    if any(h.hold.id not in bits.bits for h in run.holds):
        folds = [folded(tests, f"rt_{tests.relation.name}", "a") for tests in run.planner.relations.values()]
        con.execute(f"create or replace temp table facts_all as {facts_sql(folds, run.home, None)}")
    write_holds(con, run.planner, run.holds, bits, run.rows, "facts_all", empty)
    for number, direction in enumerate(dict.fromkeys(r.rule.direction for r in run.rules)):
        _direction(run, direction, f"facts_{number}")
    listed = "select household_id from hit union select household_id from lost_hit"
    con.execute(f"insert into hold_row select * from hold_all where household_id in ({listed})")
    write_witnesses(con, run.planner, run.rules, run.holds)
    write_missing(con, run.planner.compiler, run.rows, run.home, run.rules, run.holds)


def bind_error(con: duckdb.DuckDBPyConnection, body: t.Bool, planner: Planner, rows: Rows, home: str) -> str:
    """The database's objection to a condition, bound alone on its tables; empty when it binds."""
    alone = Planner(planner.compiler, rows)
    try:
        sql = alone.condition(body, "a")
        folds = []
        for tests in alone.relations.values():
            row_table(con, tests, rows.tables[tests.relation.name], home, f"bind_{tests.relation.name}", "where false")
            folds.append(folded(tests, f"bind_{tests.relation.name}", "a"))
        con.execute(f"describe select {sql} from ({facts_sql(folds, home, None)}) h").fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return ""


def _direction(run: Run, direction: str, facts: str) -> None:
    rules = [r for r in run.rules if r.rule.direction == direction]
    folds = []
    for tests in run.planner.relations.values():
        name = tests.relation.name
        dead, marked = removed_sql(run.holds, direction, name), marked_sql(run.holds, direction, name)
        folds.append(folded(tests, f"rt_{name}", "asm", dead, marked))
    base = base_sql(run.checked, base_relation(rules, run.rows.loaded))
    run.con.execute(f"create or replace temp table {facts} as {facts_sql(folds, run.home, base)}")
    household = run.checked.vocabulary.household.name
    gone = removed_sql(run.holds, direction, household)
    doubtful = marked_sql(run.holds, direction, household)
    for rule in rules:
        try:
            _rule(run, rule, facts, gone, doubtful)
        except duckdb.Error as error:
            raise _RuleFailed(rule.rule.id, str(error).splitlines()[0]) from None


def _rule(run: Run, rule: CheckedRule, facts: str, gone: str, doubtful: str) -> None:
    started = time.monotonic()
    everything, survivors, unmarked = (run.planner.condition(rule.when, v) for v in "asm")
    alive = f"household_id not in ({gone})" if gone else "true"
    doubt = f"household_id in ({doubtful})" if doubtful else "false"
    keys = f"household_id, {literal(rule.rule.direction)}, {literal(rule.rule.id)}"
    run.con.execute(
        f"insert into hit select {keys}, case when s then 1 else 2 end, "
        f"coalesce(s and (m is not true or {doubt}), false) "
        f"from (select h.household_id, {survivors} as s, {unmarked} as m from {facts} h "
        f"where ({survivors}) is not false) where {alive}"
    )
    run.con.execute(
        f"insert into lost_hit select {keys}, case when a then 1 else 2 end "
        f"from (select h.household_id, {everything} as a, {survivors} as s from {facts} h "
        f"where ({everything}) is not false) where s is false or not {alive}"
    )
    run.con.execute(
        "insert into rule_run select $1, $2, (select count(*) from hit where rule_id = $1 and outcome = 1), "
        "(select count(*) from hit where rule_id = $1 and outcome = 2), "
        "(select count(*) from lost_hit where rule_id = $1), null",
        [rule.rule.id, time.monotonic() - started],
    )
