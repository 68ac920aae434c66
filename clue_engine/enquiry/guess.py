"""Ways to make a condition true or false: rows of a made-up household that should do it.

Comes in: a typed condition. Goes out: ``Rows``: (row, field) → a value in words; a row is 户, 涉案.0, 成员.1 …, and
(亲属, "甲 父母") → the names that stand in that line. Guesses only: whoever uses them runs them (``propose``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.given import KIN, MISSING, PERSON, typed
from clue_engine.language.vocabulary import HOUSEHOLD, parameter_constant

Key = tuple[str, str]  # row, field label
Rows = dict[Key, Any]
MOST = 60  # ways to make a condition true that are tried
_EACH = 8  # … and a part of it
_MANY = 6  # rows that a count is answered with
_DAYS = {"天": 1.0, "月": 30.5, "岁": 365.3, "年": 365.3}
_NAMES = "甲乙丙丁戊己庚辛壬癸"
_DATE = dt.date(2025, 1, 10)


@dataclass(frozen=True)
class Here:
    """The rows that names refer to: the row in hand, and the one outside of a link."""

    row: str = HOUSEHOLD
    outer: str = HOUSEHOLD

    def of(self, scope: str) -> str:
        return {"household": HOUSEHOLD, "outer": self.outer}.get(scope, self.row)


@dataclass
class Guess:
    """``persons``: the name of whoever a row is about, given when first needed."""

    checked: CheckedPack
    as_of: dt.date
    persons: dict[str, str] = field(default_factory=dict)

    def ways(self, body: t.Bool, want: bool) -> list[Rows]:
        """Ways as the condition has them, then those in which its fields apply at all."""
        found = list(islice(self._ways(body, want, Here()), MOST))
        applying = list(islice((own for rows in found for own in self._applying(rows)), MOST))
        return [*found, *(own for own in applying if own not in found)]

    def _applying(self, rows: Rows) -> Iterator[Rows]:
        """With what makes the fields of the rows apply: a risk is removed of a monitored household only."""
        vocabulary = self.checked.vocabulary
        found: list[Rows] = [rows]
        for row, label in rows:
            relation = vocabulary.relations.get(row.split(".")[0])
            each = vocabulary.fields[relation.name].get(label) if relation is not None else None
            absent = vocabulary.not_applicable.get((relation.name, each.name)) if relation and each else None
            if absent is not None:
                ways = list(islice(self._ways(absent, False, Here(row, row)), _EACH))
                found = list(islice(_joined(found, ways), _EACH)) or found
        yield from found

    def _ways(self, node: t.Bool, want: bool, here: Here) -> Iterator[Rows]:
        match node:
            case t.Not(body):
                yield from self._ways(body, not want, here)
            case t.Named(_, _, body):
                yield from self._ways(body, want, here)
            case t.And(parts):
                yield from self._all(parts, True, here) if want else self._some(parts, False, here)
            case t.Or(parts):
                yield from self._some(parts, True, here) if want else self._all(parts, False, here)
            case t.TwoSided(yes, no):
                yield from self._ways(yes if want else no, True, here)
            case t.DefBool(relation, definition, scope):
                own = self.checked.definitions[relation.name, definition.label].body
                if own is not None:
                    yield from self._ways(own, want, Here(here.of(scope), here.outer))
            case t.Quant():
                yield from self._quant(node, want, here)
            case t.IsTrue(value, wanted):
                yield from self._put(value, ["是" if wanted == want else "否"], here)
            case t.Known(value):
                yield from ({} if want else {k: MISSING} for k in self._keys(value, here)[:1])
            case t.InSet(value, tuple() as members, _, perhaps) if perhaps:
                yield from self._member(value, members if want else (*members, *perhaps), want, here)
            case t.InSet(value, members) | t.Contains(value, members):
                yield from self._member(value, members, want, here)
            case t.Test(op, left, right):
                yield from self._test(op, left, right, want, here)

    def _all(self, parts: Iterable[t.Bool], want: bool, here: Here) -> Iterator[Rows]:
        found: list[Rows] = [{}]
        for part in parts:
            ways = list(islice(self._ways(part, want, here), _EACH)) or [{}]  # what cannot be guessed stays as it is
            found = list(islice(_joined(found, ways), MOST)) or found
        yield from found

    def _some(self, parts: Iterable[t.Bool], want: bool, here: Here) -> Iterator[Rows]:
        for part in parts:
            yield from islice(self._ways(part, want, here), _EACH)

    # -- rows ----------------------------------------------------------------------------------------------------
    def _quant(self, quant: t.Quant, want: bool, here: Here) -> Iterator[Rows]:
        """Rows that meet the body, as many as it takes; for a no: none, or one that does not meet it."""
        if quant.kind in ("any", "count"):
            op, right = (quant.op, self._constant(quant.right)) if quant.kind == "count" and quant.right else (">=", 1)
            if not isinstance(right, int | float):
                return
            n = int(right)
            enough = {">=": n, ">": n + 1, "=": n, "<=": n + 1, "<": n}[op]
            if (op in (">=", ">", "=")) == want:
                yield from self._rows(quant, enough, here)
                return
            if enough > 1:
                yield from self._rows(quant, enough - 1, here)
            yield {}
            first = self._first(quant, here)
            if quant.body is not None:
                yield from self._ways(quant.body, False, Here(first, here.row))
            return
        if quant.value is None or quant.right is None:
            return
        inner = Here(self._first(quant, here), here.row)  # one row is its own sum, lowest and highest
        told = list(islice(self._test(quant.op, quant.value, quant.right, want, inner), _EACH))
        body = [{}] if quant.body is None else list(islice(self._ways(quant.body, True, inner), _EACH))
        yield from _joined(body, told)

    def _rows(self, quant: t.Quant, n: int, here: Here) -> Iterator[Rows]:
        if n <= 0:
            yield {}
        if not 0 < n <= _MANY:
            return
        label, start = self._first(quant, here).split(".")
        for offset in (0, 1):  # another test on the same relation may need the first row to be otherwise
            names = [f"{label}.{int(start) + offset + i}" for i in range(n)]
            found: list[Rows] = [self._tie(quant, names, here)]
            for name in names:
                inner = Here(name, here.row)
                own: Rows = {(name, PERSON): self._person(name)} if n > 1 and not self._tied(quant) else {}
                ways = [own]
                if quant.body is not None:
                    more = MOST if n == 1 else _EACH
                    ways = [{**own, **w} for w in islice(self._ways(quant.body, True, inner), more)]
                found = list(islice(_joined(found, ways), MOST))
            yield from found

    def _first(self, quant: t.Quant, here: Here) -> str:
        """The first row of a relation, or the one behind the row in hand."""
        label, _, number = here.row.partition(".")
        return f"{quant.relation.label}.{int(number) + 1 if label == quant.relation.label else 0}"

    def _tied(self, quant: t.Quant) -> bool:
        return quant.link is not None and (quant.link.via == "person" or quant.link.via.startswith("kin:"))

    def _tie(self, quant: t.Quant, names: list[str], here: Here) -> Rows:
        """What makes rows those of a link: the same person, or relatives of his."""
        if not self._tied(quant) or quant.link is None or here.row == HOUSEHOLD:
            return {}
        own = self._person(here.row)
        if quant.link.via == "person":
            return {(here.row, PERSON): own, **{(name, PERSON): own for name in names}}
        people = {(name, PERSON): self._person(name) for name in names}
        return {(here.row, PERSON): own, **people, (KIN, f"{own} {quant.link.via[4:]}"): list(people.values())}

    def _person(self, row: str) -> str:
        return self.persons.setdefault(row, _NAMES[len(self.persons) % len(_NAMES)])

    # -- values --------------------------------------------------------------------------------------------------
    def _keys(self, value: t.Value, here: Here) -> list[Key]:
        return [(here.of(r.scope), r.field.label) for r in t.value_refs(value) if isinstance(r, t.FieldRef)]

    def _put(self, value: t.Value, words: Iterable[Any], here: Here) -> Iterator[Rows]:
        keys = self._keys(value, here)
        for word in words if keys else ():
            yield {keys[0]: word}

    def _member(self, value: t.Value, members: Any, want: bool, here: Here) -> Iterator[Rows]:
        if isinstance(members, t.ParamRef):
            constants = [parameter_constant(members.parameter, v) for v in members.parameter.values]
            members = [m for c in constants for m in (c if isinstance(c, tuple) else (c,))]
        inside = [str(m) for m in members]
        codes = self.checked.vocabulary.codes.get(value.type.codes or "")
        outside = [c for c in codes.values if c not in inside] if codes else self._others(inside, value)
        words: list[Any] = inside if want else outside
        yield from self._put(value, ([w] for w in words) if value.type.kind == "codes" else words, here)

    def _others(self, inside: list[str], value: t.Value) -> list[str]:
        """Values beside these, without a code table: what other lists put next to them."""
        ref = next(iter(t.value_refs(value)), None)
        near = [w.values for w in self.checked.pack.lists.values() if set(inside) & set(w.values)]
        return [v for values in near for v in values if v not in inside][:4] or [
            f"其他{ref.field.ending if isinstance(ref, t.FieldRef) else ''}"
        ]

    def _test(self, op: str, left: t.Value, right: t.Value, want: bool, here: Here) -> Iterator[Rows]:
        while isinstance(left, t.NamedValue):
            left = left.value
        if isinstance(left, t.DefValue):
            own = self.checked.definitions[left.relation.name, left.definition.label].value
            if own is not None:
                yield from self._test(op, own, right, want, Here(here.of(left.scope), here.outer))
            return
        if isinstance(left, t.AggValue):
            yield from self._quant(replace(left.quant, op=op, right=right), want, here)
            return
        constant = self._constant(right)
        if isinstance(constant, str):
            codes = self.checked.vocabulary.codes.get(left.type.codes or "")
            values = list(codes.values) if codes else [constant, "别的"]
            if op == "=":
                values = [v for v in values if (v == constant) == want]
            yield from self._put(left, values, here)
        elif left.type.kind == "date" and (constant is None or isinstance(constant, dt.date)):
            base = constant if isinstance(constant, dt.date) else _DATE
            other = {} if isinstance(constant, dt.date) else {k: str(base) for k in self._keys(right, here)[:1]}
            dates = [str(base + dt.timedelta(days=n)) for n in _steps(op, want)]
            yield from ({**w, **other} for w in self._put(left, dates, here))
        elif isinstance(constant, int | float):
            longer = (op in (">", ">=", "=")) == want
            for step in _steps(op, want):
                if isinstance(left, t.Span):
                    days = (float(constant) + step) * _DAYS.get(right.type.unit, 1.0) + (1 if longer else -1)
                    yield from self._span(left, max(round(days), 0), here)
                else:
                    yield from self._amount(left, float(constant), step, here)

    def _span(self, span: t.Span, days: int, here: Here) -> Iterator[Rows]:
        """Its two ends, so many days apart."""
        if isinstance(span.end, t.AsOf):
            yield from self._put(span.start, [str(self.as_of - dt.timedelta(days=days))], here)
            return
        for start in self._put(span.start, [str(_DATE)], here):
            yield from ({**start, **end} for end in self._put(span.end, [str(_DATE + dt.timedelta(days=days))], here))

    def _amount(self, left: t.Value, constant: float, step: int, here: Here) -> Iterator[Rows]:
        kind = left.type.kind
        sizes = {"share": 0.1, "money": 1000.0 if abs(constant) >= 1000 else 1.0}
        value = constant + step * sizes.get(kind, 1.0)
        units = {"money": "元", "duration": "个月" if left.type.unit == "月" else left.type.unit}
        text = f"{round(value * 100, 6):g}%" if kind == "share" else f"{round(value, 6):.10g}{units.get(kind, '')}"
        yield from self._put(left, [text], here)

    def _constant(self, value: t.Value | None) -> object:
        """What a side comes to, where fields are as the tests of the pack take them to be; None: not known."""
        options = self.checked.pack.options
        match value:
            case t.Const(constant):
                return constant
            case t.AsOf():
                return self.as_of
            case t.NamedValue(_, _, inner):
                return self._constant(inner)
            case t.ParamRef(parameter):
                values = parameter.values  # with the test parameters of the pack
                found = parameter_constant(parameter, values[-1]) if values else None
                return found[0] if isinstance(found, tuple) and value.type.kind == "duration" else found
            case t.FieldRef(relation, each) if value.type.numeric:
                usual = ((options.get("test_defaults") or {}).get(relation.label) or {}).get(each.label)
                return typed(each, usual, self.checked.vocabulary)[0] if usual is not None else None
            case t.Arith(op, left, right):
                a, b = self._constant(left), self._constant(right)
                if not isinstance(a, int | float) or not isinstance(b, int | float) or (op == "/" and not b):
                    return None
                return {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1)}[op]
        return None


def _joined(some: Iterable[Mapping[Key, Any]], others: Iterable[Mapping[Key, Any]]) -> Iterator[Rows]:
    """Both at once, where they do not want a field to be two things."""
    others = list(others)
    return ({**a, **b} for a in some for b in others if all(a.get(k, v) == v for k, v in b.items()))


def _steps(op: str, want: bool) -> tuple[int, ...]:
    """How far from the constant a value is to lie so that the comparison is as wanted."""
    more, less = (1, 2, 3, 5, 8), (-1, -2, -3, -5, -8)  # several, so that two bounds on one field can meet
    up = {"=": (0,), ">": more, ">=": (0, *more), "<": less, "<=": (0, *less)}
    down = {"=": (1, -1), ">": (0, *less), ">=": less, "<": (0, *more), "<=": more}
    return (up if want else down)[op]
