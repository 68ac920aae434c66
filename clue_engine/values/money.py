"""Amounts of money in yuan.

Comes in: a cell, the unit of its column, and the limit above which a bare number of a 万元 column can only be yuan.
Goes out: yuan and a flag: None, APPROX (约, 余, a range) or UNIT_ASSUMED.
"""

from __future__ import annotations

import math
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
    r"(?P<sign>-?)(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"(?:(?P<unit1>万|千|亿)?元?(?P<range>-|~|—|至|到)[¥]?(?P<upper>[0-9]+(?:\.[0-9]+)?))?"
    r"(?P<more1>余|多)?(?P<unit>十万|百万|千万|十|百|千|万|亿|[wW])?(?P<more2>余|多|几)?(?P<yuan>元|圆|块)?(?P<more3>余|左右|以上|多|整)?(?:人民币)?"
)
_DIGITS = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_FORMAL = str.maketrans("〇壹贰叁肆伍陆柒捌玖拾佰仟萬億", "零一二三四五六七八九十百千万亿")
_ONES = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_NUMERALS = re.compile(f"[{_ONES}十拾][{_ONES}十百千万亿拾佰仟萬億]*")
_BRACKETS = re.compile(r"\((.*)\)")
_THOUSANDS = re.compile(r"[^0-9,]*[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?[^0-9,]*")
MONTHLY = "元/月"  # of a column whose amounts are those of a month, of a field that is of a year
NOTHING_WORDS = ("无", "没有", "未填报")

Money = tuple[float | None, str | None]


def money(cell: str | None, unit: str | None = None, wan_limit: float = 499.0) -> Money:
    """Read an amount; ``unit`` is that of the column: 元, 万元 or 元/月. A unit in the cell wins."""
    text = cell_text(cell)
    if text is None:
        return None, None
    key = "".join(c for c in half_width(text) if c not in BLANKS).replace("￥", "¥")
    negative = _BRACKETS.fullmatch(key)
    key = negative[1] if negative else key
    if _THOUSANDS.fullmatch(key):
        key = key.replace(",", "")
    key = _with_digits(key)
    found = _AMOUNT.fullmatch(key)
    if not found or (found["unit1"] and found["unit1"] != found["unit"]):  # 5千-1万: not read
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
    if unit == MONTHLY:
        value *= 12
    if found["sign"] or negative:
        value = -value
    if not math.isfinite(value):  # 400 digits in a row are no amount
        return None, None
    return round(value, 2), flag


def _with_digits(key: str) -> str:
    """An amount in Chinese numerals as digits: 叁万伍仟元整 → 35000元整; what is not strictly written stays."""
    found = _NUMERALS.search(key)
    if not found or re.search(r"[0-9]", key):
        return key
    numeral = found[0].translate(_FORMAL)
    value = _numeral(numeral)
    if value is None:
        return key
    yuan = "" if "元" in key or not re.search("[万亿]", numeral) else "元"  # 三万 is yuan in any column
    return f"{key[: found.start()]}{value}{key[found.end() :]}{yuan}"


def _numeral(text: str) -> int | None:
    """三万五千 → 35000. None for 三五万 (several) and for 二万五 (25,000 in speech, 20,005 by the letter)."""
    billions = millions = section = digit = 0  # the parts before 亿, before 万, and what follows
    last, before = 10_000, ""
    for sign in text:
        if sign in _DIGITS:
            if before in _DIGITS and before != "零":
                return None
            digit = _DIGITS[sign]
        elif sign in "万亿":
            section, digit, last = section + digit, 0, 10_000
            if not section or (sign == "万" and millions):
                return None
            if sign == "万":
                millions, section = section * 10_000, 0
            elif billions:
                return None
            else:
                billions, millions, section = (millions + section) * 10**8, 0, 0
        else:
            power = _POWERS[sign]
            if power >= last or not (digit or sign == "十"):
                return None
            section, digit, last = section + (digit or 1) * power, 0, power
        before = sign
    spoken = len(text) > 1 and before in _DIGITS and text[-2] not in "零十"
    return None if spoken else billions + millions + section + digit


def is_readable(cell: str | None) -> bool:
    """False for a text that should be an amount and is none: an issue."""
    text = cell_text(cell)
    return text is None or text in NOTHING_WORDS or money(cell)[0] is not None
