"""Tree -> typed tree: resolves names, checks types, units, codes and scopes. All findings at once."""

from __future__ import annotations

from clue_engine.language import tree
from clue_engine.language import types as t
from clue_engine.language.check_names import Abort, Scope, Words, resolve_name, type_label
from clue_engine.language.codes import MIRROR, OPERATORS
from clue_engine.language.fits import (
    arithmetic_type,
    canonical,
    codes_of,
    fit,
    graded,
    grades_between,
    literal_value,
    ordered_pair,
    parameter_set,
    word_set,
)
from clue_engine.language.types import Bool, Value
from clue_engine.language.vocabulary import HOUSEHOLD, NEW_DEFINITION, suggest
from clue_engine.pack.model import CodeSet, Relation

_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"} | MIRROR
_DATE_HINT = "日期字段、2024-01-31 或 扫描日"


class Checker(Words):
    """Types one condition."""

    # -- booleans ------------------------------------------------------------------------------------------------
    def condition(self, node: tree.Node, scope: Scope) -> Bool:
        match node:
            case tree.Logic(_, _, op, parts):
                return self._logic(op, parts, scope)
            case tree.Not(_, _, body):
                return t.Not(self.condition(body, scope))
            case tree.Compare():
                return self._compare(node, scope)
            case tree.In():
                return self._in(node, scope)
            case tree.Contains():
                return self._contains(node, scope)
            case tree.Between():
                return self._between(node, scope)
            case tree.IsKnown(_, _, value, known):
                test = t.Known(self.value(value, scope), self.written(node))
                return test if known else t.Not(test, self.written(node))
            case tree.Quantifier(kind=kind) if kind in ("any", "all", "none"):
                return self._quantified(node, scope)
            case tree.Name():
                return self._bool_name(node, scope)
        several = isinstance(node, tree.Literal) and node.kind == "text"
        hint = "同一字段的几个值写成 in ('值1', '值2')" if several else "写成比较，如 … > 3万元"
        raise self.fail(node, "CE201", "这里应是一个条件（是或否），却是一个值", hint)

    def is_condition(self, node: tree.Node, scope: Scope) -> bool:
        """Whether a definition's text is a condition; otherwise it is a value."""
        if isinstance(node, tree.Name):
            found = resolve_name(self, node, scope)
            return isinstance(found, t.Named | t.DefBool) or found.type.kind == "bool"
        if isinstance(node, tree.Quantifier):
            return node.kind in ("any", "all", "none")
        return not isinstance(node, tree.Literal | tree.Arithmetic | tree.Call)

    def _logic(self, op: str, parts: tuple[tree.Node, ...], scope: Scope) -> Bool:
        typed = []
        for part in parts:  # one bad part must not hide what is wrong in the next
            try:
                typed.append(self.condition(part, scope))
            except Abort:
                continue
        if len(typed) < len(parts):
            raise Abort
        return t.And(tuple(typed)) if op == "and" else t.Or(tuple(typed))

    def _between(self, node: tree.Between, scope: Scope) -> Bool:
        self._between_grades(node, scope)
        low = tree.Compare(node.start, node.end, ">=", node.value, node.low)
        high = tree.Compare(node.start, node.end, "<=", node.value, node.high)
        tests: list[Bool] = []
        for bound in (low, high):  # one bad bound must not hide what is wrong with the other
            before = len(self.problems)
            try:
                tests.append(self._compare(bound, scope))
            except Abort:
                self.problems[before:] = [p for p in self.problems[before:] if p not in self.problems[:before]]
        if len(tests) < 2:
            raise Abort
        both = t.And(tuple(tests))
        ordered_pair(self, node, both)
        return t.Not(both, self.written(node)) if node.negated else both

    def _compare(self, node: tree.Compare, scope: Scope) -> t.Bool:
        """A comparison, lowered: <> is not =, an equal count is two bounds, = 是 is the boolean itself."""
        if isinstance(node.left, tree.Literal) and not isinstance(node.right, tree.Literal):
            node = tree.Compare(node.start, node.end, _MIRROR[node.op], node.right, node.left)
        if isinstance(node.right, tree.Literal) and node.right.kind == "bool":
            return self._compare_bool(node, scope)
        if node.op in OPERATORS:
            return self._compare_grade(node, scope)
        quoted = node.right.value if isinstance(node.right, tree.Literal) and isinstance(node.left, tree.Name) else None
        if quoted in ("是", "否") and self.is_condition(node.left, scope):
            raise self.fail(node.right, "CE201", "是、否不加引号", f"写成 {node.op} {quoted}")
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if isinstance(left, t.Const) and isinstance(right, t.Const):
            raise self.fail(node, "CE401", "两边都是固定的值，结果永远一样", "一边应是字段")
        left, right = fit(self, node, left, right)
        if isinstance(left, t.AggValue) or isinstance(right, t.AggValue):
            return self._compare_aggregate(node, left, right)
        op = "=" if node.op == "<>" else node.op
        test = t.Test(op, left, right, self.written(node))
        return t.Not(test, test.text) if node.op == "<>" else test

    def _compare_grade(self, node: tree.Compare, scope: Scope) -> t.Bool:
        value, right = self._field_side(node.left, scope), node.right
        codes = codes_of(self, value)
        if not isinstance(right, tree.Literal) or right.kind != "text":
            raise self.fail(right, "CE202", f"{node.op} 后面要写一个取值", f"写成 {node.op} '值'")
        table = codes if isinstance(codes, CodeSet) and value.type.kind == "code" else None
        before = len(self.problems)
        bound = canonical(self, right, str(right.value), table)
        if len(self.problems) > before:
            raise Abort()
        return graded(self, node, value, table, bound)

    def _between_grades(self, node: tree.Between, scope: Scope) -> None:
        """Raise where between stands between two grades; any other between is checked as two comparisons."""
        low, high = node.low, node.high
        if not isinstance(low, tree.Literal) or not isinstance(high, tree.Literal) or {low.kind, high.kind} != {"text"}:
            return
        codes = codes_of(self, self.value(node.value, scope))
        if isinstance(codes, CodeSet) and codes.ordered:
            ends = [canonical(self, end, str(end.value), codes) for end in (low, high)]
            raise grades_between(self, node, codes, *ends)

    def _compare_bool(self, node: tree.Compare, scope: Scope) -> t.Bool:
        assert isinstance(node.right, tree.Literal)
        want = bool(node.right.value)
        if node.op not in ("=", "<>"):
            raise self.fail(node, "CE201", "是、否只能用 = 或 <> 比较")
        if isinstance(node.left, tree.Call):
            raise self.fail(node.left, "CE201", "左边不是“是否”字段")
        body = self.condition(node.left, scope)
        if isinstance(body, t.IsTrue):
            body = t.IsTrue(body.value, want, self.written(node))
        elif not want:
            body = t.Not(body)
        return t.Not(body, self.written(node)) if node.op == "<>" else body

    def _compare_aggregate(self, node: tree.Compare, left: t.Value, right: t.Value) -> t.Bool:
        op = node.op
        if isinstance(right, t.AggValue):
            left, right, op = right, left, _MIRROR[op]
        if isinstance(right, t.AggValue):
            raise self.fail(
                node, "CE303", "一次比较只能有一个 count、sum、min、max", f"{NEW_DEFINITION}，把其中一个写成定义"
            )
        assert isinstance(left, t.AggValue)
        quant, text = left.quant, self.written(node)

        def test(op: str) -> t.Quant:
            return t.Quant(quant.kind, quant.relation, quant.link, quant.body, quant.value, op, right, text)

        if op in ("=", "<>"):
            both = t.And((test(">="), test("<=")))
            return both if op == "=" else t.Not(both, text)
        return test(op)

    def _field_side(self, node: tree.Node, scope: Scope) -> t.Value:
        value = self.value(node, scope)
        if isinstance(value, t.Const | t.AsOf | t.ParamRef):
            raise self.fail(node, "CE401", "左边是固定的值，结果永远一样", "左边应是字段")
        return value

    def _in(self, node: tree.In, scope: Scope) -> t.Bool:
        value = self._field_side(node.value, scope)
        if value.type.kind == "codes":
            raise self.fail(node, "CE201", "可以有多个值的字段不用 in", "写成 字段 contains any @词表 或 contains '值'")
        if isinstance(value, t.AggValue) or value.type.kind in ("span", "bool"):
            raise self.fail(node.value, "CE201", "这个值不能用 in", "用比较或 between")
        codes = codes_of(self, value)
        if isinstance(node.members, tree.Name):
            members: object = parameter_set(self, node.members, value.type)
        else:
            kind = "text" if value.type.kind in ("code", "text") else value.type.kind
            members = word_set(self, node.members, kind, codes)[0]
        test = t.InSet(value, members, self.written(node))  # type: ignore[arg-type]
        return t.Not(test, test.text) if node.negated else test

    def _contains(self, node: tree.Contains, scope: Scope) -> t.Bool:
        value = self._field_side(node.value, scope)
        if value.type.kind not in ("text", "codes"):
            hint = "代码用 = 或 in" if value.type.kind == "code" else ""
            raise self.fail(node, "CE201", f"{type_label(value.type)}不能用 contains", hint)
        codes = codes_of(self, value)
        not_after: tuple[str, ...] = ()
        words: object
        if isinstance(node.needle, tree.Literal):
            word = str(node.needle.value)
            if not word:
                raise self.fail(node.needle, "CE401", "空的文字总能找到")
            words = (canonical(self, node.needle, word, codes),)
        elif isinstance(node.needle, tree.Name):
            words = parameter_set(self, node.needle, value.type)
        else:
            words, not_after = word_set(self, node.needle, "text", codes)
        found = t.Contains(value, words, not_after if value.type.kind == "text" else (), self.written(node))  # type: ignore[arg-type]
        return t.Not(found, found.text) if node.negated else found

    def _bool_name(self, node: tree.Name, scope: Scope) -> Bool:
        found = resolve_name(self, node, scope)
        if isinstance(found, t.Named | t.DefBool):
            return found
        if isinstance(found, t.FieldRef) and found.type.kind == "bool":
            return t.IsTrue(found, True, self.written(node))
        kind = "数值" if isinstance(found, t.FieldRef | t.NamedValue | t.DefValue) and found.type.numeric else "值"
        raise self.fail(node, "CE201", f"“{self.written(node)}”是{kind}，不能单独作条件", "和一个值比较，如 = '…'")

    def _quantified(self, node: tree.Quantifier, scope: Scope) -> Bool:
        if node.field is not None:
            raise self.fail(node.field, "CE104", f"{node.kind} 后面只写关系名，条件写在括号里")
        quant = self.quantifier(node, scope)
        if node.kind == "none":
            return t.Not(quant, self.written(node))
        if node.kind == "all":
            if quant.body is None:
                raise self.fail(node, "CE104", "all 后面要有括号里的条件")
            inverse = t.Quant("any", quant.relation, quant.link, t.Not(quant.body), text=quant.text)
            return t.Not(inverse, self.written(node))
        return quant

    def quantifier(self, node: tree.Quantifier, scope: Scope) -> t.Quant:
        """The quantifier without its comparison; none and all are ``any`` for the caller to negate."""
        events = node.kind == "count" and node.relation.parts == (t.EVENT,)
        relation = self._of_events(node) if events else self.relation(node.relation)
        if relation.label == HOUSEHOLD:
            raise self.fail(node.relation, "CE303", "户只有一行，不用 any、count", "直接写户的字段")
        if scope.in_quantifier:
            hint = f"{NEW_DEFINITION}，把里面一层写成定义，条件里用它的名称"
            raise self.fail(node, "CE303", "any、count 等不能套在另一层里", hint)
        link = None
        if node.link is not None and not events:
            if not scope.in_definition:
                raise self.fail(node.link, "CE304", "“of 关系人”只能写在定义里", f"{NEW_DEFINITION}，规则里用它的名称")
            if scope.relation.label == HOUSEHOLD:
                raise self.fail(node.link, "CE304", "户没有关系人", "写成成员或涉案的定义")
            link = self.vocabulary.link(node.link.parts[0])
            if link is None:
                hint = suggest(node.link.parts[0], self.vocabulary.pack.links)
                raise self.fail(node.link, "CE108", f"没有关系人“{self.written(node.link)}”", hint)
        inner = Scope(relation, scope.relation, scope.in_definition, True)
        value = None
        if node.kind in ("sum", "min", "max"):
            if node.field is None:
                raise self.fail(node, "CE104", f"{node.kind} 后面要写 关系.字段，如 {node.kind} 救助.救助金额")
            found = resolve_name(self, node.field, inner)
            kinds = ("number", "money", "share", "duration") + (("date",) if node.kind != "sum" else ())
            if not isinstance(found, t.FieldRef | t.DefValue) or found.type.kind not in kinds:
                raise self.fail(node.field, "CE201", f"{node.kind} 只能用于数值字段")
            value = found
        elif node.field is not None:
            raise self.fail(node.field, "CE104", f"{node.kind} 后面只写关系名")
        body = self.condition(node.body, inner) if node.body is not None else None
        kind = "any" if node.kind in ("none", "all") else "events" if events else node.kind
        return t.Quant(kind, relation, link, body, value, text=self.written(node))

    def _of_events(self, node: tree.Quantifier) -> Relation:
        """The relation whose legal events are counted."""
        relation = self.relation(node.link) if node.link is not None else None
        if relation is None or relation.label != t.INVOLVEMENT:
            message = f"{t.EVENT}只能从{t.INVOLVEMENT}里数"
            raise self.fail(node.relation, "CE108", message, f"写 count {t.EVENT} of {t.INVOLVEMENT} (…) >= 2")
        return relation

    def relation(self, node: tree.Name) -> Relation:
        word = node.parts[0]
        if word not in self.vocabulary.relations:
            hint = suggest(word, self.vocabulary.relations) or f"可用：{'、'.join(self.vocabulary.relations)}"
            raise self.fail(node, "CE108", f"没有关系“{word}”", hint)
        return self.vocabulary.relations[word]

    # -- values --------------------------------------------------------------------------------------------------
    def value(self, node: tree.Node, scope: Scope) -> Value:
        match node:
            case tree.Name():
                found = resolve_name(self, node, scope)
                if isinstance(found, t.Named | t.DefBool):
                    raise self.fail(node, "CE201", f"“{self.written(node)}”是条件（是或否），不是值")
                return found
            case tree.Literal():
                return literal_value(node)
            case tree.Arithmetic():
                return self._arithmetic(node, scope)
            case tree.Call():
                return self._call(node, scope)
            case tree.Quantifier(kind=kind) if kind in ("count", "sum", "min", "max"):
                quant = self.quantifier(node, scope)
                return t.AggValue(quant, t.NUMBER if quant.value is None else quant.value.type)
            case tree.ListRef():
                raise self.fail(node, "CE201", "词表不能这样用", "写成 in @词表 或 contains any @词表")
        raise self.fail(node, "CE201", "这里应是一个值，却是一个条件")

    def _arithmetic(self, node: tree.Arithmetic, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        found = arithmetic_type(node.op, left.type, right.type)
        if found is None or (any(isinstance(v, t.AggValue) for v in (left, right)) and not scope.in_definition):
            names = f"{type_label(left.type)} {node.op} {type_label(right.type)}"
            raise self.fail(node, "CE202", f"不能这样计算：{names}", "金额带单位（元、万元），比例写 90%")
        return t.Arith(node.op, left, right, found)

    def _call(self, node: tree.Call, scope: Scope) -> Value:
        dates = [self.date(a, scope) for a in node.arguments]
        return t.Span(dates[0], t.AsOf()) if node.function == "距今" else t.Span(dates[0], dates[1])

    def date(self, node: tree.Node, scope: Scope) -> Value:
        found = self.value(node, scope)
        if found.type.kind != "date":
            raise self.fail(node, "CE201", f"这里应是日期，却是{type_label(found.type)}", _DATE_HINT)
        return found
