"""Columns that are one field by year (2023年人均纯收入, 2024年人均纯收入 …): the newest full year feeds it.

Comes in: a header, its columns, the day that the table speaks of. Goes out: ``Doubt`` per column that is put aside: an
older year, a year that is not over, a part of a year (2026年1-4月合规自付), which never stands for a year.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from clue_engine.ingest.field_choice import FieldChoice
from clue_engine.ingest.header import Heading
from clue_engine.ingest.heading_parse import year_of
from clue_engine.pack.model import Source

_PART = re.compile(
    r"(?:\d{1,2}月?(?:份)?[-—–~～至到])?\d{1,2}月(?:份)?|第?[一二三四1-4]季度|[上下]半年|(?:截至|截止)(?:目前|当前)?"
)


@dataclass(frozen=True)
class Doubt:
    """A column that may be a field and is not used. ``code``: of the issue that tells of it."""

    header: str
    label: str
    why: str
    code: str = "COLUMN_DOUBTFUL"

    def __str__(self) -> str:
        return self.why if self.code == "COLUMN_OLDER" else f"“{self.header}”像“{self.label}”，{self.why}"


@dataclass(frozen=True)
class _OfYear:
    position: int
    header: str
    year: int


def put_aside(
    source: Source, choice: FieldChoice, columns: Sequence[tuple[Heading, int | None]], day: dt.date | None
) -> dict[int, Doubt]:
    """By position. ``columns``: headings and, where the source has them, their numbers."""
    aside: dict[int, Doubt] = {}
    years: dict[int, list[_OfYear]] = defaultdict(list)
    running = {day.year} if day else set[int]()
    for heading, known in columns:
        key = heading.keys[0] if heading.keys else ""
        year, bare = year_of(key), _PART.sub("", key)
        if year is None and bare == key:
            continue
        number = known if known is not None else _number(choice, replace(heading, keys=(bare,)))
        if number is None or not choice.words.yearly.intersection(source.columns[number].fields):
            continue
        if bare != key:
            label = _label(source, choice, number)
            aside[heading.position] = Doubt(heading.text, label, "说的是一年里的一段时间，不当作全年的")
            running |= {year} if year is not None and day is None else set()
        elif year is not None:
            years[number].append(_OfYear(heading.position, heading.text, year))
    for number, found in years.items():
        aside |= _older(found, running, _label(source, choice, number))
    return aside


def _older(found: Sequence[_OfYear], running: set[int], label: str) -> dict[int, Doubt]:
    """All but the newest year that is over; of years of which none is over, all but the first."""
    over = [one.year for one in found if not running or one.year < min(running)]
    year = max(over) if over else min(one.year for one in found)
    used = "、".join(f"“{one.header}”" for one in found if one.year == year)
    return {
        one.position: Doubt(
            one.header,
            label,
            f"“{label}”一项用 {year} 年的{used}，{one.year} 年的“{one.header}”没有用",
            "COLUMN_OLDER",
        )
        for one in found
        if one.year != year
    }


def _number(choice: FieldChoice, heading: Heading) -> int | None:
    return next((one.column_no for one in choice.choices(heading)), None)


def _label(source: Source, choice: FieldChoice, number: int) -> str:
    return choice.words.record_field(source.columns[number].fields[0]).label
