"""Missing facts: for each unknown outcome, which facts are missing, and which of them alone would make it a hit.

The walk of language.missing, over many households at once: a test counts where it and everything above it is unknown.
``decides``: with the missing tests of that fact taken as true, or as false, the rule is a hit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import duckdb
import numpy as np

from clue_engine.evaluate.columns import Mask, Reader, Texts
from clue_engine.evaluate.holds import removed_sql
from clue_engine.evaluate.verdicts import Known, Verdicts
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedRule
from clue_engine.language.compile import Compiler
from clue_engine.language.enrich import Rows
from clue_engine.language.missing import Key, in_history
from clue_engine.language.opened import opened

# Households read at a time: some 100 bytes each per row of theirs.
AT_ONCE = 100_000


def write_missing(
    con: duckdb.DuckDBPyConnection, compiler: Compiler, rows: Rows, home: str, rules: list[CheckedRule],
    holds: list[CheckedHold],
) -> None:  # fmt: skip
    """Fill missing_fact for the unknown outcomes in hit."""
    found = con.execute("select rule_id, household_id from hit where outcome = 2 order by household_id").fetchnumpy()
    unknown = {rule_id: found["household_id"][found["rule_id"] == rule_id] for rule_id in set(found["rule_id"])}
    bodies = {r.rule.id: opened(r.when, compiler.vocabulary) for r in rules if r.rule.id in unknown}
    reader = Reader(compiler, rows, home)
    for body in bodies.values():
        reader.register(body)
    directions = {r.rule.id: r.rule.direction for r in rules}
    dead = {name: {d: removed_sql(holds, d, name) for d in set(directions.values())} for name in reader.relations}
    ids = np.unique(found["household_id"])
    for first in range(0, len(ids), AT_ONCE):
        low, high = ids[first], ids[min(first + AT_ONCE, len(ids)) - 1]
        chosen = f"select household_id from hit where outcome = 2 and household_id between {low} and {high}"
        here, own, tables = reader.read(con, chosen, dead)
        for rule_id, body in bodies.items():
            walk = _Walk(Verdicts(reader, here, own, tables, directions[rule_id]))
            walk.household(body, True, np.isin(here, unknown[rule_id], assume_unique=True))
            _insert(con, rule_id, walk, body)


def _insert(con: duckdb.DuckDBPyConnection, rule_id: str, walk: _Walk, body: t.Bool) -> None:
    keys = list(walk.found)
    if not keys:
        return
    lines = [np.flatnonzero(walk.found[key]) for key in keys]
    columns = {
        "household_id": walk.verdicts.ids[np.concatenate(lines)],
        "key": np.repeat(np.arange(1, len(keys) + 1), [len(own) for own in lines]),
        "decides": np.concatenate([walk.decides(body, key)[own] for key, own in zip(keys, lines, strict=True)]),
    }
    con.register("missing_found", columns)
    con.execute(
        "insert into missing_fact select household_id, $1, $2[key], $3[key], decides from missing_found",
        [rule_id, [relation for relation, _ in keys], [name for _, name in keys]],
    )
    con.unregister("missing_found")


@dataclass
class _Walk:
    """Collects, per missing fact, the households where it is missing. ``open``: where all above is unknown."""

    verdicts: Verdicts
    found: dict[Key, Mask] = field(default_factory=dict)

    def add(self, key: Key, where: Mask) -> None:
        if where.any():
            self.found[key] = self.found[key] | where if key in self.found else where

    def household(self, body: t.Bool, positive: bool, above: Mask) -> None:
        here = above & (self.verdicts.condition(body, positive) == 0)
        if not here.any():
            return
        match body:
            case t.Not(inner):
                self.household(inner, not positive, here)
            case t.TwoSided(yes, no):
                self.household(yes, positive, here)
                self.household(no, not positive, here)
            case t.And() | t.Or() | t.Named():
                for part in t.children(body):
                    self.household(part, positive, here)
            case t.Quant():
                self.quantifier(body, positive, here)
            case _:
                for key, column in _facts(self.verdicts.reader.household, body):
                    self.add(key, here & self.verdicts.home.true(column))

    def quantifier(self, quant: t.Quant, positive: bool, here: Mask) -> None:
        verdicts, name = self.verdicts, quant.relation.name
        table, at = verdicts.tables[name], verdicts.reader.texts(quant.relation)
        if not verdicts.reader.rows.loaded[name]:
            self.add((name, None), here)
        rows = verdicts.visible(quant, positive) & (verdicts.in_set(quant) >= 0) & here[table.home]

        def add(key: Key, where: Mask) -> None:
            self.add(key, verdicts.count(quant, where) > 0)

        add((name, None), rows & ~table.certain)
        if quant.body is not None:
            for key, where in self.row_facts(quant, quant.body, rows):
                add(key, where)
        if isinstance(quant.value, t.FieldRef | t.DefValue):
            add(t.fact_key(quant.value), rows & table.true(at.vague(quant.value)))
        for ref in t.value_refs(quant.right) if quant.right is not None else []:
            self.add(t.fact_key(ref), here & verdicts.home.true(verdicts.reader.household.vague(ref)))

    def row_facts(self, quant: t.Quant, body: t.Bool, above: Mask) -> Iterator[tuple[Key, Mask]]:
        """(fact, rows) for every test of a condition on one row."""
        here = above & (self.verdicts.on_rows(quant, body) == 0)
        if not here.any():
            return
        if not isinstance(body, t.Atom):
            for part in t.children(body):
                yield from self.row_facts(quant, part, here)
            return
        table = self.verdicts.tables[quant.relation.name]
        for key, column in _facts(self.verdicts.reader.texts(quant.relation), body):
            yield key, here & table.true(column)

    def decides(self, body: t.Bool, key: Key) -> Mask:
        """Where knowing this fact alone makes a hit."""
        values = (True,) if key[1] is None else (True, False)
        found = np.zeros(len(self.verdicts.ids), bool)
        for value in values:
            found |= self.verdicts.condition(body, known=Known(key, value)) == 1
        return found


def _facts(at: Texts, atom: t.Atom) -> list[tuple[Key, str]]:
    """The facts of one test, each with the column that says where it is not known exactly."""
    if isinstance(atom, t.DefBool):
        return [(t.fact_key(atom), "true")]
    columns = zip(t.atom_refs(atom), at.test(atom).vague, strict=True)
    # How a field stood at another time is not known from its column.
    return [(t.fact_key(ref), "true" if in_history(atom, ref) else column) for ref, column in columns]
