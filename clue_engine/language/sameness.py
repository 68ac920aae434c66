"""Conditions in words, and which of them say the same: what mutants are named by and told apart by.

Comes in: typed conditions. Goes out: a phrase that their author recognises; a shape that is equal for equal conditions;
whether a part adds anything beside the others: right where given, None or False where in doubt.
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


# -- what stands beside ------------------------------------------------------------------------------------------------
def says(node: t.Bool, value: t.Value, member: object) -> bool | None:
    """What a condition says when ``value`` is ``member``, if that alone decides it."""
    match node:
        case t.Not(inner):
            found = says(inner, value, member)
            return None if found is None else not found
        case t.Named(_, _, inner):
            return says(inner, value, member)
        case t.And(parts):
            said = [says(p, value, member) for p in parts]
            return False if False in said else None if None in said else True
        case t.Or(parts):
            said = [says(p, value, member) for p in parts]
            return True if True in said else None if None in said else False
        case t.Test("=", left, t.Const(other)) if left == value and left.type.kind == "code":
            return bool(other == member)
        case t.InSet(left, tuple() as members, _, perhaps) if left == value:
            return None if member in perhaps and member not in members else member in members
        case t.Contains(left, tuple() as listed) if left == value and value.type.kind == "codes":
            return True if member in listed else None
    return None


def told(part: t.Bool, beside: tuple[t.Bool, ...]) -> bool:
    """Whether a part only repeats what stands beside it (not A, beside not (A or B))."""
    known: dict[int, object] = {}
    near = [c for each in beside for c in joint(each, True)]  # lists: shapes are known by the identity of living nodes
    own = joint(part, True)
    return forced(part, beside) or {shape(c, known) for c in own} <= {shape(c, known) for c in near}


def joint(node: t.Bool, positive: bool) -> list[t.Bool]:
    """The conditions that must all hold for a condition to hold."""
    match node:
        case t.Not(inner):
            return joint(inner, not positive)
        case t.Named(_, _, inner):
            return joint(inner, positive)
        case t.And(parts) if positive:
            return [c for p in parts for c in joint(p, True)]
        case t.Or(parts) if not positive:
            return [c for p in parts for c in joint(p, False)]
    return [node if positive else t.Not(node)]


def forced(atom: t.Bool, beside: tuple[t.Bool, ...]) -> bool:
    """Whether what stands beside cannot be true unless this “contains” of codes is: then it adds nothing."""
    if not isinstance(atom, t.Contains) or atom.value.type.kind != "codes" or not isinstance(atom.words, tuple):
        return False
    return any(_forces(each, atom.value, set(atom.words)) for each in beside)


def _forces(node: t.Bool, value: t.Value, listed: set[str]) -> bool:
    match node:
        case t.And(parts):
            return any(_forces(p, value, listed) for p in parts)
        case t.Or(parts):
            return all(_forces(p, value, listed) for p in parts)
        case t.Named(_, _, inner):
            return _forces(inner, value, listed)
        case t.Contains(left, tuple() as own):
            return left == value and set(own) <= listed
    return False
