"""The day up to which the loaded data goes, and the file that says so.

Comes in: input_file, rec_case. Goes out: ``Newest``. A data date counts as it is; of the days on which cases were
accepted, the newest that some cases stand behind: one year typed wrong (2062) says nothing.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from clue_engine.workspace import Workspace

# So many cases must have been accepted on that day or later: more than one, and more than are typed wrong.
LEAST_CASES, LEAST_SHARE = 2, 0.01


@dataclass(frozen=True)
class Newest:
    """``cases``: how many were accepted on that day or later; 0 where the day is the data date of the file."""

    day: dt.date
    file: str
    cases: int = 0


def newest_data(ws: Workspace) -> Newest | None:
    """None where no file has a data date and no case a day."""
    found = [one for one in (_snapshot(ws), _case(ws)) if one is not None]
    return max(found, key=lambda one: one.day, default=None)


def _snapshot(ws: Workspace) -> Newest | None:
    rows = ws.rows(
        "select snapshot_date, name from input_file where status = 'loaded' and snapshot_date is not null"
        " order by snapshot_date desc, file_id limit 1"
    )
    return Newest(*rows[0]) if rows else None


def _case(ws: Workspace) -> Newest | None:
    ((n,),) = ws.rows("select count(accepted_on_lo) from rec_case")
    if not n:
        return None
    least = min(max(LEAST_CASES, math.ceil(LEAST_SHARE * n)), n)
    day, name = ws.rows(
        "select c.accepted_on_lo, f.name from rec_case as c join input_file as f using (file_id)"
        " where c.accepted_on_lo is not null order by c.accepted_on_lo desc, c.file_id, c.row_no limit 1 offset ?",
        [least - 1],
    )[0]
    return Newest(day, name, least)
