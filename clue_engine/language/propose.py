"""Tests for a condition that has none yet: rows that make it hit, that do not, and that leave it open.

Comes in: a rule as written and its pack. Goes out: up to three tests in words. Rows are guessed from the typed tree;
what is given back was run on the production path and came out as it says, so a guess is never passed off as a test.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.given import MISSING, PERSON, day
from clue_engine.language.rule_tests import run_rule_tests
from clue_engine.language.vocabulary import HOUSEHOLD, parameter_constant
from clue_engine.pack.model import Pack, Rule

Key = tuple[str, str]  # relation label, field label
Rows = dict[Key, Any]
_MOST = 60  # ways to make a condition true that are tried
_DAYS = {"天": 1.0, "月": 30.5, "岁": 365.3, "年": 365.3}


def propose(pack: Pack, rule: Rule) -> tuple[Mapping[str, Any], ...]:
    """Tests of the outcomes hit, no_hit, unknown, as far as they could be found."""
    checked, _ = check_pack(replace(pack, rules=(replace(rule, tests=()),), holds=()))
    found = checked.rules.get(rule.id)
    if found is None:
        return ()
    guess = _Guess(checked, day(pack.options.get("test_as_of", "")) or dt.date(2026, 1, 1))
    ways = guess.ways(found.when, True)
    defaults = pack.options.get("test_defaults") or {}
    hits = [_test("命中", _unusual(rows, defaults), "hit") for rows in ways]
    hit = _first(pack, rule, (), hits)
    if hit is None:
        return ()
    base = ways[hits.index(hit)]
    tests = [hit]
    misses = []
    for rows in guess.ways(found.when, False):
        changed = {k: v for k, v in rows.items() if base.get(k) != v}
        misses += [_like(f"{_shown(k)}不符", {k: v}, "no_hit") for k, v in changed.items() if k in base]
        misses += [_like("不符", changed, "no_hit")] if changed else []
    opens = [_like(f"{_shown(k)}不详", {k: MISSING}, "unknown", missing=[k[1]]) for k in base if k[1] != PERSON]
    opens += [{k: v for k, v in test.items() if k != "missing"} for test in opens]
    for candidates in (misses, opens):
        # first what the author wrote himself
        candidates.sort(key=lambda test: test["name"][:-2] not in rule.when or test["name"] == "不符")
        one = _first(pack, rule, (hit,), candidates)
        tests += [one] if one is not None else []
    return tuple(tests)


def _first(
    pack: Pack, rule: Rule, fixed: tuple[Mapping[str, Any], ...], candidates: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """The first candidate that passes. All run at once, under names of their own."""
    tried = [{**test, "name": f"试 {n}"} for n, test in enumerate(candidates)]
    if not tried:
        return None
    alone = replace(pack, rules=(replace(rule, tests=(*fixed, *tried)),), holds=())
    passed = {r.name for r in run_rule_tests(alone) if r.passed}
    return next((test for test, own in zip(candidates, tried, strict=True) if own["name"] in passed), None)


def _test(name: str, rows: Rows, expect: str) -> dict[str, Any]:
    test: dict[str, Any] = {"name": name}
    for (relation, field), value in rows.items():
        own = test.setdefault(relation, {} if relation == HOUSEHOLD else [{}])
        (own if relation == HOUSEHOLD else own[0])[field] = value
    return {**test, "expect": expect}


def _unusual(rows: Rows, defaults: Mapping[str, Any]) -> Rows:
    """What the tests of this pack do not take for granted."""
    return {k: v for k, v in rows.items() if (defaults.get(k[0]) or {}).get(k[1]) != v} or rows


def _like(name: str, rows: Rows, expect: str, **more: Any) -> dict[str, Any]:
    test: dict[str, Any] = {"name": name, "like": "命中"}
    for (relation, field), value in rows.items():
        test.setdefault(relation if relation == HOUSEHOLD else f"{relation}.0", {})[field] = value
    return {**test, "expect": expect, **more}


def _shown(key: Key) -> str:
    return key[1]


@dataclass
class _Guess:
    """Ways to make a condition true or false, as values of one row per relation."""

    checked: CheckedPack
    as_of: dt.date

    def ways(self, body: t.Bool, want: bool) -> list[Rows]:
        return list(islice(self._ways(body, want, HOUSEHOLD), _MOST))

    def _ways(self, node: t.Bool, want: bool, row: str) -> Iterator[Rows]:
        match node:
            case t.Not(body):
                yield from self._ways(body, not want, row)
            case t.Named(_, _, body):
                yield from self._ways(body, want, row)
            case t.And(parts):
                yield from self._all(parts, True, row) if want else self._some(parts, False, row)
            case t.Or(parts):
                yield from self._some(parts, True, row) if want else self._all(parts, False, row)
            case t.TwoSided(yes, no):
                yield from self._ways(yes if want else no, True, row)
            case t.DefBool(relation, definition):
                own = self.checked.definitions[relation.name, definition.label].body
                if own is not None:
                    yield from self._ways(own, want, relation.label)
            case t.Quant(relation=relation, body=body):
                if want == node.rising and node.kind in ("any", "count"):
                    person = {(relation.label, PERSON): "甲", (row, PERSON): "甲"}
                    same = person if node.link is not None and node.link.via == "person" else {}
                    inner = [{}] if body is None else self._ways(body, True, relation.label)
                    yield from ({**rows, **same} for rows in inner)
                elif body is not None:
                    yield from self._ways(body, False, relation.label)
                else:
                    yield {}
            case t.IsTrue(value, wanted):
                yield from self._put(value, ["是" if wanted == want else "否"], row)
            case t.Known(value):
                yield from ({} if want else {k: MISSING} for k in self._keys(value, row)[:1])
            case t.InSet(value, members) | t.Contains(value, members):
                yield from self._member(value, members, want, row)
            case t.Test(op, left, right):
                yield from self._test(op, left, right, want, row)

    def _all(self, parts: Iterable[t.Bool], want: bool, row: str) -> Iterator[Rows]:
        found: list[Rows] = [{}]
        for part in parts:
            ways = list(islice(self._ways(part, want, row), 8)) or [{}]  # what cannot be guessed stays as it is
            merged = ({**a, **b} for a in found for b in ways if all(a.get(k, v) == v for k, v in b.items()))
            found = list(islice(merged, _MOST))
        yield from found

    def _some(self, parts: Iterable[t.Bool], want: bool, row: str) -> Iterator[Rows]:
        for part in parts:
            yield from islice(self._ways(part, want, row), 8)

    def _keys(self, value: t.Value, row: str) -> list[Key]:
        refs = [r for r in t.value_refs(value) if isinstance(r, t.FieldRef)]
        return [(HOUSEHOLD if r.scope == "household" else r.relation.label, r.field.label) for r in refs]

    def _put(self, value: t.Value, words: Iterable[Any], row: str) -> Iterator[Rows]:
        keys = self._keys(value, row)
        for word in words if keys else ():
            yield {keys[0]: word}

    def _member(self, value: t.Value, members: Any, want: bool, row: str) -> Iterator[Rows]:
        if isinstance(members, t.ParamRef):
            constants = [parameter_constant(members.parameter, v) for v in members.parameter.values]
            members = [m for c in constants for m in (c if isinstance(c, tuple) else (c,))]
        inside = [str(m) for m in members]
        codes = self.checked.vocabulary.codes.get(value.type.codes or "")
        outside = [c for c in codes.values if c not in inside] if codes else ["无"]
        words: list[Any] = inside if want else outside
        yield from self._put(value, ([w] for w in words) if value.type.kind == "codes" else words, row)

    def _test(self, op: str, left: t.Value, right: t.Value, want: bool, row: str) -> Iterator[Rows]:
        constant = self._constant(right)
        if isinstance(constant, str):
            codes = self.checked.vocabulary.codes.get(left.type.codes or "")
            values = list(codes.values) if codes else [constant, "别的"]
            if op == "=":
                values = [v for v in values if (v == constant) == want]
            yield from self._put(left, values, row)
        elif isinstance(constant, dt.date):
            yield from self._put(left, [constant + dt.timedelta(days=n) for n in _steps(op, want)], row)
        elif isinstance(constant, float):
            for step in _steps(op, want):
                yield from self._amount(left, right, constant, step, row)

    def _amount(self, left: t.Value, right: t.Value, constant: float, step: int, row: str) -> Iterator[Rows]:
        if isinstance(left, t.NamedValue):
            left = left.value
        if isinstance(left, t.Span) and isinstance(left.end, t.AsOf):
            size = _DAYS.get(right.type.unit, 1.0)
            back = dt.timedelta(days=round((constant + step) * size + (1 if step >= 0 else 0)))
            yield from self._put(left.start, [(self.as_of - back).isoformat()], row)
            return
        kind = left.type.kind
        sizes = {"share": 0.1, "money": 1000.0 if abs(constant) >= 1000 else 1.0}
        value = constant + step * sizes.get(kind, 1.0)
        units = {"money": "元", "duration": "个月" if left.type.unit == "月" else left.type.unit}
        text = f"{round(value * 100, 6):g}%" if kind == "share" else f"{round(value, 6):.10g}{units.get(kind, '')}"
        yield from self._put(left, [text], row)

    def _constant(self, value: t.Value) -> object:
        if isinstance(value, t.Const):
            return value.value
        if isinstance(value, t.AsOf):
            return self.as_of
        if isinstance(value, t.ParamRef):
            own = self.checked.pack.options.get("test_parameters") or {}
            values = value.parameter.values
            if not values or value.parameter.name in own:
                return None
            constant = parameter_constant(value.parameter, values[-1])
            return constant[0] if isinstance(constant, tuple) and value.type.kind == "duration" else constant
        return None


def _steps(op: str, want: bool) -> tuple[int, ...]:
    """How far from the constant a value is to lie so that the comparison is as wanted."""
    more, less = (1, 2, 3, 5, 8), (-1, -2, -3, -5, -8)  # several, so that two bounds on one field can meet
    up = {"=": (0,), ">": more, ">=": (0, *more), "<": less, "<=": (0, *less)}
    down = {"=": (1, -1), ">": (0, *less), ">=": less, "<": (0, *more), "<=": more}
    return (up if want else down)[op]
