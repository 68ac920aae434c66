"""Which households two packs list differently, on the same facts.

Comes in: the clues of both. Goes out: per direction the households gained, lost and moved (another band or status).
A household is named by its clue number, which is the same in both: it names no person. A restricted one is not named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clue_engine.enquiry.replay import Seen

Clues = Mapping[tuple[int, str], Seen]
LISTED = ("线索", "待核")  # what is on the list; 搁置 and 试行 are not


@dataclass(frozen=True)
class Moved:
    clue_id: str
    before: str  # 线索 B
    after: str


@dataclass
class Effect:
    """What changes on the list of one direction."""

    direction: str
    n_before: int
    n_after: int
    gained: list[Moved] = field(default_factory=list)
    lost: list[Moved] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)


def effects(old: Clues, new: Clues, directions: Iterable[str]) -> list[Effect]:
    """Per direction, in the order given. A household that is on both lists in the same place is not named."""
    found = []
    for direction in directions:
        before, after = ({k: c for k, c in r.items() if c.direction == direction} for r in (old, new))
        effect = Effect(direction, _listed(before.values()), _listed(after.values()))
        for key in sorted({*before, *after}):
            a, b = before.get(key), after.get(key)
            found_in = [clue for clue in (a, b) if clue is not None]
            name = "受限" if any(clue.restricted for clue in found_in) else found_in[0].clue_id
            shown = Moved(name, place(a), place(b))
            was, now = a is not None and a.status in LISTED, b is not None and b.status in LISTED
            if now and not was:
                effect.gained.append(shown)
            elif was and not now:
                effect.lost.append(shown)
            elif shown.before != shown.after:
                effect.moved.append(shown)
        found.append(effect)
    return found


def _listed(clues: Iterable[Seen]) -> int:
    return sum(c.status in LISTED for c in clues)


def place(clue: Seen | None) -> str:
    """Where a clue stands on the list."""
    return "不在清单" if clue is None else f"{clue.status} {clue.band}".strip()
