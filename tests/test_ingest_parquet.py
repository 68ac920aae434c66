"""Parquet files: every type as text, dates of the Chinese day, damage refused."""

from __future__ import annotations

import datetime as dt
import decimal
import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

SOURCES = load_layouts(Path(__file__).parent.parent / "rules").sources
HEAD = {"部门受案号": [f"某院诉受[2024]{i}号" for i in range(9)], "被害人姓名": [f"甲某{i}" for i in range(9)]}
DAY = dt.datetime(1980, 3, 1)


def parquet(**more: pa.Array) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({**HEAD, **more}), stream, row_group_size=4)
    return stream.getvalue()


def load(folder: Path, content: bytes, column: int = 3) -> tuple[str, str]:
    """The status or code of the file, and the text of a cell of its first row."""
    (folder / "表.parquet").write_bytes(content)
    with Workspace.open(folder / "w") as ws:
        (entry,) = ingest(ws, SOURCES, [folder / "表.parquet"]).files
        if entry.status != "loaded":
            return entry.reason.partition(" ")[0], ""
        assert (entry.n_read, entry.n_loaded) == (9, 9)
        return entry.status, ws.rows(f"select c{column} from raw_1 where row_no = 2")[0][0]


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (pa.array([DAY.replace(tzinfo=ZoneInfo("Asia/Shanghai"))] * 9), "1980-03-01 00:00:00"),
        (pa.array([DAY] * 9, pa.timestamp("ns")), "1980-03-01 00:00:00"),
        (pa.array([DAY.date()] * 9), "1980-03-01"),
        (pa.array([decimal.Decimal("1.50")] * 9), "1.50"),
        (pa.array([529921199003070014] * 9), "529921199003070014"),
        (pa.array(["a"] * 9).dictionary_encode(), "a"),
        (pa.array([None] * 9, pa.string()), ""),
        (pa.nulls(9), ""),
        (pa.array([[1, 2]] * 9), "[1, 2]"),
        (pa.array([{"a": [1]}] * 9), "{'a': [1]}"),
    ],
)
def test_a_column_of_any_type_is_text(tmp_path: Path, cells: pa.Array, text: str) -> None:
    assert load(tmp_path, parquet(备注=cells)) == ("loaded", text)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (parquet()[:-20], "CE-F01"),
        (parquet()[:300], "CE-F01"),
        (parquet()[:200] + parquet()[-8:], "CE-F01"),
        (b"PAR1" + bytes(40) + b"PAR1", "CE-F01"),
        (parquet(**{f"列{i}": pa.nulls(9) for i in range(2001)}), "CE-F16"),
    ],
)
def test_damage_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert load(tmp_path, content) == (code, "")
