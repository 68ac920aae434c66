"""How far a comparison is from its bound, in words: 比界限 12750元 高 120元.

Comes in: the ``Bound`` of a test. Goes out: a phrase, empty where a side is not known.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from clue_engine.decide.seen import Bound
from clue_engine.language.template import shown


def gap(bound: Bound) -> str:
    """The nearest the left side may be to the bound. Not known, no words."""
    if None in bound.right or bound.left == (None, None):
        return ""
    line = _shown(bound.right[0] if bound.right[0] == bound.right[1] else bound.right, bound)
    low, high = bound.left
    if low is not None and low > bound.right[1]:
        return f"比界限 {line} 高 {_difference(low, bound.right[1], bound)}"
    if high is not None and high < bound.right[0]:
        return f"比界限 {line} 低 {_difference(bound.right[0], high, bound)}"
    if low == high == bound.right[0] == bound.right[1]:
        return f"正好等于界限 {line}"
    return f"界限 {line}"


def _shown(value: Any, bound: Bound) -> str:
    one = value[0] if isinstance(value, tuple) else value
    return shown(value, "" if isinstance(one, dt.date) else _unit(bound))


def _difference(more: Any, less: Any, bound: Bound) -> str:
    if isinstance(more, dt.date):
        return f"{(more - less).days}天"
    if bound.unit == "%":
        return shown(round((more - less) * 100, 4)) + "个百分点"
    return shown(round(more - less, 6), _unit(bound))


def _unit(bound: Bound) -> str:
    return {"月": "个月"}.get(bound.unit, bound.unit)
