"""Tables of a web page that was saved as .xls. Comes in: a path. Goes out: rows of text per table."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from clue_engine.ingest.encoding import detect_encoding


def read_tables(path: Path) -> list[list[list[str]]]:
    """Every table that has rows; a cell over several columns stands in the first of them."""
    parser = _Tables()
    parser.feed(path.read_text(encoding=detect_encoding(path)))
    parser.close()
    return [table for table in parser.tables if table]


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.cell: list[str] | None = None
        self.span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self._end_cell()
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self._end_cell()
            self.cell = []
            span = dict(attrs).get("colspan") or "1"
            self.span = min(int(span), 500) if span.isdigit() else 1
        elif tag == "br" and self.cell is not None:
            self.cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is not None and self.tables and self.tables[-1]:
            self.tables[-1][-1] += ["".join(self.cell).strip(), *[""] * (self.span - 1)]
        self.cell = None
