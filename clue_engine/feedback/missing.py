"""Lines that were sent with others and did not come back with them: a row deleted, or its number written over.

Comes in: the ledger, the numbers that stand in the files. Goes out: ``Missing`` per parcel. A parcel is what was sent
to one office at once, of one township where they were split; of a restricted line none tells where it was sent.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from clue_engine.ledger.events import REFERRED
from clue_engine.ledger.history import Book


@dataclass(frozen=True)
class Missing:
    """``numbers``: what still waits for an answer and is in none of the files."""

    receiver: str
    town: str
    day: dt.date
    n_sent: int
    numbers: tuple[str, ...]

    def __str__(self) -> str:
        where = f"（{self.town}）" if self.town else ""
        back, lost = self.n_sent - len(self.numbers), "、".join(self.numbers)
        return f"{self.day}移送{self.receiver}{where} {self.n_sent} 条，交回或已有答复 {back} 条，缺 {lost}"


def missing(book: Book, returned: Collection[str]) -> list[Missing]:
    """Of every parcel of which a line came back; in the order in which they were sent."""
    there = {book.now.get(number, number) for number in returned}
    hidden = book.restricted()
    parcels: defaultdict[tuple[int, str, str], dict[str, dt.date]] = defaultdict(dict)
    for e in book.events:
        number = book.now.get(e.clue_id, e.clue_id)
        if e.kind == REFERRED and number not in hidden:
            parcels[e.act, e.text("receiver"), e.text("town")][number] = e.day
    waits = {(wait.number, wait.receiver) for wait in book.waits()}
    found = []
    for (_, receiver, town), sent in sorted(parcels.items()):
        lost = tuple(sorted(n for n in sent if n not in there and (n, receiver) in waits))
        if lost and there & sent.keys():
            found.append(Missing(receiver, town, next(iter(sent.values())), len(sent), lost))
    return found
