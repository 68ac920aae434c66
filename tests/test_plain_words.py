"""Conditions in plain words, as why-not and show print them."""

from __future__ import annotations

import pytest

from clue_engine.language.plain_words import in_words
from tests.record_world import shipped_pack


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("伤情 in @重伤", "伤情属于“重伤”"),
        ("伤情 not in @重伤", "伤情不属于“重伤”"),
        ("诉求类型 in ('赡养抚养', '侵权赔偿')", "诉求类型属于（“赡养抚养”、“侵权赔偿”）"),
        ("判决金额 is missing", "判决金额没有记载"),
        ("判决金额 is not missing", "判决金额已有记载"),
        ("户享受低保 = 是", "户享受低保：是"),
        ("案发日期 >= 2024-01-01", "案发日期不早于2024-01-01"),
        ("户.监测参考人均纯收入 < 参数.监测范围 * 1.5", "户的监测参考人均纯收入低于监测范围*1.5"),
        ("any 涉案 (受害 and (伤情 in @重伤 or 足额赔偿))", "有一条涉案（受害，并且（伤情属于“重伤”，或者足额赔偿））"),
        ("any 涉案 (受害 and …", "有一条涉案（受害，并且…"),
        ("不满足下面这条", "不满足下面这条"),
        ("某条：没有数据", "某条：没有数据"),
    ],
)
def test_in_words(condition: str, said: str) -> None:
    assert in_words(condition) == said


def test_no_rule_of_the_pack_is_told_in_signs_of_the_language() -> None:
    for one in (*shipped_pack().rules, *shipped_pack().holds, *shipped_pack().measures):
        said = in_words(" ".join(str(one.when).split()))
        assert not set(said) & set("@<>=()'") and " in " not in said and " and " not in said, (one.id, said)
