"""How headings of other offices are read by their words: rules/vocabulary/field_words.yaml.

Comes in: the parsed file, the record kinds and code tables. Goes out: ``FieldWords``, and what is wrong with it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from clue_engine.pack.model import CodeSet, RecordField, RecordKind, Source

PROOFS = frozenset(
    {"", "合代码", "是人名", "不大于", "有", "无", "一户一主", "一主", "不全相同", "仅是时有", "人均相符"}
)
_PARTS = {"words", "noise", "owners", "outcome", "bars", "fields", "surnames", "no_names", "yearly"}
_PARTS |= {"incidents", "always", "cells", "anywhere", "answers"}
READS = ("受伤的人", "应付和实付", "被害人", "一个人", "家属", "成员", "户主")
_CELL_PARTS = {"reads", "heading", "into", "kin", "labelled", "says", "number", "beside"}
_RULE_PARTS = {"must", "may", "like", "other", "told", "proof", "asked", "never", "alone"}
_NOTHING = re.compile("(?!)")
Say = Callable[[object, str, str], None]  # where, what, hint


@dataclass(frozen=True)
class FieldRule:
    """Headings of one record field: all words of one ``must`` and else none but ``may``; ``like``: its values;
    ``other``: values that are plainly something else, whatever the heading says; ``told``: sentences that stand for a
    code (判了8万，一分没拿到); ``alone``: values that say what they are under any heading.

    ``asked``: headings that hold only with a proof ("" = never without being asked); ``never``: those of other fields.
    """

    must: tuple[frozenset[str], ...] = ()
    may: frozenset[str] = frozenset()
    like: str = ""
    other: str = ""
    proof: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    told: str = ""
    alone: str = ""


@dataclass(frozen=True)
class CellRule:
    """A heading under which one cell says several things, and the headings of the columns that it is taken into.

    ``reads``: what stands in the cells, one of ``READS``. ``kin``, ``labelled``: the columns of the families, and of
    cells that call the parties 甲 and 乙. ``says``: what befell whoever stands there. ``number``: the heading beside
    it, of their numbers; ``beside``: a word that another heading of the row must hold.
    """

    reads: str
    heading: re.Pattern[str]
    into: tuple[str, ...] = ()
    kin: tuple[str, ...] = ()
    labelled: tuple[str, ...] = ()
    says: str = ""
    number: re.Pattern[str] | None = None
    beside: re.Pattern[str] | None = None


@dataclass(frozen=True)
class FieldWords:
    """``words``: spelling → concepts. ``owners``: by record kind, the words that say no more than whom it is about."""

    HASHED: ClassVar[tuple[str, ...]] = ("digest",)  # of a pack's hash: every source has these words

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    noise: tuple[str, ...] = ()
    owners: Mapping[str, frozenset[str]] = field(default_factory=dict)
    outcome: frozenset[str] = frozenset()
    bars: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[str, FieldRule] = field(default_factory=dict)
    surnames: frozenset[str] = frozenset()
    records: Mapping[str, RecordKind] = field(default_factory=dict)
    codes: Mapping[str, CodeSet] = field(default_factory=dict)
    digest: str = ""
    yearly: frozenset[str] = frozenset()  # fields that speak of a year: of several years the newest that is over counts
    code_words: frozenset[str] = frozenset()  # words of code tables: none of them is the name of a person
    incidents: tuple[str, ...] = ()  # words of a text that tells of a case
    always: tuple[str, ...] = ()  # words for which a column is heard, in however few cells they stand
    cells: tuple[CellRule, ...] = ()  # columns in whose cells several persons or sums stand
    anywhere: Mapping[str, re.Pattern[str]] = field(
        default_factory=dict
    )  # first heading of a column → headings like it
    answers: re.Pattern[str] = _NOTHING  # what stands under them

    def cells_of(self, reads: str) -> tuple[CellRule, ...]:
        return tuple(rule for rule in self.cells if rule.reads == reads)

    @cached_property
    def fields(self) -> Mapping[str, RecordField]:
        return {f"{kind}.{f.name}": f for kind, record in self.records.items() for f in record.fields}

    def record_field(self, target: str) -> RecordField:
        return self.fields[target]

    def bar(self, name: str) -> float:
        return self.bars[name]


def field_words(
    value: Mapping[str, Any], records: Mapping[str, RecordKind], codes: Mapping[str, CodeSet], say: Say
) -> FieldWords:
    """Read the file; faults go to ``say`` and what they concern is left out."""
    for part in value:
        if part not in _PARTS:
            say(part, f"没有“{part}”这一项", f"可用：{'、'.join(sorted(_PARTS))}")
    words: dict[str, tuple[str, ...]] = {}
    for concepts, spellings in (value.get("words") or {}).items():
        for spelling in spellings:
            words.setdefault(_plain(str(spelling)), tuple(str(concepts).split()))
    known = {f"{kind.name}.{one.name}" for kind in records.values() for one in kind.fields}
    concepts_known = {concept for meant in words.values() for concept in meant}
    rules = {}
    for target, parts in (value.get("fields") or {}).items():
        if target not in known:
            say(target, f"没有记录字段“{target}”", "字段见 vocabulary/records.yaml")
        elif rule := _rule(target, parts, concepts_known, say):
            rules[str(target)] = rule
    for target in (*(value.get("outcome") or ()), *(value.get("yearly") or ())):
        if target not in known:
            say(target, f"没有记录字段“{target}”", "字段见 vocabulary/records.yaml")
    return FieldWords(
        words,
        tuple(_plain(str(word)) for word in value.get("noise") or ()),
        {str(kind): frozenset(map(str, names)) for kind, names in (value.get("owners") or {}).items()},
        frozenset(str(target) for target in value.get("outcome") or ()),
        {str(name): _share(str(bar)) for name, bar in (value.get("bars") or {}).items()},
        rules,
        frozenset(str(value.get("surnames") or "")),
        records,
        codes,
        hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest(),
        frozenset(str(target) for target in value.get("yearly") or ()),
        frozenset(
            _plain(str(word))
            for words_of in (value.get("no_names") or (), *((*t.values, *t.aliases) for t in codes.values()))
            for word in words_of
        ),
        always=tuple(map(str, value.get("always") or ())),
        cells=tuple(one for parts in value.get("cells") or () if (one := _cell(parts, say))),
        anywhere={
            str(parts["headers"][0]): like
            for parts in value.get("anywhere") or ()
            if (like := _pattern(parts, "like", "anywhere", say)) and parts.get("headers")
        },
        answers=_pattern(value, "answers", "answers", say) or _NOTHING,
    )


def shared_words(sources: Sequence[Source]) -> FieldWords | None:
    """The words of a pack, which all its sources share; None of one without any."""
    return next((w for s in sources if (w := s.options.get("field_words")) is not None), None)


def _pattern(parts: Mapping[str, Any], part: str, of: str, say: Say) -> re.Pattern[str] | None:
    """What is written there, compiled; None where nothing is, or what no regular expression is."""
    try:
        return re.compile(str(parts[part])) if part in parts else None
    except re.error:
        say(parts[part], f"“{of}”的 {part} 不是正则表达式", "改正后再试")
        return None


def _cell(parts: Mapping[str, Any], say: Say) -> CellRule | None:
    reads, heading = str(parts.get("reads") or ""), str(parts.get("heading") or "")
    for part in parts:
        if part not in _CELL_PARTS:
            say(part, f"“{heading}”里没有“{part}”这一项", f"可用：{'、'.join(sorted(_CELL_PARTS))}")
    if reads not in READS:
        say(reads, f"不知道怎样读“{reads}”", f"可用：{'、'.join(READS)}")
        return None
    patterns = {part: _pattern(parts, part, reads, say) for part in ("heading", "number", "beside")}
    if any(part in parts and pattern is None for part, pattern in patterns.items()):
        return None
    if (said := patterns["heading"]) is None:
        say(reads, f"“{reads}”没有写 heading", "写上表头的正则表达式")
        return None
    into, kin, labelled = (tuple(map(str, parts.get(part) or ())) for part in ("into", "kin", "labelled"))
    says = str(parts.get("says") or "")
    return CellRule(reads, said, into, kin, labelled, says, patterns["number"], patterns["beside"])


def _rule(target: object, parts: Mapping[str, Any], concepts: set[str], say: Say) -> FieldRule | None:
    for part in parts:
        if part not in _RULE_PARTS:
            say(part, f"“{target}”里没有“{part}”这一项", f"可用：{'、'.join(sorted(_RULE_PARTS))}")
    asked = {str(heading): str(proof) for heading, proof in (parts.get("asked") or {}).items()}
    for proof in (*asked.values(), str(parts.get("proof") or "")):
        if proof.partition(" ")[0] not in PROOFS:
            say(target, f"“{target}”的证明“{proof}”不认识", f"可用：{'、'.join(sorted(filter(None, PROOFS)))}")
            return None
    used = [*(w for words in parts.get("must") or () for w in words), *(parts.get("may") or ())]
    for word in used:
        if word not in concepts:
            say(word, f"“{target}”用到的“{word}”不在 words 里", "在 words 里写上它的写法")
            return None
    for part in ("like", "other", "told", "alone"):
        try:
            re.compile(str(parts.get(part) or ""))
        except re.error:
            say(target, f"“{target}”的 {part} 不是正则表达式", "改正后再试")
            return None
    return FieldRule(
        tuple(frozenset(map(str, words)) for words in parts.get("must") or ()),
        frozenset(map(str, parts.get("may") or ())),
        str(parts.get("like") or ""),
        str(parts.get("other") or ""),
        str(parts.get("proof") or ""),
        asked,
        tuple(str(heading) for heading in parts.get("never") or ()),
        str(parts.get("told") or ""),
        str(parts.get("alone") or ""),
    )


def _plain(text: str) -> str:
    return "".join(text.split()).lower()


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
