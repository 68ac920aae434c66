"""Values worth trying for the fields that a condition reads: its codes and words, and the values at its boundaries.

Comes in: a typed condition. Goes out: ``Probe`` records, one per field and test, values as a rule test writes them.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clue_engine.language import types as t
from clue_engine.language.vocabulary import Vocabulary, parameter_value

MISSING = "缺失"
_UNITS = {"月": "个月", "岁": "岁", "天": "天", "年": "年"}


@dataclass(frozen=True)
class Probe:
    """``words``: values that need no looking up. ``atom``: the test whose boundary is looked for, if it has one."""

    ref: t.FieldRef
    words: tuple[object, ...]
    atom: t.Test | None = None

    def bounds(self, at: Beside) -> list[object]:
        """Values of the field right at the boundary, and a unit on either side."""
        if self.atom is None:
            return []
        left = self.atom.left
        while isinstance(left, t.NamedValue):
            left = left.value
        if isinstance(left, t.Span):
            return _span(at, self.ref, left, self.atom.right)
        if left.type.kind == "date":
            return _dates(at, self.ref, left, self.atom.right)
        return _numbers(at, self.ref, left, self.atom.right)


@dataclass(frozen=True)
class Beside:
    """The values that a test gives a field's own row and its household: what the other side of a bound comes to.

    For proposals only: a proposed test counts when the evaluator says so.
    """

    vocabulary: Vocabulary
    as_of: dt.date
    row: Mapping[str, object]
    home: Mapping[str, object]

    def value(self, value: t.Value, ref: t.FieldRef | None = None, instead: object = None) -> Any:
        """A value, one field of it replaced; None where it is not given or has no one value."""
        match value:
            case t.FieldRef(_, each, scope):
                if value == ref:
                    return instead
                row = self.home if scope == "household" else self.row
                return row.get(each.name + "_lo" if each.interval else each.name)
            case t.Const(constant):
                return constant
            case t.AsOf():
                return self.as_of
            case t.ParamRef(parameter):
                return parameter_value(parameter, self.as_of, self.vocabulary.pack.region)
            case t.NamedValue(_, _, inner):
                return self.value(inner, ref, instead)
            case t.Arith(op, left, right):
                a, b = self.value(left, ref, instead), self.value(right, ref, instead)
                if not isinstance(a, float) or not isinstance(b, float) or (op == "/" and not b):
                    return None
                return {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1)}[op]
        return None


def probes(body: t.Bool, vocabulary: Vocabulary, aim: object = None) -> Iterator[Probe]:
    """Probes for every field that a condition reads, inside quantifiers and computed definitions too."""
    for node in t.walk(body):
        if isinstance(node, t.Quant):
            yield from _quantified(node, vocabulary, aim)
        elif isinstance(node, t.DefBool):
            checked = vocabulary.definitions.get((node.relation.name, node.definition.label))
            if checked is not None and checked.body is not None:
                yield from probes(checked.body, vocabulary, aim)
        elif isinstance(node, t.Test | t.InSet | t.Contains | t.IsTrue | t.Known):
            yield from _atom(node, vocabulary, aim)


def _quantified(quant: t.Quant, vocabulary: Vocabulary, aim: object) -> Iterator[Probe]:
    if quant.body is not None:
        yield from probes(quant.body, vocabulary, aim)
    if isinstance(quant.value, t.FieldRef) and quant.right is not None:
        yield Probe(quant.value, (MISSING,), t.Test(quant.op or ">=", quant.value, quant.right))
    if quant.body is None:  # any row will do: one that states nothing new
        first = next((f for f in quant.relation.fields if f.missing.kind != "value"), None)
        if first is not None:
            ref = t.FieldRef(quant.relation, first, "row", t.Type(first.type, first.codes, first.unit or ""))
            yield Probe(ref, (MISSING,))


def _atom(atom: t.Atom, vocabulary: Vocabulary, aim: object) -> Iterator[Probe]:
    for value in t.atom_values(atom):
        for definition in _computed(value):
            checked = vocabulary.definitions.get((definition.relation.name, definition.definition.label))
            for quant in (
                t.value_quantifiers(checked.value) if checked is not None and checked.value is not None else []
            ):
                yield from _quantified(quant, vocabulary, aim)
    for ref in dict.fromkeys(r for r in t.atom_refs(atom) if isinstance(r, t.FieldRef)):
        words = _words(atom, ref, vocabulary, aim)
        yield Probe(
            ref, (*words, MISSING), atom if isinstance(atom, t.Test) and ref.type.kind not in ("code", "text") else None
        )


def _computed(value: t.Value) -> list[t.DefValue]:
    return [r for r in t.value_refs(value) if isinstance(r, t.DefValue)]


def _words(atom: t.Atom, ref: t.FieldRef, vocabulary: Vocabulary, aim: object) -> list[object]:
    kind = ref.type.kind
    if kind == "bool":
        return ["是", "否"]
    if kind not in ("code", "codes", "text"):
        return []
    listed: tuple[Any, ...] = ()
    if isinstance(atom, t.InSet | t.Contains):
        members = atom.members if isinstance(atom, t.InSet) else atom.words
        listed = _constants(members, vocabulary)
    elif isinstance(atom, t.Test) and isinstance(atom.right, t.Const):
        listed = (atom.right.value,)
    found = [str(w) for w in ([aim] if isinstance(aim, str) else []) + list(listed[:2])]
    if kind == "text":
        return [*found, "无"]
    codes = vocabulary.codes.get(ref.type.codes or "")
    values = codes.values if codes else ()
    found = [w for w in found if w in values or not values]
    found += [v for v in values if v not in listed][:2] or ([f"其他{ref.field.ending}"] if not values else [])
    return [[w] for w in found] if kind == "codes" else list(found)


def _constants(members: object, vocabulary: Vocabulary) -> tuple[Any, ...]:
    if isinstance(members, t.ParamRef):
        found = parameter_value(members.parameter, dt.date.max, vocabulary.pack.region)
        return found if isinstance(found, tuple) else ()
    return tuple(members) if isinstance(members, tuple) else ()


# -- boundaries ----------------------------------------------------------------------------------------------------
def _numbers(at: Beside, ref: t.FieldRef, left: t.Value, right: t.Value) -> list[object]:
    """Where left = right, both being linear in the field."""

    def gap(x: float) -> float | None:
        a, b = at.value(left, ref, x), at.value(right, ref, x)
        return None if a is None or b is None else float(a) - float(b)

    start = 1000.0
    low, high = gap(start), gap(2 * start)
    if low is None or high is None or low == high:
        return []
    root = start - low * start / (high - low)
    step = 0.01 if ref.type.kind == "share" else 1.0
    slack = [root, root - step, root + step, root * 2 if root else step * 2, 0.0]
    return [text for x in slack if x >= 0 and (text := _number(round(x, 6), ref.type)) is not None]


def _number(x: float, found: t.Type) -> str | None:
    plain = f"{x * 100:.6f}" if found.kind == "share" else f"{x:.6f}"
    plain = plain.rstrip("0").rstrip(".")
    if found.kind == "money":
        return f"{plain}元"
    if found.kind == "share":
        return f"{plain}%"
    return plain + _UNITS.get(found.unit, "") if found.kind == "duration" else plain


def _dates(at: Beside, ref: t.FieldRef, left: t.Value, right: t.Value) -> list[object]:
    other = right if ref in t.value_refs(left) else left
    day = at.value(other)
    return [str(day + dt.timedelta(days=n)) for n in (0, -1, 1)] if isinstance(day, dt.date) else []


def _span(at: Beside, ref: t.FieldRef, span: t.Span, right: t.Value) -> list[object]:
    """Days on which the span is exactly as long as the bound, a day off, and a unit off."""
    length = at.value(right)
    if not isinstance(length, float):
        return []
    forward = ref in t.value_refs(span.end)
    other = at.value(span.start if forward else span.end)
    if not isinstance(other, dt.date):
        return []
    sign = 1 if forward else -1

    def moved(units: float) -> dt.date:
        n = sign * int(units)
        if right.type.unit == "天":
            return other + dt.timedelta(days=n)
        return _later(other, n * (12 if right.type.unit == "岁" else 1))

    exact = moved(length)
    days = [exact, exact + dt.timedelta(days=1), exact - dt.timedelta(days=1), moved(length + 1), moved(length - 1)]
    return [str(d) for d in days]


def _later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or the last day where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
