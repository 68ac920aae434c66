"""What a text means for a field of a given type: the reference functions of ``values`` on distinct texts.

Comes in: texts of a column that are not in the regular form (SQL reads those by itself, see regular.py). Goes out:
per text its typed values and the code of an issue, or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clue_engine.ingest.layout import Feed
from clue_engine.pack.model import CodeSet, RecordField
from clue_engine.pack.saying import by_phrases, is_short, meant
from clue_engine.pack.wording import UNSURE_CODE, Wording
from clue_engine.values import dates, money, name, number, reference
from clue_engine.values.identity import identity
from clue_engine.values.text import (
    APOSTROPHES,
    FLOAT,
    cell_text,
    code_key,
    compact,
    half_width,
    is_yes_no,
    strip,
    yes_no,
)

Reading = tuple[tuple[Any, ...], str | None]
Reader = Callable[[str], Reading]

_NO_WORDS = Wording({}, {})

_REMARK = re.compile(r"\([^()]*\)")
_NUMBER_BEFORE = re.compile(
    r"^(?:\d{1,3}[-－—–|｜:：.、_/]+|[(\[【]\d{1,3}[)\]】]|0\d(?=\D{2}))(?=[^\d])"
)  # 01-配偶, 1|男: the word says it
LIST_SEPARATORS = r"[,，、;；|/\s]+"
_OUTSIDE = r"(?![^()（）]*[)）])"  # 多重（肢体、智力） is one value
_AND = r"[和及且并兼+＋]|(?<=.)(?=因)"  # 因病因残, 残疾和慢性病: where every part is a code
_DENIED = re.compile("^[未无没非不否]")
_DENIED_BEFORE = re.compile("(?:[未无没非不否]|不是|没有|并非|不属于?|疑似|可能是?)$")
_BLANKS = re.compile(r"\s+")
_IN_YEARS = re.compile(r"[(（]年[)）]")
_ID_ISSUES = {
    "bad_checksum": "ID_CHECKSUM",
    "sci": "ID_PRECISION_LOST",
    "tail000": "ID_PRECISION_LOST",
    "masked": "ID_MASKED",
    "virtual": "ID_VIRTUAL",
    "other": "ID_UNREADABLE",
}


@dataclass(frozen=True)
class Shape:
    """The columns a type becomes: suffix and SQL type. ``all`` = every text is read here, none by SQL."""

    columns: tuple[tuple[str, str], ...]
    all: bool = False


SHAPES = {
    "text": Shape((("", "varchar"),)),
    "name": Shape((("", "varchar"), ("_note", "varchar"))),
    "id": Shape(
        (
            ("", "varchar"),
            ("_kind", "varchar"),
            ("_partial", "varchar"),
            ("_cert_level", "varchar"),
            ("_cert_kind", "varchar"),
        )
    ),
    "date": Shape((("_lo", "date"), ("_hi", "date")), all=True),
    "money": Shape((("", "double"), ("_flag", "varchar"))),
    "number": Shape((("", "double"),)),
    "bool": Shape((("", "boolean"),), all=True),
    "code": Shape((("", "varchar"),), all=True),
    "codes": Shape((("", "varchar[]"),), all=True),
    "phone": Shape((("", "varchar"),)),
    "caseno": Shape((("", "varchar"),)),
}


def reader(feed: Feed, codes: Mapping[str, CodeSet], wan_limit: float, *, tail_doubted: bool = False) -> Reader:
    """The function that reads one text for this field. ``tail_doubted``: numbers that end with 000 are not believed."""
    kind = feed.field.type
    if kind in ("code", "codes"):
        assert feed.field.codes is not None
        own = codes[feed.field.codes]
        table = code_table(own, feed.values)
        return _code(table, own) if kind == "code" else _codes(table, own, feed.split or LIST_SEPARATORS)
    if kind == "bool":
        return _bool(feed.field, feed.values)
    if kind == "money":
        return _money(feed.unit, wan_limit, negative=feed.field.negative)
    if feed.field.months:
        return _months(_IN_YEARS.search(feed.header) is not None)
    plain: dict[str, Reader] = {
        "text": _text,
        "name": _name,
        "id": _doubting_id if tail_doubted else _id,
        "date": _dated(feed.values),
        "number": _number,
        "phone": _phone,
        "caseno": _case_number,
    }
    return plain[kind]


def constant_values(feed: Feed, codes: Mapping[str, CodeSet], wan_limit: float) -> tuple[tuple[Any, ...], bool]:
    """The typed values of a source's constant, and whether it is a value of its field at all; else all are None."""
    constant, plain = feed.constant or "", replace(feed, groups=(), source_columns=())
    values, issue = reader(plain, codes, wan_limit)(constant)
    found = codes.get(feed.field.codes or "")
    if issue is None and (found is None or constant in found.values):
        return values, True
    return (None,) * len(values), False


def code_table(codes: CodeSet, values: Mapping[str, str]) -> dict[str, str]:
    """Text → code. A word that a source maps to nothing says nothing to a field that does not know it."""
    table = {code_key(alias): code for alias, code in codes.aliases.items()}
    table |= {code_key(code): code for code in codes.values}
    table |= {code_key(text): code for text, code in values.items() if code or code_key(text) not in table}
    return table


def _meant(table: Mapping[str, str], codes: CodeSet, text: str) -> tuple[str | None, bool]:
    """``look_up``, but what is no code is not known, whoever wrote it into the source or the aliases (CE034)."""
    code, known = look_up(table, text, codes)
    return (code, known) if code is None or code in codes.values else (None, False)


def look_up(table: Mapping[str, str], text: str, codes: CodeSet) -> tuple[str | None, bool]:
    """``(code, known)``: whole text, without a remark in brackets, by a part (*法院 in a source), by its words.

    An empty code means: known, and says nothing. A remark that speaks of the matter itself is never left out.
    """
    key, said = code_key(text).rstrip("。.;,、"), codes.wording or _NO_WORDS
    if key in table:
        return table[key] or None, True
    meaning = meant(said, key, codes.values)
    plain = _REMARK.sub("", key) if all(map(said.is_aside, _REMARK.findall(key))) else key
    if plain in table and meaning != UNSURE_CODE:
        return table[plain] or None, True
    for part, code in table.items():
        if part.startswith("*") and _says(part[1:], key):
            return code or None, True
    if meaning := meaning or by_phrases(said, key, lambda one: table.get(one) or meant(said, one, codes.values)):
        return (None, False) if meaning == UNSURE_CODE else (meaning, True)
    if (word := _NUMBER_BEFORE.sub("", key)) != key:
        return look_up(table, word, codes)
    if said.says and is_short(key) and _BLANKS.search(apart := half_width(strip(text))):
        return look_up(table, _BLANKS.sub(",", apart), codes)
    return None, cell_text(text) is None


def _says(part: str, key: str) -> bool:
    """Whether a part stands in a text and is not denied there: 非被害人 is no 被害人."""
    before, found, _ = key.partition(part)
    return bool(found) and not _DENIED_BEFORE.search(before)


def _code(table: Mapping[str, str], codes: CodeSet) -> Reader:
    def read(text: str) -> Reading:
        code, known = _meant(table, codes, text)
        return (code,), None if known else "CODE_UNKNOWN"

    return read


def _codes(table: Mapping[str, str], codes: CodeSet, separators: str) -> Reader:
    def read(text: str) -> Reading:
        _, known = look_up(table, text, codes)
        parts = [text] if known else [p for p in re.split(separators + _OUTSIDE, text) if p.strip()]
        found: list[tuple[str | None, bool]] = []
        for part in parts:
            found += _several(table, codes, part)
            if not found[-1][1] and _DENIED.match(part):  # 未患大病、残疾: nor what follows
                break
        unique = list(dict.fromkeys(c for c, _ in found if c is not None))
        return (unique or None,), None if all(k for _, k in found) else "CODE_UNKNOWN"

    return read


def _several(table: Mapping[str, str], codes: CodeSet, text: str) -> list[tuple[str | None, bool]]:
    """One part of a list of codes; several where it joins them and each is known."""
    whole = _meant(table, codes, text)
    parts = [whole] if whole[1] else [_meant(table, codes, p) for p in re.split(_AND, text) if p]
    return parts if len(parts) > 1 and all(code for code, _ in parts) else [whole]


def _bool(one: RecordField, values: Mapping[str, str]) -> Reader:
    keyed = {code_key(word): value for word, value in values.items()}

    def read(text: str) -> Reading:
        said = yes_no_of(one, keyed, text)
        return (yes_no(said),), None if is_yes_no(said) else "CODE_UNKNOWN"

    return read


def yes_no_of(one: RecordField, values: Mapping[str, str], text: str) -> str:
    """A text in the words of its source, by the code key of a word: 未消除 and 0-未消除 are 否; else as it is."""
    key = code_key(text)
    by_part = next((v for k, v in values.items() if k.startswith("*") and _says(k[1:], key)), text)
    said = values.get(key, by_part)
    if not is_yes_no(said) and (word := _NUMBER_BEFORE.sub("", key)) != key:
        said = values.get(word, word)
    if not is_yes_no(said) and one.said:
        return look_up(code_table(one.said, values), text, one.said)[0] or said
    return said


def _money(unit: str | None, wan_limit: float, *, negative: bool) -> Reader:
    def read(text: str) -> Reading:
        found = money.money(text, unit, wan_limit)
        if found[0] is not None and found[0] < 0 and not negative:
            return (None, None), "MONEY_NEGATIVE"
        if found[1] == "UNIT_ASSUMED":
            return found, "UNIT_ASSUMED"
        return found, None if money.is_readable(text) else "MONEY_UNREADABLE"

    return read


def _id(text: str) -> Reading:
    found = identity(text)
    issue = _ID_ISSUES.get(found.kind)
    return (found.id, found.kind, found.partial, found.cert_level, found.cert_kind), issue


def _doubting_id(text: str) -> Reading:
    found = identity(text)
    if found.kind == "ok" and found.id is not None and found.id.endswith("000"):
        return (None, "tail000", found.id[:15] + "*", None, None), "ID_PRECISION_LOST"
    return _id(text)


def _dated(values: Mapping[str, str]) -> Reader:
    """A day, or what a source says that a text means."""
    keyed = {code_key(word): value for word, value in values.items()}
    return lambda text: _date(keyed.get(code_key(text), text))


def _date(text: str) -> Reading:
    found = dates.date_interval(text)
    return found, None if found != dates.NOTHING or dates.is_readable(text) else "DATE_UNREADABLE"


def _text(text: str) -> Reading:
    said = cell_text(text)
    # a number that went through a float would bring strangers together
    if said and re.fullmatch(FLOAT, said.rstrip(APOSTROPHES)):
        return (None,), "ID_PRECISION_LOST"
    return (said,), None


def _name(text: str) -> Reading:
    found = name.clean_name(text)
    readable = found != (None, None) or cell_text(text) is None
    return found, None if readable else "NAME_UNREADABLE"


def _case_number(text: str) -> Reading:
    if re.fullmatch(FLOAT, compact(text)):
        return (None,), "ID_PRECISION_LOST"
    return (reference.case_number(text),), None


def _number(text: str) -> Reading:
    value = number.number(text)
    readable = value is not None or cell_text(text) in (None, "无")
    return (value,), None if readable else "NUMBER_UNREADABLE"


def _months(years: bool) -> Reader:
    def read(text: str) -> Reading:
        value = number.months(text, years=years)
        return (value,), None if value is not None or cell_text(text) in (None, "无") else "NUMBER_UNREADABLE"

    return read


def _phone(text: str) -> Reading:
    value = reference.phone(text)
    readable = value is not None or cell_text(text) in (None, "无")
    return (value,), None if readable else "PHONE_UNREADABLE"
