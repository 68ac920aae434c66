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
        re.compile(r"^ *basis: +(- .*)$"),
        "CE002",
        "列表不能写在冒号后面",
        "另起一行写 - {law: 文件名称, article: 第几条}",
    ),
    (
        re.compile(r"^ *([\u2014\u2013\u2022\u00b7\uff0d])\s*\S"),
        "CE002",
        "列表的短横不是半角减号",
        "改成半角减号加一个空格，如 - 甲",
    ),
)
_KEY = re.compile(r"( *)((?:- +)?)[^\s#:'\"{\[-][^\s:'\"]*:(?: +(.*))?$")
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
    ("block sequence entries are not allowed", "列表不能从这里开始", "另起一行，写“- ”加一个空格"),
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


def _quote_inside(source: SourceFile, at: int) -> Diagnostic | None:
    """A quoted text that goes on behind its closing quote: it holds the same quotes inside."""
    before, after = source.text[:at].rstrip(" "), source.text[at : at + 1]
    if before[-1:] not in ("'", '"') or not after or after in "\r\n,]}:#":
        return None
    line = source.line(source.mark(at).line)
    inside = "条件里的文字用半角单引号" if line.lstrip().startswith("when:") else "里面的引号改成 “ ”"
    message = "引号里面又有同样的引号，文字在这里中断"
    return source.diagnostic("CE002", message, at, hint=f"外面用半角双引号，{inside}")


def _misplaced(source: SourceFile, line: int) -> Diagnostic | None:
    return _unaligned(source, line) or _stray_item(source, line) or _indent(source, line)


def _unaligned(source: SourceFile, line: int) -> Diagnostic | None:
    """An item that stands further left or right than the one above it."""
    above = next((n for n in range(line - 1, -1, -1) if _told(source.line(n + 1))), line)
    (wanted, first), (depth, second) = (_dash(source.line(n + 1)) for n in (above, line))
    if not first or not second or wanted == depth:
        return None
    hint = f"“- ”前面空 {wanted} 格，与第 {above + 1} 行对齐"
    return source.diagnostic("CE002", "列表各项没有对齐", source.starts[line], length=max(depth, 1), hint=hint)


def _dash(text: str) -> tuple[int, bool]:
    item = text.lstrip(" ")
    return len(text) - len(item), item.startswith("- ")


def _wide_comma(source: SourceFile, problem: str, at: int) -> Diagnostic | None:
    """{harm: 8，focus: 6}: the comma that was meant to part them."""
    start = source.starts[source.mark(at).line - 1]
    comma = source.text.rfind("\uff0c", start, at)
    if "did not find expected ','" not in problem or comma < 0 or comma < source.text.rfind(",", start, at):
        return None
    return source.diagnostic("CE002", "逗号是全角的，几项并成了一项", comma, hint="各项之间用半角逗号加一个空格")


def _stray_item(source: SourceFile, line: int) -> Diagnostic | None:
    """An item of a list below a key that has its value already, as tests: [] has."""
    above = next((n for n in range(line - 1, -1, -1) if _told(source.line(n + 1))), None)
    found = None if above is None else _KEY.match(source.line(above + 1))
    if found is None or not found.group(3) or not source.line(line + 1).lstrip(" ").startswith("- "):
        return None
    key, value = found.group(0).strip().split(":")[0].removeprefix("- "), found.group(3).strip()
    message = f"上面的“{key}”已经有值，它下面不能再有“- ”开头的一项"
    move = "把这一项移到所属的键（如 tests:）下面，前面空两格"
    return source.diagnostic(
        "CE002", message, source.starts[line], hint=f"删去“{key}:”后面的 []" if value == "[]" else move
    )


def _indent(source: SourceFile, line: int) -> Diagnostic | None:
    """A key that does not stand below its neighbours: which of the lines has a blank too many or too few."""
    above = [n for n in range(line + 1) if _told(source.line(n + 1))]
    found = [_KEY.match(source.line(n + 1)) for n in above[-3:]]
    if len(above) < 2 or found[-1] is None or found[-2] is None:
        return None
    first, previous, now = ([None, *found])[-3:]
    assert previous is not None and now is not None
    depth, own = _depth(previous), len(now.group(1))
    if own < depth:  # libyaml stops at the first line that stands further left than the beginning of the file
        top = all(len(source.line(n + 1)) - len(source.line(n + 1).lstrip(" ")) == depth for n in above[:-1])
        return _shift(source, above[0], depth - own, "多") if top and own == 0 and len(above) == 2 else None
    if own == depth or not previous.group(3):
        return None
    if first is not None and (_depth(first) == own or (not first.group(3) and _depth(first) == depth)):
        return _shift(source, above[-2], own - depth, "少")
    return _shift(source, line, own - depth, "多")


def _told(text: str) -> bool:
    return bool(text.strip()) and not text.lstrip().startswith("#")


def _depth(found: re.Match[str]) -> int:
    return len(found.group(1)) + len(found.group(2))


def _shift(source: SourceFile, line: int, blanks: int, which: str) -> Diagnostic:
    message = f"第 {line + 1} 行前面{which}了 {blanks} 个空格"
    hint = "删去它们，与同一层的键对齐" if which == "多" else "补上它们，与下一行对齐"
    return source.diagnostic("CE002", message, source.starts[line], length=blanks if which == "多" else 1, hint=hint)


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
    told = _quote_inside(source, at) or _wide_comma(source, problem, at)
    told = told or (_misplaced(source, line) if line is not None else None)
    if told is not None:
        return [told]
    for words, message, hint in _PARSER_WORDS:
        if words in problem:
            return [source.diagnostic("CE002", message, at, hint=hint)]
    if line is None:
        return [source.diagnostic("CE002", problem, at, hint="每行写成 键: 值，冒号用半角并跟一个空格")]
    return [source.diagnostic("CE002", "YAML 写法有误", at, hint="检查这一行和上一行的缩进、冒号、引号、括号")]
