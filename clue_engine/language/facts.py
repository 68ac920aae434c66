"""Conditions of many rules -> one scan per relation and one table of facts (compile plan, §6).

``Planner`` hands out a bit for every distinct row test of a quantifier; ``row_table`` evaluates all tests of a relation
in one scan (two bits each: certainly, possibly), ``facts_sql`` folds them to the household. For few rows, without
holds, and for people to read: tests of rules, near misses, ``rules show --sql``. The scan of a run is in ``evaluate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import duckdb

from clue_engine.language import types as t
from clue_engine.language.along_links import aggregate
from clue_engine.language.compile import Compiler, Stats
from clue_engine.language.compile_values import Pair
from clue_engine.language.rows import Rows
from clue_engine.pack.model import Relation
from clue_engine.workspace import ident

WORD = 63


@dataclass
class RowTests:
    """The row tests of one relation: SQL text -> bit; values that are summed or compared: SQL -> number."""

    relation: Relation
    bits: dict[str, int] = field(default_factory=dict)
    values: dict[tuple[str, str], int] = field(default_factory=dict)
    counts: set[int] = field(default_factory=set)
    aggregates: set[tuple[str, int, int]] = field(default_factory=set)  # kind, bit, value

    def bit(self, sql: str) -> int:
        return self.bits.setdefault(sql, len(self.bits))

    @property
    def words(self) -> int:
        return (len(self.bits) + WORD - 1) // WORD


@dataclass
class Planner:
    """Compiles conditions of households and collects what their quantifiers need."""

    compiler: Compiler
    rows: Rows
    relations: dict[str, RowTests] = field(default_factory=dict)
    # Tests as columns (see Compiler.columns), for the household and per relation; None: tests in place.
    columns: dict[str, dict[str, str]] | None = None

    def condition(self, body: t.Bool) -> str:
        """SQL of a rule over a facts table aliased h, whose columns its quantifiers read."""
        own = self._own("household")
        compiler = replace(self.compiler, aliases={"household": "h"}, stats=self.stats, columns=own, host="h")
        return compiler.condition(body)

    def _own(self, name: str) -> dict[str, str] | None:
        return None if self.columns is None else self.columns.setdefault(name, {})

    def row_compiler(self, relation: Relation) -> Compiler:
        """A compiler for tests on one row (alias r, its household h)."""
        return replace(self.compiler, aliases=_ROW, columns=self._own(f"row {relation.name}"), host="r")

    def row_source(self, relation: Relation, home: str) -> str:
        """SQL of a relation's rows with the tests that became columns."""
        table, own = self.rows.tables[relation.name], self._own(f"row {relation.name}")
        if not own:
            return table
        columns = ", ".join(f"{sql} as {name}" for sql, name in own.items())
        return f"(select r.*, {columns} from {table} r left join {home} h on h.household_id = r.household_id)"

    def tests(self, relation: Relation) -> RowTests:
        return self.relations.setdefault(relation.name, RowTests(relation))

    def row_test(self, relation: Relation, body: t.Bool | None) -> str:
        return "true" if body is None else self.row_compiler(relation).condition(body)

    def quantifier_bit(self, quant: t.Quant) -> int:
        """The bit of a quantifier's row test."""
        return self.tests(quant.relation).bit(self.quantifier_sql(quant))

    def quantifier_sql(self, quant: t.Quant) -> str:
        """SQL on a row: whether it is in the quantifier's set."""
        sql = self.row_test(quant.relation, quant.body)
        if isinstance(quant.value, t.FieldRef):
            senseless = replace(self.compiler, aliases=_ROW).not_applicable(quant.value)
            if senseless:
                sql = f"({sql} and not coalesce({senseless}, false))"
        return sql

    def stats(self, quant: t.Quant, _: bool) -> Stats:
        tests, bit = self.tests(quant.relation), self.quantifier_bit(quant)
        name = quant.relation.name
        loaded = self.rows.loaded[name]
        if quant.kind == "count":
            tests.counts.add(bit)
            certain, possible = (f"h.{ident(f'{name}·{n}{bit}')}" for n in "nx")
            return Stats(f"{certain}::double", f"{possible}::double" if loaded else "null::double")
        word, mask = divmod(bit, WORD)
        certain = f"(h.{ident(f'{name}·c{word}')} & {1 << mask}::ubigint)"
        possible = f"(h.{ident(f'{name}·p{word}')} & {1 << mask}::ubigint)"
        if not loaded:
            possible = "null::double"
        if quant.value is None:
            return Stats(certain, possible)
        pair = replace(self.compiler, aliases=_ROW).value(quant.value)
        number = tests.values.setdefault((pair.lo, pair.hi), len(tests.values))
        tests.aggregates.add((quant.kind, bit, number))
        low, high = (f"h.{ident(f'{name}·{quant.kind}{bit}_{number}_{s}')}" for s in ("lo", "hi"))
        if not loaded:
            kind = "date" if quant.value.type.kind == "date" else "double"
            low, high = (
                (f"null::{kind}" if quant.kind == "min" else low),
                (high if quant.kind == "min" else f"null::{kind}"),
            )
        return Stats(certain, possible, Pair(low, high))


_ROW: Mapping[str, str] = {"row": "r", "household": "h", "outer": "o"}


def row_table(
    con: duckdb.DuckDBPyConnection, tests: RowTests, rows: str, home: str, name: str, where: str = ""
) -> None:
    """Evaluate all tests of a relation, one scan: words t0… (true) and u0… (not false), values v0_lo …"""
    tests_sql = [f"{sql} as b{bit}" for sql, bit in tests.bits.items()]
    for (low, high), number in tests.values.items():
        tests_sql += [f"{low} as v{number}_lo", f"{high} as v{number}_hi"]
    columns = ["household_id", "row_id", "coalesce(certain, false) as certain"]
    for word in range(tests.words):
        own = [(bit, bit % WORD) for bit in tests.bits.values() if bit // WORD == word]
        for prefix, verdict in (("t", "is true"), ("u", "is not false")):
            # CASE … ELSE 0: one NULL would swallow the whole mask.
            bits = " | ".join(f"(case when b{b} {verdict} then {1 << n}::ubigint else 0::ubigint end)" for b, n in own)
            columns.append(f"{bits} as {prefix}{word}")
    for number in tests.values.values():
        columns += [f"v{number}_lo", f"v{number}_hi"]
    # Each test stands once, in the inner select: planning costs grow with the length of the text.
    inner = ", ".join(["r.household_id", "r.row_id", "r.certain", *tests_sql])
    source = f"(select {inner} from {rows} r left join {home} h on h.household_id = r.household_id {where})"
    con.execute(f"create or replace temp table {name} as select {', '.join(columns)} from {source}")


def folded(tests: RowTests, table: str) -> tuple[str, list[str]]:
    """SQL that folds a row table to households, and the names of its columns."""
    name, columns, names = tests.relation.name, [], []

    def add(sql: str, column: str) -> None:
        names.append(f"{name}·{column}")
        columns.append(f"{sql} as {ident(f'{name}·{column}')}")

    def masks(bit: int) -> list[str]:
        """SQL on a row: the test is certainly, possibly met."""
        return [f"({p}{bit // WORD} & {1 << bit % WORD}::ubigint) <> 0" for p in "tu"]

    for word in range(tests.words):
        add(f"bit_or(case when certain then t{word} else 0::ubigint end)", f"c{word}")
        add(f"bit_or(u{word})", f"p{word}")
    for bit in sorted(tests.counts):
        true, maybe = masks(bit)
        add(f"count(*) filter (where certain and {true})", f"n{bit}")
        add(f"count(*) filter (where {maybe})", f"x{bit}")
    for kind, bit, number in sorted(tests.aggregates):
        true, maybe = masks(bit)
        pair = Pair(f"v{number}_lo", f"v{number}_hi")
        low, high = aggregate(kind, f"(certain and {true})", f"({maybe})", pair)
        add(low, f"{kind}{bit}_{number}_lo")
        add(high, f"{kind}{bit}_{number}_hi")
    return f"select household_id, {', '.join(columns)} from {table} group by household_id", names


def facts_sql(folds: list[tuple[str, list[str]]], home: str, base: str | None) -> str:
    """SQL of the facts table: the household's own columns beside the folded rows; households without rows have 0."""
    columns, joins = ["h.*"], ""
    for i, (sql, names) in enumerate(folds):
        for name in names:
            column = ident(name)
            # The numbers of no rows are 0; lo and hi of nothing are 0 for a sum and NULL for min and max.
            zero = name.split("·")[1][:3] not in ("min", "max")
            value = f"case when g{i}.household_id is null then 0 else g{i}.{column} end" if zero else f"g{i}.{column}"
            columns.append(f"{value} as {column}")
        joins += f" left join ({sql}) g{i} on g{i}.household_id = h.household_id"
    where = f" where h.household_id in ({base})" if base else ""
    return f"select {', '.join(columns)} from {home} h{joins}{where}"
