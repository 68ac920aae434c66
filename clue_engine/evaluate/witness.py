"""Witness rows: which rows make a rule's quantifier true, or possibly true, for households that are listed."""

from __future__ import annotations

import numpy as np

from clue_engine.decide.columns import Verdict
from clue_engine.decide.verdicts import Verdicts
from clue_engine.evaluate.tables import Lines
from clue_engine.language import types as t

_NONE = np.int8(9)


def add_witnesses(lines: Lines, rule_id: str, body: t.Bool, verdicts: Verdicts, outcome: Verdict) -> None:
    """Rows behind hits (true ones) and unknowns (true and possible ones). ``outcome`` per household: 1, 2, or 0."""
    found: dict[str, Verdict] = {}
    tables = {}
    for quant in rising_quantifiers(body):
        table, member = verdicts.read.under(quant), verdicts.in_set(quant)
        seen, sure = verdicts.visible(quant, "s", quant.rising)
        listed = outcome[table.home]
        true = sure & (member == 1)
        own = np.where(true & (listed > 0), 1, np.where(seen & (member >= 0) & (listed == 2), 2, _NONE))
        tables[quant.relation.name] = table
        found[quant.relation.name] = np.minimum(found.get(quant.relation.name, _NONE), own.astype(np.int8))
    for relation, own in sorted(found.items()):
        table = tables[relation]
        chosen = np.flatnonzero(own < _NONE)
        chosen = chosen[np.lexsort((table.row_id[chosen], table.home[chosen]))]
        lines.add(
            len(chosen), household_id=verdicts.read.ids[table.home[chosen]], rule_id=rule_id, relation=relation,
            row_id=table.row_id[chosen], outcome=own[chosen],
        )  # fmt: skip


def rising_quantifiers(body: t.Bool, positive: bool = True) -> list[t.Quant]:
    """Quantified tests that more rows can only help; the others are proved by the absence of rows."""
    if isinstance(body, t.Quant):
        return [body] if body.rising == positive else []
    if isinstance(body, t.Not):
        return rising_quantifiers(body.body, not positive)
    return [q for part in t.children(body) for q in rising_quantifiers(part, positive)]
