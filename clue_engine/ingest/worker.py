"""The child process that reads workbooks: one job a line on stdin, one answer a line on stdout, both JSON.

Comes in: {"path", "kind", "out", "reader", "preview"}. Goes out: {"sheets": [...]} with one Arrow file of text per
sheet, {"declined": true} from a reader that is not made for this workbook, or {"error", "text"}. Separate from the
parent because real workbooks abort the reader (SIGABRT), panic, or take all memory.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clue_engine.ingest.cells import MAX_WIDTH, text_array
from clue_engine.ingest.sheet_xml import merged_ranges
from clue_engine.ingest.shown import Shown, shown
from clue_engine.ingest.staged import StagedSheet

if TYPE_CHECKING:
    import pyarrow as pa


from typing import TYPE_CHECKING

from clue_engine.ingest.sheet_xml import text_sheets

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 16_384


def main() -> None:
    """Serve jobs until stdin closes."""
    gc.disable()  # millions of cells and no cycles: searching for them took a tenth of the time (measured)
    answers = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not spoil the protocol
    for line in sys.stdin:
        job = json.loads(line)
        _limit_memory(job["memory"])
        try:
            sheets = read_job(job)
            answer: dict[str, Any] = {"declined": True} if sheets is None else {"sheets": sheets}
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a Rust panic is a BaseException
            answer = {"error": type(error).__name__, "text": str(error)[:500]}
        answers.write(json.dumps(answer, ensure_ascii=True) + "\n")
        answers.flush()


def read_job(job: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Read one workbook; the facts of its sheets."""
    path = Path(job["path"])
    if job["reader"] == "fastexcel":
        return read_text_book(path, Path(job["out"]) / job["name"], job["preview"])
    sheets = []
    as_shown = shown(path) if job["reader"] in ("calamine", "openpyxl") else {}
    for number, (facts, width, rows) in enumerate(READERS[job["reader"]](job["path"])):
        own = as_shown.get(facts["sheet"])
        out = Path(job["out"]) / f"{job['name']}_{number}.arrow"
        with StagedSheet(out, width, job["preview"]) as staged:
            for columns in _batches(own.rows(rows) if own and own.cells else rows, width):
                staged.add(columns)
        sheets.append({**facts, **staged.facts, **_facts(own)})
    return sheets


def _facts(own: Shown | None) -> dict[str, Any]:
    """What is told of a sheet beside its cells."""
    own = own or Shown()
    return {"hidden": own.hidden, "uncomputed": own.uncomputed, "is_1904": own.is_1904}


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
    merged = merged_ranges(Path(path))  # not told by a book that is only read
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
        facts = {"sheet": sheet.title, "visible": sheet.sheet_state == "visible", "outside": outside}
        facts["merged"] = merged.get(sheet.title, [])
        yield facts, width, (row + (None,) * (width - len(row)) if row else () for row in rows)


def _xlrd(path: str) -> Iterator[_Sheet]:
    import xlrd

    book = xlrd.open_workbook(path, formatting_info=True)  # it tells merged cells only then
    for sheet in book.sheets():
        merged = [[top, left, below - 1, beyond - 1] for top, below, left, beyond in sheet.merged_cells]
        facts = {"sheet": sheet.name, "visible": sheet.visibility == 0, "merged": merged, "outside": 0}
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

    for number, (rows, merged) in enumerate(read_tables(Path(path))):
        width = max((len(row) for row in rows), default=0)
        yield (
            {"sheet": f"表{number + 1}", "visible": True, "merged": merged, "outside": 0},
            width,
            (row + [""] * (width - len(row)) for row in rows),
        )


READERS: dict[str, Callable[[str], Iterator[_Sheet]]] = {
    "calamine": _calamine,
    "openpyxl": _openpyxl,
    "xlrd": _xlrd,
    "html": _html,
}


def _batches(rows: Iterable[Sequence[object]], width: int) -> Iterator[list[pa.Array]]:
    """Rows of cells as columns of text, some thousands of rows at a time."""
    source, empty = iter(rows), ("",) * width
    while batch := [row or empty for row in islice(source, BATCH)]:
        yield [text_array(column) for column in zip(*batch, strict=True)]


def _limit_memory(limit: int) -> None:
    """The address space of this process from now on."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# -- Workbooks in which every cell is text, as the business systems export them: whole columns at a time ---------------
# Comes in: an xlsx file. Goes out: one Arrow file of text per sheet and its facts, the same as the reader of mixed
# workbooks gives, in little more than half the time (200,000 x 74 cells: 4.5 s instead of 8.3); or None, when a
# cell is something else: numbers would come as their digits, and an identity number that a spreadsheet has
# shortened could not be told from a whole one.
def read_text_book(path: Path, out: Path, n_preview: int) -> list[dict[str, Any]] | None:
    """The facts of the sheets; their rows in ``out``_0.arrow, ``out``_1.arrow and so on."""
    if path.suffix.lower() != ".xlsx":  # the reader goes by the name
        return None
    sheets = text_sheets(path)
    if sheets is None:
        return None
    import fastexcel
    import pyarrow.compute as pc

    book = fastexcel.read_excel(path)
    facts = []
    for number, sheet in enumerate(sheets):
        columns: list[pa.Array] = []
        if not sheet.is_blank:
            cells = book.load_sheet(sheet.name, header_row=None, skip_rows=0, dtypes="string", eager=True)
            columns = cells.columns
        n_outside = sum(pc.sum(pc.not_equal(c, "")).as_py() or 0 for c in columns[MAX_WIDTH:])
        columns = columns[:MAX_WIDTH]
        with StagedSheet(Path(f"{out}_{number}.arrow"), len(columns), n_preview) as staged:
            staged.add(columns)
        own = {"sheet": sheet.name, "visible": sheet.visible, "merged": sheet.merged, "outside": n_outside}
        own |= {"hidden": list(sheet.hidden), "uncomputed": [], "is_1904": False}
        facts.append({**own, **staged.facts})
    return facts


if __name__ == "__main__":
    main()
