"""Three-valued logic by its laws, words that must not stand behind others, sentences, and rule tests."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language.oracle_values import compare, completed_years, k_and, k_not, k_or
from language.small_pack import pack, rule, text

from clue_engine.decide.rule_tests import run_rule_tests
from clue_engine.language.check_pack import check_pack
from clue_engine.language.compile import not_behind
from clue_engine.language.template import Length, check_template, render
from clue_engine.workspace import literal

CON = duckdb.connect()
THREE = (True, False, None)


@pytest.mark.parametrize(("a", "b"), list(itertools.product(THREE, THREE)))
def test_kleene_laws(a: Any, b: Any) -> None:
    assert k_not(k_and([a, b])) == k_or([k_not(a), k_not(b)])
    assert k_and([a, k_or([a, b])]) == a
    assert k_not(k_not(a)) == a
    sql = duckdb.connect().execute(
        f"select {literal(a)}::boolean and {literal(b)}::boolean, {literal(a)}::boolean or {literal(b)}::boolean"
    )
    assert sql.fetchall() == [(k_and([a, b]), k_or([a, b]))]


BOUND = st.one_of(st.none(), st.integers(0, 4))
INTERVAL = st.tuples(BOUND, BOUND).filter(lambda i: None in i or i[0] <= i[1])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["=", "<", "<=", ">", ">="]), INTERVAL, INTERVAL)
def test_interval_comparison_is_true_for_all_or_false_for_all(op: str, a: Any, b: Any) -> None:
    import operator

    test = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[op]

    # Numbers in between and far outside stand for an open end.
    def points(i: Any) -> list[float]:
        grid = [-9, *[n / 2 for n in range(9)], 99]
        return [x for x in grid if (i[0] is None or x >= i[0]) and (i[1] is None or x <= i[1])]

    seen = {test(x, y) for x in points(a) for y in points(b)}
    assert compare(op, a, b) == (seen.pop() if len(seen) == 1 else None)


@settings(max_examples=200, deadline=None)
@given(st.text("未没有甲乙", max_size=8), st.sets(st.sampled_from(["未", "没有", "有", "未没", "甲没有"]), min_size=1))
def test_words_that_void_what_follows(behind: str, words: set[str]) -> None:
    pattern = not_behind(tuple(words)) + "丙"
    assert bool(re.match(r"(?s)^.*" + "丙", behind + "丙"))
    found = CON.execute("select regexp_matches(?, ?)", [behind + "丙", pattern]).fetchall()[0][0]
    assert found == (not behind.endswith(tuple(words)))


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2004-02-29", "2022-02-28", 18),
        ("2004-02-29", "2022-02-27", 17),
        ("2008-11-24", "2026-11-24", 18),
        ("2026-01-02", "2024-01-01", -2),
    ],
)
def test_completed_years(start: str, end: str, years: int) -> None:
    assert completed_years(dt.date.fromisoformat(start), dt.date.fromisoformat(end)) == years
    sql = f"select date_sub('year', date '{start}', date '{end}')"
    assert duckdb.connect().execute(sql).fetchall() == [(years,)]


SENTENCES = [
    ("{姓名}在“{案由}”案中", {"姓名": "某甲", "案由": ["盗窃罪", "诈骗罪"]}, "某甲在“盗窃罪、诈骗罪”案中"),
    ("{姓名}{伤情}", {"姓名": "某甲", "伤情": None}, "某甲（不详）"),
    ("应赔{应赔金额|万元}", {"应赔金额": 123400.0}, "应赔12.34万元"),
    ("应赔{应赔金额|万元}", {"应赔金额": 100000.0}, "应赔10万元"),
    ("应赔{应赔金额|万元}", {"应赔金额": 0.0}, "应赔0元"),
    ("应赔{应赔金额|元}", {"应赔金额": 1234.5}, "应赔1234.5元"),
    ("到位{执行到位率|%}", {"执行到位率": 0.125}, "到位12.5%"),
    ("{事件日期}", {"事件日期": dt.date(2024, 1, 31)}, "2024年1月31日"),
    ("{事件日期}", {"事件日期": (dt.date(2024, 2, 1), dt.date(2024, 2, 29))}, "2024年2月"),
    ("{事件日期}", {"事件日期": (dt.date(2024, 1, 1), dt.date(2024, 3, 5))}, "2024年1月1日至2024年3月5日"),
    ("{户.家庭纯收入|元}", {"家庭纯收入": 5.0}, "5元"),
    ("{有嫌疑人在逃}", {"有嫌疑人在逃": True}, "是"),
    ("受损[，已赔{已赔金额|元}][，应赔{应赔金额|元}]", {"已赔金额": 0.0}, "受损，已赔0元"),
    ("受损[有嫌疑人在逃?，在逃][未侦破?，未破]", {"有嫌疑人在逃": True, "未侦破": None}, "受损，在逃"),
    ("[户享受低保=否?没有低保][户享受低保=缺失?低保待核]", {"户享受低保": None}, "低保待核"),
    ("[户.户享受低保=否?没有低保][户.户享受低保=是?有低保]", {"户享受低保": False}, "没有低保"),
    ("受损[处理结果=存疑不起诉/终止审理?，没有判]", {"处理结果": ["起诉", "终止审理"]}, "受损，没有判"),
    ("受损[伤情!=无人身伤害?（{伤情}）]", {"伤情": "无人身伤害"}, "受损"),
    ("受损[伤情!=无人身伤害?（{伤情}）]", {"伤情": "重伤二级"}, "受损（重伤二级）"),
    ("受损[伤情!=无人身伤害?（{伤情}）]", {"伤情": None}, "受损"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "values", "sentence"), SENTENCES)
def test_sentences(template: str, values: dict[str, Any], sentence: str) -> None:
    assert render(template, values) == sentence


@pytest.mark.parametrize(
    ("template", "codes"),
    [
        ("{伤情}", []),
        ("{商情}", ["CE606"]),
        ("{案情摘要}", ["CE603"]),
        ("{伤情|万元}", ["CE604"]),
        ("{伤情", ["CE605"]),
        ("{户.家庭纯收入|万元}", []),
        ("[，收入{户.家庭纯收入|万元}][伤情=死亡/缺失?亡故][伤情!=死亡?伤]", []),
        ("[商情?是]", ["CE606"]),
        ("[伤情=重?是]", ["CE606"]),
        ("[总是说]", ["CE605"]),
        ("[，收入{户.家庭纯收入}", ["CE605"]),
    ],
)
def test_templates_are_checked(template: str, codes: list[str]) -> None:
    vocabulary = check_pack(pack())[0].vocabulary
    assert [d.code for d in check_template(text(template), vocabulary)] == codes


TESTS = (
    {"name": "重伤", "涉案": [{"身份": ["被害人"], "伤情": "重伤2级"}], "expect": "hit"},
    {"name": "轻伤", "like": "重伤", "涉案.0": {"伤情": "轻伤"}, "expect": "no_hit"},
    {"name": "不详", "like": "重伤", "涉案.0": {"伤情": "缺失"}, "expect": "unknown", "missing": ["伤情"]},
    {"name": "预期错", "like": "重伤", "expect": "no_hit"},
    {"name": "没写明", "涉案": [{"身份": ["被害人"]}], "expect": "unknown"},
    {"name": "错字", "涉案": [{"身份": ["被害人"], "伤请": "死亡"}], "expect": "no_hit"},
    {"name": "错值", "涉案": [{"身份": ["被害人"], "伤情": "重伤9级"}], "expect": "no_hit"},
    {"name": "缺得不同", "like": "不详", "missing": ["身份"], "expect": "unknown"},
)


def test_rule_tests() -> None:
    results = run_rule_tests(pack([rule("A", "any 涉案 (重害)", tests=TESTS)]))
    assert {r.name for r in results if r.passed} == {"重伤", "轻伤", "不详"}
    detail = {r.name: r.detail for r in results}
    assert detail["预期错"] == "CE501 预期未命中，实际命中"
    assert "CE502 条件用到而测试没有写明：伤情" in detail["没写明"]
    assert "是否想写 伤情" in detail["错字"]
    assert "没有取值“重伤9级”" in detail["错值"]
    assert detail["缺得不同"] == "CE503 预期缺身份，实际缺伤情"


def test_rule_tests_take_defaults_and_relatives() -> None:
    tests = (
        {"name": "双亲", "成员": [{"是": "子", "性别": "男"}, {"是": "父", "生存状态": "死亡"}, {"是": "母", "生存状态": "失踪"}],  # noqa: E501
         "亲属": [{"谁": "子", "父母": ["父", "母"]}], "expect": "hit"},
        {"name": "单亲", "like": "双亲", "成员.2": {"生存状态": "在世"}, "expect": "no_hit"},
    )  # fmt: skip
    options = {"test_defaults": {"成员": {"性别": "女", "生存状态": "在世", "健康状况": ["健康"]}}}
    results = run_rule_tests(pack([rule("A", "any 成员 (性别 = '男' and 父母皆失能)", tests=tests)], options=options))
    assert [(r.name, r.passed, r.detail) for r in results] == [("双亲", True, ""), ("单亲", True, "")]


@pytest.mark.parametrize(
    ("template", "value", "unit", "sentence"),
    [
        ("{案发时年龄}时", 60.0, "岁", "60岁时"),
        ("{案发时年龄}岁时", 60.0, "岁", "60岁时"),
        ("{案发时年龄}周岁", 60.0, "岁", "60周岁"),
        ("{案发时年龄}时", (60.0, 61.0), "岁", "60岁至61岁时"),
        ("判{本人刑期}", 18.0, "月", "判18个月"),
        ("{案发时年龄}时", None, "岁", "（不详）时"),
    ],
)
def test_a_length_is_told_with_its_unit_once(template: str, value: object, unit: str, sentence: str) -> None:
    label = template[template.index("{") + 1 : template.index("}")]
    assert render(template, {label: Length.of(value, unit)}) == sentence
