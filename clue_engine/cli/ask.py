"""Questions before something is lost. Asked on a terminal only; anywhere else the caller refuses and says what to type.

Comes in: a question. Goes out: the answer, or nothing.
"""

from __future__ import annotations

import sys


def can_ask(json: bool = False) -> bool:
    """Whether a person sits there: a program that reads JSON, a pipe and a nightly job cannot answer."""
    return not json and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """One line typed by the person; empty when there is none."""
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
