"""How good the inputs are: per file rows read, loaded, rejected; filled cells per column; issues by code.

Comes in: input_file, raw_*, raw_column, issue. Goes out: records; no value of a person, only counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from clue_engine.export.privacy import redact
from clue_engine.workspace import Workspace, ident


@dataclass(frozen=True)
class Column:
    header: str
    field: str
    n_filled: int
    n_rows: int

    @property
    def rate(self) -> float | None:
        return self.n_filled / self.n_rows if self.n_rows else None


@dataclass(frozen=True)
class FileQuality:
    file_id: int
    name: str
    sheet: str
    source: str
    status: str
    reason: str
    snapshot_date: str
    n_read: int
    n_loaded: int
    n_rejected: int
    columns: tuple[Column, ...]
    issues: tuple[tuple[str, str, int, str], ...]  # code, column, count, what it means


def file_quality(ws: Workspace) -> list[FileQuality]:
    """One record per input file, in file order."""
    issues: dict[int, list[tuple[str, str, int, str]]] = {}
    for file_id, code, column, n, detail in ws.rows(
        "select file_id, code, coalesce(column_name, ''), count(*), coalesce(min(detail), '')"
        " from issue group by file_id, code, column_name order by 1, 4 desc, 2, 3"
    ):
        issues.setdefault(file_id, []).append((code, redact(column), n, redact(detail)))
    found = []
    for row in ws.dicts("select * from input_file order by file_id"):
        found.append(
            FileQuality(
                file_id=row["file_id"],
                name=redact(row["name"]),
                sheet=row["sheet"] or "",
                source=row["source_label"] or "",
                status=row["status"] or "",
                reason=redact(row["reason"]),
                snapshot_date=str(row["snapshot_date"] or ""),
                n_read=row["n_read"] or 0,
                n_loaded=row["n_loaded"] or 0,
                n_rejected=row["n_rejected"] or 0,
                columns=_columns(ws, row["file_id"]),
                issues=tuple(issues.get(row["file_id"], ())),
            )
        )
    return found


def _columns(ws: Workspace, file_id: int) -> tuple[Column, ...]:
    raw = f"raw_{int(file_id)}"
    if not ws.has_table(raw):
        return ()
    heads = ws.rows(
        "select position, any_value(header), string_agg(distinct field, ',' order by field) from raw_column"
        " where file_id = ? group by position order by position",
        [file_id],
    )
    if not heads:
        return ()
    counts = ", ".join(f"count(nullif(trim({ident(f'c{position}')}), ''))" for position, _, _ in heads)
    total, *filled = ws.rows(f"select count(*), {counts} from {ident(raw)}")[0]
    return tuple(
        Column(redact(header), field or "", n, total) for (_, header, field), n in zip(heads, filled, strict=True)
    )
