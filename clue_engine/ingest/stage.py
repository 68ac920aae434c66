"""The rows of a file that were loaded, one person per row: view stage_<file_id>.

Comes in: raw_<file_id>, reject, the groups of fields that a source names under ``persons``. Goes out: the view
(row_no, part_no, c1…), where rows with several persons in a cell stand apart, and an issue for each cell that could
not be shared out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clue_engine.ingest import persons
from clue_engine.ingest.issues import note_one
from clue_engine.ingest.layout import RawFile
from clue_engine.pack.model import RecordKind
from clue_engine.workspace import Workspace, literal


def build_stage(ws: Workspace, file: RawFile, records: Mapping[str, RecordKind], separators: str) -> None:
    """Create the view: the loaded rows, those with several persons in a cell taken apart at ``separators``."""
    n = max(c.position for c in file.columns)
    names = [f"c{i}" for i in range(1, n + 1)]
    persons_of = file.source.persons if separators else ()
    groups = [g for g in (_group(file, group, records) for group in persons_of) if g is not None]
    several = literal(f"[{re.escape(separators)}]")
    multi = " or ".join(f"regexp_matches(c{driver + 1}, {several})" for driver, _ in groups) or "false"
    loaded = f"{file.raw} where true"
    if ws.rows("select 1 from reject where file_id = ? and code not in ('TITLE') limit 1", [file.file_id]):
        loaded = f"{file.raw} where row_no not in (select row_no from reject where file_id = {file.file_id})"
    rows = ws.rows(f"select row_no, {', '.join(names)} from {loaded} and ({multi})") if groups else []
    out: list[list[object]] = []
    doubts: list[tuple[int, str, int]] = []
    for row_no, *cells in rows:
        current: list[list[str]] = [cells]
        for driver, others in groups:
            following = []
            for cells_now in current:
                split, found = persons.split(cells_now, driver, others, separators)
                following += split
                doubts += [(row_no, code, place) for code, place in found]
            current = following
        if current != [cells]:
            out += [[row_no, part, *cells_now] for part, cells_now in enumerate(current, 1)]
    typed = ", ".join(f"{c} varchar" for c in names)
    split_rows = f"{file.stage}_split"
    if out:
        ws.con.execute(f"create or replace temp table {split_rows} (row_no bigint, part_no integer, {typed})")
        ws.con.executemany(f"insert into {split_rows} values ({', '.join('?' * (n + 2))})", out)
    headers = {c.position: c.header for c in file.columns}
    for row_no, code, place in dict.fromkeys(doubts):
        note_one(ws, code, file, row_no, headers[place + 1])
    all_names = ", ".join(names)
    whole = f"select row_no, 1 as part_no, {all_names} from {loaded}"
    if out:
        whole += f" and row_no not in (select row_no from {split_rows})"
        whole += f" union all select row_no, part_no, {all_names} from {split_rows}"
    ws.con.execute(f"create or replace temp view {file.stage} as {whole}")


def drop_stage(ws: Workspace, file: RawFile) -> None:
    """The view and what stands behind it."""
    ws.con.execute(f"drop view {file.stage}")
    ws.con.execute(f"drop table if exists {file.stage}_split")


def _group(
    file: RawFile, fields: Sequence[str], records: Mapping[str, RecordKind]
) -> tuple[int, dict[int, str]] | None:
    """``(place of the name, {place: type})`` of a group, None when the file has no name column for it."""
    places: dict[int, str] = {}
    driver: int | None = None
    for target in fields:
        kind, _, name = target.partition(".")
        field = next(f for f in records[kind].fields if f.name == name)
        for column in file.columns:
            if column.column_no is not None and target in file.source.columns[column.column_no].fields:
                if target == fields[0] and driver is None:
                    driver = column.position - 1
                else:
                    places[column.position - 1] = field.type
    return None if driver is None else (driver, places)
