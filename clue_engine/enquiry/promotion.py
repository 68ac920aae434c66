"""draft → trial → active → retired: what a rule must show before it goes a step further.

Comes in: a pack folder, a rule id, a scanned workspace. Goes out: ``Gate`` records in order; ``promote`` writes status
and version into the rule file (nothing else in it changes) and into pack.lock. Limits are options of the pack:
``options.promote: {most_share: 5%, least_hits: 1, mutation: 95%}``. A rule that says nothing of anybody in the data is
made active only with a reason (``rare`` in its file): it may be about what is rare, or about what cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from clue_engine.decide.coverage import ENOUGH, Coverage, coverage
from clue_engine.decide.rule_tests import TestResult, run_rule_tests
from clue_engine.enquiry.near_miss import NearMiss, near_misses
from clue_engine.enquiry.replay import RuleRun, facts, held, replay, unknown
from clue_engine.errors import ClueError, Diagnostic
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.lints import check_all
from clue_engine.language.locking import entries, lock_findings, renewed
from clue_engine.pack.labels import OUTCOMES
from clue_engine.pack.load import load_pack, read_pack, refuse_unread, shown_path
from clue_engine.pack.lock import Entry, Lock, read_lock, write_lock
from clue_engine.pack.model import Hold, Pack, Rule
from clue_engine.pack.parameters import limits_of
from clue_engine.pack.rule_edit import set_values
from clue_engine.pack.rules import TO_DO
from clue_engine.pack.suggest import hint as suggestion
from clue_engine.workspace import Workspace

NEXT = {"draft": "trial", "trial": "active"}
_STEPS = {"draft": "草稿先试行，再启用", "trial": "试行的下一步是启用", "active": "已经启用", "retired": "已经停用"}
_LIMITS = {
    "most_share": ("share", 0.05),
    "least_hits": ("number", 1.0),
    "mutation": ("share", ENOUGH),
    "least_verified": ("number", 0.0),  # lines that offices have checked, where there is a ledger
}


@dataclass(frozen=True)
class Gate:
    name: str
    passed: bool
    words: str


def find(pack: Pack, rule_id: str) -> Rule | Hold:
    """The rule or hold, or CE-U04; CE-U10 where its file has an error."""
    by_id = pack.owners
    found = by_id.get(rule_id) or by_id.get(rule_id.upper())
    if found is None:
        refuse_unread(Path(pack.root), rule_id)
        hint = suggestion(rule_id, by_id) or "有错的规则也找不到：先运行 clue-engine rules check"
        raise ClueError("CE-U04", f"没有规则“{rule_id[:20]}”", place=shown_path(Path(pack.root)), hint=hint)
    return found


def gates(
    root: Path | None, rule_id: str, target: str, data: Path, parameters: Path | None = None,
    covered: Callable[[CheckedPack, str], Coverage] = coverage, rare: str = "",
) -> list[Gate]:  # fmt: skip
    """All gates before ``target`` (trial or active), whether they are passed or not. ``rare``: why nobody is hit."""
    pack, problems = read_pack(root, parameters)
    owner = find(pack, rule_id)
    checked, more = check_all(pack)
    problems = [*problems, *more, *lock_findings(checked, local=parameters is not None)]
    limits = limits_of(pack, "promote", _LIMITS)
    lock = read_lock(pack.root)
    plain = checked if parameters is None else check_pack(load_pack(root))[0]
    found = [_order(owner, target, lock, entries(plain).get(owner.id)), _errors(owner, problems)]
    if owner.id in checked.wrong:
        return found
    found.append(_content(owner))
    tests = _tests(owner, run_rule_tests(checked, only=(owner.id,)))
    found.append(tests)
    if tests.passed:
        found.append(_mutation(covered(checked, owner.id), limits["mutation"]))
    else:
        found.append(Gate("测试的把关力", False, "测试都通过、三种结果齐全以后再算"))
    if isinstance(owner, Rule) and rare:
        owner = replace(owner, rare=rare)
    return found + _tried(owner, checked, target, data, limits)


def _order(owner: Rule | Hold, target: str, lock: Lock | None, now: Entry | None) -> Gate:
    if NEXT.get(owner.status) != target:
        return Gate("次序", False, _STEPS[owner.status])
    if target == "trial":
        return Gate("次序", True, "草稿 → 试行")
    old = lock.entries.get(owner.id) if lock else None
    if old is None or old.status != "trial":
        return Gate("次序", False, "没有试行的记录：用 rules promote --to trial 进入试行")
    if now is None or old.hash != now.hash:
        return Gate("次序", False, "试行之后条件、分值或口径又改过：先用 rules lock --raise 换版本")
    return Gate("次序", True, "试行 → 启用，试行以来没有改过")


def _errors(owner: Rule | Hold, problems: list[Diagnostic]) -> Gate:
    own = [d for d in problems if d.mark.file == owner.file and d.level == "error" and d.code != "CE801"]
    if own:
        return Gate("检查", False, f"{len(own)} 处错误，第一处 {own[0].code} {own[0].message}")
    n = sum(d.mark.file == owner.file and d.level == "warning" for d in problems)
    return Gate("检查", True, "没有错误" + (f"，{n} 处提醒" if n else ""))


def _content(owner: Rule | Hold) -> Gate:
    """A rule that cites no law must not list a household."""
    written = [owner.reason, *owner.check, *(str(v) for basis in owner.basis for v in basis.values())]
    if isinstance(owner, Rule):
        written += [*owner.false_positives, *owner.misses]
    n = sum(TO_DO in text for text in written)
    if n:
        return Gate("内容", False, f"还有 {n} 处写着“{TO_DO}”：补上依据、理由、核查要点后再来")
    return Gate("内容", True, "依据、理由、核查要点都已写明")


def _tests(owner: Rule | Hold, results: list[TestResult]) -> Gate:
    failed = [r for r in results if not r.passed]
    lacking = [word for kind, word in OUTCOMES.items() if not any(r.expected == kind for r in results)]
    if failed:
        words = f"{len(results)} 个测试，{len(failed)} 个失败：{failed[0].name}"
        return Gate("测试", False, f"{words}；原因见 clue-engine rules test {owner.id}")
    if lacking:
        return Gate("测试", False, f"没有结果为{'、'.join(lacking)}的测试")
    return Gate("测试", True, f"{len(results)} 个测试都通过，三种结果齐全")


def _mutation(found: Coverage, least: float) -> Gate:
    words = f"条件改坏 {found.total} 处，测试发现 {found.killed} 处（{found.share:.0%}）"
    if found.share < least:
        words += f"，至少要 {least:.0%}；缺的测试见 clue-engine rules test {found.rule_id} --mutate"
    return Gate("测试的把关力", found.share >= least, words)


def _tried(
    owner: Rule | Hold, checked: CheckedPack, target: str, data: Path, limits: Mapping[str, float]
) -> list[Gate]:
    """The rule alone, on the facts of the workspace, beside the holds that run."""
    pack = alone = checked.pack
    if isinstance(owner, Rule):
        alone = replace(pack, rules=(replace(owner, status="trial"),))
    else:
        others = tuple(h for h in pack.holds if h.id != owner.id)
        alone = replace(pack, holds=(*others, replace(owner, status="trial")))
    near = ""
    with facts(data) as ws:
        seen = replay(ws, alone)
        run = seen.runs.get(owner.id)
        twice = _listed_anyway(ws, owner, [r.id for r in checked.pack.rules if r.status == "active"])
        if target == "active" and run is not None and not run.error and _speaks_of(run) < limits["least_hits"]:
            near = _nearest(near_misses(ws.con, checked, checked.rules[owner.id], seen.as_of, named=False))
    if isinstance(owner, Hold):
        wrong = next((r.error for r in seen.runs.values() if r.error), "")
        return [Gate("试跑", not wrong, wrong or f"在 {seen.n_households} 户上运行没有出错")]
    if run is None or run.error:
        return [Gate("试跑", False, f"运行出错：{run.error if run else '没有运行'}")]
    found = [Gate("试跑", True, f"{seen.n_households} 户，运行没有出错")]
    if seen.no_value:
        words = f"参数 {'、'.join(seen.no_value)} 没有取值：加上 --parameters 本地参数文件"
        found.append(Gate("口径", False, words))
    share = run.n_hit / max(seen.n_households, 1)
    words = f"命中 {run.n_hit} 户（{share:.1%}），不能确定 {unknown(run.n_unknown, run.n_decidable)}，"
    words += f"因排除规则搁置 {held(run.n_lost - run.n_maybe_held, run.n_maybe_held)}"
    words += f"；{twice}" if twice else ""
    if share > limits["most_share"]:
        found.append(Gate("命中比例", False, f"{words}；超过 {limits['most_share']:.0%}，条件太宽"))
    elif target == "active" and _speaks_of(run) < limits["least_hits"] and owner.rare:
        found.append(Gate("命中比例", True, f"{words}；已写明理由：{owner.rare}"))
    elif target == "active" and _speaks_of(run) < limits["least_hits"]:
        words += f"；三项合计至少要 {limits['least_hits']:.0f} 户。{near}"
        words += "条件没有写错、这种情况确属少见的，加上 --accept-none 理由 启用"
        found.append(Gate("命中比例", False, words))
    else:
        found.append(Gate("命中比例", True, words))
    return found


def _listed_anyway(ws: Workspace, owner: Rule | Hold, active: list[str]) -> str:
    """The rule of the last scan that hits every household this one hits: it lists nobody new."""
    if isinstance(owner, Hold) or not ws.rows(
        "select 1 from duckdb_tables() where database_name = 'scanned' and table_name = 'hit'"
    ):
        return ""
    found = ws.rows(
        "with mine as (select household_id from hit where rule_id = $1 and outcome = 1)"
        " select rule_id from scanned.hit join mine using (household_id)"
        " where outcome = 1 and rule_id <> $1 and direction = $2 and list_contains($3, rule_id) group by rule_id"
        " having count(*) = (select count(*) from mine) order by rule_id",
        [owner.id, owner.direction, active],
    )
    return f"命中的户全部已由 {'、'.join(r[0] for r in found[:3])} 列出" if found else ""


def _speaks_of(run: RuleRun) -> int:
    """Households that the condition reaches: hit, open for want of a fact, or taken out by a hold."""
    return run.n_hit + run.n_unknown + run.n_lost


def _nearest(near: list[NearMiss]) -> str:
    """What keeps people out, in a sentence."""
    if not near:
        return "没有一户只差一项条件；"
    # a whole any(…) that fails says less than the part of it that does
    parts = [n for n in near if not n.condition.startswith(("any ", "count "))] or near
    told = "、".join(f"“{n.condition}”（{n.n_households} 户）" for n in parts[:3])
    return f"只差一项条件的：{told}；"


def verified(pack: Pack, said: str, n_verified: int, *, low: bool) -> Gate:
    """What offices answered of the lines that a rule lists. ``low``: it holds too seldom."""
    least = limits_of(pack, "promote", _LIMITS)["least_verified"]
    if n_verified < least:
        return Gate("核实", False, f"{said}；至少要核实 {least:.0f} 条")
    return Gate("核实", not low, said + ("；属实太少，先看看条件" if low else ""))


# -- writing -----------------------------------------------------------------------------------------------------------
def write_status(root: Path | None, rule_id: str, status: str, rare: str = "") -> tuple[int, int]:
    """Set the status of a rule in its file and in the lock; a logic that the lock does not know gets a new version.

    Returns the version before and after. ``rare``: written into the file too.
    """
    checked, _ = check_pack(load_pack(root))
    owner = find(checked.pack, rule_id)
    lock = read_lock(checked.pack.root)
    old, now = (lock.entries.get(owner.id) if lock else None), entries(checked).get(owner.id)
    version = owner.version
    if status != "retired" and old is not None and now is not None and old.hash != now.hash:
        version = max(version, old.version + 1)
    values = {"status": status, "version": str(version)}
    set_values(Path(owner.file), {**values, **({"rare": rare} if rare else {})})
    again, _ = check_pack(load_pack(root))
    write_lock(again.pack.root, renewed(again, lock, only=owner.id if lock else None))
    return owner.version, version
