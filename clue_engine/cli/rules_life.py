"""rules lock | diff | promote | retire: what each version of a rule was, what changed since, and its next step.

Comes in: pack folders, a rule id, perhaps a scanned workspace. Goes out: pack.lock, the changes or the gates in words;
the rule file with its new status when all gates are passed.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import (
    DEFAULT_WORKSPACE,
    BesideOption,
    JsonOption,
    LedgerOption,
    ParametersOption,
    RulesOption,
    ScannedOption,
)
from clue_engine.cli.screen import pad, print_json, print_table, say, style
from clue_engine.errors import EXIT_PROBLEMS, ClueError
from clue_engine.pack.labels import STATUSES
from clue_engine.workspace import kept_parameters

if TYPE_CHECKING:
    from clue_engine.enquiry.replay import Effect
    from clue_engine.language.check_pack import CheckedPack
    from clue_engine.language.pack_diff import Change


RaiseOption = Annotated[
    bool, typer.Option("--raise", help="改了逻辑而没有改版本的规则，版本号加一（写进规则文件）", show_default=False)
]
CheckOption = Annotated[bool, typer.Option("--check", help="只检查是否齐全，不写文件", show_default=False)]
OldArgument = Annotated[Path, typer.Argument(metavar="旧", help="规则包目录；只写一个时，与它的 pack.lock 比较")]
NewArgument = Annotated[Path | None, typer.Argument(metavar="新", help="另一个规则包目录", show_default=False)]
_SHOWN = 20  # households of one kind that are named on screen; --json has all


def lock_command(rules: RulesOption = None, higher: RaiseOption = False, check: CheckOption = False) -> None:
    """把每条规则现在的版本和逻辑记入 pack.lock。改了逻辑而没有改版本、编号重复使用的，先要改正。

    例：
      clue-engine rules lock --rules 我的规则
      clue-engine rules lock --rules 我的规则 --raise
      clue-engine rules lock --check
    """
    from clue_engine.language.locking import lock_findings, renewed
    from clue_engine.pack.lock import lock_path, lock_text, read_lock, write_lock
    from clue_engine.pack.render import render_all

    if not check:
        own_pack(rules, "rules lock")
    checked = load(rules)
    if higher:
        _raise_versions(checked)
        checked = load(rules)
    wrong = [d for d in lock_findings(checked) if d.level == "error"]
    if wrong:
        print(render_all(wrong, style))
        raise typer.Exit(EXIT_PROBLEMS)
    root = checked.pack.root
    lock = renewed(checked, read_lock(root))
    if check:
        path = lock_path(root)
        if not path.is_file() or path.read_text(encoding="utf-8") != lock_text(lock):
            print("pack.lock 与规则不一致：运行 clue-engine rules lock")
            raise typer.Exit(EXIT_PROBLEMS)
        say("pack.lock 与规则一致")
        return
    written = write_lock(root, lock)
    say(f"{len(lock.entries)} 条规则，{'已写入' if written else '没有变化'} {lock_path(root)}")


def _raise_versions(checked: CheckedPack) -> None:
    from clue_engine.language.locking import entries
    from clue_engine.pack.lock import read_lock
    from clue_engine.pack.model import RUNNING
    from clue_engine.pack.rule_edit import set_values

    lock = read_lock(checked.pack.root)
    now = entries(checked)
    for owner in checked.pack.owners.values():
        old = lock.entries.get(owner.id) if lock else None
        new = now.get(owner.id)
        if old is None or new is None or owner.status not in RUNNING or old.status not in RUNNING:
            continue
        if new.hash != old.hash and new.version <= old.version:
            set_values(Path(owner.file), {"version": str(old.version + 1)})
            print(f"{owner.id} {owner.title}：版本 {new.version} → {old.version + 1}")


def diff_command(
    old: OldArgument,
    new: NewArgument = None,
    workspace: BesideOption = None,
    parameters: ParametersOption = None,
    json: JsonOption = False,
) -> None:
    """说明两个规则包的差别：条件、分值、名称、口径改了什么，是修订、小改还是大改。

    例：
      clue-engine rules diff 我的规则
      clue-engine rules diff 旧规则 我的规则
      clue-engine rules diff 旧规则 我的规则 -w 工作区 --parameters 本县口径.yaml
    patch：只改文字，名单不变。minor：名单会有增减。major：新旧名单不能直接对照（规则停用或删去、去向、等次改变）。
    只写一个规则包时，与它的 pack.lock 比较：记着上次的条件、分值和口径，没有理由、依据等文字和测试的旧文，
    这些改了看不出来；要看全，改之前把规则包另存一份（clue-engine init 或复制目录），再写两个目录比较。
    加 -w 时列出增加、减少、换档的户，工作区不改动。
    """
    from clue_engine.language.pack_diff import diff_lock, diff_packs, next_version, size
    from clue_engine.pack.lock import read_lock

    newer = load(new or old)
    if new is None:
        lock = read_lock(old)
        if lock is None:
            hint = "写上两个规则包目录，或先运行 clue-engine rules lock"
            raise ClueError("CE-U20", "这个规则包还没有 pack.lock，没有可比的", place=str(old), hint=hint)
        if workspace is not None:
            hint = "旧规则包另存一份，写成 rules diff 旧 新 -w 工作区"
            raise ClueError("CE-U21", "pack.lock 里没有旧规则的全文，不能在数据上比较", place="rules diff", hint=hint)
        changes, version = diff_lock(lock, newer), lock.pack
    else:
        older = load(old)
        changes, version = diff_packs(older, newer), older.pack.version
    effects = _effects(workspace, old, new, parameters) if workspace is not None and new is not None else []
    level = size(changes)
    wanted = next_version(version, level)
    if json:
        print_json({
            "level": level, "version_before": version, "version_after": newer.pack.version, "version_wanted": wanted,
            "changes": [vars(c) for c in changes], "effects": [_effect_values(e) for e in effects],
        })  # fmt: skip
        return
    _print_changes(changes, level, version, newer.pack.version, wanted)
    for effect in effects:
        _print_effect(effect)


def own_pack(rules: Path | None, place: str) -> None:
    """Only a pack of one's own is written to: the one inside the program is replaced by its next version."""
    from clue_engine.pack.load import default_root

    if rules is None and default_root().parent.name == "clue_engine":
        hint = "先 clue-engine init 我的规则 --rules-only，再加 --rules 我的规则"
        raise ClueError("CE-U22", "程序自带的规则包不改动", place=place, hint=hint)


def load(rules: Path | None, parameters: Path | None = None) -> CheckedPack:
    """A checked pack; findings about single rules are told as a number only (rules check shows them)."""
    from clue_engine.language.check_pack import check_pack
    from clue_engine.pack.load import load_pack

    checked, _ = check_pack(load_pack(rules, parameters))
    if checked.wrong:
        n_wrong = len(checked.wrong)
        say(f"提醒：{checked.pack.root} 有 {n_wrong} 条规则有错，没有计入；运行 clue-engine rules check 查看")
    return checked


def _effects(data: Path, old: Path, new: Path, parameters: Path | None) -> list[Effect]:
    from clue_engine.enquiry.replay import effects, facts, listed

    parameters = parameters or kept_parameters(data)
    packs = [load(path, parameters).pack for path in (old, new)]
    with facts(data) as ws:
        before, after = (listed(ws, pack) for pack in packs)
    names = dict.fromkeys(d.name for pack in packs for d in pack.directions)
    return effects(before, after, names)


def _print_changes(changes: list[Change], level: str, version: str, now: str, wanted: str) -> None:
    from clue_engine.language.pack_diff import LEVEL_WORDS

    if not changes:
        print("没有差别")
        return
    for change in changes:
        tone = {"patch": "dim", "minor": "yellow", "major": "red"}[change.level]
        print(f"{style(change.level, tone)}  {style(f'{change.id} {change.title}'.strip(), 'bold')}")
        for line in change.words:
            print(f"       {line}")
    told = f"，规则包版本 {version} → {wanted}" if wanted else ""
    kept = f"（现在写的是 {now}）" if wanted and now != wanted else ""
    print(f"\n{len(changes)} 处变化，最大的是 {level}：{LEVEL_WORDS[level]}{told}{kept}")


def _print_effect(effect: Effect) -> None:
    head = f"{effect.direction}：{effect.n_before} 户 → {effect.n_after} 户"
    print(f"\n{style(head, 'bold')}，增加 {len(effect.gained)}，减少 {len(effect.lost)}，换档 {len(effect.moved)}")
    kinds = (("增加", effect.gained), ("减少", effect.lost), ("换档", effect.moved))
    rows = [(word, m.clue_id, m.before, m.after) for word, found in kinds for m in found[:_SHOWN]]
    if rows:
        print_table(("变化", "线索编号", "原来", "现在"), rows)
    hidden = sum(max(len(found) - _SHOWN, 0) for _, found in kinds)
    if hidden:
        say(f"另有 {hidden} 户没有列出；用 --json 看全部")


def _effect_values(effect: Effect) -> dict[str, Any]:
    values = dict(vars(effect))
    for kind in ("gained", "lost", "moved"):
        values[kind] = [vars(m) for m in values[kind]]
    return values


# -- a step further, or the end --------------------------------------------------------------------------------------
IdArgument = Annotated[str, typer.Argument(metavar="编号", help="规则编号，如 J02")]
ToOption = Annotated[
    str, typer.Option("--to", metavar="状态", help="trial（试行）或 active（启用）；不写则是下一步", show_default=False)
]
NoneOption = Annotated[
    str,
    typer.Option(
        "--accept-none", metavar="理由", help="一户也没有命中仍要启用时，写明理由，记入规则文件", show_default=False
    ),
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="只看能不能通过，不写文件", show_default=False)]
_LEAST_REASON = 6  # characters: 少见 explains nothing


def promote_command(
    rule_id: IdArgument,
    to: ToOption = "",
    workspace: ScannedOption = DEFAULT_WORKSPACE,
    rules: RulesOption = None,
    parameters: ParametersOption = None,
    accept_none: NoneOption = "",
    ledger: LedgerOption = None,
    dry_run: DryOption = False,
    json: JsonOption = False,
) -> None:
    """让规则进一步：草稿 → 试行 → 启用。逐项把关，都通过才写进规则文件和 pack.lock。

    例：
      clue-engine rules promote J20 -w 工作区 --rules 我的规则
      clue-engine rules promote J20 --to active -w 工作区 --rules 我的规则 --parameters 本县口径.yaml
    试行的规则照常扫描，结果单独一张表，不计分，不移送。
    有线索台账的，启用时还看各单位核实了多少、属实多少（rules stats）。
    启用时要在这个工作区的数据上有命中、待核或被排除的户。条件没有写错、这种情况确属少见的，用 --accept-none 写明理由。
    """
    from clue_engine.cli.rules_stats import verified_gates
    from clue_engine.enquiry.promotion import NEXT, find, gates, write_status
    from clue_engine.pack.load import read_pack

    if to and to not in ("trial", "active"):
        message = f"--to 不能是“{to[:20]}”"
        raise ClueError("CE-U01", message, place="rules promote", hint="可用：trial、active；停用写 rules retire 编号")
    if accept_none and len(accept_none.strip()) < _LEAST_REASON:
        message = f"--accept-none 的理由太短：“{accept_none.strip()[:_LEAST_REASON]}”"
        hint = f"至少 {_LEAST_REASON} 个字，写明为什么现有数据里没有，如 本县今年还没有这样的案件"
        raise ClueError("CE-U01", message, place="rules promote", hint=hint)
    if not dry_run:
        own_pack(rules, "rules promote")
    owner = find(read_pack(rules)[0], rule_id)
    target = to or NEXT.get(owner.status, "active")
    parameters = parameters or kept_parameters(workspace)
    found = gates(rules, owner.id, target, workspace, parameters, rare=accept_none.strip())
    if target == "active":
        found += verified_gates(ledger, read_pack(rules)[0], owner.id)
    passed = all(gate.passed for gate in found)
    versions = (owner.version, owner.version)
    if passed and not dry_run:
        versions = write_status(rules, owner.id, target, accept_none.strip() if target == "active" else "")
    if json:
        shown = [vars(gate) for gate in found]
        print_json({"id": owner.id, "to": target, "passed": passed, "version": versions[1], "gates": shown})
    else:
        print(style(f"{owner.id} {owner.title}：{STATUSES[owner.status]} → {STATUSES[target]}", "bold"))
        for gate in found:
            sign, tone = ("✓", "green") if gate.passed else ("✗", "red")
            print(f"  {style(sign, tone)} {pad(gate.name, 12)}  {gate.words}")
        print(_outcome(passed, dry_run, target, versions))
    if not passed:
        raise typer.Exit(EXIT_PROBLEMS)


def _outcome(passed: bool, dry_run: bool, target: str, versions: tuple[int, int]) -> str:
    if not passed:
        return "没有通过，规则没有改动"
    if dry_run:
        return "可以通过；没有写文件（--dry-run）"
    version = f"版本 {versions[0]} → {versions[1]}" if versions[0] != versions[1] else f"版本 {versions[1]}"
    return f"已{STATUSES[target]}，{version}，已记入 pack.lock"


def retire_command(rule_id: IdArgument, rules: RulesOption = None) -> None:
    """停用一条规则：不再扫描，编号保留，以后不再使用。

    例：
      clue-engine rules retire J20 --rules 我的规则
    """
    from clue_engine.enquiry.promotion import find, write_status
    from clue_engine.pack.load import read_pack

    own_pack(rules, "rules retire")
    pack = read_pack(rules)[0]
    owner = find(pack, rule_id)
    if owner.status == "retired":
        print(f"{owner.id} {owner.title}：早已停用")
        return
    write_status(rules, owner.id, "retired")
    print(f"{owner.id} {owner.title}：{STATUSES[owner.status]} → 停用，已记入 pack.lock")
    others = [r.id for r in pack.rules if owner.id in r.supersedes]
    if others:
        print(f"提醒：{'、'.join(others)} 写着取代 {owner.id}，可以删去")
