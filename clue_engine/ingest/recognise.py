"""Which source a table is: the one whose required headings are all there and whose headings explain most columns.

Comes in: a table and the sources of the pack. Goes out: ``Match``, or a ``Miss`` that names the nearest source and
what it lacks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clue_engine.ingest.by_cells import INCIDENT, told_in_text
from clue_engine.ingest.column_fit import fit
from clue_engine.ingest.field_choice import FieldChoice, field_choices
from clue_engine.ingest.header import Header, Heading, candidates, heading_key, title_unit
from clue_engine.ingest.heading_words import Loosen, loosen_with
from clue_engine.ingest.infer import LOOK, Cells, Column, infer
from clue_engine.ingest.plain import Plain, plain
from clue_engine.ingest.readings import code_table, look_up
from clue_engine.ingest.snapshot import snapshot_date
from clue_engine.ingest.table import Table
from clue_engine.ingest.whose import Whose, of_people, whose
from clue_engine.ingest.yearly import Doubt
from clue_engine.pack.model import Source

_LESS = 0.1  # an inferred column speaks less for a source than one that it has
_MANY, _PLAINLY = 8, 0.7  # columns, and their share of all, that leave no doubt what a table is
_UNKNOWN, _SHARE_UNKNOWN = 3, 0.25  # columns, and their share of all, that a layout may not leave unasked
_FAR = 2.0  # the same, where a plain source is that much better than a layout that knows few of the columns
_CLEARLY = 1.0  # by so much a source must fit better than the one that fits by its own headings


@dataclass(frozen=True)
class Match:
    source: Source
    header: Header
    columns: tuple[Column, ...]
    score: float
    ties: tuple[str, ...] = ()  # other sources that fit as well
    doubts: tuple[Doubt, ...] = ()  # columns that may be a field and are not used
    choice: FieldChoice | None = None  # how its other columns are understood
    plain: Plain | None = None  # of a table that fits no known layout
    title: str = ""  # the names of file and sheet and what stands above the header
    lacks: tuple[str, ...] = ()  # a heading that it cannot do without; a column under a strange one may be it


@dataclass(frozen=True)
class Miss:
    """No source fits: the nearest one (None when nothing is alike) and the headings it lacks."""

    nearest: Source | None
    missing: tuple[str, ...] = ()
    found: int = 0


@dataclass(frozen=True)
class _Index:
    """A source made ready for matching: heading key → column number."""

    source: Source
    keys: Mapping[str, int]
    ignored: frozenset[str]
    any_keys: frozenset[str]
    any_parts: tuple[str, ...]  # written ~残疾: a heading that contains it
    any_columns: frozenset[int]
    none_keys: frozenset[str]
    none_parts: tuple[str, ...]
    title: tuple[str, ...]
    untitled: tuple[str, ...]  # words of a title that speak of another kind of list
    loosen: Loosen
    choice: FieldChoice | None
    whose: Whose | None
    plain: Plain | None

    @property
    def has_any(self) -> bool:
        return bool(self.any_keys or self.any_parts or self.any_columns)


_LAST: list[tuple[tuple[Source, ...], list[_Index]]] = []


def index_sources(sources: Iterable[Source]) -> list[_Index]:
    """Normalise the aliases of all sources once; those that were asked for last are kept."""
    sources = tuple(sources)
    if _LAST and list(map(id, _LAST[0][0])) == list(map(id, sources)):
        return _LAST[0][1]
    choices = field_choices(sources)
    indexes = [_index(source, choices.get(source.id)) for source in sources]
    if len(sources) > 1:  # one alone is asked for between the tables of a folder
        _LAST[:] = [(sources, indexes)]
    return indexes


def recognise(table: Table, indexes: Sequence[_Index]) -> Match | Miss:
    """The best source for a table: by the headings that sources have, then also by what its columns look like.

    A table that fits no known layout is what its columns say (plain sources). A column more must not cost a table that
    is plainly of one kind (残疾证号 at the end of a household register): where nothing fits, it is that kind.
    """
    layouts = [index for index in indexes if index.plain is None]
    others = [index for index in indexes if index.plain is not None]
    found = _of_layouts(table, layouts)
    if isinstance(found, Miss) and layouts:
        but_one = _best(table, layouts, inferring=True, but_one=True)
        found = but_one if isinstance(but_one, Match) else found
    if isinstance(found, Match) and (mixed := _of_several_kinds(table, found, others)):
        return mixed
    if isinstance(found, Match) and others and (found.lacks or _is_told(found)):
        # whatever has columns of its own for all says more than prose, or than a layout that lacks one
        other = _best(table, others, inferring=True)
        if isinstance(other, Match) and not _is_told(other) and (other.score > found.score or not found.lacks):
            return other
    wider: Match | Miss | None = None
    if others and isinstance(found, Match) and _knows_little(found):
        wider = _best(table, others, inferring=True)
        if isinstance(wider, Match) and wider.score - found.score >= _FAR:
            return wider
    if not others or (isinstance(found, Match) and not _fails(table, found, indexes)):
        return found
    wider = wider or _best(table, others, inferring=True)
    if isinstance(wider, Match) or isinstance(found, Match):
        return wider if isinstance(wider, Match) else found
    for kinds in filter(None, (layouts, others)):
        plainly = _best(table, kinds, inferring=True, plainly=True)
        if isinstance(plainly, Match):
            return plainly
    return wider if wider.found > found.found else found


def _named(near: str, title: Iterable[str]) -> bool:
    """Whether the name of a sheet or what stands above its header says this kind."""
    return any(word in near for word in title)


def _knows_little(match: Match) -> bool:
    """Whether a layout leaves many of the columns without a word: another kind may know them."""
    headed = [column for column in match.columns if column.header and not column.ignored]
    unknown = sum(column.column_no is None for column in headed)
    return unknown >= max(_UNKNOWN, _SHARE_UNKNOWN * len(headed))


def _is_told(match: Match) -> bool:
    """Whether only running text says what happened."""
    return any(column.why == INCIDENT for column in match.columns)


def _of_several_kinds(table: Table, found: Match, others: Sequence[_Index]) -> Match | None:
    """A table taken for a list of one kind, in which a column says of each row another kind (低保、特困、孤儿)."""
    target = next((t for t in found.source.constants if t.endswith(".list")), None)
    if target is None or any(_feeds(found.source, column, target) for column in found.columns):
        return None
    kinds_of = (i for i in others if target not in i.source.constants)
    wider = (_best(table, [i], inferring=True) for i in kinds_of if any(target in c.fields for c in i.source.columns))
    mixed = [match for match in wider if isinstance(match, Match) and _n_kinds(table, match, target) > 1]
    return max(mixed, key=lambda match: match.score, default=None)


def _n_kinds(table: Table, match: Match, target: str) -> int:
    """How many kinds the cells of the column say that feeds a field; 0 where none does."""
    column = next((c for c in match.columns if _feeds(match.source, c, target)), None)
    if column is None or match.choice is None:
        return 0
    codes = match.choice.words.codes[str(match.choice.words.record_field(target).codes)]
    said = code_table(codes, match.source.columns[column.column_no or 0].values)
    cells = _cells(table, match.header)(column.position)
    return len({look_up(said, cell, codes)[0] for cell in cells if cell.strip()} - {None})


def _feeds(source: Source, column: Column, target: str) -> bool:
    return column.column_no is not None and target in source.columns[column.column_no].fields


def _fails(table: Table, match: Match, indexes: Sequence[_Index]) -> bool:
    """Whether a heading that the layout cannot do without must be proven, and the values do not prove it."""
    choice, named = match.choice, {h.position: h for h in match.header.headings}
    asked = choice is not None and any(
        c.column_no is not None
        and match.source.columns[c.column_no].required
        and choice.proof_asked(named[c.position], c.column_no) is not None
        for c in match.columns
    )
    own = [index for index in indexes if index.source.id == match.source.id]
    return asked and isinstance(_best(table, own, inferring=True), Miss)


def _of_layouts(table: Table, indexes: Sequence[_Index]) -> Match | Miss:
    found = _best(table, indexes, inferring=False)
    if not any(index.choice for index in indexes):
        return found
    if isinstance(found, Match) and all(c.column_no is not None or c.ignored or not c.header for c in found.columns):
        return found
    wider = _best(table, indexes, inferring=True)
    if isinstance(found, Miss) or isinstance(wider, Miss):
        return found if isinstance(wider, Miss) else wider
    same = wider.source.id == found.source.id or wider.score - found.score < _CLEARLY
    return found if same else wider


def _best(
    table: Table, indexes: Sequence[_Index], *, inferring: bool, plainly: bool = False, but_one: bool = False
) -> Match | Miss:
    best: dict[str, Match] = {}
    nearest: tuple[int, int, Miss] = (0, 0, Miss(None))
    known = {key for index in indexes for key in index.keys}
    loosen = indexes[0].loosen if indexes else str
    for said in candidates(table):
        if not _may_be(said, known, loosen, indexes[0].choice if inferring else None):
            continue  # a row of data: nobody's header
        titles = (" ".join(row) for row in table.preview[: said.first_row - 1] if _may_be_title(row, said))
        near = " ".join([table.sheet, *titles])
        words = f"{table.file.name} {near}"
        cells = _cells(table, said)
        for order, index in enumerate(indexes):
            if any(word in (near if _named(near, index.title) else words) for word in index.untitled):
                continue  # a file of two kinds of sheets names both: the sheet that says its own kind is heard first
            header = named(said, index)
            columns = assign(header, index, title_unit(table, header))
            doubts: tuple[Doubt, ...] = ()
            if inferring and index.choice is not None and (plainly or not _n_against(header, index)):
                day = snapshot_date(table, header)
                columns, doubts = infer(index.source, index.choice, header, columns, cells, day)
            if inferring and index.choice is not None:
                columns = told_in_text(index.source, columns, cells, index.choice.words.incidents)
            if index.plain is not None and index.choice is not None:
                columns, unowned = index.plain.held(index.source, index.choice, header, columns, words)
                doubts += unowned
            found = {c.column_no for c in columns if c.column_no is not None}
            n_inferred = sum(c.grade == "inferred" for c in columns)
            missing = lacking(index.source, found)
            lacks = missing if but_one and _strange_one(table, header, index, columns) else ()
            missing = () if lacks else missing
            against = _n_against(header, index)
            sure = plainly and len(found) >= max(_MANY, _PLAINLY * sum(bool(c.header) for c in columns))
            if not missing and not sure and (against or _is_other(header, index, columns)):
                continue
            special = _has_special(header, index)
            titled = any(word in words for word in index.title)
            distinguished = (
                special or titled or bool(index.any_columns & found) or _by_person(header, index, columns, words)
            )
            distinguished = distinguished or (index.plain is None and not index.has_any)
            if not missing and not distinguished:
                missing = tuple(sorted(_names(index)))[:3] or (f"表名里的“{'”或“'.join(index.title[:2])}”",)
            if missing:
                rank = (len(found) + distinguished, -order)
                if rank > nearest[:2] and len(found) >= 2:
                    nearest = (*rank, Miss(index.source, missing, len(found)))
                continue
            score = (
                len(found) + 0.5 * titled + 0.3 * special - 0.001 * header.row - 0.01 * (header.row - header.first_row)
            )
            score -= _LESS * n_inferred + against
            score -= any(c.why == INCIDENT for c in columns)
            other = best.get(index.source.id)
            if len(found) >= 2 and (other is None or (score > other.score and not _repeats(header, found, other))):
                best[index.source.id] = Match(
                    index.source, header, columns, score, (), doubts, index.choice, index.plain, words, lacks
                )
    if not best:
        return nearest[2]
    ranked = sorted(best.values(), key=lambda m: -m.score)
    ties = tuple(m.source.id for m in ranked[1:] if abs(m.score - ranked[0].score) < 0.001)
    return replace(ranked[0], ties=ties)


def lacking(source: Source, found: Collection[int | None]) -> tuple[str, ...]:
    """What a source needs and no column feeds: groups of fields that it says itself, else its required columns."""
    fed = {f for number in found if number is not None for f in source.columns[number].fields}
    if groups := source.options.get("recognise", {}).get("needs"):
        needs = [str(group).split() for group in groups]
        return tuple(heading_of(source, group) for group in needs if not fed.intersection(group))
    wanted = (c for i, c in enumerate(source.columns) if c.required and i not in found)
    return tuple(c.headers[0] for c in wanted if not fed.issuperset(c.fields))


def _strange_one(table: Table, header: Header, index: _Index, columns: Sequence[Column]) -> bool:
    """Whether a table is plainly of this kind, and all that it lacks may stand under a heading of no known word."""
    choice, source = index.choice, index.source
    found = {c.column_no for c in columns if c.column_no is not None}
    wanted = [c for i, c in enumerate(source.columns) if c.required and i not in found]
    lost = [c for c in wanted if c.headers[0] in lacking(source, found)]
    if choice is None or len(lost) != 1 or len(found) < max(_MANY, _PLAINLY * sum(bool(c.header) for c in columns)):
        return False
    named, cells = {h.position: h for h in header.headings}, _cells(table, header)
    one, bar = choice.words.record_field(lost[0].fields[0]), choice.words.bar("fits")
    return any(
        c.column_no is None
        and not c.ignored
        and c.header
        and not choice.reads(named[c.position])
        and fit(cells(c.position), one, lost[0].values, "", choice.words).share >= bar
        for c in columns
    )


def heading_of(source: Source, group: Sequence[str]) -> str:
    """The first heading of a group of fields, for messages."""
    return next((c.headers[0] for field in group for c in source.columns if field in c.fields), group[0])


def _may_be(header: Header, known: set[str], loosen: Loosen, choice: FieldChoice | None) -> bool:
    """Whether cells of a row are headings: two known ones, or three made of known words."""
    if sum(any(k in known or loosen(k) in known for k in h.keys) for h in header.headings) >= 2:
        return True
    return choice is not None and sum(h.keys != () and choice.reads(h) for h in header.headings) >= 3


def _is_other(header: Header, index: _Index, columns: Sequence[Column]) -> bool:
    """Whether a plain source is none for this table: another kind of list, or too little understood."""
    if index.plain is None or index.choice is None:
        return False
    return index.plain.excluded(index.choice, header, columns) or not index.plain.understood(index.source, columns)


def _by_person(header: Header, index: _Index, columns: Sequence[Column], title: str) -> bool:
    """Whether headings or title say whom a plain list is about; a layout that nothing else tells by needs no word."""
    if index.plain is None or index.choice is None:
        return not index.has_any
    return index.plain.titled(title) or index.plain.names(index.choice, header, columns, index.source)


def _cells(table: Table, header: Header) -> Cells:
    """The first cells of a column, of rows that may be records."""
    least = least_filled(len(header.headings))
    rows = [row for row in table.preview[header.row :] if sum(bool(cell.strip()) for cell in row) >= least]
    return lambda position: [row[position - 1][:LOOK] if position <= len(row) else "" for row in rows]


def _may_be_title(row: Sequence[str], header: Header) -> bool:
    """Whether a row above may name the table: one as full as the header is a page's header or data."""
    return sum(bool(cell.strip()) for cell in row) <= max(2, len(header.headings) // 2)


def least_filled(n_columns: int) -> int:
    """So many filled cells has a record: 二〇二五年, 小计 5件 and notes between the rows say nothing of a column."""
    return 3 if n_columns > 5 else 1


def _repeats(header: Header, found: set[int], earlier: Match) -> bool:
    """Whether a row repeats the header above it, as on the second page of a printed list: the rows between are data."""
    known = {c.column_no for c in earlier.columns if c.column_no is not None}
    return header.first_row > earlier.header.row and found <= known


def _index(source: Source, choice: FieldChoice | None) -> _Index:
    loosen = loosen_with(source.options.get("heading_words", {}))
    known = [(heading_key(h)[0], number) for number, column in enumerate(source.columns) for h in column.headers]
    exact: dict[str, int] = {}
    loose: dict[str, set[int]] = {}
    for key, number in known:
        exact.setdefault(key, number)
        loose.setdefault(loosen(key), set()).add(number)
    # A heading as written comes first; one that might then be either of two different fields is nobody's.
    keys = {k: min(n) for k, n in loose.items() if len({source.columns[i].fields for i in n}) == 1} | exact
    clues: Mapping[str, Any] = source.options.get("recognise", {})
    wanted = [str(w) for w in clues.get("any", ())]
    unwanted = [str(w) for w in clues.get("none", ()) if not str(w).startswith("@")]
    columns = {i for i, c in enumerate(source.columns) for w in wanted if w in c.fields}
    return _Index(
        source,
        keys,
        _both(source.options.get("ignore", ()), loosen),
        _both((w for w in wanted if not re.fullmatch(r"~.*|[a-z]+\.[a-z_]+", w)), loosen),
        tuple(heading_key(w[1:])[0] for w in wanted if w.startswith("~")),
        frozenset(columns),
        _both((w for w in unwanted if not w.startswith("~")), loosen),
        tuple(heading_key(w[1:])[0] for w in unwanted if w.startswith("~")),
        tuple(str(w) for w in clues.get("title", ())),
        tuple(str(w) for w in clues.get("untitled", ())),
        loosen,
        choice,
        whose(source, keys, loosen, choice),
        plain(source, choice),
    )


def _both(headings: Iterable[object], loosen: Loosen) -> frozenset[str]:
    """Headings as written and with their words of one meaning made one."""
    keys = [heading_key(str(heading))[0] for heading in headings]
    return frozenset([*keys, *map(loosen, keys)])


def _keys(heading: Heading, index: _Index) -> list[str]:
    return [*heading.keys, *(loose for key in heading.keys if (loose := index.loosen(key)) != key and loose)]


def named(header: Header, index: _Index) -> Header:
    """The header, each heading with its person, as ``assign`` wants it."""
    header = of_people(header, index.choice)
    return index.whose.named(header) if index.whose else header


def assign(header: Header, index: _Index, unit: str | None) -> tuple[Column, ...]:
    columns = []
    for heading in header.headings:
        keys = _keys(heading, index)
        exact = any(k in index.ignored for k in heading.keys)  # 监护人 as written is no 联系人, however alike
        number = next((index.keys[k] for k in (heading.keys if exact else keys) if k in index.keys), None)
        ignored = number is None and any(k in index.ignored for k in keys)
        columns.append(Column(heading.position, heading.text, heading.unit or unit, number, ignored))
    return tuple(columns)


def _n_against(header: Header, index: _Index) -> int:
    """How many headings speak against a source."""
    if not (index.none_keys or index.none_parts):
        return 0
    return sum(
        any(key in index.none_keys or any(part in key for part in index.none_parts) for key in _keys(heading, index))
        for heading in header.headings
    )


def _has_special(header: Header, index: _Index) -> bool:
    if not (index.any_keys or index.any_parts):
        return False
    keys = [key for heading in header.headings for key in _keys(heading, index)]
    return any(key in index.any_keys or any(part in key for part in index.any_parts) for key in keys)


def _names(index: _Index) -> Iterable[str]:
    yield from (index.source.columns[i].headers[0] for i in index.any_columns)
    yield from index.any_keys
    yield from (f"含“{part}”的列" for part in index.any_parts)
