"""Exports into the workspace, as text and with their place. Nothing is cleaned here.

Comes in: files, sources of the pack. Goes out: tables input_file, raw_<file_id>, raw_column, reject, issue, and an
IngestReport. One table is one transaction together with its manifest row. file_id follows the sorted content, never
the order of arguments or of calls.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.ingest import manifest
from clue_engine.ingest.delimited import preview_text
from clue_engine.ingest.expected import note_expectations
from clue_engine.ingest.formats import detect
from clue_engine.ingest.inputs import list_inputs
from clue_engine.ingest.land import MAX_REJECTS, land
from clue_engine.ingest.one_file import costs_its_file
from clue_engine.ingest.parquet import preview_parquet
from clue_engine.ingest.report import FileReport, IngestReport
from clue_engine.ingest.sheets import plan_tables
from clue_engine.ingest.table import File, Table
from clue_engine.ingest.workbook import read_workbooks
from clue_engine.pack.model import RecordKind, Source
from clue_engine.workspace import Workspace

Progress = Callable[[str], None]


def ingest(
    ws: Workspace,
    sources: Sequence[Source],
    inputs: Iterable[Path],
    *,
    records: Mapping[str, RecordKind] | None = None,
    encoding: str | None = None,
    sheets: Sequence[str] = (),
    max_rejects: float = MAX_REJECTS,
    add: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Load ``inputs``; errors of single files are collected in the report.

    They take the place of what the workspace held; with ``add`` they stand beside it, and a content that is there
    already is passed over, with ``force`` loaded anew. ``sheets``: names of sheets to take where a workbook has
    several of one source. ``records`` lets rows with moved cells be told by all types.
    """
    say = progress or (lambda _: None)
    report = IngestReport()
    types = {f"{k.name}.{f.name}": f.type for k in records.values() for f in k.fields} if records else None
    paths, skipped = list_inputs(inputs)
    report.files += [FileReport(name, "", "skipped", reason) for name, reason in skipped]
    known = manifest.known_contents(ws) if add and not force else {}
    try:
        tables = _read(_identify(ws, paths, known, report), ws, encoding, report, say)
        plans = sorted(plan_tables(ws, tables, sources, sheets, report), key=lambda p: p.order)
        batch = manifest.begin(ws, add=add)
        for nth, plan in enumerate(plans, 1):
            table, file = plan.table, plan.table.file
            say(f"载入 {nth}/{len(plans)} {file.name} {table.sheet}".rstrip())
            with costs_its_file(report, ws, file.name, table.sheet, kind=file.kind, encoding=table.encoding):
                with ws.transaction():
                    manifest.forget(ws, file.sha256, batch)
                    file_id = manifest.next_id(ws)
                    entry = land(ws, file_id, table, plan.match, types=types, max_rejects=max_rejects)
                    reason = "；".join(filter(None, (entry.reason, plan.part_of)))
                    entry = replace(entry, snapshot_date=plan.snapshot, reason=reason)
                    manifest.write(ws, entry, file, batch)
                report.files.append(entry)
    finally:
        for staged in (ws.directory / "tmp").glob("book*.arrow"):  # plain text of persons
            staged.unlink(missing_ok=True)
    numbers = manifest.number_by_content(ws)
    report.files = [replace(f, file_id=numbers[f.file_id]) if f.file_id else f for f in report.files]
    report.files.sort(key=lambda f: (f.file_id is None, f.file_id or 0, f.name, f.sheet))
    with ws.transaction():
        for number, entry in enumerate((f for f in report.files if f.file_id is None), 1 + len(numbers)):
            manifest.write(ws, replace(entry, file_id=number), None, batch)
        note_expectations(ws, sources)
    return report


def _identify(
    ws: Workspace, paths: Sequence[Path], known: Mapping[str, tuple[str, dt.date | None]], report: IngestReport
) -> list[File]:
    files: list[File] = []
    seen: dict[str, str] = {}
    for path in paths:
        digest = ""
        with costs_its_file(report, ws, path.name):
            kind = detect(path)
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if not digest:
            continue
        if digest in seen:
            report.files.append(FileReport(path.name, "", "skipped", f"与 {seen[digest]} 内容相同，不重复载入"))
            continue
        if digest in known:
            name, day = known[digest]
            reason = f"内容与 {day or ''} 载入的 {name} 相同，本次载入 0 行；要重新载入请加 --force"
            report.files.append(FileReport(path.name, "", "skipped", reason))
            report.known.append(path.name)
            continue
        seen[digest] = path.name
        files.append(File(path, kind, digest, path.stat().st_size))
    return files


def _read(
    files: Sequence[File], ws: Workspace, encoding: str | None, report: IngestReport, say: Progress
) -> list[Table]:
    tables: list[Table] = []
    books = [f for f in files if f.kind in ("xlsx", "xls", "html")]
    if books:
        say(f"读取 {len(books)} 个工作簿")
    for file, result in zip(books, read_workbooks(books, ws.directory / "tmp"), strict=True):
        with costs_its_file(report, ws, file.name, kind=file.kind):
            if isinstance(result, ClueError):
                raise result
            tables += result
    for file in files:
        with costs_its_file(report, ws, file.name, kind=file.kind):
            if file.kind == "text":
                tables.append(preview_text(file, encoding))
            elif file.kind == "parquet":
                tables.append(preview_parquet(ws, file))
    return tables
