"""Links -> SQL: which rows stand below a row along a link, and how many more there may be that nobody identified."""

from __future__ import annotations

from clue_engine.decide.rows import NEAR_KIN, Rows
from clue_engine.pack.model import Link, Relation
from clue_engine.workspace import literal


def joined_sql(target: str, link: Link | None, same: bool) -> tuple[str, str]:
    """Whether a joined row certainly belongs to the link, and the join of rows r to the row o.

    ``same``: both are of one relation; a row is not beside itself.
    """
    home = "r.household_id = o.household_id"
    via = link.via if link else ""
    if via == "person":
        return "true", f"join {target} r on {home} and r.person_id = o.person_id"
    if via == "household_others":
        itself = " and r.row_id <> o.row_id" if same else ""
        others = "(r.person_id <> o.person_id or r.person_id is null or o.person_id is null)"
        return "coalesce(r.person_id <> o.person_id, false)", f"join {target} r on {home} and {others}{itself}"
    if via == "event":
        return "true", f"join {target} r on r.event_id = o.event_id"
    if via.startswith("kin:"):
        kin = f"(select household_id, person_id, other_person_id from {NEAR_KIN} where link = {literal(via[4:])})"
        return "true", (
            f"join {kin} k on k.household_id = o.household_id and k.person_id = o.person_id"
            f" join {target} r on {home} and r.person_id = k.other_person_id"
        )
    return "true", f"join {target} r on {home}"


def extra_sql(rows: Rows, row: str, target: Relation, link: Link | None) -> str:
    """SQL of how many rows nobody has identified (NULL: no limit), seen from the row of this alias."""
    if not rows.loaded[target.name]:
        return "null"
    if link is None:
        return "0"
    key = "event_id" if link.via == "event" else "person_id"
    missing = f"case when {row}.{key} is null then null"
    if link.via.startswith("kin:") and link.open:
        if link.most is None:
            return "null"
        known = (
            f"(select count(k.other_person_id) from {NEAR_KIN} k"
            f" where k.household_id = {row}.household_id and k.person_id = {row}.person_id"
            f" and k.link = {literal(link.via[4:])})"
        )
        return f"({missing} else greatest({link.most} - {known}, 0) end)"
    if link.open:
        return "null"
    return f"({missing} else 0 end)"
