"""What could help a household (一户一策): the measures that fit it or may fit it, and the cap of aid.

Comes in: measure, measure_witness, measure_missing, the facts and the pack's measures. Goes out: suggestions by
household, in the pack's order of urgency; persons by masked name. What a household has is not suggested: the
conditions say so.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clue_engine.export.privacy import plain, redact
from clue_engine.pack.model import Pack
from clue_engine.pack.parameters import value_of
from clue_engine.values.mask import mask_name
from clue_engine.workspace import Workspace

WAGE, MONTHS = "职工月平均工资", "救助上限月数"
ASK_FIRST = "待核实后"
_QUESTIONS = "first_asked"  # of pack.yaml: what stands in place of the label of a fact that is to be known first
_MOST = 3  # persons named beside a measure


@dataclass(frozen=True)
class Suggestion:
    """One measure for one household. ``sure`` False: ``ask`` first. ``of_case``: tells that there was a case."""

    id: str
    column: str
    title: str
    provider: str
    reason: str
    who: str
    sure: bool
    ask: tuple[str, ...]
    of_case: bool
    capped: bool
    restricted: bool = False  # tells what only the restricted delivery may tell

    def said(self) -> str:
        """The sentence of a list."""
        who = f"（{self.who}）" if self.who else ""
        named = "" if self.title.startswith(self.column) else f"{self.column}："  # what is named so is named once
        return f"{named}{self.title}，{self.reason}{who}；由{self.provider}办理"

    def short(self) -> str:
        """With whom it is for and who provides it; where something is to be known first, with that."""
        if not self.sure:
            return self.title + (f"（先了解{'、'.join(self.ask)}）" if self.ask else "")
        return f"{self.title}{f'（{self.who}）' if self.who else ''}，{self.provider}"


def sentences(own: Sequence[Suggestion]) -> list[str]:
    """Of a household: a sentence for each that fits, one for all that may fit."""
    return [s.said() for s in own if s.sure] + later(own)


def later(own: Sequence[Suggestion]) -> list[str]:
    """What may fit once a fact is known, in a sentence; nothing where nothing is open."""
    found = [s.short() for s in own if not s.sure]
    return [f"{ASK_FIRST}：{'；'.join(found)}"] if found else []


def suggestions(ws: Workspace, pack: Pack) -> Mapping[int, list[Suggestion]]:
    """By household; none for a workspace that an older version scanned."""
    if not ws.has_table("measure"):
        return {}
    ask, who = _asked(ws, pack), _who(ws)
    written = {m.id: m for m in pack.measures if m.support is not None}
    found: dict[int, list[Suggestion]] = defaultdict(list)
    for household_id, measure_id, outcome in ws.rows("select * from measure order by household_id, measure_id"):
        measure = written.get(measure_id)
        if measure is None or measure.support is None:
            continue
        key = (household_id, measure_id)
        found[household_id].append(
            Suggestion(
                measure_id, measure.support.column, measure.title, measure.support.provider, str(measure.reason),
                "、".join(who.get(key, ())[:_MOST]), outcome == 1, tuple(ask.get(key, ())),
                not measure.no_crime_detail, measure.support.capped, measure.restrict is not None,
            )
        )  # fmt: skip
    return found


def _asked(ws: Workspace, pack: Pack) -> Mapping[tuple[int, str], list[str]]:
    """What is to be known first, as a question of the pack; the deciding facts alone where there are some."""
    labels = {(r.name, f.name): f.label for r in pack.relations for f in r.fields}
    option = pack.options.get(_QUESTIONS)
    questions: Mapping[str, object] = option if isinstance(option, Mapping) else {}
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for household_id, measure_id, relation, name in ws.rows(
        "select household_id, rule_id, relation, field from measure_missing where field is not null"
        " qualify decides or not bool_or(decides) over (partition by household_id, rule_id)"
        " order by household_id, rule_id, not decides, relation, field"
    ):
        label = labels.get((relation, name), name)
        found[household_id, measure_id].append(str(questions.get(label, label)))
    return {key: list(dict.fromkeys(words)) for key, words in found.items()}


def _who(ws: Workspace) -> Mapping[tuple[int, str], list[str]]:
    """The members (or parties) through whom a measure fits; of somebody dead it is for whom he leaves."""
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for household_id, measure_id, name, dead in ws.rows(
        "with row_name as ("
        "  select household_id, 'member' as relation, row_id, name, person_id, alive = '死亡' as dead from fact_member"
        "  where household_id in (select household_id from measure)"
        "  union all select household_id, 'involvement', row_id, name, person_id, alive = '死亡' or died_lo is not null"
        "  from fact_involvement),"
        " dead_person as (select distinct person_id from row_name where dead and person_id is not null)"
        " select w.household_id, w.rule_id, n.name,"
        "  coalesce(n.dead, false) or n.person_id in (select person_id from dead_person) from measure_witness as w"
        " join measure as m on m.household_id = w.household_id and m.measure_id = w.rule_id and m.outcome = w.outcome"
        " join row_name as n on n.household_id = w.household_id and n.relation = w.relation and n.row_id = w.row_id"
        " where n.name is not null order by w.household_id, w.rule_id, w.relation = 'involvement', w.row_id"
    ):
        whom = mask_name(plain(redact(name)))
        found[household_id, measure_id].append(f"已故{whom}的家人" if dead else whom)
    return {key: list(dict.fromkeys(names)) for key, names in found.items()}


def scan_day(ws: Workspace) -> dt.date | None:
    found = ws.rows("select value from run_meta where key = 'as_of'") if ws.has_table("run_meta") else []
    return dt.date.fromisoformat(found[0][0]) if found else None


def cap_text(pack: Pack, day: dt.date | None, case: Mapping[str, Any], own: Sequence[Suggestion]) -> str | None:
    """What limits the aid and which of its inputs are not known; never an amount that is due."""
    if not any(s.capped for s in own):
        return None
    months, wage = (value_of(pack, name, day, pack.region) if day else None for name in (MONTHS, WAGE))
    if months is None:
        return None
    told = [f"一般不超过{float(months.value):g}个月的上年度职工月平均工资"]
    told[0] += f"（{float(wage.value):g}元×{float(months.value):g}）" if wage else f"（“{WAGE}”待补）"
    due, paid = case.get("due"), case.get("paid")
    known = [
        f"应赔{due:g}元" if due is not None else "应赔金额待核",
        f"已赔{paid:g}元" if paid is not None else "已赔金额待核",
    ]
    told.append(f"不超过应赔未赔的数额（{'，'.join(known)}）")
    return "，且".join(told) + "。救助金额由办案机关审查决定，这里只列上限的算法"
