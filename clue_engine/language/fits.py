"""Which values fit together: types and units of a comparison, codes that exist, bounds on scales.

Comes in: the typed sides of a test, as ``check`` finds them. Goes out: the sides as they compare; or the finding, with
its cure. Tried by a clerk, “轻伤一级以上” as 伤情 >= '轻伤一级' listed the lighter ones and none of the dead, and its
own tests agreed: so < <= > >= are not for grades.
"""

from __future__ import annotations

import datetime as dt
import unicodedata

from clue_engine.language import tree
from clue_engine.language import types as t
from clue_engine.language.check_names import Abort, Words, type_label
from clue_engine.language.codes import NOT_GRAVER, NOT_LIGHTER, grades, is_open, open_fault, sets
from clue_engine.language.vocabulary import parameter_type, suggest
from clue_engine.pack.model import CodeSet, Field

_DATE_HINT = "日期写成 2024-01-31 或 2024年1月31日"
_READINGS = {  # a sign as two people read it: the worse are “more”, or the positions on the scale are
    ">=": (("重于或等于", NOT_LIGHTER, False), ("轻于或等于", NOT_GRAVER, False)),
    ">": (("重于", NOT_LIGHTER, True), ("轻于", NOT_GRAVER, True)),
    "<=": (("轻于或等于", NOT_GRAVER, False), ("重于或等于", NOT_LIGHTER, False)),
    "<": (("轻于", NOT_GRAVER, True), ("重于", NOT_LIGHTER, True)),
}


def literal_value(node: tree.Literal) -> t.Value:
    if node.kind == "asof":
        return t.AsOf()
    if node.kind == "duration":
        assert isinstance(node.value, float)
        value, unit = (node.value * 12, "月") if node.unit == "年" else (node.value, node.unit)
        return t.Const(value, t.Type("duration", None, unit))
    return t.Const(node.value, t.Type(node.kind, None, node.unit if node.kind == "money" else ""))


def fit(checker: Words, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    a, b = left.type, right.type
    if a.kind in ("code", "codes") or b.kind in ("code", "codes"):
        return _fit_code(checker, node, left, right)
    if a.kind == "text" and b.kind == "text":
        if node.op not in ("=", "<>"):
            raise checker.fail(node, "CE201", "文字只能用 = 或 <> 比较")
        return left, right
    if a.kind == "date" and b.kind == "date":
        return left, right
    if "date" in (a.kind, b.kind):
        spans = "时间长短用 距今(日期) 或 间隔(日期, 日期)"
        other = b.kind if a.kind == "date" else a.kind
        hint = {"text": _DATE_HINT, "number": f"{_DATE_HINT}；{spans}"}.get(other, spans)
        raise checker.fail(node, "CE201", f"日期不能和{type_label(b if a.kind == 'date' else a)}比较", hint)
    if "span" in (a.kind, b.kind):
        return _fit_span(checker, node, left, right)
    if not a.numeric or not b.numeric:
        hint = "数字不加引号" if "text" in (a.kind, b.kind) else ""
        raise checker.fail(node, "CE201", f"{type_label(a)}不能和{type_label(b)}比较", hint)
    if a.kind == "duration" or b.kind == "duration":
        return _fit_duration(checker, node, left, right)
    if a.kind == "money" or b.kind == "money":
        return _fit_money(checker, node, left, right)
    if isinstance(right, t.Const) and a.kind == "share" and b.kind == "number" and float(str(right.value)) > 1:
        raise checker.fail(node.right, "CE204", "比例在 0 和 1 之间", f"是否想写 {right.value:g}%？")
    return left, right


def _fit_money(checker: Words, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    other = right if left.type.kind == "money" else left
    if left.type.kind == right.type.kind:
        units = {u for u in (left.type.unit, right.type.unit) if "/" in u}
        if len(units) == 2:
            checker.report(node, "CE204", f"两边的金额单位不同：{'、'.join(sorted(units))}", "先换算成同一单位")
        return left, right
    if isinstance(other, t.Const) and other.type.kind == "number":
        where = node.right if other is right else node.left
        text = checker.written(where)
        raise checker.fail(where, "CE204", f"金额“{text}”没有单位", f"写成 {text}元 或 {text}万元")
    if isinstance(other, t.Const):
        raise checker.fail(node, "CE201", f"金额不能和{type_label(other.type)}比较")
    # 3万 beside a number field: a scale word, not money.
    if isinstance(left, t.Const) or isinstance(right, t.Const):
        const = left if isinstance(left, t.Const) else right
        assert isinstance(const, t.Const)
        if const.type.unit in ("万", "亿") and other.type.kind in ("number", "share"):
            plain = t.Const(const.value, t.NUMBER)
            return (plain, right) if const is left else (left, plain)
    raise checker.fail(node, "CE201", f"金额不能和{type_label(other.type)}比较", "检查字段，或用参数")


def _fit_duration(checker: Words, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    a, b = left.type, right.type
    if a.kind == b.kind:
        if a.unit != b.unit:
            raise checker.fail(node, "CE204", f"时长单位不同：{a.unit} 和 {b.unit}", f"改用{a.unit}")
        return left, right
    if (b if a.kind == "duration" else a).kind != "number":
        raise checker.fail(node, "CE201", f"{type_label(a)}不能和{type_label(b)}比较")
    bare, unit = (right, a.unit) if a.kind == "duration" else (left, b.unit)
    hint = f"写成 {bare.value:g}{unit if unit != '月' else '个月'}" if isinstance(bare, t.Const) and isinstance(
        bare.value, float) else ""  # fmt: skip
    raise checker.fail(node, "CE204", "时长没有单位", hint)


def _fit_span(checker: Words, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    if right.type.kind == "span":
        raise checker.fail(node, "CE201", "时间间隔写在左边，并和时长比较", "如 距今(日期) <= 30天")
    if right.type.kind != "duration" or not isinstance(right, t.Const | t.ParamRef):
        if isinstance(right, t.Const) and right.type.kind == "number":
            n = f"{right.value:g}"
            raise checker.fail(node.right, "CE204", "时间间隔没有单位", f"写成 {n}天、{n}个月、{n}年 或 {n}岁")
        raise checker.fail(node.right, "CE201", "时间间隔要和时长（如 30天）或时长参数比较")
    if right.type.unit not in ("天", "月", "岁"):
        raise checker.fail(node.right, "CE204", "时长参数没有单位", "在参数文件里写 unit: 天、月 或 岁")
    if isinstance(right, t.Const) and isinstance(right.value, float) and right.value != int(right.value):
        raise checker.fail(node.right, "CE204", "时长要是整数个天、月或岁")
    return left, right


def _fit_code(checker: Words, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    if right.type.kind in ("code", "codes") and left.type.kind == "text" and isinstance(left, t.Const):
        raise checker.fail(node, "CE201", "字段写在左边，值写在右边")
    if left.type.kind == "codes" or right.type.kind == "codes":
        raise checker.fail(
            node, "CE201", "可以有多个值的字段不能这样比较", "写成 字段 contains '值'，参数用 in 参数.名称"
        )
    codes = codes_of(checker, left)
    if isinstance(right, t.Const) and right.type.kind == "text":
        right = t.Const(canonical(checker, node.right, str(right.value), codes), left.type)
    elif right.type.kind != "code":
        raise checker.fail(node, "CE201", f"代码不能和{type_label(right.type)}比较", "代码的值写在引号里，如 '死亡'")
    elif right.type.codes != left.type.codes and left.type.codes and right.type.codes:
        message = f"两边的代码表不同：{left.type.codes} 和 {right.type.codes}，不能比较"
        raise checker.fail(node, "CE202", message)
    if node.op not in ("=", "<>"):
        if not isinstance(codes, CodeSet) or not codes.ordered:
            raise checker.fail(node, "CE202", f"“{checker.written(node.left)}”没有先后，不能比大小", "用 in ('值', …)")
        raise grade_signs(checker, node, codes, str(right.value) if isinstance(right, t.Const) else None)
    return left, right


def codes_of(checker: Words, value: t.Value) -> CodeSet | Field | None:
    """The code table of a value, or its field where the words of lists stand in for a table."""
    if isinstance(value, t.FieldRef) and is_open(value.field):
        return value.field
    return checker.vocabulary.codes.get(value.type.codes or "")


def canonical(checker: Words, node: tree.Node, word: str, codes: CodeSet | Field | None) -> str:
    """The code that ``word`` means; an alias means its code. Unknown words are reported and kept."""
    if isinstance(codes, Field):
        fault = open_fault(codes, checker.vocabulary.pack, word, in_list=isinstance(node, tree.ListRef))
        if fault is not None:
            level, message, hint = fault
            checker.report(node, "CE203" if level == "error" else "CE207", message, hint, level)
        return word
    if codes is None or word in codes.values:
        return word
    if word in codes.aliases:
        return codes.aliases[word]
    same = {_half(known): known for known in (*codes.aliases, *codes.values)}.get(_half(word))
    if same is not None:  # 重伤（二级） is 重伤(二级)
        return codes.aliases.get(same, same)
    shown = "、".join(codes.values[:8]) + ("……" if len(codes.values) > 8 else "")
    close = suggest(word, [*codes.aliases, *codes.values])
    checker.report(node, "CE203", f"{codes.name}没有取值“{word}”。可用：{shown}", close)
    return word


def _half(word: str) -> str:
    return unicodedata.normalize("NFKC", word)


def word_set(
    checker: Words, node: tree.Node, kind: str, codes: CodeSet | Field | None
) -> tuple[tuple[object, ...], tuple[str, ...]]:
    """The members of a set or list, and the words that void them in front."""
    if isinstance(node, tree.ListRef):
        found = checker.vocabulary.pack.lists.get(node.name)
        if found is None:
            hint = suggest(node.name, checker.vocabulary.pack.lists) or "在 lists/ 里写明再用"
            raise checker.fail(node, "CE108", f"没有词表“{node.name}”", hint)
        if not found.values:
            raise checker.fail(node, "CE401", f"词表“{node.name}”是空的")
        return tuple(canonical(checker, node, v, codes) for v in found.values), found.not_after
    assert isinstance(node, tree.SetLiteral)
    members: list[object] = []
    for item in node.items:
        if kind == "text" and item.kind == "text":
            members.append(canonical(checker, item, str(item.value), codes))
        elif item.kind == kind or (kind == "money" and item.kind == "money"):
            members.append(item.value)
        else:
            raise checker.fail(item, "CE201", f"“{checker.written(item)}”和左边的字段类型不同")
    return tuple(members), ()


def parameter_set(checker: Words, node: tree.Name, wanted: t.Type) -> t.ParamRef:
    parameter = checker.vocabulary.parameter(node.parts[-1]) if node.parts[0] == "参数" else None
    if parameter is None:
        known = [p.name for p in checker.vocabulary.pack.parameters.values()]
        raise checker.fail(node, "CE108", f"没有参数“{checker.written(node)}”", suggest(node.parts[-1], known))
    found = parameter_type(parameter)
    if found.kind not in ("code", "codes") or (wanted.codes and found.codes and wanted.codes != found.codes):
        raise checker.fail(node, "CE202", f"参数“{node.parts[-1]}”不是{wanted.codes or '同一种'}代码的集合")
    return t.ParamRef(parameter, found)


def ordered_pair(checker: Words, node: tree.Between, both: t.And) -> None:
    """between 9 and 3 can never be true."""
    low, high = both.parts
    if isinstance(low, t.Test) and isinstance(high, t.Test):
        a, b = low.right, high.right
        if isinstance(a, t.Const) and isinstance(b, t.Const):
            x, y = a.value, b.value
            numbers = isinstance(x, float) and isinstance(y, float) and x > y
            if numbers or (isinstance(x, dt.date) and isinstance(y, dt.date) and x > y):
                checker.report(node, "CE206", "between 的下限大于上限", "把两个值对调")


# -- scales ----------------------------------------------------------------------------------------------------
def graded(checker: Words, node: tree.Compare, value: t.Value, codes: CodeSet | None, bound: str) -> t.InSet:
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


def grade_signs(checker: Words, node: tree.Compare, codes: CodeSet, bound: str | None) -> Abort:
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


def grades_between(checker: Words, node: tree.Between, codes: CodeSet, low: str, high: str) -> Abort:
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


# -- sums ----------------------------------------------------------------------------------------------------
def arithmetic_type(op: str, left: t.Type, right: t.Type) -> t.Type | None:
    kinds = (left.kind, right.kind)
    plain = ("number", "share")
    if left.kind == "date" and right.kind == "duration" and op in "+-":
        return t.DATE
    if not left.numeric or not right.numeric:
        return None
    if op in "+-":
        if left.kind in plain and right.kind in plain:
            return left if left.kind == right.kind else t.NUMBER
        return left if left.kind == right.kind and (left.kind == "money" or left.unit == right.unit) else None
    if op == "*":
        if left.kind in plain and right.kind in plain:
            return t.SHARE if kinds == ("share", "share") else t.NUMBER
        return _times(left if right.kind in plain else right) if set(kinds) & set(plain) else None
    if right.kind in plain:
        return t.NUMBER if left.kind in plain else _times(left)
    return t.SHARE if left.kind == right.kind and left.unit == right.unit else None


def _times(found: t.Type) -> t.Type:
    """元/月 times 12 is no longer per month: an amount that was multiplied compares with any amount."""
    return t.MONEY if found.kind == "money" else found
