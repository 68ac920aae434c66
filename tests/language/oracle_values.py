"""Plain-Python arithmetic and comparison of [lo, hi] values; None is an unknown bound. Slow and obvious on purpose."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Callable
from typing import Any

from clue_engine.pack.model import Parameter

Interval = tuple[Any, Any]
Verdict = bool | None

_OPS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(a == b),
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def k_and(parts: list[Verdict]) -> Verdict:
    return False if False in parts else None if None in parts else True


def k_or(parts: list[Verdict]) -> Verdict:
    return True if True in parts else None if None in parts else False


def k_not(value: Verdict) -> Verdict:
    return None if value is None else not value


def compare(op: str, a: Interval, b: Interval) -> Verdict:
    """True when it holds for all values of both intervals, False when for none, else None."""
    if op == "=":
        if None not in (*a, *b) and a[0] == a[1] == b[0] == b[1]:
            return True
        apart = _less(a[1], b[0]) or _less(b[1], a[0])
        return False if apart else None
    if op in (">", ">="):
        return compare("<" if op == ">" else "<=", b, a)
    if None not in (a[1], b[0]) and _OPS[op](a[1], b[0]):
        return True
    if None not in (a[0], b[1]) and not _OPS[op](a[0], b[1]):
        return False
    return None


def _less(a: Any, b: Any) -> bool:
    return a is not None and b is not None and bool(a < b)


def calculate(op: str, a: Interval, b: Interval, a_point: bool, b_point: bool) -> Interval:
    """a op b. Two wide values need all four ends; a wide one and a number keep the ends they have."""
    if op == "+":
        return _op("+", a[0], b[0]), _op("+", a[1], b[1])
    if op == "-":
        return _op("-", a[0], b[1]), _op("-", a[1], b[0])
    if op == "*" and a_point and not b_point:
        a, b, b_point = b, a, True
    if b_point:
        ends = [_op(op, a[0], b[0]), _op(op, a[1], b[0])]
        if b[0] is None:
            return None, None
        return (ends[0], ends[1]) if b[0] >= 0 else (ends[1], ends[0])
    if None in (*a, *b) or (op == "/" and b[0] <= 0 <= b[1]):
        return None, None
    results = [_op(op, x, y) for x in a for y in b]
    known = [r for r in results if r is not None]
    return (min(known), max(known)) if len(known) == len(results) else (None, None)


def _op(op: str, x: float | None, y: float | None) -> float | None:
    if x is None or y is None or (op == "/" and y == 0):
        return None
    result = {"+": lambda: x + y, "-": lambda: x - y, "*": lambda: x * y, "/": lambda: x / y}[op]()
    return result if math.isfinite(result) else None


# -- dates ---------------------------------------------------------------------------------------------------------
def add_months(date: dt.date, months: int) -> dt.date:
    """The same day of a later month, or the last day where there is no such day."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def completed_years(start: dt.date, end: dt.date) -> int:
    if end < start:
        return -completed_years(end, start)
    years = end.year - start.year
    return years if add_months(start, 12 * years) <= end else years - 1


def elapsed(start: dt.date | None, end: dt.date | None, unit: str) -> float | None:
    """The whole days, months or years of age from ``start`` to ``end``."""
    if start is None or end is None:
        return None
    if unit == "天":
        return float((end - start).days)
    if unit == "岁":
        return float(completed_years(start, end))
    months = (end.year - start.year) * 12 + end.month - start.month
    return float(months if add_months(start, months) <= end else months - 1)


def span_holds(op: str, start: dt.date, end: dt.date, length: float, unit: str) -> bool:
    """Whether the time from ``start`` to ``end`` stands in relation ``op`` to ``length``."""
    if unit == "岁":
        return _OPS[op](completed_years(start, end), length)
    limit = start + dt.timedelta(days=int(length)) if unit == "天" else add_months(start, int(length))
    return _OPS[op](end, limit)


def span(op: str, start: Interval, end: Interval, length: float | None, unit: str) -> Verdict:
    if length is None:
        return None
    shortest = span_holds(op, start[1], end[0], length, unit) if start[1] and end[0] else None
    longest = span_holds(op, start[0], end[1], length, unit) if start[0] and end[1] else None
    if op == "=":
        if shortest and longest:
            return True
        above = start[1] and end[0] and span_holds(">", start[1], end[0], length, unit)
        below = start[0] and end[1] and span_holds("<", start[0], end[1], length, unit)
        return False if above or below else None
    sure, maybe = (shortest, longest) if op in (">", ">=") else (longest, shortest)
    return True if sure else False if maybe is False else None


def aggregate(kind: str, members: list[tuple[bool, Interval]]) -> Interval:
    """[smallest, largest] sum, min or max of rows that are in certainly (True) or possibly (False)."""
    if kind == "sum":
        low, high = 0.0, 0.0
        unbounded = False
        for sure, (lo, hi) in members:
            lo = 0.0 if lo is None else lo
            low += lo if sure else min(lo, 0.0)
            unbounded = unbounded or hi is None
            high += 0.0 if hi is None else hi if sure else max(hi, 0.0)
        return low, None if unbounded else high
    near, far = (0, 1) if kind == "max" else (1, 0)
    best = max if kind == "max" else min
    sure_ends = [v[near] for sure, v in members if sure and v[near] is not None]
    far_ends = [v[far] for _, v in members]
    reached = best(sure_ends) if sure_ends else None
    reachable = None if not far_ends or None in far_ends else best(far_ends)
    return (reached, reachable) if kind == "max" else (reachable, reached)


# -- parameters ----------------------------------------------------------------------------------------------------
def parameter_on(parameter: Parameter, day: dt.date, region: str) -> Any:
    """The value in force in a region on a day, looked up without the compiler's help; None: there is none.

    First the region itself, then the one around it, a digit less each time, at last the whole country; there the value
    that began last. A duration in years is given in months.
    """
    for length in range(len(region), -1, -1):
        in_force = {v.start: v.value for v in parameter.values if v.region == region[:length] and v.start <= day}
        if in_force:
            return _typed(parameter, in_force[max(in_force)])
    return None


def _typed(parameter: Parameter, value: Any) -> Any:
    if parameter.type == "code":
        return tuple(value) if isinstance(value, list | tuple) else value
    if parameter.type == "codes":
        return tuple(value) if isinstance(value, list | tuple) else (value,)
    if parameter.type == "duration":
        number, unit = value if isinstance(value, list | tuple) else (value, parameter.unit)
        return float(number) * 12 if unit == "年" else float(number)
    return float(value)
