"""refer, overdue: hand clues to an office with a date for the answer, and see who has not answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.clues import BandOption, DirectionOption, TownOption, as_listed
from clue_engine.cli.config import at_office
from clue_engine.cli.export import SplitOption, UnmaskOnlyOption, UnmaskOption, check_combination
from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LedgerOption,
    RulesOption,
    WaitOption,
    WorkspaceOption,
    day,
    needed_ledger,
)
from clue_engine.cli.screen import print_json, print_table, say
from clue_engine.errors import EXIT_OK, ClueError
from clue_engine.ledger.history import Book
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    from clue_engine.export.parcel import Sending
    from clue_engine.export.referral import Line
    from clue_engine.ledger import Event, Ledger
    from clue_engine.office import Office

NumbersArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[线索编号...]", help="只移送这几条；不写则按条件", show_default=False)
]
ToOption = Annotated[str, typer.Option("--to", metavar="单位", help="送哪个单位，如 民政")]
TopOption = Annotated[
    int | None, typer.Option("--top", metavar="条数", min=1, help="只送排在最前面的几条", show_default=False)
]
DocumentOption = Annotated[str, typer.Option("--document", metavar="文号", help="移送函的文号", show_default=False)]
DateOption = Annotated[
    str | None, typer.Option("--date", metavar="日期", help="移送的日期；不写则今天", show_default=False)
]
PartOption = Annotated[
    int | None,
    typer.Option("--part", metavar="件", help="一户几件的，只送这一件（件号见 ledger show）", show_default=False),
]
CountOption = Annotated[
    str | None, typer.Option("--date", metavar="日期", help="算到哪一天；不写则今天", show_default=False)
]
DueOption = Annotated[
    str | None, typer.Option("--due", metavar="日期", help="反馈期限；不写则按工作日推算", show_default=False)
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="目录", help="同时写出移送件（函、清单、核查表）", show_default=False),
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="只列出会移送哪些，不记入，不写文件", show_default=False)]


def refer_command(
    to: ToOption,
    numbers: NumbersArgument = None,
    direction: DirectionOption = None,
    band: BandOption = None,
    town: TownOption = None,
    top: TopOption = None,
    part: PartOption = None,
    document: DocumentOption = "",
    date: DateOption = None,
    due: DueOption = None,
    out: OutOption = None,
    split: SplitOption = None,
    unmask: UnmaskOption = None,
    unmask_only: UnmaskOnlyOption = None,
    dry_run: DryOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    ledger: LedgerOption = None,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> int:
    """移送线索：记入台账送谁、哪一天、文号、期限（按工作日推算的日期）；加 --out 同时写出移送件。

    按条件移送的只有状态为“线索”、身份确认、不受限的。疑似、待核、试行、搁置的只能逐个写编号，标明先核实身份或待核实；
    受限的也只能写编号，只记入台账，详情用 export --restricted 另交专人。
    一户几件的，只送没有办结、这个单位还没有在办的几件；全部办结的，要先 reopen。

    例：
      clue-engine refer --to 民政 --split 乡镇 --out 移送件/7月 --document 检救移〔2026〕3号
      clue-engine refer --to 农业农村 --top 20 --dry-run
      clue-engine refer JU-1A2B3C4D SO-5E6F7A8B --to 妇联
    """
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export import columns as c
    from clue_engine.export.list_rows import list_rows
    from clue_engine.export.parcel import Unmask, send_parcels
    from clue_engine.export.referral import Wanted, chosen, events
    from clue_engine.office import Office, load_office
    from clue_engine.pack.holidays import known_years

    if part is not None and len(numbers or ()) != 1:
        raise ClueError("CE-U01", "--part 只和一个线索编号一起写", place="refer", hint="件号见 clue-engine ledger show")
    if out is None and not dry_run and (split, unmask, unmask_only) != (None, None, None):
        hint = f"加上写到哪里，如 clue-engine refer --to {to.strip()} --split 乡镇 --out 移送件；只记台账的，去掉这几项"
        raise ClueError("CE-U01", "--split、--unmask 说的是移送件怎样写，没有写 --out", place="refer", hint=hint)
    check_combination(False, unmask, (), to, split, unmask_only)
    office = load_office() or Office()
    name, receiver = office.receiver(to.strip())
    pack = at_office(load_scanned(workspace, rules))
    years = known_years(pack, office.path("holidays"))
    wanted = Wanted(
        office=name, words=tuple(receiver.match) or (name,), day=day(date, "--date") if date else dt.date.today(),
        numbers=tuple(numbers or ()), part=part, direction=direction, band=band, town=town, top=top, days=receiver.days,
        due=day(due, "--due") if due else None, document=document.strip(),
    )  # fmt: skip
    shown = Unmask(unmask, (unmask_only,)) if unmask and unmask_only else Unmask(unmask) if unmask else None
    folders: list[Path] = []
    with needed_ledger(ledger) as own, Workspace.open(workspace, create=False, wait=wait) as ws:
        as_of = scan_date(ws)
        book = Book.read(own)
        rows = list_rows(ws, pack, unmasked=c.ID in (shown.columns if shown else ()))
        direction, band, town = as_listed(rows, pack, direction=direction, band=band, town=town)
        wanted = replace(wanted, direction=direction, band=band, town=town)
        lines, behind = chosen(rows, book, wanted, pack, years)
        told = events(lines, wanted, by_town=split is not None)
        if out is not None and not dry_run and any(not line.row.restricted for line in lines):
            sending = _sending(lines, name, wanted.day, office, document, own, told)
            folders = send_parcels(ws, pack, sending, out, as_of, by_town=split is not None, unmask=shown)
        elif not dry_run:
            own.append(told)
    return _tell(lines, behind, name, folders, book, dry_run, json)


def _sending(
    lines: Sequence[Line],
    name: str,
    on: dt.date,
    office: Office,
    document: str,
    own: Ledger,
    told: Sequence[Event],
) -> Sending:
    from clue_engine.export.parcel import Sending
    from clue_engine.export.workbook import day_said

    sender = office.office
    letter = {
        "移送单位": sender.name, "落款": sender.stamp or sender.name, "文号": document, "联系人": sender.contact,
        "联系电话": sender.phone, "落款日期": day_said(on),
    }  # fmt: skip
    due = {line.row.clue_id: line.due for line in lines}
    return Sending(
        name, tuple(line.shown() for line in lines), due,
        lambda ready: own.append(told, before_commit=ready), own.path, letter,
    )  # fmt: skip


def _tell(
    lines: Sequence[Line], behind: Mapping[str, int], name: str, folders: Sequence[Path], book: Book,
    dry_run: bool, json: bool,
) -> int:  # fmt: skip
    left = dict(sorted(behind.items()))
    if json:
        print_json(
            {"receiver": name, "recorded": not dry_run, "folders": [str(f) for f in folders], "left_out": left,
             "clues": [{"clue_id": x.row.clue_id, "due": x.due.isoformat(), "caution": x.caution,
                        "assist": x.assist, "parts": [] if x.row.restricted else [book.place(s) for s in x.parts],
                        "restricted": x.row.restricted} for x in lines]}
        )  # fmt: skip
        return EXIT_OK
    print_table(
        ("线索编号", "方向", "优先级", "期限", "提醒"),
        [
            (x.row.clue_id, x.row.direction, x.row.cells.get("优先级"), x.due.isoformat(),
             "、".join(_remarks(x)))
            for x in lines
        ],
    )  # fmt: skip
    for folder in folders:
        print(folder)
    say(f"送 {name} {len(lines)} 条，{'没有记入（--dry-run）' if dry_run else '已记入台账'}。")
    if left:
        say(f"没有移送的：{'、'.join(f'{why} {n} 条' for why, n in left.items())}。")
    if lines and not dry_run:
        say("收回填好的清单：clue-engine feedback import 文件 --dry-run    看过期没有反馈的：clue-engine overdue")
    if any(x.row.restricted for x in lines) and not dry_run:
        say("受限的不在移送件里：用 clue-engine export --restricted 另交专人。")
    return EXIT_OK


def _remarks(line: Line) -> list[str]:
    told = (
        line.which and f"只送{line.which}",
        line.caution,
        "受限" if line.row.restricted else "",
        "协助核实，答复不结束本方向" if line.assist else "",
    )
    return [text for text in told if text]


def overdue_command(date: CountOption = None, ledger: LedgerOption = None, json: JsonOption = False) -> int:
    """列出过了期限还没有反馈的移送，最久的在前。

    例：
      clue-engine overdue
      clue-engine overdue --date 2026-07-31 --json
    """
    on = day(date, "--date") if date else dt.date.today()
    with needed_ledger(ledger) as own:
        book = Book.read(own)
    hidden = book.restricted()
    lines = [
        {"clue_id": w.number, "direction": w.direction, "receiver": "受限" if w.number in hidden else w.receiver,
         "referred": w.sent.day.isoformat(), "due": str(w.due), "document": w.sent.text("document"),
         "days": (on - w.due).days}
        for w in book.overdue(on) if w.due
    ]  # fmt: skip
    if json:
        print_json(lines)
        return EXIT_OK
    if lines:
        print_table(
            ("线索编号", "方向", "单位", "移送", "期限", "超过"),
            [(r["clue_id"], r["direction"], r["receiver"], r["referred"], r["due"], f"{r['days']} 天") for r in lines],
        )
    say(f"{on} 过期未反馈 {len(lines)} 条。")
    if asked := _contacts([str(r["receiver"]) for r in lines]):
        say(f"可以问：{asked}。")
    return EXIT_OK


def _contacts(receivers: Sequence[str]) -> str:
    """Whom to ask of these offices, as clue.toml says."""
    from clue_engine.office import load_office

    office = load_office()
    known = office.receivers if office else {}
    said = [
        " ".join(word for word in (name, known[name].contact, known[name].phone) if word)
        for name in dict.fromkeys(receivers)
        if name in known and (known[name].contact or known[name].phone)
    ]
    return "、".join(said)
