"""run: what becomes of files that the workspace holds and the command does not name.

Comes in: an open workspace, the inputs, what was typed. Goes out: whether the inputs stand beside what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clue_engine.errors import ClueError

if TYPE_CHECKING:
    import typer

    from clue_engine.workspace import Workspace

_SHOWN = 8


def add_to_others(
    ws: Workspace, inputs: Sequence[Path], ctx: typer.Context, *, add: bool, replace: bool, json: bool
) -> bool:
    """True: beside what is there; False: in its place. Raises CE-U16 where that would lose files and nobody said so."""
    from clue_engine.cli.again import with_options
    from clue_engine.cli.ask import ask, can_ask
    from clue_engine.ingest.removal import would_go

    if add and replace:
        raise ClueError("CE-U01", "--add 和 --replace 只能写一个", place="run", hint="clue-engine run --help")
    gone = [] if add or replace else would_go(ws, inputs)
    if not gone:
        return add
    said = _said(ws, gone)
    if can_ask(json):
        answer = ask(f"{said}\n  1 加在原有文件旁边  2 只用这次的文件  其他键取消：")
        if answer in ("1", "2"):
            return answer == "1"
    raise ClueError(
        "CE-U16",
        f"{said}；没有载入，什么也没有改动",
        place=str(ws.directory),
        hint=f"原来的也要用，加在旁边：{with_options(ctx, '--add')}\n"
        f"          换了新一批数据，只用这次的文件：{with_options(ctx, '--replace')}",
    )


def _said(ws: Workspace, gone: Sequence[str]) -> str:
    from clue_engine.export.privacy import redact

    n_clues = ws.rows("select count(*) from clue")[0][0] if ws.has_table("clue") else 0
    named = "、".join(str(redact(name)) for name in gone[:_SHOWN]) + ("等" if len(gone) > _SHOWN else "")
    clues = f"；上次扫描有 {n_clues} 条线索" if n_clues else ""
    return f"工作区里有 {len(gone)} 个文件这次没有写，照此载入就没有了：{named}{clues}"
