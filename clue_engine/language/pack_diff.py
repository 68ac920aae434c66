"""Two packs, or a pack and its lock: what changed, in words, and whether it is a patch, a minor or a major change.

Comes in: two checked packs. Goes out: ``Change`` records, the largest first. The rule for the size of a change:

- patch: only words changed (title, reason, basis, points to verify, tests, order, spelling): the list stays the same;
- minor: conditions, points, or what they use changed, or a rule was added or taken back to draft: the list changes;
- major: old and new lists cannot be laid side by side: a rule was retired or removed, or goes to another direction or
  receiver; a hold does something else; dimensions, caps or bands changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clue_engine.language.canonical_text import canonical_text
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.locking import changed_words, entries, users
from clue_engine.pack.labels import STATUSES
from clue_engine.pack.lock import Entry, Lock
from clue_engine.pack.model import RUNNING, Definition, Direction, Hold, Pack, Parameter, Rule, WordList

LEVELS = ("patch", "minor", "major")
LEVEL_WORDS = {"patch": "只改文字，名单不变", "minor": "名单会有增减", "major": "新旧名单不能直接对照"}
Owner = Rule | Hold


@dataclass(frozen=True)
class Change:
    """What happened to one rule, or to a definition, list, parameter or direction; ``words``: one line per thing."""

    id: str
    title: str
    level: str
    words: tuple[str, ...]


def size(changes: Iterable[Change]) -> str:
    """The level of the largest change; empty when there is none."""
    return max((c.level for c in changes), key=LEVELS.index, default="")


def next_version(version: str, level: str) -> str:
    """The version number that a change of this level asks for; empty when ``version`` is not x.y.z."""
    parts = version.split(".")
    if len(parts) != 3 or not all(p.isdigit() for p in parts) or level not in LEVELS:
        return ""
    major, minor, patch = (int(p) for p in parts)
    return {"major": f"{major + 1}.0.0", "minor": f"{major}.{minor + 1}.0"}.get(level, f"{major}.{minor}.{patch + 1}")


# -- two packs -------------------------------------------------------------------------------------------------------
def diff_packs(old: CheckedPack, new: CheckedPack) -> list[Change]:
    """All changes from ``old`` to ``new``: shared words first, then directions, then rules and holds by id."""
    used_by = users(new)
    changes = [*_definitions(old.pack, new.pack), *_lists(old.pack, new.pack), *_parameters(old.pack, new.pack)]
    changes = [_with_users(c, used_by) for c in changes]
    changes += _directions(old.pack, new.pack)
    before, after = old.pack.owners, new.pack.owners
    hashes = entries(old), entries(new)
    for key in sorted({*before, *after}):
        found = _owner(key, before.get(key), after.get(key), hashes[0].get(key), hashes[1].get(key))
        if found is not None:
            changes.append(found)
    return changes


def _owner(key: str, old: Owner | None, new: Owner | None, was: Entry | None, now: Entry | None) -> Change | None:
    if old is None:
        assert new is not None
        line = f"新增（{STATUSES[new.status]}）：{condition(new.when)}"
        return Change(key, new.title, "minor" if new.status in RUNNING else "patch", (line,))
    if new is None:
        level = "major" if old.status in RUNNING else "patch"
        return Change(key, old.title, level, (f"删去（原为{STATUSES[old.status]}）",))
    lines = owner_lines(old, new)
    lines += _lines_of_words(was, now)
    if not lines and was is not None and now is not None and was.hash != now.hash:
        lines = ["所用字段的含义或代码的次序变了"]
    if not lines:
        return None
    return Change(key, new.title, _level(old, new, was, now), tuple(lines))


def owner_lines(old: Owner, new: Owner) -> list[str]:
    """What is written differently in a rule or hold."""
    lines = [*_line("名称", old.title, new.title), *_line("状态", STATUSES[old.status], STATUSES[new.status])]
    lines += _line("版本", old.version, new.version)
    if condition(old.when) != condition(new.when):
        lines.append(f"条件由“{condition(old.when)}”改为“{condition(new.when)}”")
    if isinstance(old, Rule) and isinstance(new, Rule):
        lines += _line("方向", old.direction, new.direction) + points_lines(old.points, new.points)
        lines += _line("接收单位", old.receiver or "", new.receiver or "") + _members("抄送", old.also, new.also)
        lines += _members("取代的规则", old.supersedes, new.supersedes) + _line("先行救助", old.urgent, new.urgent)
        lines += _line("限制知悉", old.restrict or "", new.restrict or "")
        lines += _line("不写案情", old.no_crime_detail, new.no_crime_detail)
        lines += _text("误报说明", old.false_positives, new.false_positives) + _text("遗漏说明", old.misses, new.misses)
    if isinstance(old, Hold) and isinstance(new, Hold):
        lines += _line("处理", old.action, new.action) + _line("转给", old.to or "", new.to or "")
        lines += _members("方向", old.directions, new.directions) + _line("作用于", old.relation, new.relation)
        lines += _line("谨慎", old.careful, new.careful)
        lines += _line("不能判断时", old.unknown, new.unknown) + _line("没有装载时", old.not_loaded, new.not_loaded)
    lines += _text("理由", old.reason, new.reason) + _text("依据", old.basis, new.basis)
    lines += _text("核实要点", old.check, new.check) + _text("测试", old.tests, new.tests)
    return lines


def _level(old: Owner, new: Owner, was: Entry | None, now: Entry | None) -> str:
    ran, runs = old.status in RUNNING, new.status in RUNNING
    if ran and new.status == "retired":
        return "major"
    if ran and runs and _goes(old) != _goes(new):
        return "major"
    same = was is not None and now is not None and was.hash == now.hash
    return "minor" if (ran or runs) and (not same or old.status != new.status) else "patch"


def _goes(owner: Owner) -> object:
    if isinstance(owner, Rule):
        return owner.direction, owner.receiver
    return owner.action, owner.to, sorted(owner.directions), owner.relation


def condition(when: str) -> str:
    return canonical_text(when) or str(when)


def points_lines(old: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    names = dict.fromkeys((*old, *new))
    return [f"分值 {n} 由 {old.get(n, 0)} 改为 {new.get(n, 0)}" for n in names if old.get(n, 0) != new.get(n, 0)]


def _lines_of_words(was: Entry | None, now: Entry | None) -> list[str]:
    if was is None or now is None:
        return []
    changed = changed_words(was.words, now.words)
    return [f"用到的{'、'.join(changed)}变了"] if changed else []


def _line(label: str, old: object, new: object) -> list[str]:
    words = {True: "是", False: "否", "": "（无）", None: "（无）"}
    a, b = (words.get(v, v) if isinstance(v, str | bool) or v is None else v for v in (old, new))
    return [f"{label}由“{a}”改为“{b}”"] if old != new else []


def _members(label: str, old: Sequence[str], new: Sequence[str]) -> list[str]:
    more, less = [v for v in new if v not in old], [v for v in old if v not in new]
    lines = [f"{label}增加 {'、'.join(more)}"] if more else []
    return lines + ([f"{label}去掉 {'、'.join(less)}"] if less else [])


def _text(label: str, old: object, new: object) -> list[str]:
    return [f"{label}有修改"] if old != new else []


# -- shared words ----------------------------------------------------------------------------------------------------
def _with_users(change: Change, used_by: Mapping[str, list[str]]) -> Change:
    """A word nobody uses changes no list."""
    ids = used_by.get(change.id, [])
    line = f"涉及规则 {'、'.join(ids)}" if ids else "没有规则用到它"
    return Change(change.id, "", "minor" if ids else "patch", (*change.words, line))


def _definitions(old: Pack, new: Pack) -> list[Change]:
    before, after = ({f"定义 {r.label}.{d.label}": d for r in p.relations for d in r.definitions} for p in (old, new))
    return _changed(before, after, _definition_lines)


def _definition_lines(old: Definition, new: Definition) -> list[str]:
    pairs = (("", old.text, new.text), ("是：", old.yes, new.yes), ("否：", old.no, new.no))
    return [
        f"由“{side}{condition(a or '')}”改为“{side}{condition(b or '')}”"
        for side, a, b in pairs
        if condition(a or "") != condition(b or "")
    ]


def _lists(old: Pack, new: Pack) -> list[Change]:
    before, after = ({f"词表 {k}": v for k, v in p.lists.items()} for p in (old, new))
    return _changed(before, after, _list_lines)


def _list_lines(old: WordList, new: WordList) -> list[str]:
    return [*_members("词", old.values, new.values), *_members("前面不能有的词", old.not_after, new.not_after)]


def _parameters(old: Pack, new: Pack) -> list[Change]:
    before, after = ({f"参数 {k}": v for k, v in p.parameters.items()} for p in (old, new))
    return _changed(before, after, _parameter_lines)


def _parameter_lines(old: Parameter, new: Parameter) -> list[str]:
    before, after = ({(v.start, v.region): v.raw for v in p.values} for p in (old, new))
    lines = [*_line("类型", old.type, new.type), *_line("单位", old.unit or "", new.unit or "")]
    for start, region in sorted({*before, *after}):
        a, b = before.get((start, region)), after.get((start, region))
        if a != b:
            where = f"地区 {region} " if region else ""
            lines.append(f"{where}{start} 起的值由 {a or '(无)'} 改为 {b or '(无)'}")
    return lines


def _changed(before: Mapping[str, object], after: Mapping[str, object], lines: object) -> list[Change]:
    assert callable(lines)
    changes = [Change(k, "", "minor", ("新增",)) for k in after if k not in before]
    changes += [Change(k, "", "minor", ("删去",)) for k in before if k not in after]
    both = [(k, lines(before[k], after[k])) for k in after if k in before]
    return sorted([*changes, *(Change(k, "", "minor", tuple(w)) for k, w in both if w)], key=lambda c: c.id)


def _directions(old: Pack, new: Pack) -> list[Change]:
    before, after = ({d.name: d for d in p.directions} for p in (old, new))
    changes = []
    for name in dict.fromkeys((*before, *after)):
        a, b = before.get(name), after.get(name)
        lines = ["新增"] if a is None else ["删去"] if b is None else _direction_lines(a, b)
        if lines:
            changes.append(Change(f"方向 {name}", "", "major", tuple(lines)))
    return changes


def _direction_lines(old: Direction, new: Direction) -> list[str]:
    lines = [*_line("接收单位", old.receiver, new.receiver), *_line("期限（天）", old.deadline_days, new.deadline_days)]
    lines += points_lines({d.label: d.cap for d in old.dimensions}, {d.label: d.cap for d in new.dimensions})
    shown = [";".join(f"{b.name} {b.floor} 分起{dict(b.needs) or ''}" for b in d.bands) for d in (old, new)]
    return [line.replace("分值", "分项封顶") for line in lines] + _line("等次", *shown)


# -- a pack and its lock ---------------------------------------------------------------------------------------------
def diff_lock(lock: Lock, new: CheckedPack) -> list[Change]:
    """Changes since the lock was written. The lock knows hashes of shared words, not their text."""
    now, owners = entries(new), new.pack.owners
    changes = []
    for key in sorted({*lock.entries, *now}):
        old, entry = lock.entries.get(key), now.get(key)
        if old is None and entry is not None:
            level = "minor" if entry.status in RUNNING else "patch"
            changes.append(Change(key, entry.title, level, (f"新增（{STATUSES[entry.status]}）：{entry.when}",)))
        elif old is not None and entry is None:
            if key not in new.wrong and old.status in RUNNING:
                changes.append(Change(key, old.title, "major", (f"删去（原为{STATUSES[old.status]}）",)))
        elif old is not None and entry is not None:
            lines = _entry_lines(old, entry)
            if lines:
                changes.append(Change(key, entry.title, _entry_level(old, entry, owners[key]), tuple(lines)))
    return changes


def _entry_lines(old: Entry, new: Entry) -> list[str]:
    lines = [*_line("名称", old.title, new.title), *_line("状态", STATUSES[old.status], STATUSES[new.status])]
    lines += _line("版本", old.version, new.version)
    if old.when != new.when:
        lines.append(f"条件由“{old.when}”改为“{new.when}”")
    lines += _line("方向", old.direction, new.direction) + points_lines(old.points, new.points)
    lines += _lines_of_words(old, new)
    return lines or (["处理方式或所用字段的含义变了"] if old.hash != new.hash else [])


def _entry_level(old: Entry, new: Entry, owner: Owner) -> str:
    ran, runs = old.status in RUNNING, new.status in RUNNING
    if ran and (new.status == "retired" or (runs and old.direction != new.direction)):
        return "major"
    return "minor" if (ran or runs) and (old.hash != new.hash or old.status != new.status) else "patch"
