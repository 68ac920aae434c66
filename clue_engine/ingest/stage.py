"""The rows of a file that were loaded, one person per row: view stage_<file_id>.

Comes in: raw_<file_id>, reject, the groups of fields that a source names under ``persons``. Goes out: the view
(row_no, part_no, c1…), where rows with several persons in a cell stand apart, and an issue for each cell that could
not be shared out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clue_engine.ingest import persons
from clue_engine.ingest.issues import note_cells
from clue_engine.ingest.land import insert
from clue_engine.ingest.layout import RawFile, groups_of_persons
from clue_engine.pack.model import RecordKind
from clue_engine.workspace import Workspace, literal


def build_stage(ws: Workspace, file: RawFile, records: Mapping[str, RecordKind], separators: str) -> None:
    """Create the view: the loaded rows, those with several persons in a cell taken apart at ``separators``."""
    names = [f"c{i}" for i in range(1, max(c.position for c in file.columns) + 1)]
    persons_of = groups_of_persons(file) if separators else ()
    groups = [g for g in (_group(file, group, records) for group in persons_of) if g is not None]
    loaded = loaded_rows(ws, file)
    split = sorted({f"c{place + 1}" for driver, others in groups for place in (driver, *others)})
    all_names = ", ".join(names)
    view = f"select row_no, 1 as part_no, {all_names} from {loaded}"
    if groups and _split(ws, file, groups, split, loaded, separators):
        parts = f"{file.stage}_split"
        both = ", ".join(f"{'s' if name in split else 'r'}.{name}" for name in names)
        view += f" and row_no not in (select row_no from {parts})"
        view += f" union all select row_no, s.part_no, {both} from {parts} as s join {file.raw} as r using (row_no)"
    ws.con.execute(f"create or replace temp view {file.stage} as {view}")


def loaded_rows(ws: Workspace, file: RawFile) -> str:
    """SQL: the raw rows of a file that were not rejected; ends in a where."""
    if ws.rows("select 1 from reject where file_id = ? and code not in ('TITLE') limit 1", [file.file_id]):
        return f"{file.raw} where row_no not in (select row_no from reject where file_id = {file.file_id})"
    return f"{file.raw} where true"


def _split(
    ws: Workspace,
    file: RawFile,
    groups: Sequence[tuple[int, dict[int, str]]],
    split: Sequence[str],
    loaded: str,
    separators: str,
) -> bool:
    """Rows with several persons into a table: their columns ``split``, a row per person. Whether there are any."""
    place_of = {int(name[1:]) - 1: i for i, name in enumerate(split)}
    several = literal(f"[{re.escape(separators)}]")
    multi = " or ".join(f"regexp_matches(c{driver + 1}, {several})" for driver, _ in groups)
    out: list[tuple[object, ...]] = []
    doubts: dict[tuple[str, int, int], None] = {}
    for row_no, *cells in ws.rows(f"select row_no, {', '.join(split)} from {loaded} and ({multi})"):
        current: list[list[str]] = [cells]
        for driver, others in groups:
            following = []
            beside = {place_of[place]: kind for place, kind in others.items()}
            for cells_now in current:
                apart, doubtful = persons.split(cells_now, place_of[driver], beside, separators)
                following += apart
                doubts |= dict.fromkeys((code, row_no, place) for code, place in doubtful)
            current = following
        if current != [cells]:
            out += [(row_no, part, *cells_now) for part, cells_now in enumerate(current, 1)]
    headers = {c.position: c.header for c in file.columns}
    for code in sorted({code for code, _, _ in doubts}):
        noted = [(row_no, headers[int(split[place][1:])]) for found, row_no, place in doubts if found == code]
        note_cells(ws, code, file, noted)
    if out:
        typed = ", ".join(f"{name} varchar" for name in split)
        ws.con.execute(f"create or replace temp table {file.stage}_split (row_no bigint, part_no integer, {typed})")
        insert(ws, f"{file.stage}_split", out)
    return bool(out)


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
            if (
                target not in column.lost
                and column.column_no is not None
                and (target in file.source.columns[column.column_no].fields)
            ):
                if target == fields[0] and driver is None:
                    driver = column.position - 1
                else:
                    places[column.position - 1] = field.type
    return None if driver is None else (driver, places)
