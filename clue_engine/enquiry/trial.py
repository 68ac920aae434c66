"""A draft of a rule or hold on the facts of the last scan, changing nothing: whom it flags or holds, what it moves.

Comes in: a file, a pack, a workspace that was scanned, opened read-only (``replay.facts``). Goes out: the draft, read
as one of the pack in the place of that with the same id; a ``Trial`` or a ``HoldTrial``: the list without and with it.
Persons are masked; restricted households are only counted: a draft may ask of them whatever it likes.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clue_engine.clue.reasons import labelled
from clue_engine.enquiry.replay import HIDDEN, Clues, Moved, Replay, last_scan, listed, moves, replay, write_protected
from clue_engine.errors import EXIT_USAGE, ClueError, Diagnostic, Mark, Problems
from clue_engine.export.privacy import redact
from clue_engine.language.check_pack import CheckedPack, CheckedRule, check_pack
from clue_engine.language.template import render
from clue_engine.pack import rules as rule_files
from clue_engine.pack.load import shown_path
from clue_engine.pack.model import Hold, Pack, Relation, Rule
from clue_engine.pack.text import read_yaml
from clue_engine.pack.typed import Findings
from clue_engine.values.mask import mask_name
from clue_engine.workspace import Workspace, ident

TOP = 100
EXAMPLES = 10


@dataclass(frozen=True)
class Counts:
    """Of the rule: households hit, left unknown, held; new and gone against the last scan's rule of the same id."""

    n_households: int
    n_hit: int
    n_pending: int
    n_unknown: int
    n_held: int
    n_new: int
    n_gone: int
    known_before: bool
    n_decidable: int = 0  # of those left unknown: one fact alone would decide
    n_maybe_held: int = 0  # held, and unknown without the hold

    @property
    def share(self) -> float:
        return self.n_hit / self.n_households if self.n_households else 0.0


@dataclass(frozen=True)
class Shift:
    """Of the direction's list: how long it gets, what moves among its first hundred."""

    n_before: int
    n_after: int
    n_new: int
    n_gone: int
    top_new: int
    top_gone: int
    n_raised: int
    n_lowered: int
    mean_change: float
    most_change: int


@dataclass(frozen=True)
class Example:
    clue_id: str
    name: str
    place: str
    outcome: str  # 命中 | 命中,待核 | 不能确定
    score_before: int | None
    score_after: int | None
    reason: str


@dataclass(frozen=True)
class Overlap:
    rule_id: str
    title: str
    n_both: int
    share_of_draft: float
    share_of_rule: float


@dataclass(frozen=True)
class MissingFact:
    label: str
    holder: str
    n_households: int
    n_deciding: int


@dataclass(frozen=True)
class Trial:
    rule_id: str
    title: str
    direction: str
    as_of: str
    counts: Counts
    shift: Shift
    examples: tuple[Example, ...]
    overlaps: tuple[Overlap, ...]
    missing: tuple[MissingFact, ...]
    error: str
    seconds: float
    n_restricted: int = 0  # households hit or unknown that are not among the examples


def try_rule(ws: Workspace, draft: Draft) -> Trial:
    """Run a draft on the facts of ``ws`` (from ``replay.facts``)."""
    started, rule = time.perf_counter(), draft.rule
    before, after = last_scan(ws), replay(ws, draft.pack, only=draft.rule.id)
    write_protected(ws.con, draft.pack, rule.direction)
    examples, n_restricted = _examples(ws, draft)
    return Trial(
        rule.id, rule.title, rule.direction, after.as_of.isoformat(), _counts(ws, rule.id, after),
        _shift(before, after.clues, rule.direction), examples, _overlaps(ws, draft), _missing(ws, draft),
        after.runs[rule.id].error, time.perf_counter() - started, n_restricted,
    )  # fmt: skip


def _counts(ws: Workspace, rule_id: str, after: Replay) -> Counts:
    mine, run = "(select household_id from hit where rule_id = $1 and outcome = 1)", after.runs[rule_id]
    then = "(select household_id from scanned.hit where rule_id = $1 and outcome = 1)"
    n_pending, n_new, n_gone, known = ws.rows(
        "select (select count(*) from hit where rule_id = $1 and outcome = 1 and pending),"
        f" (select count(*) from {mine} where household_id not in {then}),"
        f" (select count(*) from {then} where household_id not in {mine}),"
        " (select count(*) > 0 from scanned.rule_run where rule_id = $1)",
        [rule_id],
    )[0]
    return Counts(
        after.n_households, run.n_hit, n_pending, run.n_unknown, run.n_lost - run.n_maybe_held, n_new, n_gone, known,
        run.n_decidable, run.n_maybe_held,
    )  # fmt: skip


def _missing(ws: Workspace, draft: Draft) -> tuple[MissingFact, ...]:
    """The facts that are most often missing where the draft is unknown, the deciding ones first."""
    relations = {r.name: r for r in draft.pack.relations}
    rows = ws.rows(
        "select relation, field, count(distinct household_id), count(distinct household_id) filter (decides)"
        " from missing_fact where rule_id = ? group by all order by 4 desc, 3 desc, 1, 2 limit 8",
        [draft.rule.id],
    )
    return tuple(MissingFact(*_label(relations[r], name), n, deciding) for r, name, n, deciding in rows)


def _label(relation: Relation, name: str | None) -> tuple[str, str]:
    if name is None:
        return f"有无{relation.label}记录", ""
    field = next((f for f in relation.fields if f.name == name), None)
    return (field.label, field.holder) if field is not None else (str(name), "")


def _overlaps(ws: Workspace, draft: Draft) -> tuple[Overlap, ...]:
    """Other rules of the direction that hit the same households, the largest overlap first."""
    titles = {r.id: r.title for r in draft.pack.rules}
    rows = ws.rows(
        "with mine as (select household_id from hit where outcome = 1 and rule_id = $1),"
        " other as (select rule_id, household_id from scanned.hit"
        " where outcome = 1 and rule_id <> $1 and direction = $2)"
        " select o.rule_id, count(m.household_id), count(m.household_id) / nullif((select count(*) from mine), 0),"
        " count(m.household_id) / count(*) from other as o left join mine as m using (household_id)"
        " group by o.rule_id having count(m.household_id) > 0 order by 2 desc, 1 limit 6",
        [draft.rule.id, draft.rule.direction],
    )
    return tuple(Overlap(rule_id, titles.get(rule_id, ""), n, mine, its) for rule_id, n, mine, its in rows)


def _shift(before: Clues, after: Clues, direction: str) -> Shift:
    old, new = ({k: c for k, c in clues.items() if c.direction == direction and c.listed} for clues in (before, after))
    first, now_first = ({k for k, c in clues.items() if c.rank <= TOP} for clues in (old, new))
    changes = [new[k].score - old[k].score for k in sorted(first) if k in new]
    return Shift(
        len(old), len(new), len(new.keys() - old), len(old.keys() - new),
        len(now_first - first), len(first - now_first),
        sum(c > 0 for c in changes), sum(c < 0 for c in changes), sum(changes) / len(changes) if changes else 0.0,
        max(changes, key=abs, default=0),
    )  # fmt: skip


_KINDS = {(1, False): "命中", (1, True): "命中，待核"}


def _examples(ws: Workspace, draft: Draft) -> tuple[tuple[Example, ...], int]:
    """Hits before unknowns, new ones first, spread over the list by the hash in the clue number; how many are not told.

    A clue that the draft moves is restricted as on the list, where the draft's own rows count too.
    """
    rows = ws.dicts(
        """
        select h.household_id, h.outcome, h.pending, h.rule_id, c.clue_id, c.no_crime_detail,
            coalesce(c.restricted, false) or h.household_id in (
                select household_id from protected union select household_id from clue_protected
            )
            or c.clue_id is null and h.household_id in (
                select r.household_id from hold_row as r join clue_pack_hold as p using (hold_id)
                where p.action = 'restrict' and (r.outcome = 1 or p.unknown = 'restrict')
            ) as restricted,
            c.score, b.score as score_before, p.town, p.village, p.head_name,
            w.relation, w.row_id
        from hit as h
        join household as p using (household_id)
        left join clue_all as c on c.household_id = h.household_id and c.direction = h.direction
        left join scanned.clue as b on b.household_id = h.household_id and b.direction = h.direction
        left join (
            select household_id, arg_min(relation, (relation <> 'involvement', outcome, row_id)) as relation,
                arg_min(row_id, (relation <> 'involvement', outcome, row_id)) as row_id
            from witness where rule_id = $1 group by household_id
        ) as w on w.household_id = h.household_id
        where h.rule_id = $1
        order by h.outcome, b.clue_id is not null, c.clue_id nulls last, h.household_id
        """,
        [draft.rule.id],
    )
    open_ones = [row for row in rows if not row["restricted"] and draft.rule.restrict is None]
    return tuple(_example(ws, draft, row) for row in open_ones[:EXAMPLES]), len(rows) - len(open_ones)


def _example(ws: Workspace, draft: Draft, row: dict[str, Any]) -> Example:
    outcome = _KINDS.get((row["outcome"], bool(row["pending"])), "不能确定")
    place = "".join(v for v in (row["town"], row["village"]) if v)
    values = _values(ws, draft, row)
    name = mask_name(str(values.get("姓名") or row["head_name"] or ""))
    reason = redact(render(draft.rule.reason, {**values, "姓名": name}))
    return Example(row["clue_id"] or "", name, redact(place), outcome, row["score_before"], row["score"], reason)


def _values(ws: Workspace, draft: Draft, row: dict[str, Any]) -> dict[str, object]:
    """What the sentence may use: the household's fields and those of the row that the rule rests on."""
    relations = {r.name: r for r in draft.pack.relations}
    home = relations["household"]
    known: dict[str, object] = {}
    for relation, row_id in ((home, row["household_id"]), (relations.get(row["relation"] or ""), row["row_id"])):
        if relation is None or row_id is None:
            continue
        for found in ws.dicts(f"select * from {ident(relation.table)} where row_id = ?", [row_id]):
            values = labelled(relation, found)
            if relation.name == "involvement" and (draft.rule.no_crime_detail or row["no_crime_detail"]):
                values = {word: value if word == "姓名" else None for word, value in values.items()}
            known |= values | ({f"{relation.label}.{w}": v for w, v in values.items()} if relation is home else {})
    return known


@dataclass(frozen=True)
class Draft:
    """``alone``: the pack with this rule only, checked. ``pack``: the whole pack with it, as an active rule."""

    rule: Rule
    checked: CheckedRule
    alone: CheckedPack
    pack: Pack


@dataclass(frozen=True)
class HoldDraft:
    """``pack``: the whole pack with this hold, as an active one, in the place of that with the same id."""

    hold: Hold
    pack: Pack


def read_draft(path: Path, pack: Pack) -> Draft | HoldDraft:
    """Raises ``Problems`` with every finding when the file has errors."""
    name = shown_path(path)
    if not path.is_file():
        raise ClueError("CE-U11", "没有这个文件", place=name, hint="写规则文件的路径，如 草稿/J30_独居老人.yaml")
    value, problems = read_yaml(path, name)
    if isinstance(value, dict) and "provider" in value and "action" not in value and "points" not in value:
        own = value.get("id", "")
        hint = f"看它的测试：rules test {own}；看它合乎多少户：rules promote {own} -w 工作区 --dry-run"
        raise ClueError("CE-U11", "这是一项帮扶措施，不列出户，没有清单可试", place=name, hint=hint)
    findings = Findings()
    findings.extend(problems)
    found: Rule | Hold | None = None
    if value is not None:
        stem = str(value.get("id", "")) if isinstance(value, dict) else ""
        read = rule_files.hold if rule_files.is_hold(value, "") else rule_files.rule
        found = read(value, findings, Mark(name, 1, 1), stem, pack.directions)
    if found is None or findings.errors:
        raise Problems(list(findings), exit_code=EXIT_USAGE)
    return _hold(found, pack, name) if isinstance(found, Hold) else _rule(found, pack, name)


def _rule(rule: Rule, pack: Pack, name: str) -> Draft:
    tried = replace(rule, status="active")
    alone, found = check_pack(replace(pack, rules=(tried,)))
    if tried.id not in alone.rules:
        raise _wrong(found, name)
    others = tuple(r for r in pack.rules if r.id != tried.id)
    return Draft(rule, alone.rules[tried.id], alone, replace(pack, rules=(*others, tried)))


def _hold(hold: Hold, pack: Pack, name: str) -> HoldDraft:
    tried = replace(hold, status="active")
    with_it = replace(pack, holds=(*(h for h in pack.holds if h.id != tried.id), tried))
    checked, found = check_pack(replace(with_it, rules=(), holds=(tried,)))
    if tried.id not in checked.holds:
        raise _wrong(found, name)
    return HoldDraft(hold, with_it)


def _wrong(found: Sequence[Diagnostic], name: str) -> Problems:
    own = [d for d in found if d.mark.file == name] or list(found)
    return Problems([d for d in own if d.level == "error"] or own, exit_code=EXIT_USAGE)


@dataclass(frozen=True)
class Step:
    """So many clues of a direction go from one status to another."""

    direction: str
    before: str
    after: str
    n: int


@dataclass(frozen=True)
class HoldTrial:
    """``n_rows``, ``n_open``: rows the hold is true of, cannot be decided of; ``known_before``: the pack has it."""

    hold_id: str
    title: str
    as_of: str
    known_before: bool
    n_rows: int
    n_households: int
    n_open: int
    steps: tuple[Step, ...]
    clues: tuple[Moved, ...]
    seconds: float
    n_restricted: int = 0  # clues that move and are not named


def try_hold(ws: Workspace, pack: Pack, draft: HoldDraft) -> HoldTrial:
    """Run the pack without and with the draft (or with what it replaces, and with it)."""
    started, hold = time.perf_counter(), draft.hold
    before, after = listed(ws, pack), replay(ws, draft.pack)
    n_rows, n_households, n_open = ws.rows(
        "select count(distinct (relation, row_id)) filter (outcome = 1),"
        " count(distinct household_id) filter (outcome = 1), count(distinct (relation, row_id)) filter (outcome = 2)"
        " from hold_row where hold_id = ?",
        [hold.id],
    )[0]
    found = list(moves(before, after.clues))
    steps = Counter((direction, moved.before, moved.after) for direction, _, moved in found)
    clues = [moved for _, _, moved in found if moved.clue_id != HIDDEN]
    return HoldTrial(
        hold.id, hold.title, after.as_of.isoformat(), any(h.id == hold.id for h in pack.holds),
        n_rows, n_households, n_open, tuple(Step(*k, n) for k, n in sorted(steps.items())),
        tuple(sorted(clues, key=lambda c: (c.before, c.after, c.clue_id))), time.perf_counter() - started,
        len(found) - len(clues),
    )  # fmt: skip
