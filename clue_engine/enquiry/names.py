"""Whether a text that is to be kept for good holds the name of somebody.

Comes in: a scanned workspace, a text. Goes out: the place of the first name in it, never the name.
"""

from __future__ import annotations

from clue_engine.workspace import Workspace

_LEAST = 2  # characters of a name


def name_at(ws: Workspace, text: str) -> int | None:
    """The place (from 1) of the first name of a person of the registers or cases; None where there is none."""
    known = [f"select name from {table}{where}" for table, where in _TABLES if ws.has_table(table)]
    if not known:
        return None
    found = "select min(strpos($1, name)) from ({}) where length(name) >= $2 and contains($1, name)"
    ((place,),) = ws.rows(found.format(" union all ".join(known)), [text, _LEAST])
    return None if place is None else int(place)


_TABLES = (("person", ""), ("party", " where coalesce(party_kind, '自然人') = '自然人'"))
