"""The workbook that offices work with: clue sheets, 按户, 待核, 搁置, 试行, 汇总, 规则说明, 数据质量, 填表说明.

Comes in: rows of the lists, file quality, caveats. Goes out: one .xlsx without formulas or macros; the same input
gives the same bytes (the as-of date stands where others print a time).
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from clue_engine.export import columns as c
from clue_engine.export.by_home import home_sheet
from clue_engine.export.changes import Change
from clue_engine.export.list_rows import Row
from clue_engine.export.quality import FileQuality, RuleLoss
from clue_engine.export.tables import STATEMENT
from clue_engine.export.xlsx_form import Book, styles
from clue_engine.export.xlsx_lists import changes_sheet, clue_sheet, held_sheet, open_sheet
from clue_engine.export.xlsx_pages import help_sheet, quality_sheet, rules_sheet, summary_sheet
from clue_engine.pack.model import Pack


def write_workbook(
    path: Path, rows: Sequence[Row], quality: Sequence[FileQuality], losses: Sequence[RuleLoss],
    caveats: Sequence[str], pack: Pack, as_of: dt.date, run_code: str, changed: Sequence[Change] | None = None,
    *, small: bool = False,
) -> None:  # fmt: skip
    """clues.xlsx. ``run_code`` goes into a hidden sheet, so that a filled-in workbook can be read back.

    ``changed``: since the scan before; None where there was none. ``small``: small counts are shown.
    """
    b, file = new_book("线索清单", as_of, pack)
    note = f"扫描日：{day_said(as_of)}　规则包：{pack.name} {pack.version}　批次：{run_code}　{STATEMENT}"
    for direction in pack.directions:
        listed = [r for r in rows if r.direction == direction.name and r.status == "线索"]
        hidden = sum(r.restricted for r in listed)
        count = f"共{len(listed)}户" + (f"，其中受限{hidden}户只列编号" if hidden else "")
        sent = f"送：{direction.receiver}　收到后{pack.answer_days(direction)}个工作日内反馈　{count}　{note}"
        clue_sheet(b, direction.name, f"{direction.name}清单", sent, listed)
    home_sheet(b, note, rows, pack)
    open_sheet(b, note, [r for r in rows if r.status == "待核"])
    held_sheet(b, note, [r for r in rows if r.status == "搁置"])
    trial = [r for r in rows if r.status == "试行"]
    if trial:
        clue_sheet(b, "试行", "试行规则命中情况（不移送）", note, trial)
    if changed is not None:
        changes_sheet(b, note, changed)
    summary_sheet(b, note, rows, pack, small=small)
    quality_sheet(b, note, quality, losses, caveats)
    rules_sheet(b, note, pack)
    help_sheet(b, note, caveats)
    hidden = b.sheet("_run")
    hidden.hide()
    for n, value in enumerate(("run", run_code, "as_of", as_of.isoformat(), "pack_hash", pack.hash)):
        hidden.write_string(n // 2, n % 2, value)
    b.book.close()
    path.write_bytes(file.getvalue())


def restricted_workbook(rows: Sequence[Row], pack: Pack, as_of: dt.date, receiver: str, reason: str) -> bytes:
    """The sheets of restricted clues, to be encrypted: made in memory, nothing on the disk."""
    b, file = new_book("受限线索", as_of, pack)
    note = (
        f"交：{receiver}　用途：{reason}　只供上述单位为上述用途查看，不得复制、转交，用后按保密规定保管或销毁。"
        f"扫描日：{day_said(as_of)}　规则包：{pack.name} {pack.version}　{STATEMENT}"
    )
    for direction in pack.directions:
        listed = [r for r in rows if r.direction == direction.name and r.status == "线索"]
        if listed:
            title = f"受限线索（{direction.name}）"
            clue_sheet(b, direction.name, title, f"共{len(listed)}户　{note}", listed)
    kept = {status: [r for r in rows if r.status == status] for status in ("待核", "搁置", "试行")}
    if kept["待核"]:
        open_sheet(b, note, kept["待核"])
    if kept["搁置"]:
        held_sheet(b, note, kept["搁置"])
    if kept["试行"]:
        clue_sheet(b, "试行", "试行规则命中情况（不移送）", note, kept["试行"])
    b.book.close()
    return file.getvalue()


def new_book(title: str, as_of: dt.date, pack: Pack) -> tuple[Book, io.BytesIO]:
    """An open workbook in memory, and where its bytes will be when it is closed."""
    import xlsxwriter

    file = io.BytesIO()  # xlsxwriter, writing itself, turns a full disk into an error of its own
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    created = dt.datetime.combine(as_of, dt.time(), dt.UTC)
    book.set_properties({"title": title, "comments": STATEMENT, "created": created})
    answers = pack.feedback
    never = pack.options.get("not_reasons", ())
    reasons = tuple(h.title for h in pack.holds if h.action in ("suppress", "hold") and h.id not in never)
    choices = {c.RESULT: answers.codes, c.OUTCOME: answers.outcomes, c.REFUSED: reasons}
    return Book(book, styles(book), set(), choices), file


def day_said(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
