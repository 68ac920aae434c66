"""What a text says by the wording of a code table: one code, or nothing certain.

Comes in: a text as ``code_key`` gives it, a ``Wording``. Goes out: the code. A text is taken apart into known words
from its end: all of it (``meant``), or phrase by phrase, where what comes before the value (因车祸丧失劳动能力) and the
other phrases (重伤二级,左腿打断) have no word of the table and none of doubt in them (``by_phrases``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from clue_engine.pack.wording import COMMA, DATE, NUMBER, OPEN, REST, UNSURE_CODE, Wording

_NUMBER = re.compile(
    r"[0-9]+(?:[.,][0-9]+)*(?:余|多)?[十百千万]?(?:余(?![款额下])|多)?[元块]?|[一二两三四五六七八九十百千万]+元"
    r"|[一二两三四五六七八九十]+(?=年|个月)"
)
_SIGNS = {
    **dict.fromkeys("([-", (OPEN,)),
    ":": (OPEN, ""),
    **dict.fromkeys(",;。", (OPEN, COMMA)),
    **dict.fromkeys("、/|", (COMMA,)),
}
_CLOSING = frozenset(")]")
_PHRASES = re.compile(r"[-,;。()\[\]]")
_BEHIND = re.compile("[:、]")  # what comes behind the value: 轻伤二级:鼻骨骨折; before it, a name: 张三:全责
_SEVERAL = re.compile("[,;、/和及]|(?<=级)(?=[一两二三四1-4][处个])")  # 一处八级两处十级
_JOINED = re.compile(r"[:、/|\-]|[0-9一二三四五六七八九十第]$|^[a-zA-Z]+$")  # 张三:全责, 十九级
_SHORTEST = 2  # signs before the value: 偏重伤 is another word
_LONGEST = 40  # signs: longer cells are prose, not a value

Form = tuple[str, ...]


def is_short(key: str) -> bool:
    """Whether a text may be a value: what is longer is prose."""
    return len(key) <= _LONGEST


def meant(wording: Wording, key: str, values: Sequence[str]) -> str | None:
    """The code that the whole text means, or ``UNSURE_CODE``; None when it is not understood, or means several."""
    if not is_short(key):
        return None
    key = re.sub(wording.dropped, "", key)
    code = _one(wording, key)
    if code is None and wording.worst and len(parts := [p for p in _SEVERAL.split(key) if p]) > 1:
        found = [_one(wording, part) for part in parts]
        if all(found) and UNSURE_CODE not in found:
            return min((c for c in found if c), key=list(values).index)
    return code or None


def by_phrases(wording: Wording, key: str, code_of: Callable[[str], str | None]) -> str | None:
    """The code that one phrase says while the others tell something else; None when they do not."""
    plain = re.sub(wording.dropped, "", key) if is_short(key) else ""
    phrases = [phrase for phrase in _PHRASES.split(plain) if phrase]
    if not phrases:
        return None
    if (behind := _BEHIND.split(phrases[0])) and not behind[0].isdigit() and code_of(behind[0]):
        phrases[:1] = behind
    found: set[str] = set()
    for phrase in phrases:
        # a number among words is a day or a count, whatever code it would be alone: 2023-01-10 is no 10 配偶
        if code := (None if phrase.isdigit() else code_of(phrase)) or _led(wording, phrase):
            found.add(code)
        elif not wording.is_aside(phrase) and _one(wording, phrase) != "":
            return None
    return found.pop() if len(found) == 1 else None


def _led(wording: Wording, phrase: str) -> str | None:
    """The code with which a phrase ends, after words that say nothing of it."""
    endings = _endings(wording, phrase) if wording.led else []
    for cut, forms in enumerate(endings[_SHORTEST:-1], _SHORTEST):
        if code := _agreed(wording, forms):
            return code if not forms.isdisjoint(wording.led) and _is_before(wording, phrase, cut) else None
    return None


def _is_before(wording: Wording, phrase: str, cut: int) -> bool:
    """Whether what stands before the value is about something else, and no word reaches over into the value."""
    if _JOINED.search(phrase[:cut]) or wording.is_cut(phrase, cut):
        return False
    return all(start >= cut for start, _ in wording.matters(phrase))


def _one(wording: Wording, key: str) -> str | None:
    return _agreed(wording, _endings(wording, key)[0])


def _agreed(wording: Wording, forms: set[Form]) -> str | None:
    """The only code that any of the forms says; "" when all say nothing; None: none is understood, or several."""
    plain = (form[1:] if form and form[0] in (OPEN, COMMA) else form for form in forms)
    said = {wording.says[form] for form in plain if form in wording.says}
    codes = said - {""} or said  # what fills only, reads otherwise, too
    return UNSURE_CODE if UNSURE_CODE in codes else codes.pop() if len(codes) == 1 else None


def _endings(wording: Wording, key: str) -> list[set[Form]]:
    """For each place, every way to take the text from there on apart into known words, as classes in their order."""
    endings: list[set[Form]] = [set() for _ in key] + [{()}]
    if wording.open_ended:
        stop = max((end for _, end in wording.matters(key)), default=len(key))
        for at in range(stop, len(key) - _SHORTEST + 1):
            endings[at].add((REST,))
    for at in range(len(key) - 1, -1, -1):
        longer = endings[at] | {_before(name, form) for n, name in _next(wording, key, at) for form in endings[at + n]}
        endings[at] = {form for form in longer if form in wording.tails or form[1:] in wording.tails}
    return endings


def _next(wording: Wording, key: str, at: int) -> Iterator[tuple[int, str]]:
    """Words that may stand at a place: length and class."""
    if key[at] in _CLOSING:
        yield 1, ""
    for sign in _SIGNS.get(key[at], ()):
        yield 1, sign
    if date := DATE.match(key, at):
        yield len(date[0]), ""
    if number := _NUMBER.match(key, at):
        yield len(number[0]), NUMBER
    for word, name in wording.words.get(key[at], ()):
        if key.startswith(word, at):
            yield len(word), name


def _before(name: str, form: Form) -> Form:
    """Filler says nothing, a sign at the end neither, what is said twice is said once."""
    sign = bool(form) and form[0] in (OPEN, COMMA)
    if not name or (name in (OPEN, COMMA) and (not form or sign)) or form[:1] == (name,):
        return form
    return form[1:] if sign and form[1:2] == (name,) else (name, *form)
