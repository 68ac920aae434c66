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
from clue_engine.pack.field_words import CellRule, FieldWords
from clue_engine.pack.model import Source
from clue_engine.values.due_and_paid import due_and_paid, says_sums
from clue_engine.values.identity import identity
from clue_engine.values.persons_cell import NUMBER, IsRelation, Named, hurt_in, numbered_kin, persons_in
from clue_engine.values.text import cell_text
from clue_engine.values.victims_cell import is_labelled, victims_in
from clue_engine.workspace import Workspace

BETWEEN = "；"
_RELATION = "registry.relation"
_ENOUGH = 0.6  # share of the cells that must be understood
_PERSONS = re.compile(r"[0-9]{15}|[0-9]\s*岁|[；;]")
_MAY_BE = re.compile(r"[0-9]{15}|[（(、，,；;\s]|岁|生")
_RELATIVES = re.compile("成员|亲属|家属|关系")
_WITH_NUMBER = re.compile("(?:姓名)?[及和与、,，/]?(?:居民|公民)?(?:身份证(?:件)?号?码?|证件号?码?)$")  # 姓名及身份证号
_TOLD = 0.4  # share of victims of whom more than the name is said
_NEW = 18  # figures of a number of today; one of fifteen may be anything
_ALSO = "\x1f"  # between the cells of columns that are read together


def relation_test(words: FieldWords) -> IsRelation:
    """Whether a word says what somebody is to the head or to the victim."""
    codes = words.codes[str(words.record_field(_RELATION).codes)]
    table = code_table(codes, {})
    return lambda word: look_up(table, word, codes)[0] is not None


def unpacked(table: Table, words: FieldWords) -> Table:
    """The table with columns more in its first rows; itself where no column is of this kind."""
    width = max((len(row) for row in table.preview), default=0)
    is_relation = relation_test(words)
    found = _together([p for n in range(width) for p in _packed(table, n, words, is_relation)])
    if not found or table.file.kind == "parquet":
        return table
    rows = [[*row, *[""] * (table.n_columns - len(row))] for row in table.preview]
    for one in found:
        head = [*one.headings, *[""] * (len(PARTS) - len(one.headings))]
        for number, row in enumerate(rows):
            row += head if number == one.row else [""] * len(PARTS)
        for place in () if one.told else (one.position, *(place for place, _ in one.also)):
            rows[one.row][place - 1] = ""
        if one.number is not None:
            rows[one.row][one.number - 1] = ""
        if one.head is not None and one.head[1] and rows[one.row][one.head[1] - 1].strip():
            rows[one.row][one.head[1] - 1] = "户主证件号码"
    return replace(
        table, preview=tuple(map(tuple, rows)), n_columns=table.n_columns + len(PARTS) * len(found), packed=tuple(found)
    )


def _together(found: Sequence[Packed]) -> list[Packed]:
    """Columns of victims that go into the same ones are one: 死亡人员, 受伤人员."""
    first: dict[tuple[int, tuple[str, ...]], Packed] = {}
    for one in found:
        key = (one.row, one.headings) if one.victims or one.kin else (one.row, (str(one.position), *one.headings))
        before = first.get(key)
        if before is None:
            first[key] = one
        elif before.number is None and one.number is None:  # whose a number beside is would be open
            also = (*before.also, (one.position, one.says))
            first[key] = replace(before, heading=f"{before.heading}、{one.heading}", also=also)
    return list(first.values())


def _packed(table: Table, place: int, words: FieldWords, is_relation: IsRelation) -> list[Packed]:
    """What a column is taken into: nothing, one thing, or victims and their families."""
    cells = [row[place] if place < len(row) else "" for row in table.preview]
    if (single := _hurt(cells, place, words) or _due(cells, place, words)) is not None:
        return [single]
    if found := _victims(table, cells, place, words, is_relation) or _with_number(cells, place, words, is_relation):
        return found
    members = _members(table, cells, place, words, is_relation) or _told_kin(table, cells, place, words, is_relation)
    return [members] if members is not None else []


def _heading(cells: Sequence[str], words: FieldWords, reads: str) -> tuple[int, CellRule] | None:
    """The row of the first heading under which such cells may stand, and what it says of them."""
    keys = [heading_key(cell)[0] for cell in cells]
    rules = words.cells_of(reads)
    return next(((n, rule) for n, key in enumerate(keys) for rule in rules if rule.heading.fullmatch(key)), None)


def _told_kin(
    table: Table, cells: Sequence[str], place: int, words: FieldWords, is_relation: IsRelation
) -> Packed | None:
    """A column of running text beside victims (家庭成员及困难) in which their families are named with numbers."""
    if (found := _heading(cells, words, "家属")) is None:
        return None
    row, rule = found
    if rule.beside is not None and not any(rule.beside.search(cell) for cell in table.preview[row]):
        return None
    numbered = [cell for cell in cells[row + 1 :] if NUMBER.search(cell)]
    if not numbered or sum(bool(numbered_kin(cell, is_relation)) for cell in numbered) < _ENOUGH * len(numbered):
        return None
    return Packed(place + 1, row, cells[row].strip(), rule.into, told=True)


def _victims(
    table: Table, cells: Sequence[str], place: int, words: FieldWords, is_relation: IsRelation
) -> list[Packed]:
    """A column of victims with their numbers, or in which a family stands for one who is dead."""
    if (at := _heading(cells, words, "被害人")) is None:
        return []
    row, rule = at
    filled = [cell for cell in cells[row + 1 :] if cell.strip()]
    read = [victims_in(cell, is_relation) for cell in filled]
    victims = [victim for one in read if one for victim in one]
    if not victims or sum(one is not None for one in read) < _ENOUGH * len(filled):
        return []
    told = sum(bool(v.number or v.harm) for v in victims)
    if told < _TOLD * len(victims) and not any(v.claimed for v in victims):
        return []  # names alone
    beside = [table.preview[n][place + 1] for n in (row, row + 1) if place + 1 < len(table.preview[n])]
    has_number = rule.number is not None and any(rule.number.fullmatch(heading_key(cell)[0]) for cell in beside)
    number = place + 2 if has_number else None
    headings = rule.labelled if rule.labelled and any(map(is_labelled, filled)) else rule.into
    found = [Packed(place + 1, row, cells[row].strip(), headings, victims=True, number=number, says=rule.says)]
    if any(victim.kin for victim in victims):
        found.append(Packed(place + 1, row, cells[row].strip(), rule.kin, kin=True, number=number))
    return found


def _with_number(cells: Sequence[str], place: int, words: FieldWords, is_relation: IsRelation) -> list[Packed]:
    """A column of a head of household or a suspect in each cell, with his number."""
    if (at := _heading(cells, words, "一个人")) is None:
        return []
    row, rule = at
    read = [victims_in(cell, is_relation) for cell in cells[row + 1 :] if cell.strip()]
    ones = [one[0] for one in read if one and len(one) == 1 and not one[0].kin]
    if not any(one.number for one in ones) or len(ones) < _ENOUGH * len(read):
        return []
    return [Packed(place + 1, row, cells[row].strip(), rule.into, victims=True)]


def _members(
    table: Table, cells: Sequence[str], place: int, words: FieldWords, is_relation: IsRelation
) -> Packed | None:
    """The column, when most of its cells are persons and a heading stands above the first of them."""
    read = [persons_in(cell, is_relation) if _MAY_BE.search(cell) else None for cell in cells]
    first = next((n for n, one in enumerate(read) if one), None)
    # a cell of persons that is not understood is no heading, and is not shown as one
    above = [n for n in range(first or 0) if cells[n].strip() and not _PERSONS.search(cells[n])]
    if first is None or not above:
        return None
    row = above[-1]
    below = zip(cells[row + 1 :], read[row + 1 :], strict=True)
    filled = [one for cell, one in below if persons_in(cell, is_relation) != []]
    understood = [one for one in filled if one and (any(map(_is_numbered, one)) or _RELATIVES.search(cells[row]))]
    if len(understood) < _ENOUGH * len(filled):
        return None
    heading = re.sub(r"[（(].*$", "", cells[row].strip())
    stem = _WITH_NUMBER.sub("", re.sub("(?:姓名|名单|信息|情况|基本情况)$", "", heading))
    if not stem and not _WITH_NUMBER.fullmatch(heading):
        return None
    of_household = any(rule.heading.fullmatch(heading) for rule in words.cells_of("成员"))
    relation = "与户主关系" if of_household else f"{stem}关系"
    head = _head(table.preview[row : row + 2], words) if of_household else None
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


def _is_numbered(person: Named) -> bool:
    """Whether a person stands with his number: 统受529921202500011 is that of a case."""
    return len(person.number) == _NEW or identity(person.number).kind == "old15"


def _hurt(cells: Sequence[str], place: int, words: FieldWords) -> Packed | None:
    """A column of who met in accidents and who of them was hurt."""
    if (at := _heading(cells, words, "受伤的人")) is None:
        return None
    row, rule = at
    filled = [cell for cell in cells[row + 1 :] if cell.strip()]
    if not filled or sum(hurt_in(cell) is not None for cell in filled) < _ENOUGH * len(filled):
        return None
    return Packed(place + 1, row, cells[row].strip(), rule.into, hurt=True)


def _due(cells: Sequence[str], place: int, words: FieldWords) -> Packed | None:
    """A column of what is due and what was paid of it."""
    named = ["" if says_sums(cell) else cell for cell in cells]  # under a plain 赔偿情况 the first cell is no heading
    if (at := _heading(named, words, "应付和实付")) is None:
        return None
    row, rule = at
    filled = [cell for cell in cells[row + 1 :] if cell_text(cell) is not None]
    if not filled or sum(due_and_paid(cell) is not None for cell in filled) < _ENOUGH * len(filled):
        return None
    return Packed(place + 1, row, cells[row].strip(), rule.into, due=True)


def _head(headings: Sequence[Sequence[str]], words: FieldWords) -> tuple[int, int] | None:
    """The columns of the head's name and, right of it, of a number (0 without one); None when the table does not say.

    ``headings``: the row of them and the next, which under 户主 may say 姓名 and 身份证号.
    """
    keys, below = ([heading_key(cell)[0] for cell in row] for row in (*headings, ())[:2])
    if (found := _heading(keys, words, "户主")) is None or (number := found[1].number) is None:
        return None
    at = found[0]
    beside = keys[at + 1] if at + 1 < len(keys) else ""
    beside = beside or (below[at + 1] if below[at : at + 1] == ["姓名"] else "")
    if number.fullmatch(beside):
        return at + 1, at + 2
    return None if any(number.fullmatch(key) for key in (*keys, *below)) else (at + 1, 0)


def unpack(ws: Workspace, raw: str, table: Table, words: FieldWords) -> list[Note]:
    """The cells of the new columns into the raw table; an issue for each cell that was not understood."""
    import pyarrow as pa

    notes: list[Note] = []
    is_relation = relation_test(words)
    width = table.n_written
    for number, one in enumerate(table.packed):
        places = (one.position, *(place for place, _ in one.also))
        cell_of = f" || '{_ALSO}' || ".join(f"coalesce(r.c{place}, '')" for place in places)
        cells = [cell for (cell,) in ws.rows(f"select distinct {cell_of} from {raw} as r order by 1")]
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
                f" left join unpacked_cells as u on u.cell = {cell_of} order by r.row_no"
            )
            unread = pa.table({"cell": pa.array([c for c in cells if read[c] is None and c.strip(_ALSO)], pa.string())})
        with ws.shown("unread_cells", unread):
            rows = (
                []
                if one.kin
                else ws.rows(f"select row_no from {raw} as r semi join unread_cells on cell = {cell_of} order by 1")
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
    found: list[Named] = []
    for part, says in zip(cell.split(_ALSO), (one.says, *(says for _, says in one.also)), strict=True):
        if (victims := victims_in(part, is_relation)) is None:
            return None
        for v in victims:
            found += v.kin if one.kin else [Named(v.name, v.harm or says, v.number, address=v.address)]
    return found


def _columns(persons: Sequence[Named]) -> tuple[str, ...]:
    """The fourth is of a relative when he was born, of a victim where he lives; no cell says both."""
    rows = [(p.name, p.relation, p.number, p.born or p.address) for p in persons]
    return tuple(BETWEEN.join(row[n] for row in rows) for n in range(len(PARTS)))


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
