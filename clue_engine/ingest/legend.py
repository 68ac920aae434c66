"""Codes of a table explained below or above it: 履行：0—未履行；1—部分履行；2—全部履行.

Comes in: a raw table, its columns, the first rows of the table. Goes out: the raw table with the words in place of the
codes of the one column that the explanation is of, and a note that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clue_engine.ingest.land_shown import Note
from clue_engine.values.text import half_width
from clue_engine.workspace import Workspace, literal

_ENTRY = re.compile(r"(?:^|[:;,\s])([0-9A-Za-z]{1,2})\s*[-—–=:.、]*\s*([\u3400-\u9fff][^;,:\s]*)")
_FEWEST = 2
_NAME = re.compile(r"^[“\"]?([\u3400-\u9fff]{2,8})[”\"]?(?:一?[栏列])?[:：]")
_ANY = ("代码", "代码说明", "说明", "注", "备注", "编码说明", "代码含义", "注释")


@dataclass(frozen=True)
class Legend:
    """``name``: the heading it is of; None where it only says 代码说明."""

    name: str | None
    words: dict[str, str]


def legend_in(text: str) -> Legend | None:
    """The legend that a row of one text is."""
    plain = half_width(text).strip()
    words = dict(_ENTRY.findall(plain))
    named = _NAME.match(plain)
    if len(words) < _FEWEST or named is None or not all(re.match(r"[0-9A-Za-z]", code) for code in words):
        return None
    return Legend(None if named[1] in _ANY else named[1], words)


def explained(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of one cell, which may explain codes."""
    return [filled[0] for row in rows if len(filled := [cell for cell in row if cell.strip()]) == 1]


def in_words(ws: Workspace, raw: str, headings: Sequence[tuple[int, str]], more: Iterable[str]) -> list[Note]:
    """``headings``: place and text of the columns; ``more``: texts outside of the raw table that may be a legend."""
    first = headings[0][0] if headings else 1
    texts = [t for (t,) in ws.rows(f"select distinct c{first} from {raw} where length(c{first}) > 8 order by 1")]
    notes: list[Note] = []
    for legend in filter(None, map(legend_in, dict.fromkeys([*more, *texts]))):
        places = [(n, h) for n, h in headings if _is_of(ws, raw, n, h, legend)]
        if len(places) != 1:
            continue
        ((place, heading),) = places
        cases = " ".join(f"when {literal(code)} then {literal(word)}" for code, word in legend.words.items())
        ws.con.execute(f"update {raw} set c{place} = case trim(c{place}) {cases} else c{place} end")
        said = "、".join(f"{code}={word}" for code, word in legend.words.items())
        notes.append(("COLUMN_INFERRED", "note", None, heading, f"这一列的代码按表里的说明读：{said}"))
    return notes


def _is_of(ws: Workspace, raw: str, place: int, heading: str, legend: Legend) -> bool:
    """Whether all cells of a column are codes of a legend, and its heading is what the legend names or says 代码."""
    if legend.name is not None and legend.name not in heading:
        return False
    if legend.name is None and not re.search("代码|编码|码$", heading):
        return False
    known = ", ".join(map(literal, legend.words))
    ((n_known, n_other),) = ws.rows(
        f"select count(*) filter (trim(c{place}) in ({known})),"
        f" count(*) filter (trim(c{place}) not in ('', {known}) and length(trim(c{place})) <= 2) from {raw}"
    )
    return bool(n_known) and not n_other
