"""Why a household does not have a rule: the condition that fails and by how much, or the fact that would decide.

Comes in: a scanned workspace, a pack, a household and a rule. Goes out: a ``WhyNot``, masked. Of a household that is
protected, or a rule that is, only the rule's title.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from clue_engine.decide.cases import at_home, by_day, default_day, laid, rule_cases, with_test_parameters
from clue_engine.decide.look import Look, look, look_at, told_bodies
from clue_engine.decide.rule_tests import TestResult
from clue_engine.decide.seen import Bound, Seen
from clue_engine.enquiry.tree import Line, gap, lines, places, shown_value
from clue_engine.enquiry.who import Found, One, find, one_of
from clue_engine.errors import ClueError
from clue_engine.export.privacy import redact
from clue_engine.language.check_pack import CheckedHold, CheckedPack, check_pack
from clue_engine.language.opened import opened
from clue_engine.pack.model import RUNNING, Pack, Rule
from clue_engine.values.mask import mask_name
from clue_engine.workspace import Workspace

ABSENT = "不适用，按不满足算"
_BRANCHES = 4  # alternatives told of one “or”
_OUTCOMES = {True: "命中", False: "没有命中", None: "不能确定"}


@dataclass(frozen=True)
class Failure:
    """A condition that does not hold, with what it saw. ``gap``: 比界限 12750元 高 120元, or empty.

    ``off``: how far that is, in bounds; 1 where there is no distance, 2 where nothing is known.
    """

    condition: str
    value: str
    gap: str
    branch: int = 0  # which alternative of an “or”, as written; 0 where there is no choice
    off: float = field(default=1.0, compare=False)


@dataclass(frozen=True)
class Fact:
    """A missing fact. ``decides``: known alone, it could make the rule hit."""

    label: str
    holder: str
    decides: bool


@dataclass(frozen=True)
class WhyNot:
    rule_id: str
    title: str
    household: str
    outcome: str  # 命中 | 没有命中 | 不能确定 | 条件满足，因 X02 搁置
    restricted: bool = False
    quiet: bool = False  # a rule whose output says nothing of the case
    holds: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()
    missing: tuple[Fact, ...] = ()
    tree: tuple[Line, ...] = ()


def why_not(
    ws: Workspace, pack: Pack, as_of: dt.date, who: str, rule_id: str, *, full: bool = False, pick: int | None = None,
    purpose: bool = False,
) -> WhyNot:  # fmt: skip
    """Why the household that ``who`` means does not have a rule.

    ``pick``: which of several; ``purpose``: the caller writes the audit trail, nothing stands by its number only.
    Raises CE-U04 for an unknown rule, CE-U10 for one with errors, CE-U13 and CE-U30 for nobody, CE-U14 for several,
    CE-U37 for who is in no household.
    """
    found = find(ws, pack, who, as_of, purpose=purpose)
    one = None if found.restricted else one_of(found, pick)
    return why_found(ws, pack, as_of, found, one, rule_id, full=full, purpose=purpose)


def why_found(
    ws: Workspace, pack: Pack, as_of: dt.date, found: Found, one: One | None, rule_id: str, *, full: bool = False,
    purpose: bool = False,
) -> WhyNot:  # fmt: skip
    """The same for whom a word means. Raises CE-U04, CE-U10, CE-U37."""
    checked, _ = check_pack(pack)
    rule = known_rule(pack, checked, rule_id)
    if found.restricted:
        return _hidden(rule)
    if one is None or one.household_id is None:
        hint = "不写规则，看在哪里出现、为什么不列"
        raise ClueError("CE-U37", "没有与任何一户对上，不能按规则说明", place="why-not", hint=hint)
    return why_home(ws, pack, as_of, one.household_id, rule, full=full, purpose=purpose)


def known_rule(pack: Pack, checked: CheckedPack, rule_id: str) -> Rule:
    """The rule. Raises CE-U04, CE-U10."""
    found = next((r for r in pack.rules if r.id in (rule_id, rule_id.upper())), None)
    if found is None:
        raise ClueError("CE-U04", f"没有规则“{rule_id[:20]}”", place="why-not", hint="先用 clue-engine rules list 查看")
    if found.id not in checked.rules:
        reason = checked.wrong.get(found.id, "")
        raise ClueError("CE-U10", f"规则 {found.id} 有错：{reason}", hint="先运行 clue-engine rules check")
    return found


def _hidden(rule: Rule) -> WhyNot:
    return WhyNot(rule.id, rule.title, "（受限）", "", restricted=True)


def why_home(
    ws: Workspace, pack: Pack, as_of: dt.date, household_id: int, found: Rule, *, full: bool, purpose: bool = False
) -> WhyNot:
    """The same for a household."""
    checked, _ = check_pack(pack)
    holds = restricting(checked)
    seen_by = look(ws.con, checked, as_of, household_id, found.id, holds)
    if not purpose and (found.restrict is not None or is_restricted(ws, holds, seen_by, found)):
        return _hidden(found)
    head = named(ws, household_id)
    seen = seen_by.seen()
    gone, without_holds = seen_by.home_is_held, seen_by.verdict("a")
    held = tuple(sorted({h for ids in seen_by.held.by.values() for h in ids}))
    outcome = _OUTCOMES[seen.verdict]
    aside = bool(without_holds) and (gone or not seen.verdict)
    titles = {h.id: f"{h.id} {h.title}" for h in pack.holds}
    put_aside = f"条件满足，因 {'、'.join(held)} 搁置" if held else "条件满足，已搁置"
    answer = WhyNot(
        found.id, found.title, head, put_aside if aside else outcome,
        holds=tuple(titles[h] for h in held) if aside else (),
        missing=facts(pack, seen_by) if seen.verdict is None else (),
    )  # fmt: skip
    if found.no_crime_detail or quiet_clue(ws, household_id, found.direction):
        return replace(answer, quiet=True)
    tree = tuple(lines(seen, full=full, places=places(ws, seen)))
    failed = tuple(dict.fromkeys(failures(seen))) if seen.verdict is False and not aside else ()
    return replace(answer, failed=failed, tree=tree)


def named(ws: Workspace, household_id: int) -> str:
    """The masked name of the head, and the place."""
    sql = "select head_name, coalesce(town, '') || coalesce(village, '') from household where household_id = ?"
    ((head, place),) = ws.rows(sql, [household_id])
    return " ".join(v for v in (mask_name(head), redact(place)) if v)


def is_restricted(ws: Workspace, holds: list[CheckedHold], seen_by: Look, rule: Rule) -> bool:
    """Whether the household may not be named in an enquiry about ``rule``: as on the list (protected.sql).

    A hold that restricts protects with any row; in doubt only the rows that the clue rests on, so a rule that is not of
    the clue is not told.
    """
    household_id = seen_by.household_id
    if ws.rows("select 1 from clue_protected where household_id = ?", [household_id]):
        return True
    own = ws.rows("select clue_id from clue where household_id = ? and direction = ?", [household_id, rule.direction])
    told = own and ws.rows("select 1 from clue_rule where clue_id = ? and rule_id = ?", [own[0][0], rule.id])
    known = {r[0] for r in ws.rows("select hold_id from clue_hold where clue_id = ?", [own[0][0]])} if told else set()
    for hold in holds:
        said = seen_by.said(hold)
        in_doubt = None in said and hold.hold.unknown == "restrict" and hold.hold.id not in known
        if True in said or in_doubt:
            return True
    return False


def restricting(checked: CheckedPack) -> list[CheckedHold]:
    return [h for h in checked.holds.values() if h.hold.action == "restrict" and h.hold.status in RUNNING]


def quiet_clue(ws: Workspace, household_id: int, direction: str) -> bool:
    return bool(
        ws.rows(
            "select 1 from clue where household_id = ? and direction = ? and no_crime_detail limit 1",
            [household_id, direction],
        )
    )


# -- missing facts -------------------------------------------------------------------------------------------------
def facts(pack: Pack, seen_by: Look) -> tuple[Fact, ...]:
    """What is missing, the deciding facts first."""
    labels = {(r.name, f.name): (f.label, f.holder) for r in pack.relations for f in r.fields}
    relations = {r.name: r.label for r in pack.relations}
    facts = []
    for (relation, name), decides in seen_by.missing():
        label, holder = labels.get((relation, name or ""), (name or f"有无{relations[relation]}记录", ""))
        facts.append(Fact(label, holder, decides))
    return tuple(sorted(facts, key=lambda f: (not f.decides, f.label)))


# -- what fails ----------------------------------------------------------------------------------------------------
def failures(seen: Seen, want: bool = True, *, branches: bool = False) -> list[Failure]:
    """The tests that keep a node from being ``want``: of alternatives and of rows those that come nearest.

    ``branches``: of all alternatives, the nearest first: a test was written with one of them in mind, who knows which.
    """
    if seen.verdict is want:
        return []
    match seen.kind:
        case "not" if seen.text:
            return [_failure(seen, want)]
        case "not":
            return failures(seen.parts[0], not want, branches=branches)
        case "definition":
            return failures(seen.parts[0], want, branches=branches)
        case "and" | "or":
            every = (seen.kind == "and") == want
            # where something says no, what is unknown is not the reason
            against = [p for p in seen.parts if p.verdict is (not want)] or seen.parts
            found = [failures(p, want, branches=branches) for p in against if p.verdict is not want]
            if every:
                return [f for part in found for f in part]
            if branches and len(found) > 1:
                place = {id(p): n for n, p in enumerate(seen.parts, 1)}
                told = zip((place[id(p)] for p in against if p.verdict is not want), found, strict=True)
                nearest = sorted(told, key=lambda each: _far(each[1]))[:_BRANCHES]
                return [replace(f, branch=f.branch or n) for n, part in nearest for f in part]
            return min(found, key=_far)
        case "two_sided":
            return failures(seen.parts[0], want, branches=branches)
        case "quantifier" if want and seen.bound is None and seen.rows:
            rows = [
                failures(r.seen, branches=branches) for r in seen.rows if r.seen is not None and r.seen.verdict is False
            ]
            out = [r for r in seen.rows if r.held and r.verdict is False and r.seen and r.seen.verdict is not False]
            if out:
                return [Failure(redact(seen.text), f"有一行因 {'、'.join(out[0].held)} 不计", "")]
            return min(rows, key=_far) if rows else [_failure(seen)]
        case "quantifier" if want and seen.bound is None:
            return [Failure(seen.text, "没有这样的记录", "")]
    return [_failure(seen, want)]


def _far(found: Sequence[Failure]) -> tuple[int, int, bool, bool, bool]:
    """Fewest conditions first, then those of which something is known, then those with a distance.

    “is missing” is never what one is looking for.
    """
    absent = sum(f.gap == ABSENT for f in found)
    narrow = not any(" in " in f.condition for f in found)  # a list names more that would do
    is_missing = any(f.condition.endswith(("missing", "缺失")) for f in found)
    return len(found), absent, not any(f.gap and f.gap != ABSENT for f in found), is_missing, narrow


def _failure(seen: Seen, want: bool = True) -> Failure:
    text = seen.text if want else f"“{seen.text}”应不成立"
    value = "；".join(shown_value(v) for v in seen.values)
    told = gap(seen.bound) if seen.bound is not None else ""
    if not told and seen.verdict is False and any(v.value is None for v in seen.values):
        told = ABSENT
    return Failure(redact(text), value, told, off=2.0 if told == ABSENT else _off(seen.bound))


def _off(bound: Bound | None) -> float:
    if bound is None or None in (*bound.left, *bound.right) or isinstance(bound.right[0], dt.date):
        return 1.0
    (low, high), (least, most) = bound.left, bound.right
    between = max(low - most, least - high, 0.0)
    return float(between / max(abs(least), 1e-9)) if least else float(bool(between))


# -- why a test of a rule comes out otherwise than it says -------------------------------------------------------------
# The tree is that of why-not, computed on the rows of the test. Nothing is masked: persons of tests are invented.
@dataclass(frozen=True)
class WhyTest:
    """``failed``: conditions that do not hold, of a test that does not hit; else ``tree``: what made the outcome."""

    failed: tuple[Failure, ...] = ()
    tree: tuple[Line, ...] = ()


def why_tests(checked: CheckedPack, results: list[TestResult]) -> dict[tuple[str, str], WhyTest]:
    """(rule, test) -> why, for those results whose outcome is not the expected one."""
    wrong = {(r.rule_id, r.name) for r in results if r.got != r.expected}
    if not wrong:
        return {}
    checked = with_test_parameters(checked)
    cases = {(c.owner_id, str(c.test.get("name", ""))): c for c in rule_cases(checked)}
    keys = {cases[key].number: key for key in sorted(wrong) if key in cases}
    found = {}
    for when, todays in by_day([cases[key] for key in keys.values()], default_day(checked)).items():
        bodies = {c.number: at_home(c.owner, opened(c.owner.when, checked.vocabulary)) for c in todays}
        read = [b for body in bodies.values() for b in (body, *told_bodies(checked, body).values())]
        with laid(checked, when, read, todays) as (con, rows):
            for case in todays:
                seen = look_at(con, checked, when, rows, case.number, bodies[case.number]).seen()
                failed = tuple(dict.fromkeys(failures(seen, branches=True))) if seen.verdict is False else ()
                found[keys[case.number]] = WhyTest(failed, () if failed else tuple(lines(seen)))
    return found
