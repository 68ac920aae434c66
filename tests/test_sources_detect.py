"""sources detect: the same columns, codes and advice as loading the same files, and nothing that stays."""

from __future__ import annotations

import json
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from clue_engine.cli.app import main
from clue_engine.values.mask import mask_cell
from clue_engine.values.text import width
from clue_engine.workspace import Workspace
from tests.test_sheets_in_other_words import SHEETS
from tests.tiny_county import number

N = 8
IDS = [number(f"197001{n + 10}", n) for n in range(2 * N)]
NAMES = [f"张{c}一" for c in "甲乙丙丁戊己庚辛"]
CASES = [f"某检刑诉受[2024]5299210000{n}号" for n in range(N)]
Rows = list[list[str]]


def rows(*columns: tuple[str, list[str]]) -> Rows:
    return [[heading for heading, _ in columns], *map(list, zip(*(cells for _, cells in columns), strict=True))]


VICTIMS = rows(("部门受案号", CASES), ("被害人姓名", NAMES), ("伤情等级", ["重伤二级"] * N), ("去向", ["甲地"] * N))
HURT = rows(
    ("事故编号", [f"529921202400{n}" for n in range(N)]), ("事故时间", ["2024-05-01"] * N),
    ("死亡人员", [f"{NAMES[n]}（{IDS[n]}）" if n % 2 else "" for n in range(N)]),
    ("受伤人员", [f"韦明（{IDS[n + N]}，重伤二级）" for n in range(N)]),
)  # fmt: skip
CODED = rows(
    ("案件编号", CASES), ("被害人", NAMES), ("身份证号", IDS[:N]),
    ("伤害程度(1死亡2重伤3轻伤)", [str(1 + n % 3) for n in range(N)]), ("赔付码", ["ABC"[n % 3] for n in range(N)]),
)  # fmt: skip
BOOK: dict[str, Rows] = {
    "被害人": CODED, "说明": [["赔付码：A已赔 B部分赔偿 C未赔"]], "物品": [["物品", "数量"], ["雨衣", "2"]],
}  # fmt: skip
SUITS = rows(
    ("案号", CASES), ("权利人", NAMES), ("权利人身份证号", IDS[:N]), ("义务人", ["石某甲"] * N),
    ("案由", ["买卖合同"] * N),
    ("裁判内容", ["赔偿2万元"] * N), ("履行情况", ["未履行"] * N),
)  # fmt: skip
INCOME = rows(
    ("户号", [f"529921100200{n:04d}" for n in range(N)]), ("姓名", NAMES), ("身份证号", IDS[:N]),
    ("与户主关系", ["户主"] * N), ("全年人均收入（元）", [str(6000 + 100 * (n // 2)) for n in range(N)]),
    ("人均收入", [str(6000 + 100 * (n // 2)) for n in range(N)]),
)  # fmt: skip
DOUBLE = rows(("部门受案号", CASES), ("被害人姓名", NAMES), ("被害人", NAMES[::-1]), ("伤情等级", ["重伤二级"] * N))
LOST = rows(("部门受案号", CASES), ("被害人姓名", IDS[:N]), ("伤情等级", ["重伤二级"] * N), ("损失数额", ["1"] * N))
THINGS = rows(("领用日期", ["2024-03-05"] * N), ("领用人", NAMES), ("物品", ["雨衣"] * N), ("数量", ["2"] * N))
FILES: dict[str, Rows | dict[str, Rows]] = {
    "被害人清单.csv": VICTIMS, "交通.xlsx": {"台账": HURT}, "代码.xlsx": BOOK, "执行.csv": SUITS,
    "住户底册.csv": INCOME,
    "两列姓名.csv": DOUBLE, "姓名是号码.csv": LOST, "领用.csv": THINGS, "两年.xlsx": {"一": VICTIMS, "二": VICTIMS[:4]},
    "有表头没有数据.csv": VICTIMS[:1],
}  # fmt: skip


def write(folder: Path, name: str) -> Path:
    from openpyxl import Workbook

    path, content = folder / name, FILES.get(name)
    if isinstance(content, dict):
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, sheet in content.items():
            page = book.create_sheet(title)
            for row in sheet:
                page.append(row)
        book.save(path)
    elif content is not None:
        path.write_text("".join(",".join(row) + "\n" for row in content), encoding="utf-8")
    else:
        path.write_text(next(text for known, text, *_ in SHEETS if known == name), encoding="utf-8")
    return path


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    shown = capsys.readouterr()
    return int(left.value.code or 0), shown.out, shown.err


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made; empty after each test."""
    folder = tmp_path / "private"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("name", [*FILES, *(sheet[0] for sheet in SHEETS[:5])])
def test_detect_says_what_loading_says(
    name: str, tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, name)
    code, out, _ = command(capsys, "sources", "detect", str(path), "--json")
    assert list(private.iterdir()) == []
    detected: dict[str, Any] = json.loads(out)
    _, out, _ = command(capsys, "ingest", str(path), "-w", str(tmp_path / "ws"), "--json")
    loaded: dict[str, Any] = json.loads(out)
    for said in ("troubles", "errors", "issues", "inferred_columns", "doubtful_columns", "unused_columns", "left_out"):
        assert detected[said] == loaded[said], said
    states = [[f[key] for key in ("name", "sheet", "status", "n_read", "n_loaded", "reason")] for f in loaded["files"]]
    same = ("name", "sheet", "status", "n_read", "n_loaded", "reason")
    assert [[f[key] for key in same] for f in detected["files"]] == states
    with Workspace.open(tmp_path / "ws", create=False) as ws:
        columns = ws.rows("select file_id, position, field from raw_column where header <> '' or field is not null")
    fed = {(f, p): field.split(",") if field else [] for f, p, field in columns}
    shown = {
        (f["file_id"], c["position"]): c["fields"]
        for f in detected["files"]
        for c in f["columns"]
        if c["use"] != "packed"
    }
    assert shown == fed
    assert (code == 0) == any(status == "loaded" for _, _, status, *_ in states)


USES = [
    ("被害人清单.csv", "去向", "unknown", [], "8 格"),
    ("交通.xlsx", "死亡人员、受伤人员", "packed", [], ""),
    ("交通.xlsx", "伤亡情况", "unpacked", ["victim.injury"], ""),
    ("代码.xlsx", "伤害程度", "known", ["victim.injury"], ""),
    ("住户底册.csv", "全年人均收入（元）", "doubtful", [], "这一项已用“人均收入”"),
    ("住户底册.csv", "人均收入", "inferred", ["registry.total_income_pc"], "按表头的字词和 8 格内容（100% 相合）"),
]


@pytest.mark.parametrize(("name", "header", "use", "fields", "why"), USES)
def test_what_became_of_a_column(
    name: str, header: str, use: str, fields: list[str], why: str,
    tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    _, out, _ = command(capsys, "sources", "detect", str(write(tmp_path, name)), "--json")
    columns = [c for f in json.loads(out)["files"] for c in f["columns"] if c["header"] == header]
    assert [(c["use"], c["fields"]) for c in columns] == [(use, fields)]
    assert columns[0]["why"].endswith(why)
    assert columns[0]["codes"] == ({"1": "死亡", "2": "重伤", "3": "轻伤"} if header == "伤害程度" else {})


def test_a_doubtful_column_is_shown_masked_with_the_command_to_accept_it(
    tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = command(capsys, "sources", "detect", str(write(tmp_path, "住户底册.csv")))
    assert "6000、6100" in out.replace("\n", "").replace(" ", "")
    command_said = "clue-engine sources accept 住户底册.csv 全年人均收入（元）=人均年收入（没有说明是否扣除支出）"
    assert command_said in out
    assert not any(secret in out for secret in (*NAMES, *IDS))


def test_which_and_why_in_eighty_columns(tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "表.csv"
    path.write_text(
        "部门受案号,被害人姓名,伤情等级,损失数额（万元）,去向\n某检刑诉受[2024]52992100001号,张甲,重伤二级,1,甲地\n",
        encoding="gb18030",
    )
    code, shown, _ = command(capsys, "sources", "detect", str(path))
    assert code == 0
    out = unicodedata.normalize("NFKC", shown)  # whatever the width of brackets and commas
    assert "认作        刑事案件被害人信息(victim_list)" in out
    assert "表头在第 1 行,5 列认出 4 列" in out and "gb18030" in out
    assert "读取 1 = 装载 1 + 拒绝 0" in out
    assert "手工台账·涉案人员(ledger_person):认出 4 列,缺少 身份" in out  # the nearest other, and why not
    assert "4   损失数额(万元)  万元  损失数额" in out and "5   去向                    未用(不认识,1 格)" in out
    assert "张甲" not in out
    table = shown.partition("\n列 ")[2].partition("\n\n")[0]
    assert max(width(line) for line in table.splitlines()) <= 80


def test_an_unknown_file_leads_to_draft(tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = command(capsys, "sources", "detect", str(write(tmp_path, "领用.csv")))
    assert code == 1
    assert "不认识的表" in out and "CE-F08" in err and "sources draft 领用.csv" in err


def test_draft_says_that_a_file_is_read_already(
    tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, err = command(capsys, "sources", "draft", str(write(tmp_path, "交通.xlsx")))
    assert "交通.xlsx [台账] 已经能读入，是“交通事故伤亡人员表”（traffic_casualties），装载 8 行，不必另拟" in err
    assert list(private.iterdir()) == []


@pytest.mark.parametrize(
    ("heading", "said"),
    [("死亡人员", "载入时已拆成：伤亡人员姓名、伤亡情况、伤亡人员证件号码"), ("没有这一列", "认识的表里没有这一列")],
)
def test_a_column_that_was_taken_apart_is_not_accepted(
    heading: str, said: str, tmp_path: Path, private: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, _, err = command(capsys, "sources", "accept", str(write(tmp_path, "交通.xlsx")), f"{heading}=姓名")
    assert code == 2 and said in err


def test_what_is_accepted_holds_for_a_table_with_explained_codes(
    tmp_path: Path, private: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The headings are kept as loading sees them; before, an accepted column of such a table never held."""
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, "代码.xlsx")
    assert command(capsys, "sources", "accept", str(path), "赔付码=备注")[0] == 0
    _, out, _ = command(capsys, "sources", "detect", str(path), "--rules", "规则", "--json")
    used = {c["header"]: (c["use"], c["fields"]) for f in json.loads(out)["files"] for c in f["columns"]}
    assert used["赔付"] == ("accepted", ["victim.note"])


@pytest.mark.parametrize("command_name", ["detect", "draft"])
def test_what_cannot_be_read_leaves_nothing(
    command_name: str, tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04" + b"x" * 500)
    killed = private / ".clue-tmp-killed"  # of a process that lives no more
    killed.mkdir()
    (killed / "book0.arrow").write_text("张甲", encoding="utf-8")
    code, _, err = command(capsys, "sources", command_name, str(broken))
    assert code == 2 and "CE-F01" in err
    assert list(private.iterdir()) == []


def test_an_error_of_our_own_leaves_nothing_and_names_no_log_that_is_gone(
    tmp_path: Path, private: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("张甲")

    monkeypatch.setattr("clue_engine.ingest.load.land", fails)
    code, _, err = command(capsys, "sources", "detect", str(write(tmp_path, "被害人清单.csv")))
    assert code == 1 and "CE-F17" in err and "debug.log" not in err
    assert list(private.iterdir()) == []


@pytest.mark.parametrize(
    ("cell", "shown"),
    [("张甲", "张*"), ("529921197001011236", "5*******"), ("6000.5", "6000.5"), ("2024-05-01", "2024-05-01"),
     ("3.5%", "3.5%"), ("19900001234", "1*******"), ("张甲欠 5 万", "张******")],
)  # fmt: skip
def test_cells_are_masked(cell: str, shown: str) -> None:
    assert mask_cell(cell) == shown
