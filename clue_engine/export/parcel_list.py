"""The list in a parcel: the lines of one receiver and township, with the columns that it needs and no others.

Comes in: rows of the lists. Goes out: the bytes of a workbook, laid out as the list sheets of clues.xlsx.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from clue_engine.export import columns as c
from clue_engine.export.home import Home
from clue_engine.export.list_rows import Cell, Row
from clue_engine.export.tables import STATEMENT
from clue_engine.export.visit import reads_cases, without_charges
from clue_engine.export.workbook import day_said, new_book
from clue_engine.export.xlsx_form import Column
from clue_engine.export.xlsx_lists import BEHIND, PLACE, PRINTED, list_sheet
from clue_engine.export.xlsx_pages import parcel_help_sheet
from clue_engine.pack.model import Pack

_BEHIND = frozenset(
    {*c.FEEDBACK, c.NOTE, c.MEASURES, c.HOME, c.SAME_HOME, c.HOUSEHOLD_NO, c.HEAD, c.TOWN, c.VILLAGE,
     c.HOUSEHOLD_TYPE, c.MONITORING, c.RISK_REMOVED, c.DIRECTION, c.HOLDER, c.RECEIVER, c.ALSO, c.DEADLINE,
     c.DATA_DATE}
)  # fmt: skip
TALK_TO = "找谁谈"  # the one whom the clue names may be dead or a child
_TEXTS = (c.REASON, c.CHECK, c.NOTE, c.MISSING)


def parcel_workbook(
    receiver: str, town: str, rows: Sequence[Row], known: Mapping[str, Home], pack: Pack, as_of: dt.date, code: str,
    due: dt.date | None,
) -> bytes:  # fmt: skip
    justice = reads_cases(pack, receiver)
    behind = [x for x in BEHIND if x.heading in (_BEHIND | c.CRIME if justice else _BEHIND)]
    printed = _printed()
    columns = [*printed, *(x for x in behind if x.heading not in {column.heading for column in printed})]
    directions = "、".join(d.name for d in pack.directions if any(r.direction == d.name for r in rows))
    days = min(pack.answer_days(d, receiver) for d in pack.directions if any(r.direction == d.name for r in rows))

    def value(row: Row, heading: str) -> Cell:
        if heading == PLACE:
            return "".join(str(row.cells.get(h) or "") for h in (c.TOWN, c.VILLAGE)) or None
        home = known[row.clue_id]
        if heading in (TALK_TO, c.PHONE):
            return home.talk_to if heading == TALK_TO else home.phone
        cell = row.cells.get(heading)
        if heading in _TEXTS and isinstance(cell, str) and not justice:
            return without_charges(cell, home.causes)
        return cell

    b, file = new_book("线索清单", as_of, pack)
    where = f"（{town}）" if town else ""
    until = f"{day_said(due)}前反馈" if due else f"收到后{days}个工作日内反馈"
    sent = f"送：{receiver}　{until}　共{len(rows)}条"
    note = f"{sent}　扫描日：{day_said(as_of)}　批次：{code}　{STATEMENT}"
    list_sheet(b, "线索清单", f"{directions}清单{where}", note, columns, len(printed), rows, value)
    parcel_help_sheet(b)
    b.book.close()
    return file.getvalue()


def _printed() -> list[Column]:
    """As on the lists, with whom to talk to in place of the rank, which counts the whole county."""
    columns = [column for column in PRINTED if column.heading != c.RANK]
    phone = next(place for place, column in enumerate(columns) if column.heading == c.PHONE)
    return [*columns[:phone], Column(TALK_TO, 8, columns[phone].group), *columns[phone:]]
