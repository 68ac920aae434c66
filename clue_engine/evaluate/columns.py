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
from clue_engine.language.enrich import Rows
from clue_engine.pack.model import Relation

Verdict = npt.NDArray[np.int8]  # 1 true, 0 not known, -1 false
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]  # nan: not known


@dataclass(frozen=True)
class Test:
    """The columns of one test: its verdict, whether its parameters have values, per fact whether it is not known."""

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
            facts = tuple(self.vague(ref) for ref in t.atom_refs(atom))
            complete = self.column(self.compiler.complete(parameters_of(atom)))
            self.tests[id(atom)] = Test(self.column(self.compiler.atom(atom)), complete, facts)
        return self.tests[id(atom)]

    def vague(self, ref: t.FieldRef | t.DefValue) -> str:
        """The column that says that a fact is not known exactly."""
        pair = self.compiler.value(ref)
        if pair.point:
            return self.column(f"{pair.lo} is null")
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
    """Rows as arrays. ``home``: the place of a row's household among the households; ``alive``: per direction."""

    def __init__(self, home: npt.NDArray[np.int64], certain: Mask, alive: Mapping[str, Mask], read: Mapping[str, Any]):
        self.home, self.certain, self.alive, self._read = home, certain, alive, read
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

    def read(
        self, con: duckdb.DuckDBPyConnection, chosen: str, dead: Mapping[str, Mapping[str, str]]
    ) -> tuple[npt.NDArray[np.int64], Table, dict[str, Table]]:
        """The ids of the households, their own columns, and their rows per relation.

        ``chosen``: SQL of household_ids. ``dead``: relation -> direction -> SQL of row_ids that holds take out.
        """
        found = con.execute(
            f"select h.household_id{_listed(self.household)} from {self.home} h "
            f"where h.household_id in ({chosen}) order by h.household_id"
        ).fetchnumpy()
        ids = np.ma.getdata(found["household_id"])
        home = Table(np.arange(len(ids)), np.ones(len(ids), bool), {}, found)
        tables = {}
        for name, texts in self.relations.items():
            holds = {direction: sql for direction, sql in dead.get(name, {}).items() if sql}
            gone = "".join(f", r.row_id in ({sql}) as gone{n}" for n, sql in enumerate(holds.values()))
            found = con.execute(
                f"select r.household_id, r.certain{gone}{_listed(texts)} from {self.rows.tables[name]} r "
                f"left join {self.home} h on h.household_id = r.household_id where r.household_id in ({chosen})"
            ).fetchnumpy()
            alive = {direction: verdict(found[f"gone{n}"]) < 1 for n, direction in enumerate(holds)}
            places = np.searchsorted(ids, np.ma.getdata(found["household_id"]))
            tables[name] = Table(places, verdict(found["certain"]) == 1, alive, found)
        return ids, home, tables


def _listed(texts: Texts) -> str:
    return "".join(f", {sql} as {name}" for sql, name in texts.columns.items())


def verdict(read: Any) -> Verdict:
    """A nullable boolean column as verdicts."""
    return np.where(np.ma.getmaskarray(read), 0, np.where(np.ma.getdata(read), 1, -1)).astype(np.int8)
