"""A condition in its one written form: half-width signs, and / or / not, one spacing, only the brackets it needs.

Comes in: the untyped tree of a condition. Goes out: text that parses to the same meaning; writing it twice changes
nothing. Words stay the author's own (an alias stays an alias), amounts keep their scale (3万 is not made 30000元).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise

from clue_engine.language import tree
from clue_engine.language.lexer import tokenize
from clue_engine.language.parser import parse
from clue_engine.values.width import width

WIDTH = 120  # columns of a line

_OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _ATOM = 10, 20, 30, 40, 50, 60, 70
_QUOTES = (("'", "'", "'＇"), ('"', '"', '"＂'), ("“", "”", "“”"), ("‘", "’", "‘’"))
_SCALE = {"万": 10_000, "亿": 100_000_000}
_DURATION = {"年": "年", "月": "个月", "天": "天", "岁": "岁"}


def canonical_text(text: str) -> str | None:
    """The one form of a condition; None when it cannot be parsed, or (never seen) would not read the same again."""
    node, _ = parse(text)
    if node is None:
        return None
    written = write(node)
    again, _ = parse(written)
    return written if again is not None and bare(again) == bare(node) else None


def write(node: tree.Node) -> str:
    """The text of a tree."""
    return _write(node)[0]


def _write(node: tree.Node) -> tuple[str, int]:
    """Text, and how tightly its outermost sign binds."""
    match node:
        case tree.Name(parts=parts):
            return ".".join(parts), _ATOM
        case tree.Literal():
            return _literal(node), _ATOM
        case tree.ListRef(name=name):
            return f"@{name}", _ATOM
        case tree.SetLiteral(items=items):
            return "(" + ", ".join(_literal(i) for i in items) + ")", _ATOM
        case tree.Logic(op=op):
            sides = [_operand(p, _AND) if op == "and" else _alternative(p) for p in _flat(node, op)]
            return f" {op} ".join(sides), _AND if op == "and" else _OR
        case tree.Not(body=body):
            return f"not {_operand(body, _NOT - 1)}", _NOT
        case tree.Arithmetic(op=op, left=left, right=right):
            power = _SUM if op in "+-" else _PRODUCT
            return f"{_operand(left, power - 1)} {op} {_operand(right, power)}", power
        case tree.Call(function=function, arguments=arguments):
            return f"{function}({', '.join(write(a) for a in arguments)})", _ATOM
        case tree.Quantifier():
            return _quantifier(node), _ATOM
    return _test(node), _TEST


def _test(node: tree.Node) -> str:
    match node:
        case tree.Compare(op=op, left=left, right=right):
            return f"{_operand(left, _TEST)} {op} {_operand(right, _TEST)}"
        case tree.In(value=value, members=members, negated=negated):
            return f"{_operand(value, _TEST)} {_not(negated)}in {write(members)}"
        case tree.Between(value=value, low=low, high=high, negated=negated):
            bounds = f"{_operand(low, _TEST)} and {_operand(high, _TEST)}"
            return f"{_operand(value, _TEST)} {_not(negated)}between {bounds}"
        case tree.Contains(value=value, needle=needle, negated=negated):
            any_of = "" if isinstance(needle, tree.Literal) else "any "
            return f"{_operand(value, _TEST)} {_not(negated)}contains {any_of}{write(needle)}"
        case tree.IsKnown(value=value, known=known):
            return f"{_operand(value, _TEST)} is {'known' if known else 'missing'}"
    raise TypeError(type(node).__name__)


def _not(negated: bool) -> str:
    return "not " if negated else ""


def _operand(node: tree.Node, floor: int) -> str:
    """The part of a larger expression, in brackets unless it binds more tightly than ``floor``."""
    text, power = _write(node)
    return text if power > floor else f"({text})"


def _alternative(node: tree.Node) -> str:
    """One side of an or. An and there needs no brackets for the parser, but for the reader."""
    text, power = _write(node)
    return f"({text})" if power in (_AND, _OR) else text


def _flat(node: tree.Node, op: str) -> list[tree.Node]:
    """a and (b and c) is a and b and c."""
    if isinstance(node, tree.Logic) and node.op == op:
        return [part for each in node.parts for part in _flat(each, op)]
    return [node]


def _quantifier(node: tree.Quantifier) -> str:
    field = f".{write(node.field)}" if node.field else ""
    link = f" of {write(node.link)}" if node.link else ""
    body = f" ({write(node.body)})" if node.body else ""
    return f"{node.kind} {write(node.relation)}{field}{link}{body}"


# -- lines --------------------------------------------------------------------------------------------------------
def condition_lines(text: str) -> list[str]:
    """A condition in its one form; a long one broken before and / or, the outermost first, indented by depth."""
    written = canonical_text(text)
    if written is None:
        return [text]
    if width(f'when: "{written}"') <= WIDTH:
        return [written]
    first, *rest = _broken(written, _joints(written), 0, len(written), 0)
    return [first[1], *("  " * (depth + 1) + line for depth, line in rest)]


def _joints(text: str) -> list[tuple[int, int]]:
    """(depth of brackets, offset) of every and / or that joins conditions; not the and of between."""
    found: list[tuple[int, int]] = []
    depth, between = 0, [0]
    for token in tokenize(text)[0]:
        if token.kind == "(":
            depth += 1
            between.append(0)
        elif token.kind == ")" and depth:
            depth -= 1
            between.pop()
        elif token.kind == "between":
            between[-1] += 1
        elif token.kind == "and" and between[-1]:
            between[-1] -= 1
        elif token.kind in ("and", "or"):
            found.append((depth, token.start))
    return found


def _broken(text: str, joints: list[tuple[int, int]], start: int, end: int, indent: int) -> list[tuple[int, str]]:
    """The lines of text[start:end], each with the depth at which it begins."""
    own = [j for j in joints if start < j[1] < end]
    if not own or width(text[start:end]) + 2 * indent + 8 <= WIDTH:
        return [(indent, text[start:end].rstrip())]
    depth = min(d for d, _ in own)
    cuts = [start, *(at for d, at in own if d == depth), end]
    lines: list[tuple[int, str]] = []
    for n, (a, b) in enumerate(pairwise(cuts)):
        lines += _broken(text, joints, a, b, indent if n == 0 else depth)
    return lines


# -- literals --------------------------------------------------------------------------------------------------------
def _literal(node: tree.Literal) -> str:
    value = node.value
    if node.kind == "asof":
        return "扫描日"
    if node.kind == "bool":
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return _amount(node.kind, value, node.unit)
    text = str(value)
    opening, closing, _ = next(q for q in _QUOTES if not any(c in text for c in q[2]))
    return opening + text + closing


def _amount(kind: str, value: float, unit: str) -> str:
    if kind == "share":
        return _number(value, lambda x: x / 100, value * 100) + "%"
    if kind == "duration":
        return _number(value) + _DURATION[unit]
    if kind == "money":
        scale = _SCALE.get(unit[0], 1)
        return _number(value, lambda x: x * scale, value / scale) + unit
    return _number(value)


def _number(value: float, back: object = None, shown: float | None = None) -> str:
    """The shortest decimal that the parser reads back as ``value`` (through ``back``)."""
    wanted = value if shown is None else shown
    for digits in (15, 16, 17):
        text = format(Decimal(format(wanted, f".{digits}g")), "f")
        read = float(text)
        if (back(read) if callable(back) else read) == value:
            break
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text


# -- equality --------------------------------------------------------------------------------------------------------
def bare(node: object) -> object:
    """A tree without places and with nested and / or made flat: equal exactly when two texts say the same."""
    if isinstance(node, tree.Logic):
        return ("Logic", node.op, *(bare(p) for p in _flat(node, node.op)))
    if isinstance(node, tree.Node):
        names = [n for n in node.__dataclass_fields__ if n not in ("start", "end")]
        return (type(node).__name__, *(bare(getattr(node, n)) for n in names))
    if isinstance(node, tuple):
        return tuple(bare(each) for each in node)
    return node
