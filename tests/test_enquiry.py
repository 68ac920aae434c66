"""Questions to the workspace of clue_world: list, show, quality, review."""

from __future__ import annotations

import json
import re
from pathlib import Path

import clue_world as world
import pytest

from clue_engine.enquiry.clues import Filter, as_json, list_clues
from clue_engine.enquiry.review import decide, review_item, review_items
from clue_engine.enquiry.show import show
from clue_engine.enquiry.tree import Line
from clue_engine.errors import ClueError
from clue_engine.export.privacy import RESTRICTED
from clue_engine.export.quality import file_quality
from clue_engine.workspace import Workspace


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return world.scored(tmp_path / "ws")


def number(ws: Workspace, household_id: int) -> str:
    return str(ws.rows("select clue_id from clue where household_id = ?", [household_id])[0][0])


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(direction="poverty"), ["=cmd|' /C calc'!A0"]),
        (Filter(status="待核"), ["石敢", "文朗"]),
        (Filter(band="高"), ["白石", "柳青"]),
        (Filter(rule="J08"), ["白石", "柳青"]),
        (Filter(rule="J10"), []),  # the one it hits is restricted
        (Filter(town="西河乡"), []),
    ],
)
def test_filters(ws: Workspace, wanted: Filter, names: list[str]) -> None:
    assert [row.cells["姓名"] for row in list_clues(ws, world.PACK, wanted)] == names


def test_show_walks_back_to_the_cell(ws: Workspace) -> None:
    def tree(*_: object) -> tuple[Line, ...]:
        return (Line(0, "伤情 in @重伤", True, "重伤二级"),)

    view = show(ws, world.PACK, number(ws, 1).lower(), explain=tree)
    assert [(r.rule_id, r.version, r.points) for r in view.rules] == [("J02", 1, 30), ("J08", 1, 20), ("J03", 1, 0)]
    assert view.rules[0].tree[0].value == "重伤二级"
    assert view.scores[0] == {"dimension": "损害", "cap": 35, "certain": 30, "possible": 32}
    assert view.persons == ({"name": "白石", "id": "529921********001X", "sex": "女", "born": "1980"},)
    assert view.links[0]["reason"] == "证件号码一致"
    registry, victims = view.sources
    assert (registry.file, registry.sheet, registry.row_no) == ("监测对象信息.xlsx", "Sheet1", 4)
    assert [(c.column, c.header, c.text) for c in registry.cells] == [
        (1, "户编号", "5299211012010001"), (2, "姓名", "白*"), (3, "人均纯收入", "6501"),
    ]  # fmt: skip
    assert [(c.header, c.text) for c in victims.cells] == [("姓名", "白*"), ("伤情", "重伤二级")]


def test_show_names_holds_and_missing_facts(ws: Workspace) -> None:
    view = show(ws, world.PACK, number(ws, 3))
    assert view.holds == (
        {"id": "X02", "title": "已足额赔偿", "state": "不能确定", "effect": "影响本线索", "text": "已足额赔偿"},
    )
    assert view.missing[0] == {"field": "赔偿情况", "holder": "承办检察官", "decides": True}


def test_show_of_a_restricted_clue_says_nothing(ws: Workspace) -> None:
    view = show(ws, world.PACK, number(ws, 5), explain=lambda *_: (Line(0, "童小荷", True),))
    assert (view.rules, view.persons, view.links, view.holds, view.scores) == ((), (), (), (), ())
    assert view.sources == () and view.missing == ()  # for whoever made the file a row is a name
    assert "童小荷" not in repr(view) and "荷塘" not in repr(view)


def test_show_of_a_suspects_family_says_nothing_of_the_case(ws: Workspace) -> None:
    view = show(ws, world.PACK, number(ws, 9), explain=lambda *_: (Line(0, "故意伤害罪", True),))
    assert "故意伤害" not in repr(view) and "重伤" not in repr(view)


def test_no_number_of_a_person_in_any_answer(ws: Workspace) -> None:
    text = json.dumps([as_json(r) for r in list_clues(ws, world.PACK)], ensure_ascii=False)
    text += "".join(repr(show(ws, world.PACK, r.clue_id)) for r in list_clues(ws, world.PACK))
    assert not re.search(r"\d{17}[\dXx]", text)


def test_an_unknown_number_is_told(ws: Workspace) -> None:
    with pytest.raises(ClueError, match="CE-U30"):
        show(ws, world.PACK, "JU-00000000")


def test_quality_counts_filled_cells_and_issues(ws: Workspace) -> None:
    registry, victims = file_quality(ws)
    assert [(c.header, c.n_filled, c.n_rows) for c in victims.columns] == [("姓名", 9, 9), ("伤情", 7, 9)]
    assert victims.issues == (("ID_MISSING", "证件号码", 2, ""),)
    assert [c.rate for c in registry.columns] == [1.0, 1.0, 1.0]


def add_question(ws: Workspace) -> None:
    ws.con.execute("alter table review_item add column review_key varchar")
    ws.con.execute("create table legal_event (event_id bigint, case_no varchar, causes varchar[])")
    candidates = json.dumps([{"ref": "aa", "person_id": 1, "household_id": 1}, {"ref": "bb", "person_id": 2}])
    world.add(ws, "review_item",
        (1, "several_candidates", "名册中有不止一人相符", 3, None, None, candidates, None, None, "k1"))  # fmt: skip


def test_review_shows_candidates_masked_and_keeps_decisions(ws: Workspace) -> None:
    add_question(ws)
    item = review_item(ws, "k1")
    assert item.party["姓名"] == "石*"
    assert [(c.ref, c.name, c.number, c.place) for c in item.candidates] == [
        ("aa", "白*", "529921********001X", "东河乡 第1号村"), ("bb", "柳*", "529921********002X", ""),
    ]  # fmt: skip
    decide(ws, "k1", "aa", f"电话核实 {world.IDS[1]}")
    decide(ws, "k1", "none")
    assert ws.rows("select * from decision order by seq") == [
        ("k1", "aa", "电话核实 529921********001X", 1), ("k1", "none", "", 2),
    ]  # fmt: skip
    assert review_items(ws)[0].decision == "none" and not review_items(ws, undecided_only=True)


def test_review_names_no_party_of_a_secret_case(ws: Workspace) -> None:
    add_question(ws)
    ws.con.execute("update party set event_id = 5 where party_id = 3")  # beside the child
    item = review_item(ws, "k1")
    assert (item.restricted, item.party, item.candidates, item.reason) == (True, {}, (), RESTRICTED)
    assert "石" not in repr(review_items(ws))
    decide(ws, "k1", "none")
    assert not review_items(ws, undecided_only=True)


@pytest.mark.parametrize(("key", "choice", "code"), [("k2", "aa", "CE-U32"), ("k1", "cc", "CE-U33")])
def test_review_refuses(ws: Workspace, key: str, choice: str, code: str) -> None:
    add_question(ws)
    with pytest.raises(ClueError, match=code):
        decide(ws, key, choice)
