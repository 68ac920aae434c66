"""The sample county: made from one seed, the same bytes each time, every trap of the field present."""

import csv
import filecmp
import re
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the generator is not part of the installed package

from sample_data.generator.build import build  # noqa: E402
from sample_data.generator.bulk import write  # noqa: E402
from sample_data.generator.judge import HEADINGS  # noqa: E402
from sample_data.generator.people import check_digit  # noqa: E402

SAMPLE = ROOT / "sample_data"
HOUSEHOLDS, CASES, SEED = 400, 170, 7
TRAPS = {
    "万元列误填元", "嫌疑人家庭", "已救助", "已足额赔偿", "放弃赔偿", "无被害人犯罪", "本人同为嫌疑人/互殴",
    "赔偿情况不明",
    "20位残疾人证号", "亡故被害人的近亲属", "另案曾救助、本案未救助", "同案其他申请人未救助", "多人同格", "缺证件号",
    "证件号丢精度", "证件号脱敏", "一事多行", "同名不同人", "证件号与姓名冲突", "被害人为单位", "敏感受限", "整户清退",
    "案发后已消除风险", "非农村户", "风险消除后遭案",
}  # fmt: skip


def expected_rows() -> list[dict[str, str]]:
    with (SAMPLE / "expected" / "expected.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def cells(path: Path, sheet: int = 0) -> list[list[str]]:
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(sheet).to_python(skip_empty_area=False)
    return [[str(value) for value in row] for row in rows]


def registry_ids(folder: Path) -> set[str]:
    """The first 18 characters of every 证件号码 in the national exports."""
    found: set[str] = set()
    for path in sorted(folder.glob("*.xlsx")):
        if "监测对象信息" in path.name or "脱贫户信息" in path.name:
            rows = cells(path)
            column = rows[2].index("证件号码")
            found |= {row[column].strip(" '\t\n").upper()[:18] for row in rows[3:]}
    return found


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folders = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    for folder in folders:
        build(folder, SEED, HOUSEHOLDS, CASES)
    return folders


def files(folder: Path) -> list[str]:
    parts = ("input", "quiet", "expected")
    return sorted(str(p.relative_to(folder)) for part in parts for p in (folder / part).iterdir())


def test_same_seed_same_bytes(twice: tuple[Path, Path]) -> None:
    first, second = twice
    names = files(first)
    assert filecmp.cmpfiles(first, second, names, shallow=False) == (names, [], [])


def test_committed_files_are_what_the_generator_makes(twice: tuple[Path, Path]) -> None:
    # Archives and Parquet carry the version of the library that wrote them; the plain files are compared to the byte.
    made = twice[0]
    assert files(made) == files(SAMPLE)
    for name in files(made):
        if name.endswith((".csv", ".md", ".xls")):
            assert (made / name).read_bytes() == (SAMPLE / name).read_bytes(), name
        elif name.endswith(".xlsx"):
            assert cells(made / name) == cells(SAMPLE / name), name


def test_another_seed_makes_another_county(tmp_path: Path) -> None:
    build(tmp_path, SEED + 1, 60, 80)
    name = "expected/expected.csv"
    assert (tmp_path / name).read_bytes() != (SAMPLE / name).read_bytes()


def test_sample_is_small() -> None:
    assert sum((SAMPLE / name).stat().st_size for name in files(SAMPLE)) < 3_000_000


def test_every_trap_is_set() -> None:
    rows = expected_rows()
    assert tuple(rows[0]) == HEADINGS
    assert {r["陷阱种类"] for r in rows if r["记录类型"] == "陷阱"} >= TRAPS


def test_labels_do_not_contradict_traps() -> None:
    rows = expected_rows()
    labels = {(r["线索方向"], r["户编号"] or r["证件号码"]): r["记录类型"] for r in rows if r["记录类型"] != "陷阱"}
    for row in rows:
        for direction in row["线索方向"].split("、") if row["记录类型"] == "陷阱" else ():
            label = labels.get((direction, row["户编号"] or row["证件号码"]), "")
            if row["要求"] == "不得列出" and row["陷阱种类"] not in ("整户清退",):
                assert label in ("", "可列可不列"), row
            if row["要求"].startswith("必须列出"):
                assert label == "应列", row
            if "待核" in row["要求"]:
                assert label == "待核", row


def test_each_direction_has_finds_and_doubts() -> None:
    rows = expected_rows()
    for direction in ("司法救助线索", "返贫致贫风险线索", "社会救助帮扶线索"):
        assert sum(r["记录类型"] == "应列" and r["线索方向"] == direction for r in rows) >= 15
    assert any(r["记录类型"] == "待核" for r in rows)


def test_quiet_victims_are_in_no_registry() -> None:
    known = registry_ids(SAMPLE / "quiet")
    rows = cells(SAMPLE / "quiet" / "刑事案件被害人信息.xlsx")
    assert len(known) > 200
    assert len(rows) > 10
    assert not {row[5].strip(" '\t\n").upper() for row in rows[2:]} & known


def test_registry_ids_are_valid_but_for_the_planted_ones() -> None:
    ids = registry_ids(SAMPLE / "input")
    wrong = {i for i in ids if not re.fullmatch(r"\d{17}[\dX]", i) or check_digit(i[:17]) != i[17]}
    assert 1 <= len(wrong) <= 6
    assert not any(i.startswith("5299") for i in ids)


def test_custom_export_head_is_in_row_three_with_a_doubled_column() -> None:
    (path,) = (SAMPLE / "input").glob("*监测对象信息*.xlsx")
    head = cells(path)[2]
    assert head.count("风险是否已消除") == 2


def test_bulk_county_is_repeatable_and_of_the_wanted_size(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name, seed=3, households=500, persons=2000, parties=60)
    made = sorted(p.name for p in (tmp_path / "one").iterdir())
    assert filecmp.cmpfiles(tmp_path / "one", tmp_path / "two", made, shallow=False) == (made, [], [])
    with (tmp_path / "one" / "监测对象信息.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2000
    assert len({r["户编号"] for r in rows}) == 500
    assert all(check_digit(r["证件号码"][:17]) == r["证件号码"][17] for r in rows)
