"""Raw text to typed records: rec_<kind> per kind of record, record_column, and issues for what could not be read.

Comes in: input_file, raw_<file_id>, raw_column, reject and the sources of the pack. Goes out: the rec_ tables. Regular texts are read
by SQL over whole columns; every other text is read once by the reference functions and joined back. The raw text stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from clue_engine.ingest import persons
from clue_engine.ingest.layout import Feed, FileColumn, feeds
from clue_engine.ingest.readings import SHAPES, Reader, reader
from clue_engine.ingest.regular import cell_text, is_regular, regular_values, says_nothing, trimmed
from clue_engine.pack.model import CodeSet, RecordField, RecordKind, Source
from clue_engine.workspace import Workspace, ident, literal

WAN_LIMIT = 499.0  # default of option money_wan_limit
LEVELS = {"ID_MISSING": "note", "ID_VIRTUAL": "note", "CODE_UNKNOWN": "warning"}
DETAILS = {
    "ID_CHECKSUM": "证件号码校验位或日期不对",
    "ID_PRECISION_LOST": "号码按数字存过,末几位已丢失",
    "ID_MASKED": "证件号码被遮盖或缺位",
    "ID_VIRTUAL": "999999 开头的虚拟号码",
    "ID_UNREADABLE": "不是居民身份证号码",
    "ID_MISSING": "有姓名而没有证件号码",
    "DATE_UNREADABLE": "日期认不出",
    "MONEY_UNREADABLE": "金额认不出",
    "NUMBER_UNREADABLE": "数字认不出",
    "PHONE_UNREADABLE": "电话号码认不出",
    "CODE_UNKNOWN": "取值不在代码表内",
    "UNIT_ASSUMED": "万元列里的数过大,按元理解",
    "PERSONS_UNPAIRED": "一格多人而并列的格子个数不等,该项未采用",
    "COLUMN_DOUBLE_CONFLICT": "同名的两列内容不同,该项未采用",
}
_FLOAT = r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}"
_KEEP = ("COLUMN_UNKNOWN", "SOURCE_AMBIGUOUS")  # issues of loading


class Layout(Protocol):
    """What cleaning needs of a pack; ``Pack`` and ``Layouts`` both have it."""

    @property
    def codes(self) -> Mapping[str, CodeSet]: ...
    @property
    def records(self) -> Mapping[str, RecordKind]: ...
    @property
    def sources(self) -> Sequence[Source]: ...


@dataclass(frozen=True)
class _File:
    file_id: int
    source: Source
    columns: tuple[FileColumn, ...]

    @property
    def raw(self) -> str:
        return f"raw_{self.file_id}"


def clean(ws: Workspace, pack: Layout) -> None:
    """Build all record tables anew from the raw tables."""
    files = _files(ws, {s.id: s for s in pack.sources})
    with ws.transaction():
        kept = ", ".join(literal(code) for code in _KEEP)
        ws.con.execute(f"create or replace table issue as select * from issue where code in ({kept})")
        ws.con.execute("create or replace table record_column (file_id integer, kind varchar, field varchar)")
        for kind in pack.records.values():
            ws.con.execute(f"create or replace table {ident('rec_' + kind.name)} ({_columns(kind)})")
        for file in files:
            _split_persons(ws, file, pack.records)
            for name in file.source.records:
                _clean_kind(ws, file, pack.records[name], pack.codes)
            ws.con.execute("drop view if exists stage")
            ws.con.execute("drop table if exists stage_split")


def _files(ws: Workspace, sources: Mapping[str, Source]) -> list[_File]:
    files = []
    for file_id, source_id in ws.rows("select file_id, source_id from input_file where status = 'loaded' order by 1"):
        rows = ws.rows("select position, header, unit, column_no from raw_column where file_id = ? order by 1", [file_id])
        files.append(_File(file_id, sources[source_id], tuple(FileColumn(*row) for row in rows)))
    return files


def _columns(kind: RecordKind) -> str:
    typed = [f"{ident(f.name + suffix)} {sql}" for f in kind.fields for suffix, sql in SHAPES[f.type].columns]
    return ", ".join(["source_id varchar", "file_id integer", "row_no bigint", "part_no integer", *typed])


def _split_persons(ws: Workspace, file: _File, records: Mapping[str, RecordKind]) -> None:
    """Create view ``stage``: the loaded rows, those with several persons in a cell taken apart."""
    n = max(c.position for c in file.columns)
    names = [f"c{i}" for i in range(1, n + 1)]
    separators = str(file.source.options.get("separators", persons.SEPARATORS))
    groups = [g for g in (_group(file, group, records) for group in file.source.persons) if g is not None]
    multi = " or ".join(f"regexp_matches(c{driver + 1}, {literal('[' + separators + ']')})" for driver, _ in groups) or "false"
    loaded = f"{file.raw} where true"
    if ws.rows("select 1 from reject where file_id = ? and code not in ('TITLE') limit 1", [file.file_id]):
        loaded = f"{file.raw} where row_no not in (select row_no from reject where file_id = {file.file_id})"
    rows = ws.rows(f"select row_no, {', '.join(names)} from {loaded} and ({multi})") if groups else []
    out: list[list[object]] = []
    issues: list[tuple[int, int]] = []
    for row_no, *cells in rows:
        current: list[list[str]] = [cells]
        for driver, others in groups:
            following = []
            for cells_now in current:
                split, unpaired = persons.split(cells_now, driver, others, separators)
                following += split
                issues += [(row_no, place) for place in unpaired]
            current = following
        if len(current) > 1:
            out += [[row_no, part, *cells_now] for part, cells_now in enumerate(current, 1)]
    typed = ", ".join(f"{c} varchar" for c in names)
    ws.con.execute(f"create or replace temp table stage_split (row_no bigint, part_no integer, {typed})")
    if out:
        ws.con.executemany(f"insert into stage_split values ({', '.join('?' * (n + 2))})", out)
    headers = {c.position: c.header for c in file.columns}
    for row_no, place in dict.fromkeys(issues):
        _issue(ws, "PERSONS_UNPAIRED", file, row_no, headers[place + 1])
    all_names = ", ".join(names)
    whole = f"select row_no, 1 as part_no, {all_names} from {loaded}"
    if out:
        whole += f" and row_no not in (select row_no from stage_split) union all select row_no, part_no, {all_names} from stage_split"
    ws.con.execute(f"create or replace temp view stage as {whole}")


def _group(file: _File, fields: Sequence[str], records: Mapping[str, RecordKind]) -> tuple[int, dict[int, str]] | None:
    """``(place of the name, {place: type})`` of a group, None when the file has no name column for it."""
    places: dict[int, str] = {}
    driver: int | None = None
    for target in fields:
        kind, _, name = target.partition(".")
        field = next(f for f in records[kind].fields if f.name == name)
        for column in file.columns:
            if column.column_no is not None and target in file.source.columns[column.column_no].fields:
                if target == fields[0] and driver is None:
                    driver = column.position - 1
                else:
                    places[column.position - 1] = field.type
    return None if driver is None else (driver, places)


def _clean_kind(ws: Workspace, file: _File, kind: RecordKind, codes: Mapping[str, CodeSet]) -> None:
    plans = feeds(file.source, kind, file.columns)
    limit = float(str(file.source.options.get("money_wan_limit", WAN_LIMIT)))
    texts = {feed.field.name: _text(feed) for feed in plans if feed.groups}
    selected = ", ".join(f"{sql} as {ident(name)}" for name, sql in texts.items())
    ws.con.execute(f"create or replace temp view texts as select row_no, part_no, {selected} from stage")
    joins: list[str] = []
    tests: list[str] = []
    values: dict[str, tuple[str, ...]] = {}
    doubtful: list[Feed] = []
    for feed in plans:
        values[feed.field.name] = _values(ws, feed, codes, limit, joins, tests, doubtful)
    columns = []
    for field in kind.fields:
        given = values.get(field.name) or tuple("null" for _ in SHAPES[field.type].columns)
        columns += [f"{sql} as {ident(field.name + suffix)}" for sql, (suffix, _) in zip(given, SHAPES[field.type].columns, strict=True)]
    body = ", ".join([f"{literal(file.source.id)}", str(file.file_id), "t.row_no", "t.part_no", *columns])
    # The tests stand in a select of their own: inside a CASE each of them would be computed once per column that asks.
    tested = f"select {', '.join(['*', *tests])} from texts as t"
    ws.con.execute(f"insert into {ident('rec_' + kind.name)} select {body} from ({tested}) as t {' '.join(joins)}")
    _issues(ws, file, doubtful)
    _lost_numbers(ws, file, plans)
    _conflicts(ws, file, plans)
    _missing_ids(ws, file, kind, plans)
    rows = [[file.file_id, kind.name, feed.field.name] for feed in plans]
    ws.con.executemany("insert into record_column values (?, ?, ?)", rows)
    for feed in plans:
        ws.con.execute(f"drop table if exists {_dictionary(feed.field)}")
    ws.con.execute("drop view texts")


def _dictionary(field: RecordField) -> str:
    return ident("read_" + field.name)


def _text(feed: Feed) -> str:
    """The cell of a field as it is, or one trimmed text out of its several columns."""
    if len(feed.positions) == 1:
        return f"c{feed.positions[0]}"
    said = [[f"case when {says_nothing(trimmed(c))} then null else {trimmed(c)} end" for c in _cells(group)] for group in feed.groups]
    if feed.field.type == "codes":
        return f"concat_ws(',', {', '.join(t for group in said for t in group)})"
    if feed.joined:
        return f"concat_ws('；', {', '.join(t for group in said for t in group)})"
    agreed = [group[0] if len(group) == 1 else _agreed(group) for group in said]
    return f"coalesce({', '.join(agreed)}, '')"


def _cells(group: Iterable[FileColumn]) -> list[str]:
    return [f"c{c.position}" for c in group]


def _agreed(texts: Sequence[str]) -> str:
    """The one text that columns of the same heading hold; nothing when they differ."""
    distinct = f"list_distinct([{', '.join(texts)}])"  # leaves NULL out
    return f"case when len({distinct}) = 1 then {distinct}[1] end"


def _values(
    ws: Workspace, feed: Feed, codes: Mapping[str, CodeSet], limit: float, joins: list[str], tests: list[str], doubtful: list[Feed]
) -> tuple[str, ...]:
    """SQL of the typed columns of a field; adds the join to its dictionary, and itself to ``doubtful`` when a text has an issue."""
    kind, name = feed.field.type, feed.field.name
    shape = SHAPES[kind]
    if not feed.groups:
        return _constant(feed)
    text = f"t.{ident(name)}"
    if kind == "text":
        # A number that went through a float would put strangers into one household: nothing is better.
        lost = f"regexp_full_match({text}, {literal(_FLOAT)})"
        return (f"case when {lost} then null else {cell_text(text)} end",)
    bounded = limit if kind == "money" and feed.unit == "万元" else None
    factor = {"万元": 10_000.0, "千元": 1000.0}.get(feed.unit or "", 1.0)
    regular = "false" if shape.all else is_regular(kind, text, bounded)
    distinct = ws.rows(f"select distinct {text} from texts as t where {text} <> '' and not {regular}")
    if distinct:
        if _fill_dictionary(ws, feed, sorted(t for (t,) in distinct), reader(feed, codes, limit)):
            doubtful.append(feed)
        joins.append(f"left join {_dictionary(feed.field)} as {ident('d_' + name)} on {ident('d_' + name)}.text = {text}")
        found = [f"{ident('d_' + name)}.{ident('v' + str(i))}" for i in range(len(shape.columns))]
    else:
        found = ["null" for _ in shape.columns]
    if kind == "id":
        found[1] = f"coalesce({found[1]}, 'none')"
    if not shape.all:
        fast = regular_values(kind, text, factor)
        tests.append(f"{regular} as {ident('is_' + name)}")
        found = [f"case when t.{ident('is_' + name)} then {f} else {d} end" for f, d in zip(fast, found, strict=True)]
    if feed.constant is not None:
        found = [f"coalesce({f}, {c})" for f, c in zip(found, _constant(feed), strict=True)]
    return tuple(found)


def _constant(feed: Feed) -> tuple[str, ...]:
    assert feed.constant is not None
    first = "true" if feed.constant == "是" and feed.field.type == "bool" else literal(feed.constant)
    return (first, *("null" for _ in SHAPES[feed.field.type].columns[1:]))


def _fill_dictionary(ws: Workspace, feed: Feed, texts: Sequence[str], read: Reader) -> bool:
    """Read the texts once each; whether any of them is doubtful."""
    import pyarrow as pa

    shape = SHAPES[feed.field.type]
    readings = [read(text) for text in texts]
    arrow = {"varchar": pa.string(), "double": pa.float64(), "date": pa.date32(), "boolean": pa.bool_(), "varchar[]": pa.list_(pa.string())}
    columns = {"text": pa.array(texts, pa.string())}
    for i, (_, sql) in enumerate(shape.columns):
        columns[f"v{i}"] = pa.array([values[i] for values, _ in readings], arrow[sql])
    columns["issue"] = pa.array([issue for _, issue in readings], pa.string())
    ws.con.register("dictionary", pa.table(columns))
    ws.con.execute(f"create or replace temp table {_dictionary(feed.field)} as select * from dictionary")
    ws.con.unregister("dictionary")
    return any(issue for _, issue in readings)


def _issues(ws: Workspace, file: _File, doubtful: Sequence[Feed]) -> None:
    """One issue per row whose text could not be read, or only in part."""
    for feed in doubtful:
        ws.con.execute(
            f"insert into issue select d.issue, {_level('d.issue')}, {file.file_id}, t.row_no, {literal(feed.header)}, {_detail('d.issue')}"
            f" from texts as t join {_dictionary(feed.field)} as d on d.text = t.{ident(feed.field.name)}"
            " where d.issue is not null order by t.row_no, t.part_no"
        )


def _lost_numbers(ws: Workspace, file: _File, plans: Sequence[Feed]) -> None:
    """Texts such as household numbers that were stored as a float: not used, and named."""
    for feed in plans:
        if feed.groups and feed.field.type == "text":
            ws.con.execute(
                f"insert into issue select 'ID_PRECISION_LOST', 'warning', {file.file_id}, row_no, {literal(feed.header)},"
                f" {literal(DETAILS['ID_PRECISION_LOST'])} from texts as t"
                f" where regexp_full_match(t.{ident(feed.field.name)}, {literal(_FLOAT)}) order by row_no"
            )


def _conflicts(ws: Workspace, file: _File, plans: Sequence[Feed]) -> None:
    """Doubled columns that differ."""
    for feed in plans:
        for group in feed.groups:
            if len(group) == 1 or feed.field.type == "codes" or feed.joined:
                continue
            said = [f"case when {says_nothing(trimmed(c))} then null else {trimmed(c)} end" for c in _cells(group)]
            ws.con.execute(
                f"insert into issue select 'COLUMN_DOUBLE_CONFLICT', 'warning', {file.file_id}, row_no, {literal(feed.header)},"
                f" {literal(DETAILS['COLUMN_DOUBLE_CONFLICT'])} from stage where len(list_distinct([{', '.join(said)}])) > 1 order by row_no"
            )


def _missing_ids(ws: Workspace, file: _File, kind: RecordKind, plans: Sequence[Feed]) -> None:
    """A name without a number, where the file has a column for the number."""
    headers = {feed.field.name: feed.header for feed in plans if feed.groups}
    table = ident("rec_" + kind.name)
    for field in kind.fields:
        if field.type != "id" or field.name not in headers:
            continue
        partner = field.name.removesuffix("id") + "name"
        if partner in headers:
            ws.con.execute(
                f"insert into issue select 'ID_MISSING', 'note', file_id, row_no, {literal(headers[field.name])}, {literal(DETAILS['ID_MISSING'])}"
                f" from {table} where file_id = {file.file_id} and {ident(partner)} is not null and {ident(field.name + '_kind')} = 'none'"
                " order by row_no, part_no"
            )


def _issue(ws: Workspace, code: str, file: _File, row_no: int, header: str) -> None:
    values = [code, LEVELS.get(code, "warning"), file.file_id, row_no, header, DETAILS[code]]
    ws.con.execute("insert into issue values (?, ?, ?, ?, ?, ?)", values)


def _level(column: str) -> str:
    cases = " ".join(f"when {literal(code)} then {literal(level)}" for code, level in LEVELS.items())
    return f"case {column} {cases} else 'warning' end"


def _detail(column: str) -> str:
    cases = " ".join(f"when {literal(code)} then {literal(text)}" for code, text in DETAILS.items())
    return f"case {column} {cases} end"
