"""Which columns of a file feed which field of a record table.

Comes in: the columns a file was recognised with, its source, the record kinds. Goes out: one ``Feed`` per field
that the file has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clue_engine.ingest.header import heading_key
from clue_engine.pack.model import RecordField, RecordKind, Source, SourceColumn


@dataclass(frozen=True)
class FileColumn:
    """A row of raw_column."""

    position: int
    header: str
    unit: str | None
    column_no: int | None
    is_unpacked: bool = False  # taken out of a column in whose cells several persons stand
    lost: frozenset[str] = frozenset()  # record fields of its heading that another column feeds


@dataclass(frozen=True)
class RawFile:
    """A loaded table: raw_<file_id> with its columns and its source."""

    file_id: int
    source: Source
    columns: tuple[FileColumn, ...]

    @property
    def raw(self) -> str:
        return f"raw_{self.file_id}"

    @property
    def stage(self) -> str:
        """The view of its rows, one person each, while it is read."""
        return f"stage_{self.file_id}"


@dataclass(frozen=True)
class Feed:
    """A field and its columns, in groups: a group must agree, the first group that says something counts."""

    field: RecordField
    groups: tuple[tuple[FileColumn, ...], ...]
    source_columns: tuple[SourceColumn, ...]
    constant: str | None
    joined: bool
    meant: tuple[str, ...] = ()  # per group: the table of what unlike texts mean together, "" when there is none
    derived: bool = False  # what the column of another field says beside it: no column of its own

    @property
    def header(self) -> str:
        return self.groups[0][0].header if self.groups else self.field.label

    @property
    def unit(self) -> str | None:
        return self.groups[0][0].unit if self.groups else None

    @property
    def positions(self) -> tuple[int, ...]:
        return tuple(c.position for group in self.groups for c in group)

    @property
    def values(self) -> Mapping[str, str]:
        merged: dict[str, str] = {}
        for column in reversed(self.source_columns):
            merged.update(column.values)
        return merged

    @property
    def split(self) -> str | None:
        return next((c.split for c in self.source_columns if c.split), None)


def feeds(source: Source, kind: RecordKind, columns: Sequence[FileColumn]) -> list[Feed]:
    """Every field of ``kind`` that this file fills, in the order of the record layout."""
    join = set(source.options.get("join", ()))
    result = []
    for field in kind.fields:
        target = f"{kind.name}.{field.name}"
        groups, used = [], []
        for number, column in enumerate(source.columns):
            if target not in column.fields:
                continue
            group = tuple(c for c in columns if c.column_no == number and target not in c.lost)
            if group:
                groups.append(group)
                used.append(column)
        constant = source.constants.get(target)
        if groups or constant is not None:
            result.append(Feed(field, tuple(groups), tuple(used), constant, target in join))
    return result


def kinds_of(file: RawFile) -> list[str]:
    """The records a file has: ``only_with`` of its source names the fields without which it has none of a kind.

    A list without heads of households says who is on it, not who lives with whom.
    """
    only_with = file.source.options.get("only_with", {})
    filled = {f for c in file.columns if c.column_no is not None for f in file.source.columns[c.column_no].fields}
    return [kind for kind in file.source.records if kind not in only_with or filled.intersection(only_with[kind])]


def groups_of_persons(file: RawFile) -> tuple[tuple[str, ...], ...]:
    """The fields of the persons of a row: those of the source, and those that stand together in one cell."""
    found: dict[str, list[str]] = {}
    for column in file.columns:
        fields = file.source.columns[column.column_no].fields if column.column_no is not None else ()
        for target in fields if column.is_unpacked else ():
            found.setdefault(target.partition(".")[0], []).append(target)
    known = {group[0] for group in file.source.persons}
    named = (sorted(group, key=lambda target: not target.endswith("name")) for group in found.values())
    return *file.source.persons, *(tuple(group) for group in named if group[0] not in known)


def n_persons(source: Source) -> int:
    """Of how many kinds of record the persons of a row are."""
    return len({group[0].partition(".")[0] for group in source.persons if group})


def twins(group: Sequence[FileColumn]) -> bool:
    """Whether columns stand under one and the same heading: nobody knows which of them holds."""
    return len({heading_key(column.header)[0] for column in group}) < len(group)


def differ(texts: Sequence[str], are_twins: bool) -> str:
    """SQL: do the columns of a group say different things? Of twins, an empty cell beside a filled one does."""
    distinct = f"list_distinct([{', '.join(texts)}])"  # leaves NULL out
    blanks = f" or (len({distinct}) = 1 and ({' or '.join(f'{text} is null' for text in texts)}))" if are_twins else ""
    return f"(len({distinct}) > 1{blanks})"
