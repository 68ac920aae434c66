"""What a sentence says, by the letter: every question about a saying looks back through its sentence anew.

The reference for clue_engine.involvement.text_fact, which gives the same answers without looking back. Whose a fact
with a ``subject`` is has its own tests (test_text_subject.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from clue_engine.involvement.text_fact import _SENTENCE, _patterns, _value
from clue_engine.pack.model import TextFact, TextFacts
from clue_engine.values.text import code_key

_SIGNS = ",，:：/"
Mention = tuple[int, int, str, bool, bool]  # start, end, name, victim, agent
Answer = tuple[str, str, str, tuple[str, ...]]


def read_plainly(text: str, rules: TextFacts, victims: tuple[str, ...], suspects: tuple[str, ...]) -> list[Answer]:
    said: dict[Answer, None] = {}
    for found in _SENTENCE.finditer(text):
        sentence = code_key(found[0])
        if not _patterns(rules).any_saying.search(sentence) or _patterns(rules).quotes_law.search(sentence):
            continue
        mentions = _mentions(sentence, rules, victims, suspects)
        for fact, pattern in _patterns(rules).facts:
            for match in pattern.finditer(sentence) if not (fact.column or fact.subject) else ():
                if _holds(sentence, match, fact, rules, victims):
                    ask = _of_whom if fact.bodily else _beside
                    people = ask(sentence, _verb(match) if fact.bodily else match.start(), mentions, rules)
                    if people is not None:
                        said[fact.fact, _value(fact, match), found[0].strip(), people] = None
    return list(said)


def _verb(match: re.Match[str]) -> int:
    """Where whom it befell is named before: the saying, or its last letter where he stands within it."""
    return match.end() - 1 if match[0][0] in "将把" else match.start()


def _clause_start(sentence: str, at: int) -> int:
    return max(sentence.rfind(sign, 0, at) for sign in _SIGNS) + 1


def _holds(sentence: str, match: re.Match[str], fact: TextFact, rules: TextFacts, victims: Sequence[str]) -> bool:
    rest = sentence[match.end() :]
    start = _clause_start(sentence, match.start())
    clause, led = sentence[start : match.start()], sentence[start : _verb(match)]
    for name in victims:
        clause, led = clause.replace(name, ""), led.replace(name, "")
    denied = "|".join(re.escape(w) for w in sorted(rules.denied, key=len, reverse=True))
    between = "|".join(re.escape(w) for w in sorted(rules.between, key=len, reverse=True))
    return not (
        any(rest.startswith(code_key(word)) for word in fact.not_before)
        or any(code_key(word) in rest[:24] for word in rules.refuted)
        or re.search(f"(?:{denied})(?:{between}){{0,4}}$", clause)
        or any(word in led for word in (*rules.doubtful, *fact.not_after))
    )


def _mentions(sentence: str, rules: TextFacts, victims: Sequence[str], suspects: Sequence[str]) -> list[Mention]:
    kinds = {**dict.fromkeys(rules.suspect_words, ("", False)), **dict.fromkeys(rules.victim_words, ("", True))}
    kinds |= {name: (name, False) for name in suspects} | {name: (name, True) for name in victims}
    found: list[Mention] = []
    for match in re.finditer("|".join(sorted(map(re.escape, kinds), key=len, reverse=True)), sentence):
        name, victim = kinds[match[0]]
        start = match.start()
        if found and found[-1][1] == start and not found[-1][2] and found[-1][3] == victim:
            start = found.pop()[0]
        found.append((start, match.end(), name, victim, sentence[:start].endswith(("被", "遭", "由"))))
    return found


def _of_whom(sentence: str, at: int, mentions: Sequence[Mention], rules: TextFacts) -> tuple[str, ...] | None:
    clause = _clause_start(sentence, at)
    if clause == at:
        clause = _clause_start(sentence, at - 1)
    start = max([clause, *(m[1] for m in mentions if m[1] <= at)])
    if any(word in sentence[start:at] for word in rules.kin_words) or sentence[clause:at] in rules.kin_subjects:
        return None
    before = [m for m in mentions if m[1] <= at and not m[4]]
    if not before:
        return ()
    run = [before[-1]]
    for mention in reversed(before[:-1]):
        if not re.fullmatch("[、和与及]|以及", sentence[mention[1] : run[0][0]]):
            break
        run.insert(0, mention)
    run = [m for m in run if m[3]]
    if not run:
        return () if re.search("致|造成|导致|将|把|使|对", sentence[before[-1][1] : at]) else None
    if len(run) > 1 and "分别" in sentence[run[-1][1] : at]:
        return ()
    return tuple(m[2] for m in run if m[2])


def _beside(sentence: str, at: int, mentions: Sequence[Mention], rules: TextFacts) -> tuple[str, ...]:
    start = _clause_start(sentence, at)
    end = min((i for sign in _SIGNS if (i := sentence.find(sign, at)) >= 0), default=len(sentence))
    named = list(dict.fromkeys(m[2] for m in mentions if m[3] and m[2]))
    here = list(dict.fromkeys(m[2] for m in mentions if m[3] and m[2] and start <= m[0] < end))
    return tuple(here or (named if len(named) == 1 else ()))
