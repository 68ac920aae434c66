"""Parameters of a condition and whether they have a value on a day."""

from __future__ import annotations

import datetime as dt

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.compile import parameters_of
from clue_engine.language.reads import mentioned
from clue_engine.language.vocabulary import parameter_regions
from clue_engine.pack.model import Parameter


def parameters_in(body: t.Bool) -> list[Parameter]:
    """The parameters that a condition names, quantifier bodies included; computed definitions are not opened."""
    found: list[Parameter] = []
    for node in t.walk(body):
        if isinstance(node, t.Quant):
            found += parameters_in(node.body) if node.body is not None else []
            found += parameters_of(t.Test(">=", node.right, node.right)) if node.right is not None else []
        elif isinstance(node, t.Test | t.InSet | t.Contains | t.IsTrue | t.Known | t.DefBool):
            found += parameters_of(node)
    return found


def without_value(checked: CheckedPack, body: t.Bool, as_of: dt.date) -> set[str]:
    """Parameters of a condition, and of the definitions it uses, that have no value anywhere on the day."""
    bodies, seen, todo = [body], set(), list(mentioned(body))
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            inner = checked.definitions[key].body
            if inner is not None:
                bodies.append(inner)
                todo += list(mentioned(inner))
    return {p.name for b in bodies for p in parameters_in(b) if not parameter_regions(p, as_of)}
