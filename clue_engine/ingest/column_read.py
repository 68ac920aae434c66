"""How many cells of each column became a value: table column_read, one row per file, record field and column.

Comes in: what one file gave of one kind of record (its texts, its stage, its record table). Goes out: rows of
column_read. n_rows, n_known: records of the kind, and those in which the field is known, whichever column said it;
n_filled, n_read: cells of this column that are not blank, and those that were taken. A cell that says 不详 is filled
and not taken, as is one that another column of the field came before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clue_engine.ingest.land import insert
from clue_engine.ingest.layout import Feed, RawFile
from clue_engine.ingest.readings import SHAPES
from clue_engine.ingest.regular import said
from clue_engine.pack.model import RecordField, RecordKind
from clue_engine.workspace import Workspace, ident

TABLE = "column_read"
SCHEMA = (
    f"create or replace table {TABLE} (file_id integer, kind varchar, field varchar, position integer, header varchar,"
    " n_rows bigint, n_known bigint, n_filled bigint, n_read bigint)"
)


@dataclass(frozen=True)
class Read:
    """A field of one file: records, cells that are not blank, records in which it is known."""

    feed: Feed
    n_rows: int
    n_filled: int
    n_known: int


def count_read(ws: Workspace, file: RawFile, kind: RecordKind, feeds: Sequence[Feed], texts: str) -> list[Read]:
    """Fill the rows of one file and kind; to be called before a newer file takes rows away."""
    fed = [feed for feed in feeds if feed.groups and not feed.derived]
    if not fed:
        return []
    single = [f"count(*) filter ({ident(f.field.name)} <> '')" if len(f.positions) == 1 else "0" for f in fed]
    filled = ", ".join(single)
    ((n_rows, *n_filled),) = ws.rows(f"select count(*), {filled} from {texts}")
    known = ", ".join(f"count(*) filter ({is_read(feed.field)})" for feed in fed)
    (n_known,) = ws.rows(f"select {known} from {ident('rec_' + kind.name)} where file_id = {file.file_id}")
    found: list[Read] = []
    rows: list[tuple[object, ...]] = []
    for feed, n_one, n_taken in zip(fed, n_filled, n_known, strict=True):
        columns = [column for group in feed.groups for column in group]
        cells, n_any = [(n_one, min(n_one, n_taken))], n_one
        if len(columns) > 1:
            cells, n_any = _of_several(ws, file, kind, feed)
        found.append(Read(feed, n_rows, n_any, n_taken))
        for column, (n_cells, n_read) in zip(columns, cells, strict=True):
            place = (file.file_id, kind.name, feed.field.name, column.position, column.header)
            rows.append((*place, n_rows, n_taken, n_cells, n_read))
    insert(ws, TABLE, rows)
    return found


def _of_several(ws: Workspace, file: RawFile, kind: RecordKind, feed: Feed) -> tuple[list[tuple[int, int]], int]:
    """Cells and taken cells of each column of a field, the first group that says something counts; rows with any."""
    together = feed.joined or feed.field.type == "codes"
    any_filled = " or ".join(f"s.c{position} <> ''" for position in feed.positions)
    counts, earlier = [f"count(*) filter ({any_filled})"], ["true"]
    for group in feed.groups:
        for column in group:
            taken = [f"s.c{column.position} <> ''", is_read(feed.field, "r.")]
            counts += [f"count(*) filter ({' and '.join(test)})" for test in (taken[:1], taken + earlier)]
        if not together:
            earlier += [f"{said(f's.c{column.position}')} is null" for column in group]
    ((n_any, *found),) = ws.rows(
        f"select {', '.join(counts)} from {file.stage} as s join {ident('rec_' + kind.name)} as r"
        f" on r.file_id = {file.file_id} and r.row_no = s.row_no and r.part_no = s.part_no"
    )
    return list(zip(found[::2], found[1::2], strict=True)), n_any


def is_read(field: RecordField, record: str = "") -> str:
    """A number of an office and a hidden number are read too: they say who it is, in their way."""
    suffix = SHAPES[field.type].columns[0][0]
    name = record + ident(field.name + suffix)
    if field.type != "id":
        return f"{name} is not null"
    kind, partial = record + ident(f"{field.name}_kind"), record + ident(f"{field.name}_partial")
    return f"({name} is not null or {partial} is not null or {kind} in ('org', 'virtual'))"
