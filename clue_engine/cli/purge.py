"""purge: what is kept no longer than the office says goes; the ledger and the audit trails stay."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import JsonOption, LedgerOption, day, needed_ledger
from clue_engine.cli.screen import print_json, print_table, say
from clue_engine.errors import EXIT_OK, ClueError

DaysOption = Annotated[
    int | None,
    typer.Option(
        "--days", metavar="天数", min=30, help="保存多少天；不写则用 clue.toml 的 retention", show_default=False
    ),
]
DateOption = Annotated[
    str | None, typer.Option("--date", metavar="日期", help="从哪一天往回算；不写则今天", show_default=False)
]
YesOption = Annotated[bool, typer.Option("--yes", help="确实清理；不写则只列出", show_default=False)]


def purge_command(
    days: DaysOption = None,
    date: DateOption = None,
    yes: YesOption = False,
    ledger: LedgerOption = None,
    json: JsonOption = False,
) -> int:
    """清理保存期满的工作区、线索清单、移送件和线索明细（按扫描日算），先列出，加 --yes 才清理。

    台账（编号、移送、反馈、已救助）和审计记录留下：已经救助的以后也不会再列入。数据文件夹里的导出表、填回来的表、
    另存的副本、加密的受限线索不是程序放的，不清理，要自己处理。

    例：
      clue-engine purge
      clue-engine purge --days 1095 --yes
    """
    from clue_engine.export.purge import expired, others, purge
    from clue_engine.office import load_office

    office = load_office()
    kept = days or (office.retention.days if office else None)
    if not kept:
        hint = "加 --days 天数，或在 clue.toml 的 [retention] 里写 days"
        raise ClueError("CE-U01", "没有写明保存多少天", place="purge", hint=hint)
    before = (day(date, "--date") if date else dt.date.today()) - dt.timedelta(days=kept)
    folder = office.folder if office else Path()
    with needed_ledger(ledger) as own:
        found, left = expired(folder, own, before)
        beside = others(found)
        n = purge(folder, own, found) if yes and found else 0
    rows = [(one.kind, str(one.place), one.as_of.isoformat(), len(one.files)) for one in found]
    if json:
        sets = [dict(zip(("kind", "place", "as_of", "files"), row, strict=True)) for row in rows]
        print_json({"before": before.isoformat(), "purged": yes, "sets": sets,
                    "left": left, "others": [str(path) for path in beside]})  # fmt: skip
        return EXIT_OK
    print_table(("种类", "位置", "扫描日", "文件"), rows)
    for text in left:
        print(text)
    for path in beside:
        print(f"不是程序写的，没有动：{path}")
    done = f"已清理 {n} 个文件" if yes else "没有清理：确实要清理时加 --yes"
    say(f"扫描日在 {before} 以前的 {len(found)} 处；{done}。")
    return EXIT_OK
