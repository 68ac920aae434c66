"""Diagnostics as text: the caret stands under the exact characters, counted in columns of a terminal."""

from __future__ import annotations

import pytest

from clue_engine.errors import Diagnostic, Mark
from clue_engine.pack.render import render, render_all


@pytest.mark.parametrize(
    ("line", "column", "length", "caret"),
    [
        ("when: 伤情 = '重伤2级'", 13, 4, " " * 14 + "^^^^^^^"),
        ("a: b", 4, 1, "   ^"),
        ("伤情", 3, 1, "    ^"),
        ("\ta: 1", 2, 1, " ^"),
    ],
)
def test_caret(line: str, column: int, length: int, caret: str) -> None:
    shown = render(Diagnostic("CE203", "error", "说明", Mark("a.yaml", 1, column), length, "提示", line)).split("\n")
    assert shown[0] == f"CE203 a.yaml:1:{column} 错误 说明"
    assert shown[2] == "  " + caret
    assert shown[3] == "  提示"


def test_long_line_is_cut_around_the_place() -> None:
    line = "甲" * 500 + "乙丙" + "甲" * 500
    shown = render(Diagnostic("CE1", "error", "x", Mark("a", 1, 501), 2, "", line)).split("\n")
    before = shown[1][: shown[1].index("乙")]
    assert shown[1].startswith("  ...甲") and shown[1].endswith("甲...")
    assert shown[2] == " " * (2 + 3 + 2 * (len(before) - 5)) + "^^^^"


def test_summary_counts_levels() -> None:
    found = [Diagnostic("A", level, "x", Mark("", 1, 1)) for level in ("error", "error", "note")]  # type: ignore[arg-type]
    assert render_all(found).split("\n")[-1] == "2 处错误，1 处说明"
    assert render_all([]) == "没有发现问题"
