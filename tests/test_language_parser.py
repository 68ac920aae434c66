"""Lexer and parser: half and full width mean the same; errors have a place and never leak."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language.small_pack import pack, rule

from clue_engine.language import tree
from clue_engine.language.check_pack import check_pack
from clue_engine.language.parser import parse

SAME = [
    ("人均收入 < 7000元", "人均收入＜７０００元"),
    ("any 涉案 (伤情 in ('死亡','轻伤'))", "any 涉案（伤情 in （“死亡”，‘轻伤’））"),
    ("家庭人口 >= 2 and 困难", "家庭人口≥2 且 困难"),
    ("家庭人口 <> 2 or not 困难", "家庭人口≠2 或 非 困难"),
    ("家庭人口 = 2", "家庭人口 == 2"),
    ("家庭人口 <> 2", "家庭人口 != 2"),
    ("人均收入 < 30000元", "人均收入 < 3万"),
    ("人均收入 < 30000元", "人均收入 < 3万元"),
    ("any 涉案 (事件日期 > 2024-01-31)", "any 涉案 (事件日期 > 2024年1月31日)"),
    ("any 涉案 (执行到位率 < 90%)", "any 涉案 (执行到位率 < ９０％)"),
    ("any 涉案 (本人刑期 >= 36个月)", "any 涉案 (本人刑期 >= 3年)"),
    ("人均收入 is missing", "人均收入 is 缺失"),
    ("受监测 and 困难", "受监测 并且 困难"),
    ("7000元 > 人均收入", "人均收入 < 7000元"),
]


@pytest.mark.parametrize(("plain", "typed"), SAME)
def test_forms_mean_the_same(plain: str, typed: str) -> None:
    checked, problems = check_pack(pack([rule("A", plain), rule("B", typed)]))
    assert not [p for p in problems if p.level == "error"]
    assert _bare(checked.rules["A"].when) == _bare(checked.rules["B"].when)


def _bare(node: object) -> str:
    import re

    return re.sub(r"text='[^']*'|text=\"[^\"]*\"|unit='[^']*'", "", repr(node))


def test_and_binds_tighter_than_or_and_is_warned_of() -> None:
    """A warning at the or: read the other way, every monitored household without a case would be listed."""
    node, problems = parse("甲 and 乙 or 丙")
    assert isinstance(node, tree.Logic)
    assert node.op == "or"
    assert isinstance(node.parts[0], tree.Logic)
    assert [(p.code, p.level, p.mark.column) for p in problems] == [("CE107", "warning", 9)]
    assert "读作：(甲 and 乙) or 丙" in problems[0].message
    assert parse("(甲 and 乙) or 丙")[1] == []


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("any 涉案 (甲 and 乙 or 丙)", "(甲 and 乙) or 丙"),
        ("(甲) and (乙) or (丙)", "((甲) and (乙)) or (丙)"),
        ("丙 或 甲 and 乙", "丙 或 (甲 and 乙)"),
        ("甲 and 乙 or 丙 and 丁", "(甲 and 乙) or (丙 and 丁)"),
    ],
)
def test_the_reading_of_and_with_or_is_written_out(text: str, reading: str) -> None:
    assert [p.message.partition("读作：")[2] for p in parse(text)[1]] == [reading]


@pytest.mark.parametrize(
    "text", ["(" * 900 + "甲" + ")" * 900, "not " * 900 + "甲", "+".join("1" * 900) + " > 甲", "甲" * 5000]
)
def test_depth_and_length_are_limited(text: str) -> None:
    node, problems = parse(text)
    assert node is None
    assert problems[-1].code == "CE106"


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet="甲乙户.参数@(（)，,<>=≥≤'“”\"3万元年岁%-0 and or not in any 涉案 count between is contains；\n",
        max_size=40,
    )
)
def test_nothing_leaks(text: str) -> None:
    node, problems = parse(text)
    assert (node is None) == any(p.level == "error" for p in problems) or node is not None


def _wrong() -> list[list[str]]:
    lines = (Path(__file__).parent / "language" / "wrong_conditions.txt").read_text(encoding="utf-8").splitlines()
    return [(line + "\t").split("\t")[:3] for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(("marked", "code", "hint"), _wrong())
def test_wrong_conditions(marked: str, code: str, hint: str) -> None:
    """〔…〕 in the data file is the place that the diagnostic must point at."""
    start, end = marked.index("〔"), marked.index("〕") - 1
    text = marked.replace("〔", "").replace("〕", "")
    checked, problems = check_pack(pack([rule("A", text), rule("B", "困难")]))
    errors = [p for p in problems if p.level == "error"]
    assert [(e.code, e.mark.column, e.length) for e in errors] == [(code, start + 1, max(end - start, 1))]
    assert hint in errors[0].hint + errors[0].message
    assert set(checked.rules) == {"B"}  # one bad rule never stops the others


def test_all_errors_of_a_condition_at_once() -> None:
    _, problems = check_pack(pack([rule("A", "人均收人 < 5元 and 家庭人数 > 1 and any 涉案 (伤情 = '死')")]))
    assert [p.code for p in problems] == ["CE101", "CE101", "CE203"]


def test_two_any_case_is_a_warning() -> None:
    _, problems = check_pack(pack([rule("A", "any 涉案 (受害) and any 涉案 (重害)")]))
    assert [(p.code, p.level) for p in problems] == [("CE305", "warning")]


def test_definitions_in_a_circle() -> None:
    more = {"户": {"甲": "乙 and 困难", "乙": "丙", "丙": "not 甲"}}
    checked, problems = check_pack(pack([rule("A", "甲"), rule("B", "困难")], more=more))
    assert "户.甲 -> 户.乙 -> 户.丙 -> 户.甲" in problems[0].message
    assert problems[0].code == "CE109"
    assert set(checked.rules) == {"B"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("not any 涉案 (家庭暴力)", True),
        ("none 涉案 (家庭暴力)", True),
        ("all 涉案 (家庭暴力)", False),
        ("any 涉案 (not 家庭暴力)", True),
        ("any 涉案 (家庭暴力 = 否)", True),
        ("count 涉案 (家庭暴力) <= 1", True),
        ("count 涉案 (家庭暴力) >= 1", False),
        ("not 说过", True),
        ("说过", False),
    ],
)  # fmt: skip
def test_said_facts_are_not_negated(text: str, wrong: bool) -> None:
    more = {"户": {"说过": "any 涉案 (案情摘要 contains '打')"}}
    _, problems = check_pack(pack([rule("A", text)], more=more))
    assert ("CE402" in [p.code for p in problems]) == wrong
