"""The figures of the report: how far clues have come, by month, town, charge, rule and receiver. No person is in them.

Comes in: the rows of the lists and the events of the ledger. Goes out: ``Grid`` records. Counts from 1 to 7 are
masked, as in the summary of the workbook, unless they are asked for; what nobody wrote down is “—”, never nought.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from clue_engine.export import columns as c
from clue_engine.export.list_rows import Cell, Row
from clue_engine.export.xlsx_pages import masked
from clue_engine.ledger import Event
from clue_engine.ledger import events as e
from clue_engine.ledger.history import Wait
from clue_engine.pack.answers import Feedback

STAGES = ("发现", "移送", "核实", "救助或纳入", "回访")
UNKNOWN = "—"
_FOUND, _SENT, _CHECKED, _HELPED, _SEEN = range(5)
_KINDS = {
    e.LISTED: _FOUND, e.REFERRED: _SENT, e.VERIFIED: _CHECKED, e.DECIDED: _HELPED, e.PAID: _HELPED,
    e.MONITORED: _HELPED, e.REVISITED: _SEEN,
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """A table. ``bars``: the columns that are drawn; ``over_time``: as lines over the rows, which are months."""

    title: str
    note: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    bars: tuple[int, ...] = ()
    over_time: bool = False


@dataclass
class Way:
    """How far a number has come: the first day of each stage; whether it held."""

    days: list[dt.date | None] = field(default_factory=lambda: [None] * len(STAGES))
    right: bool | None = None


Mask = Callable[[Sequence[int]], list[Cell]]


def open_numbers(numbers: Sequence[int]) -> list[Cell]:
    """The numbers and their sum as they are: for whoever said why."""
    return [*numbers, sum(numbers)]


def ways(events: Iterable[Event], numbers: Mapping[str, str], known: Feedback) -> dict[str, Way]:
    """By number; a line is found when it is listed as certain, checked when an answer says whether it holds."""
    found: dict[str, Way] = defaultdict(Way)
    for event in events:
        stage = _KINDS.get(event.kind)
        if event.kind == e.LISTED and event.text("status") != "线索":
            stage = None
        result = known.result(event.text("code"))
        stages = {stage} - {None}
        if result is not None and result.right is not None:
            stages.add(_CHECKED)
        if not stages:
            continue
        way = found[numbers.get(event.clue_id, event.clue_id)]
        if result is not None and result.right is not None:
            way.right = result.right
        for one in stages:
            assert one is not None
            earlier = way.days[one]
            way.days[one] = event.day if earlier is None else min(earlier, event.day)
    return dict(found)


def funnel(found: Mapping[str, Way] | None, n_listed: int, month: dt.date, mask: Mask) -> Grid:
    """This month, the last, and all. Without a ledger only what this scan lists is known."""
    last = _month_before(month)
    rows: list[tuple[Cell, ...]] = []
    for stage, name in enumerate(STAGES):
        if found is None:
            first = _one(n_listed, mask) if stage == _FOUND else UNKNOWN
            rows.append((name, UNKNOWN, UNKNOWN, first))
            continue
        days = [way.days[stage] for way in found.values()]
        counts = [_in(days, month), _in(days, last), sum(day is not None for day in days)]
        rows.append((name, *(_one(n, mask) for n in counts)))
    note = "“发现”是列为线索的；同一条只在最早的那个月计一次。"
    if found is None:
        note = "没有用线索台账：移送、核实、救助、回访没有记录，不是没有。发现是这次扫描的。"
    return Grid("从发现到回访", note, ("环节", f"{month:%Y年%m月}", f"{last:%Y年%m月}", "累计"), tuple(rows), (1, 2, 3))


def _in(days: Iterable[dt.date | None], month: dt.date) -> int:
    return sum(day is not None and (day.year, day.month) == (month.year, month.month) for day in days)


def _one(number: int, mask: Mask) -> Cell:
    return mask([number])[0]


def breakdowns(
    rows: Sequence[Row], found: Mapping[str, Way] | None, titles: Mapping[str, str], month: dt.date, mask: Mask
) -> list[Grid]:
    """Of the certain clues of this scan, and those that were and are put aside now, without the restricted ones."""
    ever = found or {}
    certain = [row for row in rows if row.status == "线索" or (row.clue_id in ever and ever[row.clue_id].days[_FOUND])]
    shown = [row for row in certain if not row.restricted]
    by: dict[str, Callable[[Row], Sequence[str]]] = {
        "线索方向": lambda row: [row.direction],
        "乡镇": lambda row: [str(row.cells.get(c.TOWN) or "（乡镇不详）")],
        "案由": lambda row: _several(row.cells.get(c.CAUSE)) or ["（不写案由或不详）"],
        "规则": lambda row: [f"{r['id']} {titles.get(str(r['id']), '')}" for r in row.details.get("rules", ())],
        "接收单位": lambda row: _several(row.cells.get(c.RECEIVER)) or ["（未定）"],
    }
    return [_breakdown(what, shown, key, found, month, mask) for what, key in by.items()]


def _several(cell: Cell) -> list[str]:
    return [word for word in str(cell or "").split("、") if word]


def _breakdown(
    what: str, rows: Sequence[Row], key: Callable[[Row], Sequence[str]], found: Mapping[str, Way] | None,
    month: dt.date, mask: Mask,
) -> Grid:  # fmt: skip
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        for word in dict.fromkeys(key(row)):
            groups[word].append(row)
    order = sorted(groups, key=lambda word: (-len(groups[word]), word))
    last = _month_before(month)
    tests: dict[str, Callable[[Way], bool]] = {
        "本月发现": lambda way: _in([way.days[_FOUND]], month) > 0,
        "上月发现": lambda way: _in([way.days[_FOUND]], last) > 0,
        "移送": lambda way: way.days[_SENT] is not None,
        "核实": lambda way: way.days[_CHECKED] is not None,
        "属实": lambda way: bool(way.right),
        "救助或纳入": lambda way: way.days[_HELPED] is not None,
    }
    columns = [mask([len(groups[word]) for word in order])[:-1]]
    for test in tests.values():
        if found is None:
            columns.append([UNKNOWN] * len(order))
            continue
        own = [[found[row.clue_id] for row in groups[word] if row.clue_id in found] for word in order]
        columns.append(mask([sum(map(test, way)) for way in own])[:-1])
    lines = tuple((word, *cells) for word, *cells in zip(order, *columns, strict=True))
    note = "这次扫描的线索和以前列过、现在搁置的，不含受限的。"
    note += "一条线索可以算在几行里。" if what in ("案由", "规则", "接收单位") else ""
    return Grid(f"按{what}", note, (what, "线索", *tests), lines, (1,))


def _month_before(month: dt.date) -> dt.date:
    return (month.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def overdue(waits: Iterable[Wait], today: dt.date, mask: Mask) -> Grid:
    """By receiver: what waits for an answer, what is late, by how many days at most."""
    waiting: Counter[str] = Counter()
    late: Counter[str] = Counter()
    longest: Counter[str] = Counter()
    for wait in waits:
        name = wait.receiver or "（未写单位）"
        waiting[name] += 1
        if wait.due is not None and wait.due < today:
            late[name] += 1
            longest[name] = max(longest[name], (today - wait.due).days)
    order = sorted(waiting, key=lambda name: (-late[name], name))
    columns = [mask([of[name] for name in order])[:-1] for of in (waiting, late)]
    rows = tuple(
        (name, n, m, f"{longest[name]} 天" if longest[name] else "") for name, n, m in zip(order, *columns, strict=True)
    )
    headings = ("接收单位", "等待反馈", "已逾期", "最长逾期")
    return Grid("等待和逾期", f"截至 {today}，按自然日算逾期多少天。", headings, rows, (2,))


__all__ = ["Grid", "Mask", "Way", "breakdowns", "funnel", "masked", "open_numbers", "overdue", "ways"]
