"""How many cells of each column were adopted after cleaning, for the record of a run and for the screen.

Comes in: column_read, input_file. Goes out: a record per column and field; one sentence per file about the columns of
which cells were left out, one about those that are blank; never a value.
"""

from __future__ import annotations

from clue_engine.export.privacy import redact
from clue_engine.export.unused import place
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

_NAMED = 8  # columns in a sentence
_FEW = 10  # rows of a list of which it says little that a column is blank


def columns_read(ws: Workspace) -> list[dict[str, object]]:
    """Every column that feeds a field: its cells that are not blank, and those that were taken."""
    if not ws.has_table("column_read"):
        return []
    return [
        {"file": redact(name), "sheet": sheet, "column": redact(header), "field": field, "filled": n, "adopted": n_read}
        for name, sheet, header, field, n, n_read in ws.rows(
            "select f.name, f.sheet, c.header, c.kind || '.' || c.field, c.n_filled, c.n_read from column_read as c"
            " join input_file as f using (file_id) order by c.file_id, c.position, c.kind, c.field"
        )
    ]


def left_out(ws: Workspace, pack: Pack) -> list[str]:
    """The columns of each file that say more than was adopted; not those that another column came before."""
    if not ws.has_table("column_read"):
        return []
    labels = {f"{kind.name}.{field.name}": field.label for kind in pack.records.values() for field in kind.fields}
    found: dict[str, list[str]] = {}
    for name, sheet, header, target, n_filled, n_read in ws.rows(
        "with one as (select file_id, position, header,"
        " max({'n': n_read, 'target': kind || '.' || field, 'known': n_known}) as best,"
        " max(n_filled) as n_filled from column_read group by all),"
        " column_best as (select one.*, best.n as n_read, best.target as target, best.known as n_known from one)"
        " select f.name, f.sheet, header, target, n_filled, c.n_read from column_best as c"
        " join input_file as f using (file_id) where c.n_read < n_filled"
        " qualify max(n_filled) over (partition by file_id, target) > n_known"
        " order by file_id, c.n_read - n_filled, position"
    ):
        said = f"“{redact(header)}”（{labels[target]}）{n_filled} 格中采用 {n_read} 格"
        found.setdefault(place(name, sheet), []).append(said)
    return [
        f"{file}{'、'.join(said[:_NAMED])}{f'，等 {len(said)} 列' if len(said) > _NAMED else ''}"
        for file, said in found.items()
    ]


def blank(ws: Workspace) -> list[str]:
    """The columns of each file that are there and blank all the way down, where no other column tells their field."""
    if not ws.has_table("column_read"):
        return []
    files = ws.rows(
        "with field as (select file_id, field, max(n_rows) as n_rows, min(position) as position,"
        " any_value(header order by position) as header from column_read group by file_id, kind, field"
        " having sum(n_filled) = 0 and any_value(n_known) = 0),"
        " one as (select file_id, header, min(position) as position from field where n_rows >= ? group by all)"
        " select f.name, f.sheet, list(header order by position) from one join input_file as f using (file_id)"
        " group by file_id, f.name, f.sheet order by file_id",
        [_FEW],
    )
    return [
        f"{place(name, sheet)}整列空着、按没有写处理的列：{'、'.join(f'“{redact(h)}”' for h in headers)}"
        for name, sheet, headers in files
    ]
