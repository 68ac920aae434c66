"""How the values of a code table are said in words: ``words``, ``filler`` and ``says`` of codes.yaml.

Comes in: the YAML of one code table. Goes out: ``Wording``: a value is understood when every sign of it belongs to a
known word and the classes of its words, in their order, are written under ``says``. What is put together otherwise
has no certain meaning: it stays unknown.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clue_engine.values.text import code_key

KEYS = ("words", "filler", "says", "worst")
NUMBER, OPEN, COMMA = "数", "(", "、"  # classes that every table has
_ANY_CODE = "任一级"  # in says: any class that is itself a code of the table
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*(?:余|多)?[十百千万]?(?:余|多)?[元块]?|[一二两三四五六七八九十百千万]+元")
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
_LONGEST = 40  # signs: longer cells are prose, not a value
_MOST_STEPS = 2000


@dataclass(frozen=True)
class Wording:
    """``words``: by first sign, each word and its class ("" is filler); ``says``: classes in their order → code.

    ``worst``: of several grades in one cell the worst counts.
    """

    words: Mapping[str, tuple[tuple[str, str], ...]]
    says: Mapping[tuple[str, ...], str]
    worst: bool = False

    def speaks(self, text: str) -> bool:
        """Whether a word of this table stands in ``text``."""
        return any(name and word in text for own in self.words.values() for word, name in own)


def wording(entry: Mapping[str, Any], values: Sequence[str]) -> Wording | None:
    """The wording of a code table; None when it has none."""
    if not entry.get("says"):
        return None
    words: dict[str, list[tuple[str, str]]] = {}
    written = {"": entry.get("filler") or (), **(entry.get("words") or {})}
    for name, texts in written.items():
        for key in (code_key(str(text)) for text in texts):
            words.setdefault(key[:1], []).append((key, str(name)))
    says = {form: code for code, form in _forms(entry["says"], written, values)}
    return Wording({first: tuple(own) for first, own in words.items()}, says, str(entry.get("worst")) == "true")


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
