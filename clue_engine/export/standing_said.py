"""What became of each number, in words for lists and the screen: from the events of the ledger.

Comes in: an open ledger. Goes out: ``Told`` by number: where it stands, why it has ended, why it was opened again.
"""

from __future__ import annotations

from collections.abc import Mapping

from clue_engine.export.changes import Told
from clue_engine.ledger import LABELS, Event, Ledger, Standing, standings
from clue_engine.ledger import events as e
from clue_engine.ledger.events import HASHED
from clue_engine.pack.model import Pack

_SHOWN = 3  # facts that changed


def told_of(ledger: Ledger, pack: Pack) -> dict[str, Told]:
    """By the number that is listed now; of several cases the one that is still open speaks, else the last."""
    numbers = ledger.numbers()
    events = ledger.events()
    titles = {hold.id: hold.title for hold in pack.holds}
    found: dict[str, list[Standing]] = {}
    for standing in standings(events).values():
        found.setdefault(numbers.get(standing.clue_id, standing.clue_id), []).append(standing)
    reopened = _reopened(events, numbers)
    return {number: _told(own, reopened.get(number), titles) for number, own in found.items()}


def _told(own: list[Standing], reopened: Event | None, titles: Mapping[str, str]) -> Told:
    still = [standing for standing in own if not standing.ended]
    speaks = (still or own)[-1]
    more = f"（另有 {len(own) - 1} 个案件）" if len(own) > 1 else ""
    last = speaks.ended if not still else None
    restricted = any(standing.listed is not None and standing.listed.body.get("restricted") for standing in own)
    return Told(
        standing=_silent(speaks) if restricted else said(speaks, titles) + more,  # how many cases can tell the secret
        ended="" if last is None else event_said(last, {} if restricted else titles, silent=restricted),
        ended_on=last.day.isoformat() if last is not None else "",
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
    return event_said(standing.last, titles) if standing.last is not None else ""


def _silent(standing: Standing) -> str:
    """Of a restricted clue no receiver and no reason: either can tell the secret."""
    if standing.waiting:
        return f"移送 {standing.waiting[-1].day}，等待反馈"
    return event_said(standing.last, {}, silent=True) if standing.last is not None else ""


def event_said(event: Event, titles: Mapping[str, str], *, silent: bool = False) -> str:
    """办结 2025-07-01：已获赔偿，已足额赔偿."""
    if silent:
        return f"{LABELS[event.kind]} {event.day}"
    amount = event.text("amount")
    parts = [event.text("code"), f"{float(amount):g}元" if amount else "", titles.get(event.text("reason"), "")]
    parts = [part for part in parts if part]
    return f"{LABELS[event.kind]} {event.day}" + (f"：{'，'.join(parts)}" if parts else "")


def _reopened(events: list[Event], numbers: Mapping[str, str]) -> dict[str, Event]:
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
