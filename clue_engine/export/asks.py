"""The work-list of each office: which of them must say which fact about whom, so that open clues can be judged.

Comes in: ledger rows. Goes out: headings and records, a line per office, household and fact, the deciding ones first;
masked as the lists are. Restricted clues are left out: who asks about them is the officer they are handed to.
"""

from __future__ import annotations

from collections.abc import Sequence

from clue_engine.export import columns as c
from clue_engine.export.list_rows import ELSEWHERE, FAR, Cell, Row
from clue_engine.export.visit import reads_cases
from clue_engine.pack.model import Pack

HOLDER, FACT, DECIDES, FOLDED = "掌握单位", "要核实的事项", "核实后即可判断", "折叠"
AT_HOME = "乡镇（入户核实）"  # where no office has it
HEADINGS = (
    HOLDER, FACT, DECIDES, c.NAME, c.ID, c.TOWN, c.VILLAGE, c.HOUSEHOLD_NO, c.CASE_NO, c.NUMBER, c.CHECKED_BY,
    c.CHECKED_ON, c.REMARK,
)  # fmt: skip
_SAME = (c.NAME, c.ID, c.TOWN, c.VILLAGE, c.HOUSEHOLD_NO)


def records(rows: Sequence[Row], pack: Pack) -> list[list[Cell]]:
    """By office; within it the deciding facts first, then as the lists stand, what is folded last."""
    asked: dict[tuple[Cell, ...], list[Row]] = {}
    deciding: set[tuple[Cell, ...]] = set()
    for row in sorted(_open(rows), key=lambda row: row.status == FOLDED):
        for missing in row.details.get("missing", ()):
            key = (
                _office(str(missing["holder"] or AT_HOME), row, pack),
                str(missing["field"]),
                *(row.cells.get(h) for h in _SAME),
            )
            asked.setdefault(key, []).append(row)
            if missing["decides"]:
                deciding.add(key)
    ordered = sorted(asked, key=lambda key: (str(key[0]), key not in deciding))  # stable: else as the lists stand
    return [_record(key, asked[key], key in deciding, pack) for key in ordered]


def _office(holder: str, row: Row, pack: Pack) -> str:
    """Who is asked: of a home in another county the office there, but for what is in the case."""
    town = str(row.cells.get(c.TOWN) or "")
    return (
        town.replace(ELSEWHERE, FAR, 1) + holder
        if town.startswith(ELSEWHERE) and not reads_cases(pack, holder)
        else holder
    )


def _open(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not row.restricted and row.status in ("待核", FOLDED)]


def _record(key: tuple[Cell, ...], rows: Sequence[Row], decides: bool, pack: Pack) -> list[Cell]:
    """The case number only for those who have the case."""
    numbers = list(dict.fromkeys(str(row.cells.get(c.CASE_NO)) for row in rows if row.cells.get(c.CASE_NO)))
    case_no = "、".join(numbers) if reads_cases(pack, str(key[0])) else None
    clues = "、".join(row.clue_id for row in rows)
    return [key[0], key[1], "是" if decides else None, *key[2:], case_no, clues, None, None, None]
