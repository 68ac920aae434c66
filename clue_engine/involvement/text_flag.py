"""Flags from free text: words of the pack that say a fact, unless a word of denial stands right before them.

Comes in: word lists of the pack, facts of sentences (text_fact). Goes out: SQL expressions, true where the text says
it, false where it does not.
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


def stated(fact: str, *, own: bool) -> str:
    """SQL over case_fact as c: does a sentence state ``fact`` of this party?

    What is said of nobody by name (双方互殴) holds for all parties of the event, unless ``own``: then only for an
    event's only victim.
    """
    nobody = "c.victim_count = 1 and (c.claims or list_contains(c.roles, '被害人'))" if own else "true"
    return (
        f"exists (select 1 from text_fact as t where t.event_id = c.event_id and t.fact = {literal(fact)} "
        f"and t.value = '是' and (t.party_id = c.party_id or (t.party_id is null and {nobody})))"
    )
