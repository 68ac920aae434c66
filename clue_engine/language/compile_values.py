"""SQL of values: every value is a pair of SQL texts [lo, hi]; NULL lo or hi means no bound is known.

A point has lo == hi. Arithmetic is interval arithmetic, comparisons are true when certain for all values, false when
impossible for all, else NULL.
"""

from __future__ import annotations

from dataclasses import dataclass

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
