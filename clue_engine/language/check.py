"""Tree -> typed tree: resolves names, checks types, units, codes and scopes. All findings at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from clue_engine.errors import Diagnostic, Level
from clue_engine.language import tree
from clue_engine.language import types as t
from clue_engine.language.check_names import resolve_name
from clue_engine.language.check_tests import (
    check_between_grades,
    check_compare,
    check_contains,
    check_in,
    check_ordered_pair,
    literal_value,
)
from clue_engine.language.lexer import diagnose
from clue_engine.language.types import Bool, Type, Value
from clue_engine.language.vocabulary import HOUSEHOLD, NEW_DEFINITION, Vocabulary, suggest
from clue_engine.pack.model import Relation


class Abort(Exception):
    """This branch of the tree cannot be typed; its diagnostic is already recorded."""


@dataclass(frozen=True)
class Scope:
    """What names mean: ``relation`` is that of the row in hand; ``outer`` that of 本行; links only in definitions."""

    relation: Relation
    outer: Relation | None = None
    in_definition: bool = False
    in_quantifier: bool = False


@dataclass
class Checker:
    """State of one check. ``define`` gives a checked definition on demand (and finds cycles)."""

    text: str
    vocabulary: Vocabulary
    define: Callable[[Relation, str], t.CheckedDefinition | None]
    problems: list[Diagnostic] = field(default_factory=list)
    used: list[t.CheckedDefinition] = field(default_factory=list)
    size: int = 0  # of the definitions used so far, opened
    depth: int = 0  # of the deepest of them
    own_depth: int = 0

    def report(self, node: tree.Node, code: str, message: str, hint: str = "", level: Level = "error") -> None:
        self.problems.append(diagnose(self.text, node.start, node.end, code, message, hint, level))

    def fail(self, node: tree.Node, code: str, message: str, hint: str = "") -> Abort:
        self.report(node, code, message, hint)
        return Abort()

    def written(self, node: tree.Node) -> str:
        return self.text[node.start : node.end]

    # -- booleans ------------------------------------------------------------------------------------------------
    def condition(self, node: tree.Node, scope: Scope) -> Bool:
        match node:
            case tree.Logic(_, _, op, parts):
                return self._logic(op, parts, scope)
            case tree.Not(_, _, body):
                return t.Not(self.condition(body, scope))
            case tree.Compare():
                return check_compare(self, node, scope)
            case tree.In():
                return check_in(self, node, scope)
            case tree.Contains():
                return check_contains(self, node, scope)
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
        check_between_grades(self, node, scope)
        low = tree.Compare(node.start, node.end, ">=", node.value, node.low)
        high = tree.Compare(node.start, node.end, "<=", node.value, node.high)
        tests: list[Bool] = []
        for bound in (low, high):  # one bad bound must not hide what is wrong with the other
            before = len(self.problems)
            try:
                tests.append(check_compare(self, bound, scope))
            except Abort:
                self.problems[before:] = [p for p in self.problems[before:] if p not in self.problems[:before]]
        if len(tests) < 2:
            raise Abort
        both = t.And(tuple(tests))
        check_ordered_pair(self, node, both)
        return t.Not(both, self.written(node)) if node.negated else both

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
        found = _arithmetic_type(node.op, left.type, right.type)
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


def _arithmetic_type(op: str, left: Type, right: Type) -> Type | None:
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
        return _times(left if right.kind in plain else right) if plain_side(kinds) else None
    if right.kind in plain:
        return t.NUMBER if left.kind in plain else _times(left)
    return t.SHARE if left.kind == right.kind and left.unit == right.unit else None


def plain_side(kinds: tuple[str, str]) -> bool:
    return any(k in ("number", "share") for k in kinds)


def _times(found: Type) -> Type:
    """元/月 times 12 is no longer per month: an amount that was multiplied compares with any amount."""
    return t.MONEY if found.kind == "money" else found


_DATE_HINT = "日期字段、2024-01-31 或 扫描日"
_LABELS = {
    "text": "文字", "code": "代码", "codes": "代码（可多个）", "bool": "是否", "number": "数字", "money": "金额",
    "share": "比例", "duration": "时长", "span": "时间间隔", "date": "日期",
}  # fmt: skip


def type_label(found: Type) -> str:
    return _LABELS[found.kind] + (f"({found.unit})" if found.kind == "duration" else "")
