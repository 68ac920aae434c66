"""Missing facts: for each unknown outcome, which facts are missing, and which of them alone would make it a hit.

Many households at once: a test counts where it and everything above it is unknown. ``decides``: with the missing tests
of that fact taken as true, or as false, the rule is a hit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from clue_engine.decide.columns import Mask, Texts
from clue_engine.decide.verdicts import Key, Known, Verdicts
from clue_engine.language import types as t


def missing_facts(body: t.Bool, verdicts: Verdicts, unknown: Mask, variant: str = "s") -> Mapping[Key, Mask]:
    """Per missing fact the households where it is missing. ``unknown``: where the opened condition is unknown."""
    walk = _Walk(verdicts, variant)
    walk.household(body, True, unknown)
    return walk.found


def decides(body: t.Bool, verdicts: Verdicts, key: Key) -> Mask:
    """Where knowing this fact alone makes a hit."""
    values = (True,) if key[1] is None else (True, False)
    found = np.zeros(len(verdicts.read.ids), bool)
    for value in values:
        found |= verdicts.condition(body, "s", known=Known(key, value)) == 1
    return found


@dataclass
class _Walk:
    """Collects, per missing fact, the households where it is missing. ``above``: where all above is unknown."""

    verdicts: Verdicts
    variant: str
    found: dict[Key, Mask] = field(default_factory=dict)

    def add(self, key: Key, where: Mask) -> None:
        if where.any():
            self.found[key] = self.found[key] | where if key in self.found else where

    def household(self, body: t.Bool, positive: bool, above: Mask) -> None:
        here = above & (self.verdicts.condition(body, self.variant, positive) == 0)
        if not here.any():
            return
        match body:
            case t.Not(inner):
                self.household(inner, not positive, here)
            case t.TwoSided(yes, no):
                self.household(yes, positive, here)
                self.household(no, not positive, here)
            case t.And() | t.Or() | t.Named():
                for part in t.children(body):
                    self.household(part, positive, here)
            case t.Quant():
                self.quantifier(body, positive, here)
            case _:
                for key, column in _facts(self.verdicts.read.reader.own, body):
                    self.add(key, here & self.verdicts.read.own.true(column))

    def quantifier(self, quant: t.Quant, positive: bool, here: Mask) -> None:
        verdicts, name = self.verdicts, quant.relation.name
        at = verdicts.under(quant)
        if not verdicts.read.reader.rows.loaded[name]:
            self.add((name, None), here)
        seen = verdicts.visible(quant, self.variant, positive)[0]
        rows = seen & (verdicts.in_set(quant) >= 0) & here[at.table.home]

        def add(key: Key, where: Mask) -> None:
            self.add(key, verdicts.count(quant, where) > 0)

        add((name, None), rows & ~at.table.certain)
        if quant.body is not None:
            for key, where in self.row_facts(quant, quant.body, rows):
                add(key, where)
        if quant.kind == "events":
            add((name, t.EVENT), rows & np.isnan(at.table.number(at.texts.event())))
        if isinstance(quant.value, t.FieldRef | t.DefValue):
            add(t.fact_key(quant.value), rows & at.table.true(at.texts.vague(quant.value)))
        for ref in t.value_refs(quant.right) if quant.right is not None else []:
            self.add(t.fact_key(ref), here & verdicts.read.own.true(verdicts.read.reader.own.vague(ref)))

    def row_facts(self, quant: t.Quant, body: t.Bool, above: Mask) -> Iterator[tuple[Key, Mask]]:
        """(fact, rows) for every test of a condition on one row."""
        at = self.verdicts.under(quant)
        here = above & (self.verdicts.at(body, at) == 0)
        if not here.any():
            return
        if not isinstance(body, t.Atom):
            for part in t.children(body):
                yield from self.row_facts(quant, part, here)
            return
        for key, column in _facts(at.texts, body):
            yield key, here & at.table.true(column)


def _facts(at: Texts, atom: t.Atom) -> list[tuple[Key, str]]:
    """The facts of one test, each with the column that says where it is not known exactly."""
    if isinstance(atom, t.DefBool):
        return [(t.fact_key(atom), "true")]
    return [(t.fact_key(ref), column) for ref, column in zip(t.atom_refs(atom), at.test(atom).vague, strict=True)]
