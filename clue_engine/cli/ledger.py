"""ledger check | export | show: whether the ledger is whole, all that is in it, a clue's course. close | reopen."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LedgerOption,
    WorkspaceOption,
    day,
    needed_ledger,
)
from clue_engine.cli.screen import print_json, print_table, say
from clue_engine.errors import EXIT_OK, EXIT_PROBLEMS, ClueError
from clue_engine.ledger import Event
from clue_engine.ledger.check import problems
from clue_engine.ledger.events import CLOSED, LABELS, REOPENED
from clue_engine.ledger.history import HEADINGS, Book, ended_as, rows
from clue_engine.workspace import DATABASE, Workspace

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
    from clue_engine.export.ledger_table import write_ledger

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
    with needed_ledger(ledger) as own:
        book = Book.read(own)
    now = book.number(number)
    lines = rows(book, sorted(book.course(now), key=lambda e: (e.day, e.seq)))
    if json:
        print_json([dict(zip(HEADINGS, line, strict=True)) for line in lines])
        return EXIT_OK
    if now != number.strip().upper():
        print(f"{number.strip().upper()} 现在的编号是 {now}")
    shown = ("日期", "线索编号", "件", "事项", "状态", "单位", "期限", "结论", "说明")
    print_table(shown, [[line[HEADINGS.index(h)] for h in shown] for line in lines])
    for s in book.of(now):
        said = "；".join(ended_as(s)) if s.ended else _waits(s.due(), len(s.waiting))
        print(f"{s.direction}{book.named(s)}：{said}")
    return EXIT_OK


def _waits(due: object, n: int) -> str:
    return f"等待 {n} 个单位反馈，期限 {due}" if n else "没有在等的反馈"


# -- close, reopen: a person ends one direction of a clue, or opens it again -------------------------------------------
ReasonOption = Annotated[str, typer.Option("--reason", metavar="原因", help="写明原因；不要写姓名")]
PartOption = Annotated[
    int | None,
    typer.Option("--part", metavar="件", help="一户有几件的，只办这一件（件号见 ledger show）", show_default=False),
]
SureOption = Annotated[bool, typer.Option("--sure", help="原因里没有姓名，照写", show_default=False)]
DateOption = Annotated[
    str | None, typer.Option("--date", metavar="日期", help="哪一天的事；不写则今天", show_default=False)
]


def close_command(
    number: NumberArgument,
    reason: ReasonOption,
    part: PartOption = None,
    date: DateOption = None,
    sure: SureOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    ledger: LedgerOption = None,
    json: JsonOption = False,
) -> int:
    """办结一条线索：只结束这个方向的这几件，以后的清单列在“搁置”，写明原因和日期；案件事实变了会重新列入。

    例：
      clue-engine close JU-1A2B3C4D --reason 不属实，家庭收入稳定
    """
    return _note(CLOSED, number, _without_names(reason, workspace, sure), part, date, ledger, json)


def reopen_command(
    number: NumberArgument,
    reason: ReasonOption,
    part: PartOption = None,
    date: DateOption = None,
    sure: SureOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    ledger: LedgerOption = None,
    json: JsonOption = False,
) -> int:
    """把办结了的线索重新打开，下次扫描重新列入；已经发放救助的不能重新打开。

    例：
      clue-engine reopen JU-1A2B3C4D --reason 又有新的医疗支出
    """
    return _note(REOPENED, number, _without_names(reason, workspace, sure), part, date, ledger, json)


def _without_names(reason: str, workspace: Path, sure: bool) -> str:
    """As it may stand in a ledger, from which nothing is ever removed. Raises CE-U01, CE-L08."""
    from clue_engine.enquiry.names import name_at
    from clue_engine.export.privacy import plain, redact

    text = plain(redact(reason))
    if not text:
        raise ClueError("CE-U01", "没有写明原因", place="--reason", hint="如 --reason 不属实")
    if not sure and (workspace / DATABASE).is_file():
        with Workspace.open(workspace, create=False) as ws:
            place = name_at(ws, text)
        if place:
            said = f"原因第 {place} 个字起，与数据里一个人的姓名相同；台账里写了就删不掉，没有记入"
            raise ClueError("CE-L08", said, place="--reason", hint="换成“本人”“户主”等再写；确实不是姓名的，加 --sure")
    return text


def _note(
    kind: str, number: str, reason: str, part: int | None, date: str | None, ledger: str | None, json: bool
) -> int:
    on = day(date, "--date") if date else dt.date.today()
    with needed_ledger(ledger) as own:
        book = Book.read(own)
        now = book.number(number)
        parts = book.chosen(now, part)
        fit = [s for s in parts if (s.ended is None if kind == CLOSED else s.ended is not None and s.paid is None)]
        if not fit:
            message = "已经办结" if kind == CLOSED else "没有办结，或已经发放救助，不能重新打开"
            raise ClueError("CE-L06", message, place=now, hint=f"看经过：clue-engine ledger show {now}")
        own.append(Event(kind, now, s.part, on, s.direction, {"reason": reason}) for s in fit)
    if json:
        print_json({"clue_id": now, "event": kind, "parts": len(fit), "date": on.isoformat()})
    say(f"{now} 已记下：{LABELS[kind]}（{len(fit)} 件）。下次扫描起作用。")
    return EXIT_OK
