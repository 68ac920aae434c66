"""The scan before, as the ledger tells it: for a workspace that has seen one scan only.

Comes in: the events of the ledger and the run that the workspace holds. Goes out: two listings with the same clues and
facts as the ledger keeps them; it knows no versions of rules and nothing of who is on no list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from clue_engine.export.listing import Facts, Item, Listing
from clue_engine.ledger import Event
from clue_engine.ledger import events as e

_OF_CASE = "涉案."  # what the ledger keeps are facts of 涉案


def told_listings(now: Listing, events: Iterable[Event]) -> list[Listing]:
    """This scan and the last one of another run; this one alone where the ledger has no other."""
    acts: dict[int, list[Event]] = {}
    for event in events:
        if event.kind == e.LISTED:
            acts.setdefault(event.act, []).append(event)
    before = next((own for _, own in sorted(acts.items(), reverse=True) if own[0].text("run") != now.run), None)
    if before is None:
        return [now]
    same = next((own for _, own in sorted(acts.items(), reverse=True) if own[0].text("run") == now.run), [])
    # the ledger keeps the rules that hold, not those that one more fact would decide: of this scan too
    kept = {x.clue_id: dict.fromkeys(_words(x.body.get("rules")), 0) for x in same}
    clues = {n: replace(item, home=n, rules=kept.get(n, item.rules)) for n, item in now.clues.items()}
    return [replace(now, clues=clues, homes=_facts(same), parts={}), _listing(before)]


def _listing(listed: Sequence[Event]) -> Listing:
    first = listed[0]
    clues = {
        x.clue_id: Item(
            x.direction, x.text("status"), x.text("band"), bool(x.body.get("restricted")), False, x.clue_id,
            dict.fromkeys(_words(x.body.get("rules")), 0),
        )
        for x in listed
    }  # fmt: skip
    return Listing(first.text("run"), first.day.isoformat(), "", {}, clues, _facts(listed))


def _facts(listed: Sequence[Event]) -> dict[str, Facts]:
    """By number; several cases of one number side by side."""
    found: dict[str, dict[str, set[str]]] = {}
    for event in listed:
        own = found.setdefault(event.clue_id, {})
        facts = event.body.get("facts")
        for label, value in facts.items() if isinstance(facts, dict) else ():
            own.setdefault(f"{_OF_CASE}{label}", set()).add(str(value))
    return {number: {label: "、".join(sorted(v)) for label, v in own.items()} for number, own in found.items()}


def _words(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []
