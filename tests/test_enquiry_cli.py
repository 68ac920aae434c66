"""The commands on the workspace of clue_world, as typed: exit codes, pure stdout, no number of a person."""

from __future__ import annotations

import json
import re
from pathlib import Path

import clue_world as world
import openpyxl
import pytest
from test_compare import HEAD, NO

from clue_engine.cli.app import main
from clue_engine.export.privacy import RESTRICTED
from clue_engine.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path) -> str:
    with world.scored(tmp_path / "ws") as ws:
        ws.con.execute("alter table review_item add column review_key varchar")
        ws.con.execute("create table legal_event (event_id bigint, case_no varchar, causes varchar[])")
        candidates = json.dumps([{"ref": "aa", "person_id": 1, "household_id": 1}])
        question = (1, "identity_conflict", "证件号码相同而姓名不同", 3, None, None, candidates, None, None, "k1")
        world.add(ws, "review_item", question)
    return str(tmp_path / "ws")


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(words)
    out, err = capsys.readouterr()
    assert not re.search(r"\d{17}[\dXx]", out + err)
    return int(left.value.code or 0), out, err


def test_clues(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = typed(capsys, "clues", "-w", place, "--status", "待核")
    assert code == 0 and "石敢" in out and "白石" not in out and "共 2 条" in err
    assert err.rstrip().endswith(f"clue-engine show 线索编号 -w {place}")  # what is told to be typed next works


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--town", "西河乡"), "东河乡"), (("--band", "搞"), "高"), (("--status", "待查"), "待核"),
        (("--direction", "司法救助"), "司法救助线索"), (("--rule", "J2"), "是否想写 “J"), (("--sort", "得份"), "得分"),
        (("--columns", "姓名,乡真"), "乡镇"), (("--format", "pdf"), "csv"), (("--name", "甲乙丙"), "少写几个字"),
        (("甲乙丙",), "少写几个字"), (("SF-00000000",), "看全部编号"), (("--name", "童小荷"), "受限线索只能按编号查"),
        (("--format", "xlsx"), "--out"), (("--format", "csv", "--json"), "jsonl"), (("--new",), "不写 --new"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_an_error_with_what_may_be_meant(
    place: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], hint: str
) -> None:
    code, out, err = typed(capsys, "clues", "-w", place, *words)
    assert code == 2 and "错误 CE-U" in err and hint in err.replace("--json 与", "") and "共 0 条" not in err
    assert "甲乙丙" not in err and "童小荷" not in err and (not out or "error" in out)


def test_clues_by_name_and_number_sorted_cut_and_in_other_forms(
    place: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def listed(*words: str) -> list[dict[str, object]]:
        code, out, _ = typed(capsys, "clues", "-w", place, "--format", "jsonl", *words)
        assert code == 0
        return [json.loads(line) for line in out.splitlines()]

    everyone = listed("--columns", "姓名，得分")
    number = next(str(r["线索编号"]) for r in everyone if r["姓名"] == "白石")
    assert [r["姓名"] for r in listed("白石")] == ["白石"] == [r["姓名"] for r in listed(f" {number.lower()} ")]
    assert [r["姓名"] for r in listed("--name", "柳 青")] == ["柳青"]
    second = "update fact_involvement set name = '柏舟' where name = '柳青'"  # the party whose case it is
    with Workspace.open(Path(place), create=False) as ws:
        ws.con.execute(second)
    assert [r["姓名"] for r in listed("--name", "柏舟")] == ["柳青"]
    points = [r["得分"] for r in listed("--sort", "-得分") if "得分" in r]
    assert points == sorted(points, reverse=True) and len(set(points)) > 1  # type: ignore[type-var]
    assert listed("--limit", "2", "--columns", "姓名,得分") == everyone[:2]
    assert set(everyone[0]) == {"线索编号", "姓名", "得分"}
    _, out, err = typed(capsys, "clues", "-w", place, "--format", "csv", "--columns", "姓名", "-q")
    assert out.splitlines()[0] == "线索编号,姓名" and "'=cmd|' /C calc'!A0" in out and err == ""
    for name in ("名单.csv", "名单.xlsx"):
        assert typed(capsys, "clues", "-w", place, "--out", str(tmp_path / name))[0] == 0
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
        assert typed(capsys, "clues", "-w", place, "--out", str(tmp_path / name))[0] == 2  # never over a file
    sheet = openpyxl.load_workbook(tmp_path / "名单.xlsx").active
    assert sheet.max_row == 4 + len(everyone) and not [c for r in sheet for c in r if c.data_type == "f"]


def test_show_restricted(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = typed(capsys, "clues", "-w", place, "--json")
    number = next(c["clue_id"] for c in json.loads(out) if c["restricted"])
    code, out, _ = typed(capsys, "show", number, "-w", place)
    assert code == 0 and f"受限-{number[3:]}" in out and RESTRICTED in out
    assert not re.search("童小荷|荷塘|东河|行|得分", out)
    code, out, _ = typed(capsys, "show", number, "-w", place, "--json")
    assert json.loads(out)["rules"] == []


def test_show_by_name(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = typed(capsys, "show", "白石", "-w", place)
    assert code == 0 and "姓名：白石" in out
    for word in ("童小荷", "没有这人"):
        code, out, err = typed(capsys, "show", word, "-w", place)
        assert (code, out) == (2, "") and "CE-U13" in err and word not in err


def test_show_unknown(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = typed(capsys, "show", "JU-1", "-w", place)
    assert (code, out) == (2, "") and "CE-U30" in err


def test_export(place: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = typed(capsys, "export", "-w", place, "--out", str(tmp_path / "out"), "--json")
    assert code == 0 and json.loads(out)["unmasked"] is False
    assert (tmp_path / "out" / "run.json").exists()
    code, _, err = typed(capsys, "export", "-w", place, "--out", str(tmp_path / "out"), "--unmask", " ")
    assert code == 2 and "CE-X02" in err


def test_quality(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = typed(capsys, "quality", "-w", place)
    assert code == 0 and "77.8%" in out
    _, out, _ = typed(capsys, "quality", "-w", place, "--json")
    assert [f["n_read"] for f in json.loads(out)["files"]] == [9, 9]


def test_compare(place: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lines = [HEAD, f"应列,{NO}1,,{world.JUDICIAL},,,", f"应列,,{world.IDS[7]},{world.JUDICIAL},,,"]
    expected = tmp_path / "expected.csv"
    expected.write_text("\n".join(lines), encoding="utf-8-sig")
    code, out, _ = typed(capsys, "compare", place, str(expected), "--json")
    found = json.loads(out)["directions"][0]
    assert code == 0 and (found["recall"], found["missed_lines"]) == (0.5, [3])
    code, out, err = typed(capsys, "compare", place, str(expected), "--at-least", "recall=0.4")
    assert code == 0 and "50.0%" in out
    code, _, err = typed(capsys, "compare", place, str(expected), "--at-least", "recall=0.6")
    assert code == 1 and "recall 0.500 < 0.6" in err
    code, _, err = typed(capsys, "compare", place, str(expected), "--at-least", "recal=0.6")
    assert code == 2 and "CE-U02" in err


def test_review(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = typed(capsys, "review", "list", "-w", place)
    assert code == 0 and "k1" in out and "石*" in out
    code, out, _ = typed(capsys, "review", "show", "k1", "-w", place)
    assert code == 0 and "候选 aa" in out and "529921********001X" in out
    assert typed(capsys, "review", "decide", "k1", "aa", "-w", place)[0] == 0
    assert json.loads(typed(capsys, "review", "list", "-w", place, "--json")[1]) == []


@pytest.mark.parametrize("words", [("clues",), ("export", "--out", "x"), ("quality",), ("review", "list")])
def test_a_workspace_that_is_not_there(words: tuple[str, ...], capsys: pytest.CaptureFixture[str], tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    code, out, err = typed(capsys, *words, "-w", "none")
    assert (code, out) == (2, "") and "CE-S30" in err
