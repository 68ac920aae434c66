"""The fast reader of text files gives what the careful one gives, or is not used: any quotes, blanks and line ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clue_engine.errors import ClueError
from clue_engine.ingest import text_table
from clue_engine.ingest.delimited import preview_text
from clue_engine.ingest.long_rows import LongRows, Mended
from clue_engine.ingest.table import File, Table
from clue_engine.ingest.tolerant import BadRecords
from clue_engine.workspace import Workspace

_CELL = st.one_of(
    st.sampled_from(
        ["", '""', '"甲"', '"甲""乙"', '"甲,乙"', '"甲\n乙"', ' "甲"', '"甲" ', '甲"乙', '"甲"乙', "'甲", '"', " "]
    ),
    st.text("甲a1,\" '\t", max_size=4),
)
_LINE = st.lists(_CELL, min_size=3, max_size=3).map(",".join)
_LONG = st.sampled_from(["甲,1,是,", "甲,86,400,是", "甲,,86,是", "甲,86,400,", ",,,", "甲,1,是,乙", '"甲,86",400,是,'])
_LINES = st.lists(st.one_of(_LINE, _LINE, _LINE, st.just(""), st.just("甲,乙"), _LONG), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace.open(tmp_path_factory.mktemp("readers")) as ws:
        yield ws


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_LINES, st.sampled_from(["\n", "\r\n"]), st.booleans())
@example(['"甲","乙","丙"', '"","",""'], "\r\n", True)
@example(['"甲\n乙",,', "甲,乙,丙"], "\n", True)
@example(["甲,1,是"] * 5 + ['"甲\n乙",1,是', "甲,86,400,是", "甲,,86,是", "甲,86,400,", "甲,1,是,"], "\n", True)
def test_the_fast_reader_agrees(ws: Workspace, lines: list[str], end: str, ends: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "表.csv"
        path.write_text('"列一","列二","列三"' + end + end.join(lines) + (end if ends else ""), "utf-8", newline="")
        try:
            table = preview_text(File(path, "text", "", path.stat().st_size), None)
        except ClueError:
            return
        n = max(table.n_columns, 3)
        found = []
        long_rows = LongRows(["name", "money", "bool", *[None] * (n - 3)])
        for load in (text_table.load_text, _careful):
            mended: list[Mended] = []
            with ws.transaction():
                try:
                    rejects = load(ws, "raw_1", table, 1, n, "合计", 1.0, long_rows, mended)
                except ClueError as error:
                    found.append(error.code)
                    continue
                rows = [(n, *map(_said, cells)) for n, *cells in ws.rows("from raw_1 order by row_no")]
                # a blank row is told at once by one reader, and by the row check after the other
                said = [row for row in rows if any(row[1:])]
                told = sorted((m.line, m.changed) for m in mended)
                found.append((said, sorted(n for n, code in rejects if code != "EMPTY"), told))
    assert found[0] == found[1]


def _said(cell: str) -> str:
    """Blanks and quotes around a quoted cell are kept by one reader and not by another; cleaning cuts blanks."""
    return cell.strip(' \t"')


def _careful(
    ws: Workspace,
    raw: str,
    table: Table,
    skip: int,
    n: int,
    footer: str,
    _: float,
    long_rows: LongRows,
    mended: list[Mended],
) -> list[tuple[int, str]]:
    bad = BadRecords(1000)
    text_table._carefully(ws, raw, table, n, skip, bad, long_rows)
    assert table.dialect is not None
    delimiter = table.dialect.delimiter
    mended += bad.mended
    return [(number, text_table._reason(code, text.split(delimiter), footer)) for number, code, text in bad.rows]
