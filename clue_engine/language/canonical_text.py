"""A condition as it is kept and shown: half-width signs, and / or / not, one spacing; the rest is its author's.

Comes in: the text of a condition. Goes out: text that parses to the same meaning; writing it twice changes nothing.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

from clue_engine.language.lexer import Token, halved, tokenize
from clue_engine.language.parser import parse
from clue_engine.values.text import width

WIDTH = 120  # columns of a line
_QUOTES = (("'", "'", "'＇"), ('"', '"', '"＂'), ("“", "”", "“”"), ("‘", "’", "‘’"))
_UNITS = (("周岁", "岁"), ("个月", "个月"), ("月", "个月"), ("日", "天"))
_KNOWN = {"已知": "known", "缺失": "missing"}
_COUNTED = frozenset({"any", "all", "none", "count", "sum", "min", "max", "of"})  # a relation or link comes behind
_ENDS_VALUE = ("name", "literal", ")", "known", "missing")


def canonical_text(text: str) -> str | None:
    """The condition in one spelling; None when it cannot be parsed."""
    if parse(text)[0] is None:
        return None
    tokens = tokenize(text)[0][:-1]
    is_it = {n + 1 for n, token in enumerate(tokens) if token.kind == "is"}
    words = [_KNOWN.get(token.text, _word(token)) if n in is_it else _word(token) for n, token in enumerate(tokens)]
    return "".join(_gap(tokens, n) + word for n, word in enumerate(words))


def _gap(tokens: list[Token], n: int) -> str:
    """What stands before a token: a blank, or nothing."""
    if n == 0:
        return ""
    before, kind = tokens[n - 1].kind, tokens[n].kind
    if before in ("(", ".", "@") or kind in (")", ".", ","):
        return ""
    if kind == "(" and before == "name":
        first = n - 1
        while first > 1 and tokens[first - 1].kind == ".":
            first -= 2
        return " " if first and tokens[first - 1].kind in _COUNTED else ""
    is_sign = before == "-" and (n == 1 or not tokens[n - 2].kind.startswith(_ENDS_VALUE))
    return "" if is_sign else " "


def _word(token: Token) -> str:
    if token.kind in ("name", "literal:asof", "literal:bool"):
        return token.text
    if token.kind == "literal:text":
        text = str(token.value)
        opening, closing, _ = next(q for q in _QUOTES if not any(c in text for c in q[2]))
        return opening + text + closing
    if isinstance(token.value, dt.date):
        return token.value.isoformat()
    if not token.kind.startswith("literal:"):
        return token.kind
    text = "".join(halved(token.text).split())
    unit = next((u for u in _UNITS if text.endswith(u[0])), None)
    return text.removesuffix(unit[0]) + unit[1] if unit else text


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
