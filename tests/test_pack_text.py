"""YAML as text with places: values untouched, every non-blank character at its true place, no other exception."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clue_engine.pack.model import Text
from clue_engine.pack.text import MAX_BYTES, parse_yaml, read_yaml


def first(content: str | bytes) -> tuple[str, str]:
    value, problems = parse_yaml(content, "a.yaml")
    assert value is None
    return f"{problems[0].code} {problems[0].mark.line}:{problems[0].mark.column}", problems[0].message + problems[
        0
    ].hint


@pytest.mark.parametrize(
    ("content", "where", "word"),
    [
        ("条件\uff1a甲", "CE003 1:3", "全角"),
        ("id: J02\ntitle\uff1a重伤\nversion: 1", "CE003 2:6", "全角"),
        ("points:\n  harm\uff1a30\n  unpaid: 20", "CE003 2:7", "全角"),
        ("a:\u3000甲", "CE003 1:2", "全角空格"),
        ("a:1", "CE003 1:2", "空格"),
        ("a: 1\na: 2", "CE004 2:1", "第 1 行"),
        ("a:\n\tb: 1", "CE002 2:1", "Tab"),
        ("甲: 1".encode("gb18030"), "CE001 1:1", "GBK"),
        ("a: 1\n乙: 1".encode("gb18030"), "CE001 2:1", "UTF-8"),
        ("甲: 1".encode("utf-16"), "CE001 1:1", "UTF-16"),
        ("", "CE012 1:1", "空"),
        ("# 只有说明\n", "CE012 1:1", "空"),
        ("a: &x 1\nb: *x", "CE010 1:4", "锚点"),
        ("&a [*a]", "CE010 1:1", "锚点"),
        ("b: *x", "CE010 1:4", "引用"),
        ("a: !!python/object/apply:os.system [ls]", "CE010 1:4", "类型标记"),
        ("---\na: 1\n---\nb: 1", "CE010 3:1", "一份内容"),
        ("%YAML 1.1\n---\na: 1", "CE010 1:1", "指令"),
        ("[" * 900, "CE009 1:21", "20 层"),
        ("a: " + "x" * 1_000_000, "CE009 1:1", "256 KB"),
        ("a\x00: 1", "CE011 1:2", "U+0000"),
        ("a: \u202e1", "CE011 1:4", "U+202E"),
        ('a: "\\u0001"', "CE011 1:4", "U+0001"),
        ("reason: {姓名}在案中", "CE002 1:9", "引号"),
        ("a: 'x", "CE002 1:6", "收尾"),
        ('id: J02\nwhen: "任一 涉案\nreason: "理由"\nb: 1', "CE002 2:7", "引号没有收尾"),
        ("id: J02\nwhen: '任一 涉案\nreason: 理由\nb: 1", "CE002 2:7", "引号没有收尾"),
        ('a: "甲"\nb: "乙\n  丙"\nc: "丁\nd: "戊"', "CE002 4:4", "引号没有收尾"),
        ('- "甲\n- "乙"', "CE002 1:3", "引号没有收尾"),
        ('a: "甲\n  乙"\n b: 1', "CE002 3:2", "缩进"),
        ("a: b: c", "CE002 1:5", "双引号"),
        ("{a: 1}: 2", "CE002 1:1", "一个词"),
    ],
)
def test_refused_with_place_and_hint(content: str | bytes, where: str, word: str) -> None:
    place, words = first(content)
    assert place == where
    assert word in words


def test_nothing_is_typed() -> None:
    value, problems = parse_yaml("编号: 0123\n启用: no\n时刻: 12:30:00\n日期: 2026-01-02\n空:\n无: null\n", "a.yaml")
    assert problems == []
    assert value == {"编号": "0123", "启用": "no", "时刻": "12:30:00", "日期": "2026-01-02", "空": "", "无": "null"}


def test_byte_order_mark_and_windows_line_ends() -> None:
    value, problems = parse_yaml("\ufeffa: 甲\r\nb: [乙, 丙]\r\n".encode(), "a.yaml")
    assert problems == []
    assert isinstance(value, dict)
    assert value == {"a": "甲", "b": ["乙", "丙"]}
    assert str(value["b"][1].at(0)) == "a.yaml:2:8"


@pytest.mark.parametrize(
    ("content", "text", "places"),
    [
        ("甲乙", "甲乙", "1:4 1:5"),
        ("'it''s'", "it's", "1:5 1:6 1:7 1:9"),
        (r'"x\u4e2d\n\"乙"', 'x中\n"乙', "1:5 1:6 1:12 1:14 1:16"),
        ("|\n  甲 乙\n  丙", "甲 乙\n丙", "2:3 2:4 2:5 2:6 3:3"),
        (">- # 说明\n  甲\n  乙", "甲 乙", "2:3 2:4 3:3"),
        ("甲\n  乙", "甲 乙", "1:4 1:5 2:3"),
        ('"a\\\n   b"', "ab", "1:5 2:4"),
    ],
)
def test_place_of_every_character(content: str, text: str, places: str) -> None:
    value, problems = parse_yaml("k: " + content, "a.yaml")
    assert problems == []
    assert isinstance(value, dict)
    found = value["k"]
    assert found == text
    assert " ".join(f"{m.line}:{m.column}" for m in (found.at(i) for i in range(len(text)))) == places


def test_empty_text_has_a_place() -> None:
    value, _ = parse_yaml("a:\nb: ''\n", "a.yaml")
    assert isinstance(value, dict)
    assert value["b"].at(0).line == 2
    assert value["b"].at(3).line == 2


def test_unreadable_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    value, problems = read_yaml(tmp_path / "没有.yaml", "rules/没有.yaml")
    assert value is None
    assert str(problems[0].mark) == "rules/没有.yaml:1:1"
    assert problems[0].code == "CE015"


def texts(value: object) -> list[Text]:
    if isinstance(value, Text):
        return [value]
    if isinstance(value, dict):
        return [t for pair in value.items() for part in pair for t in texts(part)]
    return [t for part in value for t in texts(part)] if isinstance(value, list) else []


@given(st.text(alphabet="ab:甲\uff1a '\"\\n|>-[]{},&*!%@#?\n\t\r\u3000\u2028𠮷", max_size=60))
def test_any_text_gives_value_or_diagnostics(content: str) -> None:
    value, problems = parse_yaml(content, "a.yaml")
    assert (value is None) == bool(problems)
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for text in texts(value):
        for i, character in enumerate(text):
            mark = text.at(i)
            if not character.isspace() and character != "\\":  # an escape's place is its backslash
                assert lines[mark.line - 1][mark.column - 1] in (character, "\\")


@given(st.binary(max_size=200))
def test_any_bytes_give_value_or_diagnostics(content: bytes) -> None:
    value, problems = parse_yaml(content, "a.yaml")
    assert (value is None) == bool(problems)


def test_size_limit_is_in_bytes() -> None:
    assert first(b"#" * (MAX_BYTES + 1))[0] == "CE009 1:1"
