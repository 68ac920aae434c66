"""A list that has collapsed against the workspace's scan before, though the same kinds of files were read (CE-D30).

Comes in: listing.json, the parameters of the pack. Goes out: one sentence per direction. Other rules, parameters or
definitions may well list fewer: ``changes`` says so, and nothing is said here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from clue_engine.export.listing import Listing, read_listings
from clue_engine.pack.fingerprint import OTHERS
from clue_engine.pack.model import Pack
from clue_engine.pack.parameters import value_of
from clue_engine.workspace import Workspace

LISTED = ("线索", "待核", "搁置")
SHARE, LEAST = "清单骤减下限", "清单骤减起点"


def collapsed(ws: Workspace, pack: Pack) -> Iterator[str]:
    """The directions whose lines fell below the stated share."""
    kept = read_listings(ws)
    if len(kept) < 2 or not _alike(*kept):
        return
    now, before = kept
    day = dt.date.fromisoformat(now.as_of)
    share, least = (value_of(pack, name, day, pack.region) for name in (SHARE, LEAST))
    if share is None or least is None:
        return
    lines, earlier = _lines(now), _lines(before)
    for direction, n in sorted(earlier.items()):
        found = lines[direction]
        if n >= float(least.value) and found < float(share.value) * n:
            yield (
                f"CE-D30 {direction}由上次（扫描日 {before.as_of}）的 {n} 条骤减为 {found} 条，"
                f"载入的还是那几种表{_fallen(now, before)}。多半是有一列没有读出，或表没有导全；"
                "请核对后重新运行。确属减少的，逐条看 clue-engine changes"
            )


def _alike(now: Listing, before: Listing) -> bool:
    """Whether the same rules looked at the same kinds of files; how files are read may have changed."""
    rules = [{k: v for k, v in one.parts.items() if k != OTHERS} for one in (now, before)]
    return rules[0] == rules[1] and set(before.files) <= set(now.files)


def _lines(listing: Listing) -> Counter[str]:
    return Counter(item.direction for item in listing.clues.values() if item.status in LISTED)


def _fallen(now: Listing, before: Listing) -> str:
    """The kinds of files with fewer rows than before, in words."""
    rows = {kind: (before.files[kind][0] - before.files[kind][1], now.files[kind][0] - now.files[kind][1])
            for kind in before.files}  # fmt: skip
    said = [f"{kind} {old} 行变为 {new} 行" for kind, (old, new) in sorted(rows.items()) if new < old]
    return f"（{'、'.join(said)}）" if said else ""
