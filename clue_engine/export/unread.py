"""Filled columns of case and party tables that nobody reads: which they are, and what these tables do not give.

Comes in: input_file, raw_column, raw_*, the issues about headings; after a scan missing_fact. Goes out: one sentence
per file; never a value. What stands in such a column counts as not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from clue_engine.export.privacy import redact
from clue_engine.export.unused import cost
from clue_engine.pack.model import Pack, RecordKind
from clue_engine.workspace import Workspace

_KINDS = ("case", "victim")
_NAMED = 8  # columns, fields


def unread_columns(ws: Workspace, pack: Pack) -> list[str]:
    """In the order of the files."""
    found = []
    records = {source.id: source.records for source in pack.sources}
    for file_id, name, sheet, source_id in ws.rows(
        "select file_id, name, sheet, source_id from input_file where status = 'loaded' order by file_id"
    ):
        kinds = [pack.records[kind] for kind in records.get(source_id, ()) if kind in _KINDS]
        columns = _filled(ws, file_id) if kinds else []
        if columns:
            place = redact(name) + (f" [{redact(sheet)}]" if sheet else "")
            said = "、".join(f"“{redact(header)}”（{n} 格）" for header, n in columns[:_NAMED])
            more = f"等 {len(columns)} 列" if len(columns) > _NAMED else ""
            found.append(f"{place}：没有读的列{said}{more}，写在里面的都按不知道处理{_lost(ws, pack, file_id, kinds)}")
    return found


def _filled(ws: Workspace, file_id: int) -> list[tuple[str, int]]:
    """Headings that are not known, with the cells that are not empty, the fullest first."""
    places = ws.rows(
        "select distinct c.position, c.header from raw_column as c"
        " join issue as i on i.file_id = c.file_id and i.column_name = c.header and i.code = 'COLUMN_UNKNOWN'"
        " where c.file_id = ? and c.field is null order by 1",
        [file_id],
    )
    if not places:
        return []
    counts = ", ".join(f"count(*) filter (trim(c{position}) <> '')" for position, _ in places)
    (numbers,) = ws.rows(
        f"select {counts} from raw_{file_id} where row_no not in (select row_no from reject where file_id = {file_id})"
    )
    found = [(header, n) for (_, header), n in zip(places, numbers, strict=True) if n]
    return sorted(found, key=lambda one: -one[1])


def _lost(ws: Workspace, pack: Pack, file_id: int, kinds: list[RecordKind]) -> str:
    """What rules need and no column of this file gives, and how much hangs on it."""
    fed = {
        field
        for (fields,) in ws.rows("select field from raw_column where file_id = ? and field is not null", [file_id])
        for field in fields.split(",")
    }
    labels = list(dict.fromkeys(label for kind in kinds for label in _lacking(kind, fed)))
    if not labels:
        return ""
    n_rules, n_households = cost(ws, pack, labels)
    how_much = f"（影响 {n_rules} 条规则、{n_households} 户）" if n_households else ""
    return f"；这张表没有读出{'、'.join(labels[:_NAMED])}{how_much}"


def _lacking(kind: RecordKind, fed: set[str]) -> Iterator[str]:
    given = {target.partition(".")[2] for target in fed if target.partition(".")[0] == kind.name}
    numbered = any(f.type == "caseno" and f.name in given for f in kind.fields if f.name in kind.needed)
    for field in kind.fields:
        if field.name in kind.needed and field.name not in given and not (field.type == "caseno" and numbered):
            yield field.label
