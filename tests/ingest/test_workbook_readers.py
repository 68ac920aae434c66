"""The fast reader of workbooks gives what the careful one gives, or declines: any text, gaps, merged and hidden."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clue_engine.ingest import sheet_xml, staged
from clue_engine.ingest.staged import StagedSheet
from clue_engine.ingest.worker import read_job

_TEXT = st.one_of(
    st.sampled_from(
        ["538821199001010000", " 甲 ", "甲\n乙", "=1+1", "<c>", '甲 t="s"><v>', "&lt;", "_x000D_", "", "  "]
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=5),
)
_SHEET = st.dictionaries(st.tuples(st.integers(0, 12), st.integers(0, 5)), _TEXT, max_size=20)
Cells = dict[tuple[int, int], str]


def write(
    path: Path, sheets: list[Cells], *, inline: bool = False, change: Callable[[Any, Any], None] | None = None
) -> Path:
    """A workbook with these cells; the second sheet is hidden, the first has a merged title when A1 has text."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": inline, "strings_to_formulas": False})
    for number, cells in enumerate(sheets):
        sheet = book.add_worksheet(f"表{number + 1}")
        if number == 1:
            sheet.hide()
        for (row, column), text in sorted(cells.items()):
            sheet.write_string(row, column, text)
        if change is not None and number == 0:
            change(book, sheet)
    book.close()
    return path


def read(path: Path, reader: str) -> tuple[list[dict[str, Any]], list[pa.Table]] | None:
    """Facts of the sheets without their place, and their rows with "" for an empty cell."""
    with tempfile.TemporaryDirectory() as out:
        sheets = read_job({"path": str(path), "out": out, "name": "b", "preview": 5, "reader": reader})
        if sheets is None:
            return None
        tables = [pa.ipc.open_file(pa.BufferReader(Path(s.pop("staged")).read_bytes())).read_all() for s in sheets]
        full = [
            pa.table([c.fill_null("") if c.type == pa.string() else c for c in t.columns], t.schema) for t in tables
        ]
        return sheets, [t.combine_chunks() for t in full]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_SHEET, min_size=1, max_size=2), st.booleans(), st.integers(80, 2000))
@example([{(0, 0): "甲", (3, 2): "乙"}], False, 80)
@example([{}, {(2, 0): "甲"}], False, 200)
def test_the_fast_reader_agrees(sheets: list[Cells], inline: bool, block: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet_xml, "_BLOCK", block)  # wherever the XML is cut
        path = write(Path(folder) / "表.xlsx", sheets, inline=inline)
        fast, careful = read(path, "fastexcel"), read(path, "calamine")
    if all(not cells or any(text and column == 0 for (_, column), text in cells.items()) for cells in sheets):
        assert fast is not None, "text that begins in column A is for the fast reader"
    assert fast is None or fast == careful


def number(book: Any, sheet: Any) -> None:
    sheet.write_number(2, 1, 538821199001010016)


def day(book: Any, sheet: Any) -> None:
    sheet.write_datetime(2, 1, dt.datetime(2024, 5, 6), book.add_format({"num_format": "yyyy-mm-dd"}))


def truth(book: Any, sheet: Any) -> None:
    sheet.write_boolean(2, 1, True)


def error(book: Any, sheet: Any) -> None:
    sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")


@pytest.mark.parametrize("change", [number, day, truth, error])
@pytest.mark.parametrize("block", [50, 1 << 20])
def test_a_cell_that_is_not_text_is_for_the_careful_reader(
    tmp_path: Path, change: Callable[[Any, Any], None], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_xml, "_BLOCK", block)
    cells = {(row, column): "甲" for row in range(5) for column in range(4)}
    path = write(tmp_path / "表.xlsx", [cells], change=change)
    assert read(path, "fastexcel") is None
    assert read(path, "calamine") is not None


def styled(book: Any, sheet: Any) -> None:
    sheet.write_blank(1, 2, None, book.add_format({"bold": True}))


def formula(book: Any, sheet: Any) -> None:
    sheet.write_formula(2, 1, '="乙"', None, "乙")


def merged(book: Any, sheet: Any) -> None:
    sheet.merge_range("A6:AB7", "标题")
    sheet.merge_range("B9:B10", "头")


@pytest.mark.parametrize("change", [styled, formula, merged])
def test_styled_cells_formulas_of_text_and_merged_cells_are_read_fast(
    tmp_path: Path, change: Callable[[Any, Any], None]
) -> None:
    path = write(tmp_path / "表.xlsx", [{(0, 0): "甲", (1, 1): "乙"}], change=change)
    fast = read(path, "fastexcel")
    assert fast is not None and fast == read(path, "calamine")
    if change is merged:
        assert fast[0][0]["merged"] == [[5, 0, 6, 27], [8, 1, 9, 1]]


def test_chart_sheets_are_none_and_hidden_sheets_are_told(tmp_path: Path) -> None:
    def chart(book: Any, sheet: Any) -> None:
        own = book.add_chart({"type": "bar"})
        own.add_series({"values": "=表1!$A$1:$A$2"})
        book.add_chartsheet("图").set_chart(own)

    path = write(tmp_path / "表.xlsx", [{(0, 0): "甲"}, {(0, 0): "乙"}], change=chart)
    fast = read(path, "fastexcel")
    assert fast is not None and fast == read(path, "calamine")
    assert [(s["sheet"], s["visible"]) for s in fast[0]] == [("表1", True), ("表2", False)]


def changed(old: Path, new: Path, *changes: tuple[bytes, bytes]) -> Path:
    """A copy of a workbook with other bytes in its sheets."""
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w") as target:
        for entry in source.namelist():
            body = source.read(entry)
            for was, now in changes if entry.startswith("xl/worksheets/") else ():
                assert was in body
                body = body.replace(was, now)
            target.writestr(entry, body)
    return new


def test_another_prefix_a_shifted_sheet_and_another_name_are_for_the_careful_reader(tmp_path: Path) -> None:
    plain = write(tmp_path / "表.xlsx", [{(0, 0): "甲"}])
    cells = (b"<c ", b"<x:c "), (b"</c>", b"</x:c>"), (b"<v>", b"<x:v>"), (b"</v>", b"</x:v>")
    for_careful = [
        changed(plain, tmp_path / "前缀.xlsx", (b"<worksheet ", b"<x:worksheet "), *cells),
        changed(plain, tmp_path / "格前缀.xlsx", *cells),
        write(tmp_path / "移.xlsx", [{(0, 1): "甲"}]),
        tmp_path / "表.xls",
    ]
    for_careful[-1].write_bytes(plain.read_bytes())
    assert [read(path, "fastexcel") for path in for_careful] == [None] * 4


def test_a_damaged_package_is_for_the_careful_reader(tmp_path: Path) -> None:
    plain = write(tmp_path / "表.xlsx", [{(row, 0): f"甲{row}" for row in range(300)}])
    with zipfile.ZipFile(plain) as package:
        start = package.getinfo("xl/worksheets/sheet1.xml").header_offset
    body = bytearray(plain.read_bytes())
    body[start + 200] ^= 1
    flipped, no_part = tmp_path / "翻.xlsx", tmp_path / "缺.xlsx"
    flipped.write_bytes(body)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(no_part, "w") as target:
        for entry in source.namelist():
            if not entry.endswith(".rels"):
                target.writestr(entry, source.read(entry))
    assert [read(path, "fastexcel") for path in (flipped, no_part)] == [None, None]


def test_a_stray_cell_far_out_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "表.xlsx", [{(0, 0): "甲", (4, 3000): "乙", (5, 2500): ""}])
    fast = read(path, "fastexcel")
    assert fast is not None and fast == read(path, "calamine")
    assert (fast[0][0]["outside"], fast[0][0]["n_columns"]) == (1, 2000)


def test_a_long_stretch_of_blank_rows_is_left_out_and_the_rows_behind_keep_their_numbers(tmp_path: Path) -> None:
    path = write(tmp_path / "表.xlsx", [{(0, 0): "甲", (3, 0): "乙", (20_000, 0): "丙", (20_500, 1): "丁"}])
    fast, careful = read(path, "fastexcel"), read(path, "calamine")
    assert fast is not None and fast == careful
    numbers = fast[1][0]["row_no"].to_pylist()
    assert numbers[:5] == [1, 2, 3, 4, 20_001] and numbers[-1] == 20_501 and len(numbers) == 505


_ROWS = st.lists(st.sampled_from(["", "", "甲", None]), max_size=40)


@settings(max_examples=200, deadline=None)
@given(_ROWS, st.lists(st.integers(0, 40), max_size=4))
def test_rows_are_kept_alike_in_whatever_pieces_they_come(rows: list[str | None], cuts: list[int]) -> None:
    """With stretches over three blank rows left out, and every kept row under its own number."""
    ends = sorted({*(c for c in cuts if c < len(rows)), 0, len(rows)})
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(staged, "MAX_BLANK", 3)
        found = []
        for pieces in ([rows], [rows[a:b] for a, b in pairwise(ends)]):
            with StagedSheet(Path(folder) / "s.arrow", 1, 6) as sheet:
                for piece in pieces:
                    sheet.add([pa.array(piece, pa.string())])
            stream = pa.BufferReader((Path(folder) / "s.arrow").read_bytes())
            table = pa.ipc.open_file(stream).read_all()
            kept = [(n, c or "") for n, c in zip(*(table[i].to_pylist() for i in range(2)), strict=True)]
            found.append((kept, sheet.preview, sheet.n_rows))
    assert found[0] == found[1]
    kept = found[0][0]
    assert [row for row in kept if row[1]] == [(n, c) for n, c in enumerate(rows, 1) if c]
    assert found[0][1] == [[c] for _, c in kept[:6]] and found[0][2] == len(kept)
    filled = [0, *(n for n, c in enumerate(rows, 1) if c)]
    blank = {n for a, b in pairwise(filled) if b - a <= 4 for n in range(a + 1, b)}
    assert {n for n, c in kept if not c} == blank


def test_a_cell_longer_than_any_block_is_for_the_careful_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_xml, "_BLOCK", 64)
    monkeypatch.setattr(sheet_xml, "_LONGEST", 256)
    body = b'<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * 500 + b"</t></is></c></row>"
    assert sheet_xml._look(io.BytesIO(body), []) == ([], False, False)
