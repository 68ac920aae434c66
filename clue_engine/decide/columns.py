"""Every test of some conditions as one column of verdicts: what the database computes, read once into arrays.

Comes in: enriched fact tables, typed conditions. Goes out: the rows of an owner (households, or the rows of a relation
whose definitions are computed) and the rows that quantifiers look at below each of them, as arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from clue_engine.decide.rows import NEAR_KIN, Rows
from clue_engine.language import types as t
from clue_engine.language.compile import Compiler, parameters_of, value_parameters
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.pack.model import Link, Relation
from clue_engine.workspace import literal

Verdict = npt.NDArray[np.int8]  # 1 true, 0 not known, -1 false
Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]  # nan: not known

# Values read at a time: each takes some three bytes.
CELLS = 50_000_000


@dataclass(frozen=True)
class Test:
    """The columns of one test: its verdict, whether its parameters have values, per fact whether it is not known.

    ``senseless``: what makes one of its fields not apply, each with the place where that is asked. ``said``: a field
    that only says what was found; not found is no.
    """

    __test__ = False  # not a class of tests for pytest

    atom: t.Atom  # kept, as long as its identity is a key
    verdict: str
    complete: str
    vague: tuple[str, ...]
    senseless: tuple[tuple[Texts, t.Bool], ...]
    said: bool


@dataclass
class Texts:
    """What is to be read of one table: SQL -> column. Tests are known by the identity of their node.

    ``plain``: columns that are shown, not reckoned with.
    """

    compiler: Compiler
    columns: dict[str, str] = field(default_factory=dict)
    plain: dict[str, str] = field(default_factory=dict)
    tests: dict[int, Test] = field(default_factory=dict)
    noted: set[int] = field(default_factory=set)  # the nodes that were registered
    places: dict[str, Texts] = field(default_factory=dict)

    def column(self, sql: str) -> str:
        return self.columns.setdefault(sql, f"c{len(self.columns)}")

    def test(self, atom: t.Atom) -> Test:
        if id(atom) not in self.tests:
            refs = t.atom_refs(atom)
            fields = [] if isinstance(atom, t.Known) else [r for r in refs if isinstance(r, t.FieldRef)]
            self.tests[id(atom)] = Test(
                atom, self.column(self.compiler.atom(atom)), self.column(self.compiler.complete(parameters_of(atom))),
                tuple(self.vague(ref, atom.perhaps if isinstance(atom, t.InSet) else ()) for ref in refs),
                tuple(s for s in map(self.not_applicable, {_key(r): r for r in fields}.values()) if s is not None),
                any(r.field.missing.kind == "said" for r in fields),
            )  # fmt: skip
        return self.tests[id(atom)]

    def not_applicable(self, ref: t.Value) -> tuple[Texts, t.Bool] | None:
        """What is true where a field does not apply, and the place to ask it; None when it always does."""
        body = None
        if isinstance(ref, t.FieldRef):
            body = self.compiler.vocabulary.not_applicable.get((ref.relation.name, ref.field.name))
        if body is None or not isinstance(ref, t.FieldRef):
            return None
        at = self.at(ref.scope)
        for node in t.walk(body):
            if isinstance(node, t.Atom):
                at.test(node)
        return at, body

    def at(self, scope: str) -> Texts:
        """The same table, names referring to the row that ``scope`` means here."""
        row = self.compiler.aliases[scope]
        household = row if scope == "household" else self.compiler.aliases["household"]
        aliases = {"row": row, "household": household}
        if all(self.compiler.aliases.get(k) == v for k, v in aliases.items()):
            return self
        if scope not in self.places:
            self.places[scope] = Texts(replace(self.compiler, aliases=aliases), self.columns, self.plain)
        return self.places[scope]

    def vague(self, ref: t.FieldRef | t.DefValue, perhaps: tuple[str, ...] = ()) -> str:
        """The column that says that a fact is not known exactly. ``perhaps``: codes that are not exact enough."""
        pair = self.compiler.value(ref)
        if pair.point:
            wide = f" or {pair.lo} in ({', '.join(literal(c) for c in perhaps)})" if perhaps else ""
            return self.column(f"{pair.lo} is null{wide}")
        return self.column(f"{pair.lo} is null or {pair.hi} is null or {pair.lo} <> {pair.hi}")

    def ends(self, value: t.Value) -> tuple[str, str]:
        """SQL of both ends of a value."""

        def sql(low: bool) -> str:
            def end(inner: Compiler) -> str:
                pair = inner.value(value)
                return pair.lo if low else pair.hi

            return self.compiler.regional(value_parameters(value), end)

        return sql(True), sql(False)

    def numbers(self, value: t.Value) -> tuple[str, str]:
        """The columns of both ends of a value as numbers; a date is counted in days."""
        day = value.type.kind == "date"
        low, high = (self.column(f"({x} - date '1970-01-01')::double" if day else f"{x}::double")
                     for x in self.ends(value))  # fmt: skip
        return low, high

    def event(self) -> str:
        """The column of a row's legal event."""
        return self.column(f"{self.compiler.aliases['row']}.event_id::double")

    def shown(self, sql: str) -> str:
        """A column to be shown as it is."""
        return self.plain.setdefault(sql, f"p{len(self.plain)}")

    def reads_household(self) -> bool:
        return any('h."' in sql for sql in (*self.columns, *self.plain))


@dataclass(frozen=True)
class Below:
    """The rows that quantifiers look at below an owner. ``extra``: the owner's column of how many nobody identified."""

    relation: Relation
    link: Link | None
    texts: Texts
    extra: str


class Table:
    """Rows as arrays. ``home``: the place of a row's owner among the owners."""

    def __init__(self, home: Ids, read: Mapping[str, Any], plain: Mapping[str, list[Any]]):
        self.home, self._read, self.plain = home, read, plain
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
    """Collects the tests of conditions on an owner's rows, then reads them, one statement per table."""

    def __init__(self, compiler: Compiler, rows: Rows, owner: Relation):
        self.rows, self.owner, self._compiler = rows, owner, compiler
        self.at_home = owner.label == HOUSEHOLD
        self.row = "h" if self.at_home else "r"
        self.home = rows.tables[compiler.vocabulary.household.name]
        self.own = Texts(replace(compiler, aliases={"row": self.row, "household": "h"}))
        self.below: dict[tuple[str, str], Below] = {}

    def under(self, relation: Relation, link: Link | None = None) -> Below:
        key = (relation.name, link.name if link else "")
        if key not in self.below:
            outer = "h" if self.at_home else "o"
            texts = Texts(replace(self._compiler, aliases={"row": "r", "household": "h", "outer": outer}))
            extra = extra_sql(self.rows, self.row, relation, link)
            self.below[key] = Below(relation, link, texts, self.own.column(f"({extra})::double") if link else "")
        return self.below[key]

    def register(self, body: t.Bool, at: Texts | None = None) -> None:
        """Note every test of a condition; what conditions share is noted once."""
        at = at or self.own
        todo = [body]
        while todo:
            node = todo.pop()
            if id(node) in at.noted:
                continue
            at.noted.add(id(node))
            if isinstance(node, t.Quant):
                self.register_quantifier(node)
            elif isinstance(node, t.Atom):
                at.test(node)
            todo += reversed(t.children(node))

    def register_on(self, relation: Relation, body: t.Bool) -> None:
        """The same for a condition on the rows of a relation."""
        self.register(body, None if relation == self.owner else self.under(relation).texts)

    def register_quantifier(self, quant: t.Quant) -> None:
        rows = self.under(quant.relation, quant.link).texts
        if quant.body is not None:
            self.register(quant.body, rows)
        if quant.kind == "events":
            rows.event()
        for at, value in ((rows, quant.value), (self.own, quant.right)):
            if value is not None:
                at.numbers(value)
                at.not_applicable(value)
                for ref in t.value_refs(value):
                    at.vague(ref)

    def parts(self) -> list[tuple[int, int]]:
        """First and last household_id of as many households as are read at a time."""
        ids = self.rows.households
        width = len(self.own.columns) + sum(len(below.texts.columns) for below in self.below.values())
        step = max(1, CELLS // (width + 1))
        return [(int(own[0]), int(own[-1])) for own in (ids[n : n + step] for n in range(0, len(ids), step))]

    def read(self, con: duckdb.DuckDBPyConnection, first: int, last: int) -> Read:
        """The owner's rows in the households between two ids, and the rows below them."""
        key = "household_id" if self.at_home else "row_id"
        source = f"{self.rows.tables[self.owner.name]} {self.row}"
        if not self.at_home and self.own.reads_household():
            source += f" left join {self.home} h on h.household_id = r.household_id"
        where = f"where {self.row}.household_id between {first} and {last} order by {self.row}.{key}"
        found, plain = _fetched(con, self.own, f"{self.row}.{key} as outer_id, {self.row}.row_id, {self.row}.certain",
                                f"from {source} {where}")  # fmt: skip
        ids = np.ma.getdata(found["outer_id"])
        own = Table(np.arange(len(ids)), found, plain)
        tables = {}
        for name, below in self.below.items():
            target = self.rows.tables[below.relation.name]
            if self.at_home:
                outer = "r"
                columns, source = "r.household_id as outer_id, r.row_id, r.certain", f"{target} r"
                source += f" join {self.home} h on h.household_id = r.household_id"
            else:
                outer, same = "o", below.relation == self.owner
                sure, join = joined_sql(target, below.link, same)
                columns = f"o.row_id as outer_id, r.row_id, r.certain and {sure} as certain"
                source = f"{self.rows.tables[self.owner.name]} o {join}"
                if below.texts.reads_household():
                    source += f" left join {self.home} h on h.household_id = o.household_id"
            where = f"where {outer}.household_id between {first} and {last}"
            found, plain = _fetched(con, below.texts, columns, f"from {source} {where}")
            tables[name] = Table(np.searchsorted(ids, np.ma.getdata(found["outer_id"])), found, plain)
        return Read(self, ids, own, tables)


@dataclass(frozen=True)
class Read:
    """Some rows of an owner, their columns, and the rows below them."""

    reader: Reader
    ids: Ids  # of households their household_id, of other rows their row_id
    own: Table
    tables: Mapping[tuple[str, str], Table]

    def table(self, relation: Relation) -> Table:
        return self.own if relation == self.reader.owner else self.tables[relation.name, ""]

    def under(self, quant: t.Quant) -> Table:
        return self.tables[quant.relation.name, quant.link.name if quant.link else ""]

    def extra(self, quant: t.Quant) -> Floats:
        """How many rows beyond those there nobody has identified, per owner; nan: no limit is known."""
        below = self.reader.under(quant.relation, quant.link)
        if below.extra:
            return self.own.number(below.extra)
        return np.full(len(self.ids), 0.0 if self.reader.rows.loaded[quant.relation.name] else np.nan)


def _key(ref: t.FieldRef) -> tuple[str, str, str]:
    return ref.relation.name, ref.field.name, ref.scope


def _fetched(
    con: duckdb.DuckDBPyConnection, texts: Texts, columns: str, source: str
) -> tuple[Mapping[str, Any], Mapping[str, list[Any]]]:
    """The columns of a table as arrays, and those that are shown as lists."""
    listed = "".join(f", {sql} as {name}" for sql, name in texts.columns.items())
    if not texts.plain:
        return con.execute(f"select {columns}{listed} {source}").fetchnumpy(), {}
    listed += "".join(f", {sql} as {name}" for sql, name in texts.plain.items())
    rows = con.execute(f"select {columns}{listed} {source}")
    names = [d[0] for d in rows.description]
    lists = dict(zip(names, zip(*rows.fetchall(), strict=True), strict=False)) or dict.fromkeys(names, ())
    plain = {name: list(lists[name]) for name in texts.plain.values()}
    return {name: _array(own) for name, own in lists.items() if name not in plain}, plain


def _array(values: Sequence[Any]) -> Any:
    """A few numbers or truths, some of them not known."""
    return np.ma.array([0 if v is None else v for v in values], mask=[v is None for v in values])


def verdict(read: Any) -> Verdict:
    """A nullable boolean column as verdicts."""
    return np.where(np.ma.getmaskarray(read), 0, np.where(np.ma.getdata(read), 1, -1)).astype(np.int8)


# -- links -----------------------------------------------------------------------------------------------------------
def joined_sql(target: str, link: Link | None, same: bool) -> tuple[str, str]:
    """Whether a joined row certainly belongs to the link, and the join of rows r to the row o.

    ``same``: both are of one relation; a row is not beside itself.
    """
    home = "r.household_id = o.household_id"
    via = link.via if link else ""
    if via == "person":
        return "true", f"join {target} r on {home} and r.person_id = o.person_id"
    if via == "household_others":
        itself = " and r.row_id <> o.row_id" if same else ""
        others = "(r.person_id <> o.person_id or r.person_id is null or o.person_id is null)"
        return "coalesce(r.person_id <> o.person_id, false)", f"join {target} r on {home} and {others}{itself}"
    if via == "event":
        return "true", f"join {target} r on r.event_id = o.event_id"
    if via.startswith("kin:"):
        kin = f"(select household_id, person_id, other_person_id from {NEAR_KIN} where link = {literal(via[4:])})"
        return "true", (
            f"join {kin} k on k.household_id = o.household_id and k.person_id = o.person_id"
            f" join {target} r on {home} and r.person_id = k.other_person_id"
        )
    return "true", f"join {target} r on {home}"


def extra_sql(rows: Rows, row: str, target: Relation, link: Link | None) -> str:
    """SQL of how many rows nobody has identified (NULL: no limit), seen from the row of this alias."""
    if not rows.loaded[target.name]:
        return "null"
    if link is None:
        return "0"
    key = "event_id" if link.via == "event" else "person_id"
    missing = f"case when {row}.{key} is null then null"
    if link.via.startswith("kin:") and link.open:
        if link.most is None:
            return "null"
        known = (
            f"(select count(k.other_person_id) from {NEAR_KIN} k"
            f" where k.household_id = {row}.household_id and k.person_id = {row}.person_id"
            f" and k.link = {literal(link.via[4:])})"
        )
        return f"({missing} else greatest({link.most} - {known}, 0) end)"
    if link.open:
        return "null"
    return f"({missing} else 0 end)"
