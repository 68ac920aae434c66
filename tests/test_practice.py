"""Practice cases (tests/practice: kinds that were helped in published cases) against a scan of them, as one table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.practice_table import CASES, Line, lines, scan

# 轻伤一级 is no harm that the poverty rules know; whether a divorce is a sudden hardship her village decides
MISSED = {("沈月娥", "返贫风险")}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    return list(lines(CASES, scan(CASES, tmp_path_factory.mktemp("practice") / "out")))


def test_who_was_helped_is_listed_or_open_and_nobody_else(table: list[Line]) -> None:
    assert {(line.name, line.direction) for line in table if not line.right} == MISSED


def test_what_was_published_is_suggested_or_asked_for(table: list[Line]) -> None:
    assert {line.name: sorted(line.lacking) for line in table if line.lacking} == {}


@pytest.mark.parametrize(
    ("name", "direction", "status", "rule"),
    [
        ("罗大柱", "司法救助", "线索", "J25"),
        ("池万山", "司法救助", "线索", "J25"),
        ("池万山", "返贫风险", "线索", "N01"),
        ("严守义", "司法救助", "线索", "J18"),
        ("蒋卫国", "返贫风险", "线索", "N02"),
        ("范桂英", "社会救助", "线索", "T16"),
        ("苏小满", "社会救助", "线索", "T07"),
        ("洪大山", "司法救助", "待核", "J09"),
        ("孟有田", "社会救助", "待核", "T10"),
    ],
)
def test_by_which_rule(table: list[Line], name: str, direction: str, status: str, rule: str) -> None:
    [line] = [x for x in table if (x.name, x.direction) == (name, direction)]
    assert line.status == status and rule in line.rules


def test_a_fund_that_advanced_the_treatment_has_paid_nothing(table: list[Line]) -> None:
    [line] = [x for x in table if (x.name, x.direction) == ("孟有田", "司法救助")]
    assert "已赔" not in line.reason


def test_the_cases_are_all_there(table: list[Line]) -> None:
    assert len(table) == 3 * (len(Path(CASES / "expected.csv").read_text(encoding="utf-8-sig").splitlines()) - 1) == 48
