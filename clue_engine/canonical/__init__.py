"""Canonical tables: cleaned record rows become persons, households, events and parties.

Comes in: rec_* and input_file. Goes out: registry_row (who stands in which row), register_person, register_household,
register_member, member_source, listing_row, legal_event, event_case,
case_row, party, party_mention, victim_row, kin_of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clue_engine.workspace import Workspace

_PACKAGE = "clue_engine.canonical"


_NO_COURT: Mapping[str, Sequence[str]] = {
    "claim_causes": (),
    "crime_charges": (),
    "crime_claim_words": (),
    "fatal_words": (),
    "dead_kin": (),
}
CRIMES_ONLY = {"charge_ending": "罪", "civil_ending": "(?:$.)"}


def canonicalise(
    ws: Workspace,
    *,
    same_event_days: int,
    organization_words: Sequence[str] = (),
    event_by_victim: Sequence[str] = (),
    alike_charges: Sequence[str] = (),
    parent_words: Mapping[str, str] | None = None,
    charge_endings: Mapping[str, str] = CRIMES_ONLY,
    surnames: str = "",
    court_causes: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Rebuild all canonical tables. ``same_event_days``: how far apart rows of one event may have been accepted;
    ``organization_words``: how the name of a company or an office ends; ``event_by_victim``: sources whose events are
    those of a case by victim and day, also where one is charged with one of ``alike_charges`` and one with another;
    ``parent_words``: word -> what became of a father or mother; ``charge_endings``: what is added to a charge, and the
    pattern of a civil cause, to which nothing is; ``surnames``: characters with which names of persons begin;
    ``court_causes``: the causes of court rows that make a case of their own where no other file has one (claim_causes,
    crime_charges, crime_claim_words, fatal_words).
    """
    ws.run_sql_file(_PACKAGE, "place_read.sql")
    ws.run_sql_file(_PACKAGE, "registry_key.sql")
    ws.run_sql_file(_PACKAGE, "household_number.sql")
    ws.run_sql_file(_PACKAGE, "register_person.sql")
    ws.run_sql_file(_PACKAGE, "register_household.sql")
    words = dict(sorted((parent_words or {}).items(), key=lambda pair: (-len(pair[0]), pair)))
    states = {"parent_words": list(words), "parent_states": list(words.values())}
    ws.run_sql_file(_PACKAGE, "parent_state.sql", states)
    known_by = {"event_by_victim": list(event_by_victim), "alike_charges": list(alike_charges)}
    ws.run_sql_file(_PACKAGE, "same_victim.sql", {"max_days": same_event_days, **known_by})
    ws.run_sql_file(_PACKAGE, "event_node.sql", {"max_days": same_event_days})
    ws.run_sql_file(_PACKAGE, "event_label.sql")
    causes = {**_NO_COURT, **(court_causes or {}), "alike_charges": list(alike_charges)}
    organizations = {"organization_words": list(organization_words)}
    ws.run_sql_file(_PACKAGE, "court_party.sql", {name: list(words) for name, words in causes.items()} | organizations)
    crimes = {"crime_charges": list(causes["crime_charges"])}
    ws.run_sql_file(_PACKAGE, "legal_event.sql", {**charge_endings, **crimes})
    ws.run_sql_file(_PACKAGE, "party.sql", {**organizations, "surnames": surnames})
    ws.drop_temporaries()
