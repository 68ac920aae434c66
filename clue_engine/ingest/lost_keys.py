"""Columns that say who and which case, filled in and yet read on few rows: the file is loaded and of no use.

Comes in: what one file gave of one kind of record, its stage and record table. Goes out: rows of issue, KEY_LOST, one
per field. Counted over whole columns; only a field that lost much is looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence

from clue_engine.ingest.layout import Feed, RawFile, differ, twins
from clue_engine.ingest.regular import says_nothing, trimmed
from clue_engine.pack.model import RecordKind
from clue_engine.workspace import Workspace, ident

CODE = "KEY_LOST"
LOST_SHARE = 0.5  # "on most rows": of the loaded rows, not of the filled ones: a column that few rows have is no key
_TYPES = ("name", "caseno", "id")
_ROLE = "role"  # who is victim and who is suspect: without it nobody is a party


def note_lost_keys(ws: Workspace, file: RawFile, kind: RecordKind, feeds: Sequence[Feed]) -> None:
    """To be called while the stage of the file stands and before a newer file takes rows away."""
    keys = [f for f in feeds if f.groups and (f.field.type in _TYPES or f.field.name == _ROLE)]
    if not keys:
        return
    filled = ", ".join(f"count(*) filter ({_any_filled(feed)})" for feed in keys)
    ((n_rows, *n_filled),) = ws.rows(f"select count(*), {filled} from {file.stage}")
    read = ", ".join(f"count(*) filter ({_is_read(f)})" for f in keys)
    (n_read,) = ws.rows(f"select {read} from {ident('rec_' + kind.name)} where file_id = {file.file_id}")
    for feed, n_cells, n_values in zip(keys, n_filled, n_read, strict=True):
        if n_cells - n_values > LOST_SHARE * n_rows:
            _note(ws, file, feed, n_rows, n_values)


def _note(ws: Workspace, file: RawFile, feed: Feed, n_rows: int, n_values: int) -> None:
    said = " or ".join(f"not {says_nothing(trimmed(cell))}" for cell in _cells(feed))
    conflicts = [
        differ([f"nullif({trimmed(f'c{c.position}')}, '')" for c in group], twins(group))
        for group in feed.groups
        if len(group) > 1
    ]
    differing = f"count(*) filter ({' or '.join(conflicts)})" if conflicts else "0"
    ((n_said, n_differ),) = ws.rows(f"select count(*) filter ({said}), {differing} from {file.stage}")
    if n_said - n_values <= LOST_SHARE * n_rows:  # 不详, 无: nothing was lost
        return
    headers = "、".join(dict.fromkeys(c.header for group in feed.groups for c in group))
    why = f"，其中 {n_differ} 行几列内容不同、都没有采用" if n_differ else ""
    detail = f"关键列读不出：“{headers}”（{feed.field.label}）{n_said} 行有内容，只读出 {n_values} 行{why}"
    ws.con.execute("insert into issue values (?, 'error', ?, null, ?, ?)", [CODE, file.file_id, headers, detail])


def _any_filled(feed: Feed) -> str:
    return " or ".join(f"{cell} <> ''" for cell in _cells(feed))


def _cells(feed: Feed) -> list[str]:
    return [f"c{position}" for position in feed.positions]


def _is_read(feed: Feed) -> str:
    """A number of an office and a hidden number are read too: they say who it is, in their way."""
    name = ident(feed.field.name)
    if feed.field.type != "id":
        return f"{name} is not null"
    kind, partial = ident(f"{feed.field.name}_kind"), ident(f"{feed.field.name}_partial")
    return f"{name} is not null or {partial} is not null or {kind} in ('org', 'virtual')"
