"""What a part of a condition says of one value: the cells of its domain where the part is true, and where it is false.

Comes in: the parts of a condition. Goes out: ``Cells`` per part that reads one value only; None for any other part.
The domain of a value is cut at the constants that tests compare it with; within a cell every test has one outcome.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from clue_engine.language import types as t
from clue_engine.language.sameness import shape
from clue_engine.pack.model import CodeSet

_MIRROR = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_PLAIN = ("code", "number", "money", "share", "duration", "date")


@dataclass(frozen=True)
class Cells:
    """``value``: which value. ``true``, ``false``: bit masks. ``everything``: all cells that the value can have.

    ``fewer``: of a count, whether it is that of the rows which holds leave; without holds there may be more.
    """

    value: object
    true: int
    false: int
    fewer: bool | None = None

    def negated(self) -> Cells:
        return Cells(self.value, self.false, self.true, self.fewer)


@dataclass(frozen=True)
class _Reading:
    """One test as cells of a variable: any of the operands."""

    value: object
    variable: Variable
    op: str
    operands: tuple[object, ...]
    negated: bool = False
    fewer: bool | None = None


@dataclass
class Values:
    """The values that one condition speaks of; ``known``: shapes by the identity of living nodes."""

    codes: Mapping[str, CodeSet]
    known: dict[int, object] = field(default_factory=dict)
    _variables: dict[object, Variable] = field(default_factory=dict)

    def note(self, body: t.Bool) -> None:
        """Cut the domains at the constants of a condition, once for all of its parts."""
        for node in _all(body):
            reading = self._read(node, True)
            if reading is not None and reading.op not in ("known", "is"):
                for operand in reading.operands:
                    constants = operand if isinstance(operand, tuple) else (operand,)
                    reading.variable.constants.update(c for c in constants if c is not None)
        for variable in self._variables.values():
            variable.freeze()

    def cells(self, node: t.Bool, positive: bool) -> Cells | None:
        match node:
            case t.Not(inner):
                found = self.cells(inner, not positive)
                return found.negated() if found is not None else None
            case t.Named(_, _, inner):
                return self.cells(inner, positive)
            case t.And(parts) | t.Or(parts):
                return self._joined([self.cells(p, positive) for p in parts], isinstance(node, t.And))
        reading = self._read(node, positive)
        if reading is None:
            return None
        able = reading.variable.everything
        pairs = [reading.variable.masks(reading.op, operand) for operand in reading.operands]
        own = self._joined([Cells(reading.value, a & able, b & able, reading.fewer) for a, b in pairs], False)
        return own.negated() if own is not None and reading.negated else own

    @staticmethod
    def _joined(parts: list[Cells | None], both: bool) -> Cells | None:
        first = parts[0]
        if first is None:
            return None
        true, false = first.true, first.false
        for each in parts[1:]:
            if each is None or (each.value, each.fewer) != (first.value, first.fewer):
                return None
            true = true & each.true if both else true | each.true
            false = false | each.false if both else false & each.false
        return Cells(first.value, true, false, first.fewer)

    # -- tests ---------------------------------------------------------------------------------------------------
    def _variable(self, name: object, kind: str, loose: bool = False, codes: CodeSet | None = None) -> Variable:
        return self._variables.setdefault(name, Variable(kind, loose, codes))

    def _flag(self, name: object, loose: bool, want: bool = True) -> _Reading:
        return _Reading(name, self._variable(name, "flag", loose), "is", (want,))

    def _read(self, node: t.Bool, positive: bool) -> _Reading | None:
        own = shape(node, self.known)
        if isinstance(node, t.Quant):
            return self._counted(node, positive)
        if not isinstance(node, t.Atom):
            return None
        loose = any(r.field.missing.kind in ("n/a", "said") for r in t.atom_refs(node) if isinstance(r, t.FieldRef))
        match node:
            case t.IsTrue(value, want):
                return self._flag(self._key(value), loose, want)
            case t.Known(t.FieldRef() as value) if not value.field.interval and value.type.kind in _PLAIN:
                name, variable = self._domain(value, loose)
                return _Reading(name, variable, "known", (None,))
            case t.Known(t.FieldRef() as value) if not value.field.interval and value.type.kind == "bool":
                name = self._key(value)
                return _Reading(name, self._variable(name, "flag", loose), "known", (None,))
            case t.InSet(value, tuple() as members):
                name, variable = self._domain(value, loose)
                if variable.kind == "codes":
                    return _Reading(name, variable, "in", (tuple(dict.fromkeys(members)),))
                return _Reading(name, variable, "=", tuple(dict.fromkeys(members)))
            case t.Contains(value, tuple() as words, not_after):
                return self._flag(("contains", self._key(value), tuple(dict.fromkeys(words)), not_after), loose)
            case t.Test(op, left, right):
                return self._compared(op, left, right, loose)
        return self._flag(own, loose and not isinstance(node, t.Known))

    def _compared(self, op: str, left: t.Value, right: t.Value, loose: bool) -> _Reading | None:
        if isinstance(left, t.Const):
            left, right, op = right, left, _MIRROR[op]
        if isinstance(right, t.Const):
            if right.value is None:
                return None
            name, variable = self._domain(left, loose, right.type.unit if left.type.kind == "span" else "")
            return _Reading(name, variable, op, (right.value,))
        sides = [self._key(left), self._key(right)]
        if repr(sides[0]) > repr(sides[1]):
            sides, op = sides[::-1], _MIRROR[op]
        name = ("against", *sides)
        return _Reading(name, self._variable(name, "sign", loose), op, (None,))

    def _domain(self, value: t.Value, loose: bool, unit: str = "") -> tuple[object, Variable]:
        codes = self.codes.get(value.type.codes or "") if value.type.kind == "code" else None
        kind = "codes" if value.type.kind in ("code", "text") else "order"
        name = ("value", self._key(value), unit)
        return name, self._variable(name, kind, loose, codes)

    def _key(self, value: t.Value) -> object:
        while isinstance(value, t.NamedValue):
            value = value.value
        return shape(value, self.known)

    def _counted(self, quant: t.Quant, positive: bool) -> _Reading | None:
        """Rows counted: any is at least one."""
        right = t.Const(1.0, t.NUMBER) if quant.kind == "any" else quant.right
        if quant.value is not None or not isinstance(right, t.Const) or not isinstance(right.value, float):
            return None
        least, below = _threshold(quant.op or ">=", right.value)
        kind = "events" if quant.kind == "events" else "rows"
        body = None if quant.body is None else shape(quant.body, self.known)
        name = (kind, quant.relation.name, quant.link.name if quant.link else "", body)
        return _Reading(name, self._variable(name, "count"), ">=", (max(least, 0),), below, quant.rising == positive)


def _threshold(op: str, number: float) -> tuple[int, bool]:
    """A comparison of a count as (n, negated): at least n, or not."""
    if op in (">=", "<"):
        return math.ceil(number), op == "<"
    return math.floor(number) + 1, op == "<="


def _all(body: t.Bool) -> Iterator[t.Bool]:
    for node in t.walk(body):
        yield node
        if isinstance(node, t.Quant) and node.body is not None:
            yield from _all(node.body)


# -- the domain of a value ---------------------------------------------------------------------------------------------
_SIGN = {"<": (0,), "<=": (0, 1), "=": (1,), ">=": (1, 2), ">": (2,)}
MISSING, LOOSE = 0b001, 0b110  # cells of every variable: missing; fails every test, known or not known
FIRST = 3  # the first cell of real values


@dataclass
class Variable:
    """One value. ``kind``: order | codes | flag | sign | count. ``loose``: may fail each test without being unknown."""

    kind: str
    loose: bool
    codes: CodeSet | None = None
    constants: set[object] = field(default_factory=set)
    cells: list[object] = field(default_factory=list)
    place: dict[object, int] = field(default_factory=dict)
    everything: int = 0

    def freeze(self) -> None:
        """Fix the cells, once all constants are known."""
        if self.kind == "codes":
            known = list(self.codes.values) if self.codes else []
            self.cells = [*known, *sorted(str(c) for c in self.constants if c not in known), None]
            if self.codes:
                self.cells.pop()  # a closed list: no other value
        elif self.kind in ("order", "count"):
            self.cells = sorted(self.constants)  # type: ignore[type-var]
        self.place = {cell: i for i, cell in enumerate(self.cells)}
        real = ((1 << self.size) - 1) << FIRST
        if self.kind == "count" and 0 in self.place:  # there are never fewer than none
            real &= ~(1 << FIRST)
        self.everything = real | MISSING | (LOOSE if self.loose else 0)

    @property
    def size(self) -> int:
        sizes = {"order": 2 * len(self.cells) + 1, "count": len(self.cells) + 1, "codes": len(self.cells)}
        return sizes.get(self.kind, 3 if self.kind == "sign" else 2)

    def masks(self, op: str, operand: object) -> tuple[int, int]:
        """The cells where a test is true and where it is false; in the rest it is unknown."""
        real = ((1 << self.size) - 1) << FIRST
        if op == "known":
            return real | (self.everything & 0b010), (self.everything & 0b101)
        true = 0
        for cell in self._fitting(op, operand):
            true |= 1 << (cell + FIRST)
        return true, (real & ~true) | (self.everything & LOOSE)

    def _fitting(self, op: str, operand: object) -> list[int]:
        if self.kind == "flag":
            return [1 if operand else 0]
        if self.kind == "sign":
            return list(_SIGN[op])
        if self.kind == "count":  # cells between thresholds; the test is always: at least operand
            return list(range(self.place[operand] + 1, self.size))
        if self.kind == "order":
            at = 2 * self.place[operand] + 1
            cells = {"<": range(at), "<=": range(at + 1), "=": range(at, at + 1)}
            return list(cells.get(op, range(at if op == ">=" else at + 1, self.size)))
        if op == "in":
            assert isinstance(operand, tuple)
            return [self.place[m] for m in operand]
        return [self.place[operand]]
