"""Computed definitions of one level -> SQL: what the rows along a link say, counted or summed for each row."""

from __future__ import annotations

from dataclasses import replace

from clue_engine.language import types as t
from clue_engine.language.compile import Compiler, Stats, def_column
from clue_engine.language.compile_values import Pair
from clue_engine.language.rows import NEAR_KIN, Rows
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.pack.model import Relation
from clue_engine.workspace import literal


def level_sql(relation: Relation, own: list[t.CheckedDefinition], rows: Rows, compiler: Compiler) -> str:
    """SQL of a relation's rows with these definitions as columns."""
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
    if not at_home and _reads_household(columns):
        home = rows.tables[compiler.vocabulary.household.name]
        source += f" left join {home} h on h.household_id = r.household_id"
    joins = "".join(f" left join ({g.sql()}) {g.alias} on {g.alias}.row_id = {row}.row_id" for g in groups.values())
    return f"select {row}.*, {', '.join(columns)} from {source}{joins}"


def _reads_household(columns: list[str]) -> bool:
    return any('h."' in column for column in columns)


class _Group:
    """All aggregates of one level over one relation along one link, computed in one join.

    ``tests``: columns of a joined row, each written once; ``columns``: what is counted or summed of them.
    """

    def __init__(self, outer: Relation, quant: t.Quant, alias: str, rows: Rows, compiler: Compiler):
        self.outer, self.target, self.link, self.alias = outer, quant.relation, quant.link, alias
        self.rows, self.compiler = rows, compiler
        self.tests: list[str] = []
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
        self.tests.append(f"{body} as b{n}")
        sure, maybe = f"(coalesce(b{n}, false) and surely)", f"(b{n} is not false)"
        self.columns += [f"count(*) filter (where {sure}) as c{n}", f"count(*) filter (where {maybe}) as p{n}"]
        certain = f"coalesce({self.alias}.c{n}, 0)::double"
        possible = f"(coalesce({self.alias}.p{n}, 0) + {self._extra()})::double"
        if pair is None:
            return Stats(certain, possible)
        self.tests += [f"{pair.lo} as v{n}_lo", f"{pair.hi} as v{n}_hi"]
        low, high = aggregate(kind, sure, maybe, Pair(f"v{n}_lo", f"v{n}_hi"))
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
                f"(select count(k.other_person_id) from {NEAR_KIN} k"
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
        if self.outer.label == HOUSEHOLD:
            outer, source = "h", f"{home} h join {target} r on r.household_id = h.household_id"
        else:
            outer, source = "o", f"{self.rows.tables[self.outer.name]} o {self._join(target)}"
            if _reads_household(self.tests):
                source += f" left join {home} h on h.household_id = o.household_id"
        tests = ", ".join([f"coalesce(r.certain and {self._surely()}, false) as surely", *self.tests])
        joined = f"select {outer}.row_id, {tests} from {source}"
        return f"select row_id, {', '.join(self.columns)} from ({joined}) group by row_id"

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
            kin = f"(select household_id, person_id, other_person_id from {NEAR_KIN} where link = {literal(via[4:])})"
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
