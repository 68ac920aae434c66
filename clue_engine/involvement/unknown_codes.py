"""The last door before the rules: a value of a fact table that its code table does not have is not known.

Comes in: the fact tables, the pack's code tables. Goes out: the same tables; an issue per field where that happened.
What sources say has been looked up long before; here what was derived: a default, an option of the pack, a text.
"""

from __future__ import annotations

from clue_engine.pack.model import Field, Pack
from clue_engine.workspace import Workspace, ident, literal

CODE = "CODE_UNKNOWN"


def forget_unknown_codes(ws: Workspace, pack: Pack) -> None:
    """Make codes outside their table NULL (of several codes: leave them out)."""
    ws.con.execute(f"delete from issue where code = {literal(CODE)} and file_id is null")
    for relation in pack.relations:
        fields = {f.name: f for f in relation.fields if f.codes in pack.codes and f.type in ("code", "codes")}
        if not ws.has_table(relation.table):
            continue
        present = [c[0] for c in ws.rows(f"describe {ident(relation.table)}") if c[0] in fields]
        if not present:
            continue
        tests = [f"count(*) filter (where not {_known(fields[name], pack)})" for name in present]
        (counts,) = ws.rows(f"select {', '.join(tests)} from {ident(relation.table)}")
        wrong = {name: n for name, n in zip(present, counts, strict=True) if n}
        if not wrong:
            continue
        kept = ", ".join(f"{_kept(fields[name], pack)} as {ident(name)}" for name in wrong)
        _replace(ws, relation.table, kept)
        for name, n in wrong.items():
            column = f"{relation.label}.{fields[name].label}"
            detail = f"推算出的取值不在代码表内，按不知道处理：{n} 行"
            ws.con.execute("insert into issue values (?, 'warning', null, null, ?, ?)", [CODE, column, detail])


def _replace(ws: Workspace, name: str, kept: str) -> None:
    """Make a table anew with other columns; a view with its own query inside."""
    views = ws.rows("select sql from duckdb_views() where view_name = ? and not internal", [name])
    source, kind = ident(name), "table"
    for (text,) in views:
        source, kind = f"({text.split(' AS ', 1)[1].rstrip(';')})", "view"
    ws.con.execute(f"create or replace {kind} {ident(name)} as select * replace ({kept}) from {source}")


def _known(field: Field, pack: Pack) -> str:
    """SQL: the value is in the table; NULL where there is none."""
    values = literal(list(pack.codes[field.codes or ""].values))
    return f"list_has_all({values}, {ident(field.name)})" if field.type == "codes" else _member(field, values)


def _kept(field: Field, pack: Pack) -> str:
    values = literal(list(pack.codes[field.codes or ""].values))
    name = ident(field.name)
    if field.type == "code":
        return f"case when {_member(field, values)} then {name} end"
    left = f"list_filter({name}, lambda code: list_contains({values}, code))"
    return f"case when len({left}) > 0 or len({name}) = 0 then {left} end"


def _member(field: Field, values: str) -> str:
    return f"{ident(field.name)} in {values}"
