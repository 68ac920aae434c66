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
from clue_engine.ingest.table import PARTS, Packed, Table
from clue_engine.ingest.yearly import Doubt
from clue_engine.pack.field_words import FieldWords
from clue_engine.pack.model import Source
from clue_engine.values.due_and_paid import due_and_paid
from clue_engine.values.persons_cell import NUMBER, IsRelation, Named, hurt_in, numbered_kin, persons_in
from clue_engine.values.text import cell_text
from clue_engine.values.victims_cell import is_labelled, victims_in
from clue_engine.workspace import Workspace

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
_VICTIMS_HEADING = re.compile(
    "(?:(?:被害|受害)(?:人|方)|(?:附民|附带民事(?:诉讼)?)原告人?|[/、及和])*(?:被害人|受害人|受害方|附民原告人?)(?:[/、及和]附民原告人?)?"
    "(?:基本)?(?:信息|情况)?|(?:事故)?(?:各方)?当事人(?:及|和|、)?(?:其)?伤亡(?:情况|后果)?"
)
_NUMBER_BESIDE = re.compile("(?:被害人|受害人|受害方)?(?:身份证(?:件)?号?码?|证件号?码?|公民身份号码)")
_NUMBERED = (
    (
        re.compile("(?:犯罪)?嫌疑人(?:姓名)?|被告人(?:姓名)?|罪犯(?:姓名)?"),
        ("犯罪嫌疑人姓名", "", "犯罪嫌疑人证件号码"),
    ),
    (
        re.compile("户主(?:姓名)?(?:\\(.{2,4}\\))?(?:及|和|、|/)?(?:身份证(?:号码?)?|证件号码?)"),
        ("户主姓名", "", "户主证件号码"),
    ),
)
_MOSTLY = 0.8  # the same, of cells of a name each
_VICTIM = ("被害人姓名", "受侵害后果", "被害人证件号码")
_OTHER_SIDE = ("乙方伤亡人员姓名", "乙方伤亡情况", "乙方伤亡人员证件号码")
_KIN = ("近亲属姓名", "近亲属关系", "近亲属证件号码")
_FAMILY_HEADING = re.compile(
    "(?:被害人|受害人|受侵害人)?(?:家庭|家属|亲属|近亲属)(?:成员)?(?:(?:及|和|与|、)?(?:家庭)?(?:主要)?(?:困难|生活|现状|基本|经济)?(?:情况|状况)?)"
)
_VICTIM_WORD = re.compile("被害|受害|受侵害|死者|伤者")
_ID_HEADING = re.compile("(?:居民|公民)?身份证(?:件)?号?码?|证件号码?|公民身份号码")


def relation_test(words: FieldWords) -> IsRelation:
    """Whether a word says what somebody is to the head or to the victim."""
    codes = words.codes[str(words.record_field(_RELATION).codes)]
    table = code_table(codes, {})
    return lambda word: look_up(table, word, codes)[0] is not None


def unpacked(table: Table, is_relation: IsRelation) -> Table:
    """The table with columns more in its first rows; itself where no column is of this kind."""
    width = max((len(row) for row in table.preview), default=0)
    found = [p for n in range(width) for p in _packed(table, n, is_relation)]
    if not found or table.file.kind == "parquet":
        return table
    rows = [[*row, *[""] * (table.n_columns - len(row))] for row in table.preview]
    for one in found:
        head = [*one.headings, *[""] * (len(PARTS) - len(one.headings))]
        for number, row in enumerate(rows):
            row += head if number == one.row else [""] * len(PARTS)
        if not one.told:
            rows[one.row][one.position - 1] = ""
        if one.number is not None:
            rows[one.row][one.number - 1] = ""
        if one.head is not None and one.head[1] and rows[one.row][one.head[1] - 1].strip():
            rows[one.row][one.head[1] - 1] = "户主证件号码"
    return replace(
        table, preview=tuple(map(tuple, rows)), n_columns=table.n_columns + len(PARTS) * len(found), packed=tuple(found)
    )


def _packed(table: Table, place: int, is_relation: IsRelation) -> list[Packed]:
    """What a column is taken into: nothing, one thing, or victims and their families."""
    cells = [row[place] if place < len(row) else "" for row in table.preview]
    if (single := _hurt(cells, place) or _due(cells, place)) is not None:
        return [single]
    if found := _victims(table, cells, place, is_relation) or _with_number(cells, place, is_relation):
        return found
    members = _members(table, cells, place, is_relation) or _told_kin(table, cells, place, is_relation)
    return [members] if members is not None else []


def _told_kin(table: Table, cells: Sequence[str], place: int, is_relation: IsRelation) -> Packed | None:
    """A column of running text beside victims (家庭成员及困难) in which their families are named with numbers."""
    row = next((n for n, cell in enumerate(cells) if _FAMILY_HEADING.fullmatch(heading_key(cell)[0])), None)
    if row is None or not any(_VICTIM_WORD.search(cell) for cell in table.preview[row]):
        return None
    numbered = [cell for cell in cells[row + 1 :] if NUMBER.search(cell)]
    if not numbered or sum(bool(numbered_kin(cell, is_relation)) for cell in numbered) < _ENOUGH * len(numbered):
        return None
    return Packed(place + 1, row, cells[row].strip(), _KIN, told=True)


def _victims(table: Table, cells: Sequence[str], place: int, is_relation: IsRelation) -> list[Packed]:
    """A column of victims with their numbers, or in which a family stands for one who is dead."""
    row = next((n for n, cell in enumerate(cells) if _VICTIMS_HEADING.fullmatch(heading_key(cell)[0])), None)
    filled = [cell for cell in cells[row + 1 :] if cell.strip()] if row is not None else []
    read = [victims_in(cell, is_relation) for cell in filled]
    victims = [victim for one in read if one for victim in one]
    if row is None or not victims or sum(one is not None for one in read) < _ENOUGH * len(filled):
        return []
    if sum(bool(v.number) for v in victims) < _ENOUGH * len(victims) and not any(v.claimed for v in victims):
        return []  # names alone
    beside = [table.preview[n][place + 1] for n in (row, row + 1) if place + 1 < len(table.preview[n])]
    number = place + 2 if any(_NUMBER_BESIDE.fullmatch(heading_key(cell)[0]) for cell in beside) else None
    headings = _OTHER_SIDE if any(map(is_labelled, filled)) else _VICTIM
    found = [Packed(place + 1, row, cells[row].strip(), headings, victims=True, number=number)]
    if any(victim.kin for victim in victims):
        found.append(Packed(place + 1, row, cells[row].strip(), _KIN, kin=True, number=number))
    return found


def _with_number(cells: Sequence[str], place: int, is_relation: IsRelation) -> list[Packed]:
    """A column of a head of household or a suspect in each cell, with his number."""
    keys = [heading_key(cell)[0] for cell in cells]
    row, headings = next(
        ((n, h) for n, key in enumerate(keys) for r, h in _NUMBERED if r.fullmatch(key)), (None, _VICTIM)
    )
    read = [victims_in(cell, is_relation) for cell in cells[row + 1 :] if cell.strip()] if row is not None else []
    ones = [one[0] for one in read if one and len(one) == 1 and not (one[0].kin or one[0].harm)]
    if row is None or not any(one.number for one in ones) or len(ones) < _MOSTLY * len(read):
        return []
    return [Packed(place + 1, row, cells[row].strip(), headings, victims=True)]


def _members(table: Table, cells: Sequence[str], place: int, is_relation: IsRelation) -> Packed | None:
    """The column, when most of its cells are persons and a heading stands above the first of them."""
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
    head = _head(table.preview[row : row + 2]) if _MEMBERS.search(heading) else None
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
    return Packed(place + 1, row, cells[row].strip(), ("伤亡人员姓名", "伤亡情况"), hurt=True)


def _due(cells: Sequence[str], place: int) -> Packed | None:
    """A column of what is due and what was paid of it."""
    row = next((n for n, cell in enumerate(cells) if _DUE_HEADING.fullmatch(heading_key(cell)[0])), None)
    filled = [cell for cell in cells[row + 1 :] if cell_text(cell) is not None] if row is not None else []
    if row is None or not filled or sum(due_and_paid(cell) is not None for cell in filled) < _ENOUGH * len(filled):
        return None
    return Packed(
        place + 1,
        row,
        cells[row].strip(),
        ("判赔金额" if "判" in cells[row] else "应赔金额", "赔偿情况", "已赔金额"),
        due=True,
    )


def _head(headings: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """The columns of the head's name and, right of it, of a number (0 without one); None when the table does not say.

    ``headings``: the row of them and the next, which under 户主 may say 姓名 and 身份证号.
    """
    keys, below = ([heading_key(cell)[0] for cell in row] for row in (*headings, ())[:2])
    at = next((n for n, key in enumerate(keys) if _HEAD.fullmatch(key)), None)
    if at is None:
        return None
    numbered = re.compile(f"(?:户主)?(?:{_ID_HEADING.pattern})")
    beside = keys[at + 1] if at + 1 < len(keys) else ""
    beside = beside or (below[at + 1] if below[at : at + 1] == ["姓名"] else "")
    if numbered.fullmatch(beside):
        return at + 1, at + 2
    return None if any(numbered.fullmatch(key) for key in (*keys, *below)) else (at + 1, 0)


def unpack(ws: Workspace, raw: str, table: Table, is_relation: IsRelation) -> list[Note]:
    """The cells of the new columns into the raw table; an issue for each cell that was not understood."""
    import pyarrow as pa

    notes: list[Note] = []
    width = table.n_written
    for number, one in enumerate(table.packed):
        cells = [cell for (cell,) in ws.rows(f"select distinct c{one.position} from {raw} order by 1")]
        read = {cell: _read(one, cell, is_relation) for cell in cells}
        said = {cell: found or [""] * len(PARTS) for cell, found in read.items()}
        claimed = {c: any(v.claimed for v in victims_in(c, is_relation) or ()) for c in cells if one.number is not None}
        given = pa.table(
            {"cell": pa.array(cells, pa.string())}
            | {f"p{n}": pa.array([said[cell][n] for cell in cells], pa.string()) for n in range(len(PARTS))}
            | {"claimed": pa.array([claimed.get(cell, False) for cell in cells], pa.bool_())}
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
            rows = (
                []
                if one.kin
                else ws.rows(f"select row_no from {raw} semi join unread_cells on cell = c{one.position} order by 1")
            )
        detail = "一格里写着几个人，读不出各人的姓名、关系、证件号码，该格未采用"
        detail = "一格里写着应赔和实赔，读不出各是多少，该格未采用" if one.due else detail
        notes += [("PERSONS_UNREAD", "warning", row_no, one.heading, detail) for (row_no,) in rows]
    return notes


def _read(one: Packed, cell: str, is_relation: IsRelation) -> Sequence[str] | None:
    """The cells of the new columns; None for a cell that is not understood."""
    if one.due:
        found = due_and_paid(cell)
        return (*found, "") if found else None
    persons = _named(one, cell, is_relation)
    return None if persons is None else _columns(persons)


def _named(one: Packed, cell: str, is_relation: IsRelation) -> list[Named] | None:
    """Who is to stand in the new columns."""
    if one.hurt:
        return hurt_in(cell)
    if one.told:
        return numbered_kin(cell, is_relation)
    if not (one.victims or one.kin):
        return persons_in(cell, is_relation)
    victims = victims_in(cell, is_relation)
    if victims is None:
        return None
    return [k for v in victims for k in v.kin] if one.kin else [Named(v.name, v.harm, v.number) for v in victims]


def _columns(persons: Sequence[Named]) -> tuple[str, ...]:
    parts = ([getattr(p, name) for p in persons] for name in ("name", "relation", "number", "born"))
    return tuple(BETWEEN.join(part) for part in parts)


def _value(one: Packed, part: int) -> str:
    """SQL: the cell of a new column, with the head of the household before the others."""
    own = f"coalesce(u.p{part}, '')"
    if one.number is not None and part == PARTS.index("证件号码"):
        theirs = "u.claimed" if one.kin else "not u.claimed"  # the number beside is that of who stands in the cell
        return f"case when {own} = '' and {theirs} then r.c{one.number} else {own} end"
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
    joined = source.options.get("join", ())
    for column in columns:
        fields = source.columns[column.column_no].fields if column.column_no is not None else ()
        fields = tuple(field for field in fields if field not in joined)  # notes stand beside each other
        taken = next((field for field in fields if field in fed and is_unpacked(table, column)), None)
        if taken is not None:
            label = words.record_field(taken).label
            doubts.append(Doubt(column.header, label, f"这一项已用“{fed[taken]}”"))
            column = replace(column, column_no=None, grade="known", why="")
        kept.append(column)
    return tuple(kept), tuple(doubts)


def is_unpacked(table: Table, column: Column) -> bool:
    return column.position > table.n_written
