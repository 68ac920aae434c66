"""The forty faults and where each is made to happen, and the tests of those that have no other home.

A case in fault_cases.txt names tests as file::function (any parameter of it), a data file, or a benchmark; all of
them must exist.
"""

from __future__ import annotations

import ast
import datetime as dt
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import tiny_county as county
import xlsxwriter
from hostile_files import HEAD, REFUSED, ROWS, repacked

import clue_engine
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

HERE = Path(__file__).parent
ROOT = HERE.parent
PACKAGE = Path(clue_engine.__file__).parent


def cases() -> dict[str, list[str]]:
    """fault_cases.txt: a line with number and title, under it what tests it."""
    found: dict[str, list[str]] = {}
    for line in (HERE / "fault_cases.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            found[list(found)[-1]].append(line.strip())
        else:
            found[line] = []
    return found


CASES = cases()


@pytest.mark.parametrize("case", CASES)
def test_case_is_tested(case: str) -> None:
    assert CASES[case]
    for name in CASES[case]:
        file, _, function = name.partition("::")
        if not function:
            assert (HERE / file).exists(), name
            continue
        tree = ast.parse((HERE / f"{file}.py").read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


def test_all_forty_are_listed() -> None:
    assert [int(case[:2]) for case in CASES] == list(range(1, 41))


# -- 2 ---------------------------------------------------------------------------------------------------------------
def test_no_command_takes_a_password() -> None:
    """None as an option, none for an input; the one that locks a file of restricted clues is typed on the terminal."""
    sources = {p.name: p.read_text(encoding="utf-8") for p in (PACKAGE / "cli").glob("*.py")}
    assert not any(re.search(r"--pass|--pwd", text) for text in sources.values())
    assert [name for name, text in sources.items() if "getpass" in text] == ["ask.py"]
    asking = [name for name, text in sources.items() if "new_password" in text]
    assert sorted(asking) == ["ask.py", "export.py"]


# -- 11, 16: workbooks -------------------------------------------------------------------------------------------------
LAYOUTS = load_layouts(ROOT / "rules")


def read(path: Path, columns: str, table: str) -> list[tuple[object, ...]]:
    with Workspace.open(path.parent / "ws") as ws:
        assert ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records).errors == []
        clean(ws, LAYOUTS)
        return ws.rows(f"select {columns} from {table} order by row_no")


@pytest.mark.parametrize("since_1904", [False, True])
def test_dates_of_a_1904_workbook(tmp_path: Path, since_1904: bool) -> None:
    """The same day in both calendars of Excel, as a date; a bare day number would be another day and is not taken."""
    with xlsxwriter.Workbook(str(tmp_path / "x.xlsx"), {"date_1904": since_1904}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["部门受案号", "案件名称", "嫌疑人姓名", "受理日期", "案由"])
        for n in range(1, 4):
            sheet.write_row(n, 0, [f"某院诉受[2024]{n}号", "某某案", f"甲{n}", None, "盗窃罪"])
            sheet.write_datetime(n, 3, dt.datetime(2024, 3, 5), book.add_format({"num_format": "yyyy-mm-dd"}))
    days = read(tmp_path / "x.xlsx", "accepted_on_lo", "rec_case")
    assert days == [(dt.date(2024, 3, 5),)] * 3


def test_errors_and_formulas_without_values_are_missing(tmp_path: Path) -> None:
    """What Excel writes where a formula fails is no text, nor the name of a village."""

    def broken(sheet: bytes) -> bytes:
        cells = [b'<c r="D2" t="e"><v>#REF!</v></c>', b'<c r="D3"><f>B3*2</f></c>', b'<c r="D4" t="e"><v>#N/A</v></c>']
        for n, cell in enumerate(cells, 2):
            sheet, found = re.subn(rb'<c r="D%d"[^>]*>.*?</c>' % n, cell, sheet)
            assert found == 1
        return sheet

    (tmp_path / "x.xlsx").write_bytes(repacked("xl/worksheets/sheet1.xml", broken))
    assert HEAD[3].startswith("损失") and ROWS[0][3] == 1.5
    rows = read(tmp_path / "x.xlsx", "name, loss", "rec_victim")
    assert rows[:4] == [("甲某0", None), ("甲某1", None), ("甲某2", None), ("甲某3", 15000.0)]


# -- 14 --------------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace shows which files are opened")
def test_hostile_workbooks_open_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("外部实体.xlsx", "十亿笑.xlsx", "宽字符实体.xlsx"):
        (tmp_path / "in" / name).write_bytes(REFUSED[name][0]())
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "-qq", "-e", "trace=open,openat,connect", "-o", str(trace)]
    command = county.command("ingest", tmp_path / "in", "-w", tmp_path / "ws")
    done = subprocess.run([*strace, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 3 and done.stderr.count("\nCE-F14") == 3
    lines = trace.read_text(encoding="utf-8").splitlines()
    assert len(lines) > 100
    assert not [line for line in lines if "passwd" in line or "AF_INET" in line]


# -- 21 --------------------------------------------------------------------------------------------------------------
PEAK = """
import sys
from pathlib import Path
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace
layouts = load_layouts(Path(sys.argv[1]))
with Workspace.open(Path(sys.argv[3]), memory_limit="100MB", threads=1) as ws:
    report = ingest(ws, layouts.sources, [Path(sys.argv[2])], records=layouts.records)
    assert not report.errors, report.errors
    print(report.loaded[0].n_loaded, open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak")
def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    """40 and 400 thousand rows, 3 and 34 MB: the peak differs by less than the table; the rest is in benchmarks/."""
    peaks = []
    for n in (40_000, 400_000):
        path = tmp_path / f"{n}.csv"
        with path.open("w", encoding="utf-8") as stream:
            stream.write(",".join(HEAD) + "\n")
            stream.writelines(
                f"某院诉受[2024]{i}号,甲某{i},,1.5,一段不长也不短的备注文字用来占地方\n" for i in range(n)
            )
        arguments = ["-c", PEAK, str(ROOT / "rules"), str(path), str(tmp_path / f"ws{n}")]
        done = subprocess.run([county.command()[0], *arguments], capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        rows, peak = map(int, done.stdout.split())
        assert rows == n
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 120_000, peaks  # kB: the database may take 100 MB


# -- 31 --------------------------------------------------------------------------------------------------------------
CLOCK = re.compile(r"\b(?:today|utcnow|now)\(\)|\btime\.time\(|\bcurrent_(?:date|timestamp)\b|\bget_current_", re.I)
MAY_LOOK = {
    "clue_engine/ingest/manifest.py",  # 已于某日载入: shown, never computed with
    "clue_engine/cli/rules.py",  # the SQL of a rule as of today, where no day is asked for
    # What people do has the day on which they say so, unless they name another; so has what is overdue by now.
    *(
        f"clue_engine/cli/{name}.py"
        for name in ("clues", "feedback", "ledger", "purge", "refer", "report", "rules_stats")
    ),
}


def test_no_station_looks_at_the_clock() -> None:
    files = [p for p in PACKAGE.rglob("*") if p.suffix in (".py", ".sql")]
    found = {str(p.relative_to(PACKAGE.parent)) for p in files if CLOCK.search(p.read_text(encoding="utf-8"))}
    assert found == MAY_LOOK
