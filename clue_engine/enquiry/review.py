"""Identities that a person must decide: list them, show the candidates side by side, record a decision.

Comes in: review_item and what the register and the case say. Goes out: masked records; decisions are only ever added to
table ``decision`` and read by the next link run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from clue_engine.errors import ClueError
from clue_engine.export.privacy import RESTRICTED, redact
from clue_engine.values.mask import mask_id, mask_name, mask_phone
from clue_engine.workspace import Workspace

KINDS = {
    "identity_conflict": "证件号与姓名不符",
    "several_candidates": "不止一人相符",
    "household_proposal": "推测的家庭",
}
NONE = "none"


@dataclass(frozen=True)
class Candidate:
    ref: str
    name: str
    number: str
    sex: str
    birth: str
    phone: str
    place: str


@dataclass(frozen=True)
class Item:
    review_key: str
    kind: str
    reason: str
    decision: str
    party: dict[str, str]
    candidates: tuple[Candidate, ...]
    restricted: bool = False  # of a case that stands by number only: neither party nor candidates are shown


def review_items(ws: Workspace, *, undecided_only: bool = False) -> list[Item]:
    """All questions in the order of the link run. The last decision counts."""
    if not ws.has_table("review_item"):
        raise ClueError("CE-U31", "还没有关联结果，没有可核对的身份", hint="先运行 clue-engine link")
    decided, secret = _decisions(ws), _secret_parties(ws)
    items = []
    for row in ws.dicts("select * from review_item order by review_id"):
        key = str(row["review_key"])
        refs = {NONE, *(str(c.get("ref") if isinstance(c, dict) else c) for c in json.loads(row["candidates"] or "[]"))}
        decision = decided[key] if decided.get(key) in refs else row.get("decision") or ""
        if undecided_only and decision:
            continue
        if row["party_id"] in secret:
            items.append(Item(key, KINDS.get(row["kind"], row["kind"]), RESTRICTED, decision, {}, (), restricted=True))
            continue
        items.append(
            Item(
                review_key=key,
                kind=KINDS.get(row["kind"], row["kind"]),
                reason=redact(row["reason"]),
                decision=decision,
                party=_party(ws, row["party_id"]),
                candidates=tuple(_candidate(ws, c) for c in json.loads(row["candidates"] or "[]")),
            )
        )
    return items


def review_item(ws: Workspace, review_key: str) -> Item:
    for item in review_items(ws):
        if item.review_key == review_key:
            return item
    raise ClueError("CE-U32", "没有这个核对编号", place=review_key, hint="clue-engine review list 看全部编号")


def decide(ws: Workspace, review_key: str, choice: str, note: str = "") -> None:
    """Add a decision: the ref of a candidate, or ``none``. Raises CE-U32, CE-U33."""
    item = review_item(ws, review_key)
    allowed = [c.ref for c in item.candidates] + [NONE]
    if choice not in allowed:
        raise ClueError("CE-U33", f"不能选“{choice}”", place=review_key, hint=f"可选：{'、'.join(allowed)}")
    ws.con.execute(
        "create table if not exists decision (review_key varchar, choice varchar, note varchar, seq integer)"
    )
    ws.con.execute(
        "insert into decision select ?, ?, ?, coalesce(max(seq), 0) + 1 from decision",
        [review_key, choice, redact(note)],
    )


def _secret_parties(ws: Workspace) -> set[int]:
    """Parties of the cases of protected households, as far as a scan has told them."""
    if not ws.has_table("clue_protected"):
        return set()
    rows = ws.rows(
        "select party_id from party where event_id in (select f.event_id from fact_involvement as f"
        " semi join clue_protected as p on p.household_id = f.household_id)"
    )
    return {party_id for (party_id,) in rows}


def _decisions(ws: Workspace) -> dict[str, str]:
    if not ws.has_table("decision"):
        return {}
    return dict(ws.rows("select review_key, arg_max(choice, seq) from decision group by review_key"))


def _party(ws: Workspace, party_id: int) -> dict[str, str]:
    """The party as the case names it, masked."""
    found = ws.dicts(
        "select p.*, e.case_no, array_to_string(e.causes, '、') as cause from party as p"
        " left join legal_event as e on e.event_id = p.event_id where p.party_id = ?",
        [party_id],
    )
    row: dict[str, Any] = found[0] if found else {}
    return {
        "姓名": mask_name(row.get("name")),
        "证件号码": mask_id(row.get("id") or row.get("id_partial")),
        "性别": row.get("sex") or "",
        "出生日期": _birth(row),
        "联系电话": mask_phone(row.get("phone")),
        "住址": redact(row.get("address") or row.get("domicile")),
        "案号": row.get("case_no") or "",
        "案由": redact(row.get("cause")),
    }


def _candidate(ws: Workspace, candidate: dict[str, Any] | int) -> Candidate:
    entry: dict[str, Any] = (
        candidate if isinstance(candidate, dict) else {"ref": str(candidate), "person_id": candidate}
    )
    person = ws.dicts("select * from person where person_id = ?", [entry.get("person_id")])
    home = ws.dicts("select * from household where household_id = ?", [entry.get("household_id")])
    row: dict[str, Any] = person[0] if person else {}
    place: dict[str, Any] = home[0] if home else {}
    return Candidate(
        ref=str(entry.get("ref") or ""),
        name=mask_name(row.get("name")),
        number=mask_id(row.get("id")),
        sex=row.get("sex") or "",
        birth=_birth(row),
        phone=mask_phone(row.get("phone")),
        place=" ".join(v for v in (place.get("town"), place.get("village")) if v),
    )


def _birth(row: dict[str, Any]) -> str:
    """The day, or the span when only a month or year is known."""
    low = row.get("birth_lo") or row.get("birth_lo_said")
    high = row.get("birth_hi") or row.get("birth_hi_said")
    if low is None:
        return ""
    return f"{low}" if low == high or high is None else f"{low}至{high}"
