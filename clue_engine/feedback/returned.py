"""Returned lists: workbooks and CSVs as this program wrote them, sorted, filtered, with columns added or put together.

Comes in: files. Goes out: ``Returned`` rows, each under the headings of its sheet. A row of headings is known by its
cell 线索编号, wherever it stands; its rows go on until the next one, so lists of several townships may stand under each
other. Hidden and filtered rows are read as well. For an encrypted workbook the password is asked for.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.export import columns as c
from clue_engine.export.encrypt import opened
from clue_engine.export.privacy import plain, redact
from clue_engine.ingest.dialect import detect_dialect
from clue_engine.ingest.encoding import detect_encoding
from clue_engine.ingest.formats import check_package, detect, incomplete
from clue_engine.ingest.inputs import list_inputs
from clue_engine.ingest.table import File, Table
from clue_engine.ingest.workbook import read_workbooks

_WANTED = (*c.FEEDBACK, c.CASE_NO)  # the case number says which event is meant
# What csv_text wrote in front of a cell: a tab before digits, an apostrophe before a formula.
_GUARD = re.compile(r"^(?:\t|'(?=[=+\-@＝＋－＠|]))")
_SAMPLE = 64 * 1024
_FORMULA = "公式没有结果"
_TRIES = 3
_OURS = frozenset(
    {"填表说明", "汇总", "规则说明", "数据质量", "变化", "按户", "_run"}
)  # of our workbooks, without answers


@dataclass(frozen=True)
class Returned:
    """A row with something in it. ``number``: the cell 线索编号 as written; ``cells``: those filled in, by heading."""

    place: str
    number: str
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """What was read: the rows, per file how many, and what could not be used, in words."""

    rows: tuple[Returned, ...]
    files: tuple[tuple[str, str, int], ...]  # file, its hash, rows
    unread: tuple[str, ...]  # sheets without the columns 线索编号 and 核查结果
    errors: tuple[ClueError, ...]
    skipped: tuple[tuple[str, str], ...] = ()  # what in a folder was passed over, and why


Ask = Callable[[str, bool], str]  # a file and whether an earlier answer was wrong -> its password; empty: none


def read_returned(paths: Iterable[Path], folder: Path, ask: Ask | None = None) -> Reading:
    """All rows of all files. ``folder``: where workbooks wait as text meanwhile. Raises CE-U11, CE-U12.

    ``ask``: for the password of an encrypted workbook, where a person can be asked; it is opened in memory only.
    """
    found, skipped = list_inputs(paths)
    errors: list[ClueError] = []
    rows: list[Returned] = []
    files: list[tuple[str, str, int]] = []
    unread: list[str] = []
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for path, tables in _tables(found, Path(place), ask):
            if isinstance(tables, ClueError):
                errors.append(tables)
                continue
            own: list[Returned] = []
            for sheet, lines in tables:
                where = _said(path.name) + (f"〔{_said(sheet)}〕" if sheet else "")
                known, listed = _rows(where, lines)
                own += listed
                if not known and sheet not in _OURS:
                    unread.append(where)
            rows += own
            files.append((_said(path.name), hashlib.sha256(path.read_bytes()).hexdigest(), len(own)))
    return Reading(tuple(rows), tuple(files), tuple(unread), tuple(errors), _passed(skipped))


_Lines = Iterable[tuple[int, Sequence[str]]]


def _tables(
    paths: Sequence[Path], folder: Path, ask: Ask | None
) -> Iterator[tuple[Path, list[tuple[str, _Lines]] | ClueError]]:
    """The sheets of each file, in the order of the files; workbooks go through the reader in a process of its own."""
    kinds: dict[Path, File | ClueError] = {}
    for path in paths:
        try:
            kinds[path] = File(path, detect(path), "", path.stat().st_size)
        except ClueError as error:
            kinds[path] = error
    books = [file for file in kinds.values() if isinstance(file, File) and file.kind in ("xlsx", "xls", "html")]
    read = dict(zip((book.path for book in books), read_workbooks(books, folder, children=1), strict=True))
    for path, file in kinds.items():
        if isinstance(file, ClueError) and file.code == "CE-F02":
            try:
                yield path, _locked(path, ask)
            except ClueError as error:
                yield path, error
        elif isinstance(file, ClueError):
            yield path, file
        elif path in read:
            tables = read[path]
            yield path, tables if isinstance(tables, ClueError) else [(t.sheet, _staged(t)) for t in tables]
        elif file.kind == "text":
            try:
                yield path, [("", _text(path))]
            except ClueError as error:
                yield path, error
        else:
            yield path, ClueError("CE-F12", "不是能读取的表格", place=_said(path.name), hint="用导出的 xlsx 或 csv")


def _staged(table: Table) -> Iterator[tuple[int, Sequence[str]]]:
    import pyarrow as pa

    assert table.staged is not None
    uncomputed = set(table.uncomputed)  # formulas whose result nobody has stored: no answer, and not nothing
    with pa.OSFile(str(table.staged), "rb") as source:
        for row in pa.ipc.open_file(source).read_all().to_pylist():
            number, *cells = row.values()
            yield (
                int(number),
                [_FORMULA if (number - 1, n) in uncomputed else cell or "" for n, cell in enumerate(cells)],
            )


def _locked(path: Path, ask: Ask | None) -> list[tuple[str, _Lines]]:
    """The sheets of an encrypted workbook: the restricted are in it, so nothing of it touches the disk."""
    if ask is None:
        hint = "在终端窗口里运行同一条命令（不加 --json），程序会问密码；密码不写在命令里"
        raise ClueError("CE-F02", "文件有打开密码，这里不能问", place=_said(path.name), hint=hint)
    for turn in range(_TRIES):
        password = ask(_said(path.name), turn > 0)
        if not password:
            break
        try:
            found = opened(path.read_bytes(), password)
        except ValueError:
            raise incomplete(_said(path.name)) from None
        if found is not None:
            return _in_memory(found, _said(path.name))
    hint = "向写出这个文件的人核对密码，再读一次；别的文件已经照常读了"
    raise ClueError("CE-F02", "文件有打开密码，没有输入对", place=_said(path.name), hint=hint)


def _in_memory(workbook: bytes, name: str) -> list[tuple[str, _Lines]]:
    import openpyxl

    check_package(io.BytesIO(workbook), name)
    try:
        shown = openpyxl.load_workbook(io.BytesIO(workbook), data_only=True)
        typed = openpyxl.load_workbook(io.BytesIO(workbook))
    except Exception:  # whatever openpyxl makes of it
        raise incomplete(name) from None
    return [
        (
            sheet.title,
            [
                (n, [_cell(a.value, b.data_type == "f") for a, b in zip(*rows, strict=True)])
                for n, rows in enumerate(zip(sheet.iter_rows(), typed[sheet.title].iter_rows(), strict=True), 1)
            ],
        )
        for sheet in shown.worksheets
    ]


def _cell(value: object, formula: bool) -> str:
    """As the reader of open workbooks gives it."""
    if value is None:
        return _FORMULA if formula else ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _text(path: Path) -> list[tuple[int, Sequence[str]]]:
    text = path.read_bytes().decode(detect_encoding(path))
    dialect = detect_dialect(text[:_SAMPLE])
    try:
        rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=dialect.delimiter)
        return list(enumerate(rows, 1))
    except csv.Error:
        raise ClueError("CE-F01", "文件不完整或已损坏", place=_said(path.name), hint="另存为 xlsx 再试") from None


def _rows(where: str, lines: _Lines) -> tuple[bool, list[Returned]]:
    """Whether there is a row of headings, and the rows below it that have a number or an answer."""
    found: list[Returned] = []
    places: dict[str, list[int]] = {}
    known = False
    for number, line in lines:
        cells = [unicodedata.normalize("NFKC", _GUARD.sub("", cell)).strip() for cell in line]
        heads = ["".join(cell.split()) for cell in cells]
        if c.NUMBER in heads and c.RESULT not in heads:
            places = {}
        elif c.NUMBER in heads:
            places = {h: [i for i, head in enumerate(heads) if head == h] for h in (c.NUMBER, *_WANTED)}
            known = True
            continue
        if not places:
            continue
        filled = {h: text for h in _WANTED if (text := _first(cells, places[h]))}
        clue = _first(cells, places[c.NUMBER])
        if clue or filled.keys() - {c.CASE_NO}:
            found.append(Returned(f"{where}第{number}行", clue, filled))
    return known, found


def _first(cells: Sequence[str], places: Sequence[int]) -> str:
    """What is filled in under a heading; of two columns of one name the first that holds something."""
    return next((cells[place] for place in places if place < len(cells) and cells[place]), "")


def _passed(skipped: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((_said(name), "不是表格" if why == "不是导出文件" else why) for name, why in skipped)


def _said(text: str) -> str:
    return redact(plain(text))[:60]
