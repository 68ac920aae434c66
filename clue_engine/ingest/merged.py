"""Cells merged over several rows of a workbook: what stands in the first holds for the rows of the range.

Comes in: a raw table of a workbook, its merged ranges, what it was recognised as. Goes out: the same table with these
cells filled in, and issues that say so. An amount stays where it stands: the share of each row is not known. So does
a number beside another name: it is not everybody's.
"""

from __future__ import annotations

from collections import Counter
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
    kinds = {n: column_kind(match, column, types) for n, column in known.items()}
    ranges = [r for r in _ranges(table, match.header.row) if r[0] in known]
    beside = {n: _name_of(match, n) for n, kind in kinds.items() if kind == "id"}
    shared = [r for r in ranges if kinds[r[0]] not in ("money", "id")]
    filled = {n: count for n, (count, _) in _fill(ws, raw, table.n_columns, shared, {}).items()}
    kept = Counter(n for n, _, _ in ranges if kinds[n] == "money")
    for n, (count, left) in _fill(ws, raw, table.n_columns, [r for r in ranges if r[0] in beside], beside).items():
        filled[n] = count
        kept[n] = left
    notes = [
        ("MERGED_FILLED", "note", known[n].header, f"合并单元格的内容已填入范围内各行：{count} 格")
        for n, count in sorted(filled.items())
        if count
    ]
    return notes + [
        ("MERGED_KEPT", "warning", known[n].header, f"合并单元格的金额或号码不知各行是否都有，只留在首行：{count} 处")
        for n, count in sorted(kept.items())
        if count
    ]


def _name_of(match: Match, position: int) -> int | None:
    """The column of the name that belongs to a column of numbers."""
    fields = {c.position: match.source.columns[c.column_no].fields for c in match.columns if c.column_no is not None}
    wanted = {field.removesuffix("id") + "name" for field in fields[position]}
    return next((n for n, own in fields.items() if wanted.intersection(own)), None)


def _ranges(table: Table, header_row: int) -> list[Range]:
    """The ranges below the header that go over several rows; a note over half of the table's width is none."""
    return sorted(
        (left + 1, top + 1, bottom + 1)
        for top, left, bottom, right in table.merged
        if bottom > top >= header_row and (right - left + 1) * 2 <= max(table.n_columns, 2)
    )


def _fill(
    ws: Workspace, raw: str, n_columns: int, ranges: Sequence[Range], beside: Mapping[int, int | None]
) -> dict[int, tuple[int, int]]:
    """Fill the empty cells of the ranges; how many were filled per column, and how many not.

    ``beside``: columns that are filled only where that other column says the same as in the first row.
    """
    import pyarrow as pa

    columns = sorted({n for n, _, _ in ranges})
    if not columns:
        return {}
    says = " or ".join(f"r.c{i} <> ''" for i in range(1, n_columns + 1))
    lacks = {n: f"(r.c{n} = '' and r.row_no <= m{n}.last_row and ({says}))" for n in columns}
    same = {n: f"r.c{other} = m{n}.other" if (other := beside.get(n)) else "true" for n in columns}
    joins = "".join(
        f" asof left join (select first_row, last_row, c{n} as said, c{beside.get(n) or n} as other"
        f" from merged join {raw} on row_no = first_row"
        f" where place = {n} and c{n} <> '') as m{n} on r.row_no >= m{n}.first_row"
        for n in columns
    )
    places, firsts, lasts = (list(part) for part in zip(*ranges, strict=True))
    given = pa.table({"place": places, "first_row": firsts, "last_row": lasts})
    with ws.shown("merged", given):
        counts = ", ".join(
            f"count(*) filter ({lacks[n]} and {same[n]}), count(*) filter ({lacks[n]} and not {same[n]})"
            for n in columns
        )
        (found,) = ws.rows(f"select {counts} from {raw} as r{joins}")
        said = ", ".join(f"case when {lacks[n]} and {same[n]} then m{n}.said else r.c{n} end as c{n}" for n in columns)
        ws.con.execute(
            f"create or replace table {raw} as select r.* replace ({said}) from {raw} as r{joins} order by 1"
        )
    return {n: (found[2 * i], found[2 * i + 1]) for i, n in enumerate(columns)}
