"""Evaluates a typed condition over rows as dicts, in plain Python: the reference that the evaluator must agree with.

One household at a time, one row at a time, True / False / None. For tests only: nothing of the program uses it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from language.oracle_values import (
    Interval,
    Verdict,
    add_months,
    aggregate,
    calculate,
    compare,
    k_and,
    k_not,
    k_or,
    parameter_on,
    span,
)

from clue_engine.language import types as t
from clue_engine.language.compile import parameters_of
from clue_engine.language.vocabulary import HOUSEHOLD, Vocabulary
from clue_engine.pack.model import Link, Parameter, Relation

Row = Mapping[str, Any]


@dataclass
class World:
    """Fact rows by relation name, kin lines (household, person, link, other person), what is loaded.

    ``dead`` and ``marked``: row_ids by relation that holds took out or marked.
    """

    rows: Mapping[str, Sequence[Row]]
    kin: Sequence[tuple[Any, Any, str, Any]] = ()
    loaded: Mapping[str, bool] = field(default_factory=dict)
    dead: Mapping[str, set[Any]] = field(default_factory=dict)
    marked: Mapping[str, set[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """The rows that names refer to."""

    household: Row
    row: Row | None = None
    outer: Row | None = None

    def of(self, scope: str) -> Row:
        found = {"household": self.household, "row": self.row, "outer": self.outer}[scope]
        assert found is not None
        return found


@dataclass
class Member:
    """A row in a quantifier's set: certainly (True) or possibly (None)."""

    row: Row
    verdict: Verdict


@dataclass
class Oracle:
    vocabulary: Vocabulary
    as_of: dt.date
    world: World
    variant: str = "a"  # a: all rows; s: without dead rows; m: marked rows only possible
    assume: Mapping[tuple[str, str], bool] = field(default_factory=dict)  # missing facts taken as given
    surely: str = ""  # a relation whose surviving rows count as certain, and that counts as loaded
    cache: dict[tuple[str, str, Any], Any] = field(default_factory=dict)

    def outcome(self, body: t.Bool, household: Row, variant: str = "a") -> Verdict:
        self.variant = variant
        return self.condition(body, Place(household))

    # -- booleans ------------------------------------------------------------------------------------------------
    def condition(self, body: t.Bool, at: Place, positive: bool = True) -> Verdict:
        match body:
            case t.And(parts):
                return k_and([self.condition(p, at, positive) for p in parts])
            case t.Or(parts):
                return k_or([self.condition(p, at, positive) for p in parts])
            case t.Not(inner):
                return k_not(self.condition(inner, at, not positive))
            case t.Named(_, _, inner):
                return self.condition(inner, at, positive)
            case t.TwoSided(yes, no):
                if self.condition(yes, at, positive) is True:
                    return True
                return False if self.condition(no, at, not positive) is True else None
            case t.Quant():
                return self.quantified(body, at, positive)
        return self.atom(body, at)

    def atom(self, atom: t.Atom, at: Place) -> Verdict:
        if isinstance(atom, t.Known):
            return None not in self.value(atom.value, at)
        fields = [r for r in t.atom_refs(atom) if isinstance(r, t.FieldRef)]
        if any(self.senseless(r, at) for r in fields):
            return False
        found = self.test(atom, at)
        if found is None and any(r.field.missing.kind == "said" for r in fields):
            return False
        if found is None and self.assume:
            return self.assumed(atom, at)
        return found

    def assumed(self, atom: t.Atom, at: Place) -> Verdict:
        if any(self.parameter(p, at) is None for p in parameters_of(atom)):
            return None
        return next((self.assume[k] for k in t.atom_keys(atom) if k in self.assume), None)

    def senseless(self, ref: t.FieldRef, at: Place) -> bool:
        body = self.vocabulary.not_applicable.get((ref.relation.name, ref.field.name))
        if body is None:
            return False
        row = at.of(ref.scope)
        home = row if ref.scope == "household" else at.household
        before, self.assume = self.assume, {}
        verdict = self.condition(body, Place(home, row))
        self.assume = before
        return verdict is True

    def test(self, atom: t.Atom, at: Place) -> Verdict:
        match atom:
            case t.IsTrue(value, want):
                found = self.value(value, at)[0]
                return None if found is None else bool(found) == want
            case t.DefBool(relation, definition, scope):
                verdict = self.definition(relation, definition.label, at.of(scope))
                return None if verdict is None else bool(verdict)
            case t.InSet(value, members, _, perhaps):
                allowed = self.constants(members, at)
                own = self.value(value, at)
                if allowed is None or (own[0] in perhaps and own[0] not in allowed):
                    return None
                return k_or([compare("=", own, (m, m)) for m in allowed])
            case t.Contains(value, words, not_after):
                found, allowed = self.value(value, at)[0], self.constants(words, at)
                if found is None or allowed is None:
                    return None
                if value.type.kind == "codes":
                    return any(w in found for w in allowed)
                return any(_stands(found, str(w), not_after) for w in allowed)
            case t.Test(op, left, right):
                while isinstance(left, t.NamedValue):
                    left = left.value
                if isinstance(left, t.Span):
                    length = self.value(right, at)[0]
                    ends = self.value(left.start, at), self.value(left.end, at)
                    return span(op, *ends, length, right.type.unit)
                return compare(op, self.value(left, at), self.value(right, at))
        raise TypeError(atom)

    def constants(self, members: tuple[object, ...] | t.ParamRef, at: Place) -> tuple[object, ...] | None:
        if not isinstance(members, t.ParamRef):
            return members
        found = self.parameter(members.parameter, at)
        return found if found is None or isinstance(found, tuple) else (found,)

    def parameter(self, parameter: Parameter, at: Place) -> Any:
        column = self.vocabulary.region_field()
        region = at.household.get(column.name) if column else None
        return parameter_on(parameter, self.as_of, self.vocabulary.pack.region if region is None else region)

    # -- values --------------------------------------------------------------------------------------------------
    def value(self, value: t.Value, at: Place) -> Interval:
        match value:
            case t.FieldRef(_, each, scope):
                row = at.of(scope)
                if each.interval:
                    return row.get(each.name + "_lo"), row.get(each.name + "_hi")
                return (row.get(each.name),) * 2
            case t.Const(constant):
                return (constant,) * 2
            case t.ParamRef(parameter):
                return (self.parameter(parameter, at),) * 2
            case t.AsOf():
                return (self.as_of,) * 2
            case t.Arith(op, left, right, found) if found.kind == "date":
                return self.shift(op, self.value(left, at), self.value(right, at), right.type.unit)
            case t.Arith(op, left, right):
                ends = self.value(left, at), self.value(right, at)
                return calculate(op, *ends, t.is_point(left), t.is_point(right))
            case t.NamedValue(_, _, inner):
                return self.value(inner, at)
            case t.DefValue(relation, definition, scope):
                stored: Interval = self.definition(relation, definition.label, at.of(scope))
                return stored
            case t.AggValue(quant):
                members, extra = self.members(quant, at, "a")
                return self.number(quant, members, extra, at)
        raise TypeError(value)

    def shift(self, op: str, date: Interval, length: Interval, unit: str) -> Interval:
        def move(day: dt.date | None, n: float | None) -> dt.date | None:
            if day is None or n is None:
                return None
            steps = int(n) if op == "+" else -int(n)
            if unit == "天":
                return day + dt.timedelta(days=steps)
            return add_months(day, steps * (12 if unit == "岁" else 1))

        low, high = length if op == "+" else (length[1], length[0])
        return move(date[0], low), move(date[1], high)

    def definition(self, relation: Relation, label: str, row: Row) -> Any:
        """The value of a computed definition on a row; holds do not touch it."""
        key = (relation.name, label, row["row_id"])
        if key not in self.cache:
            checked = self.vocabulary.definitions[relation.name, label]
            home = row if relation.label == HOUSEHOLD else self.home(row)
            at = Place(home, row)
            before, self.variant, self.assume, self.surely = (self.variant, self.assume, self.surely), "a", {}, ""
            if checked.body is not None:
                self.cache[key] = self.condition(checked.body, at)
            elif checked.value is not None:
                self.cache[key] = self.value(checked.value, at)
            self.variant, self.assume, self.surely = before
        return self.cache[key]

    def home(self, row: Row) -> Row:
        homes = self.world.rows[self.vocabulary.household.name]
        return next((h for h in homes if h["household_id"] == row["household_id"]), {"row_id": None})

    # -- quantifiers ---------------------------------------------------------------------------------------------
    def quantified(self, quant: t.Quant, at: Place, positive: bool) -> Verdict:
        variant = self.variant if quant.rising == positive else "a"
        members, extra = self.members(quant, at, variant)
        some = any(m.verdict for m in members)
        nothing = not members and extra == 0
        if quant.relation.name == self.surely and not self.world.loaded.get(self.surely, True):
            some = True  # were it loaded, a row might be there
        if quant.kind == "any":
            return True if some else False if nothing else None
        assert quant.right is not None
        found = compare(quant.op, self.number(quant, members, extra, at), self.value(quant.right, at))
        if quant.kind in ("min", "max"):
            if nothing:
                return False
            if not some and found:
                return None
        return found

    def number(self, quant: t.Quant, members: list[Member], extra: int | None, at: Place) -> Interval:
        if quant.kind == "events":
            told = self.assume.get((quant.relation.name, t.EVENT))
            ends = [self.events([m.row for m in own]) for own in ([m for m in members if m.verdict], members)]
            if quant.relation.name == self.surely and not self.world.loaded.get(self.surely, True):
                ends[0] = (1, 1)
            least, most = ends[0][told is True], ends[1][told is not False]
            return float(least), None if extra is None else float(most + extra)
        if quant.kind == "count":
            sure = sum(1 for m in members if m.verdict)
            if quant.relation.name == self.surely and not self.world.loaded.get(self.surely, True):
                sure = 1
            return float(sure), None if extra is None else float(len(members) + extra)
        assert quant.value is not None
        values = [
            (m.verdict is True, self.value(quant.value, self.inner(quant, m.row, at))) for m in members
        ]  # fmt: skip
        low, high = aggregate(quant.kind, values)
        if extra == 0:
            return low, high
        return (None, high) if quant.kind == "min" else (low, None)

    def events(self, rows: list[Row]) -> tuple[int, int]:
        """Fewest and most: those without an event are of one of the others, or each of its own."""
        known = {r["event_id"] for r in rows} - {None}
        return max(len(known), min(len(rows), 1)), len(known) + sum(r["event_id"] is None for r in rows)

    def inner(self, quant: t.Quant, row: Row, at: Place) -> Place:
        return Place(at.household, row, at.row if at.row is not None else at.household)

    def members(self, quant: t.Quant, at: Place, variant: str) -> tuple[list[Member], int | None]:
        """The rows in the set, certainly or possibly, and how many more there may be (None: no limit)."""
        found = []
        name = quant.relation.name
        for row, linked in self.linked(quant, at):
            if variant in "sm" and row["row_id"] in self.world.dead.get(name, ()):
                continue
            inner = self.inner(quant, row, at)
            verdict = True if quant.body is None else self.condition(quant.body, inner)
            if isinstance(quant.value, t.FieldRef) and self.senseless(quant.value, inner):
                verdict = False
            if verdict is False:
                continue
            sure = (bool(row["certain"]) and linked) or (variant == "s" and name == self.surely)
            if variant == "m" and row["row_id"] in self.world.marked.get(name, ()):
                sure = False
            found.append(Member(row, True if verdict and sure else None))
        return found, self.unidentified(quant, at)

    def linked(self, quant: t.Quant, at: Place) -> list[tuple[Row, bool]]:
        """Rows that a quantifier ranges over, each with whether the link itself is certain."""
        rows = self.world.rows.get(quant.relation.name, ())
        home = at.household["household_id"]
        same_home = [r for r in rows if r["household_id"] == home]
        link = quant.link
        if link is None:
            return [(r, True) for r in same_home]
        this = at.row if at.row is not None else at.household
        if link.via == "event":
            return [(r, True) for r in rows if r["event_id"] is not None and r["event_id"] == this["event_id"]]
        me = this["person_id"]
        if link.via == "person":
            return [(r, True) for r in same_home if me is not None and r["person_id"] == me]
        if link.via == "household_others":
            others = [r for r in same_home if r is not this]
            return [
                (r, None not in (me, r["person_id"]))
                for r in others
                if me is None or r["person_id"] is None or r["person_id"] != me
            ]
        kin = self.relatives(link, home, me)
        return [(r, True) for r in same_home if r["person_id"] in kin]

    def relatives(self, link: Link, home: Any, me: Any) -> set[Any]:
        if me is None:
            return set()
        return {o for h, p, w, o in self.world.kin if (h, p, w) == (home, me, link.via[4:]) and o is not None}

    def unidentified(self, quant: t.Quant, at: Place) -> int | None:
        if not self.world.loaded.get(quant.relation.name, True):
            return None
        link = quant.link
        if link is None:
            return 0
        this = at.row if at.row is not None else at.household
        if link.open and (link.most is None or not link.via.startswith("kin:")):
            return None
        if this["event_id" if link.via == "event" else "person_id"] is None:
            return None
        if not link.open or link.most is None:
            return 0
        return max(link.most - len(self.relatives(link, this["household_id"], this["person_id"])), 0)


def _stands(text: str, word: str, not_after: tuple[str, ...]) -> bool:
    """Whether ``word`` occurs where none of ``not_after`` stands right before it."""
    at = text.find(word)
    while at >= 0:
        if not text[:at].endswith(not_after or ("\x00",)):
            return True
        at = text.find(word, at + 1)
    return False
