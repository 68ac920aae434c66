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
    helped: list[tuple[str, dt.date]] = []  # by the data: no answer told of it
    for event in events:
        if event.kind == e.RESCUED:
            helped.append((numbers.get(event.clue_id, event.clue_id), event.day))
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
    for number, day in helped:  # of what had been found, only: others were helped before anybody looked
        days = found[number].days if number in found else Way().days
        if (days[_FOUND] or day) < day:
            days[_HELPED] = min(days[_HELPED] or day, day)
    return dict(found)


def funnel(found: Mapping[str, Way] | None, n_listed: int, month: dt.date, mask: Mask) -> Grid:
    """This month, the last, and all. Without a ledger only what this scan lists is known."""
    last = _month_before(month)
    rows: list[tuple[Cell, ...]] = []
    for stage, name in enumerate(STAGES):
        if found is None:
            first = _one(n_listed, mask) if stage == _FOUND else UNKNOWN
            rows.append((name, UNKNOWN, UNKNOWN, UNKNOWN, first))
            continue
        days = [way.days[stage] for way in found.values()]
        n_now, n_before, n_all = _in(days, month), _in(days, last), sum(day is not None for day in days)
        rows.append((name, *mask([n_now, n_before, n_all - n_now - n_before])))
    note = "“发现”是列为线索的；同一条只在最早的那个月计一次。其余月份：更早的，和这个月以后的。"
    if found is None:
        note = "没有用线索台账：移送、核实、救助、回访没有记录，不是没有。发现是这次扫描的。"
    headings = ("环节", f"{month:%Y年%m月}", f"{last:%Y年%m月}", "其余月份", "累计")
    return Grid("从发现到回访", note, headings, tuple(rows), (1, 2, 4))


def _in(days: Iterable[dt.date | None], month: dt.date) -> int:
    return sum(day is not None and (day.year, day.month) == (month.year, month.month) for day in days)


def _one(number: int, mask: Mask) -> Cell:
    return mask([number])[0]


def breakdowns(
    rows: Sequence[Row], found: Mapping[str, Way] | None, listed: Mapping[str, Event], titles: Mapping[str, str],
    month: dt.date, mask: Mask,
) -> list[Grid]:  # fmt: skip
    """Of all lines that the first table counts, also those that have ended or are in no list any more.

    ``listed``: how the ledger has a number. Without a ledger the certain lines of this scan.
    """
    own = {row.clue_id: row for row in rows}
    numbers = sorted(row.clue_id for row in rows if row.status == "线索") if found is None else sorted(found)
    told = {number: _under(own.get(number), listed.get(number), titles) for number in numbers}
    return [_breakdown(what, {n: words[what] for n, words in told.items()}, found, month, mask) for what in _BY]


_BY = ("线索方向", "乡镇", "案由", "规则", "接收单位")


def _under(row: Row | None, listed: Event | None, titles: Mapping[str, str]) -> dict[str, list[str]]:
    """What a line counts under: as its row says, else as it was listed last. A restricted one tells its direction."""
    direction = row.direction if row is not None else listed.direction if listed is not None else "（方向不详）"
    if (row is not None and row.restricted) or (listed is not None and listed.body.get("restricted")):
        return {what: [direction if what == _BY[0] else "（受限的）"] for what in _BY}
    cells = row.cells if row is not None else {}
    kept = listed.body if listed is not None else {}
    facts, rules = kept.get("facts"), kept.get("rules")
    cause = cells.get(c.CAUSE) or (facts.get(c.CAUSE) if isinstance(facts, Mapping) else None)
    ids = [str(r["id"]) for r in row.details.get("rules", ())] if row is not None else []
    ids = ids or (list(map(str, rules)) if isinstance(rules, list | tuple) else [])
    return {
        "线索方向": [direction],
        "乡镇": [str(cells.get(c.TOWN) or kept.get("town") or "（乡镇不详）")],
        "案由": _several(cause) or ["（不写案由或不详）"],
        "规则": [f"{one} {titles.get(one, '')}" for one in ids] or ["（没有记下）"],
        "接收单位": _several(cells.get(c.RECEIVER) or kept.get("receiver")) or ["（未定）"],
    }


def _several(cell: object) -> list[str]:
    return [word for word in str(cell or "").split("、") if word]


def _breakdown(
    what: str, under: Mapping[str, Sequence[str]], found: Mapping[str, Way] | None, month: dt.date, mask: Mask
) -> Grid:
    groups: dict[str, list[str]] = defaultdict(list)
    for number, words in under.items():
        for word in dict.fromkeys(words):
            groups[word].append(number)
    last = _month_before(month)
    tests: dict[str, Callable[[Way], bool]] = {
        "发现": lambda way: way.days[_FOUND] is not None,
        "本月发现": lambda way: _in([way.days[_FOUND]], month) > 0,
        "上月发现": lambda way: _in([way.days[_FOUND]], last) > 0,
        "移送": lambda way: way.days[_SENT] is not None,
        "核实": lambda way: way.days[_CHECKED] is not None,
        "属实": lambda way: bool(way.right),
        "救助或纳入": lambda way: way.days[_HELPED] is not None,
    }

    def count(word: str, test: Callable[[Way], bool]) -> int:
        return sum(test(found[number]) for number in groups[word]) if found is not None else len(groups[word])

    order = sorted(groups, key=lambda word: (-count(word, tests["发现"]), word))
    columns = [
        [UNKNOWN] * len(order) if found is None and name != "发现" else mask([count(word, test) for word in order])[:-1]
        for name, test in tests.items()
    ]
    lines = tuple((word, *cells) for word, *cells in zip(order, *columns, strict=True))
    note = "各行相加是“从发现到回访”的累计。"
    if found is None:
        note = "这次扫描的线索。"
    elif what in ("案由", "规则", "接收单位"):
        note = "一条线索可以算在几行里，所以各行相加可能多于累计。"
    return Grid(f"按{what}", note, (what, *tests), lines, (1,))


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
