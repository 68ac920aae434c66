"""Comparisons and amounts written in words: 案发时年龄60岁以上, 家庭人口等于1, 六十岁 -> how a rule writes them.

Comes in: a name that is none, and the names that are. Goes out: a hint, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_SIGNS = {
    "大于等于": ">=", "小于等于": "<=", "不小于": ">=", "不少于": ">=", "不低于": ">=", "不大于": "<=", "不超过": "<=",
    "不等于": "<>", "等于": "=", "大于": ">", "超过": ">", "高于": ">", "小于": "<", "低于": "<", "少于": "<",
}  # fmt: skip
ENDS = {"及以上": ">=", "以上": ">=", "及以下": "<=", "以下": "<=", "以内": "<="}
_UNIT = "周岁|岁|个月|月|天|日|年|万元|亿元|元"
_AMOUNT = re.compile(rf"(\d+(?:\.\d+)?)({_UNIT}|%)?")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {c: n for n, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
_DIGITS |= {"两": 2, "〇": 0}
_STEPS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_SPELLED = re.compile(f"([{''.join(_DIGITS)}{''.join(_STEPS)}]+)(万?)({_UNIT})")


def spelled(word: str, known: Collection[str]) -> str:
    """写成 案发时年龄 >= 60岁; empty when the word is nothing of the kind."""
    for name in sorted((k for k in known if word.startswith(k)), key=len, reverse=True):
        rest = word[len(name) :]
        for said, sign in _SIGNS.items():
            if rest.startswith(said) and (value := amount(rest[len(said) :])):
                return f"写成 {name} {sign} {value}"
        for said, sign in ENDS.items():
            if rest.endswith(said) and (value := amount(rest.removesuffix(said))):
                return f"写成 {name} {sign} {value}"
    value = amount(word)
    return f"写成 {value}" if value and value != word else ""


def amount(text: str) -> str:
    """A number with its unit in digits; empty when it is none."""
    if _AMOUNT.fullmatch(text):
        return text
    found = _SPELLED.fullmatch(text)
    if found is None:
        return ""
    total, digit = 0, 0
    for character in found[1]:
        if character in _STEPS:
            total, digit = total + (digit or 1) * _STEPS[character], 0
        else:
            digit = _DIGITS[character]
    unit = found[3] if not found[2] else f"万{found[3]}"
    return f"{total + digit}{unit}"
