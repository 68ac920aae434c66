"""Lines of a parcel that did not come back with the others: told by number, of that parcel only."""

from __future__ import annotations

import datetime as dt

from clue_engine.feedback.missing import missing
from clue_engine.ledger import Event, standings
from clue_engine.ledger.history import Book

DAY = dt.date(2025, 7, 6)


def event(kind: str, n: int, act: int = 1, **body: object) -> Event:
    return Event(kind, f"PO-{n}", f"P{n}", DAY, "返贫致贫风险线索", body, act=act)


SENT = {"receiver": "农业农村局", "due": "2025-07-27"}
EVENTS = [
    *(event("listed", n) for n in range(1, 7)), event("listed", 7, restricted=True),
    *(event("referred", n, 2, town="双桂镇", **SENT) for n in (1, 2, 3, 4)),
    *(event("referred", n, 2, town="梅坪镇", **SENT) for n in (5, 6)), event("referred", 7, 2, **SENT),
]  # fmt: skip


def told(*numbers: int, more: list[Event] | None = None) -> list[str]:
    events = [*EVENTS, *(more or [])]
    return [str(one) for one in missing(Book(events, {}, standings(events), {}), [f"PO-{n}" for n in numbers])]


def test_what_did_not_come_back_is_named() -> None:
    """A deleted row and one whose number was written over; the other township has not come back at all."""
    assert told(1, 2) == ["2025-07-06移送农业农村局（双桂镇） 4 条，交回或已有答复 2 条，缺 PO-3、PO-4"]
    assert told(1, 2, 3, 4) == told(99) == []
    assert len(told(1, 5)) == 2


def test_who_has_answered_before_is_not_missed() -> None:
    answered = [event("verified", 3, 3, receiver="农业农村局"), event("closed", 4, 3)]
    assert told(1, 2, more=answered) == []


def test_of_a_restricted_line_nothing_is_said() -> None:
    assert "PO-7" not in str(told(1, 5, 7)) and told(7) == []
