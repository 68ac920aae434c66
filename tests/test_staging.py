"""What is put in place beside the ledger: both or neither, wherever the process is killed. More of it: tests.kills."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from clue_engine.errors import ClueError
from clue_engine.export import parcel
from clue_engine.export.parcel import Sending, _into_place
from clue_engine.ledger import Event, Ledger
from clue_engine.ledger.store import FILE
from clue_engine.staging import STAGE, settle, staging

DAY = dt.date(2025, 6, 30)
REFERRED = Event("referred", "SF-0001", "P1", DAY, "司法救助线索", {"receiver": "民政局"})


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    file = tmp_path / "台账" / FILE
    with Ledger.open(file, create=True) as own:
        own.append([Event("listed", "SF-0001", "P1", DAY, "司法救助线索", {})], secret="s")
    return file


def sent(out: Path, ledger: Path, dies: str = "", forbidden: bool = False) -> None:
    """A parcel made, noted and moved; ended at the point ``dies``."""

    def at(point: str, then: Callable[..., object] = lambda *_, **__: None) -> Callable[..., object]:
        def wrapped(*args: object, **more: object) -> object:
            if dies == f"before {point}":
                os.kill(os.getpid(), signal.SIGKILL)
            found = then(*args, **more)
            if dies == f"after {point}":
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return wrapped

    if dies:  # in a process of its own
        parcel.promise = at("promise", parcel.promise)  # type: ignore[assignment]
        parcel.publish = at("move", parcel.publish)  # type: ignore[assignment]
        Ledger.back_up = at("copy", Ledger.back_up)  # type: ignore[method-assign, assignment]
    with staging(out) as stage, Ledger.open(ledger) as own:
        (stage / "民政局").mkdir()
        (stage / "民政局" / "清单.xlsx").write_text("某某")
        record = lambda ready: own.append([REFERRED], before_commit=ready)  # noqa: E731
        if forbidden:
            (out / "民政局").mkdir()
            (out / "民政局" / "别的").write_text("")
        _into_place(stage, out, "民政局", Sending("民政局", (), {}, record, ledger))


POINTS = ["before promise", "after promise", "before copy", "after copy", "before move", "after move", ""]


@pytest.mark.parametrize("point", POINTS)
def test_a_parcel_is_there_and_noted_or_neither(tmp_path: Path, ledger: Path, point: str) -> None:
    out = tmp_path / "移送件"
    out.mkdir()
    process = multiprocessing.get_context("fork").Process(target=sent, args=(out, ledger, point))
    process.start()
    process.join(30)
    assert process.exitcode == (-signal.SIGKILL if point else 0)
    settle(out)
    with Ledger.open(ledger) as own:
        noted = [e.kind for e in own.events()] == ["listed", "referred"]
    assert noted is (out / "民政局" / "清单.xlsx").is_file() is (point not in ("before promise", "after promise"))
    assert not list(out.glob(f"{STAGE}*"))


def test_what_cannot_be_moved_after_it_was_noted_is_moved_later(tmp_path: Path, ledger: Path) -> None:
    out = tmp_path / "移送件"
    out.mkdir()
    with pytest.raises(ClueError, match="CE-S28"):
        sent(out, ledger, forbidden=True)
    settle(out)
    assert [path.name for path in (out / "民政局").iterdir()] == ["别的"] and list(out.glob(f"{STAGE}*"))
    (out / "民政局" / "别的").unlink()
    (out / "民政局").rmdir()
    settle(out)
    assert [path.name for path in out.iterdir()] == ["民政局"]


def test_of_a_living_process_nothing_is_taken(tmp_path: Path) -> None:
    with staging(tmp_path) as stage:
        (stage / "清单.csv").write_text("某某")
        settle(tmp_path)
        assert (stage / "清单.csv").exists()
    assert not list(tmp_path.iterdir())
