"""A field that no row has is said once for the run; one that some rows have is said at each row that lacks it."""

from __future__ import annotations

from typing import Any

import pytest
from language.small_pack import hold, rule
from test_evaluate import case, run

FAULT = "身份 contains '嫌疑人' or (伤情 = '重伤二级' and 残疾证等级 = '一级')"


def holds_of(cases: list[dict[str, Any]], unknown: str = "keep", when: str = FAULT) -> tuple[Any, Any]:
    con = run([rule("A", "any 涉案 (重害)")], {"involvement": cases}, [hold("X", when, unknown=unknown)])
    rows = con.execute("select row_id, outcome from hold_row order by 1").fetchall()
    return rows, con.execute("select code, rule_id, detail from evaluate_caveat").fetchall()


def test_field_empty_everywhere_is_one_caveat() -> None:
    assert holds_of([case(cert=None), case(cert=None)]) == ([], [("HOLD_FIELD_EMPTY", "X", "cert")])


def test_field_filled_somewhere_is_a_doubt_at_each_row_without_it() -> None:
    assert holds_of([case(cert=None), case(cert="无证")]) == ([(1, 2)], [])


@pytest.mark.parametrize("unknown", ["mark", "restrict"])
def test_a_mark_or_restriction_stands_at_each_row(unknown: str) -> None:
    assert holds_of([case(cert=None)], unknown) == ([(1, 2)], [])


def test_other_doubts_and_answers_stay() -> None:
    cases = [case(cert=None, roles=["嫌疑人"]), case(cert=None, roles=None), case(cert=None, harm="轻伤")]
    found, caveats = holds_of([*cases, case(cert=None)])
    assert found == [(1, 1), (2, 2)]
    assert caveats == [("HOLD_FIELD_EMPTY", "X", "cert")]


def test_a_field_that_leaves_nothing_open_is_not_mentioned() -> None:
    assert holds_of([case(cert=None, harm="轻伤")]) == ([], [])


def test_a_denied_test_is_not_taken_for_granted() -> None:
    assert holds_of([case(cert=None)], when="not 残疾证等级 = '一级'") == ([(1, 2)], [])


def test_a_restriction_holds_though_nothing_is_loaded_that_could_decide_it() -> None:
    con = run(
        [rule("A", "any 涉案 (重害)")],
        {"involvement": [case(cert=None)]},
        [hold("X", "残疾证等级 = '一级'", action="restrict", unknown="restrict")],
        unloaded=["member"],
    )
    assert con.execute("select row_id, outcome from hold_row").fetchall() == [(1, 2)]
    assert con.execute("select code from evaluate_caveat").fetchall() == []
