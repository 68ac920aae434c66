"""Two columns for one field: the one that fits feeds it, the other is named; a tie refuses the file, not the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clue_engine.errors import ClueError
from clue_engine.ingest.clean import clean
from clue_engine.ingest.key_join import written_alike
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.values.reference import case_number
from clue_engine.values.text import BLANKS
from clue_engine.workspace import Workspace, literal

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
PERSONS = "涉案人员信息.csv", "关联案号,人员类型,姓名,证件号码,伤情,备注"
CASES = "案件台账.csv", "关联案号,部门受案号,案件名称,案由,处理结果"


@dataclass
class Read:
    errors: list[ClueError] = field(default_factory=list)
    status: dict[str, str] = field(default_factory=dict)
    cases: list[tuple[Any, ...]] = field(default_factory=list)
    persons: list[tuple[Any, ...]] = field(default_factory=list)
    issues: list[tuple[Any, ...]] = field(default_factory=list)
    fields: dict[str, str | None] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)


def read(folder: Path, *calls: Mapping[str, Sequence[str]]) -> Read:
    """Load files, with ``add`` from the second call on, and clean after each."""
    found = Read()
    with Workspace.open(folder / "ws") as ws:
        for n, files in enumerate(calls):
            for name, lines in files.items():
                (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
            report = ingest(ws, LAYOUTS.sources, [folder / name for name in files], records=LAYOUTS.records, add=n > 0)
            found.errors = [*report.errors, *clean(ws, LAYOUTS)]
        found.status = dict(ws.rows("select name, status from input_file"))
        found.cases = ws.rows("select case_no, accepted_on_lo::varchar from rec_case order by row_no")
        found.persons = ws.rows("select name, role, party_kind, case_no from rec_victim order by row_no, part_no")
        kept = "('COLUMN_DOUBLE_CONFLICT', 'COLUMN_BEATEN')"
        found.issues = ws.rows(f"select code, row_no, column_name, detail from issue where code in {kept} order by all")
        found.fields = dict(ws.rows("select header, field from raw_column order by file_id desc, position"))
        found.tables = [t for (t,) in ws.rows("select table_name from duckdb_tables() where table_name like 'raw%'")]
    return found


def dated(first: Sequence[str], second: Sequence[str], heads: str = "受理日期,收案日期") -> dict[str, list[str]]:
    """A list of cases with two columns for the day of acceptance."""
    rows = [f"A{n},某案,盗窃罪,{a},{b}" for n, (a, b) in enumerate(zip(first, second, strict=True))]
    return {"案件台账.csv": [f"关联案号,案件名称,案由,{heads}", *rows]}


def days(read: Read) -> list[str | None]:
    return [day for _, day in read.cases]


def test_each_column_says_what_it_knows(tmp_path: Path) -> None:
    """人员类型 tells the role, 人员性质 the kind of party: both claim both, a word of no meaning denies nothing."""
    lines = [
        "关联案号,人员类型,人员性质,姓名",
        "A1,犯罪嫌疑人,自然人,丙某",
        "A1,被害人,自然人,甲某",
        "A2,被害人,单位,某厂",
    ]
    found = read(tmp_path, {PERSONS[0]: lines})
    assert found.errors == []
    assert found.issues == []
    assert [(name, role, kind) for name, role, kind, _ in found.persons] == [
        ("丙某", "嫌疑人", "自然人"),
        ("甲某", "被害人", "自然人"),
        ("某厂", "被害人", "单位"),
    ]


NUMBERED = [f"A{n},石桥县院诉受[2024]{n}号,某案,盗窃罪,起诉" for n in range(4)]
JOINED = [PERSONS[1], *(f"A{n},被害人,甲某{'甲乙丙丁'[n]},,死亡," for n in range(2))]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_key_is_judged_by_what_it_joins(tmp_path: Path, swapped: bool) -> None:
    """The other one looks more like a case number; it would part every victim from his case."""
    lines = [CASES[1], *NUMBERED]
    if swapped:
        lines = [",".join([b, a, *rest]) for a, b, *rest in (line.split(",") for line in lines)]
    found = read(tmp_path, {CASES[0]: lines, PERSONS[0]: JOINED})
    assert [number for number, _ in found.cases] == ["A0", "A1", "A2", "A3"]
    assert found.fields["关联案号"] == "case.case_no"
    assert found.fields["部门受案号"] is None
    ((code, row_no, column, detail),) = found.issues
    assert (code, row_no, column) == ("COLUMN_BEATEN", None, "部门受案号")
    assert detail == (
        "两列争一项，一列没有用上：“部门受案号”一项用“关联案号”，没有用“部门受案号”，4 行两列不同；"
        "其他表里找得到的号码 2 个对 0 个，其他表中只写“部门受案号”的将对不上"
    )


def test_a_file_that_comes_later_turns_the_judgement(tmp_path: Path) -> None:
    first, second = {CASES[0]: [CASES[1], *NUMBERED]}, {PERSONS[0]: JOINED}
    alone = tmp_path / "alone"
    alone.mkdir()
    assert read(alone, first).cases[0][0] == "石桥县院诉受[2024]0号"
    assert read(tmp_path, first, second).cases[0][0] == "A0"


def test_cells_that_fit_win_by_the_margin(tmp_path: Path) -> None:
    good = [f"2024-05-{n:02d}" for n in range(1, 11)]
    words = [f"见卷{n}" if n < 3 else f"2023-01-{n + 1:02d}" for n in range(10)]
    found = read(tmp_path, dated(words, good))
    assert days(found) == good
    assert found.issues[0][3].endswith("合乎这一项的 10 格对 7 格，改用“受理日期”会少 3 格")
    assert len(found.issues) == 1


GOOD = [f"2024-05-{n:02d}" for n in range(1, 11)]
NEAR = [f"见卷{n}" if n < 2 else f"2023-01-{n + 1:02d}" for n in range(10)]


def test_a_tie_of_one_heading_refuses_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, {**dated(GOOD, NEAR, "受理日期,受理日期"), PERSONS[0]: JOINED})
    (error,) = found.errors
    assert (error.code, error.place) == ("CE-F18", "案件台账.csv")
    assert "“受理日期”（第 4 列）和“受理日期”（第 5 列）都作“受理日期”，10 行内容不同" in error.message
    assert "headers 移到 ignore" not in error.hint
    assert found.status == {"案件台账.csv": "refused", PERSONS[0]: "loaded"}
    assert found.cases == []
    assert len(found.persons) == 2
    assert sorted(found.tables) == ["raw_2", "raw_column"]


def test_a_tie_of_who_it_is_refuses_the_file(tmp_path: Path) -> None:
    lines = ["关联案号,人员类型,人员姓名,姓名", *(f"A{n},被害人,甲某{n},乙某{n}" for n in "一二三四五")]
    (error,) = read(tmp_path, {PERSONS[0]: lines}).errors
    assert error.code == "CE-F18"
    assert "“人员姓名”（第 3 列）和“姓名”（第 4 列）都作“姓名”，5 行内容不同" in error.message
    assert "headers 移到 ignore" in error.hint


@pytest.mark.parametrize("swapped", [False, True])
def test_a_tie_of_dates_goes_by_the_usual_heading(tmp_path: Path, swapped: bool) -> None:
    """A ledger with 受理日期 and 收案日期 is common: its cases are not lost for that, and the choice is told."""
    columns = [("受理日期", GOOD), ("收案日期", NEAR)]
    (one, first), (two, second) = reversed(columns) if swapped else columns
    found = read(tmp_path, dated(first, second, f"{one},{two}"))
    assert (found.errors, days(found)) == ([], GOOD)
    ((code, _, column, detail),) = found.issues
    assert (code, column) == ("COLUMN_BEATEN", "收案日期")
    assert detail.endswith("10 行两列不同；从内容分不出，按这种表通常的表头用“受理日期”")


def test_a_few_rows_that_differ_are_those_rows(tmp_path: Path) -> None:
    good = [f"2024-05-{n:02d}" for n in range(1, 21)]
    found = read(tmp_path, dated(good, [*good[:18], "2023-01-01", ""]))
    assert days(found) == [*good[:18], None, good[19]]
    assert [issue[:3] for issue in found.issues] == [("COLUMN_DOUBLE_CONFLICT", 20, "受理日期")]


def test_the_same_in_other_words_is_no_difference(tmp_path: Path) -> None:
    found = read(tmp_path, dated(["2024-05-01", "2024年6月2日"], ["2024/5/1", "45445"]))
    assert (days(found), found.issues) == (["2024-05-01", "2024-06-02"], [])


def test_one_blank_where_the_other_speaks(tmp_path: Path) -> None:
    found = read(tmp_path, dated(["2024-05-01", "", "2024-05-03", "不详"], ["", "2024-05-02", "", "2024-05-04"]))
    assert (days(found), found.issues) == ([f"2024-05-{n:02d}" for n in range(1, 5)], [])


def test_of_two_of_one_heading_the_filled_one(tmp_path: Path) -> None:
    """Blank beside filled counts as different under one heading, but must not blank a column that is filled."""
    good = [f"2024-05-{n:02d}" for n in range(1, 11)]
    found = read(tmp_path, dated([*good[:5], *[""] * 5], good, "受理日期,受理日期"))
    assert days(found) == good
    assert [issue[:3] for issue in found.issues] == [("COLUMN_BEATEN", None, "受理日期")]


def test_two_of_one_heading_that_are_filled_by_turns(tmp_path: Path) -> None:
    """None of the rows would be known, and nobody told: the file of a field that rules need is refused."""
    good = [f"2024-05-{n:02d}" for n in range(1, 11)]
    found = read(tmp_path, dated([*good[:5], *[""] * 5], [*[""] * 5, *good[5:]], "受理日期,受理日期"))
    assert ["CE-F18" in error and "10 行内容不同" in error for error in map(str, found.errors)] == [True]


def test_notes_of_two_columns_are_both_kept(tmp_path: Path) -> None:
    """Free text loses nothing side by side: no contest, no refusal."""
    lines = ["关联案号,案件名称,案由,备注,说明", *(f"A{n},某案,盗窃罪,退补{n},退赔{n}" for n in range(5))]
    assert read(tmp_path, {CASES[0]: lines}).errors == []
    with Workspace.open(tmp_path / "ws") as ws:
        assert ws.rows("select note from rec_case order by row_no limit 1") == [("退补0；退赔0",)]


def test_a_name_column_that_lost_parts_no_row(tmp_path: Path) -> None:
    """Several persons in a cell are those of the column that is used."""
    lines = ["关联案号,人员类型,人员姓名,姓名", *(f"A{n},被害人,第{n}号、补,甲某、乙某" for n in range(1, 6))]
    found = read(tmp_path, {PERSONS[0]: lines})
    assert [name for name, *_ in found.persons] == ["甲某", "乙某"] * 5


@given(st.text(alphabet=BLANKS + "石桥县院〔〕（）()[]【】<>《》{}ａＡa0９９8-号'", max_size=20))
def test_numbers_are_made_alike_as_by_the_reference(text: str) -> None:
    import duckdb

    ((found,),) = duckdb.sql(f"select {written_alike(literal(text))}").fetchall()
    stripped = case_number("x" + text)  # not a cell that says nothing
    assert (found or "") == (stripped or "")[1:]
