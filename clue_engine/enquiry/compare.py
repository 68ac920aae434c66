"""How far the clues of a workspace agree with a file of expected results, without showing any number of a person.

Comes in: the clue tables, the exported files, expected lines. Goes out: ``Comparison``.

Counted as: recall = 应列 lines listed as 线索. Precision = right 线索 over right and wrong ones. Right: an 应列 line or
a 必须列出 trap names the clue. Wrong: nothing names it, or only a 待核 line (it should have been left open), or a
不得列出 trap. 可列可不列 never counts. Recall of 待核 = 待核 lines listed with status 待核.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clue_engine.enquiry import expected as e
from clue_engine.enquiry.expected import Expected, read_expected
from clue_engine.enquiry.leaks import Leaks
from clue_engine.enquiry.listed import Listed, listed_clues, secrets
from clue_engine.workspace import Workspace

NOTE = (
    "可列可不列不计；待核户列为线索的，计入错列；应列户只列为待核的，不算找回；"
    "前N条：N为应列与待核之和，按清单次序（先线索后待核）。"
)


@dataclass(frozen=True)
class DirectionScore:
    direction: str
    n_expected: int
    n_found: int
    n_certain: int
    n_right: int
    n_wrong: int
    n_uncounted: int
    wrong: Counter[str]  # why a certain clue is wrong -> how many
    n_open_expected: int
    n_open_found: int
    n_open_listed: int
    n_top: int
    n_top_found: int

    @property
    def recall(self) -> float | None:
        return _share(self.n_found, self.n_expected)

    @property
    def precision(self) -> float | None:
        return _share(self.n_right, self.n_right + self.n_wrong)

    @property
    def open_recall(self) -> float | None:
        return _share(self.n_open_found, self.n_open_expected)

    @property
    def top_share(self) -> float | None:
        return _share(self.n_top_found, self.n_expected)

    @property
    def length_ratio(self) -> float | None:
        return _share(self.n_certain, self.n_expected)


@dataclass(frozen=True)
class TrapScore:
    trap: str
    requirement: str
    n_passed: int
    n_lines: int
    failed_lines: tuple[int, ...]  # line numbers of the expected file: they lead to no one outside of it


@dataclass(frozen=True)
class Comparison:
    directions: tuple[DirectionScore, ...]
    traps: tuple[TrapScore, ...]
    missed_lines: dict[str, list[int]] = field(default_factory=dict)

    @property
    def trap_share(self) -> float | None:
        return _share(sum(t.n_passed for t in self.traps), sum(t.n_lines for t in self.traps))


def compare(ws: Workspace, expected_csv: Path, out: Path) -> Comparison:
    """Compare the clues with the expected lines; ``out`` holds the exported files of the same run."""
    lines = read_expected(expected_csv)
    clues = listed_clues(ws)
    directions = list(dict.fromkeys(d for line in lines for d in line.directions))
    missed: dict[str, list[int]] = {}
    scores = []
    for direction in directions:
        own = [c for c in clues if c.direction == direction]
        wanted = [line for line in lines if direction in line.directions]
        scores.append(_direction(direction, wanted, own))
        certain = [c for c in own if c.status == "线索"]
        missed[direction] = [x.line for x in wanted if x.kind == e.MUST and not _any(certain, x)]
    return Comparison(tuple(scores), tuple(_traps(ws, lines, clues, Leaks(out))), missed)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _any(clues: Sequence[Listed], line: Expected) -> bool:
    return any(c.is_meant_by(line) for c in clues)


def _direction(direction: str, lines: Sequence[Expected], clues: Sequence[Listed]) -> DirectionScore:
    must = [x for x in lines if x.kind == e.MUST]
    left_open = [x for x in lines if x.kind == e.OPEN]
    certain = [c for c in clues if c.status == "线索"]
    undecided = [c for c in clues if c.status == "待核"]
    shown = certain + undecided
    top = shown[: len(must) + len(left_open)]
    verdicts = Counter(_verdict(c, lines) for c in certain)
    wrong = Counter({why: n for why, n in verdicts.items() if why not in ("right", "uncounted")})
    return DirectionScore(
        direction=direction,
        n_expected=len(must),
        n_found=sum(_any(certain, x) for x in must),
        n_certain=len(certain),
        n_right=verdicts["right"],
        n_wrong=wrong.total(),
        n_uncounted=verdicts["uncounted"],
        wrong=wrong,
        n_open_expected=len(left_open),
        n_open_found=sum(_any(undecided, x) for x in left_open),
        n_open_listed=len(undecided),
        n_top=len(must) + len(left_open),
        n_top_found=sum(_any(top, x) for x in must),
    )


def _verdict(clue: Listed, lines: Sequence[Expected]) -> str:
    """right, uncounted, or why the clue is wrong."""
    named = [x for x in lines if clue.is_meant_by(x)]
    kinds = {x.kind for x in named}
    asked = {x.requirement for x in named if x.kind == e.TRAP}
    if e.MUST in kinds or asked & {e.LISTED, e.LISTED_ONCE}:
        return "right"
    if e.NOT_LISTED in asked:
        return "陷阱：" + "、".join(sorted({x.trap for x in named if x.requirement == e.NOT_LISTED}))
    if e.OPEN in kinds or e.LISTED_OPEN in asked:
        return "应为待核"
    if e.MAY in kinds or e.NOT_SHOWN in asked:
        return "uncounted"
    return "不在预期之内"


def _traps(ws: Workspace, lines: Sequence[Expected], clues: Sequence[Listed], leaks: Leaks) -> list[TrapScore]:
    tests: dict[str, Callable[[Sequence[Listed]], bool]] = {
        e.NOT_LISTED: lambda found: not any(c.shown for c in found),
        e.LISTED: lambda found: any(c.status == "线索" for c in found),
        e.LISTED_ONCE: lambda found: [c.status for c in found if c.shown] == ["线索"],
        e.LISTED_OPEN: lambda found: any(c.status == "待核" for c in found) and all(c.status != "线索" for c in found),
        e.NOT_SHOWN: lambda found: _kept_secret(ws, found, leaks),
    }
    results: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    for line in lines:
        if line.kind != e.TRAP:
            continue
        found = [c for c in clues if c.direction in line.directions and c.is_meant_by(line)]
        test = tests.get(line.requirement)
        results.setdefault((line.trap, line.requirement), []).append((line.line, test is not None and test(found)))
    return [
        TrapScore(trap, requirement, sum(ok for _, ok in got), len(got), tuple(n for n, ok in got if not ok))
        for (trap, requirement), got in sorted(results.items())
    ]


def _kept_secret(ws: Workspace, found: Sequence[Listed], leaks: Leaks) -> bool:
    """Listed, restricted wherever it is listed, and no name, number or village in any exported line of it."""
    if not any(c.shown for c in found) or not all(c.restricted for c in found):
        return False
    forbidden = secrets(ws, [c.household_id for c in found])
    return not any(leaks.of(c.clue_id, forbidden) for c in found)
