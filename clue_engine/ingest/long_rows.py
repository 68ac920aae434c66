"""Records with more cells than the header: read where the types of the columns allow one reading, else none.

Comes in: the cells of such a record, the types of the columns. Goes out: its cells in their columns, or None: an
unquoted 86,400 moves every later cell by one, and a loss of 86 yuan of which 400 are paid is worse than a row less.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clue_engine.values import dates, money, reference
from clue_engine.values.identity import identity
from clue_engine.values.number import number
from clue_engine.values.text import cell_text, compact

MOST_BEYOND = 8  # cells: a record that is longer by more is not taken apart, but for empty ones at its end
_LONGEST = 3  # cells that one value was cut into: 1,234,567
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_CUT = re.compile(r"[0-9]{1,3},[0-9]{3}(?:\.[0-9]+)?")
_COUNTS = ("money", "number")
_ONE_WORD = (*_COUNTS, "id", "date", "phone", "caseno", "code", "bool", "empty")  # a value of these has no comma in it
_TOO_MANY_DIGITS = {"name": 4, "code": 6, "codes": 6, "bool": 2}
_SEVERAL_IDS = re.compile(r"[0-9]{15}.*[0-9]{14}")


@dataclass(frozen=True)
class Mended:
    """A record on ``line`` that had too many cells; not ``changed``: only empty ones at its end."""

    line: int
    changed: bool
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class LongRows:
    """``kinds``: the type of each column of the header, None for an unknown one; ``delimiter`` of the file.

    ``n_usual``: so many empty cells end the records of the file and mean nothing; ``doubts_cuts``: but some records
    have none, so one that may hold an amount in two pieces is looked at.
    """

    kinds: Sequence[str | None]
    delimiter: str = ","
    n_usual: int = 0
    doubts_cuts: bool = False

    def read(self, cells: Sequence[str]) -> list[str] | None:
        """The one reading of a record with too many cells; None when there is none or more than one."""
        cells = [cell.strip() for cell in cells]
        n = len(self.kinds)
        while len(cells) - n > MOST_BEYOND and not cells[-1]:
            cells.pop()
        if len(cells) - n > MOST_BEYOND:
            return None
        if any(cells[n:]) and all(not c or fits(c, kind) for c, kind in zip(cells, self.kinds, strict=False)):
            return None  # somebody has written beyond the table
        return _one_reading(cells, self.kinds, self.delimiter)

    def ends_as_usual(self, cells: Sequence[str]) -> bool:
        """Whether the empty cells at the end of the record are those of all records."""
        return (
            self.n_usual > 0
            and len(cells) > len(self.kinds)
            and not any(c.strip() for c in cells[-self.n_usual :])
            and not (self.doubts_cuts and self.may_be_cut(cells))
        )

    def may_be_cut(self, cells: Sequence[str]) -> bool:
        """Whether two neighbouring cells may be one amount that a thousands comma has cut."""
        return any(_CUT.fullmatch(f"{cells[i].strip()},{cells[i + 1].strip()}") for i in self._amounts(len(cells)))

    def may_be_cut_in_sql(self) -> str:
        """The same of the columns of a raw table."""
        tests = [
            f"regexp_full_match(trim(c{i + 1}) || ',' || trim(c{i + 2}), '{_CUT.pattern}')"
            for i in self._amounts(len(self.kinds) + 1)
        ]
        return " or ".join(tests) or "false"

    def _amounts(self, n_cells: int) -> list[int]:
        if self.delimiter not in ",，":
            return []
        return [i for i, kind in enumerate(self.kinds[: n_cells - 1]) if kind in _COUNTS]


def changed(cells: Sequence[str], found: Sequence[str]) -> bool:
    """Whether a cell of the record has come to stand elsewhere."""
    return [c.strip() for c in cells[: len(found)]] != list(found)


def _one_reading(cells: Sequence[str], kinds: Sequence[str | None], delimiter: str) -> list[str] | None:
    """The only way to put ``cells`` into the columns in their order.

    A column takes one cell, or up to three that are one value; an empty cell may be left out. Of neighbouring empty
    cells the last ones are left out, so that no reading counts twice. A text proves nothing: that two cells are
    one of it is never the only reading.
    """
    n_beyond = len(cells) - len(kinds)
    # Of the columns behind the one at work: per number of cells still to give away, the ways to fill them. The second
    # of each pair are the ways after an empty cell was left out.
    behind: list[tuple[_Ways, _Ways]] = []
    for column in range(len(kinds), -1, -1):
        here: list[tuple[_Ways, _Ways]] = []
        for beyond in range(n_beyond + 1):
            at = column + n_beyond - beyond
            is_empty = at < len(cells) and not cells[at]
            left_out = here[beyond - 1][1] if beyond and is_empty else _NO_WAY
            taken: list[_Ways] = [(1, ())] if column == len(kinds) and not beyond else []
            for size in range(1, min(beyond, _LONGEST - 1) + 2) if column < len(kinds) else ():
                count, rest = behind[beyond - size + 1][0]
                value = _value(cells[at : at + size], kinds[column], delimiter) if count else None
                if value is not None:
                    unproven = size > 1 and kinds[column] not in _COUNTS
                    taken.append((2 if unproven else count, (value, rest)))
            here.append((_sum([left_out, *taken]), _sum([left_out, *([] if is_empty else taken)])))
        behind = here
    count, chain = behind[n_beyond][0]
    if count != 1:
        return None
    found = []
    while chain:
        found.append(chain[0])
        chain = chain[1]
    return found


_Ways = tuple[int, tuple[Any, ...]]  # how many, two standing for more; one of them: (value, (value of the next, …))
_NO_WAY: _Ways = (0, ())


def _sum(ways: Sequence[_Ways]) -> _Ways:
    count = sum(n for n, _ in ways)
    return min(count, 2), next((one for n, one in ways if n), ())


def _value(cells: Sequence[str], kind: str | None, delimiter: str) -> str | None:
    """The text that ``cells`` are together in a column of this type; None when it cannot hold them."""
    if len(cells) == 1:
        return cells[0] if not cells[0] or fits(cells[0], kind) else None
    if not all(cells):
        return None
    if kind in _COUNTS and delimiter in ",，" and _THOUSANDS.fullmatch(number_text := ",".join(cells)):
        return number_text
    text = delimiter.join(cells)
    return text if kind not in _ONE_WORD and fits(text, kind) else None


def fits(text: str, kind: str | None) -> bool:
    """Whether a column of this type may hold the text."""
    if kind == "empty":  # stands for a column that the header does not have
        return not text
    if cell_text(text) is None:
        return True
    if kind == "id":
        return identity(text).kind != "other" or _SEVERAL_IDS.search(text) is not None
    if kind == "date":
        return dates.is_readable(text)
    if kind == "phone":
        return reference.phone(text) is not None
    if kind in _COUNTS:
        if len(re.sub("[^0-9]", "", text)) > 12:
            return False
        return money.is_readable(text) if kind == "money" else number(text) is not None
    if kind in _TOO_MANY_DIGITS:
        return not re.search(f"[0-9]{{{_TOO_MANY_DIGITS[kind]}}}", compact(text))
    return True
