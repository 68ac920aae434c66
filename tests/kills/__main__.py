"""python -m tests.kills: end run, refer, feedback import and export while they write, or let the writing fail.

Every write, rename, fsync, creation and removal of the whole process (DuckDB and SQLite too) is counted through a small
library in front of the C library. A kill comes before such a change, or in the middle of a write; between two changes
the disk looks the same, so these points stand for all moments. After each the next commands must find an office
in which nothing is half and nothing is lost, and no person stays in a temporary file. Needs Linux and a C compiler.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.kills.disturb import KINDS, Office, Outcome, available, chosen, restart

RESULTS = Path(__file__).parent / "results.md"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="kills, spread over the four commands")
    parser.add_argument("--faults", type=int, default=12, help="points per command and kind of fault")
    parser.add_argument("--only", nargs="*", help="only these commands: run export refer import")
    parser.add_argument("--kinds", nargs="*", help="only these, by the first word of a kind")
    parser.add_argument("--part", default="1/1", metavar="K/N", help="every N-th of these points, from the K-th on")
    parser.add_argument("--write", action="store_true", help=f"write the table to {RESULTS.name}")
    asked = parser.parse_args(arguments)
    if reason := available():
        print(f"not run: {reason}")
        return 0
    first, step = (int(n) for n in asked.part.split("/"))
    restart()
    outcomes: list[Outcome] = []
    lines = ["| command | fault | changes | tried | nothing found | findings |", "|---|---|---|---|---|---|"]
    with Office.made() as office:
        for command in asked.only or office.commands:
            for kind in (k for k in KINDS if k.name.split()[0] in (asked.kinds or k.name)):
                n_changes, points = chosen(office, command, kind, asked.kills // len(office.commands), asked.faults)
                found = [office.disturbed(command, kind, point) for point in points[first - 1 :: step]]
                outcomes += found
                said = Counter(said for one in found for said in one.findings)
                whole = sum(not one.findings for one in found)
                told = "; ".join(f"{text} ({n})" for text, n in said.most_common())
                lines.append(f"| {command} | {kind.name} | {n_changes} | {len(found)} | {whole} | {told} |")
                print(lines[-1], flush=True)
                for one in found:
                    for text in one.findings:
                        print(f"    {command} {kind.name} {one.point}: exit {one.code}: {text}", flush=True)
    bad = [one for one in outcomes if one.findings]
    print(f"{len(outcomes)} disturbances, {len(bad)} with findings")
    if asked.write:
        RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
