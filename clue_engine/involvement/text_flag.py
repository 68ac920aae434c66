"""Flags from free text: words of the pack that say a fact, unless a word of denial stands right before them.

Comes in: word lists of the pack. Goes out: SQL expressions, true where the text says it, false where it does not.
"""

from __future__ import annotations

import re

from clue_engine.pack.model import WordList
from clue_engine.workspace import literal


def says(column: str, words: WordList) -> str:
    """SQL: does ``column`` say one of ``words``? RE2 has no look-behind, so denied words are cut out first."""
    if not words.values:
        return "false"
    any_word = "|".join(re.escape(w) for w in words.values)
    text = f"coalesce({column}, '')"
    if words.not_after:
        denied = "|".join(re.escape(w) for w in words.not_after)
        text = f"regexp_replace({text}, {literal(f'(?:{denied})(?:{any_word})')}, '', 'g')"
    return f"regexp_matches({text}, {literal(any_word)})"
