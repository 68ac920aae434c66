"""Workbooks with several sheets: which are loaded, what is said of the others, and when the user is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter
from hostile_files import HEAD, ROWS, repacked

from clue_engine.cli.app import main
from clue_engine.ingest.load import ingest
from clue_engine.ingest.report import IngestReport
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace
from tests.tiny_county import number

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
OTHER = [[f"某院诉受[2025]{i}号", f"乙某{i}", number("19850704", 100 + i), 2, ""] for i in range(9)]


def book(path: Path, sheets: Sequence[tuple[str, Sequence[Sequence[object]]]], hidden: str = "") -> Path:
    with xlsxwriter.Workbook(str(path)) as out:
        for name, rows in sheets:
            sheet = out.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == hidden:
                sheet.hide()
    return path


def load(path: Path, *wanted: str) -> IngestReport:
    with Workspace.open(path.parent / "w") as ws:
        return ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records, sheets=wanted)


ONE, TWO = ("一季度", [HEAD, *ROWS]), ("二季度", [HEAD, *OTHER])


def told(report: IngestReport) -> list[tuple[str, str, int, str]]:
    return [(f.sheet, f.status, f.n_loaded, f.reason.partition("，")[0]) for f in report.files]


def test_sheets_that_name_nobody_twice_are_one_list(tmp_path: Path) -> None:
    report = load(book(tmp_path / "甲.xlsx", [ONE, TWO]))
    assert [(f.sheet, f.status, f.n_loaded) for f in report.files] == [
        ("一季度", "loaded", 40),
        ("二季度", "loaded", 9),
    ]
    assert all("“一季度”、“二季度”这 2 张一并载入" in f.reason for f in report.files)


@pytest.mark.parametrize(
    "rows",
    [
        [*ROWS[:30], *OTHER],  # an old and a new state
        [*ROWS[:5], *OTHER],  # five of fourteen in both
        [["", f"乙某{i}", "", 2, ""] for i in range(9)],  # by what is in them nobody can tell
    ],
)
def test_two_sheets_of_one_source_are_asked_about(tmp_path: Path, rows: Sequence[Sequence[object]]) -> None:
    report = load(book(tmp_path / "甲.xlsx", [("说明", [["请填写"]]), ONE, ("二季度", [HEAD, *rows])]))
    (error,) = report.errors
    assert (error.code, error.place) == ("CE-F07", "甲.xlsx")
    assert "“一季度”、“二季度”" in error.message and "--sheet" in error.hint
    assert [(f.sheet, f.status) for f in report.files] == [("", "refused")]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (("二季度",), [("二季度", "loaded", 9), ("一季度", "skipped", 0), ("说明", "skipped", 0)]),
        (("一季度", "二季度"), [("一季度", "loaded", 40), ("二季度", "loaded", 9), ("说明", "skipped", 0)]),
        (("全部",), [("一季度", "loaded", 40), ("二季度", "loaded", 9), ("说明", "skipped", 0)]),
    ],
)
def test_sheet_says_which(tmp_path: Path, wanted: tuple[str, ...], expected: list[tuple[str, str, int]]) -> None:
    report = load(book(tmp_path / "甲.xlsx", [("说明", [["请填写"]]), ONE, TWO]), *wanted)
    assert report.errors == []
    assert sorted((f.sheet, f.status, f.n_loaded) for f in report.files) == sorted(expected)


def test_a_copy_of_a_sheet_is_loaded_once(tmp_path: Path) -> None:
    report = load(book(tmp_path / "甲.xlsx", [ONE, ("一季度 (2)", ONE[1])]))
    assert told(report)[1:] == [("一季度 (2)", "skipped", 0, "与工作表“一季度”内容相同")]
    assert (report.errors, report.files[0].n_loaded) == ([], 40)


def test_a_hidden_sheet_is_passed_over_unless_named(tmp_path: Path) -> None:
    path = book(tmp_path / "甲.xlsx", [ONE, TWO], hidden="二季度")
    assert [f[:2] for f in told(load(path))] == [("一季度", "loaded"), ("二季度", "skipped")]
    assert [f[:2] for f in told(load(path, "二季度"))] == [("二季度", "loaded"), ("一季度", "skipped")]


def test_a_workbook_of_no_source_costs_one_message(tmp_path: Path) -> None:
    report = load(book(tmp_path / "甲.xlsx", [(f"表{i}", [["甲", "乙"], ["1", "2"]]) for i in range(30)]))
    assert [e.code for e in report.errors] == ["CE-F08"]
    assert [f.status for f in report.files] == ["refused"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["权利", "某某", "数"], *(["甲", number("19800101", i), str(i)] for i in range(3))], "CE-F08"),
        ([["啥", "谁"], *([str(i), name] for i, name in enumerate(["赵大山", "钱小河", "孙某"]))], "CE-F08"),
        ([["代码", "名称"], ["1", "农村低保"], ["2", "特困"], ["3", "否"]], ""),  # a legend
        ([["填表人：赵大山"], ["审核人：钱小河"]], ""),
    ],
)
def test_a_sheet_of_persons_beside_a_known_one_is_not_passed_over(
    tmp_path: Path, rows: Sequence[Sequence[object]], code: str
) -> None:
    report = load(book(tmp_path / "甲.xlsx", [ONE, ("法院", rows)]))
    assert [e.code for e in report.errors] == ([code] if code else [])
    assert [(f.sheet, f.status) for f in report.files if f.sheet == "法院"] == [
        ("法院", "refused" if code else "skipped")
    ]


def test_a_workbook_without_sheets_is_told(tmp_path: Path) -> None:
    path = tmp_path / "图.xlsx"
    path.write_bytes(repacked("xl/workbook.xml", lambda b: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", b)))
    report = load(path)
    assert [(f.name, f.status) for f in report.files] == [("图.xlsx", "refused")]
    assert [e.code for e in report.errors] == ["CE-F03"]


def test_a_header_without_rows_is_told(tmp_path: Path) -> None:
    (entry,) = load(book(tmp_path / "甲.xlsx", [("一季度", [HEAD])])).files
    assert (entry.status, entry.n_read) == ("loaded", 0)
    assert entry.reason.endswith("；表头下面没有数据")


def test_command_takes_sheet_and_refuses_one_that_is_nowhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(tmp_path / "甲.xlsx", [ONE, TWO])
    for sheet, code in (("二季度", 0), ("三季度", 2)):
        with pytest.raises(SystemExit) as left:
            main(["ingest", str(path), "-w", str(tmp_path / f"w{code}"), "--sheet", sheet, "--json"])
        assert left.value.code == code
        out, err = capsys.readouterr()
        if code == 0:
            assert [f["n_loaded"] for f in json.loads(out)["files"]] == [9, 0]
        else:
            assert "CE-U18" in err and "一季度、二季度" in err
