"""Parquet files: the column names are the header, every value becomes text. Read by DuckDB itself."""

from __future__ import annotations

from clue_engine.errors import ClueError
from clue_engine.ingest.delimited import refuse_too_wide
from clue_engine.ingest.table import PREVIEW_ROWS, File, Table
from clue_engine.workspace import Workspace, ident, literal


def preview_parquet(ws: Workspace, file: File) -> Table:
    """Names and first rows. Raises CE-F01, CE-F16."""
    import duckdb

    try:
        types = _types(ws, file)
        refuse_too_wide(file, len(types))
        rows = ws.rows(f"select {_texts(types)} from {_reader(file)} limit {PREVIEW_ROWS - 1}")
    except duckdb.Error:
        raise ClueError("CE-F01", "文件不完整或已损坏", place=file.name, hint="请重新导出") from None
    return Table(file=file, sheet="", preview=(tuple(types), *rows), n_columns=len(types))


def parquet_select(ws: Workspace, table: Table) -> str:
    """The rows with their numbers, the header counting as row 1."""
    return f"select row_number() over () + 1 as row_no, {_texts(_types(ws, table.file))} from {_reader(table.file)}"


def _reader(file: File) -> str:
    return f"read_parquet({literal(str(file.path))})"


def _types(ws: Workspace, file: File) -> dict[str, str]:
    return {name: kind for name, kind, *_ in ws.rows(f"describe select * from {_reader(file)}")}


def _texts(types: dict[str, str]) -> str:
    """Every column as text; a moment in time as the clock in China shows it, where a day begins eight hours earlier."""
    texts = []
    for number, (name, kind) in enumerate(types.items(), 1):
        column = ident(name)
        if kind == "TIMESTAMP WITH TIME ZONE":  # the session's clock is UTC
            column = f"(cast({column} as timestamp) + interval 8 hours)"
        texts.append(f"coalesce(cast({column} as varchar), '') as c{number}")
    return ", ".join(texts)
