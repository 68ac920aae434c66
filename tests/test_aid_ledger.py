"""A rescued victim is never a certain clue, whatever the ledger calls its columns; a ledger of nobody is told first."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from tiny_county import clue_engine

CASE_NO, OTHER_NO = "县院诉受[2025]529901003010号", "县院诉受[2025]529901003999号"
VICTIM, WIFE, STRANGER = "52990119800304495X", "529901198203046466", "529901199001014014"
HOME = {
    "县": "甲县", "乡": "白岩镇", "村": "岩脚村", "户编号": "5299010012010001", "劳动技能": "普通劳动力",
    "户类型": "脱贫户", "监测对象类别": "脱贫不稳定户", "风险是否已消除": "否", "识别监测时间": "202501",
    "人均纯收入（元）": "8000", "家庭人口": "2",
}  # fmt: skip
MEMBERS = (("覃德福", VICTIM, "户主"), ("韦秀英", WIFE, "配偶"))
REGISTER = [["姓名", "证件号码", "与户主关系", *HOME], *([*member, *HOME.values()] for member in MEMBERS)]
FILES = {
    "监测对象信息_20260528.csv": REGISTER,
    "案件查询.csv": [
        ["部门受案号", "案件名称", "案件类别", "受理日期", "案由", "处理结果"],
        [CASE_NO, "李某故意伤害案", "一审公诉案件", "2025-05-01", "故意伤害罪", "起诉"],
    ],
    "刑事案件被害人信息.csv": [
        ["部门受案号", "被害人姓名", "性别", "证件号码", "伤情等级", "附带民事诉讼判决金额（元）",
         "已获赔偿金额（元）"],
        [CASE_NO, "覃德福", "男", VICTIM, "重伤二级", "100000", "0"],
    ],
}  # fmt: skip
MINE = {"被救助人": "覃德福", "身份证号": VICTIM, "案由": "故意伤害罪", "金额（万元）": "2"}
LEDGERS = [
    ({**MINE, "原案案号": CASE_NO, "发放日期": "2025.9.1"}, "搁置"),
    ({**MINE, "案号": CASE_NO, "发放日期": "2025.9.1"}, "搁置"),
    ({**MINE, "受理案号": CASE_NO, "发放日期": "2025.9.1"}, "搁置"),
    ({**MINE, "原案案号": CASE_NO, "时间": "2025.9.1"}, "搁置"),
    ({**MINE, "原案案号": CASE_NO, "救助时间": "2025.9.1"}, "搁置"),
    ({**MINE, "原案案号": CASE_NO, "哪天给的": "2025.9.1"}, "待核"),
    ({**MINE, "哪一件案子": CASE_NO, "发放日期": "2025.9.1"}, "搁置"),  # a number under which cases are taken
    ({**MINE, "原案案号": "(2025)甲0101刑初77号", "发放日期": "2025.9.1"}, "待核"),
    ({**MINE, "原案": "李某故意伤害案", "发放日期": "2025.9.1"}, "待核"),
    ({**MINE, "案件": "覃德福被害案", "发放日期": "2025.9.1"}, "搁置"),
    ({**MINE, "案件": "覃德福司法救助案", "发放日期": "2025.9.1"}, "待核"),
    ({**MINE, "哪一件案子": CASE_NO, "哪天给的": "2025.9.1"}, "待核"),
    ({**MINE, "被救助人": "韦秀英", "身份证号": WIFE, "发放日期": "2025.9.1"}, "待核"),
    ({"被救助人": "覃德福", "案由": "故意伤害罪", "发放日期": "2025.9.1", "金额（万元）": "2"}, "待核"),
    # another case, long ago
    ({**MINE, "原案案号": "县院诉受[2021]529901003999号", "发放日期": "2025.9.1"}, "线索"),
    ({**MINE, "原案案号": OTHER_NO, "发放日期": "2022.9.1"}, "线索"),
]


def written(folder: Path, ledger: dict[str, str]) -> Path:
    for name, rows in {**FILES, "司法救助台账.csv": [list(ledger), list(ledger.values())]}.items():
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return folder


def run(folder: Path, out: Path) -> tuple[int, str]:
    found = clue_engine("run", folder, "--out", out, "--as-of", "2026-05-31")
    return found.returncode, found.stdout.decode()


def statuses(out: Path) -> list[str]:
    with (out / "clues_judicial.csv").open(encoding="utf-8-sig", newline="") as stream:
        listed = [row["状态"] for row in csv.DictReader(stream)]
    with (out / "held.csv").open(encoding="utf-8-sig", newline="") as stream:
        return listed + ["搁置" for row in csv.DictReader(stream) if row["线索方向"] == "司法救助线索"]


@pytest.mark.parametrize(("ledger", "status"), LEDGERS, ids=[" ".join(ledger) + s for ledger, s in LEDGERS])
def test_a_rescued_victim_is_never_certain(ledger: dict[str, str], status: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    code, text = run(written(tmp_path / "in", ledger), tmp_path / "out")
    assert (code, statuses(tmp_path / "out")) == (0, [status])
    assert "没有载入“已救助" not in text
    if status == "待核":
        listed = (tmp_path / "out" / "clues_judicial.csv").read_text("utf-8-sig")
        assert "是否就本案救助过（司法救助台账有此人）" in listed
        assert "控告申诉检察部门" in listed


def test_a_ledger_of_nobody_is_told_first_and_the_clues_stay(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    ledger = {"被救助人": "陆某某", "案情": "故意伤害", "金额（万元）": "2"}
    code, text = run(written(tmp_path / "in", ledger), tmp_path / "out")
    assert code == 3
    first = next(line for line in text.splitlines() if line)
    assert first.startswith(
        "CE-D24 “司法救助台账.csv”的 1 行救助，没有一行能与案件当事人对上，已经救助过的人没有排除；"
        "这张表没有读到证件号码、原案案号、救助日期。请核对"
    )
    assert statuses(tmp_path / "out") == ["线索"]
    assert "陆某某" not in text
    assert text.count("没有一行能与案件当事人对上") == 1


def test_a_ledger_of_strangers_with_every_column_is_told_as_well(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    ledger = {**MINE, "被救助人": "陆某某", "身份证号": STRANGER, "原案案号": OTHER_NO, "发放日期": "2025.9.1"}
    code, text = run(written(tmp_path / "in", ledger), tmp_path / "out")
    assert code == 3
    assert "这张表没有读到" not in text
