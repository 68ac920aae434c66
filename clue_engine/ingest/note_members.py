"""Members of a household whom only the head's note names, with their numbers: 现由妻某某（52…）当家.

Comes in: rec_registry, words of kinship. Goes out: rec_registry with a row for each of them, after the head's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from clue_engine.ingest.readings import code_table, look_up
from clue_engine.pack.model import CodeSet, RecordKind
from clue_engine.values.identity import identity
from clue_engine.values.persons_cell import NAME, NUMBER, IsRelation, Named
from clue_engine.values.text import half_width
from clue_engine.workspace import Workspace

_BEFORE = re.compile(r"([\u3400-\u9fff]{3,12})\(?$")
_LONGEST_RELATION = 4
_FIELDS = {"relation", "note", "household_no", "town", "village", "hamlet", "head_name", "head_id", "name", "id"}


def named_in(text: str, is_relation: IsRelation) -> list[Named]:
    """Who stands in a text with his relation right before the name and his number right behind it."""
    found = []
    plain = half_width(text)
    for number in NUMBER.finditer(plain):
        said = _BEFORE.search(plain[: number.start()])
        if said and identity(number[0]).kind == "ok" and (person := _relation_and_name(said[1], is_relation)):
            found.append(Named(person[1], person[0], number[0].upper()))
    return found


def _relation_and_name(text: str, is_relation: IsRelation) -> tuple[str, str] | None:
    """The longest word of kinship that stands before a name at the end: 代孙女某某 → 孙女, 某某."""
    for length in range(_LONGEST_RELATION, 0, -1):
        for n_letters in (3, 2, 4):
            name, before = text[-n_letters:], text[:-n_letters]
            if len(before) >= length and is_relation(before[-length:]) and NAME.fullmatch(name):
                return before[-length:], name
    return None


def add_named_members(ws: Workspace, records: Mapping[str, RecordKind], codes: Mapping[str, CodeSet]) -> None:
    """Nothing where the pack has no such records."""
    import pyarrow as pa

    fields = {f.name: f for f in records["registry"].fields} if "registry" in records else {}
    if not fields.keys() >= _FIELDS:
        return
    words = codes[str(fields["relation"].codes)]
    table = code_table(words, {})

    def relation_of(word: str) -> str | None:
        return look_up(table, word, words)[0]

    notes = ws.rows(
        "select distinct note from rec_registry"
        " where relation = '户主' and regexp_matches(note, '[0-9]{17}[0-9Xx]') order by 1"
    )
    named = [
        (note, i, p) for (note,) in notes for i, p in enumerate(named_in(note, lambda w: relation_of(w) is not None))
    ]
    if not named:
        return
    given = pa.table(
        {
            "text": [note for note, _, _ in named],
            "nth": [i for _, i, _ in named],
            "name": [p.name for _, _, p in named],
            "id": [p.number for _, _, p in named],
            "relation": pa.array([relation_of(p.relation) for _, _, p in named], pa.string()),
        }
    )
    with ws.shown("named_members", given):
        ws.run_sql_file("clue_engine.ingest", "note_member.sql")
