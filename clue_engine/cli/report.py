"""report: one page of figures, offline, without a person."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    LedgerOption,
    RulesOption,
    WorkspaceOption,
    day,
    opened_ledger,
)
from clue_engine.errors import EXIT_STORAGE, ClueError

OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="文件", help="写到这个文件，已有的代替")]
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
    out: OutOption = Path("report.html"),
    month: MonthOption = None,
    small: SmallOption = None,
    ledger: LedgerOption = None,
    rules: RulesOption = None,
    json: JsonOption = False,
) -> int:
    """写一页工作情况：从发现到回访，本月和上月，分乡镇、案由、规则、接收单位，逾期，数据质量，还不能判断的。

    只有数字，没有个人信息；不联网，没有脚本，可以打印。没有线索台账的，移送以后各环节写“—”。

    例：
      clue-engine report -w 工作区 --out 六月.html
      clue-engine report --small-numbers 向分管领导汇报
    """
    from clue_engine.cli.screen import print_json, say
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.errors import EXIT_OK
    from clue_engine.export.audit import write_audit
    from clue_engine.export.privacy import redact
    from clue_engine.feedback.report import Report, report_html
    from clue_engine.workspace import Workspace

    if small is not None and not small.strip():
        hint = "写明用途，如 --small-numbers 向分管领导汇报"
        raise ClueError("CE-X02", "没有写明显示小数的理由", place="--small-numbers", hint=hint)
    pack = load_scanned(workspace, rules)
    with Workspace.open(workspace, create=False) as ws, opened_ledger(ledger) as book:
        as_of = scan_date(ws)
        first = day(f"{month}-01", "--month") if month else as_of.replace(day=1)
        what = Report(as_of, first, dt.date.today(), small=small is not None)
        text = report_html(ws, pack, book, what)
        if small is not None:  # before the file appears
            write_audit(ws.directory, "report", small_numbers=True, reason=redact(small.strip()))
    _write(out, text)
    if json:
        print_json({"out": str(out), "small_numbers": small is not None})
    else:
        print(out)
        say("只有数字。用浏览器打开，可以打印。")
    return EXIT_OK


def _write(out: Path, text: str) -> None:
    """Whole or not at all; readable by its owner only."""
    new = out.with_name(f".{out.name}.new")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text(text, encoding="utf-8", newline="\n")
        new.replace(out)
    except OSError as error:
        new.unlink(missing_ok=True)
        hint = "换一个能写的文件夹；在浏览器以外打开着的先关闭"
        raise ClueError(
            "CE-S28", f"报告没有写出（{error.strerror}）", place=str(out), hint=hint, exit_code=EXIT_STORAGE
        ) from None
