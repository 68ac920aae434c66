"""Loading at its edges: one faulty row more, two files of one day, a list that somebody has left, the day of a scan."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from clue_engine.canonical import canonicalise
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.ingest.supersede import supersede
from clue_engine.pipeline import newest_date
from clue_engine.workspace import Workspace
from tests.record_world import shipped_pack

VICTIMS = "部门受案号,被害人姓名,证件号码,损失数额（元）"
REGISTER = "户编号,姓名,证件号码,与户主关系,监测对象类别"
LOW = "乡镇,村,保障对象姓名,保障对象身份证号码,保障类别"
A_ID, B_ID = "529921196003070019", "529921198803070028"


@pytest.fixture
def ws(tmp_path: Path) -> Any:
    with Workspace.open(tmp_path / "ws") as opened:
        yield opened


def load(ws: Workspace, folder: Path, files: dict[str, list[str]], *, add: bool = False) -> list[str]:
    """Load files given by name and lines; the codes of those that were refused."""
    pack = shipped_pack()
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = ingest(ws, pack.sources, [folder / name for name in files], records=pack.records, add=add)
    clean(ws, pack)
    supersede(ws, pack.records)
    return [error.code for error in report.errors]


@pytest.mark.parametrize(("n_faulty", "refused"), [(3, []), (4, ["CE-F09"])])
def test_a_small_file_may_have_three_faulty_rows(
    n_faulty: int, refused: list[str], ws: Workspace, tmp_path: Path
) -> None:
    rows = [f"{n}号,甲,,100" for n in range(20)] + [f"{n}号,乙" for n in range(n_faulty)]
    assert load(ws, tmp_path, {"被害人.csv": [VICTIMS, *rows]}) == refused
    assert ws.rows("select count(*) from rec_victim") == [(0 if refused else 20,)]


@pytest.mark.parametrize("calls", [1, 2])
def test_two_files_of_one_day(calls: int, ws: Workspace, tmp_path: Path) -> None:
    """In one call they stand beside each other; a file of a later call corrects the one before it."""
    files = {
        "被害人甲_20250630.csv": [VICTIMS, "1号,甲,,100", "2号,乙,,200"],
        "被害人乙_20250630.csv": [VICTIMS, "1号,丙,,300", "3号,丁,,400"],
    }
    if calls == 1:
        load(ws, tmp_path, files)
        expected = ["丁", "丙", "乙", "甲"]
    else:
        for name, lines in files.items():
            load(ws, tmp_path, {name: lines}, add=True)
        expected = ["丁", "丙", "乙"]
    assert [name for (name,) in ws.rows("select name from rec_victim order by 1")] == expected


def test_who_has_left_a_list_is_not_on_it(ws: Workspace, tmp_path: Path) -> None:
    older = [LOW, f"甲乡,乙村,甲某,{A_ID},农村低保", f"甲乡,乙村,乙某,{B_ID},农村低保"]
    load(ws, tmp_path, {"低保_20240630.csv": older})
    load(ws, tmp_path, {"低保_20250630.csv": older[:2]}, add=True)
    assert ws.rows("select name from rec_listing") == [("甲某",)]


def test_who_has_left_a_register_is_still_known(ws: Workspace, tmp_path: Path) -> None:
    older = [REGISTER, f"H1,甲某,{A_ID},户主,边缘易致贫户", f"H1,乙某,{B_ID},配偶,边缘易致贫户"]
    load(ws, tmp_path, {"监测_20240630.csv": older})
    load(ws, tmp_path, {"监测_20250630.csv": older[:2]}, add=True)
    canonicalise(ws, same_event_days=30)
    assert ws.rows("select name from register_person order by 1") == [("乙某",), ("甲某",)]
    assert ws.rows("select count(*) from register_member") == [(1,)]


def test_a_scan_is_as_of_the_newest_date(ws: Workspace, tmp_path: Path) -> None:
    load(
        ws,
        tmp_path,
        {"被害人_20240630.csv": [VICTIMS, "1号,甲,,1"], "被害人_20250630.csv": [VICTIMS, "2号,乙,,2"]},
    )
    assert newest_date(ws) == dt.date(2025, 6, 30)
