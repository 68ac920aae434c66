"""Conditions in words, and which of them say the same: what mutants are named by and told apart by.

Comes in: typed conditions. Goes out: a phrase that their author recognises; a shape that is equal for equal conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

from clue_engine.language import types as t
from clue_engine.pack.model import Definition, Field, Link, Parameter, Relation


def words(body: t.Bool) -> str:
    """A part of a condition as its author would recognise it."""
    match body:
        case t.Named(_, definition):
            return definition.label
        case t.DefBool(_, definition):
            return definition.label.split(t.LEAF)[0].split("~")[0]
        case t.Not(t.Known() as known) if known.written_missing:
            return known.text
        case t.Not(_, text) if text:
            return text if len(text) <= 60 else text[:58] + "…"
        case t.Known() if body.written_missing:
            return f"“{body.text}”不成立"
        case t.Not(inner):
            return f"“{words(inner)}”不成立"
        case t.And(parts) | t.Or(parts):
            joint = " 且 " if isinstance(body, t.And) else " 或 "
            text = joint.join(f"({words(p)})" if isinstance(p, t.And | t.Or) else words(p) for p in parts)
            return text if len(text) <= 60 else text[:58] + "…"
        case t.TwoSided():
            return "两面的依据"
    text = t.shown(body)
    return (
        text if len(text) <= 60 or (isinstance(body, t.InSet) and body.spelled) else text[:58] + "…"
    )  # a set is told whole


def owned_definitions(bodies: Mapping[str, t.Bool], owner: str) -> frozenset[tuple[str, str]]:
    """Definitions that only the condition of ``owner`` uses, out of all opened conditions by id."""
    elsewhere = {key for i, body in bodies.items() if i != owner for key in named(body)}
    return frozenset(named(bodies[owner]) - elsewhere)


def named(body: t.Bool) -> set[tuple[str, str]]:
    """The definitions in a condition."""
    found: set[tuple[str, str]] = set()
    for node in t.walk(body):
        if isinstance(node, t.Named):
            found.add((node.relation.name, node.definition.label))
        elif isinstance(node, t.DefBool):
            found.add(t.fact_key(node))
        elif isinstance(node, t.Quant) and node.body is not None:
            found |= named(node.body)
    return found


def shape(node: object, known: dict[int, object]) -> object:
    """What a condition says, without its author's spelling: equal for equal conditions. ``known``: by identity."""
    if isinstance(node, tuple):
        return tuple(shape(part, known) for part in node)
    if isinstance(node, Relation | Field | Definition | Link | Parameter):
        return getattr(node, "label", "") or getattr(node, "name", "")
    if not is_dataclass(node):
        return node
    if id(node) not in known:
        parts = (shape(getattr(node, f.name), known) for f in fields(node) if f.name not in ("text", "spelled"))
        known[id(node)] = (type(node).__name__, *parts)
    return known[id(node)]
