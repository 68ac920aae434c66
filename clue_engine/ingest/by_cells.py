"""Columns that no heading explains and their cells do: numbers with names of cases, and running text, heard as notes.

Comes in: the columns of a table of cases or parties, their cells. Goes out: the columns with the one that holds the
numbers of its cases, and with 案发经过, 后果及赔偿 and their like as notes: what such sentences say is possible, as in
any note, and holds only where nothing is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from clue_engine.ingest.header import heading_key
from clue_engine.ingest.infer import Cells, Column
from clue_engine.pack.field_words import FieldWords
from clue_engine.pack.model import Source
from clue_engine.values.reference import is_case_taken, number_and_name
from clue_engine.values.text import cell_text, compact

TEXT = "成段的文字，按备注听其中可能的事实"
INCIDENT = "成段的文字，有几格说到案子"
NUMBER = "格子里是受案号加案名"
ASKED = "问的是救助过没有，答的是有无"
_TOLD = "victim.role"
_FEWEST = 2  # cells that tell of a case
_NOTES = ("victim.note", "case.note", "aid.note", "enforcement.note")
_NUMBERS = frozenset({"case.case_no", "case.unified_no", "victim.case_no", "victim.unified_no"})
_ORIGINS = frozenset({"aid.origin_case_no", "aid.origin_unified_no"})
_OWN = re.compile("[统救]")  # headings of another number; numbers of the rescue itself
_OTHERS = re.compile("公安|法院|判决|原审|执行")  # headings of numbers of the police and the court
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile("[，。；！？,;]")
_WORDS, _SHORT, _LONG = 2, 10, 24  # Han letters of words, of a sentence, of a text without a stop
_TEXTS, _NUMBERED = 0.5, 0.95  # shares of the cells
_TOLD_OF, _UNLIKE = 0.1, 0.3  # share of sentences among the cells of a register; of texts that no other cell repeats


def by_cells(source: Source, columns: Sequence[Column], cells: Cells, words: FieldWords) -> tuple[Column, ...]:
    """The columns; only those that nobody uses and the source does not pass over are looked at. ``words``: among them
    those of which none may be overheard, in however few cells."""
    free = [c for c in columns if c.column_no is None and not c.ignored and c.header]
    found = {
        **_texts(source, free, cells, words.always),
        **_case_number(source, columns, free, cells),
        **_asked_anywhere(source, free, cells, words),
    }
    return tuple(found.get(column.position, column) for column in columns)


def told_in_text(
    source: Source, columns: Sequence[Column], cells: Cells, incidents: Sequence[str]
) -> tuple[Column, ...]:
    """A form of households whose case stands in running text under any heading (走访情况记录): the column that tells of
    most cases is the one that says what happened; of a form in which none tells of any, none is."""
    number = next((n for n, c in enumerate(source.columns) if _TOLD in c.fields), None)
    if number is None or not source.options.get("prose_of") or any(c.column_no == number for c in columns):
        return tuple(columns)
    told = {
        c.position: _n_told(cells(c.position), incidents)
        for c in columns
        if c.header and not c.ignored and _is_free(source, c)
    }
    best = max(told.values(), default=0)
    if best < _FEWEST or list(told.values()).count(best) > 1:
        return tuple(columns)
    return tuple(
        replace(c, column_no=number, grade="inferred", why=INCIDENT) if told.get(c.position) == best else c
        for c in columns
    )


def _is_free(source: Source, column: Column) -> bool:
    return column.column_no is None or source.columns[column.column_no].fields[0] in (*_NOTES, "victim.family")


def _n_told(cells: Sequence[str], incidents: Sequence[str]) -> int:
    texts = [compact(text) for cell in cells if (text := cell_text(cell)) is not None]
    if not texts or max(map(len, texts)) < _SHORT:
        return 0
    return sum(len(text) >= _SHORT and any(word in text for word in incidents) for text in texts)


def _texts(source: Source, free: Sequence[Column], cells: Cells, always: Sequence[str]) -> dict[int, Column]:
    number = _note_of(source)
    if number is None:
        return {}
    heard = {heading_key(str(heading))[0] for heading in source.options.get("heard", ())}
    return {
        c.position: replace(c, column_no=number, grade="inferred", why=TEXT)
        for c in free
        if _is_prose(cells(c.position))
        or any(word in cell for cell in cells(c.position) for word in always)
        or (heading_key(c.header.rpartition("/")[2])[0] in heard and _share(cells(c.position), _is_said) >= _TEXTS)
    }


def _asked_anywhere(source: Source, free: Sequence[Column], cells: Cells, words: FieldWords) -> dict[int, Column]:
    """是否救助过: what any table of parties may ask under other headings, answered by 是 or 否."""
    numbers = {heading: n for n, c in enumerate(source.columns) for heading in c.headers}
    found = {}
    for column in free:
        heading = compact(column.header.rpartition("/")[2])
        first = next((first for first, like in words.anywhere.items() if like.fullmatch(heading)), None)
        if first in numbers and _share(cells(column.position), words.answers.match) >= _NUMBERED:
            found[column.position] = replace(column, column_no=numbers[first], grade="inferred", why=ASKED)
    return found


def _note_of(source: Source) -> int | None:
    """The column of notes, where several may stand side by side."""
    for target in _NOTES:
        if target in source.options.get("join", ()):
            plain = (n for n, c in enumerate(source.columns) if c.fields == (target,) and not (c.lead or c.values))
            return next(plain, None)
    return None


def _case_number(source: Source, columns: Sequence[Column], free: Sequence[Column], cells: Cells) -> dict[int, Column]:
    """The only column with numbers and names of cases in a table without numbers, under a heading that says 案.

    In a ledger of rescues the number alone is enough: it is that of the case they were given for.
    """
    targets, test = (_ORIGINS, _is_origin) if "aid" in source.records else (_NUMBERS, number_and_name)
    number = next((n for n, c in enumerate(source.columns) if c.fields and targets.issuperset(c.fields)), None)
    used = {f for c in columns if c.column_no is not None for f in source.columns[c.column_no].fields}
    if number is None or used & targets:
        return {}
    headed = [c for c in free if "案" in c.header and not (_OWN.search(c.header) or _OTHERS.search(c.header))]
    found = [c for c in headed if _share(cells(c.position), test) >= _NUMBERED]
    return {c.position: replace(c, column_no=number, grade="inferred", why=NUMBER) for c in found if len(found) == 1}


def _is_origin(text: str) -> bool:
    return (is_case_taken(text) or number_and_name(text)) and not _OWN.search(text)


def _share(cells: Sequence[str], test: object) -> float:
    assert callable(test)
    texts = [compact(text) for cell in cells if (text := cell_text(cell)) is not None]
    return sum(bool(test(text)) for text in texts) / len(texts) if texts else 0.0


def _is_prose(cells: Sequence[str]) -> bool:
    """Whether sentences stand in a column: in half of its cells, or in a few beside 训诫、已付、—. An address
    is no sentence, however long."""
    texts = [compact(text) for cell in cells if (text := cell_text(cell)) is not None]
    n = sum(map(_is_sentence, texts))
    few = n >= _FEWEST and n >= _TOLD_OF * len(texts) and len(set(texts)) >= _UNLIKE * len(texts)
    return bool(texts) and (n >= _TEXTS * len(texts) or few)


def _is_said(text: str) -> bool:
    return len(_HAN.findall(text)) >= _WORDS


def _is_sentence(text: str) -> bool:
    letters = len(_HAN.findall(text))
    return letters >= _LONG or (letters >= _SHORT and bool(_SENTENCE.search(text)))
