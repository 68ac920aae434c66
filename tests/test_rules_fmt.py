"""rules fmt: one form for the whole file, comments kept, meaning kept, done twice it does nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language.random_rules import condition
from language.respelled import respelled
from test_cli_rules import ROOT, SMALL, run

from clue_engine.language.check_pack import check_pack
from clue_engine.language.format_rule import format_rule
from clue_engine.language.locking import entries
from clue_engine.pack.load import load_pack, rule_paths
from clue_engine.pack.rule_layout import comments, scalar
from clue_engine.pack.text import parse_yaml

UNTIDY = """\
# 本县 2025 年起草
title:   重伤被害人   # 名称
'id': "J90"
# 只看被害人
when:  >-
   any 涉案（受害 且
   伤情 in @重伤）或 (户享受低保 = 是 and 家庭人口≥3 and 人均纯收入＜7000元 and 城乡 = “农村” and 登记状态 = ‘在册’)
status: draft
version: 1
direction: 司法救助线索
points:
  harm: 30   # 与 J02 相同
reason: 案中{伤情}
check: [ 核对鉴定 ,  # 先看鉴定
  入户 ]
tests:
# 一
- {name: 重伤,
   涉案: [{伤情: 重伤二级}], # 二
   expect: hit}   # 三
- name: 轻伤
  like: 重伤
  涉案.0: {伤情: "轻伤一级"}
  # 四
  expect: no_hit
# 完
"""
TIDY = """\
# 本县 2025 年起草
id: J90
title: 重伤被害人  # 名称
version: 1
status: draft
direction: 司法救助线索
# 只看被害人
when: "any 涉案 (受害 and 伤情 in @重伤)
  or (户享受低保 = 是 and 家庭人口 >= 3 and 人均纯收入 < 7000元 and 城乡 = '农村' and 登记状态 = '在册')"
points: {harm: 30}  # 与 J02 相同
reason: "案中{伤情}"
# 先看鉴定
check: [核对鉴定, 入户]
tests:
  # 一
  # 二
  - {name: 重伤, 涉案: [{伤情: 重伤二级}], expect: hit}  # 三
  # 四
  - {name: 轻伤, like: 重伤, 涉案.0: {伤情: 轻伤一级}, expect: no_hit}
# 完
"""


def formatted(text: str) -> str:
    found = format_rule(text.encode("utf-8"), "r.yaml")
    assert found.text is not None, found.problems
    return found.text


def test_one_form() -> None:
    once = formatted(UNTIDY)
    assert once == TIDY
    assert formatted(once) == once


def test_windows_line_ends_and_bom() -> None:
    assert formatted("\ufeff" + UNTIDY.replace("\n", "\r\n")) == formatted(UNTIDY)


def test_long_tests_are_written_one_key_per_line() -> None:
    row = ", ".join(f"字段{n}: 某个比较长的取值{n}" for n in range(8))
    text = f"id: J1\ntests:\n  - {{name: 长, 涉案: [{{{row}}}], expect: hit}}\n"
    assert formatted(text).splitlines()[2:5:2] == ["  - name: 长", "    expect: hit"]
    assert formatted(formatted(text)) == formatted(text)


@pytest.mark.parametrize("text", ["when: a: b\n", 'id: J1\nwhen: "a =="\n', "- a\n", "", "id: J1\nid: J2\n", "a: *b\n"])
def test_what_cannot_be_read_is_told_and_left(text: str) -> None:
    found = format_rule(text.encode("utf-8"), "r.yaml")
    assert found.text is None and found.problems


words = st.text(alphabet=st.sampled_from("甲乙丙a1-:#,[]{}'\"|>&*!%@`?.=~ \\“”：，"), min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(words)
def test_every_text_is_written_so_that_it_is_read_again(text: str) -> None:
    for form in (f"a: {scalar(text)}", f"a: [{scalar(text)}, 乙]", f"a: {{{scalar(text)}: {scalar(text)}}}"):
        value, problems = parse_yaml(form, "r.yaml")
        assert value in ({"a": text}, {"a": [text, "乙"]}, {"a": {text: text}}), problems


@st.composite
def files(draw: st.DrawFn) -> str:
    """A rule file as somebody might type it: any order, any style, comments anywhere."""
    r = Random(draw(st.integers(0, 2**32)))
    texts = draw(st.lists(words.map(str.strip).filter(bool), min_size=4, max_size=4))
    quoted = [scalar(t) if r.random() < 0.5 else '"' + t.replace("\\", "\\\\").replace('"', '\\"') + '"' for t in texts]
    note = lambda: r.choice(["", "", "  # 注", "  # 甲: [乙"])  # noqa: E731
    line = lambda: r.choice(["", "", "# 行注\n", "\n", "  # 缩进\n"])  # noqa: E731
    when = respelled(condition(r), r).replace("\\", "").replace('"', "'").replace("\n", " ")
    keys = [
        f"id: J90{note()}\n",
        f"title: {quoted[0]}{note()}\n",
        f'when: "{when}"{note()}\n',
        f"points: {{harm: 3}}{note()}\n" if r.random() < 0.5 else f"points:{note()}\n{line()}  harm: 3{note()}\n",
        f"check: [{quoted[1]},{note()}\n  {quoted[2]}]{note()}\n"
        if r.random() < 0.5
        else f"check:{note()}\n{line()}  - {quoted[1]}{note()}\n{line()}  - {quoted[2]}\n",
        f"tests:{note()}\n{line()}  - {{name: {quoted[3]}, expect: hit}}{note()}\n{line()}  - name: 乙\n{line()}"
        f"    expect: no_hit{note()}\n",
    ]
    r.shuffle(keys)
    return line() + "".join(k + line() for k in keys)


@settings(max_examples=300, deadline=None)
@given(files())
def test_any_file(text: str) -> None:
    before, problems = parse_yaml(text, "r.yaml")
    assert not problems, (text, problems)
    once = formatted(text)  # that it says the same is asserted inside, by format_rule itself
    assert formatted(once) == once
    notes = [sorted(t[a:b].lstrip("# ").rstrip() for a, b in comments(t)) for t in (text, once)]
    assert notes[0] == notes[1]
    assert before is not None


def test_shipped_rules_have_the_one_form() -> None:
    paths = rule_paths()
    assert len(paths) > 30
    assert [p.name for p in paths if formatted(p.read_text(encoding="utf-8")) != p.read_text(encoding="utf-8")] == []


def test_the_command(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))
    before = {k: e.hash for k, e in entries(check_pack(load_pack(folder))[0]).items()}
    path = folder / "judicial" / "J90_试.yaml"
    path.write_text(UNTIDY, encoding="utf-8")
    result = run("rules", "fmt", "--all", "--check", "--rules", "rules", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "要改 rules/judicial/J90_试.yaml\n")
    assert path.read_text(encoding="utf-8") == UNTIDY
    result = run("rules", "fmt", "--all", "--rules", "rules", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "已改 rules/judicial/J90_试.yaml\n")
    assert run("rules", "fmt", "--all", "--check", "--rules", "rules", cwd=tmp_path).returncode == 0
    after = {k: e.hash for k, e in entries(check_pack(load_pack(folder))[0]).items()}
    assert {k: after[k] for k in before} == before and "J90" in after


def test_the_command_without_files() -> None:
    result = run("rules", "fmt", "--rules", str(SMALL))
    assert result.returncode == 2 and "--all" in result.stderr
