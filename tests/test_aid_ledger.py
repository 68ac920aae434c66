"""A rescued victim is never a certain clue, whatever the ledger calls its columns; a ledger of nobody is told first."""

from __future__ import annotations

import csv
from pathlib import Path

from tiny_county import clue_engine, number

OTHER_NO, STRANGER = "县院诉受[2025]529901003999号", "529901199001014014"
SURNAMES, GIVEN, HER = (
    "覃韦陆莫岑卢甘蒙罗潘杨石龙吴张李",
    "德福禄寿喜财安康宁泰顺吉祥瑞丰盈",
    "秀英兰梅菊竹荷莲桂芳芬芝萍琴书画",
)
HOME = {
    "县": "甲县", "乡": "白岩镇", "劳动技能": "普通劳动力",
    "户类型": "脱贫户", "监测对象类别": "脱贫不稳定户", "风险是否已消除": "否", "识别监测时间": "202501",
    "人均纯收入（元）": "8000", "家庭人口": "2",
}  # fmt: skip


def named(n: int) -> dict[str, str]:
    """What is of the n-th household alone."""
    return {
        "case": f"县院诉受[2025]52990100{3010 + n}号", "home": str(5299010012010001 + n),
        "case_name": f"{SURNAMES[n]}某故意伤害案",
        "victim": SURNAMES[n] + GIVEN[n], "id": number("19800304", 100 + n * 2),
        "wife": SURNAMES[n - 1] + HER[n], "wife_id": number("19820304", 101 + n * 2),
    }  # fmt: skip


MINE = {"被救助人": "{victim}", "身份证号": "{id}", "案由": "故意伤害罪", "金额（万元）": "2"}
# its ledger -> what becomes of the n-th household
LEDGERS = [
    ({**MINE, "原案案号": "{case}", "发放日期": "2025.9.1"}, "搁置"),
    ({**MINE, "案号": "{case}", "发放日期": "2025.9.1"}, "搁置"),
    ({**MINE, "受理案号": "{case}", "发放日期": "2025.9.1"}, "搁置"),
    ({**MINE, "原案案号": "{case}", "时间": "2025.9.1"}, "搁置"),
    ({**MINE, "原案案号": "{case}", "救助时间": "2025.9.1"}, "搁置"),
    ({**MINE, "原案案号": "{case}", "哪天给的": "2025.9.1"}, "待核"),
    ({**MINE, "哪一件案子": "{case}", "发放日期": "2025.9.1"}, "搁置"),  # a number under which cases are taken
    ({**MINE, "原案案号": "(2025)甲0101刑初77号", "发放日期": "2025.9.1"}, "待核"),
    ({**MINE, "原案": "{case_name}", "发放日期": "2025.9.1"}, "待核"),
    ({**MINE, "案件": "{victim}被害案", "发放日期": "2025.9.1"}, "搁置"),
    ({**MINE, "案件": "{victim}司法救助案", "发放日期": "2025.9.1"}, "待核"),
    ({**MINE, "哪一件案子": "{case}", "哪天给的": "2025.9.1"}, "待核"),
    ({**MINE, "被救助人": "{wife}", "身份证号": "{wife_id}", "发放日期": "2025.9.1"}, "待核"),
    ({"被救助人": "{victim}", "案由": "故意伤害罪", "发放日期": "2025.9.1", "金额（万元）": "2"}, "待核"),
    # another case, long ago
    ({**MINE, "原案案号": "县院诉受[2021]529901003999号", "发放日期": "2025.9.1"}, "线索"),
    ({**MINE, "原案案号": OTHER_NO, "发放日期": "2022.9.1"}, "线索"),
]


def written(folder: Path, *ledgers: dict[str, str]) -> Path:
    """The n-th household, its case and its victim for the n-th ledger, which is a file of its own."""
    homes = [named(n) for n in range(len(ledgers))]
    members = [
        [name, h[own], relation, *HOME.values(), f"岩脚{SURNAMES[n]}村", h["home"]]
        for n, h in enumerate(homes)
        for name, own, relation in ((h["victim"], "id", "户主"), (h["wife"], "wife_id", "配偶"))
    ]
    files = {
        "监测对象信息_20260528.csv": [["姓名", "证件号码", "与户主关系", *HOME, "村", "户编号"], *members],
        "案件查询.csv": [
            ["部门受案号", "案件名称", "案件类别", "受理日期", "案由", "处理结果"],
            *([h["case"], h["case_name"], "一审公诉案件", "2025-05-01", "故意伤害罪", "起诉"] for h in homes),
        ],
        "刑事案件被害人信息.csv": [
            [
                "部门受案号",
                "被害人姓名",
                "性别",
                "证件号码",
                "伤情等级",
                "附带民事诉讼判决金额（元）",
                "已获赔偿金额（元）",
            ],
            *([h["case"], h["victim"], "男", h["id"], "重伤二级", "100000", "0"] for h in homes),
        ],
    }
    for n, ledger in enumerate(ledgers):
        name = f"司法救助台账{n or ''}.csv"
        files[name] = [list(ledger), [cell.format(**homes[n]) for cell in ledger.values()]]
    folder.mkdir()
    for name, rows in files.items():
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return folder


def run(folder: Path, out: Path) -> tuple[int, str]:
    found = clue_engine("run", folder, "--out", out, "--as-of", "2026-05-31")
    return found.returncode, found.stdout.decode()


def listed(out: Path) -> dict[str, dict[str, str]]:
    """The judicial line of each household, by its number."""
    found = {}
    for name in ("clues_judicial.csv", "held.csv"):
        with (out / name).open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("线索方向", "司法救助线索") == "司法救助线索":
                    home = row["户编号"].strip()
                    assert home not in found
                    found[home] = {"状态": "搁置", **row}
    return found


def test_a_rescued_victim_is_never_certain(tmp_path: Path) -> None:
    code, text = run(written(tmp_path / "in", *(ledger for ledger, _ in LEDGERS)), tmp_path / "out")
    assert code == 0 and "没有载入“已救助" not in text
    lines = listed(tmp_path / "out")
    found = [lines[named(n)["home"]] for n in range(len(LEDGERS))]
    assert [row["状态"] for row in found] == [status for _, status in LEDGERS]
    for row in found:
        if row["状态"] == "待核":
            said = "、".join(row.values())
            assert "是否就本案救助过（司法救助台账有此人）" in said and "控告申诉检察部门" in said


def test_a_ledger_of_nobody_is_told_first_and_the_clues_stay(tmp_path: Path) -> None:
    ledger = {"被救助人": "陆某某", "案情": "故意伤害", "金额（万元）": "2"}
    code, text = run(written(tmp_path / "in", ledger), tmp_path / "out")
    assert code == 3
    first = next(line for line in text.splitlines() if line)
    assert first.startswith(
        "CE-D24 “司法救助台账.csv”的 1 行救助，没有一行能与案件当事人对上，已经救助过的人没有排除；"
        "这张表没有读到证件号码、原案案号、救助日期。请核对"
    )
    assert [row["状态"] for row in listed(tmp_path / "out").values()] == ["线索"]
    assert "陆某某" not in text
    assert text.count("没有一行能与案件当事人对上") == 1


def test_a_ledger_of_strangers_with_every_column_is_told_as_well(tmp_path: Path) -> None:
    ledger = {**MINE, "被救助人": "陆某某", "身份证号": STRANGER, "原案案号": OTHER_NO, "发放日期": "2025.9.1"}
    code, text = run(written(tmp_path / "in", ledger), tmp_path / "out")
    assert code == 3
    assert "这张表没有读到" not in text
