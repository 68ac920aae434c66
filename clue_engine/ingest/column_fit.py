"""How well the cells of a column fit a record field, whatever its heading says.

Comes in: cells, the field, the words of the pack. Goes out: the share that fits. No value leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from clue_engine.ingest.readings import code_table, look_up, yes_no_of
from clue_engine.ingest.value_shape import NAME
from clue_engine.pack.field_words import FieldWords
from clue_engine.pack.model import CodeSet, RecordField
from clue_engine.values import dates, money, number, reference
from clue_engine.values.identity import identity
from clue_engine.values.text import cell_text, code_key, compact, is_yes_no

_PARTS = re.compile("[、；;，,/\n]")  # several persons in a cell
_ORGANIZATION = re.compile("公司|集团|银行|支行|合作社|信用社|学校|小学|中学|医院|委员会|村委会|政府|[厂店局站所]$")
_REMARK = re.compile(r"[（(][^（）()]*[)）]")
_AGE = re.compile(r"\d岁")
_DIGITS_15 = re.compile(r"\d{15}|\d{14}[\dXx*]")
_NUMBER_LIKE = re.compile(r"(?:19|20)\d{6}|1[3-9]\d{9}|\d{12,}")
_DATE_LIKE = re.compile(r"(?:19|20)\d{2}[-/.年]\d{1,2}(?!\d).*|(?:19|20)\d{6}(?:\.0)?")
_DAY_ALONE = re.compile(
    r"(?:19|20)\d{2}(?:[-/.年]\d{1,2}(?!\d)|\d{4}(?!\d))[\d年月日号时分秒上中下旬午初底末晚约左右许至到~:：./\-—T]*"
)
_YEAR_AND_MONTH = re.compile(r"(?:19|20)\d{2}\.(?:0[1-9]|1[0-2]|[1-9])")  # 2025.03
_LONGEST = 24  # letters of a name of any people
_MANY = 8  # rows from which a running number is no accident
Fit = bool | None  # None: says nothing


@dataclass(frozen=True)
class Fitted:
    """``filled``: cells that say something; ``share`` of them that fit."""

    filled: int
    share: float


def fit(
    cells: Sequence[str],
    one: RecordField,
    values: Mapping[str, str],
    like: str,
    words: FieldWords,
    *,
    known: bool = False,
    told: str = "",
) -> Fitted:
    """Measure a column against a field; ``values``: words that the source translates; ``like``: a pattern; ``told``:
    one of sentences that stand for a code.

    ``known``: the heading says what it is: a number of any form, a name of any kind fit.
    """
    texts = [text for cell in cells if (text := cell_text(cell)) is not None]
    if not texts:
        return Fitted(0, 0.0)
    if one.type in ("name", "id"):
        texts = [part for text in texts for part in _PARTS.split(text) if part]
    test = _of_known if known and one.type == "caseno" else _tests(one, values, words)
    judged = [(text, found) for text in texts if (found := test(text)) is not None]
    if told:
        sentence = re.compile(told)
        judged = [(text, bool(found or sentence.search(compact(text)))) for text, found in judged]
    if like:
        pattern = re.compile(like)
        judged = [(text, bool(found and pattern.fullmatch(compact(text)))) for text, found in judged]
    if known and one.type == "caseno":
        return Fitted(len(texts), sum(bool(good) for _, good in judged) / len(judged))
    if known and one.type == "name":
        said = [text for cell in cells if (text := cell_text(cell)) is not None]
        strange = sum(any(_no_name(part, words) for part in _PARTS.split(text) if part) for text in said)
        return Fitted(len(said), 1 - strange / len(said))
    if not judged or not _whole(one, texts, [text for text, good in judged if good], words):
        return Fitted(len(texts), 0.0)
    return Fitted(len(texts), sum(bool(good) for _, good in judged) / len(judged))


def holds_numbers(cells: Sequence[str]) -> float:
    """The share of cells in which an identity number stands: those are no names."""
    texts = [text for cell in cells if (text := cell_text(cell)) is not None]
    return sum(bool(_DIGITS_15.search(compact(text))) for text in texts) / len(texts) if texts else 0.0


def is_running_number(cells: Sequence[str]) -> bool:
    """1, 2, 3 … row by row: no codes, whatever the heading says."""
    n = 0
    for cell in cells:
        if (text := cell_text(cell)) is not None:
            n += 1
            if compact(text) != str(n):
                return False
    return n >= _MANY


def share_of_others(cells: Sequence[str], other: str) -> float:
    """The share of cells that hold a number of another kind (``other``, a pattern of the pack); 0 of a few cells."""
    texts = [compact(text) for cell in cells if (text := cell_text(cell)) is not None]
    if not other or len(texts) < _MANY:
        return 0.0
    pattern = re.compile(other)
    return sum(bool(pattern.fullmatch(text)) for text in texts) / len(texts)


def _tests(one: RecordField, values: Mapping[str, str], words: FieldWords) -> Callable[[str], Fit]:
    if one.type in ("code", "codes"):
        codes = words.codes[str(one.codes)]
        table = code_table(codes, values)
        return lambda text: _code(table, text, codes)
    if one.type == "name":
        return lambda text: _name(text, words.code_words)
    if one.type == "bool":
        meant = {code_key(word): value for word, value in values.items()}
        return lambda text: is_yes_no(yes_no_of(one, meant, text)) and not compact(text).isdigit()
    if one.type == "text" and values:  # words that the source says in others: 是 → 本案已发放国家司法救助
        written = {compact(word) for word in values}
        return lambda text: compact(text) in written or _text(text)
    plain: dict[str, Callable[[str], Fit]] = {
        "id": _id,
        "date": _date,
        "money": _money,
        "number": lambda text: _number(text, one) and not _NUMBER_LIKE.fullmatch(compact(text)),
        "phone": lambda text: reference.phone(text) is not None and not _DATE_LIKE.fullmatch(compact(text)),
        "caseno": _case_number,
        "text": _text,
    }
    return plain[one.type]


def _whole(one: RecordField, texts: Sequence[str], good: Sequence[str], words: FieldWords) -> bool:
    """What only the column as a whole tells: a running number, years, surnames, words that are no codes of theirs."""
    whole = [int(text) for text in map(compact, texts) if re.fullmatch(r"\d{1,6}", text)]
    if one.type in ("money", "number", "caseno") and len(whole) == len(texts) > 2:
        steps = {after - before for before, after in pairwise(whole)}
        if steps == {1} or all(1949 <= value <= 2100 for value in whole):
            return False
    if one.type in ("code", "codes"):
        digits = [text for text in map(compact, texts) if text.isdigit()]
        # codes of a standard (12 for 妻) have two digits; 1, 2 and 3 are anybody's
        return len(digits) * 2 <= len(texts) or all(len(text) == 2 for text in digits)
    if one.type == "name":
        named = [key for text in good if NAME.fullmatch(key := compact(_REMARK.sub("", text)))]
        begun = sum("·" in key or "•" in key or key[0] in words.surnames for key in named)
        return bool(named) and begun >= words.bar("surnames") * len(named)
    if one.type == "id":
        return sum(identity(text).kind in ("ok", "old15") for text in texts) >= words.bar("loosely") * len(good) > 0
    return True


def _code(table: Mapping[str, str], text: str, codes: CodeSet) -> Fit:
    code, known = look_up(table, text, codes)
    return True if code is not None else (None if known else False)


def _name(text: str, taken: frozenset[str]) -> Fit:
    key = compact(_REMARK.sub("", text))  # 某某（继母）
    if not key or _ORGANIZATION.search(key):
        return None
    return bool(NAME.fullmatch(key)) and key not in taken


def _no_name(text: str, words: FieldWords) -> bool:
    """A cell that is clearly something else than whatever may be a name: 妻（智力残疾）, 婆婆71岁."""
    key = compact(text)
    if _AGE.search(key) or {key, compact(_REMARK.sub("", text))} & words.code_words or not _text(key):
        return True
    return len(key) > _LONGEST and not _ORGANIZATION.search(key)


def _id(text: str) -> Fit:
    kind = identity(text).kind
    return None if kind == "org" else kind in ("ok", "old15", "tail000", "sci", "masked", "virtual")


def _date(text: str) -> Fit:
    key = compact(text)
    if re.fullmatch(r"\d{5}(?:\.0)?", key):
        return None  # a day as a spreadsheet counts, or any number
    number = re.fullmatch(r"\d{1,4}(?:\.\d+)?", key) and not _YEAR_AND_MONTH.fullmatch(key)
    return dates.date_interval(text)[0] is not None and not number


def _number(text: str, one: RecordField) -> bool:
    return (number.months(text) if one.months else number.number(text)) is not None


def _money(text: str) -> Fit:
    key = compact(text)
    if _NUMBER_LIKE.fullmatch(key) or _DATE_LIKE.fullmatch(key) or "%" in key:
        return False
    if money.money(text)[0] is not None:
        return True
    return None if money.is_readable(text) else False


def _case_number(text: str) -> Fit:
    key = compact(text)
    strange = _DATE_LIKE.fullmatch(key) or re.fullmatch(r"1[3-9]\d{9}|\d+\.\d{1,2}", key)
    return len(re.findall(r"\d", key)) >= 4 and not strange and identity(text).kind not in ("ok", "old15")


def _of_known(text: str) -> Fit:
    key = compact(text)
    return bool(re.search(r"\d", key)) and not _DATE_LIKE.fullmatch(key)


def _text(text: str) -> Fit:
    key = compact(text)
    is_day = _DAY_ALONE.fullmatch(key)  # a summary begins with one
    typed = is_day or is_yes_no(key) or re.fullmatch(r"[\d.,+\-]+(?:元|万元|%)?", key)
    return not typed and not _DIGITS_15.fullmatch(key)
