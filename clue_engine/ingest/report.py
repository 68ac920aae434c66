"""What an ingest did: rows read, loaded and rejected per file and sheet; which files were refused or skipped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from clue_engine.errors import ClueError
from clue_engine.ingest.table import Table


@dataclass(frozen=True)
class FileReport:
    """One row of table input_file. ``file_id`` is None for what was skipped or refused before it had a place."""

    name: str
    sheet: str
    status: str  # loaded | skipped | refused
    reason: str = ""
    file_id: int | None = None
    kind: str = ""
    encoding: str = ""
    header_row: int | None = None
    source_id: str | None = None
    source_label: str = ""
    n_read: int = 0
    n_loaded: int = 0
    n_rejected: int = 0
    snapshot_date: dt.date | None = None


@dataclass
class IngestReport:
    """All files of a run; ``errors`` hold what was refused and why (exit code 3 when the others went on)."""

    files: list[FileReport] = field(default_factory=list)
    errors: list[ClueError] = field(default_factory=list)
    known: list[str] = field(default_factory=list)  # files whose content was loaded before
    tables: list[Table] = field(default_factory=list)  # as they were recognised

    @property
    def unchanged(self) -> bool:
        """Whether this call only named contents that the workspace held already."""
        return bool(self.known) and not self.loaded

    @property
    def loaded(self) -> list[FileReport]:
        return [f for f in self.files if f.status == "loaded"]
