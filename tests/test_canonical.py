"""Canonical tables: which rows are one event, one household, one person; how facts fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from clue_engine.canonical import canonicalise
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace
from tests.record_world import record_world

SUSPECT = {"suspect_name": "王五", "suspect_id": "529921198001010013", "charges_moved": "故意伤害罪"}
ARREST = {**SUSPECT, "case_no": "捕1", "category": "审查逮捕", "accepted_on": "2024-01-10"}
TRIAL = {**SUSPECT, "case_no": "诉1", "category": "审查起诉", "accepted_on": "2024-03-10"}

EVENTS: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]], int]] = [
    ("统一受案号相同", [{**ARREST, "unified_no": "U1"}, {**TRIAL, "unified_no": "U1"}], [], 1),
    ("统一受案号不同", [{**ARREST, "unified_no": "U1"}, {**TRIAL, "unified_no": "U2"}], [], 2),
    ("嫌疑人编号相同", [{**ARREST, "unified_no": "U1", "suspect_no": "S1"}, {**TRIAL, "suspect_no": "S1"}], [], 1),
    ("都缺而人、案由、时间相合", [ARREST, TRIAL], [], 1),
    ("都缺而案由不同", [ARREST, {**TRIAL, "charges_moved": "盗窃罪"}], [], 2),
    ("都缺而相隔过久", [ARREST, {**TRIAL, "accepted_on": "2026-03-10"}], [], 2),
    ("被害人凭案号归入", [{**TRIAL, "unified_no": "U1"}], [{"case_no": "诉1", "name": "张三"}], 1),
    ("被害人的案号不在案件表", [{**TRIAL, "unified_no": "U1"}], [{"case_no": "诉9", "name": "张三"}], 2),
    (
        "三环相连",
        [
            {**ARREST, "unified_no": "U1"},
            {**TRIAL, "unified_no": "U1"},
            {**SUSPECT, "case_no": "诉1", "unified_no": "U3"},
        ],
        [],
        1,
    ),
]


@pytest.mark.parametrize(("name", "cases", "victims", "expected"), EVENTS, ids=[e[0] for e in EVENTS])
def test_rows_of_one_event(
    name: str, cases: list[dict[str, Any]], victims: list[dict[str, Any]], expected: int, tmp_path: Path
) -> None:
    with record_world(tmp_path, {"case": cases, "victim": victims}) as ws:
        canonicalise(ws, same_event_days=365)
        assert ws.rows("select count(*) from legal_event") == [(expected,)]
        assert ws.rows("select count(*) from event_of_row") == [(len(cases) + len(victims),)]


def test_charges_come_from_the_last_stage_and_split_at_commas_only(tmp_path: Path) -> None:
    cases = [
        {**ARREST, "unified_no": "U1"},
        {**TRIAL, "unified_no": "U1", "charges": "掩饰、隐瞒犯罪所得、犯罪所得收益(原窝赃罪),盗窃"},
    ]
    with record_world(tmp_path, {"case": cases}) as ws:
        canonicalise(ws, same_event_days=365)
        [(causes, case_no)] = ws.rows("select causes, case_no from legal_event")
    assert sorted(causes) == ["掩饰、隐瞒犯罪所得、犯罪所得收益罪", "盗窃罪"]
    assert case_no == "诉1"


def test_both_roles_of_one_person_are_one_party(tmp_path: Path) -> None:
    with record_world(
        tmp_path,
        {
            "case": [{**TRIAL, "unified_no": "U1"}],
            "victim": [{"case_no": "诉1", "name": "王五"}, {"case_no": "诉1", "name": "赵六"}],
        },
    ) as ws:
        canonicalise(ws, same_event_days=365)
        assert ws.rows("select name, roles from party order by name") == [
            ("王五", ["嫌疑人", "被害人"]),
            ("赵六", ["被害人"]),
        ]


def test_a_role_that_cannot_be_read_makes_no_victim(tmp_path: Path) -> None:
    with record_world(tmp_path, {"victim": [{"case_no": "诉1", "name": "王五", "role": None}]}) as ws:
        canonicalise(ws, same_event_days=365)
        assert ws.rows("select count(*) from party") == [(0,)]


HEAD = {
    "household_no": "H1",
    "name": "张三",
    "id": "529921197001011234",
    "relation": "户主",
    "town": "甲乡",
    "village": "乙村",
}


def households(tmp_path: Path, rows: list[dict[str, Any]], query: str) -> list[tuple[Any, ...]]:
    with record_world(tmp_path, {"registry": rows}) as ws:
        canonicalise(ws, same_event_days=365)
        return ws.rows(query)


def test_a_listed_household_with_a_registered_member_is_that_household(tmp_path: Path) -> None:
    rows = [
        HEAD,
        {"source_id": "list", "head_name": "张三", "name": "张三", "id": "529921197001011234"},
        {"source_id": "list", "head_name": "张三", "name": "张小", "id": "529921201001011235"},
    ]
    assert households(tmp_path, rows, "select household_no, origin from register_household") == [("H1", "registry")]


def test_a_household_known_only_from_a_list_is_one_household(tmp_path: Path) -> None:
    rows = [
        {
            "source_id": "list",
            "town": "甲乡",
            "village": "乙村",
            "head_name": "李四",
            "head_id": "529921197001011234",
            "name": n,
            "id": i,
        }
        for n, i in (("李四", "529921197001011234"), ("李小", "529921201001011235"))
    ]
    rows.append(
        {
            "source_id": "list",
            "town": "甲乡",
            "village": "丙村",
            "head_name": "李四",
            "name": "李四",
            "id": "529921196001011236",
        }
    )
    found = households(
        tmp_path, rows, "select count(*) from register_member group by household_id order by household_id"
    )
    assert found == [(1,), (2,)] or found == [(2,), (1,)]


@pytest.mark.parametrize(("towns", "n"), [(("甲乡", None), 1), (("甲乡", "乙乡", None), 3)])
def test_a_row_without_a_place_belongs_to_the_household_of_its_head(
    towns: tuple[str | None, ...], n: int, tmp_path: Path
) -> None:
    """One head, one place: it holds for all his rows; of two places nobody knows which."""
    head = {"source_id": "list", "head_name": "李四", "head_id": "529921197001011234"}
    rows = [{**head, "town": town, "name": f"李{i}", "id": f"52992120120101123{i}"} for i, town in enumerate(towns)]
    assert households(tmp_path, rows, "select count(*) from register_household") == [(n,)]


def test_a_row_without_an_id_is_the_namesake_of_its_household(tmp_path: Path) -> None:
    rows = [HEAD, {**HEAD, "id": None, "source_id": "second"}]
    assert households(tmp_path, rows, "select count(*) from register_person") == [(1,)]


def test_one_id_under_two_names_is_two_persons(tmp_path: Path) -> None:
    rows = [HEAD, {**HEAD, "name": "赵六", "household_no": "H2"}]
    assert households(tmp_path, rows, "select name from register_person order by name") == [("张三",), ("赵六",)]


@pytest.mark.parametrize(("values", "expected"), [((True, True), True), ((False, None), False), ((True, False), None)])
def test_risk_removed_must_agree(
    values: tuple[bool | None, bool | None], expected: bool | None, tmp_path: Path
) -> None:
    rows = [
        {**HEAD, "risk_removed": values[0]},
        {**HEAD, "name": "张小", "id": "529921201001011235", "risk_removed": values[1]},
    ]
    with record_world(tmp_path, {"registry": rows}) as ws:
        canonicalise(ws, same_event_days=365)
        assert ws.rows("select risk_removed from register_household") == [(expected,)]
        conflicts = ws.rows("select count(*) from issue where code = 'RISK_REMOVED_CONFLICT'")[0][0]
    assert conflicts == (1 if expected is None else 0)


def test_the_newest_snapshot_wins_and_a_household_gone_from_it_stays_as_struck(tmp_path: Path) -> None:
    old = {"source_id": "old", "income": 5000.0}
    rows = [
        {**HEAD, **old},
        {**HEAD, **old, "household_no": "H2", "name": "李四", "id": "529921196001011236"},
        {**HEAD, "source_id": "new", "income": 9000.0},
    ]
    with record_world(tmp_path, {"registry": rows}) as ws:
        ws.con.execute(
            "update input_file set source_id = 'monitoring', "
            "snapshot_date = case name when 'old' then date '2024-06-30' else date '2025-06-30' end"
        )
        ws.con.execute("update rec_registry set source_id = 'monitoring'")
        canonicalise(ws, same_event_days=365)
        found = ws.rows("select household_no, income, is_gone from register_household order by household_no")
    assert found == [("H1", 9000.0, False), ("H2", 5000.0, True)]


def _people(*rows: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "relation": relation, "id": f"529921{year}0101{n:04d}"}
        for n, (name, relation, year) in enumerate(rows)
    ]


IN_ORDER = _people(
    ("张一", "户主", "1970"), ("李二", "配偶", "1972"), ("张三", "之子", "1995"), ("赵四", "户主", "1960"),
    ("赵五", "之女", "1990"),
)  # fmt: skip
NAMESAKES = [*IN_ORDER[:3], {**IN_ORDER[3], "name": "张一"}, IN_ORDER[4]]
SPOUSES = [{**IN_ORDER[1], "name": name, "id": f"52992119720101{n}999"} for n, name in enumerate(("王六", "王七"))]
OLD_CHILD = {**IN_ORDER[2], "name": "赵八", "id": "529921195801019999"}


@pytest.mark.parametrize(
    ("rows", "households"),
    [
        (IN_ORDER, [2, 3]),
        (NAMESAKES, [2, 3]),
        ([IN_ORDER[1], IN_ORDER[0], *IN_ORDER[2:]], [1] * 5),  # begins with a member
        ([*IN_ORDER, *SPOUSES], [1] * 7),  # one with two spouses: another order
        ([*IN_ORDER, OLD_CHILD], [1] * 6),
    ],
)
def test_a_register_in_which_each_household_begins_with_its_head(
    rows: list[dict[str, Any]], households: list[int], tmp_path: Path
) -> None:
    """Neither household number nor head: only where the order is certain are rows one household."""
    with record_world(tmp_path, {"registry": rows}) as ws:
        canonicalise(ws, same_event_days=365)
        sizes = ws.rows("select count(distinct person_id) from register_member group by household_id order by 1")
    assert [n for (n,) in sizes] == households


def _two_lists(tmp_path: Path, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Which households of the earlier list count as struck."""
    rows = [{**HEAD, **row, "source_id": name} for name, rows in (("old", old), ("new", new)) for row in rows]
    with record_world(tmp_path, {"registry": rows}) as ws:
        ws.con.execute(
            "update input_file set source_id = 'monitoring', "
            "snapshot_date = case name when 'old' then date '2024-06-30' else date '2025-06-30' end"
        )
        ws.con.execute("update rec_registry set source_id = 'monitoring'")
        canonicalise(ws, same_event_days=365)
        apart = ws.rows("select count(*) from issue where code = 'LISTS_APART'")[0][0]
        gone = dict(ws.rows("select household_no, is_gone from register_household order by 1"))
    return {**gone, "apart": apart > 0}


def _home(number: int, **said: Any) -> dict[str, Any]:
    return {"household_no": f"H{number}", "name": f"张{number}", "id": None, "village": "甲村", **said}


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ([_home(1), _home(2)], [_home(1)], {"H1": False, "H2": True, "apart": False}),
        # another list of the same layout
        ([_home(1), _home(2)], [_home(3)], {"H1": False, "H2": False, "H3": False, "apart": True}),
        # of another village: nobody of this one is struck, and in the village of both the rest is
        ([_home(1), _home(2, village="乙村")], [_home(1)], {"H1": False, "H2": False, "apart": False}),
        # only those whose risk is open: who is missing may be safe
        (
            [_home(1, risk_removed=False), _home(2, risk_removed=True)],
            [_home(1, risk_removed=False)],
            {"H1": False, "H2": False, "apart": True},
        ),
        # only the monitored
        (
            [_home(1, monitoring_kind="边缘易致贫户"), _home(2)],
            [_home(1, monitoring_kind="边缘易致贫户")],
            {"H1": False, "H2": False, "apart": False},
        ),
    ],
)
def test_who_is_missing_on_another_list_is_not_struck(
    tmp_path: Path, old: list[dict[str, Any]], new: list[dict[str, Any]], wanted: dict[str, bool]
) -> None:
    assert _two_lists(tmp_path, old, new) == wanted


def test_a_file_without_a_day_that_says_something_else_is_told(tmp_path: Path) -> None:
    rows = [
        {**HEAD, "source_id": "dated", "income_pc": 5000.0, "monitoring_kind": None},
        {**HEAD, "source_id": "undated", "income_pc": 9000.0},
    ]
    with record_world(tmp_path, {"registry": rows}) as ws:
        ws.con.execute("update input_file set snapshot_date = null where name = 'undated'")
        canonicalise(ws, same_event_days=365)
        assert ws.rows("select income_pc from register_household") == [(5000.0,)]
        ((detail,),) = ws.rows("select detail from issue where code = 'FILE_UNDATED'")
    assert detail.endswith("1 户")


def test_suspect_and_victim_of_one_row_are_of_one_event(tmp_path: Path) -> None:
    """Also where the ledger has no number of the case; each row is an event of its own."""
    path = tmp_path / "案件登记.csv"
    path.write_text(
        "罪名,犯罪嫌疑人,被害人姓名,伤情等级\n故意伤害罪,甲某、乙某,丙某,轻伤一级\n盗窃罪,丁某,戊某、己某,\n",
        encoding="utf-8",
    )
    layouts = load_layouts(Path(__file__).parent.parent / "rules")
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, layouts.sources, [path], records=layouts.records)
        clean(ws, layouts)
        canonicalise(ws, same_event_days=365)
        events = ws.rows("select string_agg(name, ' ' order by name) from party group by event_id order by 1")
        causes = ws.rows("select causes from legal_event order by 1")
    assert [name for (name,) in events] == ["丁某 己某 戊某", "丙某 乙某 甲某"]
    assert sorted(causes) == [(["故意伤害罪"],), (["盗窃罪"],)]
