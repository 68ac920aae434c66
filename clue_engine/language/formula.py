"""Typed conditions -> formulas of a ``logic.Space``: which value is which variable, which test is which cells.

Comes in: the typed tree of a condition. Goes out: the id of its formula.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from clue_engine.language import types as t
from clue_engine.language.logic import Space, mirrored, threshold
from clue_engine.pack.model import Field

Key = tuple[object, ...]
_MANY = 100


@dataclass
class Translator:
    """``positive`` everywhere: whether more truth of the part makes the whole truer (see polarity in the compiler)."""

    space: Space
    known: dict[tuple[int, bool], tuple[t.Bool, int]] = field(default_factory=dict)  # by identity, kept alive

    def formula(self, node: t.Bool, positive: bool = True) -> int:
        found = self.known.get((id(node), positive))
        if found is None:
            found = self.known[id(node), positive] = (node, self._formula(node, positive))
        return found[1]

    def _formula(self, node: t.Bool, positive: bool) -> int:
        space = self.space
        match node:
            case t.And(parts) | t.Or(parts):
                kind = "and" if isinstance(node, t.And) else "or"
                return space.node(kind, tuple(dict.fromkeys(self.formula(p, positive) for p in parts)))
            case t.Not(body):
                return space.negated(self.formula(body, not positive))
            case t.Named(_, _, body):
                return self.formula(body, positive)
            case t.TwoSided(yes, no):
                return space.node("two", (self.formula(yes, positive), self.formula(no, not positive)))
            case t.Quant():
                return self._quantified(node, positive)
        return self.atom(node)

    def atom(self, atom: t.Atom) -> int:
        loose = any(_loose(r.field) for r in t.atom_refs(atom) if isinstance(r, t.FieldRef))
        match atom:
            case t.DefBool(relation, definition, scope):
                return self._flag(("definition", relation.name, definition.label, scope), loose)
            case t.IsTrue(value, want):
                return self._flag(key(value), loose, want)
            case t.Known(value):
                return self._known(value, loose)
            case t.InSet(value, t.ParamRef(parameter)):
                return self._flag(("in", key(value), parameter.name), loose)
            case t.InSet(value, members):
                assert isinstance(members, tuple)
                return self._in(value, members, loose)
            case t.Contains(value, t.ParamRef(parameter)):
                return self._flag(("contains", key(value), parameter.name), loose)
            case t.Contains(value, words, not_after):
                assert isinstance(words, tuple)
                if len(words) > _MANY:  # a long list is one fact: word by word would be exact, and slow
                    return self._flag(("contains", key(value), words, not_after), loose)
                tests = [self._flag(("contains", key(value), w, not_after), loose) for w in dict.fromkeys(words)]
                return tests[0] if len(tests) == 1 else self.space.node("or", tuple(tests))
            case t.Test(op, left, right):
                return self._test(op, left, right, loose)
        raise TypeError(atom)

    def _flag(self, name: Key, loose: bool, want: bool = True) -> int:
        return self.space.test(self.space.variable(("flag", *name), "flag", loose), "is", want)

    def _known(self, value: t.Value, loose: bool) -> int:
        plain = isinstance(value, t.FieldRef) and not value.field.interval
        if plain and value.type.kind in ("code", "number", "money", "share", "duration", "date"):
            return self.space.test(self._variable(value, loose), "known", None)
        if plain and value.type.kind == "bool":
            return self.space.test(self.space.variable(("flag", *key(value)), "flag", loose), "known", None)
        return self._flag(("known", key(value)), False)  # an interval may be known in part: a fact of its own

    def _variable(self, value: t.Value, loose: bool, unit: str = "") -> int:
        if value.type.kind == "code" and value.type.codes in self.space.code_sets:
            codes = self.space.code_sets[value.type.codes or ""]
            return self.space.variable(("value", *key(value)), "codes", loose, codes)
        kind = "codes" if value.type.kind in ("code", "text") else "order"
        return self.space.variable(("value", *key(value), unit), kind, loose)

    def _in(self, value: t.Value, members: tuple[str | float | dt.date, ...], loose: bool) -> int:
        if value.type.kind in ("code", "text"):
            return self.space.test(self._variable(value, loose), "in", tuple(dict.fromkeys(members)))
        variable = self._variable(value, loose)
        tests = tuple(self.space.test(variable, "=", m) for m in dict.fromkeys(members))
        return tests[0] if len(tests) == 1 else self.space.node("or", tests)

    def _test(self, op: str, left: t.Value, right: t.Value, loose: bool) -> int:
        if isinstance(left, t.Const):
            left, right, op = right, left, mirrored(op)
        if isinstance(right, t.Const) and right.value is not None:
            unit = right.type.unit if left.type.kind == "span" else ""
            return self.space.test(self._variable(left, loose, unit), op, right.value)
        a, b = key(left), key(right)
        if repr(a) > repr(b):
            a, b, op = b, a, mirrored(op)
        return self.space.test(self.space.variable(("sign", a, b), "sign", loose), op, None)

    # -- quantifiers ---------------------------------------------------------------------------------------------
    def _quantified(self, quant: t.Quant, positive: bool) -> int:
        """Tests that more rows can only help see the rows that holds leave, the others all rows: two variables."""
        surviving = quant.rising if positive else not quant.rising
        if quant.kind == "any":
            return self.space.test(self._count(quant, surviving), ">=", 1)
        assert quant.right is not None
        constant = quant.right.value if isinstance(quant.right, t.Const) else None
        if quant.kind == "count" and isinstance(constant, float):
            number, negated = threshold(quant.op, constant)
            if number <= 0:  # always at least none
                number = 0
            test = self.space.test(self._count(quant, surviving), ">=", number)
            return self.space.negated(test) if negated else test
        name = (*self._name(quant), key(quant.value) if quant.value else "", surviving)
        if constant is not None:
            variable = self.space.variable(("aggregate", *name, quant.right.type.unit), "order", True)
            return self.space.test(variable, quant.op, constant)
        variable = self.space.variable(("sign", name, key(quant.right)), "sign", True)
        return self.space.test(variable, quant.op, None)

    def _name(self, quant: t.Quant) -> tuple[object, ...]:
        body = self.formula(quant.body) if quant.body is not None else None
        return (quant.kind if quant.kind != "any" else "count", self._rows(quant), body)

    @staticmethod
    def _rows(quant: t.Quant) -> tuple[str, str]:
        return quant.relation.name, quant.link.name if quant.link else ""

    def _count(self, quant: t.Quant, surviving: bool) -> int:
        name = self._name(quant)
        counts = [self.space.variable((*name, s), "count", False) for s in (True, False)]
        body = name[2]
        for each, s in zip(counts, (True, False), strict=True):
            self.space.bodies[each] = (self._rows(quant), s, body if isinstance(body, int) else None)
        return counts[0 if surviving else 1]


def key(value: t.Value) -> Key:
    """What a value is, without how it was written."""
    match value:
        case t.FieldRef(relation, each, scope):
            return ("field", relation.name, each.name, scope)
        case t.DefValue(relation, definition, scope):
            return ("defined", relation.name, definition.label, scope)
        case t.Const(found):
            return ("constant", found, value.type.unit)
        case t.ParamRef(parameter):
            return ("parameter", parameter.name)
        case t.AsOf():
            return ("as_of",)
        case t.Span(start, end):
            return ("span", key(start), key(end))
        case t.Arith(op, left, right):
            return (op, key(left), key(right))
        case t.NamedValue(_, _, inner):
            return key(inner)
        case t.AggValue(quant):
            return ("aggregate", repr(quant))
    raise TypeError(value)


def _loose(each: Field) -> bool:
    return each.missing.kind in ("n/a", "said")
