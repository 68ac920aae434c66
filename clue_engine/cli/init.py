"""init: a copy of the rule pack for a local edition."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.errors import EXIT_STORAGE, ClueError

TargetArgument = Annotated[Path, typer.Argument(metavar="目录", help="放在哪里，不能已经存在")]


def init_command(target: TargetArgument = Path("rules")) -> None:
    """把程序自带的规则包复制一份，供本地修改。

    例：
      clue-engine init 我的规则
      clue-engine rules check --rules 我的规则
    """
    from clue_engine.pack.load import default_root

    if target.exists():
        raise ClueError("CE-U07", "目录已经存在，没有覆盖", place=str(target), hint="换一个目录名")
    try:
        shutil.copytree(default_root(), target)
    except OSError as error:
        raise ClueError(
            "CE-S28",
            f"不能写入（{error.strerror}）",
            place=str(target),
            hint="换一个有写权限的目录",
            exit_code=EXIT_STORAGE,
        ) from None
    print(f"规则包已复制到 {target}")
    print(f"下一步：clue-engine rules check --rules {target}    clue-engine run 数据目录 --rules {target}")
