"""sources accept | alias: a column of a file is that field, for tables with the same headings or of the same layout.

Comes in: a file, 列=字段. Goes out: a line in vocabulary/accepted.yaml or headings in sources/ of the local pack, which
is made where there is none.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import RulesOption
from clue_engine.cli.sources import EncodingOption, FileArgument, existing
from clue_engine.errors import ClueError

LOCAL = Path("规则")


def accept_command(
    file: FileArgument,
    column: Annotated[str, typer.Argument(metavar="列=字段", help="如 全年人均收入=人均纯收入")],
    rules: RulesOption = None,
    encoding: EncodingOption = None,
) -> None:
    """确认一列是哪一项：只对表头与这份文件完全相同的表有效，记在本地规则包里，不记任何格子的内容。

    例：
      clue-engine sources accept 住户底册.xlsx 全年人均收入=人均纯收入 --rules 规则
    """
    from clue_engine.ingest.accept import accept, keep
    from clue_engine.pack.load import read_pack

    heading, field = pair(column)
    pack = rules or LOCAL
    found = accept(existing(file), heading, field, read_pack(pack if pack.is_dir() else None)[0].sources, encoding)
    local_pack(pack)
    path = keep(found.entry, pack)
    cells = f"{found.n_filled} 格有内容，{found.share:.0%} 相合" if found.n_filled else "这一列是空的"
    print(f"已记下：“{found.source.label}”的“{heading}”作“{found.label}”用（{cells}），在 {path}")
    print(f"下一步：clue-engine run 数据目录 --rules {pack}")


def pair(column: str) -> tuple[str, str]:
    """The heading and the field of 列=字段."""
    heading, sign, field = column.rpartition("=")
    if not (sign and heading and field):
        raise ClueError("CE-U44", "要写成 列=字段", place=column, hint="如 全年人均收入=人均纯收入")
    return heading, field


def local_pack(pack: Path) -> None:
    """Make the local pack where there is none: who installed the program has no folder of rules."""
    from clue_engine.pack.load import default_root

    if not pack.exists():
        shutil.copytree(default_root(), pack)
        print(f"本地还没有规则包，已复制一份到 {pack}")


def alias_command(
    file: FileArgument,
    columns: Annotated[list[str], typer.Argument(metavar="表头=字段...", help="如 受侵害人=姓名，可写几个")],
    rules: RulesOption = None,
    encoding: EncodingOption = None,
) -> None:
    """把这份文件的表头加到它那种表的写法里，记在本地规则包：以后凡是这种表，有这个表头的都认得。

    例：
      clue-engine sources alias 被害人名册.xlsx 受侵害人=姓名 伤害程度鉴定结论=伤情等级 --rules 规则
    """
    from clue_engine.ingest.alias import add, aliases
    from clue_engine.pack.load import read_pack

    pairs = [pair(column) for column in columns]
    pack: Path = rules or LOCAL
    found = aliases(existing(file), pairs, read_pack(pack if pack.is_dir() else None)[0].sources, encoding)
    local_pack(pack)
    path = add(found, pack)
    for one in found:
        judged = one.judged
        cells = f"{judged.n_filled} 格有内容，{judged.share:.0%} 相合" if judged.n_filled else "这一列是空的"
        print(f"已记下：“{judged.source.label}”的“{one.heading}”是“{judged.label}”（{cells}），在 {path}")
    print(f"下一步：clue-engine run 数据目录 --rules {pack}")
