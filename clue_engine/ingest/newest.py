"""The day up to which the loaded data goes, and the file that says so.

Comes in: input_file, rec_case, rec_enforcement. Goes out: ``Newest``. A data date counts as it is; of the days on which
cases were accepted, the newest that some cases stand behind: one year typed wrong (2062) says nothing. When courts took
up their execution counts only where nothing else has a day: their lists are handed in later than the others.
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
    found = [one for one in (_snapshot(ws), _case(ws, "rec_case", "accepted_on_lo")) if one is not None]
    return max(found, key=lambda one: one.day) if found else _case(ws, "rec_enforcement", "filed_on_lo")


def _snapshot(ws: Workspace) -> Newest | None:
    rows = ws.rows(
        "select snapshot_date, name from input_file where status = 'loaded' and snapshot_date is not null"
        " order by snapshot_date desc, file_id limit 1"
    )
    return Newest(*rows[0]) if rows else None


def _case(ws: Workspace, records: str, day: str) -> Newest | None:
    ((n,),) = ws.rows(f"select count({day}) from {records}")
    if not n:
        return None
    least = min(max(LEAST_CASES, math.ceil(LEAST_SHARE * n)), n)
    found, name = ws.rows(
        f"select r.{day}, f.name from {records} as r join input_file as f using (file_id)"
        f" where r.{day} is not null order by r.{day} desc, r.file_id, r.row_no limit 1 offset ?",
        [least - 1],
    )[0]
    return Newest(found, name, least)
