"""docs/规则语言.md cannot lie: every example is run, every construct and every key has its place."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from clue_engine.decide.rule_tests import run_rule_tests
from clue_engine.errors import Mark
from clue_engine.language import lexer, parser
from clue_engine.language.lints import check_all
from clue_engine.pack import rules as rule_files
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Rule, Text
from clue_engine.pack.parameters import parameters, value_on, with_local
from clue_engine.pack.text import parse_yaml
from clue_engine.pack.typed import Findings
from clue_engine.pack.vocabulary import with_definitions

PAGE = Path(__file__).parent.parent / "docs" / "规则语言.md"
TEXT = PAGE.read_text(encoding="utf-8")
_BLOCK = re.compile(r"(?:<!-- (\S+) -->\n)?```(yaml|text)\n(.*?)```", re.DOTALL)
PACK = load_pack()
TOP = Mark(PAGE.name, 1, 1)


@cache
def blocks(kind: str, language: str = "yaml") -> list[Any]:
    found = [text for said, lang, text in _BLOCK.findall(TEXT) if (said, lang) == (kind, language)]
    if language == "text":
        return found
    read = [parse_yaml(text, PAGE.name) for text in found]
    assert not [problems for _, problems in read if problems]
    return [value for value, _ in read]


def test_every_example_comes_out_as_it_says() -> None:
    findings, relations, examples = Findings(), list(PACK.relations), []
    for n, block in enumerate(blocks("")):
        if "定义" in block:
            relations = with_definitions(block["定义"], findings, TOP, relations)
        text = Text("例", ())
        direction, tests = PACK.directions[0].name, tuple(block["tests"])
        examples.append(Rule(f"E{n:02}", str(n), 1, "draft", direction, block["when"], {}, text, tests=tests))
    pack = replace(PACK, relations=tuple(relations), rules=tuple(examples), holds=())
    checked, problems = check_all(pack)
    assert not findings and not [d for d in problems if d.mark.file == PAGE.name and d.level != "note"], problems
    results = run_rule_tests(checked)
    assert len(results) > 50
    assert [(r.rule_id, r.name, r.detail) for r in results if not r.passed] == []


def test_every_mistake_is_answered_with_its_code() -> None:
    lines = [line for text in blocks("", "text") for line in text.splitlines()]
    assert len(lines) >= 8
    for line in lines:
        condition, code = re.split(r" {2,}", line)[:2]
        rule = replace(PACK.rules[0], when=Text(condition, ()), tests=())
        _, problems = check_all(replace(PACK, rules=(rule,), holds=()), whole=False)
        assert code in {d.code for d in problems if d.mark.file in ("条件", "")}, line


def test_every_construct_has_an_example() -> None:
    shown = " ".join(text for _, _, text in _BLOCK.findall(TEXT))
    words = {token.kind for line in re.findall(r'"([^"]*)"', shown) for token in lexer.tokenize(line)[0]}
    wanted = set(lexer._KEYWORDS.values()) | set(lexer._OPERATORS.values())
    assert wanted - words == set()
    for word in (*parser._FUNCTIONS, *PACK.links, "案件", "本行", "扫描日", "参数", "户."):
        assert word in shown, word


def test_every_key_is_told() -> None:
    for key in {*rule_files._RULE_KEYS, *rule_files._HOLD_KEYS, *rule_files.ACTIONS, *rule_files.UNKNOWNS}:
        assert re.search(rf"(?<!\w){key}(?!\w)", TEXT), key


def test_the_parameter_is_read_and_the_local_value_counts() -> None:
    findings = Findings()
    (written,), (local,) = blocks("参数"), blocks("本地参数")
    known = parameters(written, findings, TOP, PACK.codes)
    here, region = with_local(local, findings, TOP, known, PACK.codes)
    assert not findings
    (name,) = known
    values = [value_on(found[name], dt.date(2025, 6, 30), region) for found in (known, here)]
    assert [v.raw for v in values if v] == ["900元", "950元"]
