"""The rows of a text file into a raw table, by the fastest reader that reads it rightly.

Comes in: a table of a text file and what it was recognised as. Goes out: the raw table, and the records that do not
fit with the reason of each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from clue_engine.errors import ClueError
from clue_engine.ingest import delimited
from clue_engine.ingest.long_rows import LongRows, Mended
from clue_engine.ingest.table import Table
from clue_engine.ingest.tolerant import BadRecords, tolerant_batches, usual_end
from clue_engine.workspace import Workspace


def load_text(
    ws: Workspace,
    raw: str,
    table: Table,
    skip: int,
    n_columns: int,
    footer: str,
    max_rejects: float,
    long_rows: LongRows | None = None,
    mended: list[Mended] | None = None,
) -> list[tuple[int, str]]:
    """Fill table ``raw`` with the records after the first ``skip`` ones. Raises CE-E18, CE-F09.

    Rows are numbered by the line on which they begin: with line ends in cells that is not the number of the record.
    ``long_rows`` reads records with more cells than the header, as many as it has types; they are put into ``mended``.
    """
    assert table.look is not None and table.dialect is not None
    delimiter = table.dialect.delimiter
    long_rows = long_rows or LongRows([None] * n_columns, delimiter)
    bad = BadRecords(max(int(max_rejects * table.look.n_lines), 1000))
    is_narrow = len(long_rows.kinds) < n_columns  # the header is narrower than most rows
    if _by_duckdb(ws, raw, table, n_columns, skip) and not (is_narrow and _says_beyond(ws, raw, n_columns, long_rows)):
        return []
    wide = replace(long_rows, kinds=[*long_rows.kinds, *["empty"] * (n_columns - len(long_rows.kinds))])
    if not _by_arrow(ws, raw, table, n_columns, skip, bad, wide) or (
        is_narrow and (bad.rows or bad.mended or _says_beyond(ws, raw, n_columns, long_rows))
    ):
        bad = BadRecords(bad.most)
        if is_narrow:
            long_rows = usual_end(table, skip, n_columns - len(long_rows.kinds), long_rows)
        _carefully(ws, raw, table, n_columns, skip, bad, long_rows)
    else:
        if bad.rows or bad.mended:
            _pass_over(ws, raw, sorted([n for n, _, _ in bad.rows] + [m.line for m in bad.mended]))
            _put_in(ws, raw, bad.mended)
        if table.look.has_quote:
            _count_lines(ws, raw, n_columns, bad)
    if mended is not None:
        mended += [m for m in bad.mended if not m.cells or any(m.cells)]  # a blank row is none
    return [(number, _reason(code, text.split(delimiter), footer)) for number, code, text in bad.rows]


def _by_duckdb(ws: Workspace, raw: str, table: Table, n_columns: int, skip: int) -> bool:
    """False when its reader is not made for this file, or would number the rows wrongly."""
    import duckdb

    assert table.look is not None
    if (fast := delimited.duckdb_select(table, n_columns, skip)) is None:
        return False
    try:
        ws.con.execute(f"create or replace table {raw} as {fast}")
        # else a cell holds a line end, or blank lines were left out
        return ws.rows(f"select count(*) from {raw}") == [(max(table.look.n_lines - skip, 0),)]
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # a line with too few or too many columns: the careful way names it
        _begin_again(ws)
        return False


def _says_beyond(ws: Workspace, raw: str, n_columns: int, long_rows: LongRows) -> bool:
    """Whether the rows of a header with fewer cells do more than end with a delimiter, as some systems write them."""
    width = len(long_rows.kinds)
    filled = " or ".join(f"c{i} <> ''" for i in range(width + 1, n_columns + 1))
    ((n_filled, n_cut, n),) = ws.rows(
        f"select count(*) filter ({filled}), count(*) filter ({long_rows.may_be_cut_in_sql()}), count(*) from {raw}"
    )
    return bool(n_filled or n_cut * 2 > n)


def _put_in(ws: Workspace, raw: str, mended: Sequence[Mended]) -> None:
    """The records that were too long, in their places."""
    import pyarrow as pa

    if not mended:
        return
    columns = [pa.array([m.line for m in mended], pa.int64())]
    columns += [pa.array(column, pa.string()) for column in zip(*(m.cells for m in mended), strict=True)]
    names = ["row_no", *(f"c{i}" for i in range(1, len(columns)))]
    with ws.shown("mended", pa.table(columns, names=names)):
        ws.con.execute(
            f"create or replace table {raw} as from (from {raw} union all by name from mended) order by row_no"
        )


def _reason(code: str, cells: Sequence[str], footer: str) -> str:
    first = next((said for c in cells if (said := c.strip('" \t\r\n'))), "")
    if code != "RAGGED":
        return code
    return "FOOTER" if re.search(footer, first) else code if first else "EMPTY"


def _by_arrow(
    ws: Workspace, raw: str, table: Table, n_columns: int, skip: int, bad: BadRecords, long_rows: LongRows
) -> bool:
    """False when Arrow gives up, or when a quote swallowed lines."""
    import duckdb
    import pyarrow as pa

    if any("\n" in cell for row in table.preview[:skip] for cell in row):
        return False  # Arrow skips lines, not records
    try:
        reader = delimited.open_batches(table, n_columns, skip, bad, long_rows)
        if reader is None:
            return False
        with ws.shown("batches", reader):
            ws.con.execute(
                f"create or replace table {raw} as select row_number() over () + {skip} as row_no, * from batches"
            )
        return not (bad.careful or _doubtful(ws, raw, table, n_columns, len(bad.rows) + len(bad.mended) + skip))
    except (pa.ArrowException, duckdb.Error, UnicodeError) as error:
        if isinstance(error, duckdb.OutOfMemoryException):
            raise
        _begin_again(ws)
        if len(bad.rows) > bad.most and "empty" not in long_rows.kinds:  # else the right rows may be those
            raise too_many(table, bad) from None
        if refused := delimited.decoding_failed(table.file, table.encoding):
            raise refused from None
        return False


def _carefully(
    ws: Workspace,
    raw: str,
    table: Table,
    n_columns: int,
    skip: int,
    bad: BadRecords,
    long_rows: LongRows | None = None,
) -> None:
    import duckdb
    import pyarrow as pa

    assert table.dialect is not None
    long_rows = long_rows or LongRows([None] * n_columns, table.dialect.delimiter)
    schema = pa.schema([("row_no", pa.int64()), *((f"c{i + 1}", pa.string()) for i in range(n_columns))])
    reader = pa.RecordBatchReader.from_batches(schema, tolerant_batches(table, n_columns, skip, bad, long_rows))
    try:
        with ws.shown("batches", reader):
            ws.con.execute(f"create or replace table {raw} as select * from batches")
    except duckdb.Error:
        _begin_again(ws)
        if len(bad.rows) > bad.most:
            raise too_many(table, bad) from None
        raise


def too_many(table: Table, bad: BadRecords) -> ClueError:
    """The refusal of a file whose rows are mostly broken, found before its end."""
    first = min(n for n, _, _ in bad.rows)
    message = f"已有 {len(bad.rows)} 行列数不符、引号不成对或过长，首处在第 {first} 行，整份不载入"
    return ClueError("CE-F09", message, place=table.file.name, hint=TOO_MANY_HINT)


TOO_MANY_HINT = "检查分隔符和引号，或重新导出为 xlsx；确认无误时可用 --max-rejects 放宽"


def _begin_again(ws: Workspace) -> None:
    """A failed statement ends the transaction; nothing was written in it yet."""
    ws.con.execute("rollback")
    ws.con.execute("begin transaction")


def _doubtful(ws: Workspace, raw: str, table: Table, n_columns: int, others: int) -> bool:
    """Whether quotes may have misled Arrow, which is not strict about them.

    A quote within a cell may be a stray one; an unclosed one hides the rest of the file in one cell: then the file has
    far more lines than records, or the last cell a line end.
    """
    if table.look is None or not table.look.has_quote:
        return False
    cells = [f"c{i + 1}" for i in range(n_columns)]
    within = " or ".join(f"contains({cell}, '\"')" for cell in cells)
    open_at_end = " or ".join(f"contains({cell}, chr(10))" for cell in cells)
    ((records, is_within, is_open),) = ws.rows(
        f"select count(*), bool_or({within}), arg_max({open_at_end}, row_no) from {raw}"
    )
    return bool(is_within or is_open or table.look.n_lines > (records + others) * 1.5 + 20)


def _pass_over(ws: Workspace, raw: str, bad: Sequence[int]) -> None:
    """Row numbers counted the good records only: shift them past the bad ones."""
    import pyarrow as pa

    first = [number - i + 1 for i, number in enumerate(bad, 1)]
    with ws.shown("shifts", pa.table({"first_row": first, "shift": list(range(1, len(bad) + 1))})):
        _shift(ws, raw, "select first_row, max(shift) as shift from shifts group by first_row")


def _count_lines(ws: Workspace, raw: str, n_columns: int, bad: BadRecords) -> None:
    """Row numbers counted records: shift them past the line ends within the cells above."""
    cells = [f"c{i + 1}" for i in range(n_columns)]
    n_ends = " + ".join(f"length({cell}) - length(replace({cell}, chr(10), ''))" for cell in cells)
    several = " or ".join(f"contains({cell}, chr(10))" for cell in cells)
    ws.con.execute(
        "create or replace temp table line_shift as select row_no + 1 as first_row, sum(n) over (order by row_no)"
        f" as shift from (select row_no, {n_ends} as n from {raw} where {several})"
    )
    if ws.rows("select 1 from line_shift limit 1"):
        _shift(ws, raw, "from line_shift")

        def shifted(n: int) -> int:
            shifts = "select coalesce(max(shift), 0) from line_shift where first_row <= ?"
            return n + int(ws.rows(shifts, [n])[0][0])

        bad.rows = [(shifted(n), code, text) for n, code, text in bad.rows]
        bad.mended = [replace(m, line=shifted(m.line)) for m in bad.mended]
    ws.con.execute("drop table line_shift")


def _shift(ws: Workspace, raw: str, shifts: str) -> None:
    ws.con.execute(
        f"create or replace table {raw} as select r.row_no + coalesce(s.shift, 0)::bigint as row_no,"
        f" r.* exclude (row_no) from {raw} as r asof left join ({shifts}) as s on r.row_no >= s.first_row order by 1"
    )
