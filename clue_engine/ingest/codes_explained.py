"""Codes that the workbook itself explains: 伤害程度(1死亡2重伤3轻伤) in a heading, 赔付码：A全部 B过半 C未赔 in a note,
a sheet of codes (代码、项目、含义).

Comes in: the tables of a file. Goes out: the tables with the words in the place of the codes in their first rows, the
headings without the explanation, and what each column's codes mean; later the raw table with the words in its cells.
A column is read so only where nearly all of its cells are codes that are explained.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from clue_engine.ingest.header import heading_key
from clue_engine.ingest.land_shown import INFERRED, Note
from clue_engine.ingest.table import PREVIEW_ROWS, Explained, Table
from clue_engine.values.text import half_width
from clue_engine.workspace import Workspace, ident, literal

_BRACKET = re.compile(r"[(（]([^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]\s*$")
_LINE = re.compile(
    r"^\s*(?:\d{1,2}[.、]|[一二三四五六七八九十]、)?\s*[“\"「【]?([\u4e00-\u9fff/]{2,10}?)[”\"」】]?(?:一?[栏列])?\s*(?:[:：]|[填为](?=[0-9A-Za-z]))(.+)$"
)
_NOTED = re.compile(  # 注：诉讼地位 1=嫌疑人 2=被害人
    r"^\s*(?:(?:注释?|备注|(?:填表|代码)?说明)\s*\d*\s*[:：、]?)?\s*([\u4e00-\u9fff/]{2,10}?)[栏列]?\s*(?=[0-9A-Za-z]{1,2}\s*(?:[=＝\-－—:：.、]|[\u4e00-\u9fff]{1,8}[\s,，;；、]+[0-9A-Za-z]))(.+)$"
)
_NAME_END = re.compile("(?:代码|编码|代号|编号|码|填写说明|说明)$")
_CODE, _ANY = re.compile("(?:代码|编码|码)$"), "代码"  # 代码说明 is of the column whose heading says 代码
_LETTERED = re.compile(
    r"(?<![0-9A-Za-z])([A-Z]{1,2}[0-9]{0,2})\s*[=＝\-－—:：.、]?\s*(?=[\u4e00-\u9fff])"
)  # S死亡 Z1重伤一级
_INNER = re.compile(r"[(（][^()（）]*[)）]")
_SIZES = re.compile(r"\([^()]*(?:[万元]|以上|以下|以内|包括|含)[^()]*\)$")  # 重大财产损失（5万元以上）
_OF, _CODED, _MEANT = (
    re.compile("(?:代码|数据)?(?:字典项?|项目|字段|栏目|列名|表头|指标|项|栏)(?:名称?)?"),
    re.compile("(?:代码|编码|代号|取值|值)"),
    re.compile("(?:代码)?(?:含义|释义|说明|名称|意义|解释|内容)"),
)  # the headings of a sheet of codes
_SIGNS = " \t,，;；、。.．:：=＝-—－为"
_FEWEST, _MOSTLY, _LONGEST, _TAIL, _CODES = 2, 0.9, 30, 6, 2000
Codes = Mapping[str, str]


def explained(files: Sequence[Sequence[Table]]) -> list[list[Table]]:
    """The tables of each file with the codes that itself, a sheet beside it or a table of codes elsewhere explains.

    A name to which the tables of two files give other codes explains nothing outside its file.
    """
    sheets = [{name: codes for table in tables for name, codes in _sheet_of_codes(table)} for tables in files]
    shared = {name: codes for sheet in sheets for name, codes in sheet.items()}
    shared = {name: c for name, c in shared.items() if all(sheet.get(name, c) == c for sheet in sheets)}
    return [_of_file(tables, shared, own) for tables, own in zip(files, sheets, strict=True)]


def _of_file(tables: Sequence[Table], shared: Mapping[str, Codes], own: Mapping[str, Codes]) -> list[Table]:
    if all(table.file.kind == "parquet" for table in tables):
        return list(tables)
    lines = {name: codes for table in tables for name, codes in _lines(table)}
    return [_table(table, {**shared, **lines, **own}) for table in tables]


def _lines(table: Table) -> Iterator[tuple[str, Codes]]:
    """What lines of text beside a table explain: name of a column → its codes."""
    for row in (*table.preview, *_last_rows(table)):
        said = [cell for cell in row if cell.strip()]
        for text in said if len(said) <= _FEWEST else ():
            for line in text.splitlines():
                parts = [one for part in re.split("[。；;]", line) if (one := _line(part))]
                yield from parts or filter(None, [_line(line)])


def _line(text: str) -> tuple[str, Codes] | None:
    found = _LINE.match(text) or _NOTED.match(text)
    codes = codes_in(found[2]) if found else {}
    return (_stem(found[1]), codes) if found and codes else None


def _last_rows(table: Table) -> list[list[str]]:
    """The rows at the end of a long sheet: the clerk explains his codes there."""
    import pyarrow as pa

    if table.staged is None or len(table.preview) < PREVIEW_ROWS:
        return []
    with pa.memory_map(str(table.staged)) as source, pa.ipc.open_file(source) as staged:
        last = staged.get_batch(staged.num_record_batches - 1) if staged.num_record_batches else None
        rows = last.slice(max(last.num_rows - _TAIL, 0)).to_pylist() if last else []
    return [[cell or "" for name, cell in row.items() if name != "row_no"] for row in rows]


def _sheet_of_codes(table: Table) -> Iterator[tuple[str, Codes]]:
    """What a table explains whose columns are code, name of a column and meaning."""
    for number, row in enumerate(table.preview[:3]):
        keys = [heading_key(cell)[0] for cell in row]
        places = [[n for n, key in enumerate(keys) if one.fullmatch(key)] for one in (_OF, _CODED, _MEANT)]
        if not all(places) or sum(map(bool, keys)) > len(places) + 1:
            continue
        of, coded, meant = (found[0] for found in places)
        codes: dict[str, dict[str, str]] = {}
        name = ""
        for cells in (*table.preview[number + 1 :], *_behind(table)):
            name = _stem(cells[of]) or name
            if name and cells[coded].strip() and cells[meant].strip():
                codes.setdefault(name, {})[cells[coded].strip()] = cells[meant].strip()
        yield from codes.items()


def _behind(table: Table) -> list[list[str]]:
    """The rows of a table of codes behind those that were looked at first."""
    import pyarrow as pa

    if table.staged is None or len(table.preview) < PREVIEW_ROWS:
        return []
    with pa.memory_map(str(table.staged)) as source, pa.ipc.open_file(source) as staged:
        rows = staged.read_all().slice(PREVIEW_ROWS, _CODES).to_pylist()
    return [[cell or "" for name, cell in row.items() if name != "row_no"] for row in rows]


def codes_in(text: str) -> dict[str, str]:
    """1死亡 2重伤 3轻伤（含轻微伤） → each code and its word; {} for a text that is no such list.

    The codes follow one another (0 or 1 first, or A), so that a number within a word is none.
    """
    text = half_width(text).strip()
    if (lettered := _lettered(text)) is not None:
        return lettered
    bare = _INNER.sub(lambda m: "\0" * len(m[0]), text)
    for first in ("0", "1", "01", "00", "A", "a"):
        marks, code, at = [], first, 0
        while found := re.compile(rf"(?<![0-9A-Za-z]){code}(?![0-9A-Za-z])").search(bare, at):
            marks.append((code, found.start(), found.end()))
            at, code = found.end(), str(int(code) + 1).zfill(len(code)) if code.isdigit() else chr(ord(code) + 1)
        if len(marks) >= _FEWEST and not bare[: marks[0][1]].strip(_SIGNS + "("):
            ends = [start for _, start, _ in marks[1:]] + [len(text)]
            words = [
                text[begin:end].lstrip(_SIGNS + ")").rstrip(_SIGNS)
                for (_, _, begin), end in zip(marks, ends, strict=True)
            ]
            words = [_SIZES.sub("", word) for word in words]
            if all(words) and max(map(len, words)) <= _LONGEST:
                return {code: word for (code, _, _), word in zip(marks, words, strict=True)}
    return {}


def _lettered(text: str) -> dict[str, str] | None:
    """S死亡 Z1重伤一级 Q1轻伤一级: codes of letters that follow no order; None where they are others."""
    marks = list(_LETTERED.finditer(text))
    codes = [mark[1] for mark in marks]
    ordered = all(len(code) == 1 for code in codes) and codes == [chr(ord("A") + n) for n in range(len(codes))]
    if (
        len(marks) < _FEWEST + 1
        or text[: marks[0].start()].strip(_SIGNS + "(")
        or len(set(codes)) < len(codes)
        or ordered
    ):
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    words = [text[mark.end() : end].strip(_SIGNS) for mark, end in zip(marks, ends, strict=True)]
    return dict(zip(codes, words, strict=True)) if all(words) and max(map(len, words)) <= _LONGEST else None


def _stem(heading: str) -> str:
    return _NAME_END.sub("", heading_key(heading)[0])


def _table(table: Table, lines: Mapping[str, Codes]) -> Table:
    if table.file.kind == "parquet":
        return table
    rows = [list(row) for row in table.preview]
    found: list[Explained] = []
    for number, row in enumerate(table.preview[: len(table.preview) - 1]):
        for place, cell in enumerate(row):
            one = _explained(table, number, place, cell, lines)
            if one is not None and all(other.position != one.position for other in found):
                found.append(one)
                rows[number][place] = one.heading
                for below in rows[number + 1 :]:
                    if place < len(below):
                        below[place] = _word(one.codes, below[place]) or below[place]
    return replace(table, preview=tuple(map(tuple, rows)), explained=tuple(found)) if found else table


def _explained(table: Table, number: int, place: int, cell: str, lines: Mapping[str, Codes]) -> Explained | None:
    """What the codes below a cell mean, when it is a heading that says so, or one that a line of text explains."""
    bracket = _BRACKET.search(cell)
    codes = codes_in(bracket[1]) if bracket else {}
    heading = cell[: bracket.start()].strip() if bracket and codes else cell.strip()
    stem = _stem(heading)
    codes = codes or dict(lines.get(stem) or (lines.get(_ANY, {}) if _CODE.search(heading) else {}))
    if not codes or not stem:
        return None
    cells = [row[place].strip() for row in table.preview[number + 1 :] if place < len(row) and row[place].strip()]
    known = sum(_word(codes, text) is not None for text in cells)
    if known < _FEWEST or known < _MOSTLY * len(cells):
        return None
    return Explained(place + 1, number, cell.strip(), _NAME_END.sub("", heading) or heading, codes)


def _word(codes: Codes, cell: str) -> str | None:
    """The word of a code, with what stands behind a code of letters: C 105000元."""
    text = cell.strip()
    code, _, rest = text.partition(" ")
    behind = rest.strip() and code in codes and not code.isdigit()
    return codes.get(text) or (f"{codes[code]}，{rest.strip()}" if behind else None)


def explain(ws: Workspace, raw: str, table: Table) -> list[Note]:
    """The words into the raw table, and one note a column."""
    notes: list[Note] = []
    for one in table.explained:
        column = ident(f"c{one.position}")
        words = " ".join(f"when {literal(code)} then {literal(word)}" for code, word in one.codes.items())
        text = f"trim({column})"
        behind = " ".join(
            f"when {literal(code)} then {literal(word + '，')} || trim(substr({text}, {len(code) + 1}))"
            for code, word in one.codes.items()
            if not code.isdigit()
        )
        other = f"case split_part({text}, ' ', 1) {behind} else {column} end" if behind else column
        ws.con.execute(
            f"create or replace table {raw} as"
            f" select * replace (case {text} {words} else {other} end as {column}) from {raw} order by row_no"
        )
        said = "、".join(f"{code}＝{word}" for code, word in one.codes.items())
        notes.append(
            ("COLUMN_INFERRED", "note", None, one.heading, f"{INFERRED}：“{one.written}”的代码按表里的说明读作 {said}")
        )
    return notes
