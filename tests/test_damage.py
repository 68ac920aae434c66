"""Exports damaged in every way we know: all rows accounted for, and no typed value other than the undamaged one.

Each kind of damage is done to some of seven sample exports. A value may be missing afterwards (NULL, with an issue that
says so); it may never be another one.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import xlrd
from damage_files import write
from damages import DAMAGES, NEEDS, Export
from openpyxl import load_workbook

from clue_engine.ingest.cells import render
from clue_engine.ingest.clean import clean
from clue_engine.ingest.header import heading_key
from clue_engine.ingest.load import ingest
from clue_engine.ingest.regular import says_nothing, trimmed
from clue_engine.pack.model import Source
from clue_engine.pack.sources import load_layouts
from clue_engine.values.text import compact
from clue_engine.workspace import Workspace

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_data" / "input"
LAYOUTS = load_layouts(ROOT / "rules")
SOURCES = {source.id: source for source in LAYOUTS.sources}
N_ROWS = 24
# name -> file, header row, source, record kind, the field whose text names the row, the columns taken
BASES = {
    "被害人": (
        "刑事案件被害人信息.xlsx", 2, "victim_list", "victim", "victim_no",
        "case_no victim_no name id birth domicile phone injury disability dead loss pay_state paid settled note",
    ),
    "监测": (
        "（自定义）监测对象信息 (7).xlsx", 3, "monitoring_custom", "registry", "person_no",
        "household_no person_no name id birth relation village labour monitoring_kind risks risk_removed "
        "identified_on income income_pc",
    ),
    "公诉": (
        "一审公诉案件020101表1行19列受理合计（人）.csv", 1, "prosecution_card", "case", "suspect_no",
        "case_no suspect_no suspect_name suspect_id birth accepted_on charges outcome closed_on loss recovered "
        "is_organization summary",
    ),
    "低保": (
        "农村低保备案表.xls", 4, "dibao_list", "listing", "name", "name id head_name head_id town village since level",
    ),
    "特困": (
        "城乡特困人员备案表.xlsx", 3, "tekun_list", "listing", "name", "name id sex town village since",
    ),
    "救助": (
        "司法救助台账.csv", 1, "judicial_aid_ledger", "aid", "origin_case_no",
        "organ applicant_name applicant_id relation origin_case_no cause amount paid_on note",
    ),
    "执行": (
        "法院执行案件.csv", 1, "enforcement", "enforcement", "enforcement_no",
        "enforcement_no origin_no applicant_name applicant_id respondent_name cause filed_on claimed executed closing "
        "closed_on note",
    ),
}  # fmt: skip
MAY_BE_REFUSED = {
    "parquet截断",
    "parquet尾部",
    "截断一半",
    "尾部乱码",
    "混入GBK行",
    "尾部NUL",
    "xlsx截断",
    "少七成列",
    "多十格",
    # two columns of money that differ on every row: nobody can tell which holds (CE-F18); it was every row's value
    "多一列同名不同",
    "表头两列同名",
}
ASIDE = ("_kind", "_partial", "_note", "_flag", "_cert_level", "_cert_kind")  # said about a value, no values themselves


def _grid(name: str, header_row: int) -> list[list[str]]:
    path = SAMPLES / name
    if path.suffix == ".csv":
        encoding = "utf-8-sig" if path.read_bytes().startswith(codecs.BOM_UTF8) else "gb18030"
        with path.open(encoding=encoding, newline="") as stream:
            return list(csv.reader(stream))[: header_row + N_ROWS]
    if path.suffix == ".xls":
        sheet = xlrd.open_workbook(str(path)).sheet_by_index(0)
        rows = [[render(c) for c in sheet.row_values(i)] for i in range(min(sheet.nrows, header_row + N_ROWS))]
        return [*rows[: header_row - 1], _joined(*rows[header_row - 2 : header_row]), *rows[header_row:]]
    sheet = load_workbook(path, read_only=True).worksheets[0]
    sheet.reset_dimensions()
    cells = sheet.iter_rows(max_row=header_row + N_ROWS, values_only=True)
    rows = [["" if c is None else str(c) for c in row] for row in cells]
    width = len(rows[header_row - 1])
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    """One row of a header of two."""
    for i in range(1, len(upper)):
        upper[i] = upper[i] or (upper[i - 1] if lower[i] else "")
    return [f"{u}/{lo}" if lo else u for u, lo in zip(upper, lower, strict=True)]


def _more(rows: list[list[str]], key: int) -> list[list[str]]:
    """A list of a few rows made longer: the same rows under other keys."""
    if len(rows) >= 12:
        return rows
    signs = "甲乙丙丁戊己庚辛壬癸子丑"
    return [[*row[:key], row[key] + signs[n], *row[key + 1 :]] for n in range(12 // len(rows)) for row in rows]


@lru_cache
def base(name: str) -> Export:
    """A sample export without damage, with the type of each column."""
    file, header_row, source_id, kind, key, wanted = BASES[name]
    grid = _grid(file, header_row)
    types = {f"{k.name}.{f.name}": f.type for k in LAYOUTS.records.values() for f in k.fields}
    columns = {heading_key(h)[0]: c.fields for c in SOURCES[source_id].columns for h in c.headers}
    targets = {f"{kind}.{field}" for field in wanted.split()}
    taken = [i for i, h in enumerate(grid[header_row - 1]) if targets & set(columns.get(heading_key(h)[0], ()))]
    grid = [[row[i] for i in taken] for row in grid[header_row - 1 :]]
    head = [h.replace("\n", "") for h in grid.pop(0)]
    fields = [columns[heading_key(h)[0]] for h in head]
    kinds = ["key" if f"{kind}.{key}" in f else types[f[0]] if f else "" for f in fields]
    grid = _more(grid, kinds.index("key"))
    rows = {row[kinds.index("key")]: row for row in reversed(grid)}  # each key once
    return Export(head, list(reversed(rows.values())), kinds)


def _applies(name: str, damage: str) -> bool:
    if (name, damage) == ("救助", "表头不认识一个"):
        return False  # without 救助机关 it is another list: the one of our own office
    kind, n = NEEDS.get(damage, ("", 0))
    return base(name).kinds.count(kind) >= n


def damaged(name: str, damage: str) -> Export:
    export = DAMAGES[damage](base(name), random.Random(f"{name} {damage}"))
    if damage == "表头别名":
        export = replace(export, head=_aliases(export.head, SOURCES[BASES[name][2]]))
    return export


def _aliases(head: list[str], source: Source) -> list[str]:
    """Every heading as another spelling that the source names, with its unit."""
    result = []
    for heading in head:
        key, unit = heading_key(heading)
        column = next((c for c in source.columns if key in {heading_key(h)[0] for h in c.headers}), None)
        others = [h for h in column.headers if heading_key(h)[0] != key] if column else []
        result.append(others[0] + (f"（{unit}）" if unit else "") if others and others[0] not in result else heading)
    return result


# Every damage to the first table and to one of the others.
CASES = [
    (name, number, damage)
    for nth, name in enumerate(BASES)
    for number, damage in enumerate(DAMAGES)
    if (nth == 0 or number % 6 == nth % 3 + 3 * (nth > 3)) and _applies(name, damage)
]


@dataclass(frozen=True)
class Loaded:
    """What became of one file: None as ``file_id`` when it was refused with ``code``."""

    file_id: int | None
    code: str
    rows: Mapping[tuple[str, int], Mapping[str, Any]]


@dataclass(frozen=True)
class World:
    ws: Workspace
    files: Mapping[str, Loaded]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All damaged files, loaded at once."""
    folder = tmp_path_factory.mktemp("damage")
    for name in BASES:
        write(base(name), folder, f"{name}-#")
    for name, number, damage in CASES:
        write(damaged(name, damage), folder, f"{name}-{number}")
    with Workspace.open(folder / "w") as ws:
        files_in = sorted(path for path in folder.iterdir() if path.is_file())
        report = ingest(ws, LAYOUTS.sources, files_in, records=LAYOUTS.records)
        refused = {e.place: e.code for e in clean(ws, LAYOUTS)}
        files: dict[str, Loaded] = {}
        for entry in report.files:
            stem = Path(entry.name).stem
            if (place := f"{entry.name} {entry.sheet}".rstrip()) in refused:
                files[stem] = Loaded(None, refused[place], {})
                continue
            name = stem.partition("-")[0]
            if entry.status == "loaded" and entry.file_id is not None:
                files[stem] = Loaded(entry.file_id, "", _rows(ws, name, entry.file_id))
            elif entry.status == "refused":
                files.setdefault(stem, Loaded(None, entry.reason.partition(" ")[0], {}))
            elif entry.reason.startswith("与 ") and not entry.sheet:  # same bytes as another file: nothing was damaged
                files.setdefault(stem, Loaded(None, "SAME", {}))
        yield World(ws, files)


def _rows(ws: Workspace, name: str, file_id: int) -> dict[tuple[str, int], Mapping[str, Any]]:
    kind, key = BASES[name][3:5]
    cursor = ws.con.execute(f"select * from rec_{kind} where file_id = ? order by row_no, part_no", [file_id])
    names = [d[0] for d in cursor.description or []]
    rows = {}
    for values in cursor.fetchall():
        row = dict(zip(names, values, strict=True))
        rows[(str(row[key]), int(row["part_no"]))] = row
    return rows


@pytest.mark.parametrize(("name", "number", "damage"), CASES, ids=[f"{n}-{d}" for n, _, d in CASES])
def test_damage(world: World, name: str, number: int, damage: str) -> None:
    good, found = world.files[f"{name}-#"], world.files.get(f"{name}-{number}")
    assert found is not None, "file vanished"
    if found.file_id is None:
        assert found.code == "SAME" or (damage in MAY_BE_REFUSED and found.code.startswith("CE-")), found.code
        return
    _accounted(world.ws, found.file_id)
    wrong = [text for key, row in found.rows.items() for text in _wrong(world.ws, found, good, key, row, name)]
    assert wrong == []
    lost = [key for key in good.rows if key not in found.rows]
    rejected = world.ws.rows(
        "select count(*) from reject where file_id = ? and code not in ('TITLE', 'EMPTY', 'HEADER')", [found.file_id]
    )
    assert len({row for row, _ in lost}) <= rejected[0][0] or damage == "截断一半"


def _accounted(ws: Workspace, file_id: int) -> None:
    """Loaded + rejected = read, each row once: in the record table or among the rejects."""
    ((n_read, n_loaded, n_rejected),) = ws.rows(
        "select n_read, n_loaded, n_rejected from input_file where file_id = ?", [file_id]
    )
    assert n_loaded + n_rejected == n_read
    assert ws.rows("select count(*), count(distinct row_no) from reject where file_id = ?", [file_id]) == [
        (n_rejected, n_rejected)
    ]
    kind = ws.rows("select kind from record_column where file_id = ? limit 1", [file_id])[0][0]
    assert ws.rows(f"select count(distinct row_no) from rec_{kind} where file_id = ?", [file_id]) == [(n_loaded,)]


def _wrong(
    ws: Workspace, found: Loaded, good: Loaded, key: tuple[str, int], row: Mapping[str, Any], name: str
) -> Iterator[str]:
    """Each value that is neither the undamaged one nor missing with a reason."""
    if key not in good.rows:
        yield f"row {key[1]} has a key that no undamaged row has"
        return
    was = good.rows[key]
    for field, value in row.items():
        if field in ("source_id", "file_id", "row_no", "part_no") or field.endswith(ASIDE):
            continue
        if _same(value, was[field]) or (isinstance(value, dt.date) and _wider(field, row, was)):
            continue
        if value is not None:
            yield f"{field} of {key} is another value"
        elif not _told(ws, found, row, field, name):
            yield f"{field} of {key} is gone without a word"


def _same(value: object, was: object) -> bool:
    """Equal; free text may keep its width and its blanks."""
    if isinstance(value, str) and isinstance(was, str):
        return compact(value) == compact(was)
    return value == was


def _wider(field: str, row: Mapping[str, Any], was: Mapping[str, Any]) -> bool:
    """A month in place of a day holds that day."""
    stem = field[:-3]
    low, high, day = row[f"{stem}_lo"], row[f"{stem}_hi"], was[f"{stem}_lo"]
    return day is not None and low <= day <= high and (high - low).days < 31


def _told(ws: Workspace, found: Loaded, row: Mapping[str, Any], field: str, name: str) -> bool:
    """An issue names the cell, or its column is not in this file, or the cell itself says nothing."""
    target = f"{BASES[name][3]}.{field.removesuffix('_lo').removesuffix('_hi')}"
    columns = [
        (position, header)
        for position, header, number in ws.rows(
            "select position, header, column_no from raw_column where file_id = ?", [found.file_id]
        )
        if number is not None and target in SOURCES[_source(ws, found)].columns[number].fields
    ]
    if not columns:
        return True
    headers = [header for _, header in columns]
    if ws.rows(
        "select 1 from issue where file_id = ? and row_no = ? and list_contains(?, column_name)",
        [found.file_id, row["row_no"], headers],
    ):
        return True
    empty = " and ".join(says_nothing(trimmed(f"c{position}")) for position, _ in columns)
    return bool(ws.rows(f"select 1 from raw_{found.file_id} where row_no = ? and {empty}", [row["row_no"]]))


def _source(ws: Workspace, found: Loaded) -> str:
    return str(ws.rows("select source_id from input_file where file_id = ?", [found.file_id])[0][0])


def test_enough_kinds_of_damage() -> None:
    assert len(DAMAGES) >= 60


def test_five_encodings_of_one_table_are_one_table(tmp_path: Path) -> None:
    found: dict[str, list[tuple[int, str]]] = {}
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"):
        folder = tmp_path / encoding
        folder.mkdir()
        for name in BASES:
            plain = [[c.encode("gbk", "ignore").decode("gbk") for c in row] for row in base(name).rows]
            write(replace(base(name), encoding=encoding, rows=plain), folder, name)
        with Workspace.open(tmp_path / f"w-{encoding}") as ws:
            report = ingest(ws, LAYOUTS.sources, sorted(folder.iterdir()), records=LAYOUTS.records)
            clean(ws, LAYOUTS)
            for file in report.files:
                name = Path(file.name).stem
                table = f"(from rec_{BASES[name][3]} where file_id = {file.file_id}) as t"
                whole = "md5(string_agg(t::varchar, '|' order by row_no, part_no))"
                found.setdefault(name, []).extend(ws.rows(f"select count(*), {whole} from {table}"))
    assert found.keys() == BASES.keys()
    for name, tables in found.items():
        assert tables[0][0] >= len(base(name).rows) and len(tables) == 5 and len(set(tables)) == 1, name
