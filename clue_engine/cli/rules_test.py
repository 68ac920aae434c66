"""rules test: run the tests that rules carry; --mutate: see how good they are.

Comes in: a pack folder. Goes out: the tests that fail, each with the condition that made it so; a table of what share
of possible slips the tests notice, and tests for the rest; exit code 1 when one fails, or when the share is below 95 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import JsonOption, ParametersOption, RulesOption
from clue_engine.cli.screen import print_json, print_table, say, style
from clue_engine.cli.words import did_you_mean
from clue_engine.errors import EXIT_PROBLEMS, ClueError

if TYPE_CHECKING:
    from clue_engine.decide.rule_tests import TestResult
    from clue_engine.enquiry.why_not import WhyTest
    from clue_engine.language.check_pack import CheckedPack


MutateOption = Annotated[bool, typer.Option("--mutate", help="看测试能查出多少处改错", show_default=False)]
OUTCOMES = {True: "hit", False: "no_hit", None: "unknown"}
_SAYS = {"hit": "成立", "unknown": "不明"}
_MOST = 8  # conditions shown for one test


def test_command(
    rule_ids: Annotated[list[str] | None, typer.Argument(metavar="编号", help="只测这些规则")] = None,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    mutate: MutateOption = False,
    json: JsonOption = False,
) -> None:
    """运行规则自带的测试，失败的列出预期与实际，以及哪个条件、什么值使结果不同。

    例：
      clue-engine rules test
      clue-engine rules test J02 J05
      clue-engine rules test J02 --mutate
    --mutate：把条件逐处改错（比较号、界限、词表、否定、且或），看测试能查出多少；
    查不出的，给出一条可以直接粘贴的测试。测试有失败的，先改好再看这一项。
    """
    from clue_engine.decide.rule_tests import run_rule_tests
    from clue_engine.enquiry.why_not import why_tests
    from clue_engine.language.check_pack import check_pack
    from clue_engine.pack.load import load_pack

    checked, _ = check_pack(load_pack(rules, parameters))
    wanted = [_known(checked, rule_id, rules) for rule_id in rule_ids or ()]
    results = run_rule_tests(checked, only=wanted)
    failed = [r for r in results if not r.passed]
    why = why_tests(checked, failed)
    if mutate and not failed:
        print_coverage(checked, wanted, results, json)
        return
    if json:
        print_json([_values(r, why.get((r.rule_id, r.name))) for r in results])
    else:
        for r in failed:
            _print_failed(r, why.get((r.rule_id, r.name)))
        say(f"{len(results)} 个测试，{len(failed)} 个失败")
    if mutate and failed:
        say("先改好失败的测试（或条件），再用 --mutate 看测试够不够")
    if failed:
        raise typer.Exit(EXIT_PROBLEMS)


def _known(checked: CheckedPack, rule_id: str, root: Path | None) -> str:
    """The id as the pack writes it. Raises CE-U04, or CE-U10 for a rule with errors."""
    from clue_engine.pack.load import refuse_unread

    known = [*checked.rules, *checked.holds]
    for word in (rule_id, rule_id.upper()):
        if word in known:
            return word
        if word in checked.wrong:
            hint = "先运行 clue-engine rules check"
            raise ClueError("CE-U10", f"规则 {word} 有错：{checked.wrong[word]}", place="rules test", hint=hint)
    refuse_unread(root, rule_id)
    raise ClueError("CE-U04", f"没有规则“{rule_id[:20]}”", place="rules test", hint=did_you_mean(rule_id, known))


def _print_failed(result: TestResult, why: WhyTest | None) -> None:
    print(f"{style('失败', 'red')} {result.rule_id} {result.name}：{result.detail}")
    for failure in why.failed if why else ():
        value = f"〔{failure.value}〕" if failure.value else ""
        either = f"（“或”的各项满足一项即可，第 {failure.branch} 项）" if failure.branch else ""
        print(f"  差在{either}：{failure.condition}{value}{f'，{failure.gap}' if failure.gap else ''}")
    deciding = [node for node in why.tree if node.value and OUTCOMES[node.outcome] == result.got] if why else []
    shown = list(dict.fromkeys(f"{node.text}〔{node.value}〕" for node in deciding))
    for line in shown[:_MOST]:
        print(f"  {_SAYS[result.got]}：{line}")
    if len(shown) > _MOST:
        print(f"  （还有 {len(shown) - _MOST} 项，用 --json 看全部）")


def _values(result: TestResult, why: WhyTest | None) -> dict[str, Any]:
    return {
        "rule": result.rule_id,
        "test": result.name,
        "passed": result.passed,
        "detail": result.detail,
        "failed_conditions": [vars(f) for f in why.failed] if why else [],
        "conditions": [vars(node) for node in why.tree] if why else [],
    }


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
        print_json([_coverage_values(c) for c in found])
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


def _coverage_values(found: Coverage) -> dict[str, Any]:
    return {
        "rule": found.rule_id,
        "title": found.title,
        "total": found.total,
        "killed": found.killed,
        "share": round(found.share, 4),
        "survivors": [{"change": s.change, "test": s.test} for s in found.survivors],
    }
