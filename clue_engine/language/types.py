"""Types of values and the typed tree of a checked condition: what the compiler and the evaluator read.

Three-valued booleans are the ``Bool`` nodes, everything that can be compared is a ``Value``. The tree is lowered:
``<>``, ``not in``, ``none``, ``all``, ``between``, ``count = n`` are spelled with Not, And and the positive tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from clue_engine.pack.model import Definition, Field, Link, Parameter, Relation

# What ``count 案件 of 涉案`` counts, and the fact that is missing of a row without one.
EVENT, INVOLVEMENT = "案件", "涉案"
# Between the label of a computed definition and the number of one of its quantified tests.
LEAF = "#"


@dataclass(frozen=True)
class Type:
    """kind: text | code | codes | bool | number | money | share | duration | span | date. unit of money, duration.

    duration is a stored number with a unit (岁, 月, 天); span is the time between two dates.
    """

    kind: str
    codes: str | None = None
    unit: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind in ("number", "money", "share", "duration")


NUMBER, MONEY, SHARE, DATE, SPAN = (Type(k) for k in ("number", "money", "share", "date", "span"))


# -- values --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class FieldRef:
    """A field of the row in hand (scope row), of its household, or of the outer row of a link (本行)."""

    relation: Relation
    field: Field
    scope: str  # row | household | outer
    type: Type


@dataclass(frozen=True)
class Const:
    """A literal. Money in yuan, share 0–1, durations in ``type.unit``."""

    value: str | float | bool | dt.date | None
    type: Type


@dataclass(frozen=True)
class ParamRef:
    parameter: Parameter
    type: Type


@dataclass(frozen=True)
class AsOf:
    type: Type = DATE


@dataclass(frozen=True)
class Span:
    """The time from ``start`` to ``end``; 距今(d) is the span from d to the scan date."""

    start: Value
    end: Value
    type: Type = SPAN


@dataclass(frozen=True)
class Arith:
    op: str
    left: Value
    right: Value
    type: Type


@dataclass(frozen=True)
class NamedValue:
    """A definition that is a value and reads no other row: used in place."""

    relation: Relation
    definition: Definition
    value: Value

    @property
    def type(self) -> Type:
        return self.value.type


@dataclass(frozen=True)
class DefValue:
    """A definition that is a value and had to be computed beforehand: a [lo, hi] column."""

    relation: Relation
    definition: Definition
    scope: str
    type: Type


@dataclass(frozen=True)
class AggValue:
    """count | sum | min | max as a value; only inside definitions."""

    quant: Quant
    type: Type


Value = FieldRef | Const | ParamRef | AsOf | Span | Arith | NamedValue | DefValue | AggValue


# -- booleans ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class And:
    parts: tuple[Bool, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Bool, ...]


@dataclass(frozen=True)
class Not:
    """``text``: how the author wrote the negated test (a <> b, not in, none …); empty for not (…) around another."""

    body: Bool
    text: str = field(default="", compare=False)


@dataclass(frozen=True)
class Test:
    """A positive comparison: = < <= > >=. ``text`` is what the author wrote."""

    op: str
    left: Value
    right: Value
    text: str = ""


@dataclass(frozen=True)
class InSet:
    """``perhaps``: codes of which it is not known whether they belong (不轻于); ``spelled``: the sets in words."""

    value: Value
    members: tuple[str | float | dt.date, ...] | ParamRef
    text: str = ""
    perhaps: tuple[str, ...] = ()
    spelled: str = field(default="", compare=False)


@dataclass(frozen=True)
class Contains:
    """Text contains one of the words, or a list of codes one of the codes."""

    value: Value
    words: tuple[str, ...] | ParamRef
    not_after: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True)
class IsTrue:
    """A boolean field is ``want``."""

    value: FieldRef
    want: bool = True
    text: str = ""


@dataclass(frozen=True)
class Known:
    """``is known``. ``is missing`` is its negation, with the text that the author wrote."""

    value: Value
    text: str = ""

    @property
    def written_missing(self) -> bool:
        return self.text.endswith(("missing", "缺失"))


@dataclass(frozen=True)
class Named:
    """A boolean definition that reads no other row: used in place. ``scope``: whose it is, as of a field."""

    relation: Relation
    definition: Definition
    body: Bool
    scope: str = "row"


@dataclass(frozen=True)
class DefBool:
    """A boolean definition that had to be computed beforehand: a nullable boolean column."""

    relation: Relation
    definition: Definition
    scope: str
    text: str = ""


@dataclass(frozen=True)
class TwoSided:
    """yes true -> true; else no true -> false; else unknown."""

    yes: Bool
    no: Bool


@dataclass(frozen=True)
class Quant:
    """any | count | events | sum | min | max over the rows of ``relation`` (along ``link``) that satisfy ``body``.

    ``events`` counts the legal events of the rows, not the rows; a row without one may be of any event or of its own.
    As a Bool: ``any``, or the aggregate compared (op >= > <= <) with ``right``. As AggValue op is "".
    """

    kind: str
    relation: Relation
    link: Link | None
    body: Bool | None
    value: Value | None = None
    op: str = ""
    right: Value | None = None
    text: str = ""

    @property
    def rising(self) -> bool:
        """Whether more rows can only help the test (any, count >=, min <=)."""
        if self.kind == "any":
            return True
        return self.op in (("<", "<=") if self.kind == "min" else (">", ">="))


Bool = And | Or | Not | Test | InSet | Contains | IsTrue | Known | Named | DefBool | TwoSided | Quant
Atom = Test | InSet | Contains | IsTrue | Known | DefBool


def shown(node: Bool) -> str:
    """A test as every page shows it: as written, and what a bound on a scale stands for."""
    text = str(getattr(node, "text", ""))
    return f"{text}（{node.spelled}）" if isinstance(node, InSet) and node.spelled else text


def children(node: Bool) -> tuple[Bool, ...]:
    """The boolean nodes right below ``node`` on the same row; a quantifier's body is not among them."""
    match node:
        case And(parts) | Or(parts):
            return parts
        case Not(body) | Named(_, _, body):
            return (body,)
        case TwoSided(yes, no):
            return (yes, no)
    return ()


def rebuilt(node: Bool, parts: Sequence[Bool]) -> Bool:
    """The same node over other parts, in the order of ``children``."""
    match node:
        case And() | Or():
            return type(node)(tuple(parts))
        case Not() | Named():
            return replace(node, body=parts[0])
        case TwoSided():
            return TwoSided(*parts)
    return node


def value_refs(value: Value) -> list[FieldRef | DefValue]:
    """The fields and computed definitions that a value reads on its own row."""
    match value:
        case FieldRef() | DefValue():
            return [value]
        case Span(a, b) | Arith(_, a, b):
            return value_refs(a) + value_refs(b)
        case NamedValue(_, _, inner):
            return value_refs(inner)
    return []


def atom_values(atom: Atom) -> tuple[Value, ...]:
    """The values that an atom looks at."""
    match atom:
        case Test(_, left, right):
            return (left, right)
        case InSet(value) | Contains(value) | Known(value):
            return (value,)
        case IsTrue(value):
            return (value,)
    return ()


def atom_refs(atom: Atom) -> list[FieldRef | DefValue]:
    return [ref for value in atom_values(atom) for ref in value_refs(value)]


def fact_key(ref: FieldRef | DefValue | DefBool) -> tuple[str, str]:
    """What is to be asked when it is missing: (relation, field), or (relation, definition) for a computed one."""
    if isinstance(ref, FieldRef):
        return ref.relation.name, ref.field.name
    return ref.relation.name, ref.definition.label.split(LEAF)[0]


def atom_keys(atom: Atom) -> list[tuple[str, str]]:
    """The facts that an atom hangs on."""
    if isinstance(atom, DefBool):
        return [fact_key(atom)]
    return [fact_key(r) for r in atom_refs(atom)]


def walk(node: Bool) -> list[Bool]:
    """``node`` and everything below it on the same row, in reading order."""
    return [node] + [below for child in children(node) for below in walk(child)]


def quantifiers(node: Bool) -> list[Quant]:
    """The quantified tests of a condition, and the aggregates it compares."""
    found: list[Quant] = []
    for below in walk(node):
        if isinstance(below, Quant):
            found.append(below)
        elif isinstance(below, Test):
            found += [q for v in (below.left, below.right) for q in _value_quants(v)]
    return found


def _value_quants(value: Value) -> list[Quant]:
    match value:
        case AggValue(quant):
            return [quant]
        case Span(a, b) | Arith(_, a, b):
            return _value_quants(a) + _value_quants(b)
        case NamedValue(_, _, inner):
            return _value_quants(inner)
    return []


def value_quantifiers(value: Value) -> list[Quant]:
    return _value_quants(value)


def is_point(value: Value) -> bool:
    """Whether a value is one number by its nature; otherwise it is a [lo, hi] of which the ends may differ."""
    match value:
        case FieldRef(_, each):
            return not each.interval
        case Arith(_, left, right):
            return is_point(left) and is_point(right)
        case NamedValue(_, _, inner):
            return is_point(inner)
        case Const() | ParamRef() | AsOf():
            return True
    return False


# A definition once checked: exactly one of the two.
@dataclass(frozen=True)
class CheckedDefinition:
    """``level`` 0: used in place; n: a column computed after all of level n - 1. ``depth``: highest level it needs."""

    relation: Relation
    definition: Definition
    body: Bool | None
    value: Value | None
    level: int
    has_said: bool = False
    depth: int = 0
