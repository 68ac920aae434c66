"""rules lock | diff: what each version of a rule was, and what changed since.

Comes in: pack folders, perhaps a scanned workspace. Goes out: pack.lock, or the changes in words.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import BesideOption, JsonOption, ParametersOption, RulesOption
from clue_engine.cli.screen import print_json, print_table, say, style
from clue_engine.errors import EXIT_PROBLEMS, ClueError

if TYPE_CHECKING:
    from clue_engine.enquiry.pack_effect import Effect
    from clue_engine.language.check_pack import CheckedPack
    from clue_engine.language.pack_diff import Change
    from clue_engine.pack.model import Hold, Rule

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
    from clue_engine.language.locking import RUN, entries
    from clue_engine.pack.lock import read_lock
    from clue_engine.pack.rule_edit import set_values

    lock = read_lock(checked.pack.root)
    now = entries(checked)
    owners: list[Rule | Hold] = [*checked.pack.rules_and_measures, *checked.pack.holds]
    for owner in owners:
        old = lock.entries.get(owner.id) if lock else None
        new = now.get(owner.id)
        if old is None or new is None or owner.status not in RUN or old.status not in RUN:
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
        hint = "先 clue-engine init 我的规则，再加 --rules 我的规则"
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
    from clue_engine.enquiry.pack_effect import effects
    from clue_engine.enquiry.replay import facts, listed
    from clue_engine.workspace import kept_parameters

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
