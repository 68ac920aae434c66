"""rules test: a test that fails says which condition made it so and with which value; --mutate wants sound tests."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from test_cli_rules import SMALL, run

RULES = Path(__file__).parent.parent / "rules"
RULE = "judicial/J01_重伤.yaml"
TESTS = """\
  - {name: 重伤, 涉案: [{身份: [被害人], 伤情: 重伤二级}], expect: hit}
  - {name: 轻伤, like: 重伤, 涉案.0: {伤情: 轻伤一级}, expect: no_hit}
  - {name: 不详, like: 重伤, 涉案.0: {伤情: 缺失}, expect: unknown, missing: [伤情]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    text = (made / RULE).read_text(encoding="utf-8")
    (made / RULE).write_text(text[: text.index("  - {name")] + TESTS, encoding="utf-8")
    return made


def change(folder: Path, old: str, new: str) -> None:
    path = folder / RULE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("expect: no_hit", "expect: hit", ["CE501 预期命中，实际未命中", "差在：伤情 in @重伤〔伤情=轻伤一级〕"]),
        ("expect: hit", "expect: no_hit", ["预期未命中，实际命中", "成立：伤情 in @重伤〔伤情=重伤二级〕"]),
        ("expect: unknown", "expect: hit", ["预期命中，实际待核（缺：伤情）", "不明：伤情 in @重伤〔伤情=（不详）〕"]),
    ],
)
def test_why_a_test_fails(folder: Path, old: str, new: str, lines: list[str]) -> None:
    change(folder, old, new)
    result = run("rules", "test", "j01", "--rules", str(folder))
    assert result.returncode == 1
    for line in lines:
        assert line in result.stdout
    (failed,) = [
        r for r in json.loads(run("rules", "test", "--rules", str(folder), "--json").stdout) if not r["passed"]
    ]
    assert failed["failed_conditions"] or failed["conditions"]


def test_every_branch_of_an_or_is_told(folder: Path) -> None:
    """The nearest first: the author had one of them in mind."""
    change(folder, "any 涉案 (受害 and 伤情 in @重伤)", "any 涉案 (受害 and 伤情 in @重伤) or 人均纯收入 < 1元")
    change(folder, "expect: no_hit", "户: {人均纯收入: 9元}, expect: hit")
    said = run("rules", "test", "J01", "--rules", str(folder)).stdout
    assert "第 2 项）：人均纯收入 < 1元〔人均纯收入=9元〕" in said
    assert "第 1 项）：伤情 in @重伤〔伤情=轻伤一级〕" in said


def test_a_distance_is_told(folder: Path) -> None:
    change(folder, "any 涉案 (受害 and", "人均纯收入 < 1元 and any 涉案 (受害 and")
    change(folder, "涉案: [{身份", "户: {人均纯收入: 9元}, 涉案: [{身份")
    said = run("rules", "test", "J01", "--rules", str(folder)).stdout
    assert "差在：人均纯收入 < 1元〔人均纯收入=9元〕，比界限 1元 高 8元" in said


def test_slips_are_not_tried_on_tests_that_fail_or_are_not_there(folder: Path) -> None:
    change(folder, "expect: no_hit", "expect: hit")
    result = run("rules", "test", "J01", "--rules", str(folder), "--mutate")
    assert result.returncode == 1 and "先改好失败的测试" in result.stderr
    assert "条件是否重复" not in result.stdout and "差在：" in result.stdout
    change(folder, "tests:\n" + TESTS.replace("expect: no_hit", "expect: hit"), "tests: []\n")
    result = run("rules", "test", "J01", "--rules", str(folder), "--mutate")
    assert result.returncode == 1 and "J01 还没有测试：先在规则文件的 tests: 里写" in result.stderr
    assert "没有找到能查出的测试" not in result.stdout


def test_an_unknown_rule_is_told(folder: Path) -> None:
    result = run("rules", "test", "J0", "--rules", str(folder))
    assert result.returncode == 2 and "CE-U04" in result.stderr


@pytest.mark.parametrize("command", [("test", "J02"), ("promote", "j02", "-w", "工作区")])
def test_a_rule_whose_file_cannot_be_read_is_not_called_unknown(folder: Path, command: tuple[str, ...]) -> None:
    (folder / "judicial" / "J02_误.yaml").write_text("id: J02\n title: 误\n", encoding="utf-8")
    result = run("rules", *command, "--rules", str(folder))
    assert result.returncode == 2 and "CE-U10" in result.stderr and "CE-U04" not in result.stderr
    assert "第 2 行前面多了 1 个空格" in result.stderr and "J02_误.yaml:2:1" in result.stderr


FLOOR = """\
  - {name: 底线以下, 户: {监测参考人均纯收入: 5999元}, 涉案: [{伤情: 重伤二级}], expect: hit}
  - {name: 刚到底线, like: 底线以下, 户: {监测参考人均纯收入: 6000元}, expect: unknown}
  - {name: 人均底线以下, 户: {监测参考人均纯收入: 缺失, 人均纯收入: 5999元}, 涉案: [{伤情: 重伤二级}], expect: hit}
  - {name: 人均刚到底线, like: 人均底线以下, 户: {监测参考人均纯收入: 缺失, 人均纯收入: 6000元}, expect: unknown}
"""


def test_without_the_countys_line_the_nations_floor_decides(tmp_path: Path) -> None:
    """中农组发〔2021〕7号: no province's line lies under it, so whoever is under it is under every line."""
    folder = Path(shutil.copytree(RULES, tmp_path / "rules"))
    rule = folder / "poverty" / "N11_收入在监测范围以下.yaml"
    text = rule.read_text(encoding="utf-8")
    rule.write_text(text[: text.index("  - {name")] + FLOOR, encoding="utf-8")
    pack = folder / "pack.yaml"
    lines = pack.read_text(encoding="utf-8").splitlines(keepends=True)
    pack.write_text("".join(line for line in lines if "test_parameters" not in line), encoding="utf-8")
    result = run("rules", "test", "N11", "--rules", str(folder))
    assert (result.returncode, result.stderr.strip()) == (0, "4 个测试，0 个失败"), result.stdout
