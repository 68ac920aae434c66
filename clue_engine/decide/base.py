"""Which households can be decided at all: without a row that every rule needs, none is visited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, CheckedRule
from clue_engine.language.reads import used_definitions
from clue_engine.workspace import ident


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
