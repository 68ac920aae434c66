"""Raw text to typed records: rec_<kind> per kind of record, record_column, and issues for what could not be read.

Comes in: input_file, raw_<file_id>, raw_column, reject and the sources of the pack. Goes out: the rec_ tables.
Regular texts are read by SQL over whole columns; every other text is read once by the reference functions and
joined back. The raw text stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from clue_engine.errors import ClueError
from clue_engine.ingest import column_read, issues
from clue_engine.ingest.agreement import agreement, texts_key
from clue_engine.ingest.by_title import with_title
from clue_engine.ingest.chosen import choose_columns
from clue_engine.ingest.contest import Rules
from clue_engine.ingest.kind_column import kind_columns
from clue_engine.ingest.layout import Feed, FileColumn, RawFile, differ, feeds, kinds_of, n_persons, twins
from clue_engine.ingest.lost_keys import note_lost_keys
from clue_engine.ingest.needed_columns import note_needed_columns
from clue_engine.ingest.note_members import add_named_members
from clue_engine.ingest.readings import SHAPES, Reader, constant_values, reader
from clue_engine.ingest.regular import is_regular, regular_values, said, says_nothing, trimmed
from clue_engine.ingest.role_rows import of_event, rows_of
from clue_engine.ingest.stage import build_stage, drop_stage
from clue_engine.pack.model import CodeSet, RecordKind, Source, SourceColumn
from clue_engine.values.identity import identity
from clue_engine.values.money import MONTHLY
from clue_engine.workspace import Workspace, ident, literal

# Of the numbers that a spreadsheet has shortened one in eleven still fits its check digit; of true ones one in 1100
# ends in 000. From one lost number in 550 on, at least one of six that fit is another's.
TAIL_RATE = 550
FILES_AT_ONCE = 8
# fields: of what, the share of it and what is owed of it, what was paid
_GOT = {
    "victim": (("award", "due"), "paid_share", "owed", "paid"),
    "enforcement": (("claimed",), "executed_share", "owed", "executed"),
}
_FACTORS = {"万元": 10_000.0, "千元": 1000.0, MONTHLY: 12.0}


class Layout(Protocol):
    """What cleaning needs of a pack; ``Pack`` and ``Layouts`` both have it."""

    @property
    def codes(self) -> Mapping[str, CodeSet]: ...
    @property
    def records(self) -> Mapping[str, RecordKind]: ...
    @property
    def sources(self) -> Sequence[Source]: ...
    @property
    def options(self) -> Mapping[str, Any]: ...


def clean(ws: Workspace, pack: Layout) -> list[ClueError]:
    """Build all record tables anew from the raw tables. Gives back why files were refused at this point."""
    files = _files(ws, {s.id: s for s in pack.sources}, pack)
    with ws.transaction():
        kept = ", ".join(literal(code) for code in issues.LOADING)
        ws.con.execute(f"create or replace table issue as select * from issue where code in ({kept})")
        ws.con.execute("create or replace table record_column (file_id integer, kind varchar, field varchar)")
        ws.con.execute(column_read.SCHEMA)
        files, errors = choose_columns(ws, files, pack.records, {f.source.id: _rules(f.source, pack) for f in files})
        parts: list[_Part] = []
        beside = kind_columns(ws, files, pack.records, pack.codes)
        for file in files:
            build_stage(ws, file, pack.records, option(file.source, pack, "person_separators", ""))
            for name in kinds_of(file):
                more = beside.get(file.file_id, []) if name == "registry" else []
                parts.append(_read_kind(ws, file, pack.records[name], pack, more))
        for kind in pack.records.values():
            own = [part for part in parts if part.kind is kind]
            _write_kind(ws, kind, [part.select for part in own])
            for part in own:
                issues.note_missing_ids(ws, part.file, kind, part.feeds)
                note_lost_keys(ws, part.file, column_read.count_read(ws, part.file, kind, part.feeds, part.texts))
        if ws.rows("select 1 from rec_family limit 1"):
            ws.run_sql_file("clue_engine.ingest", "family.sql")
        add_named_members(ws, pack.records, pack.codes)
        for name, (whole, share, owed, got) in _GOT.items():
            told = {f.name for kind in pack.records.values() if kind.name == name for f in kind.fields}
            if told.issuperset((*whole, share, owed, got)):
                _got(ws, "rec_" + name, f"coalesce({', '.join(whole)})", share, owed, got)
        issues.keep_one_each(ws)
        note_needed_columns(ws, files, pack.records, pack.codes)
        for part in parts:
            ws.con.execute(f"drop view {part.texts}")
            for name in part.dictionaries:
                ws.con.unregister(name)
        for file in files:
            drop_stage(ws, file)
    return errors


def _got(ws: Workspace, table: str, whole: str, share: str, owed: str, got: str) -> None:
    """What was paid, where a table gives the share that was (0.035, 3.5%) or what is still owed in its place."""
    if not ws.rows(f"select 1 from {table} where coalesce({share}, {owed}) is not null limit 1"):
        return
    percent = f"if(max({share}) over (partition by file_id) > 1, 100, 1)"
    ws.con.execute(
        f"create or replace table {table} as select * replace (coalesce({got}, round({whole} * {share} / {percent}, 2),"
        f" if({whole} >= {owed}, {whole} - {owed}, null)) as {got}) from {table} order by file_id, row_no, part_no"
    )


def _rules(source: Source, pack: Layout) -> Rules:
    """When columns of one field are in contest; a pack that does not say leaves them to the rows."""
    few, margin = (_share(option(source, pack, name, "100%")) for name in ("column_few", "column_margin"))
    return Rules(pack.codes, few, margin, option(source, pack, "person_separators", ""))


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


@dataclass(frozen=True)
class _Part:
    """The records of one kind that one file has: ``select`` gives them, out of the view ``texts`` and dictionaries."""

    file: RawFile
    kind: RecordKind
    feeds: Sequence[Feed]
    texts: str
    dictionaries: Sequence[str]
    select: str


def _write_kind(ws: Workspace, kind: RecordKind, selects: Sequence[str]) -> None:
    """Some files to a statement: what each inserts alone is written twice, and many make a plan that takes minutes."""
    table = ident("rec_" + kind.name)
    ws.con.execute(f"create or replace table {table} ({_columns(kind)})")
    for start in range(0, len(selects), FILES_AT_ONCE):
        ws.con.execute(f"insert into {table} {' union all '.join(selects[start : start + FILES_AT_ONCE])}")


def _files(ws: Workspace, sources: Mapping[str, Source], pack: Layout) -> list[RawFile]:
    files = []
    for file_id, source_id, *titles in ws.rows(
        "select file_id, source_id, coalesce(sheet, ''), name from input_file where status = 'loaded' order by 1"
    ):
        rows = ws.rows(
            "select position, header, unit, column_no, grade is not distinct from 'unpacked' from raw_column"
            " where file_id = ? order by 1",
            [file_id],
        )
        source = with_title(sources[source_id], titles, pack)
        files.append(RawFile(file_id, source, tuple(FileColumn(*row) for row in rows)))
    return files


def _columns(kind: RecordKind) -> str:
    typed = [f"{ident(f.name + suffix)} {sql}" for f in kind.fields for suffix, sql in SHAPES[f.type].columns]
    return ", ".join(["source_id varchar", "file_id integer", "row_no bigint", "part_no integer", *typed])


def option(source: Source, pack: Layout, name: str, without: str) -> str:
    """An option of the source, else of the pack, else ``without``: what holds for a pack that does not say."""
    return str(source.options.get(name, pack.options.get(name, without)))


def _read_kind(ws: Workspace, file: RawFile, kind: RecordKind, pack: Layout, more: Sequence[Feed]) -> _Part:
    """Read every distinct text of the fields of a kind, note the doubtful ones, and say how the records come of it.

    ``more``: what a column says beside its own field; where the file has a column for that, it is not asked.
    """
    codes = pack.codes
    own = feeds(file.source, kind, file.columns)
    own += [feed for feed in more if feed.field.name not in {f.field.name for f in own}]
    plans = [_without_blank_twins(ws, file, feed) for feed in own]
    plans = [_with_meanings(ws, file, kind, feed, codes) for feed in plans]
    limit = float(option(file.source, pack, "money_wan_limit", "inf"))
    texts = f"texts_{file.file_id}_{kind.name}"
    cells = {feed.field.name: _text(feed) for feed in plans if feed.groups}
    picked = rows_of(ws, file, kind, pack)
    if picked != "true" and (shared := of_event(file, kind)):
        personal = {n: f"case when {picked} then {sql} else '' end" for n, sql in cells.items() if n not in shared}
        cells, picked = cells | personal, "true"
    selected = ", ".join(f"{sql} as {ident(name)}" for name, sql in cells.items())
    rows = f"select row_no, part_no, {selected} from {file.stage} where {picked}"
    if n_persons(file.source) > 1:  # two suspects beside three victims are two and three records, not six each
        rows = (
            f"select row_no, min(part_no) as part_no, columns(* exclude (row_no, part_no)) from ({rows}) group by all"
        )
    ws.con.execute(f"create or replace temp view {texts} as {rows}")
    tests = {f.field.name: _test(f, limit) for f in plans if f.groups}
    doubted = _doubted(ws, texts, plans)
    for name in doubted:
        tests[name] = f"({tests[name]} and not suffix(t.{ident(name)}, '000'))"
    doubtful: list[tuple[Feed, str]] = []
    dictionaries: dict[str, str] = {}  # by field
    for feed, found in _irregular(ws, texts, plans, tests):
        name = f"read_{file.file_id}_{kind.name}_{feed.field.name}"
        dictionaries[feed.field.name] = name
        read = reader(feed, codes, limit, tail_doubted=feed.field.name in doubted)
        if _fill_dictionary(ws, name, feed, found, read) and not feed.derived:
            doubtful.append((feed, name))
    issues.note_doubtful(ws, file, texts, doubtful)
    issues.note_conflicts(ws, file, plans)
    constants = {f.field.name: constant_values(f, codes, limit) for f in plans if f.constant is not None}
    typed = {name: tuple(literal(v) for v in values) for name, (values, _) in constants.items()}
    for feed in plans:
        if not constants.get(feed.field.name, ((), True))[1]:
            issues.note_cells(ws, "CODE_UNKNOWN", file, [(0, feed.header)])
    names = literal([feed.field.name for feed in plans if feed.groups and not feed.derived])
    ws.con.execute(f"insert into record_column select {file.file_id}, {literal(kind.name)}, unnest({names})")
    select = f"select {_record(file, kind, plans, dictionaries, typed)} from {texts} as t"
    for field_name, name in dictionaries.items():
        select += f" left join {ident(name)} on {ident(name)}.text = t.{ident(field_name)}"
    meanings = [name for feed in plans for name in feed.meant if name]
    return _Part(file, kind, plans, texts, [*dictionaries.values(), *meanings], select)


def _record(
    file: RawFile, kind: RecordKind, plans: Sequence[Feed], dictionaries: Mapping[str, str],
    constants: Mapping[str, tuple[str, ...]],
) -> str:  # fmt: skip
    """The columns of a record table in SQL; NULL for the fields that the file does not have."""
    given = {f.field.name: _values(f, dictionaries.get(f.field.name), constants.get(f.field.name, ())) for f in plans}
    columns = [literal(file.source.id), str(file.file_id), "t.row_no", "t.part_no"]
    for field in kind.fields:
        shape = SHAPES[field.type].columns
        values = given.get(field.name) or tuple(f"null::{sql}" for _, sql in shape)
        columns += [
            f"{value} as {ident(field.name + suffix)}" for value, (suffix, _) in zip(values, shape, strict=True)
        ]
    return ", ".join(columns)


def _test(feed: Feed, limit: float) -> str:
    """The test whether SQL reads a text by itself; "false" for types that it never reads."""
    if SHAPES[feed.field.type].all or feed.field.months:
        return "false"
    bounded = min(limit, 1e12) if feed.field.type == "money" and feed.unit == "万元" else None
    return is_regular(feed.field.type, f"t.{ident(feed.field.name)}", bounded)


def _irregular(
    ws: Workspace, texts: str, plans: Sequence[Feed], tests: Mapping[str, str]
) -> Iterator[tuple[Feed, list[str]]]:
    """Every distinct text that SQL does not read by itself, sorted, field by field; found in one pass over the file."""
    if not tests:
        return
    lists = [
        f"list(distinct t.{ident(name)}) filter (where t.{ident(name)} <> '' and not {test})"
        for name, test in tests.items()
    ]
    (found,) = ws.rows(f"select {', '.join(lists)} from {texts} as t")
    by_name = {feed.field.name: feed for feed in plans}
    for name, irregular in zip(tests, found, strict=True):
        if irregular:
            yield by_name[name], sorted(irregular)


def _doubted(ws: Workspace, texts: str, plans: Sequence[Feed]) -> list[str]:
    """Columns of numbers of persons that a spreadsheet has shortened: there even a number that fits may be another's.

    Excel keeps 15 digits and puts 000 behind them; the check digit of one in eleven then fits by chance. A true
    number ends so once in about 1100.
    """
    doubted = []
    for feed in plans:
        if feed.groups and feed.field.type == "id":
            text = f"t.{ident(feed.field.name)}"
            ((n, ends),) = ws.rows(
                f"select count(*) filter ({text} <> ''), list({text}) filter (suffix({text}, '000')) from {texts} as t"
            )
            n_lost = sum(identity(text).kind == "tail000" for text in ends or ())
            if n_lost and n_lost * TAIL_RATE >= n:
                doubted.append(feed.field.name)
    return doubted


def _text(feed: Feed) -> str:
    """The cell of a field as it is, or one trimmed text out of its several columns."""
    is_text = feed.field.type == "text"
    if len(feed.positions) == 1 and not (is_text and (feed.source_columns[0].values or feed.source_columns[0].lead)):
        return f"c{feed.positions[0]}"
    texts_of = [
        [_in_words(said(c), source) if is_text else said(c) for c in _cells(group)]
        for group, source in zip(feed.groups, feed.source_columns, strict=True)
    ]
    if feed.field.type == "codes":
        return f"concat_ws(',', {', '.join(t for group in texts_of for t in group)})"
    if feed.joined:
        return f"concat_ws('；', {', '.join(t for group in texts_of for t in group)})"
    agreed = [
        texts[0] if len(texts) == 1 else _agreed(texts, twins(group), meant)
        for texts, group, meant in zip(texts_of, feed.groups, feed.meant, strict=True)
    ]
    return f"coalesce({', '.join(agreed)}, '')"


def _in_words(text: str, column: SourceColumn) -> str:
    """A text whose whole cell the source says in other words, or that the column itself begins."""
    otherwise = f"{literal(column.lead)} || {text}" if column.lead else text
    if not column.values:
        return otherwise
    cases = " ".join(f"when {literal(word)} then {literal(meant)}" for word, meant in column.values.items())
    return f"case {text} {cases} else {otherwise} end"


def _cells(group: Iterable[FileColumn]) -> list[str]:
    return [f"c{c.position}" for c in group]


def _agreed(texts: Sequence[str], are_twins: bool, meant: str) -> str:
    """The one text that the columns of a group hold or mean together; nothing when they differ."""
    other = f"(select m.text from {ident(meant)} as m where m.key = {texts_key(texts)})" if meant else "null"
    return f"case when {differ(texts, are_twins)} then {other} else coalesce({', '.join(texts)}) end"


def _with_meanings(ws: Workspace, file: RawFile, kind: RecordKind, feed: Feed, codes: Mapping[str, CodeSet]) -> Feed:
    """With a table for each group of columns: what texts that are not the same mean together."""
    import pyarrow as pa

    names = []
    for number, group in enumerate(feed.groups):
        meant: dict[str, str] = {}
        if len(group) > 1 and feed.field.type != "codes" and not feed.joined:
            meant = agreement(ws, file.stage, group, reader(feed, codes, float("inf"))).meant
        names.append(f"meant_{file.file_id}_{kind.name}_{feed.field.name}_{number}" if meant else "")
        if meant:
            ws.con.register(names[-1], pa.table({"key": list(meant), "text": list(meant.values())}))
    return replace(feed, meant=tuple(names))


def _without_blank_twins(ws: Workspace, file: RawFile, feed: Feed) -> Feed:
    """A column under the heading of another one that is blank all the way down does not count."""
    groups = []
    for group in feed.groups:
        if len(group) > 1 and twins(group):
            tests = ", ".join(f"bool_or(not {says_nothing(trimmed(c))})" for c in _cells(group))
            (filled,) = ws.rows(f"select {tests} from {file.stage}")
            group = tuple(c for c, is_filled in zip(group, filled, strict=True) if is_filled) or group[:1]
        groups.append(group)
    return replace(feed, groups=tuple(groups))


def _values(feed: Feed, dictionary: str | None, constant: tuple[str, ...]) -> tuple[str, ...]:
    """SQL of the typed columns of a field. A text that is not in the dictionary is regular: no test is made twice."""
    kind, name = feed.field.type, feed.field.name
    if not feed.groups:
        return constant
    text = f"t.{ident(name)}"
    shape = SHAPES[kind]
    read = ident(dictionary) if dictionary else None
    found = [f"{read}.v{i}" if read else f"null::{sql}" for i, (_, sql) in enumerate(shape.columns)]
    if not (shape.all or feed.field.months):
        fast = regular_values(kind, f"nullif({text}, '')", _FACTORS.get(feed.unit or "", 1.0))
        if read:
            found = [
                f"case when {read}.text is not null then {d} else {f} end" for f, d in zip(fast, found, strict=True)
            ]
        else:
            found = list(fast)
    if feed.constant is not None:  # for empty cells only: a word that could not be read is not the usual case
        unread = f"{read}.issue is not null" if read else "false"
        pairs = zip(found, constant, strict=True)
        found = [f"case when {f} is null and not ({unread}) then {c} else {f} end" for f, c in pairs]
    return tuple(found)


def _fill_dictionary(ws: Workspace, name: str, feed: Feed, texts: Sequence[str], read: Reader) -> bool:
    """Read the texts once each into table ``name``; whether any of them is doubtful."""
    import pyarrow as pa

    shape = SHAPES[feed.field.type]
    readings = [read(text) for text in texts]
    arrow = {
        "varchar": pa.string(),
        "double": pa.float64(),
        "date": pa.date32(),
        "boolean": pa.bool_(),
        "varchar[]": pa.list_(pa.string()),
    }
    columns = {"text": pa.array(texts, pa.string())}
    for i, (_, sql) in enumerate(shape.columns):
        columns[f"v{i}"] = pa.array([values[i] for values, _ in readings], arrow[sql])
    columns["issue"] = pa.array([issue for _, issue in readings], pa.string())
    ws.con.register(name, pa.table(columns))
    return any(issue for _, issue in readings)
