"""The command that was typed, with one thing changed: what a message tells the user to type instead.

Comes in: the context of a command, which keeps what was typed. Goes out: a command line.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

import typer


def with_options(ctx: typer.Context, *more: str) -> str:
    """The command with options added."""
    return _line([*_typed(ctx), *more])


def elsewhere(ctx: typer.Context, out: Path, workspace: Path | None = None) -> str:
    """The command with a new output folder beside ``out``; ``workspace``: which it would no longer find by itself."""
    beside = next(p for n in range(2, 1000) if not (p := out.with_name(f"{out.name}-{n}")).exists())
    args = _without(_typed(ctx), "--out", "-o")
    return _line([*args, "--out", str(beside), *(["--workspace", str(workspace)] if workspace else [])])


def read_back(files: Sequence[Path]) -> str:
    """The command that takes what was filled in there into the ledger."""
    return _line(["feedback", "import", *map(str, files)])


def hand_over(workspace: Path) -> str:
    """The command that hands restricted clues to the person who may see them."""
    file = str(Path("受限") / "受限线索.xlsx")
    options = ["--to", "单位", "--reason", "用途", "-w", str(workspace), "--out", file]
    return _line(["export", "--restricted", *options])


def _typed(ctx: typer.Context) -> list[str]:
    return [str(a) for a in ctx.find_root().obj or [ctx.info_name]]


def _without(args: Sequence[str], long: str, short: str) -> list[str]:
    """The arguments without an option and its value, in any way it can be written."""
    kept: list[str] = []
    value = False
    for arg in args:
        if value:
            value = False
        elif arg in (long, short):
            value = True
        elif not arg.startswith((f"{long}=", short)):
            kept.append(arg)
    return kept


def _line(args: Sequence[str]) -> str:
    return "clue-engine " + " ".join(quoted(a) for a in args)


def quoted(arg: str) -> str:
    if re.fullmatch(r"[\w@%+=:,./-]+", arg):
        return arg
    return subprocess.list2cmdline([arg]) if os.name == "nt" else shlex.quote(arg)
