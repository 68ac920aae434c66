"""Tokens -> tree (Pratt). Never raises on an author's text: what is wrong comes back as diagnostics."""

from __future__ import annotations

from functools import lru_cache

from clue_engine.errors import Diagnostic
from clue_engine.language import tree
from clue_engine.language.lexer import Token, diagnose, tokenize
from clue_engine.language.wrong_words import QUANTIFIED, call_hint, cure, slip

_COMPARE = {"=", "<>", "<", "<=", ">", ">=", "不轻于", "不重于"}
_QUANTIFIERS = {"any", "all", "none", "count", "sum", "min", "max"}
_FUNCTIONS = {"距今": 1, "间隔": 2}
_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT = 10, 20, 30, 40, 50, 60
_BINDING = {"or": _OR, "and": _AND, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}
_BINDING |= dict.fromkeys([*_COMPARE, "in", "between", "contains", "is", "not"], _TEST)
MAX_DEPTH = 60
_SHOWN = {"end": "条件结束", "name": "字段名"}


class _Stop(Exception):
    """The first syntax error of a condition; what follows would be guesswork."""


def parse(text: str) -> tuple[tree.Node | None, list[Diagnostic]]:
    """The tree of a condition, or None with at least one error. Notes may come with a tree."""
    node = _clean(str(text))
    return (node, []) if node is not None else _parse(text)


@lru_cache(maxsize=4096)
def _clean(text: str) -> tree.Node | None:
    """The tree of a condition about which there is nothing to say. A check, the lock and the tests all ask for it."""
    node, problems = _parse(text)
    return None if problems else node


def _parse(text: str) -> tuple[tree.Node | None, list[Diagnostic]]:
    tokens, problems = tokenize(text)
    if any(p.level == "error" for p in problems):
        return None, problems
    parser = _Parser(text, tokens, problems)
    try:
        node = parser.expression(0)
        parser.finish()
    except _Stop:
        return None, problems
    return node, problems


class _Parser:
    def __init__(self, text: str, tokens: list[Token], problems: list[Diagnostic]):
        self.text, self.tokens, self.problems = text, tokens, problems
        self.i = 0
        self.depth = 0
        self.bracketed: list[tree.Node] = []

    @property
    def now(self) -> Token:
        return self.tokens[self.i]

    @property
    def before(self) -> Token:
        return self.tokens[max(self.i - 1, 0)]

    def take(self) -> Token:
        token = self.tokens[self.i]
        self.i = min(self.i + 1, len(self.tokens) - 1)
        return token

    def expect(self, kind: str, what: str = "") -> Token:
        if self.now.kind != kind:
            self.fail(f"这里应是{_shown(kind)}" if not what else f"{what}：这里应是{_shown(kind)}")
        return self.take()

    def close(self, between: str = "") -> Token:
        """The bracket that ends what was opened; blamed only where it is missing, not for a slip inside."""
        if self.now.kind == "end":
            self.fail("括号没有配对：这里应是“)”", "补上缺少的“)”")
        if self.now.kind != ")":
            self.stuck("" if slip(self.now.text) else between)
        return self.take()

    def finish(self) -> None:
        if self.now.kind == ")":
            self.fail("括号没有配对：多出来一个“)”", "删去它，或在前面补上“(”")
        if self.now.kind != "end":
            self.stuck()

    def stuck(self, hint: str = "") -> None:
        self.fail(f"“{self.before.text}”后面不能接“{self.now.text}”", hint)

    def fail(self, message: str, hint: str = "", code: str = "CE104", token: Token | None = None) -> None:
        token = token or self.now
        found = f"，却是“{token.text}”" if token.text else "，条件却到此为止"
        if code in ("CE105", "CE106") or message.endswith(f"“{token.text}”"):
            found = ""
        if not hint:
            at = self.tokens.index(token)
            before = self.tokens[max(at - 1, 0)].text
            hint = slip(before) if before in QUANTIFIED else cure(self.tokens, at)
        end = max(token.end, token.start + 1)
        self.problems.append(diagnose(self.text, token.start, end, code, message + found, hint))
        raise _Stop

    # -- expressions ---------------------------------------------------------------------------------------------
    def expression(self, floor: int) -> tree.Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"嵌套超过 {MAX_DEPTH} 层", "把里层写成定义", "CE106")
        begin = self.now.start
        left = self.prefix()
        links = 0
        while (power := _BINDING.get(self.now.kind, -1)) > floor:
            links += 1
            if links > MAX_DEPTH and power > _TEST:
                self.fail("算式太长", "把一部分写成定义", "CE106")
            left = self.infix(left, power, begin)
        self.depth -= 1
        return left

    def prefix(self) -> tree.Node:
        token = self.now
        if token.kind == "not":
            self.take()
            body = self.expression(_NOT)
            return tree.Not(token.start, body.end, body)
        if token.kind == "(":
            self.take()
            inner = self.expression(0)
            self.close()
            self.bracketed.append(inner)
            return inner
        if token.kind == "-":
            self.take()
            number = self.now
            if not number.kind.startswith("literal:") or not isinstance(number.value, float):
                self.fail("负号后面应是数字")
            self.take()
            assert isinstance(number.value, float)
            return tree.Literal(token.start, number.end, number.kind[8:], -number.value, number.unit)
        if token.kind in _QUANTIFIERS:
            return self.quantifier()
        if token.kind.startswith("literal:"):
            return self.literal()
        if token.kind == "@":
            return self.list_reference()
        if token.kind == "name":
            return self.name_or_call()
        self.fail("这里应是字段、数值、括号或 any/all/none/count/sum/min/max")
        raise AssertionError

    def infix(self, left: tree.Node, power: int, begin: int) -> tree.Node:
        token = self.now
        if token.kind in ("and", "or"):
            return self.logic(left, token.kind, power, begin)
        self.take()
        if token.kind in "+-*/":
            right = self.expression(power)
            return tree.Arithmetic(left.start, right.end, token.kind, left, right)
        if token.kind in _COMPARE:
            right = self.expression(_TEST)
            if self.now.kind in _COMPARE:
                self.fail("比较不能连写", "写成“值 between 下限 and 上限”，或分成两个比较用 and 连接", "CE105")
            return tree.Compare(left.start, right.end, token.kind, left, right)
        negated = token.kind == "not"
        if negated:
            if self.now.kind not in ("in", "between", "contains"):
                self.fail("not 后面应是 in、between 或 contains", "否定整个条件时把 not 写在条件前面：not (…)")
            token = self.take()
        return self.test(token.kind, left, negated)

    def logic(self, left: tree.Node, op: str, power: int, begin: int) -> tree.Node:
        parts, joints, written = [left], [], [self.text[begin : self.before.end]]
        while self.now.kind == op:
            joints.append(self.take())
            begin = self.now.start
            parts.append(self.expression(power))
            written.append(self.text[begin : self.before.end])
        bare = [n for n, part in enumerate(parts) if isinstance(part, tree.Logic) and part.op == "and"]
        bare = [n for n in bare if all(parts[n] is not one for one in self.bracketed)] if op == "or" else []
        if bare:
            joint = joints[min(bare[0], len(joints) - 1)]
            reading = f" {joint.text} ".join(f"({one})" if n in bare else one for n, one in enumerate(written))
            message = f"and 与 or 混用而没有括号，先 and 后 or，读作：{_one_line(reading)}"
            hint = "是这个意思的，照样加上括号；不是的，把 or 的两边括起来"
            self.problems.append(diagnose(self.text, joint.start, joint.end, "CE107", message, hint, "warning"))
        return tree.Logic(parts[0].start, parts[-1].end, op, tuple(parts))

    def test(self, kind: str, left: tree.Node, negated: bool) -> tree.Node:
        if kind == "between":
            low = self.expression(_TEST)
            if isinstance(low, tree.Arithmetic) and low.op == "-" and self.now.kind != "and":
                low_text, high_text = (self.text[one.start : one.end] for one in (low.left, low.right))
                self.fail("between 要写下限和上限", f"写成 between {low_text} and {high_text}")
            self.expect("and", "between 要写下限和上限")
            high = self.expression(_TEST)
            return tree.Between(left.start, high.end, left, low, high, negated)
        if kind == "contains":
            if self.now.kind == "any":
                self.take()
                needle: tree.Node = self.set_or_reference()
            else:
                needle = self.literal() if self.now.kind == "literal:text" else self.set_or_reference()
                if isinstance(needle, tree.ListRef | tree.SetLiteral):
                    self.problems.append(
                        diagnose(self.text, needle.start, needle.end, "CE104", "contains 后面跟词表要写 any",
                                 "写成 contains any @词表")
                    )  # fmt: skip
            return tree.Contains(left.start, needle.end, left, needle, negated)
        if kind == "in":
            members = self.set_or_reference()
            return tree.In(left.start, members.end, left, members, negated)
        return self.is_known(left)

    def is_known(self, left: tree.Node) -> tree.Node:
        token = self.now
        if token.kind in ("known", "missing") or token.text in ("已知", "缺失"):
            self.take()
            known = token.kind == "known" or token.text == "已知"
            return tree.IsKnown(left.start, token.end, left, known)
        self.fail("is 后面应是 known（已知）或 missing（缺失）")
        raise AssertionError

    # -- small parts ---------------------------------------------------------------------------------------------
    def literal(self) -> tree.Literal:
        token = self.now
        if not token.kind.startswith("literal:"):
            self.fail("这里应是一个值，如 '死亡'、3万元、60岁")
        self.take()
        return tree.Literal(token.start, token.end, token.kind[8:], token.value, token.unit)

    def set_or_reference(self) -> tree.Node:
        if self.now.kind == "@":
            return self.list_reference()
        if self.now.kind == "name":
            return self.name()
        start = self.expect("(", "这里应是 (值, 值)、@词表或 参数.名称").start
        items = [self.literal()]
        while self.now.kind == ",":
            self.take()
            items.append(self.literal())
        end = self.close("几个值之间用逗号隔开，如 ('甲', '乙')").end
        return tree.SetLiteral(start, end, tuple(items))

    def list_reference(self) -> tree.ListRef:
        at = self.expect("@")
        word = self.expect("name", "@ 后面应是词表名")
        return tree.ListRef(at.start, word.end, word.text)

    def name(self) -> tree.Name:
        first = self.expect("name")
        parts, end = [first.text], first.end
        while self.now.kind == ".":
            self.take()
            part = self.expect("name")
            parts.append(part.text)
            end = part.end
        return tree.Name(first.start, end, tuple(parts))

    def name_or_call(self) -> tree.Node:
        first = self.now
        name = self.name()
        if self.now.kind != "(":
            return name
        function = name.parts[0]
        if len(name.parts) > 1 or function not in _FUNCTIONS:
            hint = call_hint(function, _FUNCTIONS)
            self.fail(f"没有函数“{'.'.join(name.parts)}”", hint, "CE104", first)
        self.take()
        arguments = [self.expression(0)]
        while self.now.kind == ",":
            self.take()
            arguments.append(self.expression(0))
        end = self.close().end
        if len(arguments) != _FUNCTIONS[function]:
            message = f"{function} 要 {_FUNCTIONS[function]} 个参数，写了 {len(arguments)} 个"
            self.problems.append(diagnose(self.text, name.start, end, "CE104", message))
            raise _Stop
        return tree.Call(name.start, end, function, tuple(arguments))

    def quantifier(self) -> tree.Quantifier:
        kind = self.take()
        whole = self.name()
        relation, field = whole, None
        if len(whole.parts) == 2:
            dot = whole.start + len(whole.parts[0])
            relation = tree.Name(whole.start, dot, whole.parts[:1])
            field = tree.Name(whole.end - len(whole.parts[1]), whole.end, whole.parts[1:])
        link = None
        if self.now.kind == "of":
            self.take()
            link = self.name()
        end, body = (link or whole).end, None
        if self.now.kind == "(":
            self.take()
            body = self.expression(0)
            end = self.close().end
        return tree.Quantifier(kind.start, end, kind.kind, relation, field, link, body)


def _shown(kind: str) -> str:
    return _SHOWN.get(kind, f"“{kind}”")


def _one_line(text: str) -> str:
    return " ".join(text.split())
