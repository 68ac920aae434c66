"""Records with a cell more than their header: no amount is cut in two without a word, by none of the readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.ingest.long_rows import LongRows
from clue_engine.ingest.report import FileReport
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
HEADER = "部门受案号,被害人姓名,证件号码,损失数额（元）,已获赔偿金额（元）,备注"
RIGHT = [f"a{n},农某,,100000,0," for n in range(1, 20)]
CUT = "a20,农某,,86,400,0,"


def load(tmp_path: Path, lines: list[str], encoding: str = "utf-8", header: str = HEADER) -> tuple[FileReport, dict]:
    """What the report says, and per line the loss, what was paid, and the note."""
    path = tmp_path / "被害人.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding)
    with Workspace.open(tmp_path / "ws") as ws:
        report = ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records)
        clean(ws, LAYOUTS)
        assert report.errors == []
        rows = {
            "loaded": {n: said for n, *said in ws.rows("select row_no, loss, paid, note from rec_victim order by 1")},
            "rejects": ws.rows("select row_no, code from reject order by 1"),
            "issues": ws.rows("select row_no, code from issue where code like 'ROW_%' order by 1"),
        }
    return report.files[0], rows


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_an_amount_cut_by_its_comma_before_an_empty_cell_is_not_loaded(tmp_path: Path, encoding: str) -> None:
    entry, found = load(tmp_path, [*RIGHT, CUT], encoding)
    assert found["rejects"] == [(21, "RAGGED")]
    assert (entry.n_read, entry.n_loaded, entry.n_rejected) == (20, 19, 1)
    assert "首处在第 21 行" in entry.reason
    assert list(found["loaded"].values()) == [[100000.0, 0.0, None]] * 19


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_where_most_rows_are_cut_the_right_row_is_the_one_that_is_loaded(tmp_path: Path, encoding: str) -> None:
    lines = ["a1,农一,,3,500,0,", "a2,农二,,12,345,6,000", "a3,农三,,100,0,"]
    _, found = load(tmp_path, lines, encoding)
    assert found["rejects"] == [(2, "RAGGED"), (3, "RAGGED")]
    assert found["loaded"] == {4: [100.0, 0.0, None]}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_two_halves_of_which_one_ends_with_a_delimiter_are_both_loaded(tmp_path: Path, encoding: str) -> None:
    lines = [f"a{n},农某,,100000,0," + "," * (n % 3 > 0) for n in range(6000)]
    entry, found = load(tmp_path, lines, encoding)
    assert (entry.n_loaded, found["rejects"], found["issues"]) == (6000, [], [(None, "ROW_END_EMPTY")])


def test_rows_that_are_all_cut_are_not_taken_for_rows_with_an_end_of_their_own(tmp_path: Path) -> None:
    _, found = load(tmp_path, ["a1,农一,,3,500,0,", "a2,农二,,12,345,0,"])
    assert found["rejects"] == [(2, "RAGGED"), (3, "RAGGED")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("a20,农某,2000-01-01,86,400,伤残", [86400.0]),  # 伤残 is no amount: one reading
        ("a20,农某,2000-01-01,1,086,400,伤残", [1086400.0]),
        ("a20,农某,,2000-01-01,86400,伤残", [86400.0]),  # a stray delimiter
    ],
)
def test_a_row_that_can_be_read_in_one_way_is_read_so_and_told(
    tmp_path: Path, line: str, wanted: list[float], encoding: str
) -> None:
    header = "部门受案号,被害人姓名,出生日期,损失数额（元）,是否死亡"
    path = tmp_path / "被害人.csv"
    path.write_text("\n".join([header, *["a1,农某,2000-01-01,100000,否"] * 3, line]), encoding)
    with Workspace.open(tmp_path / "ws") as ws:
        report = ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records)
        clean(ws, LAYOUTS)
        assert (report.files[0].n_loaded, report.files[0].n_rejected) == (4, 0)
        assert ws.rows("select loss from rec_victim where row_no = 5") == [tuple(wanted)]
        assert ws.rows("select row_no, code, level from issue where code = 'ROW_MENDED'") == [
            (5, "ROW_MENDED", "warning")
        ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("header", [HEADER, HEADER + ","])
def test_a_delimiter_at_the_end_of_every_row_means_nothing(tmp_path: Path, header: str, encoding: str) -> None:
    lines = [f"{line}," for line in RIGHT]
    entry, found = load(tmp_path, lines, encoding, header)
    assert (found["rejects"], found["issues"], entry.n_loaded) == ([], [], 19)
    _, found = load(tmp_path, [*lines, "a20,农某,,12,500,,", "合计,,19", f"{CUT},"], encoding, header)
    assert found["rejects"] == [(22, "FOOTER"), (23, "RAGGED")]
    assert found["loaded"][21] == [12.0, 500.0, None]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_empty_cells_at_the_end_of_some_rows_are_left_out_and_counted(tmp_path: Path, encoding: str) -> None:
    entry, found = load(tmp_path, [*RIGHT, "a20,农某,,80000,0,,", "a21,农某,,70000,1000,,,"], encoding)
    assert (found["rejects"], entry.n_loaded) == ([], 21)
    assert found["loaded"][22] == [70000.0, 1000.0, None]
    assert found["issues"] == [(None, "ROW_END_EMPTY")]


MONEY = ["caseno", "name", "id", "money", "money", "text"]


@pytest.mark.parametrize(
    ("cells", "kinds", "wanted"),
    [
        ("a1,甲,,86,400,0,", MONEY, None),  # 86 of which 400 are paid, or 86,400
        ("a1,甲,,86,400,0,有", MONEY, None),
        ("a1,甲,,100000,0,,", MONEY, "a1|甲||100000|0|"),
        ("a1,甲,,100000,0,住院,未付", MONEY, None),  # two texts are not put together
        ("a1,甲,,86,400,是", ["caseno", "name", "id", "money", "bool"], "a1|甲||86,400|是"),
        ("a1,甲,,86,40,是", ["caseno", "name", "id", "money", "bool"], None),
        ("甲,乙,丙", ["name", "name"], None),
        ("a1,甲,,100,0,,多", MONEY, None),  # a remark beyond the table is no note of the row
        (",,,,", ["name", "name"], "|"),
        ("是," * 1500 + ",", ["bool"] * 1500, "|".join(["是"] * 1500)),
        ("甲,乙" + "," * 500, ["name", "date"], None),
        ("甲,1970" + "," * 500, ["name", "date"], "甲|1970"),
    ],
)
def test_readings(cells: str, kinds: list[str], wanted: str | None) -> None:
    found = LongRows(kinds).read(cells.split(","))
    assert found == (None if wanted is None else wanted.split("|"))
