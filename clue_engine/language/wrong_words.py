"""What an author wrote instead of the language: a word of everyday Chinese or of SQL -> what to write.

Comes in: the tokens of a condition and where the parser stopped. Goes out: a sentence that says the cure, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from clue_engine.language.lexer import Token

EMPTY = (
    "为空",
    "是空",
    "空",
    "为空值",
    "空白",
    "null",
    "没填",
    "未填",
    "没有值",
    "缺",
    "不详",
    "不知道",
    "none",
    "None",
)
_FILLED = ("不为空", "不是空", "非空", "有值", "已填", "不空", "不缺失", "notnull")
_SLIPS = (
    (("属于", "不属于", "在", "不在"), "写成 in @词表 或 not in ('值1', '值2')"),
    (("包含", "含有", "不包含", "含", "like"), "写成 contains '文字'、contains any @词表，或在前面加 not"),
    (("大于", "小于", "等于", "大于等于", "小于等于", "不小于", "不大于", "超过", "低于"), "用符号 > < = <> >= <="),
    (("不是", "不为", "不等于", "不"), "不等于写 <>，如 <> '值'；是否字段在前面加 not"),
    (("以上", "以下", "不低于", "不高于", "重于", "轻于"), "伤情等有轻重的写 不轻于 '值' 或 不重于 '值'，数用 >= <="),
    (("介于",), "写成 between 下限 and 上限"),
    (("contain", "include", "includes"), "写成 contains"),
    (("任一", "任何", "任意", "存在"), "写成 any 关系 (条件)，如 any 成员 (…)"),
    (("没有", "无"), "写成 none 关系 (条件)，如 none 成员 (…)"),
    (("人", "名", "个", "户", "件", "次", "起"), "数后面不写“人、名”等字，只写数，如 = 1"),
    (("为", "是"), "写成 = '值'，是否字段直接写字段名"),
    (("为缺失", "是缺失", *EMPTY), "没有填写的写 is missing，如 伤情 is missing"),
    (_FILLED, "已经填写的写 is known，如 伤情 is known"),
    (("和", "与", "及", "以及", "同时", "而且", "并", "兼"), "两个条件之间写 and 或 且"),
    (("还是", "要么", "或是", "或者是"), "两个条件之间写 or 或 或者"),
    (("晚于", "早于", "不晚于", "不早于", "之后", "之前", "以后", "以前"), "日期的先后用 > < >= <="),
    (("到", "至", "~"), "起止写成 between 下限 and 上限"),
)
UNFILLED = "没有填写的写 is missing，已经填写的写 is known"
QUANTIFIED = ("任一", "任何", "任意", "存在", "没有", "无")  # said before a relation
_JOINTS = ("和", "与", "及", "到", "至", "-", ",", "~")
_TIMES = {"十": 10, "百": 100, "千": 1000, "十万": 100_000, "百万": 1_000_000, "千万": 10_000_000}


def slip(word: str) -> str:
    return next((hint for words, hint in _SLIPS if word in words), "")


def call_hint(word: str, functions: Iterable[str]) -> str:
    """任一 成员 (…) never gets here; 没有 (…), 成员 (…) >= 2 do."""
    joined = next((w for w in QUANTIFIED if word.startswith(w)), "")
    named = f"前面写 any 或 count：any {word} (…)，count {word} (…) >= 2"
    return slip(joined) or f"函数只有 {'、'.join(functions)}；要查成员或涉案行，{named}"


def cure(tokens: Sequence[Token], at: int) -> str:
    """What to write for ``tokens[at]``, at which the parser stopped."""
    token, before = tokens[at], tokens[max(at - 1, 0)]
    if token.text == "不" and (after := slip("不" + tokens[min(at + 1, len(tokens) - 1)].text)):
        return after
    if before.kind == "is":
        return _after_is(tokens, at)
    return _between(tokens, at) or _amount(before, token) or _joined(tokens, at) or slip(token.text) or _by_kind(token)


def _after_is(tokens: Sequence[Token], at: int) -> str:
    """is null, is not null, is not known: there are only two words."""
    turned = tokens[at].kind == "not"
    word = tokens[min(at + 1, len(tokens) - 1)] if turned else tokens[at]
    empty = word.kind in ("missing", "none") or word.text.lower() in (*EMPTY, "缺失")
    if empty or word.kind == "known" or word.text in (*_FILLED, "已知"):
        return f"写成 is {'known' if empty == turned else 'missing'}"
    return f"{UNFILLED}；比较值写 = '值'"


def _between(tokens: Sequence[Token], at: int) -> str:
    """between 60岁 和 80岁, 60岁 至 80岁: with the author's own bounds."""
    if tokens[at].text not in _JOINTS or at + 1 >= len(tokens) or at < 2:
        return ""
    low, high = tokens[at - 1], tokens[at + 1]
    if not (low.kind.startswith("literal:") and high.kind.startswith("literal:")):
        return ""
    if tokens[at - 2].kind != "between" and tokens[at].text not in ("到", "至", "~"):
        return ""
    return f"写成 between {low.text} and {high.text}"


def _amount(before: Token, token: Token) -> str:
    """3千, 3千元, 5百块: a number in front of a word for a power of ten."""
    word = token.text.rstrip("元块钱")
    if before.kind != "literal:number" or not isinstance(before.value, float) or token.kind != "name":
        return ""
    if word in _TIMES or token.text in ("块", "块钱"):
        return f"写成 {before.value * _TIMES.get(word, 1):.15g}元"
    return ""


def _joined(tokens: Sequence[Token], at: int) -> str:
    """大于3, 60岁 以上, 在 60岁 到 80岁 之间, any 涉案 受害: said with the words around it."""
    token, before = tokens[at], tokens[max(at - 1, 0)]
    after = [*tokens[at + 1 : at + 4], tokens[-1], tokens[-1], tokens[-1]]
    if before.kind == "name" and token.kind == "name":
        if at >= 2 and tokens[at - 2].kind in ("any", "all", "none", "count"):
            return f"条件写在括号里：{tokens[at - 2].text} {before.text} ({token.text} …)"
        if written := spelled(before.text + token.text, [before.text]):
            return written
    if before.kind == "name" and token.kind.startswith("literal:") and (sign := ENDS.get(after[0].text)):
        return f"写成 {before.text} {sign} {token.text}"
    if token.text == "在" and after[0].kind.startswith("literal:"):
        if after[1].text in _JOINTS and after[2].kind == after[0].kind:
            return f"写成 between {after[0].text} and {after[2].text}"
        return slip("之后") if after[0].kind == "literal:date" else ""
    return ""


def _by_kind(token: Token) -> str:
    if token.kind == ",":
        return "数字里不写逗号，如 7000元；几个条件之间写 and 或 or"
    if token.kind == "literal:duration" and token.unit == "月":
        return "日期写成 2024-01-31 或 2024年1月31日"
    if token.kind == "name":
        return "文字的值要写在引号里；两个条件之间要写 and 或 or"
    if token.kind.startswith("literal:"):
        return "值的前面要写比较符号，如 = > <；两个条件之间要写 and 或 or"
    return ""


# -- amounts and comparisons in words: 案发时年龄60岁以上, 六十岁 ----------------------------------------
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
