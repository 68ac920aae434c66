"""From hits to ranked clues: the stages of this station in order.

Comes in: hit, lost_hit, hold_row, witness, missing_fact, the fact tables, person, household, link_party, fact_source.
Goes out: clue, clue_protected, clue_rule, clue_missing, clue_hold, clue_person, clue_source, clue_count (and the stages
between).
"""

from __future__ import annotations

import datetime as dt

from clue_engine.clue.number import give_numbers
from clue_engine.clue.pack_tables import write_pack_tables
from clue_engine.clue.reasons import Render, write_reasons
from clue_engine.language.template import render as fill_places
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

_ADULT = 18  # 民法典第十七条: whose name no open line carries

# Each file writes the table it is named after (clue_<name>; listed.sql: clue) from the ones before it.
_BEFORE_REASONS = (
    "candidate.sql",  # what each rule says about each household
    "status.sql",  # 线索, 待核, 搁置, 试行, or only counted
    "points.sql",  # the points that count
    "resting.sql",  # the rows a clue rests on
    "dimension.sql",  # points under their caps
    "hold.sql",  # holds and how much of the clue they bear on
    "strength.sql",  # 确认 or 疑似
    "band.sql",  # scores and band
    "clue.sql",  # receiver, rank
    "shortlist.sql",  # how many open questions are listed
    "protected.sql",  # whose clues stand by their number only
    "listed.sql",  # the clues themselves
    "subject.sql",  # the row a sentence speaks of
)
_AFTER_REASONS = ("clue_rule.sql", "clue_hold.sql", "clue_missing.sql", "clue_person.sql", "clue_source.sql")


def make_clues(ws: Workspace, pack: Pack, as_of: dt.date, *, render: Render = fill_places) -> dict[str, int]:
    """Write the clue tables and return how many clues each status has."""
    variables = rank_clues(ws, pack, as_of)
    if any(field.name == "hardship_told" for relation in pack.relations for field in relation.fields):
        ws.run_sql_file("clue_engine.clue", "household_told.sql", variables)
    write_reasons(ws, pack, render)
    for name in _AFTER_REASONS:
        ws.run_sql_file("clue_engine.clue", name, variables)
    return {
        str(status): n for status, n in ws.rows("select status, count(*) from clue group by status order by status")
    }


def rank_clues(ws: Workspace, pack: Pack, as_of: dt.date) -> dict[str, object]:
    """Everything but the sentences: table clue, ranked. Returns the variables of the SQL files."""
    write_pack_tables(ws, pack)
    variables: dict[str, object] = {"as_of": as_of, "adult_age": _ADULT, "harm_codes": _harms(pack), **_pending(pack)}
    for name in _BEFORE_REASONS:
        if name == "clue.sql":
            give_numbers(ws)
        ws.run_sql_file("clue_engine.clue", name, variables)
    return variables


def _pending(pack: Pack) -> dict[str, object]:
    """How long the list of open questions may be and what is never folded; without the options all are listed."""
    options = pack.options
    keep = options.get("pending_keep", [])
    listed = "pending_share" not in options
    return {
        "pending_share": _share(options.get("pending_share", "0")),
        "pending_ordinary_share": _share(options.get("pending_ordinary_share", options.get("pending_share", "0"))),
        "pending_settled_least": _share(options.get("pending_settled_least", "0")),
        "pending_least": 10**9 if listed else int(str(options.get("pending_least", 0))),
        "pending_keep": [str(harm) for harm in keep] if isinstance(keep, list | tuple) else [str(keep)],
        "no_injury": str(options.get("no_injury", "")),
    }


def _harms(pack: Pack) -> list[str]:
    """The grades of harm as the pack orders them, the gravest first."""
    named = [f.codes for r in pack.relations if r.name == "involvement" for f in r.fields if f.name == "harm"]
    codes = pack.codes.get(named[0] or "") if named else None
    return list(codes.values) if codes else []


def _share(value: object) -> float:
    text = str(value).strip()
    return float(text.rstrip("%")) / 100 if text.endswith("%") else float(text or 0)
