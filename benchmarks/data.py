"""Sizes -> generated counties on disk; made once per folder, found again by a stamp file."""

from __future__ import annotations

import csv
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import command

STAMP = "made.txt"
REGISTER = "监测对象信息"


@dataclass(frozen=True)
class Size:
    """``form``: csv, parquet (the household register, the rest csv), or xlsx (every file)."""

    label: str
    households: int
    persons: int
    parties: int
    form: str


@dataclass(frozen=True)
class Load:
    """One table to load: the household register with ``columns`` columns, as csv or xlsx."""

    label: str
    rows: int
    columns: int
    form: str


SIZES = {
    "county": Size("县（各表为 csv）", 50_000, 200_000, 4_000, "csv"),
    "xlsx": Size("县（各表为 xlsx）", 50_000, 200_000, 4_000, "xlsx"),
    "prefecture": Size("市（名册为 parquet）", 500_000, 2_000_000, 40_000, "parquet"),
}

LOADS = {
    "csv": Load("csv，100 万行 × 30 列", 1_000_000, 30, "csv"),
    "xlsx": Load("xlsx，20 万行 × 60 列", 200_000, 60, "xlsx"),
}


def made(size: Size, folder: Path) -> Path:
    """The folder with the files of a size; generated when it is not there or was made differently."""
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text("utf-8") == repr(size):
        return folder / "input"
    shutil.rmtree(folder, ignore_errors=True)
    line = ["--bulk", "--out", str(folder / "input"), "--households", str(size.households)]
    line += ["--persons", str(size.persons), "--parties", str(size.parties)]
    if size.form == "parquet":
        line.append("--parquet")
    command([sys.executable, "-m", "sample_data.generator", *line])
    if size.form == "xlsx":
        command([sys.executable, "-m", "benchmarks.data", *map(str, sorted((folder / "input").glob("*.csv")))])
    stamp.write_text(repr(size), "utf-8")
    return folder / "input"


def made_table(load: Load, folder: Path) -> Path:
    """The folder with the one register of a load, padded with columns that no source knows."""
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text("utf-8") == repr(load):
        return folder / "input"
    shutil.rmtree(folder, ignore_errors=True)
    size = Size("", load.rows // 4, load.rows, 100, "csv")
    path = made(size, folder / "county") / f"{REGISTER}.csv"
    (folder / "input").mkdir()
    padded = folder / "input" / path.name
    with (
        path.open(encoding="utf-8-sig", newline="") as lines,
        padded.open("w", encoding="utf-8-sig", newline="") as out,
    ):
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        for row_no, row in enumerate(csv.reader(lines)):
            more = load.columns - len(row)
            writer.writerow([*row, *(f"备用{i}" if row_no == 0 else f"{row_no * i % 997}" for i in range(1, more + 1))])
    shutil.rmtree(folder / "county")
    if load.form == "xlsx":
        command([sys.executable, "-m", "benchmarks.data", str(padded)])
    stamp.write_text(repr(load), "utf-8")
    return folder / "input"


def as_xlsx(source: Path) -> None:
    """Turn a csv into xlsx with shared strings, all cells text, as the business systems write it."""
    import xlsxwriter

    book = xlsxwriter.Workbook(source.with_suffix(".xlsx"))
    sheet = book.add_worksheet("Sheet1")
    with source.open(encoding="utf-8-sig", newline="") as lines:
        for row_no, row in enumerate(csv.reader(lines)):
            for place, cell in enumerate(row):
                if cell:
                    sheet.write_string(row_no, place, cell)
    book.close()
    source.unlink()


if __name__ == "__main__":  # in a process of its own: it takes more memory than anything that is measured
    for name in sys.argv[1:]:
        as_xlsx(Path(name))
