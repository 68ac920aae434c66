"""One household a sheet: the sheets of a workbook that are one form filled in many times, made one table.

Comes in: the sheets of a workbook; one that holds many forms, each under the same title (走访登记表（1）), is as many
sheets. Goes out: the sheets; in the place of the forms one table with a row for each, whose headings are the words that
stand at the same place on all of them and whose cells are what stands right of these.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from clue_engine.ingest.staged import StagedSheet
from clue_engine.ingest.table import PREVIEW_ROWS, Table

_FEWEST = 3  # sheets, and pairs of a label and a cell
_WIDEST, _LONGEST = 12, 30  # columns and rows of a form; also letters of a label
_ALIKE = 0.8  # of the sheets have the words of a label at its place
_PAIR = re.compile(r"^([^:：\s][^:：]{0,15})[:：]\s*(\S.*)?$", re.DOTALL)
_HAN = re.compile("[\u4e00-\u9fff]")
SHEET = "工作表"
_Place = tuple[int, int]


def collected(tables: Sequence[Table]) -> list[Table]:
    """The tables of a workbook, forms of one kind as one table."""
    for n, table in enumerate(tables):
        if forms := _stacked(table):
            return [*collected(tables[:n]), *forms, *collected(tables[n + 1 :])]
    return _collected(tables)


def _stacked(table: Table) -> list[Table]:
    """The forms that stand below each other in a sheet, each under a title that differs in its number alone, as one
    table; what stands above them or is filled in otherwise is a sheet of its own, so that it is not lost."""
    titles = Counter(title for row in table.preview if (title := _alone(row)))
    title, n = titles.most_common(1)[0] if titles else ("", 0)
    if n < _FEWEST or table.staged is None:
        return []
    _, shown = _pieces(table, table.preview, title)
    if sum(map(_may_be_form, shown[:-1])) < 2:  # the last may go on behind the preview
        return []
    import pyarrow as pa

    with pa.ipc.open_file(str(table.staged)) as stored:
        columns = stored.read_all().drop(["row_no"]).to_pydict().values()
    above, pieces = _pieces(table, [tuple(cell or "" for cell in row) for row in zip(*columns, strict=True)], title)
    found = _collected(pieces)
    if len(found) == len(pieces):
        return []
    others = [replace(piece, is_form=True) if piece.staged == table.staged else piece for piece in found]
    return [_apart(piece, n) if piece.staged == table.staged else piece for n, piece in enumerate([*above, *others])]


def _pieces(table: Table, rows: Sequence[tuple[str, ...]], title: str) -> tuple[list[Table], list[Table]]:
    """What stands above the first title, if it is more than another title; the pieces from each title to the next."""
    table = replace(table, merged=(), hidden=(), uncomputed=())
    starts = [r for r, row in enumerate(rows) if _alone(row) == title]
    first = rows[: starts[0]]
    is_more = any(sum(bool(cell.strip()) for cell in row) > 1 for row in first)
    above = [replace(table, sheet=f"{table.sheet}表单以上", preview=tuple(first))] if is_more else []
    pieces = [
        replace(table, sheet=f"{table.sheet}第{k}张", preview=tuple(rows[start:end]))
        for k, (start, end) in enumerate(zip(starts, [*starts[1:], len(rows)], strict=True), 1)
    ]
    return above, pieces


def _apart(piece: Table, number: int) -> Table:
    """A piece of a sheet with its own rows alone waiting for it."""
    assert piece.staged is not None
    path = Path(f"{piece.staged.with_suffix('')}_{number}.arrow")
    return replace(piece, preview=_stage(path, piece.preview, piece.n_columns), staged=path)


def _stage(path: Path, rows: Sequence[Sequence[str]], width: int) -> tuple[tuple[str, ...], ...]:
    """Write the rows; the first of them."""
    import pyarrow as pa

    with StagedSheet(path, width, PREVIEW_ROWS) as staged:
        staged.add([pa.array(column) for column in zip(*rows, strict=True)])
    return tuple(map(tuple, staged.preview))


def _alone(row: Sequence[str]) -> str:
    """The words of a row with one cell, without numbers; empty for another row."""
    said = {"".join(cell.split()) for cell in row if cell.strip()}
    word = said.pop() if len(said) == 1 else ""
    return re.sub(r"[（(]?[0-9一二三四五六七八九十]+[）)]?", "", word) if len(word) <= _LONGEST else ""


def _collected(tables: Sequence[Table]) -> list[Table]:
    forms = [table for table in tables if _may_be_form(table)]
    if len(forms) < _FEWEST:
        return list(tables)
    labels = _labels(forms)
    forms = [table for table in forms if not _is_list(table, labels)]
    rows = [(table, _filled(table, labels)) for table in forms]
    kept = [(table, cells) for table, cells in rows if len(cells) >= _FEWEST and len(cells) >= 0.5 * len(labels)]
    headings = list(dict.fromkeys(name for _, cells in kept for name in cells))
    said = Counter(name for _, cells in kept for name, text in cells.items() if text)
    headings = [name for name in headings if said[name]]
    if len(kept) < _FEWEST or len(headings) < _FEWEST:
        return list(tables)
    one = _one_table(kept, headings, _title(kept[0][0], labels))
    mine, alike = {id(table) for table, _ in kept}, {id(table) for table, cells in rows if cells}
    first = next(n for n, table in enumerate(tables) if id(table) in mine)
    others = [replace(t, is_form=id(t) in alike) for t in tables if id(t) not in mine]
    return [*others[:first], one, *others[first:]]


def _may_be_form(table: Table) -> bool:
    """A short sheet; a list has rows that are alike, a form has none."""
    rows = [row for row in table.preview if any(cell.strip() for cell in row)]
    few = _FEWEST <= len(rows) <= _LONGEST < PREVIEW_ROWS and table.n_columns <= _WIDEST and table.staged is not None
    return few and table.visible and sum(_pairs(row) > 0 for row in rows) >= _FEWEST


def _is_list(table: Table, labels: dict[_Place, str]) -> bool:
    """Whether its first row of several cells is one of headings side by side: one of the sheets of a list, a town each,
    with a few rows that happen to say the same (农村低保, 无) at one place."""
    for r, row in enumerate(table.preview):
        at = [c for c, cell in enumerate(row) if cell.strip()]
        if len(at) < 2 or any(_before_colon(row[c]) for c in at):
            continue
        side_by_side = at == list(range(at[0], at[-1] + 1))
        return len(at) >= _FEWEST and side_by_side and sum((r, c) in labels for c in at) >= _ALIKE * len(at)
    return False


def _pairs(row: Sequence[str]) -> int:
    return sum(bool(_HAN.search(a)) and bool(b.strip()) for a, b in pairwise(row))


def _labels(forms: Sequence[Table]) -> dict[_Place, str]:
    """The words that most forms have at one place, with a cell beside them that differs."""
    seen: Counter[tuple[_Place, str]] = Counter()
    for table in forms:
        for r, row in enumerate(table.preview):
            for c, cell in enumerate(row):
                for text in {"".join(cell.split()), _before_colon(cell)} - {""}:
                    seen[(r, c), text] += len(text) <= _LONGEST and _HAN.search(text) is not None
    enough = max(_FEWEST, _ALIKE * len(forms))
    return {place: text for (place, text), n in seen.items() if n >= enough}


def _before_colon(cell: str) -> str:
    found = _PAIR.match(cell.strip())
    return "".join(found[1].split()) if found else ""


def _filled(table: Table, labels: dict[_Place, str]) -> dict[str, str]:
    """What stands right of each label, up to the next one, or behind its colon."""
    cells: dict[str, str] = {}
    for r, row in enumerate(table.preview):
        own = [c for c, cell in enumerate(row) if labels.get((r, c)) in ("".join(cell.split()), _before_colon(cell))]
        for c, beyond in zip(own, [*own[1:], len(row)], strict=False):
            name = labels[r, c].rstrip(":：")
            pair = _PAIR.match(row[c].strip())
            inner = pair[2] if pair and "".join(row[c].split()) != labels[r, c] else None
            beside = list(dict.fromkeys(cell.strip() for cell in row[c + 1 : beyond] if cell.strip()))
            text = inner or "；".join(beside)
            if beyond > c + 1 or inner:
                cells[name] = cells.get(name) or text
    return cells


def _title(table: Table, labels: dict[_Place, str]) -> str:
    """The words of the first rows that stand alone in theirs."""
    rows = [[cell.strip() for cell in row if cell.strip()] for row in table.preview[:3]]
    return " ".join(row[0] for r, row in enumerate(rows) if len(set(row)) == 1 and labels.get((r, 0)))


def _one_table(kept: Sequence[tuple[Table, dict[str, str]]], headings: Sequence[str], title: str) -> Table:
    first = kept[0][0]
    assert first.staged is not None
    grid = [[title, *[""] * len(headings)], [SHEET, *headings]]
    grid += [[table.sheet, *(cells.get(name, "") for name in headings)] for table, cells in kept]
    path = Path(f"{first.staged.with_suffix('')}_forms.arrow")
    preview = _stage(path, grid, len(headings) + 1)
    return replace(
        first,
        sheet=f"{first.sheet}等{len(kept)}张表单",
        preview=preview,
        n_columns=len(headings) + 1,
        merged=(),
        staged=path,
        hidden=(),
        uncomputed=(),
    )
