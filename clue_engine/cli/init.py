"""init: an office folder with its settings (office/), a copy of the rule pack, places for exports and the ledger."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason

TargetArgument = Annotated[Path, typer.Argument(metavar="目录", help="放在哪里，不能已经存在")]
RulesOnlyOption = Annotated[bool, typer.Option("--rules-only", help="只要规则包的一份拷贝", show_default=False)]


def init_command(target: TargetArgument = Path("办公目录"), rules_only: RulesOnlyOption = False) -> None:
    """建立办公目录：设置 clue.toml、本地的规则包、节假日和本县口径文件，放数据和台账的文件夹。

    例：
      clue-engine init 司法救助
      clue-engine init 我的规则 --rules-only
    """
    from clue_engine.pack.load import default_root

    if target.exists():
        raise ClueError("CE-U07", "目录已经存在，没有覆盖", place=str(target), hint="换一个目录名")
    try:
        if rules_only:
            shutil.copytree(default_root(), target)
        else:
            _office(target, default_root())
    except OSError as error:
        raise ClueError(
            "CE-S28",
            f"不能写入（{system_reason(error.errno)}）",
            place=str(target),
            hint="换一个有写权限的目录",
            exit_code=EXIT_STORAGE,
        ) from None
    if rules_only:
        print(f"规则包已复制到 {target}")
        print(f"下一步：clue-engine rules check --rules {target}    clue-engine run 数据目录 --rules {target}")
        return
    print(f"办公目录在 {target}：先在 clue.toml 里写单位和联系人，把导出表放进 {target / '数据'}")
    print("本县定的数写进 本县口径.yaml：里面逐项列出，先填收入线（防返贫监测范围）；不填，要看收入的规则无法判断")
    print(f"下一步：cd {target}    clue-engine config show    clue-engine run")


def _office(target: Path, pack: Path) -> None:
    target.mkdir(mode=0o700, parents=True)
    for name in ("数据", "台账"):
        (target / name).mkdir(mode=0o700)
    shutil.copytree(pack, target / "规则")
    for file in resources.files("clue_engine.cli").joinpath("office").iterdir():
        (target / file.name).write_bytes(file.read_bytes())
