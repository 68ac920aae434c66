"""What the exported files say in the lines of one clue: for the check that a restricted line leads to no one.

Comes in: a directory of exported files. Goes out: whether a forbidden word stands in a line of a clue.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from clue_engine.errors import ClueError


class Leaks:
    """All lines of all exported files (hidden sheets too) by the clue number they carry."""

    def __init__(self, out: Path):
        if not (out / "clues.json").is_file():
            raise ClueError(
                "CE-X03",
                "这里没有导出的线索清单",
                place=str(out),
                hint="先运行 clue-engine export，或用 --out 指明目录",
            )
        document = json.loads((out / "clues.json").read_text(encoding="utf-8"))
        numbers = {clue["clue_id"] for clue in document["clues"]}
        self._lines: defaultdict[str, list[str]] = defaultdict(list)
        for clue in document["clues"]:
            self._lines[clue["clue_id"]].append(json.dumps(clue, ensure_ascii=False))
        for path in sorted(out.glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                self._keep(csv.reader(stream), numbers)
        for path in sorted(out.glob("*.xlsx")):
            if zipfile.is_zipfile(path):  # an encrypted workbook that somebody put here is none of the exported files
                self._keep(_workbook_lines(path), numbers)

    def _keep(self, records: Iterable[Iterable[Any]], numbers: set[str]) -> None:
        for record in records:
            cells = [str(cell) for cell in record if cell not in (None, "")]
            for number in numbers.intersection(cells):
                self._lines[number].append("\t".join(cells))

    def of(self, clue_id: str, forbidden: Iterable[str]) -> bool:
        """Whether any line of the clue holds any of the words."""
        return any(word in line for line in self._lines[clue_id] for word in forbidden)


def _workbook_lines(path: Path) -> Iterable[Iterable[Any]]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True)
    try:
        for sheet in book.worksheets:
            yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()
