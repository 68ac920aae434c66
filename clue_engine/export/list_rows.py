"""The rows of the lists: every clue as the cells that may leave the workspace.

Comes in: the clue tables, facts and persons. Goes out: ``Row`` records, masked; no writer sees anything else.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clue_engine.export import columns as c
from clue_engine.export import sentences as say
from clue_engine.export.careful import accused, warned, without_accused
from clue_engine.export.measures import Suggestion, cap_text, scan_day, sentences, suggestions
from clue_engine.export.privacy import RESTRICTED, internal_number, redact
from clue_engine.pack.model import Direction, Hold, Pack, Rule
from clue_engine.values.mask import mask_id, mask_name, mask_phone
from clue_engine.workspace import Workspace

ELSEWHERE = "外县"  # in place of a town of this county
FAR = "户籍地"  # before the receiver of a home in another county
Cell = str | int | float | None


@dataclass(frozen=True)
class Row:
    """One clue. ``cells`` by heading; ``details`` for JSON: rules, missing facts and holds (none when restricted)."""

    clue_id: str
    direction: str
    direction_code: str
    status: str
    restricted: bool
    cells: Mapping[str, Cell]
    details: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    careful: bool = False  # restricted, and whoever did it may live in the house
    measures: Sequence[Suggestion] = ()
    others: Sequence[str] = ()  # who else is in the line, to be found by; none of a child, none of a restricted line


def list_rows(
    ws: Workspace, pack: Pack, *, unmasked: bool = False, restricted: bool = False, only: str | None = None
) -> list[Row]:
    """All clues, or ``only`` one, in list order (direction, rank). ``unmasked`` shows numbers of persons.

    ``restricted`` shows restricted clues in full: only for whoever is named in the audit trail.
    """
    ws.run_sql_file("clue_engine.export", "accused.sql")
    parts = _Parts(ws, pack)
    rules = {r.id: r for r in pack.rules}
    holds = {h.id: h for h in pack.holds}
    directions = {d.name: d for d in pack.directions}
    clues = ws.dicts("select * from clue order by direction_seq, rank")
    parts.beside = _beside(clues)
    return [
        _row(clue, parts, rules, holds, directions[clue["direction"]], unmasked, restricted)
        for clue in clues
        if only in (None, clue["clue_id"])
    ]


def _beside(clues: Sequence[Mapping[str, Any]]) -> Mapping[int, list[Mapping[str, Any]]]:
    """The clues of each household that are worked on: one visit serves all."""
    found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for clue in clues:
        if clue["status"] in ("线索", "待核", "折叠"):
            found[clue["household_id"]].append(clue)
    return found


class _Parts:
    """What belongs to the clues, read once: by clue_id; measures and other clues by household."""

    def __init__(self, ws: Workspace, pack: Pack):
        self.beside: Mapping[int, list[Mapping[str, Any]]] = {}
        self.measures = suggestions(ws, pack)
        self.pack, self.day = pack, scan_day(ws)
        # without the option no direction is told apart: all go where they went
        named = pack.options.get("case_directions", [d.name for d in pack.directions])
        self.case_directions = {str(word) for word in (named if isinstance(named, list | tuple) else [named])}
        self.home_no = dict(ws.rows("select household_id, home_no from clue_home")) if ws.has_table("clue_home") else {}
        self.rules = _grouped(ws.dicts("select * from clue_rule order by clue_id, seq"))
        self.missing = _grouped(ws.dicts("select * from clue_missing order by clue_id, seq"))
        self.holds = _grouped(ws.dicts("select * from clue_hold order by clue_id, hold_id, outcome"))
        self.sources = _grouped(ws.dicts("select * from clue_source order by clue_id, file_id, row_no"))
        self.persons = _grouped(
            ws.dicts(
                "select p.clue_id, p.person_id, p.place, p.minor, q.name, q.id, a.person_id is not null as accused,"
                # a telephone that whoever did it may answer is not called
                " case when c.careful and exists (select 1 from export_accused as s"
                "  where s.household_id = c.household_id and s.phone = q.phone) then null else q.phone end as phone"
                " from clue_person as p join clue as c using (clue_id) join person as q on q.person_id = p.person_id"
                " left join export_accused as a on a.household_id = c.household_id and a.person_id = p.person_id"
                " order by p.clue_id, p.seq"
            )
        )
        self.parties = _grouped(
            ws.dicts(
                "select distinct c.clue_id, f.name from clue as c"
                " join clue_resting as r using (household_id, direction)"
                " join fact_involvement as f on f.row_id = r.row_id join party as p on p.party_id = f.party_id"
                " where r.relation = 'involvement' and not coalesce(p.is_minor, false) order by c.clue_id, f.name"
            )
        )
        self.at_the_desk = tuple(map(str, pack.options.get("desk_checks", ())))
        told = ws.rows("from clue_progress") if ws.has_table("clue_progress") else []
        self.progress: Mapping[str, str] = dict(told)  # what the ledger tells
        self.homes = _single(
            ws.dicts(
                "select c.clue_id, h.household_no, h.county, h.town, h.village, h.head_name, h.snapshot_date,"
                " a.person_id is not null as head_accused, coalesce(p.minor, false) as head_minor from clue as c"
                " join household as h on h.household_id = c.household_id"
                " left join export_accused as a on a.household_id = h.household_id and a.person_id = h.head_person_id"
                " left join clue_person as p on p.clue_id = c.clue_id and p.person_id = h.head_person_id"
            )
        )
        self.facts = _single(
            ws.dicts("select c.clue_id, f.* from clue as c join fact_household as f on f.household_id = c.household_id")
        )
        cases = _grouped(
            ws.dicts(
                "select e.clue_id, f.*, l.reason as link_reason, l.tier as link_tier, coalesce(p.minor, false) as minor"
                " from clue_case as e join fact_involvement as f on f.row_id = e.row_id"
                " left join link_party as l on l.household_id = f.household_id and l.party_id = f.party_id"
                " left join clue_person as p on p.clue_id = e.clue_id and p.person_id = f.person_id"
                " order by e.clue_id, e.seq"
            )
        )
        self.cases: Mapping[str, dict[str, Any]] = {
            number: {**rows[0], "n_cases": len({row["event_id"] for row in rows})} for number, rows in cases.items()
        }
        self.other_cases: Mapping[str, Sequence[Mapping[str, Any]]] = {
            number: _others(rows) for number, rows in cases.items()
        }


def _others(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The rows of the other applicants and cases: all but that of the row in the list, each once."""
    of_victims = [row for row in rows if not accused(row["roles"])]
    first = {_whose(row): row for row in reversed(of_victims) if _whose(row) != _whose(rows[0])}
    return list(first.values())[::-1]


def _whose(row: Mapping[str, Any]) -> tuple[object, object]:
    return row["event_id"], row["person_id"] or row["name"]


def _grouped(rows: list[dict[str, Any]]) -> Mapping[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["clue_id"]].append(row)
    return found


def _single(rows: list[dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
    return {row["clue_id"]: row for row in rows}


def _row(
    clue: Mapping[str, Any], parts: _Parts, rules: Mapping[str, Rule], holds: Mapping[str, Hold],
    direction: Direction, unmasked: bool, restricted: bool,
) -> Row:  # fmt: skip
    number: str = clue["clue_id"]
    spoken = [r for r in parts.rules[number] if r["kind"] != "unknown" or r["decidable"]]
    missing = parts.missing[number]
    bearing = [h for h in parts.holds[number] if h["bears"] != "aside" and h["action"] != "restrict"]
    home = parts.homes.get(number, {})
    case = parts.cases.get(number, {})
    facts = parts.facts.get(number, {})
    asks = {h.id: h.ask or f"是否{h.title}" for h in holds.values()}
    # a line that says nothing of a case does not lead to one either
    silent = clue["no_crime_detail"]
    own = [
        s
        for s in parts.measures.get(clue["household_id"], ())
        if not ((silent and s.of_case) or (s.restricted and not restricted))
    ]
    beside = [
        o for o in parts.beside.get(clue["household_id"], ())
        if o["clue_id"] != number and not silent and (restricted or not o["restricted"])
    ]  # fmt: skip
    persons, named = without_accused(parts.persons[number], case) if clue["careful"] else (parts.persons[number], case)
    # of whom a careful line may not speak, another case does not either
    others = [] if silent or clue["careful"] else say.other_cases(parts.other_cases.get(number, ()), full=restricted)
    cells: dict[str, Cell] = {
        c.RANK: clue["rank"],
        c.STATUS: clue["status"],
        c.NUMBER: number,
        c.DIRECTION: clue["direction"],
        c.BAND: clue["band_label"],
        c.SCORE: clue["score"],
        c.POSSIBLE: clue["possible_score"],
        c.HOME: parts.home_no.get(clue["household_id"]),
        c.SAME_HOME: "、".join(f"{o['clue_id']}（{o['direction']}，{o['status']}）" for o in beside) or None,
        c.HOUSEHOLD_NO: home.get("household_no"),
        c.HEAD: _head(home, careful=clue["careful"], full=restricted),
        c.TOWN: home.get("town") or facts.get("town"),
        c.VILLAGE: home.get("village") or facts.get("village"),
        c.MATCH: say.match_text(clue, case),
        c.RULES: say.rules_text(spoken),
        c.REASON: say.reason_text(clue, spoken, missing, bearing, asks),
        c.MISSING: say.missing_text(missing),
        c.HOLDER: "、".join(dict.fromkeys(m["holder"] for m in missing if m["holder"])),
        c.CHECK: say.check_text(clue, spoken, bearing, rules, holds, parts.at_the_desk),
        c.NOTE: _joined(parts.progress.get(number), say.note_text(clue, bearing, asks, others)),
        c.MEASURES: say.numbered(sentences(own), "。") or None,
        c.CAP: cap_text(parts.pack, parts.day, case, own),
        c.CASES: case.get("n_cases"),
        c.RECEIVER: clue["receiver"],
        c.ALSO: clue["also"],
        c.DEADLINE: f"收到后{parts.pack.answer_days(direction, clue['receiver'])}个工作日内",
        c.SOURCE: say.sources_text(parts.sources[number]),
        c.DATA_DATE: _text(home.get("snapshot_date")),
        c.VERSION: "、".join(f"{r['rule_id']}v{r['rule_version']}" for r in spoken),
        c.SCANNED: _text(parts.day),
        c.HELD_REASON: say.held_text(clue, parts.holds[number]) if clue["status"] == "搁置" else None,
    }
    of_case = clue["direction"] in parts.case_directions
    cells |= _far(cells, home, facts, of_case=of_case) | _person(persons, named, unmasked, restricted)
    cells |= {heading: _cell(facts.get(column)) for column, heading in c.OF_HOUSEHOLD.items()}
    if facts.get("registration") == "未登记":  # what no register says
        cells[c.HOUSEHOLD_TYPE] = None
    cells |= {heading: _cell(_value(case, column)) for column, heading in c.OF_CASE.items()}
    details: dict[str, list[dict[str, object]]] = {}
    if clue["restricted"] and not restricted:
        cells = _restricted(number, cells)
    else:
        if clue["no_crime_detail"]:
            cells |= dict.fromkeys(c.CRIME)
            # the name of a case file would tell what the columns do not
            cells[c.SOURCE] = say.sources_text([s for s in parts.sources[number] if not s["of_case"]])
            bearing = [{**h, "text": h["title"]} for h in bearing]
        if clue["careful"]:
            cells |= warned(cells, holds.values())
            cells[c.NAME] = cells[c.NAME] or internal_number(number)
        details = _details(spoken, missing, bearing, own)
    hidden = clue["restricted"] and not restricted
    return Row(
        number, clue["direction"], clue["direction_code"], clue["status"], clue["restricted"], cells, details,
        clue["careful"], () if hidden else own, () if hidden or silent else _everybody(persons, parts.parties[number]),
    )  # fmt: skip


def _everybody(persons: Sequence[Mapping[str, Any]], parties: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the persons and of the victims of all its cases."""
    names = [p["name"] for p in persons if not p["minor"]] + [p["name"] for p in parties]
    return list(dict.fromkeys(name for name in names if name))


def _head(home: Mapping[str, Any], *, careful: bool, full: bool) -> str | None:
    if careful and home.get("head_accused"):
        return None
    name: str | None = home.get("head_name")
    return mask_name(name) if home.get("head_minor") and not full else name


def _far(
    cells: Mapping[str, Cell], home: Mapping[str, Any], facts: Mapping[str, Any], *, of_case: bool
) -> dict[str, Cell]:
    """A home in another county: never under a town or village of this one, and its own offices are asked.

    ``of_case``: what goes to whoever has the case, wherever the home is; all else is for the offices of the home.
    """
    county = home.get("county")
    if not facts.get("out_of_county") or not county:
        return {}
    place = [county, cells.get(c.TOWN), cells.get(c.VILLAGE)]
    return {
        c.TOWN: f"{ELSEWHERE}（{county}）",
        c.VILLAGE: "".join(str(part) for part in place if part),
        c.HOLDER: f"{cells[c.HOLDER]}（户籍在{county}，当地部门掌握的问{county}）" if cells.get(c.HOLDER) else None,
        c.RECEIVER: cells.get(c.RECEIVER) if of_case else _elsewhere(str(cells.get(c.RECEIVER) or ""), str(county)),
    }


def _elsewhere(receivers: str, county: str) -> str | None:
    return "、".join(f"{FAR}（{county}）{name}" for name in receivers.split("、") if name) or None


def _restricted(number: str, cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """Number, direction, status, band and place in the list; in place of a name and a reason the same words for all."""
    kept = {heading: (value if heading in c.SHOWN_RESTRICTED else None) for heading, value in cells.items()}
    kept[c.NAME] = internal_number(number)
    kept[c.REASON] = RESTRICTED
    if cells.get(c.HELD_REASON) is not None:
        kept[c.HELD_REASON] = RESTRICTED
    return kept


def _person(
    persons: Sequence[Mapping[str, Any]], case: Mapping[str, Any], unmasked: bool, full: bool
) -> dict[str, Cell]:
    """Who is in the case of the row, else whom the clue rests on; a party whom no register knows goes by the case.

    A child is named where restricted clues are shown in full, nowhere else.
    """
    own = [p for p in persons if p["person_id"] == case.get("person_id")]
    if case.get("name"):
        first = own[0] if own else {"name": case["name"], "id": None, "phone": None}
    else:
        first = persons[0] if persons else {"name": None, "id": None, "phone": None}
    number, phone = first["id"], first["phone"]
    return {
        c.NAME: mask_name(redact(first["name"])) if first.get("minor") and not full else redact(first["name"]),
        c.ID: number if unmasked else mask_id(number),
        c.PHONE: phone if unmasked else mask_phone(phone),
    }


def _details(
    spoken: Sequence[Mapping[str, Any]],
    missing: Sequence[Mapping[str, Any]],
    bearing: Sequence[Mapping[str, Any]],
    own: Sequence[Suggestion],
) -> dict[str, list[dict[str, object]]]:
    return {
        "rules": [
            {"id": r["rule_id"], "version": r["rule_version"], "title": r["title"], "kind": r["kind"],
             "points": r["points"], "superseded": r["superseded"], "trial": r["trial"], "reason": redact(r["reason"])}
            for r in spoken
        ],
        "missing": [{"field": m["field_label"], "holder": m["holder"], "decides": m["decides"]} for m in missing],
        "holds": [
            {"id": h["hold_id"], "action": h["action"], "decided": h["outcome"] == 1, "text": redact(h["text"])}
            for h in bearing
        ],
        "measures": [dict(vars(s)) for s in own],
    }  # fmt: skip


def _joined(progress: str | None, note: str) -> str:
    return "\n".join(part for part in (f"{say.LEDGER}{progress}" if progress else "", note) if part)


def _value(row: Mapping[str, Any], column: str) -> Any:
    return row.get(column, row.get(f"{column}_lo"))


def _cell(value: Any) -> Cell:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return redact("、".join(str(v) for v in value))
    return redact(_text(value))


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else "" if value is None else str(value)
