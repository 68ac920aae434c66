"""Text for terminals: width of Chinese characters, tables, colour, wrapping, JSON. Data goes to stdout, talk to stderr.

Comes in: strings. Goes out: lines. Colour only on a terminal, and never with NO_COLOR or TERM=dumb.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from clue_engine.values.text import character_width, width

if TYPE_CHECKING:
    from clue_engine.enquiry.tree import Line


@dataclass
class Talk:
    """How much is said beside the data: --quiet, --verbose."""

    quiet: bool = False
    verbose: bool = False


talk = Talk()
_CODE = re.compile(r"[A-Za-z0-9.:/-]+")
_LONGEST = 13
_PATH = re.compile(r"[^\s/，。；：、（）“”\[\]]{0,80}/[^\s，。；：、（）“”\[\]]+[，。；：、）”\]]*")
_OUTCOMES = {True: "是", False: "否", None: "不明"}
_COLOURS = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36, "bold": 1, "dim": 2}


def pad(text: str, columns: int) -> str:
    """The text with spaces to ``columns``."""
    return text + " " * max(columns - width(text), 0)


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most ``columns``: break anywhere between Chinese characters, at spaces between ASCII words."""
    lines, line, used = [], "", 0
    for piece in _pieces(text):
        if used + width(piece) > columns and line:
            lines.append(line.rstrip())
            line, used, piece = "", 0, piece.lstrip()
        for character in piece:
            size = character_width(character)
            if used + size > columns and line:  # one word wider than the column
                lines.append(line.rstrip())
                line, used = "", 0
            line += character
            used += size
    lines.append(line.rstrip())
    return lines


def _pieces(text: str) -> Iterator[str]:
    """What may not be torn apart: ASCII words, paths, and closing punctuation with the character before it."""
    end = 0
    for path in _PATH.finditer(text):
        yield from _words(text[end : path.start()])
        yield path.group()
        end = path.end()
    yield from _words(text[end:])


def _words(text: str) -> Iterator[str]:
    piece = ""
    for character in text:
        ascii_word = character.isascii() and not character.isspace()
        closing = character in "\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\u201d\u2019\uff09\u300b\u3011"
        if piece and not closing and not (ascii_word and piece[-1].isascii() and not piece[-1].isspace()):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def terminal_width() -> int:
    """Columns of the terminal, at least 40."""
    return max(shutil.get_terminal_size((80, 24)).columns, 40)


def coloured(stream: IO[str]) -> bool:
    """Whether to colour what goes to ``stream``."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def style(text: str, colour: str, stream: IO[str] | None = None) -> str:
    """The text in a colour, where the stream shows colours."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if coloured(stream or sys.stdout) else text


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], columns: int | None = None) -> list[str]:
    """Lines of equal display width: headings, a rule, rows. With ``columns`` cells are wrapped to fit."""
    cells = [["" if cell is None else " ".join(str(cell).split()) for cell in row] for row in rows]
    widths = [max([width(head), *(width(row[i]) for row in cells)]) for i, head in enumerate(headers)]
    if columns is not None:
        least = [max(width(head), 8, *(_unbroken(row[i]) for row in cells)) for i, head in enumerate(headers)]
        widths = _fit(widths, least, columns - 2 * (len(headers) - 1))
    lines = []
    for row in (list(headers), ["-" * w for w in widths], *cells):
        parts = [wrap(cell, w) for cell, w in zip(row, widths, strict=True)]
        for k in range(max(len(part) for part in parts)):
            lines.append("  ".join(pad(p[k] if k < len(p) else "", w) for p, w in zip(parts, widths, strict=True)))
    return lines


def _unbroken(text: str) -> int:
    """How wide its longest number or date is, which nobody can read in two pieces; a path is longer and may break."""
    return max((len(word) for word in _CODE.findall(text) if len(word) <= _LONGEST), default=0)


def _fit(widths: list[int], least: list[int], room: int) -> list[int]:
    """Narrow the columns that have most to spare until all fit, none below its least width."""
    widths = list(widths)
    while sum(widths) > room:
        i = max(range(len(widths)), key=lambda k: widths[k] - least[k])
        if widths[i] <= least[i]:
            break
        widths[i] -= 1
    return widths


def print_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on stdout, wrapped to the terminal (80 columns in a pipe; programs use --json)."""
    for number, line in enumerate(table(headers, rows, terminal_width())):
        print(style(line, "bold") if number == 0 else line)


def print_json(value: Any) -> None:
    """JSON on stdout, for programs."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def say(text: str) -> None:
    """A line for the person, on stderr, so that stdout holds data only."""
    if not talk.quiet:
        print(text, file=sys.stderr)


def paragraph(text: str) -> None:
    """Print within the width of the terminal, later lines indented like the first."""
    indent = " " * (len(text) - len(text.lstrip()))
    first, *more = wrap(text.lstrip(), min(terminal_width(), 100) - len(indent) - 2)
    print(indent + first)
    for line in more:
        print(indent + "  " + line)


def print_tree(tree: Iterable[Line], indent: int) -> None:
    """The condition of a rule, part by part, in words, with what each came to."""
    from clue_engine.language.plain_words import in_words

    for node in tree:
        value = f"  〔{node.value}〕" if node.value else ""
        paragraph("  " * (node.depth + indent) + f"[{_OUTCOMES[node.outcome]}] {in_words(node.text)}{value}")
