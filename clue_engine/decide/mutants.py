"""All mutants of all rules over the tests of all rules at once: they share all tests but the one that is changed.

Comes in: a checked pack. Goes out: per rule or hold its mutants and which of them some test kills: a test that passes
now comes out otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from clue_engine.decide.cases import (
    Case,
    Owner,
    at_home,
    by_day,
    decided,
    default_day,
    rule_cases,
    with_test_parameters,
)
from clue_engine.decide.mutate import Mutant, Mutator
from clue_engine.decide.rule_tests import OUTCOMES
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, CheckedRule
from clue_engine.language.opened import Opener
from clue_engine.language.sameness import owned_definitions, shape


@dataclass
class Trial:
    """A rule or hold under test. ``right``: its condition, opened, of a household (a hold on rows: any such row)."""

    owner: Owner
    right: t.Bool
    mutants: list[Mutant]
    cases: list[Case]
    killed: set[int] = field(default_factory=set)

    @property
    def id(self) -> str:
        return self.owner.rule.id if isinstance(self.owner, CheckedRule) else self.owner.hold.id

    @property
    def title(self) -> str:
        return self.owner.rule.title if isinstance(self.owner, CheckedRule) else self.owner.hold.title


@dataclass
class Bench:
    """Mutants and tests of a pack, run. ``checked``: with test parameters and with the definitions of mutants."""

    checked: CheckedPack
    as_of: dt.date
    trials: dict[str, Trial]


def run_mutants(checked: CheckedPack, rule_ids: Iterable[str] | None, as_of: dt.date | None) -> Bench:
    """Make all mutants and run all tests on them."""
    checked = with_test_parameters(checked)
    owners: dict[str, Owner] = {**checked.rules, **checked.holds}
    default = default_day(checked, as_of)
    made: dict[tuple[str, str], t.CheckedDefinition] = {}
    opener = Opener(checked.vocabulary)
    bodies = {i: opener.opened(o.when) for i, o in owners.items()}
    cases = rule_cases(checked)
    trials: dict[str, Trial] = {}
    for rule_id in owners if rule_ids is None else rule_ids:
        owner, owned = owners[rule_id], owned_definitions(bodies, rule_id)
        mutator = Mutator(checked.vocabulary, default, owned, made)
        mutants = [replace(m, body=at_home(owner, m.body)) for m in _distinct(bodies[rule_id], mutator)]
        own = [c for c in cases if c.owner_id == rule_id]
        trials[rule_id] = Trial(owner, at_home(owner, bodies[rule_id]), mutants, own)
    vocabulary = replace(checked.vocabulary, definitions={**checked.vocabulary.definitions, **made})
    bench = Bench(replace(checked, vocabulary=vocabulary), default, trials)
    for when, todays in by_day([c for x in trials.values() for c in x.cases], default).items():
        today = {c.owner_id for c in todays}
        conditions = {i: [x.right, *(m.body for m in x.mutants)] for i, x in trials.items() if i in today}
        for case, (right, *others) in decided(bench.checked, when, conditions, todays):
            _judge(trials[case.owner_id], case, right, others)
    return bench


def _distinct(body: t.Bool, mutator: Mutator) -> list[Mutant]:
    """The mutants of a condition, without those that read as the condition itself or as another mutant."""
    known: dict[int, object] = {}
    seen = {shape(body, known)}
    found = []
    for mutant in list(mutator.mutants(body)):  # a list: shapes are known by the identity of living nodes
        own = shape(mutant.body, known)
        if own not in seen:
            seen.add(own)
            found.append(mutant)
    return found


def _judge(trial: Trial, case: Case, right: bool | None, outcomes: list[bool | None]) -> None:
    if OUTCOMES[right] == str(case.test.get("expect")):  # a test that fails today proves nothing
        trial.killed.update(n for n, outcome in enumerate(outcomes) if outcome is not right)
