"""A command -> what it cost: wall and CPU seconds and peak memory, children included.

This process stays small and imports nothing heavy: a child starts with the peak of the process that forks it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """``wall`` and ``cpu`` in seconds; ``peak`` in MB, of the largest process. ``said``: what a job printed."""

    wall: float
    cpu: float
    peak: float
    said: Any = None


class JobFailed(Exception):
    """A job ended with an error; the message is the end of what it wrote to stderr."""


def job(name: str, *arguments: str | Path) -> Cost:
    """Run one job of benchmarks.jobs in a fresh process; its last line of output is JSON."""
    return command([sys.executable, "-m", "benchmarks.jobs", name, *map(str, arguments)], says_json=True)


def command(line: Sequence[str], *, says_json: bool = False) -> Cost:
    """Run a command to its end and measure it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = time.perf_counter()
    process = subprocess.Popen(
        line, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    out, errors = process.stdout, process.stderr
    assert out is not None and errors is not None
    text = out.read()
    wrong = errors.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise JobFailed(f"{' '.join(line)}\n{wrong[-2000:]}")
    said = json.loads(text.strip().splitlines()[-1]) if says_json else None
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def spent(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of a piece of work within this process, children included."""
    before, started = _cpu(), time.perf_counter()
    work()
    return time.perf_counter() - started, _cpu() - before


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)
