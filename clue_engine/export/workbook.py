"""The workbook that offices work with: clue sheets, 待核, 搁置, 试行, 汇总, 规则说明, 数据质量, 填表说明.

Comes in: ledger rows, file quality, caveats. Goes out: one .xlsx without formulas or macros; the same input gives the
same bytes (the as-of date stands where others print a time).
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from clue_engine.export.ledger import Row
from clue_engine.export.quality import FileQuality, RuleLoss
from clue_engine.export.tables import STATEMENT
from clue_engine.export.xlsx_form import Book, styles
from clue_engine.export.xlsx_lists import clue_sheet, held_sheet, open_sheet
from clue_engine.export.xlsx_pages import help_sheet, quality_sheet, rules_sheet, summary_sheet
from clue_engine.pack.model import Pack


def write_workbook(
    path: Path, rows: Sequence[Row], quality: Sequence[FileQuality], losses: Sequence[RuleLoss],
    caveats: Sequence[str], pack: Pack, as_of: dt.date, run_code: str,
) -> None:  # fmt: skip
    """clues.xlsx. ``run_code`` goes into a hidden sheet, so that a filled-in workbook can be read back."""
    import xlsxwriter

    file = io.BytesIO()  # xlsxwriter, writing itself, turns a full disk into an error of its own
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {"title": "线索清单", "comments": STATEMENT, "created": dt.datetime.combine(as_of, dt.time(), dt.UTC)}
    )
    b = Book(book, styles(book), set())
    day = f"{as_of.year}年{as_of.month}月{as_of.day}日"
    note = f"扫描日：{day}　规则包：{pack.name} {pack.version}　批次：{run_code}　{STATEMENT}"
    for direction in pack.directions:
        listed = [r for r in rows if r.direction == direction.name and r.status == "线索"]
        hidden = sum(r.restricted for r in listed)
        count = f"共{len(listed)}户" + (f"，其中受限{hidden}户只列编号" if hidden else "")
        sent = f"送：{direction.receiver}　收到后{direction.deadline_days}个工作日内反馈　{count}　{note}"
        clue_sheet(b, direction.name, f"{direction.name}清单", sent, listed)
    open_sheet(b, note, [r for r in rows if r.status == "待核"])
    held_sheet(b, note, [r for r in rows if r.status == "搁置"])
    trial = [r for r in rows if r.status == "试行"]
    if trial:
        clue_sheet(b, "试行", "试行规则命中情况（不移送）", note, trial)
    summary_sheet(b, note, rows, pack)
    quality_sheet(b, note, quality, losses, caveats)
    rules_sheet(b, note, pack)
    help_sheet(b, note, caveats)
    hidden = b.sheet("_run")
    hidden.hide()
    for n, value in enumerate(("run", run_code, "as_of", as_of.isoformat(), "pack_hash", pack.hash)):
        hidden.write_string(n // 2, n % 2, value)
    book.close()
    path.write_bytes(file.getvalue())
