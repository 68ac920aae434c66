"""Rows of a raw table that are no records: blank, footer, note, repeated header, and rows whose cells have moved.

Comes in: a raw table and what it was recognised as. Goes out: ``(row_no, code)`` per row to reject.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from clue_engine.ingest.infer import Column
from clue_engine.ingest.recognise import Match
from clue_engine.pack.model import Source
from clue_engine.values.text import BLANKS, ERROR_WORDS
from clue_engine.workspace import Workspace, literal

_TRIM = literal(BLANKS)
# Shapes so strict that nothing else has them. Where such a value stands one column beside its own, cells have moved.
_SHAPES = {
    "id": "[1-9][0-9]{16}[0-9Xx]|9[1-9][0-9]{6}[0-9A-Z]{10}",
    "date": "(19|20)[0-9]{2}([-/.])[01]?[0-9]([-/.])[0-3]?[0-9]( 00:00:00)?|(19|20)[0-9]{2}年[01]?[0-9]月[0-3]?[0-9]日",
    "phone": "1[3-9][0-9]{9}",
}
# How such a value begins at most, and how many bytes it has at least: a quick look before the pattern.
_BELOW = {"id": ":", "date": "3", "phone": "2"}
_LEAST = {"id": 18, "date": 8, "phone": 11}
# Types that may hold such a value rightly: a case number, a sum or a count may look like a number of another kind.
_HOLDS = {"caseno": tuple(_SHAPES), "money": ("phone",), "number": ("phone", "id"), "id": ("phone",)}


def row_faults(
    ws: Workspace, raw: str, match: Match, types: Mapping[str, str], n_columns: int
) -> list[tuple[int, str]]:
    """Found on a few columns, decided on the whole row. ``types`` are the types of record fields."""
    rejects = _no_records(ws, raw, match, n_columns)
    gone = {n for n, _ in rejects}
    return rejects + [(n, "SHIFTED") for n in _shifted(ws, raw, match, types) if n not in gone]


def footer_pattern(source: Source) -> str:
    """How the first cell of a footer row begins."""
    words = "|".join(re.escape("".join(w.split())) for w in source.footer) or "合计"
    return rf"^({words})\s*([:：、,，.(（\s0-9]|$)"


def _no_records(ws: Workspace, raw: str, match: Match, n_columns: int) -> list[tuple[int, str]]:
    columns = [f"c{i}" for i in range(1, n_columns + 1)]
    source = match.source
    required = [
        f"c{c.position}" for c in match.columns if c.column_no is not None and source.columns[c.column_no].required
    ]
    first = ", ".join(f"nullif({c}, '')" for c in columns[:3])
    errors = ", ".join(map(literal, ERROR_WORDS))
    blank = " and ".join(f"({_is_blank(c)} or {c} in ({errors}))" for c in required or columns[:1])
    headers = {c.position: c.header for c in match.columns}
    again = "false"
    if required:
        heading = literal(headers[int(required[0][1:])])
        again = f"(contains({required[0]}, {heading}) and trim({required[0]}, {_TRIM}) = {heading})"
    footer = footer_pattern(source)
    begins = literal(footer.replace("^", f"^[{re.escape(BLANKS)}]*", 1))
    candidates = ws.rows(
        f"select row_no, [{', '.join(columns)}], {again} from {raw}"
        f" where ({blank}) or regexp_matches(coalesce({first}, ''), {begins}) or {again}"
        f" or ({' and '.join(_begins_blank(c) for c in columns[:3])})"
    )
    rejects: list[tuple[int, str]] = []
    pattern = re.compile(footer)
    places = [int(c[1:]) - 1 for c in required]
    for row_no, cells, is_header in candidates:
        filled = [c.strip(BLANKS) for c in cells if c and c.strip(BLANKS)]
        has_id = any(_is_id(c) for c in filled)
        if not set(filled).difference(ERROR_WORDS):  # formulas that were drawn down too far
            rejects.append((row_no, "EMPTY"))
        elif is_header:
            rejects.append((row_no, "HEADER"))
        elif pattern.search(filled[0]) and len(filled) <= max(3, len(cells) // 2) and not has_id:
            rejects.append((row_no, "FOOTER"))
        elif len(filled) <= 2 and not any((cells[i] or "").strip(BLANKS) for i in places) and not has_id:
            rejects.append((row_no, "NOTE"))
    return rejects


def _begins_blank(cell: str) -> str:
    """True for an empty cell and for one that begins with a blank: few cells, so that few are looked at closely."""
    wide = (("\u00a0", "\u00a1"), ("\u2000", "\u3001"), ("\ufeff", "\uff00"))
    ranges = " or ".join(f"{cell} between {literal(low)} and {literal(high)}" for low, high in wide)
    return f"({cell} < '!' or {ranges})"


def _is_blank(cell: str) -> str:
    return f"({_begins_blank(cell)} and trim({cell}, {_TRIM}) = '')"


def _shifted(ws: Workspace, raw: str, match: Match, types: Mapping[str, str]) -> list[int]:
    """Rows moved by a stray delimiter: a value of strict shape stands beside its own column, which holds another thing.

    An empty own column counts half: two such places are asked for.
    """
    by_place = {c.position: c for c in match.columns}
    tests, quick = [], []
    for column in match.columns:
        kind = column_kind(match, column, types)
        for beside in (column.position - 1, column.position + 1):
            if kind not in _SHAPES or beside not in by_place:
                continue
            other = column_kind(match, by_place[beside], types)
            own, next_to = f"trim(c{column.position}, {_TRIM})", f"trim(c{beside}, {_TRIM})"
            shape = literal(_SHAPES[kind])
            if other == kind or (other in _HOLDS and kind in _HOLDS[other]):
                continue
            if other in (None, "text"):  # a note may name a date; only an identity number beside words is clear
                if kind != "id" or _holds_numbers(match, by_place[beside]):
                    continue
                weight = f"case when {own} <> '' and not regexp_matches({own}, '[0-9*]') then 2 else 0 end"
            else:
                empty = 2 if (kind, other) == ("id", "name") else 1  # no name is a number: that alone is clear
                weight = f"case when {own} = '' then {empty} when regexp_full_match({own}, {shape}) then 0 else 2 end"
            quick.append(f"(c{beside} < '{_BELOW[kind]}' and strlen(c{beside}) >= {_LEAST[kind]})")
            tests.append(f"case when regexp_full_match({next_to}, {shape}) then {weight} else 0 end")
    if not tests:
        return []
    few = f"select * from {raw} where {' or '.join(quick)}"
    return [n for (n,) in ws.rows(f"select row_no from ({few}) where {' + '.join(tests)} >= 2")]


def column_kind(match: Match, column: Column, types: Mapping[str, str]) -> str | None:
    """The type of the fields that a column feeds; None for a column that feeds none."""
    if column.column_no is None:
        return None
    kinds = {types.get(f, "text") for f in match.source.columns[column.column_no].fields}
    return kinds.pop() if len(kinds) == 1 else "text"


def _holds_numbers(match: Match, column: Column) -> bool:
    """Whether a column may hold an identity number although it is none: 户编号, 人员编号, and headings of 证 or 号."""
    if column.column_no is None:
        return any(word in column.header for word in ("证", "号", "码"))
    return any(f.endswith("_no") for f in match.source.columns[column.column_no].fields)


def _is_id(cell: str) -> bool:
    return bool(re.fullmatch(r"'?\d{15,22}[Xx]?|\d{17}[\dXx]", cell))
