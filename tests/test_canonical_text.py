"""The one form of a condition and the hash of its logic: writing never counts, logic always does."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language.random_rules import condition
from language.respelled import changed, respelled
from language.small_pack import LISTS, PARAMETERS, pack, parameter, rule

from clue_engine.language.canonical_text import canonical_text, condition_lines
from clue_engine.language.check_pack import CheckedPack, check_pack, check_text
from clue_engine.language.locking import Expander
from clue_engine.language.types import Bool, CheckedDefinition
from clue_engine.pack.model import Relation, WordList

CHECKED, _ = check_pack(pack())
seeds = st.integers(min_value=0, max_value=2**32)


def typed(text: str) -> Bool | None:
    def defined(relation: Relation, label: str) -> CheckedDefinition | None:
        return CHECKED.definitions.get((relation.name, label))

    return check_text(text, CHECKED.vocabulary, CHECKED.vocabulary.household, defined)[0]


def hashed(text: str) -> str:
    body = typed(text)
    assert body is not None, text
    return Expander(CHECKED).bool(body)


@pytest.mark.parametrize(
    ("typed_by_author", "one_form"),
    [
        ("人均年收入＜７０００元 且（Ａ 或 B）", "人均年收入 < 7000元 and (A or B)"),
        ("a and b or c", "a and b or c"),
        ("a and (b and (c))", "a and (b and (c))"),
        ("((a))", "((a))"),
        ("not (a = 'x')", "not (a = 'x')"),
        ("not (a and b)", "not (a and b)"),
        ("any 涉案(伤情 in (“死亡”、‘轻伤’))", "any 涉案 (伤情 in ('死亡', '轻伤'))"),
        ("a - (b - c) > - 3万", "a - (b - c) > -3万"),
        ("(a - b) - c > 3万元", "(a - b) - c > 3万元"),
        ("a + b * (c + d) ≥ 1.50元", "a + b * (c + d) >= 1.50元"),
        ("x contains “it's”", 'x contains "it\'s"'),
        ("x contains any (‘甲’)", "x contains any ('甲')"),
        ("距今( 出生日期 )>=18周岁", "距今(出生日期) >= 18岁"),
        ("x between 6月 and 1年", "x between 6个月 and 1年"),
        ("日期 > 2024年1月3号", "日期 > 2024-01-03"),
        ("x is 缺失 或 y is 已知", "x is missing or y is known"),
        ("sum 救助.救助金额 of 本人(x)>0.07%", "sum 救助.救助金额 of 本人 (x) > 0.07%"),
        ("1２.50 < a", "12.50 < a"),
        ("a ==", None),
    ],
)
def test_one_form(typed_by_author: str, one_form: str | None) -> None:
    assert canonical_text(typed_by_author) == one_form


@settings(max_examples=300, deadline=None)
@given(seeds)
def test_writing_twice_changes_nothing_and_writing_never_counts(seed: int) -> None:
    r = Random(seed)
    text = condition(r, depth=3)
    once = canonical_text(text)
    assert once is not None and canonical_text(once) == once
    other = respelled(text, r)
    assert canonical_text(other) == once
    assert hashed(text) == hashed(once) == hashed(other) == hashed(f"(({other}))")


@settings(max_examples=300, deadline=None)
@given(seeds)
def test_the_hash_sees_every_change_of_logic(seed: int) -> None:
    r = Random(seed)
    text = condition(r)
    other = changed(text, r)
    if typed(other) is not None:  # some changes are no condition any more
        assert hashed(other) != hashed(text), f"{text}\n{other}"


def test_most_changes_are_conditions() -> None:
    """The property above is not empty."""
    made = [changed(condition(Random(n)), Random(n)) for n in range(200)]
    assert sum(typed(text) is not None for text in made) > 150


def test_order_and_aliases_and_names_of_definitions_do_not_count() -> None:
    assert hashed("困难 and 家庭人口 > 2") == hashed("家庭人口 > 2 and 困难")
    assert hashed("人均收入 < 1万") == hashed("人均纯收入 < 10000元")
    assert hashed("any 涉案 (伤情 in ('死亡', '轻伤'))") == hashed("any 涉案 (伤情 in ('轻伤', '死亡', '死亡'))")
    assert hashed("受监测") == hashed("监测对象类别 in ('边缘易致贫户', '脱贫不稳定户')")


def rule_hash(checked: CheckedPack) -> str | None:
    return Expander(checked).owner(checked.pack.rules[0])


WHEN = "any 涉案 (重害 and not 已足额 and 案情摘要 contains any @急救词) and 困难 and not 风险是否已消除"
BASE = rule_hash(check_pack(pack([rule("A", WHEN)]))[0])
_LIST = LISTS["急救词"]


@pytest.mark.parametrize(
    "more",
    [
        {"more": {"涉案": {"受害": "身份 contains '近亲属'"}}},
        {"more": {"户": {"困难": "风险未消除 or 户享受低保"}}},
        {"lists": {**LISTS, "重伤": WordList("重伤", ("重伤一级",))}},
        {"lists": {**LISTS, "急救词": WordList("急救词", _LIST.values, ("未",))}},
        {"parameters": {**PARAMETERS, "足额比例": parameter("足额比例", "share", ("", 0.8))}},
        {"parameters": {**PARAMETERS, "收入线": parameter("收入线", "money", ("", 7000.0), unit="元/年")}},
    ],
    ids=["definition", "household definition", "list", "words that void", "value", "regional value"],
)
def test_what_a_rule_uses_is_inside_its_hash(more: dict[str, Any]) -> None:
    checked, _ = check_pack(pack([rule("A", WHEN)], **more))
    assert rule_hash(checked) not in (None, BASE)


def test_what_missing_means_is_inside_the_hash() -> None:
    made = pack([rule("A", WHEN)])
    home = made.relations[0]
    fields = tuple(replace(f, missing=replace(f.missing, kind="unknown", condition=None)) for f in home.fields)
    checked, _ = check_pack(replace(made, relations=(replace(home, fields=fields), *made.relations[1:])))
    assert rule_hash(checked) not in (None, BASE)


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({"points": {"harm": 2}}, True),
        ({"direction": "其他"}, True),
        ({"urgent": True}, True),
        ({"supersedes": ("B",)}, True),
        ({"restrict": "minors"}, True),
        ({"receiver": "民政"}, True),
        ({"title": "别的名称"}, False),
        ({"status": "trial"}, False),
        ({"version": 7}, False),
        ({"check": ("问一问",)}, False),
    ],
)
def test_what_else_of_a_rule_is_logic(more: dict[str, Any], counts: bool) -> None:
    checked, _ = check_pack(pack([rule("A", WHEN, **more)]))
    assert (rule_hash(checked) != BASE) is counts


def test_a_long_condition_breaks_before_its_outermost_joints() -> None:
    poor = "户享受低保 = 是 and 家庭人口≥3 and 人均纯收入＜7000元 and 城乡 = “农村” and 登记状态 = ‘在册’"
    assert condition_lines(f"any 涉案（受害 且 伤情 in @重伤）或 ({poor})") == [
        "any 涉案 (受害 and 伤情 in @重伤)",
        "  or (户享受低保 = 是 and 家庭人口 >= 3 and 人均纯收入 < 7000元 and 城乡 = '农村' and 登记状态 = '在册')",
    ]
    between = "家庭人口 between 1 and 9 and " * 8 + "户享受低保"
    assert condition_lines(between)[1] == "  and 家庭人口 between 1 and 9"
    assert canonical_text(" ".join(condition_lines(between))) == between
