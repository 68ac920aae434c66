"""Columns that say who and which case, filled in and yet read on few rows: the file is loaded and of no use.

Comes in: what was read of one kind of record of a file (column_read.py), its stage. Goes out: rows of
issue, KEY_LOST, one per field. Counted over whole columns; only a field that lost much is looked at again.
"""

from __future__ import annotations

from collections.abc import Sequence

from clue_engine.ingest.column_read import Read
from clue_engine.ingest.layout import Feed, RawFile, differ, twins
from clue_engine.ingest.regular import says_nothing, trimmed
from clue_engine.workspace import Workspace

CODE = "KEY_LOST"
LOST_SHARE = 0.5  # "on most rows": of the loaded rows, not of the filled ones: a column that few rows have is no key
_TYPES = ("name", "caseno", "id")
_ROLE = "role"  # who is victim and who is suspect: without it nobody is a party


def note_lost_keys(ws: Workspace, file: RawFile, reads: Sequence[Read]) -> None:
    """To be called while the stage of the file stands."""
    for read in reads:
        # in running text most rows tell of no case
        is_role = read.feed.field.name == _ROLE and not file.source.options.get("prose_of")
        is_key = read.feed.field.type in _TYPES or is_role
        if is_key and read.n_filled - read.n_known > LOST_SHARE * read.n_rows:
            _note(ws, file, read.feed, read.n_rows, read.n_known)


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


def _cells(feed: Feed) -> list[str]:
    return [f"c{position}" for position in feed.positions]
