"""Whose a heading is where a row names several persons: 身份证号 right of 被害人姓名, or under 被害人, is the victim's.

Comes in: a header, the words of the pack, what the source says under ``whose``. Goes out: the header in which such a
heading says itself whose it is (被害人身份证号); one of which nobody can tell is no known heading and is unused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from clue_engine.ingest.field_choice import FieldChoice
from clue_engine.ingest.header import Header, Heading, heading_key
from clue_engine.ingest.heading_words import Loosen
from clue_engine.pack.model import Source

_PLACE_OF_EVENT = frozenset({"发生", "地点"})
_NAMING = frozenset({"姓名", "证件号码", "似证号", "情况", "人员"})  # a person and these: the person himself is named


@dataclass(frozen=True)
class Whose:
    """``persons``: words for one whom a row names; ``own``: headings of the person beside or above them."""

    source: Source
    keys: Mapping[str, int]
    loosen: Loosen
    choice: FieldChoice
    persons: frozenset[str]
    own: frozenset[str]

    def named(self, header: Header) -> Header:
        """The header, each heading with its person."""
        beside = self._names_stand_first(header)
        owner, above, taken = "", "", set[str]()
        headings = []
        for heading in header.headings:
            group, _, text = heading.text.rpartition("/")
            key = heading_key(text)[0]
            person, of_group = self._person(key), self._person(group)
            if group != above:
                owner, above, taken = "", group, set()
            if person:
                names_him = self.choice.words_of(key) - {person} <= _NAMING
                owner, taken = (
                    (person, taken if person == owner else set()) if names_him or person == owner else ("", taken)
                )
            elif self._is_own(key):
                whose = of_group or (owner if beside and key not in taken else "")
                heading = _heading_of(whose, heading, text, key, _named_by(self.choice.words_of(key)))
                taken.add(key)
            elif of_group:
                heading = replace(heading, keys=tuple(k for k in heading.keys if self._may_be_of(of_group, k, key)))
            elif key:
                owner = ""  # what stands behind another column may be anybody's
            headings.append(heading)
        return replace(header, headings=tuple(headings))

    def _is_own(self, key: str) -> bool:
        """Whether a heading is of whoever stands beside or above it: a name, a number, an address."""
        return self.loosen(key) in self.own or bool(_named_by(self.choice.words_of(key)))

    def _person(self, key: str) -> str:
        return next(iter(sorted(self.choice.words_of(heading_key(key)[0]) & self.persons)), "") if key else ""

    def _names_stand_first(self, header: Header) -> bool:
        """Whether the first thing said of anybody is who it is: else what follows a name may be of the next one."""
        for heading in header.headings:
            key = heading_key(heading.text.rpartition("/")[2])[0]
            if self._person(key):
                return True
            if self._is_own(key) and not self._person(heading.text.rpartition("/")[0]):
                return False
        return False

    def _may_be_of(self, person: str, key: str, bare: str) -> bool:
        """Whether a key may stand under a person: 伤情 alone is the victim's, not the suspect's."""
        if key != bare and not bare.startswith(key):
            return True
        number = self.keys.get(key, self.keys.get(self.loosen(key)))
        kinds = {f.partition(".")[0] for f in self.source.columns[number].fields} if number is not None else set()
        return any(person in self.choice.words.owners.get(kind, ()) for kind in kinds)


def of_people(header: Header, choice: FieldChoice | None) -> Header:
    """The header; what stands under the place of an event (事故地址/详细地址) is nobody's address."""
    if choice is None:
        return header
    headings = []
    for heading in header.headings:
        group = heading.text.rpartition("/")[0]
        if group and choice.words_of(heading_key(group)[0]) >= _PLACE_OF_EVENT:
            heading = replace(heading, keys=heading.keys[:2])
        headings.append(heading)
    return replace(header, headings=tuple(headings))


def whose(source: Source, keys: Mapping[str, int], loosen: Loosen, choice: FieldChoice | None) -> Whose | None:
    """None for a source in whose rows one person stands, or without words to tell persons by."""
    said: Mapping[str, Any] = source.options.get("whose", {})
    if not said or choice is None:
        return None
    own = frozenset(loosen(heading_key(str(heading))[0]) for heading in said["own"])
    return Whose(source, keys, loosen, choice, frozenset(map(str, said["persons"])), own)


def _named_by(words: frozenset[str]) -> str:
    """叫什么, 身份识别号码 and the like in the usual word."""
    if words == {"姓名"}:
        return "姓名"
    return "证件号码" if words and words <= {"证件号码", "似证号"} else ""


def _heading_of(person: str, heading: Heading, text: str, key: str, usual: str) -> Heading:
    if not person:
        return replace(heading, keys=())
    key = usual or key
    said = heading.text if "/" in heading.text else f"{person}/{text}"
    return replace(heading, text=said, keys=(f"{person}/{key}", person + key, person + key))
