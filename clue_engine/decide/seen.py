"""Why a condition says what it says of one household: a tree of verdicts, with the values that it saw.

Comes in: a ``Look``: what the evaluator read and decided. Goes out: a tree of ``Seen``. Nothing is decided here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clue_engine.decide.columns import Reader, Texts
from clue_engine.decide.verdicts import At, Verdicts
from clue_engine.language import types as t

Interval = tuple[Any, Any]  # None: no bound is known
OUTCOME = {1: True, -1: False, 0: None}
_PARTS = {"天": "day", "月": "month", "岁": "year"}


@dataclass(frozen=True)
class SeenValue:
    """A fact that a test read. ``value`` is (lo, hi) for an interval; ``sensitivity`` says whether to mask it."""

    relation: str
    field: str
    label: str
    value: Any
    sensitivity: str = "normal"
    holder: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Bound:
    """The two sides of a comparison, [lo, hi] each. ``unit``: 元, %, 天, 月, 岁; a span is counted in its bound's."""

    left: Interval
    right: Interval
    unit: str = ""


@dataclass(frozen=True)
class SeenRow:
    """A row that a quantifier looked at; ``held``: the holds that took it out or marked it for this direction."""

    relation: str
    row_id: int
    certain: bool
    verdict: bool | None
    held: tuple[str, ...]
    seen: Seen | None


@dataclass(frozen=True)
class Seen:
    """kind: and | or | not | two_sided | definition | quantifier | test. ``text``: what the author wrote."""

    kind: str
    text: str
    verdict: bool | None
    values: tuple[SeenValue, ...] = ()
    parts: tuple[Seen, ...] = ()
    rows: tuple[SeenRow, ...] = ()
    bound: Bound | None = None


# -- what is to be read ------------------------------------------------------------------------------------------------
def note_shown(reader: Reader, body: t.Bool, at: Texts | None = None) -> None:
    """Register a condition with the values that its tree shows."""
    if at is None:
        reader.register(body)
        at = reader.own
    for node in t.walk(body):
        if isinstance(node, t.Quant):
            for value in (node.right, *t.value_refs(node.right)) if node.right is not None else ():
                _sides(at, value)
            if node.body is not None:
                note_shown(reader, node.body, reader.under(node.relation, node.link).texts)
        elif isinstance(node, t.DefBool):
            if t.LEAF in node.definition.label:
                at.shown(_row_id(at, node))
        else:
            for ref in t.atom_refs(node) if isinstance(node, t.Atom) else ():
                _sides(at, ref)
            if isinstance(node, t.Test):
                _bounds(at, node)


def leaves_in(body: t.Bool) -> list[t.DefBool]:
    """The quantified tests of definitions that a condition is told with."""
    found = []
    for node in t.walk(body):
        if isinstance(node, t.DefBool) and t.LEAF in node.definition.label:
            found.append(node)
        elif isinstance(node, t.Quant) and node.body is not None:
            found += leaves_in(node.body)
    return found


def _row_id(at: Texts, leaf: t.DefBool) -> str:
    return f"{at.compiler.aliases[leaf.scope]}.row_id"


def _sides(at: Texts, value: t.Value) -> tuple[str, str]:
    """The columns of both ends of a value as it is shown."""
    low, high = at.ends(value)
    return at.shown(low), at.shown(high)


def _bounds(at: Texts, test: t.Test) -> tuple[tuple[str, str], tuple[str, str], str] | None:
    """The columns of both sides of a comparison of numbers, days or spans, and the unit; None for another test."""
    left, unit = test.left, test.right.type.unit
    while isinstance(left, t.NamedValue):
        left = left.value
    if isinstance(left, t.Span):
        start, end = at.ends(left.start), at.ends(left.end)
        lengths = (f"date_sub('{_PARTS[unit]}', {a}, {b})::double" for a, b in ((start[1], end[0]), (start[0], end[1])))
        return (at.shown(next(lengths)), at.shown(next(lengths))), _sides(at, test.right), unit
    if left.type.kind == "date":
        return _sides(at, left), _sides(at, test.right), "天"
    return (_sides(at, left), _sides(at, test.right), unit_of(left.type)) if left.type.numeric else None


# -- the tree ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Told:
    """The verdicts on an owner's rows, and how the quantified tests of definitions are told: by relation.

    ``held``: the holds that took a row out or marked it; ``variant``: which rows are seen (``Verdicts``).
    """

    verdicts: Verdicts
    inside: Mapping[str, Told]
    bodies: Mapping[tuple[str, str], t.Bool]
    variant: str = "a"
    held: Mapping[tuple[str, int], tuple[str, ...]] | None = None

    def seen(self, body: t.Bool, n: int) -> Seen:
        """Of the n-th owner."""
        return self._seen(body, self.verdicts.own(self.variant), n, True)

    def _seen(self, body: t.Bool, at: At, n: int, positive: bool) -> Seen:
        verdict = OUTCOME[int(self.verdicts.at(body, at, positive)[n])]
        match body:
            case t.And(parts) | t.Or(parts):
                kind = "and" if isinstance(body, t.And) else "or"
                return Seen(kind, "", verdict, parts=tuple(self._seen(p, at, n, positive) for p in parts))
            case t.Not(t.Known() as known) if known.written_missing:
                return Seen("test", known.text, verdict, self._values(known, at, n))
            case t.Not(t.Test() | t.InSet() | t.Contains() | t.IsTrue() as inner, text) if text:
                return Seen("test", text, verdict, self._values(inner, at, n))
            case t.Not(t.And(parts), text) if text and all(isinstance(p, t.Test) for p in parts):
                seen = dict.fromkeys(v for p in parts for v in self._values(p, at, n))  # not between
                return Seen("test", text, verdict, tuple(seen))
            case t.Not(inner, text):
                return Seen("not", text, verdict, parts=(self._seen(inner, at, n, not positive),))
            case t.Named(relation, definition, inner):
                text = f"{relation.label}.{definition.label}"
                return Seen("definition", text, verdict, parts=(self._seen(inner, at, n, positive),))
            case t.TwoSided(yes, no):
                sides = (self._seen(yes, at, n, positive), self._seen(no, at, n, not positive))
                return Seen("two_sided", "", verdict, parts=sides)
            case t.Quant():
                return self._quantifier(body, at, n, positive)
            case t.DefBool() if t.LEAF in body.definition.label:
                return self._inside(body, at, n)
        bound = self._bound(body, at, n) if isinstance(body, t.Test) else None
        return Seen("test", t.shown(body), verdict, self._values(body, at, n), bound=bound)

    def _inside(self, leaf: t.DefBool, at: At, n: int) -> Seen:
        """A quantified test inside a definition, shown with the rows along its link; holds do not touch it."""
        told = self.inside[leaf.relation.name]
        row_id = at.table.plain[at.texts.shown(_row_id(at.texts, leaf))][n]
        place = int(np.flatnonzero(told.verdicts.read.own.row_id == row_id)[0])
        return told.seen(self.bodies[leaf.relation.name, leaf.definition.label], place)

    def _quantifier(self, quant: t.Quant, at: At, n: int, positive: bool) -> Seen:
        verdicts, name = self.verdicts, quant.relation.name
        below = verdicts.under(quant)
        visible = verdicts.visible(quant, self.variant, positive)[0]
        rows = []
        here = [int(i) for i in np.flatnonzero(below.table.home == n)]
        for i in sorted(here, key=lambda i: int(below.table.row_id[i])):
            row_id = int(below.table.row_id[i])
            seen = None if quant.body is None else self._seen(quant.body, below, i, True)
            met = False if not visible[i] else True if seen is None else seen.verdict
            held = (self.held or {}).get((name, row_id), ())
            rows.append(SeenRow(name, row_id, bool(below.table.certain[i]), met, held, seen))
        verdict = OUTCOME[int(verdicts.at(quant, at, positive)[n])]
        if quant.right is None:
            return Seen("quantifier", quant.text, verdict, rows=tuple(rows))
        values = tuple(self._value(r, at, n) for r in t.value_refs(quant.right))
        low, high = (float(end[n]) for end in verdicts.number(quant, self.variant, positive).ends)
        date = quant.value is not None and quant.value.type.kind == "date"
        bound = Bound((_shown(low, date), _shown(high, date)), self._pair(_sides(at.texts, quant.right), at, n),
                      unit_of(quant.right.type))  # fmt: skip
        return Seen("quantifier", quant.text, verdict, values, rows=tuple(rows), bound=bound)

    def _bound(self, test: t.Test, at: At, n: int) -> Bound | None:
        found = _bounds(at.texts, test)
        return None if found is None else Bound(self._pair(found[0], at, n), self._pair(found[1], at, n), found[2])

    def _pair(self, columns: tuple[str, str], at: At, n: int) -> Interval:
        return at.table.plain[columns[0]][n], at.table.plain[columns[1]][n]

    def _values(self, atom: t.Bool, at: At, n: int) -> tuple[SeenValue, ...]:
        if not isinstance(atom, t.Test | t.InSet | t.Contains | t.IsTrue | t.Known):
            return ()
        once = {(*t.fact_key(r), r.scope): r for r in t.atom_refs(atom)}
        return tuple(self._value(r, at, n) for r in once.values())

    def _value(self, ref: t.FieldRef | t.DefValue, at: At, n: int) -> SeenValue:
        low, high = self._pair(_sides(at.texts, ref), at, n)
        value = low if low == high else (low, high)
        if isinstance(ref, t.DefValue):
            return SeenValue(ref.relation.name, ref.definition.label, ref.definition.label, value)
        each = ref.field
        return SeenValue(ref.relation.name, each.name, each.label, value, each.sensitivity, each.holder,
                         unit_of(ref.type))  # fmt: skip


def _shown(number: float, date: bool) -> Any:
    """A number of rows as it is shown; days are counted from 1970."""
    if np.isnan(number):
        return None
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(number)) if date else number


def unit_of(found: t.Type) -> str:
    """The unit in which a value is shown."""
    return {"money": "元", "share": "%", "duration": found.unit}.get(found.kind, "")
