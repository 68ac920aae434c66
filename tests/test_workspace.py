"""The workspace by itself: threads by the rows that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from clue_engine import workspace
from clue_engine.workspace import Workspace


def threads(ws: Workspace) -> int:
    return int(ws.rows("select current_setting('threads')")[0][0])


def test_threads_follow_the_loaded_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "ROWS_PER_THREAD", 1000)
    with Workspace.open(tmp_path) as ws:
        most = threads(ws)
        ws.con.execute("create table raw_1 as select range as row_no from range(900)")
        ws.con.execute("create table person as select range as row_no from range(5000)")
        ws.use_threads()
        assert threads(ws) == 1
        ws.con.execute("create table raw_2 as select range as row_no from range(1200)")
        ws.use_threads()
        assert threads(ws) == min(3, most)
    with Workspace.open(tmp_path) as ws:
        assert threads(ws) == min(3, most)
    with Workspace.open(tmp_path, threads=1) as ws:
        ws.use_threads()
        assert threads(ws) == 1
