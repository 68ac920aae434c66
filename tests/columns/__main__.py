"""python -m tests.columns: each column of a county renamed, doubled, decorated, emptied, moved under a group head.

One at a time: the list must stay the same (number, status, band, rules), or the run must end with exit code 3 and name
the column in its first three lines. Then changes that must not matter: the same list, no alarm. Exit code 1 when one
does neither. Needed are the columns of fields that ``needed`` or ``must`` of records.yaml or ``expect`` of their source
names; the others are emptied only, and since an honest file may lack them, it is enough that the summary names them
among the blank columns (noted, exit code 0). ``--more`` tries every way to decorate, double and rename.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import clue_engine
from clue_engine.ingest.load import ingest
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack
from clue_engine.pipeline import newest_date
from clue_engine.workspace import Workspace
from tests.columns.county import Grid, small, tables
from tests.columns.trial import Outcome, Trials
from tests.columns.variants import GRAVE, Variant, changed, emptied, harmless

ROOT = Path(__file__).parent.parent.parent
COUNTY = ROOT / "sample_data"
RESULTS = Path(__file__).parent / "results.md"
HARMLESS = 200
SLICES = 240  # a slice is what fits into some seconds
_WORSE = ("silent", "unnamed", "alarm")


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _arguments(arguments)
    os.environ["CLUE_SITE_KEY_FILE"] = str(ROOT / "tests" / "site.key")
    began = time.perf_counter()
    pack = load_pack(ROOT / "rules", parameters=_parameters(asked.folder))
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        grids, day = county(asked.folder, pack, Path(folder))
        trials = Trials(Path(folder), grids, pack, day, whole=asked.whole)
        try:
            outcomes = list(_Tried(trials, asked).all(grids))
        finally:
            trials.close()
    seconds = time.perf_counter() - began
    print(_summary(outcomes, seconds))
    if asked.write:
        RESULTS.write_text(_report(outcomes, asked, seconds), encoding="utf-8")
    return int(any(not outcome.passed for outcome in outcomes))


def county(folder: Path, pack: Pack, work: Path) -> tuple[list[Grid], dt.date]:
    """The small county out of a folder, and the day of its scan."""
    inputs = folder / "input" if (folder / "input").is_dir() else folder
    expected = [path for path in (folder / "expected.csv", folder / "expected" / "expected.csv") if path.is_file()]
    with Workspace.open(work / "read") as ws:
        ingest(ws, pack.sources, [inputs], records=pack.records)
        day = newest_date(ws)
        loaded = ws.rows(
            "select name, sheet, f.kind, encoding, header_row, list(header order by position) from input_file as f"
            " join raw_column using (file_id) where status = 'loaded' group by all order by name, sheet"
        )
    return small(tables(inputs, loaded), expected[0] if expected else None), day


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.columns", description=__doc__)
    parser.add_argument("--folder", type=Path, default=COUNTY, help="a county: input, expected.csv, parameters.yaml")
    parser.add_argument("--slice", metavar="HEX", help="one slice of all, by a number or a commit's hash")
    parser.add_argument("--of", type=int, default=SLICES, metavar="N", help=f"slices that there are ({SLICES})")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="variants whose name holds all of these words")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="outcomes so far: what stands there is not tried again"
    )
    parser.add_argument("--more", action="store_true", help="further ways to decorate, double and rename")
    parser.add_argument("--whole", action="store_true", help="scan also where the records are the same as before")
    parser.add_argument("--write", metavar="DATE", help=f"write {RESULTS.name}, as of this day")
    asked = parser.parse_args(arguments)
    if asked.write and (asked.only or asked.more or asked.slice is not None):
        parser.error("--write is for a run of all variants")
    return asked


def _parameters(folder: Path) -> Path | None:
    path = folder / "parameters.yaml"
    return path if path.is_file() else None


class _Tried:
    """Variants that are wanted, each tried once; with ``--keep`` also over several calls."""

    def __init__(self, trials: Trials, asked: argparse.Namespace) -> None:
        self._trials, self._only, self._slice, self._n = trials, asked.only or (), asked.slice, 0
        self._of, self._more = asked.of, asked.more
        self._kept: dict[str, tuple[str, list[str], int]] = {}
        self._file = asked.keep
        if self._file and self._file.exists():
            self._kept = {name: rest for name, *rest in map(json.loads, self._file.read_text("utf-8").splitlines())}

    def all(self, grids: Sequence[Grid]) -> Iterator[Outcome]:
        """Needed columns in one way of each kind (``--more``: in every way), the others emptied; what a slice or words
        leave out is not tried."""
        ways = [v for c in self._trials.columns for v in (emptied(c), *(changed(c) if c.needed else ()))]
        ways = [variant for variant in ways if self._more or variant.kind in GRAVE]
        wanted = list(filter(self._wanted, [*ways, *harmless(grids, HARMLESS)]))
        yield from map(self.one, wanted)

    def _wanted(self, variant: Variant) -> bool:
        self._n += 1
        if self._slice is not None and self._n % self._of != int(self._slice, 16) % self._of:
            return False
        return all(word in variant.name for word in self._only)

    def one(self, variant: Variant) -> Outcome:
        if variant.name in self._kept:
            said, lines, moved = self._kept[variant.name]
            return Outcome(variant, said, tuple(lines), moved)
        outcome = self._trials.outcome(variant)
        if self._file:
            with self._file.open("a", encoding="utf-8") as stream:
                stream.write(
                    json.dumps([variant.name, outcome.said, outcome.lines, outcome.moved], ensure_ascii=False) + "\n"
                )
        if not outcome.passed:
            lines = " | ".join(outcome.lines)
            print(f"{outcome.said:<8} {variant.name}  {outcome.moved} lines  {lines}"[:400], flush=True)
        return outcome


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    said = Counter(outcome.said for outcome in outcomes)
    counts = ", ".join(f"{n} {word}" for word, n in sorted(said.items(), key=lambda pair: -pair[1]))
    return f"{len(outcomes)} variants: {counts}; {seconds:.0f} s"


def _report(outcomes: Sequence[Outcome], asked: argparse.Namespace, seconds: float) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    lines = [
        "# Columns changed one by one: the same list, or the loss told",
        "",
        f"`python -m tests.columns --folder {asked.folder.name} --write {asked.write}`, commit"
        f" {commit.stdout.strip() or '?'}, version {clue_engine.__version__}: {_summary(outcomes, seconds)}.",
        "",
        "| change | variants | same list | told | refused | noted | silent | not named | false alarm |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    kinds = dict.fromkeys(outcome.variant.kind for outcome in outcomes)
    for kind in kinds:
        said = Counter(outcome.said for outcome in outcomes if outcome.variant.kind == kind)
        figures = [said[word] for word in ("same", "told", "refused", "noted", *_WORSE)]
        lines.append(f"| {kind} | {sum(figures)} | {' | '.join(map(str, figures))} |")
    left = [outcome for outcome in outcomes if not outcome.passed]
    lines += ["", "Neither:" if left else "Every variant passed.", ""]
    lines += [f"- {o.variant.name}: {o.said}, {o.moved} lines of the list differ" for o in left]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
