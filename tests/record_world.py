"""A workspace that holds record rows given by hand: input of canonical, link and involvement, small enough to see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from clue_engine.canonical import canonicalise
from clue_engine.involvement import involve
from clue_engine.link import link
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, ident

COLUMNS = {
    "name": ("", "_note"),
    "id": ("", "_kind", "_partial", "_cert_level", "_cert_kind"),
    "date": ("_lo", "_hi"),
    "money": ("", "_flag"),
}
TYPES = {"number": "double", "bool": "boolean", "codes": "varchar[]"}


@cache
def shipped_pack() -> Pack:
    return load_pack(strict=True)


def record_world(
    path: Path, records: Mapping[str, Sequence[Mapping[str, Any]]], snapshot: str = "2025-06-30"
) -> Workspace:
    """A workspace with rec_<kind> rows as given (missing columns NULL), one file per kind, source and snapshot."""
    ws = Workspace.open(path)
    con = ws.con
    con.execute("pragma disable_optimizer")  # to plan for a few rows takes longer than to run; whole runs have it
    con.execute(
        "create table input_file (file_id integer, name varchar, sheet varchar, source_id varchar, "
        "snapshot_date date, status varchar);"
        "create table issue (code varchar, level varchar, file_id integer, row_no bigint, column_name varchar, "
        "detail varchar);"
        "create table raw_column (file_id integer, position integer, header varchar, field varchar);"
        "create table kind_column (file_id integer, header varchar);"
        "create table record_column (file_id integer, kind varchar, field varchar)"
    )
    files: dict[tuple[str, str, str], int] = {}
    for kind in shipped_pack().records.values():
        columns = {"source_id": "varchar", "file_id": "integer", "row_no": "integer", "part_no": "integer"}
        for field in kind.fields:
            for suffix in COLUMNS.get(field.type, ("",)):
                base = (
                    "date" if field.type == "date" else "double" if field.type == "money" and not suffix else "varchar"
                )
                columns[field.name + suffix] = TYPES.get(field.type, base)
        con.execute(f"create table rec_{kind.name} ({', '.join(f'{ident(c)} {t}' for c, t in columns.items())})")
        for number, given in enumerate(records.get(kind.name, ()), 1):
            row = {k: v for k, v in given.items() if k != "snapshot"}
            source = str(row.get("source_id", kind.name))
            file_id = files.setdefault((kind.name, source, given.get("snapshot", snapshot)), len(files) + 1)
            role = {"role": "被害人"} if kind.name == "victim" else {}
            values = _typed(
                kind, {"source_id": source, "file_id": file_id, "row_no": number, "part_no": 1, **role, **row}
            )
            names = ", ".join(ident(c) for c in values)
            marks = ", ".join("?" for _ in values)
            con.execute(f"insert into rec_{kind.name} ({names}) values ({marks})", list(values.values()))
    for (kind_name, source, day), file_id in files.items():
        con.execute("insert into input_file values (?, ?, '', ?, ?, 'loaded')", [file_id, source, source, day])
        for column in {c for row in records.get(kind_name, ()) for c in row}:
            con.execute("insert into record_column values (?, ?, ?)", [file_id, kind_name, column])
    return ws


def _typed(kind: Any, row: Mapping[str, Any]) -> dict[str, Any]:
    """Dates fill both ends; an id says its kind unless the test does."""
    values: dict[str, Any] = {}
    types = {f.name: f.type for f in kind.fields}
    for name, value in row.items():
        if types.get(name) == "date":
            values[f"{name}_lo"] = values[f"{name}_hi"] = value
        else:
            values[name] = value
        if types.get(name) == "id" and value is not None:
            values.setdefault(f"{name}_kind", "ok")
    return values


def up_to_link(ws: Workspace) -> None:
    pack = shipped_pack()
    options = pack.options
    canonicalise(
        ws,
        same_event_days=365,
        organization_words=[str(word) for word in options["organization_words"]],
        alike_charges=[c for name in options["alike_charges"] for c in pack.lists[str(name)].values],
        charge_endings=pack.charge_endings,
        court_causes=pack.court_causes,
    )
    link(ws, kin_words=[str(w) for w in options["kin_words"]], dead_codes=[str(w) for w in options["dead_codes"]])


def up_to_facts(ws: Workspace, pack: Pack | None = None) -> None:
    up_to_link(ws)
    involve(ws, pack or shipped_pack(), longest_wait_days=365, adult_age=18)
