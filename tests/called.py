"""The command line in this process: arguments in, exit code and bytes out, as if it had a process of its own.

A new Python takes a second before the program begins; a test needs one only where a process, a signal, a limit or a
lock is what it is about. What would go with a process at its end is put back: environment, folder, streams, signals.
"""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

from clue_engine.cli.app import main

_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def called(
    *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """``clue-engine`` with these arguments."""
    args = list(map(str, arguments))
    with _as_a_process(env or {}, cwd) as (out, err):
        try:
            main(args)
            code: object = 0
        except SystemExit as left:
            code = left.code
        sys.stdout.flush()
        sys.stderr.flush()
        said = out.getvalue(), err.getvalue()
    return subprocess.CompletedProcess(args, code if isinstance(code, int) else 1, *said)


Done = subprocess.CompletedProcess[bytes]


def forked(*arguments: object, before: Callable[[], object] = lambda: None) -> tuple[BaseProcess, Callable[[], Done]]:
    """The program in a child that has the libraries already, which is a second less; and what waits for its end.

    ``before``: what is to hold for the child alone, as limits and rights.
    """
    there, here = multiprocessing.Pipe()

    def child() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        before()
        here.send(called(*arguments))

    def done() -> Done:
        try:
            told = there.recv()
        except EOFError:  # it was killed
            told = subprocess.CompletedProcess([], -9, b"", b"")
        process.join()
        return told

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    here.close()
    return process, done


def ended(*arguments: object) -> tuple[int, str, str]:
    """Exit code, what stood on stdout, what on stderr."""
    done = called(*arguments)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@contextlib.contextmanager
def _as_a_process(env: Mapping[str, str], cwd: Path | None) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    streams, environment = (sys.stdin, sys.stdout, sys.stderr), dict(os.environ)
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    mask = os.umask(0o022)
    out, err = io.BytesIO(), io.BytesIO()
    os.environ |= env
    sys.stdin = io.StringIO()
    sys.stdout = io.TextIOWrapper(out, encoding="utf-8", newline="")
    sys.stderr = io.TextIOWrapper(err, encoding="utf-8", errors="backslashreplace", newline="")
    try:
        with contextlib.chdir(cwd or Path.cwd()):
            yield out, err
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        os.umask(mask)
        os.environ.clear()
        os.environ |= environment
        for number, handler in handlers.items():
            signal.signal(number, handler)
