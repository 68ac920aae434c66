"""Which tables of which files are loaded, and as what.

Comes in: the tables that were read, the sources of the pack, the sheets that the user named. Goes out: one ``Plan``
per table to load; in the report every other sheet with the reason why not, and one coded message per file of which
nothing is taken, per sheet of persons that is not understood (CE-F05, F07, F08).
"""

from __future__ import annotations

import datetime as dt
import filecmp
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.ingest.codes_explained import explained
from clue_engine.ingest.header import candidates, heading_key
from clue_engine.ingest.one_file import costs_its_file
from clue_engine.ingest.packed import unpacked
from clue_engine.ingest.recognise import Match, Miss, index_sources, recognise
from clue_engine.ingest.report import FileReport, IngestReport
from clue_engine.ingest.sheet_parts import Sheet, are_parts
from clue_engine.ingest.snapshot import snapshot_date
from clue_engine.ingest.table import Table
from clue_engine.ingest.value_shape import NAME
from clue_engine.pack.field_words import FieldWords
from clue_engine.pack.model import Source
from clue_engine.values.identity import identity
from clue_engine.values.text import compact
from clue_engine.workspace import Workspace

ALL = "全部"  # said in place of the name of a sheet
_NAMED = 6  # sheets that a message lists
_PERSONS = 3  # named in a column: the sheet is about persons
_NEAR = 0.3  # a source that knows less of the headings is no neighbour


@dataclass(frozen=True)
class Plan:
    """A recognised table on its way in."""

    table: Table
    match: Match
    snapshot: dt.date | None
    part_of: str = ""  # said where several sheets are one list

    @property
    def order(self) -> tuple[str, str, str, str, str]:
        snapshot = self.snapshot.isoformat() if self.snapshot else ""
        return (self.match.source.id, snapshot, self.table.file.name, self.table.sheet, self.table.file.sha256)


def plan_tables(
    ws: Workspace, tables: Sequence[Table], sources: Sequence[Source], wanted: Sequence[str], report: IngestReport
) -> list[Plan]:
    """Choose the sheets of every file. Raises CE-U18 when no file has a sheet of a wanted name."""
    indexes = index_sources(sources)
    words = next((i.choice.words for i in indexes if i.choice), None)
    _require(wanted, tables)
    plans: list[Plan] = []
    for sheets in by_file(tables, sources):
        report.tables += sheets
        file = sheets[0].file
        with costs_its_file(report, ws, file.name, kind=file.kind, encoding=sheets[0].encoding):
            named = [table for table in sheets if table.sheet in wanted]
            found = [(table, recognise(table, indexes)) for table in named or sheets]
            chosen = _choose(found, named=bool(named))
            joined = bool(named) or ALL in wanted
            parts = _parts(ws, [pair for pair, why in chosen if not why], joined=joined)
            for (table, match), why in chosen:
                if isinstance(match, Miss) and table.visible and (table.is_form or names_persons(table, words)):
                    report.errors.append(error := unknown([(table, match)]))
                    reason = f"{error.code} {error.message}"
                    report.files.append(FileReport(file.name, table.sheet, "refused", reason, kind=file.kind))
                elif isinstance(match, Match) and not why:
                    plans.append(Plan(table, match, snapshot_date(table, match.header), parts.get(match.source.id, "")))
                else:
                    report.files.append(FileReport(file.name, table.sheet, "skipped", why, kind=file.kind))
            report.files += [
                FileReport(file.name, table.sheet, "skipped", "没有用 --sheet 指定", kind=file.kind)
                for table in sheets
                if named and table not in named
            ]
    return plans


def by_file(tables: Sequence[Table], sources: Sequence[Source]) -> list[list[Table]]:
    """The tables of each file as they are recognised: cells of several persons taken apart, explained codes read."""
    words = next((i.choice.words for i in index_sources(sources) if i.choice), None)
    found: dict[Path, list[Table]] = {}
    for table in tables:
        found.setdefault(table.file.path, []).append(table if words is None else unpacked(table, words))
    return explained(list(found.values()))


def names_persons(table: Table, words: FieldWords | None) -> bool:
    """Whether a sheet names several persons, by number or in a column of names: then it is no cover and no legend."""
    for position in range(table.n_columns):
        cells = [compact(row[position]) for row in table.preview if position < len(row) and row[position].strip()]
        if sum(identity(cell).kind in ("ok", "old15") for cell in cells) >= _PERSONS:
            return True
        names = sum(NAME.fullmatch(cell) is not None and _is_named(cell, words) for cell in cells)
        if names >= _PERSONS and names >= 0.5 * len(cells):
            return True
    return False


def _is_named(cell: str, words: FieldWords | None) -> bool:
    return words is not None and cell[0] in words.surnames and cell not in words.code_words


def _require(wanted: Sequence[str], tables: Sequence[Table]) -> None:
    there = list(dict.fromkeys(table.sheet for table in tables if table.sheet))
    for name in wanted:
        if name != ALL and name not in there:
            hint = f"有的工作表：{'、'.join(there[:_NAMED])}" if there else "这次的文件里没有工作簿"
            raise ClueError("CE-U18", f"没有工作表“{name}”", place="--sheet", hint=hint)


_Found = tuple[Table, Match | Miss]


def _choose(found: Sequence[_Found], *, named: bool) -> list[tuple[_Found, str]]:
    """Each sheet with the reason why it is not loaded, "" for one that is. Raises CE-F05, F08."""
    good = [pair for pair in found if isinstance(pair[1], Match)]
    if not good:
        raise unknown([(table, miss) for table, miss in found if isinstance(miss, Miss)])
    visible = named or not any(table.visible for table, _ in good)
    chosen: list[tuple[_Found, str]] = []
    for table, match in found:
        why = ""
        if isinstance(match, Miss):
            why = "不是导出表" if table.preview else "空表"
        elif not (table.visible or visible):
            why = "隐藏的工作表"
        elif twin := next((t.sheet for (t, _), w in chosen if not w and _same(t, table)), None):
            why = f"与工作表“{twin}”内容相同，不重复载入"
        chosen.append(((table, match), why))
    return chosen


def _same(one: Table, other: Table) -> bool:
    """Whether two sheets hold the same cells."""
    return bool(one.staged and other.staged and filecmp.cmp(one.staged, other.staged, shallow=False))


def _parts(ws: Workspace, kept: Sequence[_Found], *, joined: bool) -> dict[str, str]:
    """What is said of several sheets of one source that are loaded together.

    They may be parts of a list, or an old and a new state of it. Raises CE-F07 where neither the rows nor the user
    (``joined``) tell.
    """
    said: dict[str, str] = {}
    by_source: dict[str, list[tuple[Table, Match]]] = {}
    for table, match in kept:
        if isinstance(match, Match):
            by_source.setdefault(match.source.id, []).append((table, match))
    for source_id, pairs in by_source.items():
        if len(pairs) > 1 and not joined:
            names = [f"“{table.sheet}”" for table, _ in pairs]
            more = f"等 {len(names)} 张" if len(names) > _NAMED else f"这 {len(names)} 张"
            if str(pairs[0][1].source.options.get("adds_up")) in ("是", "true"):
                said[source_id] = (
                    f"工作表{'、'.join(names[:_NAMED])}{more}一并载入，各人各期的金额相加，相同的一笔只算一次"
                )
                continue
            if are_parts(ws, [_sheet(table, match) for table, match in pairs]):
                said[source_id] = f"工作表{'、'.join(names[:_NAMED])}{more}一并载入"
                continue
            raise ClueError(
                "CE-F07",
                f"工作表{'、'.join(names[:_NAMED])}{more}都像“{pairs[0][1].source.label}”，不知道该用哪一张",
                place=pairs[0][0].file.name,
                hint=f"用 --sheet 名称 指定（可写多次）；几张合起来才是完整的名单时用 --sheet {ALL}",
            )
    return said


def _sheet(table: Table, match: Match) -> Sheet:
    keys = frozenset(heading_key(column.header)[0] for column in match.columns if column.header)
    return Sheet(table, match.header.row, keys, snapshot_date(table, match.header))


def unknown(misses: Sequence[tuple[Table, Miss]]) -> ClueError:
    """The message about the sheet that comes nearest to a source."""
    nearest, miss = max(misses, key=lambda pair: (pair[1].found, bool(pair[0].preview), pair[0].visible))
    file = nearest.file.name
    place = f"{file} {nearest.sheet}".rstrip()
    if miss.nearest is None:
        hint = f"确认是导出的原表；新的表样用 clue-engine sources draft {file} 拟一份来源文件"
        if nearest.file.kind == "text":
            hint += f"；本文件按 {nearest.encoding} 读出，若表头是乱码请用 --encoding 指定编码"
        return ClueError("CE-F08", "前 15 行里找不到认识的表头", place=place, hint=hint)
    missing = "、".join(miss.missing)
    hint = f"补上缺的列；只是表头写法不同的，用 {_alias(file, miss)}；另一种表用 clue-engine sources draft {file}"
    return ClueError(
        "CE-F05", f"最接近“{miss.nearest.label}”（认出 {miss.found} 列），但缺少：{missing}", place=place, hint=hint
    )


def instead(table: Table, sources: Sequence[Source]) -> str:
    """What is better than a source of its own for a table that is nearly known; "" where nothing is."""
    found = recognise(table, index_sources(sources))
    if (
        isinstance(found, Match)
        or found.nearest is None
        or found.found < _NEAR * sum(bool(h) for h in _headings(table))
    ):
        return ""
    missing = "、".join(found.missing)
    return (
        f"这份表最接近“{found.nearest.label}”（认出 {found.found} 列），缺少：{missing}。"
        f"只是表头写法不同的，不必另拟：{_alias(table.file.name, found)}"
    )


def _headings(table: Table) -> list[str]:
    header = next(iter(candidates(table)), None)
    return [heading.text for heading in header.headings if heading.keys] if header else []


def _alias(file: str, miss: Miss) -> str:
    known = {h for column in (miss.nearest.columns if miss.nearest else ()) for h in column.headers}
    names = [name for name in miss.missing if name in known][:_NAMED] or ["字段"]
    return f"clue-engine sources alias {file} {' '.join(f'表里的写法={name}' for name in names)}"
