"""carry: decisions of people and numbers of clues from an earlier workspace into another one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from clue_engine.cli.screen import print_json, say
from clue_engine.errors import EXIT_OK
from clue_engine.workspace import Workspace

SourceArgument = Annotated[
    Path, typer.Argument(metavar="旧工作区", help="以前的工作区，或它所在的输出目录；旧版本的也可以，只读不改")
]
ForceOption = Annotated[bool, typer.Option("--force", help="新工作区自己编的线索编号作废，用旧工作区的")]


def carry_command(
    source: SourceArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    force: ForceOption = False,
    json: JsonOption = False,
) -> int:
    """把旧工作区里人工核对的结论和线索编号带到另一个工作区，没有就新建。

    换文件夹、换版本、删除旧数据之前用。带过来以后照常运行 run：同一条线索还是原来的编号。
    带到一个空文件夹，就是一份只有结论和编号的备份。

    例：
      clue-engine carry 上月/workspace -w 本月/workspace
    """
    from dataclasses import asdict

    from clue_engine.enquiry.carry import carry, earlier_workspace

    earlier_workspace(source)  # before a new workspace is made
    with Workspace.open(workspace) as ws:
        found = carry(ws, source, force=force)
    if json:
        print_json(asdict(found))
    say(f"{carried(found.decisions, found.numbers)}下次运行 run 时起作用")
    return EXIT_OK


def carried(decisions: int, numbers: int | None) -> str:
    """What was carried, in a sentence."""
    old = "旧版本没有留下可以沿用的编号" if numbers is None else f"线索编号 {numbers} 个"
    return f"从旧工作区带来核对结论 {decisions} 条，{old}。"
