"""What became of each number, in words for lists and the screen: from the events of the ledger.

Comes in: an open ledger. Goes out: ``Told`` by number: where it stands, why it has ended, why it was opened again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clue_engine.export.changes import Told
from clue_engine.ledger import LABELS, Event, Ledger, Standing
from clue_engine.ledger import events as e
from clue_engine.ledger.events import HASHED
from clue_engine.ledger.history import Book
from clue_engine.pack.model import Pack

_SHOWN = 3  # facts that changed


def told_of(ledger: Ledger, pack: Pack) -> dict[str, Told]:
    """By the number that is listed now; of several cases each is told, in the order in which they came up."""
    book = Book.read(ledger)
    titles = {hold.id: hold.title for hold in pack.holds}
    found: dict[str, list[Standing]] = {}
    for standing in book.standings.values():
        found.setdefault(book.now.get(standing.clue_id, standing.clue_id), []).append(standing)
    reopened = _reopened(book.events, book.now)
    return {number: _told(own, reopened.get(number), titles, book) for number, own in found.items()}


def _told(own: list[Standing], reopened: Event | None, titles: Mapping[str, str], book: Book) -> Told:
    speaks = ([standing for standing in own if not standing.ended] or own)[-1]
    last = speaks.ended
    restricted = any(book.is_restricted(standing) for standing in own)
    cases = [(f"第{book.place(s)}件", said(s, titles) or "未移送", book.first_listed(s)) for s in own]
    several = "；".join(name + state for name, state, _ in cases) if len(own) > 1 else said(speaks, titles)
    return Told(
        standing=_silent(speaks) if restricted else several,  # how many cases can tell the secret
        cases=() if restricted or len(own) == 1 else tuple(cases),
        ended="" if last is None else event_said(last, {} if restricted else titles, silent=restricted),
        ended_on=last.day.isoformat() if last is not None else "",
        ended_act=last.act if last is not None else 0,
        direction=speaks.direction,
        restricted=restricted,
        reopened=_changed(reopened) if reopened is not None else "",
    )


def said(standing: Standing, titles: Mapping[str, str]) -> str:
    """移送民政局 2025-06-03，限 2025-06-17，等待反馈."""
    if standing.waiting:
        sent = standing.waiting[-1]
        due = standing.due()
        return f"移送{sent.text('receiver')} {sent.day}" + (f"，限 {due}" if due else "") + "，等待反馈"
    told = _speaks(standing)
    return event_said(told, titles) if told is not None else ""


def _speaks(standing: Standing) -> Event | None:
    """What is told of it: the last that somebody recorded, but for what the data has ended since."""
    return standing.rescued if standing.rescued and not standing.paid else standing.last


def _silent(standing: Standing) -> str:
    """Of a restricted clue no receiver and no reason: either can tell the secret."""
    if standing.waiting:
        return f"移送 {standing.waiting[-1].day}，等待反馈"
    told = _speaks(standing)
    return event_said(told, {}, silent=True) if told is not None else ""


def event_said(event: Event, titles: Mapping[str, str], *, silent: bool = False) -> str:
    """办结 2025-07-01：已获赔偿，已足额赔偿."""
    if silent:
        return f"{LABELS[event.kind]} {event.day}"
    amount, reason = event.text("amount"), event.text("reason")  # a hold, or what a person typed
    parts = [event.text("code"), f"{float(amount):g}元" if amount else "", titles.get(reason, reason)]
    parts = [part for part in parts if part]
    return f"{LABELS[event.kind]} {event.day}" + (f"：{'，'.join(parts)}" if parts else "")


def _reopened(events: Sequence[Event], numbers: Mapping[str, str]) -> dict[str, Event]:
    """Numbers that the last act which listed anything has opened again."""
    last = max((event.act for event in events if event.kind == e.LISTED), default=0)
    return {
        numbers.get(event.clue_id, event.clue_id): event
        for event in events
        if event.kind == e.REOPENED and event.act == last
    }


def _changed(event: Event) -> str:
    """数据：伤情 重伤二级 → 重伤一级. Of a restricted clue the ledger has no values, only that they differ."""
    changed = event.body.get("changed")
    facts = [one for one in changed if isinstance(one, Mapping)] if isinstance(changed, list) else []
    if not facts or any(str(one.get("new", "")).startswith(HASHED) for one in facts):
        return "案件数据有变化"
    return "数据：" + "；".join(f"{x.get('fact')} {x.get('old') or '空'} → {x.get('new')}" for x in facts[:_SHOWN])
