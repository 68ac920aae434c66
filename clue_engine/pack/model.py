"""What a rule pack is once read: frozen records without behaviour. Texts that authors wrote keep their place.

``Text`` is a str that knows where each of its characters stands in its file, so that a diagnostic of a condition can
point at the exact characters.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from clue_engine.errors import Mark
from clue_engine.pack.answers import Feedback
from clue_engine.pack.wording import Wording


class Text(str):
    """A scalar of a YAML file with the place of each of its characters (``marks[i]`` is that of character i).

    Read from a file, ``marks`` is lazy (``places.Places``); an empty text has one mark, where it would stand.
    """

    __slots__ = ("marks",)
    marks: Sequence[Mark]

    def __new__(cls, value: str, marks: Sequence[Mark]) -> Text:
        self = super().__new__(cls, value)
        self.marks = marks
        return self

    def __getnewargs__(self) -> tuple[str, Sequence[Mark]]:  # type: ignore[override]
        return str(self), self.marks

    def at(self, offset: int) -> Mark:
        """Where character ``offset`` stands; past the end: one behind the last."""
        if not self.marks:
            return Mark("", 1, 1 + offset)
        if offset < len(self.marks):
            return self.marks[offset]
        last = self.marks[-1]
        return Mark(last.file, last.line, last.column + offset - len(self.marks) + 1)


RUNNING = ("trial", "active")  # statuses: drafts and retired rules list nobody
FieldType = Literal["text", "code", "codes", "bool", "number", "money", "share", "duration", "date"]


@dataclass(frozen=True)
class CodeSet:
    """A closed list of codes. Ordered sets are scales, worst first; ``unordered`` members are not on them.

    Of those, ``outside`` ones are certainly no grade (无证), the others nobody has graded (未评定). ``spans``: codes
    that are one of several grades; None where the pack does not say which are. ``wording``: how values are said in
    words that no alias lists.
    """

    name: str
    values: tuple[str, ...]
    ordered: bool = False
    unordered: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    mark: Mark | None = None
    outside: tuple[str, ...] = ()
    spans: Mapping[str, tuple[str, ...]] | None = None
    wording: Wording | None = None


@dataclass(frozen=True)
class Missing:
    """What an empty value means. kind: unknown | value | n/a | absent | said; ``condition`` for n/a."""

    kind: str = "unknown"
    value: str | None = None
    condition: Text | None = None
    because: str = ""


@dataclass(frozen=True)
class Field:
    """A field of a relation. ``name`` is the column, ``label`` the word that rules use."""

    name: str
    label: str
    type: FieldType
    aliases: tuple[str, ...] = ()
    codes: str | None = None
    unit: str | None = None
    interval: bool = False
    missing: Missing = field(default_factory=Missing)
    sensitivity: str = "normal"  # normal | personal | secret
    holder: str = ""  # who can tell when it is missing
    meaning: str = ""
    listed: str = ""  # codes without a table: the file of lists/ that names the known ones
    ending: tuple[str, ...] = ()  # … and how every one of them ends; the first is added where none stands
    mark: Mark | None = None


@dataclass(frozen=True)
class Link:
    """How rows of one relation lead to rows of another. ``via``: person | household_others | event | kin:<name>."""

    name: str
    via: str
    open: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Definition:
    """A named expression on a relation. Plain: ``text``; two-sided evidence: ``yes`` and ``no``."""

    relation: str
    label: str
    text: Text | None = None
    yes: Text | None = None
    no: Text | None = None
    mark: Mark | None = None


@dataclass(frozen=True)
class Relation:
    """A relation of the vocabulary: ``label`` is its word in rules, ``table`` the fact table."""

    name: str
    label: str
    table: str
    fields: tuple[Field, ...]
    definitions: tuple[Definition, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True)
class WordList:
    """A named set. For free text (``not_after``) a word counts only where none of these stands right before it."""

    name: str
    values: tuple[str, ...]
    not_after: tuple[str, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True)
class Saying:
    """What clerks say, and how a rule writes it. ``head``: a relation's label, 参数 or @; ``name``: what it names."""

    words: tuple[str, ...]
    text: str
    head: str
    name: str


OF_VICTIM, NOT_OF_SUSPECT = "被害人", "非嫌疑人"


@dataclass(frozen=True)
class TextFact:
    """A value that free text may say: ``says`` with {n} for a grade and … for a gap; ``yes``, ``no``: its tests."""

    fact: str
    value: str
    says: tuple[str, ...]
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()  # in the same clause before it: 其余损失未赔偿 is not 未赔偿
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    column: str = ""  # only in cells of this column of a victim's row: words too common for other texts
    bodily: bool = False  # of the person named last before it, perhaps a suspect; else of victims named beside it
    subject: str = ""  # OF_VICTIM: only where a victim is its subject; NOT_OF_SUSPECT: unless only others are


@dataclass(frozen=True)
class TextFacts:
    """All of them, with the words of denial: ``denied`` (and any of ``between``) right before a saying turns it."""

    facts: tuple[TextFact, ...] = ()
    denied: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()  # in the same clause before the saying: said of what might be
    citations: tuple[str, ...] = ()  # a sentence with one of these quotes the law
    refuted: tuple[str, ...] = ()  # soon behind the saying: 双方互殴，经查不属实
    victim_words: tuple[str, ...] = ()
    suspect_words: tuple[str, ...] = ()
    other_words: tuple[str, ...] = ()  # 驾驶人, 对方: of either side, never a victim for sure
    both_words: tuple[str, ...] = ()  # 双方
    lead_words: tuple[str, ...] = ()  # before a subject: 经…认定
    joint_words: tuple[str, ...] = ()  # 相撞: all who are named were at it, so no subject goes on from there
    kin_words: tuple[str, ...] = ()  # between a person and what befell a body: it befell somebody else
    kin_subjects: tuple[str, ...] = ()  # the same where they are all that stands before it in its clause: 父死亡


@dataclass(frozen=True)
class ParameterValue:
    """One dated, regional value with its source. ``raw`` is the author's text, ``value`` the typed one."""

    start: dt.date
    region: str  # code prefix, "" = everywhere
    raw: str
    value: Any
    source: str
    mark: Mark | None = None


@dataclass(frozen=True)
class Parameter:
    """A policy number. type: money | share | number | duration | code | codes."""

    name: str
    type: str
    label: str
    unit: str | None = None
    codes: str | None = None
    aliases: tuple[str, ...] = ()
    values: tuple[ParameterValue, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True)
class Support:
    """What a measure offers: the column of the platform (or the kind of help) it stands in, and who provides it.

    ``capped``: money for which the law knows a cap; the cap is told, never an amount.
    """

    column: str
    provider: str
    capped: bool = False


@dataclass(frozen=True)
class Rule:
    """A clue rule as written, unparsed. A measure is one with ``support``: what could help a household."""

    id: str
    title: str
    version: int
    status: str
    direction: str
    when: Text
    points: Mapping[str, int]
    reason: Text
    basis: tuple[Mapping[str, str], ...] = ()
    check: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()
    urgent: bool = False
    restrict: str | None = None
    receiver: str | None = None
    also: tuple[str, ...] = ()
    no_crime_detail: bool = False
    rare: str = ""  # why it may be active although it fires on nobody in the data at hand
    tests: tuple[Mapping[str, Any], ...] = ()
    support: Support | None = None
    mark: Mark | None = None
    file: str = ""


@dataclass(frozen=True)
class Hold:
    """A hold rule: takes rows out, marks, downgrades, reroutes or restricts; never part of a clue rule."""

    id: str
    title: str
    version: int
    status: str
    action: str  # suppress | hold | downgrade | reroute | restrict | note
    directions: tuple[str, ...]  # () = all
    relation: str
    when: Text
    unknown: str  # keep | mark | restrict
    not_loaded: str  # caveat | unknown
    reason: Text
    basis: tuple[Mapping[str, str], ...] = ()
    check: tuple[str, ...] = ()
    to: str | None = None
    tests: tuple[Mapping[str, Any], ...] = ()
    mark: Mark | None = None
    file: str = ""
    ask: str = ""  # in the words of an office, what is to be asked where the hold is undecided …
    holder: str = ""  # … and whom
    careful: bool = False  # restricts for fear of whoever did it: he is never asked, told or named as a contact


@dataclass(frozen=True)
class Dimension:
    name: str
    label: str
    cap: int


@dataclass(frozen=True)
class Band:
    """Half-open: score >= ``floor`` and each dimension of ``needs`` reached."""

    name: str
    label: str
    floor: int
    needs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Direction:
    """Where clues go. ``code`` is the ASCII name used in file names and ids."""

    name: str
    code: str
    receiver: str
    deadline_days: int
    dimensions: tuple[Dimension, ...]
    bands: tuple[Band, ...]
    prefix: str = ""  # of clue ids


@dataclass(frozen=True)
class RecordField:
    name: str
    label: str
    type: str  # text, name, id, date, money, number, bool, code, codes, phone, caseno
    codes: str | None = None
    negative: bool = False  # an amount that may be below zero: the income of a bad year, no loss and no payment
    months: bool = False  # a number of months that may be written as years and months: 三年六个月
    said: CodeSet | None = None  # how 是 and 否 of a bool are said: 已消除, 未销号


@dataclass(frozen=True)
class RecordKind:
    """Layout of a record table ``rec_<name>``: what a source's row becomes after cleaning."""

    name: str
    label: str
    fields: tuple[RecordField, ...]
    key: tuple[str, ...] = ()  # fields that name the thing across exports: alternatives, 'a+b' = both together
    gone: str = "kept"  # what a newer export no longer has: kept | struck (stays, as struck) | dropped
    needed: tuple[str, ...] = ()  # fields that many rules read: a column that may be one of them is asked about
    must: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # 姓名 -> fields one of which a source must give
    beside: Mapping[str, str] = field(default_factory=dict)  # field -> the field of which it tells more


@dataclass(frozen=True)
class SourceColumn:
    """One column of a source: heading aliases to record fields. ``fields`` are '<kind>.<field>'."""

    headers: tuple[str, ...]
    fields: tuple[str, ...]
    unit: str | None = None
    required: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    split: str | None = None
    lead: str = ""  # what a cell of this column says by standing there: 判决 before 某甲赔偿某乙3万元
    mark: Mark | None = None


@dataclass(frozen=True)
class Source:
    """One export layout: how to recognise it and what its columns mean."""

    id: str
    label: str
    records: tuple[str, ...]
    columns: tuple[SourceColumn, ...]
    constants: Mapping[str, str] = field(default_factory=dict)  # '<kind>.<field>' -> value
    persons: tuple[tuple[str, ...], ...] = ()  # fields split together: several persons in one cell
    footer: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark | None = None


@dataclass(frozen=True)
class Pack:
    """A whole pack, frozen. ``hash`` ignores formatting and sees every change of content."""

    name: str
    version: str
    root: str
    hash: str
    directions: tuple[Direction, ...]
    relations: tuple[Relation, ...]
    codes: Mapping[str, CodeSet]
    links: Mapping[str, Link]
    lists: Mapping[str, WordList]
    parameters: Mapping[str, Parameter]
    rules: tuple[Rule, ...]
    holds: tuple[Hold, ...]
    records: Mapping[str, RecordKind]
    sources: tuple[Source, ...]
    region: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    text_facts: TextFacts = field(default_factory=TextFacts)
    sayings: tuple[Saying, ...] = ()
    feedback: Feedback = field(default_factory=Feedback)
    measures: tuple[Rule, ...] = ()
    receiver_days: Mapping[str, int] = field(default_factory=dict)  # the office's own: a word of a receiver -> days

    def answer_days(self, direction: Direction, receivers: str | None = None) -> int:
        """Working days until an answer: as the office says of the first of these receivers, else of the direction."""
        named = (receivers or direction.receiver).split("、")
        own = (days for name in named for word, days in self.receiver_days.items() if word in name)
        return next(own, direction.deadline_days)

    @property
    def charge_endings(self) -> dict[str, str]:
        """What is added to a charge, and the pattern of a civil cause (the later endings), to which nothing is."""
        fields = (f for r in self.relations if r.name == "involvement" for f in r.fields if f.name == "cause")
        endings = next((f.ending for f in fields if f.ending), ("罪",))
        civil = "|".join(re.escape(word) for word in endings[1:])
        return {"charge_ending": endings[0], "civil_ending": f"(?:{civil})$" if civil else "(?:$.)"}

    @property
    def court_causes(self) -> dict[str, list[str]]:
        """Causes of court rows of who was harmed or is owed keep: civil ones, crimes (the longest first), words;
        how a note tells of one of the family who died (丈夫某某被伤害致死: the word for him, his name;
        死者某某系申请人之子: his name, the word)."""
        fatal = [str(word) for word in self.options.get("fatal_words", ())]
        kin = sorted(self.options.get("household_kin") or {}, key=lambda word: (-len(word), word))
        how = r"(?:被[^,，;；。]{0,12}?|当场|抢救无效|车祸)?"
        dead = rf"(?:^|人|[本其之，,;；。、 ])({'|'.join(kin)})(\p{{Han}}{{2,3}}?)??{how}(?:{'|'.join(fatal)})"
        gone, of_kin = ("|".join(map(str, self.options.get(name, ()))) for name in ("dead_words", "kin_of_dead"))
        named = rf"(?:{gone})(\p{{Han}}{{2,3}})?(?:[、,，]\p{{Han}}{{2,3}})*(?:[系是为][^。；;]*)?之({of_kin})"
        claims = [str(where["list"]) for where in (self.options.get("claim_kinds") or {}).values() if "list" in where]
        crimes = {c for name in (self.options.get("charge_kinds") or {}).values() for c in self.lists[str(name)].values}
        return {
            "claim_causes": [cause for name in claims for cause in self.lists[name].values],
            "crime_charges": sorted((c for c in crimes if c.endswith("罪")), key=lambda c: (-len(c), c)),
            "crime_claim_words": [str(word) for word in self.options.get("crime_claim_words", ())],
            "fatal_words": fatal,
            "dead_kin": [dead, named] if kin and fatal and gone and of_kin else [],
        }

    @property
    def rules_and_measures(self) -> tuple[Rule, ...]:
        """Whatever has a condition on a household: measures are checked, tested and locked as rules are."""
        return (*self.rules, *self.measures)

    @property
    def owners(self) -> dict[str, Rule | Hold]:
        """Rules, measures and holds by id."""
        found: dict[str, Rule | Hold] = {rule.id: rule for rule in self.rules_and_measures}
        return found | {hold.id: hold for hold in self.holds}
