"""The workspace by itself: threads by the rows that are there."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from clue_engine import workspace
from clue_engine.errors import ClueError, system_reason
from clue_engine.ledger.store import _known as known_error
from clue_engine.workspace import Workspace, storage_error


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


@pytest.mark.parametrize(
    ("ending", "there"),
    [
        (None, "new"),
        (KeyboardInterrupt(), "old"),
        (OSError(28, "No space left on device"), "old"),
        (ClueError("CE-D20", "数据与预期不符"), "new"),
    ],
)
def test_the_scan_before_is_there_again_when_a_run_is_cut_short(
    tmp_path: Path, ending: BaseException | None, there: str
) -> None:
    """An error that the user can act on leaves what was loaded; a kill is the same as an interruption (tests.kills)."""
    with Workspace.open(tmp_path) as ws:
        ws.con.execute("create table scan as select 'old' as said")
    (tmp_path / "parameters.yaml").write_text("old", encoding="utf-8")
    with suppress(BaseException), Workspace.open(tmp_path) as ws, ws.kept():
        ws.con.execute("create or replace table scan as select 'new' as said")
        (tmp_path / "parameters.yaml").write_text("new", encoding="utf-8")
        if ending is not None:
            raise ending
    with Workspace.open(tmp_path) as ws:
        assert ws.rows("from scan") == [(there,)]
    assert (tmp_path / "parameters.yaml").read_text("utf-8") == there
    assert {p.name for p in tmp_path.iterdir()} == {"clue.duckdb", "parameters.yaml", "tmp"}


def test_a_disk_that_does_not_confirm_is_no_damaged_file(tmp_path: Path) -> None:
    """fsync or a write that fails with EIO, of DuckDB, SQLite or our own: told as the disk, not as damage or space."""
    of_ledger = sqlite3.OperationalError("disk I/O error")
    of_ledger.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    told = [
        storage_error(duckdb.FatalException("FATAL Error: fsync failed!"), tmp_path),
        storage_error(duckdb.IOException('IO Error: Could not write file "x": Input/output error'), tmp_path),
        storage_error(OSError(errno.EIO, "x"), tmp_path),
        known_error(of_ledger, tmp_path),
    ]
    assert [(e.code, e.exit_code) for e in told if isinstance(e, ClueError)] == [("CE-S33", 5)] * 4
    assert system_reason(errno.EIO) == "磁盘读写出错" and system_reason(errno.EACCES) == "没有权限"
