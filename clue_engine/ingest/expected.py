"""Whether the newest export of each source is what the pack expects, and whether the sources speak of the same time.

Comes in: input_file, raw_*, raw_column, reject, ``expect`` of the sources. Goes out: issues EXPECT_ROWS, EXPECT_FILL,
EXPECT_CHANGE (level error: a scan does not start) and SOURCES_APART (warning).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clue_engine.ingest.land import insert
from clue_engine.pack.expect import Expectation, expectation
from clue_engine.pack.model import Source
from clue_engine.workspace import Workspace, literal

DAYS_APART = 92  # sources of different months are common, of different quarters doubtful
CODES = ("EXPECT_ROWS", "EXPECT_FILL", "EXPECT_CHANGE")
_ALL = (*CODES, "SOURCES_APART")


def note_expectations(ws: Workspace, sources: Sequence[Source]) -> None:
    """Write these issues anew for all loaded files."""
    ws.con.execute(f"delete from issue where code in ({', '.join(literal(c) for c in _ALL)})")
    found: list[tuple[object, ...]] = []
    for source in sources:
        if (expected := expectation(source.options)) is not None:
            found += _missed(ws, source, expected)
    found += _apart(ws)
    insert(ws, "issue", found)


def _missed(ws: Workspace, source: Source, expected: Expectation) -> Iterator[tuple[object, ...]]:
    yield from _changed(ws, source, expected)
    levels = ws.rows(
        "select list(file_id order by file_id), sum(n_loaded) from input_file where status = 'loaded' and source_id = ?"
        " group by snapshot_date, batch order by snapshot_date desc nulls first, batch desc limit 1",
        [source.id],
    )
    if not levels:
        return
    files, n_rows = levels[0]
    if expected.rows is not None and n_rows < expected.rows:
        detail = f"{source.label}只有 {n_rows} 行，应不少于 {expected.rows} 行"
        yield "EXPECT_ROWS", "error", files[0], None, None, detail
    for field, least in expected.fill.items():
        for file_id in files:
            share, header = _fill(ws, file_id, field)
            if share is not None and share < least:
                detail = f"{source.label}的“{header}”填写率 {share:.0%}，应不低于 {least:.0%}"
                yield "EXPECT_FILL", "error", file_id, None, header, detail


def _changed(ws: Workspace, source: Source, expected: Expectation) -> Iterator[tuple[object, ...]]:
    """Of each list its last two states. A name but for its date tells a list: two villages are no two states of one."""
    if expected.change is None:
        return
    for first, n_rows, before in ws.rows(
        "with state as (select regexp_replace(name, '[0-9年月日._-]', '', 'g') as list, snapshot_date, batch,"
        " min(file_id) as file_id, sum(n_loaded) as n_rows from input_file"
        " where status = 'loaded' and source_id = ? group by all)"
        " select file_id, n_rows, lead(n_rows) over newest_first as before from state"
        " window newest_first as (partition by list order by snapshot_date desc nulls first, batch desc)"
        " qualify row_number() over newest_first = 1 and before > 0 order by file_id",
        [source.id],
    ):
        change = (n_rows - before) / before
        if abs(change) > expected.change:
            detail = f"{source.label}由 {before} 行变为 {n_rows} 行，变化 {change:+.0%}，超过 {expected.change:.0%}"
            yield "EXPECT_CHANGE", "error", first, None, None, detail


def _fill(ws: Workspace, file_id: int, field: str) -> tuple[float | None, str]:
    columns = ws.rows(
        "select position, header from raw_column where file_id = ? and list_contains(string_split(field, ','), ?)"
        " order by position",
        [file_id, field],
    )
    if not columns:
        return None, ""
    said = " or ".join(f"c{position} <> ''" for position, _ in columns)
    ((n_rows, n_filled),) = ws.rows(
        f"select count(*), count(*) filter ({said}) from raw_{file_id}"
        " where row_no not in (select row_no from reject where file_id = ?)",  # a note under the table is no record
        [file_id],
    )
    return (n_filled / n_rows if n_rows else None), columns[0][1]


def _apart(ws: Workspace) -> Iterator[tuple[object, ...]]:
    newest = ws.rows(
        "select source_label, max(snapshot_date) as day, arg_max(file_id, snapshot_date) from input_file"
        " where status = 'loaded' and snapshot_date is not null group by 1 order by day, 1"
    )
    if len(newest) < 2:
        return
    (label, first, file_id), (other, last, _) = newest[0], newest[-1]
    days = (last - first).days
    if days > DAYS_APART:
        detail = f"{label}的数据日期是 {first}，{other}是 {last}，相差 {days} 天；先后关系按各自日期判断"
        yield "SOURCES_APART", "warning", file_id, None, None, detail
