"""Cells merged over several rows of a workbook: what stands in the first holds for the rows of the range.

Comes in: a raw table of a workbook, its merged ranges, what it was recognised as. Goes out: the same table with these
cells filled in, and issues that say so. An amount stays where it stands: the share of each row is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clue_engine.ingest.recognise import Match
from clue_engine.ingest.row_check import column_kind
from clue_engine.ingest.table import Table
from clue_engine.workspace import Workspace

Range = tuple[int, int, int]  # column, first and last row, from 1


def fill_merged(
    ws: Workspace, raw: str, table: Table, match: Match, types: Mapping[str, str]
) -> list[tuple[str, str, str, str]]:
    """Fill ``raw``; ``(code, level, heading, what happened)`` per column. Blank rows stay blank."""
    known = {c.position: c for c in match.columns if c.column_no is not None}
    ranges = [r for r in _ranges(table, match.header.row) if r[0] in known]
    amounts = {n for n, _, _ in ranges if column_kind(match, known[n], types) == "money"}
    filled = _fill(ws, raw, table.n_columns, [r for r in ranges if r[0] not in amounts])
    notes = [
        ("MERGED_FILLED", "note", known[n].header, f"合并单元格的内容已填入范围内各行：{count} 格")
        for n, count in sorted(filled.items())
        if count
    ]
    for n in sorted(amounts):
        count = sum(r[0] == n for r in ranges)
        detail = f"合并单元格里的金额不知各行各多少，只留在首行：{count} 处"
        notes.append(("MERGED_AMOUNT", "warning", known[n].header, detail))
    return notes


def _ranges(table: Table, header_row: int) -> list[Range]:
    """The ranges below the header that go over several rows; a note over half of the table's width is none."""
    return sorted(
        (left + 1, top + 1, bottom + 1)
        for top, left, bottom, right in table.merged
        if bottom > top >= header_row and (right - left + 1) * 2 <= max(table.n_columns, 2)
    )


def _fill(ws: Workspace, raw: str, n_columns: int, ranges: Sequence[Range]) -> dict[int, int]:
    """Fill the empty cells of the ranges; how many per column."""
    import pyarrow as pa

    columns = sorted({n for n, _, _ in ranges})
    if not columns:
        return {}
    cells = [f"r.c{i}" for i in range(1, n_columns + 1)]
    says = " or ".join(f"{cell} <> ''" for cell in cells)
    takes = {n: f"(r.c{n} = '' and r.row_no <= m{n}.last_row and ({says}))" for n in columns}
    joins = "".join(
        f" asof left join (select first_row, last_row, c{n} as said from merged join {raw} on row_no = first_row"
        f" where place = {n} and c{n} <> '') as m{n} on r.row_no >= m{n}.first_row"
        for n in columns
    )
    with ws.shown(
        "merged", pa.table(dict(zip(("place", "first_row", "last_row"), zip(*ranges, strict=True), strict=True)))
    ):
        counts = ", ".join(f"count(*) filter ({takes[n]})" for n in columns)
        (filled,) = ws.rows(f"select {counts} from {raw} as r{joins}")
        said = ", ".join(f"case when {takes[n]} then m{n}.said else r.c{n} end as c{n}" for n in columns)
        ws.con.execute(
            f"create or replace table {raw} as select r.* replace ({said}) from {raw} as r{joins} order by 1"
        )
    return dict(zip(columns, filled, strict=True))
