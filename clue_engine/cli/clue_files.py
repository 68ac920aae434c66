"""A filtered list as CSV, JSON lines or workbook: the cells of the lists, safe for a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from clue_engine.cli.choices import one_of
from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason
from clue_engine.export.list_rows import Row
from clue_engine.export.privacy import csv_text, plain
from clue_engine.pack.model import Pack

FORMS = ("csv", "jsonl", "xlsx")


def check_form(form: str | None, out: Path | None, *, json: bool) -> str:
    """The form that is meant, before anything is read. Raises CE-U01, CE-U02, CE-U07."""
    if form is None and out is not None:
        form = out.suffix.removeprefix(".")
    if form is None:
        return ""
    found = one_of(form, FORMS, "--format", "格式")
    if json:
        raise ClueError("CE-U01", "--json 与 --format 不同时写", place="clues", hint="逐行的 JSON 写 --format jsonl")
    if found == "xlsx" and out is None:
        raise ClueError("CE-U01", "工作簿要写到文件", place="--format", hint="加 --out 文件名，如 --out 名单.xlsx")
    if out is not None and (out.exists() or out.is_symlink()):
        raise ClueError("CE-U07", "文件已经存在，不覆盖", place=str(out), hint="换一个名字，或先移走旧的")
    return found


def write_rows(
    form: str, out: Path | None, rows: Sequence[Row], headings: Sequence[str], pack: Pack, day: dt.date
) -> None:
    """To the file, readable by its owner only, or to stdout."""
    data = (
        _xlsx(rows, headings, pack, day) if form == "xlsx" else _text(form, rows, headings).encode("utf-8", "replace")
    )
    if out is None:
        sys.stdout.write(data.decode("utf-8"))
        return
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write((b"\xef\xbb\xbf" if form == "csv" else b"") + data)
    except OSError as error:
        message = f"文件没有写出（{system_reason(error.errno)}）"
        raise ClueError("CE-S28", message, place=str(out), hint="换一个能写的文件夹", exit_code=EXIT_STORAGE) from None


def _text(form: str, rows: Sequence[Row], headings: Sequence[str]) -> str:
    if form == "jsonl":
        records = [{h: _plain(row.cells.get(h)) for h in headings if row.cells.get(h) is not None} for row in rows]
        return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        cells = [row.cells.get(h) for h in headings]
        writer.writerow([csv_text(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in cells])
    return text.getvalue()


def _plain(cell: object) -> object:
    return plain(cell) if isinstance(cell, str) else cell


def _xlsx(rows: Sequence[Row], headings: Sequence[str], pack: Pack, day: dt.date) -> bytes:
    from clue_engine.export.workbook import day_said, new_book
    from clue_engine.export.xlsx_form import Column, table

    b, file = new_book("线索", day, pack)
    columns = [Column(h, 9 if len(h) < 4 else 24, lines=True) for h in headings]
    table(
        b, "线索", "线索", f"扫描日：{day_said(day)}", columns, [[row.cells.get(h) for h in headings] for row in rows]
    )
    b.book.close()
    return file.getvalue()
