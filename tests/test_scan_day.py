"""A scan date that does not go with the data is asked about or refused; one date typed wrong blocks nobody."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import tiny_county as county

from clue_engine.ingest.newest import Newest, newest_data
from clue_engine.ingest.snapshot import snapshot_date
from clue_engine.workspace import Workspace
from tests.terminal import on_terminal

REGISTER, CASES = "监测对象信息_20250630.csv", "案件查询列表.csv"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county, linked and not yet scanned."""
    folder = tmp_path_factory.mktemp("county")
    county.write(folder / "in")
    county.write_pack(folder / "pack")
    for command in (["ingest", folder / "in"], ["link"]):
        done = county.clue_engine(*command, "-w", folder / "ws", "--rules", folder / "pack")
        assert done.returncode == 0, done.stderr.decode()
    return folder


def scan(place: Path, workspace: Path, *more: object) -> list[object]:
    parameters = place / "本县口径.yaml"
    return ["scan", "-w", workspace, "--rules", place / "pack", "--parameters", parameters, *more]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2025-06-30", ""),
        ("2027-06-30", ""),
        ("2025-06-29", f"早于数据：“{REGISTER}”的数据日期是 2025-06-30"),
        ("2015-06-30", "早于数据"),
        ("2027-07-01", f"比最新的数据（“{REGISTER}”，2025-06-30）晚 24 个月以上"),
        ("2035-06-30", "比最新的数据"),
    ],
)
def test_the_date_that_was_asked_for(place: Path, tmp_path: Path, day: str, said: str) -> None:
    workspace = Path(shutil.copytree(place / "ws", tmp_path / "ws"))
    result = county.clue_engine(*scan(place, workspace, "--as-of", day))
    out, err = result.stdout.decode(), result.stderr.decode()
    if not said:
        assert result.returncode == 0 and "早于数据" not in out + err and "最新的数据" not in out + err, err
        return
    assert (result.returncode, out) == (2, "") and "CE-U17" in err and said in err and "--force" in err, err
    assert b"CE-U08" in county.clue_engine("clues", "-w", workspace, "--rules", place / "pack").stderr  # nothing done
    if day != "2025-06-29":
        return
    forced = county.clue_engine(*scan(place, workspace, "--as-of", day, "--force", "--json"))
    assert forced.returncode == 0 and said in json.loads(forced.stdout)["notices"][0]
    for answer, exit_code in (("", 2), ("是", 0)):
        code, told = on_terminal(scan(place, workspace, "--as-of", day), ("输入 是 继续",), [answer])
        assert code == exit_code and said in told and "输入 是 继续" in told


def test_run_refuses_as_well_and_keeps_the_lists(tiny_copy: Callable[[Path], Path], tmp_path: Path) -> None:
    place = tiny_copy(tmp_path / "tiny")
    settings = ["--rules", place / "pack", "--parameters", place / "本县口径.yaml"]
    before = county.lists(place / "done", ("*.*",))
    wrong = county.clue_engine("run", place / "in", "--as-of", "2024-06-30", "--out", place / "done", *settings)
    assert wrong.returncode == 2 and "CE-U17" in wrong.stderr.decode()
    assert county.lists(place / "done", ("*.*",)) == before


def test_a_court_that_hands_in_later_stops_nobody(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w") as ws:
        ws.con.execute(
            "create or replace table input_file as select 1 as file_id, '名册.xlsx' as name, 'loaded' as status"
        )
        ws.con.execute("alter table input_file add column snapshot_date date")
        ws.con.execute("create or replace table rec_case (file_id int, row_no int, accepted_on_lo date)")
        ws.con.execute("create or replace table rec_enforcement (file_id int, row_no int, filed_on_lo date)")
        ws.con.execute("insert into rec_enforcement select 1, n, date '2025-08-01' from range(9) as r(n)")
        alone = newest_data(ws)
        ws.con.execute("update input_file set snapshot_date = date '2025-06-30'")
        beside = newest_data(ws)
    assert alone is not None and alone.day == dt.date(2025, 8, 1)
    assert beside is not None and beside.day == dt.date(2025, 6, 30)


def days(*spans: tuple[str, int]) -> list[str]:
    return [day for day, n in spans for _ in range(n)]


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("统计区间：2024年1月1日至2026年5月25日", dt.date(2026, 5, 25)),
        ("登记表（2024.10—2026.5）", dt.date(2026, 5, 31)),
        ("2025年1月至5月", dt.date(2025, 5, 31)),
        ("统计日期：2025-06-30", dt.date(2025, 6, 30)),
    ],
)
def test_a_period_ends_with_its_last_day(title: str, day: dt.date) -> None:
    table = SimpleNamespace(preview=[[title], ["姓名"]], file=SimpleNamespace(path=Path("x.xlsx")))
    assert snapshot_date(cast(Any, table), cast(Any, SimpleNamespace(first_row=2))) == day


@pytest.mark.parametrize(
    ("snapshot", "accepted", "newest"),
    [
        (None, [], None),
        ("2025-06-30", [], Newest(dt.date(2025, 6, 30), REGISTER)),
        (None, ["2025-05-01"], Newest(dt.date(2025, 5, 1), CASES, 1)),
        ("2025-06-30", days(("2025-05-01", 40), ("2062-05-01", 1)), Newest(dt.date(2025, 6, 30), REGISTER)),
        ("2025-06-30", days(("2025-05-01", 400), ("2062-05-01", 3)), Newest(dt.date(2025, 6, 30), REGISTER)),
        ("2025-06-30", days(("2025-05-01", 40), ("2025-08-01", 2)), Newest(dt.date(2025, 8, 1), CASES, 2)),
        ("2025-06-30", days(("2025-05-01", 400), ("2025-08-01", 9)), Newest(dt.date(2025, 8, 1), CASES, 5)),
        (None, days(("2025-05-01", 2), ("2062-05-01", 1)), Newest(dt.date(2025, 5, 1), CASES, 2)),
    ],
)
def test_the_newest_day_is_one_that_more_than_one_case_stands_behind(
    tmp_path: Path, snapshot: str | None, accepted: list[str], newest: Newest | None
) -> None:
    with Workspace.open(tmp_path) as ws:
        ws.con.execute("create table input_file (file_id int, name varchar, status varchar, snapshot_date date)")
        ws.con.execute("create table rec_case (file_id int, row_no int, accepted_on_lo date)")
        ws.con.execute("create table rec_enforcement (file_id int, row_no int, filed_on_lo date)")
        files = [[1, REGISTER, snapshot], [2, CASES, None]]
        ws.con.executemany("insert into input_file values (?, ?, 'loaded', ?)", files)
        for n, day in enumerate(accepted):
            ws.con.execute("insert into rec_case values (2, ?, ?)", [n, day])
        assert newest_data(ws) == newest
