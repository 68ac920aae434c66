"""Lists that come back: what offices do to them before, every row of a clue is still found, every answer read."""

from __future__ import annotations

import datetime as dt
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import clue_world as world
import openpyxl
import pytest
from office import convert, needs_office

from clue_engine.clue import make_clues
from clue_engine.export import export_clues
from clue_engine.export.encrypt import encrypted
from clue_engine.feedback.answers import Answers, n_refused, read_answers
from clue_engine.feedback.returned import Returned, read_returned
from clue_engine.pack.load import load_pack

ANSWERS = load_pack(None).feedback
REASONS = {"X01": "已救助（同一事件同一申请人）", "X03": "重大过错或互殴"}
TODAY = dt.date(2025, 8, 1)
CODES = [code for code in ANSWERS.codes if code != "不属实"]  # which an amount contradicts
PASSWORD = "Correct-Horse-7"
SHEETS = (world.JUDICIAL, world.POVERTY, "待核")
Sheet = Any


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lists of clue_world with the answers of the shipped pack."""
    folder = tmp_path_factory.mktemp("returned")
    pack = replace(world.PACK, feedback=ANSWERS)
    with world.build(folder / "ws") as ws:
        make_clues(ws, pack, world.AS_OF, render=world.fill)
        export_clues(ws, pack, folder / "out", world.AS_OF)
    return folder / "out"


def heads(sheet: Sheet) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in reversed(sheet[4])}


def filled(out: Path) -> tuple[Any, dict[str, str]]:
    """The workbook with every line of its lists answered, and the answers by number."""
    book = openpyxl.load_workbook(out / "clues.xlsx")
    given: dict[str, str] = {}
    for name in SHEETS:
        sheet = book[name]
        at = heads(sheet)
        for row in range(5, sheet.max_row + 1):
            number = str(sheet.cell(row, at["线索编号"]).value)
            given[number] = CODES[len(given) % 6]
            sheet.cell(row, at["核查结果"], given[number])
            sheet.cell(row, at["核查日期"], dt.date(2025, 7, 1))
            sheet.cell(row, at["救助金额(元)"], "2万元")
    return book, given


def sort_backwards(sheet: Sheet) -> None:
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    for place, row in enumerate(reversed(rows), 5):
        for column, value in enumerate(row, 1):
            sheet.cell(place, column, value)


def add_columns(sheet: Sheet) -> None:
    sheet.insert_cols(1)
    sheet.cell(4, 1, "序号")
    sheet.insert_cols(9)
    sheet.cell(4, 9, "备 注")
    sheet.cell(5, 9, '=HYPERLINK("http://x")')


def filter_rows(sheet: Sheet) -> None:
    for row in range(5, sheet.max_row):
        sheet.row_dimensions[row].hidden = True


def lose_the_title(sheet: Sheet) -> None:
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(merged.coord)
    sheet.delete_rows(1, 3)


def as_it_is(_: Sheet) -> None: ...


CHANGES: tuple[Callable[[Sheet], None], ...] = (as_it_is, sort_backwards, add_columns, filter_rows, lose_the_title)


def read(*paths: Path, folder: Path) -> tuple[tuple[Returned, ...], Answers]:
    found = read_returned(paths, folder)
    assert not found.errors
    return found.rows, read_answers(found.rows, ANSWERS, REASONS, TODAY)


def test_every_row_is_matched(out: Path, tmp_path: Path) -> None:
    given: dict[str, str] = {}
    for change in CHANGES:
        book, given = filled(out)
        for name in SHEETS:
            change(book[name])
        book.save(tmp_path / f"{change.__name__}.xlsx")
    paths = [tmp_path / f"{change.__name__}.xlsx" for change in CHANGES]
    _, found = read(*paths, folder=tmp_path)
    for path in paths:
        own = [a for a in found.answers if a.place.startswith(path.stem)]
        assert {a.number: a.code for a in own} == given and len(given) == 6, path.stem
        assert {(a.dates["核查日期"], a.amount) for a in own} == {(dt.date(2025, 7, 1), 20000)}
    assert not [d for d in found.doubts if not d.kept]


def test_several_townships_under_each_other_and_rows_deleted(out: Path, tmp_path: Path) -> None:
    """The lists of two townships in one sheet, the second with other columns in front; one line is gone."""
    book, given = filled(out)
    sheet, other = book[world.JUDICIAL], book[world.POVERTY]
    gone = str(sheet.cell(5, heads(sheet)["线索编号"]).value)
    sheet.delete_rows(5)
    below = sheet.max_row + 2
    for number, row in enumerate(other.iter_rows(min_row=4, values_only=True)):
        for column, value in enumerate(row, 3):
            sheet.cell(below + number, column, value)
    del book[world.POVERTY]
    book.save(tmp_path / "返回.xlsx")
    _, found = read(tmp_path / "返回.xlsx", folder=tmp_path)
    del given[gone]
    assert {a.number: a.code for a in found.answers} == given


def test_what_is_no_answer(out: Path, tmp_path: Path) -> None:
    """A formula without a result is told; the sheets 搁置 and 汇总 have nothing to be filled in."""
    book = openpyxl.load_workbook(out / "clues.xlsx")
    sheet = book[world.JUDICIAL]
    sheet.cell(5, heads(sheet)["核查结果"], "=A1")
    held = book["搁置"]
    held.cell(5, next(cell.column for cell in held[4] if cell.value == "备注"), "看过")
    book.save(tmp_path / "返回.xlsx")
    reading = read_returned([tmp_path / "返回.xlsx"], tmp_path)
    found = read_answers(reading.rows, ANSWERS, REASONS, TODAY)
    assert [(d.kind, d.said) for d in found.doubts] == [
        ("不在可选之内", "核查结果写的是“公式没有结果”。")]  # fmt: skip
    assert "返回.xlsx〔搁置〕" in reading.unread and found.blank == 6
    assert "返回.xlsx〔汇总〕" not in reading.unread  # of ours, never filled in: told each time it hid what matters


def test_a_csv_saved_in_gbk_with_semicolons(out: Path, tmp_path: Path) -> None:
    text = (out / "clues_poverty.csv").read_text("utf-8-sig").replace(",,,,,,,,,,\n", ",=不属实,,某,2025/7/2,'-,,,,,\n")
    assert "=不属实" in text
    (tmp_path / "返回.csv").write_bytes(text.replace("=不属实", "不属实").encode("gb18030"))
    rows, found = read(tmp_path / "返回.csv", folder=tmp_path)
    assert [(a.code, a.dates["核查日期"]) for a in found.answers] == [("不属实", dt.date(2025, 7, 2))]
    assert rows[0].cells["备注"] == "-" and rows[0].place == "返回.csv第2行"


@needs_office
def test_saved_again_by_libreoffice(out: Path, tmp_path: Path) -> None:
    book, given = filled(out)
    (tmp_path / "in").mkdir()
    book.save(tmp_path / "in" / "返回.xlsx")
    again = convert(tmp_path / "in" / "返回.xlsx", "xlsx", tmp_path)
    _, found = read(again, folder=tmp_path)
    assert {a.number: a.code for a in found.answers} == given
    assert {(a.amount, a.dates["核查日期"]) for a in found.answers} == {(20000, dt.date(2025, 7, 1))}


def test_a_list_of_the_version_before(tmp_path: Path) -> None:
    with tarfile.open(Path(__file__).parent / "versions" / "4.tar.xz") as archive:
        archive.extract("county/out/clues.xlsx", tmp_path, filter="data")
    _, found = read(tmp_path / "county" / "out" / "clues.xlsx", folder=tmp_path)
    assert [a.code for a in found.answers] == ["属实"] and found.blank >= 1


def row(**cells: str) -> Returned:
    number = cells.pop("编号", "SF-12AB34CD")
    return Returned("返回.xlsx第5行", number, cells)


@pytest.mark.parametrize(
    ("cells", "code", "said"),
    [
        ({"核查结果": " 属实－拟救助"}, "属实-拟救助", ""),
        ({"核查结果": "暂缓(案未结)"}, "暂缓（案未结）", ""),
        ({"核查结果": "部分属实", "处理去向": "民政低保，临时救助"}, "属实-转社会救助", ""),
        ({"核查结果": "属实", "处理去向": "司法救助"}, "属实-拟救助", ""),
        ({"核查结果": "无法核实"}, "无法联系", ""),
        ({"核查结果": "属时"}, None, "不在可选之内：核查结果写的是“属时”。是否想写 “属实”"),
        ({"核查结果": "属实", "处理去向": "司法援助"}, None, "处理去向写的是“司法援助”。是否想写 “司法救助”"),
        ({"核查结果": "属实", "核查日期": "2025年7月"}, None, "日期读不出：核查日期不是一个日期"),
        ({"核查结果": "属实", "核查日期": "2026-07-01"}, None, "在今天以后"),
        ({"核查结果": "属实", "核查日期": "7.12"}, "属实", "没有写年份：核查日期没有写年份，按最近的 2025-07-12 记"),
        ({"核查结果": "属实", "核查日期": "11月28日"}, "属实", "按最近的 2024-11-28 记"),
        ({"核查结果": "属实", "核查日期": "7.1"}, None, "写的是“7.1”，可能是 7.10"),  # in a cell of numbers
        ({"核查结果": "属实", "核查日期": "7.4"}, "属实", "按最近的 2025-07-04 记"),  # there is no 7.40
        ({"核查结果": "属实", "核查日期": "2/30"}, None, "日期读不出：核查日期没有这一天"),
        ({"核查结果": "属实 拟救助"}, "属实-拟救助", ""),
        ({"核查结果": "属实", "救助金额(元)": "约两万"}, None, "金额读不出"),
        ({"核查结果": "属实", "救助金额(元)": "-5"}, None, "金额读不出"),
        ({"核查结果": "已发放", "救助金额(元)": "20000"}, "已发放", "缺应填的栏：写了“已发放”，没有填发放日期"),
        ({"核查结果": "已发放", "核查日期": "2025-07-02"}, "已发放", "没有填发放日期，按核查日期 2025-07-02 记"),
        ({"核查结果": "属实-转社会救助", "救助金额(元)": "三千"}, "属实-转社会救助", "写的是“三千”，按 3000 元记"),
        ({"核查结果": "属实-转社会救助", "救助金额(元)": "3,000元"}, "属实-转社会救助", ""),
        ({"核查结果": "不属实", "救助金额(元)": "三千"}, None, "前后矛盾：核查结果写的是“不属实”，却填了救助金额(元)"),
        ({"核查结果": "已获赔偿", "救助金额(元)": "5000"}, "已获赔偿", "没有用的栏：写了“已获赔偿”，救助金额(元)没"),
        ({"核查结果": "不属实", "处理去向": "纳入防返贫监测"}, None, "前后矛盾"),
        ({"核查结果": "查无此人", "纳入监测日期": "2025-07-02"}, None, "前后矛盾"),
        ({"核查结果": "重大过错", "处理去向": "司法救助"}, None, "前后矛盾"),
        ({"核查结果": "不属实", "处理去向": "不予移送"}, "不属实", ""),
        ({"核查结果": "非案因", "处理去向": "民政低保、临时救助"}, "非案因", ""),  # poor, for another cause
        ({"核查结果": "不符合", "不成立原因": "没有的原因"}, "不符合", "没有记"),
        ({"处理去向": "司法救助"}, None, "没有核查结果：填了处理去向"),
        ({"核查结果": "属实", "编号": "张三"}, None, "没有编号"),
        ({"核查结果": "529921198001010011\u202e=cmd|'/C calc'!A0"}, None, "529921********0011"),
    ],
)  # fmt: skip
def test_what_a_row_answers(cells: dict[str, str], code: str | None, said: str) -> None:
    found = read_answers([row(**cells)], ANSWERS, REASONS, TODAY)
    assert [a.code for a in found.answers] == ([code] if code else [])
    told = "；".join(f"{d.kind}：{d.said}" for d in found.doubts)
    assert said in told and ("529921198001010011" not in told) and "\u202e" not in told
    assert bool(told) == bool(said)


def test_rows_are_counted_not_problems() -> None:
    rows = [row(核查结果="属时", 处理去向="司法援助", 核查日期="2025年7月"), row(核查结果="属实", 核查日期="7.12")]
    found = read_answers([replace(r, place=f"第{n}行") for n, r in enumerate(rows)], ANSWERS, REASONS, TODAY)
    assert len(found.doubts) == 4 and n_refused(found.doubts) == 1 and found.numbers == ("SF-12AB34CD",)


def test_reasons_and_old_words_are_told() -> None:
    rows = [
        row(核查结果="不符合", 不成立原因="x03 重大过错"), row(核查结果="已救助重复"),
        row(核查结果="部分属实"), row(核查结果="部分属实", 编号="sf—12ab34ce、FP-00000001"), row(编号="合计"), row(),
    ]  # fmt: skip
    found = read_answers(rows, ANSWERS, REASONS, TODAY)
    assert [(a.number, a.reason) for a in found.answers[:2]] == [("SF-12AB34CD", "X03"), ("SF-12AB34CD", "X01")]
    assert [a.number for a in found.answers[2:]] == ["SF-12AB34CD", "SF-12AB34CE", "FP-00000001"]
    assert found.mapped == (("部分属实", "属实", 2),) and found.blank == 1 and not found.doubts


def test_an_encrypted_list_opens_with_the_password_that_is_asked_for(out: Path, tmp_path: Path) -> None:
    """As the open one, read in memory; a wrong password, none, or nobody to ask costs this file only."""
    book, _ = filled(out)
    for place in ("open", "locked"):
        (tmp_path / place).mkdir()
    book.save(tmp_path / "open" / "受限.xlsx")
    file = tmp_path / "locked" / "受限.xlsx"
    file.write_bytes(encrypted((tmp_path / "open" / "受限.xlsx").read_bytes(), PASSWORD))
    asked: list[tuple[str, bool]] = []

    def ask(*answers: str) -> Callable[[str, bool], str]:
        left = list(answers)

        def answer(name: str, again: bool) -> str:
            asked.append((name, again))
            return left.pop(0)

        return answer

    plain = read_returned([tmp_path / "open"], tmp_path)
    found = read_returned([file], tmp_path, ask("falsch", PASSWORD))
    assert found.rows == plain.rows and len(found.rows) > 5 and not found.errors
    assert asked == [("受限.xlsx", False), ("受限.xlsx", True)]
    for person in (None, ask("")):
        found = read_returned([file], tmp_path, person)
        assert [e.code for e in found.errors] == ["CE-F02"] and not found.rows
