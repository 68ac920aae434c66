"""What a parser error means to somebody who types with a Chinese input method.

Comes in: a file and where the YAML parser gave up. Goes out: diagnostics that name the slip (full-width colon, tab,
missing space, full-width brackets …) at the place where it was made, often a line before the one the parser names.
"""

from __future__ import annotations

import re

from clue_engine.errors import Diagnostic
from clue_engine.pack.places import SourceFile

# (pattern over a line, code, message, hint); group 1 is what gets the caret.
_WORD = r"^ *(?:- +)?[^\s:'\"#{\[\uff1a][^:'\"#\uff1a]*?"
_SLIPS = (
    (re.compile(r"^ *(\t[ \t]*)\S"), "CE002", "缩进用了制表符(Tab)", "改用空格缩进"),
    (re.compile(r"^ *([\u3000\u00a0]+)"), "CE002", "缩进用了全角空格", "改用半角空格"),
    (re.compile(_WORD + r"(\uff1a)"), "CE003", "冒号是全角的", "改成半角冒号加一个空格，如 条件: 甲"),
    (re.compile(_WORD + r"(:)[\u3000\u00a0]"), "CE003", "冒号后面是全角空格", "冒号后面用半角空格"),
    (re.compile(_WORD + r"(:)[^\s:]"), "CE003", "冒号后面缺一个空格", "写成 条件: 甲"),
    (
        re.compile(r"^ *(?:[^:'\"#]+: )?([\u3010\uff3b\uff5b].*)$"),
        "CE002",
        "括号是全角的",
        "列表用半角方括号 [ ]，对照表用半角花括号 { }",
    ),
    (
        re.compile(r"^ *(?:- +)?[^:'\"#]+: (\{[^{}:]*\}[^\s,}].*)$"),
        "CE002",
        "以花括号开头的文字没有加引号",
        "整段加双引号",
    ),
    (
        re.compile(r"^ *([\u2014\u2013\u2022\u00b7\uff0d])\s*\S"),
        "CE002",
        "列表的短横不是半角减号",
        "改成半角减号加一个空格，如 - 甲",
    ),
)
_PARSER_WORDS = (
    ("could not find expected ':'", "这一行没有冒号，或引号、缩进不齐", "检查这一行和上一行的引号、缩进"),
    ("mapping values are not allowed", "这里不能再出现“: ”", "文字里含有“: ”时整段加双引号"),
    ("found unexpected end of stream", "引号没有收尾", "补上缺少的引号"),
    ("found character that cannot start any token", "这个字符不能放在开头", "以 @ ` % 开头的文字要加引号"),
    (
        "did not find expected key",
        "缩进与上面的键不对齐，或引号后面还有文字",
        "同一层的键要对齐；文字里有引号时外面换一种引号",
    ),
    ("did not find expected ',' or ']'", "方括号没有收尾或少了逗号", "检查 [ ] 是否成对，各项用半角逗号隔开"),
    ("did not find expected ',' or '}'", "花括号没有收尾或少了逗号", "检查 { } 是否成对，各项用半角逗号隔开"),
    ("did not find expected '-' indicator", "列表各项没有对齐", "每项前的“- ”要对齐"),
    ("found unknown escape character", "双引号里的反斜杠写法不对", "改用单引号，或把 \\ 写成 \\\\"),
    ("did not find expected <document start>", "内容在这里中断", "检查上一行的缩进"),
    ("block sequence entries are not allowed", "列表不能从这里开始", "“- ”另起一行"),
)


_QUOTED = re.compile(r"^ *(?:- +)?(?:[^\s:'\"#][^:'\"#]*: +)?([\"'])", re.MULTILINE)


def _open_quote(text: str, at: int) -> int | None:
    """Where the quote begins whose end is missing: the next one in the text, or none, closed it at ``at``."""
    for found in reversed(list(_QUOTED.finditer(text, 0, at))):
        start, quote = found.start(1), found.group(1)
        inside, closed = text[start + 1 : at], text[:at].rstrip(" ").endswith(quote)
        inside = inside.rstrip(" ").removesuffix(quote) if closed else inside
        if "\n" in inside and quote not in inside and (closed or quote not in text[at:]):
            return start
    return None


def explain_syntax(source: SourceFile, line: int | None, problem: str, column: int = 0) -> list[Diagnostic]:
    """Name the slip behind a parser error at ``line`` (from 0; None: anywhere in the file), nearest line first."""
    last = len(source.starts) - 1
    lines = range(last + 1) if line is None else [n for n in (line, line - 1, line + 1, line - 2) if 0 <= n <= last]
    for number in lines:
        text = source.line(number + 1)
        if text.lstrip().startswith("#"):
            continue
        for pattern, code, message, hint in _SLIPS:
            found = pattern.search(text)
            if found:
                length = 1 if code == "CE003" else len(found.group(1).rstrip())
                return [
                    source.diagnostic(code, message, source.starts[number] + found.start(1), length=length, hint=hint)
                ]
    at = min(source.starts[min(line or 0, last)] + column, len(source.text))
    opened = _open_quote(source.text, at) if line is not None else None
    if opened is not None:
        message = "这里的引号没有收尾，下面几行都当成了引号里的文字"
        return [source.diagnostic("CE002", message, opened, hint="在这一行末尾补上缺少的引号")]
    for words, message, hint in _PARSER_WORDS:
        if words in problem:
            return [source.diagnostic("CE002", message, at, hint=hint)]
    if line is None:
        return [source.diagnostic("CE002", problem, at, hint="每行写成 键: 值，冒号用半角并跟一个空格")]
    return [source.diagnostic("CE002", "YAML 写法有误", at, hint="检查这一行和上一行的缩进、冒号、引号、括号")]
