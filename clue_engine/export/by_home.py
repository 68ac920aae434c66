"""One household, all directions, all suggestions: the list by household (一户一策), so that one visit serves all.

Comes in: ledger rows. Goes out: headings and records, a line per household, a column per kind of help as the platform
names it. Restricted households are left out: their lines stand in the lists by number only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from clue_engine.export import columns as c
from clue_engine.export.list_rows import Cell, Row
from clue_engine.export.measures import ASK_FIRST, Suggestion, later
from clue_engine.export.sentences import numbered
from clue_engine.export.tables import LISTED
from clue_engine.export.visit import sentences
from clue_engine.export.xlsx_form import Book, Column, table
from clue_engine.pack.model import Pack

CLUES, OTHERS = "线索（编号、方向、状态）", "其他单位"
_OPTION = "measure_columns"  # of pack.yaml: the platform's columns in their order
_HOME = (c.HOME, c.NAME, c.HEAD, c.TOWN, c.VILLAGE, c.HOUSEHOLD_NO)
_WIDTHS = {c.HOME: 13.5, c.NAME: 7, c.HEAD: 7, c.TOWN: 7, c.VILLAGE: 8, c.HOUSEHOLD_NO: 17, CLUES: 14, c.REASON: 44}
_WIDTHS |= {OTHERS: 20, ASK_FIRST: 22}
_HELP, _EMPTY = 14, 5  # a column of help; one in which nothing stands: the page has no room for it


def headings(pack: Pack) -> list[str]:
    return [*_HOME, CLUES, c.REASON, *_columns(pack), OTHERS, ASK_FIRST]


def _columns(pack: Pack) -> list[str]:
    named = pack.options.get(_OPTION, [])
    return [str(word) for word in (named if isinstance(named, list | tuple) else [named])]


def records(rows: Sequence[Row], pack: Pack) -> list[list[Cell]]:
    """A line per household with something listed, in the order of its first line."""
    own: dict[Cell, list[Row]] = defaultdict(list)
    for row in rows:
        if not row.restricted and row.status in (*LISTED, "折叠") and row.cells.get(c.HOME):
            own[row.cells[c.HOME]].append(row)
    return [_record(found, _columns(pack)) for found in own.values() if any(row.status in LISTED for row in found)]


def measures_of(rows: Sequence[Row]) -> list[Suggestion]:
    """What its lines suggest, each once, the most urgent first."""
    found = {m.id: m for row in rows for m in row.measures}
    return [found[key] for key in sorted(found)]


def _record(rows: Sequence[Row], columns: Sequence[str]) -> list[Cell]:
    measures = measures_of(rows)
    said: dict[str, list[str]] = defaultdict(list)
    for one in measures:
        if one.sure and one.column in columns:
            said[one.column].append(one.short())
        elif one.sure:
            said[OTHERS].append(one.short() if one.column == one.title else f"{one.column}：{one.short()}")
    return [
        *(rows[0].cells.get(heading) for heading in _HOME),
        numbered(f"{row.clue_id}（{row.direction}，{row.status}）" for row in rows),
        numbered(text for row in rows for text in sentences(row.cells.get(c.REASON))),
        *(numbered(said[column]) or None for column in (*columns, OTHERS)),
        "".join(later(measures)).removeprefix(f"{ASK_FIRST}：") or None,
    ]


def home_sheet(b: Book, note: str, rows: Sequence[Row], pack: Pack) -> None:
    """按户."""
    groups = {**dict.fromkeys(_HOME, "户"), CLUES: "线索", c.REASON: "线索"}
    found = records(rows, pack)
    columns = [
        Column(h, _WIDTHS.get(h) or (_HELP if any(cells) else _EMPTY), groups.get(h, "可以得到的帮扶"), lines=True)
        for h, *cells in zip(headings(pack), *found, strict=True)
    ]
    title = "按户清单（一户一策：一户的全部线索和可以得到的帮扶，一次入户一并了解）"
    table(b, "按户", title, note, columns, found, n_kept=2)
