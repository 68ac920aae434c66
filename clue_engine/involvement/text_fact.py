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

from clue_engine.pack.model import TextFact, TextFacts
from clue_engine.values.text import code_key

_SENTENCE = re.compile(r"[^。；;！!？?\r\n]+[。；;！!？?]?")
_CLAUSE_END = ",，:："
_GRADE = "(一|二|三|四|五|六|七|八|九|十|10|[1-9])"
_GAP = "[^。;,未没不无]{0,12}?"  # a denial in the gap would turn the saying round
_DIGITS = dict(zip(("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), "一二三四五六七八九十", strict=True))
_LIST_SIGNS = re.compile("[、和与及]|以及")
_REFUTED_WITHIN = 24  # characters behind a saying: …，该辩解经查不属实
_OBJECT = re.compile("致|造成|导致|将|把|使|对")  # 某乙驾车致人死亡: the doer is named, the dead is not


@dataclass(frozen=True)
class Said:
    """A fact in a sentence. ``names``: the victims it is said of; empty when the sentence does not tell."""

    fact: str
    value: str
    sentence: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Mention:
    start: int
    end: int
    name: str  # "" for a bare 被害人
    victim: bool
    agent: bool  # 被某乙: who did it


def read_text(
    text: str, rules: TextFacts, victims: Sequence[str] = (), suspects: Sequence[str] = (), column: str = ""
) -> list[Said]:
    """All that ``text`` says, in its order. ``column``: the field of a victim's row that it stands in."""
    if not rules.facts:
        return []
    said: dict[Said, None] = {}
    for found in _SENTENCE.finditer(text):
        written, sentence = found[0].strip(), code_key(found[0])  # the evidence stays as written
        if not _any_saying(rules).search(sentence) or _quotes_law(rules).search(sentence):
            continue
        mentions = _mentions(sentence, rules, tuple(victims), tuple(suspects))
        for fact, pattern in _patterns(rules):
            if fact.column and fact.column != column:
                continue
            for match in pattern.finditer(sentence):
                if _holds(sentence, match, fact, rules, victims):
                    people: tuple[str, ...] | None = _beside(sentence, match.start(), mentions)
                    if fact.bodily:
                        people = _of_whom(sentence, match.start(), mentions, rules)
                    if people is not None:
                        said[Said(fact.fact, _value(fact, match), written, people)] = None
    return list(said)


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
    clause = sentence[_clause_start(sentence, match.start()) : match.start()]
    for name in victims:  # 不足以认定某甲有过错: a name between the denial and the saying counts for no word
        clause = clause.replace(name, "") if name else clause
    beside = (*rules.doubtful, *fact.not_after)
    return not _denial(rules).search(clause) and not any(word in clause for word in beside)


def _mentions(sentence: str, rules: TextFacts, victims: tuple[str, ...], suspects: tuple[str, ...]) -> list[_Mention]:
    """Who is named where; a role word that stands before its name is part of it."""
    kinds = {**dict.fromkeys(rules.suspect_words, ("", False)), **dict.fromkeys(rules.victim_words, ("", True))}
    kinds |= {name: (name, False) for name in suspects if name} | {name: (name, True) for name in victims if name}
    if not kinds:
        return []
    pattern = re.compile("|".join(re.escape(word) for word in sorted(kinds, key=len, reverse=True)))
    found: list[_Mention] = []
    for match in pattern.finditer(sentence):
        name, victim = kinds[match[0]]
        start = match.start()
        if found and found[-1].end == start and not found[-1].name and found[-1].victim == victim:
            start = found.pop().start
        agent = sentence[:start].endswith(("被", "遭", "由"))
        found.append(_Mention(start, match.end(), name, victim, agent))
    return found


def _of_whom(sentence: str, at: int, mentions: Sequence[_Mention], rules: TextFacts) -> tuple[str, ...] | None:
    """The victims a saying is about; () when not told, None when it is about a suspect or somebody's relative."""
    start = max([_clause_start(sentence, at), *(m.end for m in mentions if m.end <= at)])
    if any(word in sentence[start:at] for word in rules.kin_words):
        return None
    before = [m for m in mentions if m.end <= at and not m.agent]
    if not before:
        return ()
    last = before[-1]
    run = [last]
    for mention in reversed(before[:-1]):
        if not _LIST_SIGNS.fullmatch(sentence[mention.end : run[0].start]):
            break
        run.insert(0, mention)
    run = [mention for mention in run if mention.victim]  # 某甲、某乙均受伤: also the suspect
    if not run:
        return () if _OBJECT.search(sentence[last.end : at]) else None
    if len(run) > 1 and "分别" in sentence[run[-1].end : at]:
        return ()
    return tuple(m.name for m in run if m.name)


def _beside(sentence: str, at: int, mentions: Sequence[_Mention]) -> tuple[str, ...]:
    """The victims named in the clause of a saying, else the only one of its sentence."""
    start = _clause_start(sentence, at)
    end = min((i for sign in _CLAUSE_END if (i := sentence.find(sign, at)) >= 0), default=len(sentence))
    named = list(dict.fromkeys(m.name for m in mentions if m.victim and m.name))
    here = list(dict.fromkeys(m.name for m in mentions if m.victim and m.name and start <= m.start < end))
    return tuple(here or (named if len(named) == 1 else ()))


def _clause_start(sentence: str, at: int) -> int:
    return max((sentence.rfind(sign, 0, at) for sign in _CLAUSE_END), default=-1) + 1


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
