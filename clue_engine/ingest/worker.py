"""The child process that reads workbooks: one job a line on stdin, one answer a line on stdout, both JSON.

Comes in: {"path", "kind", "out", "reader", "preview"}. Goes out: {"sheets": [...]} with one Arrow file of text per
sheet, or {"error", "text"}. Separate from the parent because real workbooks abort the reader (SIGABRT), panic, or
take all memory.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from clue_engine.ingest.cells import render, render_column

BATCH = 16_384


def main() -> None:
    """Serve jobs until stdin closes."""
    _limit_memory(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    answers = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not spoil the protocol
    for line in sys.stdin:
        job = json.loads(line)
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
    readers = {"calamine": _calamine, "openpyxl": _openpyxl, "xlrd": _xlrd, "html": _html}
    sheets = []
    for number, (facts, width, rows) in enumerate(readers[job["reader"]](job["path"])):
        out = Path(job["out"]) / f"{job['name']}_{number}.arrow"
        preview, n_rows = _write(out, rows, width, job["preview"])
        sheets.append({**facts, "n_rows": n_rows, "n_columns": width, "preview": preview, "staged": str(out)})
    return sheets


_Sheet = tuple[dict[str, Any], int, Iterable[Sequence[object]]]


def _calamine(path: str) -> Iterator[_Sheet]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    for meta in book.sheets_metadata:
        if not str(meta.typ).endswith("WorkSheet"):
            continue
        sheet = book.get_sheet_by_name(meta.name)
        merged = [[a[0], a[1], b[0], b[1]] for a, b in sheet.merged_cell_ranges or []]
        facts = {"sheet": meta.name, "visible": str(meta.visible).endswith("Visible"), "merged": merged}
        # iter_rows begins at the first used column but at row 1.
        shift = sheet.start[1] if sheet.start else 0
        rows: Iterable[Sequence[object]] = sheet.iter_rows() if sheet.start else []
        yield facts, shift + sheet.width, ([""] * shift + list(row) for row in rows) if shift else rows


def _openpyxl(path: str) -> Iterator[_Sheet]:
    import openpyxl  # type: ignore[import-untyped,unused-ignore]

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # system exports carry a wrong dimension record
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        width = max((len(row) for row in rows), default=0)
        facts = {"sheet": sheet.title, "visible": sheet.sheet_state == "visible", "merged": []}
        yield facts, width, (row + [None] * (width - len(row)) for row in rows)


def _xlrd(path: str) -> Iterator[_Sheet]:
    import xlrd

    book = xlrd.open_workbook(path)
    for sheet in book.sheets():
        facts = {"sheet": sheet.name, "visible": sheet.visibility == 0, "merged": []}
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
            {"sheet": f"表{number + 1}", "visible": True, "merged": []},
            width,
            (row + [""] * (width - len(row)) for row in rows),
        )


def _write(out: Path, rows: Iterable[Sequence[object]], width: int, n_preview: int) -> tuple[list[list[str]], int]:
    import pyarrow as pa

    schema = pa.schema([(f"c{i + 1}", pa.string()) for i in range(width)])
    preview: list[list[str]] = []
    n_rows = blank = 0
    source = iter(rows)
    with pa.OSFile(str(out), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        while batch := list(islice(source, BATCH)):
            if len(preview) < n_preview:
                preview += [[render(v) for v in row] for row in batch[: n_preview - len(preview)]]
            filled = len(batch)
            while filled and not any(v not in ("", None) for v in batch[filled - 1]):
                filled -= 1
            if not filled or not width:  # a million styled empty rows below the data
                blank += len(batch)
                continue
            while blank:
                step = min(blank, BATCH)
                writer.write_batch(pa.record_batch([pa.array([""] * step, pa.string())] * width, schema=schema))
                blank -= step
                n_rows += step
            columns = zip(*batch[:filled], strict=True)
            writer.write_batch(
                pa.record_batch([pa.array(render_column(c), pa.string()) for c in columns], schema=schema)
            )
            n_rows += filled
            blank = len(batch) - filled
    return preview[:n_rows], n_rows


def _limit_memory(limit: int) -> None:
    if not limit:
        return
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
