"""How the values of a code table are said in words: ``words``, ``parts``, ``filler``, ``says``, ``details``.

Comes in: the YAML of one code table and the words for all of them. Goes out: ``Wording``, which saying.py reads texts
by: a value is understood when every sign of it belongs to a known word and the classes of its words, in their order,
are written under ``says``. What is put together otherwise has no certain meaning: it stays unknown.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from clue_engine.values.text import code_key

KEYS = ("words", "parts", "filler", "dropped", "says", "worst", "details")
DOUBTS = "疑词"  # of codes.yaml: words of doubt for all tables
ASIDES, NEGATED = "旁词", "旁事"  # what says nothing of any value, as it is and with a denial before it
OTHERS, STATES = "旁人", "境况"  # of whom it is said what is nothing of the row's own: 丈夫服刑
FILLER = "虚词"  # filler of every table with sayings that other words may stand beside
TOUCHED = "要事"  # what a denial of touches the value: 未批准
PEOPLE, THEIRS = "人物", "归于"  # who is doubtful where he is all that is said, or where this follows: 其母, 母亲享受
COMMON = (DOUBTS, ASIDES, NEGATED, FILLER, OTHERS, STATES, TOUCHED, PEOPLE, THEIRS)
NUMBER, OPEN, COMMA = "数", "(", "、"  # classes that every table has
SILENT = "不说明"  # under says: what is understood and leaves the value to the other phrases of the cell
UNSURE = "不明"  # under says: what is understood and means none of the values, whatever else the words might mean
UNSURE_CODE = "?"
REST = "…"  # in says, before or behind all: other words may stand there (因车祸丧失劳动能力, 移送管辖至邻县院)
_ANY_CODE = "任一级"  # in says: any class that is itself a code of the table
# 已赔偿(部分) is not 已赔偿; 2人 are others beside the one of the row
_DENIES = "[未不没无]"
_TURNS = r"部分|部份|一部|[半待尚仅只差欠拟非或原曾?？]|(?<![切摘拆])除|疑(?!人)|[0-9一二两三四五六七八九十]人"
DATE = re.compile(
    r"(?:(?:19|20)\d\d(?:年(?:\d{1,2}月(?:份|\d{1,2}[日号]|[上中下]旬)?|[上下]半年)?|[-./]\d{1,2}(?:[-./]\d{1,2})?)"
    r"|(?<!\d)\d{1,2}月(?:\d{1,2}[日号]|份)|(?<!\d)\d\d年\d{1,2}月(?:\d{1,2}[日号]|份)?|去年|今年)"
    r"(?:[春夏秋冬]天?|[年月]?[初底]|以来|起(?!诉))?"
)
_NUMERALS = "0123456789一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾"
_NEVER = "(?!)"
_DENIALS = "未没无不尚还暂从"
_DENIED = "(?:[未没无不]|没有|尚未|还没有?|暂未|未能|不能|无法|不会|从未)"


@dataclass(frozen=True)
class Common:
    """Words for all tables: of doubt, beside the matter, beside it when denied (未婚, 无业), and filler."""

    doubts: Collection[str] = ()
    asides: Collection[str] = ()
    negated: Collection[str] = ()
    filler: Collection[str] = ()
    others: Collection[str] = ()
    states: Collection[str] = ()
    touched: Collection[str] = ()
    people: Collection[str] = ()
    theirs: Collection[str] = ()

    @cached_property
    def doubtful(self) -> str:
        """Pattern of what makes a value doubtful."""
        return f"{_TURNS}|{_any(map(code_key, self.doubts))}"

    @cached_property
    def denials(self) -> str:
        """Pattern of the denials that touch a value beside them."""
        return f"{_DENIES}(?!.)|{_DENIES}(?=.{{0,3}}{_any(self.touched)})" if self.touched else _DENIES

    @cached_property
    def anybody(self) -> str:
        """Pattern of other people."""
        return _any(map(code_key, self.people))

    @cached_property
    def owners(self) -> str:
        """Pattern of the people whose value it may be that stands beside them."""
        return f"{self.anybody}(?=.?[)\\]]?$|.?{_any(self.theirs)})"

    @cached_property
    def harmless(self) -> str:
        """Pattern of what says nothing of any value."""
        return f"{_any(map(code_key, self.asides))}|{_DENIED}{_any(map(code_key, self.negated))}"

    @cached_property
    def of_others(self) -> str:
        """Pattern of what is said of other people."""
        return f"{_any(map(code_key, self.others))}已?{_any(map(code_key, self.states))}"


@dataclass(frozen=True)
class Wording:
    """``words``: by first sign, each word and its class ("" is filler); ``says``: classes in their order → code, ""
    for a phrase that is understood and says nothing, ``UNSURE_CODE`` for one that means none for certain.

    ``led``: sayings before which other words may stand. ``worst``: of several grades in one cell the worst counts.
    ``matter``: pattern of the words of the table; ``doubts``: of what makes a value beside it doubtful, ``around``: the
    stricter one for what stands in one phrase with the value; ``details``: of what has such a word in it and is none;
    ``others``: of what is said of other people; ``dropped``: of what is taken out before reading (民事部分).
    """

    words: Mapping[str, tuple[tuple[str, str], ...]]
    says: Mapping[tuple[str, ...], str]
    led: tuple[tuple[str, ...], ...] = ()
    worst: bool = False
    matter: str = _NEVER
    doubts: str = f"{_TURNS}|{_DENIES}"
    around: str = f"{_TURNS}|{_DENIES}"
    details: str = _NEVER
    others: str = _NEVER
    dropped: str = _NEVER

    def is_aside(self, text: str) -> bool:
        """Whether ``text`` is about something else, so that what stands beside it keeps its meaning."""
        plain = self._plain(re.sub(self.others, _blanked, text))
        return re.search(self.matter, plain) is None and re.search(self.doubts, plain) is None

    def matters(self, text: str) -> list[tuple[int, int]]:
        """Where words of the table, of doubt, of denial and of other people stand in a text."""
        plain = self._plain(text)
        return [match.span() for pattern in (self.matter, self.around) for match in re.finditer(pattern, plain)]

    def _plain(self, text: str) -> str:
        return re.sub(self.details, _blanked, DATE.sub(_blanked, text))

    def is_cut(self, text: str, at: int) -> bool:
        """Whether a phrase about something else would be cut in two there: 父亲|死亡."""
        return any(match.start() < at < match.end() for match in re.finditer(self.details, text))

    @cached_property
    def open_ended(self) -> bool:
        """Whether there are sayings behind which other words may stand."""
        return any(form[-1:] == (REST,) for form in self.says)

    @cached_property
    def tails(self) -> frozenset[tuple[str, ...]]:
        """Every end of a saying: what a text may be put together to from its end on."""
        return frozenset(form[n:] for form in self.says for n in range(len(form) + 1))


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match[0])


def wording(
    entry: Mapping[str, Any], values: Sequence[str], aliases: Collection[str] = (), common: Common | None = None
) -> Wording:
    """The wording of a code table."""
    common = common or Common()
    open_sayings = any(REST in str(one) for sayings in (entry.get("says") or {}).values() for one in sayings)
    fills = (*(entry.get("filler") or ()), *(common.filler if open_sayings else ()))
    filler = [code_key(str(text)) for text in fills]
    doubtful = re.compile(
        f"{common.doubtful}|{_DENIES}"
    ).search  # what fills is no doubt, though it has a sign of doubt in it: 对方
    details = [*map(code_key, entry.get("details") or ()), *(w for w in filler if len(w) > 1 and doubtful(w))]
    words: dict[str, list[tuple[str, str]]] = {}
    own = {code_key(str(text)) for texts in (entry.get("words") or {}).values() for text in texts}
    written = {"": filler, **(entry.get("words") or {})}
    written |= {name: [*written.get(name, ()), *texts] for name, texts in (entry.get("parts") or {}).items()}
    for name, texts in written.items():
        for key in (code_key(str(text)) for text in texts):
            words.setdefault(key[:1], []).append((key, str(name)))
    forms = list(_forms(entry.get("says") or {}, written, values))
    unsaid = {SILENT: "", UNSURE: UNSURE_CODE}
    says = {(): ""} | {form: unsaid.get(code, code) for code, form, _ in forms}
    own = {word for word in own | {*map(code_key, (*values, *aliases))} if word.strip(_NUMERALS)}
    denied = _any(word for word in own if word[0] in _DENIALS and re.fullmatch(common.harmless, word))  # 妻(未婚)
    return Wording(
        {first: tuple(known) for first, known in words.items()},
        says,
        tuple(form for _, form, led in forms if led),
        str(entry.get("worst")) == "true",
        _any(own),
        f"{common.doubtful}|{common.denials}|{common.owners}",
        f"{common.doubtful}|{_DENIES}|{common.anybody}",
        f"(?!{denied})(?:{_any(details)}|{common.harmless})",
        common.of_others,
        _any(map(code_key, entry.get("dropped") or ())),
    )


def with_words(wording: Wording, classes: Mapping[str, Collection[str]]) -> Wording:
    """With more words of some classes."""
    words = {first: list(known) for first, known in wording.words.items()}
    keys = [(code_key(word), name) for name, texts in classes.items() for word in texts]
    for key, name in keys:
        words.setdefault(key[:1], []).append((key, name))
    matter = f"{wording.matter}|{_any(key for key, _ in keys)}"
    return replace(wording, words={first: tuple(known) for first, known in words.items()}, matter=matter)


def _any(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; by first signs, so that most places cost one look."""
    rests: dict[str, list[str]] = {}
    for word in sorted({w for w in words if w}, key=lambda w: (-len(w), w)):
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    firsts = "".join(map(re.escape, rests))
    branches = "|".join(f"{re.escape(first)}(?:{'|'.join(ends)})" for first, ends in rests.items())
    return f"(?=[{firsts}])(?:{branches})" if rests else _NEVER


def wording_faults(entry: Mapping[str, Any], values: Sequence[str]) -> Iterator[tuple[object, str, str]]:
    """What is wrong with it: place, message, hint."""
    known = {**(entry.get("words") or {}), **(entry.get("parts") or {})}
    classes = {*known, REST, NUMBER, OPEN, COMMA, _ANY_CODE}
    owner: dict[tuple[str, ...], str] = {}
    for code, sayings in (entry.get("says") or {}).items():
        if code not in (_ANY_CODE, SILENT, UNSURE) and code not in values:
            yield code, f"says 里的“{code}”不是这张代码表的取值", "可用：" + "、".join(values)
        for saying in sayings:
            for name in (part.removesuffix("?") for part in str(saying).removeprefix(REST).split()):
                if name not in classes:
                    yield saying, f"says 里的“{name}”没有写在 words 里", "可用：" + "、".join(sorted(classes))
    for code, form, _ in _forms(entry.get("says") or {}, known, values):
        if owner.setdefault(form, code) != code:
            yield code, f"“{' '.join(form)}”既是 {owner[form]} 又是 {code}", "删去一处"


def _forms(
    says: Mapping[str, Any], classes: Mapping[str, Any], values: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Every order of classes that is written, with its code and whether it is led; ``x?`` may be left out."""
    for code, sayings in says.items():
        codes = [c for c in values if c in classes] if code == _ANY_CODE else [str(code)]
        for one, saying in itertools.product(codes, sayings):
            led = str(saying).startswith(REST)
            parts = [one if p == _ANY_CODE else p for p in str(saying).removeprefix(REST).split()]
            for kept in itertools.product(*((p.removesuffix("?"), "") if p.endswith("?") else (p,) for p in parts)):
                form = tuple(p for p in kept if p)
                yield one, form, led
                if form[-1] == REST:
                    yield one, form[:-1], led
