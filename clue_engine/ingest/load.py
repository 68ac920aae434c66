"""Exports into the workspace, as text and with their place. Nothing is cleaned here.

Comes in: files, sources of the pack. Goes out: tables input_file, raw_<file_id>, raw_column, reject, issue, and an
IngestReport. One table is one transaction together with its manifest row. file_id follows the sorted content, never
the order of arguments.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.ingest.delimited import preview_text
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
from clue_engine.workspace import Workspace, ident

Progress = Callable[[str], None]

_SCHEMA = """
create or replace table input_file (file_id integer, name varchar, path varchar, sha256 varchar, bytes bigint,
    kind varchar, encoding varchar, sheet varchar, header_row integer, source_id varchar, source_label varchar,
    n_read bigint, n_loaded bigint, n_rejected bigint, snapshot_date date, status varchar, reason varchar);
create or replace table raw_column (file_id integer, position integer, header varchar, field varchar,
    unit varchar, column_no integer);
create or replace table reject (file_id integer, row_no bigint, code varchar, reason varchar);
create or replace table issue (code varchar, level varchar, file_id integer, row_no bigint,
    column_name varchar, detail varchar);
"""


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
    progress: Progress | None = None,
) -> IngestReport:
    """Load ``inputs`` in place of what the workspace held. Errors of single files are collected in the report."""
    types = {f"{k.name}.{f.name}": f.type for k in records.values() for f in k.fields} if records else None
    say = progress or (lambda _: None)
    report = IngestReport()
    paths, skipped = list_inputs(inputs)
    report.files += [FileReport(name, "", "skipped", reason) for name, reason in skipped]
    tables = _read(_identify(paths, report), ws, encoding, report, say)
    plans = sorted(_recognise_all(tables, sources, report), key=lambda p: p.order)
    _clear(ws)
    for plan in plans:
        say(f"载入 {plan.table.file.name} {plan.table.sheet}".rstrip())
        file_id = 1 + sum(f.status == "loaded" for f in report.files)
        try:
            with ws.transaction():
                entry = land(ws, file_id, plan.table, plan.match, types=types, max_rejects=max_rejects)
                entry = replace(entry, snapshot_date=plan.snapshot)
                _manifest(ws, entry, plan.table.file)
        except ClueError as error:
            report.errors.append(error)
            entry = _refused(plan.table, error)
        report.files.append(entry)
    report.files.sort(key=lambda f: (f.file_id is None, f.file_id or 0, f.name, f.sheet))
    with ws.transaction():
        for number, entry in enumerate((f for f in report.files if f.file_id is None), 1 + len(report.loaded)):
            _manifest(ws, replace(entry, file_id=number), None)
    for table in tables:
        if table.staged is not None:
            table.staged.unlink(missing_ok=True)
    return report


def _identify(paths: Sequence[Path], report: IngestReport) -> list[File]:
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
            report.files.append(FileReport(path.name, "", "skipped", f"与 {seen[digest]} 内容相同,不重复载入"))
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
        hint = "确认是导出的原表;新的表样在 rules/sources/ 增加一个来源文件"
        if table.file.kind == "text":
            hint += f";本文件按 {table.encoding} 读出,若表头是乱码请用 --encoding 指定编码"
        return ClueError("CE-F08", "前 15 行里找不到认识的表头", place=place, hint=hint)
    missing = "、".join(miss.missing)
    hint = f"补上缺的列,或在 rules/sources/{miss.nearest.id}.yaml 里给该列增加一种表头写法"
    return ClueError(
        "CE-F05", f"最接近“{miss.nearest.label}”(认出 {miss.found} 列),但缺少:{missing}", place=place, hint=hint
    )


def _refused(table: Table, error: ClueError) -> FileReport:
    return FileReport(
        table.file.name,
        table.sheet,
        "refused",
        f"{error.code} {error.message}",
        kind=table.file.kind,
        encoding=table.encoding,
    )


def _clear(ws: Workspace) -> None:
    with ws.transaction():
        for (name,) in ws.rows(
            "select table_name from duckdb_tables() where regexp_full_match(table_name, 'raw_[0-9]+')"
        ):
            ws.con.execute(f"drop table {ident(name)}")
        ws.con.execute(_SCHEMA)


def _manifest(ws: Workspace, entry: FileReport, file: File | None) -> None:
    ws.con.execute(
        "insert into input_file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            entry.file_id,
            entry.name,
            str(file.path) if file else None,
            file.sha256 if file else None,
            file.size if file else None,
            entry.kind,
            entry.encoding,
            entry.sheet,
            entry.header_row,
            entry.source_id,
            entry.source_label,
            entry.n_read,
            entry.n_loaded,
            entry.n_rejected,
            entry.snapshot_date,
            entry.status,
            entry.reason,
        ],
    )
