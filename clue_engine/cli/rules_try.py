"""rules try | near-miss: a draft against the last scan, and which threshold of a rule keeps whom out.

Comes in: a scanned workspace, opened read-only; a rule file or the id of a rule. Goes out: tables or JSON.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import DEFAULT_WORKSPACE, JsonOption, ParametersOption, RulesOption, WorkspaceOption
from clue_engine.cli.screen import print_json, print_table, say, style
from clue_engine.cli.words import did_you_mean
from clue_engine.errors import EXIT_PROBLEMS, ClueError

if TYPE_CHECKING:
    from clue_engine.enquiry.near_miss import NearMiss
    from clue_engine.enquiry.trial import HoldTrial, Trial

FileArgument = Annotated[Path, typer.Argument(metavar="规则文件", help="规则文件，如 草稿/J30_独居老人.yaml")]
IdArgument = Annotated[str, typer.Argument(metavar="编号", help="规则编号，如 J02")]
_MOST = 12  # lines of near misses on screen; --json has all
_EXAMPLES = 20  # clues that a hold moves, likewise


def try_command(
    file: FileArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    json: JsonOption = False,
) -> None:
    """在上一次扫描的数据上试一条规则：命中谁、缺什么、清单怎么变。不改动工作区。

    例：
      clue-engine rules try 草稿/J30_独居老人.yaml -w 工作区
      clue-engine rules try 草稿.yaml -w 工作区 --parameters 本县口径.yaml --json
    排除规则也可以试：列出哪些线索会搁置、哪些会放开。
    帮扶措施不列出户，不在此列：用 rules test 和 rules promote --dry-run。
    """
    from clue_engine.enquiry.near_miss import near_misses
    from clue_engine.enquiry.replay import facts, scan_date
    from clue_engine.enquiry.run import changes, load_scanned
    from clue_engine.enquiry.trial import HoldDraft, read_draft, try_hold, try_rule

    pack = load_scanned(workspace, rules, parameters)
    draft = read_draft(file, pack)
    with facts(workspace) as ws:
        changed = changes(ws, pack, draft.hold if isinstance(draft, HoldDraft) else draft.rule)
        if changed:
            say(f"提示：{changed}")
        if isinstance(draft, HoldDraft):
            _print_hold(try_hold(ws, pack, draft), json)
            return
        trial = try_rule(ws, draft)
        near = near_misses(ws.con, draft.alone, draft.checked, scan_date(ws)) if not trial.error else []
    if json:
        print_json({**asdict(trial), "share": round(trial.counts.share, 6), "near_misses": [asdict(n) for n in near]})
    else:
        _print_trial(trial)
        _print_near(near)
    say(f"用时 {trial.seconds:.1f} 秒，工作区没有改动")
    if trial.error:
        raise typer.Exit(EXIT_PROBLEMS)


def near_miss_command(
    rule_id: IdArgument,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    json: JsonOption = False,
) -> None:
    """只差一项条件就命中的有多少户、差多少：看出规则里哪个界限要紧。

    只看规则本身的条件，不扣除排除规则（已获足额赔偿、已救助等）：放宽以后实际列出的户可能少一些，以 rules try 为准。

    例：
      clue-engine rules near-miss J05 -w 工作区
    """
    from clue_engine.enquiry.near_miss import near_misses
    from clue_engine.enquiry.replay import facts, scan_date
    from clue_engine.enquiry.run import load_scanned
    from clue_engine.language.check_pack import check_pack

    checked, _ = check_pack(load_scanned(workspace, rules, parameters))
    found = checked.rules.get(rule_id) or checked.rules.get(rule_id.upper())
    if found is None:
        hint = did_you_mean(rule_id, list(checked.rules))
        raise ClueError("CE-U04", f"没有规则“{rule_id}”", place="rules near-miss", hint=hint)
    with facts(workspace) as ws:
        near = near_misses(ws.con, checked, found, scan_date(ws))
    if json:
        print_json({"rule": found.rule.id, "title": found.rule.title, "near_misses": [asdict(n) for n in near]})
        return
    print(style(f"{found.rule.id} {found.rule.title}", "bold"))
    _print_near(near)


def _print_hold(trial: HoldTrial, json: bool) -> None:
    if json:
        print_json(asdict(trial))
        return
    print(style(f"{trial.hold_id} {trial.title}  排除规则  扫描日 {trial.as_of}", "bold"))
    open_ones = f"，不能确定 {trial.n_open} 行" if trial.n_open else ""
    print(f"符合的有 {trial.n_rows} 行，涉及 {trial.n_households} 户{open_ones}")
    compared = "与规则包里现在的写法比" if trial.known_before else "与没有这条规则时比"
    if not trial.steps:
        print(f"{compared}，没有线索因此改变")
    else:
        print(style(f"\n{compared}", "bold"))
        print_table(("方向", "原来", "现在", "条数"), [(s.direction, s.before, s.after, s.n) for s in trial.steps])
        if trial.clues:
            print(style("\n举例", "bold"))
            print_table(("线索编号", "原来", "现在"), [(c.clue_id, c.before, c.after) for c in trial.clues[:_EXAMPLES]])
        if trial.n_restricted:
            print(f"另有受限 {trial.n_restricted} 条，不列编号")
    if len(trial.clues) > _EXAMPLES:
        say(f"另有 {len(trial.clues) - _EXAMPLES} 条没有列出；用 --json 看全部")
    say(f"用时 {trial.seconds:.1f} 秒，工作区没有改动")


def _print_trial(trial: Trial) -> None:
    from clue_engine.enquiry.replay import held, unknown

    counts, shift = trial.counts, trial.shift
    print(style(f"{trial.rule_id} {trial.title}  {trial.direction}  扫描日 {trial.as_of}", "bold"))
    if trial.error:
        print(f"这条规则不能运行：{trial.error}")
        return
    before = f"新增 {counts.n_new} 户、减少 {counts.n_gone} 户" if counts.known_before else "上次没有这条规则"
    pending = f"（其中待核 {counts.n_pending} 户）" if counts.n_pending else ""
    rows = [
        ("命中", f"{counts.n_hit} 户{pending}，占全部 {counts.n_households} 户的 {counts.share:.2%}"),
        ("与上次扫描比", before),
        ("不能确定", unknown(counts.n_unknown, counts.n_decidable)),
        ("因排除规则搁置", held(counts.n_held, counts.n_maybe_held)),
        ("本方向清单", f"{shift.n_before} → {shift.n_after} 户，新增 {shift.n_new}，减少 {shift.n_gone}"),
        ("前 100 名", f"换进 {shift.top_new} 户，换出 {shift.top_gone} 户；得分升 {shift.n_raised} 户、"
                      f"降 {shift.n_lowered} 户，平均 {shift.mean_change:+.1f} 分，最多 {shift.most_change:+d} 分"),
    ]  # fmt: skip
    print_table(("项目", "结果"), rows)
    if trial.examples:
        print(style("\n举例", "bold"))
        print_table(
            ("线索编号", "姓名", "结果", "得分", "理由"),
            [(e.clue_id or "不列入", e.name, e.outcome, _score(e.score_before, e.score_after), e.reason)
             for e in trial.examples],
        )  # fmt: skip
    if trial.n_restricted:
        print(f"{'另有' if trial.examples else '有'}受限 {trial.n_restricted} 户，不列编号")
    if trial.overlaps:
        print(style("\n与其他规则重合", "bold"))
        print_table(
            ("规则", "名称", "同时命中", "占本规则", "占那条规则"),
            [(o.rule_id, o.title, o.n_both, f"{o.share_of_draft:.0%}", f"{o.share_of_rule:.0%}")
             for o in trial.overlaps],
        )  # fmt: skip
    if trial.missing:
        print(style("\n最常缺的事实（不能确定的户）", "bold"))
        print_table(
            ("事实", "掌握单位", "缺的户数", "知道即可判断"),
            [(m.label, m.holder or "承办单位", m.n_households, m.n_deciding) for m in trial.missing],
        )


def _score(before: int | None, after: int | None) -> str:
    if after is None:
        return ""
    return str(after) if before in (None, after) else f"{before}→{after}"


def _print_near(near: list[NearMiss]) -> None:
    print(style("\n只差一项就命中的户（没有扣除排除规则）", "bold"))
    if not near:
        print("没有")
        return
    print_table(("条件", "户数", "差距（四分之一、一半、四分之三的户不超过）"), [_near_row(n) for n in near[:_MOST]])
    if any(n.nearest for n in near[:_MOST]):
        print(style("\n只差这一项的户，差得少的在前（最多五户，受限的不列）", "bold"))
        print_table(("条件", "编号"), [(n.condition, "、".join(n.nearest)) for n in near[:_MOST] if n.nearest])
    if len(near) > _MOST:
        say(f"另有 {len(near) - _MOST} 项条件没有列出；用 --json 看全部")


def _near_row(near: NearMiss) -> tuple[Any, ...]:
    if near.quartiles is None:
        return near.condition, near.n_households, ""
    return near.condition, near.n_households, "、".join(f"{_plain(q)}{near.unit}" for q in near.quartiles)


def _plain(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}".rstrip("0").rstrip(".")
