"""Questions before something is lost. Asked on a terminal only; anywhere else the caller refuses and says what to type.

Comes in: a question. Goes out: the answer, or nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable


def can_ask(json: bool = False) -> bool:
    """Whether a person sits there: a program that reads JSON, a pipe and a nightly job cannot answer."""
    return not json and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def confirmer(json: bool) -> Callable[[str], bool]:
    """Asks whether to go on although something does not fit; without a person the answer is no."""
    if not can_ask(json):
        return lambda _: False
    return lambda found: ask(f"{found}。\n  仍按这一天扫描？输入 是 继续，其他键取消：") == "是"


def ask(question: str) -> str:
    """One line typed by the person; empty when there is none."""
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
