"""Parameters of conditions and whether they have a value on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.compile import parameters_of, value_parameters
from clue_engine.language.reads import mentioned_value
from clue_engine.language.vocabulary import parameter_regions
from clue_engine.pack.model import Parameter


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
