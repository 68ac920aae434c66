"""Whose a fact is: who is named in a sentence, and of whom something is said there.

Comes in: a sentence, where the saying stands in it, the words for the sides of a case, the names of its victims and
suspects. Goes out: the names of the victims meant, () where the sentence does not tell which, None where it is said of
nobody on the victims' side or, for blame, of nobody in particular. A doubt never speaks against a victim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from clue_engine.pack.model import TextFacts

Names = tuple[str, ...] | None
Side = Literal["victim", "suspect", "other", "both", "shared"]

_CLAUSE_END = ",，:："
_LIST_SIGNS = re.compile("[、和与及]|以及")
_SHARE = re.compile("责任|全责|主责|次责")  # one clause, two shares: 某乙负主要责任、某甲负次要责任
_WITH = re.compile("与|同(?!案|时)|跟|和(?!解|好|平)")  # 与他人互殴: whoever that is
_LONGEST_LEAD = 60
_CUT = "…"
REACH = 300  # characters of its sentence before and behind a saying in which its subject is looked for
_WHEN = r"\d{4}年(?:\d+月)?(?:\d+日)?(?:\d+时许?)?"


@dataclass(frozen=True)
class Mention:
    """``name`` is empty for a bare role word (被害人); shared: a name of both sides."""

    start: int
    end: int
    name: str
    side: Side
    agent: bool  # 被某乙: who did it

    @property
    def victim(self) -> bool:
        return self.side in ("victim", "shared")


def mentions_of(
    sentence: str, rules: TextFacts, victims: tuple[str, ...], suspects: tuple[str, ...]
) -> tuple[Mention, ...]:
    """Who is named where; a role word that stands before its name is part of it and says its side."""
    names = _names(victims, suspects)
    found: list[Mention] = []
    for match, (name, side) in _found(sentence, rules, names):
        start = match.start()
        last = found[-1] if found else None
        if last and last.end == start and not last.name and side in (last.side, "shared"):
            start, side = found.pop().start, last.side
        agent = sentence.startswith(("被", "遭", "由"), max(start - 1, 0), start)
        found.append(Mention(start, match.end(), name, side, agent))
    return tuple(found)


def _names(victims: tuple[str, ...], suspects: tuple[str, ...]) -> dict[str, tuple[str, Side]]:
    kinds: dict[str, tuple[str, Side]] = {name: (name, "suspect") for name in suspects if name}
    return kinds | {name: (name, "shared" if name in suspects else "victim") for name in victims if name}


def _found(
    sentence: str, rules: TextFacts, names: dict[str, tuple[str, Side]]
) -> Iterator[tuple[re.Match[str], tuple[str, Side]]]:
    """The words of roles and the names, from left to right, the longest at each place, a name before a word like it.

    Two patterns, since the words of roles are the same in every sentence: to compile them with the names of each costs
    more than all the rest.
    """
    kinds, roles = _roles(rules)
    own = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or "(?!)")
    role, name = roles.search(sentence), own.search(sentence)
    while role or name:
        if name and (not role or (name.start(), -len(name[0])) <= (role.start(), -len(role[0]))):
            match, kind = name, names[name[0]]
        else:
            assert role is not None
            match, kind = role, kinds[role[0]]
        yield match, kind
        role = roles.search(sentence, match.end()) if role and role.start() < match.end() else role
        name = own.search(sentence, match.end()) if name and name.start() < match.end() else name


@lru_cache(maxsize=4)
def _roles(rules: TextFacts) -> tuple[dict[str, tuple[str, Side]], re.Pattern[str]]:
    words: tuple[tuple[Side, tuple[str, ...]], ...] = (
        ("other", rules.other_words), ("both", rules.both_words), ("suspect", rules.suspect_words),
        ("victim", rules.victim_words),
    )  # fmt: skip
    kinds: dict[str, tuple[str, Side]] = {word: ("", side) for side, own in words for word in own}
    return kinds, re.compile("|".join(re.escape(word) for word in sorted(kinds, key=len, reverse=True)) or "(?!)")


@dataclass(frozen=True)
class Around:
    """A saying at ``at`` to ``end`` of ``text``, the part of its sentence around it."""

    text: str
    at: int
    end: int
    mentions: tuple[Mention, ...]


def around(text: str, low: int, at: int, end: int, mentions: Sequence[Mention]) -> Around:
    """``text`` begins at ``low`` of its sentence; what was cut off before it leaves its first clause unclear."""
    cut = _CUT if low else ""
    shift = len(cut) - low
    moved = (replace(m, start=m.start + shift, end=m.end + shift) for m in mentions if m.end + shift <= len(text))
    return Around(cut + text, at + shift, end + shift, tuple(moved))


def of_suspects(saying: Around) -> bool:
    """Whether the ones named for it are all on other sides: in its clause, else in the clause that named any last."""
    text, mentions = saying.text, saying.mentions
    start = clause_start(text, saying.at)
    here = [m for m in mentions if start <= m.start and m.end <= saying.end]
    together = _WITH.search(text[start : saying.at]) is not None
    if any(m.side in ("victim", "both") for m in here):
        return False
    if here:
        stop = _clause_end(text, saying.end)
        return together or not any(m.side == "victim" and saying.end <= m.start < stop for m in mentions)
    before = [m for m in mentions if m.end <= start]
    last = clause_start(text, before[-1].start) if before else 0
    clause = [m for m in before if m.start >= last]
    return together or (bool(clause) and all(m.side in ("suspect", "other") for m in clause))


def blamed(saying: Around, rules: TextFacts, *, own: bool, n_victims: int) -> Names:
    """The victims a saying puts blame on: only where they are its subject by name or by role word.

    A clause without a subject takes that of the clauses before it, where these have one subject only. ``own``: a cell
    about one victim, who needs no naming.
    """
    sentence, at, end, mentions = saying.text, saying.at, saying.end, saying.mentions
    if sentence.startswith("的", end):  # 负全部责任的某乙
        after = [m for m in mentions if m.start == end + 1]
        return _victims(after, n_victims)
    start = clause_start(sentence, at)
    shares = [m.end() for m in _SHARE.finditer(sentence, start, end) if m.end() < end]
    segment = max([start, *shares])
    subject = _subject(sentence, segment, end, mentions, rules)
    if subject:
        between = sentence[subject[-1].end : at]
        if "分别" in between or any(word in between for word in (*rules.joint_words, *rules.kin_words)):
            return None
        named = [m for m in subject if m.side not in ("suspect", "other")]  # 某甲、某乙负同等责任
        return _victims(named, n_victims)
    if subject is None or not _is_lead(sentence[segment:at].lstrip("、"), rules):
        return None
    topics: list[Mention] = []
    for clause in _clauses(sentence, start):
        if any(word in sentence[slice(*clause)] for word in rules.joint_words):
            return None  # 某甲驾车与某乙的货车相撞: both were at it
        topics += _subject(sentence, *clause, mentions, rules) or ()
    if not topics:
        return () if own and not any(m.end <= at for m in mentions) else None
    return _victims(topics, n_victims)


def _subject(
    sentence: str, start: int, end: int, mentions: Sequence[Mention], rules: TextFacts
) -> list[Mention] | None:
    """Those named first in a part of a sentence, with only a lead-in before them; [] nobody is named, None unclear.

    某乙驾车撞倒某甲: 某甲 is what the verb does something to, never the subject.
    """
    here = [m for m in mentions if start <= m.start and m.end <= end]
    if not here:
        return []
    first = here[0]
    lead = sentence[start : first.start].lstrip("、")
    if (first.agent and not lead.endswith("由")) or not _is_lead(lead, rules):
        return None
    run = [first]
    for mention in here[1:]:
        gap = sentence[run[-1].end : mention.start]
        if gap and not _LIST_SIGNS.fullmatch(gap):
            break
        run.append(mention)
    # 货车司机某乙: a word for any side before a name is part of it
    return [m for m, after in zip(run, [*run[1:], None], strict=True) if not _title(m, after)]


def _title(mention: Mention, after: Mention | None) -> bool:
    return mention.side == "other" and after is not None and after.start == mention.end and bool(after.name)


def _victims(subject: Sequence[Mention], n_victims: int) -> Names:
    """The victims of a subject; None when anybody else is in it, or when it is not told which of several."""
    sides = {m.side for m in subject}
    if not sides or not sides <= {"victim", "both"}:
        return None
    names = tuple(dict.fromkeys(m.name for m in subject if m.name))
    return names if names or n_victims <= 1 else None


def clause_start(sentence: str, at: int) -> int:
    return max((sentence.rfind(sign, 0, at) for sign in _CLAUSE_END), default=-1) + 1


def _clause_end(sentence: str, at: int) -> int:
    return min((i for sign in _CLAUSE_END if (i := sentence.find(sign, at)) >= 0), default=len(sentence))


def _clauses(sentence: str, before: int) -> list[tuple[int, int]]:
    found, start = [], 0
    while start < before:
        end = _clause_end(sentence, start)
        found.append((start, min(end, before)))
        start = end + 1
    return found


def _is_lead(text: str, rules: TextFacts) -> bool:
    """Whether nothing stands here but what may stand before a subject: 经某县交警大队认定, 因, 在此次事故中, a date."""
    if len(text) > _LONGEST_LEAD:
        return False
    reached = {0}
    for at in range(len(text)):
        if at in reached:
            reached |= {found.end() for word in _lead_words(rules) if (found := word.match(text, at))}
    return len(text) in reached


@lru_cache(maxsize=4)
def _lead_words(rules: TextFacts) -> tuple[re.Pattern[str], ...]:
    words = (re.escape(word).replace("…", "[^,。;]{0,30}?") for word in rules.lead_words)
    return tuple(re.compile(word) for word in (*words, _WHEN))
