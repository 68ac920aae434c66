"""Practice cases against what the product says of them: unit × direction × rules × reason × measures.

Comes in: a folder with ``input/``, ``parameters.yaml`` and ``expected.csv`` (姓名, 证件号码, 情形, a column for each
direction with 应列 · 可列 · 不得列, 公开的帮扶: the ids of the measures that were published).
``python -m tests.practice_table [DIR] [--out OUT]`` scans it and prints the table; without DIR those of tests/practice.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).parent / "practice"
AS_OF = dt.date(2026, 6, 30)
DIRECTIONS = {"司法救助": "司法救助线索", "返贫风险": "返贫致贫风险线索", "社会救助": "社会救助帮扶线索"}
OPEN = ("线索", "待核")


@dataclass(frozen=True)
class Line:
    """One unit in one direction: what was expected and published, what is said."""

    name: str
    case: str
    direction: str
    expected: str
    status: str  # 无: no clue at all
    rules: tuple[str, ...]
    reason: str
    published: frozenset[str]
    sure: frozenset[str]  # measures that fit
    asked: frozenset[str]  # measures that may fit

    @property
    def right(self) -> bool:
        return {"应列": self.status in OPEN, "不得列": self.status not in OPEN}.get(self.expected, True)

    @property
    def lacking(self) -> frozenset[str]:
        """What was published and is neither suggested nor asked for."""
        return self.published - self.sure - self.asked


_HOMES = (
    "select distinct household_id from household_party join party as p using (party_id) where p.id = $id "
    "union select distinct household_id from member join person as p using (person_id) where p.id = $id"
)


def lines(folder: Path, workspace: Path) -> Iterator[Line]:
    """The lines of ``expected.csv``, in its order, from a workspace that holds a scan of ``folder``."""
    from clue_engine.workspace import Workspace

    with (folder / "expected.csv").open(encoding="utf-8-sig") as file, Workspace.open(workspace) as ws:
        for row in csv.DictReader(file):
            of = f"household_id in ({_HOMES.replace('$id', '?')})"
            ids = [row["证件号码"], row["证件号码"]]
            measures = dict(ws.rows(f"select measure_id, min(outcome) from measure where {of} group by 1", ids))
            for short, direction in DIRECTIONS.items():
                found = ws.rows(
                    f"select clue_id, status from clue where direction = ? and {of} order by status_order, rank",
                    [direction, *ids],
                )
                clue, status = found[0] if found else (None, "无")
                rules = ws.rows("select rule_id, reason from clue_rule where clue_id = ? order by seq", [clue])
                yield Line(
                    row["姓名"], row["情形"], short, row[short], status, tuple(rule for rule, _ in rules),
                    next((str(reason) for _, reason in rules if reason), ""), frozenset(row["公开的帮扶"].split()),
                    frozenset(m for m, outcome in measures.items() if outcome == 1),
                    frozenset(m for m, outcome in measures.items() if outcome == 2),
                )  # fmt: skip


def scan(folder: Path, out: Path) -> Path:
    """A scan of the cases; the folder of its workspace."""
    import clue_engine

    clue_engine.run([folder / "input"], parameters=folder / "parameters.yaml", as_of=AS_OF, out=out)
    return out / "workspace"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.practice_table", description="公开做法的案例与扫描结果对照")
    parser.add_argument("folder", type=Path, nargs="?", default=CASES)
    parser.add_argument("--out", type=Path, help="结果目录，默认为临时目录")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        table = list(lines(given.folder, scan(given.folder, given.out or Path(folder) / "out")))
    for line in table:
        marks = "" if line.right else " ✗"
        print(f"{line.name}｜{line.case}｜{line.direction}｜{line.expected} → {line.status}{marks}｜"
              f"{'、'.join(line.rules)}｜{line.reason}｜公开 {' '.join(sorted(line.published))}；"
              f"建议 {' '.join(sorted(line.sure))}；先问 {' '.join(sorted(line.asked))}；"
              f"缺 {' '.join(sorted(line.lacking))}")  # fmt: skip
    for (direction, expected), n in Counter((x.direction, x.expected) for x in table).items():
        said = Counter(x.status for x in table if (x.direction, x.expected) == (direction, expected))
        print(f"{direction} {expected} {n}：{'、'.join(f'{status} {k}' for status, k in sorted(said.items()))}")
    return int(not all(line.right for line in table))


if __name__ == "__main__":
    sys.exit(main())
