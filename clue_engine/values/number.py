"""Counts, ages, months: plain numbers with at most a counting word behind them.

Comes in: a cell. Goes out: the number, or None. nan, inf, 1e5 and 0x10 are not numbers here.
"""

from __future__ import annotations

import math
import re

from clue_engine.values.text import cell_text, compact

_NUMBER = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(?:周岁|岁|人|口|个月|月|天|日|年|亩|户|个|次|%)?")


def number(cell: str | None) -> float | None:
    """Read a plain number: 18个月 → 18, 42岁 → 42."""
    text = cell_text(cell)
    if text is None:
        return None
    found = _NUMBER.fullmatch(compact(text).replace(",", ""))
    value = float(found[1]) if found else math.inf
    return value if math.isfinite(value) else None
