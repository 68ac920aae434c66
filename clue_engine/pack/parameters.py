"""Policy numbers: dated, regional, each with its source; a local file adds or overrides.

Comes in: rules/parameters/*.yaml and the file of ``--parameters``. Goes out: ``Parameter`` records with typed values:
money in yuan, shares as 0–1, durations as a number in the parameter's unit, codes as a tuple.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from clue_engine.errors import ClueError, Mark
from clue_engine.pack.model import CodeSet, Pack, Parameter, ParameterValue, Text
from clue_engine.pack.suggest import hint as suggestion
from clue_engine.pack.typed import (
    Findings,
    Section,
    as_mapping,
    as_names,
    as_number,
    as_text,
    mark_of,
    place,
    plain,
    read_date,
    shown,
)
from clue_engine.pack.vocabulary import UNITS, sections

TYPES = ("money", "share", "number", "duration", "code", "codes")
REGION_KEYS = ("地区", "region")
LOCAL_SOURCE = "本地参数文件"
ALWAYS = dt.date(1, 1, 1)  # start of a value that was given without a date
_KEYS = ("type", "label", "unit", "codes", "aliases", "values")
_VALUE_KEYS = ("from", "region", "value", "source")
_REGION = re.compile(r"(?:[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})?")


def value_of(pack: Pack, name: str, as_of: dt.date, region: str) -> ParameterValue | None:
    """The value of a parameter (by name or alias) for a region code on a day, or None (never a silent default).

    The most specific region first, then the newest start; the record says its source and place.
    """
    parameter = pack.parameters.get(name) or by_word(pack.parameters).get(name)
    return value_on(parameter, as_of, region) if parameter is not None else None


def value_on(parameter: Parameter, as_of: dt.date, region: str) -> ParameterValue | None:
    """The value for a region on a day: the most precise region wins, then the newest start."""
    fitting = [v for v in parameter.values if v.start <= as_of and region.startswith(v.region)]
    return max(fitting, key=lambda v: (len(v.region), v.start), default=None)


def by_word(parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """Parameters by name, label and alias."""
    found = {word: one for one in parameters.values() for word in (one.label, *one.aliases)}
    return {**found, **parameters}


def parameters(root: Any, findings: Findings, top: Mark, codes: Mapping[str, CodeSet]) -> dict[str, Parameter]:
    """One file of the pack."""
    written = sections(root, findings, top, "参数", _KEYS, ("type", "label", "values"))
    return {str(name): _parameter(name, one, findings, codes) for name, one in written.items()}


def _parameter(name: Text, section: Section, findings: Findings, codes: Mapping[str, CodeSet]) -> Parameter:
    kind = section.choice("type", TYPES, "number")
    code_set = section.word("codes") or None
    if kind in ("code", "codes") and code_set not in codes:
        hint = suggestion(code_set or "", codes)
        findings.add("CE018", f"没有代码表“{shown(code_set or '')}”", section.at("codes"), hint=hint)
    if kind == "duration" and "unit" not in section:
        findings.add("CE006", f"参数“{name}”缺少 unit", name, hint="unit 写 岁、年、月 或 天")
    unit = section.choice("unit", (*UNITS, "元"), "") or ("元" if kind == "money" else None)
    bare = Parameter(str(name), kind, section.word("label"), unit, code_set, section.names("aliases"), (), name.at(0))
    if section.word("type", kind) not in TYPES:  # told; what the values mean is not known
        return bare
    return replace(bare, values=_values(section.raw("values"), bare, findings, section.at("values"), codes))


def _values(
    raw: Any,
    parameter: Parameter,
    findings: Findings,
    where: Text | Mark,
    codes: Mapping[str, CodeSet],
    region: str = "",
) -> tuple[ParameterValue, ...]:
    if not isinstance(raw, list):
        findings.add("CE013", "values 应是一个列表，每项写 from、value、source", place(raw, where))
        return ()
    found: dict[tuple[str, dt.date], ParameterValue] = {}
    for item in raw:
        mapping = as_mapping(item, findings, where, "values")
        if mapping is None:
            continue
        what = f"参数“{parameter.name}”的取值"
        section = Section(mapping, findings, where, what, _VALUE_KEYS, ("from", "value", "source"))
        code = section.word("region", region)
        if not _REGION.fullmatch(code):
            message = f"region“{shown(code)}”应是行政区划代码"
            findings.add("CE013", message, section.at("region"), hint='如 "529921"，加引号')
        start = section.date("from") or ALWAYS
        place_of, source = section.at("value"), section.word("source")
        one = _one(section.raw("value"), parameter, findings, place_of, codes, start, code, source)
        if one is None:
            continue
        if (code, start) in found:
            findings.add("CE004", f"参数“{parameter.name}”同一地区同一日期有两个值", section.where, hint="删去一个")
        found[(code, start)] = one
    return tuple(found.values())


def _one(
    raw: Any,
    parameter: Parameter,
    findings: Findings,
    where: Text | Mark,
    codes: Mapping[str, CodeSet],
    start: dt.date,
    region: str,
    source: str,
) -> ParameterValue | None:
    """One value typed, or None with a finding."""
    if isinstance(raw, list):
        texts: list[Text] = as_names(raw, findings, where, parameter.name)
    else:
        text = as_text(raw, findings, where, parameter.name)
        texts = [text] if text is not None else []
    if not texts:
        return None
    try:
        value = typed_value(texts, isinstance(raw, list), parameter, codes.get(parameter.codes or ""))
    except Unreadable as error:
        findings.add("CE016", f"参数“{parameter.name}”{error.message}", error.text, hint=error.hint)
        return None
    written = "、".join(str(t) for t in texts)
    return ParameterValue(start, region, written, value, source, mark_of(place(raw, where)))


def with_local(
    root: Any, findings: Findings, top: Mark, known: Mapping[str, Parameter], codes: Mapping[str, CodeSet]
) -> tuple[dict[str, Parameter], str]:
    """Lay a local file over the pack's parameters; returns them and the file's region.

    A value is ``名称: 值``, ``名称: {2023: 值}`` (valid from 1 January of that year, or from a full date), or the form
    of the pack. The local values of a region replace all that the pack has for that very region.
    """
    result = dict(known)
    mapping = as_mapping(root, findings, top, "本地参数文件") or {}
    region = _region(mapping, findings, top)
    words = by_word(known)
    given: dict[str, Text] = {}
    for key, raw in mapping.items():
        if key in REGION_KEYS or not isinstance(key, Text):
            continue
        target = words.get(str(key))
        if target is None and isinstance(raw, dict) and "type" in raw:
            section = Section(raw, findings, key, f"参数“{shown(key)}”", _KEYS, ("type", "label", "values"))
            target = replace(_parameter(key, section, findings, codes), values=())
            result[target.name] = target
        if target is None:
            hint = suggestion(key, known, {alias: p.name for p in known.values() for alias in p.aliases})
            findings.add(
                "CE017", f"规则包没有参数“{shown(key)}”", key, hint=hint or "用 clue-engine rules list 核对名称"
            )
            continue
        if target.name in given:
            other = given[target.name]
            message = f"参数“{target.name}”写了两次（第 {other.at(0).line} 行的“{other}”也是它）"
            findings.add("CE004", message, key, hint="合成一处")
        given[target.name] = key
        values = _local_values(raw, target, findings, key, codes, region)
        replaced = {v.region for v in values}
        kept = tuple(v for v in target.values if v.region not in replaced)
        result[target.name] = replace(target, values=kept + values)
    return result, region


def _region(mapping: Mapping[str, Any], findings: Findings, top: Mark) -> str:
    for key in REGION_KEYS:
        if key in mapping:
            text = as_text(mapping[key], findings, top, key)
            if text is not None and _REGION.fullmatch(text.strip()):
                return str(text).strip()
            if text is not None:
                findings.add("CE013", f"“{key}”应是行政区划代码，写的是“{shown(text)}”", text, hint='如 "529921"')
    return ""


def _local_values(
    raw: Any, parameter: Parameter, findings: Findings, key: Text, codes: Mapping[str, CodeSet], region: str
) -> tuple[ParameterValue, ...]:
    if not isinstance(raw, dict):
        one = _one(raw, parameter, findings, key, codes, ALWAYS, region, LOCAL_SOURCE)
        return (one,) if one else ()
    if raw and all(plain(k)[:1].isdigit() for k in raw):
        dated: Sequence[ParameterValue | None] = [
            _one(value, parameter, findings, place([k], key), codes, start, region, LOCAL_SOURCE)
            for k, value in raw.items()
            if (start := _start(k, findings, key)) is not None
        ]
        return tuple(v for v in dated if v)
    section = Section(raw, findings, key, f"参数“{shown(key)}”", _KEYS, ("values",))
    if "type" in section and section.word("type") != parameter.type:
        message = f"参数“{parameter.name}”的 type 在规则包里是 {parameter.type}"
        findings.add("CE014", message, section.text("type"), hint="删去这一项")
    if section.missing:
        return ()
    return _values(section.raw("values"), parameter, findings, section.at("values"), codes, region)


def _start(key: str, findings: Findings, where: Text) -> dt.date | None:
    text = plain(key)
    day = read_date(f"{text}-01-01" if re.fullmatch(r"[12][0-9]{3}", text) else text)
    if day is None:
        findings.add("CE013", f"“{shown(key)}”不是日期", place([key], where), hint="写年份 2025 或日期 2025-07-01")
    return day


# -- one written value to a typed one --------------------------------------------------------------------------------
_MONEY = re.compile(r"([0-9.,]+)(万|亿)?元?(?:/年|/月|每年|每月)?")
_SHARE = re.compile(r"([0-9.]+)(%)?")
_DURATION = re.compile(r"([0-9.]+)(周岁|岁|个月|月|天|日|年)?")
_SPAN = re.compile(r" *[至到~\uff5e\u2014-]+ *")  # 一级至五级
_SEPARATED = re.compile(r" *[、，,和或] *")
_SAME_UNIT = {"周岁": "岁", "个月": "月", "日": "天"}
_MONTHS = {"年": 12.0, "月": 1.0}


class Unreadable(Exception):
    """A value that is not what its parameter declares; ``text`` says where."""

    def __init__(self, text: Text, message: str, hint: str = ""):
        super().__init__(message)
        self.text = text
        self.message = message
        self.hint = hint


def typed_value(texts: Sequence[Text], is_list: bool, parameter: Parameter, codes: CodeSet | None) -> Any:
    """The value of a parameter. A list is for codes only (also for one declared ``code``: any of them)."""
    if parameter.type in ("code", "codes"):
        values = tuple(_code(text, codes) for text in texts)
        return values if is_list or parameter.type == "codes" else values[0]
    if is_list:
        raise Unreadable(texts[0], "只能有一个值", "去掉方括号")
    return {"money": _money, "share": _share, "number": _number}.get(parameter.type, _duration)(texts[0], parameter)


def limits_of(pack: Pack, option: str, known: Mapping[str, tuple[str, float]]) -> dict[str, float]:
    """Limits that pack.yaml may set under ``options``; ``known``: kind and default. Raises CE013."""
    found = pack.options.get(option)
    written = found if isinstance(found, Mapping) else {}
    limits = {name: default for name, (_, default) in known.items()}
    for name in (name for name in known if name in written):
        try:
            limits[name] = float(
                typed_value([Text(str(written[name]), ())], False, Parameter(name, known[name][0], name), None)
            )
        except Unreadable as error:
            message = f"options.{option}.{name} 看不懂：{error.message}"
            raise ClueError("CE013", message, place=f"{pack.root}/pack.yaml", hint=error.hint) from None
    return limits


def _code(text: Text, codes: CodeSet | None) -> str:
    word = str(text).strip()
    if codes is None or word in codes.values:
        return word
    if word in codes.aliases:
        return codes.aliases[word]
    several = _several(word, codes.values)
    if several:
        raise Unreadable(text, f"没有取值“{shown(word)}”", f"逐项写出：[{', '.join(several)}]")
    raise Unreadable(text, f"没有取值“{shown(word)}”", suggestion(word, codes.values, codes.aliases))


def _several(word: str, values: Sequence[str]) -> Sequence[str]:
    """The codes that 一级至五级 or 一级、二级 means; none when it is something else."""
    ends, listed = _SPAN.split(word), _SEPARATED.split(word)
    if len(ends) == 2 and set(ends) <= set(values):
        first, last = sorted(values.index(one) for one in ends)
        return values[first : last + 1]
    return listed if len(listed) > 1 and set(listed) <= set(values) else ()


def _money(text: Text, parameter: Parameter) -> float:
    found = _MONEY.fullmatch(plain(text).replace(" ", ""))
    number = as_number(found.group(1)) if found else None
    if found is None or number is None:
        raise Unreadable(text, f"应是金额，写的是“{shown(text)}”", "如 8500、8500元、1.2万元")
    return number * {"万": 10_000.0, "亿": 100_000_000.0, None: 1.0}[found.group(2)]


def _share(text: Text, parameter: Parameter) -> float:
    found = _SHARE.fullmatch(plain(text).replace(" ", ""))
    number = as_number(found.group(1)) if found else None
    if found is None or number is None:
        raise Unreadable(text, f"应是比例，写的是“{shown(text)}”", "如 90% 或 0.9")
    if found.group(2) is None and number > 1:
        raise Unreadable(text, f"应是比例，“{shown(text)}”大于 1", f"是否想写 {shown(text)}%")
    return round(number / 100, 12) if found.group(2) else number


def _number(text: Text, parameter: Parameter) -> float:
    number = as_number(text)
    if number is None:
        raise Unreadable(text, f"应是数，写的是“{shown(text)}”", "只写数字，如 1.3")
    return number


def _duration(text: Text, parameter: Parameter) -> float:
    found = _DURATION.fullmatch(plain(text).replace(" ", ""))
    number = as_number(found.group(1)) if found else None
    if found is None or number is None:
        raise Unreadable(text, f"应是时间长度，写的是“{shown(text)}”", f"如 6{parameter.unit or '月'}")
    written = _SAME_UNIT.get(found.group(2), found.group(2)) or parameter.unit
    if written == parameter.unit:
        return number
    if written in _MONTHS and parameter.unit in _MONTHS:
        return number * _MONTHS[written] / _MONTHS[parameter.unit]
    raise Unreadable(text, f"的单位是{parameter.unit}，写的是“{shown(text)}”", f"换算成{parameter.unit}")
