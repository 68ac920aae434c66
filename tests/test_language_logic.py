"""Logic lints: what can never be true, is always true, changes nothing, or repeats another rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from language.small_pack import pack, rule

from clue_engine.language.lints import check_all

CASES = Path(__file__).parent / "language" / "logic.txt"


def cases() -> list[tuple[list[str], str, str]]:
    """'condition ⇥ code ⇥ words'; several conditions joined by ';;' are several rules; no code: nothing to say."""
    lines = [line for line in CASES.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    parts = [(line + "\t\t").split("\t")[:3] for line in lines]
    return [(p[0].split(" ;; "), p[1], p[2]) for p in parts]


@pytest.mark.parametrize(("conditions", "code", "words"), cases())
def test_cases(conditions: list[str], code: str, words: str) -> None:
    """〔…〕 is the place that must be shown, if it is marked."""
    texts = [c.replace("〔", "").replace("〕", "") for c in conditions]
    checked, problems = check_all(pack([rule(f"R{i}", text) for i, text in enumerate(texts)]))
    assert len(checked.rules) == len(texts)
    found = [p for p in problems if p.code.startswith("CE41")]
    assert sorted({p.code for p in found}) == sorted(code.split()), found
    if words:
        assert any(words in p.message for p in found), found
    marked = next((c for c in conditions if "〔" in c), None)
    if marked:
        start, end = marked.index("〔"), marked.index("〕") - 1
        assert [(p.mark.column, p.length) for p in found] == [(start + 1, end - start)]


def test_dead_rules_are_errors_dead_parts_are_warnings() -> None:
    _, problems = check_all(
        pack([rule("A", "户享受低保 and 户享受低保 = 否"), rule("B", "家庭人口 > 9 or (困难 and not 困难)")])
    )
    assert [(p.code, p.level) for p in problems if p.code == "CE411"] == [("CE411", "error"), ("CE411", "warning")]


def test_lints_never_take_a_rule_out() -> None:
    checked, _ = check_all(pack([rule("A", "家庭人口 > 3 and 家庭人口 < 2"), rule("B", "困难")]))
    assert set(checked.rules) == {"A", "B"}


def test_rules_that_say_so_are_not_told() -> None:
    one = "any 涉案 (伤情 = '死亡' or 家庭暴力)"

    def codes(**more: object) -> list[str]:
        _, problems = check_all(pack([rule("A", one, **more), rule("B", one)]))
        return [p.code for p in problems if p.code == "CE416"]

    assert codes() == ["CE416"]
    assert codes(supersedes=("B",)) == []
    assert codes(points={"focus": 3}) == []
    assert codes(direction="另一方向") == []


def test_negation_on_a_field_that_is_often_missing() -> None:
    def told(text: str) -> list[str]:
        options = {"often_missing": {"涉案": ["已赔下限", "伤情"]}}
        _, problems = check_all(pack([rule("A", text)], options=options))
        return [p.message.split("”")[0] for p in problems if p.code == "CE415"]

    assert told("any 涉案 (伤情 <> '死亡')") == ["“伤情 <> '死亡'"]
    assert told("any 涉案 (伤情 not in @重伤)") == ["“伤情 not in @重伤"]
    assert told("any 涉案 (not 伤情 = '死亡')") == ["“伤情 = '死亡'"]
    assert told("any 涉案 (伤情 is known and 伤情 <> '死亡')") == []
    assert told("any 涉案 (伤情 = '死亡' and 残疾证等级 <> '一级')") == []


def test_unused_names() -> None:
    more = {"户": {"孤零": "家庭人口 = 1"}}
    _, problems = check_all(pack([rule("A", "any 涉案 (伤情 in @重伤) and 人均收入 < 参数.收入线")], more=more))
    found = {p.code: p.message for p in problems if p.code.startswith("CE42")}
    assert set(found) == {"CE421", "CE422", "CE423"}
    told = {p.message for p in problems}
    assert "定义“孤零”没有地方使用" in told
    assert not any("“重伤”" in m or "“收入线”" in m for m in told)
    assert "名单“急救词”没有地方使用" in told
