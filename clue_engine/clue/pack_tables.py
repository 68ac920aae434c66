"""The part of a pack that scoring needs, as small temporary tables beside the facts.

Comes in: a pack. Goes out: clue_pack_rule, clue_pack_point, clue_pack_supersede, clue_pack_direction,
clue_pack_dimension, clue_pack_band, clue_pack_need, clue_pack_hold, clue_pack_relation, clue_pack_field.
"""

from __future__ import annotations

from collections.abc import Sequence

from clue_engine.pack.model import Direction, Pack
from clue_engine.workspace import Workspace, literal

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
