"""The internal page: every clue with its rules, evidence and course, for whoever works on them in the office.

Comes in: a scanned workspace, perhaps a ledger. Goes out: HTML that needs no network and, but for the search, no
script. What it says of a clue is what the open list and ``show`` say: numbers of persons are masked, a restricted clue
is a number with direction, state and band.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from clue_engine.enquiry.show import ClueView, view_of
from clue_engine.enquiry.tree import Explain, explained
from clue_engine.export import columns as c
from clue_engine.export.list_rows import Row, list_rows
from clue_engine.export.privacy import RESTRICTED, plain
from clue_engine.language.plain_words import in_words
from clue_engine.ledger import Ledger
from clue_engine.ledger.history import Book
from clue_engine.ledger.history import rows as course_rows
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

_STATEMENT = "各条由数据比对得出，供核查参考，不作为认定依据。"
_SHORT = (
    c.BAND, c.NAME, c.ID, c.PHONE, c.HEAD, c.TOWN, c.VILLAGE, c.HOUSEHOLD_NO, c.MATCH, c.CAUSE, c.CASE_NO, c.HARM,
    c.LOSS, c.PAID, c.HOME, c.SAME_HOME, c.RECEIVER, c.ALSO, c.DEADLINE,
)  # fmt: skip
_LONG = (c.REASON, c.MISSING, c.HOLDER, c.NOTE, c.CHECK, c.MEASURES, c.HELD_REASON, c.SOURCE)
_KINDS = {"hit": "命中", "pending": "命中，待核", "unknown": "不能确定", "lost": "命中，已搁置"}
_OUTCOMES = {True: "是", False: "否", None: "不明"}
_COURSE = ("日期", "事项", "单位", "文号", "期限", "结论", "说明")
_AT = (1, 6, 9, 10, 11, 12, 14)  # of the columns of ledger.history.HEADINGS


@dataclass(frozen=True)
class Entry:
    """A clue as the page shows it; of a restricted one only the row."""

    row: Row
    short: Sequence[tuple[str, object]] = ()
    long: Sequence[tuple[str, Sequence[str]]] = ()
    view: ClueView | None = None
    course: Sequence[Sequence[str]] = ()


def internal_page(ws: Workspace, pack: Pack, ledger: Ledger | None, as_of: dt.date) -> tuple[str, int]:
    """The whole page, and how many clues are on it. The same workspace and ledger give the same bytes."""
    import jinja2

    book = Book.read(ledger) if ledger else None
    shown = "select household_id, rule_id from clue_rule join clue using (clue_id) where not restricted"
    known = {rule.id for rule in pack.rules}
    asked = [(household_id, rule_id) for household_id, rule_id in ws.rows(shown) if rule_id in known]
    explain = explained(ws, pack, as_of, asked)
    entries = [_entry(ws, pack, row, book, explain) for row in list_rows(ws, pack)]
    files = resources.files("clue_engine.enquiry")
    script = files.joinpath("page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.globals["in_words"] = in_words
    text = environment.from_string(files.joinpath("page.html.j2").read_text(encoding="utf-8")).render(
        entries=entries, as_of=as_of.isoformat(), pack=pack, statement=_STATEMENT, script=script, digest=digest,
        kinds=_KINDS, outcomes=_OUTCOMES, hidden=RESTRICTED, course=_COURSE, c=c, with_ledger=ledger is not None,
    )  # fmt: skip
    return text, len(entries)


def _entry(ws: Workspace, pack: Pack, row: Row, book: Book | None, explain: Explain) -> Entry:
    if row.restricted:
        return Entry(row)
    short = [(h, _said(v)) for h in _SHORT if (v := row.cells.get(h)) not in (None, "")]
    long = [(h, str(v).split("\n")) for h in _LONG if (v := row.cells.get(h)) not in (None, "")]
    return Entry(row, short, long, view_of(ws, pack, row, explain, sources=False), _course(book, row.clue_id))


def _said(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else plain(str(cell))


def _course(book: Book | None, number: str) -> list[list[str]]:
    if book is None or number not in book.now:
        return []
    found = [[line[place] for place in _AT] for line in course_rows(book, book.course(number))]
    return [list(line) for line in dict.fromkeys(map(tuple, found))]  # several parts of one number are one line
