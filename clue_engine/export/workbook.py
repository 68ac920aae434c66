"""The workbook that offices work with: clue sheets, 待核, 搁置, 数据质量, 填表说明.

Comes in: ledger rows and file quality. Goes out: one .xlsx without formulas or macros; the same input gives the same
bytes (the as-of date stands where others print a time).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clue_engine.export import columns as c
from clue_engine.export.ledger import Cell, Row
from clue_engine.export.privacy import cell_text
from clue_engine.export.quality import FileQuality
from clue_engine.export.tables import STATEMENT
from clue_engine.pack.model import Pack

_A4 = 9
_WIDEST, _NARROWEST = 42, 6
_SPARE_ROWS = 200  # rows below the list that still get the drop-downs, for hand-made additions
_OPEN = ("决定事项", "掌握单位")
_HELP = (
    "一、各线索表按“优先级、匹配方式、得分”排序;同一户在同一线索方向只列一次。",
    "二、“状态”:线索=依据现有数据符合规则;待核=缺一项事实,“决定事项”一栏写明缺什么、由谁掌握;搁置=有不予列出的情形,原因见搁置表。",
    "三、“匹配方式”为疑似的,先核实是否同一人,再核实情况。",
    "四、“缺失项”不等于没有:缺赔偿情况的,既不能当作未赔,也不能当作已赔。",
    "五、姓名写作“受限-编号”的为受限线索,详情由检察机关承办人员掌握,请勿自行打听或扩散。",
    "六、核查后填写“核查结果、处理去向、核查人、核查日期、备注”五栏,其余各栏请勿改动;可以排序、筛选。",
    "七、证件号码、联系电话默认遮盖;确需完整号码的,按规定申请后由数据人员导出并留痕。",
    "八、核查结果只能从下拉列表中选择;核查日期按 2025-06-30 的形式填写。",
)


@dataclass
class _Book:
    """The open workbook with its cell styles."""

    book: Any
    style: dict[str, Any]
    names: set[str]

    def sheet(self, name: str) -> Any:
        """A sheet under a name that Excel accepts and that is not taken."""
        base = re.sub(r"[\[\]:*?/\\']", "", name)[:28] or "表"
        found, n = base, 2
        while found in self.names:
            found, n = f"{base}{n}", n + 1
        self.names.add(found)
        return self.book.add_worksheet(found)


def write_workbook(
    path: Path, rows: Sequence[Row], quality: Sequence[FileQuality], pack: Pack, as_of: dt.date, run_code: str
) -> None:
    """clues.xlsx. ``run_code`` goes into a hidden sheet, so that a filled-in workbook can be read back."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {"title": "线索清单", "comments": STATEMENT, "created": dt.datetime.combine(as_of, dt.time(), dt.UTC)}
    )
    b = _Book(book, _styles(book), set())
    note = f"扫描日:{as_of.isoformat()}  规则包:{pack.name} {pack.version}  {STATEMENT}"
    for direction in pack.directions:
        listed = [r for r in rows if r.direction == direction.name and r.status == "线索"]
        title = f"{direction.name}清单(送{direction.receiver})"
        _list_sheet(b, direction.name, title, note, c.LIST, listed)
    _open_sheet(b, note, [r for r in rows if r.status == "待核"])
    _list_sheet(b, "搁置", "搁置情况", note, c.HELD, [r for r in rows if r.status == "搁置"])
    trial = [r for r in rows if r.status == "试行"]
    if trial:
        _list_sheet(b, "试行", "试行规则命中情况(不移送)", note, c.LIST, trial)
    _quality_sheet(b, note, quality)
    _help_sheet(b, note)
    hidden = b.sheet("_run")
    hidden.hide()
    for n, value in enumerate(("run", run_code, "as_of", as_of.isoformat(), "pack_hash", pack.hash)):
        hidden.write_string(n // 2, n % 2, value)
    book.close()


def _styles(book: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
    cell = {**base, "text_wrap": True, "border": 1}
    return {
        "title": book.add_format({**base, "font_size": 16, "bold": True, "align": "center"}),
        "note": book.add_format({**base, "font_size": 10, "font_color": "#555555"}),
        "head": book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#DDE6F0"}),
        "text": book.add_format({**cell, "num_format": "@"}),
        "number": book.add_format({**cell, "num_format": "0.##", "align": "right"}),
        "whole": book.add_format({**cell, "num_format": "0", "align": "right"}),
        "percent": book.add_format({**cell, "num_format": "0.0%", "align": "right"}),
        "fill": book.add_format({**cell, "num_format": "@", "bg_color": "#FFF8DC", "locked": False}),
        "date": book.add_format({**cell, "num_format": "yyyy-mm-dd", "bg_color": "#FFF8DC", "locked": False}),
        "line": book.add_format({**base, "text_wrap": True}),
    }


def _list_sheet(
    b: _Book, name: str, title: str, note: str, headings: Sequence[str], rows: Sequence[Row],
    value: Callable[[Row, str], Cell] = lambda row, heading: row.cells.get(heading),
) -> None:  # fmt: skip
    records = [[value(row, heading) for heading in headings] for row in rows]
    sheet = _table(b, name, title, note, headings, records)
    last = 2 + len(records) + _SPARE_ROWS
    for column, heading in enumerate(headings):
        if heading == c.RESULT:
            _choice(sheet, last, column, c.RESULTS)
        elif heading == c.OUTCOME:
            _choice(sheet, last, column, c.OUTCOMES)
        elif heading == c.CHECKED_ON:
            sheet.data_validation(
                3, column, last, column,
                {"validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1), "error_title": "核查日期",
                 "error_message": "请填写日期,如 2025-06-30"},
            )  # fmt: skip


def _choice(sheet: Any, last: int, column: int, choices: Sequence[str]) -> None:
    sheet.data_validation(
        3, column, last, column,
        {"validate": "list", "source": list(choices), "error_title": "请从列表中选择",
         "error_message": "、".join(choices)},
    )  # fmt: skip


def _open_sheet(b: _Book, note: str, rows: Sequence[Row]) -> None:
    """待核: the one fact that decides and who holds it stand right behind the number."""
    headings = [c.RANK, c.NUMBER, *_OPEN, *(h for h in c.LIST if h not in (c.RANK, c.NUMBER))]

    def value(row: Row, heading: str) -> Cell:
        if heading not in _OPEN:
            return row.cells.get(heading)
        if row.restricted:
            return "由承办人员掌握" if heading == _OPEN[0] else None
        facts = [m for m in row.details.get("missing", ()) if m["decides"]] or row.details.get("missing", ())
        fact = facts[0] if facts else {}
        found = fact.get("field" if heading == _OPEN[0] else "holder")
        return str(found) if found else None

    _list_sheet(b, "待核", "待核户清单(缺一项事实即可判断)", note, headings, rows, value)


def _quality_sheet(b: _Book, note: str, quality: Sequence[FileQuality]) -> None:
    records: list[list[Cell]] = []
    for file in quality:
        head: list[Cell] = [file.name, file.sheet, file.source, file.snapshot_date]
        records.append([*head, "(全表)", file.n_read, file.n_loaded, file.n_rejected, None, None, None])
        for column in file.columns:
            records.append([*head, column.header, column.n_rows, column.n_filled, None, column.rate, None, None])
        for code, column_name, n in file.issues:
            records.append([*head, column_name, None, None, None, None, code, n])
    headings = (
        "文件", "工作表", "来源", "数据日期", "列", "读入行数", "有值或载入行数", "拒收行数",
        "填写率", "问题代码", "问题数",
    )  # fmt: skip
    _table(b, "数据质量", "数据质量", note, headings, records)


def _help_sheet(b: _Book, note: str) -> None:
    sheet = b.sheet("填表说明")
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, "填表说明", b.style["title"])
    sheet.write_string(1, 0, cell_text(note), b.style["note"])
    for n, line in enumerate(_HELP):
        sheet.write_string(2 + n, 0, line, b.style["line"])
    _page(sheet)


def _table(
    b: _Book, name: str, title: str, note: str, headings: Sequence[str], records: Sequence[Sequence[Cell]]
) -> Any:
    """Title in row 1, note in row 2, headings in row 3: frozen, filtered, repeated on every printed page."""
    sheet = b.sheet(name)
    sheet.merge_range(0, 0, 0, max(len(headings) - 1, 1), cell_text(title), b.style["title"])
    sheet.write_string(1, 0, cell_text(note), b.style["note"])
    for column, heading in enumerate(headings):
        sheet.write_string(2, column, heading, b.style["head"])
        sheet.set_column(column, column, _column_width(heading, [r[column] for r in records]))
    for line, record in enumerate(records, 3):
        for column, cell in enumerate(record):
            _write(b, sheet, line, column, headings[column], cell)
    sheet.freeze_panes(3, 0)
    sheet.autofilter(2, 0, 2 + max(len(records), 1), len(headings) - 1)
    sheet.repeat_rows(2)
    _page(sheet)
    return sheet


def _write(b: _Book, sheet: Any, line: int, column: int, heading: str, cell: Cell) -> None:
    if heading in c.FEEDBACK:
        style = b.style["date" if heading == c.CHECKED_ON else "fill"]
        if cell is None:
            sheet.write_blank(line, column, None, style)
        else:
            sheet.write_string(line, column, cell_text(str(cell)), style)
    elif cell is None:
        sheet.write_blank(line, column, None, b.style["text"])
    elif isinstance(cell, str):
        sheet.write_string(line, column, cell_text(cell), b.style["text"])
    elif heading == "填写率":
        sheet.write_number(line, column, cell, b.style["percent"])
    else:
        sheet.write_number(line, column, cell, b.style["whole" if float(cell).is_integer() else "number"])


def _page(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer("&C第 &P 页,共 &N 页")


def _column_width(heading: str, cells: Sequence[Cell]) -> int:
    """Width in characters, a Chinese one counting two."""
    widest = max([_width(heading) + 3, *(_width(str(cell)) + 1 for cell in cells[:500] if cell is not None)])
    return min(max(widest, _NARROWEST), _WIDEST)


def _width(text: str) -> int:
    return sum(1 if ord(character) < 0x1100 else 2 for character in text[: _WIDEST + 1])
