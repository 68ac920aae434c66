"""The sentence of each rule and hold, filled with the values of the row it speaks of.

Comes in: clue_subject, clue_points, clue_hold_case and the fact tables. Goes out: table
clue_reason(household_id, owner_id, reason). The text of a template is read and filled by ``language.template``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clue_engine.language.template import Length
from clue_engine.pack.model import Pack, Relation
from clue_engine.workspace import Workspace, ident

# template as its author wrote it, values by field label -> sentence
Render = Callable[[str, Mapping[str, object]], str]


def write_reasons(ws: Workspace, pack: Pack, render: Render) -> None:
    """Fill the reason of every rule and hold that bears on a listed household."""
    templates: dict[str, str] = {r.id: r.reason for r in pack.rules}
    templates.update({h.id: h.reason for h in pack.holds})
    owners = ws.rows(
        "select household_id, owner_id, any_value(s.relation), any_value(s.row_id), bool_and(open) from ("
        "  select household_id, rule_id as owner_id, kind = 'unknown' as open from clue_points"
        "  union all select household_id, hold_id, false from clue_hold_case)"
        " left join clue_subject as s using (household_id, owner_id) group by all order by household_id, owner_id"
    )
    # What may be so is not said as if it were: an open rule says what is known of the case, and no more.
    known_so_far = str(pack.options.get("open_reason", ""))
    # The sentence of a suspect's family says nothing of the case, whatever its author asked for.
    silent = {r.id for r in pack.rules if r.no_crime_detail}
    values = _values(ws, pack)
    households: list[int] = []
    owner_ids: list[str] = []
    reasons: list[str] = []
    for household_id, owner_id, relation, row_id, is_open in owners:
        row = values.get((relation, row_id), {})
        if owner_id in silent and relation == "involvement":
            row = {word: value if word == "姓名" else None for word, value in row.items()}
        known = {**values.get(("household", household_id), {}), **row}
        households.append(household_id)
        owner_ids.append(owner_id)
        template = templates.get(owner_id, "")
        if is_open:
            template = known_so_far if relation == "involvement" and owner_id not in silent else ""
        reasons.append(render(template, known))
    ws.con.execute("create or replace table clue_reason (household_id bigint, owner_id varchar, reason varchar)")
    ws.con.execute(
        "insert into clue_reason select unnest(?::bigint[]), unnest(?::varchar[]), unnest(?::varchar[])",
        [households, owner_ids, reasons],
    )


def _values(ws: Workspace, pack: Pack) -> dict[tuple[str, int], dict[str, object]]:
    """Values by label of every row that a sentence speaks of, and of its household (also as 户.label)."""
    found: dict[tuple[str, int], dict[str, object]] = {}
    words = ws.rows("select * from clue_household_told") if ws.has_table("clue_household_told") else []
    told = {household_id: {"hardship_told": hardship, "dependants_told": kin} for household_id, hardship, kin in words}
    for relation in pack.relations:
        if not ws.has_table(relation.table):
            continue
        wanted = (
            "select household_id from clue_status"
            if relation.name == "household"
            else f"select row_id from clue_subject where relation = '{relation.name}'"
        )
        for row in ws.dicts(f"select * from {ident(relation.table)} where row_id in ({wanted})"):
            values = labelled(
                relation, {**row, **told.get(row["household_id"], {})} if relation.name == "household" else row
            )
            if relation.name == "household":
                values = {**values, **{f"{relation.label}.{word}": v for word, v in values.items()}}
            found[relation.name, row["row_id"]] = values
    return found


def labelled(relation: Relation, row: Mapping[str, Any]) -> dict[str, object]:
    """A row of a fact table by the labels and aliases of its fields. An interval is its one day or a pair of ends."""
    values: dict[str, object] = {}
    for field in relation.fields:
        if field.interval and f"{field.name}_lo" in row:
            low, high = row[f"{field.name}_lo"], row[f"{field.name}_hi"]
            value: object = low if low == high else (low, high)
        else:
            value = row.get(field.name)
        if field.type == "duration":
            value = Length.of(value, field.unit or "")
        for word in (field.label, *field.aliases):
            values.setdefault(word, value)
    return values
