"""Where each part of a clue stands: its events in their order, read as one state.

Comes in: events. Goes out: a ``Standing`` per part and direction. Nothing is kept of it: the events are the truth.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from clue_engine.ledger import events as e
from clue_engine.ledger.events import Event

_ENDINGS = (e.DECIDED, e.PAID, e.CLOSED)
_ANSWERS = (e.VERIFIED, e.DECIDED, e.PAID, e.MONITORED, e.CLOSED)


@dataclass(frozen=True)
class Standing:
    """``closed``: by whom and why its direction has ended; None while it is open. ``paid``: rescued, for good.

    ``unanswered``: the referrals that nobody has answered; those that still wait are ``waiting``.
    """

    part: str
    direction: str
    clue_id: str
    listed: Event | None = None
    referred: tuple[Event, ...] = ()
    unanswered: tuple[Event, ...] = ()
    answered: tuple[Event, ...] = ()  # the referrals that were answered last
    last: Event | None = None  # the last that a person recorded
    decided: Event | None = None
    paid: Event | None = None
    monitored: Event | None = None
    rescued: Event | None = None  # by the data, not by an answer; a person may say that it was an error
    closed: Event | None = None
    basis: Event | None = None  # how it was listed when it was closed or decided

    @property
    def ended(self) -> Event | None:
        """What keeps it out of the list: paid, decided, rescued by the data, or closed and not reopened."""
        return self.paid or self.rescued or self.closed or self.decided

    @property
    def waiting(self) -> tuple[Event, ...]:
        """The referrals that wait for an answer: of what has ended, by the data too, nobody waits for one."""
        return () if self.ended else self.unanswered

    def due(self) -> dt.date | None:
        """The earliest deadline that is still waited for."""
        days = [dt.date.fromisoformat(r.text("due")) for r in self.waiting if r.text("due")]
        return min(days, default=None)


def standings(events: Iterable[Event]) -> dict[tuple[str, str], Standing]:
    """By part and direction."""
    found: dict[tuple[str, str], Standing] = {}
    for event in events:
        key = event.part, event.direction
        found[key] = _after(found.get(key, Standing(*key, event.clue_id)), event)
    return found


def _after(before: Standing, event: Event) -> Standing:
    now = replace(before, clue_id=event.clue_id)
    if event.kind in (e.MERGED, e.SPLIT, e.RENUMBERED):
        return now
    if event.kind == e.LISTED:
        return replace(now, listed=event)
    if event.kind != e.RESCUED:
        now = replace(now, last=event)
    if event.kind == e.REFERRED:
        return replace(now, referred=(*now.referred, event), unanswered=(*now.unanswered, event))
    if event.kind in _ANSWERS:
        left = _left(now.unanswered, event)
        gone = tuple(r for r in now.unanswered if r not in left)
        same = before.last is not None and before.last.act == event.act  # another event of the same answer
        now = replace(now, unanswered=left, answered=gone or (now.answered if same else ()))
    if event.kind == e.REOPENED:
        return replace(now, closed=None, decided=None, rescued=None)
    if event.kind in _ENDINGS and _only_assists(now, event):
        return now
    match event.kind:
        case e.DECIDED:
            return replace(now, decided=event, basis=now.listed)
        case e.PAID:
            return replace(now, paid=event)
        case e.RESCUED:
            return replace(now, rescued=event)
        case e.MONITORED:
            return replace(now, monitored=event)
        case e.CLOSED:
            return replace(now, closed=event, basis=now.listed)
    return now


def _only_assists(now: Standing, answer: Event) -> bool:
    """Whether the answer came back from offices that only help to verify: it ends nothing for the one in charge.

    Of an answer that nobody waits for any more, whether anybody else was ever asked.
    """
    asked = now.answered or now.referred
    return bool(answer.text("source") and asked) and all(r.body.get("assist") for r in asked)


def _left(unanswered: tuple[Event, ...], answer: Event) -> tuple[Event, ...]:
    """What is not answered by it: an answer is of the receiver that it names; one that names none answers all."""
    receiver = answer.text("receiver")
    return tuple(r for r in unanswered if receiver and r.text("receiver") != receiver)
