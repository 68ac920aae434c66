"""Broken rules are data: tests/language/broken/*.yaml, each a file as an author leaves it and what must be said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from language.example_pack import ExamplePack, rule_text

from clue_engine.language import types as t
from clue_engine.language.check_pack import check_pack
from clue_engine.language.lints import check_all
from clue_engine.language.sameness import shape
from clue_engine.pack.load import read_pack
from clue_engine.pack.pages import pages
from clue_engine.pack.render import render_all

HERE = Path(__file__).parent / "language"
BROKEN = sorted((HERE / "broken").glob("*.yaml"))
UNDERSTOOD = [
    line.split("\t")
    for line in (HERE / "understood.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> ExamplePack:
    return ExamplePack(tmp_path_factory.mktemp("broken"))


def test_there_are_many() -> None:
    assert len(BROKEN) >= 120


@pytest.mark.parametrize("path", BROKEN, ids=lambda p: p.stem)
def test_broken(path: Path, example: ExamplePack) -> None:
    """All findings are expected ones and the other way round: line, column, code, words; each with a source line."""
    content = path.read_text(encoding="utf-8")
    target = re.findall(r"^# file: (.*)$", content, re.MULTILINE)[0]
    expected = re.findall(r"^# expect: (\S+) (\S+) (.*)$", content, re.MULTILINE)
    found = example.said({target: content})
    told = [f"{d.mark.line}:{d.mark.column} {d.code} {d.message} {d.hint}" for d in found]
    assert [t.split(" ")[:2] for t in told] == [[place, code] for place, code, _ in expected], told
    for line, (_, code, words) in zip(told, expected, strict=True):
        assert words in line
        assert code in pages()
    assert all(d.mark.file.endswith(target) for d in found)
    shown = [d for d in found if not d.code.startswith("CE42")]  # those show their line from the file
    assert not shown or re.search(r"^ +\^", render_all(shown), re.MULTILINE)


def test_broken_rules_alter_no_other(example: ExamplePack) -> None:
    """With all broken rules in the pack at once, the good ones are the same as without them."""
    good, _ = check_pack(read_pack(example.folder)[0])
    added = []
    for number, path in enumerate(BROKEN):
        content = path.read_text(encoding="utf-8")
        target = re.findall(r"^# file: (.*)$", content, re.MULTILINE)[0]
        if target.startswith(("judicial", "hold")):
            added.append(example.folder / target.replace("90_", f"{number:03d}_"))
            added[-1].write_text(re.sub(r"^id: (.)90", rf"id: \g<1>{number:03d}", content), encoding="utf-8")
    try:
        both, _ = check_pack(read_pack(example.folder)[0])
    finally:
        for path in added:
            path.unlink()
    assert len(added) > 150
    assert {i: r.when for i, r in both.rules.items() if i in good.rules} == {i: r.when for i, r in good.rules.items()}
    assert {i: h.when for i, h in both.holds.items() if i in good.holds} == {i: h.when for i, h in good.holds.items()}


@pytest.mark.parametrize(("typed", "plain"), UNDERSTOOD)
def test_what_a_chinese_keyboard_types_is_understood(typed: str, plain: str, example: ExamplePack) -> None:
    """Both spellings are the same formula; the first stands in a file as it was typed."""
    files = {"judicial/J90_甲.yaml": rule_text(typed), "judicial/J91_乙.yaml": rule_text(plain, "J91")}
    for name, text in files.items():
        (example.folder / name).write_text(text, encoding="utf-8")
    try:
        checked, problems = check_all(read_pack(example.folder)[0])
    finally:
        for name in files:
            (example.folder / name).unlink()
    assert [p for p in problems if p.level == "error" and p.code < "CE400"] == []
    assert meaning(checked.rules["J90"].when) == meaning(checked.rules["J91"].when)


def meaning(node: t.Bool) -> object:
    """What a condition says, without its author's spelling: 0.7万元 is 7000元, 0.9 of a share is 90%."""

    def bare(part: object) -> object:
        return tuple(bare(p) for p in part if not _is_type(p)) if isinstance(part, tuple) else part

    return bare(shape(node, {}))


def _is_type(part: object) -> bool:
    return isinstance(part, tuple) and part[:1] == ("Type",)
