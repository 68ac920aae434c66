"""The look of the workbook: styles, columns with widths, row heights by the width of Chinese text, printing on A4.

Comes in: an open xlsxwriter book, columns and records. Goes out: sheets that a clerk can print and read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clue_engine.export.list_rows import Cell
from clue_engine.export.privacy import cell_text

A4 = 9
_WIDE = re.compile("[\u1100-\U0010ffff]+")
LINE = 12.0  # points that a line of 9 point text takes
TALLEST = 409.0  # Excel's limit
TITLE_ROW, NOTE_ROW, GROUP_ROW, HEAD_ROW, FIRST_ROW = 0, 1, 2, 3, 4


@dataclass(frozen=True)
class Column:
    """A column of a sheet. ``style``: text, centre, percent, fill (to be filled in) or date."""

    heading: str
    width: float
    group: str = ""
    style: str = "text"
    lines: bool = False  # numbered sentences keep their line breaks


@dataclass
class Book:
    """The open workbook with its cell styles."""

    book: Any
    style: dict[str, Any]
    names: set[str]
    choices: Mapping[str, Sequence[str]]  # of the drop-downs, by heading

    def sheet(self, name: str) -> Any:
        """A sheet under a name that Excel accepts and that is not taken."""
        base = re.sub(r"[\[\]:*?/\\']", "", name)[:28] or "表"
        found, n = base, 2
        while found in self.names:
            found, n = f"{base}{n}", n + 1
        self.names.add(found)
        return self.book.add_worksheet(found)


def styles(book: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 9, "valign": "vcenter"}
    cell = {**base, "text_wrap": True, "border": 1, "border_color": "#808080"}
    fill = {"bg_color": "#FFF8DC", "locked": False}
    named = {
        "title": {**base, "font_name": "黑体", "font_size": 16, "align": "center"},
        "note": {**base, "text_wrap": True, "font_color": "#404040"},
        "group": {**cell, "bold": True, "align": "center", "bg_color": "#C9D7E8"},
        "head": {**cell, "bold": True, "align": "center", "bg_color": "#E6EDF5"},
        "section": {**base, "bold": True, "font_size": 10.5},
        "text": {**cell, "num_format": "@"},
        "centre": {**cell, "num_format": "@", "align": "center"},
        "number": {**cell, "num_format": "0.##", "align": "right"},
        "whole": {**cell, "num_format": "0", "align": "center"},
        "percent": {**cell, "num_format": "0.0%", "align": "right"},
        "fill": {**cell, "num_format": "@", **fill},
        "date": {**cell, "num_format": "yyyy-mm-dd", **fill},
        "line": {**base, "font_name": "仿宋", "font_size": 10.5, "text_wrap": True, "valign": "top"},
    }
    return {name: book.add_format(form) for name, form in named.items()}


def table(
    b: Book, name: str, title: str, note: str, columns: Sequence[Column], records: Sequence[Sequence[Cell]],
    n_printed: int | None = None, n_kept: int = 0,
) -> Any:  # fmt: skip
    """One sheet: title, note, group headings, headings, records. The first ``n_printed`` columns go on paper; the
    others stand behind them as an outline group. The first ``n_kept`` stay in sight when the sheet is scrolled.
    """
    n_printed = len(columns) if n_printed is None else n_printed
    sheet = b.sheet(name)
    opening(b, sheet, title, note, columns[:n_printed])
    for first, last in _runs([column.group for column in columns]):
        band(b, sheet, GROUP_ROW, first, last, columns[first].group, "group")
    for place, column in enumerate(columns):
        sheet.write_string(HEAD_ROW, place, column.heading, b.style["head"])
        level = {"level": 1} if place >= n_printed else {}
        sheet.set_column(place, place, column.width, None, level)
    sheet.set_row(HEAD_ROW, 2 * LINE + 4)
    body(b, sheet, FIRST_ROW, columns, records)
    last_row = FIRST_ROW + max(len(records), 1) - 1
    sheet.freeze_panes(FIRST_ROW, n_kept)
    sheet.autofilter(HEAD_ROW, 0, last_row, len(columns) - 1)
    sheet.repeat_rows(GROUP_ROW, HEAD_ROW)
    sheet.print_area(0, 0, last_row, n_printed - 1)
    page(sheet)
    return sheet


def opening(b: Book, sheet: Any, title: str, note: str, columns: Sequence[Column]) -> None:
    """Title and note over the printed columns."""
    last = max(len(columns) - 1, 1)
    band(b, sheet, TITLE_ROW, 0, last, title, "title")
    band(b, sheet, NOTE_ROW, 0, last, note, "note")
    sheet.set_row(TITLE_ROW, 26)
    sheet.set_row(NOTE_ROW, _height([note], [sum(c.width for c in columns)]))


def band(b: Book, sheet: Any, row: int, first: int, last: int, text: str, style: str) -> None:
    """Text over several columns of one row."""
    if first == last:
        sheet.write_string(row, first, cell_text(text), b.style[style])
    else:
        sheet.merge_range(row, first, row, last, cell_text(text), b.style[style])


def body(b: Book, sheet: Any, first: int, columns: Sequence[Column], records: Sequence[Sequence[Cell]]) -> None:
    """The records from row ``first`` on, each row as high as its longest cell."""
    widths = [column.width for column in columns]
    for line, record in enumerate(records, first):
        texts = [shown(cell, column) for cell, column in zip(record, columns, strict=True)]
        sheet.set_row(line, _height(texts, widths))
        for place, (cell, column) in enumerate(zip(record, columns, strict=True)):
            if cell is None:
                sheet.write_blank(line, place, None, b.style["text" if column.style == "percent" else column.style])
            elif isinstance(cell, str):
                style = "text" if column.style == "percent" else column.style
                sheet.write_string(line, place, texts[place], b.style[style])
            elif column.style == "percent":
                sheet.write_number(line, place, cell, b.style["percent"])
            else:
                sheet.write_number(line, place, cell, b.style["whole" if float(cell).is_integer() else "number"])
    if records:  # identity and household numbers are text on purpose
        sheet.ignore_errors({"number_stored_as_text": _area(first, first + len(records) - 1, len(columns) - 1)})


def shown(cell: Cell, column: Column) -> str:
    """A cell as text; line breaks only where sentences are numbered."""
    if cell is None:
        return ""
    text = str(cell)
    return cell_text(text, lines=True) if column.lines else cell_text(text)


def page(sheet: Any) -> None:
    """A4 across, one page wide, page numbers below."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer('&C&"宋体,常规"&9第 &P 页，共 &N 页')


def display_width(text: str) -> int:
    """Width in half-width characters."""
    return len(text) if text.isascii() else len(text) + sum(map(len, _WIDE.findall(text)))


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    lines = max((_lines(text, width) for text, width in zip(texts, widths, strict=True)), default=1)
    return min(max(lines, 1) * LINE + 4, TALLEST)


def _lines(text: str, width: float) -> int:
    """Lines that a text of 9 points takes in a column; a unit of width is 7 pixels, a half-width character 6."""
    room = max(math.floor((7 * width + 1) / 6), 2)
    if len(text) * 2 <= room - room % 2 and "\n" not in text:
        return 1
    return sum(max(math.ceil(display_width(part) / (room - room % 2)), 1) for part in text.split("\n"))


def _area(first: int, last: int, last_column: int) -> str:
    from xlsxwriter.utility import xl_range

    return str(xl_range(first, 0, last, last_column))


def _runs(words: Sequence[str]) -> list[tuple[int, int]]:
    """First and last place of each run of equal words."""
    runs: list[tuple[int, int]] = []
    for place, word in enumerate(words):
        if runs and words[place - 1] == word:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs
