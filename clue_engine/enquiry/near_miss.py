"""Near misses of a rule: per condition, how many households of the whole population fail that one only, and how far.

Comes in: fact tables, a checked rule. Goes out: ``NearMiss`` records, the condition that keeps most households out
first. A household counts for a condition when the rule says no, and would say yes if that condition held; holds are
left aside. The distance is that of its nearest row: yuan, percent, days, months, years of age, rows of a count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import duckdb

from clue_engine.enquiry.protected import write_protected
from clue_engine.evaluate.base import base_relation, base_sql, crosses_households
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, CheckedRule
from clue_engine.language.compile import Compiler, parameters_of
from clue_engine.language.enrich import coverage, enrich
from clue_engine.language.facts import Planner, facts_sql, folded, row_table
from clue_engine.language.opened import opened
from clue_engine.language.sameness import words

EXAMPLES = 5
TRUE = t.Known(t.AsOf())
Rebuild = Callable[[t.Bool], t.Bool]


@dataclass(frozen=True)
class NearMiss:
    """``quartiles``: of the distance, in ``unit``; None where a condition has no distance (a code, yes or no)."""

    condition: str
    n_households: int
    quartiles: tuple[float, float, float] | None
    unit: str
    nearest: tuple[str, ...] = ()  # numbers of clues or households, the nearest first; none that are restricted


@dataclass(frozen=True)
class Spot:
    """A test within a condition: what the whole says, and what its row says, if the test held."""

    atom: t.Bool
    whole: t.Bool
    row: t.Bool | None  # the quantifier's body if the test held; None for a test on the household
    quant: t.Quant | None


def near_misses(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, rule: CheckedRule, as_of: dt.date, *, named: bool = True
) -> list[NearMiss]:
    """Near misses per condition of a rule; only those that keep somebody out. ``named``: with numbers."""
    body = opened(rule.when, checked.vocabulary)
    spots = [s for s in _spots(body, lambda b: b, True) if s.whole not in (TRUE, t.Not(TRUE))]
    bodies = [body, *(s.whole for s in spots), *(s.row for s in spots if s.row is not None)]
    base = None
    loaded = coverage(con, checked.pack.relations)
    if not crosses_households(checked, bodies):
        base = base_sql(checked, base_relation([rule], loaded))
    rows = enrich(con, checked, bodies, as_of, base)
    home = rows.tables[checked.vocabulary.household.name]
    planner = Planner(Compiler(checked.vocabulary, as_of), rows, columns={})
    whole = [planner.condition(b) for b in (body, *(s.whole for s in spots))]
    counted = [_count_gap(planner, s.atom) for s in spots]
    inner = [planner.row_test(s.quant.relation, s.row) if s.quant is not None else "" for s in spots]
    folds = []
    for tests in planner.relations.values():
        name = tests.relation.name
        con.execute(
            f"create or replace temp table nm_{name} as select * from {planner.row_source(tests.relation, home)}"
        )
        row_table(con, tests, f"nm_{name}", home, f"nt_{name}")
        folds.append(folded(tests, f"nt_{name}"))
    own = (planner.columns or {}).get("household", {})
    atoms = ", ".join(["h.*", *(f"{text} as {name}" for text, name in own.items())])
    con.execute(f"create or replace temp table near_facts as select {atoms} from ({facts_sql(folds, home, base)}) h")
    columns = ", ".join(f"{sql} as c{n}" for n, sql in enumerate(whole))
    con.execute(f"create or replace temp table near_here as select h.household_id, {columns} from near_facts h")
    plain = Compiler(checked.vocabulary, as_of)
    _write_named(con, checked, rule, named)
    found = [_measured(con, n, s, inner[n], counted[n], plain, home) for n, s in enumerate(spots)]
    merged: dict[str, NearMiss] = {}
    for each in found:
        if each.n_households and each.condition not in merged:
            merged[each.condition] = each
    return sorted(merged.values(), key=lambda m: -m.n_households)


def _spots(body: t.Bool, rebuild: Rebuild, positive: bool, quant: t.Quant | None = None) -> Iterator[Spot]:
    """Every test of a condition and of its quantifiers' rows; ``rebuild`` makes the whole from the part."""
    met: t.Bool = TRUE if positive else t.Not(TRUE)
    match body:
        case t.And(parts) | t.Or(parts):
            kind = type(body)
            for i, part in enumerate(parts):

                def around(p: t.Bool, i: int = i) -> t.Bool:
                    return rebuild(kind((*parts[:i], p, *parts[i + 1 :])))

                yield from _spots(part, around, positive, quant)
        case t.Not(_, text) if text:  # a <> b and the like: one test, as written
            yield Spot(body if positive else t.Not(body), rebuild(met), None, quant)
        case t.Not(inner):
            yield from _spots(inner, lambda p: rebuild(t.Not(p)), not positive, quant)
        case t.Named(_, _, inner):
            yield from _spots(inner, lambda p: rebuild(replace(body, body=p)), positive, quant)
        case t.TwoSided(yes, no):
            yield from _spots(yes, lambda p: rebuild(t.TwoSided(p, no)), positive, quant)
            yield from _spots(no, lambda p: rebuild(t.TwoSided(yes, p)), not positive, quant)
        case t.Quant():
            yield Spot(body, rebuild(met), None, None)
            if body.body is not None and positive:
                rows = body.body
                for s in _spots(rows, lambda p: p, True):
                    yield Spot(s.atom, rebuild(replace(body, body=s.whole)), s.whole, body)
        case _:
            yield Spot(body if positive else t.Not(body), rebuild(met), None, quant)


def _write_named(con: duckdb.DuckDBPyConnection, checked: CheckedPack, rule: CheckedRule, named: bool) -> None:
    """near_named: the households that may be named, and by which number."""
    con.execute("create or replace temp table near_named (household_id bigint, number varchar)")
    if not named or rule.rule.restrict is not None:
        return
    write_protected(con, checked.pack, rule.rule.direction, doubt_counts=True)
    con.execute(
        "insert into near_named select household_id, coalesce(c.clue_id, h.household_no) as number"
        " from household as h left join (select * from scanned.clue where direction = ?) as c using (household_id)"
        " where household_id not in (select household_id from protected) and number is not null",
        [rule.rule.direction],
    )


def _measured(
    con: duckdb.DuckDBPyConnection, n: int, spot: Spot, inner: str, counted: str, compiler: Compiler, home: str
) -> NearMiss:
    gap, unit = (counted, "条") if counted else distance(compiler, spot.atom, spot.quant)
    missing = f"select household_id from near_here where c0 is false and c{n + 1} is true"
    if spot.quant is None or not gap:
        source = (
            f"select household_id, {gap or 'null::double'} as d from near_facts h where household_id in ({missing})"
        )
    else:
        rows = f"nm_{spot.quant.relation.name} r left join {home} h on h.household_id = r.household_id"
        source = (
            f"select r.household_id, min({gap}) filter ({inner}) as d from {rows} "
            f"where r.household_id in ({missing}) group by r.household_id"
        )
    con.execute(f"create or replace temp table near_one as {source}")
    n_households, low, middle, high = con.execute(
        "select count(*), quantile_cont(d, 0.25), quantile_cont(d, 0.5), quantile_cont(d, 0.75) from near_one"
    ).fetchall()[0]
    nearest = con.execute(
        f"select number from near_one join near_named using (household_id) order by d, number limit {EXAMPLES}"
    ).fetchall()
    quartiles = None if middle is None else (float(low), float(middle), float(high))
    return NearMiss(words(spot.atom), n_households, quartiles, unit if quartiles else "", tuple(r[0] for r in nearest))


def _count_gap(planner: Planner, atom: t.Bool) -> str:
    """SQL on near_facts: how many rows too few or too many a count has; empty for anything else."""
    quant = atom.body if isinstance(atom, t.Not) else atom
    if not isinstance(quant, t.Quant) or quant.kind != "count" or not isinstance(quant.right, t.Const):
        return ""
    if quant.link is not None or quant.relation.name not in planner.relations:
        return ""
    stats = planner.stats(quant, True)
    line = float(str(quant.right.value))
    return f"least(abs({stats.certain} - {line}), coalesce(abs({stats.possible} - {line}), 1e308))"


def distance(compiler: Compiler, atom: t.Bool, quant: t.Quant | None) -> tuple[str, str]:
    """SQL of how far a failed test is from holding, and its unit; empty for a test without a distance."""
    if isinstance(atom, t.Not):
        atom = atom.body
    if not isinstance(atom, t.Test) or (atom.op == "=" and not atom.left.type.numeric):
        return "", ""
    host = "h" if quant is None else "r"
    here = replace(compiler, aliases={"row": host, "household": "h"}, host=host)
    left = atom.left
    while isinstance(left, t.NamedValue):
        left = left.value
    if isinstance(left, t.Span):
        return here.regional(parameters_of(atom), lambda c: _span_gap(c, left, atom.right)), atom.right.type.unit

    def gap(inner: Compiler) -> str:
        a, b = inner.value(left), inner.value(atom.right)
        return f"least(abs({a.lo} - {b.hi}), abs({a.hi} - {b.lo}))"  # dates: whole days

    unit = {"money": "元", "share": "%", "date": "天"}.get(left.type.kind, left.type.unit)
    sql = here.regional(parameters_of(atom), gap)
    return (f"100 * ({sql})" if unit == "%" else sql), unit


def _span_gap(compiler: Compiler, span: t.Span, right: t.Value) -> str:
    start, end, length = compiler.value(span.start), compiler.value(span.end), compiler.value(right).lo
    part = {"天": "day", "月": "month", "岁": "year"}[right.type.unit]
    ends = [f"abs(date_sub('{part}', {s}, {e}) - {length})" for s, e in ((start.lo, end.hi), (start.hi, end.lo))]
    return f"least({ends[0]}, {ends[1]})"
