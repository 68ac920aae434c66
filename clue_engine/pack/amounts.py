"""One written value to a typed one: 8500元, 1.2万, 90%, 18岁, 六个月 is refused, 重伤二级 is looked up.

Comes in: the text of a parameter and its declaration. Goes out: yuan, a share 0–1, a number, codes; or ``Unreadable``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from clue_engine.pack.model import CodeSet, Parameter, Text
from clue_engine.pack.suggest import hint as suggestion
from clue_engine.pack.typed import as_number, plain, shown

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
