"""Tables that fit no known layout and whose columns are understood: what must be there, and whose a column is.

Comes in: what a plain source says under ``recognise`` (plain, needs, person), the columns of a table that are
understood, its title. Goes out: the columns that hold, a ``Doubt`` for each that may be anybody's, and what is missing.
A name is a suspect's or a victim's only where its heading or the title of the table says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clue_engine.ingest.field_choice import FieldChoice
from clue_engine.ingest.header import Header
from clue_engine.ingest.infer import Column
from clue_engine.ingest.yearly import Doubt
from clue_engine.pack.model import Source

_RELATION = "关系"  # 与嫌疑人关系 says that somebody else is meant


@dataclass(frozen=True)
class Plain:
    """``person``: fields of the person whom ``said`` (words of headings) or ``titles`` (words of the title) name, the
    name first. ``others``: words of headings against it. ``enough``: fields of which one beside the person is all that
    need be understood: who suffered what is a paper of a case, however many columns are strange."""

    person: tuple[str, ...]
    said: frozenset[str]
    titles: tuple[str, ...]
    others: frozenset[str]
    share: float
    enough: frozenset[str] = frozenset()

    def titled(self, title: str) -> bool:
        return any(word in title for word in self.titles)

    def names(self, choice: FieldChoice, header: Header, columns: Sequence[Column], source: Source) -> bool:
        """Whether a heading of one of the person's columns says who it is."""
        return any(self._says(choice, header, c) for c in columns if self._of_person(source, c))

    def excluded(self, choice: FieldChoice, header: Header, columns: Sequence[Column]) -> bool:
        """Whether somebody stands in the row whom this kind of table does not know."""
        unknown = {c.position for c in columns if c.column_no is None and not c.ignored}
        headings = (h for h in header.headings if h.position in unknown)
        return any(words & self.others and _RELATION not in words for h in headings for words in choice.words_in(h))

    def held(
        self, source: Source, choice: FieldChoice, header: Header, columns: Sequence[Column], title: str
    ) -> tuple[tuple[Column, ...], tuple[Doubt, ...]]:
        """The columns without those of a person whom nothing names."""
        if not self.person or self.titled(title):
            return tuple(columns), ()
        named = any(self._says(choice, header, c) for c in columns if self._is_name(source, c))
        kept, doubts = [], []
        for column in columns:
            if self._of_person(source, column) and not named and not self._says(choice, header, column):
                label = choice.words.record_field(source.columns[column.column_no or 0].fields[0]).label
                doubts.append(Doubt(column.header, label, "表头和表名都没有说是谁的"))
                column = replace(column, column_no=None, grade="known", why="")
            kept.append(column)
        return tuple(kept), tuple(doubts)

    def understood(self, source: Source, columns: Sequence[Column]) -> bool:
        """Whether enough of the table is understood: two columns of seventeen are no recognition."""
        fed = {f for c in columns if c.column_no is not None for f in source.columns[c.column_no].fields}
        if fed & self.enough and fed & set(self.person):
            return True
        headed = [c for c in columns if c.header]
        n_fed = sum(c.column_no is not None for c in headed)
        return n_fed >= 2 and n_fed + sum(c.ignored for c in headed) >= self.share * len(headed)

    def _is_name(self, source: Source, column: Column) -> bool:
        return column.column_no is not None and self.person[0] in source.columns[column.column_no].fields

    def _of_person(self, source: Source, column: Column) -> bool:
        return column.column_no is not None and bool(set(self.person) & set(source.columns[column.column_no].fields))

    def _says(self, choice: FieldChoice, header: Header, column: Column) -> bool:
        if column.grade == "accepted":
            return True
        heading = next(h for h in header.headings if h.position == column.position)
        return any(words & self.said and _RELATION not in words for words in choice.words_in(heading))


def plain(source: Source, choice: FieldChoice | None) -> Plain | None:
    """None for a known layout, and in a pack without words to understand headings by."""
    said: Mapping[str, Any] = source.options.get("recognise", {})
    if choice is None or str(said.get("plain")) not in ("true", "是"):
        return None
    person: Mapping[str, Any] = said.get("person", {})
    return Plain(
        tuple(map(str, person.get("fields", ()))),
        frozenset(map(str, person.get("said", ()))),
        tuple(map(str, person.get("title", ()))),
        frozenset(str(w)[1:] for w in said.get("none", ()) if str(w).startswith("@")),
        choice.words.bar("plain"),
        frozenset(map(str, said.get("enough", ()))),
    )
