"""Text of a condition -> tokens with exact offsets. Full-width and half-width forms mean the same."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from clue_engine.errors import Diagnostic, Level, Mark
from clue_engine.pack.model import Text
from clue_engine.pack.places import MAX_SHOWN, Places

# One character to one character, so that offsets into the author's text hold.
_HALF = str.maketrans(
    {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)} | {"　": " ", "。": ".", "、": ",", "×": "*", "÷": "/"}
)
_KEYWORDS = {
    "and": "and", "且": "and", "并且": "and",
    "or": "or", "或": "or", "或者": "or",
    "not": "not", "非": "not",
    "in": "in", "between": "between", "contains": "contains", "is": "is", "of": "of",
    "any": "any", "all": "all", "none": "none", "count": "count", "sum": "sum", "min": "min", "max": "max",
    "known": "known", "missing": "missing", "不轻于": "不轻于", "不重于": "不重于",
}  # fmt: skip
_OPERATORS = {
    "<=": "<=", ">=": ">=", "=<": "<=", "=>": ">=", "<>": "<>", "!=": "<>", "==": "=",
    "≤": "<=", "≦": "<=", "≥": ">=", "≧": ">=", "≠": "<>", "<": "<", ">": ">", "=": "=",
    **{sign: sign for sign in "+-*/(),.@"},
}  # fmt: skip
_SIGN = re.compile("|".join(re.escape(sign) for sign in _OPERATORS))  # longer ones stand first
_CLOSING = {"'": "'", '"': '"', "“": "”“", "”": "”“", "‘": "’‘", "’": "’‘"}
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)|(\d{4})年(\d{1,2})月(\d{1,2})[日号]")
_LOOSE_DATE = re.compile(r"((?:19|20)\d\d)([./])(\d{1,2})\2(\d{1,2})(?![\d./])")  # 2025/1/1, as Excel writes it
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_UNIT = re.compile(r"\s*(万元|亿元|万|亿|元|%|周岁|个月|年|月|天|日|岁)")
_WORD = re.compile(r"[^\W\d][\w·]*")
_SCALE = {"万": 10_000, "亿": 100_000_000}
_DURATION = {"年": "年", "个月": "月", "月": "月", "天": "天", "日": "天", "岁": "岁", "周岁": "岁"}
_BRACKETS = "括号只用圆括号 ( ),值的集合写成 ('值', '值')"
_SLIPS = {
    "~": "起止写成 between 下限 and 上限",
    "&": "写 and 或 且",
    "|": "写 or 或 或者",
    ";": "分号不能写在条件里，要几条规则请分开写",
}
_SLIPS |= {**dict.fromkeys("[]{}【】〔〕〈〉《》", _BRACKETS)}
MAX_LENGTH = 4000


@dataclass(frozen=True)
class Token:
    """kind: a keyword or operator as itself, 'name', 'literal:<kind>', 'end'."""

    kind: str
    start: int
    end: int
    text: str
    value: str | float | bool | dt.date | None = None
    unit: str = ""


def diagnose(
    text: str, start: int, end: int, code: str, message: str, hint: str = "", level: Level = "error"
) -> Diagnostic:
    """A diagnostic at characters [start, end) of ``text``; a plain str counts as one line of an unnamed file."""
    if not isinstance(text, Text) or not text.marks:
        line = text[:MAX_SHOWN] if "\n" not in text else ""
        return Diagnostic(code, level, message, Mark("条件", 1, start + 1), max(1, end - start), hint, line)
    mark, last = text.at(start), text.at(max(end - 1, start))
    line = text.marks.source.line(mark.line)[:MAX_SHOWN] if isinstance(text.marks, Places) else ""
    whole = last.column if last.line == mark.line else max(len(line), mark.column)
    return Diagnostic(code, level, message, mark, max(whole - mark.column + 1, 1), hint, line)


def halved(text: str) -> str:
    """The text in half-width signs."""
    return text.translate(_HALF)


def tokenize(text: str) -> tuple[list[Token], list[Diagnostic]]:
    """All tokens, ending with 'end'. Unreadable characters give a diagnostic each and are skipped."""
    if len(text) > MAX_LENGTH:
        return [], [diagnose(text, 0, 1, "CE106", f"条件太长（超过 {MAX_LENGTH} 字）", "拆成几个定义")]
    flat = halved(text)
    tokens: list[Token] = []
    problems: list[Diagnostic] = []
    i = 0
    while i < len(text):
        if flat[i].isspace():
            i += 1
            continue
        token, i = _next(text, flat, i, problems)
        if token:
            tokens.append(token)
    tokens.append(Token("end", len(text), len(text), ""))
    return tokens, problems


def _next(text: str, flat: str, i: int, problems: list[Diagnostic]) -> tuple[Token | None, int]:
    # Quotes are looked up in the author's text first: “ has no half-width twin.
    opening = text[i] if text[i] in _CLOSING else flat[i]
    if opening in _CLOSING:
        return _quoted(text, flat, i, opening, problems)
    if flat[i].isdigit() and flat[i].isascii():
        return _number(text, flat, i, problems)
    sign = _SIGN.match(flat, i)
    if sign:
        return Token(_OPERATORS[sign.group()], i, sign.end(), text[i : sign.end()]), sign.end()
    word = _WORD.match(flat, i)
    if word:
        return _word(text, i, word.group())
    hint = _SLIPS.get(flat[i], "删去这个字符，或把文字写在引号里")
    problems.append(diagnose(text, i, i + 1, "CE102", f"条件里不能有字符“{text[i]}”", hint))
    return None, i + 1


def _quoted(text: str, flat: str, i: int, opening: str, problems: list[Diagnostic]) -> tuple[Token | None, int]:
    closing = _CLOSING[opening]
    for j in range(i + 1, len(text)):
        if text[j] in closing or (opening in "'\"" and flat[j] in closing):
            return Token("literal:text", i, j + 1, text[i : j + 1], text[i + 1 : j].strip()), j + 1
    problems.append(diagnose(text, i, len(text), "CE103", "引号没有配对", f"在文字后面补上“{closing[0]}”"))
    return None, len(text)


def _number(text: str, flat: str, i: int, problems: list[Diagnostic]) -> tuple[Token | None, int]:
    date = _DATE.match(flat, i)
    if date:
        year, month, day = (int(g) for g in date.groups() if g)
        try:
            return Token("literal:date", i, date.end(), text[i : date.end()], dt.date(year, month, day)), date.end()
        except ValueError:
            problems.append(diagnose(text, i, date.end(), "CE205", f"没有这一天：{date.group()}", "检查月和日"))
            return Token("literal:date", i, date.end(), text[i : date.end()], None), date.end()
    if loose := _LOOSE_DATE.match(flat, i):
        year, month, day = (int(loose.group(n)) for n in (1, 3, 4))
        problems.append(
            diagnose(text, i, loose.end(), "CE205", f"日期不能写成“{text[i : loose.end()]}”", _dashed(year, month, day))
        )
        return Token("literal:date", i, loose.end(), text[i : loose.end()], None), loose.end()
    number = _NUMBER.match(flat, i)
    assert number is not None
    value, end = float(number.group()), number.end()
    unit = _UNIT.match(flat, end)
    if unit is None:
        return Token("literal:number", i, end, text[i:end], value), end
    name, end = unit.group(1), unit.end()
    raw = text[i:end]
    if name in _DURATION:
        return Token("literal:duration", i, end, raw, value, _DURATION[name]), end
    if name == "%":
        return Token("literal:share", i, end, raw, value / 100), end
    # 3万 is money where money is wanted and a plain number elsewhere; the unit says which was written.
    return Token("literal:money", i, end, raw, value * _SCALE.get(name[0], 1), name), end


def _dashed(year: int, month: int, day: int) -> str:
    try:
        return f"写成 {dt.date(year, month, day).isoformat()}"
    except ValueError:
        return "没有这一天，检查月和日；日期写成 2024-01-31"


def _word(text: str, i: int, word: str) -> tuple[Token, int]:
    end = i + len(word)
    lower = word.lower()
    if lower in _KEYWORDS:
        return Token(_KEYWORDS[lower], i, end, text[i:end]), end
    if word in ("是", "否"):
        return Token("literal:bool", i, end, word, word == "是"), end
    if word == "扫描日":
        return Token("literal:asof", i, end, word), end
    return Token("name", i, end, word), end
