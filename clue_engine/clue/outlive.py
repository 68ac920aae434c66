"""Between a scan and the ledger: what earlier scans and people left goes in, what this scan lists goes out.

Comes in: an open ledger, a workspace. Goes out: before linking the decisions and numbers in the workspace; after
scoring one listed event per clue and part, what became of numbers, and the keys by which all is found again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from clue_engine.clue.number import HOMES, prepare_numbers
from clue_engine.errors import ClueError
from clue_engine.ledger import Event, Ledger, standings
from clue_engine.ledger.events import LISTED, MERGED, RENUMBERED, REOPENED, RESCUED, SPLIT, hashed
from clue_engine.ledger.history import Book, ended_as
from clue_engine.workspace import Workspace, ident

_KEPT = ("number_given", "number_key")  # of both, under these names
_COLUMNS = {
    HOMES: {"clue_id": "varchar", "home_no": "varchar"},
    "number_given": {"clue_id": "varchar", "direction": "varchar", "seq": "bigint", "now_id": "varchar"},
    "number_key": {
        "key": "varchar", "clue_id": "varchar", "since": "integer", "place": "integer", "through": "boolean",
        "known": "boolean",
    },
}  # fmt: skip
Heads = Mapping[str, str]


def take(ws: Workspace, ledger: Ledger) -> Heads:
    """Numbers and decisions into the workspace. Raises CE-U35 where it has given numbers of its own.

    Returns the heads of the number tables as they were read.
    """
    heads = dict(zip(_KEPT, ledger.head(*_KEPT), strict=True))
    _take_decisions(ws, ledger.rows("decision"))
    secret = ledger.secret()
    if not secret:
        return heads
    own = ws.rows("select secret from number_secret") if ws.has_table("number_secret") else []
    given = ws.rows("select 1 from number_given limit 1") if own else []
    if given and own != [(secret,)]:
        hint = "换一个新的工作区（--out 新目录）运行；不用台账只看一看：加 --ledger none"
        message = "这个工作区自己编过线索编号，与台账里的不能并存，没有改动"
        raise ClueError("CE-U35", message, place=str(ws.directory), hint=hint)
    with ws.transaction():
        ws.con.execute("create or replace table number_secret (secret varchar)")
        ws.con.execute("insert into number_secret values (?)", [secret])
        for table in _KEPT:
            latest = {row[0]: row for row in ledger.rows(table)}  # the last row of a number or key counts
            _fill(ws, table, list(latest.values()))
        homes = {e.clue_id: e.text("home") for e in ledger.events() if e.kind == LISTED and e.text("home")}
        _fill(ws, HOMES, sorted(homes.items()))
    return heads


def _fill(ws: Workspace, table: str, rows: Sequence[Sequence[object]]) -> None:
    types = _COLUMNS[table]
    columns = ", ".join(f"{ident(name)} {kind}" for name, kind in types.items())
    ws.con.execute(f"create or replace table {table} ({columns})")
    lists = [list(column) for column in zip(*rows, strict=True)]
    if lists:
        ws.con.execute(f"insert into {table} select {', '.join(f'unnest(?::{t}[])' for t in types.values())}", lists)


def _take_decisions(ws: Workspace, told: Sequence[Sequence[object]]) -> None:
    """Those of the ledger before those that stand only here: whoever decides last is heard."""
    columns = "review_key varchar, choice varchar, note varchar, seq integer"
    ws.con.execute(f"create table if not exists decision ({columns})")
    own = ws.rows("select review_key, choice, note from decision order by seq")
    every = [*map(tuple, told), *(row for row in own if row not in set(map(tuple, told)))]
    if every != own:
        ws.con.execute(f"create or replace table decision ({columns})")
        ws.con.executemany("insert into decision values (?, ?, ?, ?)", [(*row, n) for n, row in enumerate(every, 1)])


def keep(
    ws: Workspace, ledger: Ledger, heads: Heads, as_of: dt.date, run: str, rescued_holds: Sequence[str] = ()
) -> None:
    """What this scan lists, and all by which the next one finds it again, into the ledger: all or none of it.

    ``rescued_holds``: holds that say for certain that somebody was helped in this case.
    """
    secret = prepare_numbers(ws)
    ws.run_sql_file("clue_engine.clue", "clue_part.sql")
    ws.run_sql_file("clue_engine.clue", "rescued_part.sql", {"rescued_holds": list(rescued_holds)})
    before = ledger.events()
    listed = list(_listed(ws, as_of, run, secret))
    again = _last_listing(before)
    told = [*_moved(ws, before, listed, as_of), *_reopened(ws, listed, as_of)]
    if {_plain(e) for e in again} != {_plain(e) for e in listed}:
        told += listed
    told += _rescued(ws, before, as_of)
    ledger.append(told, _more(ws, ledger), secret=secret, unchanged=heads)
    note_progress(ws, ledger)


def note_progress(ws: Workspace, ledger: Ledger) -> None:
    """clue_progress: one row per clue of which the ledger tells more than that it was listed, in words."""
    book = Book.read(ledger)
    beside = _ended_beside(ws, book)
    found = [
        (number, "；".join([*book.progress(number), *beside.get(number, ())]))
        for (number,) in ws.rows("select clue_id from clue order by 1")
    ]
    ws.con.execute("create or replace table clue_progress (clue_id varchar, said varchar)")
    told = [row for row in found if row[1]]
    if told:
        ws.con.executemany("insert into clue_progress values (?, ?)", told)


def _ended_beside(ws: Workspace, book: Book) -> Mapping[str, list[str]]:
    """Other cases of a listed household that have ended in its direction: its line shows them no more."""
    found: dict[str, list[str]] = defaultdict(list)
    for number, direction, part in ws.rows(
        "select distinct c.clue_id, c.direction, p.part from clue as c join involved_part as p using (household_id)"
        " anti join clue_part as own on own.clue_id = c.clue_id and own.part = p.part"
        " where not c.restricted order by all"
    ):
        standing = book.standings.get((part, direction))
        if standing is None or not standing.ended or book.is_restricted(standing):
            continue
        other = book.now.get(standing.clue_id, standing.clue_id)
        if other != number:
            found[number].append(f"这户以前的线索（{other}）{'、'.join(ended_as(standing))}")
    return found


def _listed(ws: Workspace, as_of: dt.date, run: str, secret: str) -> Iterable[Event]:
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    for part, fact, value in ws.rows("from part_fact semi join clue_part using (part)"):
        facts[part][fact] = value
    rules = dict(
        ws.rows("select clue_id, list(rule_id order by seq) from clue_rule where kind <> 'unknown' group by clue_id")
    )
    for row in ws.dicts(
        "select c.clue_id, c.direction, c.status, c.band_label as band, c.receiver, c.restricted, p.part, h.town,"
        " m.home_no from clue as c join clue_part as p using (clue_id) join household as h using (household_id)"
        " join clue_home as m using (household_id)"
        " order by c.direction_seq, c.rank, p.part"
    ):
        number, part = row["clue_id"], row["part"]
        body: dict[str, object] = {
            "status": row["status"], "band": row["band"] or "", "receiver": row["receiver"], "run": run,
            "rules": rules.get(number, []), "facts": facts[part], "town": row["town"] or "",
            "home": row["home_no"],
        }  # fmt: skip
        if row["restricted"]:
            body |= {"restricted": True, "facts": hashed(secret, facts[part]), "town": ""}
        yield Event(LISTED, number, part, as_of, row["direction"], body)


def _last_listing(events: Sequence[Event]) -> list[Event]:
    acts = [e.act for e in events if e.kind == LISTED]
    return [e for e in events if e.kind == LISTED and e.act == max(acts)]


def _plain(event: Event) -> tuple[Any, ...]:
    return event.clue_id, event.part, event.day, event.direction, json.dumps(event.body, sort_keys=True)


def _moved(ws: Workspace, before: Sequence[Event], listed: Sequence[Event], as_of: dt.date) -> Iterable[Event]:
    """Parts that stand under another number than when they were listed last."""
    last: dict[tuple[str, str], tuple[int, set[str]]] = {}
    for event in before:
        if event.kind == LISTED:
            act, numbers = last.get((event.part, event.direction), (event.act, set()))
            numbers = numbers if act == event.act else set()
            last[event.part, event.direction] = event.act, numbers | {event.clue_id}
    now: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in listed:
        now[event.part, event.direction].add(event.clue_id)
    leads = dict(ws.rows("select clue_id, now_id from number_given where now_id is not null"))
    listed_now = {e.clue_id for e in listed}
    for (part, direction), present in now.items():
        earlier = last.get((part, direction), (0, set()))[1]
        for number in sorted(present - earlier) if earlier else ():
            old = min(earlier - present, default=min(earlier))
            kind = MERGED if leads.get(old) == number else SPLIT if old in listed_now else RENUMBERED
            yield Event(kind, number, part, as_of, direction, {"from": old})


def _reopened(ws: Workspace, listed: Sequence[Event], as_of: dt.date) -> Iterable[Event]:
    """Closed lines that are in the list again, and which facts have changed."""
    changed = {(part, direction): json.loads(c) for part, direction, c in ws.rows("from part_reopened")}
    for event in listed:
        why = changed.get((event.part, event.direction))
        if why and event.body["status"] != "搁置":
            yield Event(REOPENED, event.clue_id, event.part, as_of, event.direction, {"changed": why})


def _rescued(ws: Workspace, before: Sequence[Event], as_of: dt.date) -> Iterable[Event]:
    """Who was helped by what the data says, once: the file that says it may be missing next month."""
    standing = standings(before)
    for number, direction, part in ws.rows("from rescued_part order by all"):
        known = standing.get((part, direction))
        if known is None or not (known.rescued or known.paid):
            yield Event(RESCUED, number, part, as_of, direction)


def _more(ws: Workspace, ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of the other tables that are new, or say something new of what they are about."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for table, order in (("number_given", "seq"), ("number_key", "key")):
        told = {row[0]: tuple(row) for row in ledger.rows(table)}
        rows = (_stored(row) for row in ws.rows(f"select * from {table} order by {order}"))
        found[table] = [row for row in rows if told.get(row[0]) != row]
    known = {(row[0], row[1]): tuple(row) for row in ledger.rows("part_key")}
    found["part_key"] = [wider for row in _part_keys(ws) if (wider := _wider(known.get((row[0], row[1])), row))]
    decided = set(map(tuple, ledger.rows("decision")))
    found["decision"] = [
        row for row in ws.rows("select review_key, choice, note from decision order by seq") if row not in decided
    ]
    return found


def _part_keys(ws: Workspace) -> list[tuple[Any, ...]]:
    """Keys of the parts that are listed; of one that rests on no case its own number stands for a key."""
    return [
        _stored(row)
        for row in ws.rows(
            "select p.part, k.key, min(k.level), bool_and(k.through), bool_or(k.known) from part_key as k"
            " join involved_part as p using (household_id, party_id)"
            " where p.part in (select part from clue_part union select part from rescued_part) group by p.part, k.key"
            " union all select part, part, 9, false, false from clue_part"
            " where part = 'N' || clue_id order by 1, 2"
        )
    ]


def _wider(told: tuple[Any, ...] | None, row: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """What is to be told of a key: nothing new, or its flags together with those of before."""
    if told is None:
        return row
    both = (*row[:2], min(told[2], row[2]), min(told[3], row[3]), max(told[4], row[4]))
    return both if both != told else None


def _stored(row: Sequence[Any]) -> tuple[Any, ...]:
    """As SQLite gives it back: yes and no are numbers."""
    return tuple(int(value) if isinstance(value, bool) else value for value in row)
