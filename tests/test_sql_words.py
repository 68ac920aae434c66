"""The words that fixed SQL compares or writes are codes of the shipped pack: renamed there, they would match nobody.

The data model of a county (who is victim, suspect, head of a household; 缓刑, 终止审理) lives in the engine by its
codes; what those mean, their other spellings and their order live in rules/vocabulary.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import clue_engine
from tests.record_world import shipped_pack

FILES = sorted(
    p for room in ("canonical", "link", "involvement") for p in (Path(clue_engine.__file__).parent / room).glob("*.sql")
)
_LINKS = {"父母", "子女"}  # named in links.yaml: kin:父母
_YES = {"是"}  # what a sentence of the pack says of a yes-or-no fact
# Said to people, compared with nothing: reasons of a link or a review.
_TOLD = {"人工核定", "姓名相同", "案发年月相同", "同姓", "电话相同", "亲属关系明确", "证件号码与名册相同而姓名不同",
         " 户", "元", "的亲属", "名册“", "别的"}  # fmt: skip
_TERM = {"有期徒刑"}  # before a bare term, which is then read as a sentence
_HIDDEN = {"某", "的"}  # in place of a name that is not given: 某甲的父亲
_NUMERALS = {
    "两",
    *"一二三四五六七八九十",
    *(f"十{n}" for n in "一二三四五六七八九"),
    "二十",
    *(f"二十{n}" for n in "一二三四五"),
}
_FORM = re.compile(r"[\\\[(|，]|^罪\$?$")  # a pattern for addresses, charges or dates; a sentence


def words(path: Path) -> set[str]:
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    return {w for w in re.findall(r"'([^']*)'", text) if re.search("[一-鿿]", w) and not _FORM.search(w)}


@pytest.mark.parametrize("path", [p for p in FILES if p.name != "tier.sql"], ids=lambda p: p.name)
def test_words_are_codes_of_the_pack(path: Path) -> None:
    pack = shipped_pack()
    codes = {value for table in pack.codes.values() for value in table.values}
    facts = {word for fact in pack.text_facts.facts for word in (fact.fact, fact.value)}
    assert words(path) <= codes | facts | _LINKS | _YES | _TOLD | _NUMERALS | _TERM | _HIDDEN


def test_words_are_found() -> None:
    by_name = {path.name: words(path) for path in FILES}
    assert {"缓刑", "实刑", "终止审理", "被害人"} <= by_name["fact_involvement.sql"]
    assert "户主" in by_name["facts.sql"]
