"""rules test --mutate: what share of possible slips the tests of each rule would notice, and tests for the rest.

Comes in: a rule pack. Goes out: a table per rule and the slips that no test notices; exit code 1 below 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from clue_engine.cli.screen import print_json, print_table, say, style
from clue_engine.errors import EXIT_PROBLEMS

# the search is no proof that nothing tells them apart, so they stay in the share
_NONE_FOUND = (
    "没有找到能查出的测试。这几处改错可能不影响结果：",
    "条件可能有重复，试着删去其中一项；",
    "不是重复的，先给各个条件写上不成立、缺失的测试再试",
)

if TYPE_CHECKING:
    from clue_engine.decide.coverage import Coverage
    from clue_engine.decide.rule_tests import TestResult
    from clue_engine.language.check_pack import CheckedPack


def print_coverage(checked: CheckedPack, rule_ids: Sequence[str], results: Sequence[TestResult], json: bool) -> None:
    """Mutation coverage of the rules named, or of all; ``results``: their tests, all of which pass."""
    from clue_engine.decide.coverage import ENOUGH, coverages

    wanted = list(rule_ids) or [*checked.rules, *checked.holds]
    tested = {r.rule_id for r in results}
    untested = [rule_id for rule_id in wanted if rule_id not in tested]
    found = coverages(checked, wanted)
    if json:
        print_json([_values(c) for c in found])
    else:
        print_table(
            ("编号", "名称", "改错", "查出", "比例"),
            [(c.rule_id, c.title, c.total, c.killed, f"{c.share:.0%}") for c in found],
        )
        for each in found:
            if each.rule_id not in untested:
                _print_survivors(each)
    low = [c.rule_id for c in found if c.share < ENOUGH and c.rule_id not in untested]
    total, killed = sum(c.total for c in found), sum(c.killed for c in found)
    say(f"{len(found)} 条规则，故意改错 {total} 处，测试查出 {killed} 处（{killed / max(total, 1):.0%}）")
    if untested:
        words = "先在规则文件的 tests: 里写命中、未命中、待核各一个，写法见 docs/教程.md"
        say(f"{'、'.join(untested)} 还没有测试：{words}")
    if low:
        say(f"不到 {ENOUGH:.0%} 的：{'、'.join(low)}；把上面的测试加进规则文件的 tests:，核对 expect 后再运行")
    if low or untested:
        raise typer.Exit(EXIT_PROBLEMS)


def _print_survivors(found: Coverage) -> None:
    """Slips that no test notices, those with the same test together; the test on a line of its own, to copy."""
    by_test: dict[str | None, list[str]] = {}
    for survivor in found.survivors:
        by_test.setdefault(survivor.test, []).append(survivor.change)
    if by_test:
        print(style(f"\n{found.rule_id} {found.title}：测试查不出的改错", "bold"))
    for test, changes in by_test.items():
        for change in changes:
            print(f"  {change}")
        for line in (f"  {test}",) if test else _NONE_FOUND:
            print(line if test else f"    {line}")


def _values(found: Coverage) -> dict[str, Any]:
    return {
        "rule": found.rule_id,
        "title": found.title,
        "total": found.total,
        "killed": found.killed,
        "share": round(found.share, 4),
        "survivors": [{"change": s.change, "test": s.test} for s in found.survivors],
    }
