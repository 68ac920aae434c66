"""What conditions read: the computed definitions and the fields, also through one another."""

from __future__ import annotations

from collections.abc import Iterable

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack


def used_definitions(checked: CheckedPack, bodies: Iterable[t.Bool]) -> list[t.CheckedDefinition]:
    """All computed definitions that the conditions need, also through one another, ordered by level."""
    found: dict[tuple[str, str], t.CheckedDefinition] = {}
    todo = [key for body in bodies for key in mentioned(body)]
    while todo:
        key = todo.pop()
        if key not in found:
            found[key] = checked.definitions[key]
            todo += list(mentioned(found[key].body)) + list(mentioned_value(found[key].value))
    return sorted(found.values(), key=lambda d: (d.level, d.relation.name, d.definition.label))


def mentioned(body: t.Bool | None) -> set[tuple[str, str]]:
    """Computed definitions named in a condition, quantifier bodies included."""
    if body is None:
        return set()
    found: set[tuple[str, str]] = set()
    for node in t.walk(body):
        if isinstance(node, t.DefBool):
            found.add((node.relation.name, node.definition.label))
        elif isinstance(node, t.Quant):
            found |= _mentioned_quant(node)
        else:
            for value in t.atom_values(node) if isinstance(node, t.Test | t.InSet | t.Contains | t.Known) else ():
                found |= mentioned_value(value)
    return found


def mentioned_value(value: t.Value | None) -> set[tuple[str, str]]:
    if value is None:
        return set()
    found = {(r.relation.name, r.definition.label) for r in t.value_refs(value) if isinstance(r, t.DefValue)}
    for quant in t.value_quantifiers(value):
        found |= _mentioned_quant(quant)
    return found


def _mentioned_quant(quant: t.Quant) -> set[tuple[str, str]]:
    return mentioned(quant.body) | mentioned_value(quant.value) | mentioned_value(quant.right)


def used_fields(checked: CheckedPack, bodies: Iterable[t.Bool]) -> set[tuple[str, str]]:
    """(relation, field) of all fields that the conditions read, their definitions and what makes a field senseless."""
    bodies = list(bodies)
    found: set[tuple[str, str]] = set()
    for body in bodies:
        found |= fields_read(body)
    for each in used_definitions(checked, bodies):
        found |= fields_read(each.body) | value_fields(each.value)
    todo = set(found)
    while todo:
        todo = {f for key in todo for f in fields_read(checked.vocabulary.not_applicable.get(key))} - found
        found |= todo
    return found


def fields_read(body: t.Bool | None) -> set[tuple[str, str]]:
    if body is None:
        return set()
    found: set[tuple[str, str]] = set()
    for node in t.walk(body):
        if isinstance(node, t.Quant):
            found |= _quant_fields(node)
        elif isinstance(node, t.Atom):
            for value in t.atom_values(node):
                found |= value_fields(value)
    return found


def value_fields(value: t.Value | None) -> set[tuple[str, str]]:
    if value is None:
        return set()
    found = {(r.relation.name, r.field.name) for r in t.value_refs(value) if isinstance(r, t.FieldRef)}
    for quant in t.value_quantifiers(value):
        found |= _quant_fields(quant)
    return found


def _quant_fields(quant: t.Quant) -> set[tuple[str, str]]:
    return fields_read(quant.body) | value_fields(quant.value) | value_fields(quant.right)
