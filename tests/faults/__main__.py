"""python -m tests.faults: put each fault of the catalogue into a copy of the program and run the nearest tests.

Prints what is noticed, what survives and what does not run; exit code 1 when a fault survives that the catalogue does
not excuse, or cannot be put in. Two copies are worked on at a time.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults.catalogue import ROOT, Fault, complaint, faults, tenth

COPIED = ("clue_engine", "rules", "tests", "sample_data", "docs", "pyproject.toml", "README.md")
RESULTS = Path(__file__).parent / "results.md"
SECONDS = 180  # a fault that makes the tests run on for so long is noticed
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
        if not asked.suite_passed and not _sound(chosen, copies):
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
    return parser.parse_args(arguments)


@contextmanager
def _copies(number: int) -> Iterator[queue.Queue[Path]]:
    """As many copies of the program and its tests, in a folder that goes away."""
    free: queue.Queue[Path] = queue.Queue()
    with tempfile.TemporaryDirectory() as folder:
        for n in range(number):
            copy = Path(folder) / str(n)
            for name in COPIED:
                if (ROOT / name).is_dir():
                    shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
                elif (ROOT / name).exists():
                    shutil.copy2(ROOT / name, copy / name)
            free.put(copy)
        yield free


def _all(chosen: Sequence[Fault], copies: queue.Queue[Path]) -> list[Outcome]:
    def one(number: int, fault: Fault) -> Outcome:
        copy = copies.get()
        try:
            outcome = _try(fault, copy, number)
        finally:
            copies.put(copy)
        print(f"{outcome.said:<12} {fault.id}  {outcome.seconds:.1f} s  {outcome.detail}", flush=True)
        return outcome

    with ThreadPoolExecutor(copies.qsize()) as pool:
        return list(pool.map(one, range(1, len(chosen) + 1), chosen))


def _try(fault: Fault, copy: Path, number: int) -> Outcome:
    """Put the fault in, run its tests until one fails, take it out again."""
    wrong = complaint(fault, copy)
    if wrong:
        return Outcome(fault, "does not run", 0.0, wrong)
    path = copy / fault.file
    before, stamp = path.read_bytes(), path.stat().st_mtime
    path.write_bytes(before.decode("utf-8").replace(fault.text, fault.replacement).encode("utf-8"))
    os.utime(path, (stamp + number, stamp + number))  # compiled files are told by time and size alone
    started = time.perf_counter()
    try:
        code, text = _pytest(copy, fault.tests)
    finally:
        path.write_bytes(before)
        os.utime(path, (stamp, stamp))
    seconds = time.perf_counter() - started
    broken = _NO_PROGRAM.search(text) if code else None
    if code not in (0, 1) or broken:
        return Outcome(fault, "does not run", seconds, broken[0] if broken else text[-300:])
    return Outcome(fault, "noticed" if code else "survives", seconds, _first_failure(text) if code else "")


def _pytest(copy: Path, tests: Sequence[str]) -> tuple[int, str]:
    """pytest's own exit code: 0 all passed, 1 some failed."""
    settings = {**os.environ, "PYTHONPATH": str(copy), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=short", *tests]
    try:
        done = subprocess.run(command, cwd=copy, env=settings, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return 1, "FAILED did not end"
    return done.returncode, done.stdout.decode("utf-8", "replace") + done.stderr.decode("utf-8", "replace")


def _first_failure(text: str) -> str:
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", text, re.MULTILINE)
    return found[1].rpartition("/")[2] if found else ""


def _sound(chosen: Sequence[Fault], copies: queue.Queue[Path]) -> bool:
    """Whether the tests pass without a fault: a test that fails anyway notices nothing."""
    copy = copies.get()
    code, text = _pytest(copy, sorted({name for fault in chosen for name in fault.tests}))
    copies.put(copy)
    if code:
        print(f"the tests fail without a fault\n{text[-2000:]}")
    return code == 0


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
