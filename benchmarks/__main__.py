"""python -m benchmarks: generate counties, measure every station in a fresh process, print and write the table."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.data import LOADS, SIZES, made, made_table
from benchmarks.measure import Cost, JobFailed, command, job
from benchmarks.report import Loaded, Measured, markdown, targets

STATIONS = ("ingest", "clean", "canonical", "link", "involvement", "evaluate", "clue", "export")
RESULTS = Path(__file__).parent / "results.md"
AS_OF = "2026-06-30"
HELP_ROUNDS = 9


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="基准测试")
    parser.add_argument("--size", action="append", choices=SIZES, help="规模，可多次写；不写则都测")
    parser.add_argument("--load", action="append", choices=LOADS, help="只载入一张大表，可多次写；不写则两种都测")
    parser.add_argument("--keep", type=Path, help="数据和工作区留在这个目录，下次不再生成")
    parser.add_argument("--date", default="", help="写在结果里的日期")
    parser.add_argument("--memory", default="2GB", help="数据库内存上限")
    parser.add_argument("--no-write", action="store_true", help="只打印，不写 results.md")
    args = parser.parse_args()
    root = args.keep or Path(tempfile.mkdtemp(prefix="clue-benchmark-"))
    try:
        sizes = args.size or ([] if args.load else SIZES)
        loads = args.load or ([] if args.size else LOADS)
        measured = {name: measure(name, root / name, args.memory) for name in sizes}
        loaded = [measure_load(name, root / f"load_{name}", args.memory) for name in loads]
    finally:
        if args.keep is None:
            shutil.rmtree(root, ignore_errors=True)
    help_ms = help_time()
    versions = {"machine": machine(), **job("versions").said}
    report = markdown(measured, loaded, help_ms, versions, args.date)
    print(report)
    if not args.no_write:
        RESULTS.write_text(report, "utf-8")
    return 0 if all(t.met is not False for t in targets(measured, loaded, help_ms)) else 1


def measure(name: str, folder: Path, memory: str) -> Measured:
    """All measurements of one size."""
    size = SIZES[name]
    say(f"{size.label}：数据")
    inputs = made(size, folder)
    megabytes = sum(f.stat().st_size for f in inputs.iterdir()) / 1e6
    say("裸读")
    readers = best([job("readers", inputs) for _ in range(3)])
    by_pandas = best([job("pandas_readers", inputs) for _ in range(3)]) if size.form == "csv" else None
    workspace = folder / "whole" / "workspace"
    say("全程")
    whole = best([job("whole", fresh(workspace), inputs, AS_OF, memory) for _ in range(2)])
    stored = job("stored", inputs, fresh(folder / "stored" / "bare.duckdb"))
    found = Measured(size, megabytes, readers, by_pandas, stored, whole)
    workspace = fresh(folder / "stations" / "workspace")
    for station in STATIONS:
        say(station)
        found.stations[station] = job("station", station, workspace, inputs, AS_OF, memory)
    say("热扫描")
    found.scans = job("scans", workspace, AS_OF, memory).said
    say("pandas")
    found.pandas = job("pandas", workspace, AS_OF, memory).said
    return found


def measure_load(name: str, folder: Path, memory: str) -> Loaded:
    """One big table: the bare reader, loading, loading and cleaning."""
    load = LOADS[name]
    say(f"{load.label}：数据")
    inputs = made_table(load, folder)
    megabytes = sum(f.stat().st_size for f in inputs.iterdir()) / 1e6
    say("裸读")
    readers = best([job("readers", inputs) for _ in range(3)])
    say("载入")
    by_pandas = best([job("pandas_readers", inputs) for _ in range(3)]) if load.form == "csv" else None
    loaded = job("load", fresh(folder / "load" / "workspace"), inputs, memory, "no")
    say("载入并读出各列")
    cleaned = job("load", fresh(folder / "clean" / "workspace"), inputs, memory, "yes")
    return Loaded(load, megabytes, readers, by_pandas, loaded, cleaned)


def fresh(workspace: Path) -> Path:
    """An empty folder for a workspace and its output."""
    shutil.rmtree(workspace.parent, ignore_errors=True)
    workspace.parent.mkdir(parents=True)
    return workspace


def best(costs: list[Cost]) -> Cost:
    return min(costs, key=lambda c: c.said["cpu"])


def help_time() -> float:
    """Milliseconds that --help takes beyond an empty Python: median of CPU times, turn by turn."""
    times: dict[str, list[float]] = {"pass": [], "help": []}
    for _ in range(HELP_ROUNDS):
        times["pass"].append(command([sys.executable, "-c", "pass"]).cpu)
        times["help"].append(command([sys.executable, "-m", "clue_engine", "--help"]).cpu)
    return 1000 * (statistics.median(times["help"]) - statistics.median(times["pass"]))


def machine() -> str:
    """Cores and memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} 核、{memory:.0f} GiB 内存、{sys.platform}"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except JobFailed as failure:
        sys.exit(f"基准测试没有跑完：{failure}")
