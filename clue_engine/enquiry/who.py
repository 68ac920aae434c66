"""Whom a word means: a number of a clue or household, an identity number, a case, a name, on a list or on none.

Comes in: a workspace, a word. Goes out: ``Found``: the households and parties of cases it leads to, masked. Whose
clues stand by their number only is found by number only; the message is then the same as where there is nobody.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clue_engine.clue.number import HOMES, number_now
from clue_engine.enquiry.mentions import Mention, mentions
from clue_engine.errors import ClueError
from clue_engine.export.audit import write_audit
from clue_engine.export.privacy import plain, redact
from clue_engine.pack.model import Pack
from clue_engine.values.identity import identity
from clue_engine.values.mask import mask_id, mask_name
from clue_engine.values.name import clean_name
from clue_engine.values.reference import case_number
from clue_engine.workspace import Workspace

NUMBER, HOUSEHOLD, IDENTITY, CASE, NAME = "线索编号", "户编号", "证件号码", "案号", "姓名"
_ADULT = 18
_LONG_NUMBER = re.compile(r"[0-9]{11,}[0-9X]?")


@dataclass(frozen=True)
class One:
    """A household that the word leads to, or a party of a case that no household has; ``number``: what to type."""

    household_id: int | None
    party_id: int | None
    number: str
    name: str  # masked: the head of the household, of a case the party
    place: str
    kept: str  # 名册 | 名单 | 案件
    roles: tuple[str, ...] = ()
    case_no: str = ""
    day: str = ""


@dataclass(frozen=True)
class Found:
    """``by``: what the word is. ``restricted``: it is a number that stands by itself. ``also``: in files only."""

    by: str
    ones: tuple[One, ...] = ()
    also: tuple[Mention, ...] = ()
    restricted: bool = False
    clue_id: str = ""  # where the word is the number of a clue: that of today


def is_number(word: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z]+[-－][0-9A-Za-z]+", word.strip()))


def safe(word: str) -> str:
    """What a message may repeat of the word: numbers of clues, households and cases; no name, no identity number."""
    said = word.strip()[:40]
    if is_number(said):
        return said
    return plain(redact(said)) if any(c.isdigit() for c in said) and not _named(said) else ""


def find(ws: Workspace, pack: Pack, word: str, as_of: dt.date, *, purpose: bool = False) -> Found:
    """Everybody whom the word means. Raises CE-U01 (no word), CE-U13 (nobody), CE-U30 (a clue that is not listed).

    ``purpose``: the caller writes the audit trail; whose clues stand by their number is then found like anybody.
    """
    said = word.strip()
    if not said:
        raise ClueError("CE-U01", "没有写查谁", hint="写姓名、户编号、线索编号、证件号码或案号")
    _write_hidden(ws, pack)
    if is_number(said):
        return _by_clue(ws, said.replace("－", "-"), purpose)
    if homes := [home for (home,) in ws.rows(_HOUSEHOLD, [said])]:
        held = not purpose and any(ws.rows("select 1 from who_hidden where household_id = ?", [h]) for h in homes)
        return Found(HOUSEHOLD, () if held else tuple(_homes(ws, homes)), restricted=held)
    by, keys = _keys(said)
    ones = _ones(ws, by, keys, as_of, purpose)
    if not ones and by == NAME:
        ones = _ones(ws, by, keys, as_of, purpose, part=True)
    also: tuple[Mention, ...] = ()
    if by in (NAME, IDENTITY) and (purpose or not _is_hidden(ws, by, keys)):
        also = mentions(ws, pack, by == NAME, keys[0])
    if ones:
        also = tuple(m for m in also if m.row_no)
    if not ones and not also:
        raise _nobody(ws, by, said)
    return Found(by, ones, also)


_HOUSEHOLD = "select household_id from household where household_no = $1 or household_key = $1 order by 1"


def _named(word: str) -> bool:
    return identity(word).id is None and case_number(word) is not None and not any(c.isdigit() for c in word)


def _keys(word: str) -> tuple[str, list[str]]:
    """What kind of word it is, and the forms under which the tables keep it."""
    number = identity(word)
    if number.id is not None:
        return IDENTITY, [number.id]
    if _LONG_NUMBER.fullmatch(re.sub(r"[\s'-]", "", word).upper()) or number.kind in ("masked", "sci", "tail000"):
        return IDENTITY, [word]
    if any(c.isdigit() for c in word):
        return CASE, list(dict.fromkeys([word, case_number(word) or word]))
    name, _ = clean_name(word)
    return NAME, [(name or "".join(word.split())).replace("·", "")]


def _nobody(ws: Workspace, by: str, word: str) -> ClueError:
    """The same words whether there is nobody or somebody who is found by number only."""
    ((unread,),) = ws.rows("select count(*) from reject where code not in ('TITLE', 'FOOTER')")
    by = "编号" if word.isdecimal() and by == CASE else by
    first = {NAME: "少写几个字再试", CASE: "案号照材料写全"}.get(by, "核对号码")
    more = f"；载入时有 {unread} 行没有读入，逐行见 rejects.csv" if unread else ""
    hint = f"{first}，或写姓名、证件号码、案号、户编号、线索编号；受限的只能按编号查{more}"
    wrong = "（校验位不对，多半写错了）" if by == IDENTITY and identity(word).kind == "bad_checksum" else ""
    place = mask_id(word) if by == IDENTITY else safe(word)
    return ClueError("CE-U13", f"没有查到这个{by}{wrong}：数据里没有，或者是受限的", place=place, hint=hint)


# -- who stands by a number only ------------------------------------------------------------------------------------
def _write_hidden(ws: Workspace, pack: Pack) -> None:
    """who_hidden: households that no name leads to. In doubt too, unless an open clue names them anyway."""
    restricting = [h for h in pack.holds if h.action == "restrict" and h.status in ("active", "trial")]
    ws.con.execute(
        "create or replace temp table who_hidden as"
        " select household_id from clue_protected"
        " union select household_id from hold_row where outcome = 1 and list_contains($1, hold_id)"
        " union select household_id from hold_row where list_contains($2, hold_id)"
        "  and household_id not in (select household_id from clue where not restricted)",
        [[h.id for h in restricting], [h.id for h in restricting if h.unknown == "restrict"]],
    )


def secret_events(ws: Workspace) -> str:
    """SQL of the events that a household stands in of whom no name tells."""
    return "select event_id from fact_involvement semi join who_hidden using (household_id) where event_id is not null"


def _is_hidden(ws: Workspace, by: str, keys: Sequence[str]) -> bool:
    """Whether somebody of this name or number is one of those: then nothing is told of rows of files."""
    match = _match(by, "q")
    return bool(
        ws.rows(f"select 1 from ({_PEOPLE}) as q semi join who_hidden using (household_id) where {match}", [keys[0]])
        or ws.rows(f"select 1 from party as q where event_id in ({secret_events(ws)}) and {match}", [keys[0]])
    )


# -- a number of a clue ---------------------------------------------------------------------------------------------
def _by_clue(ws: Workspace, word: str, purpose: bool) -> Found:
    number = number_now(ws, word)
    rows = ws.rows("select household_id, restricted from clue where clue_id = ?", [number])
    if not rows and ws.has_table("clue_home"):  # 户号
        rows = ws.rows(
            "select household_id, (select coalesce(bool_and(restricted), true) from clue as c"
            " where c.household_id = h.household_id) from clue_home as h where home_no = ?",
            [number],
        )
        number = "" if rows else number
    if not rows:
        if any(ws.rows(f"select 1 from {t} where clue_id = ?", [number])
               for t in ("number_given", HOMES) if ws.has_table(t)):  # fmt: skip
            hint = f"它的经过：clue-engine ledger show {number}    为什么不再列：clue-engine clues --gone；也可写姓名查"
            raise ClueError("CE-U30", "这次扫描没有列出这条线索", place=word[:40], hint=hint)
        hint = "clue-engine clues 看全部编号；也可写姓名、户编号、证件号码或案号"
        raise ClueError("CE-U30", "没有这个线索编号", place=word[:40], hint=hint)
    household_id, restricted = rows[0]
    hidden = restricted or bool(ws.rows("select 1 from who_hidden where household_id = ?", [household_id]))
    if hidden and not purpose:
        return Found(NUMBER, restricted=True, clue_id=number)
    return Found(NUMBER, tuple(_homes(ws, [household_id])), clue_id=number)


# -- a name, an identity number, a case -----------------------------------------------------------------------------
# Everybody of a household: its members, its head, the parties of cases that stand in it.
_PEOPLE = """
select m.household_id, coalesce(p.name, m.name) as name, p.id, null::bigint as event_id, null::bigint as party_id
from fact_member as m left join person as p on p.person_id = m.person_id
union all
select household_id, head_name, null, null, null from household
union all
select f.household_id, q.name, q.id, f.event_id, f.party_id
from fact_involvement as f join party as q on q.party_id = f.party_id
union all
select f.household_id, p.name, p.id, f.event_id, f.party_id
from fact_involvement as f join person as p on p.person_id = f.person_id
"""


def _match(by: str, table: str, *, part: bool = False) -> str:
    name = f"replace({table}.name, '·', '')"
    if by == NAME:
        return f"contains({name}, $1)" if part else f"{name} = $1"
    return f"{table}.id = $1"


def _ones(ws: Workspace, by: str, keys: Sequence[str], as_of: dt.date, purpose: bool, *, part: bool = False
) -> tuple[One, ...]:  # fmt: skip
    if by == CASE:
        events = "select event_id from event_case where list_contains($1, case_no) or list_contains($1, unified_no)"
        where, value = f"q.event_id in ({events})", list(keys)
    else:
        where, value = _match(by, "q", part=part), keys[0]  # type: ignore[assignment]
    open_ones = "" if purpose else " and q.household_id not in (select household_id from who_hidden)"
    homes = ws.rows(
        f"select q.household_id, min(q.party_id) from ({_PEOPLE}) as q where {where}{open_ones}"
        f" group by q.household_id{', q.party_id' if by == CASE else ''} order by all",
        [value],
    )
    ones = _homes(ws, [home for home, _ in homes], [party for _, party in homes] if by == CASE else None)
    return (*ones, *_parties(ws, where, value, as_of, purpose))


def _homes(ws: Workspace, homes: Sequence[int], parties: Sequence[int] | None = None) -> list[One]:
    """The households in this order; with ``parties`` each as that party of its case."""
    rows = ws.dicts(
        "select w.n, h.household_id, h.household_no, h.head_name, h.county, h.town, h.village, h.origin, i.roles,"
        " i.case_no, i.day, i.name, c.clue_id, coalesce(c.quiet, false) as quiet, w.party_id"
        " from (select unnest($1::bigint[]) as household_id, unnest($2::bigint[]) as party_id,"
        "  generate_subscripts($1::bigint[], 1) as n) as w"
        " join household as h on h.household_id = w.household_id"
        " left join lateral (select list_sort(list_distinct(flatten(list(f.roles)))) as roles,"
        "  arg_max(f.case_no, f.accepted_on_lo) as case_no, max(f.accepted_on_lo) as day, any_value(f.name) as name"
        "  from fact_involvement as f where f.household_id = w.household_id"
        "   and (w.party_id is null or f.party_id = w.party_id)) as i on true"
        " left join (select household_id, min(clue_id) filter (not restricted) as clue_id,"
        "  bool_or(no_crime_detail) as quiet from clue group by household_id) as c on c.household_id = h.household_id"
        " order by w.n",
        [list(homes), list(parties) if parties is not None else [None] * len(homes)],
    )
    return [
        One(
            row["household_id"], row["party_id"], row["household_no"] or row["clue_id"] or "",
            mask_name(plain(redact(row["name"] if row["party_id"] is not None else row["head_name"]))), _place(row),
            {"party": "案件", "list": "名单"}.get(row["origin"], "名册"),
            *((), "", "") if row["quiet"] else _case(row["roles"], row["case_no"], row["day"]),
        )
        for row in rows
    ]  # fmt: skip


def _parties(ws: Workspace, where: str, value: object, as_of: dt.date, purpose: bool) -> list[One]:
    """Parties whom no household has: of no case that is a secret, and no child."""
    event = f" and q.event_id not in ({secret_events(ws)})" if not purpose else ""
    rows = ws.dicts(
        f"select q.* from party as q where {where}{event}"
        " and q.party_id not in (select party_id from fact_involvement where party_id is not null)"
        " order by q.party_id",
        [value],
    )
    numbers = {}
    days = {}
    if rows:
        events = [[row["event_id"] for row in rows]]
        numbers = dict(ws.rows(
            "select event_id, min(coalesce(case_no, unified_no)) from event_case where list_contains(?, event_id)"
            " group by event_id", events))  # fmt: skip
        if ws.has_table("legal_event"):
            days = {r["event_id"]: r.get("accepted_lo") for r in
                    ws.dicts("select * from legal_event where list_contains(?, event_id)", events)}  # fmt: skip
    return [
        One(None, row["party_id"], "", mask_name(plain(redact(row["name"]))), "", "案件",
            *_case(row["roles"], numbers.get(row["event_id"]), days.get(row["event_id"])))
        for row in rows
        if purpose or not _is_child(row, as_of)
    ]  # fmt: skip


def _is_child(row: dict[str, Any], as_of: dt.date) -> bool:
    born = row.get("birth_hi_said") or row.get("birth_id")
    grown = born is None or (as_of.year - born.year, as_of.month, as_of.day) >= (_ADULT, born.month, born.day)
    return bool(row.get("is_minor")) or not grown


def _case(roles: Sequence[str] | None, case_no: str | None, day: dt.date | None) -> tuple[tuple[str, ...], str, str]:
    return tuple(roles or ()), plain(redact(case_no)), str(day) if day else ""


def _place(row: dict[str, Any]) -> str:
    return plain("".join(redact(row[part]) for part in ("town", "village")) or redact(row["county"]))


# -- one of them ----------------------------------------------------------------------------------------------------
class Several(ClueError):
    """The word leads to more than one; ``ones`` to choose from."""

    def __init__(self, found: Found):
        self.ones = found.ones
        message = f"这个{found.by}有 {len(found.ones)} 处，不知道问的是哪一处"
        hint = "在原来的命令后面加 --pick 序号，如 --pick 2；有编号的也可以直接写编号"
        super().__init__("CE-U14", message, hint=hint)


def one_of(found: Found, pick: int | None = None) -> One | None:
    """The one that is meant, None where the word stands in files only. Raises CE-U14, CE-U02 for no such place."""
    if pick is not None:
        if not 1 <= pick <= len(found.ones):
            raise ClueError("CE-U02", f"只有 {len(found.ones)} 处可选", place="--pick", hint="不写 --pick 看全部")
        return found.ones[pick - 1]
    if len(found.ones) > 1:
        raise Several(found)
    return found.ones[0] if found.ones else None


def clue_of(ws: Workspace, found: Found, one: One | None, *, purpose: bool = False) -> str:
    """The number of the one clue that a word leads to. Raises CE-U30 where there is none, CE-U14 where several."""
    if found.clue_id:
        return found.clue_id
    rows = ws.rows(
        "select clue_id, status in ('线索', '待核') from clue where household_id = ? and (not restricted or ?)"
        " order by direction_seq",
        [one.household_id if one else None, purpose],
    )
    numbers = [n for n, is_listed in rows if is_listed] or [n for n, _ in rows]
    if not numbers:
        hint = "为什么没有列：把命令里的 show 换成 why-not；受限的只能按线索编号查"
        raise ClueError("CE-U30", "没有列出这个人、这一户的线索，或者是受限的", place="show", hint=hint)
    if len(numbers) > 1:
        hint = f"写其中一个编号：{'、'.join(numbers)}"
        raise ClueError("CE-U14", f"这一户有 {len(numbers)} 条线索", place="show", hint=hint)
    return str(numbers[0])


def note_purpose(ws: Workspace, ones: Sequence[One], action: str, reason: str) -> None:
    """The line in the audit trail, before anything that stands by its number is shown."""
    homes = [[one.household_id for one in ones if one.household_id is not None]]
    clues = ws.rows("select clue_id from clue where list_contains(?, household_id) order by 1", homes)
    write_audit(ws.directory, action, reason=redact(reason), clues=[n for (n,) in clues], households=len(homes[0]))
