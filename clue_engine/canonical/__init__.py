"""Canonical tables: cleaned record rows become persons, households, events and parties.

Comes in: rec_* and input_file. Goes out: registry_row (who stands in which row), register_person, register_household,
register_member, member_source, listing_row, legal_event, event_case,
case_row, party, party_mention, victim_row, kin_of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clue_engine.workspace import Workspace

_PACKAGE = "clue_engine.canonical"


CRIMES_ONLY = {"charge_ending": "罪", "civil_ending": "(?:$.)"}


def canonicalise(
    ws: Workspace,
    *,
    same_event_days: int,
    organization_words: Sequence[str] = (),
    charge_endings: Mapping[str, str] = CRIMES_ONLY,
) -> None:
    """Rebuild all canonical tables. ``same_event_days``: how far apart rows of one event may have been accepted;
    ``organization_words``: how the name of a company or an office ends; ``charge_endings``: what is added to a charge,
    and the pattern of a civil cause, to which nothing is.
    """
    ws.run_sql_file(_PACKAGE, "registry_key.sql")
    ws.run_sql_file(_PACKAGE, "household_number.sql")
    ws.run_sql_file(_PACKAGE, "register_person.sql")
    ws.run_sql_file(_PACKAGE, "register_household.sql")
    ws.run_sql_file(_PACKAGE, "event_node.sql", {"max_days": same_event_days})
    ws.run_sql_file(_PACKAGE, "event_label.sql")
    ws.run_sql_file(_PACKAGE, "legal_event.sql", charge_endings)
    ws.run_sql_file(_PACKAGE, "party.sql", {"organization_words": list(organization_words)})
    ws.drop_temporaries()
