"""Linking: which registered person, and which household, is meant by each party of a case.

Comes in: party, kin_of, register_person, register_household, register_member, legal_event and the decisions of people.
Goes out: person, household, member, link_party, household_party, review_item. Nothing is linked to "the first row":
several candidates and contradictions go to review_item.
"""

from __future__ import annotations

from collections.abc import Sequence

from clue_engine.link.names import agreements
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
    ws.run_sql_file(_PACKAGE, "kin_link.sql", {"kin_words": list(kin_words)})
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
