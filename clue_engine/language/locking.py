"""A pack against its lock: CE801 logic changed and version not, CE802 id used again, CE803 parameter without a value.

Comes in: a checked pack (loaded without local parameters) and its lock. Goes out: findings, and the lock as it would
be written. Drafts may change freely: they do not run, and nobody was ever listed by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from clue_engine.errors import ClueError, Diagnostic, Mark
from clue_engine.language.canonical_text import canonical_text
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.expanded import Expander
from clue_engine.pack.load import read_pack, shown_path
from clue_engine.pack.lock import Entry, Lock, lock_path, read_lock
from clue_engine.pack.model import Hold, Rule

RUN = ("trial", "active")


def entries(checked: CheckedPack) -> dict[str, Entry]:
    """The lock entry of every rule and hold that is right."""
    expander = Expander(checked)
    found = {owner.id: entry(expander, owner) for owner in owners(checked).values()}
    return {key: one for key, one in found.items() if one is not None}


def owners(checked: CheckedPack) -> dict[str, Rule | Hold]:
    found: dict[str, Rule | Hold] = {rule.id: rule for rule in checked.pack.rules_and_measures}
    return found | {hold.id: hold for hold in checked.pack.holds}


def entry(expander: Expander, owner: Rule | Hold) -> Entry | None:
    """The lock entry of one rule or hold; None when it is wrong."""
    mark = expander.owner(owner)
    if mark is None:
        return None
    vocabulary = expander.checked.vocabulary
    when = canonical_text(owner.when) or str(owner.when)
    if isinstance(owner, Rule):
        words = expander.words(owner.when, vocabulary.household)
        points = dict(sorted(owner.points.items()))
        return Entry(owner.version, owner.status, mark, owner.title, when, owner.direction, points, words)
    words = expander.words(owner.when, vocabulary.relations[owner.relation])
    return Entry(owner.version, owner.status, mark, owner.title, when, "、".join(owner.directions), {}, words)


def lock_findings(checked: CheckedPack, *, local: bool = False, whole: bool = True) -> list[Diagnostic]:
    """What the lock objects to, and parameters without a value. A pack without a lock has nothing to answer for.

    ``local``: the pack was loaded with a local parameter file, so it is read once more without it for the lock.
    ``whole``: every rule file could be read, so one that is in the lock and not here has no file any more.
    """
    found = without_values(checked)
    path = lock_path(checked.pack.root)
    if local and path.is_file():
        checked = check_pack(read_pack(Path(checked.pack.root))[0])[0]
    try:
        lock = read_lock(path) if path.is_file() else None
    except ClueError as error:
        return [*found, Diagnostic(error.code, "error", error.message, Mark(shown_path(path), 1, 1), hint=error.hint)]
    return found if lock is None else [*found, *_against(checked, lock, path, whole)]


def _against(checked: CheckedPack, lock: Lock, path: Path, whole: bool) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    expander = Expander(checked)
    running = owners(checked)
    for key, owner in running.items():
        before, mark = lock.entries.get(key), owner.mark or Mark(owner.file, 1, 1)
        now = expander.owner(owner)
        if now is None or (before is not None and before.hash == now and before.version <= owner.version):
            continue
        if before is None:
            if owner.status in RUN:
                message = f"规则 {key} 还没有记入 {path.name}"
                found.append(Diagnostic("CE804", "note", message, mark, hint="clue-engine rules lock"))
        elif before.status == "retired" and owner.status != "retired" and before.hash != now:
            message = f"编号 {key} 用过：它是已停用的“{before.title}”（版本 {before.version}）"
            hint = "换一个没有用过的编号；编号不重复使用，旧清单才查得清"
            found.append(Diagnostic("CE802", "error", message, mark, hint=hint))
        elif owner.status in RUN and before.status in RUN and owner.version <= before.version:
            after = entry(expander, owner)
            assert after is not None
            found.append(_changed(key, before, after, mark))
    missing = [k for k, e in lock.entries.items() if e.status in RUN and k not in running and k not in checked.wrong]
    for key in missing if whole else ():
        message = f"规则 {key}“{lock.entries[key].title}”的文件没有了，{path.name} 里还在运行"
        hint = "找回文件用 clue-engine rules retire 停用，或运行 clue-engine rules lock 记为停用"
        found.append(Diagnostic("CE804", "note", message, Mark(shown_path(path), 1, 1), hint=hint))
    return found


def _changed(key: str, before: Entry, after: Entry, mark: Mark) -> Diagnostic:
    if after.version < before.version:
        message = f"规则 {key} 的版本 {after.version} 比记下的 {before.version} 小"
        return Diagnostic("CE801", "error", message, mark, hint=f"version 写成 {before.version + 1}")
    message = f"规则 {key} 改了逻辑，版本还是 {before.version}：{what_changed(before, after)}"
    hint = f"version 改成 {before.version + 1}（或运行 clue-engine rules lock --raise），再运行 clue-engine rules lock"
    return Diagnostic("CE801", "error", message, mark, hint=hint)


def what_changed(before: Entry, after: Entry) -> str:
    """In a few words, which part of the logic is another one."""
    parts = []
    if before.when != after.when:
        parts.append("条件")
    if dict(before.points) != dict(after.points):
        parts.append("分值")
    if before.direction != after.direction:
        parts.append("方向")
    parts += changed_words(before.words, after.words) if before.when == after.when else []
    return "、".join(parts) or "去向、取代、限制等处理方式，或所用字段的含义"


def changed_words(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [word for word in after if word in before and before[word] != after[word]]


def without_values(checked: CheckedPack) -> list[Diagnostic]:
    """CE803: parameters that some running rule uses and the pack (with the local file) gives no value."""
    users: dict[str, list[str]] = {}
    expander = Expander(checked)
    for rule in checked.pack.rules_and_measures:
        if rule.status in RUN and rule.id in checked.rules:
            for word in expander.words(rule.when, checked.vocabulary.household):
                if word.startswith("参数 "):
                    users.setdefault(word.removeprefix("参数 "), []).append(rule.id)
    found = []
    for name, ids in sorted(users.items()):
        parameter = checked.pack.parameters[name]
        if parameter.values or parameter.mark is None:
            continue
        shown = "、".join(ids[:5]) + (f"等 {len(ids)} 条" if len(ids) > 5 else "")
        message = f"参数“{name}”没有取值，用到它的规则（{shown}）在这一项上一律待核"
        hint = "各地不同的值写在本地参数文件里，用 --parameters 给出"
        found.append(Diagnostic("CE803", "note", message, parameter.mark, len(name), hint))
    return found


def renewed(checked: CheckedPack, lock: Lock | None, only: str | None = None) -> Lock:
    """The lock as it is to be written: entries of today, retired ids for ever. ``only``: renew that id alone."""
    old = dict(lock.entries) if lock else {}
    now = entries(checked)
    if only is not None:
        return Lock(checked.pack.version, {**old, **({only: now[only]} if only in now else {})})
    gone = {k: replace(e, status="retired") for k, e in old.items() if k not in now and k not in checked.wrong}
    kept = {k: e for k, e in old.items() if k in checked.wrong}
    now = {k: old[k] if k in old and old[k].status == e.status == "retired" else e for k, e in now.items()}
    return Lock(checked.pack.version, {**gone, **kept, **now})
