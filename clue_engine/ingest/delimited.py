"""Text tables: look at the beginning, then stream the whole file into DuckDB as text.

Comes in: a file. Goes out: ``Table`` (preview); later a query or Arrow batches with the rows, and every record that
has the wrong number of columns. DuckDB reads plain UTF-8 on all cores, Arrow reads GB18030 without a copy on disk;
what neither can read goes through ``tolerant``.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from clue_engine.errors import ClueError
from clue_engine.ingest.cells import MAX_WIDTH
from clue_engine.ingest.dialect import detect_dialect, sample_rows
from clue_engine.ingest.encoding import detect_encoding, encoding_error
from clue_engine.ingest.long_rows import LongRows, Mended, changed
from clue_engine.ingest.table import PREVIEW_ROWS, File, Table
from clue_engine.ingest.textscan import first_bad_byte, scan
from clue_engine.ingest.tolerant import MAX_LINE, BadRecords, TooManyBadRecordsError
from clue_engine.workspace import literal

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

_SAMPLE = 256 * 1024
_BLOCK = 8 * 1024**2
_NEVER = "\x01\x02"  # no cell holds this: an empty cell stays an empty text


def preview_text(file: File, asked: str | None) -> Table:
    """Encoding, dialect and first rows of a text file. Raises ClueError CE-E18."""
    look = scan(file.path)
    encoding = detect_encoding(file.path, asked, look)
    with file.path.open(encoding=encoding, errors="replace", newline="") as stream:
        sample = stream.read(_SAMPLE).replace("\x00", "")
    whole = len(sample) < _SAMPLE
    sample = sample.replace("\r\n", "\n").replace("\r", "\n")
    dialect = detect_dialect(sample if whole else sample.rpartition("\n")[0])
    rows = sample_rows(sample, dialect.delimiter)
    preview = tuple(tuple(row) for row in rows[:PREVIEW_ROWS])
    width = max(dialect.n_columns, 1)
    refuse_too_wide(file, max(width, *map(len, preview), 0))
    padded = tuple((row + ("",) * width)[: max(width, len(row))] for row in preview)
    return Table(
        file=file,
        sheet="",
        preview=padded,
        n_columns=width,
        encoding=encoding,
        dialect=dialect,
        look=look,
        widths=tuple(map(len, preview)),
    )


def refuse_too_wide(file: File, n_columns: int) -> None:
    """Raises CE-F16: thousands of columns are no export, and DuckDB takes a gigabyte for them."""
    if n_columns > MAX_WIDTH:
        message = f"有 {n_columns} 列，超过上限 {MAX_WIDTH}，不像导出表"
        raise ClueError("CE-F16", message, place=file.name, hint="打开核对分隔符和列，删去多余的列后再试")


def open_batches(
    table: Table, n_columns: int, skip: int, bad: BadRecords, long_rows: LongRows
) -> pa.RecordBatchReader | None:
    """Stream the records after the first ``skip`` ones; None when Arrow cannot read this dialect."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    dialect, look = table.dialect, table.look
    assert dialect is not None and look is not None
    wide = table.encoding.startswith("utf-16")
    if (
        look.has_long_line
        or look.may_be_open  # Arrow takes an open quote for closed at the end of the file
        or not dialect.delimiter.isascii()
        or (not wide and (look.n_lone_cr or look.n_zeros))
        or _lone_cr(table)
    ):
        return None
    names = [f"c{i + 1}" for i in range(n_columns)]

    def note(row: arrow_csv.InvalidRow) -> str:
        text = row.text if isinstance(row.text, str) else ""
        try:
            cells = next(csv.reader([text], delimiter=dialect.delimiter), [])
            if "\n" in text.strip("\r\n") or len(cells) != row.actual_columns:
                bad.careful = True
            elif len(cells) > n_columns and (found := long_rows.read(cells)) is not None:
                bad.mended.append(Mended(row.number, changed(cells, found), tuple(found)))
            else:
                bad.add(row.number, "RAGGED", text)
        except TooManyBadRecordsError:
            return "error"
        return "skip"

    quoted = dialect.quoted or look.has_quote
    return arrow_csv.open_csv(
        str(table.file.path),
        read_options=arrow_csv.ReadOptions(
            use_threads=False,  # only then are the numbers of bad records known
            skip_rows=skip,
            column_names=names,
            block_size=_BLOCK,
            encoding="utf8" if table.encoding in ("utf-8", "utf-8-sig") else table.encoding,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char='"' if quoted else False,
            newlines_in_values=quoted,
            ignore_empty_lines=False,
            invalid_row_handler=note,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False, check_utf8=False
        ),
    )


def duckdb_select(table: Table, n_columns: int, skip: int) -> str | None:
    """The reader of DuckDB, on all cores: for UTF-8 without odd line ends. None for any other file.

    The caller compares the number of rows with the number of lines: a cell that holds a line end, or a quote that
    swallows lines, shows there.
    """
    dialect, look = table.dialect, table.look
    assert dialect is not None and look is not None
    if table.encoding not in ("utf-8", "utf-8-sig") or not dialect.delimiter.isascii() or not look.is_plain:
        return None
    if any("\n" in cell for row in table.preview for cell in row):
        return None
    columns = ", ".join(f"'c{i + 1}': 'varchar'" for i in range(n_columns))
    quote = literal('"' if dialect.quoted or look.has_quote else "")
    return (
        f"select row_number() over () + {skip} as row_no, * from read_csv({literal(str(table.file.path))},"
        f" auto_detect = false, header = false, skip = {skip}, delim = {literal(dialect.delimiter)},"
        f" quote = {quote}, escape = {quote}, max_line_size = {4 * MAX_LINE},"
        f" nullstr = {literal(_NEVER)}, columns = {{{columns}}})"
    )


def _lone_cr(table: Table) -> bool:
    """Whether lines of a UTF-16 file end with carriage returns alone."""
    if not table.encoding.startswith("utf-16"):
        return False
    with table.file.path.open(encoding=table.encoding, newline="") as stream:
        head = stream.read(_SAMPLE)
    return head.count("\r") > head.count("\r\n")


def decoding_failed(file: File, encoding: str) -> ClueError | None:
    """The error with place for a file that stopped decoding while it was loaded."""
    bad = first_bad_byte(file.path, encoding)
    return None if bad is None else encoding_error(file.path, bad, f"不能按 {encoding} 读出")
