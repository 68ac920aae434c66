"""Every clue with all numbers by which a line of expected results may name it. Stays inside the workspace.

Comes in: clue, household, persons, parties. Goes out: ``Listed`` records and the secrets of a household.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from clue_engine.enquiry.expected import Expected
from clue_engine.workspace import Workspace

# Anyone whom the household's rows name: victim, relative, suspect, member.
_PERSONS = """
select household_id, person_id, name from fact_involvement
union select household_id, person_id, name from fact_member
union select household_id, head_person_id, head_name from household
union select c.household_id, p.person_id, null from clue as c join clue_person as p on p.clue_id = c.clue_id
"""
# A victim in no register, and the relatives named beside a victim, have a number only as a party.
_PARTIES = """
with named as (
    select household_id, party_id from household_party
    union select h.household_id, k.kin_party_id from household_party as h join kin_of as k on k.party_id = h.party_id
)
select n.household_id, p.id from named as n join party as p on p.party_id = n.party_id
where p.id is not null and n.household_id in (select household_id from clue)
"""


@dataclass(frozen=True)
class Listed:
    clue_id: str
    household_id: int
    direction: str
    status: str
    rank: int
    restricted: bool
    household_no: str
    persons: frozenset[str]  # ID numbers, and names for organisations

    @property
    def shown(self) -> bool:
        return self.status in ("线索", "待核")

    def is_meant_by(self, line: Expected) -> bool:
        """Whether the line names this household, or anyone whom the clue involves."""
        return bool(
            (line.household_no and line.household_no == self.household_no)
            or (line.person and line.person in self.persons)
        )


def listed_clues(ws: Workspace) -> list[Listed]:
    """All clues in rank order."""
    persons = _persons(ws)
    return [
        Listed(**{**row, "household_no": row["household_no"] or ""}, persons=frozenset(persons[row["household_id"]]))
        for row in ws.dicts(
            "select c.clue_id, c.household_id, c.direction, c.status, c.rank, c.restricted, h.household_no"
            " from clue as c join household as h on h.household_id = c.household_id order by c.direction_seq, c.rank"
        )
    ]


def _persons(ws: Workspace) -> defaultdict[int, set[str]]:
    found: defaultdict[int, set[str]] = defaultdict(set)
    for household_id, number, name, known_as in ws.rows(
        f"select w.household_id, p.id, p.name, w.name from ({_PERSONS}) as w"
        " left join person as p on p.person_id = w.person_id"
        " where w.household_id in (select household_id from clue)"
    ):
        found[household_id] |= {v.upper() for v in (number, name, known_as) if v}
    for household_id, number in ws.rows(_PARTIES):
        found[household_id].add(number.upper())
    return found


def secrets(ws: Workspace, household_ids: Iterable[int]) -> set[str]:
    """What a restricted line of these households must not say: full names, numbers, place, household, case, file."""
    ids = sorted(set(household_ids))
    found: set[str] = set()
    for number, name, known_as in ws.rows(
        f"select p.id, p.name, w.name from ({_PERSONS}) as w left join person as p on p.person_id = w.person_id"
        " where list_contains(?::bigint[], w.household_id)",
        [ids],
    ):
        found |= {v for v in (name, known_as) if v and len(v) > 1}
        found |= {number, number[:14]} if number else set()
    for household_id, number in ws.rows(_PARTIES):
        if household_id in ids:
            found |= {number, number[:14]}
    for row in ws.rows(
        "select household_no, town, village, hamlet from household where list_contains(?::bigint[], household_id)",
        [ids],
    ):
        found |= {v for v in row if v}
    for case_no, causes in ws.rows(
        "select case_no, cause from fact_involvement where list_contains(?::bigint[], household_id)", [ids]
    ):
        found |= {v for v in (case_no, *(causes or ())) if v}
    found |= {name for (name,) in ws.rows("select name from input_file where name <> ''")}
    return found
