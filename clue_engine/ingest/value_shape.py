"""What the values of an unknown column look like: numbers of persons, dates, amounts, telephones, codes.

Comes in: cells of one column, the code tables. Goes out: ``Shape``: the share of cells that each type can read. No
value leaves this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clue_engine.ingest.readings import code_table, look_up
from clue_engine.pack.model import CodeSet
from clue_engine.values import dates, money, number, reference
from clue_engine.values.identity import identity
from clue_engine.values.text import cell_text, compact, is_yes_no

NAME = re.compile(r"[一-鿿㐀-䶿]{2,4}|[一-鿿]{1,8}(?:[·•．][一-鿿]{1,8})+")
_PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}")
CASE_NO = re.compile(r".*[(\[〔【（]\d{4}[)\]〕】）].*\d+号?")
_MOSTLY = 0.6


@dataclass(frozen=True)
class Shape:
    """``filled``: cells that say something; ``shares``: type -> share that it reads; ``codes``: code table -> share."""

    filled: int
    distinct: int
    shares: Mapping[str, float]
    codes: Mapping[str, float]

    @property
    def best(self) -> str:
        """The most telling type that reads most cells; text when none does, "" when all cells are empty."""
        if not self.filled:
            return ""
        order = ("id", "phone", "caseno", "date", "bool", "money", "number", "name")
        fits = [kind for kind in order if self.shares.get(kind, 0.0) >= _MOSTLY]
        if any(share >= _MOSTLY for share in self.codes.values()) and "bool" not in fits and "id" not in fits:
            return "code"
        return fits[0] if fits else "text"


def shape(cells: Sequence[str], tables: Mapping[str, CodeSet]) -> Shape:
    """Measure a column."""
    texts = [text for cell in cells if (text := cell_text(cell)) is not None]
    if not texts:
        return Shape(0, 0, {}, {})
    tests = {
        "id": lambda t: identity(t).kind in ("ok", "old15", "bad_checksum", "tail000", "sci", "masked", "virtual"),
        "phone": lambda t: bool(_PHONE.fullmatch(compact(t))) and reference.phone(t) is not None,
        "caseno": lambda t: bool(CASE_NO.fullmatch(compact(t))),
        "date": lambda t: is_date(t),
        "bool": lambda t: is_yes_no(t) and not compact(t).isdigit(),
        "money": lambda t: money.money(t)[0] is not None,
        "number": lambda t: number.number(t) is not None,
        "name": lambda t: bool(NAME.fullmatch(compact(t))),
    }
    shares = {kind: sum(map(test, texts)) / len(texts) for kind, test in tests.items()}
    words = [t for t in texts if not compact(t).replace(".", "").isdigit()]
    codes = {}
    for name, codeset in tables.items() if len(words) * 2 > len(texts) else ():
        table = code_table(codeset, {})
        known = sum(look_up(table, text, codeset)[0] is not None for text in words)
        if known:
            codes[name] = known / len(texts)
    return Shape(len(texts), len(set(texts)), shares, codes)


def is_date(text: str) -> bool:
    """A year alone or a bare number of five digits is any number: those do not make a column of dates."""
    key = compact(text)
    return dates.date_interval(text)[0] is not None and not re.fullmatch(r"\d{4,5}(?:\.\d+)?", key)
