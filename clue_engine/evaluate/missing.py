"""Missing facts: for each unknown outcome, which facts are missing, and which of them alone would make it a hit.

The walk of language.missing as SQL over the unknown households of one rule: an atom counts where it and everything
above it is unknown. ``decides``: with the missing tests of that fact taken as true, or as false, the rule is a hit.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import duckdb

from clue_engine.evaluate.holds import removed_sql
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedRule
from clue_engine.language.compile import Compiler
from clue_engine.language.enrich import Rows
from clue_engine.language.facts import WORD, Planner, facts_sql, folded, row_table
from clue_engine.language.missing import Key, in_history
from clue_engine.language.opened import opened
from clue_engine.workspace import ident, literal


def write_missing(
    con: duckdb.DuckDBPyConnection, compiler: Compiler, rows: Rows, home: str, rules: list[CheckedRule],
    holds: list[CheckedHold],
) -> None:  # fmt: skip
    """Fill missing_fact for the unknown outcomes in hit, rule by rule."""
    known = _known(con, compiler, rows, rules)
    for rule in rules:
        unknown = f"select household_id from hit where rule_id = {literal(rule.rule.id)} and outcome = 2"
        if not con.execute(f"select 1 from ({unknown}) limit 1").fetchall():
            continue
        body = opened(rule.when, compiler.vocabulary)
        walk = _Walk(Planner(compiler, rows, columns={}), known[rule.rule.id])
        walk.household(body, True, [])
        if not walk.found:
            continue
        columns = []
        for n, (key, where) in enumerate(walk.found.items()):
            columns.append(f"({' or '.join(where)}) as o{n}")
            columns.append(f"({' or '.join(walk.decided(body, key))}) as d{n}")
        _missing_here(con, walk, columns, home, unknown, rule.rule.direction, holds)
        for n, (relation, name_of) in enumerate(walk.found):
            con.execute(
                f"insert into missing_fact select household_id, {literal(rule.rule.id)}, {literal(relation)}, "
                f"{literal(name_of)}, coalesce(d{n}, false) from missing_here where o{n} order by household_id"
            )


def _known(
    con: duckdb.DuckDBPyConnection, compiler: Compiler, rows: Rows, rules: list[CheckedRule]
) -> dict[str, frozenset[Key]]:
    """Per rule the facts that every household in doubt has exactly: what cannot be missing needs no test.

    Most fields are filled where a rule is in doubt; each one left out spares the text of two whole conditions.
    """
    known: dict[str, set[Key]] = {rule.rule.id: set() for rule in rules}
    for relation in compiler.vocabulary.pack.relations:
        table = rows.tables.get(relation.name)
        if table is None or not rows.loaded[relation.name]:
            continue
        keys: list[Key] = [
            (relation.name, f.name) for f in relation.fields if (relation.name, f.name) not in rows.absent
        ]
        tests = [
            f"bool_or(r.{ident(f.name + '_lo')} is null or r.{ident(f.name + '_hi')} is null "
            f"or r.{ident(f.name + '_lo')} <> r.{ident(f.name + '_hi')})"
            if f.interval
            else f"bool_or(r.{ident(f.name)} is null)"
            for f in relation.fields
            if (relation.name, f.name) not in rows.absent
        ]
        keys.append((relation.name, None))
        tests.append("bool_or(not coalesce(r.certain, false))")
        found = con.execute(
            f"select u.rule_id, {', '.join(tests)} from hit u join {table} r on r.household_id = u.household_id "
            "where u.outcome = 2 group by u.rule_id"
        ).fetchall()
        for rule_id, *vague in found:
            if rule_id in known:
                known[rule_id] |= {key for key, here in zip(keys, vague, strict=True) if not here}
    return {rule_id: frozenset(keys) for rule_id, keys in known.items()}


def _missing_here(
    con: duckdb.DuckDBPyConnection, walk: _Walk, columns: list[str], home: str, unknown: str, direction: str,
    holds: list[CheckedHold],
) -> None:  # fmt: skip
    """Table missing_here: per unknown household, for fact n, o<n> whether it is missing and d<n> whether it decides.

    Each test is computed once, into a table of its own: written into every combination, the text would explode
    (measured: minutes of planning for one rule).
    """
    folds = []
    for tests in walk.planner.relations.values():
        name = tests.relation.name
        source = walk.planner.row_source(tests.relation, home)
        con.execute(
            f"create or replace temp table ma_{name} as select * from {source} r where household_id in ({unknown})"
        )
        row_table(con, tests, walk.with_steps(name, f"ma_{name}"), home, f"mt_{name}")
        dead = removed_sql(holds, direction, name)
        folds.append(folded(tests, f"mt_{name}", "ase", dead))
    own = (walk.planner.columns or {}).get("household", {})
    atoms = ", ".join(["h.*", *(f"{sql} as {name}" for sql, name in own.items())])
    con.execute(
        f"create or replace temp table missing_facts as select {atoms} from ({facts_sql(folds, home, unknown)}) h"
    )
    con.execute(
        f"create or replace temp table missing_here as select h.household_id, {', '.join(columns)} from missing_facts h"
    )


@dataclass
class _Walk:
    """Collects, per missing fact, SQL tests on a facts table (alias h) that say where it is missing."""

    planner: Planner
    known: frozenset[Key] = frozenset()
    found: dict[Key, list[str]] = field(default_factory=dict)
    steps: dict[str, dict[str, str]] = field(default_factory=dict)  # per relation, on a row: SQL -> its column

    def step(self, relation: str, sql: str) -> str:
        """A column for a test on a row that stands above many facts: its text is written once."""
        own = self.steps.setdefault(relation, {})
        return f"r.{own.setdefault(sql, f's{len(own)}')}"

    def with_steps(self, relation: str, table: str) -> str:
        """SQL of a table of rows with these columns."""
        own = self.steps.get(relation, {})
        return f"(select r.*{''.join(f', {sql} as {name}' for sql, name in own.items())} from {table} r)"

    def add(self, key: Key, tests: list[str]) -> None:
        own = self.found.setdefault(key, [])
        sql = "(" + " and ".join(tests) + ")"
        if sql not in own:
            own.append(sql)

    def household(self, body: t.Bool, positive: bool, path: list[str]) -> None:
        here = self.planner.compiler_for("s")
        path = [*path, f"{here.condition(body, positive)} is null"]
        if isinstance(body, t.Not):
            self.household(body.body, not positive, path)
        elif isinstance(body, t.TwoSided):
            self.household(body.yes, positive, path)
            self.household(body.no, not positive, path)
        elif isinstance(body, t.And | t.Or | t.Named):
            for part in t.children(body):
                self.household(part, positive, path)
        elif isinstance(body, t.Quant):
            self.quantifier(body, positive, path)
        else:
            for key, sql in self.in_doubt(vague_facts(here, body)):
                self.add(key, [*path, sql])

    def quantifier(self, quant: t.Quant, positive: bool, path: list[str]) -> None:
        name = quant.relation.name
        variant = "s" if quant.rising == positive else "a"
        if not self.planner.rows.loaded[name]:
            self.add((name, None), path)
        on_row = self.planner.row_compiler(quant.relation)
        in_set = self.step(name, f"{self.planner.quantifier_sql(quant)} is not false")
        if (name, None) not in self.known:
            self.add((name, None), [*path, self._some_row(quant, f"({in_set} and not r.certain)", variant)])
        for key, sql in self.row_facts(name, on_row, quant.body, []) if quant.body is not None else []:
            test = f"({in_set} and {sql})"
            self.add(key, [*path, self._some_row(quant, test, variant)])
        for value in [quant.value] if isinstance(quant.value, t.FieldRef | t.DefValue) else []:
            if t.fact_key(value) in self.known:
                continue
            test = f"({in_set} and {_vague(on_row, value)})"
            self.add(t.fact_key(value), [*path, self._some_row(quant, test, variant)])
        here = self.planner.compiler_for("s")
        for ref in t.value_refs(quant.right) if quant.right is not None else []:
            self.add(t.fact_key(ref), [*path, _vague(here, ref)])

    def row_facts(self, name: str, compiler: Compiler, body: t.Bool, path: list[str]) -> list[tuple[Key, str]]:
        """(fact, SQL on a row) for every test of a condition on one row, with everything above it unknown."""
        path = [*path, self.step(name, f"{compiler.condition(body)} is null")]
        if isinstance(body, t.And | t.Or | t.Named | t.Not | t.TwoSided):
            return [found for part in t.children(body) for found in self.row_facts(name, compiler, part, path)]
        if isinstance(body, t.Quant):
            return []
        return [(key, " and ".join([*path, sql])) for key, sql in self.in_doubt(vague_facts(compiler, body))]

    def in_doubt(self, facts: list[tuple[Key, str]]) -> list[tuple[Key, str]]:
        """Without the facts that nobody lacks; how a field stood at another time is not known from its column."""
        return [(key, sql) for key, sql in facts if sql == "true" or key not in self.known]

    def _some_row(self, quant: t.Quant, test: str, variant: str) -> str:
        """SQL over the facts: some visible row passes the test."""
        bit = self.planner.tests(quant.relation).bit(f"coalesce({test}, false)")
        column = ident(f"{quant.relation.name}·{variant}p{bit // WORD}")
        return f"(h.{column} & {1 << bit % WORD}::ubigint) <> 0"

    def decided(self, body: t.Bool, key: Key) -> list[str]:
        """SQL tests of which one is true when knowing ``key`` alone makes a hit."""
        if key[1] is None:  # the row itself: were it certain, were it loaded
            sure = replace(self.planner, surely=key[0])
            return [f"{sure.condition(body, 's')} is true"]
        compiler = self.planner.compiler
        tests = []
        for value in (True, False):
            assuming = replace(self.planner, compiler=replace(compiler, assume={(key[0], key[1]): value}))
            tests.append(f"{assuming.condition(body, 's')} is true")
        return tests


def vague_facts(compiler: Compiler, atom: t.Atom) -> list[tuple[Key, str]]:
    """The facts of one test, each with the SQL that it is not known exactly."""
    if isinstance(atom, t.DefBool):
        return [(t.fact_key(atom), "true")]
    found: list[tuple[Key, str]] = []
    for ref in t.atom_refs(atom):
        found.append((t.fact_key(ref), "true" if in_history(atom, ref) else _vague(compiler, ref)))
    return found


def _vague(compiler: Compiler, ref: t.FieldRef | t.DefValue) -> str:
    pair = compiler.value(ref)
    if pair.point:
        return f"({pair.lo} is null)"
    return f"({pair.lo} is null or {pair.hi} is null or {pair.lo} <> {pair.hi})"
