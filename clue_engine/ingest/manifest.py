"""The tables of loading: which files a workspace holds, and their raw tables.

Comes in: entries of files. Goes out: input_file, raw_column, reject, issue; numbers that follow the content of the
files, never the order in which they came.
"""

from __future__ import annotations

import datetime as dt

from clue_engine.errors import ClueError
from clue_engine.ingest.report import FileReport
from clue_engine.ingest.table import File
from clue_engine.workspace import Workspace, ident

_SCHEMA = """
create or replace table input_file (file_id integer, name varchar, path varchar, sha256 varchar, bytes bigint,
    kind varchar, encoding varchar, sheet varchar, header_row integer, source_id varchar, source_label varchar,
    n_read bigint, n_loaded bigint, n_rejected bigint, snapshot_date date, status varchar, reason varchar,
    batch integer, loaded_on date);
create or replace table raw_column (file_id integer, position integer, header varchar, field varchar,
    unit varchar, column_no integer, grade varchar);
create or replace table reject (file_id integer, row_no bigint, code varchar, reason varchar);
create or replace table issue (code varchar, level varchar, file_id integer, row_no bigint,
    column_name varchar, detail varchar);
"""
_TABLES = ("input_file", "raw_column", "reject", "issue")


def begin(ws: Workspace, *, add: bool) -> int:
    """Make room for files, beside those of earlier calls or in their place; the number of this call."""
    with ws.transaction():
        if not (add and ws.has_table("input_file")):
            for (name,) in ws.rows(
                "select table_name from duckdb_tables() where regexp_full_match(table_name, 'raw_[0-9]+')"
            ):
                ws.con.execute(f"drop table {ident(name)}")
            ws.con.execute(_SCHEMA)
            return 1
        # what was refused or skipped before is of no account any more
        ws.con.execute("delete from input_file where status <> 'loaded'")
        return 1 + int(ws.rows("select coalesce(max(batch), 0) from input_file")[0][0])


def known_contents(ws: Workspace) -> dict[str, tuple[str, dt.date | None]]:
    """The contents that are loaded: name and day of loading by sha256."""
    if not ws.has_table("input_file"):
        return {}
    rows = ws.rows("select sha256, min(name), min(loaded_on) from input_file where status = 'loaded' group by 1")
    return {sha256: (name, day) for sha256, name, day in rows}


def forget(ws: Workspace, sha256: str, batch: int) -> None:
    """Take away what an earlier call loaded of the same content."""
    rows = ws.rows("select file_id from input_file where sha256 = ? and batch < ?", [sha256, batch])
    for (file_id,) in rows:
        ws.con.execute(f"drop table if exists raw_{file_id}")
        for table in _TABLES:
            ws.con.execute(f"delete from {table} where file_id = ?", [file_id])


def refuse(ws: Workspace, file_id: int, error: ClueError) -> ClueError:
    """Take back a file that was loaded; the error with the name of the file."""
    ((name, sheet),) = ws.rows("select name, sheet from input_file where file_id = ?", [file_id])
    ws.con.execute(f"drop table raw_{file_id}")
    for table in ("raw_column", "reject", "issue"):
        ws.con.execute(f"delete from {table} where file_id = ?", [file_id])
    ws.con.execute(
        "update input_file set status = 'refused', reason = ?, header_row = null, source_id = null, source_label = '',"
        " n_read = 0, n_loaded = 0, n_rejected = 0, snapshot_date = null, loaded_on = null where file_id = ?",
        [f"{error.code} {error.message}", file_id],
    )
    return ClueError(error.code, error.message, place=f"{name} {sheet}".rstrip(), hint=error.hint)


def next_id(ws: Workspace) -> int:
    return 1 + int(ws.rows("select coalesce(max(file_id), 0) from input_file")[0][0])


def write(ws: Workspace, entry: FileReport, file: File | None, batch: int) -> None:
    """A row of input_file."""
    ws.con.execute(
        f"insert into input_file values ({', '.join('?' * 19)})",
        [
            entry.file_id,
            entry.name,
            str(file.path) if file else None,
            file.sha256 if file else None,
            file.size if file else None,
            entry.kind,
            entry.encoding,
            entry.sheet,
            entry.header_row,
            entry.source_id,
            entry.source_label,
            entry.n_read,
            entry.n_loaded,
            entry.n_rejected,
            entry.snapshot_date,
            entry.status,
            entry.reason,
            batch,
            dt.date.today() if entry.status == "loaded" else None,
        ],
    )


def number_by_content(ws: Workspace) -> dict[int, int]:
    """Number the loaded files by source, date, name, sheet and content; new number by old one."""
    order = "source_id, snapshot_date nulls first, name, sheet, sha256, batch"
    rows = ws.rows(f"select file_id, row_number() over (order by {order}) from input_file where status = 'loaded'")
    moved = [(old, new) for old, new in rows if old != new]
    if moved:
        with ws.transaction():
            for old, _ in moved:
                ws.con.execute(f"alter table raw_{old} rename to raw_moving_{old}")
            for old, new in moved:
                ws.con.execute(f"alter table raw_moving_{old} rename to raw_{new}")
            cases = " ".join(f"when {old} then {new}" for old, new in moved)
            for table in _TABLES:
                ws.con.execute(f"update {table} set file_id = case file_id {cases} else file_id end")
    return dict(rows)
