"""Another header further down the same table: the rows below it stand in its columns, not in those of the first one.

Comes in: a raw table and what its first header was recognised as. Goes out: the same table with every block in the
columns of the first header; the rows to reject and the issues that say so. A column that the other header has in
another unit, or the first one lacks, is not used; a block without the columns that the source needs is no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clue_engine.ingest.header import heading_key, one_row, title_unit
from clue_engine.ingest.infer import Column
from clue_engine.ingest.land_shown import Note
from clue_engine.ingest.recognise import Match, assign, index_sources, named
from clue_engine.ingest.table import Table
from clue_engine.values.text import BLANKS
from clue_engine.workspace import Workspace, literal

_FEWEST = 2  # known headings without which no row is a header
_NAMED = 6


@dataclass(frozen=True)
class _Block:
    """``places``: column of the first header → column of this one, 0 when it has none; ``unused``: its headings."""

    row: int
    places: Mapping[int, int]
    unused: tuple[str, ...]
    is_whole: bool


def align_blocks(
    ws: Workspace, raw: str, table: Table, match: Match, n_columns: int
) -> tuple[list[tuple[int, str]], list[Note]]:
    """``(rejects, notes)``."""
    again = _again(ws, raw, match)
    repeated = [(n, "HEADER") for n in again]
    blocks = [block for block in _blocks(ws, raw, table, match, n_columns) if block.row not in again]
    if not any(_is_other(block) for block in blocks):
        return repeated, []
    ends = [*(block.row for block in blocks[1:]), 2**62]
    cases: dict[int, list[str]] = {}
    rejects = [*repeated, *((block.row, "HEADER") for block in blocks)]
    notes: list[Note] = []
    for block, end in zip(blocks, ends, strict=True):
        within = f"row_no > {block.row} and row_no < {end}"
        if not block.is_whole:
            inside = ws.rows(f"select row_no from {raw} where {within} order by 1")
            rejects += [(n, "BLOCK") for (n,) in inside if n not in again]
        elif _is_other(block):
            for column, place in block.places.items():
                cases.setdefault(column, []).append(f"when {within} then {f'c{place}' if place else repr('')}")
            unused = f"；没有用上的列：{'、'.join(block.unused[:_NAMED])}" if block.unused else ""
            detail = f"下面是另一张表头，列的次序不同，已按它对应{unused}"
            notes.append(("BLOCK_ALIGNED", "warning", block.row, None, detail))
    if cases:
        said = ", ".join(f"case {' '.join(whens)} else c{n} end as c{n}" for n, whens in sorted(cases.items()))
        ws.con.execute(f"create or replace table {raw} as select * replace ({said}) from {raw} order by row_no")
    return rejects, notes


def _again(ws: Workspace, raw: str, match: Match) -> list[int]:
    """Rows that are one of the two rows of the header once more, as on the next page of a printed list."""
    parts = [(h.position, h.text.split("/")) for h in match.header.headings]
    if match.header.first_row == match.header.row:
        return []
    cells = [f"trim(c{n}, {literal(BLANKS)})" for n, _ in parts]
    same = [f"{c} in ('', {', '.join(map(literal, texts))})" for c, (_, texts) in zip(cells, parts, strict=True)]
    filled = " + ".join(f"({cell} <> '')::int" for cell in cells)
    return [n for (n,) in ws.rows(f"select row_no from {raw} where {' and '.join(same)} and {filled} > 1 order by 1")]


def _is_other(block: _Block) -> bool:
    return not block.is_whole or bool(block.unused) or any(n != place for n, place in block.places.items())


def _blocks(ws: Workspace, raw: str, table: Table, match: Match, n_columns: int) -> list[_Block]:
    """The rows that are headers of this source, in their order."""
    source = match.source
    words = {h for column in source.columns for h in column.headers} | {c.header for c in match.columns if c.header}
    needed = [c.position for c in match.columns if c.column_no is not None and source.columns[c.column_no].required]
    known = ", ".join(map(literal, sorted(words)))
    tests = " or ".join(f"trim(c{n}, {literal(BLANKS)}) in ({known})" for n in needed or [1])
    cells = ", ".join(f"c{n}" for n in range(1, n_columns + 1))
    index, unit = index_sources([source])[0], title_unit(table, match.header)
    blocks = []
    for row_no, *said in ws.rows(f"select row_no, {cells} from {raw} where {tests} order by 1"):
        columns = assign(named(one_row(0, [cell or "" for cell in said]), index), index, unit)
        found = [c for c in columns if c.column_no is not None]
        if len(found) >= _FEWEST and 2 * len(found) >= sum(bool(heading_key(cell or "")[0]) for cell in said):
            blocks.append(_block(row_no, match, columns))
    return blocks


def _block(row_no: int, match: Match, columns: Sequence[Column]) -> _Block:
    free: dict[tuple[object, ...], list[int]] = {}
    for column in columns:
        if column.header:
            free.setdefault(_same(column), []).append(column.position)
    places: dict[int, int] = {}
    for first in match.columns:
        at = free.get(_same(first), [])
        places[first.position] = at.pop(0) if at and first.header else 0
    used = {place for place in places.values() if place}
    unused = tuple(c.header for c in columns if c.column_no is not None and c.position not in used)
    there = {c.column_no for c in columns if c.position in used}
    needed = {n for n, column in enumerate(match.source.columns) if column.required}
    needed &= {c.column_no for c in match.columns if c.column_no is not None}
    return _Block(row_no, places, unused, needed <= there)


def _same(column: Column) -> tuple[object, ...]:
    """Columns of two headers hold the same: one field in one unit, or the same unknown heading."""
    return (column.column_no, column.unit) if column.column_no is not None else (heading_key(column.header)[0],)
