"""Why a rule says what it says of one household: the condition as a tree of verdicts, with the values it saw.

Comes in: the fact tables and hold_row of a run. Goes out: a tree of ``Seen``; computed by the oracle on that
household's rows, and the same as the scan says (a property test keeps them equal).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clue_engine.errors import ClueError
from clue_engine.evaluate.base import REMOVING
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.enrich import KIN, coverage
from clue_engine.language.opened import opened
from clue_engine.language.oracle import Oracle, Place, Row, World
from clue_engine.language.oracle_values import Interval, elapsed
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, ident


@dataclass(frozen=True)
class SeenValue:
    """A fact that a test read. ``value`` is (lo, hi) for an interval; ``sensitivity`` says whether to mask it."""

    relation: str
    field: str
    label: str
    value: Any
    sensitivity: str = "normal"
    holder: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Bound:
    """The two sides of a comparison, [lo, hi] each. ``unit``: 元, %, 天, 月, 岁; a span is counted in its bound's."""

    left: Interval
    right: Interval
    unit: str = ""


@dataclass(frozen=True)
class SeenRow:
    """A row that a quantifier looked at; ``held``: the holds that took it out or marked it for this direction."""

    relation: str
    row_id: int
    certain: bool
    verdict: bool | None
    held: tuple[str, ...]
    seen: Seen | None


@dataclass(frozen=True)
class Seen:
    """kind: and | or | not | two_sided | definition | quantifier | test. ``text``: what the author wrote."""

    kind: str
    text: str
    verdict: bool | None
    values: tuple[SeenValue, ...] = ()
    parts: tuple[Seen, ...] = ()
    rows: tuple[SeenRow, ...] = ()
    bound: Bound | None = None


def explain(ws: Workspace, pack: Pack, as_of: dt.date, household_id: int, rule_id: str) -> Seen:
    """The tree of a rule for one household. Raises ClueError for an unknown household or a rule with errors."""
    checked, _ = check_pack(pack)
    if rule_id not in checked.rules:
        reason = checked.wrong.get(rule_id, "没有这条规则")
        raise ClueError("CE-U10", f"规则 {rule_id} 不能解释：{reason}", hint="先运行 clue-engine rules check")
    return look(ws, checked, as_of, household_id, rule_id).seen()


@dataclass(frozen=True)
class Look:
    """One household and one rule: the condition, opened, the rows around it, what holds took out or marked."""

    body: t.Bool
    home: Row
    oracle: Oracle
    held: Mapping[tuple[str, int], tuple[str, ...]]

    def seen(self) -> Seen:
        return _Explainer(self.oracle, self.held).seen(self.body, Place(self.home), True)


def look(ws: Workspace, checked: CheckedPack, as_of: dt.date, household_id: int, rule_id: str) -> Look:
    """What a rule of a checked pack has before it. Raises CE-U13 for an unknown household."""
    rule = checked.rules[rule_id]
    world, held = _world(ws, checked, household_id, rule.rule.direction)
    homes = [h for h in world.rows[checked.vocabulary.household.name] if h["household_id"] == household_id]
    if not homes:
        raise ClueError("CE-U13", f"没有编号为 {household_id} 的户", hint="编号见名单或 clue-engine show")
    oracle = Oracle(checked.vocabulary, as_of, world, "s")
    return Look(opened(rule.when, checked.vocabulary), homes[0], oracle, held)


def _world(
    ws: Workspace, checked: CheckedPack, household_id: int, direction: str
) -> tuple[World, Mapping[tuple[str, int], tuple[str, ...]]]:
    """The household's rows, and those of other households in the same events; which rows are held."""
    tables = {r.name: ident(r.table) for r in checked.pack.relations if ws.has_table(r.table)}
    events = " union ".join(
        f"select event_id from {x} where household_id = {int(household_id)}" for x in tables.values()
    )
    near = f"household_id = {int(household_id)} or event_id in ({events})"
    rows = {name: ws.dicts(f"select * from {table} where {near} order by row_id") for name, table in tables.items()}
    homes = {r["household_id"] for own in rows.values() for r in own}
    home = checked.vocabulary.household.name
    if homes and home in tables:
        ids = ", ".join(str(int(h)) for h in sorted(homes))
        rows[home] = ws.dicts(f"select * from {tables[home]} where household_id in ({ids}) order by row_id")
    kin = ws.rows(f"select household_id, person_id, link, other_person_id from {KIN}" +
                  f" where household_id = {int(household_id)}") if ws.has_table(KIN) else []  # fmt: skip
    holds = {h.id: h for h in checked.pack.holds}
    dead: dict[str, set[int]] = {}
    held: dict[tuple[str, int], tuple[str, ...]] = {}
    lines = ws.rows(
        "select hold_id, relation, row_id, outcome from hold_row where household_id = ? and direction in ('*', ?)",
        [household_id, direction],
    ) if ws.has_table("hold_row") else []  # fmt: skip
    for hold_id, relation, row_id, outcome in sorted(lines):
        hold = holds.get(hold_id)
        if hold is None or hold.action not in REMOVING:
            continue
        if outcome == 1:
            dead.setdefault(relation, set()).add(row_id)
        if outcome == 1 or hold.unknown == "mark":
            held[relation, row_id] = (*held.get((relation, row_id), ()), hold_id)
    loaded = coverage(ws.con, checked.pack.relations)
    full = {r.name: rows.get(r.name, []) for r in checked.pack.relations}
    return World(full, kin, loaded, dead), held


@dataclass
class _Explainer:
    oracle: Oracle
    held: Mapping[tuple[str, int], tuple[str, ...]]

    def seen(self, body: t.Bool, at: Place, positive: bool) -> Seen:
        verdict = self.oracle.condition(body, at, positive)
        match body:
            case t.And(parts) | t.Or(parts):
                kind = "and" if isinstance(body, t.And) else "or"
                return Seen(kind, "", verdict, parts=tuple(self.seen(p, at, positive) for p in parts))
            case t.Not(t.Known() as known) if known.written_missing:
                return Seen("test", known.text, verdict, self.values(known, at))
            case t.Not(t.Test() | t.InSet() | t.Contains() | t.IsTrue() as inner, text) if text:
                return Seen("test", text, verdict, self.values(inner, at))
            case t.Not(t.And(parts), text) if text and all(isinstance(p, t.Test) for p in parts):
                seen = dict.fromkeys(v for p in parts for v in self.values(p, at))  # not between
                return Seen("test", text, verdict, tuple(seen))
            case t.Not(inner, text):
                return Seen("not", text, verdict, parts=(self.seen(inner, at, not positive),))
            case t.Named(relation, definition, inner):
                text = f"{relation.label}.{definition.label}"
                return Seen("definition", text, verdict, parts=(self.seen(inner, at, positive),))
            case t.TwoSided(yes, no):
                sides = (self.seen(yes, at, positive), self.seen(no, at, not positive))
                return Seen("two_sided", "", verdict, parts=sides)
            case t.Quant():
                return self.quantifier(body, at, positive)
            case t.DefBool() if t.LEAF in body.definition.label:
                return self.inside(body, at)
        bound = self.bound(body, at) if isinstance(body, t.Test) else None
        return Seen("test", t.shown(body), verdict, self.values(body, at), bound=bound)

    def inside(self, leaf: t.DefBool, at: Place) -> Seen:
        """A quantified test inside a definition, shown with the rows along its link; holds do not touch it."""
        vocabulary = self.oracle.vocabulary
        checked = vocabulary.definitions[leaf.relation.name, leaf.definition.label]
        row = at.of(leaf.scope)
        home = row if leaf.scope == "household" else at.household
        assert checked.body is not None
        inner = _Explainer(Oracle(vocabulary, self.oracle.as_of, self.oracle.world, "a", cache=self.oracle.cache), {})
        return inner.seen(checked.body, Place(home, row), True)

    def quantifier(self, quant: t.Quant, at: Place, positive: bool) -> Seen:
        oracle, name = self.oracle, quant.relation.name
        verdict = oracle.quantified(quant, at, positive)
        variant = oracle.variant if quant.rising == positive else "a"
        rows = []
        for row, linked in oracle.linked(quant, at):
            inner = oracle.inner(quant, row, at)
            held = self.held.get((name, row["row_id"]), ())
            out = variant == "s" and row["row_id"] in oracle.world.dead.get(name, ())
            seen = None if quant.body is None else self.seen(opened(quant.body, oracle.vocabulary), inner, True)
            met = False if out else True if seen is None else seen.verdict
            rows.append(SeenRow(name, row["row_id"], bool(row["certain"]) and linked, met, held, seen))
        values = tuple(self.value(r, at) for r in (t.value_refs(quant.right) if quant.right is not None else []))
        bound = None
        if quant.right is not None:
            members, extra = oracle.members(quant, at, variant)
            number = oracle.number(quant, members, extra, at)
            bound = Bound(number, oracle.value(quant.right, at), _unit(quant.right.type))
        return Seen("quantifier", quant.text, verdict, values, rows=tuple(rows), bound=bound)

    def bound(self, test: t.Test, at: Place) -> Bound | None:
        """Both sides of a comparison of numbers, days or spans."""
        left, right = test.left, self.oracle.value(test.right, at)
        while isinstance(left, t.NamedValue):
            left = left.value
        if isinstance(left, t.Span):
            start, end, unit = self.oracle.value(left.start, at), self.oracle.value(left.end, at), test.right.type.unit
            return Bound((elapsed(start[1], end[0], unit), elapsed(start[0], end[1], unit)), right, unit)
        if left.type.kind == "date":
            return Bound(self.oracle.value(left, at), right, "天")
        return Bound(self.oracle.value(left, at), right, _unit(left.type)) if left.type.numeric else None

    def values(self, atom: t.Bool, at: Place) -> tuple[SeenValue, ...]:
        if not isinstance(atom, t.Test | t.InSet | t.Contains | t.IsTrue | t.Known):
            return ()
        return tuple(self.value(r, at) for r in dict.fromkeys(t.atom_refs(atom)))

    def value(self, ref: t.FieldRef | t.DefValue, at: Place) -> SeenValue:
        low, high = self.oracle.value(ref, at)
        value = low if low == high else (low, high)
        if isinstance(ref, t.DefValue):
            return SeenValue(ref.relation.name, ref.definition.label, ref.definition.label, value)
        each = ref.field
        unit = _unit(ref.type)
        return SeenValue(ref.relation.name, each.name, each.label, value, each.sensitivity, each.holder, unit)


def _unit(found: t.Type) -> str:
    """The unit in which a value is shown."""
    return {"money": "元", "share": "%", "duration": found.unit}.get(found.kind, "")
