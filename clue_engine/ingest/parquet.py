"""Parquet files: the column names are the header, every value becomes text. Read by DuckDB itself."""

from __future__ import annotations

from clue_engine.errors import ClueError
from clue_engine.ingest.delimited import refuse_too_wide
from clue_engine.ingest.table import PREVIEW_ROWS, File, Table
from clue_engine.workspace import Workspace, ident, literal


def preview_parquet(ws: Workspace, file: File) -> Table:
    """Names and first rows."""
    import duckdb

    try:
        cursor = ws.con.execute(f"select * from read_parquet({literal(str(file.path))}) limit {PREVIEW_ROWS - 1}")
        names = [d[0] for d in cursor.description or []]
        rows = [tuple("" if v is None else str(v) for v in row) for row in cursor.fetchall()]
    except duckdb.Error:
        raise ClueError("CE-F01", "文件不完整或已损坏", place=file.name, hint="请重新导出") from None
    refuse_too_wide(file, len(names))
    return Table(file=file, sheet="", preview=(tuple(names), *rows), n_columns=len(names))


def parquet_select(table: Table) -> str:
    """The rows with their numbers, the header counting as row 1."""
    columns = ", ".join(
        f"coalesce(cast({ident(name)} as varchar), '') as c{i}" for i, name in enumerate(table.preview[0], 1)
    )
    return f"select row_number() over () + 1 as row_no, {columns} from read_parquet({literal(str(table.file.path))})"
