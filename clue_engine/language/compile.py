"""One typed test or value -> SQL text; a test is a nullable boolean: true, false, NULL = not known.

The only SQL that rules give rise to: and, or, not and quantifiers are decided over its columns (``decide``). Names
enter through ident(), values through literal(); a row's alias comes from ``aliases``. Every value is a pair of texts
[lo, hi], NULL where no bound is known: arithmetic is that of intervals, a comparison is true when certain for all
values, false when impossible for all, else NULL.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from clue_engine.language import types as t
from clue_engine.language.vocabulary import Vocabulary, parameter_regions, parameter_value
from clue_engine.pack.model import Parameter
from clue_engine.workspace import ident, literal

_SQL_TYPES = {
    "text": "varchar", "code": "varchar", "codes": "varchar[]", "bool": "boolean", "date": "date",
    "number": "double", "money": "double", "share": "double", "duration": "double",
}  # fmt: skip


def def_column(label: str, side: str = "") -> str:
    """The column of a computed definition."""
    return ident(f"def·{label}{side}")


@dataclass(frozen=True)
class Compiler:
    vocabulary: Vocabulary
    as_of: dt.date
    aliases: Mapping[str, str] = field(default_factory=lambda: {"row": "r", "household": "h", "outer": "o"})
    aggregates: Mapping[int, Pair] = field(default_factory=dict)  # what rows come to, by the identity of the node
    region: str | None = None  # within a regional test: the prefix in hand

    # -- tests ---------------------------------------------------------------------------------------------------
    def atom(self, atom: t.Atom) -> str:
        """One test as it stands; what a field that is not applicable or unsaid makes of it, the evaluator says."""
        if isinstance(atom, t.Known):
            return self._known(atom)
        return self.regional(parameters_of(atom), lambda inner: inner._test(atom))

    def complete(self, parameters: list[Parameter]) -> str:
        """SQL: all of these parameters have a value here."""
        return self.regional(parameters, lambda own: literal(all(own._parameter(p) is not None for p in parameters)))

    def _known(self, atom: t.Known) -> str:
        pair = self.value(atom.value)
        return f"({pair.lo} is not null)" if pair.point else f"({pair.lo} is not null and {pair.hi} is not null)"

    def _test(self, atom: t.Atom) -> str:
        match atom:
            case t.IsTrue(value, want):
                sql = self.value(value).lo
                return sql if want else f"(not {sql})"
            case t.DefBool(_, definition, scope):
                return f"{self.aliases[scope]}.{def_column(definition.label)}"
            case t.InSet(value, members, _, perhaps):
                return self._in(value, members, perhaps)
            case t.Contains(value, words, not_after):
                return self._contains(value, words, not_after)
            case t.Test(op, left, right):
                if isinstance(left, t.Span | t.NamedValue) and left.type.kind == "span":
                    return self._span(op, left, right)
                return compare(op, self.value(left), self.value(right))
        raise TypeError(atom)

    def _span(self, op: str, left: t.Value, right: t.Value) -> str:
        while isinstance(left, t.NamedValue):
            left = left.value
        assert isinstance(left, t.Span)
        length = self.value(right).lo
        return span_test(op, self.value(left.start), self.value(left.end), length, right.type.unit)

    def _in(self, value: t.Value, members: tuple[object, ...] | t.ParamRef, perhaps: tuple[str, ...] = ()) -> str:
        found = self._constants(members)
        if found is None:
            return "null::boolean"
        pair = self.value(value)
        if perhaps:
            sure = ", ".join(_constant(m) for m in found)
            left = f"when {pair.lo} in ({', '.join(_constant(m) for m in perhaps)}) then null"
            return f"(case when {pair.lo} in ({sure}) then true {left} when {pair.lo} is not null then false end)"
        if pair.point:
            return f"({pair.lo} in ({', '.join(_constant(m) for m in found)}))"
        return "(" + " or ".join(compare("=", pair, point(_constant(m))) for m in found) + ")"

    def _contains(self, value: t.Value, words: tuple[str, ...] | t.ParamRef, not_after: tuple[str, ...]) -> str:
        found = self._constants(words)
        if found is None:
            return "null::boolean"
        column = self.value(value).lo
        if value.type.kind == "codes":
            return f"list_has_any({column}, {literal([str(w) for w in found])})"
        plain = " or ".join(f"contains({column}, {literal(w)})" for w in found)
        if not not_after:
            return f"({plain})"
        pattern = not_behind(tuple(dict.fromkeys(not_after))) + "(?:" + "|".join(re.escape(str(w)) for w in found) + ")"
        return f"(({plain}) and regexp_matches({column}, {literal(pattern)}))"

    def _constants(self, members: tuple[object, ...] | t.ParamRef) -> tuple[object, ...] | None:
        if not isinstance(members, t.ParamRef):
            return members
        found = self._parameter(members.parameter)
        if found is None:
            return None
        return found if isinstance(found, tuple) else (found,)

    # -- values --------------------------------------------------------------------------------------------------
    def value(self, value: t.Value) -> Pair:
        match value:
            case t.FieldRef(_, each, scope):
                row = self.aliases[scope]
                if each.interval:
                    return Pair(f"{row}.{ident(each.name + '_lo')}", f"{row}.{ident(each.name + '_hi')}")
                return point(f"{row}.{ident(each.name)}")
            case t.Const(found):
                return point(_constant(found))
            case t.ParamRef(parameter, found_type):
                known = self._parameter(parameter)
                return point(f"null::{_SQL_TYPES[found_type.kind]}" if known is None else _constant(known))
            case t.AsOf():
                return point(literal(self.as_of))
            case t.Arith(op, left, right, found_type) if found_type.kind == "date":
                return self._shift(op, left, right)
            case t.Arith(op, left, right):
                return calculate(op, self.value(left), self.value(right))
            case t.NamedValue(_, _, inner):
                return self.value(inner)
            case t.DefValue(_, definition, scope):
                row = self.aliases[scope]
                return Pair(
                    f"{row}.{def_column(definition.label, '_lo')}", f"{row}.{def_column(definition.label, '_hi')}"
                )
            case t.AggValue(quant):
                return self.aggregates[id(quant)]
        raise TypeError(value)

    def _shift(self, op: str, left: t.Value, right: t.Value) -> Pair:
        step = "to_days" if right.type.unit == "天" else "to_months"
        factor = " * 12" if right.type.unit == "岁" else ""
        pair, length = self.value(left), self.value(right)
        low, high = (length.lo, length.hi) if op == "+" else (length.hi, length.lo)
        return Pair(*(f"({d} {op} {step}(cast({n}{factor} as integer)))::date" for d, n in
                      ((pair.lo, low), (pair.hi, high))))  # fmt: skip

    # -- parameters ----------------------------------------------------------------------------------------------
    def _parameter(self, parameter: Parameter) -> object:
        region = self.vocabulary.pack.region if self.region is None else self.region
        return parameter_value(parameter, self.as_of, region)

    def regional(self, parameters: list[Parameter], test: Callable[[Compiler], str]) -> str:
        """A test compiled once per region that its parameters distinguish, chosen by the household's region."""
        regions = {r for p in parameters for r in parameter_regions(p, self.as_of)}
        column = self.vocabulary.region_field()
        if column is None or not (regions - {""}) or self.region is not None:
            return test(self)
        own = f"coalesce({self.aliases['household']}.{ident(column.name)}, {literal(self.vocabulary.pack.region)})"
        ordered = sorted(regions - {""}, key=lambda r: (-len(r), r))
        cases = [f"when starts_with({own}, {literal(r)}) then {test(replace(self, region=r))}" for r in ordered]
        return f"(case {' '.join(cases)} else {test(replace(self, region=''))} end)"


def _constant(value: object) -> str:
    return f"{literal(value)}::double" if isinstance(value, float) else literal(value)


def parameters_of(atom: t.Atom) -> list[Parameter]:
    found = [p for v in t.atom_values(atom) for p in value_parameters(v)]
    if isinstance(atom, t.InSet) and isinstance(atom.members, t.ParamRef):
        found.append(atom.members.parameter)
    if isinstance(atom, t.Contains) and isinstance(atom.words, t.ParamRef):
        found.append(atom.words.parameter)
    return found


def value_parameters(value: t.Value) -> list[Parameter]:
    match value:
        case t.ParamRef(parameter):
            return [parameter]
        case t.Span(a, b) | t.Arith(_, a, b):
            return value_parameters(a) + value_parameters(b)
        case t.NamedValue(_, _, inner):
            return value_parameters(inner)
    return []


def not_behind(words: tuple[str, ...]) -> str:
    """A pattern for any text that does not end with one of ``words`` (RE2 has no look-behind)."""
    by_last: dict[str, list[str]] = {}
    for word in words:
        by_last.setdefault(word[-1], []).append(word[:-1])
    parts = ["^", "[^" + "".join(re.escape(c) for c in sorted(by_last)) + "]"]
    for last in sorted(by_last):
        if "" not in by_last[last]:
            parts.append(not_behind(tuple(by_last[last])) + re.escape(last))
    return "(?:" + "|".join(parts) + ")"


# -- values ------------------------------------------------------------------------------------------------------------
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True)
class Pair:
    lo: str
    hi: str

    @property
    def point(self) -> bool:
        return self.lo == self.hi


def point(sql: str) -> Pair:
    return Pair(sql, sql)


def compare(op: str, a: Pair, b: Pair) -> str:
    """Three-valued comparison of two intervals."""
    if a.point and b.point:
        return f"({a.lo} {op} {b.lo})"
    if op == "=":
        sure = f"{a.lo} = {a.hi} and {b.lo} = {b.hi} and {a.lo} = {b.lo}"
        return f"(case when {sure} then true when {a.hi} < {b.lo} or {a.lo} > {b.hi} then false end)"
    if op in ("<", "<="):
        return f"(case when {a.hi} {op} {b.lo} then true when {a.lo} {_OPPOSITE[op]} {b.hi} then false end)"
    return f"(case when {a.lo} {op} {b.hi} then true when {a.hi} {_OPPOSITE[op]} {b.lo} then false end)"


def calculate(op: str, a: Pair, b: Pair) -> Pair:
    """a op b; x / 0, inf and nan are missing values."""
    if a.point and b.point:
        right = f"nullif({b.lo}, 0)" if op == "/" else b.lo
        return point(_finite(f"({a.lo} {op} {right})"))
    if op == "+":
        return Pair(_finite(f"({a.lo} + {b.lo})"), _finite(f"({a.hi} + {b.hi})"))
    if op == "-":
        return Pair(_finite(f"({a.lo} - {b.hi})"), _finite(f"({a.hi} - {b.lo})"))
    if op == "*" and a.point:
        a, b = b, a
    if b.point:
        factor = f"nullif({b.lo}, 0)" if op == "/" else b.lo
        low, high = f"({a.lo} {op} {factor})", f"({a.hi} {op} {factor})"
        return Pair(
            _finite(f"(case when {b.lo} >= 0 then {low} else {high} end)"),
            _finite(f"(case when {b.lo} >= 0 then {high} else {low} end)"),
        )
    return _both_wide(op, a, b)


def _both_wide(op: str, a: Pair, b: Pair) -> Pair:
    ends = [f"({x} {op} {f'nullif({y}, 0)' if op == '/' else y})" for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    bounded = " and ".join(f"{x} is not null" for x in (a.lo, a.hi, b.lo, b.hi))
    if op == "/":  # an interval around zero has no quotient
        bounded += f" and ({b.lo} > 0 or {b.hi} < 0)"
    low, high = (f"{f}({', '.join(ends)})" for f in ("least", "greatest"))
    return Pair(_finite(f"(case when {bounded} then {low} end)"), _finite(f"(case when {bounded} then {high} end)"))


def _finite(sql: str) -> str:
    return f"(case when isfinite({sql}) then {sql} end)"


# -- time between two dates ----------------------------------------------------------------------------------------
def span_test(op: str, start: Pair, end: Pair, length: str, unit: str) -> str:
    """(end - start) op N 天|月|岁, exactly by the calendar."""
    if start.point and end.point:
        return f"({_span(op, start.lo, end.lo, length, unit)})"
    shortest = _span(op, start.hi, end.lo, length, unit)
    longest = _span(op, start.lo, end.hi, length, unit)
    if op == "=":
        above = _span(">", start.hi, end.lo, length, unit)
        below = _span("<", start.lo, end.hi, length, unit)
        return f"(case when {shortest} and {longest} then true when {above} or {below} then false end)"
    sure, maybe = (shortest, longest) if op in (">", ">=") else (longest, shortest)
    return f"(case when {sure} then true when not {maybe} then false end)"


def _span(op: str, start: str, end: str, length: str, unit: str) -> str:
    if unit == "岁":
        return f"(date_sub('year', {start}, {end}) {op} {length})"
    step = "to_days" if unit == "天" else "to_months"
    return f"({end} {op} ({start} + {step}(cast({length} as integer)))::date)"
