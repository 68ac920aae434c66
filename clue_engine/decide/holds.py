"""Holds on rows and households -> who is taken out (dead), who is marked, and the lines of hold_row.

A hold that nothing in the data can decide is told once for the run, not at every row (evaluate_caveat).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import duckdb
import numpy as np

from clue_engine.decide.columns import Read, Verdict
from clue_engine.decide.rows import Rows
from clue_engine.decide.verdicts import Held, Verdicts
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.pack.model import Relation
from clue_engine.workspace import ident

REMOVING = ("suppress", "hold")  # actions of holds that take rows out
Caveat = tuple[str, str, str]


@dataclass(frozen=True)
class Ruling:
    """How a hold is to be read on these data. ``when`` None: nothing can make it true."""

    hold: CheckedHold
    when: t.Bool | None
    doubts: bool = True  # whether a row that it cannot decide is told

    def outcome(self, read: Read) -> Verdict:
        """Of each row of the hold's relation: 1 held, 2 in doubt, 0 not held."""
        found = _said(read, self.hold.relation, self.when)
        return np.where(found == 1, 1, np.where((found == 0) & self.doubts, 2, 0)).astype(np.int8)


def _said(read: Read, relation: Relation, when: t.Bool | None) -> Verdict:
    if when is None:
        return np.full(len(read.table(relation)), -1, np.int8)
    return Verdicts(read).on_rows(relation, when)


def rule_on(
    holds: Sequence[CheckedHold], empty: Mapping[str, Sequence[str]], rows: Rows, reads: Iterable[Read]
) -> tuple[list[Ruling], list[Caveat]]:
    """How each hold is to be read, and what is to be said once. ``reads``: all households, part by part."""
    rulings = {}
    for each in holds:
        fields = {(each.relation.name, name) for name in empty.get(each.hold.id, ())}
        rulings[each.hold.id] = Ruling(each, _without(each.when, fields) if fields else each.when)
    n_rows, n_decided, n_quiet = (dict.fromkeys(rulings, 0) for _ in range(3))
    for read in reads:
        for hold_id, own in rulings.items():
            found = _said(read, own.hold.relation, own.when)
            n_rows[hold_id] += len(found)
            n_decided[hold_id] += int((found != 0).sum())
            if hold_id in empty:
                whole = _said(read, own.hold.relation, own.hold.when)
                n_quiet[hold_id] += int(((whole == 0) & (found == -1)).sum())
    caveats = []
    for hold_id, own in rulings.items():
        hold = own.hold.hold
        if n_quiet[hold_id]:
            caveats += [("HOLD_FIELD_EMPTY", hold_id, name) for name in empty[hold_id]]
        # A restriction stands where nothing is known as well: one missing file must not show a protected person.
        may_wait = hold.not_loaded == "caveat" and hold.unknown != "restrict" and not all(rows.loaded.values())
        # a hold that waits at no row and whose fields some row has: the source is there, and these rows are in doubt
        may_wait = may_wait and not (hold.unknown == "keep" and hold_id not in empty and _own_fields(own.hold))
        if may_wait and n_rows[hold_id] and not n_decided[hold_id]:  # its source is not there
            caveats.append(("HOLD_NOT_LOADED", hold_id, hold.title))
            rulings[hold_id] = replace(own, doubts=False)
    return list(rulings.values()), caveats


def empty_fields(con: duckdb.DuckDBPyConnection, holds: Sequence[CheckedHold], rows: Rows) -> dict[str, list[str]]:
    """Hold -> the fields that it reads on its rows and that no row has: they are told once, not at every row.

    Only for holds that keep a row in doubt as it is; a mark or a restriction must stand at each row.
    """
    fields: dict[str, dict[str, str]] = {}  # per relation: field -> its column
    used: dict[str, list[str]] = {}
    for each in holds:
        if each.relation.label == HOUSEHOLD or each.hold.unknown != "keep":
            continue
        columns = _own_fields(each)
        fields.setdefault(each.relation.name, {}).update(columns)
        used[each.hold.id] = list(columns)
    nowhere: dict[str, set[str]] = {}
    for relation, columns in fields.items():
        counts = "".join(f", count({column})" for column in columns.values())
        n_rows, *filled = con.execute(f"select count(*){counts} from {rows.tables[relation]}").fetchall()[0]
        nowhere[relation] = {name for name, n in zip(columns, filled, strict=True) if n_rows and not n}
    relations = {each.hold.id: each.relation.name for each in holds}
    found = {hold_id: [name for name in own if name in nowhere[relations[hold_id]]] for hold_id, own in used.items()}
    return {hold_id: own for hold_id, own in found.items() if own}


def _own_fields(each: CheckedHold) -> dict[str, str]:
    """The fields of its own rows that a hold reads, each with its column; none for a hold on households."""
    if each.relation.label == HOUSEHOLD:
        return {}
    refs = [ref for node in t.walk(each.when) if isinstance(node, t.Atom) for ref in t.atom_refs(node)]
    own = {r.field.name: r.field for r in refs if isinstance(r, t.FieldRef) and r.relation == each.relation}
    return {f.name: ident(f.name + "_lo" if f.interval else f.name) for f in own.values()}


def _without(node: t.Bool, facts: Set[tuple[str, str]]) -> t.Bool | None:
    """The condition with every test on these facts taken as no; None where nothing else can make it true."""
    match node:
        case t.Or(parts):
            kept = tuple(p for p in (_without(part, facts) for part in parts) if p is not None)
            return t.Or(kept) if len(kept) > 1 else kept[0] if kept else None
        case t.And(parts):
            joint = tuple(_without(part, facts) for part in parts)
            return None if None in joint else t.And(tuple(p for p in joint if p is not None))
        case t.Named(_, _, body):
            inner = _without(body, facts)
            return None if inner is None else replace(node, body=inner)
        case t.Not() | t.TwoSided() | t.Quant() | t.Known():
            return node
    return None if any(key in facts for key in t.atom_keys(node)) else node


class Holds:
    """What the holds say of the households read."""

    def __init__(self, rulings: Sequence[Ruling], read: Read):
        self.read = read
        self.outcomes = {own.hold.hold.id: own.outcome(read) for own in rulings}
        self._holds = [own.hold for own in rulings]

    def knows(self, relation: Relation) -> bool:
        """Whether any condition reads its rows."""
        return relation == self.read.reader.owner or (relation.name, "") in self.read.tables

    def held(self, direction: str, relation: Relation) -> Held:
        """Who is taken out of a direction, and who is marked in it."""
        n = len(self.read.table(relation))
        dead, marked = np.zeros(n, bool), np.zeros(n, bool)
        for each in self._holds:
            hold = each.hold
            if each.relation != relation or hold.action not in REMOVING:
                continue
            if hold.directions and direction not in hold.directions:
                continue
            outcome = self.outcomes[hold.id]
            dead |= outcome == 1
            if hold.unknown == "mark":
                marked |= outcome == 2
        return Held(dead, marked)

    def rows(self) -> Iterator[tuple[CheckedHold, Verdict]]:
        """Per hold its outcome on each row."""
        return ((each, self.outcomes[each.hold.id]) for each in self._holds)
