"""The workbook as referral staff meet it: on paper, on the screen, and when they fill it in."""

from __future__ import annotations

from pathlib import Path

import clue_world as world
import openpyxl
import pytest
from test_export import listed, out, rows, sheets, ws  # noqa: F401  (two of them are fixtures)

from clue_engine.clue import make_clues
from clue_engine.export import columns as c
from clue_engine.export import export_clues, xlsx_lists
from clue_engine.export.list_rows import Row
from clue_engine.export.workbook import new_book
from clue_engine.export.xlsx_form import _lines
from clue_engine.export.xlsx_pages import masked, summary_sheet
from clue_engine.workspace import Workspace

PRINTED = [  # number and name first, what is filled in before the long texts
    "排名", "线索编号", "姓名", "优先级", "证件号码", "乡镇、村", "联系电话", "核查结果", "处理去向", "核查人",
    "核查日期", "备注", "匹配方式", "缺失项", "理由", "建议核查",
]  # fmt: skip


def test_sheets(out: Path) -> None:  # noqa: F811
    book = openpyxl.load_workbook(out / "clues.xlsx")
    assert book.sheetnames == [
        world.JUDICIAL, world.POVERTY, "按户", "待核", "搁置", "试行", "汇总", "数据质量", "规则说明",
        "填表说明", "_run",
    ]  # fmt: skip
    assert book["_run"].sheet_state == "hidden"
    assert not [c for s in book for row in s.iter_rows() for c in row if c.data_type == "f"]


def test_a_page_of_paper_holds_what_a_visit_needs(out: Path) -> None:  # noqa: F811
    sheet = openpyxl.load_workbook(out / "clues.xlsx")[world.JUDICIAL]
    heads = [cell.value for cell in sheet[4]]
    assert heads[: len(PRINTED)] == PRINTED
    assert (sheet.print_area, sheet.print_title_rows) == (f"'{world.JUDICIAL}'!$A$1:$P$7", "$3:$4")
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert sheet.freeze_panes == "D5" and sheet.auto_filter.ref.startswith("A4:")
    for columns in (xlsx_lists.PRINTED, xlsx_lists.PRINTED_OPEN, xlsx_lists.PRINTED_HELD):
        pixels = sum(7 * column.width + 5 for column in columns)
        assert pixels < 1.1 * (11.69 - 0.8) * 96  # fits on A4 at nine tenths or more
    assert {sheet.cell(5, 1).font.name, sheet.cell(5, 1).font.size} == {"宋体", 9}
    assert "第 &P 页" in sheet.oddFooter.center.text


def test_what_is_not_printed_stands_behind_in_a_group(out: Path) -> None:  # noqa: F811
    sheet = openpyxl.load_workbook(out / "clues.xlsx")[world.JUDICIAL]
    behind = [cell.value for cell in sheet[4]][len(PRINTED) :]
    assert {*PRINTED, *behind} - {"乡镇、村"} == set(c.LIST)
    assert sheet.column_dimensions["Q"].outlineLevel == 1
    assert [cell.value for cell in sheet[3] if cell.value] == [
        "线索", "对象", "核查反馈（手写或电子填写）", "依据", "办理情况（电子填写）", "规则", "帮扶", "户和人",
        "案件", "家庭情况", "移送", "数据出处",
    ]  # fmt: skip


def test_rows_are_as_high_as_their_text(out: Path) -> None:  # noqa: F811
    assert [_lines(t, 10) for t in ("", "字" * 5, "字" * 6, "一\n二\n三", "字" * 11)] == [1, 1, 2, 3, 3]
    sheet = openpyxl.load_workbook(out / "clues.xlsx")[world.JUDICIAL]
    assert sheet.row_dimensions[5].height >= 2 * 12


def test_choices_reach_below_the_list(out: Path) -> None:  # noqa: F811
    sheet = openpyxl.load_workbook(out / "clues.xlsx")[world.JUDICIAL]
    choices = {v.formula1.strip('"').split(",")[0]: str(v.sqref) for v in sheet.data_validations.dataValidation[:2]}
    assert choices == {"属实": "H5:H207", "司法救助": "I5:I207"}


def test_numbers_of_persons_are_text(out: Path) -> None:  # noqa: F811
    sheet = openpyxl.load_workbook(out / "clues.xlsx")[world.JUDICIAL]
    place = {cell.value: cell.column for cell in sheet[4]}
    for heading in ("户编号", "证件号码"):
        cell = sheet.cell(5, place[heading])
        assert (cell.number_format, cell.data_type) == ("@", "s")


def test_open_sheet_names_the_one_fact(out: Path) -> None:  # noqa: F811
    assert [(r["线索编号"], r["决定事项"], r["掌握单位"]) for r in listed(out / "clues.xlsx", "待核")] == [
        (rows(out / "clues_judicial.csv")[3]["线索编号"], "赔偿情况", "承办检察官"),
        (rows(out / "clues_judicial.csv")[4]["线索编号"], "伤情", "承办检察官"),
    ]


def test_workbook_equals_the_csv(out: Path) -> None:  # noqa: F811
    certain = [r for r in rows(out / "clues_judicial.csv") if r["状态"] == "线索"]
    for line, cells in zip(certain, listed(out / "clues.xlsx"), strict=True):
        for heading, said in line.items():
            found = cells[heading]
            assert ("" if found is None else str(found).replace("\n", " ")) == said, heading


def test_quality_rules_and_help(out: Path) -> None:  # noqa: F811
    found = sheets(out / "clues.xlsx")
    quality = {(r[0], r[2]): r[6] for r in found["数据质量"]}
    assert quality["被害人清单.csv", "伤情"] == pytest.approx(7 / 9)
    assert ["被害人清单.csv", "被害人", 9, 9, 0] in [[r[0], r[2], *r[4:7]] for r in found["数据质量"]]
    assert {r[0] for r in found["规则说明"][4:]} == {r.id for r in (*world.PACK.rules, *world.PACK.holds)}
    assert any("既不能当作没有赔" in str(r[0]) for r in found["填表说明"])


def test_only_the_conspicuous_part_of_the_quality_sheet_is_printed(out: Path) -> None:  # noqa: F811
    sheet = openpyxl.load_workbook(out / "clues.xlsx")["数据质量"]
    firsts = {sheet.cell(row, 1).value: row for row in range(1, sheet.max_row + 1)}
    last = int(str(sheet.print_area).rpartition("$")[2])
    assert firsts["各文件读取情况"] < last < firsts["以下是逐列的明细，供在屏幕上筛选，不打印。"] < firsts["各列填写率"]
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([12, 8, 20], [12, 8, 20, 40]),
        ([12, 3, 2], [12, "≤7", "≤7", 17]),
        ([12, 3, 9], [12, "≤7", "＊", 24]),  # with the sum, a lone mask would tell its number
        ([0, 3, 0], [0, "≤7", 0, "≤7"]),
        ([], [0]),
    ],
)
def test_small_counts_are_masked(numbers: list[int], shown: list[object]) -> None:
    assert masked(numbers) == shown


def test_caveats_are_said_in_words(ws: Workspace, tmp_path: Path) -> None:  # noqa: F811
    ws.con.execute("create table evaluate_caveat (code varchar, rule_id varchar, detail varchar)")
    ws.con.execute("insert into evaluate_caveat values ('HOLD_FIELD_EMPTY', 'X02', 'paid')")
    make_clues(ws, world.PACK, world.AS_OF, render=world.fill)
    export_clues(ws, world.PACK, tmp_path / "out", world.AS_OF)
    said = "导出表里没有“已赔金额”一栏，是否有“已足额赔偿”的情形，请核查时问明（由承办检察官掌握），清单上不逐条注明。"
    assert said in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")
    found = sheets(tmp_path / "out" / "clues.xlsx")
    assert [said] in [[v for v in r if v] for r in found["数据质量"]]
    assert [f"本批数据：{said}"] in found["填表说明"]


@pytest.mark.parametrize(("small", "shown"), [(False, "≤7"), (True, 1)])
def test_the_summary_counts_by_town_charge_rule_receiver_and_month(small: bool, shown: object) -> None:
    """Restricted lines in none of them; small counts as asked for."""
    cells = {c.TOWN: "东河乡", c.CAUSE: "抢劫罪、盗窃罪", c.RECEIVER: "民政部门", c.ACCEPTED: "2025-03-04"}
    rows = [
        Row("A-1", world.JUDICIAL, "j", "线索", False, cells, {"rules": [{"id": "J02"}]}),
        Row("A-2", world.JUDICIAL, "j", "线索", True, {c.TOWN: "荷花镇"}, {}),
    ]
    b, file = new_book("汇总", world.AS_OF, world.PACK)
    summary_sheet(b, "", rows, world.PACK, small=small)
    b.book.close()
    lines = [row[:3] for row in openpyxl.load_workbook(file)["汇总"].iter_rows(min_row=5, values_only=True)]
    assert [(what, name) for what, name, _ in lines] == [
        ("乡镇", "东河乡"), ("乡镇", "合计（不含受限）"), ("乡镇", "受限，只列编号"), ("案由", "抢劫罪"),
        ("案由", "盗窃罪"), ("规则", "J02 重伤被害人"), ("承办单位", "民政部门"), ("受理月份", "2025-03"),
    ]  # fmt: skip
    assert {n for _, name, n in lines if not name.startswith("受限")} == {shown}
