"""The list sheets of the workbook: what is printed, what stands behind it, where the outcome is filled in.

Comes in: rows of the lists. Goes out: one sheet per direction, 待核, 搁置, 试行.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from clue_engine.export import columns as c
from clue_engine.export.changes import KINDS, Change
from clue_engine.export.list_rows import Cell, Row
from clue_engine.export.sentences import numbered
from clue_engine.export.xlsx_form import FIRST_ROW, Book, Column, table

SPARE_ROWS = 200  # rows below the list that still get the drop-downs, for hand-made additions
PLACE, FACT, FACT_HOLDER, BY_HAND = "乡镇、村", "决定事项", "掌握单位", "核查人、日期（手写）"

FILL = "核查反馈（手写或电子填写）"
HANDLED = "办理情况（电子填写）"  # of a few lines, later than the visit: not on paper

# Number and name come first and stay beside whatever is scrolled to; what is filled in comes before the long texts.
_FIRST = (Column(c.NUMBER, 10.5, "线索", "centre"), Column(c.NAME, 7.2, "线索", "centre"))
_PERSON = (Column(c.ID, 16, "对象", "centre"), Column(PLACE, 8, "对象"))
_VISIT = (
    Column(c.RESULT, 6.5, FILL, "fill"), Column(c.OUTCOME, 7.5, FILL, "fill"), Column(c.CHECKED_BY, 6, FILL, "fill"),
    Column(c.CHECKED_ON, 8.5, FILL, "date"), Column(c.REMARK, 6, FILL, "fill"),
)  # fmt: skip
PRINTED = (
    Column(c.RANK, 4.2, "线索", "centre"), *_FIRST, Column(c.BAND, 4.5, "对象", "centre"), *_PERSON,
    Column(c.PHONE, 9.5, "对象", "centre"), *_VISIT, Column(c.MATCH, 7, "依据"),
    Column(c.MISSING, 8, "依据", lines=True), Column(c.REASON, 21, "依据", lines=True),
    Column(c.CHECK, 21.5, "依据", lines=True),
)  # fmt: skip
PRINTED_OPEN = (
    Column(c.RANK, 4.2, "线索", "centre"), *_FIRST, Column(c.DIRECTION, 8, "对象", "centre"),
    Column(c.BAND, 4.5, "对象", "centre"), *_PERSON,
    Column(FACT, 8.5, "补上即可判断"), Column(FACT_HOLDER, 7.5, "补上即可判断"), *_VISIT,
    Column(c.MATCH, 7, "依据"), Column(c.REASON, 20, "依据", lines=True), Column(c.CHECK, 15.5, "依据", lines=True),
)  # fmt: skip
PRINTED_HELD = (
    *_FIRST, Column(c.DIRECTION, 9, "对象", "centre"), *_PERSON,
    Column(c.REMARK, 12, "复核情况", "fill"), Column(BY_HAND, 9, "复核情况", "fill"),
    Column(c.HELD_REASON, 33, "搁置", lines=True), Column(c.RULES, 25, "搁置", lines=True),
    Column(c.RECEIVER, 14, "搁置"),
)  # fmt: skip
BEHIND = (
    Column(c.REFUSED, 14, HANDLED, "fill"), Column(c.AMOUNT, 11, HANDLED, "fill"),
    Column(c.PAID_ON, 11, HANDLED, "date"), Column(c.MONITORED_ON, 11, HANDLED, "date"),
    Column(c.REVISITED_ON, 11, HANDLED, "date"),
    Column(c.RULES, 34, "规则", lines=True), Column(c.POSSIBLE, 6, "规则", "centre"),
    Column(c.NOTE, 24, "规则", lines=True), Column(c.VERSION, 20, "规则"),
    Column(c.MEASURES, 120, "帮扶", lines=True), Column(c.CAP, 40, "帮扶"),
    Column(c.HOME, 14, "户和人", "centre"), Column(c.SAME_HOME, 22, "户和人"),
    Column(c.HOUSEHOLD_NO, 18, "户和人", "centre"), Column(c.HEAD, 9, "户和人", "centre"),
    Column(c.PHONE, 13, "户和人", "centre"), Column(c.TOWN, 10, "户和人"), Column(c.VILLAGE, 12, "户和人"),
    Column(c.CASE_NO, 30, "案件"), Column(c.CAUSE, 14, "案件"), Column(c.ACCEPTED, 11, "案件", "centre"),
    Column(c.HARM, 10, "案件"), Column(c.LOSS, 10, "案件"), Column(c.PAID, 10, "案件"), Column(c.CASES, 7, "案件"),
    Column(c.HOUSEHOLD_TYPE, 10, "家庭情况"), Column(c.MONITORING, 14, "家庭情况"),
    Column(c.RISK_REMOVED, 8, "家庭情况", "centre"), Column(c.INCOME, 11, "家庭情况"),
    Column(c.DIRECTION, 16, "移送", "centre"), Column(c.STATUS, 5, "移送", "centre"),
    Column(c.SCORE, 6, "移送", "centre"),
    Column(c.MISSING, 24, "移送", lines=True), Column(c.HOLDER, 16, "移送"), Column(c.RECEIVER, 24, "移送"),
    Column(c.ALSO, 14, "移送"), Column(c.DEADLINE, 18, "移送"),
    Column(c.SOURCE, 100, "数据出处"), Column(c.DATA_DATE, 11, "数据出处", "centre"),
    Column(c.SCANNED, 11, "数据出处", "centre"),
)  # fmt: skip
CHANGES = (
    Column("种类", 8, "变化", "centre"), *_FIRST, Column(c.DIRECTION, 12, "对象", "centre"),
    Column(c.BAND, 6, "对象", "centre"), Column(c.TOWN, 9, "对象"), Column("原来", 7, "变化", "centre"),
    Column("现在", 7, "变化", "centre"), Column("为什么", 60, "变化", lines=True), Column("台账", 28, "移送和反馈"),
)  # fmt: skip


def clue_sheet(b: Book, name: str, title: str, note: str, rows: Sequence[Row]) -> None:
    """A list of certain (or trial) clues."""
    _list(b, name, title, note, PRINTED, c.LIST, rows, _cell)


def open_sheet(b: Book, note: str, rows: Sequence[Row]) -> None:
    """待核: the one fact that decides, and who holds it."""
    _list(b, "待核", "待核户清单（补上一项事实即可判断）", note, PRINTED_OPEN, c.LIST, rows, _open_cell)


def held_sheet(b: Book, note: str, rows: Sequence[Row]) -> None:
    """搁置: what the rules found and why it is not sent."""
    _list(b, "搁置", "搁置情况", note, PRINTED_HELD, c.HELD, rows, _cell)


def changes_sheet(b: Book, note: str, changed: Sequence[Change]) -> None:
    """变化: what is new, still there, changed, closed or gone since the scan before, and why."""
    records: list[list[Cell]] = [
        [x.kind, x.clue_id, x.cells[c.NAME], x.direction, x.cells[c.BAND], x.cells[c.TOWN], x.was, x.now,
         numbered(x.why), x.standing]
        for kind in KINDS for x in changed if x.kind == kind
    ]  # fmt: skip
    said = "、".join(f"{kind}{n}条" for kind in KINDS if (n := sum(x.kind == kind for x in changed)))
    table(b, "变化", "与上一次扫描对照", f"{said}　{note}", CHANGES, records, n_kept=3)


def _list(
    b: Book, name: str, title: str, note: str, printed: Sequence[Column], headings: Sequence[str],
    rows: Sequence[Row], value: Callable[[Row, str], Cell],
) -> None:  # fmt: skip
    shown = {column.heading for column in printed}
    behind = [column for column in BEHIND if column.heading in headings and column.heading not in shown]
    list_sheet(b, name, title, note, [*printed, *behind], len(printed), rows, value)


def list_sheet(
    b: Book, name: str, title: str, note: str, columns: Sequence[Column], n_printed: int, rows: Sequence[Row],
    value: Callable[[Row, str], Cell],
) -> None:  # fmt: skip
    """A sheet of clues with the drop-downs of its columns to fill in."""
    records = [[value(row, column.heading) for column in columns] for row in rows]
    sheet = table(b, name, title, note, columns, records, n_printed=n_printed, n_kept=_place_of(c.NAME, columns))
    last = FIRST_ROW - 1 + len(records) + SPARE_ROWS
    for place, column in enumerate(columns):
        if choices := b.choices.get(column.heading):
            _choice(sheet, last, place, choices)
        elif column.style == "date":
            sheet.data_validation(
                FIRST_ROW, place, last, place,
                {"validate": "date", "criteria": ">=", "value": dt.date(2000, 1, 1), "error_title": column.heading,
                 "error_message": "请填写日期，如 2025-06-30"},
            )  # fmt: skip


def _place_of(heading: str, columns: Sequence[Column]) -> int:
    """Which column it is, counted from 1."""
    return 1 + next(place for place, column in enumerate(columns) if column.heading == heading)


def _choice(sheet: Any, last: int, place: int, choices: Sequence[str]) -> None:
    sheet.data_validation(
        FIRST_ROW, place, last, place,
        {"validate": "list", "source": list(choices), "error_title": "请从列表中选择",
         "error_message": "、".join(choices)},
    )  # fmt: skip


def _cell(row: Row, heading: str) -> Cell:
    if heading == PLACE:
        return "".join(str(row.cells.get(h) or "") for h in (c.TOWN, c.VILLAGE)) or None
    return row.cells.get(heading)


def _open_cell(row: Row, heading: str) -> Cell:
    if heading not in (FACT, FACT_HOLDER):
        return _cell(row, heading)
    facts = [m for m in row.details.get("missing", ()) if m["decides"]] or row.details.get("missing", ())
    found = facts[0].get("field" if heading == FACT else "holder") if facts else None
    return str(found) if found else "入户核实" if facts else None
