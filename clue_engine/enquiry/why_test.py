"""Why a test of a rule comes out otherwise than it says: the conditions that fail or are open, with the test's values.

Comes in: a checked pack, the result of a failed test. Goes out: a ``WhyTest``. The tree is that of ``why-not``,
computed on the rows of the test. Nothing is masked: persons of tests are invented.
"""

from __future__ import annotations

from dataclasses import dataclass

from clue_engine.decide.cases import at_home, by_day, default_day, laid, rule_cases, with_test_parameters
from clue_engine.decide.look import look_at, told_bodies
from clue_engine.decide.rule_tests import TestResult
from clue_engine.enquiry.tree import Line, lines
from clue_engine.enquiry.why_not import Failure, failures
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.opened import opened


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
    keys = {cases[key].number: key for key in sorted(wrong) if key in cases}
    found = {}
    for when, todays in by_day([cases[key] for key in keys.values()], default_day(checked)).items():
        bodies = {c.number: at_home(c.owner, opened(c.owner.when, checked.vocabulary)) for c in todays}
        read = [b for body in bodies.values() for b in (body, *told_bodies(checked, body).values())]
        with laid(checked, when, read, todays) as (con, rows):
            for case in todays:
                seen = look_at(con, checked, when, rows, case.number, bodies[case.number]).seen()
                failed = tuple(dict.fromkeys(failures(seen, branches=True))) if seen.verdict is False else ()
                found[keys[case.number]] = WhyTest(failed, () if failed else tuple(lines(seen)))
    return found
