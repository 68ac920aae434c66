"""What a workbook shows and its values do not say: months, shares, failed and unsaved formulas, hidden rows, 1904."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped,unused-ignore]
import pytest
import xlsxwriter

from clue_engine.ingest import workbook
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.ingest.sheet_xml import uncomputed
from clue_engine.ingest.shown import kind_of_format
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
HEAD = ["部门受案号", "被害人姓名", "出生日期", "损失数额（元）", "已获赔偿金额（元）"]


def load(path: Path, query: str) -> list[tuple[Any, ...]]:
    with Workspace.open(path.parent / "w") as ws:
        report = ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records)
        assert not report.errors
        assert not [
            f.reason for f in report.files if "首选读取程序失败" in f.reason
        ]  # a reader that broke goes unseen else
        clean(ws, LAYOUTS)
        return ws.rows(query)


def book(path: Path, rows: Sequence[Sequence[tuple[object, str | int]]], **options: object) -> None:
    """A workbook of cells with their number formats."""
    with xlsxwriter.Workbook(str(path), options) as out:
        sheet = out.add_worksheet("清单")
        sheet.write_row(0, 0, HEAD)
        for r, row in enumerate(rows, 1):
            for c, (value, code) in enumerate(row):
                sheet.write(r, c, value, out.add_format({"num_format": code} if code else {}))


BIRTH = "select birth_lo, birth_hi from rec_victim order by row_no"


MAY, YEAR, DAY = ((dt.date(1970, 5, 1), dt.date(1970, 5, 31)), (dt.date(1970, 1, 1), dt.date(1970, 12, 31)),
                  (dt.date(1970, 5, 9),) * 2)  # fmt: skip
FORMATS = {
    'yyyy"年"m"月"': MAY, "yyyy-mm": MAY, "mmm-yy": MAY, 'yyyy"年"': YEAR, "yyyy-mm-dd": DAY, 'm"月"d"日"': DAY,
    57: MAY, 27: MAY, 36: MAY, 50: MAY, 52: MAY,  # built in
}  # fmt: skip


@pytest.mark.parametrize("reader", ["calamine", "openpyxl"])
@pytest.mark.parametrize("since_1904", [False, True])
def test_a_month_is_an_interval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str, since_1904: bool) -> None:
    monkeypatch.setitem(workbook.READERS, "xlsx", (reader,))
    path = tmp_path / "被害人.xlsx"
    named = zip("甲乙丙丁戊己庚辛壬癸子", FORMATS, strict=True)
    rows = [[(str(n), ""), (f"农{c}", ""), (dt.date(1970, 5, 9), code)] for n, (c, code) in enumerate(named, 1)]
    book(path, rows, date_1904=since_1904)
    assert load(path, BIRTH) == list(FORMATS.values())


def test_plain_days_of_a_1904_workbook(tmp_path: Path) -> None:
    path = tmp_path / "被害人.xlsx"
    rows = [
        [("1", ""), ("农一", ""), (dt.date(1970, 1, 1), "yyyy-mm-dd"), (24107, "")],
        [("2", ""), ("农二", ""), (24107, ""), (24107, "")],
    ]
    book(path, rows, date_1904=True)
    found = load(path, "select birth_lo, loss from rec_victim order by row_no")
    assert found == [(dt.date(1970, 1, 1), 24107.0), (dt.date(1970, 1, 1), 24107.0)]
    with Workspace.open(tmp_path / "w") as ws:
        assert ws.rows("select code, column_name from issue where code like 'DATES%'") == [("DATES_1904", "出生日期")]


def test_a_share_is_no_amount(tmp_path: Path) -> None:
    path = tmp_path / "被害人.xlsx"
    book(path, [[("1", ""), ("农一", ""), ("", ""), (350000, '0.00,"万"'), (0.3, "0%")]])
    assert load(path, "select loss, paid from rec_victim") == [(350000.0, None)]
    with Workspace.open(tmp_path / "w") as ws:
        assert ws.rows("select column_name, row_no from issue where code = 'MONEY_UNREADABLE'") == [
            ("已获赔偿金额（元）", 2)
        ]


@pytest.mark.parametrize("reader", ["calamine", "openpyxl"])
def test_formulas_without_result_are_told_with_their_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: str
) -> None:
    monkeypatch.setitem(workbook.READERS, "xlsx", ("fastexcel", reader))
    path = tmp_path / "被害人.xlsx"
    out = openpyxl.Workbook()
    out.active.append(HEAD)
    out.active.append(["1", "农一", "1970-05-09", "=100+200", "0"])
    out.active.append(["2", '="农"&"二"', "1970-05-09", 5, 0])
    out.save(path)
    told = "select row_no, column_name from issue where code = 'CELL_NO_VALUE' order by all"
    assert load(path, told) == [(2, "损失数额（元）"), (3, "被害人姓名")]


def test_results_of_formulas_and_failed_ones(tmp_path: Path) -> None:
    path = tmp_path / "被害人.xlsx"
    with xlsxwriter.Workbook(str(path)) as out:
        sheet = out.add_worksheet("清单")
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, ["1", "农一"])
        sheet.write_formula(1, 3, "=100+200", None, 300)
        sheet.write_formula(1, 4, "=VLOOKUP(1,A1:B2,2)", None, "#N/A")
    assert load(path, "select loss, paid from rec_victim") == [(300.0, None)]
    with Workspace.open(tmp_path / "w") as ws:
        told = ws.rows("select code, column_name from issue where code like 'CELL%' order by all")
    assert told == [("CELL_ERROR", "已获赔偿金额（元）")]


@pytest.mark.parametrize("amount", [100, "100"])  # one reader for text, another for numbers
def test_hidden_rows_are_loaded_and_told(tmp_path: Path, amount: object) -> None:
    path = tmp_path / "被害人.xlsx"
    with xlsxwriter.Workbook(str(path)) as out:
        sheet = out.add_worksheet("清单")
        sheet.write_row(0, 0, HEAD)
        for r in range(1, 4):
            sheet.write_row(r, 0, [str(r), f"农{'一二三'[r - 1]}", "1970-05-09", amount])
        sheet.set_row(2, options={"hidden": True})
        sheet.set_row(9, options={"hidden": True})  # nothing stands there
    found = load(path, "select (select count(*) from rec_victim), detail from issue where code = 'ROW_HIDDEN'")
    assert found == [(3, "隐藏或筛选掉的行也已载入：1 行，首处在第 3 行")]


@pytest.mark.parametrize(
    ("cell", "places"),
    [
        ('<c r="B3"><f>1+1</f></c>', [(2, 1)]),
        ('<c r="B3" t="str"><f>A1</f></c>', [(2, 1)]),
        ('<c r="B3"><f>1+1</f><v/></c>', [(2, 1)]),
        ('<c s="4" r="AA10"><f t="shared" si="0"/><v></v></c>', [(9, 26)]),
        ('<x:c r="B3"><x:f>1+1</x:f></x:c>', [(2, 1)]),
        ('<c r="B3" t="str"><f>""</f><v></v></c>', []),
        ('<c r="B3"><f>1+1</f><v>2</v></c>', []),
        ('<c r="B3"><v>2</v></c><c r="C3"><f>1+1</f><v>2</v></c>', []),
    ],
)
def test_formulas_without_result(cell: str, places: list[tuple[int, int]]) -> None:
    assert uncomputed(cell.encode()) == places


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ('[$-804]yyyy"年"m"月"', "month"),
        ('yyyy"年"m"月"d"日"', None),
        ("h:mm", None),
        ("mm:ss", None),
        ("0.00%", "share"),
        ('0"%"', None),
        ("¥#,##0.00;[Red]-¥#,##0.00", None),
        ("General", None),
        ("[$-404]e/m/d", None),
        ("@", None),
    ],
)
def test_formats(code: str, kind: str | None) -> None:
    assert kind_of_format(code) == kind
