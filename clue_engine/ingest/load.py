"""Exports into the workspace, as text and with their place. Nothing is cleaned here.

Comes in: files, sources of the pack. Goes out: tables input_file, raw_<file_id>, raw_column, reject, issue, and an
IngestReport. One table is one transaction together with its manifest row. file_id follows the sorted content, never
the order of arguments or of calls.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.ingest import manifest
from clue_engine.ingest.delimited import preview_text
from clue_engine.ingest.expected import note_expectations
from clue_engine.ingest.formats import detect
from clue_engine.ingest.inputs import list_inputs
from clue_engine.ingest.land import MAX_REJECTS, land
from clue_engine.ingest.parquet import preview_parquet
from clue_engine.ingest.recognise import Match, Miss, index_sources, recognise
from clue_engine.ingest.report import FileReport, IngestReport
from clue_engine.ingest.snapshot import snapshot_date
from clue_engine.ingest.table import File, Table
from clue_engine.ingest.workbook import read_workbooks
from clue_engine.pack.model import RecordKind, Source
from clue_engine.workspace import Workspace

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Plan:
    """A recognised table on its way in."""

    table: Table
    match: Match
    snapshot: dt.date | None

    @property
    def order(self) -> tuple[str, str, str, str, str]:
        snapshot = self.snapshot.isoformat() if self.snapshot else ""
        return (self.match.source.id, snapshot, self.table.file.name, self.table.sheet, self.table.file.sha256)


def ingest(
    ws: Workspace,
    sources: Sequence[Source],
    inputs: Iterable[Path],
    *,
    records: Mapping[str, RecordKind] | None = None,
    encoding: str | None = None,
    max_rejects: float = MAX_REJECTS,
    add: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Load ``inputs``; errors of single files are collected in the report.

    They take the place of what the workspace held; with ``add`` they stand beside it, and a content that is there
    already is passed over, with ``force`` loaded anew. ``records`` lets rows with moved cells be told by all types.
    """
    import duckdb

    say = progress or (lambda _: None)
    report = IngestReport()
    types = {f"{k.name}.{f.name}": f.type for k in records.values() for f in k.fields} if records else None
    paths, skipped = list_inputs(inputs)
    report.files += [FileReport(name, "", "skipped", reason) for name, reason in skipped]
    known = manifest.known_contents(ws) if add and not force else {}
    try:
        tables = _read(_identify(paths, known, report), ws, encoding, report, say)
        plans = sorted(_recognise_all(tables, sources, report), key=lambda p: p.order)
        batch = manifest.begin(ws, add=add)
        for plan in plans:
            say(f"载入 {plan.table.file.name} {plan.table.sheet}".rstrip())
            try:
                with ws.transaction():
                    manifest.forget(ws, plan.table.file.sha256, batch)
                    file_id = manifest.next_id(ws)
                    entry = land(ws, file_id, plan.table, plan.match, types=types, max_rejects=max_rejects)
                    entry = replace(entry, snapshot_date=plan.snapshot)
                    manifest.write(ws, entry, plan.table.file, batch)
            except (ClueError, duckdb.OutOfMemoryException) as problem:
                error = problem if isinstance(problem, ClueError) else _too_large(plan.table)
                report.errors.append(error)
                entry = _refused(plan.table, error)
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
    paths: Sequence[Path], known: Mapping[str, tuple[str, dt.date | None]], report: IngestReport
) -> list[File]:
    files: list[File] = []
    seen: dict[str, str] = {}
    for path in paths:
        try:
            kind = detect(path)
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except ClueError as error:
            report.errors.append(error)
            report.files.append(FileReport(path.name, "", "refused", f"{error.code} {error.message}"))
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
        if isinstance(result, ClueError):
            report.errors.append(result)
            report.files.append(FileReport(file.name, "", "refused", f"{result.code} {result.message}", kind=file.kind))
        else:
            tables += result
    for file in files:
        try:
            if file.kind == "text":
                tables.append(preview_text(file, encoding))
            elif file.kind == "parquet":
                tables.append(preview_parquet(ws, file))
        except ClueError as error:
            report.errors.append(error)
            report.files.append(FileReport(file.name, "", "refused", f"{error.code} {error.message}", kind=file.kind))
    return tables


def _recognise_all(tables: Sequence[Table], sources: Sequence[Source], report: IngestReport) -> list[_Plan]:
    indexes = index_sources(sources)
    plans: list[_Plan] = []
    by_file: dict[Path, list[Table]] = {}
    for table in tables:
        by_file.setdefault(table.file.path, []).append(table)
    for sheets in by_file.values():
        results = [(table, recognise(table, indexes)) for table in sheets]
        good = [(table, found) for table, found in results if isinstance(found, Match)]
        shown = [pair for pair in good if pair[0].visible] or good
        for table, match in shown:
            plans.append(_Plan(table, match, snapshot_date(table, match.header)))
        for table, found in results:
            if any(table is t for t, _ in shown):
                continue
            if shown:
                reason = "隐藏的工作表" if not table.visible else "空表" if not table.preview else "不是导出表"
                report.files.append(FileReport(table.file.name, table.sheet, "skipped", reason, kind=table.file.kind))
            elif isinstance(found, Miss) and (table.preview or len(sheets) == 1):
                error = _unknown(table, found)
                report.errors.append(error)
                report.files.append(_refused(table, error))
            else:
                report.files.append(FileReport(table.file.name, table.sheet, "skipped", "空表", kind=table.file.kind))
    return plans


def _unknown(table: Table, miss: Miss) -> ClueError:
    place = f"{table.file.name} {table.sheet}".rstrip()
    if miss.nearest is None:
        hint = "确认是导出的原表；新的表样在 rules/sources/ 增加一个来源文件"
        if table.file.kind == "text":
            hint += f"；本文件按 {table.encoding} 读出，若表头是乱码请用 --encoding 指定编码"
        return ClueError("CE-F08", "前 15 行里找不到认识的表头", place=place, hint=hint)
    missing = "、".join(miss.missing)
    hint = f"补上缺的列，或在 rules/sources/{miss.nearest.id}.yaml 里给该列增加一种表头写法"
    return ClueError(
        "CE-F05", f"最接近“{miss.nearest.label}”（认出 {miss.found} 列），但缺少：{missing}", place=place, hint=hint
    )


def _too_large(table: Table) -> ClueError:
    hint = "删去用不到的列，或把表分成几份再载入"
    return ClueError("CE-F15", "载入所需内存超过上限，已跳过", place=table.file.name, hint=hint)


def _refused(table: Table, error: ClueError) -> FileReport:
    return FileReport(
        table.file.name,
        table.sheet,
        "refused",
        f"{error.code} {error.message}",
        kind=table.file.kind,
        encoding=table.encoding,
    )
