"""The condition tree of a rule as lines for a screen: depth, text, true / false / unknown, the values it saw.

Comes in: ``evaluate.explain.Seen``. Goes out: ``Line`` records; secret values are not shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clue_engine.evaluate.explain import Seen, SeenRow, SeenValue, explain
from clue_engine.export.privacy import redact
from clue_engine.language.template import shown
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

_WORDS = {"and": "全部满足", "or": "满足其一", "not": "不满足下面这条", "two_sided": "有肯定的依据,或没有否定的依据"}
_MOST_ROWS = 5
_SECRET = "(不显示)"


@dataclass(frozen=True)
class Line:
    depth: int
    text: str
    outcome: bool | None
    value: str = ""


Explain = Callable[[int, str], tuple[Line, ...]]  # household, rule -> lines


def explainer(ws: Workspace, pack: Pack, as_of: dt.date, *, full: bool = False) -> Explain:
    """Explains the rules of one pack on one day; ``full`` with the parts that decide nothing."""
    return lambda household_id, rule_id: tuple(lines(explain(ws, pack, as_of, household_id, rule_id), full=full))


def lines(seen: Seen, depth: int = 0, *, full: bool = False, listed: bool = False) -> Iterator[Line]:
    """The tree from its root, parts below what they decide. ``listed``: the line above already says “all of these”."""
    parts = seen.parts if full else _deciding(seen)
    joint = seen.kind == "and" and listed
    lone = seen.kind in ("and", "or") and len(parts) == 1
    if depth and not full and (joint or lone):
        for part in parts:
            yield from lines(part, depth, listed=listed)
        return
    text = seen.text or _WORDS.get(seen.kind, seen.kind)
    yield Line(depth, redact(text), seen.verdict, ";".join(_value(v) for v in seen.values))
    for part in parts:
        yield from lines(part, depth + 1, full=full, listed=seen.kind in ("and", "definition"))
    for number, row in enumerate(_telling(seen, full), 1):
        held = f",因 {'、'.join(row.held)} 不计或待核" if row.held else ""
        doubt = "" if row.certain else "(可能有的一行)"
        yield Line(depth + 1, f"第{number}行{doubt}{held}", row.verdict)
        if row.seen is not None and (full or row.verdict is not False or not row.held):
            yield from lines(row.seen, depth + 2, full=full, listed=True)


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


def _value(value: SeenValue) -> str:
    text = _SECRET if value.sensitivity == "secret" and value.value is not None else redact(shown(value.value))
    return f"{value.label}={text}"
