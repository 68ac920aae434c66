"""A condition with its computed definitions opened, so that one can see which fact inside is missing.

The quantified tests of a definition stay closed: each is a leaf, a computed definition of its own named label#n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace

from clue_engine.language import types as t
from clue_engine.language.check_names import move
from clue_engine.language.vocabulary import HOUSEHOLD, Vocabulary
from clue_engine.pack.model import Definition


def leaves(checked: t.CheckedDefinition) -> list[t.CheckedDefinition]:
    """The quantified tests of a computed boolean definition, each as a definition."""
    if checked.level == 0 or checked.body is None:
        return []
    return [
        t.CheckedDefinition(
            checked.relation, Definition(checked.relation.label, f"{checked.definition.label}{t.LEAF}{i}"), node, None,
            checked.level, checked.has_said, checked.depth,
        )
        for i, node in enumerate(n for n in t.walk(checked.body) if _is_leaf(n))
    ]  # fmt: skip


def opened(body: t.Bool, vocabulary: Vocabulary) -> t.Bool:
    """The same condition, its computed definitions replaced by what they say."""
    return Opener(vocabulary).opened(body)


@dataclass
class Opener:
    """Opens conditions; what several of them have in common is one node: decided once, not once per rule.

    ``shared``: the nodes that were asked for more than once, by identity.
    """

    vocabulary: Vocabulary
    shared: set[int] = field(default_factory=set)
    _nodes: dict[object, t.Bool] = field(default_factory=dict)

    def opened(self, body: t.Bool) -> t.Bool:
        match body:
            case t.And(parts):
                own = tuple(self.opened(p) for p in parts)
                return self._one(("and", *map(id, own)), lambda: t.And(own))
            case t.Or(parts):
                own = tuple(self.opened(p) for p in parts)
                return self._one(("or", *map(id, own)), lambda: t.Or(own))
            case t.Not(inner, text):
                inside = self.opened(inner)
                return self._one(("not", id(inside), text), lambda: t.Not(inside, text))
            case t.TwoSided(yes, no):
                sides = self.opened(yes), self.opened(no)
                return self._one(("sides", *map(id, sides)), lambda: t.TwoSided(*sides))
            case t.Named(relation, definition, inner, scope):
                return self._one(
                    ("named", relation.name, definition.label, scope),
                    lambda: t.Named(relation, definition, self.opened(inner), scope),
                )
            case t.Quant():
                rows = None if body.body is None else self.opened(body.body)
                names = (body.kind, body.op, body.relation.name, body.link.name if body.link else "", body.text)
                return self._one(
                    (*names, id(rows), _said(body.value), _said(body.right)), lambda: replace(body, body=rows)
                )
            case t.DefBool(relation, definition, scope):
                return self._one(("computed", relation.name, definition.label, scope), lambda: self._computed(body))
        return self._one((type(body).__name__, _said(body)), lambda: body)

    def _computed(self, leaf: t.DefBool) -> t.Bool:
        relation, definition = leaf.relation, leaf.definition
        checked = self.vocabulary.definitions[relation.name, definition.label]
        if checked.body is None or t.LEAF in definition.label:
            return leaf
        inside, _ = _closed(checked.body, checked, 0)
        seen = inside if relation.label == HOUSEHOLD else move(inside, leaf.scope)
        return t.Named(relation, definition, self.opened(seen), leaf.scope)

    def _one(self, key: object, make: Callable[[], t.Bool]) -> t.Bool:
        """The node of this key, made when first asked for."""
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = make()
        else:
            self.shared.add(id(found))
        return found


def _said(node: object) -> object:
    """What a test or value says, as a key: cheap to compare, equal for equal ones."""
    match node:
        case t.FieldRef(relation, each, scope):
            return (relation.name, each.name, scope)
        case t.DefValue(relation, definition, scope):
            return (relation.name, definition.label, scope, "computed")
        case t.NamedValue(relation, definition, inner):
            return (relation.name, definition.label, _said(inner))
        case t.ParamRef(parameter):
            return parameter.name
        case t.Type(kind, codes, unit):
            return (kind, codes, unit)
        case tuple():
            return tuple(_said(n) for n in node)
        case t.Quant():
            return id(node)
    if is_dataclass(node):
        return (type(node).__name__, *(_said(getattr(node, f.name)) for f in fields(node)))
    return (type(node).__name__, node) if isinstance(node, bool | int | float) else node


def _is_leaf(node: t.Bool) -> bool:
    if isinstance(node, t.Test):
        return bool(t.value_quantifiers(node.left) or t.value_quantifiers(node.right))
    return isinstance(node, t.Quant)


def _closed(node: t.Bool, checked: t.CheckedDefinition, n: int) -> tuple[t.Bool, int]:
    """The body with its n-th, n+1-th … leaves closed; and the next number. Counts in the order of ``walk``."""
    if _is_leaf(node):
        label = f"{checked.definition.label}{t.LEAF}{n}"
        scope = "household" if checked.relation.label == HOUSEHOLD else "row"
        return t.DefBool(checked.relation, Definition(checked.relation.label, label), scope, label), n + 1
    parts = []
    for child in t.children(node):
        part, n = _closed(child, checked, n)
        parts.append(part)
    return t.rebuilt(node, parts), n
