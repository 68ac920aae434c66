"""Mutants of a condition: the same condition with one small thing wrong, to see whether a rule's tests would notice.

Comes in: a checked pack. Goes out: per rule or hold its mutants and which of them some test kills: a test that passes
now comes out otherwise. All mutants of all rules run over the tests of all rules at once. What is changed: comparison
operators, boundaries by one unit, members of lists, negations, and / or, quantifiers, counts, parts left out. Only the
rule's own words are changed and the definitions that nothing else uses; a definition that rules share is one word here,
as it is for the author. Changes that cannot show (a member that a neighbouring condition excludes anyway) are left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
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
from clue_engine.decide.rule_tests import OUTCOMES
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, CheckedRule
from clue_engine.language.opened import Opener
from clue_engine.language.sameness import forced, owned_definitions, says, shape, told, words
from clue_engine.language.vocabulary import Vocabulary, parameter_value
from clue_engine.pack.model import Definition

_STRICT = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True)
class Mutant:
    """``change``: what is wrong, in words. ``spot``: the part of the right condition that was changed."""

    body: t.Bool
    change: str
    spot: t.Bool
    aim: object = None  # the member of a list or set that was added or dropped


@dataclass
class Mutator:
    """``owned``: definitions (relation, label) to look into. ``made``: mutants of computed parts, new definitions."""

    vocabulary: Vocabulary
    as_of: dt.date
    owned: frozenset[tuple[str, str]] = frozenset()
    made: dict[tuple[str, str], t.CheckedDefinition] | None = None

    def mutants(self, body: t.Bool, beside: tuple[t.Bool, ...] = ()) -> Iterator[Mutant]:
        """Every mutant of a condition. ``beside``: conditions joined to it by and, on the same row."""
        match body:
            case t.And(parts) | t.Or(parts):
                yield from self._joined(body, parts, beside)
            case t.Not(inner):
                yield Mutant(inner, f"去掉否定：{words(inner)}", inner)
                for m in self.mutants(inner, beside):
                    yield replace(m, body=negated(m.body))
            case t.Named(relation, definition, inner):
                yield self._negation(body)
                if (relation.name, definition.label) in self.owned:
                    for m in self.mutants(inner, beside):
                        yield replace(m, body=replace(body, body=m.body))
            case t.TwoSided(yes, no):
                for m in self.mutants(yes):
                    yield replace(m, body=t.TwoSided(m.body, no))
                for m in self.mutants(no):
                    yield replace(m, body=t.TwoSided(yes, m.body))
            case t.Quant():
                yield from self._quantified(body)
            case t.DefBool():
                yield self._negation(body)
                yield from self._computed(body)
            case _:
                yield self._negation(body)
                yield from self._atom(body, beside)

    def _negation(self, body: t.Bool) -> Mutant:
        return Mutant(negated(body), f"改为相反：不满足 {words(body)}", body)

    def _joined(self, body: t.And | t.Or, parts: tuple[t.Bool, ...], beside: tuple[t.Bool, ...]) -> Iterator[Mutant]:
        both, kind, other = ("且", t.And, t.Or) if isinstance(body, t.And) else ("或", t.Or, t.And)
        if len(parts) > 1:
            yield Mutant(other(parts), f"“{both}”改为“{'或' if both == '且' else '且'}”：{words(body)}", body)
        for i, part in enumerate(parts):
            rest = parts[:i] + parts[i + 1 :]
            if rest and not (kind is t.And and told(part, (*beside, *rest))):
                yield Mutant(rest[0] if len(rest) == 1 else kind(rest), f"漏掉条件：{words(part)}", part)
            # What stands beside in an "or" takes from a member what it adds, as "and" does by excluding it.
            near = (*beside, *(rest if kind is t.And else (negated(r) for r in rest)))
            for m in self.mutants(part, near):
                yield replace(m, body=kind((*parts[:i], m.body, *parts[i + 1 :])))

    # -- quantifiers ---------------------------------------------------------------------------------------------
    def _quantified(self, quant: t.Quant) -> Iterator[Mutant]:
        label = quant.relation.label
        yield Mutant(negated(quant), f"改为相反：不满足 {words(quant)}", quant)
        if quant.kind == "any" and quant.body is not None:
            every = negated(replace(quant, body=negated(quant.body)))
            yield Mutant(every, f"有一行{label}满足改为每一行{label}都满足", quant)
        if quant.kind == "events":
            yield Mutant(replace(quant, kind="count"), f"数案件改为数行：{words(quant)}", quant)
        if quant.kind in ("min", "max"):
            other = "max" if quant.kind == "min" else "min"
            yield Mutant(replace(quant, kind=other), f"{quant.kind} 改为 {other}：{words(quant)}", quant)
        if quant.right is not None:
            for op, right, change in self._bounds(quant.op, quant.right, _unit(quant.right.type)):
                yield Mutant(replace(quant, op=op, right=right), f"{words(quant)}：{change}", quant)
        if quant.body is not None:
            for m in self.mutants(quant.body):
                yield replace(m, body=replace(quant, body=m.body))

    def _computed(self, leaf: t.DefBool) -> Iterator[Mutant]:
        """A quantified test inside a definition of this rule alone: each mutant is a definition of its own."""
        relation, label = leaf.relation, leaf.definition.label
        if self.made is None or (relation.name, label.split(t.LEAF)[0]) not in self.owned:
            return
        checked = self.vocabulary.definitions[relation.name, label]
        if checked.body is None:
            return
        for n, m in enumerate(self.mutants(checked.body)):
            own = Definition(relation.label, f"{label}~{n}")
            self.made[relation.name, own.label] = replace(checked, definition=own, body=m.body)
            yield replace(m, body=replace(leaf, definition=own), spot=leaf)

    # -- one test ------------------------------------------------------------------------------------------------
    def _atom(self, atom: t.Bool, beside: tuple[t.Bool, ...]) -> Iterator[Mutant]:
        match atom:
            case t.Test("=", left, t.Const(str() as value)) if left.type.kind == "code":
                for other in self._outside(left, (value,), beside):
                    yield Mutant(t.InSet(left, (value, other), atom.text), f"{atom.text}：也算“{other}”", atom, other)
            case t.Test("=", left, right) if left.type.numeric:
                for near, change in _shifted(right, _unit(left.type)):
                    yield Mutant(replace(atom, right=near), f"{atom.text}：{change}", atom)
            case t.Test(op, left, right) if op in _STRICT:
                for new, near, change in self._bounds(op, right, _unit(left.type, right.type)):
                    yield Mutant(replace(atom, op=new, right=near), f"{atom.text}：{change}", atom)
            case t.InSet(value, members):
                yield from self._members(atom, value, members, beside)
            case t.Contains(value, listed):
                yield from self._words(atom, value, listed, beside)

    def _bounds(self, op: str, right: t.Value, unit: t.Const | None) -> Iterator[tuple[str, t.Value, str]]:
        yield _STRICT[op], right, f"{op} 改为 {_STRICT[op]}"
        for near, change in _shifted(right, unit):
            yield op, near, change

    def _members(
        self, atom: t.InSet, value: t.Value, members: tuple[str | float | dt.date, ...] | t.ParamRef,
        beside: tuple[t.Bool, ...],
    ) -> Iterator[Mutant]:  # fmt: skip
        known = self._constants(members)
        for member in known:
            rest = tuple(m for m in known if m != member)
            if rest and not self._excluded(value, member, beside):
                yield Mutant(replace(atom, members=rest), f"{atom.text}：漏掉“{member}”", atom, member)
        for other in self._outside(value, tuple(str(m) for m in known), beside):
            yield Mutant(replace(atom, members=(*known, other)), f"{atom.text}：也算“{other}”", atom, other)

    def _words(
        self, atom: t.Contains, value: t.Value, listed: tuple[str, ...] | t.ParamRef, beside: tuple[t.Bool, ...]
    ) -> Iterator[Mutant]:
        known = tuple(str(w) for w in self._constants(listed))
        for word in known:
            others = tuple(w for w in known if w != word)
            hidden = value.type.kind == "text" and any(_inside(w, word, atom.not_after) for w in others)
            fewer = replace(atom, words=others)
            if others and not hidden and not forced(fewer, beside):
                yield Mutant(fewer, f"{atom.text}：漏掉“{word}”", atom, word)
        if atom.not_after and value.type.kind == "text":
            first = atom.not_after[0]
            yield Mutant(replace(atom, not_after=()), f"{atom.text}：不看前面的“{first}”等字", atom, first + known[0])
        if not forced(atom, beside):
            for other in self._outside(value, known, beside):
                yield Mutant(replace(atom, words=(*known, other)), f"{atom.text}：也算“{other}”", atom, other)

    def _constants(self, members: tuple[str | float | dt.date, ...] | t.ParamRef) -> tuple[str | float | dt.date, ...]:
        if not isinstance(members, t.ParamRef):
            return members
        found = parameter_value(members.parameter, self.as_of, self.vocabulary.pack.region)
        return tuple(str(m) for m in found) if isinstance(found, tuple) else ()

    def _outside(self, value: t.Value, members: tuple[str, ...], beside: tuple[t.Bool, ...]) -> list[str]:
        """Codes that might slip in: on a scale those next to the members, else the first that is not one."""
        codes = self.vocabulary.codes.get(value.type.codes or "")
        if codes is None or value.type.kind not in ("code", "codes"):
            return []
        able = [c for c in codes.values if c not in members and not self._excluded(value, c, beside)]
        scale = [c for c in codes.values if c not in codes.unordered]
        if codes.ordered:
            at = [i for i, c in enumerate(scale) if c in members]
            near = [c for i, c in enumerate(scale) if i + 1 in at or i - 1 in at]
            able = [c for c in able if c in near]
        return able if codes.ordered else able[:1]

    def _excluded(self, value: t.Value, member: object, beside: tuple[t.Bool, ...]) -> bool:
        """Whether what stands beside says no to this code anyway."""
        return any(says(each, value, member) is False for each in beside)


def _inside(word: str, longer: str, not_after: tuple[str, ...]) -> bool:
    """Whether a text with the longer word always has the shorter one too."""
    at = longer.find(word)
    return at == 0 or (at > 0 and not longer[:at].endswith(not_after or ("\x00",)))


def negated(body: t.Bool) -> t.Bool:
    return body.body if isinstance(body, t.Not) else t.Not(body)


def _unit(found: t.Type, other: t.Type | None = None) -> t.Const | None:
    """One unit of a type: a yuan, a percent, a day, a year of age, one."""
    if found.kind == "span" and other is not None:
        found = other
    if found.kind == "date":
        return t.Const(1.0, t.Type("duration", None, "天"))
    if not found.numeric:
        return None
    return t.Const(0.01 if found.kind == "share" else 1.0, found)


def _shifted(right: t.Value, unit: t.Const | None) -> Iterator[tuple[t.Value, str]]:
    """A bound one unit lower and higher, with words for it."""
    if unit is None:
        return
    step = (
        unit.type.unit if unit.type.kind == "duration" else {"money": "元", "share": "个百分点"}.get(unit.type.kind, "")
    )
    for op, word in (("-", "低"), ("+", "高")):
        yield t.Arith(op, right, unit, right.type), f"界限{word} 1{step}"


# -- all mutants over all tests --------------------------------------------------------------------------------------
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
