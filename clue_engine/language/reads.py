"""What conditions read: computed definitions, fields and parameters, also through one another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.compile import parameters_of, value_parameters
from clue_engine.language.vocabulary import parameter_regions
from clue_engine.pack.model import Parameter


def used_definitions(checked: CheckedPack, bodies: Iterable[t.Bool]) -> list[t.CheckedDefinition]:
    """All computed definitions that the conditions need, also through one another, ordered by level."""
    found: dict[tuple[str, str], t.CheckedDefinition] = {}
    todo = list(_mentioned(bodies))
    while todo:
        key = todo.pop()
        if key not in found:
            found[key] = checked.definitions[key]
            todo += list(mentioned(found[key].body)) + list(mentioned_value(found[key].value))
    return sorted(found.values(), key=lambda d: (d.level, d.relation.name, d.definition.label))


def nodes(bodies: Iterable[t.Bool | None]) -> Iterator[t.Bool]:
    """Everything in some conditions, quantifier bodies included, what they share once."""
    seen: set[int] = set()
    todo = [b for b in bodies if b is not None]
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        todo += t.children(node)
        if isinstance(node, t.Quant) and node.body is not None:
            todo.append(node.body)


def values(bodies: Iterable[t.Bool | None]) -> Iterator[t.Value]:
    """The values that some conditions look at, quantifiers' included."""
    for node in nodes(bodies):
        if isinstance(node, t.Quant):
            yield from (v for v in (node.value, node.right) if v is not None)
        elif isinstance(node, t.Atom):
            yield from t.atom_values(node)


def _mentioned(bodies: Iterable[t.Bool | None]) -> set[tuple[str, str]]:
    bodies = list(bodies)
    found = {(n.relation.name, n.definition.label) for n in nodes(bodies) if isinstance(n, t.DefBool)}
    return found.union(*(mentioned_value(v) for v in values(bodies)))


def mentioned(body: t.Bool | None) -> set[tuple[str, str]]:
    """Computed definitions named in a condition, quantifier bodies included."""
    return _mentioned([body])


def mentioned_value(value: t.Value | None) -> set[tuple[str, str]]:
    if value is None:
        return set()
    found = {(r.relation.name, r.definition.label) for r in t.value_refs(value) if isinstance(r, t.DefValue)}
    return found.union(*(_mentioned([quant]) for quant in t.value_quantifiers(value)))


def used_fields(
    checked: CheckedPack, bodies: Iterable[t.Bool], definitions: Iterable[t.CheckedDefinition]
) -> set[tuple[str, str]]:
    """(relation, field) of all fields that the conditions read, their definitions and what makes a field senseless."""
    found = _fields([*bodies, *(d.body for d in definitions)])
    for each in definitions:
        found |= value_fields(each.value)
    todo = set(found)
    while todo:
        todo = {f for key in todo for f in fields_read(checked.vocabulary.not_applicable.get(key))} - found
        found |= todo
    return found


def _fields(bodies: Iterable[t.Bool | None]) -> set[tuple[str, str]]:
    return set().union(*(value_fields(v) for v in values(bodies)))


def fields_read(body: t.Bool | None) -> set[tuple[str, str]]:
    return _fields([body])


def value_fields(value: t.Value | None) -> set[tuple[str, str]]:
    if value is None:
        return set()
    found = {(r.relation.name, r.field.name) for r in t.value_refs(value) if isinstance(r, t.FieldRef)}
    return found.union(*(_fields([quant]) for quant in t.value_quantifiers(value)))


# -- parameters --------------------------------------------------------------------------------------------------------
def without_value(checked: CheckedPack, bodies: Mapping[str, t.Bool], as_of: dt.date) -> Mapping[str, Sequence[str]]:
    """Parameters that have no value anywhere on the day -> the rules whose condition or definitions name them."""
    known: dict[int, frozenset[str]] = {}
    computed: dict[tuple[str, str], frozenset[str]] = {}

    def lacking(node: t.Bool) -> frozenset[str]:
        """Of a node and what is below it; each node is looked at once, whatever number of rules have it."""
        if id(node) not in known:
            named: list[Parameter] = []
            below = list(t.children(node))
            if isinstance(node, t.Quant):
                below += [node.body] if node.body is not None else []
                named = value_parameters(node.right) if node.right is not None else []
            elif isinstance(node, t.Atom):
                named = parameters_of(node)
            own = {p.name for p in named if not parameter_regions(p, as_of)}
            own.update(*(lacking(part) for part in below))
            own.update(*(definition(key) for key in _computed(node)))
            known[id(node)] = frozenset(own)
        return known[id(node)]

    def definition(key: tuple[str, str]) -> frozenset[str]:
        if key not in computed:
            computed[key] = frozenset()  # definitions are acyclic
            inner = checked.definitions[key].body
            computed[key] = lacking(inner) if inner is not None else frozenset()
        return computed[key]

    found: dict[str, list[str]] = {}
    for rule_id, body in bodies.items():
        for name in lacking(body):
            found.setdefault(name, []).append(rule_id)
    return {name: found[name] for name in sorted(found)}


def _computed(node: t.Bool) -> set[tuple[str, str]]:
    """The computed definitions that a node itself names."""
    if isinstance(node, t.DefBool):
        return {(node.relation.name, node.definition.label)}
    if isinstance(node, t.Quant):
        return mentioned_value(node.value) | mentioned_value(node.right)
    if isinstance(node, t.Atom):
        return {key for value in t.atom_values(node) for key in mentioned_value(value)}
    return set()
