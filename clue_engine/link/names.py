"""Are two names, under the same id, the same person's? Compared by character: string distances in DuckDB count bytes.

Comes in: distinct pairs of normalised names. Goes out: why they agree, or None.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

SHORTEST_PREFIX = 3
"""A dotted minority name may be cut off by a narrow column; fewer characters than this prove nothing."""


@lru_cache(maxsize=65536)
def _sound(character: str) -> str:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # single characters only: its phrases take 0.2 s to load
    from pypinyin import Style, lazy_pinyin

    return str(lazy_pinyin(character, style=Style.NORMAL)[0])


def sounds(name: str) -> tuple[str, ...]:
    """Toneless pinyin, one reading per character."""
    return tuple(_sound(c) for c in name)


def agreement(one: str, other: str) -> str | None:
    """Why two normalised names agree: 姓名相同, 姓名同音, 姓名差一字, 姓名缩写; None when they do not."""
    from rapidfuzz.distance import Levenshtein

    one, other = one.replace("·", ""), other.replace("·", "")
    if one == other:
        return "姓名相同"
    if len(one) == len(other) and sounds(one) == sounds(other):
        return "姓名同音"
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= SHORTEST_PREFIX and len(longer) > len(shorter) + 1 and longer.startswith(shorter):
        return "姓名缩写"
    # one edit in a two-character name leaves only one character in common
    if len(longer) >= 3 and Levenshtein.distance(one, other) <= 1:
        return "姓名差一字"
    return None


def agreements(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(one, other, why) for each pair that agrees."""
    return [(one, other, why) for one, other in pairs if (why := agreement(one, other))]
