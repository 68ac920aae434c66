"""What a workbook does not say by its values, in its raw table: hidden rows, formulas without result, days from 1904.

Comes in: a raw table, its table and what it was recognised as. Goes out: days as dates where the workbook counts from
1904, and issues: where, and how many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from clue_engine.ingest.recognise import Match
from clue_engine.ingest.row_check import column_kind
from clue_engine.ingest.table import Table
from clue_engine.workspace import Workspace, literal

Note = tuple[str, str, int | None, str | None, str]  # code, level, row, heading, what happened
INFERRED = "按表头和内容推定的列"  # how an issue COLUMN_INFERRED begins
_DAYS = "[1-7][0-9]{4}(\\.[0-9]+)?"


def dates_from_1904(ws: Workspace, raw: str, table: Table, match: Match, types: Mapping[str, str]) -> list[Note]:
    """Plain numbers in columns of dates, counted from 1904-01-01 as this workbook does, become dates."""
    if not table.is_1904:
        return []
    columns = [c for c in match.columns if c.column_no is not None and column_kind(match, c, types) == "date"]
    notes: list[Note] = []
    for column in columns:
        cell = f"c{column.position}"
        is_days = f"regexp_full_match(trim({cell}), {literal(_DAYS)})"
        ((n,),) = ws.rows(f"select count(*) from {raw} where {is_days}")
        day = f"strftime(date '1904-01-01' + cast(floor(try_cast(trim({cell}) as double)) as integer), '%Y-%m-%d')"
        if n:
            said = f"case when {is_days} then {day} else {cell} end as {cell}"
            ws.con.execute(f"create or replace table {raw} as select * replace ({said}) from {raw} order by row_no")
            detail = f"工作簿用 1904 日期系统，数字按它换算成日期：{n} 格"
            notes.append(("DATES_1904", "note", None, column.header, detail))
    return notes


def not_shown(ws: Workspace, raw: str, table: Table, match: Match, gone: Collection[int]) -> Iterator[Note]:
    """Rows that nobody sees but are loaded, and cells whose formula has left no result."""
    known = {c.position: c.header for c in match.columns if c.column_no is not None}
    for row, column in table.uncomputed:
        if row >= match.header.row and column + 1 in known:
            yield "CELL_NO_VALUE", "warning", row + 1, known[column + 1], "公式没有存下结果，按空处理"
    if table.hidden:
        there = {n for (n,) in ws.rows(f"select row_no from {raw}")}.difference(gone)
        if rows := sorted(there.intersection(table.hidden)):
            detail = f"隐藏或筛选掉的行也已载入：{len(rows)} 行，首处在第 {rows[0]} 行"
            yield "ROW_HIDDEN", "note", None, None, detail
