"""Files that come again, corrected or newer: nothing doubled, nothing lost, every change counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clue_engine.cli.app import main
from clue_engine.errors import ClueError
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.ingest.report import IngestReport
from clue_engine.ingest.supersede import supersede
from clue_engine.pack.load import load_pack
from clue_engine.pipeline import Job, require_expected
from clue_engine.workspace import Workspace

PACK = load_pack(Path(__file__).parent.parent / "rules")
VICTIMS = "部门受案号,被害人姓名,证件号码,损失数额（元）"
REGISTER = "户编号,姓名,证件号码,与户主关系,监测对象类别,风险是否已消除"


def put(folder: Path, name: str, head: str, *rows: str) -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def load(ws: Workspace, *paths: Path, **options: Any) -> IngestReport:
    report = ingest(ws, PACK.sources, paths, records=PACK.records, add=True, **options)
    clean(ws, PACK)
    supersede(ws, PACK.records)
    assert report.errors == []
    return report


def losses(ws: Workspace) -> list[tuple[Any, ...]]:
    return ws.rows("select case_no, name, loss from rec_victim order by all")


@pytest.fixture
def ws(tmp_path: Path) -> Any:
    with Workspace.open(tmp_path / "ws") as opened:
        yield opened


def test_same_content_again_is_no_new_data(ws: Workspace, tmp_path: Path) -> None:
    first = put(tmp_path, "被害人.csv", VICTIMS, "1号,甲,,100", "2号,乙,,200")
    load(ws, first)
    again = load(ws, put(tmp_path, "另一个名字.csv", VICTIMS, "1号,甲,,100", "2号,乙,,200"))
    assert again.unchanged and "相同" in again.files[0].reason and "0 行" in again.files[0].reason
    assert len(losses(ws)) == 2
    forced = load(ws, first, force=True)
    assert [f.n_loaded for f in forced.loaded] == [2]
    assert len(losses(ws)) == 2
    assert ws.rows("select count(*), max(batch) from input_file where status = 'loaded'") == [(1, 2)]


def test_a_corrected_export_supersedes_by_case(ws: Workspace, tmp_path: Path) -> None:
    load(ws, put(tmp_path, "被害人.csv", VICTIMS, "1号,甲,,100", "2号,乙,,200", "2号,丙,,300", "4号,庚,,1"))
    load(ws, put(tmp_path, "被害人更正.csv", VICTIMS, "1号,甲,,100", "2号,乙,,250", "3号,丁,,400"))
    assert losses(ws) == [("1号", "甲", 100), ("2号", "乙", 250), ("3号", "丁", 400), ("4号", "庚", 1)]
    assert ws.rows("select change, key, fields from snapshot_change order by all") == [
        ("变化", "2号", ["姓名", "损失数额"]),
        ("新增", "3号", []),
        ("消失", "4号", []),
    ]
    assert ws.rows("select count(*) from raw_1") == [(4,)]  # the raw rows stay


def test_the_next_year_is_no_correction(ws: Workspace, tmp_path: Path) -> None:
    load(ws, put(tmp_path, "被害人_20231231.csv", VICTIMS, "1号,甲,,100", "2号,乙,,200"))
    load(ws, put(tmp_path, "被害人_20241231.csv", VICTIMS, "3号,丁,,400", "4号,戊,,500"))
    assert len(losses(ws)) == 4
    assert ws.rows("select count(*) from snapshot_change") == [(0,)]


def test_an_older_export_that_comes_later_does_not_win(ws: Workspace, tmp_path: Path) -> None:
    load(ws, put(tmp_path, "被害人_20241231.csv", VICTIMS, "1号,甲,,900"))
    load(ws, put(tmp_path, "被害人_20231231.csv", VICTIMS, "1号,甲,,100"))
    assert losses(ws) == [("1号", "甲", 900)]


def test_one_call_or_two_give_the_same_numbers(tmp_path: Path) -> None:
    files = [put(tmp_path, f"被害人_2024{m:02}28.csv", VICTIMS, f"{m}号,甲,,{m}") for m in (3, 1, 2)]
    found = []
    for number, calls in enumerate(([files], [[f] for f in files])):
        with Workspace.open(tmp_path / f"ws{number}") as ws:
            for call in calls:
                load(ws, *call)
            found.append(ws.rows("select file_id, name from input_file order by 1") + losses(ws))
            assert [ws.rows(f"select c1 from raw_{i}") for i in (1, 2, 3)] == [[("1号",)], [("2号",)], [("3号",)]]
    assert found[0] == found[1]


def test_a_household_gone_from_the_register_stays_reachable(ws: Workspace, tmp_path: Path) -> None:
    ids = ("529921196003070019", "529921198803070028")
    load(
        ws,
        put(
            tmp_path,
            "监测_20240630.csv",
            REGISTER,
            f"H1,甲,{ids[0]},户主,边缘易致贫户,否",
            f"H2,乙,{ids[1]},户主,边缘易致贫户,否",
        ),
    )
    load(ws, put(tmp_path, "监测_20250630.csv", REGISTER, f"H1,甲,{ids[0]},户主,边缘易致贫户,是"))
    assert ws.rows("select change, key, fields from snapshot_change order by all") == [
        ("变化", "H1", ["风险是否已消除"]),
        ("消失", "H2", []),
    ]
    from clue_engine.canonical import canonicalise

    canonicalise(ws, same_event_days=30)
    rows = ws.rows("select household_no, is_gone, risk_removed from register_household order by 1")
    assert rows == [("H1", False, True), ("H2", True, False)]


def test_expectations_stop_a_scan(ws: Workspace, tmp_path: Path) -> None:
    sources = [
        replace(s, options={**s.options, "expect": {"rows": "3", "fill": {"victim.id": "50%"}, "change": "30%"}})
        for s in PACK.sources
    ]
    load(ws, put(tmp_path, "被害人_20231231.csv", VICTIMS, *(f"{i}号,甲,,1" for i in range(9))))
    ingest(ws, sources, [put(tmp_path, "被害人_20241231.csv", VICTIMS, "1号,甲,,1", "2号,乙,,1")], add=True)
    codes = [r[0] for r in ws.rows("select code from issue where level = 'error' order by 1")]
    assert codes == ["EXPECT_CHANGE", "EXPECT_FILL", "EXPECT_ROWS"]
    with pytest.raises(ClueError, match="没有扫描") as error:
        require_expected(ws, Job(pack=PACK))
    assert (error.value.code, error.value.exit_code) == ("CE-D20", 1)
    require_expected(ws, Job(pack=PACK, force=True))


def test_notes_below_the_rows_do_not_count_as_unfilled(ws: Workspace, tmp_path: Path) -> None:
    sources = [replace(s, options={**s.options, "expect": {"fill": {"victim.id": "50%"}}}) for s in PACK.sources]
    ingest(ws, sources, [put(tmp_path, "被害人_20241231.csv", VICTIMS, "填表说明：金额单位为元,,,")])
    assert ws.rows("select n_loaded, n_rejected from input_file") == [(0, 1)]
    assert ws.rows("select code from issue where level = 'error'") == []


def test_sources_of_distant_dates_are_named(ws: Workspace, tmp_path: Path) -> None:
    load(ws, put(tmp_path, "被害人_20250630.csv", VICTIMS, "1号,甲,,1"))
    load(ws, put(tmp_path, "监测_20240630.csv", REGISTER, "H1,甲,,户主,边缘易致贫户,否"))
    (detail,) = ws.rows("select detail from issue where code = 'SOURCES_APART'")
    assert "相差 365 天" in detail[0]


def test_command_says_that_nothing_is_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = put(tmp_path, "被害人.csv", VICTIMS, "1号,甲,,100")
    for words in ("1=1+0", "没有新内容"):
        with pytest.raises(SystemExit) as left:
            main(["ingest", str(path), "-w", str(tmp_path / "w")])
        out = capsys.readouterr().out
        assert (left.value.code, words in out) == (0, True), out
