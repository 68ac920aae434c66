"""Options that several commands share, with one wording each."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.errors import ClueError

if TYPE_CHECKING:
    from clue_engine.ledger import Ledger

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", envvar="CLUE_WORKSPACE", metavar="目录", help="工作区目录")
]
# For commands that look at rules: --data is what the option was called before, understood and not shown.
ScannedOption = Annotated[
    Path,
    typer.Option("--workspace", "-w", "--data", envvar="CLUE_WORKSPACE", metavar="目录", help="扫描过的工作区"),
]
BesideOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", "-w", "--data", metavar="目录", help="再对照这个扫描过的工作区，工作区不改动", show_default=False
    ),
]
RulesOption = Annotated[
    Path | None,
    typer.Option("--rules", metavar="目录", help="规则包目录；不写则用程序自带的规则包", show_default=False),
]
ParametersOption = Annotated[
    Path | None, typer.Option("--parameters", metavar="文件", help="本地参数文件（本县口径）", show_default=False)
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="日期", help="扫描日，如 2025-06-30", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取", show_default=False)]

WaitOption = Annotated[
    float, typer.Option("--wait", metavar="秒数", help="别的程序正在使用工作区时，最多等多少秒", show_default=False)
]

MaxRejectsOption = Annotated[
    str,
    typer.Option("--max-rejects", metavar="比例", help="列数不符、错位等坏行超过这个比例就整份不载入"),
]
LedgerOption = Annotated[
    str | None,
    typer.Option("--ledger", metavar="文件", help="线索台账；写 none：不用台账，只按数据扫描", show_default=False),
]
NO_LEDGER = "none"
DEFAULT_WORKSPACE = Path("clue-out/workspace")  # where run puts it


def in_use(named: str | None) -> bool:
    return bool(named) and named != NO_LEDGER


def opened_ledger(named: str | None, *, create: bool = False) -> AbstractContextManager[Ledger | None]:
    """The ledger that was named on the command line or in clue.toml; None without one. A new one is told."""
    if not named or not in_use(named):
        return nullcontext()
    from clue_engine.cli.screen import say
    from clue_engine.ledger import Ledger

    is_new = not Path(named).exists()
    ledger = Ledger.open(Path(named), create=create)
    if is_new:
        say(f"新建线索台账：{named}")
    return ledger


def needed_ledger(named: str | None) -> AbstractContextManager[Ledger]:
    """The ledger, which must be there. Raises CE-L07 where none was named."""
    from clue_engine.ledger import Ledger

    if not named or not in_use(named):
        hint = "在办公目录（有 clue.toml 的文件夹）里运行，或加 --ledger 台账文件"
        raise ClueError("CE-L07", "没有写明台账", place="--ledger", hint=hint)
    return Ledger.open(Path(named))


def share(text: str, option: str) -> float:
    """The share of an option (5% or 0.05), or CE-U02."""
    number = text.strip().removesuffix("%")
    try:
        found = float(number) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise ClueError("CE-U02", f"“{text[:20]}”不是比例", place=option, hint="写成 5% 或 0.05")
    return found


def day(text: str, option: str = "--as-of") -> dt.date:
    """The date of an option, or CE-U02."""
    from clue_engine.pack.typed import read_date  # the pack takes as long to import as all the rest of --help

    found = read_date(text)
    if found is None:
        raise ClueError("CE-U02", f"“{text[:20]}”不是日期", place=option, hint=_date_written(text))
    return found


def _date_written(text: str) -> str:
    """How to write it: a day without its year needs one."""
    if found := re.fullmatch(r"(\d{1,2})[-/.月](\d{1,2})日?", text.strip()):
        with suppress(ValueError):
            return f"要写年份，如 {dt.date(2024, int(found[1]), int(found[2]))}"
    return "写成 2025-06-30"
