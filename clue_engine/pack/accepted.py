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
    """Read the file; an entry that is none is left out."""
    entries: Iterable[Any] = value if isinstance(value, list) else ()
    return tuple(
        Accepted(
            str(one["source"]),
            tuple(sorted(map(str, one["headings"]))),
            {str(heading): str(field) for heading, field in one["columns"].items()},
        )
        for one in entries
        if isinstance(one, dict) and {"source", "headings", "columns"} <= set(one)
    )
