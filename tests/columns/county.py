"""A small county out of a folder of exports: the rows around some households, every table as a CSV file.

Comes in: a folder with ``input`` and ``expected.csv`` (in it or under ``expected``). Goes out: ``Grid`` per table that
the program loads. Kept are the rows that share a number of a person, household or case with every nth expected
household, and some others; a list of this county is another one than that of the whole, and is compared with itself.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import python_calamine

HOUSEHOLDS = 40  # about so many expected households are kept
OTHERS = 25  # … and every so manieth row of each table
SHORT = 40  # a table of so many rows is kept whole, with what hangs on it
ROUNDS = 3
_KEY = re.compile(r"\d{14,19}[\dXx]?|[A-Z]+\d{9,}|.*[\[〔(（]?(?:19|20)\d\d[\])〕）]?.*号")


@dataclass(frozen=True)
class Grid:
    """A table: its cells as text, and the row (from 1) of its last line of headings."""

    name: str  # of the CSV file
    rows: tuple[tuple[str, ...], ...]
    header_row: int
    upper: bool  # whether the row above holds group heads

    def with_column(self, place: int, cells: Sequence[str]) -> Grid:
        """The grid with other cells in the column ``place`` (from 0)."""
        rows = (
            (*row[:place], cell, *row[place + 1 :]) if len(row) > place else row
            for row, cell in zip(self.rows, cells, strict=True)
        )
        return replace(self, rows=tuple(rows))

    def column(self, place: int) -> list[str]:
        return [row[place] if len(row) > place else "" for row in self.rows]

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(self.rows)
        return path


def tables(folder: Path, loaded: Iterable[tuple[str, str, str, str, int, Sequence[str]]]) -> list[Grid]:
    """What the program loaded of a folder: name, sheet, kind, encoding, row of headings and headings of each."""
    found = []
    for name, sheet, kind, encoding, header_row, headers in loaded:
        rows = [tuple(map(_text, row)) for row in _cells(folder / name, sheet, kind, encoding)]
        stem = Path(name).stem if not sheet or sheet.startswith("Sheet") else f"{Path(name).stem}·{sheet}"
        upper = header_row > 1 and any(
            header.count("/") == 1 and header.endswith(f"/{cell.strip()}") and cell.strip()
            for header, cell in zip(headers, rows[header_row - 1], strict=False)
        )
        found.append(Grid(f"{stem}.csv", tuple(rows), header_row, upper))
    return found


def small(grids: Sequence[Grid], expected: Path | None) -> list[Grid]:
    """The rows around some expected households."""
    keys = _some(expected) if expected else set()
    kept: list[set[int]] = [set(range(grid.header_row if len(grid.rows) > SHORT else len(grid.rows))) for grid in grids]
    keys |= _keys(grid.rows[n] for grid, rows in zip(grids, kept, strict=True) for n in rows)
    for _ in range(ROUNDS):
        for grid, rows in zip(grids, kept, strict=True):
            for number, row in enumerate(grid.rows[grid.header_row :], grid.header_row):
                if number not in rows and _keys([row]) & keys:
                    rows.add(number)
        keys |= _keys(grid.rows[n] for grid, rows in zip(grids, kept, strict=True) for n in rows)
    for grid, rows in zip(grids, kept, strict=True):
        rows |= set(range(grid.header_row, len(grid.rows), OTHERS))
    return [replace(g, rows=tuple(g.rows[n] for n in sorted(rows))) for g, rows in zip(grids, kept, strict=True)]


def _keys(rows: Iterable[Sequence[str]]) -> set[str]:
    return {cell for row in rows for cell in row if _KEY.fullmatch(cell)}


def _some(expected: Path) -> set[str]:
    with expected.open(encoding="utf-8-sig", newline="") as stream:
        found = [row["户编号"] or row["证件号码"] for row in csv.DictReader(stream)]
    found = sorted({key for key in found if key})
    return set(found[:: max(1, len(found) // HOUSEHOLDS)])


def _cells(path: Path, sheet: str, kind: str, encoding: str) -> list[Sequence[object]]:
    if kind == "text":
        text = path.read_text(encoding=encoding)
        first = text.partition("\n")[0]
        return list(csv.reader(text.splitlines(), delimiter=max(",\t;|", key=first.count)))
    if kind == "parquet":
        table = duckdb.sql(f"select columns(*)::varchar from read_parquet('{path}')")
        return [table.columns, *table.fetchall()]
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return list(book.get_sheet_by_name(sheet).to_python(skip_empty_area=False))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
