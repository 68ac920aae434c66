"""Answers as events of the ledger: which clue and case each is about, and whether it says what is known already.

Comes in: answers and an open ledger. Goes out: ``Plan``; what is kept of it is for the caller to append. Once kept, the
same file adds nothing. What contradicts an earlier answer, or another row of the same files, is not kept unless the
later one is to count.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from clue_engine.export import columns as c
from clue_engine.feedback.answers import AMOUNT_EVENTS, Answer, Doubt
from clue_engine.ledger import Event, Ledger, Standing, standings
from clue_engine.ledger import events as e
from clue_engine.pack.answers import Feedback, Result
from clue_engine.pack.suggest import fold
from clue_engine.workspace import Workspace

_NEAR = 0.8
# The column that says when, by what happened; else the day of the check.
_WHEN = {e.PAID: c.PAID_ON, e.MONITORED: c.MONITORED_ON, e.REVISITED: c.REVISITED_ON}


@dataclass(frozen=True)
class Kept:
    """An answer and what it adds. ``parts``: how many cases the number holds."""

    answer: Answer
    number: str
    parts: int
    part: str
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Plan:
    kept: tuple[Kept, ...]
    doubts: tuple[Doubt, ...]
    repeated: int

    @property
    def events(self) -> list[Event]:
        return [event for one in self.kept for event in one.events]


def plan(
    ledger: Ledger,
    answers: Sequence[Answer],
    known: Feedback,
    today: dt.date,
    *,
    later_counts: bool = False,
    alias: Callable[[str], str] = lambda number: number,
    cases: Mapping[str, Sequence[str]] | None = None,
) -> Plan:
    """What to keep. ``alias``: numbers that the ledger does not know, as it knows them. ``cases``: the numbers of the
    cases of each part; a returned line that names its case is about that one. Raises CE-L02.
    """
    events = ledger.events()
    book = _Book(ledger.numbers(), events)
    right = {result.code: result.right for result in known.results}
    kept: list[Kept] = []
    doubts: list[Doubt] = []
    repeated = 0
    for number, own in _by_number(answers, book, alias, doubts).items():
        own = sorted(own, key=lambda a: a.dates.get(c.CHECKED_ON, dt.date.max))
        if not later_counts and (said := _split(own, right)):
            doubts += [Doubt(a.place, number, "前后矛盾", said) for a in own]
            continue
        for answer in own:
            result = known.result(answer.code)
            assert result is not None
            parts = book.parts(number)
            named = _named(parts, answer.case_no, cases or {})
            if any(book.holds(answer, result, number, part, today) for part in named or parts):
                repeated += 1
                continue
            standing = _meant(named or parts)
            before = _opposite(book.answers[standing.part, standing.direction], result, right)
            if before is not None and not later_counts:
                said = f"{before.day} 记的是“{before.text('code')}”，这次是“{answer.code}”，没有记"
                if standing.listed is not None and standing.listed.body.get("restricted"):
                    said = f"与 {before.day} 记的相反，没有记"
                doubts.append(Doubt(answer.place, number, "与以前的答复矛盾", said))
                continue
            made = _events(answer, result, number, standing, today)
            if before is not None and standing.closed and e.CLOSED not in result.events:
                made = [_reopened(standing, number, made, today), *made]
            new = tuple(event for event in made if not book.known(event, answer))
            book.add(new)
            kept.append(Kept(answer, number, len(parts), standing.part, new))
    return Plan(tuple(kept), tuple(doubts), repeated)


class _Book:
    """The ledger by number: its parts in the order of the list, and what was answered of each."""

    def __init__(self, numbers: Mapping[str, str], events: Sequence[Event]) -> None:
        self.numbers = numbers
        self.answers: defaultdict[tuple[str, str], list[Event]] = defaultdict(list)
        self._parts: defaultdict[str, list[Standing]] = defaultdict(list)
        self._seen: dict[tuple[object, ...], Event] = {}
        for standing in standings(events).values():
            self._parts[numbers.get(standing.clue_id, standing.clue_id)].append(standing)
        self.add(events)

    def add(self, events: Sequence[Event]) -> None:
        for event in events:
            self.answers[event.part, event.direction].append(event)
            self._seen[_said(event)] = self._seen[_said(replace(event, day=dt.date.min))] = event

    def parts(self, number: str) -> list[Standing]:
        return self._parts[number]

    def known(self, event: Event, answer: Answer) -> Event | None:
        """What says the same already. A day that nobody wrote is no difference."""
        dated = {c.CHECKED_ON, _WHEN.get(event.kind, c.CHECKED_ON)} & answer.dates.keys()
        return self._seen.get(_said(event if dated else replace(event, day=dt.date.min)))

    def holds(self, answer: Answer, result: Result, number: str, part: Standing, today: dt.date) -> bool:
        """Whether all of it is there: from the same place, or nothing was sent since that still waits for an answer."""
        same = [self.known(event, answer) for event in _events(answer, result, number, part, today)]
        last = max((event.seq for event in same if event is not None), default=0)
        asked = max((sent.seq for own in self._parts[number] for sent in own.unanswered), default=0)
        again = any(event is not None and event.text("source") == answer.place for event in same)
        return bool(same) and None not in same and (again or bool(answer.dates) or asked <= last)

    def near(self, number: str) -> list[str]:
        return difflib.get_close_matches(number, list(self.numbers), n=2, cutoff=_NEAR)


def _named(parts: Sequence[Standing], case_no: str, cases: Mapping[str, Sequence[str]]) -> list[Standing]:
    """The cases that a returned line names, if it does."""
    return [part for part in parts if case_no and fold(case_no) in map(fold, cases.get(part.part, ()))]


def _meant(parts: Sequence[Standing]) -> Standing:
    """The case that an answer is about: one that was sent and waits, else one that is open, else the first listed."""
    waiting = [part for part in parts if part.unanswered]
    return (waiting or [part for part in parts if not part.ended] or list(parts))[0]


def _said(event: Event) -> tuple[object, ...]:
    body = tuple(sorted((key, str(value)) for key, value in event.body.items() if key != "source"))
    return event.kind, event.part, event.direction, event.day, body


def _by_number(
    answers: Sequence[Answer], book: _Book, alias: Callable[[str], str], doubts: list[Doubt]
) -> Mapping[str, list[Answer]]:
    found: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        number = answer.number if answer.number in book.numbers else alias(answer.number)
        number = book.numbers.get(number, number)
        if book.parts(number):
            found[number].append(answer)
            continue
        near = book.near(answer.number)
        said = f"台账里没有 {answer.number}" + (f"，是否 {'、'.join(near)}？" if near else "")
        doubts.append(Doubt(answer.place, answer.number, "没有这个编号", said))
    return found


def _split(own: Sequence[Answer], right: Mapping[str, bool | None]) -> str:
    """What rows of the same files say against each other, where no date tells which is the later; empty if nothing."""
    by_day: defaultdict[dt.date | None, dict[bool, Answer]] = defaultdict(dict)
    for answer in own:
        verdict = right.get(answer.code)
        if verdict is not None:
            by_day[answer.dates.get(c.CHECKED_ON)][verdict] = answer
    for verdicts in by_day.values():
        if len(verdicts) > 1:
            one, other = verdicts[True], verdicts[False]
            return f"{one.place}写“{one.code}”，{other.place}写“{other.code}”，都没有记"
    return ""


def _opposite(answers: Sequence[Event], result: Result, right: Mapping[str, bool | None]) -> Event | None:
    """The last earlier answer, where it says the contrary."""
    said = [a for a in answers if a.kind == e.VERIFIED and right.get(a.text("code")) is not None]
    last = said[-1] if said else None
    return last if last is not None and result.right not in (None, right[last.text("code")]) else None


def _events(answer: Answer, result: Result, number: str, standing: Standing, today: dt.date) -> list[Event]:
    """What an answer adds: the events of its code, and one for each date that says what happened."""
    kinds = dict.fromkeys((*result.events, *(kind for kind, heading in _WHEN.items() if heading in answer.dates)))
    return [
        Event(kind, number, standing.part, _day(kind, answer, today), standing.direction, _body(kind, answer))
        for kind in e.LABELS
        if kind in kinds
    ]


def _reopened(standing: Standing, number: str, made: Sequence[Event], today: dt.date) -> Event:
    """What an earlier answer had closed is open again by the later one."""
    day = made[0].day if made else today
    return Event(e.REOPENED, number, standing.part, day, standing.direction, {"note": "以后来的答复为准"})


def cases_of(ws: Workspace) -> dict[str, list[str]]:
    """The numbers of the cases by part, without those of restricted clues; none where the scan had no ledger."""
    if not ws.has_table("involved_part") or not ws.has_table("clue_part"):
        return {}
    return dict(
        ws.rows(
            "select p.part, list(distinct f.case_no order by f.case_no) from involved_part as p"
            " join fact_involvement as f using (household_id, party_id) where f.case_no is not null and p.part not in"
            " (select part from clue_part join clue using (clue_id) where restricted) group by p.part order by p.part"
        )
    )


def _day(kind: str, answer: Answer, today: dt.date) -> dt.date:
    heading = _WHEN.get(kind, c.CHECKED_ON)
    return answer.dates.get(heading) or answer.dates.get(c.CHECKED_ON) or today


def _body(kind: str, answer: Answer) -> dict[str, object]:
    body: dict[str, object] = {"code": answer.code, "source": answer.place}
    if answer.reason and kind in (e.VERIFIED, e.CLOSED):
        body["reason"] = answer.reason
    if answer.outcome and kind in (e.VERIFIED, e.DECIDED, e.CLOSED):
        body["note"] = answer.outcome
    if answer.amount is not None and kind in AMOUNT_EVENTS:
        body["amount"] = answer.amount
    return body
