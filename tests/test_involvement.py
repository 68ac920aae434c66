"""Facts of a 涉案 row, case by case from tests/involvement/*.yaml: a registered victim, a suspect, what is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from clue_engine.involvement import says
from clue_engine.pack.model import WordList
from tests.case_worlds import CaseWorld, worlds
from tests.record_world import record_world, shipped_pack, up_to_facts

CASES = [
    c
    for path in sorted(Path(__file__).parent.joinpath("involvement").glob("*.yaml"))
    for c in yaml.safe_load(path.read_text("utf-8"))
]
REGISTRY = {"household_no": "H1", "name": "张三", "id": "529921197001011234", "relation": "户主"}
CASE = {
    "case_no": "诉1",
    "category": "审查起诉",
    "suspect_name": "王五",
    "charges": "故意伤害罪",
    "accepted_on": "2025-01-10",
}
VICTIM = {"case_no": "诉1", "name": "张三", "id": "529921197001011234", "party_kind": "自然人"}


Placed = dict[str, tuple[CaseWorld, int]]


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Placed:
    """Where each case is found: one workspace for those that load the same files and columns."""
    found = worlds(tmp_path_factory.mktemp("facts"), CASES, _records, up_to_facts)
    return {case["name"]: (world, number) for case, world, number in found}


def _records(case: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "registry": [REGISTRY],
        "case": [{**CASE, **case.get("case", {})}],
        "victim": [{**VICTIM, **case.get("victim", {})}, *({"case_no": "诉1", **o} for o in case.get("others", []))],
        **{kind: [case[kind]] for kind in ("enforcement", "aid") if kind in case},
    }


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_facts_of_a_victim(case: dict[str, Any], placed: Placed) -> None:
    world, number = placed[case["name"]]
    [row] = world.rows(number, "fact_involvement")["张三"]
    assert {k: row[k] for k in case["expect"]} == case["expect"]


def facts(tmp_path: Path, records: dict[str, Any], query: str) -> list[tuple[Any, ...]]:
    with record_world(tmp_path, records) as ws:
        up_to_facts(ws)
        return ws.rows(query)


def test_a_dead_victim_is_dead_in_his_household(tmp_path: Path) -> None:
    records = {"registry": [REGISTRY], "case": [CASE], "victim": [{**VICTIM, "dead": True}]}
    assert facts(tmp_path, records, "select alive from fact_member") == [("死亡",)]


FATHER = {"household_no": "H2", "name": "张父", "id": "529921194501011234", "relation": "户主"}


@pytest.mark.parametrize(
    ("dead", "home", "still_open"), [(True, "H2", 1.0), (True, "H1", 0.0), (True, None, 0.0), (False, "H2", 0.0)]
)
def test_aid_for_a_dead_victim_counts_in_the_household_of_the_applicant(
    dead: bool, home: str | None, still_open: float, tmp_path: Path
) -> None:
    """Once per event and applicant: a father aided elsewhere takes nothing from the widow."""
    relation = "之父" if home == "H1" else "户主"
    records = {
        "registry": [REGISTRY, *([{**FATHER, "household_no": home, "relation": relation}] if home else [])],
        "case": [CASE],
        "victim": [{**VICTIM, "dead": dead}],
        "aid": [{"origin_case_no": "诉1", "applicant_name": "张父", "applicant_id": FATHER["id"], "victim_name": "张三",
                 "state": "已决定"}],
    }  # fmt: skip
    query = "select applicants_open_hi from fact_involvement where name = '张三'"
    assert facts(tmp_path, records, query) == [(still_open,)]


SPOUSE = {"household_no": "H1", "name": "李花", "id": "529921197101011249", "relation": "配偶"}


@pytest.mark.parametrize(
    ("aid", "doubt"),
    [
        ({"applicant_id": SPOUSE["id"]}, [(None,)]),  # a relative that no case names
        ({"applicant_id": SPOUSE["id"], "origin_case_no": "诉2"}, [(None,)]),  # in which she is nobody
        ({"applicant_id": SPOUSE["id"], "victim_name": "赵六", "origin_case_no": "诉2"}, [(False,)]),
        ({"applicant_id": "529921197101011300"}, [(False,)]),
    ],
)  # fmt: skip
def test_aid_for_the_household_of_a_victim_that_is_tied_to_no_event_is_a_doubt(
    aid: dict[str, Any], doubt: list[tuple[bool | None]], tmp_path: Path
) -> None:
    other = {"case_no": "诉2", "name": "赵六", "id": "529921196001011236"}
    records = {
        "registry": [REGISTRY, SPOUSE],
        "case": [CASE, {**CASE, "case_no": "诉2", "suspect_name": "钱七"}],
        "victim": [{**VICTIM, "dead": True}, other],
        "aid": [aid | {"applicant_name": "李花", "paid_on": "2025-03-01"}],
    }
    assert facts(tmp_path, records, "select ledger_aid from fact_involvement where name = '张三'") == doubt


AID_OF_NOBODY = [
    ({"applicant_name": "孙八", "paid_on": "2025-03-01"}, [(1, True, True, False)]),
    ({"applicant_name": "孙八", "applicant_id": "529921198807011235", "aid_no": "救1"}, [(1, False, False, True)]),
    ({"applicant_name": "张三"}, []),
]


@pytest.mark.parametrize(("aid", "told"), AID_OF_NOBODY)
def test_a_file_of_aid_that_names_nobody_of_any_case(
    aid: dict[str, Any], told: list[tuple[object, ...]], tmp_path: Path
) -> None:
    records = {"registry": [REGISTRY], "case": [CASE], "victim": [VICTIM], "aid": [aid]}
    assert facts(tmp_path, records, "select n_rows, no_id, no_case, no_day from aid_unmatched") == told


def test_a_victim_in_no_list_is_a_household_of_one(tmp_path: Path) -> None:
    records = {"case": [CASE], "victim": [{**VICTIM, "domicile": "溪山县甲乡乙村"}]}
    found = facts(tmp_path, records, "select registration, rural, monitoring_kind, size from fact_household")
    assert found == [("未登记", "农村", None, 1.0)]


@pytest.mark.parametrize(
    ("domicile", "rural"), [("溪山县城关街道东门社区", "城镇"), ("溪山县甲乡乙村3组", "农村"), (None, None)]
)
def test_rural_by_the_words_of_the_domicile(domicile: str | None, rural: str | None, tmp_path: Path) -> None:
    records = {"case": [CASE], "victim": [{**VICTIM, "domicile": domicile}]}
    assert facts(tmp_path, records, "select rural from fact_household") == [(rural,)]


@pytest.mark.parametrize(
    ("source", "village", "rural"),
    [
        ("low_income_list", "东门社区", "城镇"),
        ("low_income_list", "柏香村", "农村"),
        ("monitoring_custom", "东门社区", "农村"),  # a register of rural households only
    ],
)
def test_a_list_of_town_and_country_is_rural_by_the_place(
    source: str, village: str | None, rural: str, tmp_path: Path
) -> None:
    row = {**REGISTRY, "household_no": None, "head_name": "张三", "source_id": source, "village": village}
    records = {"registry": [row]}
    assert facts(tmp_path, records, "select rural from fact_household") == [(rural,)]


def test_a_dead_victim_reached_through_a_relative_is_another_person_than_the_members(tmp_path: Path) -> None:
    child = {"household_no": "H1", "name": "张小", "id": "529921201501011232", "relation": "之子"}
    registry = [{**REGISTRY, "village": "柏香村"}, child]
    victim = {**VICTIM, "name": "张父", "id": "529921196001011236", "dead": True, "domicile": "溪山县甲乡柏香村"}
    kin = {"kin_name": "张三", "kin_id": "529921197001011234", "kin_relation": "近亲属"}
    records = {"registry": registry, "case": [CASE], "victim": [{**victim, **kin}]}
    query = (
        "select i.via, i.name, i.person_id is not null, count(m.person_id) from fact_involvement as i "
        "left join fact_member as m on m.household_id = i.household_id and m.person_id <> i.person_id "
        "where list_contains(i.roles, '被害人') group by all"
    )
    assert facts(tmp_path, records, query) == [("近亲属", "张父", True, 2)]


def test_suspects_in_no_list_make_no_household(tmp_path: Path) -> None:
    assert facts(tmp_path, {"case": [CASE]}, "select count(*) from fact_household") == [(0,)]


def test_own_outcome_of_a_suspect(tmp_path: Path) -> None:
    records = {
        "registry": [{**REGISTRY, "name": "王五", "id": "529921198001010013"}],
        "case": [
            {
                **CASE,
                "suspect_id": "529921198001010013",
                "outcome": "起诉",
                "measure": "逮捕",
                "sentence_text": "有期徒刑3年，缓刑4年",
                "sentence_months": 36,
            }
        ],
    }
    [(own, months)] = facts(tmp_path, records, "select list_sort(own_outcome), sentence from fact_involvement")
    assert own == ["缓刑", "起诉", "逮捕"]
    assert months == 36


FAMILY = [
    ("户主", "529921197001011234"),
    ("配偶", "529921197101011249"),
    ("之子", "529921199501011237"),
    ("之孙子女", "529921201501011232"),
]


def test_kin_from_the_relation_to_the_head(tmp_path: Path) -> None:
    rows = [
        {"household_no": "H1", "name": f"某{relation}", "id": number, "relation": relation}
        for relation, number in FAMILY
    ]
    found = facts(
        tmp_path, {"registry": rows},
        "select a.relation, k.link, b.relation from fact_kin as k "
        "join fact_member as a using (household_id, person_id) "
        "join fact_member as b on k.household_id = b.household_id and k.other_person_id = b.person_id "
        "where link <> '子女' order by all",
    )  # fmt: skip
    assert found == [
        ("之子", "父母", "户主"),
        ("之子", "父母", "配偶"),
        ("之孙子女", "父母", "之子"),
        ("户主", "配偶", "配偶"),
        ("配偶", "配偶", "户主"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("被害人在逃", True),
        ("没有在逃人员", False),
        ("无在逃", False),
        ("", False),
        (None, False),
        ("无在逃人员，另一人在逃", True),
    ],
)
def test_words_count_unless_denied_right_before(text: str | None, expected: bool) -> None:
    import duckdb

    words = WordList("在逃词", ("在逃",), ("无", "没有"))
    assert duckdb.connect().execute(f"select {says('t', words)} from (select ?::varchar as t)", [text]).fetchall() == [
        (expected,)
    ]


def test_what_is_derived_and_no_code_is_not_known(tmp_path: Path) -> None:
    """A pack whose table lacks a word that a default or an option writes: no rule takes it for something."""
    pack = shipped_pack()
    without = {"登记状态": "在册", "身份": "被害人", "亲属来源": "户籍同册"}
    codes = {
        name: replace(table, values=tuple(v for v in table.values if v != without.get(name)))
        for name, table in pack.codes.items()
    }
    records = {"registry": [REGISTRY], "case": [CASE], "victim": [VICTIM]}
    with record_world(tmp_path, records) as ws:
        up_to_facts(ws, replace(pack, codes=codes))
        assert ws.rows("select registration from fact_household") == [(None,)]
        assert ws.rows("select roles from fact_involvement where name = '张三'") == [(None,)]
        assert ws.rows("select kin_source from fact_member") == [(None,)]
        issues = ws.rows("select code, file_id, column_name, detail from issue where code = 'CODE_UNKNOWN' order by 3")
        up_to_facts(ws, pack)
        assert ws.rows("select code from issue where code = 'CODE_UNKNOWN'") == []
        assert ws.rows("select kin_source from fact_member") == [("户籍同册",)]
    detail = "推算出的取值不在代码表内，按不知道处理：1 行"
    told = ("成员.亲属来源", "户.登记状态", "涉案.身份")
    assert issues == [("CODE_UNKNOWN", None, column, detail) for column in told]


def test_a_kind_of_monitoring_that_cannot_be_read_is_not_none(tmp_path: Path) -> None:
    homes = [{**REGISTRY, "household_no": f"H{n}", "name": name, "id": None} for n, name in enumerate("甲乙丙")]
    homes[2]["monitoring_kind"] = "突发严重困难户"
    with record_world(tmp_path, {"registry": homes}) as ws:
        ws.con.execute(
            "insert into raw_column values (1, 1, '监测情况', 'registry.monitoring_kind');"
            " insert into issue values ('CODE_UNKNOWN', 'warning', 1, 2, '监测情况', null)"
        )
        up_to_facts(ws)
        found = dict(ws.rows("select household_no, monitoring_kind from fact_household"))
    assert found == {"H0": "未纳入", "H1": None, "H2": "突发严重困难户"}
