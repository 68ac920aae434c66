"""Tests that would kill surviving mutants, ready to paste into the rule file.

Comes in: a run of mutants. Goes out: per survivor the text of one test. Found by taking a test of the rule and changing
one field (or two, or adding a row) to a value at the spot that the mutant changes, and running that on the production
path: a proposal is kept when the right condition and the mutant disagree about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from clue_engine.decide.cases import Case, decided, outcomes
from clue_engine.decide.mutants import Bench, Trial
from clue_engine.decide.probe import Beside, Probe, probes
from clue_engine.decide.rule_tests import OUTCOMES
from clue_engine.language import types as t
from clue_engine.language.given import FactRow, Given, fact_rows, typed
from clue_engine.language.opened import opened
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.pack.model import Field

MOST = 500  # candidates per rule and round
_PLAIN = re.compile(r"[^\s,:\[\]{}#&*!|>'\"%@`?-][^,:\[\]{}#'\"]*")


@dataclass(frozen=True)
class Patch:
    """One field of one row of a test set to a value; ``row`` one beyond the last adds a row."""

    relation: str
    row: int
    field: Field
    raw: object

    @property
    def place(self) -> tuple[str, int, str]:
        return self.relation, self.row, self.field.name


@dataclass
class Candidate:
    base: Case
    patches: tuple[Patch, ...]
    case: Case


Make = Callable[[Trial, list[Case], int], Iterator[tuple[Case, tuple[Patch, ...]]]]


class Proposer:
    """Proposes tests for the survivors of a bench."""

    def __init__(self, bench: Bench):
        self.bench, self.vocabulary = bench, bench.checked.vocabulary
        self.numbers = 1_000_000

    def tests(self, trial: Trial, alive: list[int]) -> dict[int, str]:
        """Survivor -> the text of a test that kills it; those for which none was found are left out."""
        bases = [c for c in trial.cases if "as_of" not in c.test and not c.found.problems]
        found: dict[int, str] = {}
        names = {str(c.test.get("name")) for c in trial.cases}
        for make in (self._singles, self._pairs):
            left = [n for n in alive if n not in found]
            pool = self._pool(make, trial, bases, left) if left else []
            if pool:
                found |= self._kill(trial, left, pool, names)
        return found

    # -- candidates ----------------------------------------------------------------------------------------------
    def _singles(self, trial: Trial, bases: list[Case], n: int) -> Iterator[tuple[Case, tuple[Patch, ...]]]:
        """One change at the spot of a mutant."""
        mutant = trial.mutants[n]
        for base in bases:
            for patches in self._patches(base, mutant.spot, mutant.aim):
                yield base, patches

    def _pool(self, make: Make, trial: Trial, bases: list[Case], alive: list[int]) -> list[Candidate]:
        """Mutants take turns, so that none starves."""
        seen: set[object] = set()
        found: list[Candidate] = []
        turns = [make(trial, bases, n) for n in alive]
        while turns and len(found) < MOST:
            for turn in list(turns):
                got = list(islice(turn, 8))
                if len(got) < 8:
                    turns.remove(turn)
                for base, patches in got:
                    key = (base.number, tuple(sorted((p.place, str(p.raw)) for p in patches)))
                    if key not in seen:
                        seen.add(key)
                        found.append(self._candidate(base, patches))
        return found

    def _pairs(self, trial: Trial, bases: list[Case], n: int) -> Iterator[tuple[Case, tuple[Patch, ...]]]:
        """Two changes: one at the spot, one anywhere in the condition."""
        mutant = trial.mutants[n]
        for base in sorted(bases, key=lambda c: c.test.get("expect") != "hit"):
            near = list(self._patches(base, mutant.spot, mutant.aim))
            far = list(self._patches(base, trial.right, None))
            for one in near:
                for two in sorted(far, key=lambda p, at=one[0].place[:2]: p[0].place[:2] != at):  # type: ignore[misc]
                    if not {p.place for p in one} & {p.place for p in two}:
                        yield base, (*one, *two)

    def _patches(self, base: Case, spot: t.Bool, aim: object) -> Iterator[tuple[Patch, ...]]:
        rows: dict[str, list[FactRow]] = {}
        for row in base.rows:
            rows.setdefault(row.relation.label, []).append(row)
        for probe in probes(opened(spot, self.vocabulary), self.vocabulary, aim):
            label = probe.ref.relation.label
            own = rows.get(label, [])
            for i in range(len(own)):
                place = self._place(base, own[i])
                for raw in self._values(probe, place):
                    patch = Patch(label, i, probe.ref.field, raw)
                    if any(own[i].values.get(k) != v for k, v in self._patched([patch]).items()):
                        yield (patch,)
            if label != HOUSEHOLD and len(own) < 4:
                seen = self._place(base, own[0]) if own else None
                for raw in self._values(probe, seen):
                    yield (Patch(label, len(own), probe.ref.field, raw),)

    def _values(self, probe: Probe, place: Beside | None) -> list[object]:
        found = list(probe.words)
        if place is not None:
            found += probe.bounds(place)
            now = place.row.get(probe.ref.field.name)
            if probe.ref.type.kind == "codes" and isinstance(now, list | tuple) and now:
                found += [[*now, *w] for w in probe.words if isinstance(w, list) and w[0] not in now]
        return list({str(v): v for v in found}.values())

    def _place(self, base: Case, row: FactRow) -> Beside:
        home = next(r.values for r in base.rows if r.relation.label == HOUSEHOLD)
        return Beside(self.vocabulary, self.bench.as_of, row.values, home)

    def _candidate(self, base: Case, patches: tuple[Patch, ...]) -> Candidate:
        """The base's rows with the patches, as a household with a number of its own."""
        self.numbers += 1
        shift = self.numbers - base.number
        rows: list[FactRow] = []
        seen: dict[str, int] = {}
        for row in base.rows:
            i = seen[row.relation.label] = seen.get(row.relation.label, -1) + 1
            own = [p for p in patches if p.relation == row.relation.label and p.row == i]
            rows.append(FactRow(row.relation, {**row.values, **self._patched(own)}, row.stated | _names(own)))
        for label in dict.fromkeys(p.relation for p in patches):
            own = [p for p in patches if p.relation == label and p.row == seen.get(label, -1) + 1]
            if own:
                rows.append(self._new_row(base, label, own))
        for each in rows:
            for key, factor in (("household_id", 1), ("person_id", 1000), ("event_id", 1000)):
                if each.values.get(key) is not None:
                    each.values[key] += shift * factor
            if each.relation.label == HOUSEHOLD:
                each.values["row_id"] = self.numbers
        kin = [(h + shift, p + shift * 1000, link, o + shift * 1000) for h, p, link, o in base.kin]
        case = Case(base.owner, base.owner_id, base.test, Given(), rows, kin, self.numbers)
        return Candidate(base, patches, case)

    def _new_row(self, base: Case, label: str, own: list[Patch]) -> FactRow:
        """A row of the pack's test defaults with the patches, of a person of its own."""
        defaults = self.bench.checked.pack.options.get("test_defaults") or {}
        given_row = {p.field.label: p.raw for p in own}
        rows, _ = fact_rows(Given({label: [given_row]}), base.number, defaults, self.vocabulary)
        made = next(r for r in rows if r.relation.label == label)
        made.values["person_id"] = base.number * 1000 + 900
        return made

    def _patched(self, patches: list[Patch]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for patch in patches:
            value, _ = typed(patch.field, patch.raw, self.vocabulary)
            name = patch.field.name
            for column in (name + "_lo", name + "_hi") if patch.field.interval else (name,):
                values[column] = value
        return values

    # -- choice --------------------------------------------------------------------------------------------------
    def _kill(self, trial: Trial, alive: list[int], pool: list[Candidate], names: set[str]) -> dict[int, str]:
        conditions = {trial.id: [trial.right, *(trial.mutants[n].body for n in alive)]}
        by_number = {c.case.number: c for c in pool}
        kills: list[tuple[Candidate, bool | None, set[int]]] = []
        cases = [c.case for c in pool]
        for case, (right, *others) in decided(self.bench.checked, self.bench.as_of, conditions, cases):
            dead = {n for n, outcome in zip(alive, others, strict=True) if outcome is not right}
            if dead:
                kills.append((by_number[case.number], right, dead))
        open_ones = [candidate.case for candidate, right, _ in kills if right is None]
        if open_ones:  # notes in each case what is missing
            list(outcomes(self.bench.checked, self.bench.as_of, open_ones))
        found: dict[int, str] = {}
        # A decided outcome says more to a reader than an unknown one; then few changes, then many kills.
        kills.sort(key=lambda k: (k[1] is None, len(k[0].patches), -len(k[2]), k[0].case.number))
        for candidate, right, dead in kills:
            new = dead - set(found)
            if new and (right is not None or _stated(candidate.case)):
                text = self._text(candidate, right, names)
                found |= dict.fromkeys(new, text)
        return found

    def _text(self, candidate: Candidate, right: bool | None, names: set[str]) -> str:
        title = "、".join(f"{p.field.label}{_short(p.raw)}" for p in candidate.patches)[:40]
        name, n = title, 2
        while name in names:
            name, n = f"{title} {n}", n + 1
        names.add(name)
        parts = [f"name: {_yaml(name)}", f"like: {_yaml(str(candidate.base.test['name']))}"]
        by_row: dict[tuple[str, int], list[Patch]] = {}
        for patch in candidate.patches:
            by_row.setdefault((patch.relation, patch.row), []).append(patch)
        for (label, row), own in by_row.items():
            key = label if label == HOUSEHOLD else f"{label}.{row}"
            parts.append(f"{key}: {{{', '.join(f'{p.field.label}: {_value(p.raw)}' for p in own)}}}")
        return "- {" + ", ".join([*parts, f"expect: {OUTCOMES[right]}"]) + "}"


def _stated(case: Case) -> bool:
    """Whether an unknown outcome comes only from facts that the test states as missing (else CE502)."""
    fields = {f"{row.relation.name}.{each.name}" for row in case.rows for each in row.relation.fields}
    return case.missing & fields <= {f"{row.relation.name}.{name}" for row in case.rows for name in row.stated}


def _names(patches: list[Patch]) -> set[str]:
    return {p.field.name for p in patches}


def _short(raw: object) -> str:
    return "、".join(str(r) for r in raw) if isinstance(raw, list) else str(raw)


def _value(raw: object) -> str:
    if isinstance(raw, list):
        return "[" + ", ".join(_yaml(str(v)) for v in raw) + "]"
    return _yaml(str(raw))


def _yaml(word: str) -> str:
    """A word inside a flow mapping, quoted where YAML would read it otherwise."""
    return word if _PLAIN.fullmatch(word) else "'" + word.replace("'", "''") + "'"
