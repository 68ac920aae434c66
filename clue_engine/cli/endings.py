"""How a command ends when it does not end well: what is shown, what is kept, and the exit code (see errors.py).

Comes in: an error and the arguments. Goes out: text on stderr (with --json also on stdout), for an error of the program
itself the detail in debug.log, and the exit code.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from clue_engine.cli.options import DEFAULT_WORKSPACE
from clue_engine.cli.screen import print_json, style
from clue_engine.errors import EXIT_BUG, EXIT_INTERRUPTED, EXIT_TERMINATED, ClueError, Problems


def interrupted(*, terminated: bool) -> int:
    with contextlib.suppress(OSError):  # the terminal may be gone
        print("\n已中断，没有写出未完成的结果", file=sys.stderr)
    return EXIT_TERMINATED if terminated else EXIT_INTERRUPTED


def tell(error: ClueError, args: Sequence[str]) -> int:
    """Show an error that the user can mend."""
    if "--json" in args:
        problem = {"code": error.code, "message": error.message, "place": error.place, "hint": error.hint}
        print_json({"error": problem})
    if isinstance(error, Problems):
        from clue_engine.pack.render import render_all

        print(render_all(error.diagnostics), file=sys.stderr)
    print(style("错误", "red", sys.stderr) + f" {error}", file=sys.stderr)
    return error.exit_code


def bug(error: BaseException, args: Sequence[str], *, debug: bool) -> int:
    """An error of ours: one message on the screen, the way to it in debug.log, without a value of a person."""
    from clue_engine.bug_log import masked_trace

    trace = masked_trace(error)
    kept = _keep(f"clue-engine {args[0] if args else ''}\n{trace}\n", args)
    if debug:
        print(trace, file=sys.stderr)
    hint = f"{kept}，请报告给维护人员"
    return tell(ClueError("CE-P00", f"程序内部错误（{type(error).__name__}）", hint=hint, exit_code=EXIT_BUG), args)


class _Patient(io.RawIOBase):
    """Our pipe, also after its reader has left: a pager that is closed early does not change how a command ends."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw
        self._gone = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if not self._gone:
            try:
                return self._raw.write(data) or 0
            except BrokenPipeError:
                self._gone = True
        return len(data)

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()


def patient(stream: TextIO) -> TextIO:
    """The stream, deaf to a reader that leaves; one that is no pipe of the system stays as it is."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    if not isinstance(raw, io.FileIO):
        return stream
    stream.flush()
    buffer = io.BufferedWriter(_Patient(raw))
    return io.TextIOWrapper(buffer, stream.encoding, stream.errors, line_buffering=stream.isatty())


def drop_stdout() -> None:
    """The reader of our pipe has left: the rest goes nowhere, silently."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# -- the log of a bug ------------------------------------------------------------------------------------------------
def _keep(text: str, args: Sequence[str]) -> str:
    """Write to the log of the workspace, without one to a file of its own in the folder for temporary files."""
    import tempfile

    from clue_engine.bug_log import LOG, append

    folder = _workspace(args)
    try:
        if folder.is_dir():
            log = append(folder, text)
        else:
            descriptor, name = tempfile.mkstemp(prefix="clue-engine-", suffix=f"-{LOG}")
            log = Path(name)
            with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)
    except OSError:
        return "经过没能存下，用 --debug 重新运行可看到"
    return f"经过已记入 {log}"


def _workspace(args: Sequence[str]) -> Path:
    """The workspace the command was given, without parsing its options again."""
    named = _option(args, "--workspace", "-w")
    out = _option(args, "--out", "-o") if args[:1] == ["run"] else ""
    return Path(named or (out and f"{out}/workspace") or os.environ.get("CLUE_WORKSPACE") or DEFAULT_WORKSPACE)


def _option(args: Sequence[str], long: str, short: str) -> str:
    for arg, after in zip(args, [*args[1:], ""], strict=True):
        if arg in (long, short):
            return after
        if arg.startswith(f"{long}="):
            return arg.partition("=")[2]
    return ""
