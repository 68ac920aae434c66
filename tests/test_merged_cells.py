"""Cells merged over the rows of a household hold for these rows only, in every kind of workbook, and are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt

from clue_engine.ingest import workbook
from clue_engine.ingest.clean import clean
from clue_engine.ingest.header import candidates
from clue_engine.ingest.html_table import read_tables
from clue_engine.ingest.load import ingest
from clue_engine.ingest.table import File, Table
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
HEAD = ["姓名", "身份证号", "户主姓名", "户主身份证号", "与户主关系", "乡镇", "低保等级"]
ONE, FOUR = "538821197001010015", "53882119700101004X"
ROWS = [
    ["农一", ONE, "农一", ONE, "户主", "甲镇", "A类"],
    ["农二", "538821197001010023", "", "", "配偶", "甲镇", ""],
    ["农三", "538821197001010031", "", "", "之子", "甲镇", ""],
    ["农四", FOUR, "农四", FOUR, "户主", "甲镇", "B类"],
    ["农五", "538821197001010058", "", "", "配偶", "", ""],
    ["农六", "538821197001010066", "", "", "", "", ""],  # below the merged cells: nobody knows whose he is
]
SPANS = [(1, 3, 2), (1, 3, 3), (4, 5, 2), (4, 5, 3)]  # first row, last row, column


def xlsx(path: Path, grid: Sequence[Sequence[object]], spans: Sequence[tuple[int, int, int]]) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名单")
        for r, row in enumerate(grid):
            sheet.write_row(r, 0, [c if c != "" else None for c in row])
        for first, last, column in spans:
            sheet.merge_range(first, column, last, column, grid[first][column])


def xls(path: Path, grid: Sequence[Sequence[object]], spans: Sequence[tuple[int, int, int]]) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名单")
    inside = {(r, c) for first, last, c in spans for r in range(first, last + 1)}
    for r, row in enumerate(grid):
        for c, cell in enumerate(row):
            if cell != "" and (r, c) not in inside:
                sheet.write(r, c, cell)
    for first, last, column in spans:
        sheet.write_merge(first, last, column, column, grid[first][column])
    book.save(str(path))


def html(path: Path, grid: Sequence[Sequence[object]], spans: Sequence[tuple[int, int, int]]) -> None:
    tall = {(first, c): last - first + 1 for first, last, c in spans}
    hidden = {(r, c) for first, last, c in spans for r in range(first + 1, last + 1)}
    lines = [
        "".join(f"<td rowspan={tall.get((r, c), 1)}>{cell}</td>" for c, cell in enumerate(row) if (r, c) not in hidden)
        for r, row in enumerate(grid)
    ]
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    path.write_text(f"<html><meta charset=utf-8><table>{rows}</table></html>", "utf-8")


def load(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with Workspace.open(path.parent / "ws") as ws:
        report = ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records)
        clean(ws, LAYOUTS)
        assert report.errors == []
        return ws.rows(sql)


READERS = [("xlsx", "fastexcel"), ("xlsx", "calamine"), ("xlsx", "openpyxl"), ("xls", "calamine"), ("xls", "xlrd")]


@pytest.mark.parametrize(("kind", "reader"), [*READERS, ("html", "html")])
def test_two_households_stay_two(tmp_path: Path, kind: str, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(workbook.READERS, kind, (reader,))
    write: Callable[..., None] = {"xlsx": xlsx, "xls": xls, "html": html}[kind]
    path = tmp_path / f"低保备案表.{'xls' if kind == 'html' else kind}"
    write(path, [HEAD, *ROWS], SPANS)
    heads = load(path, "select name, head_name, head_id from rec_listing order by row_no")
    assert heads == [
        *((name, "农一", ONE) for name in ("农一", "农二", "农三")),
        *((name, "农四", FOUR) for name in ("农四", "农五")),
        ("农六", None, None),
    ]
    with Workspace.open(tmp_path / "ws") as ws:
        told = ws.rows("select column_name, detail from issue where code = 'MERGED_FILLED' order by 1")
    assert told == [(h, "合并单元格的内容已填入范围内各行：3 格") for h in ("户主姓名", "户主身份证号")]


def test_an_empty_line_and_a_merged_header_stay_as_they_are(tmp_path: Path) -> None:
    """A block of four lines with three persons; the heading of two rows is merged downwards itself."""
    grid: list[list[object]] = [HEAD, [""] * 7, *ROWS[:3], [""] * 7, *ROWS[3:5]]
    grid[1] = ["", "", "", "", "", "", "低保类别"]
    path = tmp_path / "低保备案表.xlsx"
    spans = [(0, 1, 0), (0, 1, 2), (2, 5, 2), (2, 5, 3), (6, 7, 2), (6, 7, 3)]
    xlsx(path, grid, spans)
    found = load(path, "select row_no, name, head_name from rec_listing order by 1")
    assert [n for n, _, _ in found if n > 2] == [3, 4, 5, 7, 8]
    assert [head for n, _, head in found if n > 2] == ["农一"] * 3 + ["农四"] * 2


def test_an_amount_for_several_persons_is_nobodys_and_told(tmp_path: Path) -> None:
    head = ["部门受案号", "被害人姓名", "损失数额（元）", "赔偿情况"]
    rows = [
        ["某院诉受[2025]1号", "农一", 30000, "未赔偿"],
        ["", "农二", "", ""],
        ["某院诉受[2025]2号", "农三", 5, "已全额赔偿"],
    ]
    path = tmp_path / "被害人.xlsx"
    xlsx(path, [head, *rows], [(1, 2, 0), (1, 2, 2), (1, 2, 3)])
    found = load(path, "select case_no, name, loss, pay_state from rec_victim order by row_no")
    assert found == [
        ("某院诉受[2025]1号", "农一", 30000.0, "未赔偿"),
        ("某院诉受[2025]1号", "农二", None, "未赔偿"),
        ("某院诉受[2025]2号", "农三", 5.0, "已足额"),
    ]
    with Workspace.open(tmp_path / "ws") as ws:
        assert ws.rows("select column_name, level from issue where code = 'MERGED_KEPT'") == [
            ("损失数额（元）", "warning")
        ]


def test_a_number_beside_other_names_is_not_everybodys(tmp_path: Path) -> None:
    path = tmp_path / "低保备案表.xlsx"
    grid = [HEAD, *([*row[:1], *row[1:2], row[2] or "农一", *row[3:]] for row in ROWS[:3])]
    grid[2][1] = ""
    xlsx(path, grid, [(1, 2, 1), (1, 3, 3)])
    found = load(path, "select name, id, head_name, head_id from rec_listing order by row_no")
    assert found == [
        ("农一", ONE, "农一", ONE),
        ("农二", None, "农一", ONE),
        ("农三", "538821197001010031", "农一", ONE),
    ]
    with Workspace.open(tmp_path / "ws") as ws:
        told = ws.rows("select code, column_name from issue where code like 'MERGED%' order by 1")
    assert told == [("MERGED_FILLED", "户主身份证号"), ("MERGED_KEPT", "身份证号")]


def test_a_note_merged_over_the_table_is_none_of_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "低保备案表.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名单")
        for r, row in enumerate([HEAD, *ROWS[:3]]):
            sheet.write_row(r, 0, row)
        sheet.merge_range(4, 2, 5, 6, "填表说明：按户填写")
        sheet.write_string(5, 0, "农七")
    heads = load(path, "select name, head_name from rec_listing order by row_no")
    assert heads[0] == ("农一", "农一") and heads[3:] == [("农七", None)]


def test_a_cell_over_rows_and_columns_of_a_web_page_keeps_its_place(tmp_path: Path) -> None:
    path = tmp_path / "表.xls"
    path.write_text(
        "<table><tr><td rowspan=2>甲<td colspan=2>乙<td rowspan=9>丙"
        "<tr><td>丁<td>戊<tr><td>己<td rowspan=x>庚<td>辛</table>",
        "utf-8",
    )
    assert read_tables(path) == [
        (
            [["甲", "乙", "", "丙"], ["", "丁", "戊"], ["己", "庚", "辛"]],
            [[0, 0, 1, 0], [0, 1, 0, 2], [0, 3, 8, 3]],
        )
    ]


SINGLE = ["部门受案号", "有关信息", "伤情等级", "损失数额"], ["", "被害人姓名", "", ""]
HALF = ["乡镇", "村", "户主信息", "", "人数", "对象", ""], ["", "", "姓名", "证号", "", "姓名1", "证号"]
DATA = ["部门受案号", "被害人姓名", "伤情等级", "赔偿"], ["甲〔2024〕1号", "农某某", "", "未赔偿"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (SINGLE, ["部门受案号 有关信息 伤情等级 损失数额", "部门受案号 有关信息/被害人姓名 伤情等级 损失数额"]),
        (HALF, ["乡镇 村 户主信息  人数 对象 ", "乡镇 村 户主信息/姓名 户主信息/证号 人数 对象/姓名1 对象/证号"]),
        (DATA, ["部门受案号 被害人姓名 伤情等级 赔偿", "甲〔2024〕1号 农某某  未赔偿"]),
    ],
)
def test_which_rows_may_be_headings(rows: tuple[list[str], list[str]], expected: list[str]) -> None:
    """One heading alone under its group head is read; the lower half of a header never stands for the whole."""
    table = Table(File(Path("x.csv"), "text", "", 0), "", tuple(map(tuple, rows)), len(rows[0]))
    assert [" ".join(h.text for h in header.headings) for header in candidates(table)] == expected
