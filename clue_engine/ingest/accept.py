"""A doubtful column accepted by a person: bound to the set of headings of its table, kept in the local pack.

Comes in: a file, one of its headings, a field, the pack. Goes out: an entry of vocabulary/accepted.yaml; raises CE-U44
when the file has no such column, its source no such field, or the values are clearly something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from clue_engine.errors import ClueError
from clue_engine.ingest.column_fit import fit
from clue_engine.ingest.examine import read_tables
from clue_engine.ingest.header import Heading, candidates, heading_key
from clue_engine.ingest.recognise import Match, index_sources, recognise
from clue_engine.ingest.table import Table
from clue_engine.pack.accepted import FILE, Accepted, accepted
from clue_engine.pack.model import Source

LEAST = 0.5  # of the cells that say something must fit the field


@dataclass(frozen=True)
class Acceptance:
    """What was accepted, for a sentence: the source, the label of the field, how many cells fit."""

    entry: Accepted
    source: Source
    label: str
    n_filled: int
    share: float


def accept(path: Path, heading: str, field: str, sources: Sequence[Source], encoding: str | None = None) -> Acceptance:
    """Judge one column of a file; ``field``: victim.paid, its label, or a heading that its layout has for it."""
    for table in read_tables(path, sources, encoding):
        key = _key(table, heading)
        found = recognise(table, index_sources(sources))
        source = found.source if isinstance(found, Match) else found.nearest
        header = found.header if isinstance(found, Match) else next(iter(candidates(table)), None)
        own = next((h for h in header.headings if key and key in h.keys), None) if header else None
        if source is not None and header is not None and own is not None:
            headings = tuple(sorted({heading_key(h.text)[0] for h in header.headings if h.keys}))
            return _judged(table, own, header.row, source, field, headings)
    raise ClueError("CE-U44", "认识的表里没有这一列", place=f"{path.name} {heading}", hint="表头照表里写的写")


def _key(table: Table, heading: str) -> str:
    """A heading as the table has it when it is recognised: without the codes that it explains."""
    written = "".join(heading.split())
    for one in table.explained:
        if written == "".join(one.written.split()):
            return heading_key(one.heading)[0]
    for taken in table.packed:
        names = "".join(taken.heading.split())
        if not taken.told and written in (names, *names.split("、")):
            said = f"这一列一格写几项，载入时已拆成：{'、'.join(filter(None, taken.headings))}"
            hint = "不必记；各列的用处看 clue-engine sources detect"
            raise ClueError("CE-U44", said, place=f"{table.file.name} {heading}", hint=hint)
    return heading_key(heading)[0]


def _judged(
    table: Table, own: Heading, last_row: int, source: Source, field: str, headings: tuple[str, ...]
) -> Acceptance:
    words = source.options["field_words"]
    targets = dict.fromkeys(target for column in source.columns for target in column.fields)
    target = next((t for t in targets if field in (t, words.record_field(t).label)), None)
    if target is None:  # or as the layout writes the heading
        target = next((column.fields[0] for column in source.columns if field in column.headers), None)
    place = f"{table.file.name} {own.text}"
    if target is None:
        hint = f"可用的字段见 clue-engine sources show {source.id}"
        raise ClueError("CE-U44", f"“{source.label}”没有“{field}”这一项", place=place, hint=hint)
    column = min((c for c in source.columns if target in c.fields), key=lambda c: len(c.fields))
    rows = table.preview[last_row:]
    cells = [row[own.position - 1] if own.position <= len(row) else "" for row in rows]
    known = words.record_field(target)
    fitted = fit(cells, known, column.values, "", words)
    if fitted.filled and fitted.share < LEAST:
        said = f"这一列的值合“{known.label}”的只有 {fitted.share:.0%}，没有记下"
        hint = "核对是不是这一项；写法不在代码表里的，先加到 vocabulary/codes.yaml"
        raise ClueError("CE-U44", said, place=place, hint=hint)
    entry = Accepted(source.id, headings, {heading_key(own.text)[0]: target})
    return Acceptance(entry, source, known.label, fitted.filled, fitted.share)


def keep(entry: Accepted, pack: Path) -> Path:
    """Add the entry to the local pack; columns of the same set of headings stand together."""
    path = pack / "vocabulary" / FILE
    there = accepted(yaml.safe_load(path.read_text(encoding="utf-8"))) if path.is_file() else ()
    same = [one for one in there if (one.source, one.headings) == (entry.source, entry.headings)]
    columns = {**(dict(same[0].columns) if same else {}), **entry.columns}
    kept = [one for one in there if one not in same]
    kept.append(Accepted(entry.source, entry.headings, columns))
    values = [{"source": o.source, "headings": list(o.headings), "columns": dict(o.columns)} for o in kept]
    head = "# 由 sources accept 记下：表头与这里完全相同的表，这些列作这些字段用。不含任何格子的内容。\n"
    path.write_text(head + yaml.safe_dump(values, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
