"""Facts that sentences say: injury, disability, payment, settlement, flight …, each with its sentence.

Comes in: a text, the sayings of the pack (rules/vocabulary/text_facts.yaml), the names of the victims and suspects of
its event. Goes out: ``Said``: fact, value, sentence, and whose it is where the sentence tells. What is denied, doubted
or a quotation of the law says nothing. All of it is *possible*: a structured value always comes first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from clue_engine.involvement.text_subject import (
    Mention,
    Names,
    beside,
    blamed,
    clause_start,
    mentions_of,
    not_of_suspects,
    of_body,
)
from clue_engine.pack.model import NOT_OF_SUSPECT, OF_VICTIM, TextFact, TextFacts
from clue_engine.values.text import code_key

_SENTENCE = re.compile(r"[^。；;！!？?\r\n]+[。；;！!？?]?")
_GRADE = "(一|二|三|四|五|六|七|八|九|十|10|[1-9])"
_GAP = "[^。;,未没不无]{0,12}?"  # a denial in the gap would turn the saying round
_DIGITS = dict(zip(("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), "一二三四五六七八九十", strict=True))
_REFUTED_WITHIN = 24  # characters behind a saying: …，该辩解经查不属实


@dataclass(frozen=True)
class Said:
    """A fact in a sentence. ``names``: the victims it is said of; empty when the sentence does not tell."""

    fact: str
    value: str
    sentence: str
    names: tuple[str, ...] = ()


def read_text(
    text: str,
    rules: TextFacts,
    victims: Sequence[str] = (),
    suspects: Sequence[str] = (),
    column: str = "",
    *,
    own: str | None = None,
) -> list[Said]:
    """All that ``text`` says, in its order. ``column``: the field of a victim's row that it stands in.

    ``own``: the fact that this column is for, "" for a note; None where the text is about the whole event.
    """
    if not rules.facts:
        return []
    said: dict[Said, None] = {}
    for found in _SENTENCE.finditer(text):
        written, sentence = found[0].strip(), code_key(found[0])  # the evidence stays as written
        if not _any_saying(rules).search(sentence) or _quotes_law(rules).search(sentence):
            continue
        mentions = mentions_of(sentence, rules, tuple(victims), tuple(suspects))
        for fact, pattern in _patterns(rules):
            if fact.column and fact.column != column:
                continue
            for match in pattern.finditer(sentence):
                if _holds(sentence, match, fact, rules, victims):
                    people = _of_whom(sentence, match, fact, mentions, rules, own=own, n_victims=len(victims))
                    if people is not None:
                        said[Said(fact.fact, _value(fact, match), written, people)] = None
    return list(said)


def _of_whom(
    sentence: str,
    match: re.Match[str],
    fact: TextFact,
    mentions: Sequence[Mention],
    rules: TextFacts,
    *,
    own: str | None,
    n_victims: int,
) -> Names:
    """The victims a saying is about, () not told which, None nobody on their side."""
    if fact.bodily:
        return of_body(sentence, match.start(), mentions, rules)
    if fact.subject == OF_VICTIM:
        return blamed(
            sentence, match.start(), match.end(), mentions, rules,
            own=own == fact.fact, n_victims=n_victims if own is None else 1,
        )  # fmt: skip
    if fact.subject == NOT_OF_SUSPECT:
        return not_of_suspects(sentence, match.start(), match.end(), mentions)
    return beside(sentence, match.start(), mentions)


def _value(fact: TextFact, match: re.Match[str]) -> str:
    grade = next((g for g in match.groups() if g), "")
    return fact.value.replace("{n}", _DIGITS.get(grade, grade))


def _holds(sentence: str, match: re.Match[str], fact: TextFact, rules: TextFacts, victims: Sequence[str]) -> bool:
    """Not denied, not doubted, not refuted, not the beginning of another word."""
    rest = sentence[match.end() :]
    if any(rest.startswith(code_key(word)) for word in fact.not_before):
        return False
    if any(code_key(word) in rest[:_REFUTED_WITHIN] for word in rules.refuted):
        return False
    clause = sentence[clause_start(sentence, match.start()) : match.start()]
    for name in victims:  # 不足以认定某甲有过错: a name between the denial and the saying counts for no word
        clause = clause.replace(name, "") if name else clause
    beside = (*rules.doubtful, *fact.not_after)
    return not _denial(rules).search(clause) and not any(word in clause for word in beside)


@lru_cache(maxsize=4)
def _patterns(rules: TextFacts) -> tuple[tuple[TextFact, re.Pattern[str]], ...]:
    return tuple(
        (fact, re.compile("|".join(_saying(word) for word in _longest_first(fact.says)))) for fact in rules.facts
    )


@lru_cache(maxsize=4)
def _any_saying(rules: TextFacts) -> re.Pattern[str]:
    return re.compile("|".join(_saying(word) for fact in rules.facts for word in fact.says))


@lru_cache(maxsize=4)
def _quotes_law(rules: TextFacts) -> re.Pattern[str]:
    return re.compile("|".join(_saying(word) for word in rules.citations) or r"(?!)")


@lru_cache(maxsize=4)
def _denial(rules: TextFacts) -> re.Pattern[str]:
    denied = "|".join(re.escape(word) for word in _longest_first(rules.denied))
    between = "|".join(re.escape(word) for word in _longest_first(rules.between))
    return re.compile(f"(?:{denied})(?:{between}){{0,4}}$" if denied else r"(?!)")


def _longest_first(words: Sequence[str]) -> list[str]:
    return sorted(words, key=len, reverse=True)


def _saying(word: str) -> str:
    """A saying as a pattern: everything literal but {n} and …."""
    escaped = re.escape(code_key(word)).replace(re.escape("{n}"), _GRADE)
    return escaped.replace("…", _GAP)


def settle(sentences: Sequence[Sequence[str]], grades: Sequence[str] = (), above: Sequence[str] = ()) -> str | None:
    """One value of a fact where the sentences agree, else None. ``grades``: an ordered code table, worst first.

    Of several grades in one sentence the worst counts (八级、十级各一处); a grade stands above the same harm without
    one, ``above`` (death) above any other.
    """
    values = [min(s, key=grades.index) for s in sentences] if grades else [v for s in sentences for v in s]
    for value in values:
        if value in above:
            return value
    exact = {v[:2] for v in values if "(" not in v}
    distinct = {v for v in values if not grades or "(" not in v or v[:2] not in exact}
    return distinct.pop() if len(distinct) == 1 else None
