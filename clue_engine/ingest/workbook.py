"""Workbooks through child processes: a file that kills the reader costs that file, nothing else.

Comes in: files. Goes out: per file its tables (Arrow files with text in ``out``), or a ClueError (CE-F01, F02, F15).
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clue_engine.errors import ClueError
from clue_engine.ingest.formats import password
from clue_engine.ingest.table import PREVIEW_ROWS, File, Table

MEMORY_LIMIT = 6 * 1024**3  # address space of a child: pyarrow alone reserves one GiB
SECONDS, SECONDS_PER_MB = 60.0, 4.0
READERS = {"xlsx": ("calamine", "openpyxl"), "xls": ("calamine", "xlrd"), "html": ("html",)}


@dataclass
class _Child:
    """One running reader process, started at its first job and again after it died."""

    process: subprocess.Popen[str] | None = None
    answers: queue.Queue[str] | None = None

    def ask(self, job: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to a job; {"error": "died" | "timeout"} when there is none."""
        if self.process is None or self.process.poll() is not None:
            self._start()
        assert self.process is not None and self.process.stdin is not None and self.answers is not None
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
            line = self.answers.get(timeout=seconds)
        except queue.Empty:
            self.stop()
            return {"error": "timeout", "text": ""}
        except OSError:
            line = ""
        if not line:
            self.stop()
            return {"error": "died", "text": ""}
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> None:
        command = [sys.executable, "-m", "clue_engine.ingest.worker", str(MEMORY_LIMIT)]
        pipe = subprocess.PIPE
        environment = {**os.environ, "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=environment
        )
        self.answers = queue.Queue()
        threading.Thread(target=_forward, args=(self.process, self.answers), daemon=True).start()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    stream.close()
            self.process = None


def _forward(process: subprocess.Popen[str], answers: queue.Queue[str]) -> None:
    assert process.stdout is not None
    try:
        for line in process.stdout:
            answers.put(line)
    except ValueError:  # closed by stop()
        pass
    answers.put("")


def read_workbooks(files: Sequence[File], out: Path, *, children: int = 2) -> list[list[Table] | ClueError]:
    """Read all files, ``children`` at a time; results in the order of ``files``."""
    if not files:
        return []
    local = threading.local()
    started: list[_Child] = []

    def read(numbered: tuple[int, File]) -> list[Table] | ClueError:
        if not hasattr(local, "child"):
            local.child = _Child()
            started.append(local.child)
        return _read_one(local.child, numbered[1], out, f"book{numbered[0]}")

    # The largest first: the other child reads the small ones meanwhile.
    order = sorted(range(len(files)), key=lambda i: -files[i].size)
    try:
        with ThreadPoolExecutor(min(children, len(files))) as pool:
            found = list(pool.map(read, [(i, files[i]) for i in order]))
    finally:
        for child in started:
            child.stop()
    return [result for _, result in sorted(zip(order, found, strict=True), key=lambda pair: pair[0])]


def _read_one(child: _Child, file: File, out: Path, name: str) -> list[Table] | ClueError:
    failures: list[dict[str, Any]] = []
    seconds = SECONDS + SECONDS_PER_MB * file.size / 1024**2
    for reader in READERS[file.kind]:
        job = {"path": str(file.path), "out": str(out), "name": name, "reader": reader, "preview": PREVIEW_ROWS}
        answer = child.ask(job, seconds)
        if "sheets" in answer:
            return [_table(file, sheet) for sheet in answer["sheets"]]
        failures.append(answer)
    return _explain(file, failures)


def _table(file: File, sheet: dict[str, Any]) -> Table:
    return Table(
        file=file,
        sheet=sheet["sheet"],
        preview=tuple(tuple(row) for row in sheet["preview"]),
        n_columns=sheet["n_columns"],
        visible=sheet["visible"],
        merged=tuple(tuple(m) for m in sheet["merged"]),
        staged=Path(sheet["staged"]),
    )


def _explain(file: File, failures: list[dict[str, Any]]) -> ClueError:
    texts = " ".join(str(f.get("text", "")).lower() for f in failures)
    if "password" in texts or "encrypted" in texts:
        return password(file.name)
    if any(f["error"] in ("timeout", "died", "PanicException", "MemoryError", "ImportError") for f in failures):
        return ClueError(
            "CE-F15",
            "读取程序在这个文件上中断,已跳过",
            place=file.name,
            hint="在 WPS 或 Excel 中打开后另存为新的 xlsx,或另存为 csv 再试",
        )
    return ClueError("CE-F01", "文件不完整或已损坏", place=file.name, hint="多为传输、导出中断,请重新导出")
