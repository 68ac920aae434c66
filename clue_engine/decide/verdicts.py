"""Conditions over columns of verdicts: 1 true, 0 not known, -1 false. So ``and`` is the least, ``or`` the greatest.

Comes in: the columns of every test. Goes out: what a condition says of each household, also if a fact were known that
is not. The database would have to plan each of these what-ifs as a text of its own; a few array operations do the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from clue_engine.decide.columns import Floats, Mask, Read, Table, Texts, Verdict
from clue_engine.language import types as t
from clue_engine.pack.model import Relation

Interval = tuple[Floats, Floats]
Key = tuple[str, str | None]  # a fact: relation and field; field None: the row itself


@dataclass(frozen=True)
class Known:
    """A fact taken as known: its missing tests say ``value``. Field None: every row is certain, and loaded."""

    key: Key
    value: bool = True


@dataclass(frozen=True)
class At:
    """Where a condition is looked at: on an owner's rows, or on those below; ``variant`` as in Verdicts."""

    texts: Texts
    table: Table
    variant: str = ""


@dataclass(frozen=True)
class Held:
    """The rows of a relation that holds take out, and those that an undecided hold marks."""

    dead: Mask
    marked: Mask


@dataclass
class Verdicts:
    """What conditions say of the rows read. ``held``: per relation, for the direction of the rules.

    Variants: ``a`` sees all rows, ``s`` those that survive holds, ``m`` the same with marked rows only possible.
    ``shared``: the nodes, by identity, whose verdicts outlive ``forget``. A node must live as long as its verdict.
    """

    read: Read
    held: Mapping[str, Held] = field(default_factory=dict)
    shared: Set[int] = frozenset()
    _kept: dict[tuple[int, int, bool, str], Verdict] = field(default_factory=dict)
    _seen: dict[tuple[int, int, bool, str], Verdict] = field(default_factory=dict)
    _facts: dict[int, frozenset[Key]] = field(default_factory=dict)

    def condition(self, body: t.Bool, variant: str = "a", positive: bool = True, known: Known | None = None) -> Verdict:
        """Of each owner. ``positive``: False under an odd number of negations."""
        return self.at(body, self.own(variant), positive, known)

    def on_rows(self, relation: Relation, body: t.Bool) -> Verdict:
        """Of each row of a relation."""
        if relation == self.read.reader.owner:
            return self.condition(body)
        return self.at(body, At(self.read.reader.under(relation).texts, self.read.table(relation)))

    def own(self, variant: str) -> At:
        return At(self.read.reader.own, self.read.own, variant)

    def under(self, quant: t.Quant) -> At:
        """Where the body of a quantifier is looked at."""
        return At(self.read.reader.under(quant.relation, quant.link).texts, self.read.under(quant))

    def at(self, body: t.Bool, at: At, positive: bool = True, known: Known | None = None) -> Verdict:
        if known is not None and known.key in self.facts(body):
            return self._computed(body, at, positive, known)
        mark = (id(body), id(at.texts), positive, at.variant)
        seen = self._kept if mark[0] in self.shared else self._seen
        if mark not in seen:
            seen[mark] = self._computed(body, at, positive, None)
        return seen[mark]

    def forget(self) -> None:
        """Drop what only one rule needs."""
        self._seen.clear()

    def _computed(self, body: t.Bool, at: At, positive: bool, known: Known | None) -> Verdict:
        match body:
            case t.And(parts):
                return reduce(np.minimum, (self.at(p, at, positive, known) for p in parts))
            case t.Or(parts):
                return reduce(np.maximum, (self.at(p, at, positive, known) for p in parts))
            case t.Not(inner):
                return -self.at(inner, at, not positive, known)
            case t.Named(_, _, inner):
                return self.at(inner, at, positive, known)
            case t.TwoSided(yes, no):
                for_it = self.at(yes, at, positive, known)
                return said(for_it == 1, self.at(no, at, not positive, known) == 1)
            case t.Quant():
                return self._quantified(body, at.variant, positive, known)
        return self._test(body, at, known)

    def _test(self, atom: t.Atom, at: At, known: Known | None) -> Verdict:
        """Not applicable is false; what was not found, of a field that only says what was found, is false too."""
        test = at.texts.test(atom)
        verdict = at.table.verdict(test.verdict)
        if test.said:
            verdict = np.where(verdict == 0, np.int8(-1), verdict)
        for place, body in test.senseless:
            verdict = np.where(self.at(body, At(place, at.table)) == 1, np.int8(-1), verdict)
        if known is None or isinstance(atom, t.Known):
            return verdict
        # A test that also lacks a parameter stays unknown.
        complete = at.table.verdict(test.complete) == 1
        return np.where((verdict == 0) & complete, np.int8(1 if known.value else -1), verdict)

    def facts(self, body: t.Bool) -> frozenset[Key]:
        """The facts that a condition hangs on, rows themselves included."""
        if id(body) not in self._facts:
            own: set[Key] = set(t.atom_keys(body)) if isinstance(body, t.Atom) else set()
            if isinstance(body, t.Quant):
                own |= {(body.relation.name, None), *([(body.relation.name, t.EVENT)] if body.kind == "events" else [])}
                own |= self.facts(body.body) if body.body is not None else set()
            for part in t.children(body):
                own |= self.facts(part)
            self._facts[id(body)] = frozenset(own)
        return self._facts[id(body)]

    # -- rows to their owners ------------------------------------------------------------------------------------
    def visible(self, quant: t.Quant, variant: str, positive: bool) -> tuple[Mask, Mask]:
        """The rows that a quantifier sees, and those of them that count as certain.

        Only what has a lower bound does without the rows that holds take out.
        """
        table = self.read.under(quant)
        held = self.held.get(quant.relation.name)
        if variant == "a" or held is None or quant.rising != positive:
            return np.ones(len(table), bool), table.certain
        sure = table.certain & ~held.dead
        return ~held.dead, sure & ~held.marked if variant == "m" else sure

    def in_set(self, quant: t.Quant, known: Known | None = None) -> Verdict:
        """Whether a row is in the quantifier's set."""
        at = self.under(quant)
        verdict = np.ones(len(at.table), np.int8) if quant.body is None else self.at(quant.body, at, True, known)
        absent = at.texts.not_applicable(quant.value) if quant.value is not None else None
        if absent is not None:
            senseless = self.at(absent[1], At(absent[0], at.table)) == 1
            verdict = np.where(senseless, np.int8(-1), verdict)
        return verdict

    def count(self, quant: t.Quant, rows: Mask) -> Floats:
        """How many of these rows each owner has."""
        return np.bincount(self.read.under(quant).home[rows], minlength=len(self.read.ids)).astype(np.float64)

    def _quantified(self, quant: t.Quant, variant: str, positive: bool, known: Known | None) -> Verdict:
        found = self.number(quant, variant, positive, known)
        if quant.kind == "any":
            return said(found.certain > 0, found.possible == 0)
        assert quant.right is not None
        low, high = self.read.reader.own.numbers(quant.right)
        verdict = compare(quant.op, found.ends, (self.read.own.number(low), self.read.own.number(high)))
        if quant.kind in ("min", "max"):  # of nothing: no such row, so no test on it holds
            sure = (found.certain > 0) | (verdict == -1)
            verdict = np.where(found.possible == 0, -1, np.where(sure, verdict, 0)).astype(np.int8)
        return verdict

    def number(self, quant: t.Quant, variant: str = "a", positive: bool = True, known: Known | None = None) -> Number:
        """What the rows of a quantifier come to: how many there are, their sum, least or greatest value."""
        name = quant.relation.name
        seen, sure = self.visible(quant, variant, positive)
        member, extra = self.in_set(quant, known), self.read.extra(quant)
        rows_known = known is not None and known.key == (name, None)
        if rows_known and quant.rising == positive:
            sure = seen
        sure, maybe = sure & (member == 1), seen & (member >= 0)
        if quant.kind == "events":
            certain, possible = self._events(quant, sure, maybe, known)
        else:
            certain, possible = self.count(quant, sure), self.count(quant, maybe)
        possible = possible + extra
        unseen = rows_known and not self.read.reader.rows.loaded[name]
        if unseen:  # were it loaded, a row might be there
            certain = np.ones(len(self.read.ids))
        if quant.value is None:
            return Number(certain, possible, (certain, possible))
        nothing = np.full(len(self.read.ids), np.nan)
        ends = (nothing, nothing) if unseen else self._aggregate(quant, sure, maybe, extra == 0)
        return Number(certain, possible, ends)

    def _events(self, quant: t.Quant, sure: Mask, maybe: Mask, known: Known | None) -> Interval:
        """The fewest and most legal events of these rows. A row without one is of any of them, or of its own."""
        at = self.under(quant)
        event = at.table.number(at.texts.event())
        none = np.isnan(event)

        def of_events(rows: Mask) -> Floats:
            pairs = np.unique(np.stack([at.table.home[rows & ~none], event[rows & ~none]]), axis=1)
            return np.bincount(pairs[0].astype(np.int64), minlength=len(self.read.ids)).astype(np.float64)

        def ends(rows: Mask) -> Interval:
            own = of_events(rows)
            return np.maximum(own, self.count(quant, rows) > 0), own + self.count(quant, rows & none)

        told = known.value if known is not None and known.key == (quant.relation.name, t.EVENT) else None
        return ends(sure)[told is True], ends(maybe)[told is not False]

    def _aggregate(self, quant: t.Quant, sure: Mask, maybe: Mask, all_there: Mask) -> Interval:
        """The smallest and largest possible sum, min or max. Unknown amounts count as 0 or more, never less.

        ``all_there``: the owners below whom nobody is unidentified.
        """
        assert quant.value is not None
        at, n = self.under(quant), len(self.read.ids)
        lo, hi = (at.table.number(column) for column in at.texts.numbers(quant.value))
        bounded = all_there & (self.count(quant, maybe & np.isnan(lo if quant.kind == "min" else hi)) == 0)
        if quant.kind == "sum":
            low = np.where(sure, np.nan_to_num(lo), np.where(maybe, np.minimum(np.nan_to_num(lo), 0), 0))
            high = np.where(sure, np.nan_to_num(hi), np.where(maybe, np.maximum(np.nan_to_num(hi), 0), 0))
            least, most = (np.bincount(at.table.home, v, n).astype(np.float64) for v in (low, high))
            return least, np.where(bounded, most, np.nan)
        at_least, at_most = (sure, maybe) if quant.kind == "max" else (maybe, sure)
        fold = np.fmax if quant.kind == "max" else np.fmin
        low, high = np.full(n, np.nan), np.full(n, np.nan)
        fold.at(low, at.table.home[at_least], lo[at_least])
        fold.at(high, at.table.home[at_most], hi[at_most])
        if quant.kind == "max":
            return low, np.where(bounded, high, np.nan)
        return np.where(bounded, low, np.nan), high


@dataclass(frozen=True)
class Number:
    """Per owner: rows certainly and possibly in the set (nan: no limit), and what they come to, [least, most]."""

    certain: Floats
    possible: Floats
    ends: Interval


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
