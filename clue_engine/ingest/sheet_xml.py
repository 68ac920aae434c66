"""What the XML of a workbook says that its fast reader does not: whether every cell is text, which cells are merged.

Comes in: an xlsx file (ECMA-376 part 1, 18.3.1.4 ``c`` and 18.3.1.55 ``mergeCell``). Goes out: per worksheet its
merged ranges, or nothing as soon as one cell is a number, a date, a truth value or an error.
"""

from __future__ import annotations

import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from clue_engine.ingest.formats import DAMAGED

Range = list[int]  # first row, first column, last row, last column, from 0

UNREADABLE: tuple[type[Exception], ...] = (*DAMAGED, ET.ParseError)
_BLOCK = 1 << 20
_LONGEST = 32 * _BLOCK  # a cell, or what stands behind the rows
_FILLED, _SHARED = b"</c>", b't="s"><v>'
_CELL = re.compile(rb"<c(?=[ />])[^<>]*>")
_ANY_CELL = re.compile(rb"[<:]c[ />]")  # also one of another prefix
_TEXT = re.compile(rb' t="(?:s|inlineStr|str)"|/>$')  # "/>": a cell that only has a style
_IN_COLUMN_A = re.compile(rb'<c r="A[0-9]+"[^<>/]*>')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row ([^<>]*\bhidden="(?:1|true)"[^<>]*)(?<!/)>')
_ROW_NUMBER = re.compile(rb'\br="([0-9]+)"')
_PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_FORMULA = re.compile(
    rb"<(?:\w+:)?c ([^<>]*)>\s*<(?:\w+:)?f(?:[^<>]*/>|(?:\s[^<>]*)?>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?P<empty><(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')


@dataclass(frozen=True)
class TextSheet:
    """A worksheet without any cell but text. ``is_blank``: without any cell at all."""

    name: str
    visible: bool
    merged: list[Range]
    is_blank: bool
    hidden: tuple[int, ...] = ()  # rows, from 1, that are hidden or filtered out


def text_sheets(path: Path) -> list[TextSheet] | None:
    """The worksheets in their order; None when one holds a cell that is not text, or does not begin in column A.

    Also None when the package is damaged: what can be saved of it is for the other readers to say.
    """
    try:
        with zipfile.ZipFile(path) as package:
            found = []
            for name, visible, part in worksheets(package):
                with package.open(part) as stream:
                    hidden: list[int] = []
                    merged, is_text, is_blank = _look(stream, hidden)
                if not is_text:
                    return None
                found.append(TextSheet(name, visible, merged, is_blank, tuple(hidden)))
    except UNREADABLE:
        return None
    return found


def merged_ranges(path: Path) -> dict[str, list[Range]]:
    """The merged ranges of each worksheet, for a reader that does not tell them; of a damaged one those it has."""
    found: dict[str, list[Range]] = {}
    try:
        with zipfile.ZipFile(path) as package:
            for name, _, part in worksheets(package):
                found[name] = []
                with package.open(part) as stream:
                    rest = b""
                    while block := stream.read(_BLOCK):
                        block = rest + block
                        found[name] += _in(block)
                        rest = block[block.rfind(b"<") :]  # may go on in the next block
    except UNREADABLE:
        pass
    return found


def _in(block: bytes) -> list[Range]:
    return [[int(b) - 1, column_number(a), int(d) - 1, column_number(c)] for a, b, c, d in _MERGED.findall(block)]


def worksheets(package: zipfile.ZipFile) -> Iterator[tuple[str, bool, str]]:
    """Name, visibility and part of every worksheet; chart sheets are none."""
    parts = {r.get("Id"): r for r in ET.fromstring(package.read("xl/_rels/workbook.xml.rels"))}
    for sheet in ET.fromstring(package.read("xl/workbook.xml")).iter():
        if _local(sheet.tag) == "sheet":
            (own,) = [value for key, value in sheet.attrib.items() if _local(key) == "id"]
            relation = parts[own]
            if relation.get("Type", "").endswith("/worksheet"):
                part = posixpath.normpath(posixpath.join("/xl", relation.attrib["Target"]))[1:]
                yield sheet.attrib["name"], sheet.get("state", "visible") == "visible", part


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def hidden_rows(block: bytes) -> list[int]:
    """Rows with cells that are hidden or filtered out, in a piece of a worksheet."""
    rows = _HIDDEN_ROW.findall(block) if b"hidden=" in block else ()
    return [int(number[1]) for attributes in rows if (number := _ROW_NUMBER.search(attributes))]


def uncomputed(block: bytes) -> list[tuple[int, int]]:
    """Row and column, from 0, of formulas without a stored result, in a piece of a worksheet."""
    cells = _FORMULA.finditer(block) if b"<f" in block or b":f" in block else ()
    without = (c for c in cells if not (c["empty"] and b't="str"' in c[1]))  # "" is a result
    return [found for cell in without if (found := place(cell[1])) is not None]


def place(attributes: bytes) -> tuple[int, int] | None:
    """Row and column, from 0, that the attributes of a cell name."""
    found = _PLACE.search(attributes)
    return (int(found[2]) - 1, column_number(found[1])) if found else None


def _look(stream: IO[bytes], hidden: list[int]) -> tuple[list[Range], bool, bool]:
    """Merged ranges, whether all cells are text, and whether there is none; hidden rows into ``hidden``."""
    merged: list[Range] = []
    in_column_a = has_cells = False
    block = stream.read(_BLOCK)
    if b"<worksheet" not in block:  # another prefix than none, or another encoding
        return [], False, False
    while block:
        # A cell that goes on in the next block waits for it.
        more = stream.read(_BLOCK)
        end = max(block.rfind(b"<c "), block.rfind(b"<row"), 0) if more else len(block)
        block, rest = block[:end], block[end:]
        if len(rest) > _LONGEST:
            return [], False, False
        if uncomputed(block):
            return [], False, False
        n_filled = block.count(_FILLED)  # counting is many times faster than taking each cell apart
        if n_filled != block.count(_SHARED) and not all(_TEXT.search(cell) for cell in _CELL.findall(block)):
            return [], False, False
        has_cells = has_cells or _ANY_CELL.search(block) is not None
        in_column_a = in_column_a or _IN_COLUMN_A.search(block) is not None
        hidden += hidden_rows(block)
        if b"<mergeCell " in block:
            merged += _in(block)
        block = rest + more
    return merged, in_column_a or not has_cells, not has_cells


def column_number(letters: bytes) -> int:
    """Number of a column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
