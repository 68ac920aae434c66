"""A proposal for a source file: what an unknown export may be, column by column, for a person to correct.

Comes in: a table that no source fits, the pack. Goes out: ``Draft`` and its YAML text. A proposal never loads
anything: it becomes a source only when someone saves it under rules/sources/.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clue_engine.ingest.draft_words import DraftWords
from clue_engine.ingest.header import Header, Heading, candidates, heading_key, title_unit
from clue_engine.ingest.recognise import Match, index_sources, recognise
from clue_engine.ingest.table import Table
from clue_engine.ingest.value_shape import Shape, shape
from clue_engine.pack.model import CodeSet, RecordField, RecordKind, Source

ALIKE = 70.0  # rapidfuzz ratio from which a heading counts as a spelling of a known one
_OPPOSITE = re.compile("[未不非无]")  # 是否成年 is not 是否未成年, however alike
BY_VALUES = 0.56  # what values alone are worth, where the heading says nothing
PROPOSED = 0.5  # confidence from which a field is named for a column
LIVE = 0.7  # confidence from which the draft uses it; below it stands as a comment for a person to decide
LIKENESS = 0.6  # what a heading that is only alike is worth at most for a field that flips an outcome


@dataclass(frozen=True)
class Proposal:
    """A column of the file: the field proposed (None: none), how sure (0-1) and why."""

    heading: Heading
    field: str | None
    type: str
    confidence: float
    why: str
    shape: Shape


@dataclass(frozen=True)
class Draft:
    """A whole proposal. ``nearest``: the source whose headings are most alike."""

    kind: RecordKind
    header: Header
    columns: tuple[Proposal, ...]
    nearest: Source | None
    unit: str | None

    @property
    def proposed(self) -> tuple[Proposal, ...]:
        return tuple(c for c in self.columns if c.field is not None)


@dataclass(frozen=True)
class _Known:
    """Headings of the pack: key -> fields with the source that has it."""

    fields: Mapping[str, tuple[tuple[str, Source], ...]]


def propose(
    table: Table, records: Mapping[str, RecordKind], codes: Mapping[str, CodeSet], sources: Sequence[Source]
) -> Draft | None:
    """The best reading of an unknown table; None when it has no row that could be a header."""
    known = _known(sources)
    header = _header(table, known)
    if header is None:
        return None
    rows = table.preview[header.row :]
    cells = [[row[h.position - 1] if h.position <= len(row) else "" for row in rows] for h in header.headings]
    shapes = [shape(column, codes) for column in cells]
    words = DraftWords(sources)
    choices = {
        kind.name: [
            _choices(h, s, kind, known, words.choices(h, kind, c), words.outcome)
            for h, s, c in zip(header.headings, shapes, cells, strict=True)
        ]
        for kind in records.values()
    }
    found = recognise(table, index_sources(sources))
    like = found.source if isinstance(found, Match) else found.nearest
    best = max(
        records.values(),
        key=lambda kind: (
            _worth(kind, choices[kind.name], known, header) + (like is not None and kind.name == like.records[0])
        ),
    )
    columns = _assign(header, shapes, choices[best.name])
    nearest = like if like and best.name in like.records else _nearest(header, sources, best)
    return Draft(best, header, tuple(columns), nearest, title_unit(table, header))


def _known(sources: Sequence[Source]) -> _Known:
    fields: dict[str, list[tuple[str, Source]]] = {}
    for source in sources:
        for column in source.columns:
            for heading in column.headers:
                entry = fields.setdefault(heading_key(heading)[0], [])
                entry += [(field, source) for field in column.fields]
    return _Known({key: tuple(found) for key, found in fields.items()})


def _header(table: Table, known: _Known) -> Header | None:
    """The row whose cells look most like headings: known ones first, then short words without digits."""
    best: tuple[float, Header] | None = None
    for header in candidates(table):
        keys = [h.keys[0] for h in header.headings if h.keys]
        exact = sum(any(k in known.fields for k in h.keys) for h in header.headings)
        wordy = sum(len(k) <= 20 and not re.search(r"\d{3}", k) for k in keys)
        score = exact + 0.2 * wordy - 0.05 * header.row - 0.1 * (header.row - header.first_row)
        if len(keys) >= 2 and (best is None or score > best[0]):
            best = (score, header)
    return best[1] if best else None


def _choices(
    heading: Heading,
    found: Shape,
    kind: RecordKind,
    known: _Known,
    worded: Mapping[str, float],
    outcome: frozenset[str],
) -> list[tuple[float, RecordField, str]]:
    """Fields of ``kind`` for a column, best first: by its heading and, weighing less, by its values."""
    by_name = {field.name: field for field in kind.fields}
    scores: dict[str, tuple[float, str]] = {}
    for key, alike in _alike(heading, known):
        for target, _ in known.fields[key]:
            record, _, name = target.partition(".")
            # 证件号码 of a victim list is a number in any list: a field of that name in another kind counts less.
            weight = 1.0 if record == kind.name else 0.85 if name in by_name else 0.0
            if weight and name in by_name and alike * weight > scores.get(name, (0.0, ""))[0]:
                why = "表头相同" if alike == 1.0 else f"表头像“{key}”"
                scores[name] = (alike * weight, why)
    for field in kind.fields:
        if (alike := _ratio(heading, field.label)) > scores.get(field.name, (0.0, ""))[0]:
            scores[field.name] = (alike, f"表头像“{field.label}”")
    result = []
    for name, (alike, why) in scores.items():
        field = by_name[name]
        fits = _fits(field, found)
        score = 0.75 * alike + 0.25 * fits if fits else 0.4 * alike
        if alike < 1.0 and f"{kind.name}.{name}" in outcome:
            score = min(score, LIKENESS)
        if worded.get(name, 0.0) > score:
            score, why = worded[name], "按表头的字词和内容"
        result.append((round(score, 2), field, why))
    said = [name for name in worded if name not in scores]
    result += [(round(worded[name], 2), by_name[name], "按表头的字词和内容") for name in said]
    result += _by_values(kind, found, {field.name for _, field, _ in result})
    return sorted(result, key=lambda item: (-item[0], item[1].name))


def _by_values(kind: RecordKind, found: Shape, named: set[str]) -> list[tuple[float, RecordField, str]]:
    """Fields whose kind of value is unmistakable: numbers of persons, telephones, case numbers, code words."""
    result = []
    for rank, field in enumerate(kind.fields):
        share = found.shares.get(field.type, 0.0)
        if field.type in ("code", "codes"):
            telling = found.distinct > 1 and found.codes.get(str(field.codes), 0.0) >= 0.9
        elif field.type == "name":
            telling = share >= 0.9 and found.distinct * 2 > found.filled and found.best == "name"
        else:
            telling = field.type in ("id", "phone", "caseno") and share >= 0.9
        if telling and field.name not in named:
            result.append((round(BY_VALUES - 0.001 * rank, 3), field, "只凭值的样子"))
    return result


def _alike(heading: Heading, known: _Known) -> list[tuple[str, float]]:
    from rapidfuzz import fuzz, process

    exact = [(key, 1.0) for key in heading.keys if key in known.fields]
    if exact or not heading.keys:
        return exact
    found = process.extract(heading.keys[0], list(known.fields), scorer=fuzz.ratio, limit=6, score_cutoff=ALIKE)
    return [(str(key), score / 100.0) for key, score, _ in found if _same_sense(heading.keys[0], str(key))]


def _ratio(heading: Heading, label: str) -> float:
    from rapidfuzz import fuzz

    score = max((fuzz.ratio(key, label) for key in heading.keys if _same_sense(key, label)), default=0.0)
    return score / 100.0 if score >= ALIKE else 0.0


def _same_sense(left: str, right: str) -> bool:
    return len(_OPPOSITE.findall(left)) == len(_OPPOSITE.findall(right))


def _fits(field: RecordField, found: Shape) -> float:
    """How well the values read as the type of the field: 0 = they speak against it, 0.5 = there are none."""
    if not found.filled:
        return 0.5
    if field.type in ("code", "codes"):
        return max(
            found.codes.get(str(field.codes), 0.0), 0.3 if found.best in ("text", "bool", "code", "name") else 0.0
        )
    if field.type == "text":
        return {"text": 1.0, "code": 0.9, "name": 0.8, "caseno": 0.4, "bool": 0.6, "number": 0.6, "money": 0.6}.get(
            found.best, 0.2
        )
    return max(found.shares.get(field.type, 0.0), 0.4 if field.type == "bool" and found.best == "code" else 0.0)


def _worth(
    kind: RecordKind, choices: Sequence[Sequence[tuple[float, RecordField, str]]], known: _Known, header: Header
) -> float:
    """How much of the table this kind of record explains; a field counts once."""
    best: dict[str, float] = {}
    for options in choices:
        if options and options[0][0] >= LIVE:
            score, field, _ = options[0]
            best[field.name] = max(best.get(field.name, 0.0), score)
    own = Counter(
        target.partition(".")[0]
        for h in header.headings
        for key in h.keys[:1]
        for target, _ in known.fields.get(key, ())
    )
    return sum(best.values()) + 0.02 * own[kind.name]


def _assign(
    header: Header, shapes: Sequence[Shape], choices: Sequence[Sequence[tuple[float, RecordField, str]]]
) -> list[Proposal]:
    """One field per column and one column per field, the surest first."""
    pairs = [
        (score, -i, field.name, i, field, why) for i, options in enumerate(choices) for score, field, why in options
    ]
    taken: dict[int, tuple[float, RecordField, str]] = {}
    used: set[str] = set()
    for score, _, name, i, field, why in sorted(pairs, key=lambda p: (-p[0], -p[1], p[2])):
        if i not in taken and name not in used and score >= PROPOSED:
            taken[i] = (score, field, why)
            used.add(name)
    result = []
    for i, (heading, found) in enumerate(zip(header.headings, shapes, strict=True)):
        if i in taken:
            score, field, why = taken[i]
            result.append(Proposal(heading, field.name, field.type, score, why, found))
        else:
            result.append(Proposal(heading, None, found.best, 0.0, "没有相近的字段", found))
    return result


def _nearest(header: Header, sources: Sequence[Source], kind: RecordKind) -> Source | None:
    keys = {key for heading in header.headings for key in heading.keys}
    counts = [
        (sum(any(heading_key(h)[0] in keys for h in column.headers) for column in source.columns), source)
        for source in sources
        if kind.name in source.records
    ]
    best = max(counts, key=lambda item: item[0], default=None)
    return best[1] if best and best[0] >= 2 else None
