"""What is told about the inputs: filled, unreadable, seen and doubled; every reason of a row with advice, no value."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from clue_engine.export.quality import FileQuality, file_quality, values_said
from clue_engine.export.rejects import ADVICE, write_rejects
from clue_engine.ingest.clean import clean
from clue_engine.ingest.issues import DETAILS
from clue_engine.ingest.land import REASONS
from clue_engine.ingest.load import ingest
from clue_engine.pack.load import load_pack
from clue_engine.workspace import Workspace

PACK = load_pack(Path(__file__).parent.parent / "rules")
LINES = [
    "部门受案号,被害人姓名,证件号码,伤情等级,损失数额（元）,不认识的列",
    "1号,甲,529921196003070011,轻伤二级,100,x",
    "1号,甲,529921196003070011,轻伤二级,100,x",
    "2号,乙,5.29921E+17,重伤二级,很多,",
    "3号,丙,529921196003070012,怪词,,",
    "4号,丁,,怪词,,",
    "5号,戊,529921********0015,怪词,,",
    "6号,己,,张某某,,",
    "7号,庚,,被邻居打伤后一直在县医院住院治疗，至今没有结果,,",
    "8号,辛,,多次到医院看病，花了不少钱，说不清伤得怎样,,",
    "合计,,,,200,",
    "9,x",
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("quality")
    (folder / "被害人.csv").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04")
    with Workspace.open(folder / "ws") as ws:
        ingest(ws, PACK.sources, [folder / "被害人.csv", folder / "坏.xlsx"], records=PACK.records)
        clean(ws, PACK)
        n_rejected = write_rejects(folder, ws, dt.date(2025, 6, 30))
        yield folder, file_quality(ws, PACK), n_rejected


def test_columns_tell_what_they_hold(found: tuple[Path, list[FileQuality], int]) -> None:
    loaded = found[1][0]
    assert (loaded.n_read, loaded.n_loaded, loaded.n_rejected, loaded.n_duplicates) == (11, 9, 2, 1)
    columns = {c.header: c for c in loaded.columns}
    assert (columns["证件号码"].n_filled, columns["证件号码"].n_rows, columns["证件号码"].n_invalid) == (5, 9, 3)
    assert columns["证件号码"].seen == (("空", 4), ("有效", 2), ("有遮盖", 1), ("末位丢失", 1), ("校验不符", 1))
    assert values_said(columns["伤情等级"]) == "轻伤二级 2、重伤二级 1；代码表没有：怪词 3"  # a name once is not shown
    assert columns["损失数额（元）"].n_invalid == 1
    assert [f.status for f in found[1]] == ["loaded", "refused"]


def test_every_reason_stands_in_both_lists(found: tuple[Path, list[FileQuality], int]) -> None:
    folder, _, n_rejected = found
    with (folder / "rejects.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert n_rejected == 2
    assert [(r["行号"], r["代码"]) for r in rows] == [
        ("", "COLUMN_UNKNOWN"),
        ("", "CODE_PROSE"),  # sentences under a heading of codes: once, not cell by cell
        ("4", "MONEY_UNREADABLE"),
        ("4", "ID_PRECISION_LOST"),
        ("5", "CODE_UNKNOWN"),
        ("5", "ID_CHECKSUM"),
        ("6", "CODE_UNKNOWN"),
        ("6", "ID_MISSING"),
        ("7", "CODE_UNKNOWN"),
        ("7", "ID_MASKED"),
        ("8", "CODE_UNKNOWN"),
        ("8", "ID_MISSING"),
        ("9", "ID_MISSING"),
        ("10", "ID_MISSING"),
        ("11", "FOOTER"),
        ("12", "RAGGED"),
        ("", "CE-F01"),
    ]
    assert all(row["建议"] for row in rows)
    assert rows[1]["原因"] == "写的是成段的话，不是取值，按备注听其中可能的事实：2 格"
    text = (folder / "rejects.csv").read_text(encoding="utf-8-sig")
    assert not re.search(r"\d{12}", text) and "张某某" not in text and "甲" not in text
    sheet = openpyxl.load_workbook(folder / "rejects.xlsx").active
    assert sheet is not None
    assert [[str(v or "") for v in row] for row in sheet.iter_rows(min_row=2, values_only=True)] == [
        list(row.values()) for row in rows
    ]
    assert sorted(p.name for p in folder.iterdir()) == ["rejects.csv", "rejects.xlsx", "ws", "坏.xlsx", "被害人.csv"]


def test_every_code_has_advice() -> None:
    assert set(REASONS) | set(DETAILS) <= set(ADVICE)
