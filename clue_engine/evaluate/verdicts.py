"""Conditions over columns of verdicts: 1 true, 0 not known, -1 false. So ``and`` is the least, ``or`` the greatest.

Comes in: the columns of every test. Goes out: what a condition says of each household, also if a fact were known that
is not. The database would have to plan each of these what-ifs as a text of its own; a few array operations do the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from clue_engine.evaluate.columns import Floats, Mask, Read, Table, Texts, Verdict
from clue_engine.language import types as t
from clue_engine.language.missing import Key
from clue_engine.pack.model import Relation

Interval = tuple[Floats, Floats]


@dataclass(frozen=True)
class Known:
    """A fact taken as known: its missing tests say ``value``. Field None: every row is certain, and loaded."""

    key: Key
    value: bool = True


@dataclass(frozen=True)
class _At:
    """Where a condition is looked at: on households or on rows."""

    texts: Texts
    table: Table
    variant: str


@dataclass(frozen=True)
class Held:
    """The rows of a relation that holds take out, and those that an undecided hold marks."""

    dead: Mask
    marked: Mask


@dataclass
class Verdicts:
    """What the conditions of one rule say of the households read. ``held``: per relation, for the rule's direction.

    Variants: ``a`` sees all rows, ``s`` those that survive holds, ``m`` the same with marked rows only possible.
    """

    read: Read
    held: Mapping[str, Held] = field(default_factory=dict)
    _seen: dict[tuple[int, int, bool, str], Verdict] = field(default_factory=dict)
    _facts: dict[int, frozenset[Key]] = field(default_factory=dict)

    def condition(self, body: t.Bool, variant: str, positive: bool = True, known: Known | None = None) -> Verdict:
        """Of each household. ``positive``: False under an odd number of negations."""
        return self._condition(body, _At(self.read.reader.household, self.read.home, variant), positive, known)

    def on_rows(self, relation: Relation, body: t.Bool, known: Known | None = None) -> Verdict:
        """Of each row of a relation."""
        at = _At(self.read.reader.texts(relation), self.read.tables[relation.name], "")
        return self._condition(body, at, True, known)

    def _condition(self, body: t.Bool, at: _At, positive: bool, known: Known | None) -> Verdict:
        if known is not None and known.key in self.facts(body):
            return self._computed(body, at, positive, known)
        mark = (id(body), id(at.texts), positive, at.variant)
        if mark not in self._seen:
            self._seen[mark] = self._computed(body, at, positive, None)
        return self._seen[mark]

    def _computed(self, body: t.Bool, at: _At, positive: bool, known: Known | None) -> Verdict:
        match body:
            case t.And(parts):
                return reduce(np.minimum, (self._condition(p, at, positive, known) for p in parts))
            case t.Or(parts):
                return reduce(np.maximum, (self._condition(p, at, positive, known) for p in parts))
            case t.Not(inner):
                return -self._condition(inner, at, not positive, known)
            case t.Named(_, _, inner):
                return self._condition(inner, at, positive, known)
            case t.TwoSided(yes, no):
                for_it = self._condition(yes, at, positive, known)
                return said(for_it == 1, self._condition(no, at, not positive, known) == 1)
            case t.Quant():
                return self._quantified(body, at.variant, positive, known)
        test = at.texts.test(body)
        verdict = at.table.verdict(test.verdict)
        if known is None or isinstance(body, t.Known):
            return verdict
        # A test that also lacks a parameter stays unknown.
        complete = at.table.verdict(test.complete) == 1
        return np.where((verdict == 0) & complete, np.int8(1 if known.value else -1), verdict)

    def facts(self, body: t.Bool) -> frozenset[Key]:
        """The facts that a condition hangs on, rows themselves included."""
        if id(body) not in self._facts:
            own: set[Key] = set(t.atom_keys(body)) if isinstance(body, t.Atom) else set()
            if isinstance(body, t.Quant):
                own.add((body.relation.name, None))
                own |= self.facts(body.body) if body.body is not None else set()
            for part in t.children(body):
                own |= self.facts(part)
            self._facts[id(body)] = frozenset(own)
        return self._facts[id(body)]

    # -- rows to households --------------------------------------------------------------------------------------
    def visible(self, quant: t.Quant, variant: str, positive: bool) -> tuple[Mask, Mask]:
        """The rows that a quantifier sees, and those of them that count as certain.

        Only what has a lower bound does without the rows that holds take out.
        """
        table = self.read.tables[quant.relation.name]
        held = self.held.get(quant.relation.name)
        if variant == "a" or held is None or quant.rising != positive:
            return np.ones(len(table), bool), table.certain
        sure = table.certain & ~held.dead
        return ~held.dead, sure & ~held.marked if variant == "m" else sure

    def in_set(self, quant: t.Quant, known: Known | None = None) -> Verdict:
        """Whether a row is in the quantifier's set."""
        table = self.read.tables[quant.relation.name]
        if quant.body is None:
            verdict = np.ones(len(table), np.int8)
        else:
            verdict = self.on_rows(quant.relation, quant.body, known)
        if quant.value is not None:
            senseless = table.verdict(self.read.reader.texts(quant.relation).senseless(quant.value)) == 1
            verdict = np.where(senseless, np.int8(-1), verdict)
        return verdict

    def count(self, quant: t.Quant, rows: Mask) -> Floats:
        """How many of these rows each household has."""
        return np.bincount(self.read.tables[quant.relation.name].home[rows], minlength=len(self.read.ids)).astype(
            np.float64
        )

    def _quantified(self, quant: t.Quant, variant: str, positive: bool, known: Known | None) -> Verdict:
        name = quant.relation.name
        seen, sure = self.visible(quant, variant, positive)
        member = self.in_set(quant, known)
        loaded, rows_known = self.read.reader.rows.loaded[name], known is not None and known.key == (name, None)
        if rows_known and quant.rising == positive:
            sure = seen
        sure, maybe = sure & (member == 1), seen & (member >= 0)
        certain, possible = self.count(quant, sure), self.count(quant, maybe)
        if not loaded:
            possible = np.full(len(self.read.ids), np.nan)
            if rows_known:  # were it loaded, a row might be there
                certain = np.ones(len(self.read.ids))
        if quant.kind == "any":
            return said(certain > 0, possible == 0)
        assert quant.right is not None
        if quant.kind == "count":
            pair: Interval = (certain, possible)
        else:
            pair = self._aggregate(quant, sure, maybe, loaded, rows_known)
        low, high = self.read.reader.household.numbers(quant.right)
        verdict = compare(quant.op, pair, (self.read.home.number(low), self.read.home.number(high)))
        if quant.kind in ("min", "max"):  # of nothing: no such row, so no test on it holds
            verdict = np.where(possible == 0, -1, np.where((certain > 0) | (verdict == -1), verdict, 0)).astype(np.int8)
        return verdict

    def _aggregate(self, quant: t.Quant, sure: Mask, maybe: Mask, loaded: bool, rows_known: bool) -> Interval:
        """The smallest and largest possible sum, min or max; see language.enrich.aggregate."""
        assert quant.value is not None
        table = self.read.tables[quant.relation.name]
        lo, hi = (table.number(column) for column in self.read.reader.texts(quant.relation).numbers(quant.value))
        nothing = np.full(len(self.read.ids), np.nan)
        if not loaded and rows_known:
            return nothing, nothing
        unbounded = self.count(quant, maybe & np.isnan(lo if quant.kind == "min" else hi)) > 0
        if quant.kind == "sum":
            low = np.where(sure, np.nan_to_num(lo), np.where(maybe, np.minimum(np.nan_to_num(lo), 0), 0))
            high = np.where(sure, np.nan_to_num(hi), np.where(maybe, np.maximum(np.nan_to_num(hi), 0), 0))
            least, most = (np.bincount(table.home, v, len(self.read.ids)).astype(np.float64) for v in (low, high))
            return least, np.where(unbounded, np.nan, most) if loaded else nothing
        at_least, at_most = (sure, maybe) if quant.kind == "max" else (maybe, sure)
        fold = np.fmax if quant.kind == "max" else np.fmin
        low, high = nothing.copy(), nothing.copy()
        fold.at(low, table.home[at_least], lo[at_least])
        fold.at(high, table.home[at_most], hi[at_most])
        if quant.kind == "max":
            return low, np.where(unbounded, np.nan, high) if loaded else nothing
        return np.where(unbounded, np.nan, low) if loaded else nothing, high


def said(yes: Mask, no: Mask) -> Verdict:
    return np.where(yes, 1, np.where(no, -1, 0)).astype(np.int8)


def compare(op: str, a: Interval, b: Interval) -> Verdict:
    """Three-valued comparison of two intervals, as language.compile_values.compare; nan compares with nothing."""
    (a_lo, a_hi), (b_lo, b_hi) = a, b
    if op == "=":
        return said((a_lo == a_hi) & (b_lo == b_hi) & (a_lo == b_lo), (a_hi < b_lo) | (a_lo > b_hi))
    if op in ("<", "<="):
        return said(a_hi < b_lo, a_lo >= b_hi) if op == "<" else said(a_hi <= b_lo, a_lo > b_hi)
    return said(a_lo > b_hi, a_hi <= b_lo) if op == ">" else said(a_lo >= b_hi, a_hi < b_lo)
