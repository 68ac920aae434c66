"""A newer export of the same source takes the place of older rows with the same key; what changed is listed.

Comes in: rec_* as cleaned, input_file, the keys of the record kinds. Goes out: rec_* without rows that a newer file
replaces, superseded_row (which rows, by which file) and snapshot_change (added, changed, gone). The raw rows stay.
Newer is the later snapshot date; where dates are equal or unknown, the file that was loaded in a later call.
"""

from __future__ import annotations

from collections.abc import Mapping

from clue_engine.ingest.readings import SHAPES
from clue_engine.pack.model import RecordKind
from clue_engine.workspace import Workspace, ident, literal

# A file that holds less than this share of an older file's keys is its complement (the next year), not its correction.
REISSUE_SHARE = 0.5
_SHOWN_TYPES = ("text", "caseno")  # a key of these types may be shown; a person's number or name never

_SCHEMA = """
create or replace table superseded_row (kind varchar, file_id integer, row_no bigint, part_no integer,
    by_file_id integer);
create or replace table snapshot_change (source_id varchar, kind varchar, change varchar, key varchar,
    file_id integer, row_no bigint, older_file_id integer, older_row_no bigint, fields varchar[]);
"""


def supersede(ws: Workspace, records: Mapping[str, RecordKind]) -> None:
    """Apply corrections in all record tables; without a second export of any source nothing is touched."""
    with ws.transaction():
        ws.con.execute(_SCHEMA)
        ws.con.execute(
            "create or replace temp table newer as select n.source_id, n.file_id, o.file_id as older_id,"
            " n.snapshot_date > o.snapshot_date as by_date,"
            " row_number() over (partition by n.file_id order by o.snapshot_date desc nulls last, o.batch desc,"
            " o.file_id desc) as nth"
            " from input_file as n join input_file as o on n.source_id = o.source_id and n.file_id <> o.file_id"
            " and n.status = 'loaded' and o.status = 'loaded' and (n.snapshot_date > o.snapshot_date"
            " or (n.batch > o.batch and not coalesce(n.snapshot_date < o.snapshot_date, false)))"
        )
        if ws.rows("select 1 from newer limit 1"):
            for kind in records.values():
                if kind.key:
                    _supersede_kind(ws, kind)
        ws.con.execute("drop table newer")


def _supersede_kind(ws: Workspace, kind: RecordKind) -> None:
    table = ident("rec_" + kind.name)
    ws.con.execute(
        f"create or replace temp table row_key as select file_id, row_no, part_no, {_key(kind)} as key from {table}"
        " where source_id in (select source_id from newer)"
    )
    ws.con.execute(
        "create or replace temp table file_key as select file_id, key, min(row_no) as row_no"
        " from row_key where key is not null group by all"
    )
    ws.con.execute(
        "create or replace temp table reissue as select n.file_id, n.older_id from newer as n"
        " join file_key as o on o.file_id = n.older_id"
        " left join file_key as k on k.file_id = n.file_id and k.key = o.key"
        f" group by all having count(k.key) >= {REISSUE_SHARE} * count(*)"
    )
    _note_changes(ws, kind)
    # Rows of an older register of a known date stay: a household that only they know was struck, which is a fact.
    kept = "and not coalesce(n.by_date, false)" if kind.gone == "struck" else ""
    ws.con.execute(
        f"insert into superseded_row select {literal(kind.name)}, r.file_id, r.row_no, r.part_no, max(n.file_id)"
        " from row_key as r join newer as n on r.file_id = n.older_id"
        " join file_key as k on k.file_id = n.file_id and k.key = r.key"
        f" where true {kept} group by all"
    )
    if kind.gone == "dropped":  # who is no longer on a list is not on it
        ws.con.execute(
            f"insert into superseded_row select {literal(kind.name)}, r.file_id, r.row_no, r.part_no, max(i.file_id)"
            " from row_key as r join reissue as i on r.file_id = i.older_id"
            f" anti join superseded_row as s on s.kind = {literal(kind.name)} and s.file_id = r.file_id"
            " and s.row_no = r.row_no and s.part_no = r.part_no group by all"
        )
    ws.con.execute(
        f"delete from {table} where (file_id, row_no, part_no) in"
        f" (select (file_id, row_no, part_no) from superseded_row where kind = {literal(kind.name)})"
    )
    for name in ("row_key", "file_key", "reissue"):
        ws.con.execute(f"drop table {name}")


def _note_changes(ws: Workspace, kind: RecordKind) -> None:
    """Each file beside the one before it: keys that are new, whose rows say something else, or that are gone."""
    table, name = ident("rec_" + kind.name), literal(kind.name)
    shown = "case when not regexp_matches(coalesce(n.key, o.key), '^[0-9][|]') then coalesce(n.key, o.key) end"
    shown = shown if _is_shown(kind) else "null"
    fields = {f.name: [ident(f.name + suffix) for suffix, _ in SHAPES[f.type].columns][:1] for f in kind.fields}
    labels = {f.name: f.label for f in kind.fields}
    said = ", ".join(
        f"list_sort(list(distinct cast({columns[0]} as varchar))) as {ident('f_' + field)}"
        for field, columns in fields.items()
    )
    for file_id, older_id, source_id in ws.rows(
        "select n.file_id, n.older_id, n.source_id from newer as n join reissue using (file_id, older_id)"
        " qualify row_number() over (partition by n.file_id order by n.nth) = 1 order by 1"
    ):
        for view, of_file in (("said_new", file_id), ("said_old", older_id)):
            ws.con.execute(
                f"create or replace temp table {view} as select k.key, min(r.row_no) as row_no, {said}"
                f" from {table} as r join row_key as k using (file_id, row_no, part_no) where r.file_id = {of_file}"
                " and k.key is not null group by k.key"
            )
        both = ws.rows(
            "select list(distinct kind || '.' || field) from (select kind, field from record_column"
            f" where file_id = {file_id} and kind = {name} intersect"
            f" select kind, field from record_column where file_id = {older_id} and kind = {name})"
        )[0][0]
        compared = [f for f in fields if f"{kind.name}.{f}" in (both or [])]
        differ = ", ".join(
            f"case when n.{ident('f_' + f)} is distinct from o.{ident('f_' + f)} then {literal(labels[f])} end"
            for f in compared
        )
        changed = f"list_filter([{differ}], lambda x: x is not null)" if compared else "[]::varchar[]"
        ws.con.execute(
            f"insert into snapshot_change select {literal(source_id)}, {name}, * from ("
            f" select case when o.key is null then '新增' when n.key is null then '消失' else '变化' end as change,"
            f" {shown} as key,"
            f" {file_id} as file_id, n.row_no, {older_id} as older_file_id, o.row_no as older_row_no,"
            f" case when n.key is not null and o.key is not null then {changed} else [] end as fields"
            f" from said_new as n full join said_old as o on n.key = o.key)"
            " where change <> '变化' or len(fields) > 0 order by change, row_no, older_row_no"
        )
        ws.con.execute("drop table said_new; drop table said_old")


def _key(kind: RecordKind) -> str:
    """The first alternative that says something; alternatives of different fields never meet."""
    types = {f.name: f.type for f in kind.fields}
    alternatives = []
    for number, alternative in enumerate(kind.key):
        names = alternative.split("+")
        parts = [f"cast({ident(n if types[n] != 'date' else n + '_lo')} as varchar)" for n in names]
        filled = [f"coalesce({part}, '')" for part in parts]
        said = f"concat_ws('|', {', '.join(filled)})"
        known = f"{parts[-1]} is not null"
        mark = f"{number}|" if number else ""
        alternatives.append(f"case when {known} then {literal(mark)} || {said} end")
    return f"coalesce({', '.join(alternatives)})"


def _is_shown(kind: RecordKind) -> bool:
    """Whether the first alternative of the key may be shown; the others are marked by their number."""
    types = {f.name: f.type for f in kind.fields}
    return all(types[name] in _SHOWN_TYPES for name in kind.key[0].split("+"))
