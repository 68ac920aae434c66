"""Broken, foreign and odd files: each is named with a code, the others are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from clue_engine.bug_log import LOG
from clue_engine.errors import ClueError
from clue_engine.ingest import sheets, workbook
from clue_engine.ingest.clean import clean
from clue_engine.ingest.inputs import list_inputs
from clue_engine.ingest.load import ingest
from clue_engine.ingest.recognise import recognise
from clue_engine.ingest.report import IngestReport
from clue_engine.ingest.table import Table
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
HEAD = "部门受案号,被害人姓名,证件号码,损失数额（万元）,备注"
ROWS = [f"某院诉受[2024]{i}号,甲某{i},,1.5,注" for i in range(40)]
TEXT = "\n".join([HEAD, *ROWS]) + "\n"


def run(tmp_path: Path, *names: str) -> tuple[IngestReport, list[tuple[object, ...]]]:
    with Workspace.open(tmp_path / "ws") as ws:
        report = ingest(ws, LAYOUTS.sources, [tmp_path / name for name in names])
        clean(ws, LAYOUTS)
        for file_id, n_read, n_loaded, n_rejected in ws.rows(
            "select file_id, n_read, n_loaded, n_rejected from input_file"
        ):
            assert n_loaded + n_rejected == n_read
            assert ws.rows("select count(*) from reject where file_id = ?", [file_id]) == [(n_rejected,)]
        return report, ws.rows("select row_no, name, loss from rec_victim order by file_id, row_no")


def book(path: Path, rows: list[list[object]], hidden: bool = False) -> None:
    with xlsxwriter.Workbook(str(path)) as out:
        front = out.add_worksheet("说明")
        front.write(0, 0, "填表说明")
        sheet = out.add_worksheet("数据")
        sheet.activate()
        if hidden:
            front.hide()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.csv", b"", "CE-F03"),
        ("坏.xlsx", b"PK\x03\x04 not a zip", "CE-F01"),
        ("文.csv", b"%PDF-1.4", "CE-F12"),
        ("混.csv", TEXT.encode("gb18030") + "某院诉受[2024]99号,追加行文字很多,,,".encode(), "CE-E18"),
        ("繁.csv", "案號,被害人姓名,證件號碼\n1,甲,\n2,乙,\n".encode("big5"), "CE-F08"),
        ("别.csv", "甲,乙\n1,2\n".encode(), "CE-F08"),
        ("缺.csv", "部门受案号,伤情等级,赔偿情况\n1,轻伤,无\n".encode(), "CE-F05"),
        ("乱.csv", (HEAD + "\n" + "a,b\n" * 30 + "\n".join(ROWS)).encode(), "CE-F09"),
    ],
)
def test_bad_file_is_named_and_the_good_one_loads(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "好.csv").write_text(TEXT, encoding="utf-8")
    report, rows = run(tmp_path, name, "好.csv")
    assert [error.code for error in report.errors] == [code]
    assert name in report.errors[0].place and report.errors[0].hint
    assert len(rows) == 40
    assert [f.status for f in report.files] == ["loaded", "refused"]


def test_same_content_is_loaded_once_and_ids_ignore_the_order(tmp_path: Path) -> None:
    for name, text in (("b.csv", TEXT), ("a.csv", TEXT + "某院诉受[2024]77号,乙某,,,\n"), ("c.csv", TEXT)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    first, _ = run(tmp_path, "a.csv", "b.csv", "c.csv")
    second, _ = run(tmp_path, "c.csv", "b.csv", "a.csv")
    assert [(f.file_id, f.name, f.status) for f in first.files] == [(f.file_id, f.name, f.status) for f in second.files]
    assert [(f.name, f.status) for f in first.files] == [("a.csv", "loaded"), ("b.csv", "loaded"), ("c.csv", "skipped")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_one_table_in_five_encodings(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.csv").write_text(TEXT + "1,𠮷䶮,,2,\n", encoding=encoding)
    _, rows = run(tmp_path, "x.csv")
    assert rows[-1] == (42, "𠮷䶮", 20000.0)


@pytest.mark.parametrize(
    ("delimiter", "newline"), [(";", "\n"), ("\t", "\r\n"), ("|", "\n"), ("，", "\n"), (",", "\r")]
)
def test_dialects(tmp_path: Path, delimiter: str, newline: str) -> None:
    (tmp_path / "x.txt").write_bytes(TEXT.replace(",", delimiter).replace("\n", newline).encode())
    _, rows = run(tmp_path, "x.txt")
    assert (len(rows), rows[0]) == (40, (2, "甲某0", 15000.0))


def test_unclosed_quote_costs_one_line(tmp_path: Path) -> None:
    lines = [HEAD, '1,"甲,,,', *ROWS, '2,乙,,3,"两行\n备注"']
    (tmp_path / "x.csv").write_text("\n".join(lines), encoding="utf-8")
    report, rows = run(tmp_path, "x.csv")
    assert (report.files[0].n_read, report.files[0].n_loaded) == (42, 41)
    assert (rows[0][0], rows[-1][1:]) == (3, ("乙", 30000.0))


def test_shifted_row_is_rejected(tmp_path: Path) -> None:
    lines = [HEAD, *ROWS, "1,甲,某,529921199003070014,1.5"]
    (tmp_path / "x.csv").write_text("\n".join(lines), encoding="utf-8")
    report, _ = run(tmp_path, "x.csv")
    assert (report.files[0].n_read, report.files[0].n_loaded) == (41, 40)


def test_workbook_under_another_name_with_sheets_and_types(tmp_path: Path) -> None:
    table: list[list[object]] = [["名单（单位：元）"], [], HEAD.replace("（万元）", "").split(",")]
    table += [["1", "甲", 529921199003070014, 182100, ""], ["2", "乙", "", 500.5, ""], [], ["合计", "", "", 3, ""]]
    book(tmp_path / "表.xlsx", table)
    (tmp_path / "表.xlsx").rename(tmp_path / "表.csv")
    report, rows = run(tmp_path, "表.csv")
    loaded = report.loaded[0]
    assert (loaded.kind, loaded.sheet, loaded.header_row, loaded.n_read, loaded.n_loaded) == ("xlsx", "数据", 3, 5, 2)
    assert rows == [(4, "甲", 182100.0), (5, "乙", 500.5)]
    with Workspace.open(tmp_path / "ws") as ws:
        assert ws.rows("select id, id_kind, id_partial from rec_victim order by row_no")[0] == (
            None,
            "sci",
            "529921199003070*",
        )


def test_a_dying_reader_costs_its_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book(tmp_path / "大.xlsx", [HEAD.split(","), ["1", "甲", "", 1, ""]])
    (tmp_path / "好.csv").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(workbook, "MEMORY", 32 * 1024**2)  # too little even to import
    report, rows = run(tmp_path, "大.xlsx", "好.csv")
    assert ([e.code for e in report.errors], len(rows)) == (["CE-F15"], 40)


def test_an_error_of_ours_costs_its_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(table: Table, *_: object) -> object:
        if table.file.name == "坏.csv":
            raise IndexError("row of 童小荷, 荷塘村, 529921199003070012")
        return recognise(table, *_)  # type: ignore[arg-type]

    (tmp_path / "坏.csv").write_text(TEXT + "99,丁,,1,\n", encoding="utf-8")
    (tmp_path / "好.csv").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(sheets, "recognise", fails)
    report, rows = run(tmp_path, "坏.csv", "好.csv")
    assert ([e.code for e in report.errors], len(rows)) == (["CE-F17"], 40)
    log = (tmp_path / "ws" / LOG).read_text(encoding="utf-8")
    assert "in fails" in log and "IndexError: row of □, □, *" in log


def test_folder_is_read_one_level_deep(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "a.csv").write_text(TEXT, encoding="utf-8")
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    (tmp_path / "expected.csv").write_text("x", encoding="utf-8")
    files, skipped = list_inputs([tmp_path])
    assert [f.name for f in files] == ["a.csv"]
    assert [name for name, _ in skipped] == ["README.md", "expected.csv"]
    with pytest.raises(ClueError, match="找不到"):
        list_inputs([tmp_path / "没有"])
