"""The ledger as one table for a spreadsheet.

Comes in: rows under HEADINGS. Goes out: a .csv or .xlsx that was not there before; nothing in a cell is a formula.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason
from clue_engine.export.privacy import cell_text, csv_text, redact
from clue_engine.ledger.history import HEADINGS


def write_ledger(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Raises CE-U02, CE-U07, CE-S28."""
    if path.suffix not in (".csv", ".xlsx"):
        raise ClueError("CE-U02", "只能写成 .csv 或 .xlsx", place=str(path), hint="如 --out 线索台账.xlsx")
    clean = [[redact(cell) for cell in row] for row in rows]
    content = _csv(clean) if path.suffix == ".csv" else _xlsx(clean)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
    except FileExistsError:
        raise ClueError("CE-U07", "文件已经存在，没有覆盖", place=str(path), hint="用 --out 换一个文件名") from None
    except OSError as error:
        message = f"不能写入（{system_reason(error.errno)}）"
        raise ClueError("CE-S28", message, place=str(path), hint="换一个目录", exit_code=EXIT_STORAGE) from None


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([HEADINGS, *([csv_text(cell) for cell in row] for row in rows)])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("线索台账")
    head = book.add_format({"bold": True, "text_wrap": True, "border": 1})
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(0, column, heading, head)
    for place, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            sheet.write_string(place, column, cell_text(cell))
    sheet.freeze_panes(1, 4)
    sheet.autofilter(0, 0, max(len(rows), 1), len(HEADINGS) - 1)
    sheet.set_column(0, len(HEADINGS) - 1, 14)
    sheet.set_landscape()
    sheet.repeat_rows(0)
    book.close()
    return made.getvalue()
