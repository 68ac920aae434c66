"""The list of clues on the screen: the same masked cells as in the files, filtered.

Comes in: the clue tables. Goes out: rows of the lists. A restricted clue is found by number, direction, status and band
only: that it has a name, a town or a rule would tell its secret.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from clue_engine.errors import ClueError
from clue_engine.export import columns as c
from clue_engine.export.list_rows import Row, list_rows
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace


@dataclass(frozen=True)
class Filter:
    """What to show; None = all. ``direction`` by name or code, ``band`` by label, ``status`` as written.

    ``name``: a part of the name of anybody in the line. ``numbers``: of these only.
    """

    direction: str | None = None
    status: str | None = None
    band: str | None = None
    town: str | None = None
    rule: str | None = None
    name: str | None = None
    numbers: Collection[str] | None = None

    def takes(self, row: Row) -> bool:
        return (
            (self.direction is None or self.direction in (row.direction, row.direction_code))
            and (self.status is None or self.status == row.status)
            and (self.band is None or self.band == row.cells.get(c.BAND))
            and (self.town is None or self.town == row.cells.get(c.TOWN))
            and (self.rule is None or any(r["id"] == self.rule for r in row.details.get("rules", ())))
            and (self.name is None or named(row, self.name))
            and (self.numbers is None or row.clue_id in self.numbers)
        )


def named(row: Row, name: str) -> bool:
    """Whether somebody in the line bears it: the one it names, the head, the others of its cases."""
    said = "".join(name.split())
    names = (row.cells.get(c.NAME), row.cells.get(c.HEAD), *row.others)
    return not row.restricted and any(said in "".join(str(one or "").split()) for one in names)


def by_name(rows: Sequence[Row], word: str, place: str) -> list[Row]:
    """The clues with these characters in a name. Raises CE-U02 where there is none; the message repeats no name."""
    found = [row for row in rows if named(row, word)]
    if not found:
        hint = "少写几个字再试；受限线索只能按编号查"
        raise ClueError("CE-U02", "没有一条线索里有人的姓名有这几个字", place=place, hint=hint)
    return found


def list_clues(ws: Workspace, pack: Pack, wanted: Filter | None = None) -> list[Row]:
    """Clues in list order that the filter takes."""
    wanted = wanted or Filter()
    return [row for row in list_rows(ws, pack) if wanted.takes(row)]


def ordered(rows: Sequence[Row], heading: str, *, backwards: bool = False) -> list[Row]:
    """By a column, those that have nothing in it last; equal ones in the order of the list."""
    filled = [row for row in rows if row.cells.get(heading) not in (None, "")]
    filled.sort(key=lambda row: _key(row.cells[heading]), reverse=backwards)
    return [*filled, *(row for row in rows if row.cells.get(heading) in (None, ""))]


def _key(cell: object) -> tuple[bool, float, str]:
    number = isinstance(cell, int | float)
    return not number, float(str(cell)) if number else 0.0, str(cell)


def as_json(row: Row) -> dict[str, object]:
    return {
        "clue_id": row.clue_id,
        "direction": row.direction,
        "status": row.status,
        "restricted": row.restricted,
        "cells": {heading: value for heading, value in row.cells.items() if value is not None},
        **row.details,
    }
