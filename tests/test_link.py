"""Linking, case by case from tests/link/*.yaml: registry and parties in, tier and household out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.case_worlds import CaseWorld, worlds
from tests.record_world import record_world, up_to_link

CASES = [
    c
    for path in sorted(Path(__file__).parent.joinpath("link").glob("*.yaml"))
    for c in yaml.safe_load(path.read_text("utf-8"))
]


Placed = dict[str, tuple[CaseWorld, int]]


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Placed:
    """Where each case is found: all of them stand in one workspace."""
    found = worlds(tmp_path_factory.mktemp("link"), CASES, _records, up_to_link)
    return {case["name"]: (world, number) for case, world, number in found}


def _records(case: Mapping[str, Any]) -> dict[str, Any]:
    return {"registry": case["registry"], "victim": case["victim"]}


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_tiers(case: dict[str, Any], placed: Placed) -> None:
    world, number = placed[case["name"]]
    victims = {name for name, rows in world.rows(number, "party").items() if "被害人" in rows[0]["roles"]}
    linked = {
        name: "none" if row["home"] == "新户" else f"{row['tier']} {row['home']} {row['strength']}"
        for name, rows in world.rows(number, "link_party").items()
        for row in rows
        if row["certain"] and name in victims
    }
    reviews = {name: rows[0]["kind"] for name, rows in world.rows(number, "review_item").items()}
    for name, expected in case["expect"].items():
        if name.endswith(" review"):
            assert reviews[name.removesuffix(" review")] == expected
        elif expected.startswith("review "):
            assert reviews.get(name) == expected.removeprefix("review ")
            assert name not in linked
        elif expected == "absent":
            assert name not in linked
        else:
            assert linked.get(name) == expected
            if f"{name} review" not in case["expect"]:
                assert name not in reviews


def test_a_clue_says_what_it_was_found_by(placed: Placed) -> None:
    cases = (world.rows(number, "link_party") for world, number in placed.values())
    said = {(row["tier"], row["reason"]) for linked in cases for rows in linked.values() for row in rows}
    assert said == {
        ("T1", "证件号码一致，姓名相同"),
        ("T1", "证件号码一致，姓名同音"),
        ("T2", "证件号码可见部分相符，姓名相同，名册中唯一"),
        ("T3", "姓名、出生日期、住地相同，名册中唯一"),
        ("T4", "姓名、联系电话相同，名册中唯一"),
        ("T5", "姓名、村、性别相同，年龄相差不超过一岁，名册中唯一"),
        ("T7", "姓名、村相同，案件写明的家人与其同户，名册中唯一"),
        ("K1", "案件中写明的近亲属在本户（同姓）"),
        ("K1", "案件中写明的近亲属在本户（同村）"),
        ("NEW", "名册中没有此人，单列一户"),
        ("?", "身份待核"),
    }


def decide(tmp_path: Path, choice: str) -> list[tuple[Any, ...]]:
    registry = [
        {"household_no": "H1", "name": "魏祥", "id": "529921197911207276"},
        {"household_no": "H2", "name": "魏祥", "id": "529921197911207305"},
    ]
    victim = [{"case_no": "A1", "name": "魏祥", "birth": "1979-11-20"}]
    with record_world(tmp_path, {"registry": registry, "victim": victim}) as ws:
        up_to_link(ws)
        key, candidates = ws.rows("select review_key, candidates from review_item")[0]
        refs = [c["ref"] for c in yaml.safe_load(candidates)]
        ws.con.execute(
            "insert into decision values (?, ?, '', 1)", [key, "none" if choice == "none" else refs[int(choice)]]
        )
        up_to_link(ws)
        return ws.rows(
            "select l.tier, l.strength, h.household_no from link_party as l "
            "join household as h on l.household_id = h.household_id"
        )


@pytest.mark.parametrize("choice", ["0", "1"])
def test_a_decision_links_to_the_chosen_person(choice: str, tmp_path: Path) -> None:
    [(tier, strength, number)] = decide(tmp_path, choice)
    assert (tier, strength) == ("M", "确认")
    assert number in ("H1", "H2")


def test_a_decision_that_it_is_none_of_them_makes_a_household_of_one(tmp_path: Path) -> None:
    assert decide(tmp_path, "none") == [("NEW", "确认", None)]


def test_undecided_identity_is_a_possible_row_in_each_household(tmp_path: Path) -> None:
    registry = [
        {"household_no": "H1", "name": "魏祥", "id": "529921197911207276"},
        {"household_no": "H2", "name": "魏祥", "id": "529921197911207305"},
    ]
    with record_world(
        tmp_path, {"registry": registry, "victim": [{"case_no": "A1", "name": "魏祥", "birth": "1979-11-20"}]}
    ) as ws:
        up_to_link(ws)
        assert ws.rows("select certain, strength from household_party") == [(False, "疑似"), (False, "疑似")]


def test_a_household_that_was_refused_stays_refused_when_a_second_signal_appears(tmp_path: Path) -> None:
    registry = [{"household_no": "H1", "name": "李花", "id": "529921197205198843", "phone": "19700000001"}]
    kin = {"kin_name": "李花", "kin_id": "529921197205198843"}
    victim = [{"case_no": "A1", "name": "唐辉", "id": "529951199802168471", "dead": True, **kin}]
    homes = (
        "select h.household_no from link_party as l join party as p using (party_id) "
        "join household as h on l.household_id = h.household_id where p.name = '唐辉'"
    )
    with record_world(tmp_path, {"registry": registry, "victim": victim}) as ws:
        up_to_link(ws)
        ws.con.execute("insert into decision select review_key, 'none', '', 1 from review_item")
        ws.con.execute("update rec_victim set phone = '19700000001'")
        up_to_link(ws)
        assert ws.rows(homes) == [(None,)]
        ws.con.execute("delete from decision")
        up_to_link(ws)
        assert ws.rows(homes) == [("H1",)]
