"""A condition typed by somebody else (same meaning), and a condition that says something else."""

from __future__ import annotations

from random import Random

from clue_engine.language.lexer import Token, tokenize

_WORDS = {"and": ("and", "且", "并且", "AND"), "or": ("or", "或", "或者"), "not": ("not", "非", "Not")}
_SIGNS = {
    "<=": ("<=", "≤", "=<", "＜＝"), ">=": (">=", "≥", "=>"), "<>": ("<>", "!=", "≠"), "=": ("=", "==", "＝"),
    "<": ("<", "＜"), ">": (">", "＞"), "(": ("(", "（"), ")": (")", "）"), ",": (",", "，", "、"),
}  # fmt: skip
_WIDE = str.maketrans({str(n): chr(0xFF10 + n) for n in range(10)} | {"%": "％", ".": "．"})


def respelled(text: str, r: Random) -> str:
    """The same condition with other signs, widths, quotes and spaces."""
    words = []
    for token in tokenize(text)[0]:
        word = token.text
        if token.kind in _WORDS:
            word = r.choice(_WORDS[token.kind])
        elif token.kind in _SIGNS:
            word = r.choice(_SIGNS[token.kind])
        elif token.kind == "literal:text":
            opening, closing = r.choice(("''", '""', "“”", "‘’", "＇＇"))
            word = f"{opening}{' ' * r.randint(0, 1)}{token.value}{closing}"
        elif (
            token.kind in ("literal:number", "literal:money", "literal:share", "literal:duration") and r.random() < 0.5
        ):
            word = token.text.translate(_WIDE)
        words.append(word)
    gaps = (" ", "  ", "\n", "\u3000")
    return "".join(w + r.choice(gaps) for w in words)


def changed(text: str, r: Random) -> str:
    """One word of the condition is another one: an operator, a number, a code, a quantifier, a not."""
    tokens = [t for t in tokenize(text)[0] if _other(t, r)]
    if not tokens:
        return f"not ({text})"
    token = r.choice(tokens)
    return text[: token.start] + _other(token, r) + text[token.end :]


def _other(token: Token, r: Random) -> str:
    """What stands there instead; empty where nothing fits."""
    swaps = {
        "and": ("or",), "or": ("and",), "not": (" ",), "any": ("none", "all"), "all": ("any", "none"),
        "none": ("any",), "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "=": ("<>",),
        "<>": ("=",), "known": ("missing",), "missing": ("known",), "+": ("-",), "-": ("+",), "sum": ("max",),
    }  # fmt: skip
    if token.kind in swaps:
        return r.choice(swaps[token.kind])
    if token.kind.startswith("literal:") and isinstance(token.value, float):
        digits = next(n for n, c in enumerate(token.text + "x") if not (c.isdigit() or c == "."))
        return str(int(float(token.text[:digits])) + r.randint(1, 9)) + token.text[digits:]
    if token.kind == "literal:bool":
        return "否" if token.value else "是"
    others = {
        "死亡": "轻伤",
        "重伤一级": "重伤二级",
        "重伤二级": "重伤一级",
        "被害人": "嫌疑人",
        "嫌疑人": "被害人",
        "女": "男",
    }
    if token.kind == "literal:text" and str(token.value) in others:
        return f"'{others[str(token.value)]}'"
    return ""
