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
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clue_engine.errors import ClueError
from clue_engine.ingest.formats import incomplete, is_cut, password
from clue_engine.ingest.one_form import collected
from clue_engine.ingest.table import PREVIEW_ROWS, File, Table

WORKER = (sys.executable, "-m", "clue_engine.ingest.worker")
# Address space of a child: pyarrow alone reserves 1.4 GiB; a sheet takes about three times its XML.
MEMORY, MEMORY_PER_BYTE = 2 * 1024**3, {"xlsx": 4, "xls": 40, "html": 20}
SECONDS, SECONDS_PER_MB = 30.0, 4.0
_OTHER_FORM = "在 WPS 或 Excel 中打开后另存为新的 xlsx，或另存为 csv 再试"
READERS = {"xlsx": ("fastexcel", "calamine", "openpyxl"), "xls": ("calamine", "xlrd"), "html": ("html",)}


@dataclass
class _Child:
    """One running reader process, started at its first job and again after it died."""

    closing: threading.Event
    process: subprocess.Popen[str] | None = None
    answers: queue.Queue[str] | None = None

    def ask(self, job: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to a job; {"error": "died" | "timeout"} when there is none."""
        if self.closing.is_set():
            return {"error": "died", "text": ""}
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
        pipe = subprocess.PIPE
        environment = {**os.environ, "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            WORKER, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=environment
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
    closing = threading.Event()

    def read(numbered: tuple[int, File]) -> list[Table] | ClueError:
        if not hasattr(local, "child"):
            local.child = _Child(closing)
            started.append(local.child)
        return _read_one(local.child, numbered[1], out, f"book{numbered[0]}")

    # The largest first: the other child reads the small ones meanwhile.
    order = sorted(range(len(files)), key=lambda i: -files[i].size)
    pool = ThreadPoolExecutor(min(children, len(files)))
    try:
        found = list(pool.map(read, [(i, files[i]) for i in order]))
    finally:  # also on Ctrl-C: a child that reads would keep the pool waiting
        closing.set()
        for child in started:
            child.stop()
        pool.shutdown(cancel_futures=True)
    return [result for _, result in sorted(zip(order, found, strict=True), key=lambda pair: pair[0])]


def _read_one(child: _Child, file: File, out: Path, name: str) -> list[Table] | ClueError:
    failures: list[dict[str, Any]] = []
    seconds = SECONDS + SECONDS_PER_MB * file.size / 1024**2
    job = {"path": str(file.path), "out": str(out), "name": name, "preview": PREVIEW_ROWS, "memory": _memory(file)}
    for reader in READERS[file.kind]:
        answer = child.ask({**job, "reader": reader}, seconds)
        if answer.get("declined"):
            continue
        if answer.get("sheets"):
            return collected([_table(file, sheet, reader if failures else "") for sheet in answer["sheets"]])
        failures.append(answer if "error" in answer else {"error": "no sheet"})
        for leftover in out.glob(f"{name}_*.arrow"):  # plain text of persons
            leftover.unlink(missing_ok=True)
    return _explain(file, failures)


def _memory(file: File) -> int:
    size = file.size
    if file.kind == "xlsx":
        with zipfile.ZipFile(file.path) as package:
            size = sum(e.file_size for e in package.infolist() if e.filename.endswith(".xml"))
    return MEMORY + MEMORY_PER_BYTE[file.kind] * size


def _table(file: File, sheet: dict[str, Any], reader: str) -> Table:
    return Table(
        file=file,
        sheet=sheet["sheet"],
        preview=tuple(tuple(row) for row in sheet["preview"]),
        n_columns=sheet["n_columns"],
        visible=sheet["visible"],
        merged=tuple(tuple(m) for m in sheet["merged"]),
        staged=Path(sheet["staged"]),
        reader=reader,
        n_outside=sheet["outside"],
        hidden=tuple(sheet["hidden"]),
        uncomputed=tuple((row, column) for row, column in sheet["uncomputed"]),
        is_1904=sheet["is_1904"],
    )


def _explain(file: File, failures: list[dict[str, Any]]) -> ClueError:
    texts = " ".join(str(f.get("text", "")).lower() for f in failures)
    if "password" in texts or "encrypted" in texts:
        return password(file.name)
    if file.kind == "xls" and is_cut(file.path):
        return incomplete(file.name)
    if any(f["error"] == "no sheet" for f in failures):
        return ClueError("CE-F03", "里面没有工作表", place=file.name, hint="打开核对后重新导出")
    if any(f["error"] == "timeout" for f in failures):
        return ClueError("CE-F15", "读取超时，已跳过", place=file.name, hint=_OTHER_FORM)
    if any(f["error"] in ("MemoryError", "ArrowMemoryError") for f in failures):
        return ClueError("CE-F15", "读取所需内存超过上限，已跳过", place=file.name, hint=_OTHER_FORM)
    if any(f["error"] in ("timeout", "died", "PanicException", "MemoryError", "ImportError") for f in failures):
        return ClueError(
            "CE-F15",
            "读取程序在这个文件上中断，已跳过",
            place=file.name,
            hint=_OTHER_FORM,
        )
    return incomplete(file.name)
