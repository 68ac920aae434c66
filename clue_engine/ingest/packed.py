"""Columns in whose cells persons stand with their numbers, taken apart into columns of names, relations and numbers.

Comes in: the first rows of a table, later its raw table. Goes out: the table with three columns more for each such one,
under headings of their own (家庭成员姓名 …); the raw table with the cells. Where a row is of a head of household and
the cell of the members, the head comes first among them, and the number beside the head's name is the head's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from clue_engine.ingest.header import heading_key
from clue_engine.ingest.infer import Column
from clue_engine.ingest.land_shown import Note
from clue_engine.ingest.readings import code_table, look_up
from clue_engine.ingest.table import Packed, Table
from clue_engine.ingest.yearly import Doubt
from clue_engine.pack.field_words import FieldWords
from clue_engine.pack.model import Source
from clue_engine.values.due_and_paid import due_and_paid
from clue_engine.values.persons_cell import IsRelation, Named, hurt_in, persons_in
from clue_engine.values.text import cell_text
from clue_engine.workspace import Workspace

PARTS = ("姓名", "关系", "证件号码", "出生日期")
BETWEEN = "；"
_RELATION = "registry.relation"
_ENOUGH = 0.6  # share of the cells that must be understood
_HEAD = re.compile(r"户主(?:姓名)?|(?:受访|走访|被访|被走访|入户)(?:户|对象|农户)(?:户主)?(?:姓名)?(?:\(户主[^()]*\))?")
_MAY_BE = re.compile(r"[0-9]{15}|[（(、，,；;\s]|岁|生")
_RELATIVES = re.compile("成员|亲属|家属|关系")
_MEMBERS = re.compile("成员|共同生活|人员")
_HURT_HEADING = re.compile(
    "(?:事故)?(?:各方)?(?:当事人|人员)(?:及|和|、|姓名及)?(?:其)?(?:伤亡|死伤|受伤|伤情)(?:情况|程度|后果)?"
)
_DUE_HEADING = re.compile("[^/]*(?:应|判|协议|约定|该赔)[^/]*/[^/]*(?:实|已|到位|兑现|履行|付|赔)[^/]*")
_ID_HEADING = re.compile("(?:居民|公民)?身份证(?:件)?号?码?|证件号码?|公民身份号码")


def relation_test(words: FieldWords) -> IsRelation:
    """Whether a word says what somebody is to the head or to the victim."""
    codes = words.codes[str(words.record_field(_RELATION).codes)]
    table = code_table(codes, {})
    return lambda word: look_up(table, word, codes)[0] is not None


def unpacked(table: Table, is_relation: IsRelation) -> Table:
    """The table with columns more in its first rows; itself where no column is of this kind."""
    width = max((len(row) for row in table.preview), default=0)
    found = [p for n in range(width) if (p := _packed(table, n, is_relation)) is not None]
    if not found or table.file.kind == "parquet":
        return table
    rows = [[*row, *[""] * (table.n_columns - len(row))] for row in table.preview]
    for one in found:
        head = [*one.headings]
        for number, row in enumerate(rows):
            row += head if number == one.row else [""] * len(PARTS)
        rows[one.row][one.position - 1] = ""
        if one.head is not None and one.head[1]:
            rows[one.row][one.head[1] - 1] = "户主证件号码"
    return replace(
        table, preview=tuple(map(tuple, rows)), n_columns=table.n_columns + len(PARTS) * len(found), packed=tuple(found)
    )


def _packed(table: Table, place: int, is_relation: IsRelation) -> Packed | None:
    """The column, when most of its cells are persons and a heading stands above the first of them."""
    cells = [row[place] if place < len(row) else "" for row in table.preview]
    if (found := _hurt(cells, place) or _due(cells, place)) is not None:
        return found
    read = [persons_in(cell, is_relation) if _MAY_BE.search(cell) else None for cell in cells]
    first = next((n for n, one in enumerate(read) if one), None)
    above = [n for n in range(first or 0) if cells[n].strip()]
    if first is None or not above:
        return None
    row = above[-1]
    filled = [one for cell, one in zip(cells[first:], read[first:], strict=True) if persons_in(cell, is_relation) != []]
    understood = [one for one in filled if one and (any(p.number for p in one) or _RELATIVES.search(cells[row]))]
    if len(understood) < _ENOUGH * len(filled):
        return None
    heading = re.sub(r"[（(].*$", "", cells[row].strip())
    stem = re.sub("(?:姓名|名单|信息|情况|基本情况)$", "", heading)
    if not stem:
        return None
    relation = "与户主关系" if _MEMBERS.search(heading) else f"{stem}关系"
    head = _head(table.preview[row]) if _MEMBERS.search(heading) else None
    number = "证件号码" if (head and head[1]) or any(person.number for one in understood for person in one) else ""
    names = ("姓名", "与户主关系", number) if head else (f"{stem}姓名", relation, number and f"{stem}{number}")
    born = (
        ""
        if not any(person.born for one in understood for person in one)
        else "出生日期"
        if head
        else f"{stem}出生日期"
    )
    has_remarks = any(person.said for one in understood for person in one)
    return Packed(place + 1, row, cells[row].strip(), (*names, born), head, has_remarks=has_remarks)


def _hurt(cells: Sequence[str], place: int) -> Packed | None:
    """A column of who met in accidents and who of them was hurt."""
    row = next((n for n, cell in enumerate(cells) if _HURT_HEADING.fullmatch(heading_key(cell)[0])), None)
    filled = [cell for cell in cells[row + 1 :] if cell.strip()] if row is not None else []
    if row is None or not filled or sum(hurt_in(cell) is not None for cell in filled) < _ENOUGH * len(filled):
        return None
    return Packed(place + 1, row, cells[row].strip(), ("伤亡人员姓名", "伤亡情况", "", ""), hurt=True)


def _due(cells: Sequence[str], place: int) -> Packed | None:
    """A column of what is due and what was paid of it."""
    row = next((n for n, cell in enumerate(cells) if _DUE_HEADING.fullmatch(heading_key(cell)[0])), None)
    filled = [cell for cell in cells[row + 1 :] if cell_text(cell) is not None] if row is not None else []
    if row is None or not filled or sum(due_and_paid(cell) is not None for cell in filled) < _ENOUGH * len(filled):
        return None
    return Packed(place + 1, row, cells[row].strip(), ("判赔金额", "赔偿情况", "已赔金额", ""), due=True)


def _head(headings: Sequence[str]) -> tuple[int, int] | None:
    """The columns of the head's name and, right of it, of a number (0 without one); None when the table does not say."""
    keys = [heading_key(cell)[0] for cell in headings]
    at = next((n for n, key in enumerate(keys) if _HEAD.fullmatch(key)), None)
    if at is None:
        return None
    if at + 1 < len(keys) and re.fullmatch(f"(?:户主)?(?:{_ID_HEADING.pattern})", keys[at + 1]):
        return at + 1, at + 2
    return None if any(re.fullmatch(f"(?:户主)?(?:{_ID_HEADING.pattern})", key) for key in keys) else (at + 1, 0)


def unpack(ws: Workspace, raw: str, table: Table, is_relation: IsRelation) -> list[Note]:
    """The cells of the new columns into the raw table; an issue for each cell that was not understood."""
    import pyarrow as pa

    notes: list[Note] = []
    width = table.n_written
    for number, one in enumerate(table.packed):
        cells = [cell for (cell,) in ws.rows(f"select distinct c{one.position} from {raw} order by 1")]
        read = {cell: _read(one, cell, is_relation) for cell in cells}
        said = {cell: found or [""] * len(PARTS) for cell, found in read.items()}
        given = pa.table(
            {"cell": pa.array(cells, pa.string())}
            | {f"p{n}": pa.array([said[cell][n] for cell in cells], pa.string()) for n in range(len(PARTS))}
        )
        first = width + len(PARTS) * number + 1
        with ws.shown("unpacked_cells", given):
            values = ", ".join(f"{_value(one, n)} as c{first + n}" for n in range(len(PARTS)))
            ws.con.execute(
                f"create or replace table {raw} as select r.*, {values} from {raw} as r"
                f" left join unpacked_cells as u on u.cell = r.c{one.position} order by r.row_no"
            )
            unread = pa.table({"cell": pa.array([c for c in cells if read[c] is None and c], pa.string())})
        with ws.shown("unread_cells", unread):
            rows = ws.rows(f"select row_no from {raw} semi join unread_cells on cell = c{one.position} order by 1")
        detail = "一格里写着几个人，读不出各人的姓名、关系、证件号码，该格未采用"
        detail = "一格里写着应赔和实赔，读不出各是多少，该格未采用" if one.due else detail
        notes += [("PERSONS_UNREAD", "warning", row_no, one.heading, detail) for (row_no,) in rows]
    return notes


def _read(one: Packed, cell: str, is_relation: IsRelation) -> Sequence[str] | None:
    """The cells of the new columns; None for a cell that is not understood."""
    if one.due:
        found = due_and_paid(cell)
        return (*found, "") if found else None
    persons = hurt_in(cell) if one.hurt else persons_in(cell, is_relation)
    return None if persons is None else _columns(persons)


def _columns(persons: Sequence[Named]) -> tuple[str, ...]:
    parts = ([getattr(p, name) for p in persons] for name in ("name", "relation", "number", "born"))
    return tuple(BETWEEN.join(part) for part in parts)


def _value(one: Packed, part: int) -> str:
    """SQL: the cell of a new column, with the head of the household before the others."""
    own = f"coalesce(u.p{part}, '')"
    if one.head is None:
        return own
    name, number = one.head
    head = (f"r.c{name}", "'户主'", f"r.c{number}" if number else "''", "''")[part]
    more = f"case when coalesce(u.p0, '') <> '' then '{BETWEEN}' || {own} else '' end"
    return f"case when trim(r.c{name}) <> '' then {head} || {more} else {own} end"


def second_to_others(
    table: Table, source: Source, words: FieldWords, columns: Sequence[Column]
) -> tuple[tuple[Column, ...], tuple[Doubt, ...]]:
    """The columns, where those taken out of a cell leave a field to a column of its own."""
    fed = {
        field: c.header
        for c in columns
        if c.column_no is not None and not is_unpacked(table, c)
        for field in source.columns[c.column_no].fields
    }
    kept, doubts = [], []
    for column in columns:
        fields = source.columns[column.column_no].fields if column.column_no is not None else ()
        taken = next((field for field in fields if field in fed and is_unpacked(table, column)), None)
        if taken is not None:
            label = words.record_field(taken).label
            doubts.append(Doubt(column.header, label, f"这一项已用“{fed[taken]}”"))
            column = replace(column, column_no=None, grade="known", why="")
        kept.append(column)
    return tuple(kept), tuple(doubts)


def is_unpacked(table: Table, column: Column) -> bool:
    return column.position > table.n_written
