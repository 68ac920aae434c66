"""Which households an enquiry must not name: the rule of the list itself, read from the last scan.

Comes in: facts opened by ``replay.facts``, a pack. Goes out: a temporary table ``protected`` of households.
On the list a clue is restricted by its own rules, or by a hold that restricts (clue.sql); the same household may be
named on the list of another direction. A household without a clue in a direction has nothing that says it may be
named there, so any restricted clue and any doubt protect it.
"""

from __future__ import annotations

import duckdb

from clue_engine.pack.model import Pack

RUN = ("trial", "active")


def write_protected(con: duckdb.DuckDBPyConnection, pack: Pack, direction: str, *, doubt_counts: bool = False) -> None:
    """Write ``protected (household_id)`` for enquiries about rules of a direction.

    ``doubt_counts``: rows that may be of a protected person protect as well, for enquiries about rows no clue rests on.
    """
    restricting = [h for h in pack.holds if h.action == "restrict" and h.status in RUN]
    sure, doubt = [h.id for h in restricting], [h.id for h in restricting if h.unknown == "restrict"]
    con.execute(
        """
        create or replace temp table protected as
        select household_id from scanned.clue where restricted and direction = $3
        union
        select household_id from scanned.hold_row where outcome = 1 and list_contains($1, hold_id)
        union
        select household_id
        from (
            select household_id, false as doubt from scanned.clue where restricted
            union
            select household_id, true from scanned.hold_row where list_contains($2, hold_id)
        )
        where ($4 and doubt) or household_id not in (select household_id from scanned.clue where direction = $3)
        """,
        [sure, doubt, direction, doubt_counts],
    )
