"""Questions before something is lost. Asked on a terminal only; anywhere else the caller refuses and says what to type.

Comes in: a question. Goes out: the answer, or nothing.
"""

from __future__ import annotations

import getpass
import sys
import warnings
from collections.abc import Callable

from clue_engine.errors import ClueError

_TRIES = 3


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


def unseen(question: str) -> str:
    """One line typed on a terminal that does not show it."""
    return getpass.getpass(question)


def new_password(weakness: Callable[[str], str], told: str) -> str:
    """A password typed twice, unseen; ``weakness`` says why one will not do. Raises CE-X08 (no terminal), CE-X09."""
    found = ""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)  # it would be seen while it is typed
        try:
            for _ in range(_TRIES):
                print(f"{found or told}。", file=sys.stderr)
                password = getpass.getpass("密码（不显示）：")
                found = weakness(password)
                if not found and getpass.getpass("再输入一次：") == password:
                    return password
                found = found or "两次输入的密码不一样"
        except (getpass.GetPassWarning, EOFError):
            raise no_terminal() from None
    raise ClueError("CE-X09", f"{found}；没有写出任何文件", place="密码", hint="想好密码后重新运行")


def known_password(file: str, again: bool) -> str:
    """The password of a file, unseen; empty where none is typed, or it would be seen."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(f"{'密码不对。' if again else ''}{file} 的密码（不显示，直接回车跳过）：")
        except (getpass.GetPassWarning, EOFError):
            return ""


def no_terminal() -> ClueError:
    return ClueError(
        "CE-X08",
        "不在终端上，不能输入密码；没有写出任何文件",
        place="--restricted",
        hint="在终端窗口里运行同一条命令（不加 --json）；密码不写在命令里、不从文件或管道读",
    )
