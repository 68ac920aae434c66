"""How somebody stands, without a rule named: per direction listed, open, put aside, or how little is lacking.

Comes in: a scanned workspace, a pack, whom a word means (who.find). Goes out: ``Overview``, masked. Of a direction in
which the household stands by a number only it says the same as of one in which it does not stand at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clue_engine.decide.look import Look, looks
from clue_engine.enquiry.mentions import Mention
from clue_engine.enquiry.who import CASE, Found, One
from clue_engine.enquiry.why_not import Fact, Failure, facts, failures, is_restricted, quiet_clue, restricting
from clue_engine.export.privacy import plain, redact
from clue_engine.export.sentences import NOT_REGISTERED
from clue_engine.language.check_pack import CheckedHold, CheckedPack, check_pack
from clue_engine.pack.model import Direction, Pack
from clue_engine.workspace import Workspace

NEAREST = 2  # told of one direction
_FAR = 3.0  # times its bound: a value further off than that is as far as can be
NOT_LISTED = "不在公开清单"
_MEANS = {"折叠": "只差一项的太多，排在后面的折叠在“折叠”一页，没有逐条列出"}
_IN_CASE = f"{NOT_REGISTERED}；收入、劳动力、保障情况都不知道，要这些的规则不能判断"


@dataclass(frozen=True)
class Near:
    """Rules that lack the same: what does not hold, or what is not known."""

    rules: tuple[str, ...]
    titles: tuple[str, ...]
    failed: tuple[Failure, ...] = ()
    missing: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Held:
    hold_id: str
    title: str
    text: str  # why, and where the hold knows it since when


@dataclass(frozen=True)
class Standing:
    """``status``: 线索 | 待核 | 折叠 | 搁置 | 试行 | 不在公开清单. ``asks``: the open questions, and who knows.

    ``progress``: what the ledger tells; ``near``: where it is not listed, the rules that lack least.
    """

    direction: str
    status: str
    clue_id: str = ""
    band: str = ""
    rules: tuple[str, ...] = ()
    asks: tuple[Fact, ...] = ()
    holds: tuple[Held, ...] = ()
    progress: str = ""
    note: str = ""
    near: tuple[Near, ...] = ()


@dataclass(frozen=True)
class Stands:
    """A part in a case: 被害人 2024-03-05受理 确认."""

    roles: tuple[str, ...]
    day: str
    case_no: str
    strength: str


@dataclass(frozen=True)
class Overview:
    """``notes``: what else is to be known, in sentences. ``also``: rows of files that came to nothing."""

    who: str
    number: str = ""
    restricted: bool = False
    cases: tuple[Stands, ...] = ()
    notes: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()
    also: tuple[Mention, ...] = ()


def overview(
    ws: Workspace, pack: Pack, as_of: dt.date, found: Found, one: One | None, *, purpose: bool = False
) -> Overview:
    """``one``: the one of ``found`` that is meant; None where the word stands in files only."""
    if found.restricted:
        return Overview("（受限）", restricted=True)
    if one is None:
        return Overview("", notes=("不在名册的任何一户里，也不是案件的当事人，所以不列",), also=found.also)
    if one.household_id is None:
        return Overview(one.name, cases=_party_cases(one), notes=tuple(_party_notes(ws, one)), also=found.also)
    quiet = not purpose and any(quiet_clue(ws, one.household_id, d.name) for d in pack.directions)
    cases = () if quiet else _cases(ws, one.household_id)
    name = one.name if found.by == CASE else f"户主 {one.name}"
    who = " ".join(v for v in (name, one.place) if v)
    return Overview(
        who, one.number, cases=cases, notes=tuple(_notes(ws, one, is_told=not quiet)),
        standings=_standings(ws, pack, as_of, one.household_id, purpose), also=found.also,
    )  # fmt: skip


def states(ws: Workspace, household_id: int | None, *, purpose: bool = False) -> str:
    """In a few words where a household stands: 司法救助线索 待核 JU-3F9A2C1B."""
    if household_id is None:
        return "没有与任何一户对上"
    rows = ws.rows(
        "select direction, status, clue_id from clue where household_id = ? and (not restricted or ?)"
        " order by direction_seq",
        [household_id, purpose],
    )
    return "；".join(" ".join(row) for row in rows) or NOT_LISTED


# -- who it is ------------------------------------------------------------------------------------------------------
def _cases(ws: Workspace, household_id: int) -> tuple[Stands, ...]:
    rows = ws.rows(
        "select roles, accepted_on_lo, case_no, match from fact_involvement where household_id = ?"
        " order by accepted_on_lo desc nulls last, row_id",
        [household_id],
    )
    found = [Stands(tuple(r or ()), str(d) if d else "", plain(redact(c)), m or "") for r, d, c, m in rows]
    return tuple(dict.fromkeys(found))


def _notes(ws: Workspace, one: One, *, is_told: bool) -> Iterable[str]:
    if one.kept == "案件":
        yield _IN_CASE
    elif one.kept == "名单":
        yield "监测、脱贫名册里没有这一户，只在低保等名单里：名单没有写的按不知道处理"
    rows = ws.dicts("select * from household where household_id = ?", [one.household_id])
    if rows and rows[0].get("is_gone"):
        yield "最新的名册里已经没有这一户"
    if is_told and not ws.rows("select 1 from fact_involvement where household_id = ? limit 1", [one.household_id]):
        yield "没有一件案件的当事人与这一户对上"


def _party_cases(one: One) -> tuple[Stands, ...]:
    return (Stands(one.roles, one.day, one.case_no, ""),)


def _party_notes(ws: Workspace, one: One) -> Iterable[str]:
    party = ws.dicts("select * from party where party_id = ?", [one.party_id])[0]
    file = ws.rows("select name, coalesce(source_label, '') from input_file where file_id = ?", [party.get("file_id")])
    where = "".join(f"“{plain(redact(name))}”（{label}）" for name, label in file)
    asked = ws.dicts("select * from review_item where party_id = ?", [one.party_id])
    if asked:
        key = asked[0].get("review_key") or ""
        yield f"只在案件里{where}，{plain(redact(asked[0]['reason']))}，等人工核对：clue-engine review show {key}"
    elif party.get("party_kind") == "单位":
        yield f"只在案件里{where}，是单位：只列自然人的家庭"
    else:
        yield f"只在案件里{where}，没有与任何一户对上：清单只列被害的、起诉或申请的人，和名册里查得到的家庭"


# -- how it stands --------------------------------------------------------------------------------------------------
def _standings(ws: Workspace, pack: Pack, as_of: dt.date, household_id: int, purpose: bool) -> tuple[Standing, ...]:
    rows = ws.dicts(
        "select * from clue where household_id = ? and (not restricted or ?) order by rank", [household_id, purpose]
    )
    clues = {row["direction"]: row for row in rows}
    rest = [d.name for d in pack.directions if d.name not in clues]
    near = _nearest(ws, pack, as_of, household_id, rest, purpose)
    return tuple(
        _listed(ws, d, clues[d.name]) if d.name in clues
        else Standing(d.name, NOT_LISTED, near=near.get(d.name, ()))
        for d in pack.directions
    )  # fmt: skip


def _listed(ws: Workspace, direction: Direction, clue: dict[str, Any]) -> Standing:
    number = clue["clue_id"]
    rules = ws.rows(
        "select rule_id from clue_rule where clue_id = ? and (kind <> 'unknown' or decidable) order by seq", [number]
    )
    asks = ws.rows("select field_label, holder from clue_missing where clue_id = ? and decides order by seq", [number])
    held = ws.rows(
        "select hold_id, title, text from clue_hold where clue_id = ? and outcome = 1"
        " and action in ('suppress', 'hold') order by 1",
        [number],
    )
    because = tuple(Held(i, title, "" if clue["no_crime_detail"] else redact(text)) for i, title, text in held)
    told = ws.rows("from clue_progress where clue_id = ?", [number]) if ws.has_table("clue_progress") else []
    return Standing(
        direction.name, clue["status"], number, clue["band_label"] or "", tuple(r for (r,) in rules),
        tuple(Fact(label, holder or "", True) for label, holder in asks) if clue["status"] in ("待核", "折叠") else (),
        because if clue["status"] == "搁置" else (), str(told[0][1]) if told else "",
        _MEANS.get(clue["status"], ""),
    )  # fmt: skip


# -- what is lacking ------------------------------------------------------------------------------------------------
def _nearest(
    ws: Workspace, pack: Pack, as_of: dt.date, household_id: int, directions: Sequence[str], purpose: bool
) -> dict[str, tuple[Near, ...]]:
    """By direction the rules that lack least. None that is restricted, and none where the household's part is."""
    checked, _ = check_pack(pack)
    has_case = bool(ws.rows("select 1 from fact_involvement where household_id = ? limit 1", [household_id]))
    quiet = {d for d in directions if not purpose and quiet_clue(ws, household_id, d)}
    rules = [
        r for r in pack.rules
        if r.id in checked.rules and r.status == "active" and r.direction in directions and r.direction not in quiet
        and (purpose or (r.restrict is None and not r.no_crime_detail))
        # whoever is in no case lacks the case, in every rule that needs one
        and (has_case or not checked.rules[r.id].needs & {"involvement"})
    ]  # fmt: skip
    holds = restricting(checked)
    found: dict[str, list[Near]] = {d: [] for d in directions}
    for rule_id, seen_by in looks(ws.con, checked, as_of, household_id, [r.id for r in rules], holds) if rules else ():
        near = _near(ws, checked, holds, seen_by, rule_id, purpose)
        if near is not None:
            found[checked.rules[rule_id].rule.direction].append(near)
    return {d: _merged(own)[:NEAREST] for d, own in found.items()}


def _near(
    ws: Workspace, checked: CheckedPack, holds: list[CheckedHold], seen_by: Look, rule_id: str, purpose: bool
) -> Near | None:
    rule = checked.rules[rule_id].rule
    if not purpose and is_restricted(ws, holds, seen_by, rule):
        return None
    seen = seen_by.seen()
    if seen.verdict:
        return None  # was listed, or a hold took it: that stands in the list
    near = Near((rule.id,), (rule.title,))
    if seen.verdict is None:
        return replace(near, missing=facts(checked.pack, seen_by))
    return replace(near, failed=tuple(dict.fromkeys(failures(seen))))


def _merged(every: Sequence[Near]) -> tuple[Near, ...]:
    """Those that lack the same as one, what lacks least first: one fact, then one condition, and so on."""
    found: dict[tuple[object, object], Near] = {}
    for near in every:
        key = (near.failed, near.missing)
        first = found.get(key)
        found[key] = near if first is None else replace(
            first, rules=(*first.rules, *near.rules), titles=(*first.titles, *near.titles)
        )  # fmt: skip
    return tuple(sorted(found.values(), key=_lacking))


def _lacking(near: Near) -> float:
    """How much is lacking: a fact that decides is least; a condition counts by how far it is from its bound."""
    if near.missing:
        return 0.5 if any(f.decides for f in near.missing) else 1.5 * len(near.missing)
    return sum(1 + min(f.off, _FAR) for f in near.failed)
