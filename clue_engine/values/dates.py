"""Dates as they are written in exports. A month or a year is an interval, never its first day.

Comes in: a cell. Goes out: ``(first day, last day)``; ``(None, None)`` when empty or not readable.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re

from clue_engine.values.text import BLANKS, cell_text, half_width

FIRST_YEAR, LAST_YEAR = 1880, 2100
OPEN_WORDS = ("至今", "现在", "目前", "长期", "永久", "在享", "无")  # an open end: missing, nothing to complain about

_DAY = re.compile(r"([0-9]{4}|[0-9]{2}(?=年))[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?")
_TIME = re.compile(
    r"(?:(?<![\sT])[\sT]+|(?<=[日号]))(?:[上下]午|凌晨|清晨|早上|早晨|中午|傍晚|晚上?|深夜|夜间)?"
    r"[0-9]{1,2}[:时点](?:[0-9]{1,2}(?:[:分][0-9]{1,2}(?:\.[0-9]+)?)?)?[秒分]?(?:许|左右)?$"
)  # 2025年5月3日8时许
_MONTH = re.compile(r"([0-9]{4}|[0-9]{2}(?=年))[-/.年]([0-9]{1,2})月?份?")
_PLAIN = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")  # 20240105, 2024-01-05: nearly all cells
_EIGHT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:\.0+|[0-9]{6})?")  # also 20240105093000
_SIX = re.compile(r"([0-9]{4})([0-9]{2})(?:\.0+)?")
_BEHIND = re.compile(r"(?<=[0-9年月日号])(?:出生|生|起|止)$")  # 1978年11月生
_SERIAL = re.compile(r"([1-7][0-9]{4})(?:\.[0-9]+)?")
_YEAR = re.compile(r"([0-9]{4})年?(?:\.0+)?")
_CHINESE = re.compile("[〇零○一二三四五六七八九十]")
_THIS_CENTURY = 30  # 24年12月8号 is of 2024, 85年5月 of 1985
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")

Interval = tuple[dt.date | None, dt.date | None]
NOTHING: Interval = (None, None)


def date_interval(cell: str | None) -> Interval:
    """Read a date; 202401 → all of January, 45296 → 2024-01-05 (Excel), 二〇二四年3月22日."""
    if cell is not None and (m := _PLAIN.fullmatch(cell)):
        return _day(int(m[1]), int(m[3]), int(m[4]))
    text = cell_text(cell)
    if text is None or text in OPEN_WORDS:
        return NOTHING
    key = _BEHIND.sub("", "".join(c for c in _TIME.sub("", half_width(text)) if c not in BLANKS))
    if _CHINESE.search(key):
        key = arabic(key)
    if m := _DAY.fullmatch(key) or _EIGHT.fullmatch(key):
        return _day(_year(m[1]), int(m[2]), int(m[3]))
    if m := _MONTH.fullmatch(key) or _SIX.fullmatch(key):
        return _month(_year(m[1]), int(m[2]))
    if m := _SERIAL.fullmatch(key):
        # 1899-12-30 is day 0 of Excel's 1900 system once its false 29 February 1900 is allowed for.
        day = dt.date(1899, 12, 30) + dt.timedelta(days=int(m[1]))
        return (day, day) if day.year <= LAST_YEAR else NOTHING
    if m := _YEAR.fullmatch(key):
        year = int(m[1])
        return (dt.date(year, 1, 1), dt.date(year, 12, 31)) if FIRST_YEAR <= year <= LAST_YEAR else NOTHING
    return NOTHING


def is_readable(cell: str | None) -> bool:
    """False for a text that should be a date and is none: an issue."""
    text = cell_text(cell)
    return text is None or text in OPEN_WORDS or date_interval(cell) != NOTHING


def arabic(key: str) -> str:
    """Chinese numerals of a date as digits: 二〇二四年十一月二十二日 → 2024年11月22日."""
    key = re.sub("([一二三])十([一二三四五六七八九])", r"\1\2", key)
    key = re.sub("([一二三])十", r"\g<1>0", key)
    key = re.sub("十([一二三四五六七八九])", r"1\1", key)
    return key.replace("十", "10").translate(_DIGITS)


def _year(said: str) -> int:
    """The year, of which two figures may be left out before 年."""
    year = int(said)
    return year if len(said) > 2 else year + (2000 if year <= _THIS_CENTURY else 1900)


def _day(year: int, month: int, day: int) -> Interval:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return NOTHING
    return (found, found) if FIRST_YEAR <= year <= LAST_YEAR else NOTHING


def _month(year: int, month: int) -> Interval:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        return NOTHING
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])
