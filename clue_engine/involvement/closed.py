"""What the ledger says has ended: a column per direction on 涉案, which the holds of the pack read like any other fact.

Comes in: household_party, fact_involvement, the events and keys of the ledger. Goes out: part_key, involved_part,
part_fact, the columns closed_<code> of fact_involvement, and part_reopened: what is listed again as its facts changed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from clue_engine.ledger import Event, Ledger, standings
from clue_engine.ledger.events import LABELS, changed_since
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, ident, literal

_PACKAGE = "clue_engine.involvement"
# options of the pack, fields of 涉案: what the ledger keeps of a listed line; which of these opens a closed one again
FACTS, REOPEN_ON = "ledger_facts", "reopen_on"


def end_closed(ws: Workspace, pack: Pack, ledger: Ledger | None, secret: str) -> None:
    """Write the tables of this module. Without a ledger nothing has ended."""
    ws.run_sql_file(_PACKAGE, "part_key.sql", {"number_secret": secret})
    _known_keys(ws, ledger.rows("part_key") if ledger else ())
    ws.run_sql_file(_PACKAGE, "involved_part.sql")
    _part_facts(ws, pack)
    ended = [s for s in standings(ledger.events()).values() if s.ended] if ledger else []
    watched = [str(label) for label in pack.options.get(REOPEN_ON, ())]
    facts: dict[str, dict[str, str]] = defaultdict(dict)
    for part, fact, value in ws.rows("from part_fact") if ended else ():
        facts[part][fact] = value
    reopened: list[tuple[str, str, str]] = []
    closed: dict[str, dict[str, str]] = defaultdict(dict)
    for s in ended:
        changed = [] if s.paid or s.rescued else changed_since(s.basis, facts[s.part], secret, watched)
        if changed:
            reopened.append((s.part, s.direction, json.dumps(changed, ensure_ascii=False)))
        else:
            closed[s.part][s.direction] = said(s.ended)
    _table(ws, "part_reopened", ("part", "direction", "changed"), reopened)
    codes = {d.name: f"closed_{d.code}" for d in pack.directions}
    rows = [(part, *(why.get(name) for name in codes)) for part, why in sorted(closed.items())]
    _table(ws, "closed_part", ("part", *codes.values()), rows, temporary=True)
    ws.run_sql_file(_PACKAGE, "closed.sql")


def said(event: Event | None) -> str:
    """Why something has ended, with the date: what stands in the list beside 搁置."""
    if event is None:
        return ""
    reasons = [event.text(key) for key in ("code", "reason") if event.text(key)]
    return f"{'，'.join(reasons) or LABELS[event.kind]}（{event.day}）"


def _known_keys(ws: Workspace, rows: Sequence[Sequence[object]]) -> None:
    latest = {(part, key): more for part, key, *more in rows}  # flags may have been told again
    lines = [(*key, *map(str, more), str(n)) for n, (key, more) in enumerate(latest.items())]
    _table(ws, "told_part_key", ("part", "key", "level", "through", "known", "since"), lines, temporary=True)
    ws.con.execute(
        "create or replace temp table known_part_key as select part, key, level::tinyint as level,"
        " through::boolean as through, known::boolean as known, since::bigint as since from told_part_key"
    )


def _part_facts(ws: Workspace, pack: Pack) -> None:
    """part_fact: one row per part and fact that is known, of those that the pack names; several values are joined."""
    named = pack.options.get(FACTS, ())
    fields = [f for r in pack.relations if r.name == "involvement" for f in r.fields if f.label in named]
    columns = {f.name: ident(f.name + "_lo" if f.interval else f.name) for f in fields}
    texts = {
        f.name: f"array_to_string(list_sort({columns[f.name]}), '、')" if f.type == "codes" else columns[f.name]
        for f in fields
    }
    selects = [
        f"select part, {literal(f.label)} as fact, {texts[f.name]}::varchar as value"
        " from fact_involvement join involved_part using (household_id, party_id)"
        for f in fields
    ] or ["select null::varchar as part, null::varchar as fact, null::varchar as value"]
    ws.con.execute(
        "create or replace table part_fact as"
        " select part, fact, string_agg(distinct value, '、' order by value) as value"
        f" from ({' union all '.join(selects)}) where value is not null group by part, fact order by part, fact"
    )


def _table(
    ws: Workspace, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, temporary: bool = False
) -> None:
    """A table of texts."""
    texts = ", ".join(f"{ident(column)} varchar" for column in columns)
    ws.con.execute(f"create or replace {'temp ' if temporary else ''}table {ident(name)} ({texts})")
    lists = [list(column) for column in zip(*rows, strict=True)]
    if lists:
        ws.con.execute(f"insert into {ident(name)} select " + ", ".join("unnest(?::varchar[])" for _ in lists), lists)
