"""python -m tests.faults: put each fault of the catalogue into a copy of the program and run the nearest tests.

Prints what is noticed, what survives and what does not run; exit code 1 when a fault survives that the catalogue does
not excuse, or cannot be put in. Two copies are worked on at a time.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# loaded once for all children
import duckdb  # noqa: F401
import hypothesis  # noqa: F401
import pyarrow  # noqa: F401
import pypinyin  # noqa: F401
import pytest
import rapidfuzz.distance  # noqa: F401

from tests.faults.catalogue import ROOT, Fault, complaint, faults, tenth

COPIED = ("clue_engine", "rules", "tests", "sample_data", "docs", "pyproject.toml", "README.md")
RESULTS = Path(__file__).parent / "results.md"
SECONDS = 300  # a fault that makes the tests run on for so long is noticed
# A fault that the program cannot even start with proves nothing about the tests.
_NO_PROGRAM = re.compile(
    r"SyntaxError|IndentationError|ImportError|NameError|ParserException|BinderException|CatalogException"
)


@dataclass(frozen=True)
class Outcome:
    fault: Fault
    said: str  # noticed, survives, or does not run
    seconds: float = 0.0
    detail: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments(arguments)
    chosen = faults()
    if asked.tenth is not None:
        chosen = tenth(chosen, int(asked.tenth, 16))
    if asked.only:
        chosen = [fault for fault in chosen if fault.id in asked.only or fault.station in asked.only]
    started = time.perf_counter()
    with _copies(asked.jobs) as copies:
        if not asked.suite_passed and not _sound(chosen, copies[0]):
            return 1
        outcomes = _all(chosen, copies)
    seconds = time.perf_counter() - started
    print(_summary(outcomes, seconds))
    if asked.write:
        RESULTS.write_text(_report(outcomes, asked.write, seconds, asked.jobs), encoding="utf-8")
    return int(any(o.said != "noticed" and not (o.said == "survives" and o.fault.unnoticed) for o in outcomes))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="ID", help="these faults, or those of these stations")
    parser.add_argument("--tenth", metavar="HEX", help="every tenth fault: which tenth by a number or a commit's hash")
    parser.add_argument("--jobs", type=int, default=2, help="copies worked on at a time")
    parser.add_argument("--suite-passed", action="store_true", help="do not run the tests without a fault first")
    parser.add_argument("--write", metavar="DATE", help=f"write {RESULTS.name}, as of this day")
    asked = parser.parse_args(arguments)
    if asked.write and (asked.only or asked.tenth is not None):
        parser.error("--write is for a run of the whole catalogue")
    return asked


@contextmanager
def _copies(number: int) -> Iterator[list[Path]]:
    """As many copies of the program and its tests, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        for n in range(number):
            copy = Path(folder) / str(n)
            for name in COPIED:
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
                elif (ROOT / name).exists():
                    shutil.copy2(ROOT / name, copy / name)
        yield [Path(folder) / str(n) for n in range(number)]


def _all(chosen: Sequence[Fault], copies: Sequence[Path]) -> list[Outcome]:
    """Each fault in a process of its own, as many at a time as there are copies; in the order of the catalogue."""
    outcomes: dict[str, Outcome] = {}
    waiting, free, running = list(chosen), list(copies), dict[int, _Trial]()
    while waiting or running:
        while waiting and free:
            fault, copy = waiting.pop(0), free.pop()
            wrong = complaint(fault, copy, copy)
            if wrong:
                free.append(copy)
                outcomes[fault.id] = Outcome(fault, "does not run", 0.0, wrong)
            else:
                trial = _Trial(fault, copy, len(outcomes) + len(running) + 1)
                running[trial.pid] = trial
        if running:
            pid, status = os.wait()
            trial = running.pop(pid)
            free.append(trial.copy)
            outcome = outcomes[trial.fault.id] = trial.outcome(status)
            print(f"{outcome.said:<12} {outcome.fault.id}  {outcome.seconds:.1f} s  {outcome.detail}", flush=True)
    return [outcomes[fault.id] for fault in chosen]


class _Trial:
    """A fault that stands in a copy while a child process runs the tests."""

    def __init__(self, fault: Fault, copy: Path, number: int):
        self.fault, self.copy = fault, copy
        self._path = copy / fault.file
        self._before, self._stamp = self._path.read_bytes(), self._path.stat().st_mtime
        changed = self._before.decode("utf-8").replace(fault.text, fault.replacement).encode("utf-8")
        self._put(changed, self._stamp + number)  # compiled files are told by time and size alone
        self._said = copy / "said.txt"
        self._began = time.perf_counter()
        self.pid = _fork_pytest(copy, fault.tests, self._said)

    def outcome(self, status: int) -> Outcome:
        """Take the fault out again and say what the tests made of it."""
        self._put(self._before, self._stamp)
        seconds = time.perf_counter() - self._began
        text = self._said.read_text(encoding="utf-8", errors="replace")
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM:
            return Outcome(self.fault, "noticed", seconds, "did not end")
        code = os.waitstatus_to_exitcode(status)
        broken = _NO_PROGRAM.search(text) if code else None
        if code not in (0, 1) or broken:
            return Outcome(self.fault, "does not run", seconds, broken[0] if broken else text[-300:])
        return Outcome(self.fault, "noticed" if code else "survives", seconds, _first_failure(text) if code else "")

    def _put(self, content: bytes, stamp: float) -> None:
        self._path.write_bytes(content)
        os.utime(self._path, (stamp, stamp))


def _fork_pytest(copy: Path, tests: Sequence[str], said: Path) -> int:
    """The number of a child process that runs tests in a copy; exit code 0: all passed, 1: some failed.

    A child of this process has the libraries already, which a new Python takes a second to load; the program and the
    tests it imports from the copy.
    """
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        signal.alarm(SECONDS)
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(copy)
        os.environ |= {"PYTHONPATH": str(copy), "TMPDIR": str(copy)}
        tempfile.tempdir = None
        sys.path[:] = [str(copy), *(p for p in sys.path if p and Path(p).resolve() != ROOT)]
        for name in [n for n in sys.modules if n.partition(".")[0] in ("tests", "clue_engine")]:
            del sys.modules[name]
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short", *tests]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def _first_failure(text: str) -> str:
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", text, re.MULTILINE)
    return found[1].rpartition("/")[2] if found else ""


def _sound(chosen: Sequence[Fault], copy: Path) -> bool:
    """Whether the tests pass without a fault: a test that fails anyway notices nothing."""
    said = copy / "said.txt"
    status = os.waitpid(_fork_pytest(copy, sorted({name for fault in chosen for name in fault.tests}), said), 0)[1]
    if status:
        print(f"the tests fail without a fault\n{said.read_text(encoding='utf-8', errors='replace')[-2000:]}")
    return status == 0


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    said = Counter(o.said for o in outcomes)
    others = "".join(f", {n} {word}" for word, n in sorted(said.items()) if word != "noticed")
    return f"{said['noticed']} of {len(outcomes)} noticed{others}, {seconds:.0f} s"


def _report(outcomes: Sequence[Outcome], day: str, seconds: float, jobs: int) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    lines = [
        "# Faults put in one by one, and what the nearest tests noticed",
        "",
        f"`python -m tests.faults --write {day}`, commit {commit.stdout.strip() or '?'}, {jobs} at a time: "
        f"{_summary(outcomes, seconds)}.",
        "",
        "| part | faults | noticed | longest (s) |",
        "|---|---:|---:|---:|",
    ]
    for station in dict.fromkeys(o.fault.station for o in outcomes):
        own = [o for o in outcomes if o.fault.station == station]
        n = sum(o.said == "noticed" for o in own)
        lines.append(f"| {station} | {len(own)} | {n} | {max(o.seconds for o in own):.0f} |")
    left = [o for o in outcomes if o.said != "noticed"]
    lines += ["", "Not noticed:" if left else "Every fault was noticed.", ""]
    lines += [f"- `{o.fault.id}` ({o.said}): {o.fault.breaks}. {o.fault.unnoticed or o.detail}".rstrip() for o in left]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
