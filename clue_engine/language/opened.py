"""A condition with its computed definitions opened, so that one can see which fact inside is missing.

The quantified tests of a definition stay closed: each is a leaf, a computed definition of its own named label#n.
"""

from __future__ import annotations

from dataclasses import replace

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
    match body:
        case t.And(parts):
            return t.And(tuple(opened(p, vocabulary) for p in parts))
        case t.Or(parts):
            return t.Or(tuple(opened(p, vocabulary) for p in parts))
        case t.Not(inner, text):
            return t.Not(opened(inner, vocabulary), text)
        case t.TwoSided(yes, no):
            return t.TwoSided(opened(yes, vocabulary), opened(no, vocabulary))
        case t.Named(relation, definition, inner):
            return t.Named(relation, definition, opened(inner, vocabulary))
        case t.Quant():
            return body if body.body is None else replace(body, body=opened(body.body, vocabulary))
        case t.DefBool(relation, definition, scope):
            checked = vocabulary.definitions[relation.name, definition.label]
            if checked.body is None or t.LEAF in definition.label:
                return body
            inside, _ = _closed(checked.body, checked, 0)
            seen = inside if relation.label == HOUSEHOLD else move(inside, scope)
            return t.Named(relation, definition, opened(seen, vocabulary))
    return body


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
    match node:
        case t.And():
            return t.And(tuple(parts)), n
        case t.Or():
            return t.Or(tuple(parts)), n
        case t.Not(_, text):
            return t.Not(parts[0], text), n
        case t.TwoSided():
            return t.TwoSided(parts[0], parts[1]), n
        case t.Named(relation, definition):
            return t.Named(relation, definition, parts[0]), n
    return node, n
