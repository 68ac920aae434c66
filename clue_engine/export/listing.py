"""What a scan listed, kept beside the next one's: whoever asks what changed needs both.

Comes in: the tables of a scan. Goes out: ``listing.json`` in the workspace with this scan and the last one of other
inputs, rules or day; the same scan made again leaves the last one as it is. In it are numbers, codes, amounts and dates
that rules read; no name, no number of a person, no text: households and cases by hash. Of earlier months only how many
rows each kind of input had, how many were rejected and how many doubts there were.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clue_engine.language.check_pack import check_pack
from clue_engine.language.reads import used_definitions, used_fields
from clue_engine.ledger import Event
from clue_engine.ledger import events as e
from clue_engine.pack.model import Field, Pack, Relation
from clue_engine.workspace import LISTING, Workspace, ident, literal

FILE = LISTING
FORMAT = 1
MOST_MONTHS = 24
MOST_HOMES = 5000  # with more that are in a case, facts are kept of those on a list alone
Facts = dict[str, str]  # 涉案.已赔金额 -> 0、30000


@dataclass(frozen=True)
class Item:
    """A clue as it stood. ``rules``: id -> version; ``home``: its household by hash; ``quiet``: no word of a case."""

    direction: str
    status: str
    band: str
    restricted: bool
    quiet: bool
    home: str
    rules: dict[str, int]


@dataclass(frozen=True)
class Listing:
    """A scan: when, with what, which clues, and the facts of households by hash."""

    run: str
    as_of: str
    version: str
    parts: dict[str, str]
    clues: dict[str, Item] = field(default_factory=dict)
    homes: dict[str, Facts] = field(default_factory=dict)
    files: dict[str, list[int]] = field(default_factory=dict)  # kind of input -> rows read, rejected, doubts


@dataclass(frozen=True)
class Inputs:
    """What a month's scan read: kind of input -> rows read, rejected, doubts."""

    as_of: str
    files: dict[str, list[int]]


def keep_listing(ws: Workspace, pack: Pack, as_of: dt.date, run: str) -> None:
    """Write this scan into the file, the one before it of another run behind it."""
    now = listing(ws, pack, as_of, run)
    kept = read_listings(ws)
    before = kept[0] if kept and kept[0].run != run else kept[1] if len(kept) > 1 else None
    months = {one.as_of[:7]: vars(one) for one in (*read_months(ws), Inputs(now.as_of, now.files))}
    value = {
        "format": FORMAT, "now": _plain(now), "before": _plain(before) if before else None,
        "months": [months[month] for month in sorted(months)[-MOST_MONTHS:]],
    }  # fmt: skip
    new = ws.directory / f"{FILE}.new"
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(json.dumps(value, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    new.replace(ws.directory / FILE)


def _plain(one: Listing) -> dict[str, object]:
    """As asdict says it, without a copy of every number and name."""
    return {**vars(one), "clues": {number: vars(item) for number, item in one.clues.items()}}


def read_listings(ws: Workspace) -> list[Listing]:
    """This scan and the one before, as far as they were kept; a file of another version counts as none."""
    value = _kept(ws)
    try:
        return [_listing(value[name]) for name in ("now", "before") if value[name]]
    except (KeyError, TypeError):
        return []


def read_months(ws: Workspace) -> list[Inputs]:
    """What each month's last scan read, in order. A file from before months were kept holds two scans."""
    value = _kept(ws)
    try:
        told = value.get("months") or [one for one in (value["before"], value["now"]) if one]
        return [Inputs(one["as_of"], one["files"]) for one in told]
    except (KeyError, TypeError):
        return []


def _kept(ws: Workspace) -> dict[str, Any]:
    try:
        value = json.loads((ws.directory / FILE).read_text(encoding="utf-8"))
        return value if value["format"] == FORMAT else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _listing(value: Mapping[str, Any]) -> Listing:
    return Listing(**{**value, "clues": {number: Item(**item) for number, item in value["clues"].items()}})


def listing(ws: Workspace, pack: Pack, as_of: dt.date, run: str) -> Listing:
    """The scan that the workspace holds."""
    rules: dict[str, dict[str, int]] = {}
    for number, rule_id, version in ws.rows(
        "select clue_id, rule_id, rule_version from clue_rule where kind <> 'unknown' or decidable order by all"
    ):
        rules.setdefault(number, {})[rule_id] = version
    clues = {
        number: Item(direction, status, band or "", restricted, quiet, home, rules.get(number, {}))
        for number, direction, status, band, restricted, quiet, home in ws.rows(
            "select clue_id, direction, status, band_label, restricted, coalesce(no_crime_detail, false),"
            " sha256(household_key) from clue order by clue_id"
        )
    }
    ((n_homes,),) = ws.rows("select count(distinct household_id) from fact_involvement")
    whose = "select household_id from clue"
    if n_homes <= MOST_HOMES:
        whose += " union select household_id from fact_involvement"
    ((made_of,),) = ws.rows("select value from run_meta where key = 'pack_parts'")
    return Listing(run, as_of.isoformat(), pack.version, json.loads(made_of), clues, facts(ws, pack, whose), _files(ws))


def _files(ws: Workspace) -> dict[str, list[int]]:
    found = ws.rows(
        "with doubt as (select file_id, count(*) as n from issue group by file_id)"
        " select f.source_label, sum(f.n_read)::bigint, sum(f.n_rejected)::bigint, coalesce(sum(d.n), 0)::bigint"
        " from input_file as f left join doubt as d using (file_id) where f.source_label <> '' group by 1 order by 1"
    )
    return {label: [read or 0, rejected or 0, doubts] for label, read, rejected, doubts in found}


def facts(ws: Workspace, pack: Pack, whose: str) -> dict[str, Facts]:
    """By the hash of a household what rules read of it. ``whose``: SQL of household_ids."""
    found: dict[str, Facts] = {}
    read = fields_read(pack, [*(rule.id for rule in pack.rules), *(hold.id for hold in pack.holds)])
    for relation in pack.relations:
        if not ws.has_table(relation.table):
            continue
        columns = {name for (name,) in ws.rows(f"select column_name from (describe {ident(relation.table)})")}
        fields = [f for f in relation.fields if label(relation, f) in read and _column(f) in columns]
        if "household_id" not in columns or not fields:
            continue
        values = ", ".join(_values(f) for f in fields)
        rows = ws.rows(
            f"select sha256(any_value(h.household_key)), {values} from {ident(relation.table)} as f"
            f" join household as h using (household_id) where household_id in ({whose}) group by household_id"
        )
        for home, *cells in rows:
            own = found.setdefault(home, {})
            own |= {label(relation, f): cell for f, cell in zip(fields, cells, strict=True) if cell}
    return found


def fields_read(pack: Pack, ids: list[str]) -> set[str]:
    """The labels of what these rules and holds read and may be shown: no texts, nothing about a person's body."""
    checked, _ = check_pack(pack)
    bodies = [checked.rules[i].when for i in ids if i in checked.rules]
    bodies += [checked.holds[i].when for i in ids if i in checked.holds]
    named = used_fields(checked, bodies, used_definitions(checked, bodies))
    return {
        label(relation, f)
        for relation in pack.relations
        for f in relation.fields
        if (relation.name, f.name) in named and f.type != "text" and f.sensitivity == "normal"
    }


def label(relation: Relation, one: Field) -> str:
    return f"{relation.label}.{one.label}"


def _column(one: Field) -> str:
    return f"{one.name}_lo" if one.interval else one.name


def _values(one: Field) -> str:
    """SQL: the different values of a household's rows, in words."""
    column = f"f.{ident(_column(one))}"
    if one.type == "codes":
        column = f"array_to_string({column}, {literal('+')})"
    elif one.type == "bool":
        column = f"case when {column} then '是' when not {column} then '否' end"
    elif one.type in ("money", "number", "share", "duration"):
        column = f"regexp_replace(round({column}, 2)::varchar, '\\.0+$', '')"
    # a hundred of these stand in one statement, and a `distinct` aggregate costs four times as much
    return f"array_to_string(list_sort(list_distinct(list({column}::varchar))), '、')"


# -- the scan before, as the ledger tells it ---------------------------------------------------------------------------
# For a workspace that has seen one scan only. Comes in: the events of the ledger and the run that the workspace holds.
# Goes out: two listings with the same clues and facts as the ledger keeps them; it knows no versions of rules and
# nothing of who is on no list.
_OF_CASE = "涉案."  # what the ledger keeps are facts of 涉案


def told_listings(now: Listing, events: Iterable[Event]) -> list[Listing]:
    """This scan and the last one of another run; this one alone where the ledger has no other."""
    acts: dict[int, list[Event]] = {}
    for event in events:
        if event.kind == e.LISTED:
            acts.setdefault(event.act, []).append(event)
    before = next((own for _, own in sorted(acts.items(), reverse=True) if own[0].text("run") != now.run), None)
    if before is None:
        return [now]
    same = next((own for _, own in sorted(acts.items(), reverse=True) if own[0].text("run") == now.run), [])
    # the ledger keeps the rules that hold, not those that one more fact would decide: of this scan too
    kept = {x.clue_id: dict.fromkeys(_words(x.body.get("rules")), 0) for x in same}
    clues = {n: replace(item, home=n, rules=kept.get(n, item.rules)) for n, item in now.clues.items()}
    return [replace(now, clues=clues, homes=_facts(same), parts={}), _told_listing(before)]


def _told_listing(listed: Sequence[Event]) -> Listing:
    first = listed[0]
    clues = {
        x.clue_id: Item(
            x.direction, x.text("status"), x.text("band"), bool(x.body.get("restricted")), False, x.clue_id,
            dict.fromkeys(_words(x.body.get("rules")), 0),
        )
        for x in listed
    }  # fmt: skip
    return Listing(first.text("run"), first.day.isoformat(), "", {}, clues, _facts(listed))


def _facts(listed: Sequence[Event]) -> dict[str, Facts]:
    """By number; several cases of one number side by side."""
    found: dict[str, dict[str, set[str]]] = {}
    for event in listed:
        own = found.setdefault(event.clue_id, {})
        facts = event.body.get("facts")
        for label, value in facts.items() if isinstance(facts, dict) else ():
            own.setdefault(f"{_OF_CASE}{label}", set()).add(str(value))
    return {number: {label: "、".join(sorted(v)) for label, v in own.items()} for number, own in found.items()}


def _words(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []
