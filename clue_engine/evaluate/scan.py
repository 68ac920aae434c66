"""One rule over the households read -> its hits and lost hits, their witnesses and missing facts."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

import duckdb
import numpy as np

from clue_engine.decide.columns import Mask, Verdict
from clue_engine.decide.holds import Holds
from clue_engine.decide.missing import decides, missing_facts
from clue_engine.decide.verdicts import Verdicts
from clue_engine.evaluate.tables import Lines
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedRule
from clue_engine.pack.model import Relation


@dataclass
class Tally:
    """What rule_run says of a rule."""

    seconds: float = 0.0
    n_hit: int = 0
    n_unknown: int = 0
    n_lost: int = 0


@dataclass
class Found:
    """The lines of each table."""

    hit: Lines = field(default_factory=lambda: Lines("hit"))
    lost_hit: Lines = field(default_factory=lambda: Lines("lost_hit"))
    witness: Lines = field(default_factory=lambda: Lines("witness"))
    hold_row: Lines = field(default_factory=lambda: Lines("hold_row"))
    missing_fact: Lines = field(default_factory=lambda: Lines("missing_fact"))
    measure: Lines = field(default_factory=lambda: Lines("measure"))
    measure_witness: Lines = field(default_factory=lambda: Lines("measure_witness"))
    measure_missing: Lines = field(default_factory=lambda: Lines("measure_missing"))

    def insert(self, con: duckdb.DuckDBPyConnection) -> None:
        for lines in vars(self).values():
            lines.insert(con)


@dataclass
class Directions:
    """The households read, by the direction of a rule: which rows holds take out differs. ``shared``: see Verdicts."""

    holds: Holds
    relations: Sequence[Relation]
    shared: Set[int]
    _verdicts: dict[str, Verdicts] = field(default_factory=dict)

    def verdicts(self, direction: str) -> Verdicts:
        if direction not in self._verdicts:
            held = {r.name: self.holds.held(direction, r) for r in self.relations if self.holds.knows(r)}
            self._verdicts[direction] = Verdicts(self.holds.read, held, self.shared)
        return self._verdicts[direction]


def scan(rule: CheckedRule, body: t.Bool, directions: Directions, found: Found, tally: Tally) -> Mask:
    """One rule, its condition opened, over the households read; which of them it lists, held ones included."""
    rule_id, direction = rule.rule.id, rule.rule.direction
    verdicts = directions.verdicts(direction)
    read = verdicts.read
    everything, survivors, unmarked = (verdicts.condition(body, variant) for variant in "asm")
    home = verdicts.held[read.reader.owner.name]
    outcome = np.where(home.dead, 0, np.where(survivors == 1, 1, np.where(survivors == 0, 2, 0))).astype(np.int8)
    chosen = np.flatnonzero(outcome)
    pending = (survivors == 1) & ((unmarked != 1) | home.marked)
    found.hit.add(
        len(chosen), household_id=read.ids[chosen], direction=direction, rule_id=rule_id, outcome=outcome[chosen],
        pending=pending[chosen],
    )  # fmt: skip
    lost: Mask = (everything >= 0) & ((survivors == -1) | home.dead)
    gone = np.flatnonzero(lost)
    found.lost_hit.add(
        len(gone), household_id=read.ids[gone], direction=direction, rule_id=rule_id,
        outcome=np.where(everything[gone] == 1, 1, 2),
    )  # fmt: skip
    add_witnesses(found.witness, rule_id, body, verdicts, outcome)
    add_missing(found.missing_fact, rule_id, body, verdicts, outcome == 2)
    tally.n_hit += int((outcome == 1).sum())
    tally.n_unknown += int((outcome == 2).sum())
    tally.n_lost += len(gone)
    lost |= outcome > 0
    verdicts.forget()
    return lost


def suggest(measure: CheckedRule, body: t.Bool, directions: Directions, listed: Mask, found: Found) -> None:
    """One measure over the listed households: 1 it fits, 2 it may fit. A row that a hold leaves in doubt is a doubt."""
    verdicts = directions.verdicts(measure.rule.direction)
    survivors, unmarked = (verdicts.condition(body, variant) for variant in "sm")
    home = verdicts.held[verdicts.read.reader.owner.name]
    sure = (survivors == 1) & (unmarked == 1) & ~home.marked
    outcome = np.where(listed & ~home.dead & (survivors >= 0), np.where(sure, 1, 2), 0).astype(np.int8)
    chosen = np.flatnonzero(outcome)
    found.measure.add(
        len(chosen), household_id=verdicts.read.ids[chosen], measure_id=measure.rule.id, outcome=outcome[chosen]
    )
    add_witnesses(found.measure_witness, measure.rule.id, body, verdicts, outcome)
    add_missing(found.measure_missing, measure.rule.id, body, verdicts, (outcome == 2) & (survivors == 0))
    verdicts.forget()


def add_missing(lines: Lines, rule_id: str, body: t.Bool, verdicts: Verdicts, unknown: Mask) -> None:
    """Lines of missing_fact for the households where an opened rule is unknown."""
    for key, where in missing_facts(body, verdicts, unknown).items():
        chosen = np.flatnonzero(where)
        lines.add(
            len(chosen), household_id=verdicts.read.ids[chosen], rule_id=rule_id, relation=key[0], field=key[1],
            decides=decides(body, verdicts, key)[chosen],
        )  # fmt: skip


def add_hold_rows(lines: Lines, holds: Holds, listed: Verdict) -> None:
    """Lines of hold_row for the listed households; all that surely restrict: others in the case may be listed."""
    for each, outcome in holds.rows():
        table = holds.read.table(each.relation)
        told = (outcome > 0) & listed[table.home]
        chosen = np.flatnonzero(told | (outcome == 1) if each.hold.action == "restrict" else told)
        for direction in each.hold.directions or ("*",):
            lines.add(
                len(chosen), hold_id=each.hold.id, direction=direction, relation=each.relation.name,
                household_id=holds.read.ids[table.home[chosen]], row_id=table.row_id[chosen],
                outcome=outcome[chosen],
            )  # fmt: skip


# -- Witness rows: which rows make a rule's quantifier true, or possibly true, for households that are listed ----------
_NONE = np.int8(9)


def add_witnesses(lines: Lines, rule_id: str, body: t.Bool, verdicts: Verdicts, outcome: Verdict) -> None:
    """Rows behind hits (true ones) and unknowns (true and possible ones). ``outcome`` per household: 1, 2, or 0."""
    found: dict[str, Verdict] = {}
    tables = {}
    for quant in rising_quantifiers(body):
        table, member = verdicts.read.under(quant), verdicts.in_set(quant)
        seen, sure = verdicts.visible(quant, "s", quant.rising)
        listed = outcome[table.home]
        true = sure & (member == 1)
        own = np.where(true & (listed > 0), 1, np.where(seen & (member >= 0) & (listed == 2), 2, _NONE))
        tables[quant.relation.name] = table
        found[quant.relation.name] = np.minimum(found.get(quant.relation.name, _NONE), own.astype(np.int8))
    for relation, own in sorted(found.items()):
        table = tables[relation]
        chosen = np.flatnonzero(own < _NONE)
        chosen = chosen[np.lexsort((table.row_id[chosen], table.home[chosen]))]
        lines.add(
            len(chosen), household_id=verdicts.read.ids[table.home[chosen]], rule_id=rule_id, relation=relation,
            row_id=table.row_id[chosen], outcome=own[chosen],
        )  # fmt: skip


def rising_quantifiers(body: t.Bool, positive: bool = True) -> list[t.Quant]:
    """Quantified tests that more rows can only help; the others are proved by the absence of rows."""
    if isinstance(body, t.Quant):
        return [body] if body.rising == positive else []
    if isinstance(body, t.Not):
        return rising_quantifiers(body.body, not positive)
    return [q for part in t.children(body) for q in rising_quantifiers(part, positive)]
