"""Words of headings that mean the same, made one for comparing: 受害者身份证号 → 被害人证件号码.

Comes in: the pairs of the pack (rules/vocabulary/headings.yaml). Goes out: a function on heading keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from clue_engine.ingest.header import heading_key

Loosen = Callable[[str], str]


def loosen_with(words: Mapping[str, str]) -> Loosen:
    """The function for these words; the longest word counts where several begin at one place."""
    return _loosen(tuple(words.items()))


@lru_cache(maxsize=8)
def _loosen(pairs: tuple[tuple[str, str], ...]) -> Loosen:
    if not pairs:
        return lambda key: key
    meant = {heading_key(word)[0]: to for word, to in pairs}
    pattern = re.compile("|".join(re.escape(word) for word in sorted(meant, key=len, reverse=True)))

    @lru_cache(maxsize=20_000)
    def loosen(key: str) -> str:
        return pattern.sub(lambda m: meant[m[0]], key)

    return loosen
