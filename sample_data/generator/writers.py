"""Write tables as files; the same rows give the same bytes (fixed dates inside the archives)."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
import xlwt

Row = Sequence[object]
STAMP = datetime(2026, 6, 30)
ZIP_STAMP = (2026, 6, 30, 0, 0, 0)


def write_xlsx(
    path: Path,
    sheets: Sequence[tuple[str, Sequence[Row]]],
    wrong_dimension: bool = False,
    hidden: Sequence[int] = (),
    merges: Sequence[str] = (),
) -> None:
    """Text cells except for real floats and ints. hidden: row indexes of sheet 1; merges: title ranges."""
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"created": STAMP})
    for index, (title, rows) in enumerate(sheets):
        sheet = book.add_worksheet(title)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is None or value == "":
                    continue
                if isinstance(value, (int, float)):
                    sheet.write_number(r, c, value)
                else:
                    sheet.write_string(r, c, str(value))
        if index == 0:
            for r in hidden:
                sheet.set_row(r, None, None, {"hidden": True})
            for cells in merges:
                top_left = rows[int("".join(ch for ch in cells.split(":")[0] if ch.isdigit())) - 1][0]
                sheet.merge_range(cells, top_left)
    book.close()
    _repack(path, wrong_dimension)


def _repack(path: Path, wrong_dimension: bool) -> None:
    """Give all archive members one date; the national system also writes a wrong sheet dimension."""
    with zipfile.ZipFile(path) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for filename, data in parts:
            if wrong_dimension and filename == "xl/worksheets/sheet1.xml":
                start = data.index(b"<dimension")
                data = data[:start] + b'<dimension ref="A1"/>' + data[data.index(b"/>", start) + 2 :]
            archive.writestr(zipfile.ZipInfo(filename, ZIP_STAMP), data, zipfile.ZIP_DEFLATED)


def write_xls(path: Path, title: str, rows: Sequence[Row], merges: Sequence[tuple[int, int, int, int]] = ()) -> None:
    """BIFF as older offices and WPS save it. merges: (first row, last row, first column, last column)."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet(title)
    covered = {(r, c) for r1, r2, c1, c2 in merges for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)}
    for r1, r2, c1, c2 in merges:
        sheet.write_merge(r1, r2, c1, c2, rows[r1][c1])
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if (r, c) not in covered and value not in (None, ""):
                sheet.write(r, c, value if isinstance(value, (int, float)) else str(value))
    book.save(str(path))


def write_csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8-sig", delimiter: str = ",") -> None:
    """CSV in the encoding of the office that made it."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))


def write_parquet(path: Path, rows: Sequence[Row]) -> None:
    """First row is the header; every column is text."""
    columns = list(zip(*rows[1:], strict=True))
    table = pa.table(
        {
            str(head): pa.array([None if v in (None, "") else str(v) for v in column], pa.string())
            for head, column in zip(rows[0], columns, strict=True)
        }
    )
    pq.write_table(table, path, compression="snappy")
