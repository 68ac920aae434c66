"""Headings: one form for comparing, the unit taken out, two-row headings joined.

Comes in: the first rows of a table. Goes out: candidates for the header, each a list of ``Heading``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from clue_engine.ingest.table import Table

SEARCH_ROWS = 15
_FEW = 3  # of so many headings one may stand alone under its group head
_UNITS = {
    "万元": "万元",
    "元": "元",
    "千元": "千元",
    "人民币元": "元",
    "人民币万元": "万元",
    "元/月": "元",
    "元/年": "元",
    "元/人": "元",
    "单位:万元": "万元",
    "单位:元": "元",
}
_MEASURES = {"亩", "平方米", "m2", "㎡", "人", "月", "个月", "岁", "年", "户", "公里", "千米", "天", "%", "口", "周岁"}
_MARKS = re.compile(r"\((?:必填|选填|必录|必填项|可选|\*|下拉选择|格式[^)]*|yyyy[^)]*)\)|\*|※|★")
_FORMULA = re.compile(r'^="(.*)"$')  # how some systems keep Excel from counting
_BRACKETS = re.compile(r"\(([^()]*)\)")
_UNIT_AFTER = re.compile(r"(?<=.)[/:,、-](万元|千元|元)$")
_UNIT_CELL = re.compile(r"[（(][^()（）]{1,12}[)）]|万元|元|千元|人|岁|%")
_OF_YEAR = re.compile(r"^20\d{2}(?:年度?)?(?=[\u4e00-\u9fff]{2})")  # 2025人均收入 is a heading, no cell of data
_UNIT_ROW = re.compile(r"(?:单位|金额|标的)[:：]?\s*[（(]?\s*(人民币)?\s*(万元|元)")


@dataclass(frozen=True)
class Heading:
    """A column: what stands in the file, its form for comparing, the forms to try, its unit."""

    position: int  # from 1
    text: str
    keys: tuple[str, ...]
    unit: str | None = None


@dataclass(frozen=True)
class Header:
    """A possible header: ``row`` is its last row, ``first_row`` its first one (from 1)."""

    first_row: int
    row: int
    headings: tuple[Heading, ...]


@lru_cache(maxsize=32_768)  # the sources know some thousand headings and every table asks about each of them
def heading_key(text: str) -> tuple[str, str | None]:
    """``(key, unit)``: 已获\\n赔偿金额（万元） → 已获赔偿金额, 万元."""
    key = "".join(unicodedata.normalize("NFKC", text).split()).lower().replace("\u200b", "").replace("\ufeff", "")
    key = _FORMULA.sub(r"\1", key)
    key = _MARKS.sub("", key)
    unit = None
    for inner in _BRACKETS.findall(key):
        if inner in _UNITS:
            unit = _UNITS[inner]
        elif inner not in _MEASURES:
            continue
        key = key.replace(f"({inner})", "")
    if unit is None and (after := _UNIT_AFTER.search(key)):  # 人均纯收入/元
        key, unit = key[: after.start()], after[1]
    key = re.sub(r"^\d{1,3}[.、]", "", key).strip(":;,.、_")
    return key, unit


def candidates(table: Table) -> Iterator[Header]:
    """Every row of the first fifteen as a one-row header, and every pair of rows that looks like a two-row one."""
    rows = table.preview[:SEARCH_ROWS]
    for index, row in enumerate(rows):
        if sum(bool(cell.strip()) for cell in row) < 2:
            continue
        lower = table.preview[index + 1] if index + 1 < len(table.preview) else ()
        two = bool(lower) and _continues(row, lower)
        if not (index and _below_group_heads(rows[index - 1], row)) and not (two and _spans(table, index)):
            yield _with_units(one_row(index, row), table)
        if two:
            yield _with_units(_two_rows(index, row, lower, table.merged), table)


def _spans(table: Table, index: int) -> bool:
    """Whether cells of a row are merged with those beside them: heads of groups of columns."""
    return sum(top == index == bottom and right > left for top, left, bottom, right in table.merged) > 1


def _with_units(header: Header, table: Table) -> Header:
    """A row below that holds nothing but units and remarks in brackets belongs to the header."""
    below = table.preview[header.row] if header.row < len(table.preview) else ()
    cells = [cell for cell in below if cell.strip()]
    if not cells or not all(_UNIT_CELL.fullmatch("".join(cell.split())) for cell in cells):
        return header
    units = {n: heading_key(cell)[1] or heading_key(f"({cell.strip()})")[1] for n, cell in enumerate(below, 1)}
    headings = (replace(h, unit=h.unit or units.get(h.position)) for h in header.headings)
    return Header(header.first_row, header.row + 1, tuple(headings))


def title_unit(table: Table, header: Header) -> str | None:
    """The unit that a title row states for the whole table (单位：万元)."""
    for row in table.preview[: header.first_row - 1]:
        if found := _UNIT_ROW.search(" ".join(row)):
            return found[2]
    return None


def one_row(index: int, row: Sequence[str]) -> Header:
    """A row as a header of one row."""
    headings = []
    for position, cell in enumerate(row, 1):
        key, unit = heading_key(cell)
        headings.append(Heading(position, cell.strip(), _variants(key), unit))
    return Header(index + 1, index + 1, tuple(headings))


def _variants(key: str) -> tuple[str, ...]:
    """The key, and the key without what stands in brackets."""
    bare = _BRACKETS.sub("", key)
    return tuple(dict.fromkeys(k for k in (key, bare) if k))


def _below_group_heads(upper: Sequence[str], row: Sequence[str]) -> bool:
    """Whether the row is the lower half of a header: alone it would bring strangers together.

    It says 姓名 twice and only the row above it whose, or leaves columns without a word that the row above has.
    """
    keys = [heading_key(cell)[0] for cell in row if cell.strip()]
    n_upper = sum(bool(cell.strip()) for cell in upper)
    left = sum(bool(u.strip() and not lo.strip()) for u, lo in zip(upper, row, strict=False))
    return n_upper > 1 and (len(set(keys)) < len(keys) or left > 1) and _continues(upper, row)


def _continues(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether ``lower`` can be the second row of a header: words only, under cells that are wider than one column."""
    words = [cell for cell in lower if cell.strip()]
    if not words or any(re.search(r"\d{4}", _OF_YEAR.sub("", cell)) or len(cell) > 30 for cell in words):
        return False
    spread = any(not u.strip() and lo.strip() for u, lo in zip(upper[1:], lower[1:], strict=False))
    under = [(u.strip(), lo.strip()) for u, lo in zip(upper, lower, strict=False)]
    spread = spread or any(u and u == before and lo for (before, _), (u, lo) in pairwise(under))  # 户主信息 said twice
    alone = len(words) * _FEW <= sum(bool(u) for u, _ in under) and all(u for u, lo in under if lo)  # one column each
    return (spread or alone) and bool(upper[0].strip() or lower[0].strip())


def _two_rows(
    index: int, upper: Sequence[str], lower: Sequence[str], merged: Sequence[tuple[int, int, int, int]]
) -> Header:
    width = max(len(upper), len(lower))  # of a text file the longer rows stay as long as they are
    parents = [*upper, *[""] * (width - len(upper))]
    lower = [*lower, *[""] * (width - len(lower))]
    spans = [(left, right) for top, left, bottom, right in merged if top <= index <= bottom and right > left]
    if spans:
        for left, right in spans:
            parents[left : right + 1] = [upper[left]] * (min(right, len(parents) - 1) - left + 1)
    else:
        for i in range(1, len(parents)):
            if not parents[i].strip() and lower[i].strip():
                parents[i] = parents[i - 1]
    children = [heading_key(cell)[0] for cell in lower]
    headings = []
    for position, (parent, child) in enumerate(zip(parents, lower, strict=True), 1):
        parent_key, parent_unit = heading_key(parent)
        child_key, child_unit = heading_key(child)
        unit = child_unit or parent_unit
        if not child_key or not parent_key:
            headings.append(
                Heading(position, (parent.strip() or child.strip()), _variants(parent_key or child_key), unit)
            )
            continue
        stem = re.sub(r"(?:基本)?(?:信息|情况|资料)$", "", parent_key)
        keys = [f"{parent_key}/{child_key}", parent_key + child_key, stem + child_key]
        if children.count(child_key) == 1:  # 身份证号码 under two parents says nothing by itself
            keys += _variants(child_key)
        headings.append(Heading(position, f"{parent.strip()}/{child.strip()}", tuple(dict.fromkeys(keys)), unit))
    return Header(index + 1, index + 2, tuple(headings))
