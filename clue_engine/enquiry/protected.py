"""Which households an enquiry must not name: the rule of the list itself, read from the last scan.

Comes in: facts opened by ``replay.facts``, a pack. Goes out: a temporary table ``protected`` of households.
On the list all clues of a household are restricted or none (protected.sql). A household without a clue in a direction
has nothing that says it may be named there, so any doubt protects it.
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
        select household_id from scanned.clue_protected
        union
        select household_id from scanned.hold_row where outcome = 1 and list_contains($1, hold_id)
        union
        select household_id from scanned.hold_row
        where list_contains($2, hold_id)
            and ($4 or household_id not in (select household_id from scanned.clue where direction = $3))
        """,
        [sure, doubt, direction, doubt_counts],
    )
