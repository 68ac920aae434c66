"""The SQL that one rule or hold gives rise to, and what is made of its columns: for people (rules show --sql)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from clue_engine.decide.columns import Reader, Texts
from clue_engine.decide.rows import Rows
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.compile import Compiler

_SHOWN_DAY = dt.date(2026, 1, 1)


def rule_sql(checked: CheckedPack, rule_id: str, as_of: dt.date = _SHOWN_DAY) -> str:
    """Per relation its tests as columns, then the condition over them; empty when the rule has errors."""
    owner = checked.holds.get(rule_id) or checked.rules.get(rule_id)
    if owner is None:
        return ""
    relations = checked.pack.relations
    rows = Rows(
        {r.name: f"e_{r.name}" for r in relations},
        dict.fromkeys((r.name for r in relations), True),
        np.zeros(0, np.int64),
    )
    reader = Reader(Compiler(checked.vocabulary, as_of), rows, checked.vocabulary.household)
    relation = checked.holds[rule_id].relation if rule_id in checked.holds else reader.owner
    reader.register_on(relation, owner.when)
    at_home = relation == reader.owner
    told = _Told(reader)
    condition = told.condition(owner.when, reader.own if at_home else reader.under(relation).texts, "hr"[not at_home])
    lines = []
    for below in reader.below.values():
        lines += told.table(below.relation.label, "r", f"e_{below.relation.name} r join e_household h", below.texts)
    lines += told.table(reader.owner.label, "h", "e_household h", reader.own)
    return "\n".join([*lines, f"-- {relation.label}条件（true 命中，null 待核）", condition])


@dataclass
class _Told:
    """A condition over the columns of its tests; ``host``: r for a row, h for a household."""

    reader: Reader
    used: set[str] = field(default_factory=set)

    def table(self, label: str, host: str, source: str, texts: Texts) -> list[str]:
        own = [f"  {sql} as {name}" for sql, name in texts.columns.items() if f"{host}.{name}" in self.used]
        return (
            [f"-- {label}：每个测试一列（null 是不明）\nselect\n" + ",\n".join(own) + f"\nfrom {source}"] if own else []
        )

    def column(self, host: str, name: str) -> str:
        self.used.add(f"{host}.{name}")
        return f"{host}.{name}"

    def condition(self, body: t.Bool, at: Texts, host: str) -> str:
        match body:
            case t.And(parts) | t.Or(parts):
                word = " and " if isinstance(body, t.And) else " or "
                return "(" + word.join(self.condition(p, at, host) for p in parts) + ")"
            case t.Not(inner):
                return f"(not {self.condition(inner, at, host)})"
            case t.Named(_, _, inner):
                return self.condition(inner, at, host)
            case t.TwoSided(yes, no):
                sides = self.condition(yes, at, host), self.condition(no, at, host)
                return f"(case when {sides[0]} then true when {sides[1]} then false end)"
            case t.Quant():
                return self.quantifier(body, at, host)
        test = at.test(body)
        text = self.column(host, test.verdict)
        for place, senseless in test.senseless:
            text = f"(case when {self.condition(senseless, place, host)} then false else {text} end)"
        return f"coalesce({text}, false)" if test.said else text

    def quantifier(self, quant: t.Quant, at: Texts, host: str) -> str:
        rows = self.reader.under(quant.relation, quant.link).texts
        body = "" if quant.body is None else f" ({self.condition(quant.body, rows, 'r')})"
        value = "" if quant.value is None else f".{self.column('r', rows.numbers(quant.value)[0])}"
        right = "" if quant.right is None else f" {quant.op} {self.column(host, at.numbers(quant.right)[0])}"
        return f"{quant.kind} {quant.relation.label}{value}{body}{right}"
