"""Whether sheets of one source are parts of one list (by year, town, village) or an old and a new state of it.

Comes in: the sheets of a workbook as they were read, their headings and days. Goes out: True where no two sheets are
states of one list: they have other columns (suspects beside victims), speak of different days, or name nobody (no
case, where nobody is told by number) whom the other one names, but for a few; in any other case only the user knows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from clue_engine.ingest.table import Table
from clue_engine.workspace import Workspace, literal

_SHARED = 0.1  # of the smaller sheet: so many persons may have two cases, two villages
_LEVELS = 3  # persons, cases, words of a row
_COLUMNS = 0.7  # of the narrower sheet: so many headings has an old state of a list in common with the new one
_PERSON = r"\d{15,19}[Xx]?"  # identity numbers, long numbers of households
_CASE = r".*[\[〔(（【]\d{4}[\]〕)）】].*\d+号?"  # case numbers written with their year


@dataclass(frozen=True)
class Sheet:
    """``headings``: as compared, down to ``header_row``; ``day``: what its name or title says."""

    table: Table
    header_row: int
    headings: frozenset[str]
    day: dt.date | None


def are_parts(ws: Workspace, sheets: Sequence[Sheet]) -> bool:
    """Sheets of the same columns in which nobody can be told are never parts."""
    alike = [pair for pair in combinations(range(len(sheets)), 2) if _may_be_states(*(sheets[n] for n in pair))]
    if not alike:
        return True
    if any(sheet.table.staged is None for sheet in sheets):
        return False
    ws.con.execute("create or replace temp table sheet_key (sheet_no int, level int, key varchar)")
    try:
        for number, sheet in enumerate(sheets):
            _keys_of(ws, number, sheet)
        held = {
            (n, level): count
            for n, level, count in ws.rows("select sheet_no, level, count(*) from sheet_key group by all")
        }
        shared = {
            (one, other, level): n
            for one, other, level, n in ws.rows(
                "select a.sheet_no, b.sheet_no, a.level, count(*) from sheet_key as a"
                " join sheet_key as b using (level, key) where a.sheet_no < b.sheet_no group by all"
            )
        }
        return all(_few_shared(one, other, held, shared) for one, other in alike)
    finally:
        ws.con.execute("drop table sheet_key")


def _few_shared(
    one: int, other: int, held: Mapping[tuple[int, int], int], shared: Mapping[tuple[int, int, int], int]
) -> bool:
    """By the first kind of key that both sheets have."""
    for level in range(_LEVELS):
        fewer = min(held.get((one, level), 0), held.get((other, level), 0))
        if fewer:
            return shared.get((one, other, level), 0) <= max(1, _SHARED * fewer)  # a footer, one person with two cases
    return False


def _may_be_states(one: Sheet, other: Sheet) -> bool:
    """Whether two sheets may be an old and a new state of one list."""
    fewer = min(len(one.headings), len(other.headings))
    same_columns = len(one.headings & other.headings) > _COLUMNS * fewer
    return same_columns and (one.day is None or one.day == other.day)


def _keys_of(ws: Workspace, number: int, sheet: Sheet) -> None:
    """Persons by number; cases, which two sheets of parties share; words of a row, where neither is written."""
    import pyarrow as pa

    table, rows = sheet.table, f"sheet where row_no > {sheet.header_row}"
    columns = [f"c{position + 1}" for position in range(table.n_written)]
    with pa.memory_map(str(table.staged)) as source, ws.shown("sheet", pa.ipc.open_file(source).read_all()):
        cells = (
            f"select regexp_replace(nfc_normalize(unnest([{', '.join(columns)}])), '\\s', '', 'g') as key from {rows}"
        )
        for level, pattern in enumerate((_PERSON, _CASE)):
            ws.con.execute(
                f"insert into sheet_key select distinct {number}, {level}, key from ({cells})"
                f" where regexp_full_match(key, {literal(pattern)})"
            )
        words = f"regexp_replace(concat_ws('|', {', '.join(columns)}), '[^\\p{{Han}}|]', '', 'g')"
        ws.con.execute(
            f"insert into sheet_key select distinct {number}, {_LEVELS - 1}, key"
            f" from (select {words} as key from {rows})"
            " where length(replace(key, '|', '')) >= 4"
        )
