"""Write an ``Export`` as a file: csv, xlsx, xls, html or parquet, as its ``put`` and its other marks say."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
import xlwt
from damages import Export

SUFFIX = {"csv": ".csv", "xlsx": ".xlsx", "xls": ".xls", "html": ".xls", "parquet": ".parquet"}


def write(export: Export, folder: Path, name: str) -> Path:
    """The file, cut and with its tail."""
    path = folder / (name + SUFFIX[export.put])
    {"csv": _csv, "xlsx": _xlsx, "xls": _xls, "html": _html, "parquet": _parquet}[export.put](export, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * export.cut)] + export.tail)
    return path


def _grid(export: Export) -> list[list[str]]:
    head = [export.head]
    if export.two_rows:
        groups = ["基本信息" if i % 4 == 0 else "" for i in range(len(export.head))]
        head = [groups, export.head]
    return [*export.above, *head, *export.rows, *export.below]


def _csv(export: Export, path: Path) -> None:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if export.quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=export.delimiter, quoting=quoting, lineterminator=export.line_end)
    writer.writerows(_grid(export))
    path.write_bytes(out.getvalue().encode(export.encoding))


def _xlsx(export: Export, path: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "date_1904": export.dates == 1904}
    with xlsxwriter.Workbook(str(path), options) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        if export.sheets:
            notes = book.add_worksheet("填表说明")
            notes.write_string(0, 0, "请按要求填写")
        sheet = book.add_worksheet("数据")
        if export.sheets == "hidden":
            sheet.activate()
            notes.hide()
        if export.sheets:
            book.add_worksheet("Sheet3")
        grid = _grid(export)
        first = len(grid) - len(export.rows) - len(export.below)
        merged = _spans(export, first) if export.merge_down is not None else {}
        for r, row in enumerate(grid):
            for c, cell in enumerate(row):
                if c == export.merge_down and r in merged:
                    if merged[r] > r:
                        sheet.merge_range(r, c, merged[r], c, cell)
                    continue
                kind = export.kinds[c] if c < len(export.kinds) else ""
                if export.dates and (date := _date(cell) or (_serial(cell) if kind == "date" else None)):
                    sheet.write_datetime(r, c, date, day)
                elif export.numbers and _number(cell) and (c >= len(export.kinds) or export.kinds[c] != "key"):
                    sheet.write_number(r, c, float(cell))
                elif cell:
                    sheet.write_string(r, c, cell)


def _spans(export: Export, first: int) -> dict[int, int]:
    """First row -> last row of equal neighbours in the merged column; rows inside point at themselves."""
    column = export.merge_down or 0
    spans: dict[int, int] = {}
    start = 0
    for i in range(1, len(export.rows) + 1):
        if i == len(export.rows) or export.rows[i][column] != export.rows[start][column] or not export.rows[i][column]:
            if i - start > 1:
                spans |= dict.fromkeys(range(first + start, first + i), 0)
                spans[first + start] = first + i - 1
            start = i
    return spans


def _date(cell: str) -> dt.date | None:
    return dt.date.fromisoformat(cell) if re.fullmatch(r"\d{4}-\d\d-\d\d", cell) else None


def _serial(cell: str) -> dt.date | None:
    """The day of a number that counts from 1900: a workbook that counts from 1904 would hold another number for it."""
    return dt.date(1899, 12, 30) + dt.timedelta(int(cell)) if re.fullmatch(r"\d{5}", cell) else None


def _number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdigit()


def _xls(export: Export, path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("数据")
    for r, row in enumerate(_grid(export)):
        for c, cell in enumerate(row):
            if cell:
                sheet.write(r, c, cell)
    book.save(str(path))


def _html(export: Export, path: Path) -> None:
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in _grid(export))
    path.write_text(f"<html><meta charset=utf-8><table>{rows}</table></html>", encoding="utf-8")


def _parquet(export: Export, path: Path) -> None:
    columns = {}
    for place, head in enumerate(export.head):
        cells = [row[place] for row in export.rows]
        filled = [cell for cell in cells if cell]
        columns[head] = pa.array(cells)
        if export.typed and filled and all(map(_date, filled)):
            columns[head] = pa.array([_date(cell) for cell in cells])
        elif export.typed and export.kinds[place] == "money" and all(map(_number, filled)):
            columns[head] = pa.array([float(cell) if cell else None for cell in cells])
    pq.write_table(pa.table(columns), path)
