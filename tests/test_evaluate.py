"""Evaluate on rows small enough to see the answer by eye: holds, polarity, coverage, witnesses, missing facts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from language.small_pack import AS_OF, database, hold, pack, rule

from clue_engine.decide.look import look
from clue_engine.evaluate.station import evaluate, evaluate_checked
from clue_engine.language.check_pack import check_pack
from clue_engine.workspace import Workspace

VICTIM = {"roles": ["被害人"], "harm": "重伤二级", "person_id": 1}


def run(rules: list[Any], rows: dict[str, Any], holds: list[Any] | None = None, **more: Any) -> Any:
    unloaded, kin = more.pop("unloaded", ()), more.pop("kin", ())
    rows = {"household": [{"household_id": 1}], **rows}
    con = database(rows, unloaded, kin)
    checked, problems = check_pack(pack(rules, holds or [], **more))
    assert not [p for p in problems if p.level == "error"], problems
    evaluate_checked(con, checked, AS_OF)
    return con


def outcome(when: str, rows: dict[str, Any], holds: list[Any] | None = None, **more: Any) -> int:
    con = run([rule("A", when)], rows, holds, **more)
    found = con.execute("select outcome from hit where household_id = 1").fetchall()
    return int(found[0][0]) if found else 0


def case(**values: Any) -> dict[str, Any]:
    return {"household_id": 1, **VICTIM, **values}


# -- the table of holds (rule-language §2) -------------------------------------------------------------------------
PAID = {"due": 100.0, "low": 95.0, "high": 95.0}
UNPAID = {"due": 100.0, "low": 0.0, "high": 0.0}


@pytest.mark.parametrize(
    ("harm", "paid", "unknown", "expected"),
    [
        ("重伤二级", UNPAID, "keep", ("hit", False)),
        ("重伤二级", {}, "keep", ("hit", False)),
        ("重伤二级", {}, "mark", ("hit", True)),
        ("重伤二级", PAID, "mark", ("lost", 1)),
        (None, UNPAID, "mark", ("unknown", False)),
        (None, {}, "mark", ("unknown", False)),
        (None, PAID, "mark", ("lost", 2)),
        ("轻伤", PAID, "mark", None),
    ],
)
def test_table_of_holds(harm: Any, paid: dict[str, float], unknown: str, expected: Any) -> None:
    con = run(
        [rule("A", "any 涉案 (重害)")],
        {"involvement": [case(harm=harm, **paid)]},
        [hold("X", "已足额", unknown=unknown)],
    )
    hits = [({1: "hit", 2: "unknown"}[o], p) for o, p in con.execute("select outcome, pending from hit").fetchall()]
    lost = [("lost", o) for (o,) in con.execute("select outcome from lost_hit").fetchall()]
    assert (hits + lost or [None])[0] == expected
    assert len(hits + lost) <= 1


def test_pending_only_when_it_hangs_on_the_marked_row() -> None:
    rows = [case(**UNPAID), case()]
    con = run(
        [rule("A", "any 涉案 (重害)"), rule("B", "count 涉案 (重害) >= 2")],
        {"involvement": rows},
        [hold("X", "已足额", unknown="mark")],
    )
    assert con.execute("select rule_id, outcome, pending from hit order by 1").fetchall() == [
        ("A", 1, False),
        ("B", 1, True),
    ]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("any 涉案 (重害)", 0),  # lower bound: what survives
        ("count 涉案 (重害) >= 1", 0),
        ("sum 涉案.损失金额 >= 10元", 0),
        ("max 涉案.损失金额 >= 10元", 0),
        ("none 涉案 (重害)", 0),  # upper bound: all rows, or taking one out would make a clue
        ("not any 涉案 (重害)", 0),
        ("count 涉案 (重害) <= 0", 0),
        ("count 涉案 (重害) = 0", 0),
        ("all 涉案 (not 重害)", 0),
        ("sum 涉案.损失金额 <= 5元", 0),
        ("not count 涉案 (重害) >= 1", 0),
        ("not none 涉案 (重害)", 0),
    ],
)
def test_holds_never_create_clues(when: str, expected: int) -> None:
    assert outcome(when, {"involvement": [case(loss=50.0, **PAID)]}, [hold("X", "已足额")]) == expected


def test_hold_of_one_direction_leaves_the_other() -> None:
    rules = [rule("A", "any 涉案 (重害)", "司法"), rule("B", "any 涉案 (重害)", "返贫")]
    con = run(rules, {"involvement": [case(**PAID)]}, [hold("X", "已足额", directions=("司法",))])
    assert con.execute("select direction, rule_id from hit").fetchall() == [("返贫", "B")]
    assert con.execute("select direction, rule_id, outcome from lost_hit").fetchall() == [("司法", "A", 1)]
    assert con.execute("select hold_id, direction, relation, outcome from hold_row").fetchall() == [
        ("X", "司法", "involvement", 1)
    ]


@pytest.mark.parametrize("action", ["restrict", "downgrade", "note", "reroute"])
def test_other_actions_are_only_recorded(action: str) -> None:
    con = run(
        [rule("A", "any 涉案 (重害)")],
        {"involvement": [case(**PAID), case(harm="轻伤")]},
        [hold("X", "已足额", action=action)],
    )
    assert con.execute("select outcome, pending from hit").fetchall() == [(1, False)]
    assert con.execute("select row_id, outcome from hold_row order by 1").fetchall() == [(1, 1), (2, 2)]


def test_hold_on_the_household() -> None:
    rows = {
        "household": [{"household_id": 1, "kind": "未纳入"}, {"household_id": 2}],
        "involvement": [case(), case(household_id=2)],
    }
    holds = [hold("X", "监测对象类别 = '未纳入'", "户", unknown="mark")]
    con = run([rule("A", "any 涉案 (重害)")], rows, holds)
    assert con.execute("select household_id, outcome, pending from hit").fetchall() == [(2, 1, True)]
    assert con.execute("select household_id, outcome from lost_hit").fetchall() == [(1, 1)]


# -- outcomes ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("when", "rows", "unloaded", "expected"),
    [
        ("any 涉案 (重害)", [], [], 0),
        ("any 涉案 (重害)", [], ["involvement"], 2),
        ("none 涉案", [], [], 1),
        ("none 涉案", [], ["involvement"], 2),
        ("any 涉案", [case(certain=False)], [], 2),
        ("count 涉案 >= 2", [case(), case(certain=False)], [], 2),
        ("count 涉案 (重害) >= 2", [case(), case(harm=None)], [], 2),
        ("count 涉案 (重害) >= 1", [case(), case(harm=None)], [], 1),
        ("count 涉案 (重害) = 1", [case(), case(harm=None)], [], 2),
        ("sum 涉案.损失金额 > 5元", [case(loss=6.0), case(loss=None)], [], 1),
        ("sum 涉案.损失金额 <= 5元", [case(loss=4.0), case(loss=None)], [], 2),
        ("max 涉案.损失金额 <= 5元", [], [], 0),
        ("max 涉案.损失金额 <= 5元", [case(loss=4.0)], [], 1),
        ("any 涉案 (伤情 <> '死亡')", [case(harm=None)], [], 2),
        ("any 涉案 (伤情 = '轻伤')", [case(roles=["嫌疑人"], harm=None)], [], 0),  # n/a: decided
        ("any 涉案 (not 伤情 = '轻伤')", [case(roles=["嫌疑人"], harm=None)], [], 1),
        ("any 涉案 (案情摘要 contains any @急救词)", [case(summary=None)], [], 0),  # said: not mentioned is no
        ("any 涉案 (案情摘要 contains any @急救词)", [case(summary="未抢救")], [], 0),
        ("any 涉案 (案情摘要 contains any @急救词)", [case(summary="未抢救,后抢救")], [], 1),
        ("any 涉案 (伤残等级 = 参数.严重级)", [case(grade="六级")], [], 1),
        ("any 涉案 (伤残等级 不轻于 '六级')", [case(grade="未评定")], [], 2),
        ("any 涉案 (伤残等级 不轻于 '六级')", [case(grade="六级")], [], 1),
        ("any 涉案 (伤残等级 不轻于 '六级')", [case(grade="十级")], [], 0),
        ("any 涉案 (伤情 不轻于 '重伤二级')", [case(harm="重伤")], [], 1),
        ("any 涉案 (伤情 不轻于 '重伤一级')", [case(harm="重伤")], [], 2),
        ("any 涉案 (伤情 不重于 '重伤二级')", [case(harm="重伤")], [], 2),
        ("any 涉案 (伤情 不重于 '轻伤')", [case(harm="重伤")], [], 0),
        ("any 涉案 (残疾证等级 不重于 '二级')", [case(cert="无证")], [], 0),
        ("any 涉案 (残疾证等级 不重于 '二级')", [case(cert=None)], [], 2),
        ("any 涉案 (残疾证等级 <> '无证')", [case(cert=None)], [], 2),
        ("any 涉案 (损失金额 / 应赔金额 > 50%)", [case(loss=1.0, due=0.0)], [], 2),
        ("any 涉案 (未获救助申请人数 >= 1)", [case(open_n_lo=0.0, open_n_hi=2.0)], [], 2),
        ("any 涉案 (未获救助申请人数 >= 1)", [case(open_n_lo=1.0, open_n_hi=None)], [], 1),
        ("any 涉案 (损失金额 > 参数.空缺)", [case(loss=5.0)], [], 2),
    ],
)
def test_outcomes(when: str, rows: list[Any], unloaded: list[str], expected: int) -> None:
    assert outcome(when, {"involvement": rows}, unloaded=unloaded) == expected


PARENTS = [(1, 1, "父母", 2), (1, 1, "父母", 3)]


@pytest.mark.parametrize(
    ("kin", "alive", "expected"),
    [
        (PARENTS, ["死亡", "死亡"], 1),
        (PARENTS, ["死亡", "在世"], 0),
        (PARENTS, ["死亡", None], 2),
        (PARENTS[:1], ["死亡", "死亡"], 2),  # an open link: the other parent is in no file
        (PARENTS[:1], ["在世", "死亡"], 0),
        ([], ["死亡", "死亡"], 2),
    ],
)
def test_open_link(kin: list[Any], alive: list[Any], expected: int) -> None:
    people = [("在世", 1), (alive[0], 2), (alive[1], 3)]
    members = [
        {"household_id": 1, "person_id": p, "alive": a, "health": ["健康"], "birth": None} for a, p in people
    ]  # fmt: skip
    assert outcome("any 成员 (生存状态 = '在世' and 父母皆失能)", {"member": members[:1] + members[1:]}, kin=kin) in (
        expected,
        2,
    )
    only = {"成员": {"双亡": "count 成员 of 父母 (生存状态 = '死亡') >= 2"}}
    child = [dict(m, sex="男" if m["person_id"] == 1 else "女") for m in members]
    assert outcome("any 成员 (性别 = '男' and 双亡)", {"member": child}, kin=kin, more=only) == expected


def test_regional_parameter_follows_the_household() -> None:
    households = [
        {"household_id": 1, "region": "330100", "income_pc": 9000.0},
        {"household_id": 2, "region": "110000", "income_pc": 9000.0},
        {"household_id": 3, "region": None, "income_pc": 9000.0},
    ]
    con = run([rule("A", "人均收入 < 参数.收入线")], {"household": households})
    assert con.execute("select household_id from hit").fetchall() == [(1,)]
    con = run([rule("A", "人均收入 < 参数.收入线")], {"household": households}, region="330000")
    assert con.execute("select household_id from hit order by 1").fetchall() == [(1,), (3,)]


@pytest.mark.parametrize(
    ("when", "day", "expected"),
    [
        ("距今(出生日期) >= 18岁", "2008-11-24", 1),
        ("距今(出生日期) >= 18岁", "2008-11-25", 0),
        ("年龄 < 参数.未成年上限", "2008-11-25", 1),
        ("距今(出生日期) <= 3个月", "2026-08-24", 1),
        ("距今(出生日期) <= 3个月", "2026-08-23", 0),
        ("距今(出生日期) <= 30天", "2026-10-25", 1),
        ("距今(出生日期) <= 30天", "2026-10-24", 0),
        ("距今(出生日期) > 1年", "2025-11-24", 0),
        ("距今(出生日期) > 1年", "2025-11-23", 1),
    ],
)
def test_time_by_the_calendar(when: str, day: str, expected: int) -> None:
    assert outcome(f"any 成员 ({when})", {"member": [{"household_id": 1, "birth": day}]}) == expected


# -- what else is written ------------------------------------------------------------------------------------------
def test_witnesses_and_missing_facts() -> None:
    rows = [case(harm=None), case(harm="轻伤"), case(roles=None, harm=None)]
    con = run(
        [rule("A", "any 涉案 (重害) and 困难")],
        {"household": [{"household_id": 1, "dibao": True}], "involvement": rows},
    )
    assert con.execute("select row_id, outcome from witness order by 1").fetchall() == [(1, 2), (3, 2)]
    missing = con.execute("select relation, field, decides from missing_fact order by 1, 2").fetchall()
    assert missing == [("involvement", "harm", True), ("involvement", "roles", False)]


@pytest.mark.parametrize(("harm", "expected"), [("重伤", [("harm", True)]), ("重伤二级", []), (None, [("harm", True)])])
def test_a_grade_that_is_not_exact_enough_is_to_be_asked(harm: str | None, expected: list[Any]) -> None:
    con = run([rule("A", "any 涉案 (受害 and 伤情 不轻于 '重伤一级')")], {"involvement": [case(harm=harm)]})
    assert con.execute("select field, decides from missing_fact").fetchall() == expected


def test_one_fact_alone_does_not_decide_two() -> None:
    con = run([rule("A", "any 涉案 (重害) and 困难")], {"involvement": [case(harm=None)]})
    missing = con.execute("select field, decides from missing_fact order by 1").fetchall()
    assert ("harm", False) in missing
    assert not any(d for _, d in missing)


def test_absent_column_and_parameter_are_said_once() -> None:
    con = database({"household": [{"household_id": 1}], "involvement": [case()]})
    con.execute("alter table fact_involvement drop loss")
    checked, _ = check_pack(pack([rule("A", "any 涉案 (损失金额 > 参数.空缺)"), rule("B", "any 涉案 (重害)")]))
    evaluate_checked(con, checked, AS_OF)
    assert con.execute("select rule_id, outcome from hit order by 1").fetchall() == [("A", 2), ("B", 1)]
    caveats = con.execute("from evaluate_caveat order by 1").fetchall()
    assert caveats == [("COLUMN_ABSENT", "involvement", "loss"), ("PARAMETER_NO_VALUE", "A", "空缺")]


def test_draft_rules_do_not_run_and_wrong_ones_are_named() -> None:
    con = database({"household": [{"household_id": 1}], "involvement": [case()]})
    rules = [
        rule("A", "any 涉案 (重害)", status="draft"),
        rule("B", "any 涉案 (没有)"),
        rule("C", "any 涉案", status="trial"),
    ]
    checked, _ = check_pack(pack(rules))
    evaluate_checked(con, checked, AS_OF)
    runs = con.execute("select rule_id, n_hit, error is null from rule_run order by 1").fetchall()
    assert runs == [("B", 0, False), ("C", 1, True)]


# Nothing is wrong with the text; the database cannot count that many months.
TOO_FAR = "any 成员 (距今(出生日期) <= 99999999999月)"
GROWN = {"household_id": 1, "birth": dt.date(1990, 1, 1)}


def test_a_rule_that_the_database_cannot_compute_is_left_out_alone() -> None:
    rules = [rule("A", "any 涉案 (重害)"), rule("B", f"any 涉案 (重害) and {TOO_FAR}"), rule("C", "any 涉案")]
    con = run(rules, {"involvement": [case()], "member": [GROWN]})
    assert con.execute("select rule_id from hit order by 1").fetchall() == [("A",), ("C",)]
    errors = dict(con.execute("select rule_id, coalesce(error, '') from rule_run").fetchall())
    assert [i for i, error in errors.items() if "out of range" in error] == ["B"]
    assert errors.keys() == {"A", "B", "C"}


def test_a_hold_that_the_database_cannot_compute_is_named() -> None:
    held = hold("X", "距今(出生日期) <= 99999999999月", "成员")
    con = run([rule("A", "any 涉案 (重害)")], {"involvement": [case()], "member": [GROWN]}, [held, hold("Y", "已足额")])
    assert con.execute("select rule_id, pending from hit").fetchall() == [("A", False)]
    caveats = con.execute("select code, rule_id from evaluate_caveat").fetchall()
    assert caveats == [("HOLD_WRONG", "X")]


def test_households_read_part_by_part_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {
        "household": [{"household_id": n, "dibao": n % 2 == 0} for n in range(1, 6)],
        "involvement": [case(household_id=n, harm=None if n == 3 else "重伤二级", cert=None) for n in range(1, 6)],
    }
    held = [hold("X", "身份 contains '嫌疑人' or (伤情 = '重伤二级' and 残疾证等级 = '一级')")]

    def tables() -> list[Any]:
        con = run([rule("A", "any 涉案 (重害)"), rule("B", "any 涉案 (重害) and 困难")], rows, held)
        names = ("hit", "lost_hit", "hold_row", "witness", "missing_fact", "evaluate_caveat")
        counts = con.execute("select rule_id, n_hit, n_unknown, n_lost from rule_run order by all").fetchall()
        return [counts, *(con.execute(f"from {name} order by all").fetchall() for name in names)]

    whole = tables()
    monkeypatch.setattr("clue_engine.decide.columns.CELLS", 1)
    assert tables() == whole
    assert whole[0] == [("A", 4, 1, 0), ("B", 2, 3, 0)]


def test_many_quantifiers_need_more_than_one_word() -> None:
    rules = [rule(f"R{n:03}", f"any 涉案 (损失金额 >= {n}元)") for n in range(150)]
    con = run(rules, {"involvement": [case(loss=100.0)]})
    assert con.execute("select count(*), max(rule_id) from hit").fetchall() == [(101, "R100")]


def test_explain_shows_verdicts_and_values(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w") as ws:
        source = database(
            {
                "household": [{"household_id": 7}],
                "involvement": [case(household_id=7, **PAID), case(household_id=7, harm=None)],
            }
        )
        for (name,) in source.execute("select table_name from duckdb_tables()").fetchall():
            ws.con.register("given", source.sql(f"from {name}").to_arrow_table())
            ws.con.execute(f"create table {name} as from given")
            ws.con.unregister("given")
        own = pack([rule("A", "any 涉案 (重害) and not 困难")], [hold("X", "已足额")])
        evaluate(ws, own, AS_OF)
        seen = look(ws.con, check_pack(own)[0], AS_OF, 7, "A").seen()
    assert (seen.kind, seen.verdict) == ("and", None)
    quantifier = seen.parts[0]
    assert [(r.row_id, r.verdict, r.held) for r in quantifier.rows] == [(1, False, ("X",)), (2, None, ())]
    inner = quantifier.rows[1].seen
    assert inner is not None
    assert inner.text == "涉案.重害"
    harm = inner.parts[0].parts[1]
    assert (harm.text, harm.verdict) == ("伤情 in @重伤", None)
    assert [(v.field, v.value) for v in harm.values] == [("harm", None)]
