"""What one measured process does: ``python -m benchmarks.jobs NAME ARGUMENTS``; the last line of output is JSON.

Heavy imports stand inside the jobs: a process pays for what it does and nothing else.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import spent

if TYPE_CHECKING:
    from clue_engine.pack.model import Pack
    from clue_engine.workspace import Workspace

PARAMETERS = Path(__file__).parent / "parameters.yaml"
ROUNDS = 3


def readers(folder: str) -> dict[str, Any]:
    """Read every file with the bare reader of its kind and keep nothing: calamine iter_rows, read_csv, read_parquet."""
    import duckdb
    from python_calamine import CalamineWorkbook

    con = duckdb.connect(config={"memory_limit": "2GB"})
    con.execute("set enable_progress_bar = false")

    def read() -> None:
        for path in sorted(Path(folder).iterdir()):
            if path.suffix == ".xlsx":
                for _ in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).iter_rows():
                    pass
            else:
                con.execute(f"create or replace temp table bare as from {_reader(path)}", [str(path)])

    wall, cpu = spent(read)
    return {"wall": wall, "cpu": cpu}


def pandas_readers(folder: str) -> dict[str, Any]:
    """The csv files with pandas.read_csv, all cells text, and nothing kept."""
    import pandas as pd

    def read() -> None:
        for path in sorted(Path(folder).glob("*.csv")):
            pd.read_csv(path, dtype=str, keep_default_na=False)

    wall, cpu = spent(read)
    return {"wall": wall, "cpu": cpu}


def stored(folder: str, workspace: str) -> dict[str, Any]:
    """The same, but kept: one table of text per file in a database file, what any workspace pays first."""
    import duckdb
    import pyarrow as pa
    from python_calamine import CalamineWorkbook

    con = duckdb.connect(workspace, config={"memory_limit": "2GB"})
    con.execute("set enable_progress_bar = false")

    def read() -> None:
        for number, path in enumerate(sorted(Path(folder).iterdir())):
            if path.suffix == ".xlsx":
                rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
                columns = [pa.array([str(v) for v in column]) for column in zip(*rows, strict=True)]
                table = pa.table(columns, names=[f"c{i}" for i in range(len(columns))])
                con.register("cells", table)
                con.execute(f"create table t{number} as from cells")
            else:
                con.execute(f"create table t{number} as from {_reader(path)}", [str(path)])
        con.close()

    wall, cpu = spent(read)
    return {"wall": wall, "cpu": cpu}


def _reader(path: Path) -> str:
    return "read_parquet($1)" if path.suffix == ".parquet" else "read_csv($1, all_varchar = true)"


def load(workspace: str, folder: str, memory: str, and_clean: str) -> dict[str, Any]:
    """Load the files of a folder; with ``and_clean`` "yes" read the texts into typed records too."""
    from clue_engine import pipeline

    task = _job(workspace, folder, "2026-06-30")
    names = ("ingest", "clean") if and_clean == "yes" else ("ingest",)

    def run() -> None:
        with _open(workspace, memory) as ws:
            for own in pipeline.STATIONS:
                if own.name in names:
                    own.run(ws, task)

    wall, cpu = spent(run)
    return {"wall": wall, "cpu": cpu}


def station(name: str, workspace: str, folder: str, as_of: str, memory: str) -> dict[str, Any]:
    """Run one station of the pipeline on a workspace that holds the tables of the earlier ones."""
    from clue_engine import pipeline

    task = _job(workspace, folder, as_of)
    with _open(workspace, memory) as ws:
        own = next(s for s in pipeline.STATIONS if s.name == name)
        wall, cpu = spent(lambda: own.run(ws, task))
    return {"wall": wall, "cpu": cpu}


def whole(workspace: str, folder: str, as_of: str, memory: str) -> dict[str, Any]:
    """The whole run in one process, as `clue-engine run` does it."""
    from clue_engine import pipeline

    task = _job(workspace, folder, as_of)

    def run() -> None:
        with _open(workspace, memory) as ws:
            pipeline.run(ws, task)

    wall, cpu = spent(run)
    return {"wall": wall, "cpu": cpu, "stations": task.seconds}


def scans(workspace: str, as_of: str, memory: str) -> dict[str, Any]:
    """Warm scans on one open workspace, turn by turn: the engine, the engine on the subset, the script by hand."""
    from benchmarks.subset import differences, prepare_by_hand, small
    from clue_engine.evaluate import scan, station

    day, pack = dt.date.fromisoformat(as_of), _pack()
    few = small(pack)
    add_missing = scan.add_missing
    with _open(workspace, memory) as ws:
        script = prepare_by_hand(ws, pack, day)

        def without_missing(these: Pack) -> None:
            scan.add_missing = lambda *_: None
            try:
                station.evaluate(ws, these, day)
            finally:
                scan.add_missing = add_missing

        turns: dict[str, Callable[[], object]] = {
            "all": lambda: station.evaluate(ws, pack, day),
            "all_hits": lambda: without_missing(pack),
            "subset_hits": lambda: without_missing(few),
            "by_hand": lambda: ws.con.execute(script),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in turns}
        for _ in range(1 + ROUNDS):  # the first round warms up
            for name, work in turns.items():
                found[name].append(spent(work))
        equal = differences(ws)  # the subset was evaluated last
    best = {name: min(times[1:], key=lambda t: t[1]) for name, times in found.items()}
    return {"warm": best, "cold": found["all"][0], "differences": equal}


def pandas(workspace: str, as_of: str, memory: str) -> dict[str, Any]:
    """The plain pandas script, and how its answers differ from the three outcomes in ``hit``."""
    import pandas as pd

    from benchmarks.plain_pandas import RULES, scan
    from benchmarks.subset import numbers, small
    from clue_engine.evaluate.station import evaluate

    assert pd
    day, pack = dt.date.fromisoformat(as_of), _pack()
    with _open(workspace, memory) as ws:
        evaluate(ws, small(pack), day)
        frames = [ws.con.execute(f"from {t}").df() for t in ("fact_involvement", "fact_household", "fact_hardship")]
        answers: dict[str, set[int]] = {}
        wall, cpu = spent(lambda: answers.update(scan(*frames, numbers(pack, day))))
        compared = {}
        for rule in RULES:
            hits = {r[0] for r in ws.rows("select household_id from hit where rule_id = ? and outcome = 1", [rule])}
            unknown = {r[0] for r in ws.rows("select household_id from hit where rule_id = ? and outcome = 2", [rule])}
            got = answers[rule]
            compared[rule] = {
                "pandas": len(got), "hit": len(hits), "unknown": len(unknown), "missed": len(hits - got),
                "listed_though_unknown": len(got & unknown), "listed_wrongly": len(got - hits - unknown),
            }  # fmt: skip
    return {"wall": wall, "cpu": cpu, "rules": compared}


def versions() -> dict[str, Any]:
    """Versions of what is measured."""
    import platform
    from importlib.metadata import version

    packages = ("duckdb", "pyarrow", "pandas", "python-calamine", "fastexcel")
    return {"python": platform.python_version(), **{p: version(p) for p in packages}}


def _pack() -> Pack:
    from clue_engine.pack.load import load_pack

    return load_pack(parameters=PARAMETERS)


def _job(workspace: str, folder: str, as_of: str) -> Any:
    from clue_engine.pipeline import Job

    day = dt.date.fromisoformat(as_of)
    return Job(pack=_pack(), inputs=[Path(folder)], out=Path(workspace).parent / "out", as_of=day)


def _open(workspace: str, memory: str) -> Workspace:
    from clue_engine.workspace import Workspace

    return Workspace.open(Path(workspace), memory_limit=memory)


JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    "readers": readers,
    "pandas_readers": pandas_readers,
    "stored": stored,
    "load": load,
    "station": station,
    "whole": whole,
    "scans": scans,
    "pandas": pandas,
    "versions": versions,
}

if __name__ == "__main__":
    print(json.dumps(JOBS[sys.argv[1]](*sys.argv[2:]), ensure_ascii=False))
