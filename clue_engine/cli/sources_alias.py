"""sources alias: a heading of a file is that field, for every table of its layout; written into the local pack.

Comes in: a file, 表头=字段. Goes out: the headings in sources/ of the local pack, which is made where there is none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import RulesOption
from clue_engine.cli.sources import EncodingOption, FileArgument, existing
from clue_engine.cli.sources_accept import LOCAL, local_pack, pair


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
