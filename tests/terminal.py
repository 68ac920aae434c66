"""A command on a terminal of its own, with a person who types: what only a terminal is asked."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from clue_engine.cli.app import main


def on_terminal(arguments: Sequence[object], prompts: tuple[str, ...], answers: Sequence[str]) -> tuple[int, str]:
    """Run clue-engine; at each of the prompts type the next answer. Returns exit code and everything on the screen."""
    import pty

    pid, terminal = pty.fork()
    if pid == 0:
        _run(list(map(str, arguments)))
    seen, waiting, end = b"", list(answers), time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(terminal, 4096)
        except OSError:  # the child has ended
            break
        if not data:
            break
        seen += data
        asked = sum(seen.decode("utf-8", "ignore").count(prompt) for prompt in prompts)
        while waiting and asked > len(answers) - len(waiting):
            os.write(terminal, (waiting.pop(0) + "\n").encode())
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode("utf-8", "replace")


def _run(arguments: list[str]) -> NoReturn:
    """In the child, whose three streams are the terminal."""
    code: object = 1
    streams = [open(n, "r" if n == 0 else "w", encoding="utf-8", closefd=False) for n in range(3)]  # noqa: SIM115
    try:
        sys.stdin, sys.stdout, sys.stderr = streams
        main(arguments)
        code = 0
    except SystemExit as left:
        code = left.code
    finally:
        sys.stdout.flush()
        os._exit(code if isinstance(code, int) else 1)
