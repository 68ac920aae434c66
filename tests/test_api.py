"""The interface for programs: the example in docs/编程接口.md is executed, the tables are what COLUMNS says."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_county as county

import clue_engine
from clue_engine import COLUMNS, ClueError, Report

DOCUMENT = Path(__file__).parent.parent / "docs" / "编程接口.md"
_CODE = re.compile(r"<!-- executed -->\n```python\n(.*?)```\n\n打印：\n\n```text\n(.*?)```", re.S)
_TYPES = {"text": "string", "integer": "Int64", "boolean": "boolean"}
TABLES = tuple(COLUMNS)


def columns_text() -> str:
    """COLUMNS as it stands in the document. ``python -m tests.test_api`` writes it and what the example prints."""
    lines = []
    for table, columns in COLUMNS.items():
        lines += [f"## {table}()", "", "| 列 | 类型 | 单位 | 意思 |", "|---|---|---|---|"]
        lines += [f"| `{c.name}` | {c.type} | {c.unit} | {c.meaning} |" for c in columns] + [""]
    return "\n" + "\n".join(lines)


def printed(folder: Path) -> str:
    """What the example prints, run in a newcomer's folder."""
    found = _CODE.search(DOCUMENT.read_text(encoding="utf-8"))
    assert found
    said = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(said):
        exec(compile(found[1], str(DOCUMENT), "exec"), {})  # the document is ours
    return "".join(line.rstrip() + "\n" for line in said.getvalue().splitlines())


def test_the_example_prints_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "sample_data").symlink_to(DOCUMENT.parent.parent / "sample_data")
    found = _CODE.search(DOCUMENT.read_text(encoding="utf-8"))
    assert found and printed(tmp_path) == found[2] != ""


def test_the_columns_stand_in_the_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert text.partition("<!-- columns -->")[2].partition("<!-- end -->")[0] == columns_text()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("api")
    pack = county.write_pack(folder / "pack")
    return clue_engine.run(
        [county.write(folder / "in")], out=folder / "out", rules=pack, parameters=folder / "本县口径.yaml"
    )


@pytest.mark.parametrize("table", TABLES)
def test_types_are_those_that_are_said(table: str, report: Report) -> None:
    frame, arrow = getattr(report, table)(), getattr(report, table)("arrow")
    assert list(frame.columns) == arrow.column_names == [c.name for c in COLUMNS[table]]
    assert [str(t) for t in frame.dtypes] == [_TYPES[c.type] for c in COLUMNS[table]]
    assert len(frame) == arrow.num_rows > 0 or table in ("missing", "issues")


def test_a_report_says_what_the_lists_say(report: Report) -> None:
    clues = report.clues()
    assert sum(report.counts.values()) == len(clues) == 2 and report.errors == () and str(report.as_of) == "2025-06-30"
    (shown,) = clues[~clues.restricted].itertuples()
    (hidden,) = clues[clues.restricted].itertuples()
    assert (shown.town, shown.score, shown.status) == ("东河乡", 30, "线索") and "重伤二级" in shown.reasons
    told = (hidden.score, hidden.possible_score, hidden.town, hidden.village, hidden.household_no, hidden.receiver)
    assert all(value is clues.score.dtype.na_value for value in told) and "童" not in repr(hidden)
    assert set(report.hits().clue_id) == {shown.clue_id} >= set(report.missing().clue_id)
    again = clue_engine.report(report.workspace)  # with the pack of the program: the kept parameters fit it as well
    assert again.clues().clue_id.tolist() == clues.clue_id.tolist() and again.counts == report.counts


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda p: clue_engine.run(p / "in"), "CE-U01"),
        (lambda p: clue_engine.run(p / "none", out=p / "o"), "CE-U11"),
        (lambda p: clue_engine.run(p / "in", out=p / "o", parameters=p / "none.yaml"), "CE-U11"),
        (lambda p: clue_engine.run(p / "in", out=p / "o", carry=p / "none"), "CE-S30"),
        (lambda p: clue_engine.run(p / "in", out=p / "o", ledger=p / "in"), "CE-S28"),
        (lambda p: clue_engine.report(p / "none"), "CE-S30"),
        (lambda p: clue_engine.report(p / "empty"), "CE-U08"),
        (lambda p: clue_engine.report(p / "broken"), "CE-S29"),
    ],
)
def test_errors_have_codes(call: Callable[[Path], object], code: str, tmp_path: Path) -> None:
    county.write(tmp_path / "in")
    clue_engine.Workspace.open(tmp_path / "empty").close()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "clue.duckdb").write_text("户编号,姓名\n" * 1000, encoding="utf-8")
    with pytest.raises(ClueError) as caught:
        call(tmp_path)
    assert caught.value.code == code and caught.value.hint


def test_files_that_would_go_are_asked_for(report: Report, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "案件查询列表2.csv").write_text(county.FILES["案件查询列表.csv"], encoding="utf-8")
    with pytest.raises(ClueError, match="CE-U16"):
        clue_engine.run(tmp_path / "other", workspace=report.workspace)


def test_the_package_says_what_it_offers_and_imports_nothing_for_it() -> None:
    code = (
        "import sys, clue_engine; names = dir(clue_engine); assert set(clue_engine.__all__) <= set(names);"
        "assert clue_engine.__version__[0].isdigit(); heavy = {'duckdb', 'pandas', 'pyarrow', 'clue_engine.api'};"
        "assert not heavy & set(sys.modules); assert all(getattr(clue_engine, n) for n in clue_engine.__all__)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert (Path(clue_engine.__file__).parent / "py.typed").is_file()


def write() -> None:
    import tempfile

    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- columns -->")
    text = f"{before}<!-- columns -->{columns_text()}<!-- end -->{rest.partition('<!-- end -->')[2]}"
    DOCUMENT.write_text(text, encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "sample_data").symlink_to(DOCUMENT.parent.parent / "sample_data")
        said = printed(Path(name))
    found = _CODE.search(text)
    assert found
    DOCUMENT.write_text(text[: found.start(2)] + said + text[found.end(2) :], encoding="utf-8")


if __name__ == "__main__":
    write()
