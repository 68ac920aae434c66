"""What is done to a county, one change at a time.

Comes in: the tables of a county, which columns feed a field. Goes out: ``Variant`` per change: the tables that stand in
place of one, and of which column the outcome must speak ("" for a change that must not matter).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tests.columns.county import Grid

STRANGE = "栏目甲"  # a heading that says nothing
GRAVE = ("emptied", "renamed strange", "doubled other", "under a group head", "decorated 情况")  # one way of each kind
EXTRA = {
    "序号": "{n}",
    "民族": "汉族",
    "文化程度": "初中",
    "填报单位": "村委会",
    "政治面貌": "群众",
    "经办": "已录入",
    "册页": "第{n}页",
    "归档状态": "已归档",
}  # columns that no rule needs


@dataclass(frozen=True)
class Column:
    """A column that feeds a field. ``place`` from 0; ``known``: other headings that its source has for it."""

    grid: Grid
    place: int
    heading: str
    labels: tuple[str, ...]
    known: str
    needed: bool  # by what the pack says of its records and its sources
    joined: bool  # two of its kind are read side by side, whatever stands in them


@dataclass(frozen=True)
class Variant:
    name: str
    kind: str
    file: str  # whose place it takes
    grid: Grid
    words: tuple[str, ...] = ()  # one of them must be named where the list is another one
    lay_out: str = ""  # as a workbook with other sheets beside
    may_be_blank: bool = False  # an honest file of this kind may lack it: named in the summary is enough


def emptied(column: Column) -> Variant:
    """Empty below its heading."""
    return replace(_below(column, "emptied", lambda _: ""), may_be_blank=not column.needed)


def changed(column: Column) -> Iterator[Variant]:
    """Renamed, doubled, decorated, moved under a group head."""
    written = _heading(column.grid, column.place)
    headings = {
        "decorated 【】": f"【{written}】",
        "decorated blank": f"{written} ",
        "decorated 1": f"{written}1",
        "decorated 情况": f"{written}情况",
        "renamed strange": STRANGE,
        "renamed known": column.known,
    }
    for kind, heading in headings.items():
        if heading:
            yield _headed(column, kind, heading)
    for kind, cells in _doubles(column).items():
        if kind == "doubled other" and column.joined:
            continue  # more text, not less
        rows = tuple((*row, cell) for row, cell in zip(_even(column.grid).rows, cells, strict=True))
        yield _variant(column, kind, replace(column.grid, rows=rows))
    if (grouped := _grouped(column)) is not None:
        yield _variant(column, "under a group head", grouped)


def _doubles(column: Column) -> dict[str, list[str]]:
    """The same column once more: as it is, half of it, and with the cells of rows far away: those of the next row are
    often the same, and where two columns differ in a few rows these are doubts, counted row by row."""
    own = column.grid.column(column.place)
    first = column.grid.header_row
    heads, cells = own[:first], own[first:]
    far = len(cells) // 2
    other = cells[far:] + cells[:far]
    return {
        "doubled": own,
        "doubled half": [*heads, *(cell if n % 2 else "" for n, cell in enumerate(cells))],
        "doubled other": [*heads, *other],
    }


def _grouped(column: Column) -> Grid | None:
    """The heading in a row of its own below the others, and 有关信息 above it."""
    grid, at = column.grid, column.grid.header_row - 1
    rows = [list(row) for row in _even(grid).rows]
    if not grid.upper:
        rows.insert(at + 1, ["" for _ in rows[at]])
    elif rows[at][column.place] and rows[at - 1][column.place]:
        return None  # it stands under a group head already
    else:
        at -= 1
    if not rows[at][column.place]:
        return None
    rows[at + 1][column.place], rows[at][column.place] = rows[at][column.place], "有关信息"
    after = column.place + 1
    if after < len(rows[at]) and not rows[at][after]:
        return None  # the next one hangs under this one's head
    return replace(grid, rows=tuple(map(tuple, rows)), header_row=at + 2, upper=True)


def harmless(grids: Sequence[Grid], number: int) -> list[Variant]:
    """So many changes that must not matter: order, further columns, blanks, sheets."""
    found: list[Variant] = []
    random_of = random.Random(7)
    for n in range(number):
        grid = grids[n % len(grids)]
        kind, change = list(HARMLESS.items())[n // len(grids) % len(HARMLESS)]
        lay_out = kind if kind.startswith("sheets") else ""
        found.append(
            Variant(f"{grid.name} {kind} {n}", kind, grid.name, change(_even(grid), random_of), lay_out=lay_out)
        )
    return found


def _reordered(grid: Grid, random_of: random.Random) -> Grid:
    if grid.upper:
        return _blank_rows(grid, random_of)  # a group head would come over another column
    places = list(range(len(grid.rows[0])))
    random_of.shuffle(places)
    titles = grid.header_row - 1
    rows = [row if n < titles else tuple(row[p] for p in places) for n, row in enumerate(grid.rows)]
    return replace(grid, rows=tuple(rows))


def _unused(grid: Grid, random_of: random.Random) -> Grid:
    name, text = random_of.choice(list(EXTRA.items()))
    if any(name in row for row in grid.rows[: grid.header_row]):
        name = f"{name}备查"
    place = len(grid.rows[0]) if grid.upper else random_of.randrange(1, len(grid.rows[0]) + 1)
    heads = [""] * (grid.header_row - 1) + [name]
    if grid.upper:
        heads[-2:] = [name, ""]
    cells = heads + [text.format(n=n) for n in range(len(grid.rows) - grid.header_row)]
    rows = [(*row[:place], cell, *row[place:]) for row, cell in zip(grid.rows, cells, strict=True)]
    return replace(grid, rows=tuple(rows))


def _blank_rows(grid: Grid, random_of: random.Random) -> Grid:
    rows = list(grid.rows)
    for _ in range(3):
        rows.insert(random_of.randrange(grid.header_row, len(rows) + 1), ("",) * len(rows[0]))
    return replace(grid, rows=tuple(rows))


def _blank_columns(grid: Grid, random_of: random.Random) -> Grid:
    place = len(grid.rows[0]) if grid.upper else random_of.randrange(1, len(grid.rows[0]) + 1)
    return replace(grid, rows=tuple((*row[:place], "", *row[place:], "") for row in grid.rows))


def _as_is(grid: Grid, _: random.Random) -> Grid:
    return grid


HARMLESS: dict[str, Callable[[Grid, random.Random], Grid]] = {
    "order of columns": _reordered,
    "an unused column": _unused,
    "blank rows": _blank_rows,
    "blank columns": _blank_columns,
    "sheets: notes behind": _as_is,
    "order of columns again": _reordered,
    "an unused column more": _unused,
    "sheets: notes before": _as_is,
}


def _even(grid: Grid) -> Grid:
    """All rows of one length."""
    width = max(map(len, grid.rows))
    return replace(grid, rows=tuple((*row, *[""] * (width - len(row))) for row in grid.rows))


def _at(grid: Grid, place: int) -> int:
    """The row of a heading: the last line of headings, or the one above where it spans both."""
    at = grid.header_row - 1
    return at if grid.column(place)[at] else at - 1


def _heading(grid: Grid, place: int) -> str:
    return grid.column(place)[_at(grid, place)]


def _headed(column: Column, kind: str, heading: str) -> Variant:
    cells = column.grid.column(column.place)
    cells[_at(column.grid, column.place)] = heading
    changed = column.grid.with_column(column.place, cells)
    return replace(_variant(column, kind, changed), words=(*_words(column), heading))


def _below(column: Column, kind: str, cell: Callable[[str], str]) -> Variant:
    first = column.grid.header_row
    cells = column.grid.column(column.place)
    return _variant(column, kind, column.grid.with_column(column.place, [*cells[:first], *map(cell, cells[first:])]))


def _variant(column: Column, kind: str, grid: Grid) -> Variant:
    return Variant(f"{grid.name} {column.place + 1} {column.heading} {kind}", kind, grid.name, grid, _words(column))


def _words(column: Column) -> tuple[str, ...]:
    return (column.heading, *column.labels)
