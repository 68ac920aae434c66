"""The text of a cell before it means anything: outer blanks gone, full-width signs made half-width.

Comes in: a cell as found. Goes out: the text, or None when the cell says nothing ("/", 不详, 暂无, 空白).
"""

from __future__ import annotations

import re
import unicodedata

BLANKS = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2028\u2029"

# One character for one character, so that an offset in the result is an offset in the cell.
WIDE = "".join(chr(c) for c in range(0xFF01, 0xFF5F)) + "\u3000〔〕【】［］﹝﹞"
NARROW = "".join(chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)) + " [][][][]"
HALF = str.maketrans(WIDE, NARROW)
_COMPACT = {**HALF, **{ord(c): None for c in BLANKS}, ord("\u3000"): None}  # in one pass: it is asked for every cell

# What a spreadsheet or a database puts where a formula or a look-up failed.
# fmt: off
ERROR_WORDS = (
    "#N/A", "#n/a", "＃Ｎ／Ａ", "N/A", "n/a", "N/a", "Ｎ／Ａ", "#N/A!", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!",
    "#NUM!", "#NULL!", "#REF", "#VALUE", "#NAME", "#DIV/0", "#NUM", "#NULL", "#SPILL!", "#CALC!", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA", "#ERROR!",
    "null", "NULL", "Null", "(null)", "(NULL)", "<NULL>", "<null>", "None", "none", "NaN", "nan", "NAN", "<NA>", "NaT",
)
# fmt: on

# A cell that says that nothing is known. 无 is not among them: in a yes/no column it means no.
# fmt: off
NULL_WORDS = (
    "/", "\\", "-", "--", "---", "—", "——", "－", "*", ".", "。", "空", "空白", "(空)", "（空）",
    "不详", "暂无", "未知", "不明",
    "待定", "待查", "待补", "暂缺", "缺", "未填", "未填写", "无法确定",
    *ERROR_WORDS,
)
# fmt: on
YES_WORDS = ("是", "有", "y", "yes", "1", "1.0", "√", "✓", "✔", "对", "true", "t", "真", "已")
NO_WORDS = ("否", "无", "没有", "n", "no", "0", "0.0", "×", "✗", "✘", "x", "false", "f", "假", "未", "不是")

FLOAT = r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}"  # a long number that Excel or a float has shortened

_NULLS = frozenset(NULL_WORDS)


APOSTROPHES = "'‘’`"  # in front of a number they keep Excel from counting
_BEFORE = BLANKS + APOSTROPHES


FORMULA = r'="[^"]*"'  # ="529901…": another way to the same end, in CSV files


def strip(cell: str) -> str:
    """Without blanks at both ends and without the signs that keep Excel from counting."""
    text = cell.rstrip(BLANKS).lstrip(_BEFORE)
    if text.startswith('="') and re.fullmatch(FORMULA, text):
        return text[2:-1].rstrip(BLANKS).lstrip(_BEFORE)
    return text


def cell_text(cell: str | None) -> str | None:
    """The text of a cell, None when it is empty or says that nothing is known."""
    if cell is None:
        return None
    text = strip(cell)
    return None if not text or text in _NULLS else text


def half_width(text: str) -> str:
    """Full-width digits, letters, brackets and signs as half-width ones."""
    return text.translate(HALF)


def compact(text: str) -> str:
    """Half-width and without any blank."""
    return text.translate(_COMPACT)


_ROMAN = str.maketrans("ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ", "一二三四五六七八九十" * 2)
_ROMAN_LETTERS = tuple(
    (letters + "级", chinese + "级")
    for letters, chinese in (
        ("VIII", "八"), ("VII", "七"), ("III", "三"), ("VI", "六"), ("IV", "四"), ("IX", "九"), ("II", "二"),
        ("I", "一"), ("V", "五"), ("X", "十"),
    )
)  # fmt: skip


def code_key(text: str) -> str:
    """How a code is looked up: half-width, no blanks, roman grades as Chinese ones (重伤Ⅱ级 → 重伤二级)."""
    key = compact(text).translate(_ROMAN)
    for roman, chinese in _ROMAN_LETTERS:
        key = key.replace(roman, chinese)
    return key


def yes_no(cell: str | None) -> bool | None:
    """是/否, Y/N, 1/0, √/×, 有/无; None when empty, unknown or another word."""
    text = cell_text(cell)
    if text is None:
        return None
    key = code_key(text).lower()
    if key in YES_WORDS:
        return True
    return False if key in NO_WORDS else None


def is_yes_no(cell: str | None) -> bool:
    """Whether the cell is readable as yes, no or nothing: the opposite is an issue."""
    return cell_text(cell) is None or yes_no(cell) is not None


# -- width on a screen -------------------------------------------------------------------------------------------------
# A Chinese character takes two columns.
def character_width(character: str) -> int:
    """2 for wide and full-width characters, 0 for combining and control ones."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def width(text: str) -> int:
    return len(text) if text.isascii() and text.isprintable() else sum(character_width(c) for c in text)
