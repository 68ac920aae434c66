"""What a returned row answers: a code of the pack, dates and amounts; else why it cannot be kept.

Comes in: returned rows and the answers that the pack knows. Goes out: ``Answer`` and ``Doubt`` records. A row with one
cell that cannot be read is not kept at all: half an answer may be the wrong half. Cells come from outside: kept are
codes, dates and amounts only (a remark may name somebody); a message shows one short line of them without numbers.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from clue_engine.export import columns as c
from clue_engine.export.privacy import plain, redact
from clue_engine.feedback.returned import Returned
from clue_engine.ledger.events import DECIDED, PAID
from clue_engine.pack.answers import Feedback
from clue_engine.pack.suggest import fold, hint
from clue_engine.values.dates import date_interval
from clue_engine.values.money import money

NUMBER = re.compile(r"(?<![A-Z0-9])[A-Z]{1,4}-[0-9A-F]{6,20}(?![A-Z0-9])")
_NO_YEAR = re.compile(r"(?=.*(?:[月/-]|\.\d\d$|\.[4-9]$))(\d{1,2})[月/.-](\d{1,2})[日号]?")
_CUT_OFF = re.compile(r"\d{1,2}\.[1-3]")
AMOUNT_EVENTS = {DECIDED, PAID}  # what an amount is kept with
_DIGITS = re.compile(r"[\d,，]+(?:\.\d+)?元?")
_DASHES = str.maketrans("—–−‐‑‒―－_", "---------")
_DATES = (c.CHECKED_ON, c.PAID_ON, c.MONITORED_ON, c.REVISITED_ON)
_OLDEST = dt.date(2000, 1, 1)
_MOST_YUAN = 10_000_000
_WORD = 20  # characters of a cell that are shown


@dataclass(frozen=True)
class Doubt:
    """A row, or a part of it, that needs a look. ``kind`` counts; ``said`` tells; ``kept``: the answer stands."""

    place: str
    number: str
    kind: str
    said: str
    kept: bool = False


@dataclass(frozen=True)
class Answer:
    """An answer to one clue. ``number``: as written; ``dates`` by heading."""

    place: str
    number: str
    code: str
    outcome: str = ""
    reason: str = ""
    amount: float | None = None
    case_no: str = ""
    dates: Mapping[str, dt.date] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """``blank``: rows of a clue with no answer yet; ``mapped``: old words, what they count as now, and how often.

    ``numbers``: all that stand in the rows, answered or not.
    """

    answers: tuple[Answer, ...]
    doubts: tuple[Doubt, ...]
    blank: int
    mapped: tuple[tuple[str, str, int], ...]
    numbers: tuple[str, ...] = ()


def n_refused(doubts: Iterable[Doubt]) -> int:
    """Rows of which nothing is kept; one row may have several problems."""
    return len({doubt.place for doubt in doubts if not doubt.kept})


def read_answers(rows: Sequence[Returned], known: Feedback, reasons: Mapping[str, str], today: dt.date) -> Answers:
    """``reasons``: title by id of what keeps a clue off the list. ``today``: nothing was checked after it."""
    answers: list[Answer] = []
    doubts: list[Doubt] = []
    mapped: Counter[tuple[str, str]] = Counter()
    blank = 0
    seen: dict[str, None] = {}
    for row in rows:
        numbers = list(dict.fromkeys(NUMBER.findall(row.number.upper().translate(_DASHES))))
        seen |= dict.fromkeys(numbers)
        filled = row.cells.keys() - {c.CASE_NO}
        if not filled:
            blank += bool(numbers)
            if not numbers and row.number and not _is_note(row.number):
                doubts.append(Doubt(row.place, "", "没有编号", "“线索编号”一栏不是编号"))
            continue
        if not numbers:
            doubts.append(Doubt(row.place, "", "没有编号", "填了核查情况，“线索编号”一栏没有编号，不知道是哪一条"))
            continue
        if c.RESULT not in filled:
            said = f"填了{'、'.join(h for h in c.FEEDBACK if h in filled)}，没有填核查结果"
            doubts.append(Doubt(row.place, numbers[0], "没有核查结果", said))
            continue
        found, problems = _answer(row, numbers[0], known, reasons, today, mapped)
        doubts += problems
        if found is not None:
            answers += [Answer(**{**vars(found), "number": number}) for number in numbers]
    table = tuple((word, code, n) for (word, code), n in sorted(mapped.items()))
    return Answers(tuple(answers), tuple(doubts), blank, table, tuple(seen))


def _is_note(text: str) -> bool:
    """A line below the list in the first column: 合计, 填表人."""
    return not re.search(r"\d", text)


def _answer(
    row: Returned, number: str, known: Feedback, reasons: Mapping[str, str], today: dt.date,
    mapped: Counter[tuple[str, str]],
) -> tuple[Answer | None, list[Doubt]]:  # fmt: skip
    doubts: list[Doubt] = []

    def wrong(kind: str, said: str) -> None:
        doubts.append(Doubt(row.place, number, kind, said))

    outcome = row.cells.get(c.OUTCOME, "")
    outcome = _one_of(outcome, known.outcomes) or outcome
    if outcome and outcome not in known.outcomes:
        wrong("不在可选之内", f"处理去向写的是“{_shown(outcome)}”。{hint(outcome, known.outcomes)}")
    code = _code(row.cells[c.RESULT], outcome, known, mapped)
    result = known.result(code)
    if result is None:
        wrong("不在可选之内", f"核查结果写的是“{_shown(code)}”。{hint(code, [*known.codes, *known.old])}")
    dates = {}
    noted: list[Doubt] = []
    for heading in _DATES:
        day, said = _day(row.cells.get(heading, ""), today)
        if day is None and said:
            wrong("日期读不出", f"{heading}{said}")
        elif day is not None:
            dates[heading] = day
        if day is not None and said:
            noted.append(Doubt(row.place, number, "没有写年份", f"{heading}{said}", kept=True))
    written = row.cells.get(c.AMOUNT, "")
    amount, said = _amount(written)
    if said:
        wrong("金额读不出", f"{c.AMOUNT}{said}")
    for word in result.against if result else ():
        if word == outcome or row.cells.get(word):
            told = f"处理去向却写了“{outcome}”" if word == outcome else f"却填了{word}"
            wrong("前后矛盾", f"核查结果写的是“{code}”，{told}")
    if doubts or result is None:
        return None, doubts
    doubts += noted
    if amount is not None and not AMOUNT_EVENTS & set(result.events):
        doubts.append(Doubt(row.place, number, "没有用的栏", f"写了“{code}”，{c.AMOUNT}没有记", kept=True))
    elif amount is not None and not _DIGITS.fullmatch(written):
        said = f"{c.AMOUNT}写的是“{_shown(written)}”，按 {amount:g} 元记"
        doubts.append(Doubt(row.place, number, "换算后记", said, kept=True))
    reason, written = result.reason, row.cells.get(c.REFUSED, "")
    if written and not reason and not (reason := _reason(written, reasons)):
        said = f"不成立原因写的是“{_shown(written)}”，没有记。{hint(written, reasons.values())}"
        doubts.append(Doubt(row.place, number, "不在可选之内", said, kept=True))
    for heading in result.needs:
        if not row.cells.get(heading):
            said = f"写了“{code}”，没有填{heading}"
            if heading in _DATES:
                said += f"，按{f'核查日期 {dates[c.CHECKED_ON]}' if c.CHECKED_ON in dates else f'今天 {today}'} 记"
            doubts.append(Doubt(row.place, number, "缺应填的栏", said, kept=True))
    case_no = row.cells.get(c.CASE_NO, "")
    return Answer(row.place, number, code, outcome, reason, amount, case_no, dates), doubts


def _code(word: str, outcome: str, known: Feedback, mapped: Counter[tuple[str, str]]) -> str:
    """The code that is meant: written so or, in the words of an earlier version, alone or with where it went."""
    code = _one_of(word, known.codes)
    for old in (f"{code or word}+{outcome}", code or word):
        now = known.old.get(_one_of(old, list(known.old)))
        if now is not None:
            mapped[old, now] += 1
            return now
    return code or word


def _one_of(word: str, names: Sequence[str]) -> str:
    """The name that ``word`` is but for width, spaces, dashes and brackets; empty where there is none."""
    folded = _even(word)
    return next((name for name in names if _even(name) == folded), "")


def _even(word: str) -> str:
    even = unicodedata.normalize("NFKC", word).translate(_DASHES).replace("，", "、").replace(",", "、")
    return fold(even).replace("-", "")


def _day(cell: str, today: dt.date) -> tuple[dt.date | None, str]:
    """A date that is one day, neither long ago nor to come; else what is wrong with it.

    A day without its year is the last such day, and that is said. 11.1 may have been 11.10 before a spreadsheet took it
    for a number: nobody can tell. 11.4 cannot.
    """
    if not cell:
        return None, ""
    if found := _NO_YEAR.fullmatch("".join(cell.split())):
        days = [d for year in (today.year, today.year - 1) if (d := _made(year, *map(int, found.groups()))) is not None]
        day = next((d for d in days if d <= today), None)
        return day, f"没有写年份，按最近的 {day} 记" if day else "没有这一天"
    if _CUT_OFF.fullmatch(cell):
        said = f"写的是“{cell}”，可能是 {cell}0（表格会去掉末尾的 0），看不出是哪一天"
        return None, f"{said}，写成 {today.year}-06-30 这样"
    first, last = date_interval(cell)
    if first is None or first != last:
        return None, f"不是一个日期（要写年、月、日），写成 {today.year}-06-30 这样"
    if not _OLDEST <= first <= today:
        return None, f"写的是 {first}，{'在今天以后' if first > today else '太早'}"
    return first, ""


def _made(year: int, month: int, day: int) -> dt.date | None:
    with suppress(ValueError):
        return dt.date(year, month, day)
    return None


def _amount(cell: str) -> tuple[float | None, str]:
    if not cell:
        return None, ""
    found, flag = money(cell, "元")
    if found is None or flag is not None:
        return None, "不是一个金额，写成 20000"
    if not 0 <= found <= _MOST_YUAN:
        return None, "不像以元为单位的金额"
    return found, ""


def _reason(cell: str, reasons: Mapping[str, str]) -> str:
    """The id of a reason, where it or its title is written; else empty."""
    for key, title in reasons.items():
        if re.search(rf"(?<![A-Z0-9]){re.escape(key)}(?![0-9])", cell.upper()) or fold(title) == fold(cell):
            return key
    return ""


def _shown(word: str) -> str:
    return redact(plain(word))[:_WORD]
