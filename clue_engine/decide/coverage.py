"""Mutation coverage: which share of the small mistakes one could make in a rule its own tests would notice.

Comes in: a checked pack. Goes out: per rule or hold how many mutants there are, how many a test kills, and the
survivors, each with a test that would kill it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from clue_engine.decide.mutants import run_mutants
from clue_engine.decide.proposal import Proposer
from clue_engine.language.check_pack import CheckedPack

ENOUGH = 0.95  # what a rule must reach before it is active


@dataclass(frozen=True)
class Survivor:
    """A mistake that no test notices. ``test``: one that would, ready to paste, or None when none was found."""

    change: str
    test: str | None = None


@dataclass(frozen=True)
class Coverage:
    rule_id: str
    title: str
    total: int
    survivors: tuple[Survivor, ...]

    @property
    def killed(self) -> int:
        return self.total - len(self.survivors)

    @property
    def share(self) -> float:
        return self.killed / self.total if self.total else 1.0


def coverage(checked: CheckedPack, rule_id: str, as_of: dt.date | None = None) -> Coverage:
    """Coverage of one rule or hold, its survivors with tests that would kill them."""
    return coverages(checked, [rule_id], as_of)[0]


def coverages(
    checked: CheckedPack, rule_ids: Iterable[str] | None = None, as_of: dt.date | None = None, propose: bool = True
) -> list[Coverage]:
    """Coverage per rule and hold, in the order of the pack. Unknown ids raise KeyError."""
    bench = run_mutants(checked, rule_ids, as_of)
    proposer = Proposer(bench) if propose else None
    found = []
    for trial in bench.trials.values():
        alive = [n for n in range(len(trial.mutants)) if n not in trial.killed]
        tests = proposer.tests(trial, alive) if proposer is not None and alive else {}
        survivors = tuple(Survivor(trial.mutants[n].change, tests.get(n)) for n in alive)
        found.append(Coverage(trial.id, trial.title, len(trial.mutants), survivors))
    return found
