"""Counts, ages, months: plain numbers with at most a counting word behind them; terms of prison in months.

Comes in: a cell. Goes out: the number, or None. nan, inf, 1e5 and 0x10 are not numbers here.
"""

from __future__ import annotations

import math
import re

from clue_engine.values.dates import arabic
from clue_engine.values.text import cell_text, compact

_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(?:周岁|岁|人|口|个月|月|天|日|年|亩|户|个|次|%)?")
_TERM = re.compile(r"(?:([0-9]{1,2})年)?(?:零)?(?:([0-9]{1,3})个?月)?")
_PUNISHMENT = re.compile("^(?:判处|被判处|处|判)?(?:有期徒刑|拘役|管制)")
_BESIDE = re.compile(r"[,，;；、。(（].*$")  # 有期徒刑三年，缓刑五年: the term is the first


def months(cell: str | None, *, years: bool = False) -> float | None:
    """A term in months: 36, 3年, 三年六个月, 有期徒刑一年，缓刑二年 → 12. ``years``: a bare number counts years."""
    text = cell_text(cell)
    if text is None:
        return None
    key = _BESIDE.sub("", compact(text))
    if re.fullmatch(r"[0-9]{1,4}(?:\.[0-9]+)?", key):
        return float(key) * (12 if years else 1)
    key = re.sub("两(?=年|个月)", "二", _PUNISHMENT.sub("", key)).replace("年半", "年六个月")
    found = _TERM.fullmatch(arabic(key).replace("又", ""))
    if found is None or not any(found.groups()):
        return None
    return 12.0 * int(found[1] or 0) + int(found[2] or 0)


def number(cell: str | None) -> float | None:
    """Read a plain number: 18个月 → 18, 42岁 → 42."""
    text = cell_text(cell)
    if text is None:
        return None
    found = _NUMBER.fullmatch(compact(text).replace(",", ""))
    value = float(found[1]) if found else math.inf
    return value if math.isfinite(value) else None
