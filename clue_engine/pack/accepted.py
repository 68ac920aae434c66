"""Columns that a person has accepted for a table with exactly these headings: vocabulary/accepted.yaml of a local pack.

Comes in: the parsed file. Goes out: ``Accepted`` records. Headings only; no value of a cell is ever in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FILE = "accepted.yaml"


@dataclass(frozen=True)
class Accepted:
    """``headings``: those of the whole table. ``columns``: heading -> record field."""

    source: str
    headings: tuple[str, ...]  # sorted
    columns: Mapping[str, str]


def accepted(value: object) -> tuple[Accepted, ...]:
    """Read the file; of ``others`` none is read."""
    entries: Iterable[Any] = value if isinstance(value, list) else ()
    return tuple(
        Accepted(
            str(one["source"]),
            tuple(sorted(map(str, one["headings"]))),
            {str(heading): str(field) for heading, field in one["columns"].items()},
        )
        for one in entries
        if _is_entry(one)
    )


def others(value: object) -> list[Any]:
    """What stands in the file and is no entry: a person's decision that would not be followed."""
    return [one for one in value if not _is_entry(one)] if isinstance(value, list) else [value] if value else []


def _is_entry(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and {"source", "headings", "columns"} <= set(one)
        and isinstance(one["headings"], list)
        and isinstance(one["columns"], dict)
    )
