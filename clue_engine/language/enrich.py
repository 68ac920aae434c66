"""Fact tables -> the same tables with computed definitions as columns (``e_<relation>``), level by level.

Comes in: the fact tables of the contract and the definitions that some conditions use. Goes out: temp tables or
views e_household, e_member …, restricted to the households that can be decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import duckdb

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.compile import Compiler, Stats, def_column
from clue_engine.language.compile_values import Pair
from clue_engine.language.vocabulary import HOUSEHOLD, fact_columns
from clue_engine.pack.model import Relation
from clue_engine.workspace import ident, literal

KIN = "fact_kin"
_NEAR_KIN = "e_kin"  # kin in the households that can be decided


@dataclass(frozen=True)
class Rows:
    """Where the rows are: enriched table by relation name, and which relations are loaded at all.

    ``absent``: fields of the vocabulary for which a fact table has no column: unknown in every row.
    """

    tables: Mapping[str, str]
    loaded: Mapping[str, bool]
    absent: tuple[tuple[str, str], ...] = ()


def used_definitions(checked: CheckedPack, bodies: Iterable[t.Bool]) -> list[t.CheckedDefinition]:
    """All computed definitions that the conditions need, also through one another, ordered by level."""
    found: dict[tuple[str, str], t.CheckedDefinition] = {}
    todo = [key for body in bodies for key in mentioned(body)]
    while todo:
        key = todo.pop()
        if key not in found:
            found[key] = checked.definitions[key]
            todo += list(mentioned(found[key].body)) + list(mentioned_value(found[key].value))
    return sorted(found.values(), key=lambda d: (d.level, d.relation.name, d.definition.label))


def mentioned(body: t.Bool | None) -> set[tuple[str, str]]:
    """Computed definitions named in a condition, quantifier bodies included."""
    if body is None:
        return set()
    found: set[tuple[str, str]] = set()
    for node in t.walk(body):
        if isinstance(node, t.DefBool):
            found.add((node.relation.name, node.definition.label))
        elif isinstance(node, t.Quant):
            found |= _mentioned_quant(node)
        else:
            for value in t.atom_values(node) if isinstance(node, t.Test | t.InSet | t.Contains | t.Known) else ():
                found |= mentioned_value(value)
    return found


def mentioned_value(value: t.Value | None) -> set[tuple[str, str]]:
    if value is None:
        return set()
    found = {(r.relation.name, r.definition.label) for r in t.value_refs(value) if isinstance(r, t.DefValue)}
    for quant in t.value_quantifiers(value):
        found |= _mentioned_quant(quant)
    return found


def _mentioned_quant(quant: t.Quant) -> set[tuple[str, str]]:
    return mentioned(quant.body) | mentioned_value(quant.value) | mentioned_value(quant.right)


def coverage(con: duckdb.DuckDBPyConnection, relations: Iterable[Relation]) -> dict[str, bool]:
    """Which relations are loaded: the coverage table says so; without a word there, an existing table counts."""
    tables = {r[0] for r in con.execute("select table_name from duckdb_tables()").fetchall()}
    tables |= {r[0] for r in con.execute("select view_name from duckdb_views()").fetchall()}
    said: dict[str, bool] = {}
    if "coverage" in tables:
        said = {str(k): bool(v) for k, v in con.execute("select relation, loaded from coverage").fetchall()}
    found = {}
    for relation in relations:
        words = [said[w] for w in (relation.name, relation.label, relation.table) if w in said]
        found[relation.name] = relation.table in tables and (words[0] if words else True)
    return found


def enrich(
    con: duckdb.DuckDBPyConnection, checked: CheckedPack, bodies: Iterable[t.Bool], as_of: dt.date,
    base: str | None = None,
) -> Rows:  # fmt: skip
    """Make the e_ tables. ``base``: SQL of the household_ids to keep; None keeps all."""
    loaded = coverage(con, checked.pack.relations)
    tables: dict[str, str] = {}
    absent: list[tuple[str, str]] = []
    for relation in checked.pack.relations:
        tables[relation.name] = ident(f"e_{relation.name}")
        where = f" where household_id in ({base})" if base else ""
        columns, without = _columns(con, relation)
        source = f"from {ident(relation.table)}{where}" if without is not None else "where false"
        absent += [(relation.name, name) for name in without or ()]
        con.execute(f"drop view if exists {tables[relation.name]}")
        con.execute(f"create temp view {tables[relation.name]} as select {columns} {source}")
    rows = Rows(tables, loaded, tuple(absent))
    wanted = used_definitions(checked, bodies)
    if wanted and not _exists(con, KIN):
        con.execute(f"create table {KIN} (household_id bigint, person_id bigint, link varchar, other_person_id bigint)")
    if any(via.startswith("kin:") for via in _links(wanted)):
        where = f" where household_id in ({base})" if base else ""
        con.execute(
            f"create or replace temp table {_NEAR_KIN} as select distinct household_id, person_id, link, "
            f"other_person_id from {KIN}{where}"
        )
    compiler = Compiler(checked.vocabulary, as_of)
    for level in sorted({d.level for d in wanted}):
        made: list[tuple[str, str]] = []
        for relation in checked.pack.relations:
            own = [d for d in wanted if d.level == level and d.relation == relation]
            if own:
                sql = _level_sql(relation, own, rows, compiler)
                stage = ident(f"e_{relation.name}_{level}")
                con.execute(f"create or replace temp table {stage} as {sql}")
                made.append((tables[relation.name], stage))
        for view, stage in made:  # only now: definitions of one level do not see one another
            con.execute(f"create or replace temp view {view} as select * from {stage}")
    return rows


def _links(definitions: Iterable[t.CheckedDefinition]) -> set[str]:
    """The kinds of link that the definitions follow."""
    found: set[str] = set()
    for each in definitions:
        quants = t.quantifiers(each.body) if each.body is not None else []
        quants = [*quants, *(t.value_quantifiers(each.value) if each.value is not None else [])]
        found |= {q.link.via for q in quants if q.link is not None}
    return found


def _exists(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = con.execute(
        "select 1 from duckdb_tables() where table_name = ? union all select 1 from duckdb_views() where view_name = ?",
        [name, name],
    )
    return bool(found.fetchall())


def _columns(con: duckdb.DuckDBPyConnection, relation: Relation) -> tuple[str, list[str] | None]:
    """The columns of a relation with the types of the contract, and those that its table lacks (None: no table)."""
    if not _exists(con, relation.table):
        return ", ".join(f"null::{kind} as {ident(name)}" for name, kind in fact_columns(relation)), None
    have = {r[0]: r[1] for r in con.execute(f"describe {ident(relation.table)}").fetchall()}
    columns, absent = [], []
    for name, kind in fact_columns(relation):
        if name not in have:
            absent.append(name)
            columns.append(f"null::{kind} as {ident(name)}")
        elif have[name].lower() != kind:
            columns.append(f"try_cast({ident(name)} as {kind}) as {ident(name)}")
        else:
            columns.append(ident(name))
    return ", ".join(columns), absent


# -- one level -----------------------------------------------------------------------------------------------------
def _level_sql(relation: Relation, own: list[t.CheckedDefinition], rows: Rows, compiler: Compiler) -> str:
    at_home = relation.label == HOUSEHOLD
    groups: dict[tuple[str, str], _Group] = {}
    row = "h" if at_home else "r"

    def stats(quant: t.Quant, _: bool) -> Stats:
        key = (quant.relation.name, quant.link.name if quant.link else "")
        group = groups.setdefault(key, _Group(relation, quant, f"q{len(groups)}", rows, compiler))
        return group.stats(quant)

    aliases = {"row": row, "household": "h"}
    here = replace(compiler, aliases=aliases, stats=stats)
    columns = []
    for each in own:
        label = each.definition.label
        if each.body is not None:
            columns.append(f"{here.condition(each.body)} as {def_column(label)}")
        elif each.value is not None:
            pair = here.value(each.value)
            columns.append(f"{pair.lo} as {def_column(label, '_lo')}")
            columns.append(f"{pair.hi} as {def_column(label, '_hi')}")
    source = f"{rows.tables[relation.name]} {row}"
    if not at_home:
        home = next(v for k, v in rows.tables.items() if k == compiler.vocabulary.household.name)
        source += f" left join {home} h on h.household_id = r.household_id"
    joins = "".join(f" left join ({g.sql()}) {g.alias} on {g.alias}.row_id = {row}.row_id" for g in groups.values())
    return f"select {row}.*, {', '.join(columns)} from {source}{joins}"


class _Group:
    """All aggregates of one level over one relation along one link, computed in one join."""

    def __init__(self, outer: Relation, quant: t.Quant, alias: str, rows: Rows, compiler: Compiler):
        self.outer, self.target, self.link, self.alias = outer, quant.relation, quant.link, alias
        self.rows, self.compiler = rows, compiler
        self.columns: list[str] = []
        self.seen: dict[str, Stats] = {}

    def stats(self, quant: t.Quant) -> Stats:
        o = "h" if self.outer.label == HOUSEHOLD else "o"
        inner = replace(self.compiler, aliases={"row": "r", "household": "h", "outer": o})
        body = "true" if quant.body is None else inner.condition(quant.body)
        pair = inner.value(quant.value) if quant.value is not None else None
        if isinstance(quant.value, t.FieldRef) and (senseless := inner.not_applicable(quant.value)):
            body = f"({body} and not coalesce({senseless}, false))"
        key = f"{quant.kind if pair else ''}|{body}|{pair}"
        if key not in self.seen:
            self.seen[key] = self._add(quant.kind, body, pair, len(self.seen))
        return self.seen[key]

    def _add(self, kind: str, body: str, pair: Pair | None, n: int) -> Stats:
        sure = f"(coalesce({body}, false) and coalesce(r.certain and {self._surely()}, false))"
        maybe = f"(({body}) is not false)"
        self.columns += [f"count(*) filter (where {sure}) as c{n}", f"count(*) filter (where {maybe}) as p{n}"]
        certain = f"coalesce({self.alias}.c{n}, 0)::double"
        possible = f"(coalesce({self.alias}.p{n}, 0) + {self._extra()})::double"
        if pair is None:
            return Stats(certain, possible)
        low, high = aggregate(kind, sure, maybe, pair)
        self.columns += [f"{low} as lo{n}", f"{high} as hi{n}"]
        a = self.alias
        if kind == "sum":
            empty = f"case when {a}.row_id is null then 0 else "
            value = Pair(f"({empty}{a}.lo{n} end)", f"(case when {self._extra()} = 0 then {empty}{a}.hi{n} end end)")
        elif kind == "max":
            value = Pair(f"{a}.lo{n}", f"(case when {self._extra()} = 0 then {a}.hi{n} end)")
        else:
            value = Pair(f"(case when {self._extra()} = 0 then {a}.lo{n} end)", f"{a}.hi{n}")
        return Stats(certain, possible, value)

    def _surely(self) -> str:
        """Beyond the join: whether the row certainly belongs to the link."""
        if self.link is not None and self.link.via == "household_others":
            return "r.person_id <> o.person_id"
        return "true"

    def _extra(self) -> str:
        """SQL of how many rows nobody has identified (NULL = no limit), seen from the outer row."""
        if not self.rows.loaded[self.target.name]:
            return "null"
        if self.link is None:
            return "0"
        row = "h" if self.outer.label == HOUSEHOLD else "r"
        key = "event_id" if self.link.via == "event" else "person_id"
        missing = "case when " + f"{row}.{key} is null then null"
        if self.link.via.startswith("kin:") and self.link.open:
            if self.link.most is None:
                return "null"
            known = (
                f"(select count(distinct k.other_person_id) from {_NEAR_KIN} k"
                f" where k.household_id = {row}.household_id and k.person_id = {row}.person_id"
                f" and k.link = {literal(self.link.via[4:])})"
            )
            return f"({missing} else greatest({self.link.most} - {known}, 0) end)"
        if self.link.open:
            return "null"
        return f"({missing} else 0 end)"

    def sql(self) -> str:
        home = self.rows.tables[self.compiler.vocabulary.household.name]
        target = self.rows.tables[self.target.name]
        columns = ", ".join(self.columns)
        if self.outer.label == HOUSEHOLD:
            source = f"{home} h join {target} r on r.household_id = h.household_id"
            return f"select h.row_id, {columns} from {source} group by h.row_id"
        outer = self.rows.tables[self.outer.name]
        source = f"{outer} o left join {home} h on h.household_id = o.household_id"
        return f"select o.row_id, {columns} from {source} {self._join(target)} group by o.row_id"

    def _join(self, target: str) -> str:
        same = "r.household_id = o.household_id"
        via = self.link.via if self.link else ""
        if via == "person":
            return f"join {target} r on {same} and r.person_id = o.person_id"
        if via == "household_others":
            itself = " and r.row_id <> o.row_id" if self.target == self.outer else ""
            others = "(r.person_id <> o.person_id or r.person_id is null or o.person_id is null)"
            return f"join {target} r on {same} and {others}{itself}"
        if via == "event":
            return f"join {target} r on r.event_id = o.event_id"
        if via.startswith("kin:"):
            kin = f"(select household_id, person_id, other_person_id from {_NEAR_KIN} where link = {literal(via[4:])})"
            return (
                f"join {kin} k on k.household_id = o.household_id and k.person_id = o.person_id"
                f" join {target} r on {same} and r.person_id = k.other_person_id"
            )
        return f"join {target} r on {same}"


def aggregate(kind: str, sure: str, maybe: str, pair: Pair) -> tuple[str, str]:
    """SQL of the smallest and largest possible sum, min or max. Unknown amounts count as 0 or more, never less."""
    lo, hi = pair.lo, pair.hi
    unbounded_hi = f"bool_or({maybe} and {hi} is null)"
    if kind == "sum":
        low = f"sum(case when {sure} then coalesce({lo}, 0) when {maybe} then least(coalesce({lo}, 0), 0) end)"
        high = f"sum(case when {sure} then {hi} when {maybe} then greatest({hi}, 0) end)"
        return f"coalesce({low}, 0)", f"case when {unbounded_hi} then null else coalesce({high}, 0) end"
    if kind == "max":
        high = f"case when {unbounded_hi} then null else max(case when {maybe} then {hi} end) end"
        return f"max(case when {sure} then {lo} end)", high
    low = f"case when bool_or({maybe} and {lo} is null) then null else min(case when {maybe} then {lo} end) end"
    return low, f"min(case when {sure} then {hi} end)"
