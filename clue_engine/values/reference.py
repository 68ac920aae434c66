"""Numbers that point elsewhere: case numbers and telephone numbers.

Comes in: a cell. Goes out: one form for comparing.
"""

from __future__ import annotations

import re

from clue_engine.values.text import cell_text, compact

BRACKETS_OPEN, BRACKETS_CLOSE = "(〔【<《{", ")〕】>》}"
_BRACKETS = str.maketrans(BRACKETS_OPEN + BRACKETS_CLOSE, "[" * len(BRACKETS_OPEN) + "]" * len(BRACKETS_CLOSE))
_MOBILE = re.compile(r"(?<![0-9])1[0-9]{10}(?![0-9])")
_FIXED = re.compile(r"(?<![0-9])(?:0[0-9]{2,3}-?)?[0-9]{7,8}(?![0-9])")
_NUMBER = r"[^\[\]0-9]{1,20}受\[[0-9]{4}\]第?[0-9]+号"
_NAMED = re.compile(rf"({_NUMBER})[^0-9号]+")  # and the name of the case behind it


def case_number(cell: str | None) -> str | None:
    """Brackets as [ ], no blanks: 某院诉受（2024）1号 → 某院诉受[2024]1号; also before the name of the case."""
    text = cell_text(cell)
    if text is None:
        return None
    key = compact(text).translate(_BRACKETS).upper()
    named = _NAMED.fullmatch(key)
    return (named[1] if named else key) or None


def is_case_taken(text: str) -> bool:
    """Whether a cell is a number under which an office has taken a case."""
    return re.fullmatch(_NUMBER, case_number(text) or "") is not None


def number_and_name(text: str) -> bool:
    """Whether a cell is a number under which an office has taken a case and the name of the case."""
    return _NAMED.fullmatch(compact(text).translate(_BRACKETS)) is not None


def phone(cell: str | None) -> str | None:
    """The first telephone number of the cell, digits only; +86 cut."""
    text = cell_text(cell)
    if text is None:
        return None
    key = re.sub(r"\.0+$", "", compact(text))
    key = re.sub(r"^(?:\+|00)?86(?=1[0-9]{10}$)", "", key)
    found = _MOBILE.search(key.replace("-", "")) or _FIXED.search(key)
    return found[0].replace("-", "") if found else None
