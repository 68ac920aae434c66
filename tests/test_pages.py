"""Every code has a page, and no page lies: its wrong example gives exactly that code, its right one nothing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from language.example_data import said
from language.example_pack import PACK, RULE, ExamplePack, check, definitions, rule_text

import clue_engine
from clue_engine import errors
from clue_engine.decide.rule_tests import run_rule_tests
from clue_engine.language.check_pack import check_pack
from clue_engine.pack.load import read_pack
from clue_engine.pack.pages import CONDITION, EXIT_MEANINGS, FAMILIES, Page, as_values, code_table, pages, shown

PACKAGE = Path(clue_engine.__file__).parent
# Codes whose fault cannot be shown as a piece of a pack: the sum of all, of the whole pack, or beside a lock file
# or data (CE8xx).
WITHOUT_EXAMPLE = {"CE000", "CE040", "CE041", "CE906", "CE907"}
EXAMPLES = [p for p in pages().values() if p.file]


def raised() -> set[str]:
    """All codes that stand as a literal anywhere in the package."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        found.update(re.findall(r"[\"' (](CE\d{3}|CE-[A-Z]\d{2})[\"' ]", path.read_text(encoding="utf-8")))
    return found


def test_every_code_has_a_page() -> None:
    assert sorted(raised() - set(pages())) == []


def test_no_page_without_a_code() -> None:
    assert sorted(set(pages()) - raised()) == []


def test_the_table_of_codes_is_up_to_date() -> None:
    """python -m clue_engine rules explain --markdown > docs/代码表.md"""
    text = (Path(__file__).parent.parent / "docs" / "代码表.md").read_text(encoding="utf-8")
    assert text == code_table()
    assert {c for c in pages() if c.startswith("CE-")} == set(re.findall(r"^\| (CE-[A-Z]\d\d) \|", text, re.M))


def test_every_exit_code_is_told() -> None:
    exits = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert set(EXIT_MEANINGS) == exits
    assert {code[3] for code in pages() if code.startswith("CE-")} == set(FAMILIES)


def test_a_code_has_one_exit_code() -> None:
    """Found in every ``ClueError(...)`` of the package: two exit codes would be two faults under one code."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ClueError" and node.args:
                code = ast.unparse(node.args[0]).strip("'")
                exits = [ast.unparse(k.value) for k in node.keywords if k.arg == "exit_code"]
                found.setdefault(code, set()).add(exits[0] if exits else "EXIT_USAGE")
    assert {code: exits for code, exits in found.items() if len(exits) > 1} == {}
    assert found["CE-S25"] == {"EXIT_BUSY"} and found["CE-P00"] == {"EXIT_BUG"}
    assert all(
        exits == {"EXIT_STORAGE"}
        for code, exits in found.items()
        if code[:4] == "CE-S" and code not in ("CE-S25", "CE-S30")
    )


def test_every_code_of_rules_has_examples() -> None:
    without = {p.code for p in pages().values() if re.fullmatch(r"CE[0-79]\d\d", p.code) and not p.file}
    assert without == WITHOUT_EXAMPLE


@pytest.mark.parametrize("page", pages().values(), ids=lambda p: p.code)
def test_a_page_says_what_to_do(page: Page) -> None:
    assert 4 <= len(page.title) <= 30
    assert page.meaning and page.do
    assert page.level in ("error", "warning", "note")
    assert bool(page.wrong) == bool(page.right) == bool(page.file)
    text = shown(page)
    assert page.code in text and all(line == line.rstrip() for line in text.split("\n") if line.strip())
    assert set(as_values(page)) == {"code", "title", "level", "meaning", "file", "wrong", "right", "do"}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> ExamplePack:
    return ExamplePack(tmp_path_factory.mktemp("pages"))


def files(page: Page, text: str, right: bool) -> dict[str, str | bytes]:
    """The files that an example adds to the pack."""
    more = {key: str(value) for key, value in page.more}
    name = more.get("right_file", page.file) if right else page.file
    if name == CONDITION:
        name, text = RULE, rule_text(text)
    elif name.endswith("definitions.yaml"):
        text = definitions(text)
    content: str | bytes = text
    if "encoding" in more and not right:
        content = text.encode(more["encoding"])
    extra: dict[str, str | bytes] = {}
    if "also" in more and (right or page.level != "error"):  # a rule that uses what the example declares
        extra = {"judicial/J91_用.yaml": rule_text(more["also"].strip('"'), "J91")}
    return {name: content, **extra}


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda p: p.code)
def test_examples(page: Page, example: ExamplePack) -> None:
    if dict(page.more).get("run"):
        assert codes_of_tests(page, page.wrong, example) == {page.code}
        assert codes_of_tests(page, page.right, example) == set()
        return
    if dict(page.more).get("data"):
        assert codes_of_data(page, page.wrong, example) == {page.code}
        assert codes_of_data(page, page.right, example) == set()
        return
    wrong = example.said(files(page, page.wrong, False))
    assert {d.code for d in wrong} == {page.code}, wrong
    assert page.level in {d.level for d in wrong}
    assert example.said(files(page, page.right, True)) == []


def codes_of_tests(page: Page, text: str, example: ExamplePack) -> set[str]:
    """The codes that running the tests of an example's rule gives."""
    path = example.folder / page.file
    path.write_text(text, encoding="utf-8")
    try:
        pack, found = read_pack(example.folder)
        assert not found
        results = run_rule_tests(check_pack(pack)[0])
    finally:
        path.unlink()
    return {code for r in results for code in re.findall(r"CE\d{3}", r.detail)}


def codes_of_data(page: Page, text: str, example: ExamplePack) -> set[str]:
    """The codes that a scan of sixty households gives with the example in the pack."""
    added = {n: str(c).replace("status: draft", "status: active") for n, c in files(page, text, False).items()}
    for name, content in added.items():
        (example.folder / name).write_text(content, encoding="utf-8")
    try:
        return {code for code, _ in said(example.folder)}
    finally:
        for name in added:
            (example.folder / name).unlink()


def test_the_data_of_the_examples_are_clean(example: ExamplePack) -> None:
    assert said(example.folder) == []


def test_the_pack_of_the_examples_is_clean() -> None:
    assert check(PACK) == []
