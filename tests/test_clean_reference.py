"""Whole cleaning, SQL and all, against the reference functions: every cell of every type, whatever stands in it."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from clue_engine.ingest.clean import clean
from clue_engine.ingest.layout import Feed, FileColumn
from clue_engine.ingest.load import ingest
from clue_engine.ingest.readings import SHAPES, reader
from clue_engine.pack.sources import load_layouts
from clue_engine.values.identity import check_digit
from clue_engine.values.text import cell_text
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
SOURCE = next(s for s in LAYOUTS.sources if s.id == "victim_list")
N = 300
# heading -> what its cells are made of; pieces are put together at random, blanks around them
CELLS = {
    "被害人姓名": ["甲", "某", "·", "•", "阿依", "（户主）", "等3人", "先生", "　", "不详", "X"],
    "出生日期": ["2024", "-", "/", "年", "1", "月", "30", "日", "02", "45296", "二〇", "00:00:00", "0000", "至今", "."],
    "户籍所在地": ["某县", "某乡", " ", "/", "不详", "1.1E+17", "，", "'"],
    "联系电话": ["199", "0000", "1234", "-", "+86", "无", "0851", "."],
    "伤情等级": ["重伤", "轻伤", "二级", "Ⅱ级", "（", "）", "2级", "死亡", "无", "不", "微"],
    "损失数额（万元）": ["1", "2.5", "499", "500", ",", "万", "元", "约", "余", "三", "-", "nan", "1e5", "0x10", "无"],
    "是否死亡": ["是", "否", "1", "0", "√", "有", "无", "不详", "死亡", "Y"],
    "赔偿情况": ["已", "未", "赔偿", "部分", "足额", "无", "到位", "（", "）", "不详"],
    "部门受案号": ["某院诉受", "[", "〔", "2024", "]", "〕", "5299", "号", "E+1", " ", "a"],
}


def _cell(rng: random.Random, pieces: list[str]) -> str:
    text = "".join(rng.choice(pieces) for _ in range(rng.choice((0, 1, 1, 2, 3, 4))))
    return rng.choice(("", "", " ", "\t", "'", "\u00a0")) + text + rng.choice(("", "", " ", "　"))


def _number(rng: random.Random) -> str:
    first = f"529921{rng.randint(1940, 2015)}{rng.randint(1, 13):02d}{rng.randint(1, 31):02d}{rng.randint(0, 999):03d}"
    whole = first + rng.choice((check_digit(first), "X", "0"))
    forms = (
        whole,
        whole.lower(),
        whole + "43",
        whole[:6] + "*" * 8 + whole[14:],
        f"{whole[:6]} {whole[6:]}",
        whole[:17],
    )
    return rng.choice((*forms, whole, whole[:6] + whole[8:17], "'" + whole, "E1234567", "无", ""))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, list[str]], list[dict[str, object]]]:
    """The cells by heading, and the record rows in the same order."""
    folder = tmp_path_factory.mktemp("reference")
    rng = random.Random(20260101)
    cells = {heading: [_cell(rng, pieces) for _ in range(N)] for heading, pieces in CELLS.items()}
    cells["证件号码"] = [_number(rng) for _ in range(N)]
    cells["被害人编号"] = [f"B{i}" for i in range(N)]
    with (folder / "表.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(cells)
        writer.writerows(zip(*cells.values(), strict=True))
    with Workspace.open(folder / "w") as ws:
        ingest(ws, LAYOUTS.sources, [folder / "表.csv"])
        clean(ws, LAYOUTS)
        cursor = ws.con.execute("select * from rec_victim order by row_no, part_no")
        names = [d[0] for d in cursor.description or []]
        return cells, [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize("heading", [*CELLS, "证件号码"])
def test_cells_are_read_as_the_reference_reads_them(
    world: tuple[dict[str, list[str]], list[dict[str, object]]], heading: str
) -> None:
    cells, rows = world
    number = next(i for i, c in enumerate(SOURCE.columns) if heading.partition("（")[0] in c.headers)
    column = SOURCE.columns[number]
    name = column.fields[0].partition(".")[2]
    field = next(f for f in LAYOUTS.records["victim"].fields if f.name == name)
    feed = Feed(field, ((FileColumn(1, heading, "万元", number),),), (column,), None, False)
    read = reader(feed, LAYOUTS.codes, 499.0) if field.type != "text" else None
    assert len(rows) > N * 0.9
    for row in rows:
        text = cells[heading][int(str(row["victim_no"])[1:])]
        found = tuple(row[name + suffix] for suffix, _ in SHAPES[field.type].columns)
        if read is None:
            said = cell_text(text)
            assert found[0] == (None if said and said.rstrip("'") == "1.1E+17" else said), repr(text)
        else:
            expected, _ = read(text)
            assert list(found) == pytest.approx(list(expected)) if field.type == "money" else found == expected, repr(
                text
            )
