"""Cells that say the same in other words: 是 beside Y, 2024-05-01 beside 2024/5/1, a code beside a word of no meaning.

Comes in: rows, the columns of one field, its reader. Goes out: what the columns of a row mean together, by their
texts, and how many rows say different things.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clue_engine.ingest.layout import FileColumn, differ
from clue_engine.ingest.readings import Reader, Reading
from clue_engine.ingest.regular import said
from clue_engine.workspace import Workspace

_READ = (None, "UNIT_ASSUMED")  # issues of texts that have a value all the same


@dataclass(frozen=True)
class Agreement:
    """``meant``: the text that the columns of a row mean, by ``texts_key``; ``n_differ``: rows without one."""

    meant: dict[str, str]
    n_differ: int


def texts_key(cells: Sequence[str]) -> str:
    """SQL: the texts of a row's cells as one text."""
    filled = [f"coalesce({cell}, '')" for cell in cells]
    return f"concat_ws(chr(31), {', '.join(filled)})"


def agreement(ws: Workspace, rows: str, group: Sequence[FileColumn], read: Reader) -> Agreement:
    """Read each distinct pair of unlike texts once. A cell that says nothing for this field agrees with any other."""
    cells = [said(f"c{column.position}") for column in group]
    found = ws.rows(
        f"select {texts_key(cells)}, any_value([{', '.join(cells)}]), count(*) from {rows}"
        f" where {differ(cells, are_twins=False)} group by 1 order by 1"
    )
    meant: dict[str, str] = {}
    n_differ = 0
    for key, texts, n in found:
        readings = {text: read(text) for text in texts if text is not None}
        saying = [text for text in readings if says_something(readings[text])]
        if len({text if readings[text][1] not in _READ else readings[text][0] for text in saying}) <= 1:
            meant[key] = (saying or list(readings))[0]
        else:
            n_differ += n
    return Agreement(meant, n_differ)


def says_something(reading: Reading) -> bool:
    """Whether a reading has a value, or is of a text that could not be read."""
    values, issue = reading
    return issue is not None or any(value not in (None, "none") for value in values)
