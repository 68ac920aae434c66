"""The condition tree of a rule as lines for a screen: depth, text, true / false / unknown, the values it saw.

Comes in: ``decide.seen.Seen``. Goes out: ``Line`` records; secret values are not shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from clue_engine.decide.look import seen_of
from clue_engine.decide.seen import Bound, Seen, SeenRow, SeenValue
from clue_engine.export.privacy import redact
from clue_engine.language.check_pack import check_pack
from clue_engine.language.template import shown
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

_WORDS = {"and": "全部满足", "or": "满足其一", "not": "不满足下面这条", "two_sided": "有肯定的依据，或没有否定的依据"}
_MOST_ROWS = 5
_SECRET = "（不显示）"


@dataclass(frozen=True)
class Line:
    depth: int
    text: str
    outcome: bool | None
    value: str = ""


Explain = Callable[[int, str], tuple[Line, ...]]  # household, rule -> lines


def explainer(ws: Workspace, pack: Pack, as_of: dt.date, *, full: bool = False) -> Explain:
    """Explains the rules of one pack on one day; ``full`` with the parts that decide nothing."""

    def lines_of(household_id: int, rule_id: str) -> tuple[Line, ...]:
        return explained(ws, pack, as_of, [(household_id, rule_id)], full=full)(household_id, rule_id)

    return lines_of


def explained(
    ws: Workspace, pack: Pack, as_of: dt.date, wanted: Iterable[tuple[int, str]], *, full: bool = False
) -> Explain:
    """The same for many households, each rule made ready once for all of them."""
    checked, _ = check_pack(pack)
    own: dict[str, list[int]] = {}
    for household_id, rule_id in sorted(set(wanted)):
        own.setdefault(rule_id, []).append(household_id)
    found: dict[tuple[int, str], tuple[Line, ...]] = {}
    for rule_id, ids in own.items():
        for household_id, seen in seen_of(ws.con, checked, as_of, ids, rule_id):
            found[household_id, rule_id] = tuple(lines(seen, full=full, places=places(ws, seen)))
    return lambda household_id, rule_id: found[household_id, rule_id]


Places = Mapping[tuple[str, int], str]


def places(ws: Workspace, seen: Seen) -> Places:
    """Where the rows of a tree come from: file, sheet and row, the first two sources of each."""
    wanted = sorted({(r.relation, r.row_id) for r in _rows(seen)})
    if not wanted or not ws.has_table("fact_source"):
        return {}
    found = ws.rows(
        "select distinct s.relation, s.row_id, f.name, coalesce(f.sheet, ''), s.row_no from fact_source as s"
        " join input_file as f using (file_id)"
        " where list_contains(?, s.row_id) order by all",
        [sorted({row_id for _, row_id in wanted})],
    )
    texts: dict[tuple[str, int], list[str]] = {}
    for relation, row_id, name, sheet, row_no in found:
        texts.setdefault((relation, row_id), []).append(f"{name}{f'〔{sheet}〕' if sheet else ''}第{row_no}行")
    return {key: redact("、".join(texts[key][:2])) for key in wanted if key in texts}


def _rows(seen: Seen) -> Iterator[SeenRow]:
    for part in seen.parts:
        yield from _rows(part)
    for row in seen.rows:
        yield row
        if row.seen is not None:
            yield from _rows(row.seen)


def lines(
    seen: Seen, depth: int = 0, *, full: bool = False, listed: bool = False, places: Places | None = None
) -> Iterator[Line]:
    """The tree from its root, parts below what they decide. ``listed``: the line above already says “all of these”."""
    places = places or {}
    parts = seen.parts if full else _deciding(seen)
    joint = seen.kind == "and" and listed
    lone = seen.kind in ("and", "or") and len(parts) == 1
    if depth and not full and (joint or lone):
        for part in parts:
            yield from lines(part, depth, listed=listed, places=places)
        return
    text = seen.text or _WORDS.get(seen.kind, seen.kind)
    told = [shown_value(v) for v in seen.values]
    if seen.bound is not None and gap(seen.bound):
        told.append(gap(seen.bound))
    if seen.kind == "not" and seen.text:  # none 涉案 (…), count … <> 2: its rows stand right below it
        inner = replace(seen.parts[0], text=text, verdict=seen.verdict)
        yield from lines(inner, depth, full=full, places=places)
        return
    yield Line(depth, redact(text), seen.verdict, "；".join(told))
    for part in parts:
        yield from lines(part, depth + 1, full=full, listed=seen.kind in ("and", "definition"), places=places)
    for number, row in enumerate(_telling(seen, full), 1):
        held = f"，因 {'、'.join(row.held)} 不计或待核" if row.held else ""
        doubt = "" if row.certain else "（可能有的一行）"
        yield Line(depth + 1, f"第{number}行{doubt}{held}", row.verdict, places.get((row.relation, row.row_id), ""))
        if row.seen is not None and (full or row.verdict is not False or not row.held):
            yield from lines(row.seen, depth + 2, full=full, listed=True, places=places)


def _deciding(seen: Seen) -> tuple[Seen, ...]:
    """The parts that make a node what it is: the true ones of a true "or", the failing ones of a false "and"."""
    if seen.kind == "or" and seen.verdict:
        return tuple(p for p in seen.parts if p.verdict)
    if seen.kind == "and" and seen.verdict is False:
        return tuple(p for p in seen.parts if p.verdict is False)
    if seen.kind in ("and", "or") and seen.verdict is None:
        return tuple(p for p in seen.parts if p.verdict is None)
    return seen.parts


def _telling(seen: Seen, full: bool) -> list[SeenRow]:
    """The rows that make the test true or leave it open, and the held ones; without such rows those that fail it."""
    if full:
        return list(seen.rows)
    speaking = [r for r in seen.rows if r.verdict is not False or r.held]
    return (speaking or list(seen.rows))[:_MOST_ROWS]


def shown_value(value: SeenValue) -> str:
    """A fact as a screen may show it."""
    hidden = value.sensitivity == "secret" and value.value is not None
    text = _SECRET if hidden else redact(shown(value.value, value.unit))
    return f"{value.label}={text}"


# -- how far a comparison is from its bound: 比界限 12750元 高 120元 -----------------------------------------------
def gap(bound: Bound) -> str:
    """The nearest the left side may be to the bound. Not known, no words."""
    if None in bound.right or bound.left == (None, None):
        return ""
    line = _shown(bound.right[0] if bound.right[0] == bound.right[1] else bound.right, bound)
    low, high = bound.left
    if low is not None and low > bound.right[1]:
        return f"比界限 {line} 高 {_difference(low, bound.right[1], bound)}"
    if high is not None and high < bound.right[0]:
        return f"比界限 {line} 低 {_difference(bound.right[0], high, bound)}"
    if low == high == bound.right[0] == bound.right[1]:
        return f"正好等于界限 {line}"
    return f"界限 {line}"


def _shown(value: Any, bound: Bound) -> str:
    one = value[0] if isinstance(value, tuple) else value
    return shown(value, "" if isinstance(one, dt.date) else _unit(bound))


def _difference(more: Any, less: Any, bound: Bound) -> str:
    if isinstance(more, dt.date):
        return f"{(more - less).days}天"
    if bound.unit == "%":
        return shown(round((more - less) * 100, 4)) + "个百分点"
    return shown(round(more - less, 6), _unit(bound))


def _unit(bound: Bound) -> str:
    return {"月": "个月"}.get(bound.unit, bound.unit)
