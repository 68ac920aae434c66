"""Sizes -> generated counties on disk; made once per folder, found again by a stamp file."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import command

STAMP = "made.txt"
REGISTER = "监测对象信息"


@dataclass(frozen=True)
class Size:
    """``register``: csv, parquet or xlsx, the form of the big household register."""

    label: str
    households: int
    persons: int
    parties: int
    register: str


SIZES = {
    "xlsx": Size("县(一万户,名册为 xlsx)", 10_000, 40_000, 800, "xlsx"),
    "county": Size("县", 50_000, 200_000, 4_000, "csv"),
    "prefecture": Size("市", 500_000, 2_000_000, 40_000, "parquet"),
}


def made(size: Size, folder: Path) -> Path:
    """The folder with the files of a size; generated when it is not there or was made differently."""
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text("utf-8") == repr(size):
        return folder / "input"
    shutil.rmtree(folder, ignore_errors=True)
    line = ["--bulk", "--out", str(folder / "input"), "--households", str(size.households)]
    line += ["--persons", str(size.persons), "--parties", str(size.parties)]
    if size.register == "parquet":
        line.append("--parquet")
    command([sys.executable, "-m", "sample_data.generator", *line])
    if size.register == "xlsx":
        command([sys.executable, "-m", "benchmarks.data", str(folder / "input")])
    stamp.write_text(repr(size), "utf-8")
    return folder / "input"


def register_as_xlsx(folder: Path) -> None:
    """Turn the register of a folder from csv into xlsx, all cells text."""
    import csv

    import xlsxwriter

    source = folder / f"{REGISTER}.csv"
    book = xlsxwriter.Workbook(folder / f"{REGISTER}.xlsx", {"constant_memory": True, "strings_to_numbers": False})
    sheet = book.add_worksheet("Sheet1")
    with source.open(encoding="utf-8-sig", newline="") as lines:
        for row_no, row in enumerate(csv.reader(lines)):
            sheet.write_row(row_no, 0, row)
    book.close()
    source.unlink()


if __name__ == "__main__":
    register_as_xlsx(Path(sys.argv[1]))
