"""ledger check | export | show: whether the ledger is whole, all that is in it, the course of one clue."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import JsonOption, LedgerOption, needed_ledger

NumberArgument = Annotated[str, typer.Argument(metavar="线索编号", help="现在的或以前的编号")]
FileOption = Annotated[
    Path, typer.Option("--out", "-o", metavar="文件", help="写到哪里：.csv 或 .xlsx，不覆盖已有的文件")
]
BackupOption = Annotated[bool, typer.Option("--backup", help="再写一份备份", show_default=False)]


def check_command(ledger: LedgerOption = None, backup: BackupOption = False, json: JsonOption = False) -> int:
    """检查台账是否完整：文件、每一条与前一条的衔接、编号和所属、备份。

    例：
      clue-engine ledger check
      clue-engine ledger check --ledger 台账/线索台账.bak
    """
    from clue_engine.cli.screen import print_json, say
    from clue_engine.errors import EXIT_OK, EXIT_PROBLEMS
    from clue_engine.ledger.check import problems

    with needed_ledger(ledger) as own:
        if backup:
            own.back_up()
        found = problems(own)
        n_events = 0 if found else len(own.events())
    if json:
        print_json({"problems": found, "events": n_events})
    else:
        for text in found:
            print(text)
        if not found:
            say(f"台账完整，共 {n_events} 条。")
    return EXIT_PROBLEMS if found else EXIT_OK


def export_command(
    ledger: LedgerOption = None, out: FileOption = Path("线索台账.xlsx"), json: JsonOption = False
) -> int:
    """把台账全部写成一张表：只有编号、日期、单位、结论，没有姓名和号码；受限的只列编号和事项。

    例：
      clue-engine ledger export --out 线索台账.xlsx
    """
    from clue_engine.cli.screen import print_json, say
    from clue_engine.errors import EXIT_OK
    from clue_engine.export.ledger_table import write_ledger
    from clue_engine.ledger.history import Book, rows

    with needed_ledger(ledger) as own:
        book = Book.read(own)
    lines = rows(book, book.events)
    write_ledger(out, lines)
    if json:
        print_json({"file": str(out), "events": len(lines)})
    else:
        print(out)
        say(f"已写出 {len(lines)} 条。")
    return EXIT_OK


def show_command(number: NumberArgument, ledger: LedgerOption = None, json: JsonOption = False) -> int:
    """一条线索的全部经过：列入、移送、反馈、办结、换号；一户有几名当事人、几件案件的，分件列出。

    例：
      clue-engine ledger show JU-1A2B3C4D
    """
    from clue_engine.cli.screen import print_json, print_table
    from clue_engine.errors import EXIT_OK
    from clue_engine.ledger.history import HEADINGS, Book, rows

    with needed_ledger(ledger) as own:
        book = Book.read(own)
    now = book.number(number)
    lines = rows(book, book.course(now))
    if json:
        print_json([dict(zip(HEADINGS, line, strict=True)) for line in lines])
        return EXIT_OK
    if now != number.strip().upper():
        print(f"{number.strip().upper()} 现在的编号是 {now}")
    shown = ("日期", "线索编号", "件", "事项", "状态", "单位", "期限", "结论", "说明")
    print_table(shown, [[line[HEADINGS.index(h)] for h in shown] for line in lines])
    for s in book.of(now):
        ended = s.ended
        print(f"{s.direction}：" + (f"已结束（{ended.day}）" if ended else _waits(s.due(), len(s.waiting))))
    return EXIT_OK


def _waits(due: object, n: int) -> str:
    return f"等待 {n} 个单位反馈，期限 {due}" if n else "没有在等的反馈"
