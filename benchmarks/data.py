"""Sizes -> generated counties on disk; made once per folder, found again by a stamp file."""

from __future__ import annotations

import csv
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import command

STAMP = "made.txt"
REGISTER = "监测对象信息"
CARDS = ("审查逮捕案件010101表1行4列受理合计（人）", "一审公诉案件020101表1行19列受理合计（人）", "法院执行案件")
ROWS_OF_COUNTY = 200_000


@dataclass(frozen=True)
class Size:
    """``form``: office (as offices send them: case cards csv, the rest xlsx), csv, or parquet (registers; rest csv)."""

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
    "county": Size("县", 50_000, 200_000, 4_000, "office"),
    "csv": Size("县（各表全为 csv）", 50_000, 200_000, 4_000, "csv"),
    "prefecture": Size("市（十份名册）", 500_000, 2_000_000, 40_000, "office"),
    "parquet": Size("市（名册为 parquet）", 500_000, 2_000_000, 40_000, "parquet"),
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
    if size.form == "office":
        parts = [p for f in sorted((folder / "input").glob("*.csv")) if f.stem not in CARDS for p in county_parts(f)]
        to_xlsx(parts)
    stamp.write_text(repr(size), "utf-8")
    return folder / "input"


def county_parts(path: Path) -> list[Path]:
    """A register of several counties as one file a county, none of them with half a household; others as they are."""
    if path.stem != REGISTER:
        return [path]
    parts: list[Path] = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(lines)
        head = next(rows)
        number = head.index("户编号")
        last, n, out = "", ROWS_OF_COUNTY, None
        for row in rows:
            if n >= ROWS_OF_COUNTY and row[number] != last:
                if out is not None:
                    out.close()
                parts.append(path.with_name(f"（自定义）{REGISTER} ({len(parts) + 1}).csv"))
                out = parts[-1].open("w", encoding="utf-8-sig", newline="")
                writer = csv.writer(out)
                writer.writerow(head)
                n = 0
            writer.writerow(row)
            last, n = row[number], n + 1
        if out is not None:
            out.close()
    path.unlink()
    return parts


def to_xlsx(files: list[Path]) -> None:
    """Turn csv files into xlsx, one process a file: each takes more memory than anything that is measured."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda f: command([sys.executable, "-m", "benchmarks.data", str(f)]), files))


def made_table(load: Load, folder: Path) -> Path:
    """The folder with the one register of a load, cut or padded (with columns that no source knows) to its width."""
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
            row = row[: load.columns]
            more = load.columns - len(row)
            writer.writerow([*row, *(f"备用{i}" if row_no == 0 else f"{row_no * i % 997}" for i in range(1, more + 1))])
    shutil.rmtree(folder / "county")
    if load.form == "xlsx":
        to_xlsx([padded])
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


if __name__ == "__main__":
    as_xlsx(Path(sys.argv[1]))
