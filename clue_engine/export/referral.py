"""Which clues are referred to an office, and what the ledger notes of it.

Comes in: rows of the lists, the ledger, an office. Goes out: the chosen lines, each with its deadline, and events. By
filter or as the first of the list only certain, open clues go out; all others by number alone, marked for what is to be
settled first.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from clue_engine.errors import ClueError
from clue_engine.export import columns as c
from clue_engine.export.list_rows import Row
from clue_engine.export.parcel import stays
from clue_engine.export.privacy import redact
from clue_engine.ledger import Event, Standing
from clue_engine.ledger.events import REFERRED
from clue_engine.ledger.history import Book
from clue_engine.pack.holidays import deadline
from clue_engine.pack.model import Pack
from clue_engine.values.working_days import Year

CAUTIONS = {"疑似": "先核实身份", "待核": "待核实", "折叠": "待核实", "试行": "待核实", "搁置": "待核实"}


@dataclass(frozen=True)
class Wanted:
    """What to refer. ``office``: its name in letters; ``words``: what the lists call it; ``numbers``: only these."""

    office: str
    words: tuple[str, ...]
    day: dt.date
    numbers: tuple[str, ...] = ()
    direction: str | None = None
    band: str | None = None
    town: str | None = None
    top: int | None = None
    days: int | None = None  # working days; None: as the direction says
    due: dt.date | None = None
    document: str = ""


@dataclass(frozen=True)
class Line:
    """A clue that is referred. ``caution``: what is to be settled first."""

    row: Row
    due: dt.date
    caution: str = ""
    assist: bool = False  # the office is not in charge of this direction

    def shown(self) -> Row:
        """Its row as the receiver reads it: the caution first in its remarks."""
        if not self.caution:
            return self.row
        note = "\n".join(str(part) for part in (f"【{self.caution}】", self.row.cells.get(c.NOTE)) if part)
        return replace(self.row, cells={**self.row.cells, c.NOTE: note})


def chosen(
    rows: Sequence[Row], book: Book, wanted: Wanted, pack: Pack, years: dict[int, Year]
) -> tuple[list[Line], Counter[str]]:
    """The lines, and how many stay, by why. Raises CE-L06, CE-U30, CE-U42."""
    behind: Counter[str] = Counter()
    found = []
    for row in _named(rows, book, wanted) if wanted.numbers else _filtered(rows, wanted):
        why = _stays(row, book, wanted)
        if why:
            behind[why] += 1
        else:
            found.append(row)
    found = found[: wanted.top] if wanted.top is not None else found
    if not found:
        left = "、".join(f"{why} {n} 条" for why, n in sorted(behind.items()))
        hint = "看一条的经过：clue-engine ledger show 线索编号；看全部线索：clue-engine clues"
        message = f"没有可以移送“{redact(wanted.office)}”的线索{f'（{left}）' if left else ''}，没有记入"
        raise ClueError("CE-L06", message, place="refer", hint=hint)
    days = {d.name: wanted.days or d.deadline_days for d in pack.directions}
    return [
        Line(
            row,
            wanted.due or deadline(wanted.day, days[row.direction], years),
            _caution(row) if wanted.numbers else "",
            assists(book.of(row.clue_id), wanted),
        )
        for row in found
    ], behind


def _named(rows: Sequence[Row], book: Book, wanted: Wanted) -> list[Row]:
    """The rows of these numbers, each once; an old number means the one of today."""
    numbers = dict.fromkeys(book.number(number) for number in wanted.numbers)
    own = {row.clue_id: row for row in rows}
    for number in numbers:
        if number not in own:
            hint = "它在最近一次扫描里没有列出；看经过：clue-engine ledger show 线索编号"
            raise ClueError("CE-L06", "这条线索不在现在的清单里，没有记入", place=number, hint=hint)
    return [own[number] for number in numbers]


def _filtered(rows: Sequence[Row], wanted: Wanted) -> list[Row]:
    return [
        row
        for row in rows
        if not row.restricted
        and any(word in str(row.cells.get(h) or "") for word in wanted.words for h in (c.RECEIVER, c.ALSO))
        and (wanted.direction is None or wanted.direction in (row.direction, row.direction_code))
        and (wanted.band is None or wanted.band == row.cells.get(c.BAND))
        and (wanted.town is None or wanted.town == row.cells.get(c.TOWN))
    ]


def _stays(row: Row, book: Book, wanted: Wanted) -> str:
    """Why a line is not referred; empty when it is."""
    own = book.of(row.clue_id)
    if not own:
        return "没有记入台账"
    if all(s.paid for s in own):
        return "已救助"
    if any(e.text("receiver") == wanted.office for s in own for e in s.waiting):
        return "已移送、等待反馈"
    return "" if wanted.numbers else stays(row)


def _caution(row: Row) -> str:
    return CAUTIONS.get(row.status) or (CAUTIONS["疑似"] if stays(row) == "疑似" else "")


def events(lines: Sequence[Line], book: Book, wanted: Wanted) -> list[Event]:
    """One per line and part of it that is not rescued."""
    found = []
    for line in lines:
        body: dict[str, object] = {"receiver": wanted.office, "due": line.due.isoformat()}
        body |= {"document": redact(wanted.document)} if wanted.document else {}
        body |= {"caution": line.caution} if line.caution else {}
        found += [
            Event(REFERRED, line.row.clue_id, s.part, wanted.day, s.direction, body | _assist(s, wanted))
            for s in book.of(line.row.clue_id)
            if not s.paid
        ]
    return found


def assists(own: Iterable[Standing], wanted: Wanted) -> bool:
    """Whether the office is not in charge of this direction of the case: its answer will end nothing there."""
    return not any(word in s.listed.text("receiver") for word in wanted.words for s in own if s.listed)


def _assist(standing: Standing, wanted: Wanted) -> dict[str, object]:
    return {"assist": True} if assists([standing], wanted) else {}
