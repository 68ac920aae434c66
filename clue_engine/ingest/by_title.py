"""What the name of a sheet or file says of all its rows: 低保边缘.xlsx is a list of 低保边缘.

Comes in: a source with ``by_title`` (fields that the title may say: a code, or what a pattern finds), names of sheet
and file. Goes out: the source with those constants; a title that says two things (低保、特困) says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from clue_engine.ingest.readings import code_table
from clue_engine.pack.model import CodeSet, RecordKind, Source

_SHORTEST = 2  # letters of a word that says something: 特困, not 否


class _Layout(Protocol):
    @property
    def codes(self) -> Mapping[str, CodeSet]: ...
    @property
    def records(self) -> Mapping[str, RecordKind]: ...


def with_title(source: Source, titles: Sequence[str], pack: _Layout) -> Source:
    """``titles``: the surest first, the name of the sheet before that of the file."""
    said: dict[str, str] = {}
    for target, pattern in source.options.get("by_title", {}).items():
        found = _found(str(pattern), titles) if pattern else _codes(_code_set(target, pack), titles)
        if (value := next(found, "")) != "":
            said[target] = value
    return replace(source, constants={**source.constants, **said}) if said else source


def _code_set(target: str, pack: _Layout) -> CodeSet:
    kind, _, name = target.partition(".")
    field = next(f for f in pack.records[kind].fields if f.name == name)
    return pack.codes[str(field.codes)]


def _codes(codes: CodeSet, titles: Sequence[str]) -> Iterator[str]:
    table = {word: code for word, code in code_table(codes, {}).items() if len(word) >= _SHORTEST and code}
    for title in titles:
        found = [(len(word), code) for word, code in table.items() if word in title]
        longest = {code for length, code in found if length == max(n for n, _ in found)}
        if len(longest) == 1:
            yield longest.pop()


def _found(pattern: str, titles: Sequence[str]) -> Iterator[str]:
    for title in titles:
        found = set(re.findall(pattern, title))
        if len(found) == 1:
            yield found.pop()
