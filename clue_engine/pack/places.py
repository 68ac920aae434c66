"""Where characters stand: offsets of a file to line and column, and the characters of a YAML scalar to their offsets.

Comes in: a file's text and the span of a scalar. Goes out: ``Places``, a lazy sequence of marks (a pack has 300,000
characters and shows the place of perhaps ten of them).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import overload

from clue_engine.errors import Diagnostic, Mark

MAX_SHOWN = 2000  # characters of a source line that a diagnostic carries
_LINE_END = re.compile(r"\r\n|\r|\n")
_ESCAPE = re.compile(r"\\(?:x..|u....|U........|.)", re.DOTALL)


Span = tuple[str, int, int, str | None]


class SourceFile:
    """A text file: its name as the user wrote it and the offset at which each line starts."""

    def __init__(self, name: str, text: str):
        self.name = name
        self.text = text
        self.starts = [0, *(m.end() for m in _LINE_END.finditer(text))]

    def mark(self, offset: int) -> Mark:
        line = bisect_right(self.starts, offset) - 1
        return Mark(self.name, line + 1, offset - self.starts[line] + 1)

    def line(self, number: int) -> str:
        """Line ``number`` counted from 1, without its end; empty when there is none."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def diagnostic(self, code: str, message: str, offset: int, *, length: int = 1, hint: str = "") -> Diagnostic:
        mark = self.mark(offset)
        return Diagnostic(code, "error", message, mark, max(length, 1), hint, self.line(mark.line)[:MAX_SHOWN])


class Places(Sequence[Mark]):
    """Marks of the characters of one scalar, computed when asked for. An empty scalar has one: where it would stand.

    ``span``: value, start, end and style of a scalar whose characters nobody has asked about yet.
    """

    __slots__ = ("known", "source", "span")

    def __init__(self, source: SourceFile, offsets: Sequence[int] | None, span: Span | None = None):
        self.source = source
        self.known = offsets
        self.span = span

    @property
    def offsets(self) -> Sequence[int]:
        if self.known is None:
            assert self.span is not None
            self.known = aligned(self.source.text, *self.span)
        return self.known

    def __len__(self) -> int:
        if self.known is None and self.span is not None:
            return len(self.span[0]) or 1
        return len(self.offsets)

    @overload
    def __getitem__(self, index: int) -> Mark: ...
    @overload
    def __getitem__(self, index: slice) -> Places: ...
    def __getitem__(self, index: int | slice) -> Mark | Places:
        if isinstance(index, slice):
            return Places(self.source, self.offsets[index])
        return self.source.mark(self.offsets[index])


def aligned(text: str, value: str, start: int, end: int, style: str | None) -> Sequence[int]:
    """Offsets of the characters of ``value``, a scalar written at ``start``..``end`` in ``style`` (None, ', ", |, >).

    All that YAML does to a scalar besides escapes is to drop or fold white space, so every other character is found by
    walking forward. For folded white space the place may be off by an indentation; nobody points at those.
    """
    if not value:
        return (min(start, max(len(text) - 1, 0)),)
    begin = start + 1 if style in ("'", '"') else start
    if text.startswith(value, begin):
        return range(begin, begin + len(value))
    position = begin
    if style in ("|", ">"):  # past the header, which may carry a comment
        header = _LINE_END.search(text, start)
        position = header.end() if header else end
    offsets: list[int] = []
    for character in value:
        found, position = _next(text, position, end, character, style)
        offsets.append(found)
    return offsets


def _next(text: str, position: int, end: int, character: str, style: str | None) -> tuple[int, int]:
    """Offset of ``character`` at or after ``position``, and where to go on."""
    if style == '"':
        while text.startswith("\\", position):
            escape = _ESCAPE.match(text, position)
            if escape is None:
                break
            if escape.group() not in ("\\\n", "\\\r"):
                return position, escape.end()
            position = _skip_white(text, position + 1, end)  # an escaped line end writes nothing
    if character.isspace():
        if text[position : position + 1] == character:
            return position, position + 1
        line_end = _LINE_END.search(text, position, end)
        if line_end and not text[position : line_end.start()].strip():
            return line_end.start(), line_end.end()
        return min(position, end - 1), position
    position = _skip_white(text, position, end) if text[position : position + 1] != character else position
    width = 2 if style == "'" and character == "'" else 1
    return min(position, end - 1), position + width


def _skip_white(text: str, position: int, end: int) -> int:
    while position < end and text[position] in " \t\r\n":
        position += 1
    return position
