"""Whether a part of a condition adds anything beside the others: what one says of a code, what one forces.

Comes in: typed conditions on one row. Goes out: verdicts that are right where given; None or False where in doubt.
"""

from __future__ import annotations

from clue_engine.language import types as t
from clue_engine.language.sameness import shape


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
