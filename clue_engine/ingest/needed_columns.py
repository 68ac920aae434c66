"""Columns that nobody uses and that look like what the rules need and this file does not give otherwise.

Comes in: the raw tables of loaded files, the fields that rules need of each record (``needed`` of records.yaml) and
that a source expects to know (``expect: {read: …}``). Goes
out: table unused_column (file_id, header, n_cells, looks, field, label), one row per such column and field. A column
that looks like nothing needed, or like what is there already, is harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from clue_engine.ingest.by_cells import TEXT
from clue_engine.ingest.column_fit import fit
from clue_engine.ingest.key_join import KeyPlaces
from clue_engine.ingest.land import insert
from clue_engine.ingest.layout import RawFile, feeds, kinds_of
from clue_engine.ingest.readings import code_table, look_up
from clue_engine.ingest.regular import says_nothing, trimmed
from clue_engine.ingest.stage import loaded_rows
from clue_engine.ingest.value_shape import CASE_NO, is_date
from clue_engine.pack.expect import expectation
from clue_engine.pack.field_words import FieldWords
from clue_engine.pack.model import CodeSet, RecordField, RecordKind
from clue_engine.values import money
from clue_engine.values.identity import identity
from clue_engine.values.text import compact, is_yes_no
from clue_engine.workspace import Workspace

TABLE = "unused_column"
LOOKS = {
    "name": "姓名",
    "money": "金额",
    "id": "证件号码",
    "date": "日期",
    "caseno": "案号、编号",
    "bool": "是否",
    "text": "文字",
    "number": "数",
}
_PROSE = ("case.summary",)  # in running text
HEARD = "只按备注听了其中可能的事实"
_SAMPLE = 300  # cells
_FEW = 3  # cells that make no column
_TELLING = ("name", "code")  # of these the values tell what they are; a day, a number or a yes may be anything
_EXPECTED = 6  # fields; a table of a source that expects fewer says little by lacking one
_MET = 0.2  # of the numbers of a column other files have: it is the one by which they name the case
_MOSTLY = 0.8
_MONEY_WORDS = re.compile("[金款额费]|损失|赔|收入|标的|万元|元")
_LONG_NUMBER = re.compile("(?!1[3-9][0-9]{9}$)[0-9]{9,16}")  # 户编号; no telephone
_SMALL = re.compile("[0-9]{1,3}")
_HAN = re.compile("[\u3400-\u9fff]")
_YEARS = range(1900, 2101)
_CODE = re.compile("[0-9]{1,2} ?[-－.、:：] ?(?=[^0-9])")  # 1-是
_LARGE = 1000  # no age, no count of persons


def note_needed_columns(
    ws: Workspace, files: Iterable[RawFile], records: Mapping[str, RecordKind], codes: Mapping[str, CodeSet]
) -> None:
    """Fill the table anew."""
    ws.con.execute(
        f"create or replace table {TABLE} (file_id integer, header varchar, n_cells bigint,"
        " looks varchar, field varchar, label varchar)"
    )
    files = list(files)
    types = {f"{kind.name}.{field.name}": field.type for kind in records.values() for field in kind.fields}
    keys = KeyPlaces(ws, files, types)
    found: list[tuple[object, ...]] = []
    for file in files:
        lacking = list(_lacking(file, records))
        ignored, doubtful = (_ignored(ws, file), _doubtful(ws, file)) if lacking else (set[str](), {})
        heard = _heard(ws, file) if lacking else set[str]()
        for column in file.columns if lacking else ():
            free = column.column_no is None and column.header not in ignored
            if not column.header or not (free or column.header in heard):
                continue
            cell = trimmed(f"c{column.position}")
            says = f"{loaded_rows(ws, file)} and not {says_nothing(cell)}"
            ((n_cells,),) = ws.rows(f"select count(*) from {says}")
            texts = [t for (t,) in ws.rows(f"select {cell} from {says} order by row_no limit {_SAMPLE}")]
            if len(texts) < _FEW:
                continue
            for target, field, beside in lacking:
                why = doubtful.get(column.header, "").partition(f"像“{field.label}”")[2]
                if not free and target not in _PROSE:
                    continue
                words = file.source.options.get("field_words")
                if beside:
                    is_it = _share(texts, _is_number) and _named_by(keys, file, column.position, field.type)
                else:
                    is_it = bool(why) or _looks_like(field, column.header, texts, codes, words)
                if is_it:
                    looks = field.label + why if why else LOOKS.get(field.type) or f"{field.label}的取值"
                    looks += "" if free else f"，{HEARD}"
                    found.append((file.file_id, column.header, n_cells, looks, target, field.label))
    keys.drop()
    insert(ws, TABLE, found)


def _ignored(ws: Workspace, file: RawFile) -> set[str]:
    """Headings that the source says it does not use."""
    unused = "('COLUMN_UNKNOWN', 'COLUMN_DOUBTFUL')"
    told = ws.rows(f"select column_name from issue where file_id = ? and code in {unused}", [file.file_id])
    return {c.header for c in file.columns} - {header for (header,) in told}


def _heard(ws: Workspace, file: RawFile) -> set[str]:
    """Headings of running text that was heard as a note, for want of a heading that says what it is."""
    told = "select column_name from issue where file_id = ? and code = 'COLUMN_INFERRED' and contains(detail, ?)"
    return {header for (header,) in ws.rows(told, [file.file_id, TEXT])}


def _doubtful(ws: Workspace, file: RawFile) -> dict[str, str]:
    """Columns that look like a field by their heading and were not used, with what was said of them."""
    said = "select column_name, detail from issue where file_id = ? and code = 'COLUMN_DOUBTFUL' order by detail"
    return dict(ws.rows(said, [file.file_id]))


def _lacking(file: RawFile, records: Mapping[str, RecordKind]) -> Iterator[tuple[str, RecordField, bool]]:
    """The needed fields that the source has in other files and that no column of this one gives.

    Of a table that has nearly all that its source expects, what it lacks of that is missed too.
    With each whether another number names the row already: then the column is missed only where other files know it.
    """
    possible = {target for column in file.source.columns for target in column.fields}
    stated = expectation(file.source.options)
    expected = possible.intersection(stated.read if stated else ())
    fed = {t for c in file.columns if c.column_no is not None for t in file.source.columns[c.column_no].fields}
    whole = len(expected) >= _EXPECTED and len(expected - fed) <= max(1, len(expected) // _EXPECTED)
    for name in kinds_of(file):
        kind = records[name]
        given = {feed.field.name for feed in feeds(file.source, kind, file.columns) if feed.groups}
        told = {f.name for f in kind.fields if f"{name}.{f.name}" in expected and (whole or f.type in _TELLING)}
        needed = [f for f in kind.fields if f.name in kind.needed or f.name in told]
        numbered = any(f.type == "caseno" and f.name in given for f in needed)
        for field in needed:
            target = f"{name}.{field.name}"
            if field.name in kind.beside and kind.beside[field.name] not in given:
                continue
            if field.name not in given and target in possible:
                yield target, field, field.type == "caseno" and numbered


def _looks_like(
    field: RecordField, header: str, texts: Sequence[str], codes: Mapping[str, CodeSet], words: FieldWords | None
) -> bool:
    if field.type == "money":
        return _looks_like_money(header, texts)
    if field.type == "name":
        return words is not None and bool(words.surnames) and fit(texts, field, {}, "", words).share >= _MOSTLY
    if field.type in ("code", "codes") and field.codes and field.codes in codes:
        table, own = code_table(codes[field.codes], {}), codes[field.codes]
        bare = [_CODE.sub("", t, 1) if _CODE.match(t) else t for t in texts]
        said = [t for t in bare if not is_yes_no(t) and not compact(t).isdigit()]  # 否, 1: values of any table
        return len(said) >= max(_FEW, len(texts) * 0.3) and _share(said, lambda t: bool(look_up(table, t, own)[0]))
    tests = {
        "id": lambda t: identity(t).kind not in ("none", "other", "org"),
        "date": is_date,
        "caseno": lambda t: bool(CASE_NO.fullmatch(compact(t)) or _LONG_NUMBER.fullmatch(t)) and not is_date(t),
        "bool": is_yes_no,
        "number": lambda t: bool(_SMALL.fullmatch(compact(t))),
        "text": lambda t: bool(_HAN.search(t)) and not is_yes_no(t) and not is_date(t),
    }
    test = tests.get(field.type)
    if field.type == "text" and len(set(texts)) < _FEW:
        return False
    return test is not None and _share(texts, test)


def _named_by(keys: KeyPlaces, file: RawFile, position: int, kind: str) -> bool:
    """Whether other files name the cases by this column: many of its numbers, or some that stand nowhere else."""
    return keys.share_met(file, position, kind) >= _MET or keys.only_there(file, position, kind) >= _FEW


def _is_number(text: str) -> bool:
    """Of whatever form: T5299212024000123 is a number of a case too."""
    return bool(re.search("[0-9]{4}", text)) and not is_date(text)


def _looks_like_money(header: str, texts: Sequence[str]) -> bool:
    """Amounts; not numbers in a row, years, ages, accounts."""
    amounts = [value for t in texts if len(re.sub("[^0-9]", "", t)) <= 10 and (value := money.money(t)[0]) is not None]
    if len(amounts) < _MOSTLY * len(texts) or any(is_date(t) for t in texts):
        return False
    if _MONEY_WORDS.search(header) or any(re.search("[元万]", t) for t in texts):
        return True
    whole = sorted(amounts)
    in_a_row = len(set(whole)) == len(whole) and whole[-1] - whole[0] == len(whole) - 1
    varied = len(set(whole)) > 1 or len(whole) <= _FEW  # the same in all rows: a number of the place
    return whole[-1] >= _LARGE and varied and not in_a_row and not all(value in _YEARS for value in whole)


def _share(texts: Sequence[str], test: object) -> bool:
    assert callable(test)
    return sum(bool(test(t)) for t in texts) >= _MOSTLY * len(texts)
