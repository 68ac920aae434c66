"""The child process that reads workbooks: one job a line on stdin, one answer a line on stdout, both JSON.

Comes in: {"path", "kind", "out", "reader", "preview"}. Goes out: {"sheets": [...]} with one Arrow file of text per
sheet, or {"error", "text"}. Separate from the parent because real workbooks abort the reader (SIGABRT), panic, or
take all memory.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from clue_engine.ingest.cells import render, text_array

BATCH = 16_384
MAX_BLANK = 1000  # longer stretches of blank rows are styled cells, not rows of the table
MAX_WIDTH = 2000  # columns


def main() -> None:
    """Serve jobs until stdin closes."""
    gc.disable()  # millions of cells and no cycles: searching for them took a tenth of the time (measured)
    answers = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not spoil the protocol
    for line in sys.stdin:
        job = json.loads(line)
        _limit_memory(job["memory"])
        try:
            answer: dict[str, Any] = {"sheets": read_job(job)}
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a Rust panic is a BaseException
            answer = {"error": type(error).__name__, "text": str(error)[:500]}
        answers.write(json.dumps(answer, ensure_ascii=True) + "\n")
        answers.flush()


def read_job(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Read one workbook; the facts of its sheets."""
    sheets = []
    for number, (facts, width, rows) in enumerate(READERS[job["reader"]](job["path"])):
        out = Path(job["out"]) / f"{job['name']}_{number}.arrow"
        preview, n_rows = _write(out, rows, width, job["preview"])
        sheets.append({**facts, "n_rows": n_rows, "n_columns": width, "preview": preview, "staged": str(out)})
    return sheets


_Sheet = tuple[dict[str, Any], int, Iterable[Sequence[object]]]


def _calamine(path: str) -> Iterator[_Sheet]:
    import python_calamine

    with Path(path).open("rb") as stream:
        real = {b"PK": ".xlsx", b"\xd0\xcf": ".xls"}.get(stream.read(2))
    if Path(path).suffix.lower() == real:
        book = python_calamine.CalamineWorkbook.from_path(path)
    else:  # it goes by the name
        book = python_calamine.CalamineWorkbook.from_filelike(Path(path).open("rb"))  # noqa: SIM115
    for meta in book.sheets_metadata:
        if not str(meta.typ).endswith("WorkSheet"):
            continue
        sheet = book.get_sheet_by_name(meta.name)
        merged = [[a[0], a[1], b[0], b[1]] for a, b in sheet.merged_cell_ranges or []]
        facts = {"sheet": meta.name, "visible": str(meta.visible).endswith("Visible"), "merged": merged, "outside": 0}
        # iter_rows begins at the first used column but at row 1.
        shift = sheet.start[1] if sheet.start else 0
        rows: Iterable[Sequence[object]] = sheet.iter_rows() if sheet.start else []
        width = shift + sheet.width
        rows = ([""] * shift + list(row) for row in rows) if shift else rows
        if width > MAX_WIDTH:
            width, rows = MAX_WIDTH, _narrow(rows, facts)
        yield facts, width, rows


def _narrow(rows: Iterable[Sequence[object]], facts: dict[str, Any]) -> Iterator[Sequence[object]]:
    """The first columns of each row: one stray cell in the last column must not make 16,384 of them."""
    for row in rows:
        facts["outside"] += sum(v not in (None, "") for v in row[MAX_WIDTH:])
        yield row[:MAX_WIDTH]


def _openpyxl(path: str) -> Iterator[_Sheet]:
    import openpyxl  # type: ignore[import-untyped,unused-ignore]

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # system exports carry a wrong dimension record
        rows: list[tuple[object, ...]] = []
        width = outside = 0
        for row in sheet.iter_rows(values_only=True):
            if len(row) > MAX_WIDTH:  # one stray cell in the last column must not make 16,384 columns
                outside += sum(v not in (None, "") for v in row[MAX_WIDTH:])
                row = row[:MAX_WIDTH]
            rows.append(row if any(v not in (None, "") for v in row) else ())
            width = max(width, len(rows[-1]))
        facts = {"sheet": sheet.title, "visible": sheet.sheet_state == "visible", "merged": [], "outside": outside}
        yield facts, width, (row + (None,) * (width - len(row)) if row else () for row in rows)


def _xlrd(path: str) -> Iterator[_Sheet]:
    import xlrd

    book = xlrd.open_workbook(path)
    for sheet in book.sheets():
        facts = {"sheet": sheet.name, "visible": sheet.visibility == 0, "merged": [], "outside": 0}
        yield facts, sheet.ncols, ([_xlrd_value(c, book.datemode) for c in sheet.row(i)] for i in range(sheet.nrows))


def _xlrd_value(cell: Any, datemode: int) -> object:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, datemode)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    return "" if cell.ctype in (xlrd.XL_CELL_ERROR, xlrd.XL_CELL_EMPTY) else cell.value


def _html(path: str) -> Iterator[_Sheet]:
    from clue_engine.ingest.html_table import read_tables

    for number, rows in enumerate(read_tables(Path(path))):
        width = max((len(row) for row in rows), default=0)
        yield (
            {"sheet": f"表{number + 1}", "visible": True, "merged": [], "outside": 0},
            width,
            (row + [""] * (width - len(row)) for row in rows),
        )


READERS: dict[str, Callable[[str], Iterator[_Sheet]]] = {
    "calamine": _calamine,
    "openpyxl": _openpyxl,
    "xlrd": _xlrd,
    "html": _html,
}


def _write(out: Path, rows: Iterable[Sequence[object]], width: int, n_preview: int) -> tuple[list[list[str]], int]:
    """Rows with their numbers. Blank rows at the end, and long stretches of them (styled cells), are left out."""
    import pyarrow as pa

    schema = pa.schema([("row_no", pa.int64()), *((f"c{i + 1}", pa.string()) for i in range(width))])
    preview: list[list[str]] = []
    n_rows = blank = row_no = 0
    source = iter(rows)
    empty = ("",) * width
    with pa.OSFile(str(out), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:

        def write(first: int, columns: list[Any]) -> None:
            numbers = pa.array(range(first, first + len(columns[0])), pa.int64())
            writer.write_batch(pa.record_batch([numbers, *columns], schema=schema))

        while batch := list(islice(source, BATCH)):
            first, last = 0, len(batch)
            start, row_no = row_no + 1, row_no + last
            while last and _is_blank(batch[last - 1]):
                last -= 1
            if not last or not width:
                blank += len(batch)
                continue
            while _is_blank(batch[first]):
                first += 1
            gap = blank + first
            if 0 < gap <= MAX_BLANK:
                write(start + first - gap, [pa.array([""] * gap, pa.string())] * width)
                n_rows += gap
            taken = [row or empty for row in batch[first:last]]
            if not preview:
                preview = [[""] * width] * min(gap, n_preview)
                preview += [[render(v) for v in row] for row in taken[: n_preview - len(preview)]]
            write(start + first, [text_array(c) for c in zip(*taken, strict=True)])
            n_rows += len(taken)
            blank = len(batch) - last
    return preview, n_rows


def _is_blank(row: Sequence[object]) -> bool:
    return not any(v not in ("", None) for v in row)


def _limit_memory(limit: int) -> None:
    """The address space of this process from now on."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
