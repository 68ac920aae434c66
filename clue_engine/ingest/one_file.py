"""What goes wrong with one file costs that file: one coded message, and the others go on.

Comes in: a file at work. Goes out: nothing, or an entry "refused" with its error in the report. A full disk, a
damaged database and Ctrl-C concern all files and go on upwards. An error of our own (CE-F17) leaves its course in
debug.log, without values of persons: exports come in forms that nobody has seen, and one of them must not stop a
county's hundred others.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from clue_engine.bug_log import append, masked_trace
from clue_engine.errors import EXIT_STORAGE, ClueError
from clue_engine.ingest.report import FileReport, IngestReport
from clue_engine.staging import STAGE
from clue_engine.workspace import Workspace, storage_error

_TOO_LARGE = "载入所需内存超过上限，已跳过"


@contextmanager
def costs_its_file(
    report: IngestReport, ws: Workspace, name: str, sheet: str = "", *, kind: str = "", encoding: str = ""
) -> Iterator[None]:
    """Refuse the file when something inside fails."""
    try:
        yield
        return
    except ClueError as error:
        if error.exit_code == EXIT_STORAGE:
            raise
        refusal = error
    except Exception as error:
        if type(error).__name__ in ("OutOfMemoryException", "MemoryError", "ArrowMemoryError"):
            refusal = ClueError("CE-F15", _TOO_LARGE, place=name, hint="删去用不到的列，或把表分成几份再载入")
        elif (known := storage_error(error, ws.directory)) is not None:
            raise known from None
        else:
            kept = _log(ws, error)
            refusal = ClueError(
                "CE-F17",
                f"程序在这个文件上出错（{type(error).__name__}），已跳过",
                place=name,
                hint=f"另存为新的 xlsx 或 csv 再试{kept}",
            )
    report.errors.append(refusal)
    reason = f"{refusal.code} {refusal.message}"
    report.files.append(FileReport(name, sheet, "refused", reason, kind=kind, encoding=encoding))


def _log(ws: Workspace, error: Exception) -> str:
    """The course of an error of our own into debug.log; the words that say so. "" where no log would stay."""
    if ws.directory.parent.name.startswith(STAGE):
        return ""
    with suppress(OSError):
        log = append(ws.directory, f"ingest\n{masked_trace(error)}\n")
        return f"；经过已记入 {log}，请报告给维护人员"
    return ""
