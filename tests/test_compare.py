"""Recall, precision and traps against a small file of expected results for the county of clue_world."""

from __future__ import annotations

import json
import re
from pathlib import Path

import clue_world as world
import pytest

from clue_engine.enquiry.compare import Comparison, compare, read_expected
from clue_engine.errors import ClueError
from clue_engine.export import export_clues
from clue_engine.workspace import Workspace

HEAD = "记录类型,户编号,证件号码,线索方向,要求,陷阱种类,说明"
NO = "529921101201000"  # + the number of the household
J, P = world.JUDICIAL, world.POVERTY


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return world.scored(tmp_path / "ws")


def compared(ws: Workspace, *lines: str, export: bool = True) -> Comparison:
    path = ws.directory / "expected.csv"
    path.write_text("\ufeff" + "\r\n".join([HEAD, *lines]) + "\r\n", encoding="utf-8")
    out = ws.directory / "out"
    if export:
        export_clues(ws, world.PACK, out, world.AS_OF)
    return compare(ws, path, out)


def test_recall_precision_and_the_first_lines(ws: Workspace) -> None:
    # listed in J: 1 2 5 certain, 3 6 open
    [score] = compared(
        ws,
        f"应列,{NO}1,,{J},,,",
        f"应列,,{world.IDS[2]},{J},,,",  # named by the person, not by the household
        f"应列,{NO}6,,{J},,,",  # listed as open: not found
        f"应列,{NO}7,,{J},,,",  # not listed
        f"待核,{NO}3,,{J},,,",
        f"可列可不列,{NO}5,,{J},,,",
    ).directions
    assert (score.n_found, score.n_expected, score.recall) == (2, 4, 0.5)
    assert (score.n_right, score.n_wrong, score.n_uncounted, score.precision) == (2, 0, 1, 1.0)
    assert (score.n_open_found, score.n_open_expected, score.n_open_listed) == (1, 1, 2)
    assert (score.n_top, score.n_top_found) == (5, 3)  # 1, 2 and, among the open ones, 6
    assert score.length_ratio == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([], "不在预期之内"),
        ([f"待核,{NO}1,,{J},,,"], "应为待核"),
        ([f"陷阱,,{world.IDS[1]},{J}、{P},不得列出,同名不同人,"], "陷阱：同名不同人"),
        ([f"陷阱,{NO}1,,{J},必须列出,多人同格,"], None),
        ([f"可列可不列,{NO}1,,{J},,,"], None),
        ([f"应列,{NO}1,,{J},,,", f"陷阱,{NO}1,,{J},不得列出,嫌疑人家庭,"], None),
    ],
)
def test_what_makes_a_certain_clue_wrong(ws: Workspace, lines: list[str], why: str | None) -> None:
    others = [f"可列可不列,{NO}{n},,{J},,," for n in (2, 5)]
    score = next(s for s in compared(ws, *others, *lines).directions if s.direction == J)
    assert dict(score.wrong) == ({why: 1} if why else {})


@pytest.mark.parametrize(
    ("line", "passed"),
    [
        (f"陷阱,{NO}4,,{J},不得列出,已足额赔偿,", True),  # held clues are not listed
        (f"陷阱,{NO}1,,{J}、{P},不得列出,同名不同人,", False),
        (f"陷阱,{NO}9,,{J},不得列出,嫌疑人家庭,", True),  # listed in the other direction only
        (f"陷阱,,{world.IDS[1]},{J},必须列出,多人同格,", True),
        (f"陷阱,{NO}3,,{J},必须列出,多人同格,", False),
        (f"陷阱,{NO}1,,{J},必须列出且只列一次,一事多行,", True),
        (f"陷阱,{NO}3,,{J},列出并标明赔偿情况待核,赔偿情况不明,", True),
        (f"陷阱,{NO}1,,{J},列出并标明赔偿情况待核,赔偿情况不明,", False),
        (f"陷阱,{NO}5,{world.IDS[5]},{J},不得显示姓名或完整证件号,敏感受限,", True),
        (f"陷阱,{NO}1,,{J},不得显示姓名或完整证件号,敏感受限,", False),  # listed openly
        (f"陷阱,{NO}7,,{J},不得显示姓名或完整证件号,敏感受限,", False),  # not listed at all
        ("陷阱,,白石,司法救助线索,不得列出,被害人为单位,", False),  # organisations go by name
    ],
)
def test_traps(ws: Workspace, line: str, passed: bool) -> None:
    [trap] = compared(ws, line).traps
    assert (trap.n_passed, trap.n_lines) == (int(passed), 1)


@pytest.mark.parametrize(
    "leak", ["童小荷", "荷塘村", "东河乡", "监测对象信息.xlsx", "故意伤害罪", world.IDS[5], NO + "5"]
)
def test_a_restricted_line_that_says_too_much_is_caught(ws: Workspace, leak: str) -> None:
    line = f"陷阱,{NO}5,,{J},不得显示姓名或完整证件号,敏感受限,"
    assert compared(ws, line).traps[0].n_passed == 1
    path = ws.directory / "out" / "clues_judicial.csv"
    text = path.read_text(encoding="utf-8-sig").replace("受限，", f"受限，{leak}")
    path.write_text(text, encoding="utf-8-sig")
    assert compared(ws, line, export=False).traps[0].n_passed == 0


def test_nothing_of_a_person_is_told(ws: Workspace) -> None:
    found = compared(ws, f"应列,{NO}7,{world.IDS[7]},{J},,,", f"陷阱,,{world.IDS[1]},{J},不得列出,同名不同人,")
    assert not re.search(r"\d{16}", json.dumps(repr(found)))
    assert found.missed_lines == {J: [2]} and found.traps[0].failed_lines == (3,)


def test_expected_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("姓名,户编号\n", encoding="gb18030")
    with pytest.raises(ClueError, match="CE-F31"):
        read_expected(tmp_path / "x.csv")
    with pytest.raises(ClueError, match="CE-F30"):
        read_expected(tmp_path / "none.csv")
