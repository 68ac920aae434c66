"""rules test --mutate: what share of possible slips the tests of each rule would notice, and tests for the rest.

Comes in: a rule pack. Goes out: a table per rule and the slips that no test notices; exit code 1 below 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from clue_engine.cli.screen import print_json, print_table, say, style
from clue_engine.cli.words import did_you_mean
from clue_engine.errors import EXIT_PROBLEMS, ClueError

if TYPE_CHECKING:
    from clue_engine.language.coverage import Coverage


def print_coverage(rules: Path | None, parameters: Path | None, rule_ids: Sequence[str], json: bool) -> None:
    """Mutation coverage of the rules named, or of all."""
    from clue_engine.language.check_pack import check_pack
    from clue_engine.language.coverage import ENOUGH, coverages
    from clue_engine.pack.load import load_pack

    checked, _ = check_pack(load_pack(rules, parameters))
    known = [*checked.rules, *checked.holds]
    wanted = [_known(rule_id, known) for rule_id in rule_ids] or known
    found = coverages(checked, wanted)
    if json:
        print_json([_values(c) for c in found])
    else:
        print_table(
            ("编号", "名称", "改错", "查出", "比例"),
            [(c.rule_id, c.title, c.total, c.killed, f"{c.share:.0%}") for c in found],
        )
        for each in found:
            _print_survivors(each)
    low = [c.rule_id for c in found if c.share < ENOUGH]
    total, killed = sum(c.total for c in found), sum(c.killed for c in found)
    say(f"{len(found)} 条规则，故意改错 {total} 处，测试查出 {killed} 处（{killed / max(total, 1):.0%}）")
    if low:
        say(f"不到 {ENOUGH:.0%} 的：{'、'.join(low)}；把上面的测试加进规则文件的 tests:，核对 expect 后再运行")
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
        print(f"  {test}" if test else "    没有找到能查出的测试：可能改了也一样，请看条件是否重复")


def _values(found: Coverage) -> dict[str, Any]:
    return {
        "rule": found.rule_id,
        "title": found.title,
        "total": found.total,
        "killed": found.killed,
        "share": round(found.share, 4),
        "survivors": [{"change": s.change, "test": s.test} for s in found.survivors],
    }


def _known(rule_id: str, known: Sequence[str]) -> str:
    for word in (rule_id, rule_id.upper()):
        if word in known:
            return word
    raise ClueError("CE-U04", f"没有规则“{rule_id}”", place="rules test", hint=did_you_mean(rule_id, list(known)))
