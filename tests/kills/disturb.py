"""One disturbance: a copy of an office, a command that is ended or whose writing fails, and what is found then."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.kills import office as place

SOURCE = Path(__file__).parent / "fault.c"
LIBRARY = "CLUE_KILLS_LIBRARY"
WRITE, RENAME, SYNC, MAKE, REMOVE = 1, 2, 4, 8, 16
OFF, KILL, FULL, FAIL = range(4)
KILLED = -signal.SIGKILL


@dataclass(frozen=True)
class Kind:
    """``how`` and which changes (``of``), and the error that they end with."""

    name: str
    how: int
    of: int
    error: int = 0


KINDS = (
    Kind("kill", KILL, WRITE | RENAME | SYNC | MAKE | REMOVE),
    Kind("disk full from here on", FULL, WRITE | MAKE, errno.ENOSPC),
    Kind("write fails (EIO)", FAIL, WRITE, errno.EIO),
    Kind("fsync fails (EIO)", FAIL, SYNC, errno.EIO),
    Kind("rename fails (EACCES)", FAIL, RENAME, errno.EACCES),
)


@dataclass(frozen=True)
class Outcome:
    point: int
    code: int
    findings: tuple[str, ...] = ()


def available() -> str:
    """Why it cannot run here; empty when it can."""
    if not sys.platform.startswith("linux"):
        return "needs Linux"
    return "" if shutil.which("cc") else "no C compiler (cc)"


def built(folder: Path) -> Path:
    library = folder / "fault.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def restart() -> None:
    """Once more, with the library loaded first."""
    if os.environ.get(LIBRARY):
        return
    folder = Path(tempfile.mkdtemp(prefix="kills-"))
    library = built(folder)
    settings = {**os.environ, "LD_PRELOAD": str(library), LIBRARY: str(library), "OPENBLAS_NUM_THREADS": "1"}
    code = subprocess.run([sys.executable, "-m", "tests.kills", *sys.argv[1:]], env=settings, check=False).returncode
    shutil.rmtree(folder)
    sys.exit(code)


@cache
def library() -> ctypes.CDLL:
    return ctypes.CDLL(os.environ[LIBRARY])


def loaded() -> None:
    """What every child would import, once."""
    import docxtpl  # noqa: F401
    import duckdb  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401
    import xlsxwriter  # noqa: F401

    from clue_engine import pipeline  # noqa: F401


def command(folder: Path, arguments: Sequence[str], kind: Kind | None = None, point: int = 0) -> tuple[int, str, int]:
    """A command in a child of this process, in ``folder``: exit code, what it printed, how many changes it made."""
    reading, writing = os.pipe()
    shown = folder.parent / f"{folder.name}.txt"
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.close(reading)
            os.chdir(folder)
            with shown.open("w", encoding="utf-8") as screen:
                os.dup2(screen.fileno(), 1)
                os.dup2(screen.fileno(), 2)
            code = _called(arguments, folder, kind, point)
            os.write(writing, str(library().clue_count()).encode())
        finally:
            os._exit(code)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as stream:
        n = stream.read()
    return os.waitstatus_to_exitcode(status), shown.read_text(encoding="utf-8", errors="replace"), int(n or 0)


def _called(arguments: Sequence[str], folder: Path, kind: Kind | None, point: int) -> int:
    from clue_engine.cli.app import main

    if kind is not None:
        armed = ctypes.c_long(point)
        library().clue_arm(kind.how, kind.of, armed, kind.error, f"{folder}/".encode())
    try:
        main(list(arguments))
    except SystemExit as ending:
        return int(ending.code or 0)
    finally:
        library().clue_arm_off()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


@dataclass
class Office:
    """Offices before each command, how they look after it, and copies of them to disturb."""

    folder: Path
    commands: tuple[str, ...] = tuple(place.COMMANDS)
    before: dict[str, place.State] = field(default_factory=dict)
    after: dict[str, place.State] = field(default_factory=dict)
    clues: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def made(cls) -> Iterator[Office]:
        loaded()
        with tempfile.TemporaryDirectory(prefix="kills-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as at:
            yield cls(Path(at))

    def ready(self, name: str) -> Path:
        """The office before the command; made once, with how it looks after it."""
        first = self.folder / name
        if name in self.before:
            return first
        place.prepared(first, lambda folder, arguments: command(folder, arguments)[:2], name)
        self.before[name] = place.state(first)
        done = self.folder / f"{name}-done"
        shutil.copytree(first, done)
        told = self._told(first)
        code, text, _ = command(done, place.COMMANDS[name])
        if code:
            raise RuntimeError(f"{name}: {code}\n{text}")
        self.after[name] = place.state(done)
        self.clues[name] = told, self._told(done)
        return first

    def changes(self, name: str, kind: Kind) -> int:
        """How many changes of this kind the undisturbed command makes."""
        copy = self._copy(name)
        _, _, n = command(copy, place.COMMANDS[name], kind, 0)
        shutil.rmtree(copy)
        return n

    def _copy(self, name: str) -> Path:
        copy = self.folder / "now"
        shutil.rmtree(copy, ignore_errors=True)
        return Path(shutil.copytree(self.ready(name), copy))

    def _told(self, folder: Path) -> str:
        code, text, _ = command(folder, ("clues", "--json"))
        return text if code in (0, 3) else f"exit {code}: {text}"

    def disturbed(self, name: str, kind: Kind, point: int) -> Outcome:
        copy = self._copy(name)
        code, text, _ = command(copy, place.COMMANDS[name], kind, point)
        findings = list(self._findings(name, copy, code, text))
        return Outcome(point, code, tuple(dict.fromkeys(findings)))

    def _findings(self, name: str, copy: Path, code: int, text: str) -> Iterator[str]:
        before, after = self.before[name], self.after[name]
        at_once = place.state(copy)
        if code == 0 and _outcome(at_once) != _outcome(after):
            yield "exit 0, but not done"
        if code not in (0, KILLED) and ("Traceback" in text or "CE-" not in text):
            yield f"no coded message (exit {code}): {text[-200:]}"
        if code not in (0, KILLED):
            yield from _half(at_once, before, after)
        told = self._told(copy)  # the next command
        if told not in self.clues[name]:
            yield "the scan is not readable" if told.startswith("exit") else "the scan is another one"
        now = place.state(copy)
        strays = now.files.keys() - before.files.keys() - after.files.keys()
        yield from (f"left over, persons in it: {_kind_of(s)}" for s in sorted(strays) if place.names_persons(copy / s))
        check, said, _ = command(copy, ("ledger", "check"))  # opens the ledger as well
        now = place.state(copy)
        if code == KILLED:
            yield from _half(now, before, after)
        strays = now.files.keys() - before.files.keys() - after.files.keys()
        # a journal that never became valid stays until SQLite next writes; there is no person in the ledger
        strays = {stray for stray in strays if not stray.endswith(".sqlite-journal")}
        yield from (f"left over: {_kind_of(stray)}" for stray in sorted(strays))
        if check not in (0, 1):
            yield f"ledger check: exit {check}"
        elif check and "备份" not in said:
            yield "ledger check finds damage"
        again, said, _ = command(copy, place.COMMANDS[name])
        if again and not (name == "refer" and "CE-L06" in said):
            yield f"once more: exit {again} {_coded(said)}"
        elif _outcome(place.state(copy)) != _outcome(after):
            yield "once more: another result than undisturbed"


def _outcome(state: place.State) -> tuple[object, ...]:
    return state.delivered("清单"), state.delivered("移送件"), state.events


def _half(now: place.State, before: place.State, after: place.State) -> Iterator[str]:
    """Every set of files and the ledger are as before or as after."""
    for where in ("清单", "移送件"):
        files, old, new = (one.delivered(where) for one in (now, before, after))
        if files not in (old, new):
            torn = [n for n, d in files.items() if d not in (old.get(n), new.get(n))]
            yield f"{where}: a file is half" if torn else f"{where}: files of two sets"
    if list(now.events) not in (list(before.events), list(after.events)):
        yield "ledger: part of what happened"
    new_parcel = before.delivered("移送件") != after.delivered("移送件")
    sent, told = now.delivered("移送件") == after.delivered("移送件"), list(now.events) == list(after.events)
    if new_parcel and sent != told:
        yield "ledger and parcels disagree"


def _kind_of(name: str) -> str:
    return re.sub(r"(?<=/)tmp[^/]{8}(?=/|$)", "tmp", re.sub(r"\.clue-tmp-[^/]*", ".clue-tmp", name))


def _coded(text: str) -> str:
    return next((word.strip("：:") for word in text.split() if word.startswith("CE-")), text[:80])


def chosen(office: Office, name: str, kind: Kind, kills: int, faults: int) -> tuple[int, list[int]]:
    """How many changes there are, and at which of them to disturb: all, or so many evenly spread."""
    office.ready(name)
    n = office.changes(name, kind)
    wanted = kills if kind.how == KILL else faults
    if n <= wanted:
        return n, list(range(1, n + 1))
    return n, sorted({1 + i * (n - 1) // (wanted - 1) for i in range(wanted)})
