"""Scoring, household by household from tests/stations/clues.yaml, all in one county; order and length of the lists.

The pack of clue_world and a few rules more: J91 a trial rule that would dominate J02, J92 a lighter rule that
dominates it, J94 and J96 points of other kinds, N05 a sentence that names the charge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import clue_world as world
import pytest
import yaml

from clue_engine.clue import make_clues
from clue_engine.pack.model import CodeSet, Dimension
from clue_engine.workspace import Workspace

J, P = world.JUDICIAL, world.POVERTY
CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).parent.joinpath("stations", "clues.yaml").read_text(encoding="utf-8")
)
_JUDICIAL, _POVERTY = world.PACK.directions
PACK = replace(
    world.PACK,
    directions=(replace(_JUDICIAL, dimensions=(*_JUDICIAL.dimensions, Dimension("other", "其他", 40))), _POVERTY),
    rules=(
        *world.PACK.rules,
        world.rule("J91", "试行而压过重伤", {"harm": 35}, status="trial", supersedes=("J02",)),
        world.rule("J92", "压过重伤而分少", {"harm": 10}, supersedes=("J02",)),
        world.rule("J94", "其他", {"other": 30}),
        world.rule("J95", "零星", {"other": 5}),
        world.rule("J96", "也是重点人群", {"focus": 10}),
        world.rule("N05", "家属", {"hardship": 20}, P, no_crime_detail=True, reason="家中{姓名}涉{案由}"),
    ),
)
OUTCOMES = {"命中": (1, False), "待核": (1, True), "不明": (2, False)}
FIRST = 100  # number of the first household
ASIDE = 9  # the place of a case row that no rule rests on


def add_case(ws: Workspace, n: int, case: Mapping[str, Any]) -> None:
    """Household ``n`` with the rows, hits and holds of a case. Row ids: n * 10 and the place of the row."""
    world.add_household(ws, n, n, case["name"], f"5299211980{n:04d}0000", f"第{n}号村")
    rows = case.get("rows", [{}])
    for place, row in enumerate(rows, 1):
        person = n * 10 + row["person"] if "person" in row else n
        if person != n:
            world.add(ws, "person", (person, "某某", None, None, None, None, None, None))
        told = {k: v for k, v in row.items() if k not in ("rule", "person")}
        world.add_involvement(ws, n, n * 10 + place, case["name"], person_id=person, event=n, **told)
        world.add(ws, "fact_source", ("involvement", n * 10 + place, 2, n * 10 + place, None))
    world.add_involvement(ws, n, n * 10 + ASIDE, case["name"], event=n)
    world.add(ws, "fact_source", ("involvement", n * 10 + ASIDE, 2, n * 10 + ASIDE, None))
    for rule_id, said in case["hits"].items():
        outcome, pending = OUTCOMES[said]
        world.add(ws, "hit", (n, P if rule_id[0] == "N" else J, rule_id, outcome, pending))
        for place, row in enumerate(rows, 1):
            if row.get("rule", rule_id) == rule_id:
                world.add(ws, "witness", (n, rule_id, "involvement", n * 10 + place, outcome))
    for rule_id in case.get("lost", ()):
        world.add(ws, "lost_hit", (n, J, rule_id, 1))
    for hold_id, direction, where, outcome in case.get("holds", ()):
        row_id = n if where == "户" else n * 10 + (ASIDE if where == "旁" else where)
        world.add(
            ws, "hold_row", (hold_id, direction, "household" if where == "户" else "involvement", n, row_id, outcome)
        )
    for rule_id, fields in case.get("missing", {}).items():
        for field, decides in fields.items():
            world.add(ws, "missing_fact", (n, rule_id, "involvement", field, decides))


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The clue of each case by its name, with what stands in the tables beside it."""
    ws = world.build(tmp_path_factory.mktemp("clues") / "ws")
    for n, case in enumerate(CASES, FIRST):
        add_case(ws, n, case)
    make_clues(ws, PACK, world.AS_OF, render=world.fill)
    beside = {
        "rules": "select clue_id, rule_id from clue_rule order by clue_id, seq",
        "reasons": "select clue_id, reason from clue_rule order by clue_id, seq",
        "missing": "select clue_id, field_label from clue_missing order by clue_id, seq",
        "holds": "select clue_id, hold_id from clue_hold order by clue_id, hold_id",
        "persons": "select clue_id, person_id from clue_person order by clue_id, seq",
        "rows_behind": "select clue_id, row_no from clue_source order by clue_id, row_no",
    }
    found = {}
    for clue in ws.dicts(f"select * from clue where household_id >= {FIRST}"):
        n = clue["household_id"]
        clue |= {
            name: [_near(value, n) for clue_id, value in ws.rows(query) if clue_id == clue["clue_id"]]
            for name, query in beside.items()
        }
        found[CASES[n - FIRST]["name"]] = clue
    return found


def _near(value: Any, n: int) -> Any:
    """Persons and rows of household n by their place in the case."""
    if isinstance(value, int):
        return "户主" if value == n else "旁" if value - n * 10 == ASIDE else value - n * 10
    return value


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_clue(case: Mapping[str, Any], county: dict[str, dict[str, Any]]) -> None:
    clue = county.get(case["name"])
    if case["expect"] is None:
        assert clue is None
    else:
        assert clue is not None
        assert {column: clue[column] for column in case["expect"]} == case["expect"]


ORDERS: list[tuple[str, list[dict[str, Any]]]] = [
    ("分数高的在前", [{"hits": {"J02": "命中"}}, {"hits": {"J02": "命中", "J95": "命中"}}]),
    ("分数相同，可能得分高的在前", [{"hits": {"J02": "命中"}}, {"hits": {"J02": "命中", "J08": "待核"}}]),
    (
        "同一档里，规则都符合只差核实的在前",
        [{"hits": {"J03": "不明"}, "missing": {"J03": {"harm": True}}}, {"hits": {"J02": "待核"}}],
    ),
    ("确定线索在待核前，哪怕档低", [{"hits": {"J02": "待核", "J08": "待核"}}, {"hits": {"J95": "命中"}}]),
    (
        "确认在疑似前",
        [{"hits": {"J02": "命中", "J95": "命中"}, "rows": [{"match": "疑似"}]}, {"hits": {"J02": "命中"}}],
    ),
    (
        "差一项事实而损害重、分文未赔的，仍在只差核实的之后",
        [
            {"hits": {"J03": "不明"}, "missing": {"J03": {"harm": True}}, "rows": [{"paid": 0.0}]},
            {"hits": {"J08": "待核"}},
        ],
    ),
    ("急需的在前", [{"hits": {"J02": "命中", "J96": "命中"}}, {"hits": {"J04": "命中", "J95": "命中", "J08": "命中"}}]),
]


def test_the_later_of_two_households_stands_first(tmp_path: Path) -> None:
    ws = world.build(tmp_path / "ws")
    for number, (name, pair) in enumerate(ORDERS):
        for place, case in enumerate(pair):
            add_case(ws, FIRST + number * 2 + place, {"name": f"{name}{place}", **case})
    make_clues(ws, replace(PACK, options={"pending_keep": ["重伤二级"]}), world.AS_OF, render=world.fill)
    rank = dict(ws.rows("select household_id, rank from clue"))
    first = [name for number, (name, _) in enumerate(ORDERS) if rank[FIRST + number * 2] > rank[FIRST + number * 2 + 1]]
    assert first == [name for name, _ in ORDERS]


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ("fact_household", "income_pc = 100"),
        ("fact_involvement", "harm = '死亡'"),
        ("fact_involvement", "accepted_on_lo = date '2025-01-01'"),
    ],
)
def test_of_equal_points_the_graver_the_poorer_the_newer_stands_first(table: str, value: str, tmp_path: Path) -> None:
    ws = world.build(tmp_path / "ws")
    for n in (FIRST, FIRST + 1):
        add_case(ws, n, {"name": f"户{n}", "hits": {"J02": "命中"}})
    ws.con.execute(f"update fact_household set income_pc = 5000 where household_id >= {FIRST}")
    ws.con.execute(f"update {table} set {value} where household_id = {FIRST + 1}")
    harm = [f if f.name != "harm" else replace(f, codes="伤情") for f in world.INVOLVEMENT.fields]
    relations = (world.HOUSEHOLD, replace(world.INVOLVEMENT, fields=tuple(harm)), world.MEMBER)
    codes = {"伤情": CodeSet("伤情", ("死亡", "重伤二级"))}
    make_clues(ws, replace(PACK, relations=relations, codes=codes), world.AS_OF, render=world.fill)
    rank = dict(ws.rows("select household_id, rank from clue"))
    assert rank[FIRST + 1] < rank[FIRST]


@pytest.mark.parametrize(
    ("share", "least", "listed"),
    [
        ("0%", 0, [3]),  # 3: all its rules hit, only a hold is open
        ("0%", 1, [3]),
        ("0%", 2, [3, 6]),
        ("25%", 0, [3]),  # a quarter of three certain clues: one
        ("50%", 0, [3, 6]),
    ],
)
def test_the_list_of_open_questions_has_a_length(share: str, least: int, listed: list[int], tmp_path: Path) -> None:
    ws = world.build(tmp_path / "ws")
    pack = replace(world.PACK, options={"pending_share": share, "pending_least": least})
    make_clues(ws, pack, world.AS_OF, render=world.fill)
    of_status = "select household_id from clue where direction = ? and status = ? order by 1"
    assert [n for (n,) in ws.rows(of_status, [J, "待核"])] == listed
    assert [n for (n,) in ws.rows(of_status, [J, "线索"])] == [1, 2, 5]
    folded = [n for n in [3, 6] if n not in listed]
    assert [n for (n,) in ws.rows(of_status, [J, "折叠"])] == folded  # behind the list, never lost
    waiting = ws.rows("select n from clue_count where what = '差一项事实、未列入待核'")
    assert waiting == ([(len(folded),)] if folded else [])


FOLDS: list[tuple[str, str, str]] = [
    ("重伤而分文未赔，不折叠", "harm = '重伤二级', paid = 0", "待核"),
    ("写明未赔偿而没有金额，也不折叠", "harm = '重伤二级', paid = null, pay_state = '未赔偿'", "待核"),
    ("赔了一部分的，折叠", "harm = '重伤二级', paid = 5000", "折叠"),
    ("赔没赔不知道的，折叠", "harm = '重伤二级', paid = null, pay_state = null", "折叠"),
    ("民事原告重伤而分文未赔，也不折叠", "harm = '重伤二级', paid = 0, roles = ['原告'], claim_injured = true", "待核"),
    ("轻伤分文未赔，折叠", "harm = '轻伤二级', paid = 0", "折叠"),
]


@pytest.mark.parametrize(("facts", "status"), [f[1:] for f in FOLDS], ids=[f[0] for f in FOLDS])
def test_so_grave_a_harm_with_nothing_paid_is_never_folded(facts: str, status: str, tmp_path: Path) -> None:
    ws = world.build(tmp_path / "ws")
    ws.con.execute(f"update fact_involvement set {facts} where household_id = 6")
    options = {"pending_share": "0%", "pending_least": 0, "pending_keep": ["死亡", "重伤二级"]}
    make_clues(ws, replace(world.PACK, options=options), world.AS_OF, render=world.fill)
    assert ws.rows("select status from clue where household_id = 6 and direction = ?", [J]) == [(status,)]


GRAVE: list[tuple[str, str, bool]] = [
    ("重伤而分文未赔，差几项事实也列", "harm = '重伤二级', paid = 0", True),
    ("同村同名，再没有别人", "harm = '重伤二级', paid = 0, certain = false", True),
    ("赔了一部分的，不列", "harm = '重伤二级', paid = 5000", False),
    ("轻伤，不列", "harm = '轻伤二级', paid = 0", False),
]


@pytest.mark.parametrize("everywhere", [True, False])
@pytest.mark.parametrize("origin", ["registry", "party"])
@pytest.mark.parametrize(("facts", "listed"), [g[1:] for g in GRAVE], ids=[g[0] for g in GRAVE])
def test_grave_and_unpaid_is_open_however_much_is_missing(
    facts: str, listed: bool, origin: str, everywhere: bool, tmp_path: Path
) -> None:
    """Of a household that no register knows in the directions that the pack names alone."""
    ws = world.build(tmp_path / "ws")
    ws.con.execute(f"update fact_involvement set {facts} where household_id = 6")
    ws.con.execute(f"update household set origin = '{origin}' where household_id = 6")
    ws.con.execute("update missing_fact set decides = false where household_id = 6")
    ws.con.execute("update link_party set n_candidates = 1, household_id = 6 where party_id = 6")
    if not ws.rows("select 1 from link_party where party_id = 6"):
        world.add(ws, "link_party", (6, 6, 6, "T8", "", "疑似", 1))
    options = {"pending_keep": ["重伤二级"], "pending_grave": [J] if everywhere else []}
    make_clues(ws, replace(world.PACK, options=options), world.AS_OF, render=world.fill)
    found = ws.rows("select status from clue where household_id = 6 and direction = ?", [J])
    assert found == ([("待核",)] if listed and (everywhere or origin == "registry") else [])


@pytest.mark.parametrize(("share", "status"), [("0%", "折叠"), ("50%", "待核"), ("100%", "待核")])
def test_a_household_of_another_county_takes_the_place_that_is_left(share: str, status: str, tmp_path: Path) -> None:
    """Even one whose harm is grave and unpaid: its question goes to the offices of its own county."""
    ws = world.build(tmp_path / "ws")
    ws.con.execute("update fact_involvement set harm = '重伤二级', paid = 0 where household_id = 6")
    ws.con.execute("update fact_household set out_of_county = true where household_id = 6")
    options = {"far_last": [J], "pending_share": share, "pending_least": 0, "pending_keep": ["重伤二级"]}
    make_clues(ws, replace(world.PACK, options=options), world.AS_OF, render=world.fill)
    assert ws.rows("select status from clue where household_id = 6 and direction = ?", [J]) == [(status,)]


ORDINARY: list[tuple[str, str, str]] = [
    ("名册上有收入，只有财产损失", "harm = '无人身伤害'", "折叠"),
    ("已投保", "payer = '保险'", "折叠"),
    ("已和解", "harm = '轻伤二级', settled = true, paid = 40000", "折叠"),
    ("已和解而不知道赔了多少", "settled = true, paid = null", "折叠"),
    ("已和解而只赔了一小部分", "harm = '轻伤二级', settled = true, paid = 39999", "待核"),
    ("受伤而没有保险、没有和解", "harm = '轻伤二级', payer = '无', settled = false", "待核"),
]


@pytest.mark.parametrize(("facts", "status"), [o[1:] for o in ORDINARY], ids=[o[0] for o in ORDINARY])
def test_ordinary_victims_have_a_share_of_their_own(facts: str, status: str, tmp_path: Path) -> None:
    ws = world.build(tmp_path / "ws")
    ws.con.execute(f"update fact_involvement set {facts} where household_id = 6")
    options = {
        "pending_share": "100%",
        "pending_ordinary_share": "0%",
        "pending_settled_least": "50%",
        "pending_least": 0,
        "no_injury": "无人身伤害",
    }
    make_clues(ws, replace(world.PACK, options=options), world.AS_OF, render=world.fill)
    assert ws.rows("select status from clue where household_id = 6 and direction = ?", [J]) == [(status,)]


def test_ordinary_victims_stand_behind_the_others(tmp_path: Path) -> None:
    ws = world.build(tmp_path / "ws")
    ws.con.execute("update fact_involvement set payer = '保险' where household_id = 6")
    add_case(ws, FIRST, {"name": "后来的", "hits": {"J02": "不明"}, "missing": {"J02": {"harm": True}}})
    options = {"pending_share": "0%", "pending_least": 2}
    make_clues(ws, replace(world.PACK, options=options), world.AS_OF, render=world.fill)
    of_open = "select household_id, status from clue where direction = ? and status in ('待核', '折叠') order by rank"
    assert ws.rows(of_open, [J]) == [(3, "待核"), (FIRST, "待核"), (6, "折叠")]
