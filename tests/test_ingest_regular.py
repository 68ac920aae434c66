"""What SQL reads by itself must be what the reference functions read: every regular text, of every type, both ways."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clue_engine.ingest.layout import Feed, FileColumn
from clue_engine.ingest.readings import SHAPES, reader
from clue_engine.ingest.regular import is_regular, regular_values, trimmed
from clue_engine.pack.model import RecordField
from clue_engine.values import text as texts
from clue_engine.values.identity import check_digit

REGULAR = ("name", "id", "money", "number", "phone", "caseno")
_blank = st.sampled_from(["", " ", "\t", "\n", "　", "'", "\u00a0"])
_digits = st.text("0123456789０１Ｘx*.-", max_size=20)
_seventeen = st.from_regex(r"[0-9]{6}(19|20)[0-9]{2}(0[1-9]|1[0-3])[0-3][0-9][0-9]{3}", fullmatch=True)
CELLS = {
    "text": st.text("a空不详暂无/-— 　'\t\n无#N/A.5E+17", max_size=8),
    "name": st.text("张三李·•（户主）等人先生 　2不详空白无⾼⻢\uf979\u00ad\ue863", max_size=8),
    "id": st.one_of(
        _digits,
        _seventeen.map(lambda s: s + check_digit(s)),
        st.builds(lambda s, c: s + c, _seventeen, st.sampled_from("0X7x")),
    ),
    "money": st.text("0123456789.,-万元约", max_size=10),
    "number": st.text("0123456789.岁-e", max_size=6),
    "phone": st.text("0123456789-+", max_size=13),
    "caseno": st.text("某院受[]（）〔〕2024号a 不详/", max_size=12),
}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


@pytest.mark.parametrize("kind", REGULAR)
@pytest.mark.parametrize("unit", ["元", "万元"])
def test_sql_equals_reference(con: duckdb.DuckDBPyConnection, kind: str, unit: str) -> None:
    feed = Feed(RecordField("x", "x", kind), ((FileColumn(1, "x", unit, 0),),), (), None, False)
    read = reader(feed, {}, 499.0)
    factor, limit = (10_000.0, 499.0) if unit == "万元" else (1.0, None)
    test = is_regular(kind, "t", limit)
    values = regular_values(kind, "t", factor)

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.builds(lambda a, c, b: a + c + b, _blank, CELLS[kind], _blank), min_size=1, max_size=30))
    def check(cells: list[str]) -> None:
        rows = con.execute(
            f"select t, {test}, {', '.join(f'case when {test} then {v} end' for v in values)} from unnest(?) as u(t)",
            [cells],
        ).fetchall()
        for cell, regular, *found in rows:
            assert regular is not None
            if regular:
                expected, issue = read(cell)
                assert issue is None
                assert (
                    tuple(found) == pytest.approx(expected, abs=0.011)
                    if kind in ("money", "number")
                    else tuple(found) == expected
                )

    check()
    assert len(SHAPES[kind].columns) == len(values)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("a空不详暂无/-— 　'\t\n无#N/A.", max_size=6), min_size=1, max_size=30))
def test_trimmed_in_sql(cells: list[str]) -> None:
    with duckdb.connect() as connection:
        rows = connection.execute(f"select t, {trimmed('t')} from unnest(?) as u(t)", [cells]).fetchall()
    for cell, stripped in rows:
        assert stripped == texts.strip(cell)
