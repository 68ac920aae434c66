"""A table that was read but not yet loaded: its first rows for finding the header, and where its rows wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clue_engine.ingest.dialect import Dialect
from clue_engine.ingest.formats import Kind
from clue_engine.ingest.textscan import TextScan

PREVIEW_ROWS = 40
PARTS = ("姓名", "关系", "证件号码", "出生日期")  # of persons in one cell: the columns that it is taken into


@dataclass(frozen=True)
class File:
    """An input file."""

    path: Path
    kind: Kind
    sha256: str
    size: int

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Packed:
    """A column of persons in one cell each: its place from 1, the row of its heading from 0, what it is taken into.

    ``head``: the columns of the name and the number of the head of household, who then comes first.
    """

    position: int
    row: int
    heading: str
    headings: tuple[str, ...]
    head: tuple[int, int] | None = None
    hurt: bool = False  # 某甲（重伤一级）；某乙: who is hurt, and how in the place of the relation
    due: bool = False  # 判11万/未付: what is due and what was paid of it
    victims: bool = False  # who is a victim, and what befell him in the place of the relation
    kin: bool = False  # the families of the victims of the same column
    number: int | None = None  # the column of numbers right of that of victims
    told: bool = False  # families named in running text, which stays where it is
    says: str = ""  # what befell whoever stands in the cell, where the cell does not say it
    also: tuple[tuple[int, str], ...] = ()  # further columns of such persons, and what befell those
    has_remarks: bool = False  # words behind the numbers, which are not taken over


@dataclass(frozen=True)
class Explained:
    """A column of codes that the workbook explains: its place from 1, the row of its heading from 0, the words."""

    position: int
    row: int
    written: str
    heading: str
    codes: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """One sheet or a whole text file. ``preview`` begins at row 1; ``merged`` are (row, column, row, column) from 0."""

    file: File
    sheet: str
    preview: tuple[tuple[str, ...], ...]
    n_columns: int
    encoding: str = ""
    visible: bool = True
    is_form: bool = False  # of a household, and filled in otherwise than the forms beside it
    merged: tuple[tuple[int, int, int, int], ...] = ()
    staged: Path | None = None  # Arrow file with the text of all cells
    dialect: Dialect | None = None
    look: TextScan | None = None
    reader: str = ""  # the second reader, where the first one failed
    n_outside: int = 0  # cells that stand too far out to belong to a table
    hidden: tuple[int, ...] = ()  # rows of a sheet that are hidden or filtered out
    uncomputed: tuple[tuple[int, int], ...] = ()  # formulas without a stored result: row, column from 0
    is_1904: bool = False  # plain numbers of days count from 1904-01-01
    packed: tuple[Packed, ...] = ()  # columns of several persons a cell; each has three more at the end of the table
    explained: tuple[Explained, ...] = ()  # columns whose codes are words in the preview
    widths: tuple[int, ...] = ()  # cells of each row of the preview of a text file, before it was made even

    @property
    def n_written(self) -> int:
        """The columns of the file itself, without those taken out of others."""
        return self.n_columns - len(PARTS) * len(self.packed)

    def line(self, row: int) -> int:
        """The line or sheet row of a row of the preview: cells of a text file may go over several lines."""
        ends = sum(cell.count("\n") for above in self.preview[: row - 1] for cell in above) if self.dialect else 0
        return row + ends
