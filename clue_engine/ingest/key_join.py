"""Which numbers of a file are found in other files: case numbers and numbers of persons, as they are written there.

Comes in: loaded files, the types of record fields. Goes out: per column of a file how many of its numbers other
files have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clue_engine.ingest.layout import FileColumn, RawFile
from clue_engine.ingest.regular import said
from clue_engine.values.reference import BRACKETS_CLOSE, BRACKETS_OPEN
from clue_engine.values.text import BLANKS, NARROW, WIDE
from clue_engine.workspace import Workspace, literal

_BRACKETS = BRACKETS_OPEN + BRACKETS_CLOSE, "[" * len(BRACKETS_OPEN) + "]" * len(BRACKETS_CLOSE)


class KeyPlaces:
    """The distinct numbers of every column of one type, looked up once when first asked for."""

    def __init__(self, ws: Workspace, files: Sequence[RawFile], types: Mapping[str, str]) -> None:
        self._ws, self._files, self._types = ws, files, types
        self._built: set[str] = set()

    def found(self, file: RawFile, group: Sequence[FileColumn], kind: str) -> tuple[list[int], int]:
        """Per column of ``group`` its numbers that files of other sources have; and how many any of them could have.

        A column of another file that none of them meets does not count: it is of another matter.
        """
        table = self._build(kind)
        pairs = self._ws.rows(
            f"select own.position, other.file_id, other.position, count(*) from {table} as own join {table} as other"
            " on own.key = other.key and own.source_id <> other.source_id where own.file_id = ? group by all",
            [file.file_id],
        )
        met = {column.position: 0 for column in group}
        most: dict[tuple[int, int], int] = {}
        for position, other_file, other_position, n in pairs:
            if position in met:
                met[position] += n
                most[other_file, other_position] = max(n, most.get((other_file, other_position), 0))
        return list(met.values()), sum(most.values())

    def share_met(self, file: RawFile, position: int, kind: str) -> float:
        """Of the numbers in a column that nobody uses, the share that used columns of other sources have."""
        table = self._build(kind)
        ((n, n_met),) = self._ws.rows(
            f"select count(*), count(*) filter (key in (select key from {table} where source_id <> ?)) from"
            f" (select distinct {written_alike(said(f'c{position}'))} as key from {file.raw}) where key is not null",
            [file.source.id],
        )
        return n_met / n if n else 0.0

    def only_there(self, file: RawFile, position: int, kind: str) -> int:
        """Of the numbers in a column that nobody uses, how many one other source names and nobody else answers to."""
        table = self._build(kind)
        key = written_alike(said(f"c{position}"))
        asked = (
            f"select key from {table} group by key having count(distinct source_id) = 1 and any_value(source_id) <> ?"
        )
        ((n,),) = self._ws.rows(
            f"select count(distinct {key}) from {file.raw} where {key} in ({asked})", [file.source.id]
        )
        return int(n)

    def drop(self) -> None:
        for kind in self._built:
            self._ws.con.execute(f"drop table key_place_{kind}")

    def _build(self, kind: str) -> str:
        table = f"key_place_{kind}"
        if kind in self._built:
            return table
        self._built.add(kind)
        self._ws.con.execute(
            f"create or replace temp table {table} (source_id varchar, file_id integer, position integer, key varchar)"
        )
        for file in self._files:
            for column in file.columns:
                if column.column_no is not None and any(
                    self._types[target] == kind for target in file.source.columns[column.column_no].fields
                ):
                    key = written_alike(said(f"c{column.position}"))
                    self._ws.con.execute(
                        f"insert into {table} select distinct {literal(file.source.id)}, {file.file_id},"
                        f" {column.position}, {key} from {file.raw} where {key} is not null"
                    )
        return table


def written_alike(text: str) -> str:
    """SQL: ``values.reference.case_number``, which makes numbers of persons alike too."""
    for old, new in ((WIDE, NARROW), _BRACKETS, (BLANKS, "")):
        text = f"translate({text}, {literal(old)}, {literal(new)})"
    return f"nullif(upper({text}), '')"
