"""All mutants of all rules over the tests of all rules in one database: one scan per relation, one query per rule.

Comes in: a checked pack. Goes out: per rule or hold its mutants and which of them some test kills: a test that passes
now comes out otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import duckdb

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedPack, CheckedRule
from clue_engine.language.compile import Compiler
from clue_engine.language.enrich import enrich
from clue_engine.language.facts import Planner, facts_sql, folded, row_table
from clue_engine.language.given import day
from clue_engine.language.mutate import Mutant, Mutator
from clue_engine.language.opened import opened
from clue_engine.language.rule_tests import DEFAULT_DAY, OUTCOMES, Case, load_rows, rule_cases, with_test_parameters
from clue_engine.language.sameness import owned_definitions, shape
from clue_engine.language.vocabulary import HOUSEHOLD


@dataclass
class Trial:
    """A rule or hold under test. ``right``: its condition, opened, of a household (a hold on rows: any such row)."""

    owner: CheckedRule | CheckedHold
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
    owners: dict[str, CheckedRule | CheckedHold] = {**checked.rules, **checked.holds}
    default = as_of or day(checked.pack.options.get("test_as_of", "")) or DEFAULT_DAY
    made: dict[tuple[str, str], t.CheckedDefinition] = {}
    bodies = {i: opened(o.when, checked.vocabulary) for i, o in owners.items()}
    cases = rule_cases(checked)
    trials: dict[str, Trial] = {}
    for rule_id in owners if rule_ids is None else rule_ids:
        owner, owned = owners[rule_id], owned_definitions(bodies, rule_id)
        mutator = Mutator(checked.vocabulary, default, owned, made)
        mutants = [replace(m, body=_at_home(owner, m.body)) for m in _distinct(bodies[rule_id], mutator)]
        own = [c for c in cases if c.owner_id == rule_id]
        trials[rule_id] = Trial(owner, _at_home(owner, bodies[rule_id]), mutants, own)
    vocabulary = replace(checked.vocabulary, definitions={**checked.vocabulary.definitions, **made})
    bench = Bench(replace(checked, vocabulary=vocabulary), default, trials)
    days: dict[dt.date, list[Case]] = {}
    for trial in trials.values():
        for case in trial.cases:
            when = day(case.test["as_of"]) if "as_of" in case.test else default
            days.setdefault(when or default, []).append(case)
    for when, todays in days.items():
        today = {c.owner_id for c in todays}
        conditions = {i: [x.right, *(m.body for m in x.mutants)] for i, x in trials.items() if i in today}
        for case, (right, *outcomes) in run(bench.checked, when, conditions, todays):
            _judge(trials[case.owner_id], case, right, outcomes)
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


def _at_home(owner: CheckedRule | CheckedHold, body: t.Bool) -> t.Bool:
    """A hold on rows, seen from the household: some row of it is held."""
    if isinstance(owner, CheckedRule) or owner.relation.label == HOUSEHOLD:
        return body
    return t.Quant("any", owner.relation, None, body)


@dataclass(frozen=True)
class _Remembering(Compiler):
    """Mutants share all parts but one: the columns of a test are looked up once."""

    known: dict[tuple[int, int], str] = field(default_factory=dict)

    def atom(self, atom: t.Atom) -> str:
        if self.columns is None:
            return super().atom(atom)
        key = (id(atom), id(self.columns))
        if key not in self.known:
            self.known[key] = super().atom(atom)
        return self.known[key]


def run(
    checked: CheckedPack, when: dt.date, conditions: Mapping[str, list[t.Bool]], cases: list[Case]
) -> Iterator[tuple[Case, list[bool | None]]]:  # fmt: skip
    """What each condition of its owner says about each test, by compiled SQL."""
    bodies = [b for own in conditions.values() for b in own]
    with duckdb.connect() as con:
        con.execute("set threads = 1")
        con.execute("pragma disable_optimizer")  # a few hundred rows under thousands of expressions
        load_rows(con, checked, cases)
        rows = enrich(con, checked, bodies, when)
        home = rows.tables[checked.vocabulary.household.name]
        planner = Planner(_Remembering(checked.vocabulary, when), rows, columns={})
        sql = {i: [planner.condition(b) for b in own] for i, own in conditions.items()}
        folds = []
        for tests in planner.relations.values():
            name = tests.relation.name
            con.execute(f"create temp table mu_{name} as select * from {planner.row_source(tests.relation, home)}")
            row_table(con, tests, f"mu_{name}", home, f"rt_{name}")
            folds.append(folded(tests, f"rt_{name}"))
        own_columns = (planner.columns or {}).get("household", {})
        atoms = ", ".join(["h.*", *(f"{text} as {name}" for text, name in own_columns.items())])
        con.execute(f"create temp table facts as select {atoms} from ({facts_sql(folds, home, None)}) h")
        for owner_id, own in sql.items():
            mine = {c.number: c for c in cases if c.owner_id == owner_id}
            distinct = {text: n for n, text in enumerate(dict.fromkeys(own))}
            columns = ", ".join(f"{text} as c{n}" for text, n in distinct.items())
            ids = ", ".join(map(str, mine)) or "null"
            query = f"select h.household_id, {columns} from facts h where h.household_id in ({ids})"
            for number, *outcomes in con.execute(query).fetchall():
                yield mine[number], [outcomes[distinct[text]] for text in own]


def _judge(trial: Trial, case: Case, right: bool | None, outcomes: list[bool | None]) -> None:
    if OUTCOMES[right] == str(case.test.get("expect")):  # a test that fails today proves nothing
        trial.killed.update(n for n, outcome in enumerate(outcomes) if outcome is not right)
