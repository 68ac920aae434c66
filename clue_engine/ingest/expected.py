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

_KEYS = ("household_no", "case_no", "unified_no", "id", "name")  # what names a row, the surest first
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
    levels = ws.rows(
        "select list(file_id order by file_id), sum(n_loaded) from input_file where status = 'loaded' and source_id = ?"
        " group by snapshot_date, batch order by snapshot_date desc nulls first, batch desc limit 2",
        [source.id],
    )
    if not levels:
        return
    files, n_rows = levels[0]
    if expected.rows is not None and n_rows < expected.rows:
        detail = f"{source.label}只有 {n_rows} 行，应不少于 {expected.rows} 行"
        yield "EXPECT_ROWS", "error", files[0], None, None, detail
    if expected.change is not None and len(levels) > 1 and (before := levels[1][1]):
        change = (n_rows - before) / before
        if abs(change) > expected.change and _is_one_list(ws, source, files, levels[1][0]):
            detail = f"{source.label}由 {before} 行变为 {n_rows} 行，变化 {change:+.0%}，超过 {expected.change:.0%}"
            yield "EXPECT_CHANGE", "error", files[0], None, None, detail
    for field, least in expected.fill.items():
        for file_id in files:
            share, header = _fill(ws, file_id, field)
            if share is not None and share < least:
                detail = f"{source.label}的“{header}”填写率 {share:.0%}，应不低于 {least:.0%}"
                yield "EXPECT_FILL", "error", file_id, None, header, detail


def _is_one_list(ws: Workspace, source: Source, files: Sequence[int], older: Sequence[int]) -> bool:
    """Whether two exports name the same: of lists of two places or kinds neither is a state of the other."""
    for field in (f"{record}.{key}" for record in source.records for key in _KEYS):
        new, old = _values(ws, files, field), _values(ws, older, field)
        if new and old:
            return len(new & old) >= 0.5 * min(len(new), len(old))
    return True


def _values(ws: Workspace, files: Sequence[int], field: str) -> set[str]:
    found: set[str] = set()
    for file_id in files:
        for (position,) in ws.rows(
            "select position from raw_column where file_id = ? and list_contains(string_split(field, ','), ?)",
            [file_id, field],
        ):
            found |= {v for (v,) in ws.rows(f"select distinct trim(c{position}) from raw_{file_id}") if v}
    return found


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
