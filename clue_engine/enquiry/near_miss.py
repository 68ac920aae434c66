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
import numpy as np

from clue_engine.decide.columns import Floats, Ids, Mask, Reader
from clue_engine.decide.enrich import base_relation, base_sql, coverage, crosses_households, enrich
from clue_engine.decide.verdicts import Verdicts
from clue_engine.enquiry.replay import write_protected
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, CheckedRule
from clue_engine.language.compile import Compiler, parameters_of
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
    reader = Reader(Compiler(checked.vocabulary, as_of), enrich(con, checked, bodies, as_of, base),
                    checked.vocabulary.household)  # fmt: skip
    for each in (body, *(s.whole for s in spots)):
        reader.register(each)
    distances = [_distance(reader, s) for s in spots]
    found: list[list[_Missed]] = [[] for _ in spots]
    for first, last in reader.parts():
        verdicts = Verdicts(reader.read(con, first, last))
        no = verdicts.condition(body) == -1
        for own, spot, (column, _) in zip(found, spots, distances, strict=True):
            own.append(_missed(verdicts, spot, column, no & (verdicts.condition(spot.whole) == 1)))
    _write_named(con, checked, rule, named)
    told = [_told(con, *pair) for pair in zip(spots, (unit for _, unit in distances), found, strict=True)]
    merged: dict[str, NearMiss] = {}
    for near in told:
        if near.n_households and near.condition not in merged:
            merged[near.condition] = near
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


_Missed = tuple[Ids, Floats]  # household_id and distance, nan: none


def _missed(verdicts: Verdicts, spot: Spot, column: str, missed: Mask) -> _Missed:
    """The households that fail a test only, each with the distance of its nearest row."""
    read, quant = verdicts.read, spot.atom.body if isinstance(spot.atom, t.Not) else spot.atom
    far = np.full(len(read.ids), np.nan)
    if isinstance(quant, t.Quant) and _is_counted(quant):
        assert isinstance(quant.right, t.Const)
        found, line = verdicts.number(quant), float(str(quant.right.value))
        far = np.fmin(abs(found.certain - line), abs(found.possible - line))
    elif column and spot.quant is None:
        far = read.own.number(column)
    elif column and spot.quant is not None and spot.row is not None:
        at = verdicts.under(spot.quant)
        near = verdicts.at(spot.row, at) == 1
        np.fmin.at(far, at.table.home[near], at.table.number(column)[near])
    return read.ids[missed], far[missed]


def _told(con: duckdb.DuckDBPyConnection, spot: Spot, unit: str, found: list[_Missed]) -> NearMiss:
    ids, far = (np.concatenate([own[n] for own in found]) if found else np.zeros(0) for n in (0, 1))
    known = far[~np.isnan(far)]
    quartiles = tuple(float(q) for q in np.quantile(known, (0.25, 0.5, 0.75))) if len(known) else None
    con.register("near_one", {"household_id": ids.astype(np.int64), "d": far})
    nearest = con.execute(
        "select number from near_one join near_named using (household_id)"
        f" order by nullif(d, 'nan'::double), number limit {EXAMPLES}"
    ).fetchall()
    con.unregister("near_one")
    own = (quartiles[0], quartiles[1], quartiles[2]) if quartiles else None
    return NearMiss(words(spot.atom), len(ids), own, unit if own else "", tuple(r[0] for r in nearest))


def _is_counted(quant: t.Quant) -> bool:
    """Whether one can say how many rows too few or too many there are."""
    return quant.value is None and isinstance(quant.right, t.Const)


def _distance(reader: Reader, spot: Spot) -> tuple[str, str]:
    """The column of a distance, and its unit; that of a count needs none."""
    quant = spot.atom.body if isinstance(spot.atom, t.Not) else spot.atom
    if isinstance(quant, t.Quant):
        return "", "条" if _is_counted(quant) else ""
    texts = reader.own if spot.quant is None else reader.under(spot.quant.relation).texts
    if spot.quant is not None and spot.row is not None:
        reader.register(spot.row, texts)
    sql, unit = distance(texts.compiler, spot.atom)
    return (texts.column(f"({sql})::double") if sql else ""), unit


def distance(compiler: Compiler, atom: t.Bool) -> tuple[str, str]:
    """SQL of how far a failed test is from holding, and its unit; empty for a test without a distance."""
    if isinstance(atom, t.Not):
        atom = atom.body
    if not isinstance(atom, t.Test) or (atom.op == "=" and not atom.left.type.numeric):
        return "", ""
    left = atom.left
    while isinstance(left, t.NamedValue):
        left = left.value
    if isinstance(left, t.Span):
        return compiler.regional(parameters_of(atom), lambda c: _span_gap(c, left, atom.right)), atom.right.type.unit

    def gap(inner: Compiler) -> str:
        a, b = inner.value(left), inner.value(atom.right)
        return f"least(abs({a.lo} - {b.hi}), abs({a.hi} - {b.lo}))"  # dates: whole days

    unit = {"money": "元", "share": "%", "date": "天"}.get(left.type.kind, left.type.unit)
    sql = compiler.regional(parameters_of(atom), gap)
    return (f"100 * ({sql})" if unit == "%" else sql), unit


def _span_gap(compiler: Compiler, span: t.Span, right: t.Value) -> str:
    start, end, length = compiler.value(span.start), compiler.value(span.end), compiler.value(right).lo
    part = {"天": "day", "月": "month", "岁": "year"}[right.type.unit]
    ends = [f"abs(date_sub('{part}', {s}, {e}) - {length})" for s, e in ((start.lo, end.hi), (start.hi, end.lo))]
    return f"least({ends[0]}, {ends[1]})"
