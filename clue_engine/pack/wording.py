"""How the values of a code table are said in words: ``words``, ``filler``, ``says``, ``details`` of codes.yaml.

Comes in: the YAML of one code table. Goes out: ``Wording``: a value is understood when every sign of it belongs to a
known word and the classes of its words, in their order, are written under ``says``. What is put together otherwise
has no certain meaning: it stays unknown. Beside a value other things may be told (重伤二级,左腿打断): those leave it as
it is when no word of the table and no word of doubt stands in them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clue_engine.values.text import code_key

KEYS = ("words", "filler", "says", "worst", "details")
DOUBTS = "疑词"  # of codes.yaml: words of doubt for all tables
NUMBER, OPEN, COMMA = "数", "(", "、"  # classes that every table has
_ANY_CODE = "任一级"  # in says: any class that is itself a code of the table
_NUMBER = re.compile(
    r"[0-9]+(?:[.,][0-9]+)*(?:余|多)?[十百千万]?(?:余(?![款额下])|多)?[元块]?|[一二两三四五六七八九十百千万]+元"
    r"|[一二两三四五六七八九十]+(?=年|个月)"
)
_SIGNS = {
    "(": OPEN,
    "[": OPEN,
    "-": OPEN,
    ":": OPEN,
    ",": COMMA,
    ";": COMMA,
    "。": COMMA,
    "、": COMMA,
    "/": COMMA,
    "|": COMMA,
}
_CLOSING = frozenset(")]")
# 已赔偿(部分) is not 已赔偿; 2人 are others beside the one of the row
_TURNS = r"部分|部份|一部|[半未不没无待尚仅只差欠拟非或原曾?？]|(?<![切摘拆])除|疑(?!人)|[0-9一二两三四五六七八九十]人"
_DATE = re.compile(r"(?:19|20)\d\d(?:年(?:\d{1,2}月(?:\d{1,2}日)?)?|[-./]\d{1,2}(?:[-./]\d{1,2})?)")
_PHRASES = re.compile(r"[,;。()\[\]]")
_BEHIND = re.compile("[:、]")  # what comes behind the value: 轻伤二级:鼻骨骨折; before it, a name: 张三:全责
_NUMERALS = "0123456789一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾"
_NEVER = "(?!)"
_LONGEST = 40  # signs: longer cells are prose, not a value
_MOST_STEPS = 2000


@dataclass(frozen=True)
class Wording:
    """``words``: by first sign, each word and its class ("" is filler); ``says``: classes in their order → code.

    ``worst``: of several grades in one cell the worst counts. ``matter``: pattern of the words of the table and of
    doubt; ``details``: of what has such a word in it and is none.
    """

    words: Mapping[str, tuple[tuple[str, str], ...]]
    says: Mapping[tuple[str, ...], str]
    worst: bool = False
    matter: str = _TURNS
    details: str = _NEVER

    def is_aside(self, text: str) -> bool:
        """Whether ``text`` is about something else, so that what stands beside it keeps its meaning."""
        return re.search(self.matter, re.sub(self.details, "", _DATE.sub("", text))) is None


def wording(
    entry: Mapping[str, Any], values: Sequence[str], aliases: Collection[str] = (), doubts: Collection[str] = ()
) -> Wording:
    """The wording of a code table."""
    words: dict[str, list[tuple[str, str]]] = {}
    written = {"": entry.get("filler") or (), **(entry.get("words") or {})}
    for name, texts in written.items():
        for key in (code_key(str(text)) for text in texts):
            words.setdefault(key[:1], []).append((key, str(name)))
    says = {form: code for code, form in _forms(entry.get("says") or {}, written, values)}
    own = {word for known in words.values() for word, name in known if name} | {*map(code_key, (*values, *aliases))}
    own = {word for word in own if word.strip(_NUMERALS)} | {*map(code_key, doubts)}
    matter, details = f"{_TURNS}|{_any(own)}", _any(map(code_key, entry.get("details") or ()))
    by_first = {first: tuple(known) for first, known in words.items()}
    return Wording(by_first, says, str(entry.get("worst")) == "true", matter, details)


def with_words(wording: Wording, classes: Mapping[str, Collection[str]]) -> Wording:
    """With more words of some classes."""
    words = {first: list(known) for first, known in wording.words.items()}
    keys = [(code_key(word), name) for name, texts in classes.items() for word in texts]
    for key, name in keys:
        words.setdefault(key[:1], []).append((key, name))
    matter = f"{wording.matter}|{_any(key for key, _ in keys)}"
    return replace(wording, words={first: tuple(known) for first, known in words.items()}, matter=matter)


def _any(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(w) for w in sorted(words, key=lambda w: (-len(w), w)) if w) or _NEVER


def wording_faults(entry: Mapping[str, Any], values: Sequence[str]) -> Iterator[tuple[object, str, str]]:
    """What is wrong with it: place, message, hint."""
    classes = {*(entry.get("words") or {}), NUMBER, OPEN, COMMA, _ANY_CODE}
    owner: dict[tuple[str, ...], str] = {}
    for code, sayings in (entry.get("says") or {}).items():
        if code != _ANY_CODE and code not in values:
            yield code, f"says 里的“{code}”不是这张代码表的取值", "可用：" + "、".join(values)
        for saying in sayings:
            for name in (part.removesuffix("?") for part in str(saying).split()):
                if name not in classes:
                    yield saying, f"says 里的“{name}”没有写在 words 里", "可用：" + "、".join(sorted(classes))
    for code, form in _forms(entry.get("says") or {}, entry.get("words") or {}, values):
        if owner.setdefault(form, code) != code:
            yield code, f"“{' '.join(form)}”既是 {owner[form]} 又是 {code}", "删去一处"


def _forms(
    says: Mapping[str, Any], classes: Mapping[str, Any], values: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every order of classes that is written, with its code; ``x?`` may be left out."""
    for code, sayings in says.items():
        codes = [c for c in values if c in classes] if code == _ANY_CODE else [str(code)]
        for one, saying in itertools.product(codes, sayings):
            parts = [one if p == _ANY_CODE else p for p in str(saying).split()]
            for kept in itertools.product(*((p.removesuffix("?"), "") if p.endswith("?") else (p,) for p in parts)):
                yield one, tuple(p for p in kept if p)


def meant(wording: Wording, key: str, values: Sequence[str]) -> str | None:
    """The code that a text (as ``code_key`` gives it) means; None when it means none, or more than one."""
    if len(key) > _LONGEST:
        return None
    code = _one(wording, key)
    if code is None and wording.worst and len(parts := [p for p in re.split("[,;、/和及]", key) if p]) > 1:
        found = [_one(wording, part) for part in parts]
        if None not in found:
            return min((c for c in found if c), key=list(values).index)
    return code


def beside(wording: Wording, key: str, code_of: Callable[[str], str | None]) -> str | None:
    """The code that one phrase says while the others tell something else: 重伤二级,左腿打断; None when they do not."""
    phrases = [phrase for phrase in _PHRASES.split(key) if phrase]
    if phrases and (behind := _BEHIND.split(phrases[0])) and code_of(behind[0]):
        phrases[:1] = behind
    if len(phrases) < 2 or len(key) > _LONGEST:
        return None
    codes = [code_of(phrase) for phrase in phrases]
    found = {code for code in codes if code}
    told = [phrase for phrase, code in zip(phrases, codes, strict=True) if not code]
    return found.pop() if len(found) == 1 and all(map(wording.is_aside, told)) else None


def _one(wording: Wording, key: str) -> str | None:
    codes = {wording.says[form] for form in _readings(wording, key) if form in wording.says}
    return codes.pop() if len(codes) == 1 else None


def _readings(wording: Wording, key: str) -> Iterator[tuple[str, ...]]:
    """Every way to take the whole text apart into known words, as classes in their order."""
    open_ways: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    steps = 0
    while open_ways and steps < _MOST_STEPS:
        steps += 1
        at, form = open_ways.pop()
        if at == len(key):
            yield form[:-1] if form and form[-1] in (OPEN, COMMA) else form
            continue
        open_ways += [(at + n, _with(form, name)) for n, name in _next(wording, key, at)]


def _next(wording: Wording, key: str, at: int) -> Iterator[tuple[int, str]]:
    """Words that may stand at a place: length and class."""
    if key[at] in _CLOSING:
        yield 1, ""
    if key[at] in _SIGNS:
        yield 1, _SIGNS[key[at]]
    if date := _DATE.match(key, at):
        yield len(date[0]), ""
    if number := _NUMBER.match(key, at):
        yield len(number[0]), NUMBER
    for word, name in wording.words.get(key[at], ()):
        if key.startswith(word, at):
            yield len(word), name


def _with(form: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Filler says nothing, a sign at the beginning neither, what is said twice is said once."""
    before = form[:-1] if form and form[-1] in (OPEN, COMMA) else form
    if not name or (not form and name in (OPEN, COMMA)):
        return form
    return before if before and before[-1] == name else (*form, name)
