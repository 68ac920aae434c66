"""Runs the tests that rules and holds carry: all tests with one scan date at once, by the evaluator of a scan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container
from dataclasses import dataclass

from clue_engine.decide.cases import Case, by_day, default_day, outcomes, rule_cases, with_test_parameters
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.pack.model import Pack

OUTCOMES = {True: "hit", False: "no_hit", None: "unknown"}
_WORDS = {"hit": "命中", "no_hit": "未命中", "unknown": "待核"}


@dataclass(frozen=True)
class TestResult:
    """Outcome of one test; ``detail`` says in words what is wrong, with the code of the fault (CE5xx)."""

    __test__ = False  # not a class of tests for pytest

    rule_id: str
    name: str
    passed: bool
    expected: str
    got: str
    detail: str = ""


def run_rule_tests(
    pack: Pack | CheckedPack, as_of: dt.date | None = None, only: Container[str] = ()
) -> list[TestResult]:
    """Run the tests of all rules and holds, or ``only`` of those. Scan date: the test's own, ``as_of``, the pack's."""
    checked = pack if isinstance(pack, CheckedPack) else check_pack(pack)[0]
    checked = with_test_parameters(checked)
    results: dict[int, TestResult] = {}
    wanted = [case for case in rule_cases(checked) if not only or case.owner_id in only]
    for when, cases in by_day(wanted, default_day(checked, as_of)).items():
        for case, outcome in outcomes(checked, when, cases):
            results[case.number] = _judge(case, outcome, checked)
    return [results[n] for n in sorted(results)]


def _judge(case: Case, outcome: bool | None, checked: CheckedPack) -> TestResult:
    test = case.test
    name, expected = str(test.get("name", "")), str(test.get("expect", ""))
    got = OUTCOMES[outcome]
    faults: list[str] = list(dict.fromkeys(case.found.problems))
    if expected not in _WORDS:
        said = {"命中": "hit", "未命中": "no_hit", "不命中": "no_hit", "待核": "unknown"}.get(expected)
        faults.append(f"expect: {expected}写 {said}" if said else "expect 应是 hit、no_hit 或 unknown")
    labels = {f"{r.name}.{f.name}": f.label for r in checked.pack.relations for f in r.fields}
    stated = {f"{row.relation.name}.{n}" for row in case.rows for n in row.stated}
    absent = sorted(labels[k] for k in case.missing if k in labels and k not in stated)
    if absent:
        faults.append(f"CE502 条件用到而测试没有写明：{'、'.join(absent)}（写上值，或写 缺失）")
    if expected in _WORDS and got != expected:
        reason = [labels.get(k, k.split(".")[-1]) for k in sorted(case.missing)]
        because = f"（缺：{'、'.join(reason)}）" if reason else ""
        faults.append(f"CE501 预期{_WORDS[expected]}，实际{_WORDS[got]}{because}")
    known = {labels.get(k, k.split(".")[-1]) for k in case.missing}
    wanted = test.get("missing") or []
    unseen = [str(w) for w in ([wanted] if isinstance(wanted, str) else wanted) if str(w) not in known]
    if unseen and got == "unknown":
        faults.append(f"CE503 预期缺{'、'.join(unseen)}，实际缺{'、'.join(sorted(known)) or '无'}")
    return TestResult(case.owner_id, name, not faults, expected, got, ";".join(faults))
