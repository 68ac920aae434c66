"""The day a table speaks of: its title rows (数据日期：2025-06-30), else its file name (_20250630), else not known."""

from __future__ import annotations

import datetime as dt
import re

from clue_engine.ingest.header import Header
from clue_engine.ingest.table import Table
from clue_engine.values.dates import date_interval

_LABEL = re.compile(r"(?:数据|导出|填报|统计|截止|截至|制表|报表|生成|更新)(?:日期|时间)?[:：至到]?\s*")
_DATE = re.compile(
    r"(20\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|20\d{6}|20\d{2}年\d{1,2}月|20\d{2}[.]\d{1,2}(?![\d.])|二[〇零○][〇零○一二三四五六七八九]{2}年[一二三四五六七八九十]+月(?:[一二三四五六七八九十]+日)?)"
)
_UPTO = re.compile(
    r"\s*(?:至|到|[-—–－~～])+\s*(?P<to>\d{1,2}月(?:\d{1,2}日)?)?"
)  # 2024年1月至2026年5月; 2025年1月-5月
_NAME = re.compile(r"(?<!\d)(20\d{2}[-.年]?(?:0[1-9]|1[0-2])[-.月]?(?:0[1-9]|[12]\d|3[01]))(?!\d)")


def snapshot_date(table: Table, header: Header) -> dt.date | None:
    """The last day of what is stated: a month means its last day."""
    text = "  ".join(" ".join(cell for cell in row if cell) for row in table.preview[: header.first_row - 1])
    for label in _LABEL.finditer(text):
        if found := _DATE.match(text, label.end()):
            return _last(text, found)
    if found := _NAME.search(table.file.path.stem):
        return date_interval(found[0].replace("年", "").replace("月", "").replace("-", "").replace(".", ""))[1]
    if found := _DATE.search(text):
        return _last(text, found)
    return None


def _last(text: str, first: re.Match[str]) -> dt.date | None:
    """The last day of the date found; of a period (2024年1月1日至2026年5月25日), that of its end."""
    if upto := _UPTO.match(text, first.end()):
        end = _DATE.match(text, upto.start("to") if upto["to"] else upto.end())
        said = end[0] if end else f"{first[0][:5]}{upto['to']}" if upto["to"] and first[0][4] == "年" else first[0]
        return date_interval(said)[1]
    return date_interval(first[0])[1]
