"""What the ledger tells of numbers: which parts a number has, how each stands, and the whole course.

Comes in: an open ledger. Goes out: parts and standings by number, events as rows for people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from clue_engine.errors import ClueError
from clue_engine.ledger.events import LABELS, LISTED, Event
from clue_engine.ledger.standing import Standing, standings
from clue_engine.ledger.store import Ledger

HEADINGS = (
    "序号", "日期", "线索编号", "现在的编号", "方向", "件", "事项", "状态", "优先级", "单位", "文号", "期限", "结论",
    "金额", "说明", "记录人", "记录时间",
)  # fmt: skip


@dataclass(frozen=True)
class Wait:
    """A line that an office has not answered: when it was sent there, and the deadline that comes first."""

    number: str
    direction: str
    receiver: str
    sent: Event
    due: dt.date | None


@dataclass(frozen=True)
class Book:
    """A ledger, read once."""

    events: Sequence[Event]
    now: Mapping[str, str]  # every number that was ever given -> the one of today
    standings: Mapping[tuple[str, str], Standing]
    last: Mapping[tuple[str, str], tuple[Event, ...]]  # direction, number -> how it was listed last

    @classmethod
    def read(cls, ledger: Ledger) -> Book:
        events = ledger.events()
        last: dict[tuple[str, str], tuple[Event, ...]] = {}
        for event in events:
            if event.kind == LISTED:
                own = last.get((event.direction, event.clue_id), ())
                kept = own if own and own[0].act == event.act else ()
                last[event.direction, event.clue_id] = (*kept, event)
        return cls(events, ledger.numbers(), standings(events), last)

    def number(self, asked: str) -> str:
        """The number of today. Raises CE-U30."""
        found = self.now.get(asked.strip().upper())
        if found is None:
            hint = "核对编号；看台账里的全部编号：clue-engine ledger export"
            raise ClueError("CE-U30", "台账里没有这个线索编号", place=asked.strip()[:20], hint=hint)
        return found

    def listed(self, number: str) -> tuple[Event, ...]:
        """How its parts were listed last: one applicant in one case each."""
        return self._listed.get(number, ())

    @cached_property
    def _listed(self) -> dict[str, tuple[Event, ...]]:
        return {number: own for (_, number), own in self.last.items()}

    def of(self, number: str) -> list[Standing]:
        """How each of its parts stands, in the order of the list."""
        return [self.standings[e.part, e.direction] for e in self.listed(number)]

    @cached_property
    def _places(self) -> dict[tuple[str, str], int]:
        return _places(self.events)

    def place(self, s: Standing) -> int:
        """What people call a part of a number: 第2件."""
        return self._places[s.part, s.direction]

    def chosen(self, number: str, part: int | None) -> list[Standing]:
        """Its parts, or the one that people call ``part``. Raises CE-U02."""
        found = [s for s in self.of(number) if part in (None, self.place(s))]
        if not found:
            hint = f"可以写：{'、'.join(str(self.place(s)) for s in self.of(number))}"
            raise ClueError("CE-U02", f"没有第 {part} 件", place="--part", hint=hint)
        return found

    def first_listed(self, s: Standing) -> int:
        """The act that listed a part first."""
        return self._first_listed.get((s.part, s.direction), 0)

    @cached_property
    def _first_listed(self) -> dict[tuple[str, str], int]:
        return {(e.part, e.direction): e.act for e in reversed(self.events) if e.kind == LISTED}

    def named(self, s: Standing) -> str:
        """第2件, where its number holds several that may be told apart; else empty."""
        several = len(self.of(self.now.get(s.clue_id, s.clue_id))) > 1
        return f"第{self.place(s)}件" if several and not self.is_restricted(s) else ""

    def course(self, number: str) -> list[Event]:
        """Everything that happened to it, to what was merged into it, and to its parts before they had this number."""
        parts = {(e.part, e.direction) for e in self.listed(number)}
        return [e for e in self.events if self.now.get(e.clue_id) == number or (e.part, e.direction) in parts]

    def is_restricted(self, standing: Standing) -> bool:
        """Whether it was listed by its number only."""
        return standing.listed is not None and bool(standing.listed.body.get("restricted"))

    def restricted(self) -> set[str]:
        """Numbers that were ever listed as restricted, under whatever number they are now."""
        return {self.now.get(e.clue_id, e.clue_id) for e in self.events if e.body.get("restricted")}

    def progress(self, number: str) -> list[str]:
        """Where it stands, in words for the list: who has it, until when, what came of it."""
        return list(dict.fromkeys(self.named(s) + line for s in self.of(number) for line in _progress(s)))

    def missing(self) -> list[str]:
        """Numbers that wait for an answer and are not in the last list: the case gone, the person in doubt, no rule."""
        acts = [own[0].act for own in self.last.values()]
        now = {(e.part, e.direction) for own in self.last.values() for e in own if e.act == max(acts)}
        waiting = [s for key, s in self.standings.items() if s.waiting and key not in now]
        return sorted({self.now.get(s.clue_id, s.clue_id) for s in waiting})

    def waits(self) -> list[Wait]:
        """All that is waited for, a line for each office, the earliest deadline first: the one count of it."""
        found: dict[tuple[str, str], Wait] = {}
        for s in self.standings.values():
            for sent in s.waiting:
                due = dt.date.fromisoformat(sent.text("due")) if sent.text("due") else None
                now = Wait(self.now.get(s.clue_id, s.clue_id), s.direction, sent.text("receiver"), sent, due)
                before = found.get((now.number, now.receiver))
                if before is None or (due or dt.date.max) < (before.due or dt.date.max):
                    found[now.number, now.receiver] = now
        return sorted(found.values(), key=lambda w: (w.due or dt.date.max, w.number, w.receiver))

    def overdue(self, day: dt.date) -> list[Wait]:
        """What is waited for and was due before ``day``; the longest overdue first."""
        return [wait for wait in self.waits() if wait.due is not None and wait.due < day]


def ended_as(s: Standing) -> Iterator[str]:
    """How a part has ended, or nearly: 已办结（2025-07-01）."""
    for event, said in (
        (s.paid, "已发放救助"),
        (s.decided, "已决定救助"),
        (s.rescued, "数据中已救助"),
        (s.monitored, "已纳入监测"),
    ):
        if event:
            yield f"{said}（{event.day}）"
    if s.closed:
        yield f"已办结（{s.closed.day}）"


def _progress(s: Standing) -> Iterator[str]:
    yield from ended_as(s)
    for event in s.referred:
        receiver = event.text("receiver")
        if event in s.waiting:
            yield f"{event.day}移送{receiver}，期限{event.text('due')}，等待反馈"
        else:
            yield f"{event.day}移送{receiver}，{'没有反馈' if event in s.unanswered else '已反馈'}"


def rows(book: Book, events: Sequence[Event]) -> list[list[str]]:
    """Under HEADINGS: of restricted clues only that something happened, and when."""
    hidden = book.restricted()
    found: list[list[str]] = []
    told_once: set[tuple[int, str, str]] = set()
    for e in events:
        now = book.now.get(e.clue_id, e.clue_id)
        told = ["status", "band", "receiver", "document", "due", "code", "amount"]
        cells = [e.text(key) for key in told] + ["；".join(_notes(e))]
        place = str(book.place(book.standings[e.part, e.direction]))
        if now in hidden:  # nor how many cases it holds
            if (e.act, now, e.kind) in told_once:
                continue
            told_once.add((e.act, now, e.kind))
            place = ""
            cells = [cells[0], cells[1], "", "", cells[4], "", "", "受限"]
        found.append(
            [str(e.seq), e.day.isoformat(), e.clue_id, now, e.direction, place,
             LABELS[e.kind], *cells, e.by, e.at]
        )  # fmt: skip
    return found


def _notes(e: Event) -> list[str]:
    notes = [e.text(key) for key in ("caution", "reason", "note") if e.text(key)]
    notes += [f"原编号 {e.text('from')}"] if e.text("from") else []
    changed = e.body.get("changed")
    if isinstance(changed, list):
        notes += [f"{c['fact']}：{c['old'] or '（没有）'} → {c['new']}" for c in changed]
    return notes


def _places(events: Sequence[Event]) -> dict[tuple[str, str], int]:
    """The parts of each number counted from one, in the order in which they came up; never their keys."""
    found: dict[tuple[str, str], int] = {}
    count: dict[str, int] = {}
    for e in events:
        if (e.part, e.direction) not in found:
            count[e.clue_id] = count.get(e.clue_id, 0) + 1
            found[e.part, e.direction] = count[e.clue_id]
    return found
