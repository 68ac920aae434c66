"""A draft hold on the facts of the last scan, changing nothing: which clues it would hold, free or mark.

Comes in: a workspace opened read-only (``replay.facts``), the pack and a draft of a hold. Goes out: a ``HoldTrial``.
Both packs see the same facts, so what differs comes from the hold alone. Clues are named by their numbers,
restricted ones only counted.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from clue_engine.enquiry.draft import HoldDraft
from clue_engine.enquiry.pack_effect import Moved, place
from clue_engine.enquiry.replay import listed, replay
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace


@dataclass(frozen=True)
class Step:
    """So many clues of a direction go from one status to another."""

    direction: str
    before: str
    after: str
    n: int


@dataclass(frozen=True)
class HoldTrial:
    """``n_rows``, ``n_open``: rows the hold is true of, cannot be decided of; ``known_before``: the pack has it."""

    hold_id: str
    title: str
    as_of: str
    known_before: bool
    n_rows: int
    n_households: int
    n_open: int
    steps: tuple[Step, ...]
    clues: tuple[Moved, ...]
    seconds: float
    n_restricted: int = 0  # clues that move and are not named


def try_hold(ws: Workspace, pack: Pack, draft: HoldDraft) -> HoldTrial:
    """Run the pack without and with the draft (or with what it replaces, and with it)."""
    started = time.perf_counter()
    before = listed(ws, pack)
    after = replay(ws, draft.pack)
    hold = draft.hold
    n_rows, n_households, n_open = ws.rows(
        "select count(distinct (relation, row_id)) filter (outcome = 1),"
        " count(distinct household_id) filter (outcome = 1), count(distinct (relation, row_id)) filter (outcome = 2)"
        " from hold_row where hold_id = ?",
        [hold.id],
    )[0]
    steps: Counter[tuple[str, str, str]] = Counter()
    clues, n_restricted = [], 0
    for key in sorted({*before, *after.clues}):
        old, new = before.get(key), after.clues.get(key)
        if place(old) != place(new):
            steps[key[1], place(old), place(new)] += 1
            if any(clue is not None and clue.restricted for clue in (old, new)):
                n_restricted += 1
            else:
                clues.append(Moved((old or after.clues[key]).clue_id, place(old), place(new)))
    return HoldTrial(
        hold.id, hold.title, after.as_of.isoformat(), any(h.id == hold.id for h in pack.holds),
        n_rows, n_households, n_open, tuple(Step(*k, n) for k, n in sorted(steps.items())),
        tuple(sorted(clues, key=lambda c: (c.before, c.after, c.clue_id))), time.perf_counter() - started, n_restricted,
    )  # fmt: skip
