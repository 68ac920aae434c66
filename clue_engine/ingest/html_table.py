"""Tables of a web page that was saved as .xls. Comes in: a path. Goes out: rows of text per table."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from clue_engine.ingest.encoding import detect_encoding

_MOST = 65_536  # rows or columns that one cell may span


def read_tables(path: Path) -> list[tuple[list[list[str]], list[list[int]]]]:
    """Every table that has rows, with its merged ranges (first row, first column, last row, last column, from 0).

    A cell over several rows or columns stands in the first of them, the others are empty.
    """
    parser = _Tables()
    parser.feed(path.read_text(encoding=detect_encoding(path)))
    parser.close()
    return [(table.rows, table.merged) for table in parser.tables if table.rows]


@dataclass
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    merged: list[list[int]] = field(default_factory=list)
    below: dict[int, int] = field(default_factory=dict)  # column → rows that a cell above still reaches into

    def begin_row(self) -> None:
        self.below = {column: n - 1 for column, n in self.below.items() if n > 1}
        self.rows.append([])

    def skip(self) -> None:
        """Pass over the columns that a cell above reaches into."""
        row = self.rows[-1]
        while len(row) in self.below:
            row.append("")

    def add(self, text: str, n_columns: int, n_rows: int) -> None:
        self.skip()
        row, top = self.rows[-1], len(self.rows) - 1
        left = len(row)
        row += [text, *[""] * (n_columns - 1)]
        if n_rows > 1:
            self.below |= dict.fromkeys(range(left, left + n_columns), n_rows)
        if n_rows > 1 or n_columns > 1:
            self.merged.append([top, left, top + n_rows - 1, left + n_columns - 1])


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self.cell: list[str] | None = None
        self.span = (1, 1)  # columns, rows

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(_Table())
        elif tag == "tr" and self.tables:
            self._end_cell()
            self.tables[-1].begin_row()
        elif tag in ("td", "th") and self.tables and self.tables[-1].rows:
            self._end_cell()
            self.cell = []
            said = dict(attrs)
            self.span = (min(_count(said.get("colspan")), 500), _count(said.get("rowspan")))
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is not None and self.tables and self.tables[-1].rows:
            self.tables[-1].add("".join(self.cell).strip(), *self.span)
        self.cell = None


def _count(said: str | None) -> int:
    return min(max(int(said), 1), _MOST) if said and said.isascii() and said.isdigit() else 1
