"""One recognised table into raw_<file_id>, and every row of it accounted for: loaded + rejected = read.

Comes in: a table and what it was recognised as. Goes out: raw_<file_id>, rows of raw_column, reject and issue, and
a FileReport.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from clue_engine.errors import ClueError
from clue_engine.ingest import delimited
from clue_engine.ingest.parquet import parquet_select
from clue_engine.ingest.recognise import Match
from clue_engine.ingest.report import FileReport
from clue_engine.ingest.table import Table
from clue_engine.pack.model import Source
from clue_engine.values.text import BLANKS
from clue_engine.workspace import Workspace, literal

MAX_FAULTY_SHARE = 0.05
FAULTS = ("RAGGED", "QUOTE", "SHIFTED")
REASONS = {
    "TITLE": "标题行",
    "EMPTY": "空行",
    "FOOTER": "合计、注释或落款行",
    "NOTE": "只有说明文字的行",
    "HEADER": "重复的表头行",
    "RAGGED": "列数与表头不符",
    "QUOTE": "引号没有成对",
    "SHIFTED": "内容错位:证件号码不在证件号码列",
}
_TRIM = literal(BLANKS)


def land(ws: Workspace, file_id: int, table: Table, match: Match) -> FileReport:
    """Load the table; raises ClueError CE-E18 or CE-F09 (too many faulty rows), the caller rolls back."""
    raw = f"raw_{file_id}"
    rejects = [
        (n, "TITLE")
        for n, row in enumerate(table.preview[: match.header.first_row - 1], 1)
        if any(c.strip() for c in row)
    ]
    n_columns = max(table.n_columns, len(match.columns))
    if table.staged is not None:
        _from_arrow_file(ws, raw, table, match.header.row)
    elif table.file.kind == "parquet":
        ws.con.execute(f"create or replace table {raw} as {parquet_select(table)}")
    else:
        rejects += _from_text(ws, raw, table, match, n_columns)
    n_beside = len(rejects)  # title rows and bad records: read, but not in the raw table
    rejects += _rejects(ws, raw, match, n_columns)
    n_rows = ws.rows(f"select count(*) from {raw}")[0][0]
    n_read = n_rows + n_beside
    faulty = sum(code in FAULTS for _, code in rejects)
    if faulty > MAX_FAULTY_SHARE * max(n_read, 1) and faulty > 3:
        place = f"{table.file.name} {table.sheet}".rstrip()
        first = min(n for n, code in rejects if code in FAULTS)
        message = f"{n_read} 行中有 {faulty} 行列数不符或错位,首处在第 {first} 行,整份不载入"
        raise ClueError("CE-F09", message, place=place, hint="检查分隔符和引号,或重新导出为 xlsx")
    _insert(ws, "reject", [(file_id, n, code, REASONS[code]) for n, code in sorted(rejects)])
    _columns(ws, file_id, match)
    unknown = tuple(c.header for c in match.columns if c.column_no is None and not c.ignored and c.header)
    _insert(
        ws, "issue", [("COLUMN_UNKNOWN", "note", file_id, None, header, "表头不认识,该列未使用") for header in unknown]
    )
    if match.ties:
        detail = "表头也符合:" + "、".join(match.ties)
        _insert(ws, "issue", [("SOURCE_AMBIGUOUS", "warning", file_id, None, None, detail)])
    return FileReport(
        table.file.name,
        table.sheet,
        "loaded",
        "",
        file_id,
        table.file.kind,
        table.encoding,
        match.header.row,
        match.source.id,
        match.source.label,
        n_read,
        n_read - len(rejects),
        len(rejects),
        None,
        unknown,
    )


def _from_arrow_file(ws: Workspace, raw: str, table: Table, header_row: int) -> None:
    import pyarrow as pa

    with pa.memory_map(str(table.staged)) as source:
        ws.con.register("staged", pa.ipc.open_file(source).read_all())
        try:
            ws.con.execute(
                f"create or replace table {raw} as"
                f" select * from (select row_number() over () as row_no, * from staged) where row_no > {header_row}"
            )
        finally:
            ws.con.unregister("staged")


def _from_text(ws: Workspace, raw: str, table: Table, match: Match, n_columns: int) -> list[tuple[int, str]]:
    """Stream a text file; Arrow first, the tolerant reader when a quote swallowed lines or Arrow gives up."""
    import duckdb
    import pyarrow as pa

    skip = match.header.row
    if (fast := delimited.duckdb_select(table, n_columns, skip)) is not None:
        try:
            ws.con.execute(f"create or replace table {raw} as {fast}")
            return []
        except duckdb.Error:  # a line with too few or too many columns: the careful way names it
            _begin_again(ws)
    bad = delimited.BadRecords()
    one_line_each = not any("\n" in cell for row in table.preview[:skip] for cell in row)
    failed = not one_line_each
    if one_line_each:
        try:
            reader = delimited.open_batches(table, n_columns, skip, bad)
            if reader is not None:
                ws.con.register("batches", reader)
                ws.con.execute(
                    f"create or replace table {raw} as select row_number() over () + {skip} as row_no, * from batches"
                )
            failed = reader is None or bad.swallowed or _swallowed(ws, raw, table, len(bad.rows) + skip)
        except (pa.ArrowException, duckdb.Error, UnicodeError):
            if error := delimited.decoding_failed(table.file, table.encoding):
                raise error from None
            _begin_again(ws)
            failed = True
        finally:
            ws.con.unregister("batches")
    if failed:
        bad = delimited.BadRecords()
        schema = pa.schema([("row_no", pa.int64()), *((f"c{i + 1}", pa.string()) for i in range(n_columns))])
        reader = pa.RecordBatchReader.from_batches(schema, delimited.tolerant_batches(table, n_columns, skip, bad))
        ws.con.register("batches", reader)
        try:
            ws.con.execute(f"create or replace table {raw} as select * from batches")
        finally:
            ws.con.unregister("batches")
    elif bad.rows:
        _renumber(ws, raw, sorted(n for n, _, _ in bad.rows))
    footer = _footer_pattern(match.source)
    delimiter = table.dialect.delimiter if table.dialect else ","
    result = []
    for number, code, text in bad.rows:
        first = next((c for c in text.split(delimiter) if c.strip()), "").strip('" \t')
        result.append(
            (number, "FOOTER" if code == "RAGGED" and re.search(footer, first) else "EMPTY" if not first else code)
        )
    return result


def _begin_again(ws: Workspace) -> None:
    """A failed statement ends the transaction; nothing was written in it yet."""
    ws.con.execute("rollback")
    ws.con.execute("begin transaction")


def _swallowed(ws: Workspace, raw: str, table: Table, others: int) -> bool:
    """Whether the file has far more lines than records: an unclosed quote hides the rest in one cell."""
    if table.dialect is None or not table.dialect.quoted:
        return False
    records = ws.rows(f"select count(*) from {raw}")[0][0] + others
    return bool(delimited.count_lines(table.file.path) > records * 1.5 + 20)


def _renumber(ws: Workspace, raw: str, bad: Sequence[int]) -> None:
    """Row numbers counted the good records only: shift them past the bad ones."""
    shifts = ", ".join(f"({number - i + 1}, {i})" for i, number in enumerate(bad, 1))
    ws.con.execute(
        f"create or replace table {raw} as select r.row_no + coalesce(s.shift, 0) as row_no, r.* exclude (row_no)"
        f" from {raw} as r asof left join (select first_row, max(shift) as shift"
        f" from (values {shifts}) as v(first_row, shift) group by first_row) as s on r.row_no >= s.first_row order by 1"
    )


def _rejects(ws: Workspace, raw: str, match: Match, n_columns: int) -> list[tuple[int, str]]:
    """Blank rows, footers, notes, repeated headers: found on a few columns, decided on the whole row."""
    columns = [f"c{i}" for i in range(1, n_columns + 1)]
    source = match.source
    required = [
        f"c{c.position}" for c in match.columns if c.column_no is not None and source.columns[c.column_no].required
    ]
    first = ", ".join(f"nullif(trim({c}, {_TRIM}), '')" for c in columns[:3])
    blank = " and ".join(f"trim({c}, {_TRIM}) = ''" for c in dict.fromkeys([*required, *columns[:1]]))
    headers = {c.position: c.header for c in match.columns}
    again = f"trim({required[0]}, {_TRIM}) = {literal(headers[int(required[0][1:])])}" if required else "false"
    footer = literal(_footer_pattern(source))
    candidates = ws.rows(
        f"select row_no, [{', '.join(columns)}], ({again}) from {raw}"
        f" where ({blank}) or regexp_matches(coalesce({first}, ''), {footer}) or ({again})"
    )
    rejects: list[tuple[int, str]] = []
    pattern = re.compile(_footer_pattern(source))
    places = [int(c[1:]) - 1 for c in required]
    for row_no, cells, is_header in candidates:
        filled = [c.strip(BLANKS) for c in cells if c and c.strip(BLANKS)]
        if not filled:
            rejects.append((row_no, "EMPTY"))
        elif is_header:
            rejects.append((row_no, "HEADER"))
        elif (
            pattern.search(filled[0]) and len(filled) <= max(3, len(cells) // 2) and not any(_is_id(c) for c in filled)
        ):
            rejects.append((row_no, "FOOTER"))
        elif (
            len(filled) <= 2
            and not any((cells[i] or "").strip(BLANKS) for i in places)
            and not any(_is_id(c) for c in filled)
        ):
            rejects.append((row_no, "NOTE"))
    return rejects + _shifted(ws, raw, match, {n for n, _ in rejects})


def _shifted(ws: Workspace, raw: str, match: Match, gone: set[int]) -> list[tuple[int, str]]:
    """Rows moved by a stray delimiter: words in the identity column, an identity number right beside it."""
    tests = []
    positions = {c.position for c in match.columns}
    for column in match.columns:
        if column.column_no is None or not any(
            f.endswith((".id", "_id")) for f in match.source.columns[column.column_no].fields
        ):
            continue
        for beside in (column.position - 1, column.position + 1):
            neighbour = next((c for c in match.columns if c.position == beside), None)
            if beside in positions and neighbour is not None and not _holds_id(match, neighbour.column_no):
                tests.append(
                    f"(regexp_full_match(trim(c{beside}, {_TRIM}), '[0-9]{{17}}[0-9Xx]')"
                    f" and c{column.position} <> '' and not regexp_matches(c{column.position}, '[0-9*]'))"
                )
    if not tests:
        return []
    found = ws.rows(f"select row_no from {raw} where {' or '.join(tests)}")
    return [(n, "SHIFTED") for (n,) in found if n not in gone]


def _holds_id(match: Match, column_no: int | None) -> bool:
    return column_no is not None and any(
        f.endswith((".id", "_id", "_no")) for f in match.source.columns[column_no].fields
    )


def _is_id(cell: str) -> bool:
    return bool(re.fullmatch(r"'?\d{15,22}[Xx]?|\d{17}[\dXx]", cell))


def _footer_pattern(source: Source) -> str:
    words = "|".join(re.escape("".join(w.split())) for w in source.footer) or "合计"
    return rf"^({words})\s*([:：、,，.(（\s0-9]|$)"


def _columns(ws: Workspace, file_id: int, match: Match) -> None:
    rows = []
    for column in match.columns:
        known = match.source.columns[column.column_no] if column.column_no is not None else None
        fields = ",".join(known.fields) if known else None
        unit = column.unit or (known.unit if known else None)
        rows.append((file_id, column.position, column.header, fields, unit, column.column_no))
    _insert(ws, "raw_column", rows)


def _insert(ws: Workspace, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        ws.con.executemany(f"insert into {table} values ({marks})", [list(row) for row in rows])
