"""Amounts of money in yuan.

Comes in: a cell, the unit of its column, and the limit above which a bare number of a 万元 column can only be yuan.
Goes out: yuan and a flag: None, APPROX (约, 余, a range) or UNIT_ASSUMED.
"""

from __future__ import annotations

import re

from clue_engine.values.text import BLANKS, cell_text, half_width

_UNITS = {
    "": 1.0,
    "十": 10.0,
    "百": 100.0,
    "千": 1000.0,
    "万": 10_000.0,
    "十万": 100_000.0,
    "百万": 1_000_000.0,
    "亿": 100_000_000.0,
}
_UNITS |= {"千万": 10_000_000.0, "w": 10_000.0, "W": 10_000.0}
_AMOUNT = re.compile(
    r"(?P<about>约|大约|约为|近|超|超过|逾|不足)?(?:人民币|RMB|CNY)?[¥$]?"
    r"(?P<sign>-?)(?P<number>\d+(?:\.\d+)?)(?:(?P<range>-|~|—|至|到)[¥]?(?P<upper>\d+(?:\.\d+)?))?"
    r"(?P<more1>余|多)?(?P<unit>十万|百万|千万|十|百|千|万|亿|[wW])?(?P<more2>余|多|几)?(?P<yuan>元|圆|块)?(?P<more3>余|左右|以上|多|整)?(?:人民币)?"
)
_BRACKETS = re.compile(r"\((.*)\)")
_THOUSANDS = re.compile(r"[^\d,]*\d{1,3}(?:,\d{3})+(?:\.\d+)?[^\d,]*")
NOTHING_WORDS = ("无", "没有", "未填报")

Money = tuple[float | None, str | None]


def money(cell: str | None, unit: str | None = None, wan_limit: float = 499.0) -> Money:
    """Read an amount; ``unit`` is that of the column: 元 or 万元. A unit in the cell wins."""
    text = cell_text(cell)
    if text is None:
        return None, None
    key = "".join(c for c in half_width(text) if c not in BLANKS).replace("￥", "¥")
    negative = _BRACKETS.fullmatch(key)
    key = negative[1] if negative else key
    if _THOUSANDS.fullmatch(key):
        key = key.replace(",", "")
    found = _AMOUNT.fullmatch(key)
    if not found:
        return None, None
    value = float(found["number"])
    about = any(found[part] for part in ("about", "more1", "more2")) or found["more3"] not in (None, "整")
    if found["upper"]:
        value, about = (value + float(found["upper"])) / 2, True
    flag = "APPROX" if about else None
    if found["unit"]:
        value *= _UNITS[found["unit"]]
    elif unit == "万元" and not found["yuan"]:
        if value > wan_limit:
            flag = "UNIT_ASSUMED"
        else:
            value *= 10_000
    elif unit == "千元" and not found["yuan"]:
        value *= 1000
    if found["sign"] or negative:
        value = -value
    return round(value, 2), flag


def is_readable(cell: str | None) -> bool:
    """False for a text that should be an amount and is none: an issue."""
    text = cell_text(cell)
    return text is None or text in NOTHING_WORDS or money(cell)[0] is not None
