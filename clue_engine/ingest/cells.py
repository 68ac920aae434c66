"""The text of typed cells, without loss: dates ISO, whole numbers without a point, too big a number as 5.3E+17.

Comes in: a column of Python values as a workbook reader gives them. Goes out: an array of texts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

MAX_WIDTH = 2000  # columns: one stray cell in the last one must not make 16,384 of them
_EXACT = 2**53


def text_array(values: Sequence[object]) -> pa.Array:
    """Text of a column. Most columns are text through and through and cost nothing."""
    import pyarrow as pa

    try:
        found = pa.array(values, pa.string())
    except TypeError:  # a number, a date: ArrowTypeError is one too
        return pa.array([v if type(v) is str else render(v) for v in values], pa.string())
    return found.fill_null("") if found.null_count else found


def render(value: object) -> str:
    """Text of one cell. A float of 18 digits keeps its exponent, so that nobody takes it for an identity number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value) if abs(value) < _EXACT else repr(float(value))
    if isinstance(value, float):
        if value.is_integer() and abs(value) < _EXACT:
            return str(int(value))
        if abs(value) >= _EXACT or value != value:
            return repr(value)
        text = f"{value:.15g}"
        return text if "e" not in text else f"{value:.15f}".rstrip("0")
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
