"""How often a rule was right: what was listed by it, what was checked, what held, and why the rest did not.

Comes in: the events of the ledger and the answers that a pack knows. Goes out: a ``RuleCount`` per rule and per
combination of rules. A line counts once, with the rules that it was listed by before its last verdict; one that nobody
has judged counts as listed only. Interval: Wilson's, E. B. Wilson 1927, JASA 22 (158), 209-212, with z = 1.96.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from clue_engine.ledger import Event
from clue_engine.ledger import events as e
from clue_engine.pack.answers import Feedback

_Z = 1.959964
RECENT_DAYS = 182


@dataclass
class RuleCount:
    """``rules``: one, or several that hit together. ``recent``: right and verified of the last half year."""

    rules: tuple[str, ...]
    listed: int = 0
    verified: int = 0
    right: int = 0
    recent: tuple[int, int] = (0, 0)
    why_not: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float | None:
        return self.right / self.verified if self.verified else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.right, self.verified) if self.verified else None

    @property
    def before(self) -> tuple[int, int]:
        return self.right - self.recent[0], self.verified - self.recent[1]

    def is_low(self, known: Feedback) -> bool:
        share = self.share
        return share is not None and self.verified >= known.low_least and share < known.low_share


@dataclass
class Line:
    """A clue as the ledger knows it."""

    rules: tuple[str, ...] = ()
    verdict: bool | None = None
    code: str = ""
    reason: str = ""
    day: dt.date | None = None


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of ``right`` in ``n``."""
    share, z = right / n, _Z
    middle = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    return max((middle - spread) / whole, 0.0), min((middle + spread) / whole, 1.0)


def lines(
    events: Iterable[Event], numbers: Mapping[str, str], known: Feedback, statuses: Collection[str] = ("线索",)
) -> dict[str, Line]:
    """By number, certain clues only: an open question is not what a rule claims. ``statuses``: others, as 试行."""
    found: dict[str, Line] = {}
    for event in events:
        number = numbers.get(event.clue_id, event.clue_id)
        if event.kind == e.LISTED and event.text("status") in statuses:
            line = found.setdefault(number, Line())
            rules = event.body.get("rules")
            if line.verdict is None and isinstance(rules, list | tuple):
                line.rules = tuple(sorted(map(str, rules)))
        result = known.result(event.text("code")) if number in found else None
        if result is not None and result.right is not None:
            line = found[number]
            line.verdict, line.code, line.day = result.right, result.code, event.day
            line.reason = event.text("reason") or line.reason
    return found


def rule_counts(found: Mapping[str, Line], today: dt.date) -> tuple[list[RuleCount], list[RuleCount]]:
    """Single rules by id, and combinations, the most frequent first."""
    counts: defaultdict[tuple[str, ...], RuleCount] = defaultdict(lambda: RuleCount(()))
    for line in found.values():
        keys = {(rule,) for rule in line.rules} | ({line.rules} if len(line.rules) > 1 else set())
        for key in keys:
            _add(counts[key], key, line, today)
    single = sorted((c for k, c in counts.items() if len(k) == 1), key=lambda c: c.rules)
    several = sorted((c for k, c in counts.items() if len(k) > 1), key=lambda c: (-c.listed, c.rules))
    return single, several


def _add(count: RuleCount, key: tuple[str, ...], line: Line, today: dt.date) -> None:
    count.rules = key
    count.listed += 1
    if line.verdict is None:
        return
    count.verified += 1
    count.right += line.verdict
    if line.day is not None and (today - line.day).days <= RECENT_DAYS:
        count.recent = count.recent[0] + line.verdict, count.recent[1] + 1
    if not line.verdict:
        count.why_not[line.reason or line.code] += 1


def reasons_said(count: RuleCount, titles: Mapping[str, str]) -> str:
    """The commonest reasons why not: 已足额赔偿 4、不属实 2."""
    return "、".join(f"{titles.get(why, why)} {n}" for why, n in count.why_not.most_common(3))


def low(counts: Sequence[RuleCount], known: Feedback) -> list[RuleCount]:
    return [count for count in counts if count.is_low(known)]
