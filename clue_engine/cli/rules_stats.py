"""rules stats: per rule and combination how many were checked, how many held, and why the rest did not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from clue_engine.cli.options import JsonOption, LedgerOption, RulesOption, needed_ledger, opened_ledger
from clue_engine.cli.screen import print_json, print_table, say
from clue_engine.errors import EXIT_OK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clue_engine.enquiry.promotion import Gate
    from clue_engine.feedback.stats import RuleCount
    from clue_engine.pack.answers import Feedback
    from clue_engine.pack.model import Pack


def stats_command(ledger: LedgerOption = None, rules: RulesOption = None, json: JsonOption = False) -> int:
    """按台账里的核查结果，列出每条规则、每种组合：列出、核实、属实率（95% 区间）、不成立的原因、近半年与此前。

    例：
      clue-engine rules stats
      clue-engine rules stats --json
    """
    from clue_engine.feedback.stats import lines, low, rule_counts
    from clue_engine.pack.load import load_pack

    pack = load_pack(rules)
    with needed_ledger(ledger) as book:
        found = lines(book.events(), book.numbers(), pack.feedback)
    single, several = rule_counts(found, dt.date.today())
    titles = {r.id: r.title for r in pack.rules} | {h.id: h.title for h in pack.holds}
    flagged = low([*single, *several], pack.feedback)
    if json:
        print_json(
            {"rules": [_as_json(c, titles, pack.feedback) for c in single],
             "combinations": [_as_json(c, titles, pack.feedback) for c in several]}
        )  # fmt: skip
        return EXIT_OK
    _print(single, titles, pack.feedback)
    if several:
        print("\n几条规则同时命中的")
        _print(several, titles, pack.feedback)
    judged = sum(line.verdict is not None for line in found.values())
    say(f"台账里的线索 {len(found)} 条，已有核查结论 {judged} 条。区间是 95% 的（Wilson），核实得越少越宽。")
    for count in flagged:
        said = f"{count.right}/{count.verified}"
        share, least = pack.feedback.low_share, pack.feedback.low_least
        say(f"偏低：{'+'.join(count.rules)} 属实 {said}，核实满 {least} 条而不到 {share:.0%}，请看看条件。")
    return EXIT_OK


def verified_gates(named: str | None, pack: Pack, rule_id: str) -> list[Gate]:
    """What the ledger says of a rule before it becomes active, on trial or not; nothing without a ledger."""
    from clue_engine.enquiry.promotion import verified
    from clue_engine.feedback.stats import RuleCount, lines, rule_counts

    with opened_ledger(named) as book:
        if book is None:
            return []
        found = lines(book.events(), book.numbers(), pack.feedback, ("线索", "试行"))
    single, _ = rule_counts(found, dt.date.today())
    count = next((c for c in single if c.rules == (rule_id,)), RuleCount((rule_id,)))
    said = f"台账里列出 {count.listed} 条，核实 {count.verified} 条"
    if count.verified:
        said += f"，属实 {count.right} 条（{_interval(count)}）"
    return [verified(pack, said, count.verified, low=count.is_low(pack.feedback))]


def _print(counts: Sequence[RuleCount], titles: Mapping[str, str], known: Feedback) -> None:
    from clue_engine.feedback.stats import reasons_said

    print_table(
        ("规则", "列出", "核实", "属实", "95%区间", "近半年", "此前", "不成立的原因"),
        [
            (
                _named(c, titles) + ("（偏低）" if c.is_low(known) else ""), c.listed, c.verified,
                _share(c.share), _interval(c), _part(c.recent), _part(c.before), reasons_said(c, titles),
            )
            for c in counts
        ],
    )  # fmt: skip


def _named(count: RuleCount, titles: Mapping[str, str]) -> str:
    if len(count.rules) == 1:
        return f"{count.rules[0]} {titles.get(count.rules[0], '')}".strip()
    return "+".join(count.rules)


def _share(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"


def _interval(count: RuleCount) -> str:
    return "" if count.interval is None else f"{count.interval[0]:.0%}–{count.interval[1]:.0%}"


def _part(of: tuple[int, int]) -> str:
    return f"{of[0]}/{of[1]}" if of[1] else ""


def _as_json(count: RuleCount, titles: Mapping[str, str], known: Feedback) -> dict[str, Any]:
    return {
        "rules": list(count.rules), "title": titles.get(count.rules[0], "") if len(count.rules) == 1 else "",
        "listed": count.listed, "verified": count.verified, "right": count.right, "share": count.share,
        "low": None if count.interval is None else count.interval[0],
        "high": None if count.interval is None else count.interval[1],
        "recent": {"right": count.recent[0], "verified": count.recent[1]},
        "before": {"right": count.before[0], "verified": count.before[1]},
        "why_not": dict(count.why_not.most_common()), "flagged": count.is_low(known),
    }  # fmt: skip
