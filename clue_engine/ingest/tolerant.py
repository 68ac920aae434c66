"""The careful reader of text tables: an unclosed quote or a record without end costs that line, not the rest.

Comes in: a file with damaged rows. Goes out: Arrow batches with the number of each record, and the records that do
not fit. Slower than the other readers, in bounded memory.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from clue_engine.ingest.dialect import Dialect
from clue_engine.ingest.long_rows import LongRows, Mended, changed
from clue_engine.ingest.table import Table

if TYPE_CHECKING:
    import pyarrow as pa

MAX_LINE = 1024**2  # characters: no cell of an export is as long
csv.field_size_limit(2 * MAX_LINE)  # Python's own limit, 131,072, would end the file at a longer cell
_MAX_RECORD = 64 * 1024  # characters: a quote that is not closed within this is taken for an ordinary character
_MAX_LINES = 200
_SOON = 6  # lines
_BATCH = 20_000
_SHOWN = 120
_USUAL = 0.95  # share of records that make a habit


class TooManyBadRecordsError(Exception):
    """More records are bad than the file may have."""


@dataclass
class BadRecords:
    """Records that do not fit: their line in the file (from 1), why, and how they begin."""

    most: int
    rows: list[tuple[int, str, str]] = field(default_factory=list)
    careful: bool = False  # a quote swallowed lines: the file must be read carefully
    mended: list[Mended] = field(default_factory=list)  # records with too many cells that could be read in one way

    def add(self, number: int, code: str, text: str) -> None:
        """Note a record; raises TooManyBadRecordsError: a file of millions of bad records is not read to its end."""
        self.rows.append((number, code, text[:_SHOWN]))
        if len(self.rows) > self.most:
            raise TooManyBadRecordsError


def tolerant_batches(
    table: Table, n_columns: int, skip: int, bad: BadRecords, long_rows: LongRows
) -> Iterator[pa.RecordBatch]:
    """The records after the first ``skip`` ones; the first column of a batch is the line on which each begins."""
    assert table.dialect is not None
    width = len(long_rows.kinds)
    dialect = replace(table.dialect, n_columns=n_columns)
    rows: list[list[str]] = []
    numbers: list[int] = []
    with table.file.path.open(encoding=table.encoding, newline="") as stream:
        following = 1
        for nth, (cells, fault, n_lines) in enumerate(tolerant_records(stream, dialect), 1):
            line, following = following, following + n_lines
            if nth <= skip:
                continue
            if not any(c.strip() for c in cells):
                cells = cells[:width]
            elif not fault and long_rows.ends_as_usual(cells):
                cells = cells[: -long_rows.n_usual]
            if not fault and len(cells) > width and (found := long_rows.read(cells)) is not None:
                bad.mended.append(Mended(line, changed(cells, found)))
                cells = found
            if not fault and len(cells) != width and any(c.strip() for c in cells):
                fault = "RAGGED"
            if fault:
                bad.add(line, fault, dialect.delimiter.join(cells))
                continue
            rows.append(cells + [""] * (n_columns - len(cells)))  # the header may be narrower than its rows
            numbers.append(line)
            if len(rows) == _BATCH:
                yield _batch(n_columns, numbers, rows)
                rows, numbers = [], []
    if rows:
        yield _batch(n_columns, numbers, rows)


def usual_end(table: Table, skip: int, n_beyond: int, long_rows: LongRows) -> LongRows:
    """Whether the records end with ``n_beyond`` empty cells more than the header has: then these mean nothing.

    Not so when most of them may hold an amount that was cut in two: then the empty cell is the last of the table.
    """
    assert table.dialect is not None
    width = len(long_rows.kinds)
    n_right = n_usual = n_cut = n = 0
    header = [c.strip() for c in table.preview[skip - 1][:width]] if skip else []
    with table.file.path.open(encoding=table.encoding, newline="") as stream:
        for nth, (cells, fault, _) in enumerate(tolerant_records(stream, table.dialect), 1):
            said = [c.strip() for c in cells]
            if nth > skip and not fault and len(said) >= width and any(said) and said != header:
                n += 1
                n_right += len(said) == width
                n_usual += len(said) > width and not any(said[-n_beyond:])
                n_cut += long_rows.may_be_cut(said)
    if n_usual < _USUAL * n or n_cut * 2 > n:
        return long_rows
    return replace(long_rows, n_usual=n_beyond, doubts_cuts=n_right > 0)


def tolerant_records(stream: io.TextIOBase | io.StringIO, dialect: Dialect) -> Iterator[tuple[list[str], str, int]]:
    """``(cells, fault, number of lines)`` per record.

    A quote that is not closed soon is an ordinary character of a faulty line.
    """
    lines = _lines(stream)
    waiting: list[str] = []
    closes = re.compile(f'[^"]*"({re.escape(dialect.delimiter)}|\\s*$)')
    pending = 0  # lines that a quote which was left open may still be closed in
    while True:
        line = waiting.pop(0) if waiting else next(lines, None)
        if line is None:
            return
        if len(line) > MAX_LINE:
            yield _parse(line[:_SHOWN].replace('"', ""), dialect), "LONG", 1
            continue
        if "\x00" in line:
            yield _parse(line.replace('"', "").replace("\x00", ""), dialect), "NUL", 1
            continue
        pending -= 1
        if line.count('"') % 2 == 0:
            yield _parse(line, dialect), "", 1
            continue
        if pending > 0 and closes.match(line):  # the end of a record with too many cells, however many it has itself
            pending = 0
            yield _parse(line.replace('"', ""), dialect), "QUOTE", 1
            continue
        if len(alone := _parse_strictly(line, dialect)) == dialect.n_columns:  # the quote stands within a cell
            yield alone, "", 1
            continue
        joined, taken, length = [line], 0, len(line)
        while length < _MAX_RECORD and taken < _MAX_LINES:
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
        cells = _parse(text, dialect) if text.count('"') % 2 == 0 else []  # none when it is several records
        if len(cells) == dialect.n_columns:
            del waiting[:taken]
            yield cells, "", taken + 1
        else:
            pending = _SOON
            yield _parse(line.replace('"', ""), dialect), "QUOTE", 1


def _lines(stream: io.TextIOBase | io.StringIO) -> Iterator[str]:
    """Lines; of one without end the beginning, longer than MAX_LINE by one character, and the rest is passed over."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            rest = line
            while rest and rest[-1] not in "\r\n":
                rest = stream.readline(MAX_LINE + 1)
        yield line


def _parse(text: str, dialect: Dialect) -> list[str]:
    rows = list(csv.reader(io.StringIO(text.rstrip("\r\n"), newline=""), delimiter=dialect.delimiter))
    return rows[0] if len(rows) == 1 else []


def _parse_strictly(line: str, dialect: Dialect) -> list[str]:
    """The cells of one line, none when a quote is open at its end."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=dialect.delimiter, strict=True), [])
    except csv.Error:
        return []


def _batch(n_columns: int, numbers: list[int], rows: list[list[str]]) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [pa.array(numbers, pa.int64())]
    columns += [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    return pa.record_batch(columns, names=["row_no", *(f"c{i + 1}" for i in range(n_columns))])
