"""Whether sheets of one source are parts of one list (by year, town, village) or an old and a new state of it.

Comes in: the sheets of a workbook as they were read. Goes out: True where every sheet names somebody and none names
whom another one names, but for a few; in any other case only the user knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from clue_engine.ingest.table import Table
from clue_engine.workspace import Workspace, literal

_SHARED = 0.1  # of the smaller sheet: so many persons may have two cases, two villages
# Identity numbers, numbers of households, and case numbers written with their year: who or what a row is about.
_KEY = r"\d{15,19}[Xx]?|.*[\[〔(（【]\d{4}[\]〕)）】].*\d+号?"


def are_parts(ws: Workspace, tables: Sequence[Table]) -> bool:
    """Sheets in which nobody can be told are never parts."""
    if any(table.staged is None for table in tables):
        return False
    ws.con.execute("create or replace temp table sheet_key (sheet_no int, key varchar)")
    try:
        for number, table in enumerate(tables):
            _keys_of(ws, number, table)
        held = dict(ws.rows("select sheet_no, count(*) from sheet_key group by all"))
        if len(held) < len(tables):
            return False
        shared = {
            (one, other): n
            for one, other, n in ws.rows(
                "select a.sheet_no, b.sheet_no, count(*) from sheet_key as a join sheet_key as b using (key)"
                " where a.sheet_no < b.sheet_no group by all"
            )
        }
        pairs = combinations(range(len(tables)), 2)
        return all(shared.get(pair, 0) <= _SHARED * min(held[pair[0]], held[pair[1]]) for pair in pairs)
    finally:
        ws.con.execute("drop table sheet_key")


def _keys_of(ws: Workspace, number: int, table: Table) -> None:
    import pyarrow as pa

    with pa.memory_map(str(table.staged)) as source, ws.shown("sheet", pa.ipc.open_file(source).read_all()):
        cells = ", ".join(f"c{position + 1}" for position in range(table.n_columns))
        ws.con.execute(
            f"insert into sheet_key select distinct {number}, key from (select"
            f" regexp_replace(nfc_normalize(unnest([{cells}])), '\\s', '', 'g') as key from sheet)"
            f" where regexp_full_match(key, {literal(_KEY)})"
        )
