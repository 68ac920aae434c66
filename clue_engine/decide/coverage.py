"""Mutation coverage: which share of the small mistakes one could make in a rule its own tests would notice.

Comes in: a checked pack. Goes out: per rule or hold how many mutants there are, how many a test kills, and the
survivors, each with a test that would kill it, where one was found: the rule's own hit test with a field at the spot of
the slip changed. Each was run by the evaluator: the right condition and the mutant disagree about it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from clue_engine.decide.cases import Case, decided, outcomes, test_case
from clue_engine.decide.given import MISSING, FactRow
from clue_engine.decide.mutate import Bench, Mutant, Trial, run_mutants
from clue_engine.decide.rule_tests import OUTCOMES
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.opened import opened
from clue_engine.language.vocabulary import HOUSEHOLD, Vocabulary, parameter_value

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


# -- lines to paste --------------------------------------------------------------------------------------------------
_MOST = 100  # lines tried per slip
_UNITS = {"月": "个月", "岁": "岁", "天": "天", "年": "年"}
_PLAIN = re.compile(r"[^\s,:\[\]{}#&*!|>'\"%@`?-][^,:\[\]{}#'\"]*")
_FIRST = 1_000_000  # numbers of the households tried


Change = tuple[str, str, object]  # row (户, 涉案.0), field, value


@dataclass(frozen=True)
class Probe:
    """A field that a test reads. ``words``: values that need no reckoning; ``bound``: the comparison it stands in."""

    ref: t.FieldRef
    words: tuple[object, ...]
    bound: t.Test | None = None


class Proposer:
    """Proposes tests for the survivors of a bench."""

    def __init__(self, bench: Bench):
        self.bench, self.vocabulary = bench, bench.checked.vocabulary
        self.number = _FIRST

    def tests(self, trial: Trial, alive: list[int]) -> dict[int, str]:
        """Survivor -> the text of a test that kills it; those for which none was found are left out."""
        able = [c for c in trial.cases if "as_of" not in c.test and not c.found.problems]
        bases = [c for c in able if c.test.get("expect") == "hit"] or able
        found: dict[int, str] = {}
        names = {str(c.test.get("name")) for c in trial.cases}
        for changes in (self._ones, self._twos):
            left = [n for n in alive if n not in found]
            made: dict[str, Case] = {}
            for base, n in product(bases, left):
                for own in islice(changes(base, trial.mutants[n], trial.right), _MOST):
                    test = _test(base, own)
                    if str(test) not in made:
                        self.number += 1
                        others = [c.test for c in trial.cases]
                        case = test_case(self.bench.checked, base.owner, trial.id, test, others, self.number)
                        made[str(test)] = case
            if able := [c for c in made.values() if not c.found.problems]:
                found |= self._chosen(trial, left, able, names)
        return found

    def _ones(self, base: Case, mutant: Mutant, right: t.Bool) -> Iterator[tuple[Change, ...]]:
        """One change, at the spot of the slip."""
        return ((one,) for one in self._changes(base, mutant.spot, mutant.aim))

    def _twos(self, base: Case, mutant: Mutant, right: t.Bool) -> Iterator[tuple[Change, ...]]:
        """A change there and one anywhere in the condition: the other side of an “or” must fail too."""
        pairs = product(self._changes(base, mutant.spot, mutant.aim), self._changes(base, right, None))
        return ((one, two) for one, two in pairs if one[:2] != two[:2])

    def _changes(self, base: Case, spot: t.Bool, aim: object) -> Iterator[Change]:
        """One field of one row of a test set otherwise, or a row added."""
        rows: dict[str, list[FactRow]] = {}
        for row in base.rows:
            rows.setdefault(row.relation.label, []).append(row)
        home = rows[HOUSEHOLD][0].values
        for probe in _probes(opened(spot, self.vocabulary), self.vocabulary, aim):
            relation = probe.ref.relation.label
            own = rows.get(relation, [])
            for n in range(len(own) if relation == HOUSEHOLD else min(len(own) + 1, 4)):
                at = own[min(n, len(own) - 1)].values if own else {}
                key = relation if relation == HOUSEHOLD else f"{relation}.{n}"
                beside = _Beside(self.vocabulary, self.bench.as_of, at, home)
                for raw in (*probe.words, *beside.added(probe), *beside.bounds(probe)):
                    yield key, probe.ref.field.label, raw

    def _chosen(self, trial: Trial, alive: list[int], cases: list[Case], names: set[str]) -> dict[int, str]:
        """The tests to propose: a decided outcome says more to a reader than an unknown one; then many kills."""
        conditions = {trial.id: [trial.right, *(trial.mutants[n].body for n in alive)]}
        kills: list[tuple[Case, bool | None, set[int]]] = []
        for case, (right, *others) in decided(self.bench.checked, self.bench.as_of, conditions, cases):
            dead = {n for n, outcome in zip(alive, others, strict=True) if outcome is not right}
            kills += [(case, right, dead)] if dead else []
        open_ones = [case for case, right, _ in kills if right is None]
        if open_ones:  # notes in each case what is missing
            list(outcomes(self.bench.checked, self.bench.as_of, open_ones))
        kills.sort(key=lambda k: (k[1] is None, -len(k[2]), k[0].number))
        found: dict[int, str] = {}
        for case, right, dead in kills:
            new = dead - set(found)
            if new and (right is not None or _stated(case)):
                found |= dict.fromkeys(new, _text(case.test, right, names))
        return found


def _test(base: Case, changes: tuple[Change, ...]) -> dict[str, Any]:
    rows: dict[str, dict[str, object]] = {}
    for key, label, raw in changes:
        rows.setdefault(key, {})[label] = raw
    said = [f"{label}{'、'.join(map(str, raw)) if isinstance(raw, list) else raw}" for _, label, raw in changes]
    return {"name": "、".join(said)[:40], "like": str(base.test.get("name", "")), **rows}


def _stated(case: Case) -> bool:
    """Whether an unknown outcome comes only from facts that the test states as missing (else CE502)."""
    fields = {f"{row.relation.name}.{each.name}" for row in case.rows for each in row.relation.fields}
    return case.missing & fields <= {f"{row.relation.name}.{name}" for row in case.rows for name in row.stated}


def _text(test: Mapping[str, Any], right: bool | None, names: set[str]) -> str:
    name, n = str(test["name"]), 2
    while name in names:
        name, n = f"{test['name']} {n}", n + 1
    names.add(name)
    return _flow([{**test, "name": name, "expect": OUTCOMES[right]}])[1:-1].join(("- ", ""))


def _flow(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    word = str(value)  # quoted where YAML would read it otherwise
    return word if _PLAIN.fullmatch(word) else "'" + word.replace("'", "''") + "'"


# -- what may be changed -----------------------------------------------------------------------------------------------
def _probes(body: t.Bool, vocabulary: Vocabulary, aim: object) -> Iterator[Probe]:
    """Every field that a condition reads, inside quantifiers and computed definitions too."""
    for node in t.walk(body):
        if isinstance(node, t.Quant):
            yield from _counted(node, vocabulary, aim)
        elif isinstance(node, t.DefBool):
            checked = vocabulary.definitions.get((node.relation.name, node.definition.label))
            if checked is not None and checked.body is not None:
                yield from _probes(checked.body, vocabulary, aim)
        else:
            yield from _atom(node, vocabulary, aim) if isinstance(node, t.Atom) else ()


def _counted(quant: t.Quant, vocabulary: Vocabulary, aim: object) -> Iterator[Probe]:
    if quant.body is not None:
        yield from _probes(quant.body, vocabulary, aim)
    if isinstance(quant.value, t.FieldRef) and quant.right is not None:
        yield Probe(quant.value, (MISSING,), t.Test(quant.op or ">=", quant.value, quant.right))
    if quant.body is None:  # any row will do: one that states nothing new
        first = next((f for f in quant.relation.fields if f.missing.kind != "value"), None)
        if first is not None:
            kind = t.Type(first.type, first.codes, first.unit or "")
            yield Probe(t.FieldRef(quant.relation, first, "row", kind), (MISSING,))


def _atom(atom: t.Atom, vocabulary: Vocabulary, aim: object) -> Iterator[Probe]:
    refs = t.atom_refs(atom)
    for ref in refs:
        checked = vocabulary.definitions.get((ref.relation.name, ref.definition.label)) if isinstance(
            ref, t.DefValue) else None  # fmt: skip
        for quant in t.value_quantifiers(checked.value) if checked is not None and checked.value is not None else ():
            yield from _counted(quant, vocabulary, aim)
    for ref in dict.fromkeys(r for r in refs if isinstance(r, t.FieldRef)):
        bound = atom if isinstance(atom, t.Test) and ref.type.kind not in ("code", "text") else None
        yield Probe(ref, (*_words(atom, ref, vocabulary, aim), MISSING), bound)


def _words(atom: t.Atom, ref: t.FieldRef, vocabulary: Vocabulary, aim: object) -> list[object]:
    """Codes and words that the test names, the one that the slip is about, and two that it does not name."""
    kind = ref.type.kind
    if kind == "bool":
        return ["是", "否"]
    if kind not in ("code", "codes", "text"):
        return []
    listed: Any = ()
    if isinstance(atom, t.InSet | t.Contains):
        listed = atom.members if isinstance(atom, t.InSet) else atom.words
        if isinstance(listed, t.ParamRef):
            listed = parameter_value(listed.parameter, dt.date.max, vocabulary.pack.region)
    elif isinstance(atom, t.Test) and isinstance(atom.right, t.Const):
        listed = (atom.right.value,)
    listed = listed if isinstance(listed, tuple) else ()
    found = [str(w) for w in ([aim] if isinstance(aim, str) else []) + list(listed[:2])]
    if kind == "text":
        return [*found, "无"]
    codes = vocabulary.codes.get(ref.type.codes or "")
    values = codes.values if codes else ()
    found = [w for w in found if w in values or not values]
    found += [v for v in values if v not in listed][:2] or (
        [f"其他{''.join(ref.field.ending[:1])}"] if not values else []
    )
    return [[w] for w in found] if kind == "codes" else list(found)


@dataclass(frozen=True)
class _Beside:
    """The values that a test gives a field's own row and its household: what the other side of a bound comes to.

    For proposals only: a proposed test counts when the evaluator says so.
    """

    vocabulary: Vocabulary
    as_of: dt.date
    row: Mapping[str, Any]
    home: Mapping[str, Any]

    def added(self, probe: Probe) -> Iterator[object]:
        """A field of several codes: one more beside those that are there."""
        now = self.row.get(probe.ref.field.name)
        if probe.ref.type.kind == "codes" and isinstance(now, list | tuple) and now:
            yield from ([*now, *w] for w in probe.words if isinstance(w, list) and w[0] not in now)

    def bounds(self, probe: Probe) -> list[object]:
        """Values of the field right at the boundary, and a unit on either side."""
        if probe.bound is None:
            return []
        ref, left, right = probe.ref, probe.bound.left, probe.bound.right
        while isinstance(left, t.NamedValue):
            left = left.value
        if isinstance(left, t.Span):
            return [str(day) for day in self._span(ref, left, right)]
        if left.type.kind == "date":
            day = self._value(right if ref in t.value_refs(left) else left)
            return [str(day + dt.timedelta(days=n)) for n in (0, -1, 1)] if isinstance(day, dt.date) else []
        return self._numbers(ref, left, right)

    def _value(self, value: t.Value, ref: t.FieldRef | None = None, instead: object = None) -> Any:
        """A value, one field of it replaced; None where it is not given or has no one value."""
        match value:
            case t.FieldRef(_, each, scope):
                row = self.home if scope == "household" else self.row
                return instead if value == ref else row.get(each.name + "_lo" if each.interval else each.name)
            case t.Const(constant):
                return constant
            case t.AsOf():
                return self.as_of
            case t.ParamRef(parameter):
                return parameter_value(parameter, self.as_of, self.vocabulary.pack.region)
            case t.NamedValue(_, _, inner):
                return self._value(inner, ref, instead)
            case t.Arith(op, left, right):
                a, b = self._value(left, ref, instead), self._value(right, ref, instead)
                if not isinstance(a, float) or not isinstance(b, float) or (op == "/" and not b):
                    return None
                return {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1)}[op]
        return None

    def _numbers(self, ref: t.FieldRef, left: t.Value, right: t.Value) -> list[object]:
        """Where left = right, both being linear in the field."""

        def gap(x: float) -> float | None:
            a, b = self._value(left, ref, x), self._value(right, ref, x)
            return None if a is None or b is None else float(a) - float(b)

        start = 1000.0
        low, high = gap(start), gap(2 * start)
        if low is None or high is None or low == high:
            return []
        root = start - low * start / (high - low)
        step = 0.01 if ref.type.kind == "share" else 1.0
        near = (root, root - step, root + step, root * 2 if root else step * 2, 0.0)
        return [_number(round(x, 6), ref.type) for x in near if x >= 0]

    def _span(self, ref: t.FieldRef, span: t.Span, right: t.Value) -> list[dt.date]:
        """Days on which the span is exactly as long as the bound, a day off, and a unit off."""
        length, sign = self._value(right), 1 if ref in t.value_refs(span.end) else -1
        other = self._value(span.start if sign > 0 else span.end)
        if not isinstance(length, float) or not isinstance(other, dt.date):
            return []

        def moved(units: float) -> dt.date:
            n = sign * int(units)
            if right.type.unit == "天":
                return other + dt.timedelta(days=n)
            return _later(other, n * (12 if right.type.unit == "岁" else 1))

        day = dt.timedelta(days=1)
        return [moved(length), moved(length) + day, moved(length) - day, moved(length + 1), moved(length - 1)]


def _number(x: float, found: t.Type) -> str:
    plain = f"{x * 100 if found.kind == 'share' else x:.6f}".rstrip("0").rstrip(".")
    units = {"money": "元", "share": "%", "duration": _UNITS.get(found.unit, "")}
    return plain + units.get(found.kind, "")


def _later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or the last day where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
