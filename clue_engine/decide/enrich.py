"""Fact tables -> the same tables with computed definitions as columns (``e_<relation>``), level by level.

Comes in: the fact tables of the contract and the definitions that some conditions use. Goes out: temp tables or
views e_household, e_member …, restricted to the households that can be decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Set

import duckdb

from clue_engine.decide.definitions import make_level
from clue_engine.decide.rows import NEAR_KIN, Rows, household_ids
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, CheckedRule
from clue_engine.language.compile import Compiler
from clue_engine.language.reads import used_definitions, used_fields
from clue_engine.language.vocabulary import fact_columns
from clue_engine.pack.model import Relation
from clue_engine.workspace import ident

KIN = "fact_kin"
KEYS = ("household_id", "row_id", "certain", "person_id", "event_id")


def coverage(con: duckdb.DuckDBPyConnection, relations: Iterable[Relation]) -> dict[str, bool]:
    """Which relations are loaded: the coverage table says so; without a word there, an existing table counts."""
    tables = _names(con)
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
    base: str | None = None, few: bool = False,
) -> Rows:  # fmt: skip
    """Make the e_ tables, with the columns that the conditions read.

    ``base``: SQL of the household_ids to keep; None keeps all. ``few``: so few that their rows are better copied.
    """
    bodies = list(bodies)
    wanted = used_definitions(checked, bodies)
    read = used_fields(checked, bodies, wanted)
    if region := checked.vocabulary.region_field():
        read.add((checked.vocabulary.household.name, region.name))
    loaded, names = coverage(con, checked.pack.relations), _names(con)
    tables: dict[str, str] = {}
    absent: list[tuple[str, str]] = []
    for relation in checked.pack.relations:
        tables[relation.name] = ident(f"e_{relation.name}")
        where = f" where household_id in ({base})" if base else ""
        columns, without = _columns(con, relation, relation.table in names, read)
        source = f"from {ident(relation.table)}{where}" if without is not None else "where false"
        absent += [(relation.name, name) for name in without or ()]
        con.execute(f"drop view if exists {tables[relation.name]}")
        if few:
            con.execute(f"create or replace temp table e_{relation.name}_0 as select {columns} {source}")
            columns, source = "*", f"from e_{relation.name}_0"
        con.execute(f"create temp view {tables[relation.name]} as select {columns} {source}")
    households = household_ids(con, tables[checked.vocabulary.household.name])
    rows = Rows(tables, loaded, households, tuple(absent))
    if wanted and KIN not in names:
        con.execute(
            f"create temp table {KIN} (household_id bigint, person_id bigint, link varchar, other_person_id bigint)"
        )
    if any(via.startswith("kin:") for via in _links(wanted)):
        where = f" where household_id in ({base})" if base else ""
        con.execute(
            f"create or replace temp table {NEAR_KIN} as select distinct household_id, person_id, link, "
            f"other_person_id from {KIN}{where}"
        )
    compiler = Compiler(checked.vocabulary, as_of)
    for level in sorted({d.level for d in wanted}):
        made: list[tuple[str, str]] = []
        for relation in checked.pack.relations:
            own = [d for d in wanted if d.level == level and d.relation == relation]
            if own:
                stage = f"e_{relation.name}_{level}"
                make_level(con, relation, own, rows, compiler, stage)
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


def _names(con: duckdb.DuckDBPyConnection) -> set[str]:
    """All tables and views."""
    found = con.execute("select table_name from duckdb_tables() union all select view_name from duckdb_views()")
    return {name for (name,) in found.fetchall()}


def _columns(
    con: duckdb.DuckDBPyConnection, relation: Relation, there: bool, read: Set[tuple[str, str]]
) -> tuple[str, list[str] | None]:
    """The columns of a relation with the types of the contract, and those that its table lacks (None: no table).

    Columns that nothing reads (relation, field) are left out.
    """
    fields = {name for owner, name in read if owner == relation.name}
    kept = {*KEYS, *fields, *(name + side for name in fields for side in ("_lo", "_hi"))}
    have = {}
    if there:
        have = {r[0]: r[1] for r in con.execute(f"describe {ident(relation.table)}").fetchall()}
    columns, absent = [], []
    for name, kind in fact_columns(relation):
        if name not in have:
            absent.append(name)
        if name not in kept:
            continue
        if name not in have:
            columns.append(f"null::{kind} as {ident(name)}")
        elif have[name].lower() != kind:
            columns.append(f"try_cast({ident(name)} as {kind}) as {ident(name)}")
        else:
            columns.append(ident(name))
    return ", ".join(columns), absent if there else None


# -- which households can be decided at all: without a row that every rule needs, none is visited --------------------
def base_relation(rules: Iterable[CheckedRule], loaded: Mapping[str, bool]) -> str | None:
    """The name of a loaded relation that all of these rules need a row of; None when there is none."""
    needs = [r.needs for r in rules]
    common = sorted(n for n in frozenset.intersection(*needs) if loaded[n]) if needs else []
    return common[0] if common else None


def base_sql(checked: CheckedPack, relation: str | None) -> str | None:
    """SQL of the households with a row in the relation."""
    table = next((r.table for r in checked.pack.relations if r.name == relation), None)
    return f"select household_id from {ident(table)}" if table else None


def crosses_households(checked: CheckedPack, bodies: Iterable[t.Bool]) -> bool:
    """Whether a definition in use follows a link to other households: then no household can be left out."""
    for each in used_definitions(checked, bodies):
        quants = t.quantifiers(each.body) if each.body is not None else []
        quants += t.value_quantifiers(each.value) if each.value is not None else []
        if any(q.link is not None and q.link.via == "event" for q in quants):
            return True
    return False
