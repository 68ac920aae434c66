"""The log of an error of the program itself: where it happened, without a value of a person.

Comes in: an exception. Goes out: its masked course; a line in debug.log of a workspace.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from traceback import TracebackException

LOG = "debug.log"


def masked_trace(error: BaseException) -> str:
    """The traceback: our lines as they are; what the errors say, with all that may have come from data masked."""
    parts: list[str] = []
    one: TracebackException | None = TracebackException.from_exception(error)
    while one is not None:
        said = "".join(one.format_exception_only()).strip()
        parts.append("".join(one.stack.format()) + masked(said))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n\n".join(reversed(parts))


def masked(text: str) -> str:
    """Names and places are Chinese, numbers are digits: neither stays. What is left is the program's own English."""
    text = re.sub(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·]+", "□", text)
    return re.sub(r"[0-9０-９]{3,}[0-9０-９Xx./:-]*", "*", text)


def append(folder: Path, text: str) -> Path:
    """Write to the log of a workspace, for its owner only. Raises OSError."""
    log = folder / LOG
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(text)
    return log
