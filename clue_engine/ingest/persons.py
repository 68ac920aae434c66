"""Several persons in one cell: 甲、乙 with their numbers in a parallel cell.

Comes in: the cells of one row that belong to a group of fields. Goes out: one row of cells per person. Cells are
paired only when they hold as many parts as there are names; what cannot be paired is left empty and named, never
guessed. A slash or a line end beside a single number cuts nobody in two: it is one person, in two spellings or lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from clue_engine.values.identity import identity
from clue_engine.values.text import ERROR_WORDS

# A single value beside several names may be everybody's (均未赔偿) for these types, never for a number or a date.
SHARED = ("code", "codes", "bool")
MOST = 1000  # names in a cell: more are no list of persons, and each would stand beside a copy of the row
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_ZERO = re.compile(r"0+(?:\.0+)?")
_LOOSE = "/\r\n"  # these may also stand within the name of one person
_NO_NUMBER = ("none", "other")
_ERRORS = "|".join(sorted(map(re.escape, ERROR_WORDS), reverse=True))
_ERROR = re.compile(rf"(?<![0-9A-Za-z#＃])(?:{_ERRORS})(?![0-9A-Za-z])")  # #N/A is not cut at its slash


def parts(cell: str, separators: str) -> list[str]:
    """The parts of a cell, empty ones included: '；13.5' → ['', '13.5']; one that says #N/A is empty."""
    cell = _ERROR.sub("", cell).strip(" \t\r\n")
    return [part.strip() for part in _separator(separators).split(cell)]


def names(cell: str, separators: str) -> list[str]:
    """The parts of a cell of names, empty ones included; a separator inside brackets does not count."""
    bare = _BRACKETS.sub(lambda m: _separator(separators).sub(" ", m[0]), cell)
    return parts(bare, separators)


def split(
    cells: Sequence[str], driver: int, others: Mapping[int, str], separators: str
) -> tuple[list[list[str]], list[tuple[str, int]]]:
    """``(rows, doubts)``: ``driver`` is the place of the name, ``others`` the types of the places beside it.

    A doubt is the code of an issue and the place it concerns.
    """
    cell = cells[driver] or ""
    said = names(cell, separators)
    found = [i for i, name in enumerate(said) if name]
    if len(said) < 2 or not found:
        return [list(cells)], []
    if len(found) > 1 and not set(cell) & (set(separators) - set(_LOOSE)):
        if "/" not in cell and any(len(said[i]) == 1 or "·" in (said[i][0], said[i][-1]) for i in found):
            return [list(cells)], []  # a name that goes on in the next line
        number = next((place for place, kind in others.items() if kind == "id"), None)
        if number is not None and _is_one_number(cells[number] or "", separators):
            return [list(cells)], [("PERSONS_ONE_ID", driver)]
    if len(found) > MOST:
        unread = [driver, *others]
        blank = ["" if place in unread else cell for place, cell in enumerate(cells)]
        return [blank], [("PERSONS_UNPAIRED", place) for place in unread]
    rows = [list(cells) for _ in found]
    doubts: list[tuple[str, int]] = []
    for row, i in zip(rows, found, strict=True):
        row[driver] = said[i]
    for place, kind in others.items():
        cell = cells[place] or ""
        pieces = parts(cell, separators) if cell.strip() else [""]
        if len(pieces) == len(said) and not any(piece for i, piece in enumerate(pieces) if i not in found):
            pieces = [pieces[i] for i in found]  # nobody's part says nothing
        if len(pieces) == len(rows):
            for row, piece in zip(rows, pieces, strict=True):
                row[place] = piece
        elif (
            len(rows) > 1 and kind != "text" and not (len(pieces) == 1 and _is_shared(pieces[0], kind))
        ):  # an address may hold commas of its own
            doubts.append(("PERSONS_UNPAIRED", place))
            for row in rows:
                row[place] = ""
    return rows, doubts


def _is_one_number(cell: str, separators: str) -> bool:
    pieces = [cell] if identity(cell).kind not in _NO_NUMBER else [p for p in parts(cell, separators) if p]
    return len(pieces) == 1 and identity(pieces[0]).kind not in _NO_NUMBER


@lru_cache(maxsize=8)
def _separator(separators: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(separators)}]")


def _is_shared(piece: str, kind: str) -> bool:
    return not piece or kind in SHARED or (kind == "money" and bool(_ZERO.fullmatch(piece)))
