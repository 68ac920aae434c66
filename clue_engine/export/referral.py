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
from clue_engine.export.parcel import stays, town_of
from clue_engine.export.privacy import redact
from clue_engine.ledger import Event, Standing
from clue_engine.ledger.events import REFERRED
from clue_engine.ledger.history import Book, ended_as
from clue_engine.pack.holidays import deadline
from clue_engine.pack.model import Pack
from clue_engine.values.working_days import Year

_RESCUED, _ENDED = "已救助", "已办结"
CAUTIONS = {"疑似": "先核实身份", "待核": "待核实", "折叠": "待核实", "试行": "待核实", "搁置": "待核实"}


@dataclass(frozen=True)
class Wanted:
    """What to refer. ``office``: its name in letters; ``words``: what the lists call it; ``numbers``: only these."""

    office: str
    words: tuple[str, ...]
    day: dt.date
    numbers: tuple[str, ...] = ()
    part: int | None = None  # of a single number, as ledger show counts
    direction: str | None = None
    band: str | None = None
    town: str | None = None
    top: int | None = None
    days: int | None = None  # working days; None: as the direction says
    due: dt.date | None = None
    document: str = ""


@dataclass(frozen=True)
class Line:
    """A clue that is referred. ``parts``: those that go; ``which``: 第2件, where not all of its number go.

    ``caution``: what is to be settled first.
    """

    row: Row
    due: dt.date
    parts: tuple[Standing, ...]
    which: str = ""
    caution: str = ""
    assist: bool = False  # the office is not in charge of this direction

    def shown(self) -> Row:
        """Its row as the receiver reads it: until when, the caution and what of it is meant first in its remarks."""
        first = [f"【{self.caution}】"] if self.caution else []
        first += [f"【这次移送{self.which}】"] if self.which else []
        note = "\n".join(str(part) for part in (*first, self.row.cells.get(c.NOTE)) if part) or None
        return replace(self.row, cells={**self.row.cells, c.NOTE: note, c.DEADLINE: f"{self.due}前"})


def chosen(
    rows: Sequence[Row], book: Book, wanted: Wanted, pack: Pack, years: dict[int, Year]
) -> tuple[list[Line], Counter[str]]:
    """The lines, and how many stay, by why. Raises CE-L06, CE-U02, CE-U30, CE-U42."""
    behind: Counter[str] = Counter()
    found = []
    for row in _named(rows, book, wanted) if wanted.numbers else _filtered(rows, wanted):
        own = book.chosen(row.clue_id, wanted.part) if book.of(row.clue_id) else []
        reasons = [_stays(s, wanted) for s in own]
        parts = tuple(s for s, why in zip(own, reasons, strict=True) if not why)
        why = ("" if wanted.numbers else stays(row)) if parts else reasons[0] if reasons else "没有记入台账"
        if wanted.numbers and why in (_ENDED, _RESCUED):
            raise _has_ended(row, own, book)
        if why:
            behind[why] += 1
        else:
            found.append((row, parts))
    found = found[: wanted.top] if wanted.top is not None else found
    if not wanted.numbers:
        behind["受限"] = sum(row.restricted and _asked(row, wanted) for row in rows)  # whose they are is the secret
    behind = +behind
    if not found:
        left = "、".join(f"{why} {n} 条" for why, n in sorted(behind.items()))
        hint = "看一条的经过：clue-engine ledger show 线索编号；看全部线索：clue-engine clues"
        message = f"没有可以移送“{redact(wanted.office)}”的线索{f'（{left}）' if left else ''}，没有记入"
        raise ClueError("CE-L06", message, place="refer", hint=hint)
    days = {d.name: wanted.days or pack.answer_days(d, wanted.office) for d in pack.directions}
    return [
        Line(
            row,
            wanted.due or deadline(wanted.day, days[row.direction], years),
            parts,
            "、".join(book.named(s) for s in parts) if len(parts) < len(book.of(row.clue_id)) else "",
            _caution(row) if wanted.numbers else "",
            assists(parts, wanted),
        )
        for row, parts in found
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
        and _asked(row, wanted)
        and (wanted.town is None or wanted.town == row.cells.get(c.TOWN))
    ]


def _asked(row: Row, wanted: Wanted) -> bool:
    """As far as a restricted line tells, too."""
    return (wanted.direction is None or wanted.direction in (row.direction, row.direction_code)) and (
        wanted.band is None or wanted.band == row.cells.get(c.BAND)
    )


def _stays(s: Standing, wanted: Wanted) -> str:
    """Why a part is not referred; empty when it is. What has ended goes again only when it is reopened."""
    if s.ended:
        return _RESCUED if s.paid or s.rescued else _ENDED
    return "已移送、等待反馈" if any(e.text("receiver") == wanted.office for e in s.waiting) else ""


def _has_ended(row: Row, own: Sequence[Standing], book: Book) -> ClueError:
    """A line of which nothing is open, with when and why; of a restricted one not why."""
    said = "；".join(book.named(s) + "、".join(ended_as(s)) + _why(s, book) for s in own)
    hint = f"要再移送，先重新打开：clue-engine reopen {row.clue_id} --reason 原因"
    if all(s.paid for s in own):
        hint = f"已发放救助的不再移送；看经过：clue-engine ledger show {row.clue_id}"
    return ClueError("CE-L06", f"已经结束，没有记入：{said}", place=row.clue_id, hint=hint)


def _why(s: Standing, book: Book) -> str:
    said = "，".join(s.closed.text(key) for key in ("code", "reason") if s.closed and s.closed.text(key))
    return f"，原因：{said}" if said and not book.is_restricted(s) else ""


def _caution(row: Row) -> str:
    return CAUTIONS.get(row.status) or (CAUTIONS["疑似"] if stays(row) == "疑似" else "")


def events(lines: Sequence[Line], wanted: Wanted, *, by_town: bool = False) -> list[Event]:
    """One per line and part of it that goes; of what is split by townships with its own: what came together."""
    found = []
    for line in lines:
        body: dict[str, object] = {"receiver": wanted.office, "due": line.due.isoformat()}
        body |= {"document": redact(wanted.document)} if wanted.document else {}
        body |= {"caution": line.caution} if line.caution else {}
        body |= {"town": town_of(line.row)} if by_town and not line.row.restricted else {}
        found += [
            Event(REFERRED, line.row.clue_id, s.part, wanted.day, s.direction, body | _assist(s, wanted))
            for s in line.parts
        ]
    return found


def assists(own: Iterable[Standing], wanted: Wanted) -> bool:
    """Whether the office is not in charge of this direction of the case: its answer will end nothing there."""
    return not any(word in s.listed.text("receiver") for word in wanted.words for s in own if s.listed)


def _assist(standing: Standing, wanted: Wanted) -> dict[str, object]:
    return {"assist": True} if assists([standing], wanted) else {}
