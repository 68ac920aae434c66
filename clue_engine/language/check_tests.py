"""Comparisons, in, contains: which types fit together, which codes exist, which unit is missing."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import TYPE_CHECKING

from clue_engine.language import grades, tree
from clue_engine.language import types as t
from clue_engine.language.open_codes import is_open, open_fault
from clue_engine.language.vocabulary import NEW_DEFINITION, parameter_type, suggest
from clue_engine.pack.model import CodeSet, Field

if TYPE_CHECKING:
    from clue_engine.language.check import Checker, Scope

_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"} | grades.MIRROR
_DATE_HINT = "日期写成 2024-01-31 或 2024年1月31日"


def literal_value(node: tree.Literal) -> t.Value:
    if node.kind == "asof":
        return t.AsOf()
    if node.kind == "duration":
        assert isinstance(node.value, float)
        value, unit = (node.value * 12, "月") if node.unit == "年" else (node.value, node.unit)
        return t.Const(value, t.Type("duration", None, unit))
    return t.Const(node.value, t.Type(node.kind, None, node.unit if node.kind == "money" else ""))


def check_compare(checker: Checker, node: tree.Compare, scope: Scope) -> t.Bool:
    """A comparison, lowered: <> is not =, an equal count is two bounds, = 是 is the boolean itself."""
    if isinstance(node.left, tree.Literal) and not isinstance(node.right, tree.Literal):
        node = tree.Compare(node.start, node.end, _MIRROR[node.op], node.right, node.left)
    if isinstance(node.right, tree.Literal) and node.right.kind == "bool":
        return _compare_bool(checker, node, scope)
    if node.op in grades.OPERATORS:
        return _compare_grade(checker, node, scope)
    quoted = node.right.value if isinstance(node.right, tree.Literal) and isinstance(node.left, tree.Name) else None
    if quoted in ("是", "否") and checker.is_condition(node.left, scope):
        raise checker.fail(node.right, "CE201", "是、否不加引号", f"写成 {node.op} {quoted}")
    left, right = checker.value(node.left, scope), checker.value(node.right, scope)
    if isinstance(left, t.Const) and isinstance(right, t.Const):
        raise checker.fail(node, "CE401", "两边都是固定的值，结果永远一样", "一边应是字段")
    left, right = _fit(checker, node, left, right)
    if isinstance(left, t.AggValue) or isinstance(right, t.AggValue):
        return _compare_aggregate(checker, node, left, right)
    op = "=" if node.op == "<>" else node.op
    test = t.Test(op, left, right, checker.written(node))
    return t.Not(test, test.text) if node.op == "<>" else test


def _compare_grade(checker: Checker, node: tree.Compare, scope: Scope) -> t.Bool:
    value, right = _field_side(checker, node.left, scope), node.right
    codes = _codes_of(checker, value)
    if not isinstance(right, tree.Literal) or right.kind != "text":
        raise checker.fail(right, "CE202", f"{node.op} 后面要写一个取值", f"写成 {node.op} '值'")
    table = codes if isinstance(codes, CodeSet) and value.type.kind == "code" else None
    before = len(checker.problems)
    bound = canonical(checker, right, str(right.value), table)
    if len(checker.problems) > before:
        raise _abort()
    return grades.compared(checker, node, value, table, bound)


def check_between_grades(checker: Checker, node: tree.Between, scope: Scope) -> None:
    """Raise where between stands between two grades; any other between is checked as two comparisons."""
    low, high = node.low, node.high
    if not isinstance(low, tree.Literal) or not isinstance(high, tree.Literal) or {low.kind, high.kind} != {"text"}:
        return
    codes = _codes_of(checker, checker.value(node.value, scope))
    if isinstance(codes, CodeSet) and codes.ordered:
        ends = [canonical(checker, end, str(end.value), codes) for end in (low, high)]
        raise grades.between(checker, node, codes, *ends)


def _compare_bool(checker: Checker, node: tree.Compare, scope: Scope) -> t.Bool:
    assert isinstance(node.right, tree.Literal)
    want = bool(node.right.value)
    if node.op not in ("=", "<>"):
        raise checker.fail(node, "CE201", "是、否只能用 = 或 <> 比较")
    if isinstance(node.left, tree.Call):
        raise checker.fail(node.left, "CE201", "左边不是“是否”字段")
    body = checker.condition(node.left, scope)
    if isinstance(body, t.IsTrue):
        body = t.IsTrue(body.value, want, checker.written(node))
    elif not want:
        body = t.Not(body)
    return t.Not(body, checker.written(node)) if node.op == "<>" else body


def _compare_aggregate(checker: Checker, node: tree.Compare, left: t.Value, right: t.Value) -> t.Bool:
    op = node.op
    if isinstance(right, t.AggValue):
        left, right, op = right, left, _MIRROR[op]
    if isinstance(right, t.AggValue):
        raise checker.fail(
            node, "CE303", "一次比较只能有一个 count、sum、min、max", f"{NEW_DEFINITION}，把其中一个写成定义"
        )
    assert isinstance(left, t.AggValue)
    quant, text = left.quant, checker.written(node)

    def test(op: str) -> t.Quant:
        return t.Quant(quant.kind, quant.relation, quant.link, quant.body, quant.value, op, right, text)

    if op in ("=", "<>"):
        both = t.And((test(">="), test("<=")))
        return both if op == "=" else t.Not(both, text)
    return test(op)


def _fit(checker: Checker, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    from clue_engine.language.check import type_label

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


def _fit_money(checker: Checker, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    from clue_engine.language.check import type_label

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


def _fit_duration(checker: Checker, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    a, b = left.type, right.type
    if a.kind == b.kind:
        if a.unit != b.unit:
            raise checker.fail(node, "CE204", f"时长单位不同：{a.unit} 和 {b.unit}", f"改用{a.unit}")
        return left, right
    if (b if a.kind == "duration" else a).kind != "number":
        from clue_engine.language.check import type_label

        raise checker.fail(node, "CE201", f"{type_label(a)}不能和{type_label(b)}比较")
    bare, unit = (right, a.unit) if a.kind == "duration" else (left, b.unit)
    hint = f"写成 {bare.value:g}{unit if unit != '月' else '个月'}" if isinstance(bare, t.Const) and isinstance(
        bare.value, float) else ""  # fmt: skip
    raise checker.fail(node, "CE204", "时长没有单位", hint)


def _fit_span(checker: Checker, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
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


# -- codes ---------------------------------------------------------------------------------------------------------
def _fit_code(checker: Checker, node: tree.Compare, left: t.Value, right: t.Value) -> tuple[t.Value, t.Value]:
    from clue_engine.language.check import type_label

    if right.type.kind in ("code", "codes") and left.type.kind == "text" and isinstance(left, t.Const):
        raise checker.fail(node, "CE201", "字段写在左边，值写在右边")
    if left.type.kind == "codes" or right.type.kind == "codes":
        raise checker.fail(
            node, "CE201", "可以有多个值的字段不能这样比较", "写成 字段 contains '值'，参数用 in 参数.名称"
        )
    codes = _codes_of(checker, left)
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
        raise grades.signs(checker, node, codes, str(right.value) if isinstance(right, t.Const) else None)
    return left, right


def _codes_of(checker: Checker, value: t.Value) -> CodeSet | Field | None:
    """The code table of a value, or its field where the words of lists stand in for a table."""
    if isinstance(value, t.FieldRef) and is_open(value.field):
        return value.field
    return checker.vocabulary.codes.get(value.type.codes or "")


def canonical(checker: Checker, node: tree.Node, word: str, codes: CodeSet | Field | None) -> str:
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


def _words(
    checker: Checker, node: tree.Node, kind: str, codes: CodeSet | Field | None
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


def _abort() -> Exception:
    from clue_engine.language.check import Abort

    return Abort()


def _field_side(checker: Checker, node: tree.Node, scope: Scope) -> t.Value:
    value = checker.value(node, scope)
    if isinstance(value, t.Const | t.AsOf | t.ParamRef):
        raise checker.fail(node, "CE401", "左边是固定的值，结果永远一样", "左边应是字段")
    return value


def check_in(checker: Checker, node: tree.In, scope: Scope) -> t.Bool:
    value = _field_side(checker, node.value, scope)
    if value.type.kind == "codes":
        raise checker.fail(node, "CE201", "可以有多个值的字段不用 in", "写成 字段 contains any @词表 或 contains '值'")
    if isinstance(value, t.AggValue) or value.type.kind in ("span", "bool"):
        raise checker.fail(node.value, "CE201", "这个值不能用 in", "用比较或 between")
    codes = _codes_of(checker, value)
    if isinstance(node.members, tree.Name):
        members: object = _parameter_set(checker, node.members, value.type)
    else:
        kind = "text" if value.type.kind in ("code", "text") else value.type.kind
        members = _words(checker, node.members, kind, codes)[0]
    test = t.InSet(value, members, checker.written(node))  # type: ignore[arg-type]
    return t.Not(test, test.text) if node.negated else test


def _parameter_set(checker: Checker, node: tree.Name, wanted: t.Type) -> t.ParamRef:
    parameter = checker.vocabulary.parameter(node.parts[-1]) if node.parts[0] == "参数" else None
    if parameter is None:
        known = [p.name for p in checker.vocabulary.pack.parameters.values()]
        raise checker.fail(node, "CE108", f"没有参数“{checker.written(node)}”", suggest(node.parts[-1], known))
    found = parameter_type(parameter)
    if found.kind not in ("code", "codes") or (wanted.codes and found.codes and wanted.codes != found.codes):
        raise checker.fail(node, "CE202", f"参数“{node.parts[-1]}”不是{wanted.codes or '同一种'}代码的集合")
    return t.ParamRef(parameter, found)


def check_contains(checker: Checker, node: tree.Contains, scope: Scope) -> t.Bool:
    from clue_engine.language.check import type_label

    value = _field_side(checker, node.value, scope)
    if value.type.kind not in ("text", "codes"):
        hint = "代码用 = 或 in" if value.type.kind == "code" else ""
        raise checker.fail(node, "CE201", f"{type_label(value.type)}不能用 contains", hint)
    codes = _codes_of(checker, value)
    not_after: tuple[str, ...] = ()
    words: object
    if isinstance(node.needle, tree.Literal):
        word = str(node.needle.value)
        if not word:
            raise checker.fail(node.needle, "CE401", "空的文字总能找到")
        words = (canonical(checker, node.needle, word, codes),)
    elif isinstance(node.needle, tree.Name):
        words = _parameter_set(checker, node.needle, value.type)
    else:
        words, not_after = _words(checker, node.needle, "text", codes)
    found = t.Contains(value, words, not_after if value.type.kind == "text" else (), checker.written(node))  # type: ignore[arg-type]
    return t.Not(found, found.text) if node.negated else found


def check_ordered_pair(checker: Checker, node: tree.Between, both: t.And) -> None:
    """between 9 and 3 can never be true."""
    low, high = both.parts
    if isinstance(low, t.Test) and isinstance(high, t.Test):
        a, b = low.right, high.right
        if isinstance(a, t.Const) and isinstance(b, t.Const):
            x, y = a.value, b.value
            numbers = isinstance(x, float) and isinstance(y, float) and x > y
            if numbers or (isinstance(x, dt.date) and isinstance(y, dt.date) and x > y):
                checker.report(node, "CE206", "between 的下限大于上限", "把两个值对调")
