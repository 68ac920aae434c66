"""report: one page of figures, offline, without a person; or the internal page with every clue."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.config import at_office
from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LedgerOption,
    RulesOption,
    WorkspaceOption,
    day,
    opened_ledger,
)
from clue_engine.cli.screen import print_json, say
from clue_engine.errors import EXIT_OK, ClueError
from clue_engine.workspace import Workspace

OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="文件",
        help="写到这个文件，已有的代替；不写则 report.html（明细 internal.html）",
        show_default=False,
    ),
]
InternalOption = Annotated[
    str | None,
    typer.Option(
        "--internal",
        metavar="用途",
        help="写内部的线索明细（可查找，含个人信息）代替数字，须写用途，并记入审计",
        show_default=False,
    ),
]
MonthOption = Annotated[
    str | None,
    typer.Option("--month", metavar="年月", help="“本月”是哪个月，如 2025-06；不写则是扫描日的月", show_default=False),
]
SmallOption = Annotated[
    str | None,
    typer.Option("--small-numbers", metavar="理由", help="小的数也显示，须写理由，并记入审计", show_default=False),
]


def report_command(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    out: OutOption = None,
    internal: InternalOption = None,
    month: MonthOption = None,
    small: SmallOption = None,
    ledger: LedgerOption = None,
    rules: RulesOption = None,
    json: JsonOption = False,
) -> int:
    """写一页工作情况：从发现到回访，本月和上月，分乡镇、案由、规则、接收单位，逾期，数据质量，还不能判断的。

    只有数字，没有个人信息；不联网，没有脚本，可以打印。没有线索台账的，移送以后各环节写“—”。
    --internal 写另一种：逐条线索的理由、条件、出处、经过，供办公室内部查找；号码遮盖，受限线索只列编号。

    例：
      clue-engine report -w 工作区 --out 六月.html
      clue-engine report --small-numbers 向分管领导汇报
      clue-engine report --internal 每周碰头 --out 明细.html
    """
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.audit import write_audit
    from clue_engine.export.bundle import write_page
    from clue_engine.export.privacy import redact
    from clue_engine.feedback.report import Report, report_html

    if small is not None and not small.strip():
        hint = "写明用途，如 --small-numbers 向分管领导汇报"
        raise ClueError("CE-X02", "没有写明显示小数的理由", place="--small-numbers", hint=hint)
    if internal is not None:
        if small is not None or month is not None:
            hint = "分两次写"
            raise ClueError("CE-U01", "--internal 不与 --month、--small-numbers 同时写", place="report", hint=hint)
        return _internal(workspace, out or Path("internal.html"), internal, ledger, rules, json)
    out = out or Path("report.html")
    pack = at_office(load_scanned(workspace, rules))
    with Workspace.open(workspace, create=False) as ws, opened_ledger(ledger) as book:
        as_of = scan_date(ws)
        first = day(f"{month}-01", "--month") if month else as_of.replace(day=1)
        what = Report(as_of, first, dt.date.today(), small=small is not None)
        text = report_html(ws, pack, book, what)
        if small is not None:  # before the file appears
            write_audit(ws.directory, "report", small_numbers=True, reason=redact(small.strip()))
    write_page(out, text, workspace)
    if json:
        print_json({"out": str(out), "small_numbers": small is not None})
    else:
        print(out)
        say("只有数字。用浏览器打开，可以打印。")
    return EXIT_OK


def _internal(workspace: Path, out: Path, why: str, ledger: str | None, rules: Path | None, json: bool) -> int:
    from clue_engine.enquiry.page import internal_page
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.audit import write_audit
    from clue_engine.export.bundle import write_page
    from clue_engine.export.privacy import redact

    if not why.strip():
        hint = "写明用途，如 --internal 每周碰头"
        raise ClueError("CE-X02", "没有写明要线索明细的用途", place="--internal", hint=hint)
    pack = at_office(load_scanned(workspace, rules))
    with Workspace.open(workspace, create=False) as ws, opened_ledger(ledger) as book:
        text, n_clues = internal_page(ws, pack, book, scan_date(ws))
        write_audit(ws.directory, "internal page", reason=redact(why.strip()), clues=n_clues)  # before it appears
    write_page(out, text, workspace)
    if json:
        print_json({"out": str(out), "clues": n_clues})
    else:
        print(out)
        say(f"线索明细 {n_clues} 条，已记入审计。含个人信息，不外传；用浏览器打开，可以查找、打印。")
    return EXIT_OK
