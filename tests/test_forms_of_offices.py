"""Forms of households that towns and villages fill in beside a list of cases: what is read of them and who is found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from tiny_county import number

from clue_engine.ingest.examine import read_tables
from clue_engine.ingest.load import ingest
from clue_engine.pipeline import Job, run
from clue_engine.workspace import Workspace
from tests.record_world import shipped_pack

ID = {
    "罗大山": number("19620101", 11), "罗小山": number("19900301", 12), "韦四": number("19850202", 14),
    "覃五": number("19800303", 15), "陆六": number("19750404", 16), "梁七": number("19880505", 17),
    "蒙九": number("19790909", 18), "卢小十": number("19990909", 19),
}  # fmt: skip
CASES = [
    "受理号,犯罪嫌疑人,罪名,受害人,受害人身份证,受伤害程度,发案日期,民事赔偿",
    "样检刑诉受〔2025〕61号,甲某,故意伤害,罗小山,{罗小山},死亡,2025.4.12,未赔",
    "样检刑诉受〔2025〕48号,乙某,交通肇事,覃五,{覃五},死亡,2025.3.6,未赔",
    "样检刑诉受〔2026〕9号,不详,诈骗,陆六,{陆六},被骗14万元,2025.10.21,未追回",
    "样检刑诉受〔2025〕70号,丙某,盗窃,梁七,{梁七},手机一部,2025.5.11,已退赔",
    # another 卢小十 than the one of the form: his case was in another month
    "样检刑诉受〔2025〕88号,丁某,故意伤害,卢小十,{卢小十},重伤二级,2025.6.1,未赔",
]
FORM = [
    "序号,村,当家人,公民身份号码,去年人均收入（元）,民政待遇,帮扶户类型,遇到的官司",
    "1,第一村,罗大山,{罗大山},5200,没有吃低保,边缘易致贫户,2025年4月儿子罗小山在砂场被人打死，一分钱没赔",
    "2,第一村,韦四,{韦四},4800,农村低保,一般农户,2025年3月丈夫覃五骑车被面包车撞死，没赔钱",
    "3,第二村,陆六,{陆六},3960,无,脱贫户,2025年10月被人骗走14万元，没追回来",
    "4,第二村,蒙九,{蒙九},3960,无,一般农户,2025年8月儿子卢小十被打成重伤，没赔",
]


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("forms")
    (folder / "in").mkdir()
    for name, lines in {"被害人情况一览表.csv": CASES, "西河镇因案致困家庭摸排登记表.csv": FORM}.items():
        (folder / "in" / name).write_text("\n".join(lines).format(**ID), encoding="utf-8")
    with Workspace.open(folder / "ws") as opened:
        run(
            opened, Job(shipped_pack(), [folder / "in"], folder / "out", as_of=dt.date(2026, 5, 31)), last="involvement"
        )
        yield opened


def test_the_victim_of_a_case_is_who_a_form_says_was_hurt(ws: Workspace) -> None:
    """The same name and month; 卢小十 of the case was hurt in another month than the son of 蒙九."""
    found = ws.rows(
        "select p.name, h.head_name, l.tier, l.strength from link_party as l join party as p using (party_id)"
        " join household as h using (household_id) where p.id is not null and p.file_id ="
        " (select file_id from input_file where name like '被害人%') order by p.name"
    )
    assert found == [
        ("卢小十", "卢小十", "NEW", "确认"),
        ("梁七", "梁七", "NEW", "确认"),
        ("罗小山", "罗大山", "K2", "确认"),
        ("覃五", "韦四", "K2", "确认"),
        ("陆六", "陆六", "T1", "确认"),
    ]
    assert ws.rows("select count(*) from person where name = '罗小山'") == [(1,)]


def test_a_column_of_harm_tells_of_losses_too(ws: Workspace) -> None:
    found = ws.rows(
        "select p.name, harm, c.loss from fact_involvement as c join party as p using (party_id)"
        " where p.id is not null and c.harm is not null and p.file_id ="
        " (select file_id from input_file where name like '被害人%') order by p.name"
    )
    assert found == [
        ("卢小十", "重伤二级", None),
        ("梁七", "无人身伤害", None),
        ("罗小山", "死亡", None),
        ("覃五", "死亡", None),
        ("陆六", "无人身伤害", 140000),
    ]


def test_a_form_says_who_lives_on_benefits_and_who_is_monitored(ws: Workspace) -> None:
    found = ws.rows(
        "select head_name, dibao, monitoring_kind from fact_household join household using (household_id)"
        " where household.village is not null order by head_name"
    )
    assert found == [
        ("罗大山", False, "边缘易致贫户"),
        ("蒙九", False, "未纳入"),
        ("陆六", False, "未纳入"),
        ("韦四", True, "未纳入"),
    ]


def _book(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_forms_below_each_other_in_a_sheet(tmp_path: Path) -> None:
    """Each under the same title with its number: a household each, not one table of 15 rows."""
    book = Workbook()
    sheet = book.active
    told = [
        "儿子罗小山2025年4月被人打死，没赔",
        "丈夫覃五2025年3月被撞死，没赔钱",
        "2025年10月被人骗走14万元，没追回来",
    ]
    for n, (name, text) in enumerate(zip(["罗大山", "韦四", "陆六"], told, strict=True), 1):
        for row in (
            [f"干部入户走访登记表（{n}）"], ["户主姓名", name, "村组", f"岭背村{n}组"],
            ["身份证号", ID[name], "家庭人口", str(2 + n)],
            ["上年人均纯收入", f"{5000 + n}元"], ["走访情况", text], [],
        ):  # fmt: skip
            sheet.append(row)
    book.save(tmp_path / "走访登记.xlsx")
    (table,) = read_tables(tmp_path / "走访登记.xlsx", shipped_pack().sources)
    assert table.preview[1][1:] == ("户主姓名", "村组", "身份证号", "家庭人口", "上年人均纯收入", "走访情况")
    assert [row[1] for row in table.preview[2:]] == ["罗大山", "韦四", "陆六"]
    assert [row[6] for row in table.preview[2:]] == told


def test_what_stands_above_or_between_stacked_forms_is_not_lost(tmp_path: Path) -> None:
    """A list above the forms and one filled in otherwise are sheets of their own, with their own rows and no others."""
    book = Workbook()
    sheet = book.active
    sheet.title = "走访"
    other = [["本张作废，另见农老幺", "不填", "不填"], ["甲", "乙", "丙"], ["丁", "戊", "己"]]
    names = ["罗大山", "韦四", "", "陆六", "梁七"]
    above = [["统一受案号", "被害人", "证件号码", "伤情", "获赔（元）"]]
    above += [[f"统受52992120250001{n}", name, ID[name], "重伤二级", "0"] for n, name in enumerate(["蒙九", "卢小十"])]
    for row in above:
        sheet.append(row)
    for n, name in enumerate(names, 1):
        sheet.append([f"走访登记表（{n}）"])
        rows = [["户主姓名", name, "村组", f"岭背村{n}组"], ["身份证号", ID.get(name, ""), "家庭人口", str(2 + n)],
                ["上年人均纯收入", f"{5000 + n}元"], ["走访情况", f"第{n}次走访，儿子被人打死，没赔"]]  # fmt: skip
        for row in rows if name else other:
            sheet.append(row)
    book.save(tmp_path / "走访.xlsx")
    tables = read_tables(tmp_path / "走访.xlsx", shipped_pack().sources)
    said = {table.sheet: [[c for c in row if c] for row in table.preview] for table in tables}
    assert said["走访表单以上"] == above
    assert [row[1] for row in said["走访第1张等4张表单"][2:]] == [name for name in names if name]
    assert said["走访第3张"] == [["走访登记表（3）"], *other]
    with Workspace.open(tmp_path / "ws") as ws:  # and loaded is what was shown, not the whole sheet again
        ingest(ws, shipped_pack().sources, [tmp_path / "走访.xlsx"], records=shipped_pack().records)
        files = ws.rows("select sheet, status, n_loaded from input_file order by sheet")
    assert files == [("走访第1张等4张表单", "loaded", 4), ("走访第3张", "refused", 0), ("走访表单以上", "loaded", 2)]


def test_short_sheets_of_one_list_are_no_forms(tmp_path: Path) -> None:
    """One sheet a town with a few rows, which say the same at one place: they stay lists."""
    head = ["序号", "户主", "村", "户类型", "低保", "案件情况"]
    rows = [
        ["1", "罗大山", "第一村", "一般农户", "农村低保", "被打伤"],
        ["2", "韦四", "第二村", "脱贫户", "无", "被骗"],
    ]
    towns = {town: [[f"{town}走访表"], head, *rows] for town in ("东河镇", "西河镇", "南河镇")}
    tables = read_tables(_book(tmp_path / "走访.xlsx", towns), shipped_pack().sources)
    assert [table.sheet for table in tables] == ["东河镇", "西河镇", "南河镇"]
