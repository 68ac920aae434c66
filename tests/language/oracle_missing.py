"""Which facts are missing where a condition is unknown, by the oracle; evaluate.missing: the same walk over arrays."""

from __future__ import annotations

from language.oracle import Oracle, Place
from language.oracle_values import Interval

from clue_engine.language import types as t

Key = tuple[str, str | None]


def missing_facts(oracle: Oracle, body: t.Bool, at: Place, positive: bool = True) -> set[Key]:
    """(relation, field) of the facts whose absence leaves an opened condition unknown; field None: the row itself."""
    if oracle.condition(body, at, positive) is not None:
        return set()
    match body:
        case t.Not(inner):
            return missing_facts(oracle, inner, at, not positive)
        case t.TwoSided(yes, no):
            return missing_facts(oracle, yes, at, positive) | missing_facts(oracle, no, at, not positive)
        case t.And() | t.Or() | t.Named():
            return {k for part in t.children(body) for k in missing_facts(oracle, part, at, positive)}
        case t.Quant():
            return _of_quantifier(oracle, body, at, positive)
        case t.DefBool():
            return {t.fact_key(body)}
    wide = isinstance(body, t.InSet) and bool(body.perhaps)  # a code is there, and is not exact enough
    return {t.fact_key(r) for r in t.atom_refs(body) if wide or _vague(oracle.value(r, at))}


def _vague(value: Interval) -> bool:
    return None in value or value[0] != value[1]


def _of_quantifier(oracle: Oracle, quant: t.Quant, at: Place, positive: bool) -> set[Key]:
    variant = oracle.variant if quant.rising == positive else "a"
    members, extra = oracle.members(quant, at, variant)
    found: set[Key] = set()
    name = quant.relation.name
    if extra is None:
        found.add((name, None))
    for member in members:
        inner = oracle.inner(quant, member.row, at)
        if quant.kind == "events" and member.row["event_id"] is None:
            found.add((name, t.EVENT))
        if not member.row["certain"]:
            found.add((name, None))
        if quant.body is not None:
            found |= missing_facts(oracle, quant.body, inner)
        if isinstance(quant.value, t.FieldRef | t.DefValue) and _vague(oracle.value(quant.value, inner)):
            found.add(t.fact_key(quant.value))
    if quant.right is not None:
        refs = t.value_refs(quant.right)
        found |= {t.fact_key(r) for r in refs if _vague(oracle.value(r, at))}
    return found
