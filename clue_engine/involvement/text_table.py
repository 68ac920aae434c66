"""Tables of what free text says: text_fact (each fact with its sentence) and text_value (what the sentences agree on).

Comes in: party, kin_of, case_row, victim_row, told_of, rec_enforcement, the sayings of the pack; issue, raw_column
and raw_* for cells of a victim's row that should hold a code and hold a sentence (已付3万元). Goes out: text_fact
(event_id, party_id, fact, value, sentence, file_id, row_no, field), party_id NULL where the sentence does not tell
whose it is; text_value (party_id, then one column per fact that the pack's option text_values names). Each is a
*possible* fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from clue_engine.involvement.text_fact import Said, read_text, settle
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, ident

_COLUMNS = (
    "event_id bigint, party_id bigint, fact varchar, value varchar, sentence varchar, file_id integer, row_no bigint, "
    "field varchar"
)
Row = tuple[int, int | None, str, str, str, int, int, str]
# Cells of a victim's row whose text is in no code table: where they stand.
_UNCODED = r"""
select distinct i.file_id, c.position, split_part(split_part(c.field, ',', 1), '.', 2) as field
from issue as i
inner join raw_column as c on i.file_id = c.file_id and i.column_name = c.header
where i.code in ('CODE_UNKNOWN', 'CODE_PROSE') and regexp_full_match(c.field, 'victim\.\w+(,victim\.note)?')
order by all
"""
# Those cells of one column, each with the victims of its row.
_CELLS = """
select v.row_no, r.c{position} as cell, list({{'event': v.event_id, 'party': v.party_id}} order by v.party_id)
from victim_row as v
inner join {raw} as r using (row_no)
inner join issue as i on v.file_id = i.file_id and v.row_no = i.row_no and i.code in ('CODE_UNKNOWN', 'CODE_PROSE')
inner join raw_column as c on i.file_id = c.file_id and i.column_name = c.header and c.position = {position}
where v.file_id = ? and v.event_id is not null and cell is not null
group by all
order by all
"""
# Columns of codes in which a second fact may stand beside the code (重伤一级，九级伤残), and their cells that say so.
_BESIDE = """
select file_id, position from raw_column where list_contains(string_split(field, ','), ?) order by all
"""
_CELLS_BESIDE = """
select v.row_no, r.c{position} as cell, list({{'event': v.event_id, 'party': v.party_id}} order by v.party_id)
from victim_row as v
inner join {raw} as r using (row_no)
where v.file_id = ? and v.event_id is not null
    and list_bool_or(list_transform(?::varchar[], lambda w: contains(r.c{position}, w)))
group by all
order by all
"""
# Distinct texts of an event with the place where each is first seen; own: the note of one victim.
_TEXTS = """
with said as (
    select event_id, null::bigint as own, summary as text, file_id, row_no, 'summary' as field from case_row
    union all
    select event_id, null, note, file_id, row_no, 'note' from case_row
    union all
    select event_id, party_id, note, file_id, row_no, 'note' from victim_row
    union all  -- what a relative's own row says of the family
    select v.event_id, k.party_id, v.note, v.file_id, v.row_no, 'note'
    from victim_row as v join kin_of as k on v.party_id = k.kin_party_id
    where v.role = '近亲属'
    union all  -- what the court notes of an execution, where its applicant has one case: 已发放救助金6万元
    select p.event_id, p.party_id, e.note, e.file_id, e.row_no, 'note'
    from rec_enforcement as e
    join party as p
        on e.applicant_id = p.id
        or (e.applicant_id is null and replace(e.applicant_name, '·', '') = replace(p.name, '·', ''))
    where (p.claims or list_contains(p.roles, '被害人'))
        and (p.id is null or p.id in (select id from party group by id having count(*) = 1))
        and (
            e.applicant_id is not null
            or p.name in (select name from party group by name having count(*) = 1)
        )
)
select event_id, own, text, min(file_id), arg_min(row_no, (file_id, row_no)), field
from said
where text is not null and event_id is not null
group by event_id, own, text, field
order by event_id, own, field, text
"""
# Words that name a party in the rows of a household's head: 儿子 for the son of whom its prose tells.
_CALLED = """
select distinct v.event_id, v.party_id, t.said
from victim_row as v
inner join told_of as t using (file_id, row_no, part_no)
order by all
"""
# Suspects who have a row of their own: what it says of its person is said of them.
_OWN_ROWS = """
select distinct v.party_id, p.name
from victim_row as v inner join party as p using (party_id)
where list_contains(p.roles, '嫌疑人') and not list_contains(p.roles, '被害人') and v.role = '嫌疑人'
order by all
"""
_PEOPLE = """
select event_id, party_id, name, claims or list_contains(roles, '被害人') as victim
from party
where name is not null and (claims or list_has_any(roles, ['被害人', '嫌疑人']))
order by event_id, party_id
"""


def write_text_facts(ws: Workspace, pack: Pack) -> None:
    """Rebuild text_fact and text_value."""
    wanted: Mapping[str, str] = pack.options.get("text_values", {})
    victims: dict[int, dict[str, int]] = {}
    suspects: dict[int, list[str]] = {}
    for event_id, party_id, name, victim in ws.rows(_PEOPLE):
        if victim:
            victims.setdefault(event_id, {})[name] = party_id
        else:
            suspects.setdefault(event_id, []).append(name)
    accused = {party_id: {name: party_id} for party_id, name in ws.rows(_OWN_ROWS)}
    for event_id, party_id, said in ws.rows(_CALLED) if ws.has_table("told_of") else ():
        accused.get(party_id, victims.setdefault(event_id, {}))[said] = party_id
    rows: list[Row] = []
    separators = str(pack.options.get("person_separators", ""))
    beside: Mapping[str, Sequence[str]] = pack.options.get("facts_beside", {})
    texts = dict.fromkeys([*ws.rows(_TEXTS), *_uncoded_cells(ws, separators, beside)]) if pack.text_facts.facts else {}
    read: dict[tuple[int, str, str, object], list[Said]] = {}  # the note of a row with many victims is the note of each
    for event_id, own, text, file_id, row_no, field in texts:
        known = accused.get(own) or victims.get(event_id, {})
        seen = (event_id, text, field, own if own in accused else own is None)
        if seen not in read:
            people = tuple(known), tuple(n for n in suspects.get(event_id, ()) if n not in known)
            about = None if own is None else str(wanted.get(field, ""))
            read[seen] = read_text(text, pack.text_facts, *people, "" if own is None else field, own=about)
        for said in read[seen]:
            parties: list[int | None] = [known[name] for name in said.names] or [own]
            rows += [(event_id, p, said.fact, said.value, said.sentence, file_id, row_no, field) for p in parties]
    _table(ws, "text_fact", _COLUMNS, rows)
    _write_values(ws, pack, wanted, victims, rows)


def _cells(ws: Workspace, beside: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, str, list[tuple[Any, ...]]]]:
    """File, field and cells of the columns in which sentences stand or a second fact beside a code."""
    for file_id, position, field in ws.rows(_UNCODED):
        yield file_id, field, ws.rows(_CELLS.format(position=position, raw=ident(f"raw_{file_id}")), [file_id])
    for field, words in beside.items():
        for file_id, position in ws.rows(_BESIDE, [f"victim.{field}"]):
            sql = _CELLS_BESIDE.format(position=position, raw=ident(f"raw_{file_id}"))
            yield file_id, field, ws.rows(sql, [file_id, list(words)])


def _uncoded_cells(
    ws: Workspace, separators: str, beside: Mapping[str, Sequence[str]]
) -> list[tuple[int, int, str, int, int, str]]:
    """Sentences in columns of codes, as texts about the victims of their row.

    Said of several victims, a sentence counts for each; one part for each of them says nothing that can be read here.
    """
    found: list[tuple[int, int, str, int, int, str]] = []
    for file_id, field, cells in _cells(ws, beside):
        for row_no, cell, parties in cells:
            parts = re.split(f"[{re.escape(separators)}]", cell) if separators else [cell]
            if len(parties) == 1 or len(parts) != len(parties):
                found += [(p["event"], p["party"], cell, file_id, row_no, field) for p in parties]
    return found


def _write_values(
    ws: Workspace, pack: Pack, wanted: Mapping[str, str], victims: Mapping[int, Mapping[str, int]], rows: Iterable[Row]
) -> None:
    """What is said of a victim, or of an event with one victim only, where the sentences agree."""
    found: dict[int, dict[str, dict[str, list[str]]]] = {}
    meant: set[tuple[int, str]] = set()  # what stands in the column of the fact itself goes before all other texts
    own_column = {fact: name for name, fact in wanted.items()}
    for event_id, party_id, fact, value, sentence, _, _, field in sorted(
        rows, key=lambda row: own_column.get(row[2]) != row[7]
    ):
        people = victims.get(event_id, {})
        if party_id is None and len(set(people.values())) == 1:
            party_id = next(iter(people.values()))
        if party_id is None or (own_column.get(fact) != field and (party_id, fact) in meant):
            continue
        if own_column.get(fact) == field:
            meant.add((party_id, fact))
        found.setdefault(party_id, {}).setdefault(fact, {}).setdefault(sentence, []).append(value)
    above = tuple(pack.options.get("dead_codes", ()))
    values = []
    for party_id, facts in sorted(found.items()):
        agreed: list[str | None] = []
        for fact in wanted.values():
            codes = pack.codes.get(fact)
            said = list(facts.get(fact, {}).values())
            value_now = settle(said, codes.values if codes and codes.ordered else (), above)
            # A value outside the code table, such as 已赔偿(程度不明), is evidence and no value.
            agreed.append(value_now if codes is None or value_now in codes.values else None)
        values.append((party_id, *agreed))
    columns = "".join(f", {ident(name)} varchar" for name in wanted)
    _table(ws, "text_value", f"party_id bigint{columns}", values)


def _table(ws: Workspace, name: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
    """A table from rows: by way of Arrow, since DuckDB inserts single rows slowly."""
    import pyarrow as pa

    ws.con.execute(f"create or replace table {ident(name)} ({columns})")
    if rows:
        ws.con.register(
            "rows_now", pa.table({f"c{i}": list(column) for i, column in enumerate(zip(*rows, strict=True))})
        )
        ws.con.execute(f"insert into {ident(name)} select * from rows_now")
        ws.con.unregister("rows_now")
