"""The untyped tree of a condition as the parser leaves it. Every node knows its place: characters [start, end)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    start: int
    end: int


@dataclass(frozen=True)
class Name(Node):
    """A dotted name: ('伤情',) or ('户', '困难') or ('参数', '足额赔偿比例')."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Literal(Node):
    """kind: text | number | money | share | duration | date | bool | asof. Money in yuan, share 0–1."""

    kind: str
    value: str | float | bool | dt.date | None
    unit: str = ""


@dataclass(frozen=True)
class ListRef(Node):
    name: str


@dataclass(frozen=True)
class SetLiteral(Node):
    items: tuple[Literal, ...]


@dataclass(frozen=True)
class Logic(Node):
    """op: and | or."""

    op: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not(Node):
    body: Node


@dataclass(frozen=True)
class Compare(Node):
    """op: = <> < <= > >= 不轻于 不重于."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Arithmetic(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True)
class In(Node):
    value: Node
    members: Node
    negated: bool


@dataclass(frozen=True)
class Between(Node):
    value: Node
    low: Node
    high: Node
    negated: bool


@dataclass(frozen=True)
class Contains(Node):
    value: Node
    needle: Node
    negated: bool


@dataclass(frozen=True)
class IsKnown(Node):
    value: Node
    known: bool


@dataclass(frozen=True)
class Call(Node):
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Quantifier(Node):
    """any | all | none | count | sum | min | max over a relation, perhaps along a link, perhaps filtered."""

    kind: str
    relation: Name
    field: Name | None
    link: Name | None
    body: Node | None


def depth(node: Node) -> int:
    """How many nodes lie on the longest way down."""
    below = [part for value in vars(node).values() for part in (value if isinstance(value, tuple) else (value,))]
    return 1 + max((depth(part) for part in below if isinstance(part, Node)), default=0)
