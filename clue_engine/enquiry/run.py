"""What the last scan of a workspace was made with.

Comes in: run_meta. Goes out: its scan date; CE-U08 where no scan was made yet.
"""

from __future__ import annotations

import datetime as dt

from clue_engine.errors import ClueError
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace


def scan_date(ws: Workspace) -> dt.date:
    """The as-of date of the last scan."""
    found = ws.rows("select value from run_meta where key = 'as_of'") if ws.has_table("run_meta") else []
    if not found or not ws.has_table("clue"):
        raise ClueError(
            "CE-U08",
            "工作区里还没有扫描结果",
            place=str(ws.directory),
            hint=f"先运行 clue-engine scan -w {ws.directory}",
        )
    return dt.date.fromisoformat(found[0][0])


def pack_differs(ws: Workspace, pack: Pack) -> bool:
    """Whether the scan was made with other rules or parameters than this pack."""
    found = ws.rows("select value from run_meta where key = 'pack_hash'")
    return bool(found) and found[0][0] != pack.hash
