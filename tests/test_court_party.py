"""Who claims in a row of the court: a case of its own where no other file has one, and no second one where it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clue_engine.workspace import Workspace
from tests.record_world import record_world, up_to_facts

ROW = {"claimed": 200000, "executed": 10000, "closing": "终结本次执行程序", "respondent_name": "石某"}
ROWS: dict[str, dict[str, Any]] = {
    "车祸": {"cause": "机动车交通事故责任纠纷"},
    "省了纠纷": {"cause": "义务帮工人受害责任", "note": "九级伤残"},
    "身体权": {"cause": "生命权健康权身体权纠纷"},
    "抚养费": {"cause": "抚养费"},
    "丧子": {"cause": "机动车交通事故责任（死亡）"},
    "附带民事": {"cause": "刑事附带民事（故意伤害）", "note": "重伤二级"},
    "退赔": {"cause": "责令退赔（合同诈骗）", "respondent_name": "服刑者"},
    "不写罪名": {"cause": "刑事附带民事赔偿"},
    "遗孀": {"cause": "故意伤害罪（致人死亡）"},
    "祖母": {"cause": "刑事附带民事赔偿（交通肇事）", "note": "死者卓大为、梁小妹系祖母之子、儿媳，事故双亡"},
    "妻甲": {"cause": "机动车交通事故责任纠纷", "note": "古某（妻甲之夫）2024年9月被撞身亡，肇事车无保险"},
    "车主": {"cause": "机动车交通事故责任纠纷", "note": "车辆受损，无人员死亡"},
    "借款": {"cause": "民间借贷纠纷"},
    "离婚": {"cause": "离婚纠纷"},
    "农商银行": {"cause": "机动车交通事故责任纠纷"},
    "在案": {"cause": "刑事附带民事", "respondent_name": "被告甲"},
    "亲属": {"cause": "故意伤害罪", "respondent_name": "被告甲"},
    "登记": {"cause": "机动车交通事故责任纠纷", "id": "529921198001010013"},
    "案号": {"cause": "刑事附带民事", "origin_no": "刑1"},
}
# whom the rows make a party: roles, causes, whether it claims, exe_state, award, harm
UNPAID = ("终结本次执行程序", 200000.0)
EXPECTED: dict[str, tuple[Any, ...]] = {
    "车祸": (["申请执行人"], ["机动车交通事故责任纠纷"], True, *UNPAID, None),
    "省了纠纷": (["申请执行人"], ["义务帮工人受害责任纠纷"], True, *UNPAID, None),
    "身体权": (["申请执行人"], ["生命权、健康权、身体权纠纷"], True, *UNPAID, None),
    "抚养费": (["申请执行人"], ["抚养费纠纷"], True, *UNPAID, None),
    "丧子": (["申请执行人"], ["机动车交通事故责任纠纷"], True, *UNPAID, "死亡"),
    "附带民事": (["被害人"], ["故意伤害罪"], False, *UNPAID, "重伤二级"),
    "退赔": (["被害人"], ["合同诈骗罪"], False, *UNPAID, "无人身伤害"),
    "不写罪名": (["被害人"], None, False, *UNPAID, None),
    "遗孀的亲属": (["被害人"], ["故意伤害罪"], False, *UNPAID, "死亡"),
    "卓大为": (["被害人"], ["交通肇事罪"], False, *UNPAID, "死亡"),
    "妻甲": (["申请执行人"], ["机动车交通事故责任纠纷"], True, *UNPAID, None),
    "车主": (["申请执行人"], ["机动车交通事故责任纠纷"], True, *UNPAID, None),
    "在案": (["被害人"], ["故意伤害罪"], False, *UNPAID, None),
    "登记": (["被害人"], ["交通肇事罪"], False, *UNPAID, None),
    "母亲甲": (["申请执行人"], ["健康权纠纷"], True, *UNPAID, None),
    "孩子甲": (["申请执行人"], ["健康权纠纷"], True, *UNPAID, None),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    rows = [
        {**ROW, "enforcement_no": f"执{n}", "applicant_name": name, **{k: v for k, v in row.items() if k != "id"}}
        | ({"applicant_id": row["id"]} if "id" in row else {})
        for n, (name, row) in enumerate(ROWS.items())
    ]
    mother, child = (
        {**ROW, "enforcement_no": "执家", "cause": "健康权纠纷", "applicant_name": name, "row_no": 90, "part_no": part}
        for part, name in enumerate(("母亲甲", "孩子甲"), 1)
    )
    home = {"household_no": "H1", "county": "样山县", "town": "东河乡", "village": "第一村"}
    records = {
        "registry": [{**home, "name": "母亲甲", "relation": "户主"}, {**home, "name": "孩子甲", "relation": "之子"}],
        "enforcement": [
            *rows,
            mother,
            child,
            {**rows[0], "source_id": "court_payout", "claimed": None, "closing": None},
        ],
        "case": [
            {"case_no": "诉1", "suspect_name": "被告甲", "charges": "故意伤害罪"},
            {"case_no": "诉2", "charges": "交通肇事罪"},
            {"case_no": "刑1", "suspect_name": "被告乙", "charges": "盗窃罪"},
            {"case_no": "狱1", "suspect_name": "服刑者", "charges": "合同诈骗罪"},
        ],
        "victim": [
            {"case_no": "诉1", "name": "在案", "kin_name": "亲属", "kin_relation": "父"},
            {"case_no": "诉2", "name": "登记", "id": "529921198001010013"},
        ],
    }
    with record_world(tmp_path_factory.mktemp("court"), records) as ws:
        up_to_facts(ws)
        yield ws


def test_who_becomes_a_party_and_what_the_court_says_of_him(world: Workspace) -> None:
    found = world.rows(
        "select p.name, p.roles, e.causes, p.claims, i.exe_state, i.award, i.harm from party as p "
        "join legal_event as e using (event_id) join fact_involvement as i using (party_id) "
        "where p.claims or list_contains(p.roles, '被害人')"
    )
    assert {row[0]: row[1:] for row in found} == EXPECTED


def test_nobody_stands_twice_and_who_claims_is_alive(world: Workspace) -> None:
    assert world.rows("select name from party group by name having count(*) > 1 and name <> '石某'") == []
    assert world.rows("select name from fact_involvement where alive = '死亡' order by name") == [
        ("卓大为",),
        ("遗孀的亲属",),
    ]


def test_who_sues_because_one_of_his_family_died_was_harmed(world: Workspace) -> None:
    found = world.rows(
        "select name, claim_injured from fact_involvement where name in ('妻甲', '车主') order by name desc"
    )
    assert found == [("车主", None), ("妻甲", True)]


def test_several_of_one_row_who_live_together_are_known_by_name(world: Workspace) -> None:
    found = world.rows(
        "select name, tier, household_no from household_party join party using (party_id) "
        "join household using (household_id) where tier <> 'NEW' order by name"
    )
    assert found == [("孩子甲", "T9", "H1"), ("母亲甲", "T9", "H1")]


def test_what_a_swindler_is_told_to_give_back_is_what_was_lost(world: Workspace) -> None:
    assert world.rows("select name, loss from fact_involvement where loss is not null") == [("退赔", 200000.0)]


def test_who_serves_for_it_stands_in_the_event_of_whom_he_owes(world: Workspace) -> None:
    assert world.rows("select count(distinct event_id) from party where name in ('退赔', '服刑者')") == [(1,)]
