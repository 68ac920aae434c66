"""The office that is disturbed: a tiny county in its second month, and what must be true of it whatever happened.

Comes in: a folder. Goes out: the office before a command, the commands, and ``State``: what a person finds afterwards.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from tests import tiny_county as county

SETTINGS = """[office]
name = "样县人民检察院"
[paths]
inputs = ["数据"]
out = "清单"
rules = "规则"
parameters = "本县口径.yaml"
ledger = "台账/线索台账.sqlite"
[receivers."司法救助办"]
match = ["控告申诉检察"]
days = 10
"""
DUE, TO = "2025-08-15", "司法救助办"
REFER = ("refer", "--to", TO, "--due", DUE, "--out", "移送件", "--split", "乡镇")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "run": ("run", "--as-of", "2025-07-31", "--replace"),
    "export": ("export",),
    "refer": REFER,
    "import": ("feedback", "import", "返回"),
}
FIRST, BEFORE_EXPORT = ("run", "--as-of", county.AS_OF), ("scan", "--as-of", "2025-07-31")
SECRETS = (*county.IDS, *county.IDS.values(), "13900000001", "13900000003")


def write(folder: Path) -> None:
    """An office folder with the first month's exports, one of them a workbook."""
    folder.mkdir(parents=True)
    county.write(folder / "数据")
    county.write_pack(folder / "规则")
    (folder / "clue.toml").write_text(SETTINGS, encoding="utf-8")
    roll = folder / "数据" / "监测对象信息_20250630.csv"
    as_workbook(roll, folder / "数据" / "监测对象信息_20250630.xlsx")
    roll.unlink()
    (folder / "台账").mkdir()


def as_workbook(table: Path, target: Path) -> None:
    book = openpyxl.Workbook()
    for line in table.read_text(encoding="utf-8").splitlines():
        book.active.append(line.split(","))  # type: ignore[union-attr]
    book.save(target)


def second_month(folder: Path) -> None:
    """A case more, and a victim who was paid in part meanwhile."""
    victims = folder / "数据" / "刑事案件被害人信息.csv"
    text = victims.read_text(encoding="utf-8").replace("8.5,未赔偿", "9.5,部分赔偿")
    more = f"样检刑诉受[2024]13号,T529921202400013,文朗,{county.IDS['文朗']},重伤一级,6,未赔偿,故意伤害罪\n"
    victims.write_text(text + more, encoding="utf-8")


def fill_in(folder: Path) -> None:
    """The list of the parcel comes back answered."""
    (folder / "返回").mkdir()
    (listed,) = sorted((folder / "移送件").rglob("清单.xlsx"))
    book = openpyxl.load_workbook(listed)
    sheet = book["线索清单"]
    head = next(row for row in sheet.iter_rows() if any(cell.value == "线索编号" for cell in row))
    at = {str(cell.value): cell.column for cell in head}
    for row in range(head[0].row + 1, sheet.max_row + 1):
        if sheet.cell(row, at["线索编号"]).value:
            sheet.cell(row, at["核查结果"], "属实-纳入监测")
            sheet.cell(row, at["核查日期"], "2025-08-01")
    book.save(folder / "返回" / "东河乡.xlsx")


Run = Callable[[Path, Sequence[str]], tuple[int, str]]


def prepared(folder: Path, run: Run, kind: str) -> None:
    """The office as it stands before the command ``kind``."""

    def done(*command: str) -> None:
        code, text = run(folder, command)
        if code:
            raise RuntimeError(f"{' '.join(command)}: {code}\n{text}")

    write(folder)
    done(*FIRST)
    if kind == "run":
        done(*REFER)
        second_month(folder)
    elif kind == "export":  # the lists of the first month lie there, the scan is of the second
        second_month(folder)
        done("ingest", "数据", "--replace", "-w", "清单/workspace")
        done("link", "--as-of", "2025-07-31")
        done(*BEFORE_EXPORT)
    elif kind == "import":
        done(*REFER)
        fill_in(folder)


@dataclass(frozen=True)
class State:
    """What lies in an office: files by name (hash), events of the ledger, the clues that the program tells."""

    files: Mapping[str, str]
    events: Sequence[tuple[object, ...]]

    def delivered(self, place: str) -> dict[str, str]:
        """The files that people open, under a folder of the office."""
        own = {name: digest for name, digest in self.files.items() if name.startswith(f"{place}/")}
        return {n: d for n, d in own.items() if not n.startswith("清单/workspace/") and "/." not in n}


def state(folder: Path) -> State:
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(("规则/", "数据/")):
            files[name] = hashlib.sha256(_ledger_aside(path)).hexdigest()
    return State(files, _events(folder / "台账" / "线索台账.sqlite"))


def _ledger_aside(path: Path) -> bytes:
    """Without the hash of the ledger that the run read: after a kill it holds what the first try noted."""
    data = path.read_bytes()
    return re.sub(rb'"ledger": "[0-9a-f]*"', b"", data) if path.name == "run.json" else data


def _events(ledger: Path) -> list[tuple[object, ...]]:
    """Without clock: kind, number, direction, part, body; of a copy, since opening takes back what was not finished."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / ledger.name
        for path in ledger.parent.glob(f"{ledger.name}*"):
            shutil.copy(path, copy.with_name(path.name))
        with closing(sqlite3.connect(copy)) as con:
            return con.execute("select kind, clue_id, direction, part, body from event order by seq").fetchall()


def names_persons(path: Path) -> bool:
    """Whether somebody of the county is to be read in a file: as text, or inside a zip."""
    data = path.read_bytes()
    parts = [data]
    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                parts += [package.read(name) for name in package.namelist()]
        except zipfile.BadZipFile:
            pass
    return any(secret.encode() in part for secret in SECRETS for part in parts)
