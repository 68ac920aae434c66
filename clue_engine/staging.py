"""Files that appear together or not at all: made in a folder beside their place, moved there when all are whole.

Comes in: the place. Goes out: a folder ``.clue-tmp-…`` in it, locked while its process lives. What a killed process
has left is settled by the next command: a set that was being moved is moved to the end, everything else is taken away,
since it is plain text of persons. A workspace notes in ``stages`` where its stages are: any command finds them.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

STAGE = ".clue-tmp-"
RUN = "run.json"  # the record of a set; it stays where a set could not be completed
NOTES = "stages"
_READY, _BEFORE = ".ready", ".before"


@contextmanager
def staging(place: Path, noted: Path | None = None) -> Iterator[Path]:
    """A stage in ``place``. ``noted``: the workspace by which later commands find it. Raises OSError."""
    settle(place)
    if noted is not None:
        _note(noted, place)
    stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=place))
    lock = _locked(stage)
    try:
        yield stage
    finally:
        _settle(stage, place)
        if lock is not None:
            os.close(lock)


def publish(stage: Path, place: Path, names: Sequence[str], *, ready: bool = False) -> None:
    """Move ``names`` into ``place``. Raises OSError with the name; then all stands as it was.

    ``ready``: it was promised (``promise``) and something else depends on it: what cannot be moved now is moved by the
    next command.
    """
    if not ready:
        promise(stage, place, names)
    done: list[str] = []
    try:
        for name in names:
            (stage / name).replace(place / name)
            done.append(name)
    except BaseException:
        if not ready:
            _take_back(stage, place, done)
        raise
    with suppress(OSError):  # whoever settles it finds nothing left to move
        (stage / _READY).unlink()
    for other in place.glob(f"{STAGE}*") if RUN in names else ():
        if _is_record(other):
            shutil.rmtree(other, ignore_errors=True)


def promise(stage: Path, place: Path, names: Sequence[str], *, ledger: Path | None = None, row: str = "") -> None:
    """From here on the next command completes what this one began: with a ``ledger`` once it holds the ``row``."""
    (stage / _BEFORE).mkdir()
    before = {}
    for name in names:
        old = place / name
        if old.is_file() and not old.is_symlink():
            before[name] = _hash(old)
            try:
                os.link(old, stage / _BEFORE / name)
            except OSError:  # a disk without links
                shutil.copy2(old, stage / _BEFORE / name)
    told = {"names": list(names), "before": before, "ledger": str(ledger.resolve()) if ledger else "", "row": row}
    new = stage / f"{_READY}.new"
    new.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    new.replace(stage / _READY)


def _take_back(stage: Path, place: Path, names: Iterable[str]) -> None:
    """What stood in ``place`` before; a promise that cannot be taken back stays for the next command."""
    with suppress(OSError):
        for name in names:
            old = stage / _BEFORE / name
            if old.exists():
                old.replace(place / name)
            else:
                (place / name).unlink()
        (stage / _READY).unlink()


# -- what killed commands left ---------------------------------------------------------------------------------------
def settle_noted(directory: Path) -> None:
    """Everything that commands with this workspace have left anywhere; for whoever alone has it open."""
    note = directory / NOTES
    if note.exists():
        places = [Path(line) for line in note.read_text(encoding="utf-8").splitlines()]
        for place in places:
            settle(place)
        if not any(stage for place in places for stage in place.glob(f"{STAGE}*")):
            note.unlink()


def settle(place: Path) -> None:
    """Complete or take away what killed processes have left in a folder; of living ones nothing is touched."""
    for stage in sorted(place.glob(f"{STAGE}*")):
        if stage.is_symlink():
            continue
        if not stage.is_dir():
            stage.unlink(missing_ok=True)
            continue
        lock = _locked(stage)
        if lock is not None or not _LOCKS:
            _settle(stage, place)
        if lock is not None:
            os.close(lock)


def _is_record(stage: Path) -> bool:
    """Whether it only says what of a set stands beside it, until a whole set does."""
    return stage.is_dir() and not stage.is_symlink() and [path.name for path in stage.iterdir()] == [RUN]


def _settle(stage: Path, place: Path) -> None:
    if _is_record(stage):
        return
    told = _promised(stage)
    kept = bool(told) and bool(told["ledger"]) and _holds(Path(told["ledger"]), told["row"])
    if not told or (told["ledger"] and not kept) or _completed(stage, place, told):
        shutil.rmtree(stage, ignore_errors=True)
        return
    if kept:  # the ledger says that it was sent: tried again by the next command
        return
    for path in stage.iterdir():  # a person has changed or opened one of the files: his stays, and the record of ours
        if path.name == _BEFORE or path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in (RUN, _READY):
            path.unlink(missing_ok=True)
    (stage / _READY).unlink(missing_ok=True)


def _promised(stage: Path) -> Mapping[str, Any]:
    try:
        told = json.loads((stage / _READY).read_text(encoding="utf-8"))
        return told if isinstance(told, dict) and {"names", "before", "ledger", "row"} <= told.keys() else {}
    except (OSError, ValueError):
        return {}


def _completed(stage: Path, place: Path, told: Mapping[str, Any]) -> bool:
    """The rest of the set in its place; not where a file there is no more what was to be replaced."""
    rest = [name for name in told["names"] if (stage / name).exists()]
    try:
        for name in rest:
            there = place / name
            if there.is_dir() or (there.is_file() and _hash(there) != told["before"].get(name)):
                return False
        for name in rest:
            (stage / name).replace(place / name)
    except OSError:
        return False
    return True


def _holds(ledger: Path, row: str) -> bool:
    """Whether the ledger has the row: what was not finished there is taken back by opening it."""
    try:
        with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=rw", uri=True)) as con:
            return bool(con.execute("select 1 from event where hash = ?", [row]).fetchall())
    except sqlite3.Error:
        return False


def _note(directory: Path, place: Path) -> None:
    note, line = directory / NOTES, str(place.resolve())
    known = note.read_text(encoding="utf-8").splitlines() if note.exists() else []
    if line not in known:
        descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
            stream.write(line + "\n")


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# -- whose it is -----------------------------------------------------------------------------------------------------
try:
    import fcntl

    _LOCKS = True
except ImportError:  # Windows: nobody can lock a folder, and a file that is open cannot be taken away
    _LOCKS = False


def can_lock() -> bool:
    """Whether the stages of living processes can be told from those of dead ones."""
    return _LOCKS


def _locked(stage: Path) -> int | None:
    """The lock of a stage; None while another process lives that holds it."""
    if not _LOCKS:
        return None
    try:
        descriptor = os.open(stage, os.O_RDONLY)
    except OSError:  # settled meanwhile by another command
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:  # a disk of the network that knows no locks
        pass
    return descriptor
