"""Working days: weekends and public holidays do not count, weekends that are worked in exchange (调休) do.

Comes in: a day, a number, the holidays of the years that are known. Goes out: a day; an unknown year is not guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

_SATURDAY = 5


@dataclass(frozen=True)
class Year:
    """The days of a year that are not what their weekday says. ``source``: the notice."""

    source: str
    off: frozenset[dt.date]
    on: frozenset[dt.date]


class UnknownYear(Exception):
    """Nothing is known of the holidays of ``year``."""

    def __init__(self, year: int):
        super().__init__(year)
        self.year = year


def is_working_day(day: dt.date, years: Mapping[int, Year]) -> bool:
    """Raises UnknownYear."""
    known = years.get(day.year)
    if known is None:
        raise UnknownYear(day.year)
    return day in known.on or (day.weekday() < _SATURDAY and day not in known.off)


def after_working_days(start: dt.date, n: int, years: Mapping[int, Year]) -> dt.date:
    """The ``n``-th working day after ``start``, which does not count itself. Raises UnknownYear."""
    day = start
    while n > 0:
        day += dt.timedelta(days=1)
        n -= is_working_day(day, years)
    return day
