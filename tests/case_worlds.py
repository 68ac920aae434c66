"""Many cases of a table in one workspace: a station costs a third of a second, however few rows it sees.

Each case brings its own records (kind -> rows). Put beside each other they must not touch: every case gets surnames,
regions of identity numbers and case numbers of its own; what comes out is said in the words of the case again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from clue_engine.link import sounds
from clue_engine.workspace import Workspace
from tests.record_world import record_world, shipped_pack

Records = Mapping[str, Sequence[Mapping[str, Any]]]
Decisions = Mapping[str, Sequence[str]]
AT_MOST = 99  # as many regions of identity numbers
_RARE = range(0x9B00, 0x9FA6)  # characters that no word of the pack is made of
# columns without which a fact is unknown for everybody
_COLUMNS = ("school", "household_type", "monitoring_kind", "dibao", "tekun", "cert_level", "applicant_name")

# who a row is about, for the tables that do not say it in a column of their own
_ROWS = {
    "party": "select name as who, * from party",
    "register_person": "select name as who, * from register_person",
    "register_household": "select h.head_name as who, p.name as head, h.* from register_household as h "
    "left join register_person as p on h.head_person_id = p.person_id",
    "register_member": "select p.name as who, h.household_no, m.* from register_member as m "
    "join register_person as p using (person_id) join register_household as h using (household_id)",
    "listing_row": "select l.name as who, l.list, (select count(*) from register_member as m join register_person as p "
    "using (person_id) where p.person_key = l.person_key) as homes from listing_row as l",
    "legal_event": "select distinct unnest([p.name, c.suspect_name]) as who, e.* from legal_event as e "
    "left join party as p using (event_id) left join case_row as c using (event_id)",
    "link_party": "select coalesce(p.name, q.name) as who, coalesce(h.household_no, '新户') as home, l.* "
    "from link_party as l join party as p using (party_id) left join person as q on l.person_id = q.person_id "
    "join household as h on l.household_id = h.household_id",
    "review_item": "select p.name as who, json_array_length(r.candidates) as n, r.* from review_item as r "
    "join party as p using (party_id)",
    "household": "select head_name as who, * from household",
    "member": "select p.name as who, h.head_name as head, coalesce(h.household_no, '新户') as home, m.* "
    "from member as m join person as p using (person_id) join household as h using (household_id)",
    "fact_involvement": "select i.name as who, h.household_no as home, i.* from fact_involvement as i "
    "join household as h using (household_id)",
    "fact_member": "select name as who, * from fact_member",
    "fact_kin": "select a.name as who, k.link, b.name as other from fact_kin as k "
    "join fact_member as a using (household_id, person_id) "
    "join fact_member as b on k.household_id = b.household_id and k.other_person_id = b.person_id",
    "fact_household": "select h.head_name as who, f.* from fact_household as f "
    "join household as h using (household_id)",
    "fact_aid": "select p.name as who, a.* from fact_aid as a join person as p using (person_id)",
    "fact_hardship": "select p.name as who, f.* from fact_hardship as f join person as p using (person_id)",
}


class CaseWorld:
    """What came of each case: ``rows(case, table)``, by whom a row is about.

    ``decisions``: of each case, what people decide about its parties: name -> household numbers or none, in order.
    """

    def __init__(
        self, path: Path, cases: Sequence[Records], run: Callable[[Workspace], None], decisions: Sequence[Decisions]
    ):
        self._names: list[dict[str, str]] = []  # name in the world -> name in the case
        self._decisions = decisions
        fresh = _stand_ins()
        records: dict[str, list[dict[str, Any]]] = {}
        for number, case in enumerate(cases, 1):
            renamed, back = _apart(number, case, fresh)
            self._names.append(back)
            for kind, rows in renamed.items():
                records.setdefault(kind, []).extend(rows)
        _no_number_twice(cases, records)
        self._path, self._records, self._run = path, records, run
        self._tables: dict[str, dict[str, list[dict[str, Any]]]] = {}

    def rows(self, number: int, table: str) -> dict[str, list[dict[str, Any]]]:
        """The rows of ``table`` about persons of case ``number`` (from 0), by name."""
        if not self._tables:
            self._read()
        found: dict[str, list[dict[str, Any]]] = {}
        for name, said in self._names[number].items():
            for row in self._tables[table].get(name, ()):
                plain = {k: _plain(v, number + 1, self._names[number]) for k, v in row.items()}
                found.setdefault(said, []).append(plain)
        return found

    def _read(self) -> None:
        with record_world(self._path, self._records) as ws:
            self._run(ws)
            if any(self._decisions):
                self._decide(ws)
                self._run(ws)
            for table, query in _ROWS.items():
                if ws.has_table(table):
                    by_name = self._tables.setdefault(table, {})
                    for row in ws.dicts(f"select * from ({query}) order by all"):
                        by_name.setdefault(row["who"], []).append(row)

    def _decide(self, ws: Workspace) -> None:
        for number, (names, decisions) in enumerate(zip(self._names, self._decisions, strict=True), 1):
            for other, name in names.items():
                for seq, choice in enumerate(decisions.get(name, ()), 1):
                    of_party = (
                        "select review_key, candidates from review_item join party using (party_id) where name = ?"
                    )
                    [(key, candidates)] = ws.rows(of_party, [other])
                    numbers = dict(ws.rows("select household_id, household_no from household"))
                    refs = {numbers[c["household_id"]]: c["ref"] for c in json.loads(candidates)}
                    chosen = "none" if choice == "none" else refs[f"{number}-{choice}"]
                    ws.con.execute("insert into decision values (?, ?, '', ?)", [key, chosen, seq])


def worlds(
    path: Path,
    cases: Sequence[Mapping[str, Any]],
    records: Callable[[Mapping[str, Any]], Records],
    run: Callable[[Workspace], None],
) -> Iterator[tuple[Mapping[str, Any], CaseWorld, int]]:
    """Each case with the world that holds it and its number there.

    Which files were loaded, and with which columns, is a fact about a whole workspace (without a list of 低保 nobody
    is known to be off it): cases that differ in this stand apart, and so do those that say ``alone: true``.
    """
    groups: dict[object, list[Mapping[str, Any]]] = {}
    for place, case in enumerate(cases):
        groups.setdefault(place if case.get("alone") else _loaded(records(case)), []).append(case)
    for number, group in enumerate(groups.values()):
        for start in range(0, len(group), AT_MOST):
            part = group[start : start + AT_MOST]
            decisions = [case.get("decide", {}) for case in part]
            world = CaseWorld(path / f"{number}-{start}", [records(case) for case in part], run, decisions)
            yield from ((case, world, n) for n, case in enumerate(part))


def _loaded(records: Records) -> frozenset[tuple[str, str]]:
    return frozenset(
        (kind, str(value) if field == "list" else field if field in _COLUMNS else "")
        for kind, rows in records.items()
        if kind not in ("case", "victim")
        for row in rows
        for field, value in row.items()
    )


def _stand_ins() -> Iterator[str]:
    """Surnames that nobody has, each of another sound than the eight before it."""
    lately: list[tuple[str, ...]] = []
    for code in _RARE:
        if sounds(chr(code)) not in lately:
            lately = [*lately[-7:], sounds(chr(code))]
            yield chr(code)


def _apart(
    number: int, records: Records, fresh: Iterator[str]
) -> tuple[dict[str, list[dict[str, Any]]], dict[str, str]]:
    """The records with other surnames, regions and case numbers; the names by what has become of them."""
    types = {(kind, f.name): f.type for kind in records for f in shipped_pack().records[kind].fields}
    names = {
        str(value)
        for kind, rows in records.items()
        for row in rows
        for field, value in row.items()
        if value and types.get((kind, field)) == "name"
    }
    surnames = {surname: next(fresh) for surname in sorted({name[0] for name in names})}
    renamed = {name: surnames[name[0]] + name[1:] for name in sorted(names, key=len, reverse=True)}

    # a whole number of a case, where a text names it
    named_numbers = {
        row["case_no"]: f"{number}-{row['case_no']}"
        for row in records.get("case", ())
        if len(row.get("case_no") or "") > 9
    }

    def moved(kind: str, field: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if (types.get((kind, field)) == "id" or field.endswith("_partial")) and value[:6].isdigit():
            return f"{value[:4]}{(int(value[4:6]) + number) % 100:02d}{value[6:]}"
        if field.endswith("_no"):
            return f"{number}-{value}"
        for name, other in [*renamed.items(), *named_numbers.items()]:
            value = value.replace(name, other)
        return value

    moved_records = {
        kind: [{field: moved(kind, field, value) for field, value in row.items()} for row in rows]
        for kind, rows in records.items()
    }
    return moved_records, {other: name for name, other in renamed.items()}


def _no_number_twice(cases: Sequence[Records], records: Records) -> None:
    """Two cases that share an identity number after all would be one: then a number must be changed in the table."""

    def numbers(of: Records) -> set[str]:
        return {
            value
            for rows in of.values()
            for row in rows
            for field, value in row.items()
            if isinstance(value, str) and len(value) == 18 and field.endswith("id")
        }

    assert len(numbers(records)) == sum(len(numbers(case)) for case in cases)


def _plain(value: Any, number: int, names: Mapping[str, str]) -> Any:
    """A value as a case writes it: days as text, names and numbers as they were."""
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(v, number, names) for v in value]
    if isinstance(value, str):
        value = value.removeprefix(f"{number}-")
        for other, name in names.items():
            value = value.replace(other, name)
    return value
