"""Faults of disk and process, made for real: after each the old files stand or the new ones, and the next run works."""

from __future__ import annotations

import ctypes
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import tiny_county as county

from clue_engine.enquiry.replay import facts
from clue_engine.errors import ClueError
from clue_engine.workspace import SCHEMA_VERSION, Workspace
from tests.called import forked

CODE = re.compile(r"CE-[A-Z]\d\d")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_copy: Callable[[Path], Path]) -> Path:
    """Input, pack and parameters of the tiny county, and what an undisturbed run writes."""
    return tiny_copy(tmp_path_factory.mktemp("county") / "tiny")


@pytest.fixture(scope="module")
def lists(place: Path) -> dict[str, bytes]:
    return county.lists(place / "done")


def finished(place: Path, out: Path) -> Path:
    """A copy of the undisturbed run's folder, workspace and all."""
    return Path(shutil.copytree(place / "done", out))


def settings(place: Path) -> list[object]:
    return ["--rules", place / "pack", "--parameters", place / "本县口径.yaml"]


def run(place: Path, out: Path, *more: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return county.run(place / "in", out, *settings(place), *more, **options)


def told(result: subprocess.CompletedProcess[bytes], code: str, exit_code: int) -> str:
    """One message with code and next step, no traceback, nothing of a person."""
    text = result.stderr.decode("utf-8")
    assert result.returncode == exit_code, text
    assert CODE.findall(text) == [code] and "下一步" in text, text
    assert "Traceback" not in text + result.stdout.decode("utf-8")
    assert not any(secret in text for secret in (*county.IDS, *county.IDS.values()))
    return text


def limit(size: int) -> Callable[[], None]:
    """No file of the process may grow beyond ``size``: the disk is full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


# -- a full disk ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [300_000, 4_000_000])
def test_disk_full_leaves_the_old_lists(place: Path, lists: dict[str, bytes], tmp_path: Path, size: int) -> None:
    out = finished(place, tmp_path / "out")
    result = run(place, out, before=limit(size))
    if result.returncode:
        told(result, "CE-S23", 5)
    assert county.lists(out) == lists and not list(out.glob(".clue-tmp-*"))
    assert run(place, out).returncode == 0
    assert county.lists(out) == lists


def test_disk_full_in_a_station(place: Path, lists: dict[str, bytes], tmp_path: Path) -> None:
    """Each station meets a full disk once, then is run again: the next one finds all it needs."""
    ws, out = tmp_path / "ws", tmp_path / "out"
    steps: dict[str, tuple[int, list[object]]] = {
        "ingest": (20_000, ["ingest", place / "in", "-w", ws, "--rules", place / "pack"]),
        "link": (4_000, ["link", "-w", ws, *settings(place), "--as-of", county.AS_OF]),
        "scan": (4_000, ["scan", "-w", ws, *settings(place), "--as-of", county.AS_OF]),
        "export": (10_000, ["export", "-w", ws, "--rules", place / "pack", "--out", out]),
    }
    for size, arguments in steps.values():
        told(county.clue_engine(*arguments, before=limit(size)), "CE-S23", 5)
        assert not out.exists() or not list(out.iterdir())
        again = county.clue_engine(*arguments)
        assert again.returncode == 0, again.stderr.decode()
    assert county.lists(out) == lists


# -- a killed process ----------------------------------------------------------------------------------------------
def test_kill_at_any_point(place: Path, lists: dict[str, bytes], tmp_path: Path) -> None:
    out = finished(place, tmp_path / "out")
    # another date: the new lists differ from the old ones
    later = ["run", place / "in", "--as-of", "2025-07-31", "--out", out, *settings(place)]
    began = time.monotonic()
    assert forked(*later)[1]().returncode == 0
    whole = time.monotonic() - began
    new = county.lists(out)
    assert run(place, out).returncode == 0 and county.lists(out) == lists
    for fifth in range(5):  # a tenth of what python -m tests.kills does to this command
        when = random.Random(fifth).uniform(0.05, 0.24) + 0.19 * fifth
        process, done = forked(*later)
        process.join(when * whole)
        process.kill()
        done()
        Workspace.open(out / "workspace", create=False).close()
        found = county.lists(out)
        assert found.keys() == lists.keys()
        for name, data in found.items():
            assert data in (lists[name], new[name]), f"{name} neither old nor new, killed at {when:.2f} of a run"
    assert run(place, out).returncode == 0
    assert county.lists(out) == lists and not list(out.glob(".clue-tmp-*"))


@pytest.mark.parametrize(
    ("number", "exit_code", "waits"),
    [(signal.SIGINT, 130, (0.0, 0.7)), (signal.SIGTERM, 143, (0.7,)), (signal.SIGHUP, 143, (0.4,))],
)
def test_stop_signals(
    place: Path, lists: dict[str, bytes], tmp_path: Path, number: int, exit_code: int, waits: tuple[float, ...]
) -> None:
    for n, after in enumerate(waits):
        out = tmp_path / f"out{n}"
        process, done = forked("run", place / "in", "--as-of", county.AS_OF, "--out", out, *settings(place))
        while not (out / "workspace" / "clue.duckdb").exists() and process.is_alive():
            time.sleep(0.01)
        time.sleep(after)
        assert process.pid is not None
        os.kill(process.pid, number)
        ended = done()
        if ended.returncode == 0:  # it was faster
            assert county.lists(out) == lists
            continue
        assert (ended.returncode, ended.stderr.decode().strip()) == (exit_code, "已中断，没有写出未完成的结果")
        assert county.lists(out) in ({}, lists) and not list(out.glob(".clue-tmp-*"))
        assert run(place, out).returncode == 0 and county.lists(out) == lists


def test_a_reader_that_leaves_is_no_error(place: Path) -> None:
    workspace = place / "done" / "workspace"
    for arguments in (["fields"], ["quality", "-w", workspace, "--json"], ["rules", "list", "--rules", place / "pack"]):
        process = subprocess.Popen(county.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 0), arguments


# -- two processes -------------------------------------------------------------------------------------------------
def test_a_workspace_in_use(place: Path, lists: dict[str, bytes], tmp_path: Path) -> None:
    out = finished(place, tmp_path / "out")
    with Workspace.open(out / "workspace"):
        another = run(place, out, stdin=subprocess.DEVNULL)  # a process of its own
        assert f"进程号 {os.getpid()}" in told(another, "CE-S25", 4)
        waiting = subprocess.Popen(
            county.command(
                "run", place / "in", "--as-of", county.AS_OF, "--out", out, "--wait", "60", *settings(place)
            ),
            stdout=subprocess.DEVNULL,
        )
        time.sleep(1.5)
        assert waiting.poll() is None
    assert waiting.wait(timeout=60) == 0
    assert county.lists(out) == lists


# -- places and databases that cannot be used ----------------------------------------------------------------------
def plain_user() -> None:
    """In a child: root keeps its number and loses the right to pass over modes, so that read-only means read-only."""
    if os.geteuid() == 0:
        version, this_process, none = 0x20080522, 0, (ctypes.c_uint32 * 6)()  # linux/capability.h
        assert ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(version, this_process), none) == 0


def modes(folder: Path, directory: int, file: int) -> None:
    """Read-only or not, the folder and all in it."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(directory if path.is_dir() else file)


@pytest.mark.parametrize("kind", ["file", "link", "read only"])
def test_output_places_are_checked_before_anything_is_read(place: Path, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("别人的文件")
    elif kind == "link":
        (tmp_path / "elsewhere").mkdir()
        out.symlink_to(tmp_path / "elsewhere")
    else:
        out.mkdir(mode=0o555)
    told(run(place, out, before=plain_user), "CE-S28", 5)
    assert not (tmp_path / "elsewhere").exists() or not list((tmp_path / "elsewhere").iterdir())


def test_a_read_only_workspace(place: Path, lists: dict[str, bytes], tmp_path: Path) -> None:
    """Every command says that it cannot write, before it does anything; lists already there stay."""
    out = finished(place, tmp_path / "out")
    modes(out, 0o555, 0o444)
    try:
        for arguments in (
            ["run", place / "in", "--out", out, *settings(place)],
            ["run", place / "in", "--out", tmp_path / "new", "-w", out / "workspace", *settings(place)],
            ["export", "-w", out / "workspace", "--rules", place / "pack", "--out", tmp_path / "new"],
            ["clues", "-w", out / "workspace", "--rules", place / "pack"],
        ):
            told(county.clue_engine(*arguments, before=plain_user), "CE-S28", 5)
        near_miss = ["rules", "near-miss", "J02", "--rules", place / "pack", "-w", out / "workspace"]
        assert county.clue_engine(*near_miss, before=plain_user).returncode == 0  # only looks on
    finally:
        modes(out, 0o700, 0o600)
    assert county.lists(out) == lists and not list((tmp_path / "new").glob("*.csv"))


@pytest.mark.parametrize("damage", ["newer", "older", "cut", "flipped", "no database", "alien", "folder in its place"])
def test_a_database_that_cannot_be_read_is_left_alone(
    place: Path, lists: dict[str, bytes], tmp_path: Path, damage: str
) -> None:
    ws = finished(place, tmp_path / "out") / "workspace"
    database = ws / "clue.duckdb"
    data = database.read_bytes()
    if damage in ("newer", "older"):
        version = {"newer": SCHEMA_VERSION + 1, "older": SCHEMA_VERSION - 1}[damage]
        with Workspace.open(ws) as opened:
            opened.con.execute("update workspace_meta set value = ? where key = 'schema_version'", [version])
    elif damage == "alien":
        database.unlink()
        with duckdb.connect(str(database)) as con:
            con.execute("create table other as select 1 as x")
    elif damage == "cut":
        database.write_bytes(data[: len(data) // 3])
    elif damage == "flipped":
        middle = len(data) // 2 // 4096 * 4096
        database.write_bytes(
            bytes(b ^ 0xFF if i % 4096 == 100 else b for i, b in enumerate(data[:middle])) + data[middle:]
        )
    elif damage == "no database":
        database.write_text("户编号,姓名\n" * 1000)
    else:
        database.unlink()
        database.mkdir()
    before = b"" if database.is_dir() else database.read_bytes()
    code = "CE-S32" if damage in ("newer", "older") else "CE-S29"
    told(county.clue_engine("clues", "-w", ws, "--rules", place / "pack"), code, 5)
    for opened in (lambda: Workspace.open(ws), lambda: facts(ws).__enter__()):  # to write, and only to look
        with pytest.raises(ClueError, match=code) as caught:
            opened()
        assert caught.value.exit_code == 5 and caught.value.hint
    assert database.is_dir() or database.read_bytes() == before
    assert county.lists(tmp_path / "out") == lists
    if code == "CE-S32":  # what the message advises
        ws.rename(tmp_path / "kept")
        assert run(place, tmp_path / "out").returncode == 0 and county.lists(tmp_path / "out") == lists
