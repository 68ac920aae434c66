"""Measures: which fit a listed household, which may fit, and how the lists say it."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import tiny_county as county
from language.small_pack import AS_OF, database, hold, pack, rule

from clue_engine.enquiry.show import show
from clue_engine.evaluate.station import evaluate_checked
from clue_engine.export.home import homes
from clue_engine.export.list_rows import list_rows
from clue_engine.export.visit import visits
from clue_engine.language.check_pack import check_pack
from clue_engine.pack.load import load_pack, read_pack
from clue_engine.pack.model import Support
from clue_engine.pipeline import Job, run
from clue_engine.workspace import Workspace

RULES = Path(__file__).parent.parent / "rules"
THIRD_PARTIES = {
    "国家司法救助", "救助基金", "两项补贴", "残疾评定", "住房安全保障", "监护", "心理疏导", "妇联关爱", "法律援助",
    "执行监督", "雨露计划", "退役军人帮扶", "跨区域协作",
}  # fmt: skip


# -- which fit -------------------------------------------------------------------------------------------------------
def suggested(when: str, rows: dict[str, Any], *, listed: str = "any 涉案", **more: Any) -> tuple[int, list[str]]:
    """The outcome of a measure for household 1, and which fields are to be known first."""
    measure = rule("M", when, "", points={}, support=Support("社会帮扶", "乡镇"))
    con = database({"household": [{"household_id": 1}], **rows})
    checked, problems = check_pack(pack([rule("A", listed)], more.get("holds", []), measures=(measure,)))
    assert not [p for p in problems if p.level == "error"], problems
    evaluate_checked(con, checked, AS_OF)
    assert not con.execute("select * from hit where rule_id = 'M'").fetchall()  # a measure is no clue
    found = con.execute("select outcome from measure where household_id = 1").fetchall()
    asked = con.execute("select distinct field from measure_missing where household_id = 1 order by 1").fetchall()
    return (found[0][0] if found else 0), [name for (name,) in asked]


CASE = {"household_id": 1, "roles": ["被害人"], "harm": "重伤二级", "person_id": 1}
WORKER = {"household_id": 1, "person_id": 2, "alive": "在世", "labour": "普通劳动力", "works": False}


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({}, (1, [])),
        ({"works": None}, (2, ["works"])),
        ({"works": True}, (0, [])),
        ({"labour": None, "works": None}, (2, ["labour", "works"])),
    ],
)
def test_a_measure_fits_may_fit_or_does_not(member: dict[str, Any], expected: Any) -> None:
    rows = {"involvement": [CASE], "member": [{**WORKER, **member}]}
    assert suggested("any 成员 (劳动能力 = '普通劳动力' and 已务工 = 否)", rows) == expected


def test_only_listed_households_get_suggestions() -> None:
    rows = {"involvement": [CASE], "member": [WORKER]}
    assert suggested("any 成员 (已务工 = 否)", rows, listed="any 涉案 (伤情 = '死亡')") == (0, [])


@pytest.mark.parametrize(
    ("paid", "unknown", "expected"),
    [(95.0, "keep", 0), (0.0, "mark", 1), (None, "mark", 2), (None, "keep", 1)],
)
def test_a_row_that_a_hold_takes_or_marks(paid: float | None, unknown: str, expected: int) -> None:
    rows = {"involvement": [{**CASE, "due": 100.0, "low": paid, "high": paid}]}
    holds = [hold("X", "已足额", unknown=unknown)]
    assert suggested("any 涉案 (重害)", rows, holds=holds)[0] == expected


def test_a_wrong_measure_is_named_and_left_out() -> None:
    measure = rule("M", "any 涉案 (没有这个字段)", "", points={}, support=Support("社会帮扶", "乡镇"))
    con = database({"household": [{"household_id": 1}], "involvement": [CASE]})
    checked, _ = check_pack(pack([rule("A", "any 涉案")], measures=(measure,)))
    evaluate_checked(con, checked, AS_OF)
    assert con.execute("select code, rule_id from evaluate_caveat").fetchall() == [("MEASURE_WRONG", "M")]
    assert con.execute("select count(*) from hit").fetchall() == [(1,)]


# -- the shipped measures --------------------------------------------------------------------------------------------
def test_every_measure_has_a_column_that_somebody_knows() -> None:
    shipped = load_pack()
    platform = set(shipped.options["measure_columns"])
    source = next(s for s in shipped.sources if s.id == "monitoring_custom")
    assert platform <= {
        heading.replace("公益性岗位帮扶", "公益岗位帮扶") for x in source.columns for heading in x.headers
    }
    columns = {m.support.column for m in shipped.measures if m.support}
    assert columns == platform | THIRD_PARTIES
    assert all(m.support and m.support.provider and m.basis and m.check for m in shipped.measures)


def test_a_reason_with_a_field_is_refused(tmp_path: Path) -> None:
    """A measure goes to every office: no case, no name may come with it."""
    shutil.copytree(RULES, tmp_path / "rules")
    path = next((tmp_path / "rules" / "measures").glob("M04_*.yaml"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('reason: "', 'reason: "{姓名}在“{案由}”案中受损，'), encoding="utf-8")
    found = [d for d in read_pack(tmp_path / "rules")[1] if d.level == "error"]
    assert [(d.code, d.mark.file.endswith(path.name)) for d in found] == [("CE603", True)]


# -- in the lists ------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measures")
    county.write(folder / "in")
    register = folder / "in" / "监测对象信息_20250630.csv"  # with two of the platform's columns: one empty, one filled
    head, *rows = register.read_text(encoding="utf-8").splitlines()
    more = [f"{head},社会帮扶,就业帮扶,劳动技能,是否已务工", *(f"{row},,劳务输出,普通劳动力,否" for row in rows)]
    register.write_text("\n".join(more) + "\n", encoding="utf-8")
    shutil.copytree(RULES / "measures", county.write_pack(folder / "pack") / "measures")
    local = folder / "本县口径.yaml"
    local.write_text(county.PARAMETERS + "职工月平均工资: {2024: 6000}\n", encoding="utf-8")
    with Workspace.open(folder / "ws") as ws:
        run(ws, Job(load_pack(folder / "pack", local), [folder / "in"], folder / "out"))
    return folder


@pytest.fixture
def scanned(folder: Path) -> Iterator[Workspace]:
    with Workspace.open(folder / "ws", create=False) as ws:
        yield ws


def clues(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "out" / "clues.json").read_text(encoding="utf-8"))["clues"]
    return found


def test_the_list_says_what_could_help_and_the_cap(folder: Path) -> None:
    (clue,) = [c for c in clues(folder) if not c["restricted"]]
    told = clue["cells"]["帮扶建议"]
    assert "国家司法救助，受犯罪" in told and "国家司法救助：" not in told and "由检察院控告申诉检察部门办理" in told
    assert "社会帮扶：结对帮扶、社会捐助" in told
    assert "待核实后：" in told and "最低生活保障（先了解是否享受低保" in told.split("待核实后：")[1]
    assert "外出务工" not in told  # it has that already
    cap = clue["cells"]["救助上限参考"]
    assert "6000元×36" in cap and "应赔85000元，已赔金额待核" in cap and "216000" not in cap


def test_restricted_lines_suggest_nothing(folder: Path) -> None:
    hidden = [c for c in clues(folder) if c["restricted"]]
    assert hidden and not any({"帮扶建议", "户号", "同户线索"} & c["cells"].keys() or "measures" in c for c in hidden)
    with (folder / "out" / "households.csv").open(encoding="utf-8-sig", newline="") as stream:
        text = stream.read()
    assert county.SECRET_VILLAGE not in text and not any(c["clue_id"] in text for c in hidden)


def test_a_line_per_household_with_the_platforms_columns(folder: Path) -> None:
    with (folder / "out" / "households.csv").open(encoding="utf-8-sig", newline="") as stream:
        (line,) = csv.DictReader(stream)
    (clue,) = [c for c in clues(folder) if not c["restricted"]]
    assert line["户号"] == clue["cells"]["户号"] and line["户号"].startswith("HU-")
    assert clue["clue_id"] in line["线索（编号、方向、状态）"]
    assert line["社会帮扶"].startswith("结对帮扶") and "国家司法救助（白*𠮷）" in line["其他单位"]
    assert line["待核实后"] and "待核实后" not in line["综合保障"]
    book = openpyxl.load_workbook(folder / "out" / "clues.xlsx")
    assert [cell.value for cell in book["按户"][4]] == list(line)


def test_show_and_the_visit_form(folder: Path, scanned: Workspace) -> None:
    shipped = load_pack(folder / "pack", folder / "本县口径.yaml")
    rows = [row for row in list_rows(scanned, shipped) if not row.restricted]
    assert show(scanned, shipped, rows[0].clue_id).row.cells["帮扶建议"] == rows[0].cells["帮扶建议"]
    (page,) = visits(rows, homes(scanned, dt.date(2025, 6, 30), unmasked=False), shipped.feedback)
    assert "国家司法救助（检察院控告申诉检察部门）" in page["帮扶建议"] and "故意伤害" not in page["帮扶建议"]


# -- the whole pack ----------------------------------------------------------------------------------------------------
def test_every_case_thought_of_is_a_rule_or_says_why_not() -> None:
    shipped = load_pack()
    written = {r.id for r in shipped.rules if r.status in ("active", "trial")} | {h.id for h in shipped.holds}
    retired = {str(name) for name in shipped.options["not_rules"]}
    thought_of = {
        f"{letter}{n:02d}" for letter, last in (("J", 24), ("N", 9), ("T", 12), ("X", 15)) for n in range(1, last + 1)
    }
    assert thought_of - written - retired == set()
    assert not written & retired
