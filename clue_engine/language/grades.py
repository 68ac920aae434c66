"""Codes on a scale, worst first: 不轻于, 不重于 as sets of codes, and why < <= > >= are not for them.

Comes in: a code table of the pack, a bound. Goes out: the codes that certainly fit and those of which one cannot say
(重伤(级别不明) beside 重伤一级: it is either of two grades); what is in neither does not fit. Tried by a clerk,
“轻伤一级以上” as 伤情 >= '轻伤一级' listed the lighter ones and none of the dead, and its own tests agreed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clue_engine.language import tree
from clue_engine.language import types as t
from clue_engine.pack.model import CodeSet

if TYPE_CHECKING:
    from clue_engine.language.check import Abort, Checker

NOT_LIGHTER, NOT_GRAVER = "不轻于", "不重于"
OPERATORS = (NOT_LIGHTER, NOT_GRAVER)
MIRROR = {NOT_LIGHTER: NOT_GRAVER, NOT_GRAVER: NOT_LIGHTER}
_READINGS = {  # a sign as two people read it: the worse are “more”, or the positions on the scale are
    ">=": (("重于或等于", NOT_LIGHTER, False), ("轻于或等于", NOT_GRAVER, False)),
    ">": (("重于", NOT_LIGHTER, True), ("轻于", NOT_GRAVER, True)),
    "<=": (("轻于或等于", NOT_GRAVER, False), ("重于或等于", NOT_LIGHTER, False)),
    "<": (("轻于", NOT_GRAVER, True), ("重于", NOT_LIGHTER, True)),
}


def grades(codes: CodeSet) -> list[str]:
    """The codes that are one grade each, worst first."""
    return [v for v in codes.values if v not in codes.unordered and v not in (codes.spans or {})]


def sets(codes: CodeSet, op: str, bound: str, *, strict: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes that fit, and those that may: a span fits when all its grades do, may when some do."""
    scale = grades(codes)
    at = scale.index(bound)
    near = scale[:at] if op == NOT_LIGHTER else scale[at + 1 :]
    fitting = {*near, *(() if strict else (bound,))}
    sure, perhaps = [], []
    for code in codes.values:
        own = (codes.spans or {}).get(code, (code,))
        if code in codes.unordered:
            perhaps += [code] if code not in codes.outside else []
        elif all(grade in fitting for grade in own):
            sure.append(code)
        elif any(grade in fitting for grade in own):
            perhaps.append(code)
    return tuple(sure), tuple(perhaps)


def scale_text(codes: CodeSet) -> str:
    """The values of a table as every page shows them; of a scale, which end is the worst and what is not on it."""
    if not codes.ordered:
        return "、".join(codes.values)
    parts = ["从重到轻：" + "、".join(v for v in codes.values if v not in codes.unordered)]
    parts += [f"{code}可能是{'或'.join(own)}" for code, own in (codes.spans or {}).items()]
    unknown = [v for v in codes.unordered if v not in codes.outside]
    parts += [f"轻重不明：{'、'.join(unknown)}"] if unknown else []
    return "；".join([*parts, *([f"不分轻重：{'、'.join(codes.outside)}"] if codes.outside else [])])


def compared(checker: Checker, node: tree.Compare, value: t.Value, codes: CodeSet | None, bound: str) -> t.InSet:
    """``value 不轻于 'bound'`` as the sets that it stands for."""
    field = checker.written(node.left)
    if codes is None or not codes.ordered:
        raise checker.fail(node, "CE202", f"“{field}”没有轻重", "用 in ('值', …)")
    if codes.spans is None:
        hint = "在 vocabulary/codes.yaml 这张表下写 spans: {级别不明的取值: [它可能是的取值]}，没有的写 spans: {}"
        raise checker.fail(node, "CE209", f"代码表“{codes.name}”没有写明哪些取值是几个等级之一", hint)
    if bound not in grades(codes):
        hint = f"可用：{'、'.join(grades(codes))}"
        raise checker.fail(node.right, "CE202", f"“{bound}”不是一个等级，不能作界限", hint)
    sure, perhaps = sets(codes, node.op, bound)
    return t.InSet(value, sure, checker.written(node), perhaps, _spelled(sure, perhaps))


def _spelled(sure: tuple[str, ...], perhaps: tuple[str, ...]) -> str:
    unsure = f"；{'、'.join(perhaps)}不能确定" if perhaps else ""
    return f"即 {'、'.join(sure)}{unsure}"


def signs(checker: Checker, node: tree.Compare, codes: CodeSet, bound: str | None) -> Abort:
    """CE208: both readings of a sign, to paste."""
    field = checker.written(node.left)
    if bound not in grades(codes):
        hint = "一边写取值：字段 不轻于 '值'；参数写成 codes 的集合，用 in 参数.名称"
        hint = hint if bound is None else f"“{bound}”不是一个等级，用 = 或 in"
        return checker.fail(node, "CE208", f"“{field}”有轻重，不用 < <= > >= 比", hint)
    ways = [
        f"{word}{_pasted(field, sets(codes, op, bound, strict=strict)[0])}" for word, op, strict in _READINGS[node.op]
    ]
    short = f"{field} {NOT_LIGHTER} '{bound}'、{field} {NOT_GRAVER} '{bound}'"
    message = f"“{checker.written(node)}”看不出是更重还是更轻：代码不用 < <= > >= 比"
    return checker.fail(node, "CE208", message, f"{'；'.join(ways)}。也可写 {short}")


def between(checker: Checker, node: tree.Between, codes: CodeSet, low: str, high: str) -> Abort:
    """CE208 for between: one reading, whichever end is named first."""
    field, scale = checker.written(node.value), grades(codes)
    if low not in scale or high not in scale:
        return checker.fail(node, "CE208", f"“{field}”有轻重，不用 between", "用 in ('值', …) 写出要的值")
    worst, mildest = sorted((low, high), key=scale.index)
    both = set(sets(codes, NOT_LIGHTER, mildest)[0]) & set(sets(codes, NOT_GRAVER, worst)[0])
    paste = _pasted(field, tuple(v for v in codes.values if v in both))
    return checker.fail(node, "CE208", f"“{field}”有轻重，between 看不出哪一头是重", f"从{worst}到{mildest}{paste}")


def _pasted(field: str, codes: tuple[str, ...]) -> str:
    return f"写 {field} in ({', '.join(repr(c) for c in codes)})" if codes else "没有取值"


def spelled_out(body: t.Bool) -> list[str]:
    """What every 不轻于, 不重于 of a condition stands for, each once: shown wherever the condition is."""
    found: dict[str, None] = {}
    for node in t.walk(body):
        if isinstance(node, t.Quant) and node.body is not None:
            found |= dict.fromkeys(spelled_out(node.body))
        elif isinstance(node, t.InSet) and node.spelled:
            found[t.shown(node)] = None
    return list(found)
