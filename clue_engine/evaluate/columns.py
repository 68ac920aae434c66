"""Every test of some conditions as one column of verdicts: what the database computes, read once into arrays.

Comes in: enriched fact tables, typed conditions. Goes out: per table the rows of chosen households, as arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from clue_engine.language import types as t
from clue_engine.language.compile import Compiler, parameters_of, value_parameters
from clue_engine.language.rows import Rows
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.pack.model import Relation
from clue_engine.workspace import literal

Verdict = npt.NDArray[np.int8]  # 1 true, 0 not known, -1 false
Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]  # nan: not known

# Values read at a time: each takes some three bytes.
CELLS = 50_000_000


@dataclass(frozen=True)
class Test:
    """The columns of one test: its verdict, whether its parameters have values, per fact whether it is not known."""

    atom: t.Atom  # kept, as long as its identity is a key
    verdict: str
    complete: str
    vague: tuple[str, ...]


@dataclass
class Texts:
    """What is to be read of one table: SQL -> column. Tests are known by the identity of their node."""

    compiler: Compiler
    columns: dict[str, str] = field(default_factory=dict)
    tests: dict[int, Test] = field(default_factory=dict)

    def column(self, sql: str) -> str:
        return self.columns.setdefault(sql, f"c{len(self.columns)}")

    def test(self, atom: t.Atom) -> Test:
        if id(atom) not in self.tests:
            perhaps = atom.perhaps if isinstance(atom, t.InSet) else ()
            facts = tuple(self.vague(ref, perhaps) for ref in t.atom_refs(atom))
            complete = self.column(self.compiler.complete(parameters_of(atom)))
            self.tests[id(atom)] = Test(atom, self.column(self.compiler.atom(atom)), complete, facts)
        return self.tests[id(atom)]

    def vague(self, ref: t.FieldRef | t.DefValue, perhaps: tuple[str, ...] = ()) -> str:
        """The column that says that a fact is not known exactly. ``perhaps``: codes that are not exact enough."""
        pair = self.compiler.value(ref)
        if pair.point:
            wide = f" or {pair.lo} in ({', '.join(literal(c) for c in perhaps)})" if perhaps else ""
            return self.column(f"{pair.lo} is null{wide}")
        return self.column(f"{pair.lo} is null or {pair.hi} is null or {pair.lo} <> {pair.hi}")

    def numbers(self, value: t.Value) -> tuple[str, str]:
        """The columns of both ends of a value as numbers; a date is counted in days."""

        def sql(low: bool) -> str:
            def end(inner: Compiler) -> str:
                pair = inner.value(value)
                return pair.lo if low else pair.hi

            text = self.compiler.regional(value_parameters(value), end)
            return f"({text} - date '1970-01-01')::double" if value.type.kind == "date" else f"{text}::double"

        return self.column(sql(True)), self.column(sql(False))

    def senseless(self, value: t.Value) -> str:
        """The column that says that a value's field does not apply to the row."""
        sql = self.compiler.not_applicable(value) if isinstance(value, t.FieldRef) else ""
        return self.column(sql or "false")


class Table:
    """Rows as arrays. ``home``: the place of a row's household among the households."""

    def __init__(self, home: Ids, read: Mapping[str, Any]):
        self.home, self._read = home, read
        self.row_id: Ids = np.ma.getdata(read["row_id"])
        self.certain: Mask = verdict(read["certain"]) == 1
        self._verdicts: dict[str, Verdict] = {}

    def __len__(self) -> int:
        return len(self.home)

    def verdict(self, column: str) -> Verdict:
        if column not in self._verdicts:
            self._verdicts[column] = verdict(self._read[column])
        return self._verdicts[column]

    def true(self, column: str) -> Mask:
        return np.ones(len(self), bool) if column == "true" else self.verdict(column) == 1

    def number(self, column: str) -> Floats:
        return np.ma.filled(np.ma.asarray(self._read[column]).astype(np.float64), np.nan)


class Reader:
    """Collects the tests of conditions, then reads them of some households, one statement per table."""

    def __init__(self, compiler: Compiler, rows: Rows, home: str):
        self.rows, self.home, self._compiler = rows, home, compiler
        self.household = Texts(replace(compiler, aliases={"household": "h"}))
        self.relations: dict[str, Texts] = {}

    def texts(self, relation: Relation) -> Texts:
        return self.relations.setdefault(relation.name, Texts(self._compiler))

    def register(self, body: t.Bool, at: Texts | None = None) -> None:
        """Note every test of a condition."""
        at = at or self.household
        for node in t.walk(body):
            if isinstance(node, t.Quant):
                self._quantifier(node)
            elif isinstance(node, t.Atom):
                at.test(node)

    def register_on(self, relation: Relation, body: t.Bool) -> None:
        """The same for a condition on the rows of a relation."""
        self.register(body, None if relation.label == HOUSEHOLD else self.texts(relation))

    def _quantifier(self, quant: t.Quant) -> None:
        rows = self.texts(quant.relation)
        if quant.body is not None:
            self.register(quant.body, rows)
        for at, value in ((rows, quant.value), (self.household, quant.right)):
            if value is not None:
                at.numbers(value)
                at.senseless(value)
                for ref in t.value_refs(value):
                    at.vague(ref)

    def parts(self, con: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
        """First and last household_id of as many households as are read at a time."""
        found = con.execute(f"select household_id from {self.home} order by household_id").fetchnumpy()
        ids = np.ma.getdata(found["household_id"])
        width = len(self.household.columns) + sum(len(texts.columns) for texts in self.relations.values())
        step = max(1, CELLS // (width + 1))
        return [(int(own[0]), int(own[-1])) for own in (ids[n : n + step] for n in range(0, len(ids), step))]

    def read(self, con: duckdb.DuckDBPyConnection, first: int, last: int) -> Read:
        """The households between two ids, and their rows."""
        found = con.execute(
            f"select h.household_id, h.row_id, h.certain{_listed(self.household)} from {self.home} h "
            f"where h.household_id between {first} and {last} order by h.household_id"
        ).fetchnumpy()
        ids = np.ma.getdata(found["household_id"])
        home = Table(np.arange(len(ids)), found)
        tables = {}
        for name, texts in self.relations.items():
            found = con.execute(
                f"select r.household_id, r.row_id, r.certain{_listed(texts)} from {self.rows.tables[name]} r "
                f"join {self.home} h on h.household_id = r.household_id "
                f"where r.household_id between {first} and {last}"
            ).fetchnumpy()
            tables[name] = Table(np.searchsorted(ids, np.ma.getdata(found["household_id"])), found)
        return Read(self, ids, home, tables)


@dataclass(frozen=True)
class Read:
    """Some households, their own columns, and their rows per relation."""

    reader: Reader
    ids: Ids
    home: Table
    tables: Mapping[str, Table]

    def table(self, relation: Relation) -> Table:
        return self.home if relation.label == HOUSEHOLD else self.tables[relation.name]


def _listed(texts: Texts) -> str:
    return "".join(f", {sql} as {name}" for sql, name in texts.columns.items())


def verdict(read: Any) -> Verdict:
    """A nullable boolean column as verdicts."""
    return np.where(np.ma.getmaskarray(read), 0, np.where(np.ma.getdata(read), 1, -1)).astype(np.int8)
