"""Missing facts: for each unknown outcome, which facts are missing, and which of them alone would make it a hit.

The walk of language.missing, over many households at once: a test counts where it and everything above it is unknown.
``decides``: with the missing tests of that fact taken as true, or as false, the rule is a hit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from clue_engine.evaluate.columns import Mask, Texts
from clue_engine.evaluate.tables import Lines
from clue_engine.evaluate.verdicts import Known, Verdicts
from clue_engine.language import types as t
from clue_engine.language.missing import Key, in_history


def add_missing(lines: Lines, rule_id: str, body: t.Bool, verdicts: Verdicts, unknown: Mask) -> None:
    """Lines of missing_fact for the households where an opened rule is unknown."""
    walk = _Walk(verdicts)
    walk.household(body, True, unknown)
    for key, where in walk.found.items():
        chosen = np.flatnonzero(where)
        lines.add(
            len(chosen), household_id=verdicts.read.ids[chosen], rule_id=rule_id, relation=key[0], field=key[1],
            decides=walk.decides(body, key)[chosen],
        )  # fmt: skip


@dataclass
class _Walk:
    """Collects, per missing fact, the households where it is missing. ``open``: where all above is unknown."""

    verdicts: Verdicts
    found: dict[Key, Mask] = field(default_factory=dict)

    def add(self, key: Key, where: Mask) -> None:
        if where.any():
            self.found[key] = self.found[key] | where if key in self.found else where

    def household(self, body: t.Bool, positive: bool, above: Mask) -> None:
        here = above & (self.verdicts.condition(body, "s", positive) == 0)
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
                for key, column in _facts(self.verdicts.read.reader.household, body):
                    self.add(key, here & self.verdicts.read.home.true(column))

    def quantifier(self, quant: t.Quant, positive: bool, here: Mask) -> None:
        verdicts, name = self.verdicts, quant.relation.name
        table, at = verdicts.read.tables[name], verdicts.read.reader.texts(quant.relation)
        if not verdicts.read.reader.rows.loaded[name]:
            self.add((name, None), here)
        rows = verdicts.visible(quant, "s", positive)[0] & (verdicts.in_set(quant) >= 0) & here[table.home]

        def add(key: Key, where: Mask) -> None:
            self.add(key, verdicts.count(quant, where) > 0)

        add((name, None), rows & ~table.certain)
        if quant.body is not None:
            for key, where in self.row_facts(quant, quant.body, rows):
                add(key, where)
        if isinstance(quant.value, t.FieldRef | t.DefValue):
            add(t.fact_key(quant.value), rows & table.true(at.vague(quant.value)))
        for ref in t.value_refs(quant.right) if quant.right is not None else []:
            self.add(t.fact_key(ref), here & verdicts.read.home.true(verdicts.read.reader.household.vague(ref)))

    def row_facts(self, quant: t.Quant, body: t.Bool, above: Mask) -> Iterator[tuple[Key, Mask]]:
        """(fact, rows) for every test of a condition on one row."""
        here = above & (self.verdicts.on_rows(quant.relation, body) == 0)
        if not here.any():
            return
        if not isinstance(body, t.Atom):
            for part in t.children(body):
                yield from self.row_facts(quant, part, here)
            return
        table = self.verdicts.read.tables[quant.relation.name]
        for key, column in _facts(self.verdicts.read.reader.texts(quant.relation), body):
            yield key, here & table.true(column)

    def decides(self, body: t.Bool, key: Key) -> Mask:
        """Where knowing this fact alone makes a hit."""
        values = (True,) if key[1] is None else (True, False)
        found = np.zeros(len(self.verdicts.read.ids), bool)
        for value in values:
            found |= self.verdicts.condition(body, "s", known=Known(key, value)) == 1
        return found


def _facts(at: Texts, atom: t.Atom) -> list[tuple[Key, str]]:
    """The facts of one test, each with the column that says where it is not known exactly."""
    if isinstance(atom, t.DefBool):
        return [(t.fact_key(atom), "true")]
    columns = zip(t.atom_refs(atom), at.test(atom).vague, strict=True)
    # How a field stood at another time is not known from its column.
    return [(t.fact_key(ref), "true" if in_history(atom, ref) else column) for ref, column in columns]
