"""count 案件 of 涉案: legal events, not rows; husband and wife hurt in one crash are one case."""

from __future__ import annotations

from typing import Any

import pytest
from language.small_pack import AS_OF, database, pack, rule

from clue_engine.decide.coverage import coverage
from clue_engine.decide.rule_tests import run_rule_tests
from clue_engine.evaluate.station import evaluate_checked
from clue_engine.language.check_pack import check_pack

TWICE = "count 案件 of 涉案 (受害) >= 2"


def outcome(when: str, *events: int | None, certain: bool = True) -> tuple[int, list[Any]]:
    """0 no, 1 hit, 2 unknown; and the missing facts, each with whether it decides. A victim's row per event."""
    rows = [{"household_id": 1, "person_id": n, "roles": ["被害人"], "event_id": event, "certain": certain}
            for n, event in enumerate(events)]  # fmt: skip
    checked, found = check_pack(pack([rule("A", when)]))
    assert not [d for d in found if d.level == "error"], found
    with database({"household": [{"household_id": 1}], "involvement": rows}) as con:
        evaluate_checked(con, checked, AS_OF)
        hits = con.execute("select outcome from hit").fetchall()
        missing = con.execute("select field, decides from missing_fact order by all").fetchall()
    return (hits[0][0] if hits else 0), missing


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), 0),
        ((1,), 0),
        ((1, 1), 0),  # two persons in one case; its arrest and its prosecution
        ((1, 2), 1),
        ((1, 2, 2, None), 1),
        ((None,), 0),
        ((1, None), 2),  # of the same case or of another
        ((None, None), 2),
    ],
)
def test_events_are_counted(events: tuple[int | None, ...], expected: int) -> None:
    assert outcome(TWICE, *events)[0] == expected


def test_upper_bounds_and_rows_in_doubt() -> None:
    assert outcome("count 案件 of 涉案 (受害) <= 1", 1, 1)[0] == 1
    assert outcome("count 案件 of 涉案 (受害) <= 1", 1, None)[0] == 2
    assert outcome("count 案件 of 涉案 (受害) = 2", 1, 2, 2)[0] == 1
    assert outcome(TWICE, 1, 2, certain=False)[0] == 2


def test_the_missing_event_is_named() -> None:
    assert outcome(TWICE, 1, None) == (2, [("案件", True)])
    assert outcome(TWICE.replace("2", "3"), 1, None, None) == (2, [("案件", True)])
    assert outcome("count 案件 of 涉案 (受害) = 3", 1, 2, None) == (2, [("案件", True)])


VICTIM = {"身份": ["被害人"]}
TESTS = (
    {"name": "两案", "涉案": [{**VICTIM, "案件": "一"}, {**VICTIM, "案件": "二"}], "expect": "hit"},
    {"name": "一案两人", "涉案": [{**VICTIM, "是": "夫"}, {**VICTIM, "是": "妻"}], "expect": "no_hit"},
    {"name": "不知哪案", "like": "两案", "涉案.1": {"案件": "缺失"}, "expect": "unknown", "missing": ["案件"]},
)


def test_tests_of_rules_name_events() -> None:
    own = pack([rule("A", TWICE, tests=TESTS)])
    assert [(r.name, r.detail) for r in run_rule_tests(own) if not r.passed] == []
    found = coverage(check_pack(own)[0], "A", AS_OF)
    assert not [s.change for s in found.survivors if TWICE in s.change]  # 数案件改为数行 among those found out


@pytest.mark.parametrize(
    ("when", "code"),
    [("count 案件 >= 2", "CE108"), ("count 案件 of 成员 >= 2", "CE108"), ("any 案件 of 涉案", "CE108"),
     ("count 案件 of 涉按 (受害) >= 2", "CE108"), ("count 案件 of 涉案 (any 成员) >= 2", "CE303")],
)  # fmt: skip
def test_what_cannot_be_counted(when: str, code: str) -> None:
    assert [d.code for d in check_pack(pack([rule("A", when)]))[1] if d.level == "error"] == [code]
