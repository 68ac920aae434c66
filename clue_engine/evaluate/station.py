"""Facts -> hits: every active or trial rule over every household that it can decide.

Comes in: fact tables, coverage, a pack, the scan date. Goes out: hit, lost_hit, hold_row, witness, missing_fact,
rule_run, evaluate_caveat. A rule that fails is left out with its error; the others go on.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass

import duckdb

from clue_engine.evaluate.base import base_relation, base_sql, crosses_households
from clue_engine.evaluate.holds import marked_sql, register_holds, removed_sql, write_holds
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


def evaluate(ws: Workspace, pack: Pack, as_of: dt.date) -> None:
    """Write the tables of evaluate for all rules of the pack with status active or trial."""
    checked, _ = check_pack(pack)
    with ws.transaction():
        evaluate_checked(ws.con, checked, as_of)


def evaluate_checked(con: duckdb.DuckDBPyConnection, checked: CheckedPack, as_of: dt.date) -> None:
    create_tables(con)
    wanted = [r for r in checked.pack.rules if r.status in RUN]
    for rule in wanted:
        if rule.id in checked.wrong:
            con.execute("insert into rule_run values (?, 0, 0, 0, 0, ?)", [rule.id, checked.wrong[rule.id]])
    for hold in checked.pack.holds:
        if hold.id in checked.wrong and hold.status in RUN:
            con.execute("insert into evaluate_caveat values ('HOLD_WRONG', ?, ?)", [hold.id, checked.wrong[hold.id]])
    rules = [checked.rules[r.id] for r in wanted if r.id in checked.rules]
    holds = [h for h in checked.holds.values() if h.hold.status in RUN]
    run = _prepare(con, checked, rules, holds, as_of)
    bits = register_holds(run.planner, run.holds)
    for each_rule in run.rules:
        for variant in "asm":
            run.planner.condition(each_rule.when, variant)
    for each in run.holds:
        if each.hold.id not in bits.bits:
            run.planner.condition(each.when, "a")
    for tests in run.planner.relations.values():
        row_table(con, tests, run.rows, run.home, f"rt_{tests.relation.name}")
    folds = [folded(tests, f"rt_{tests.relation.name}", "a") for tests in run.planner.relations.values()]
    if any(h.hold.id not in bits.bits for h in run.holds):
        con.execute(f"create or replace temp table facts_all as {facts_sql(folds, run.home, None)}")
    write_holds(con, checked, run.planner, run.holds, bits, run.rows, "facts_all")
    for number, direction in enumerate(dict.fromkeys(r.rule.direction for r in run.rules)):
        _direction(run, direction, f"facts_{number}")
    listed = "select household_id from hit union select household_id from lost_hit"
    con.execute(f"insert into hold_row select * from hold_all where household_id in ({listed})")
    write_witnesses(run.con, run.planner, run.rules, run.holds)
    write_missing(run.con, run.planner.compiler, run.rows, run.home, run.rules, run.holds)


def _prepare(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, rules: list[CheckedRule], holds: list[CheckedHold],
    as_of: dt.date,
) -> Run:  # fmt: skip
    bodies: list[t.Bool] = [r.when for r in rules] + [h.when for h in holds]
    loaded = coverage(con, checked.pack.relations)
    base = None
    if not crosses_households(checked, bodies):
        base = base_sql(checked, base_relation(rules, loaded))
    rows = enrich(con, checked, bodies + [opened(r.when, checked.vocabulary) for r in rules], as_of, base)
    home = rows.tables[checked.vocabulary.household.name]
    planner = Planner(Compiler(checked.vocabulary, as_of), rows)
    for name in sorted({n for r in rules for n in without_value(checked, r.when, as_of)}):
        using = ",".join(r.rule.id for r in rules if name in without_value(checked, r.when, as_of))
        con.execute("insert into evaluate_caveat values ('PARAMETER_NO_VALUE', ?, ?)", [using, name])
    good = []
    for rule in rules:
        error = bind_error(con, rule.when, planner, rows, home)
        if error:
            con.execute("insert into rule_run values (?, 0, 0, 0, 0, ?)", [rule.rule.id, error])
        else:
            good.append(rule)
    return Run(con, checked, as_of, good, holds, rows, planner, home)


def bind_error(con: duckdb.DuckDBPyConnection, body: t.Bool, planner: Planner, rows: Rows, home: str) -> str:
    """The database's objection to a condition, bound alone on its tables; empty when it binds."""
    alone = Planner(planner.compiler, rows)
    try:
        sql = alone.condition(body, "a")
        folds = []
        for tests in alone.relations.values():
            row_table(con, tests, rows, home, f"bind_{tests.relation.name}", "where false")
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
            text = str(error).splitlines()[0]
            run.con.execute("insert into rule_run values (?, 0, 0, 0, 0, ?)", [rule.rule.id, text])


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
