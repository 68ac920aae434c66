"""Facts that sentences say: injury, disability, payment, settlement, flight …, each with its sentence.

Comes in: a text, the sayings of the pack (rules/vocabulary/text_facts.yaml), the names of the victims and suspects of
its event. Goes out: ``Said``: fact, value, sentence, and whose it is where the sentence tells. What is denied, doubted
or a quotation of the law says nothing. All of it is *possible*: a structured value always comes first.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from clue_engine.involvement.text_subject import (
    REACH,
    Around,
    Names,
    around,
    blamed,
    mentions_of,
    of_suspects,
)
from clue_engine.involvement.word_places import Without, WordPlaces
from clue_engine.pack.model import NOT_OF_SUSPECT, OF_VICTIM, TextFact, TextFacts
from clue_engine.values import money
from clue_engine.values.text import code_key

_SENTENCE = re.compile(r"[^。；;！!？?\r\n]+[。；;！!？?]?")
_CLAUSE_END = ",，:：/"  # 判2.9万元/付8000元
_GRADE = "(一|二|三|四|五|六|七|八|九|十|10|[1-9])"
_IN_YUAN = "{m}"
_AMOUNT = (
    "(?:人民币|共计|合计|总计|约|近|了|现金|各项)*"
    "((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\\.[0-9]+)?(?:[余多]?万?[余多]?元|[余多]?万[余多]?"
    "(?![余多亩斤头只株棵户人次公里吨尾条块片件平方字美欧港日张根]))|[一二两三四五六七八九十百千万]+元)"
)
_IN_TERM = "{t}"
_TERM = (
    "((?:[0-9]{1,2}|[一二三四五六七八九十两]{1,3})年(?:零|又)?(?:(?:[0-9]{1,2}|[一二三四五六七八九十两]{1,2})个?月)?)"
)
_GAP = "[^。;,未没不无]{0,12}?"  # a denial in the gap would turn the saying round
_FAR_GAP = "[^。;未没不无]{0,40}?"  # over clauses: 已获赔偿68万元,全部到位
_DIGITS = dict(zip(("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"), "一二三四五六七八九十", strict=True))
_LIST_SIGNS = re.compile("[、和与及]|以及")
_COUNTED = re.compile("([0-9]+|[一二两三四五六七八九十])[人名](?!民)")
_LONGEST_KIN = 6  # letters of a relative who is all that stands before a saying in its clause
_BETWEEN = 4  # words between a denial and its saying
_REFUTED_WITHIN = 24  # characters behind a saying: …，该辩解经查不属实
_HELD = ("将", "把")
_OBJECT = ("致", "造成", "导致", "将", "把", "使", "对")  # 某乙驾车致人死亡: the doer is named, the dead is not


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
    patterns = _patterns(rules)  # asked once: to know the sayings again takes long
    said: dict[Said, None] = {}
    read: set[str] = set()
    for found in _SENTENCE.finditer(text):
        if found[0] in read:
            continue
        read.add(found[0])
        written, key = found[0].strip(), code_key(found[0])  # the evidence stays as written
        if not patterns.any_saying.search(key) or patterns.quotes_law.search(key):
            continue
        # an event may have thousands of victims, each with a sentence of his own: only who is named in it matters
        named = (tuple(name for name in people if name and name in key) for people in (victims, suspects))
        sentence = _Sentence(key, rules, *named, n_victims=len(victims))
        for fact, pattern in patterns.facts:
            if fact.column and fact.column != column:
                continue
            for match in pattern.finditer(key):
                if sentence.holds(match, fact):
                    people = sentence.whose(match, fact, own)
                    if people is not None:
                        said[Said(fact.fact, _value(fact, match), written, people)] = None
    return list(said)


def _value(fact: TextFact, match: re.Match[str]) -> str:
    grade = next((g for g in match.groups() if g), "")
    if _IN_YUAN in fact.value:
        return fact.value.replace(_IN_YUAN, f"{money.money(grade)[0] or 0:.0f}")
    return fact.value.replace("{n}", _DIGITS.get(grade, grade)).replace(_IN_TERM, grade)


class _Sentence:
    """A sentence and what is asked about every saying in it. Nothing here looks back through the whole sentence."""

    def __init__(
        self, text: str, rules: TextFacts, victims: tuple[str, ...], suspects: tuple[str, ...], *, n_victims: int
    ) -> None:
        self._text, self._rules, self._patterns, self._n_victims = text, rules, _patterns(rules), n_victims
        self._clause_ends = WordPlaces(text, _CLAUSE_END)
        self._all = mentions_of(text, rules, victims, suspects)
        self._all_starts = [m.start for m in self._all]
        self._mentions = [m for m in self._all if m.side not in ("other", "both")]
        self._mention_ends = [m.end for m in self._mentions]
        self._people = [m for m in self._mentions if not m.agent]
        self._people_ends = [m.end for m in self._people]
        names = sorted({name for name in victims if name}, key=len, reverse=True)
        spans = [m.span() for m in re.finditer("|".join(map(re.escape, names)), text)] if names else []
        self._nameless = Without(text, spans)
        self._in_text: dict[tuple[str, ...], WordPlaces] = {}
        self._in_nameless: dict[tuple[str, ...], WordPlaces] = {}
        self._runs: dict[int, tuple[tuple[str, ...], int] | None] = {}
        self._victims = [m for m in self._mentions if m.victim and m.name]
        self._victim_starts = [m.start for m in self._victims]
        named = tuple(dict.fromkeys(m.name for m in self._victims))
        self._only = named if len(named) == 1 else ()
        self._beside: dict[int, tuple[str, ...]] = {}  # by clause

    def holds(self, match: re.Match[str], fact: TextFact) -> bool:
        """Not denied, not doubted, not refuted, not the beginning of another word."""
        text, end = self._text, match.end()
        if text.startswith(_keys(fact.not_before), end):
            return False
        behind = text[end : end + _REFUTED_WITHIN]
        if any(word in behind for word in _keys(self._rules.refuted)):
            return False
        # 不足以认定某甲有过错: a name between the denial and the saying counts for no word
        start = self._nameless.place(self._clause_start(match.start()))
        at, verb = (self._nameless.place(place) for place in (match.start(), self._verb(match)))
        patterns = self._patterns
        if patterns.denial.search(self._nameless.text[max(start, at - patterns.furthest) : at]):
            return False
        words = (self._rules.doubtful, fact.not_after)
        return not any(_places(w, self._nameless.text, self._in_nameless).within(start, verb) for w in words)

    def _verb(self, match: re.Match[str]) -> int:
        """Where a saying begins, or where that ends whom it befell: 将某甲刺死."""
        return match.end() - 1 if match[0].startswith(_HELD) else match.start()

    def whose(self, match: re.Match[str], fact: TextFact, own: str | None) -> Names:
        """The victims a saying is about, () not told which, None nobody on their side."""
        at, end = match.span()
        if fact.bodily:
            return None if own is not None and self._counts_several(at, end) else self.of_whom(self._verb(match))
        if fact.subject == OF_VICTIM:
            n_victims = self._n_victims if own is None else 1
            return blamed(self._around(at, end), self._rules, own=own == fact.fact, n_victims=n_victims)
        if fact.subject == NOT_OF_SUSPECT and of_suspects(self._around(at, end)):
            return None
        return self.beside(at)

    def _around(self, at: int, end: int) -> Around:
        low, high = max(0, at - REACH), min(len(self._text), end + REACH)
        here = self._all[bisect_left(self._all_starts, low) : bisect_left(self._all_starts, high)]
        return around(self._text[low:high], low, at, end, here)

    def of_whom(self, at: int) -> tuple[str, ...] | None:
        """The victims a saying is about; () when not told, None when it is about a suspect or somebody's relative."""
        named = bisect_right(self._mention_ends, at)
        clause = self._clause_start(at)
        if clause == at:  # 母亲残疾，生活不能自理: the subject stands in the clause before
            clause = self._clause_start(at - 1)
        start = max(clause, self._mention_ends[named - 1] if named else 0)
        if self._said(self._rules.kin_words).within(start, at):
            return None
        if at - clause <= _LONGEST_KIN and self._text[clause:at] in self._rules.kin_subjects:
            return None
        last = bisect_right(self._people_ends, at) - 1
        if last < 0:
            return ()
        if (run := self._run(last)) is None:
            return () if self._said(_OBJECT).within(self._people_ends[last], at) else None
        names, run_end = run
        return () if len(names) > 1 and self._said(("分别",)).within(run_end, at) else tuple(n for n in names if n)

    def _counts_several(self, at: int, end: int) -> bool:
        """Whether the clause counts several people: 死亡1人、受伤2人 does not tell which is the one of a row."""
        clause = self._text[self._clause_start(at) : self._clause_ends.since(end, len(self._text))]
        return [m for m in _COUNTED.findall(clause) if m] not in ([], ["1"], ["一"])

    def _run(self, last: int) -> tuple[tuple[str, ...], int] | None:
        """The victims named in a row up to ``last`` and where they end: 某甲、某乙均受伤, one perhaps a suspect."""
        if last not in self._runs:
            first = last
            while first and _LIST_SIGNS.fullmatch(self._text, self._people_ends[first - 1], self._people[first].start):
                first -= 1
            run = [m for m in self._people[first : last + 1] if m.victim]
            self._runs[last] = (tuple(m.name for m in run), run[-1].end) if run else None
        return self._runs[last]

    def beside(self, at: int) -> tuple[str, ...]:
        """The victims named in the clause of a saying, else the only one of its sentence."""
        start = self._clause_start(at)
        if start not in self._beside:
            end = self._clause_ends.since(at, len(self._text))
            here = self._victims[bisect_left(self._victim_starts, start) : bisect_left(self._victim_starts, end)]
            self._beside[start] = tuple(dict.fromkeys(m.name for m in here)) or self._only
        return self._beside[start]

    def _clause_start(self, at: int) -> int:
        return self._clause_ends.before(at) + 1

    def _said(self, words: tuple[str, ...]) -> WordPlaces:
        return _places(words, self._text, self._in_text)


def _places(words: tuple[str, ...], text: str, known: dict[tuple[str, ...], WordPlaces]) -> WordPlaces:
    """Where ``words`` are in ``text``, looked for when first asked."""
    if words not in known:
        known[words] = WordPlaces(text, words)
    return known[words]


@lru_cache(maxsize=500)
def _keys(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code_key(word) for word in words)


@dataclass(frozen=True)
class _Patterns:
    """The sayings of a pack as patterns. ``furthest``: how many characters a denial has at most."""

    facts: tuple[tuple[TextFact, re.Pattern[str]], ...]
    any_saying: re.Pattern[str]
    quotes_law: re.Pattern[str]
    denial: re.Pattern[str]
    furthest: int


@lru_cache(maxsize=4)
def _patterns(rules: TextFacts) -> _Patterns:
    denied = "|".join(re.escape(word) for word in _longest_first(rules.denied))
    between = "|".join(re.escape(word) for word in _longest_first(rules.between))
    return _Patterns(
        tuple((fact, re.compile("|".join(map(_saying, _longest_first(fact.says))))) for fact in rules.facts),
        re.compile("|".join(_saying(word) for fact in rules.facts for word in fact.says)),
        re.compile("|".join(map(_saying, rules.citations)) or r"(?!)"),
        re.compile(f"(?:{denied})(?:{between}){{0,{_BETWEEN}}}$" if denied else r"(?!)"),
        max(map(len, rules.denied), default=0) + _BETWEEN * max(map(len, rules.between), default=0),
    )


def _longest_first(words: Sequence[str]) -> list[str]:
    return sorted(words, key=len, reverse=True)


def _saying(word: str) -> str:
    """A saying as a pattern: everything literal but {n}, {m}, {t}, … and …… (over clauses)."""
    escaped = re.escape(code_key(word)).replace(re.escape("{n}"), _GRADE).replace(re.escape(_IN_YUAN), _AMOUNT)
    escaped = escaped.replace(re.escape(_IN_TERM), _TERM)
    return escaped.replace("……", _FAR_GAP).replace("…", _GAP)


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
