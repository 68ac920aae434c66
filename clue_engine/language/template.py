"""Reason sentences: "{姓名}在“{案由}”案中{伤情},应赔{应赔金额|万元}" -> checked, and filled from a row's values.

A place is {字段}, {户.字段} or {字段|单位}; units: 万元, 元, %. What is not known reads （不详）.
A part in brackets is said only where it holds: [，已赔{已赔金额|万元}] where the amount is known, [在逃?，在逃] where
the field says 是, [处理结果=存疑不起诉/终止审理?…] where it has one of these, [伤情!=无人身伤害?…] where it is
known and another, [案由=缺失?…] where it is unknown.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from clue_engine.errors import Diagnostic
from clue_engine.language.lexer import diagnose
from clue_engine.language.vocabulary import HOUSEHOLD, Vocabulary, suggest
from clue_engine.pack.model import Field

UNKNOWN = "（不详）"
ALLOWED_SECRET = ("姓名",)
_PLACE = re.compile(r"\{([^{}|｜]*)(?:[|｜]([^{}]*))?\}")
_PART = re.compile(r"\[([^\[\]]*)\]")
_IF = re.compile(r"([^{}!=?？]*)(?:(!?=)([^{}?？]*))?[?？]")
MISSING, YES, NO = "缺失", "是", "否"
_UNITS = ("万元", "元", "%")


class Length(float):
    """A duration that knows its unit: a sentence says 60岁 unless it writes the 岁 itself."""

    unit: str = ""

    @classmethod
    def of(cls, value: object, unit: str) -> object:
        """A number as a length, both ends of a pair; anything else as it is."""
        if isinstance(value, tuple):
            return tuple(cls.of(each, unit) for each in value)
        if not isinstance(value, int | float):
            return value
        made = cls(value)
        made.unit = "个月" if unit == "月" else unit
        return made


def render(template: str, values: Mapping[str, object]) -> str:
    """The sentence with its places filled; ``values`` by field label, the household's as 户.label or bare."""

    template = _PART.sub(lambda part: _part(part.group(1), values), template)

    def fill(match: re.Match[str]) -> str:
        word, unit = match.group(1).strip(), (match.group(2) or "").strip()
        value = _value(word, values)
        rest = template[match.end() :].lstrip()
        said = any(rest.startswith(own) for own in (*_lengths(value), "周岁"))
        return shown(_bare(value) if said else value, unit)

    return _PLACE.sub(fill, template)


def _part(text: str, values: Mapping[str, object]) -> str:
    """A part in brackets, or nothing where it does not hold."""
    asked = _IF.match(text)
    if asked is not None:
        value = _value(asked.group(1).strip(), values)
        wanted = {word.strip() for word in (asked.group(3) or YES).split("/")}
        if asked.group(2) == "!=":
            wanted.add(MISSING)
        return text[asked.end() :] if (asked.group(2) == "!=") != bool(wanted & _said(value)) else ""
    known = all(shown(_value(m.group(1).strip(), values)) != UNKNOWN for m in _PLACE.finditer(text))
    return text if known else ""


def _value(word: str, values: Mapping[str, object]) -> object:
    value = values.get(word)
    if value is None and word.startswith(HOUSEHOLD + "."):
        value = values.get(word[len(HOUSEHOLD) + 1 :])
    return value


def _said(value: object) -> set[str]:
    """The words by which a part asks for a value."""
    if value is None or value == [] or value == "":
        return {MISSING}
    if isinstance(value, bool):
        return {YES if value else NO}
    return {str(each) for each in (value if isinstance(value, list) else [value])}


def _lengths(value: object) -> list[str]:
    """The units of a length, or of the ends of a pair."""
    parts = value if isinstance(value, tuple) else (value,)
    return [each.unit for each in parts if isinstance(each, Length)]


def _bare(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(_bare(each) for each in value)
    return float(value) if isinstance(value, Length) else value


def shown(value: object, unit: str = "") -> str:
    """A value as a sentence shows it: amounts without trailing zeros, days in words, lists joined by 、."""
    if value is None or value == [] or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, tuple):
        return _interval(value, unit)
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, list):
        return "、".join(str(v) for v in value)
    if isinstance(value, int | float):
        return _number(float(value), unit or (value.unit if isinstance(value, Length) else ""))
    return str(value)


def _interval(value: tuple[object, ...], unit: str) -> str:
    low, high = value
    if low is None and high is None:
        return UNKNOWN
    if isinstance(low, dt.date) and isinstance(high, dt.date):
        whole_month = low.day == 1 and (high + dt.timedelta(days=1)).day == 1
        if whole_month and (low.year, low.month) == (high.year, high.month):
            return f"{low.year}年{low.month}月"
    if low == high:
        return shown(low, unit)
    if low is None or high is None:
        return f"至少{shown(low, unit)}" if high is None else f"至多{shown(high, unit)}"
    return f"{shown(low, unit)}至{shown(high, unit)}"


def _number(value: float, unit: str) -> str:
    if unit == "%":
        return f"{_plain(value * 100, 1)}%"
    if unit == "万元":
        # Below a hundred yuan two decimals of 万元 would read 0, and nothing at all is 0元.
        return f"{_plain(value / 10000, 2)}万元" if abs(value) >= 100 else f"{_plain(value, 2)}元"
    return _plain(value, 2) + unit


def _plain(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def check_template(template: str, vocabulary: Vocabulary) -> list[Diagnostic]:
    """CE6xx: unknown fields, secret fields, units that do not fit, unpaired braces."""
    problems: list[Diagnostic] = []
    for brace in re.finditer(r"｛([^｛｝{}]*)｝", template):
        message, hint = "花括号是全角的，会原样写进理由", f"改成半角：{{{brace.group(1)}}}"
        problems.append(diagnose(template, brace.start(), brace.end(), "CE605", message, hint))
    for match in _PLACE.finditer(template):
        word, unit = match.group(1).strip(), (match.group(2) or "").strip()
        where = (template, match.start(), match.end())
        field = _field(word, vocabulary)
        if field is None:
            known = [w for words in vocabulary.fields.values() for w in words]
            hint = suggest(word.split(".")[-1], known) or "模板里只能写字段名，如 {姓名}、{应赔金额|万元}"
            problems.append(diagnose(*where, "CE606", f"模板里没有字段“{word}”", hint))
            continue
        if field.sensitivity == "secret" and field.label not in ALLOWED_SECRET:
            message = f"“{word}”是不公开的字段，不能写进理由"
            problems.append(diagnose(*where, "CE603", message, "改用不涉及隐私的字段"))
        fits = {"%": ("share",), "元": ("money",), "万元": ("money",)}
        if unit and (unit not in fits or field.type not in fits[unit]):
            message = f"“{word}”不能按“{unit}”显示"
            problems.append(diagnose(*where, "CE604", message, "金额用 万元、元，比例用 %"))
    problems += _check_parts(template, vocabulary)
    rest = _PLACE.sub("", template)
    if "{" in rest or "}" in rest:
        at = max(template.find("{"), 0)
        problems.append(diagnose(template, at, at + 1, "CE605", "花括号没有配对", "写成 {字段}"))
    return problems


def _check_parts(template: str, vocabulary: Vocabulary) -> list[Diagnostic]:
    problems: list[Diagnostic] = []
    for part in _PART.finditer(template):
        asked = _IF.match(part.group(1))
        if asked is None:
            if not _PLACE.search(part.group(1)):
                message, hint = (
                    "方括号里没有字段，总是会说",
                    "去掉方括号，或写成 [，已赔{已赔金额|万元}]、[字段=值?文字]",
                )
                problems.append(diagnose(template, part.start(), part.end(), "CE605", message, hint))
            continue
        where = (template, part.start() + 1, part.start() + 1 + len(asked.group(1)))
        field = _field(asked.group(1).strip(), vocabulary)
        if field is None:
            known = [w for words in vocabulary.fields.values() for w in words]
            hint = suggest(asked.group(1).strip().split(".")[-1], known) or "方括号里问号前面写字段名"
            problems.append(diagnose(*where, "CE606", f"模板里没有字段“{asked.group(1).strip()}”", hint))
            continue
        codes = vocabulary.codes.get(field.codes or "")
        allowed = (MISSING, YES, NO) if field.type == "bool" else (MISSING, *(codes.values if codes else ()))
        wrong = [w for w in (asked.group(3) or YES).split("/") if w.strip() not in allowed]
        if wrong and (codes or field.type == "bool"):
            problems.append(
                diagnose(
                    *where, "CE606", f"“{field.label}”没有取值“{wrong[0]}”", suggest(wrong[0], allowed) or "核对取值"
                )
            )
    rest = _PART.sub("", template)
    if "[" in rest or "]" in rest:
        at = min(n for n in (template.find("["), template.find("]")) if n >= 0)
        problems.append(diagnose(template, at, at + 1, "CE605", "方括号没有配对，也不能套着写", "写成 [字段=值?文字]"))
    return problems


def _field(word: str, vocabulary: Vocabulary) -> Field | None:
    head, _, tail = word.partition(".")
    if tail:
        relation = vocabulary.relations.get(head)
        return vocabulary.fields[relation.name].get(tail) if relation else None
    # The first witness row is most often a case row; the household's fields are known beside it.
    for words in vocabulary.fields.values():
        if word in words:
            return words[word]
    return None
