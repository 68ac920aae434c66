"""Scales of the shipped pack: what 不轻于 and 不重于 stand for, and that every page says it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from language.example_pack import ExamplePack, rule_text
from test_cli_rules import run

from clue_engine.language.codes import NOT_GRAVER, NOT_LIGHTER, scale_text, sets, spelled_out
from clue_engine.language.lints import check_all
from clue_engine.language.sameness import words
from clue_engine.pack.load import load_pack, read_pack

CODES = load_pack(strict=True).codes
GRAVE = ("死亡", "重伤一级", "重伤二级", "重伤(级别不明)")


@pytest.mark.parametrize(
    ("table", "op", "bound", "sure", "perhaps"),
    [
        ("伤情", NOT_LIGHTER, "重伤二级", GRAVE, ()),
        ("伤情", NOT_LIGHTER, "重伤一级", ("死亡", "重伤一级"), ("重伤(级别不明)",)),
        ("伤情", NOT_LIGHTER, "轻伤一级", (*GRAVE, "轻伤一级"), ("轻伤(级别不明)",)),
        ("伤情", NOT_LIGHTER, "死亡", ("死亡",), ()),
        ("伤情", NOT_GRAVER, "轻伤一级", ("轻伤一级", "轻伤二级", "轻伤(级别不明)", "轻微伤", "无人身伤害"), ()),
        ("伤情", NOT_GRAVER, "轻伤二级", ("轻伤二级", "轻微伤", "无人身伤害"), ("轻伤(级别不明)",)),
        ("伤残等级", NOT_LIGHTER, "二级", ("一级", "二级"), ("未评定",)),
        ("残疾证等级", NOT_LIGHTER, "二级", ("一级", "二级"), ()),
        ("残疾证等级", NOT_GRAVER, "三级", ("三级", "四级"), ()),  # 无证 is no grade at all
    ],
)
def test_a_bound_is_two_sets(table: str, op: str, bound: str, sure: tuple[str, ...], perhaps: tuple[str, ...]) -> None:
    assert sets(CODES[table], op, bound) == (sure, perhaps)


def test_a_strict_reading_leaves_the_bound_out() -> None:
    assert sets(CODES["伤情"], NOT_LIGHTER, "重伤二级", strict=True) == (("死亡", "重伤一级"), ("重伤(级别不明)",))
    assert sets(CODES["伤残等级"], NOT_GRAVER, "九级", strict=True)[0] == ("十级",)


def test_a_scale_says_which_end_is_the_worst() -> None:
    assert scale_text(CODES["残疾证等级"]) == "从重到轻：一级、二级、三级、四级；不分轻重：无证"
    assert scale_text(CODES["伤残等级"]).endswith("十级；轻重不明：未评定")
    assert scale_text(CODES["伤情"]).endswith(
        "无人身伤害；重伤(级别不明)可能是重伤一级或重伤二级；轻伤(级别不明)可能是轻伤一级或轻伤二级"
    )
    assert scale_text(CODES["性别"]) == "男、女"


def test_every_page_of_a_condition_shows_the_sets(tmp_path: Path) -> None:
    example = ExamplePack(tmp_path)
    text = rule_text("any 涉案 (受害 and 伤情 不轻于 '重伤一级')").replace("draft", "trial")
    (example.folder / "judicial" / "J90_例.yaml").write_text(text, encoding="utf-8")
    shown = "伤情 不轻于 '重伤一级'（即 死亡、重伤一级；重伤(级别不明)不能确定）"
    checked, _ = check_all(read_pack(example.folder)[0])
    body = checked.rules["J90"].when
    assert spelled_out(body) == [shown]
    assert shown in words(body.body.parts[1])  # type: ignore[union-attr]
    folder = str(example.folder)
    assert shown in run("rules", "show", "J90", "--rules", folder).stdout
    assert json.loads(run("rules", "show", "J90", "--rules", folder, "--json").stdout)["spelled"] == [shown]
    assert run("rules", "docs", "--rules", folder, "--out", str(tmp_path)).returncode == 0
    assert shown.replace("_", "\\_") in (tmp_path / "规则目录.md").read_text(encoding="utf-8")
