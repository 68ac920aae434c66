"""A condition in plain words, for whoever reads why a household is listed and does not write rules.

Comes in: the text of a condition or of a part of one. Goes out: words; what cannot be read stays as it is.
"""

from __future__ import annotations

from clue_engine.language.lexer import Token, tokenize

_WORDS = {
    "and": "，并且", "or": "，或者", "not": "不是", "in": "是", "contains": "包含", "is": "",
    "any": "有一条", "all": "每一条", "none": "没有一条", "count": "条数：", "sum": "合计：", "min": "最小的",
    "max": "最大的", "of": "的", "=": "是", "<>": "不是", ">=": "不低于", "<=": "不高于", ">": "高于", "<": "低于",
    "known": "已有记载", "missing": "没有记载", "@": "", "(": "（", ")": "）", ",": "、",
}  # fmt: skip


_OF_DAYS = {">=": "不早于", "<=": "不晚于", ">": "晚于", "<": "早于"}
_DAYS = ("literal:date", "literal:asof")
_CUT = " …"  # of a part that was too long for a line


def in_words(text: str) -> str:
    """有一条涉案（受害，并且伤情属于“重伤”） for any 涉案 (受害 and 伤情 in @重伤)."""
    bare = text.rstrip(_CUT)
    tokens, problems = tokenize(bare)
    if problems or not any(token.kind in _WORDS for token in tokens):
        return text
    return "".join(_word(tokens, n) for n in range(len(tokens) - 1)) + ("…" if bare != text else "")


def _word(tokens: list[Token], n: int) -> str:
    token, after = tokens[n], tokens[n + 1].kind
    before = tokens[n - 1] if n else tokens[-1]
    match token.kind:
        case "in":
            return "属于" if after in ("@", "(") else "是"
        case "not" if after in ("in", "known", "missing"):
            return "不" if after == "in" else ""
        case "known" | "missing" if before.kind == "not":
            return _WORDS["known" if token.kind == "missing" else "missing"]
        case ".":
            return "" if before.text == "参数" else "的"
        case "=" if after == "literal:bool":
            return "："
        case "name" if token.text == "参数" and after == ".":
            return ""
        case "name" if before.kind == "@":
            return f"“{token.text}”"
        case "literal:text":
            return f"“{token.value}”"
        case sign if sign in _OF_DAYS and after in _DAYS:
            return _OF_DAYS[sign]
    return _WORDS.get(token.kind, token.text)
