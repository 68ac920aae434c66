"""One field in several columns: by year the newest that is over, never a part of a year; codes written before words."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from clue_engine.errors import ClueError
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
IDS = ["529921197001011231", "529921199001010078", "529952196607107094"]
PERSONS = {
    "户编码": ["5299211082010105", "5299211082010106", "5299211082010107"],
    "成员姓名": ["张甲", "李乙", "王丙"],
    "成员证件号码": IDS,
    "与户主关系": ["01-户主", "01-户主", "01-户主"],
}
YEARS = {
    "2023年人均纯收入": ["9000", "9100", "9200"],
    "2025年人均纯收入": ["5000", "5100", "5200"],
    "2024年人均纯收入": ["7000", "7100", "7200"],
}
PART = {"2026年1-4月合规自付": ["100", "0", "50"], "2025年合规自付": ["8000", "0", "60"]}


def read(folder: Path, name: str, columns: dict[str, list[str]]) -> tuple[dict[str, str | None], list[tuple[str, str]]]:
    """Field by heading, issues of columns."""
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([list(columns), *zip(*columns.values(), strict=True)])
    with Workspace.open(folder / "ws") as ws:
        report = ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records)
        errors: list[ClueError] = [*report.errors, *clean(ws, LAYOUTS)]
        assert errors == []
        told = ws.rows("select column_name, code from issue where code like 'COLUMN%' order by all")
        return dict(ws.rows("select header, field from raw_column")), told


@pytest.mark.parametrize(
    ("name", "columns", "used", "put_aside"),
    [
        ("监测对象_20260515.csv", YEARS, "2025年人均纯收入", "2023年人均纯收入 2024年人均纯收入"),
        ("监测对象_20250515.csv", YEARS, "2024年人均纯收入", "2023年人均纯收入 2025年人均纯收入"),
        ("监测对象.csv", YEARS, "2025年人均纯收入", "2023年人均纯收入 2024年人均纯收入"),
        ("监测对象_20260515.csv", PART, "2025年合规自付", "2026年1-4月合规自付"),
        ("监测对象.csv", {"合规自付(1-4月)": ["100", "0", "50"]}, "", "合规自付(1-4月)"),
        ("监测对象.csv", {"2026年一季度人均纯收入": ["900", "910", "950"]}, "", "2026年一季度人均纯收入"),
    ],
)
def test_the_newest_full_year(
    tmp_path: Path, name: str, columns: dict[str, list[str]], used: str, put_aside: str
) -> None:
    fields, told = read(tmp_path, name, PERSONS | columns)
    assert [header for header in columns if fields[header]] == ([used] if used else [])
    assert [h for h, code in told if code in ("COLUMN_OLDER", "COLUMN_DOUBTFUL")] == put_aside.split()
    older = {code for h, code in told if h in put_aside.split()}
    assert older == ({"COLUMN_OLDER"} if columns is YEARS else {"COLUMN_DOUBTFUL"})


def test_codes_before_the_words(tmp_path: Path) -> None:
    written = {
        "监测对象类别代码": ["03-突发严重困难户", "00-非监测", "01-脱贫不稳定户"],
        "风险消除标识": ["0-未消除", "", "1-已消除"],
        "户类型代码": ["01-一般户", "02-脱贫户", "02-脱贫户"],
        "低保特困标识": ["01-农村低保", "00-无", "02-特困供养"],
    }
    read(tmp_path, "监测对象.csv", PERSONS | written)
    with Workspace.open(tmp_path / "ws") as ws:
        found = ws.rows(
            "select relation, monitoring_kind, risk_removed, household_type, dibao, tekun from rec_registry"
            " order by row_no"
        )
        assert ws.rows("select code from issue where code = 'CODE_UNKNOWN'") == []
    assert found == [
        ("户主", "突发严重困难户", False, "一般农户", "农村低保", None),
        ("户主", "未纳入", None, "脱贫户", "未享受", "不享受"),
        ("户主", "脱贫不稳定户", True, "脱贫户", None, "农村特困"),
    ]
