"""The household behind a clue, as whoever visits it needs it: whom to talk to, where, who lives there, what it has.

Comes in: households, members, facts. Goes out: a ``Home`` per open clue; names of the other members and numbers masked.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clue_engine.export.privacy import plain, redact
from clue_engine.values.mask import mask_name, mask_phone
from clue_engine.workspace import Workspace

ADULT = 18
NOBODY = "（现有数据里没有可以访谈的成年人，请先向村委会了解）"
NOBODY_SAFE = "（没有可以直接联系的人，由专人与民政、妇联商定，不向同住的人打听）"
SHARED = "（与同住的人共用，不拨打）"
_PLACE = ("county", "town", "village", "hamlet")
UNSAID = "（不写）"


@dataclass(frozen=True)
class Home:
    """What is known of one household. ``key``: the same for all its clues; ``causes``: charges, not told at a visit."""

    key: object
    talk_to: str
    phone: str
    address: str
    head: str
    members: str
    has: str
    causes: tuple[str, ...]
    careful: bool = False


def homes(ws: Workspace, as_of: dt.date, *, unmasked: bool, restricted: bool = False) -> dict[str, Home]:
    """By number of the clue: of open clues, or of the ``restricted`` ones, for whoever may see them."""
    ws.run_sql_file("clue_engine.export", "home_person.sql", {"restricted_homes": restricted})
    people: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in ws.dicts("select * from export_person order by clue_id, seq, person_id"):
        people[row["clue_id"]].append(row)
    causes = charges(ws)
    found = ws.dicts(
        "select c.clue_id, c.household_id, h.county, h.town, h.village, h.hamlet, h.head_name, h.head_person_id,"
        " c.careful, f.out_of_county, f.household_type, f.monitoring_kind, f.risk_removed, f.dibao, f.tekun,"
        " f.income_pc from clue as c"
        " join household as h using (household_id) left join fact_household as f using (household_id)"
        " where c.restricted = ? order by c.clue_id",
        [restricted],
    )
    return {
        row["clue_id"]: _home(row, people[row["clue_id"]], tuple(causes.get(row["clue_id"], ())), as_of, unmasked)
        for row in found
    }


def charges(ws: Workspace) -> dict[str, Sequence[str]]:
    """By number of the clue: all charges of the household's cases."""
    return dict(
        ws.rows(
            "select c.clue_id, list_sort(list_distinct(flatten(list(f.cause)))) from clue as c"
            " join fact_involvement as f using (household_id) where f.cause is not null group by c.clue_id"
        )
    )


def _home(
    row: Mapping[str, Any], people: Sequence[Mapping[str, Any]], causes: tuple[str, ...], as_of: dt.date, unmasked: bool
) -> Home:
    feared = [p for p in people if p["accused"]] if row["careful"] else []
    people = [p for p in people if p not in feared]
    whom = _whom(people, row["head_person_id"], as_of)
    return Home(
        key=row["household_id"],
        talk_to=_said(whom, as_of) if whom else NOBODY_SAFE if row["careful"] else NOBODY,
        phone=_phone(whom, feared, unmasked),
        address=plain("".join(redact(row[part]) for part in _PLACE if part != "county" or row["out_of_county"])),
        head=_head(row, whom, people, feared, unmasked),
        members="；".join(_member(p, as_of, unmasked or p is whom) for p in people if p["is_member"] and not p["gone"]),
        has=_has(row),
        causes=causes,
        careful=row["careful"],
    )


def _phone(whom: Mapping[str, Any] | None, feared: Sequence[Mapping[str, Any]], unmasked: bool) -> str:
    phone = whom["phone"] if whom else None
    if phone and phone in {p["phone"] for p in feared}:
        return SHARED
    return (phone or "") if unmasked else mask_phone(phone)


def _head(
    row: Mapping[str, Any], whom: Mapping[str, Any] | None, people: Sequence[Mapping[str, Any]],
    feared: Sequence[Mapping[str, Any]], unmasked: bool,
) -> str:  # fmt: skip
    number = row["head_person_id"]
    if any(p["person_id"] == number for p in feared):
        return UNSAID
    gone = any(p["gone"] and p["person_id"] == number for p in people)
    head = plain(redact(row["head_name"])) + ("（已故）" if gone else "")
    return head if whom is None or whom["person_id"] == number or unmasked else _masked(head)


def _whom(people: Sequence[Mapping[str, Any]], head: int | None, as_of: dt.date) -> Mapping[str, Any] | None:
    """A living adult: a member before others, a suspect last; then whom the clue names, then the head."""
    able = [p for p in people if not p["gone"] and (_age(p, as_of) is None or (_age(p, as_of) or 0) >= ADULT)]
    if any(p["is_member"] for p in people):
        able = [p for p in able if p["is_member"]]

    def order(p: Mapping[str, Any]) -> tuple[Any, ...]:
        return p["suspect"], _age(p, as_of) is None, p["seq"], p["person_id"] != head, p["person_id"]

    return min(able, key=order, default=None)


def _age(person: Mapping[str, Any], as_of: dt.date) -> int | None:
    """Full years that the person has surely reached."""
    born = person["birth_hi"] or person["birth_lo"]
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day)) if born else None


def _said(person: Mapping[str, Any], as_of: dt.date) -> str:
    age = _age(person, as_of)
    told = [person["relation"], person["sex"], f"{age}岁" if age is not None else None]
    known = "，".join(plain(str(t)) for t in told if t)
    return plain(redact(person["name"])) + (f"（{known}）" if known else "")


def _member(person: Mapping[str, Any], as_of: dt.date, named: bool) -> str:
    name = plain(redact(person["name"]))
    named = named and (_age(person, as_of) or ADULT) >= ADULT  # a child is never named in full
    text = _said({**person, "name": name if named else mask_name(name)}, as_of)
    return f"{text}，{plain(person['labour'])}" if person["labour"] else text


def _masked(name: str) -> str:
    bare, mark, _ = name.partition("（")
    return mask_name(bare) + (f"{mark}已故）" if mark else "")


def _has(row: Mapping[str, Any]) -> str:
    """What the registers say it has; what they do not say is to be asked."""
    kind = row["monitoring_kind"]
    risk = {True: "，风险已消除", False: "，风险未消除", None: ""}[row["risk_removed"]] if kind else ""
    told = [row["household_type"], f"防返贫监测：{kind}{risk}" if kind else None]
    told += [_granted("低保", row["dibao"]), _granted("特困供养", row["tekun"])]
    if row["income_pc"] is not None:
        told.append(f"人均纯收入{row['income_pc']:.0f}元（名册所载）")
    return "；".join(plain(str(t)) for t in told if t)


def _granted(what: str, granted: bool | None) -> str:
    return {True: f"享受{what}", False: f"名册上没有{what}", None: f"是否享受{what}待核"}[granted]
