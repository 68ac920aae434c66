"""Text tables: look at the beginning, then stream the whole file into DuckDB as text.

Comes in: a file. Goes out: ``Table`` (preview); later the rows as Arrow batches, with every record that has the
wrong number of columns named by its number. Arrow reads GB18030 without a copy on disk; what it cannot read goes
through ``tolerant_records``.
"""

from __future__ import annotations

import csv
import io
import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from clue_engine.errors import ClueError
from clue_engine.ingest.dialect import Dialect, detect_dialect, sample_rows
from clue_engine.ingest.encoding import detect_encoding
from clue_engine.ingest.table import PREVIEW_ROWS, File, Table
from clue_engine.workspace import literal

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLE = 256 * 1024
_BLOCK = 8 * 1024**2
_MAX_RECORD = 64 * 1024  # characters: a quote that is not closed within this is taken for an ordinary character
_BATCH = 20_000
_NEVER = "\x01\x02"  # no cell holds this: an empty cell stays an empty text


@dataclass
class BadRecords:
    """Records that do not fit: their number in the file (from 1), RAGGED or QUOTE, and how they begin."""

    rows: list[tuple[int, str, str]] = field(default_factory=list)
    swallowed: bool = False  # a quote swallowed many lines: the file must be read tolerantly


def preview_text(file: File, asked: str | None) -> Table:
    """Encoding, dialect and first rows of a text file. Raises ClueError CE-E18."""
    encoding = detect_encoding(file.path, asked)
    with file.path.open(encoding=encoding, errors="replace", newline="") as stream:
        sample = stream.read(_SAMPLE)
    dialect = detect_dialect(sample if len(sample) < _SAMPLE else sample.rpartition("\n")[0])
    rows = sample_rows(sample.replace("\r\n", "\n").replace("\r", "\n"), dialect.delimiter)
    preview = tuple(tuple(row) for row in rows[:PREVIEW_ROWS])
    width = max(dialect.n_columns, 1)
    padded = tuple((row + ("",) * width)[: max(width, len(row))] for row in preview)
    return Table(file=file, sheet="", preview=padded, n_columns=width, encoding=encoding, dialect=dialect)


def open_batches(table: Table, n_columns: int, skip: int, bad: BadRecords) -> pa.RecordBatchReader | None:
    """Stream the records after the first ``skip`` ones; None when Arrow cannot read this dialect."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    dialect = table.dialect
    assert dialect is not None
    if not dialect.delimiter.isascii() or _lone_carriage_returns(table.file.path):
        return None
    names = [f"c{i + 1}" for i in range(n_columns)]

    def note(row: arrow_csv.InvalidRow) -> str:
        text = row.text if isinstance(row.text, str) else ""
        if text.count("\n") > 5:
            bad.swallowed = True
        bad.rows.append((row.number, "RAGGED", text[:200]))
        return "skip"

    quoted = dialect.quoted or _has_quote(table.file.path)
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
    """The reader of DuckDB, on all cores: for UTF-8 where every line is one record. None for any other file."""
    dialect = table.dialect
    assert dialect is not None
    if table.encoding not in ("utf-8", "utf-8-sig") or not dialect.delimiter.isascii():
        return None
    with table.file.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if any(data.find(odd) >= 0 for odd in (b'"', b"\n\n", b"\n\r\n", b"\x00")) or data.find(b"\r\r") >= 0:
            return None
    columns = ", ".join(f"'c{i + 1}': 'varchar'" for i in range(n_columns))
    return (
        f"select row_number() over () + {skip} as row_no, * from read_csv({literal(str(table.file.path))},"
        f" auto_detect = false, header = false, skip = {skip}, delim = {literal(dialect.delimiter)},"
        f" quote = '', escape = '', nullstr = {literal(_NEVER)}, columns = {{{columns}}})"
    )


def tolerant_batches(table: Table, n_columns: int, skip: int, bad: BadRecords) -> Iterator[pa.RecordBatch]:
    """The same through Python: slower, but an unclosed quote costs one line, not the rest of the file.

    The first column of a batch is the number of the record in the file.
    """
    import pyarrow as pa

    dialect = table.dialect
    assert dialect is not None
    names = ["row_no", *(f"c{i + 1}" for i in range(n_columns))]
    rows: list[list[str]] = []
    numbers: list[int] = []
    with table.file.path.open(encoding=table.encoding, newline="") as stream:
        for number, (cells, fault) in enumerate(tolerant_records(stream, dialect), 1):
            if number <= skip:
                continue
            while len(cells) > n_columns and not cells[-1].strip():
                cells.pop()
            if fault or (len(cells) != n_columns and any(c.strip() for c in cells)):
                bad.rows.append((number, fault or "RAGGED", dialect.delimiter.join(cells)[:200]))
                continue
            rows.append(cells + [""] * (n_columns - len(cells)))
            numbers.append(number)
            if len(rows) == _BATCH:
                yield _batch(pa, names, numbers, rows)
                rows, numbers = [], []
    if rows:
        yield _batch(pa, names, numbers, rows)


def tolerant_records(stream: io.TextIOBase | io.StringIO, dialect: Dialect) -> Iterator[tuple[list[str], str]]:
    """``(cells, fault)`` per record. A quote that is not closed soon is an ordinary character of a faulty line."""
    lines = _lines(stream)
    waiting: list[str] = []
    while True:
        line = waiting.pop(0) if waiting else next(lines, None)
        if line is None:
            return
        if line.count('"') % 2 == 0:
            yield _parse(line, dialect), ""
            continue
        joined, taken, length = [line], 0, len(line)
        while length < _MAX_RECORD and taken < 200:
            if taken == len(waiting):
                following = next(lines, None)
                if following is None:
                    break
                waiting.append(following)
            joined.append(waiting[taken])
            length += len(waiting[taken])
            taken += 1
            if waiting[taken - 1].count('"') % 2:
                break
        text = "".join(joined)
        cells = _parse(text, dialect) if text.count('"') % 2 == 0 else []
        if len(cells) == dialect.n_columns:
            del waiting[:taken]
            yield cells, ""
        else:
            yield _parse(line.replace('"', ""), dialect), "QUOTE"


def _lines(stream: io.TextIOBase | io.StringIO) -> Iterator[str]:
    for line in stream:
        yield from line.replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True) if "\r" in line else (line,)


def _parse(text: str, dialect: Dialect) -> list[str]:
    row = next(csv.reader(io.StringIO(text.rstrip("\r\n"), newline=""), delimiter=dialect.delimiter), [])
    return list(row)


def _batch(pa: object, names: list[str], numbers: list[int], rows: list[list[str]]) -> pa.RecordBatch:
    import pyarrow

    columns = [pyarrow.array(numbers, pyarrow.int64())]
    columns += [pyarrow.array(column, pyarrow.string()) for column in zip(*rows, strict=True)]
    return pyarrow.record_batch(columns, names=names)


def count_lines(path: Path) -> int:
    """Physical lines, to see whether a quote swallowed many of them."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        total, position = 0, 0
        while position < len(data):
            total += data[position : position + _BLOCK].count(b"\n")
            position += _BLOCK
        return total


def _has_quote(path: Path) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(b'"') >= 0


def _lone_carriage_returns(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(_SAMPLE)
    return head.count(b"\r") > head.count(b"\r\n") + head.count(b"\r\x00\n")


def decoding_failed(file: File, encoding: str) -> ClueError | None:
    """The error with place for a file that stopped decoding while it was loaded."""
    from clue_engine.ingest.encoding import encoding_error, first_bad_byte

    bad = first_bad_byte(file.path, encoding)
    return None if bad is None else encoding_error(file.path, bad, f"不能按 {encoding} 读出")
