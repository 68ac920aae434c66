"""Several persons in one cell: 甲、乙 with their numbers in a parallel cell.

Comes in: the cells of one row that belong to a group of fields. Goes out: one row of cells per person. Cells are
paired only when they hold as many parts as there are names; what cannot be paired is left empty and named, never
guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

# A single value beside several names may be everybody's (均未赔偿) for these types, never for a number or a date.
SHARED = ("code", "codes", "bool")
MOST = 1000  # names in a cell: more are no list of persons, and each would stand beside a copy of the row
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_ZERO = re.compile(r"0+(?:\.0+)?")


def parts(cell: str, separators: str) -> list[str]:
    """The parts of a cell, empty ones included: '；13.5' → ['', '13.5']."""
    return [part.strip() for part in _separator(separators).split(cell.strip(" \t\r\n"))]


def names(cell: str, separators: str) -> list[str]:
    """The names of a cell; a separator inside brackets does not count."""
    bare = _BRACKETS.sub(lambda m: _separator(separators).sub(" ", m[0]), cell)
    return [part for part in parts(bare, separators) if part]


def split(
    cells: Sequence[str], driver: int, others: Mapping[int, str], separators: str
) -> tuple[list[list[str]], list[int]]:
    """``(rows, unpaired)``: ``driver`` is the place of the name, ``others`` the types of the places beside it."""
    found = names(cells[driver] or "", separators)
    if len(found) < 2:
        return [list(cells)], []
    n = len(found)
    if n > MOST:
        unread = [driver, *others]
        return [["" if place in unread else cell for place, cell in enumerate(cells)]], unread
    rows = [list(cells) for _ in range(n)]
    unpaired = []
    for row, name in zip(rows, found, strict=True):
        row[driver] = name
    for place, kind in others.items():
        cell = cells[place] or ""
        pieces = parts(cell, separators) if cell.strip() else [""]
        if len(pieces) == n:
            for row, piece in zip(rows, pieces, strict=True):
                row[place] = piece
        elif kind != "text" and not (
            len(pieces) == 1 and _is_shared(pieces[0], kind)
        ):  # an address may hold commas of its own
            unpaired.append(place)
            for row in rows:
                row[place] = ""
    return rows, unpaired


@lru_cache(maxsize=8)
def _separator(separators: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(separators)}]")


def _is_shared(piece: str, kind: str) -> bool:
    return not piece or kind in SHARED or (kind == "money" and bool(_ZERO.fullmatch(piece)))
