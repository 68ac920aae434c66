"""Numbers stay whole when a list is opened in a spreadsheet and saved; the name stays beside what is filled in."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import clue_world as world
import openpyxl
import pytest
from office import SOFFICE, convert, needs_office
from test_export import out, ws  # noqa: F401  (fixtures)

from clue_engine.export import export_clues
from clue_engine.export.privacy import csv_text
from clue_engine.workspace import Workspace

# ruff: noqa: F811 -- fixtures of test_export
_UTF8 = "Text - txt - csv (StarCalc):44,34,76"
_FILL = ["核查结果", "处理去向", "核查人", "核查日期", "备注"]


def raw(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("5299211012010001", "\t5299211012010001"), ("529921198001010011", "\t529921198001010011"),
        ("13900001111", "\t13900001111"), ("08512345678", "\t08512345678"), ("007", "\t007"), ("5299E10", "\t5299E10"),
        ("52992119800101001X", "52992119800101001X"), ("529921********001X", "529921********001X"),
        ("2025-06-30", "2025-06-30"), ("9921", "9921"), ("0", "0"), ("", ""), ("=1", "'=1"),
        ("-13900001111", "'-13900001111"),
        ("JU-33249512", "JU-33249512"), ("第5号", "第5号"),
    ],
)  # fmt: skip
def test_digits_that_a_spreadsheet_would_cut_get_a_tab(cell: str, written: str) -> None:
    assert csv_text(cell) == written
    assert csv_text(written) in (written, "'" + written)  # written again it grows no second one


def test_household_numbers_and_unmasked_numbers_in_the_csv(ws: Workspace, tmp_path: Path) -> None:
    export_clues(ws, world.PACK, tmp_path / "out", world.AS_OF, unmask_reason="入户核查")
    shown = [r for r in raw(tmp_path / "out" / "clues_judicial.csv") if r["户编号"]]
    assert shown and all(r["户编号"].startswith("\t5299") for r in shown)
    assert {r["联系电话"][:4] for r in shown if r["联系电话"]} == {"\t139"}


def test_name_and_number_stay_beside_what_is_filled_in(out: Path) -> None:
    book = openpyxl.load_workbook(out / "clues.xlsx")
    for name in (world.JUDICIAL, world.POVERTY, "待核", "试行"):
        sheet = book[name]
        heads = [cell.value for cell in sheet[4]]
        kept = sheet[sheet.freeze_panes].column - 1
        assert sheet[sheet.freeze_panes].row == 5 and heads[:kept] == ["排名", "线索编号", "姓名"]
        first = heads.index("核查结果")
        assert heads[first : first + 5] == _FILL
        assert all(heads.index(text) > first + 4 for text in ("理由", "建议核查", "匹配方式", "命中规则"))
        assert {sheet.cell(5, first + n + 1).fill.start_color.rgb for n in range(5)} == {"FFFFF8DC"}
    held = [cell.value for cell in book["搁置"][4]]
    assert held[:2] == ["线索编号", "姓名"] and held.index("备注") < held.index("搁置原因")


# -- in LibreOffice --------------------------------------------------------------------------------------------------
@needs_office
def test_numbers_survive_opening_and_saving(ws: Workspace, tmp_path: Path) -> None:
    """csv → xlsx → csv, and xlsx → xlsx, all by LibreOffice; every cell of every list as it was."""
    folder = tmp_path / "out"
    export_clues(ws, world.PACK, folder, world.AS_OF, unmask_reason="入户核查")
    for name in ("clues_judicial.csv", "clues_poverty.csv"):
        subprocess.run(
            [SOFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", f"--infilter={_UTF8}",
             "--convert-to", "xlsx", "--outdir", tmp_path, folder / name],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        saved = convert((tmp_path / name).with_suffix(".xlsx"), f"csv:{_UTF8}", tmp_path)
        assert raw(saved) == raw(folder / name)
    (tmp_path / "again").mkdir()
    again = openpyxl.load_workbook(convert(folder / "clues.xlsx", "xlsx", tmp_path / "again"))
    for sheet in openpyxl.load_workbook(folder / "clues.xlsx"):
        same = again[sheet.title]
        for row in sheet.iter_rows():
            for cell in row:
                before, after = cell.value, same.cell(cell.row, cell.column).value
                if isinstance(before, float):  # a share: 15 digits are enough
                    assert after == pytest.approx(before, rel=1e-12)
                else:
                    assert str(after or "") == str(before or ""), (sheet.title, cell.coordinate)
        if sheet.title == world.JUDICIAL:
            assert same.data_validations.count == sheet.data_validations.count >= 3
