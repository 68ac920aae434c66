"""One recognised table into raw_<file_id>, and every row of it accounted for: loaded + rejected = read.

Comes in: a table and what it was recognised as. Goes out: raw_<file_id>, rows of raw_column, reject and issue, and
a FileReport.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from clue_engine.errors import ClueError
from clue_engine.ingest.blocks import align_blocks
from clue_engine.ingest.by_cells import by_cells, told_in_text
from clue_engine.ingest.codes_explained import explain
from clue_engine.ingest.header import heading_key
from clue_engine.ingest.heading_parse import year_of
from clue_engine.ingest.infer import LOOK, infer
from clue_engine.ingest.land_shown import INFERRED, Note, dates_from_1904, not_shown
from clue_engine.ingest.long_rows import LongRows, Mended
from clue_engine.ingest.merged import fill_merged
from clue_engine.ingest.packed import is_unpacked, second_to_others, unpack
from clue_engine.ingest.parquet import parquet_select
from clue_engine.ingest.recognise import Match, lacking, least_filled
from clue_engine.ingest.report import FileReport
from clue_engine.ingest.row_check import column_kind, footer_pattern, row_faults
from clue_engine.ingest.snapshot import snapshot_date
from clue_engine.ingest.table import PARTS, Packed, Table
from clue_engine.ingest.text_table import TOO_MANY_HINT, load_text
from clue_engine.values.money import MONTHLY
from clue_engine.values.text import ERROR_WORDS
from clue_engine.workspace import Workspace, literal

MAX_REJECTS = 0.05  # share of faulty rows above which a file is refused
_FEW = 3  # faulty rows that a small file may always have
FAULTS = ("RAGGED", "QUOTE", "SHIFTED", "NUL", "LONG")
REASONS = {
    "TITLE": "标题行",
    "EMPTY": "空行",
    "FOOTER": "合计、注释或落款行",
    "NOTE": "只有说明文字的行",
    "HEADER": "重复的表头行",
    "BLOCK": "另一张表头下面的行，缺本表必要的列",
    "RAGGED": "列数与表头不符",
    "QUOTE": "引号没有成对",
    "SHIFTED": "内容错位：证件号码、日期等不在自己的列",
    "NUL": "含有空字节",
    "LONG": "一行超过 100 万字",
}

_UNUSED = {"COLUMN_DOUBTFUL": "像某一项而没有用的列", "COLUMN_OLDER": "往年的列，未使用"}
_MENDED = "该行比表头多出格子，只有一种读法合各列的类型，已按此读入"


def land(
    ws: Workspace,
    file_id: int,
    table: Table,
    match: Match,
    *,
    types: Mapping[str, str] | None = None,
    max_rejects: float = MAX_REJECTS,
) -> FileReport:
    """Load the table; raises ClueError CE-E18 or CE-F09 (too many faulty rows), the caller rolls back."""
    raw = f"raw_{file_id}"
    rejects = [
        (table.line(n), "TITLE")
        for n, row in enumerate(table.preview[: match.header.first_row - 1], 1)
        if any(c.strip() for c in row)
    ]
    n_columns = max(table.n_columns, len(match.columns))
    n_written = n_columns - len(PARTS) * len(table.packed)
    types = _types(match, types)
    long_rows = _long_rows(table, match, types)
    mended: list[Mended] = []
    merged: list[tuple[str, str, str, str]] = []
    counted: list[Note] = []
    if table.staged is not None:
        _from_arrow_file(ws, raw, n_written, table, match.header.row)
        counted += _unpacked(ws, raw, table, match)
        understood = _understood(ws, raw, match, table)
        merged = fill_merged(ws, raw, table, understood, types)
        counted += dates_from_1904(ws, raw, table, understood, types)
    elif table.file.kind == "parquet":
        ws.con.execute(f"create or replace table {raw} as {parquet_select(ws, table)}")
    else:
        footer = footer_pattern(match.source)
        rejects += load_text(ws, raw, table, match.header.row, n_written, footer, max_rejects, long_rows, mended)
        counted += _unpacked(ws, raw, table, match)
    counted += explain(ws, raw, table)
    match = _understood(ws, raw, match, table)
    n_beside = len(rejects)  # title rows and bad records: read, but not in the raw table
    beside, aligned = align_blocks(ws, raw, table, match, n_columns)
    rejects += beside
    taken = {n for n, _ in beside}
    rejects += [(n, code) for n, code in row_faults(ws, raw, match, types, n_columns) if n not in taken]
    n_rows = ws.rows(f"select count(*) from {raw}")[0][0]
    n_read = n_rows + n_beside
    faulty = sum(code in FAULTS for _, code in rejects)
    if faulty > max_rejects * max(n_read, 1) and faulty > _FEW:
        place = f"{table.file.name} {table.sheet}".rstrip()
        first = min(n for n, code in rejects if code in FAULTS)
        message = f"{n_read} 行中有 {faulty} 行列数不符或错位，首处在第 {first} 行，整份不载入"
        raise ClueError("CE-F09", message, place=place, hint=TOO_MANY_HINT)
    insert(ws, "reject", [(file_id, n, code, REASONS[code]) for n, code in sorted(rejects)])
    _columns(ws, file_id, match, table)
    gone = {n for n, _ in rejects}
    _note(ws, file_id, table, match, [m for m in mended if m.line not in gone])
    _note_failed_formulas(ws, raw, file_id, match)
    insert(ws, "issue", [(code, level, file_id, None, header, said) for code, level, header, said in merged])
    told = [*aligned, *counted, *not_shown(ws, raw, table, match, gone)]
    insert(ws, "issue", [(code, level, file_id, row, header, said) for code, level, row, header, said in told])
    return FileReport(
        table.file.name,
        table.sheet,
        "loaded",
        reason(table, match) + _of_rows(rejects, n_read),
        file_id,
        table.file.kind,
        table.encoding,
        table.line(match.header.row),
        match.source.id,
        match.source.label,
        n_read,
        n_read - len(rejects),
        len(rejects),
    )


def _understood(ws: Workspace, raw: str, match: Match, table: Table) -> Match:
    """The table with the columns that its headings and values tell; raises CE-F05 when a required one turns out none.

    Judged on many more rows than recognising saw.
    """
    if match.choice is None:
        return match
    limit = int(match.choice.words.bar("sample"))
    least = least_filled(len(match.columns))
    places = [c.position for c in match.columns if c.position <= table.n_columns]
    filled = f"len(list_filter([{', '.join(f'c{p}' for p in places)}], lambda cell: trim(cell) <> ''))"
    said = ", ".join(f"substr(c{p}, 1, {LOOK})" for p in places)
    rows = ws.rows(f"select {said} from {raw} where {filled} >= {least} order by row_no limit {limit}")
    by_position = dict(zip(places, zip(*rows, strict=True), strict=False))

    @cache
    def cells(position: int) -> Sequence[str]:
        return [cell or "" for cell in by_position.get(position, ())]

    columns, doubts = infer(
        match.source, match.choice, match.header, match.columns, cells, snapshot_date(table, match.header)
    )
    columns = told_in_text(match.source, columns, cells, match.choice.words.incidents)
    if table.packed:
        columns, seconds = second_to_others(table, match.source, match.choice.words, columns)
        doubts += seconds
    columns = by_cells(match.source, columns, cells, match.choice.words)
    used = {c.header for c in columns if c.column_no is not None}
    doubts = tuple(doubt for doubt in doubts if doubt.header not in used)
    if match.plain is not None:
        columns, unowned = match.plain.held(match.source, match.choice, match.header, columns, match.title)
        doubts += unowned
    lost = lacking(match.source, {c.column_no for c in columns})
    if lost and not match.lacks:
        place = f"{table.file.name} {table.sheet}".rstrip()
        why = "；".join(f"“{d.header}”像“{d.label}”，但{d.why}" for d in doubts)
        command = f"clue-engine sources alias {table.file.name} 表里的写法={lost[0]}"
        hint = f"补上缺的列；只是表头写法不同的，用 {command}"
        message = f"像“{match.source.label}”，但缺少：{'、'.join(lost)}{f'（{why}）' if why else ''}"
        raise ClueError("CE-F05", message, place=place, hint=hint)
    return replace(match, columns=columns, doubts=doubts)


def reason(table: Table, match: Match) -> str:
    """Why the table was taken for its source, in one line."""
    known = sum(c.column_no is not None for c in match.columns)
    first, last = table.line(match.header.first_row), table.line(match.header.row)
    rows = f"第 {last} 行"
    if match.header.first_row < match.header.row:
        rows = f"第 {first}–{last} 行（两行合并）"
    said = [f"表头在{rows}，{len(match.columns)} 列认出 {known} 列"]
    if match.ties:
        said.append("也像：" + "、".join(match.ties))
    if table.reader:
        said.append(f"首选读取程序失败，改用 {table.reader}")
    return "；".join(said)


def _of_rows(rejects: Sequence[tuple[int, str]], n_read: int) -> str:
    """What the line of a file says of its rows beside their number."""
    if not n_read:
        return "；表头下面没有数据"
    ragged = [n for n, code in rejects if code == "RAGGED"]
    return f"；列数与表头不符未装载 {len(ragged)} 行，首处在第 {min(ragged)} 行" if ragged else ""


def insert(ws: Workspace, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Rows into a table at once: row by row takes a millisecond each."""
    import pyarrow as pa

    if not rows:
        return
    columns = [pa.array(list(column)) for column in zip(*rows, strict=True)]
    with ws.shown("new_rows", pa.table(columns, names=[f"v{i}" for i in range(len(columns))])):
        ws.con.execute(f"insert into {table} select * from new_rows")


def _types(match: Match, types: Mapping[str, str] | None) -> Mapping[str, str]:
    """The types of record fields; without the record layout identity numbers are known by their names."""
    if types is not None:
        return types
    fields = [f for column in match.source.columns for f in column.fields]
    return {f: "id" if f.endswith((".id", "_id")) else "text" for f in fields}


def _long_rows(table: Table, match: Match, types: Mapping[str, str]) -> LongRows:
    """What reads records with more cells than the header, which may itself have fewer than most rows."""
    header = match.header
    n_header = max(table.widths[header.first_row - 1 : header.row], default=len(match.columns))
    kinds = [column_kind(match, column, types) for column in match.columns[:n_header]]
    return LongRows(kinds, table.dialect.delimiter if table.dialect else ",")


def _note(ws: Workspace, file_id: int, table: Table, match: Match, mended: Sequence[Mended]) -> None:
    """Issues of the table as a whole, among them the headings that no source knows."""
    doubted = {d.header for d in match.doubts}
    notes: list[tuple[object, ...]] = [
        ("COLUMN_UNKNOWN", "note", file_id, None, header, "表头不认识，该列未使用")
        for header in (c.header for c in match.columns if c.column_no is None and not c.ignored)
        if header and header not in doubted
    ]
    notes += _columns_judged(file_id, match)
    notes += [
        (
            "COLUMN_INFERRED",
            "note",
            file_id,
            None,
            p.heading,
            f"{INFERRED}：“{p.heading}”→{'、'.join(filter(None, p.headings))}{_said(p)}",
        )
        for p in table.packed
    ]
    if match.ties:
        notes.append(("SOURCE_AMBIGUOUS", "warning", file_id, None, None, "表头也符合：" + "、".join(match.ties)))
    if table.n_outside:
        detail = f"表外很远处有 {table.n_outside} 个单元格，没有读入"
        notes.append(("CELL_OUTSIDE", "warning", file_id, None, None, detail))
    notes += [("ROW_MENDED", "warning", file_id, m.line, None, _MENDED) for m in mended if m.changed]
    if n_ends := sum(not m.changed for m in mended):
        detail = f"行末多出空格子，已略去：{n_ends} 行"
        notes.append(("ROW_END_EMPTY", "note", file_id, None, None, detail))
    insert(ws, "issue", notes)


def _said(packed: Packed) -> str:
    return "；写在各人号码后面的话没有采用" if packed.has_remarks else ""


def _columns_judged(file_id: int, match: Match) -> Iterator[tuple[object, ...]]:
    """What was understood by its words and values, and what looks like a field and is not used."""
    for c in match.columns:
        if c.grade == "inferred" and c.column_no is not None and match.choice is not None:
            label = match.choice.words.record_field(match.source.columns[c.column_no].fields[0]).label
            year = year_of(heading_key(c.header)[0])
            why = c.why if year is None else f"{c.why}，写的是 {year} 年"
            yield "COLUMN_INFERRED", "note", file_id, None, c.header, f"{INFERRED}：“{c.header}”→{label}，{why}"
    for d in match.doubts:
        level = "warning" if d.code == "COLUMN_DOUBTFUL" else "note"
        yield d.code, level, file_id, None, d.header, f"{_UNUSED[d.code]}：{d}"


def _note_failed_formulas(ws: Workspace, raw: str, file_id: int, match: Match) -> None:
    """#N/A and its like are read as nothing: one issue per column that has them."""
    known = [c for c in match.columns if c.column_no is not None]
    words = ", ".join(literal(word) for word in ERROR_WORDS if word.startswith("#"))
    counts = ", ".join(  # the list of words is gone through for the few cells that begin like them
        f"count(*) filter (case when {c} between '#' and '#~' then trim({c}) in ({words})"
        f" else {c} in ('N/A', 'n/a') end)"
        for c in (f"c{column.position}" for column in known)
    )
    (found,) = ws.rows(
        f"select {counts} from {raw} where row_no not in (select row_no from reject where file_id = {file_id})"
    )
    detail = "公式出错或没有查到（#N/A 等），按空处理：{} 格"
    notes = [
        ("CELL_ERROR", "note", file_id, None, c.header, detail.format(n))
        for c, n in zip(known, found, strict=True)
        if n
    ]
    insert(ws, "issue", notes)


def _unpacked(ws: Workspace, raw: str, table: Table, match: Match) -> list[Note]:
    """The columns that are taken out of others."""
    return unpack(ws, raw, table, match.choice.words) if table.packed and match.choice else []


def _from_arrow_file(ws: Workspace, raw: str, n_columns: int, table: Table, header_row: int) -> None:
    import pyarrow as pa

    columns = "".join(f", coalesce(c{i}, '') as c{i}" for i in range(1, n_columns + 1))
    with pa.memory_map(str(table.staged)) as source, ws.shown("staged", pa.ipc.open_file(source).read_all()):
        ws.con.execute(
            f"create or replace table {raw} as select row_no{columns} from staged where row_no > {header_row}"
        )


def _yuan(match: Match) -> frozenset[str]:
    """The kinds of record of which a heading says 元 and none 万元: 财产损失（元） tells of 已获赔金额 beside it."""
    said: dict[str, set[str]] = {}
    for column in match.columns:
        if column.unit is not None and column.column_no is not None:
            for target in match.source.columns[column.column_no].fields:
                said.setdefault(target.partition(".")[0], set()).add(column.unit)
    return frozenset(kind for kind, units in said.items() if units == {"元"})


def _columns(ws: Workspace, file_id: int, match: Match, table: Table) -> None:
    yuan = _yuan(match)
    rows = []
    for column in match.columns:
        known = match.source.columns[column.column_no] if column.column_no is not None else None
        fields = ",".join(known.fields) if known else None
        unit = column.unit or (known.unit if known else None)
        if known and known.unit and column.unit is None and yuan.issuperset(f.partition(".")[0] for f in known.fields):
            unit = "元"
        if known and known.unit == MONTHLY and unit == "元":
            unit = MONTHLY  # 月人均收入（元）: the heading says the month, the brackets the unit
        grade = None if known is None else "unpacked" if is_unpacked(table, column) else column.grade
        rows.append((file_id, column.position, column.header, fields, unit, column.column_no, grade))
    insert(ws, "raw_column", rows)
