"""Which fields of a source a heading may mean, by its words alone.

Comes in: a source, all sources of the pack, a heading. Goes out: ``Choice`` records, the likeliest first, or the
proof that a heading of the source must be given before it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from clue_engine.ingest.header import Heading, heading_key
from clue_engine.ingest.heading_parse import WEAK, Bag, HeadingParser, undecorated, unknown
from clue_engine.pack.field_words import FieldRule, FieldWords, shared_words
from clue_engine.pack.model import Source

NONE = FieldRule()
_CODED, _NUMBER = ("code", "codes", "bool"), frozenset({"编号"})  # 监测对象类别代码 holds codes of that kind
_NAMES = re.compile("[/、及和与]")
_SAME, _OWNED, _ELSEWHERE, _INNER, _STRANGE = 1.0, 0.95, 0.9, 0.2, 0.3


@dataclass(frozen=True)
class Choice:
    """A column of the source that a heading may be. ``proof``: what its values must show beside their type."""

    column_no: int
    target: str
    strength: float
    proof: str = ""
    asked: bool = False


class FieldChoice:
    """The headings of one source, taken apart once."""

    def __init__(self, source: Source, parser: HeadingParser, elsewhere: Mapping[Bag, frozenset[str]]) -> None:
        self.words: FieldWords = source.options["field_words"]
        self._source, self._parser, self._elsewhere = source, parser, elsewhere
        self._own: dict[Bag, set[int]] = {}
        for number, column in enumerate(source.columns):
            for heading in column.headers:
                self._own.setdefault(self._of(heading), set()).add(number)
        self._written = {(n, heading_key(h)[0]) for n, c in enumerate(source.columns) for h in c.headers}
        ignored = source.options.get("ignore", ())
        self._ignored = {self._of(heading) for heading in ignored} - set(self._own)
        self._asked, self._never = self._named()
        self._chosen: dict[tuple[str, tuple[str, ...]], list[Choice]] = {}

    def choices(self, heading: Heading) -> list[Choice]:
        """The columns that a heading may be, the likeliest first; none when it has a word that is not known."""
        said = heading.text, heading.keys  # the tables of a folder have many headings in common
        if said not in self._chosen:
            self._chosen[said] = self._choices(heading)
        return self._chosen[said]

    def _choices(self, heading: Heading) -> list[Choice]:
        found: dict[tuple[int, str], Choice] = {}
        for n, bag in enumerate(self._ways(heading)):
            if bag in self._ignored:
                continue
            of_all = [] if unknown(bag) else list(self._of_bag(bag))
            for choice in of_all or self._coded(heading):
                strength = choice.strength - (_INNER if n else 0.0)
                place = choice.column_no, choice.target
                if place not in found or found[place].strength < strength:
                    found[place] = Choice(choice.column_no, choice.target, strength, choice.proof, choice.asked)
        return sorted(found.values(), key=lambda c: (-c.strength, c.column_no))

    def _coded(self, heading: Heading) -> Iterator[Choice]:
        """Of a heading of several names that is none as a whole (伤害程度/诊断): a field of codes that one of them
        names and the values prove."""
        names = _NAMES.split(heading.keys[0]) if len(heading.keys) == 1 else []
        bags = [self.words_of(name) for name in names] if len(names) > 1 else []
        for choice in (c for bag in bags if bag and not unknown(bag) for c in self._of_bag(bag - WEAK or bag)):
            if self.words.record_field(choice.target).type == "code" and choice.target in self.words.outcome:
                yield Choice(choice.column_no, choice.target, choice.strength - _STRANGE, choice.proof)

    @cached_property
    def alone(self) -> tuple[Choice, ...]:
        """The columns that their values name under any heading: causes, what kin one is to the head."""
        return tuple(
            Choice(number, column.fields[0], 0.0)
            for number, column in enumerate(self._source.columns)
            if self.words.rules.get(column.fields[0], NONE).alone
        )

    def proof_asked(self, heading: Heading, column_no: int) -> Choice | None:
        """What a heading that the source itself has must prove; None for most.

        权利人（原告）, where the source has it so, says more than 权利人 and proves nothing.
        """
        written = heading.keys[:1] == tuple(k for k in heading.keys[:1] if (column_no, k) in self._written)
        for bag in [self._of(heading.text)] if written and heading.keys else self._ways(heading):
            for target in self._source.columns[column_no].fields:
                if (proof := self._asked.get((target, bag))) is not None:
                    return Choice(column_no, target, _SAME, proof, True)
        return None

    def words_of(self, key: str) -> Bag:
        """The words of a heading, without signs and numbering."""
        return self._parser.bag(undecorated(key))

    def words_in(self, heading: Heading) -> list[Bag]:
        """The words of a heading, one bag per way to take it."""
        return list(self._ways(heading))

    def reads(self, heading: Heading) -> bool:
        """Whether the heading is made of known words alone."""
        return any(not unknown(bag) for bag in self._ways(heading))

    def _ways(self, heading: Heading) -> Iterator[Bag]:
        """Under a group head the heading with its head, never the lower one alone: whose name it is stands above."""
        keys = heading.keys[:1] + heading.keys[2:3] if "/" in heading.text else heading.keys[:1]
        seen = dict.fromkeys(bag for key in keys for bag in self._parser.ways(key))
        yield from dict.fromkeys(bag - WEAK or bag for bag in seen)

    def _of(self, heading: str) -> Bag:
        bag = self._parser.bag(heading_key(heading)[0])
        return bag - WEAK or bag

    def _named(self) -> tuple[dict[tuple[str, Bag], str], dict[str, set[Bag]]]:
        asked, never = {}, {}
        for target in self._targets():
            rule = self.words.rules.get(target, NONE)
            wanted = {heading: proof for heading, proof in rule.asked.items() if not self._told_by_rows(target, proof)}
            asked.update({(target, self._of(heading)): proof for heading, proof in wanted.items()})
            never[target] = {self._of(heading) for heading in rule.never}
        return asked, never

    def _told_by_rows(self, target: str, proof: str) -> bool:
        """Whether a role beside a name is not needed: ``rows`` of the source takes only those whom the row shows, or
        a source of other people says itself who they are."""
        name, _, field = proof.partition(" ")
        picked = target.partition(".")[0] in self._source.options.get("rows", {})
        return name == "有" and (picked or (_apart(self._source) and field in self._source.constants))

    def _targets(self) -> Iterable[str]:
        return dict.fromkeys(field for column in self._source.columns for field in column.fields)

    def _of_bag(self, bag: Bag) -> Iterator[Choice]:
        for number, column in enumerate(self._source.columns):
            for target in column.fields:
                if bag in self._never.get(target, ()):
                    continue
                rule = self.words.rules.get(target, NONE)
                coded = self.words.record_field(target).type in _CODED
                said = (bag - _NUMBER or bag) if coded else bag
                if (proof := self._asked.get((target, said))) is not None:
                    yield Choice(number, target, _OWNED, proof, True)
                elif strength := self._strength(said, number, target, rule):
                    yield Choice(number, target, strength, rule.proof)

    def _strength(self, bag: Bag, number: int, target: str, rule: FieldRule) -> float:
        owners = self.words.owners.get(target.partition(".")[0], frozenset())
        # a column that feeds several fields is meant where a heading says the first one: 家庭情况 is a note, no injury
        if target != self._source.columns[number].fields[0] and number not in self._own.get(bag, ()):
            return 0.0
        if number in self._own.get(bag, ()):
            return _SAME
        if number in self._own.get(bag - owners, ()):
            return _OWNED
        elsewhere = self._elsewhere.get(bag, frozenset())
        decisive = self.words.outcome.intersection(self._source.columns[number].fields)
        if target in elsewhere and decisive <= elsewhere and bag not in self._own:  # a column may feed several fields
            return _ELSEWHERE
        allowed = rule.may | owners
        if any(must <= bag and bag <= must | allowed for must in rule.must):
            return _ELSEWHERE
        return 0.0


_LAST: list[HeadingParser] = []


def _parser(words: FieldWords) -> HeadingParser:
    """The parser of the words that were asked for last is kept: each table of a folder asks for those of one pack."""
    if not _LAST or _LAST[0].words is not words:
        _LAST[:] = [HeadingParser(words)]
    return _LAST[0]


def field_choices(sources: Sequence[Source]) -> dict[str, FieldChoice]:
    """Of every source, by its id; none for a pack without such words."""
    words = shared_words(sources)
    if words is None or not words.words:
        return {}
    parser = _parser(words)
    elsewhere: dict[Bag, set[str]] = {}
    together = [source for source in sources if not _apart(source)]
    for source in together:
        for column in source.columns:
            for heading in column.headers:
                bag = parser.bag(heading_key(heading)[0])
                elsewhere.setdefault(bag - WEAK or bag, set()).update(column.fields[:1])
    shared = {bag: frozenset(fields) for bag, fields in elsewhere.items()}
    return {source.id: FieldChoice(source, parser, {} if _apart(source) else shared) for source in sources}


def _apart(source: Source) -> bool:
    """Whether names of this source are those of other people: its 申请人 is nobody's victim, its 监护人 no head."""
    return str(source.options.get("apart")) in ("是", "true")
