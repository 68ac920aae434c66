"""From hits to ranked clues: the stages of this station in order.

Comes in: hit, lost_hit, hold_row, witness, missing_fact, the fact tables, person, household, link_party, fact_source.
Goes out: clue, clue_protected, clue_rule, clue_missing, clue_hold, clue_case, clue_person, clue_source,
clue_count (and the stages between).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from clue_engine.clue.number import give_numbers
from clue_engine.clue.reasons import Render, write_reasons
from clue_engine.language.template import render as fill_places
from clue_engine.pack.model import Direction, Pack
from clue_engine.workspace import Workspace, literal

_ADULT = 18  # 民法典第十七条: whose name no open line carries

# Each file writes the table it is named after (clue_<name>; listed.sql: clue) from the ones before it.
_BEFORE_REASONS = (
    "candidate.sql",  # what each rule says about each household
    "status.sql",  # 线索, 待核, 搁置, 试行, or only counted
    "points.sql",  # the points that count
    "resting.sql",  # the rows a clue rests on
    "dimension.sql",  # points under their caps
    "hold.sql",  # holds and how much of the clue they bear on
    "strength.sql",  # 确认 or 疑似
    "band.sql",  # scores and band
    "clue.sql",  # receiver, rank
    "shortlist.sql",  # how many open questions are listed
    "protected.sql",  # whose clues stand by their number only
    "listed.sql",  # the clues themselves
    "subject.sql",  # the row a sentence speaks of
)
_AFTER_REASONS = (
    "clue_rule.sql",
    "clue_hold.sql",
    "clue_missing.sql",
    "clue_case.sql",  # the case that a row shows
    "clue_person.sql",  # and its person
    "clue_source.sql",
)


def make_clues(ws: Workspace, pack: Pack, as_of: dt.date, *, render: Render = fill_places) -> dict[str, int]:
    """Write the clue tables and return how many clues each status has."""
    variables = rank_clues(ws, pack, as_of)
    if any(field.name == "hardship_told" for relation in pack.relations for field in relation.fields):
        ws.run_sql_file("clue_engine.clue", "household_told.sql", variables)
    write_reasons(ws, pack, render)
    for name in _AFTER_REASONS:
        ws.run_sql_file("clue_engine.clue", name, variables)
    return {
        str(status): n for status, n in ws.rows("select status, count(*) from clue group by status order by status")
    }


def rank_clues(ws: Workspace, pack: Pack, as_of: dt.date) -> dict[str, object]:
    """Everything but the sentences: table clue, ranked. Returns the variables of the SQL files."""
    write_pack_tables(ws, pack)
    variables: dict[str, object] = {"as_of": as_of, "adult_age": _ADULT, "harm_codes": _harms(pack), **_pending(pack)}
    for name in _BEFORE_REASONS:
        if name == "clue.sql":
            give_numbers(ws)
        ws.run_sql_file("clue_engine.clue", name, variables)
    return variables


def _pending(pack: Pack) -> dict[str, object]:
    """How long the list of open questions may be and what is never folded; without the options all are listed."""
    options = pack.options
    listed = "pending_share" not in options
    return {
        "pending_share": _share(options.get("pending_share", "0")),
        "pending_ordinary_share": _share(options.get("pending_ordinary_share", options.get("pending_share", "0"))),
        "pending_settled_least": _share(options.get("pending_settled_least", "0")),
        "pending_least": 10**9 if listed else int(str(options.get("pending_least", 0))),
        "pending_keep": _texts(options.get("pending_keep", [])),
        "pending_grave": _texts(options.get("pending_grave", [])),
        "far_last": _texts(options.get("far_last", [])),
        "no_injury": str(options.get("no_injury", "")),
    }


def _texts(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list | tuple) else [str(value)]


def _harms(pack: Pack) -> list[str]:
    """The grades of harm as the pack orders them, the gravest first."""
    named = [f.codes for r in pack.relations if r.name == "involvement" for f in r.fields if f.name == "harm"]
    codes = pack.codes.get(named[0] or "") if named else None
    return list(codes.values) if codes else []


def _share(value: object) -> float:
    text = str(value).strip()
    return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text or 0)


# -- The part of a pack that scoring needs, as small temporary tables beside the facts ---------------------------------
# Comes in: a pack. Goes out: clue_pack_rule, clue_pack_point, clue_pack_supersede, clue_pack_direction,
# clue_pack_dimension, clue_pack_band, clue_pack_need, clue_pack_hold, clue_pack_relation, clue_pack_field.
_LAYOUT = {
    "clue_pack_rule": "rule_id varchar, title varchar, version integer, direction varchar, trial boolean,"
    " urgent boolean, restricts boolean, no_crime_detail boolean, receiver varchar, also varchar",
    "clue_pack_point": "rule_id varchar, dimension varchar, points integer",
    "clue_pack_supersede": "rule_id varchar, dominated varchar",
    "clue_pack_direction": "direction varchar, code varchar, prefix varchar, receiver varchar, seq integer",
    "clue_pack_dimension": "direction varchar, dimension varchar, cap integer",
    "clue_pack_band": "direction varchar, band varchar, label varchar, floor integer, seq integer, n_needs integer",
    "clue_pack_need": "direction varchar, band varchar, dimension varchar, least integer",
    "clue_pack_hold": "hold_id varchar, title varchar, action varchar, unknown varchar, receiver varchar,"
    " ask varchar, holder varchar, careful boolean",
    "clue_pack_relation": "word varchar, relation varchar, label varchar",
    "clue_pack_field": "relation varchar, word varchar, label varchar, holder varchar",
}


def write_pack_tables(ws: Workspace, pack: Pack) -> None:
    """Create the temporary pack tables that the SQL files of this station read."""
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in _LAYOUT}
    for rule in pack.rules:
        rows["clue_pack_rule"].append(
            (rule.id, rule.title, rule.version, rule.direction, rule.status == "trial", rule.urgent,
             rule.restrict is not None, rule.no_crime_detail, rule.receiver, "、".join(rule.also) or None)
        )  # fmt: skip
        rows["clue_pack_point"] += [(rule.id, dimension, points) for dimension, points in rule.points.items()]
        rows["clue_pack_supersede"] += [(rule.id, dominated) for dominated in rule.supersedes]
    prefixes = id_prefixes(pack.directions)
    for seq, direction in enumerate(pack.directions, 1):
        rows["clue_pack_direction"].append(
            (direction.name, direction.code, prefixes[direction.name], direction.receiver, seq)
        )
        rows["clue_pack_dimension"] += [(direction.name, d.name, d.cap) for d in direction.dimensions]
        bands = sorted(direction.bands, key=lambda band: -band.floor)  # stable: equal floors keep the pack's order
        for place, band in enumerate(bands, 1):
            rows["clue_pack_band"].append((direction.name, band.name, band.label, band.floor, place, len(band.needs)))
            rows["clue_pack_need"] += [(direction.name, band.name, d, least) for d, least in band.needs.items()]
    rows["clue_pack_hold"] = [
        (h.id, h.title, h.action, h.unknown, h.to, h.ask or f"是否{h.title}", h.holder or None, h.careful)
        for h in pack.holds
    ]
    for relation in pack.relations:
        for word in dict.fromkeys((relation.name, relation.label)):
            rows["clue_pack_relation"].append((word, relation.name, relation.label))
        for field in relation.fields:
            for word in dict.fromkeys((field.name, field.label)):
                rows["clue_pack_field"].append((relation.name, word, field.label, field.holder or None))
    for name, columns in _LAYOUT.items():
        ws.con.execute(f"create or replace temp table {name} ({columns})")
        if rows[name]:
            values = ", ".join("(" + ", ".join(literal(v) for v in row) + ")" for row in rows[name])
            ws.con.execute(f"insert into {name} values {values}")


def id_prefixes(directions: Sequence[Direction]) -> dict[str, str]:
    """Letters before a clue number: the shortest beginnings (two or more) of the direction codes that differ."""
    longest = max((len(d.code) for d in directions), default=2)
    for length in range(2, longest + 1):
        found = {d.name: d.code[:length].upper() for d in directions}
        if len(set(found.values())) == len(found):
            return found
    return {d.name: d.code.upper() for d in directions}
