"""Columns whose headings no source has, understood by the words of the heading and by the values under it.

Comes in: a header, the columns that are known, cells. Goes out: the columns with those that were inferred, and a
``Doubt`` for each that looks like a field and is not used. One column feeds one field: the surest pair first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from clue_engine.ingest.column_fit import Fitted, fit, holds_numbers, is_running_number, share_of_others
from clue_engine.ingest.column_proof import has_heads, proven
from clue_engine.ingest.field_choice import NONE, Choice, FieldChoice
from clue_engine.ingest.header import Header, heading_key
from clue_engine.ingest.yearly import Doubt, put_aside
from clue_engine.pack.model import Source

Cells = Callable[[int], Sequence[str]]  # of the column at a position
_NUMBERS = 0.3  # a column of names with identity numbers in so many cells is none
_TIE = 0.02
LOOK = 400  # letters of a cell that are looked at
_ENOUGH = 5  # cells from which values speak against a heading of the source itself
_JUDGED = ("name", "money", "number", "caseno", "text")  # cells of other types are no values when they do not fit


@dataclass(frozen=True)
class Column:
    """A column of the file: ``column_no`` is its number in the source, None when it is not known there."""

    position: int
    header: str
    unit: str | None
    column_no: int | None
    ignored: bool = False
    grade: str = "known"  # known | inferred
    why: str = ""


@dataclass(frozen=True)
class _Bid:
    position: int
    choice: Choice
    fitted: Fitted
    score: float


def infer(
    source: Source,
    choice: FieldChoice,
    header: Header,
    columns: Sequence[Column],
    cells: Cells,
    day: dt.date | None = None,
) -> tuple[tuple[Column, ...], tuple[Doubt, ...]]:
    """The columns with what could be inferred. ``day``: the day that the table speaks of."""
    headings = {heading.position: heading for heading in header.headings}
    said = [(headings[c.position], c.column_no if c.grade == "known" else None) for c in columns if not c.ignored]
    aside = put_aside(source, choice, said, day)
    doubts = dict(aside)
    kept = []
    bids: list[_Bid] = []
    given = accepted_columns(source, header)
    for column in columns:
        if column.position in given:
            column = replace(column, column_no=given[column.position], ignored=False, grade="accepted", why="经人确认")
            doubts.pop(column.position, None)
        elif column.position in aside:
            column = replace(column, column_no=None, grade="known", why="")
        elif column.grade == "known" and column.column_no is not None:
            asked = choice.proof_asked(headings[column.position], column.column_no)
            if asked is not None:
                doubts[column.position] = Doubt(column.header, _label(source, choice, asked.column_no), "表头说不清")
            elif against := _against(source, choice, columns, column, cells):
                doubts[column.position] = Doubt(column.header, _label(source, choice, column.column_no), against)
                others = [c for c in choice.choices(headings[column.position]) if c.column_no != column.column_no]
                bids += _bid(source, choice, column, others, cells, doubts) or _bid_of_values(choice, column, cells)
            column = replace(column, column_no=None) if column.position in doubts else column
            if asked:  # what it is not sure to be it may be all the same in a weaker sense: 人均年收入 before costs
                others = [c for c in choice.choices(headings[column.position]) if c.column_no != asked.column_no]
                bids += _bid(source, choice, column, [asked, *others], cells, doubts)
        elif column.grade == "inferred" or (column.column_no is None and not column.ignored and column.header):
            column = replace(column, column_no=None, grade="known", why="")
            by_heading = _bid(source, choice, column, choice.choices(headings[column.position]), cells, doubts)
            bids += by_heading or _bid_of_values(choice, column, cells)
        kept.append(column)
    return _settle(source, choice, kept, bids, doubts, cells)


def accepted_columns(source: Source, header: Header) -> dict[int, int]:
    """Columns that a person has accepted for a table of exactly these headings: position -> number in the source."""
    own = [one for one in source.options.get("accepted", ()) if one.source == source.id]
    keys = {h.position: heading_key(h.text)[0] for h in header.headings if h.keys} if own else {}
    given: Mapping[str, str] = next((one.columns for one in own if set(one.headings) == set(keys.values())), {})
    # what feeds that field alone, where there is such a column: what a person calls a note is no injury
    widest_first = sorted(enumerate(source.columns), key=lambda one: (-len(one[1].fields), -one[0]))
    numbers = {field: n for n, c in widest_first for field in c.fields}
    return {p: numbers[given[key]] for p, key in keys.items() if given.get(key) in numbers}


def _against(source: Source, choice: FieldChoice, columns: Sequence[Column], column: Column, cells: Cells) -> str:
    """What speaks against a column that stands under a heading of its source; "" when nothing does."""
    assert column.column_no is not None
    words, known = choice.words, source.columns[column.column_no]
    target, own = known.fields[0], cells(column.position)
    one = words.record_field(target)
    if one.type == "name" and holds_numbers(own) > _NUMBERS:
        return "格子里写着证件号码，不是姓名"
    if one.type in ("code", "codes", "bool") and is_running_number(own):
        return "格子里是序号"
    if target in source.options.get("own_numbers", ()):
        other = words.rules.get(target, NONE).other
        if is_running_number(own) or share_of_others(own, other) >= words.bar("fits"):
            return "格子里是序号或别的编号、文号"
    if words.rules.get(target, NONE).proof == "一户一主":
        placed = {c.position: c.column_no for c in columns if c.column_no is not None}
        if not has_heads(column.position, placed, source, words, cells):
            return "同一编号下多半没有户主，不是户编号"
    judged = target in words.outcome or (one.type == "text" and target in source.options.get("join", ()))
    if judged and one.type in _JUDGED:
        fitted = fit(own, one, known.values, "", words, known=True)
        if fitted.filled >= _ENOUGH and fitted.share < words.bar("no_name" if one.type == "name" else "against"):
            return f"值合这一项的只有 {fitted.share:.0%}"
    return ""


def _bid(
    source: Source,
    choice: FieldChoice,
    column: Column,
    choices: Sequence[Choice],
    cells: Cells,
    doubts: dict[int, Doubt],
) -> list[_Bid]:
    """What the heading may mean, as far as the values agree."""
    found: list[_Bid] = []
    for one in choices:
        words, rule = choice.words, choice.words.rules.get(one.target, NONE)
        known = source.columns[one.column_no]
        asked, values = words.record_field(one.target), known.values
        fitted = fit(cells(column.position), asked, values, rule.like, words, told=rule.told)
        needed = words.bar("fits" if one.target in words.outcome or one.asked else "loosely")
        empty_ok = not fitted.filled and one.target not in words.outcome and not one.asked
        if fitted.share >= needed or empty_ok:
            found.append(_Bid(column.position, one, fitted, one.strength + 0.3 * fitted.share))
        elif fitted.filled:  # of an empty column nothing is lost
            said = f"值合这一项的只有 {fitted.share:.0%}"
            doubts.setdefault(column.position, Doubt(column.header, _label(source, choice, one.column_no), said))
    return found


def _bid_of_values(choice: FieldChoice, column: Column, cells: Cells) -> list[_Bid]:
    """What the values say of themselves under a heading that says nothing: 执行依据 above 身体权纠纷, 买卖合同纠纷."""
    found = []
    for one in choice.alone:
        words = choice.words
        fitted = fit(cells(column.position), words.record_field(one.target), {}, words.rules[one.target].alone, words)
        if fitted.filled >= _ENOUGH and fitted.share >= words.bar("fits"):
            found.append(_Bid(column.position, one, fitted, 0.3 * fitted.share))
    return found


def _settle(
    source: Source,
    choice: FieldChoice,
    columns: Sequence[Column],
    bids: Sequence[_Bid],
    doubts: dict[int, Doubt],
    cells: Cells,
) -> tuple[tuple[Column, ...], tuple[Doubt, ...]]:
    """One field for one column, the surest first; of two that are equally sure none."""
    by_place = {column.position: column for column in columns}
    # What must be proven by other columns waits until those are known.
    ranked = sorted(bids, key=lambda bid: (" " in bid.choice.proof, -bid.score, bid.position, bid.choice.column_no))
    for bid in ranked:
        column, number = by_place[bid.position], bid.choice.column_no
        if column.column_no is not None:
            continue
        feeding = _feeding(source, tuple(by_place.values()), number)
        label = _label(source, choice, number)
        rivals = [
            other
            for other in ranked
            if other.choice.column_no == number
            and other.position != bid.position
            and by_place[other.position].column_no is None
            and bid.score - other.score < _TIE
        ]
        if feeding is not None:
            doubts[bid.position] = Doubt(column.header, label, f"这一项已用“{feeding.header}”")
        elif rivals:
            doubts[bid.position] = Doubt(column.header, label, f"与“{by_place[rivals[0].position].header}”分不出")
        else:
            said = "表头的字词和 " if bid.choice.strength else ""
            why = f"按{said}{bid.fitted.filled} 格内容（{bid.fitted.share:.0%} 相合）"
            placed = {p: c.column_no for p, c in by_place.items() if c.column_no is not None}
            placed = _likely(source, ranked, by_place, bid.position) | placed
            unprovable = bid.choice.asked and not bid.choice.proof
            if not unprovable and proven(bid.choice.proof, bid.position, placed, source, choice.words, cells):
                by_place[bid.position] = replace(column, column_no=number, grade="inferred", why=why)
                doubts.pop(bid.position, None)
            else:
                doubts[bid.position] = Doubt(column.header, label, "表头有几种读法，表里的值证明不了是这一项")
    left = [p for p in sorted(doubts) if by_place[p].column_no is None]
    return tuple(by_place.values()), tuple(doubts[p] for p in left)


def _likely(source: Source, ranked: Sequence[_Bid], by_place: Mapping[int, Column], beside: int) -> dict[int, int]:
    """Columns that wait for a proof too: 家庭角色 and 家庭编号 are what they seem only together."""
    likely: dict[int, int] = {}
    for bid in ranked:
        open_one = by_place[bid.position].column_no is None and bid.position not in (beside, *likely)
        if open_one and _feeding(source, tuple(by_place.values()), bid.choice.column_no) is None:
            likely[bid.position] = bid.choice.column_no
    return likely


def _feeding(source: Source, columns: Sequence[Column], number: int) -> Column | None:
    """The column that feeds one of the fields of this number already; notes stand side by side."""
    fields = set(source.columns[number].fields)
    fields = fields - set(source.options.get("join", ())) or fields
    fed = (c for c in columns if c.column_no is not None and fields & set(source.columns[c.column_no].fields))
    return next(fed, None)


def _label(source: Source, choice: FieldChoice, number: int) -> str:
    return choice.words.record_field(source.columns[number].fields[0]).label
