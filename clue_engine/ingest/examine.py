"""The first rows of a file's tables as a load sees them, and which other sources a table is near to.

Comes in: a path or a table, the sources of the pack. Goes out: tables; ``Other``s. Nothing is written to a workspace.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.ingest.delimited import preview_text
from clue_engine.ingest.formats import detect
from clue_engine.ingest.header import candidates, heading_key
from clue_engine.ingest.parquet import preview_parquet
from clue_engine.ingest.recognise import Miss, index_sources, recognise
from clue_engine.ingest.sheets import by_file
from clue_engine.ingest.table import File, Table
from clue_engine.ingest.workbook import read_workbooks
from clue_engine.pack.model import Source
from clue_engine.staging import staging
from clue_engine.workspace import Workspace


@dataclass(frozen=True)
class Other:
    """A source that the table is not: what it lacks, or the heading that speaks against it."""

    source: Source
    n_found: int
    missing: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


def read_tables(path: Path, sources: Sequence[Source], encoding: str | None = None) -> list[Table]:
    """The first rows of every table of a file, as loading recognises them. Raises ClueError."""
    with staging(Path(tempfile.gettempdir())) as folder:
        return [table for tables in by_file(_read(path, encoding, folder), sources) for table in tables]


def _read(path: Path, encoding: str | None, folder: Path) -> list[Table]:
    kind = detect(path)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    file = File(path, kind, digest, path.stat().st_size)
    if kind == "text":
        return [preview_text(file, encoding)]
    if kind == "parquet":
        with Workspace.open(folder / "w") as ws:
            return [preview_parquet(ws, file)]
    (result,) = read_workbooks([file], folder, children=1)
    if isinstance(result, ClueError):
        raise result
    return result


def others(table: Table, sources: Sequence[Source], chosen: str | None) -> list[Other]:
    """Each source but the ``chosen`` one, looked at alone: how many columns it knows, what it lacks, what speaks
    against it; the nearest first."""
    keys = {key for header in candidates(table) for heading in header.headings for key in heading.keys}
    found: list[Other] = []
    for source in sources:
        if source.id == chosen or (chosen and "plain" in source.options.get("recognise", {})):
            continue
        n_found = len(keys & {heading_key(h)[0] for column in source.columns for h in column.headers})
        if n_found < 2:
            continue
        alone = recognise(table, index_sources([source]))
        missing = alone.missing if isinstance(alone, Miss) else ()
        against = tuple(_against(source, keys)) if isinstance(alone, Miss) and not missing else ()
        found.append(Other(source, n_found, missing, against))
    return sorted(found, key=lambda o: (-o.n_found, len(o.missing) + len(o.against), o.source.id))


def _against(source: Source, keys: set[str]) -> list[str]:
    """Words of headings that the source says it never has; what may be a cell of somebody is not shown."""
    words = source.options.get("recognise", {}).get("none", ())
    return [
        word.removeprefix("~")
        for word in words
        if (
            any(heading_key(word[1:])[0] in key for key in keys)
            if word.startswith("~")
            else heading_key(word)[0] in keys
        )
    ]
