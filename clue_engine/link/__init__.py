"""Linking: which registered person, and which household, is meant by each party of a case.

Comes in: party, kin_of, register_person, register_household, register_member, legal_event and the decisions of people.
Goes out: person, household, member, link_party, household_party, review_item. Nothing is linked to "the first row":
several candidates and contradictions go to review_item.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache

from clue_engine.workspace import Workspace

_PACKAGE = "clue_engine.link"


def link(
    ws: Workspace, *, kin_words: Sequence[str], dead_codes: Sequence[str], prose_sources: Sequence[str] = ()
) -> None:
    """Rebuild the link tables. ``kin_words``: relations that say who is meant; ``dead_codes``: codes of death;
    ``prose_sources``: sources whose words tell of whom of a household they speak."""
    ws.con.execute(
        "create table if not exists decision (review_key varchar, choice varchar, note varchar, seq integer)"
    )
    ws.run_sql_file(_PACKAGE, "tier.sql")
    ws.run_sql_file(_PACKAGE, "pair.sql")
    _compare_names(ws)
    ws.run_sql_file(_PACKAGE, "link_choice.sql")
    ws.run_sql_file(_PACKAGE, "dead_party.sql", {"dead_codes": list(dead_codes)})
    ws.run_sql_file(_PACKAGE, "kin_link.sql", {"kin_words": list(kin_words), "prose_sources": list(prose_sources)})
    ws.run_sql_file(_PACKAGE, "household.sql", {"prose_sources": list(prose_sources)})
    ws.drop_temporaries()


def _compare_names(ws: Workspace) -> None:
    """name_agreement: distinct names that meet under one id and agree by sound, by one edit or as a cut-off form."""
    import pyarrow as pa

    pairs = ws.rows(
        "select distinct p.name_key, q.name_key from pair as r inner join party as p using (party_id) "
        "inner join register_person as q using (person_id) where r.tier = 1 and p.name_key <> q.name_key order by all"
    )
    found = agreements(pairs)
    columns = list(zip(*found, strict=True)) if found else [(), (), ()]
    agreement = pa.table(dict(zip(("one", "other", "why"), (pa.array(c, pa.string()) for c in columns), strict=True)))
    ws.con.register("name_agreement_in", agreement)
    ws.con.execute("create or replace temp table name_agreement as from name_agreement_in")
    ws.con.unregister("name_agreement_in")


# -- Are two names, under the same id, the same person's? Compared by character ----------------------------------------
# String distances in DuckDB count bytes; these go by character.
# Comes in: distinct pairs of normalised names. Goes out: why they agree, or None.
SHORTEST_PREFIX = 3
"""A dotted minority name may be cut off by a narrow column; fewer characters than this prove nothing."""


@lru_cache(maxsize=65536)
def _sound(character: str) -> str:
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # single characters only: its phrases take 0.2 s to load
    from pypinyin import Style, lazy_pinyin

    return str(lazy_pinyin(character, style=Style.NORMAL)[0])


def sounds(name: str) -> tuple[str, ...]:
    """Toneless pinyin, one reading per character."""
    return tuple(_sound(c) for c in name)


def agreement(one: str, other: str) -> str | None:
    """Why two normalised names agree: 姓名相同, 姓名同音, 姓名差一字, 姓名缩写; None when they do not."""
    from rapidfuzz.distance import Levenshtein

    one, other = one.replace("·", ""), other.replace("·", "")
    if one == other:
        return "姓名相同"
    if len(one) == len(other) and sounds(one) == sounds(other):
        return "姓名同音"
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= SHORTEST_PREFIX and len(longer) > len(shorter) + 1 and longer.startswith(shorter):
        return "姓名缩写"
    # one edit in a two-character name leaves only one character in common
    if len(longer) >= 3 and Levenshtein.distance(one, other) <= 1:
        return "姓名差一字"
    return None


def agreements(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(one, other, why) for each pair that agrees."""
    return [(one, other, why) for one, other in pairs if (why := agreement(one, other))]
