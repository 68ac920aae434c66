"""Why a test of a rule comes out otherwise than it says: the conditions that fail or are open, with the test's values.

Comes in: a checked pack, the result of a failed test. Goes out: a ``WhyTest``. The tree is that of ``why-not``,
computed by the oracle on the rows of the test. Nothing is masked: persons of tests are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clue_engine.enquiry.tree import Line, lines
from clue_engine.enquiry.why_not import Failure, failures
from clue_engine.evaluate.explain import Look
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedPack
from clue_engine.language.given import day
from clue_engine.language.opened import opened
from clue_engine.language.oracle import Oracle, World
from clue_engine.language.rule_tests import DEFAULT_DAY, Case, TestResult, rule_cases, with_test_parameters
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.pack.model import Relation


@dataclass(frozen=True)
class WhyTest:
    """``failed``: conditions that do not hold, of a test that does not hit; else ``tree``: what made the outcome."""

    failed: tuple[Failure, ...] = ()
    tree: tuple[Line, ...] = ()


def why_tests(checked: CheckedPack, results: list[TestResult]) -> dict[tuple[str, str], WhyTest]:
    """(rule, test) -> why, for those results whose outcome is not the expected one."""
    wrong = {(r.rule_id, r.name) for r in results if r.got != r.expected}
    if not wrong:
        return {}
    checked = with_test_parameters(checked)
    cases = {(c.owner_id, str(c.test.get("name", ""))): c for c in rule_cases(checked)}
    return {key: _why(checked, cases[key]) for key in sorted(wrong) if key in cases}


def _why(checked: CheckedPack, case: Case) -> WhyTest:
    default = day(checked.pack.options.get("test_as_of", "")) or DEFAULT_DAY
    as_of = (day(case.test["as_of"]) if "as_of" in case.test else None) or default
    rows: dict[str, list[dict[str, Any]]] = {r.name: [] for r in checked.pack.relations}
    for n, row in enumerate(case.rows):
        blank = dict.fromkeys(_columns(row.relation))
        rows[row.relation.name].append({"row_id": n + 1, **blank, **row.values})
    oracle = Oracle(checked.vocabulary, as_of, World(rows, case.kin), "a")
    body = opened(case.owner.when, checked.vocabulary)
    if isinstance(case.owner, CheckedHold) and case.owner.relation.label != HOUSEHOLD:
        body = t.Quant("any", case.owner.relation, None, body, text=f"any {case.owner.relation.label}")
    seen = Look(body, rows[checked.vocabulary.household.name][0], oracle, {}).seen()
    failed = tuple(dict.fromkeys(failures(seen, branches=True))) if seen.verdict is False else ()
    return WhyTest(failed, () if failed else tuple(lines(seen)))


def _columns(relation: Relation) -> list[str]:
    return [f.name + end for f in relation.fields for end in (("_lo", "_hi") if f.interval else ("",))]
