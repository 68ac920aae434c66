"""Computed definitions of one level -> a table of a relation's rows with them as columns.

What the rows along a link say is decided as everywhere (``verdicts``), with the relation's own rows as the owners. A
value that is counted or summed of rows is computed first; what is reckoned with it is one more test or value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np

from clue_engine.decide.columns import Read, Reader
from clue_engine.decide.rows import Rows
from clue_engine.decide.verdicts import Verdicts
from clue_engine.language import types as t
from clue_engine.language.compile import Compiler, Pair, def_column
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.pack.model import Relation
from clue_engine.workspace import ident


def make_level(
    con: duckdb.DuckDBPyConnection, relation: Relation, own: Sequence[t.CheckedDefinition], rows: Rows,
    compiler: Compiler, stage: str,
) -> None:  # fmt: skip
    """Make the table ``stage``: the relation's rows with these definitions as columns."""
    row = "h" if relation.label == HOUSEHOLD else "r"
    source, compiler = with_aggregates(con, relation, own, rows, compiler, f"{stage}_of")
    rows = replace(rows, tables={**rows.tables, relation.name: source})
    reader = Reader(compiler, rows, relation)
    bodies = [(d.definition.label, d.body) for d in own if d.body is not None]
    for _, body in bodies:
        reader.register(body)
    pieces: dict[str, list[Any]] = {f"d{n}": [] for n in range(len(bodies))}
    ids = []
    for read in _reads(con, reader) if bodies else ():
        verdicts = Verdicts(read)
        ids.append(read.own.row_id)
        for name, (_, body) in zip(pieces, bodies, strict=True):
            pieces[name].append(verdicts.condition(body))
    columns = [f"case m.d{n} when 1 then true when -1 then false end as {def_column(label)}"
               for n, (label, _) in enumerate(bodies)]  # fmt: skip
    for each in own:
        if each.value is not None:
            ends = zip(("_lo", "_hi"), reader.own.ends(each.value), strict=True)
            columns += [f"{sql} as {def_column(each.definition.label, side)}" for side, sql in ends]
    near = row == "r" and any('h."' in column for column in columns)
    joins = f" left join {reader.home} h on h.household_id = r.household_id" if near else ""
    columns_sql = ", ".join([f"{row}.*", *columns])
    if bodies and ids:
        con.register("made", _arrays(ids, pieces))
        joins += f" left join made m on m.row_id = {row}.row_id"
    elif bodies:  # no rows at all
        joins += f" left join (select null::bigint as row_id, {', '.join(f'null::tinyint as {n}' for n in pieces)}) m"
        joins += f" on m.row_id = {row}.row_id"
    con.execute(f"create or replace temp table {stage} as select {columns_sql} from {source} {row}{joins}")
    if bodies and ids:
        con.unregister("made")


def with_aggregates(
    con: duckdb.DuckDBPyConnection, relation: Relation, own: Sequence[t.CheckedDefinition], rows: Rows,
    compiler: Compiler, stage: str,
) -> tuple[str, Compiler]:  # fmt: skip
    """The relation's table with what the definitions count or sum as columns, and a compiler that knows them."""
    table, row = rows.tables[relation.name], "h" if relation.label == HOUSEHOLD else "r"
    quants = [q for each in own for q in _aggregates(each)]
    if not quants:
        return table, compiler
    reader = Reader(compiler, rows, relation)
    for quant in quants:
        reader.register_quantifier(quant)
    pieces: dict[str, list[Any]] = {f"a{n}{side}": [] for n in range(len(quants)) for side in ("_lo", "_hi")}
    ids = []
    for read in _reads(con, reader):
        verdicts = Verdicts(read)
        ids.append(read.own.row_id)
        for n, quant in enumerate(quants):
            for side, end in zip(("_lo", "_hi"), verdicts.number(quant).ends, strict=True):
                pieces[f"a{n}{side}"].append(end)
    if not ids:
        ids, pieces = [np.zeros(0, np.int64)], {name: [np.zeros(0)] for name in pieces}
    dates = {n for n, q in enumerate(quants) if q.value is not None and q.value.type.kind == "date"}
    columns = []
    for name in pieces:
        number = f"nullif(m.{name}, 'nan'::double)"
        day = int(name[1:-3]) in dates
        columns.append(f"{f'''date '1970-01-01' + {number}::integer''' if day else number} as {ident(f'agg·{name}')}")
    con.register("made", _arrays(ids, pieces))
    con.execute(
        f"create or replace temp table {stage} as select r.*, {', '.join(columns)}"
        f" from {table} r left join made m on m.row_id = r.row_id"
    )
    con.unregister("made")
    aggregates = {
        id(q): Pair(f"{row}.{ident(f'agg·a{n}_lo')}", f"{row}.{ident(f'agg·a{n}_hi')}") for n, q in enumerate(quants)
    }
    return stage, replace(compiler, aggregates=aggregates)


def _aggregates(definition: t.CheckedDefinition) -> list[t.Quant]:
    """The counts and sums of a definition that are reckoned with."""
    found = t.value_quantifiers(definition.value) if definition.value is not None else []
    for node in t.walk(definition.body) if definition.body is not None else ():
        if isinstance(node, t.Test):
            found += [q for v in (node.left, node.right) for q in t.value_quantifiers(v)]
    return found


def _reads(con: duckdb.DuckDBPyConnection, reader: Reader) -> Iterator[Read]:
    for first, last in reader.parts():
        yield reader.read(con, first, last)


def _arrays(ids: list[Any], pieces: Mapping[str, list[Any]]) -> dict[str, Any]:
    return {"row_id": np.concatenate(ids), **{name: np.concatenate(own) for name, own in pieces.items()}}
