"""WHO on the command line: typed, or asked for unseen; which of several; a purpose for what stands by its number.

Comes in: words of the command line. Goes out: the word, and choices on the screen where it leads to several.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.ask import unseen
from clue_engine.cli.screen import print_json, print_table, style
from clue_engine.errors import ClueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clue_engine.enquiry.who import One, Several

WhoArgument = Annotated[
    str, typer.Argument(metavar="谁", help="姓名、户编号、线索编号、证件号码或案号；写 - 则另外输入，不留在命令里")
]
_MOST = 20
PickOption = Annotated[
    int | None,
    typer.Option("--pick", metavar="序号", help="查到几处时，选列出的第几处", show_default=False),
]
RestrictedOption = Annotated[
    bool, typer.Option("--restricted", help="受限的也显示全部内容，须写用途，并记入审计", show_default=False)
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="用途", help="为什么看受限的，记入审计", show_default=False)
]


def typed(word: str) -> str:
    """The word; ``-`` asks for it, so that an identity number does not stay in the history of the shell."""
    if word.strip() != "-":
        return word
    if sys.stdin is not None and sys.stdin.isatty():
        return unseen("姓名、证件号码或编号（不显示）：")
    return sys.stdin.readline().strip() if sys.stdin is not None else ""


def purpose(restricted: bool, reason: str | None, command: str) -> str | None:
    """Why restricted clues are looked at; None where they are not. Raises CE-U01, CE-X05."""
    if not restricted and reason is not None:
        hint = f"clue-engine {command} --help"
        raise ClueError("CE-U01", "--reason 只与 --restricted 一起写", place=command, hint=hint)
    if restricted and not (reason or "").strip():
        raise ClueError(
            "CE-X05", "没有写明查看受限线索的用途", place="--restricted", hint="写明用途，如 --reason 司法救助审查"
        )
    return (reason or "").strip() if restricted else None


def tell_several(error: Several, *, json: bool) -> int:
    """The choices, and the message."""
    if json:
        problem = {"code": error.code, "message": error.message, "place": error.place, "hint": error.hint}
        print_json({"error": problem, "choices": choices(error.ones)})
    else:
        print_choices(error.ones)
    print(style("错误", "red", sys.stderr) + f" {error}", file=sys.stderr)
    return error.exit_code


def choices(ones: Sequence[One]) -> list[dict[str, object]]:
    """The same for programs."""
    told = [asdict(one) for one in ones]
    hidden = ("household_id", "party_id")
    return [{"pick": n, **{k: v for k, v in one.items() if k not in hidden}} for n, one in enumerate(told, 1)]


def print_choices(ones: Sequence[One], states: Sequence[str] | None = None) -> None:
    """One line each, to choose from by its place; with ``states`` where each stands."""
    last = [one.day for one in ones] if states is None else list(states)
    print_table(
        ("序号", "姓名", "乡镇村", "在", "身份", "受理" if states is None else "去向", "编号"),
        [
            (n, one.name, one.place, one.kept, "、".join(one.roles), said, one.number)
            for n, (one, said) in enumerate(zip(ones[:_MOST], last, strict=False), 1)
        ],
    )
    if len(ones) > _MOST:
        print(f"……共 {len(ones)} 处")
