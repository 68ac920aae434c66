"""A pack against its lock: CE801 logic changed and version not, CE802 id used again, CE803 parameter without a value.

Comes in: a checked pack (loaded without local parameters) and its lock. Goes out: findings, and the lock as it would
be written. Drafts may change freely: they do not run, and nobody was ever listed by them.

The logic of a condition is one hash: the typed tree with definitions, lists and parameters inlined. Writing never
counts (spacing, order of and / or, aliases, names of definitions); what decides an outcome always does: also what a
missing value means, the order of a scale, the values of a parameter *in the pack*. Local parameter files do not count:
a county's numbers are not a new version of the rule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from clue_engine.errors import ClueError, Diagnostic, Mark
from clue_engine.language import tree
from clue_engine.language import types as t
from clue_engine.language.canonical_text import canonical_text
from clue_engine.language.check_pack import CheckedHold, CheckedPack, CheckedRule, check_pack
from clue_engine.language.parser import parse
from clue_engine.language.vocabulary import parameter_constant
from clue_engine.pack.load import read_pack, shown_path
from clue_engine.pack.lock import Entry, Lock, lock_path, read_lock
from clue_engine.pack.model import RUNNING, Field, Hold, Parameter, Relation, Rule, WordList


def entries(checked: CheckedPack) -> dict[str, Entry]:
    """The lock entry of every rule and hold that is right."""
    expander = Expander(checked)
    found = {owner.id: entry(expander, owner) for owner in checked.pack.owners.values()}
    return {key: one for key, one in found.items() if one is not None}


def users(checked: CheckedPack) -> dict[str, list[str]]:
    """Every definition, list and parameter that rules or holds use, with their ids."""
    found: dict[str, list[str]] = {}
    for key, one in entries(checked).items():
        for word in one.words:
            found.setdefault(word, []).append(key)
    return found


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
    running = checked.pack.owners
    for key, owner in running.items():
        before, mark = lock.entries.get(key), owner.mark or Mark(owner.file, 1, 1)
        now = expander.owner(owner)
        if now is None or (before is not None and before.hash == now and before.version <= owner.version):
            continue
        if before is None:
            if owner.status in RUNNING:
                message = f"规则 {key} 还没有记入 {path.name}"
                found.append(Diagnostic("CE804", "note", message, mark, hint="clue-engine rules lock"))
        elif before.status == "retired" and owner.status != "retired" and before.hash != now:
            message = f"编号 {key} 用过：它是已停用的“{before.title}”（版本 {before.version}）"
            hint = "换一个没有用过的编号；编号不重复使用，旧清单才查得清"
            found.append(Diagnostic("CE802", "error", message, mark, hint=hint))
        elif owner.status in RUNNING and before.status in RUNNING and owner.version <= before.version:
            after = entry(expander, owner)
            assert after is not None
            found.append(_changed(key, before, after, mark))
    missing = [
        k for k, e in lock.entries.items() if e.status in RUNNING and k not in running and k not in checked.wrong
    ]
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
    used_by: dict[str, list[str]] = {}
    expander = Expander(checked)
    for rule in checked.pack.rules_and_measures:
        if rule.status in RUNNING and rule.id in checked.rules:
            for word in expander.words(rule.when, checked.vocabulary.household):
                if word.startswith("参数 "):
                    used_by.setdefault(word.removeprefix("参数 "), []).append(rule.id)
    found = []
    for name, ids in sorted(used_by.items()):
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


# -- the hash of a condition -------------------------------------------------------------------------------------------
# Parts of a rule that change no list. The condition is hashed as a tree.
_WORDING = frozenset({
    "id", "title", "version", "status", "when", "reason", "basis", "check", "false_positives", "misses", "rare",
    "tests", "mark", "file",
})  # fmt: skip
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
_SIZE = 16  # bytes: two rules that differ have the same hash once in 10^19 packs


def digest(*parts: Any) -> str:
    """A hash of plain values and of other digests."""
    text = _encode(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[: 2 * _SIZE]


Word = tuple[str, str, list[tuple[str, Relation]]]  # a name with its kind, its digest, the texts that it stands for


@dataclass
class Expander:
    """Digests of one pack; each definition and field is expanded once."""

    checked: CheckedPack
    done: dict[tuple[str, ...], str] = field(default_factory=dict)
    looked_up: dict[tuple[tuple[str, ...], str], list[Word]] = field(default_factory=dict)

    # -- rules -------------------------------------------------------------------------------------------------------
    def owner(self, owner: Rule | Hold) -> str | None:
        """What decides who is listed by a rule, with how many points, for whom, and what may be shown."""
        checked: CheckedRule | CheckedHold | None = (
            self.checked.rules.get(owner.id) if isinstance(owner, Rule) else self.checked.holds.get(owner.id)
        )
        kind = "rule" if isinstance(owner, Rule) else "hold"
        return digest(kind, self.bool(checked.when), _settings(owner)) if checked else None

    # -- booleans ----------------------------------------------------------------------------------------------------
    def bool(self, node: t.Bool) -> str:
        match node:
            case t.And() | t.Or():
                kind = type(node)
                return digest(kind.__name__, sorted(self.bool(p) for p in _flat(node, kind)))
            case t.Not(t.Not(body)):
                return self.bool(body)
            case t.Not(body):
                return digest("not", self.bool(body))
            case t.Named(_, _, body):
                return self.bool(body)
            case t.TwoSided(yes, no):
                return digest("two sides", self.bool(yes), self.bool(no))
            case t.DefBool(relation, definition, scope):
                return digest("computed", scope, self.computed(relation, definition.label))
            case t.Quant():
                return self.quant(node)
            case t.Test(op, left, right):
                return digest("test", op, self.value(left), self.value(right), [])
            case t.InSet(value, members, _, perhaps):
                return digest("in", self.value(value), self.members(members), *(sorted(perhaps),) * bool(perhaps))
            case t.Contains(value, words, not_after):
                return digest("contains", self.value(value), self.members(words), sorted(set(not_after)))
            case t.IsTrue(value, want):
                return digest("is", want, self.value(value))
            case t.Known(value):
                return digest("known", self.value(value))

    def quant(self, node: t.Quant) -> str:
        body = self.bool(node.body) if node.body is not None else ""
        link = (node.link.via, node.link.open, node.link.most) if node.link else ()
        value = self.value(node.value) if node.value is not None else ""
        right = self.value(node.right) if node.right is not None else ""
        return digest("quant", node.kind, node.relation.name, link, body, value, node.op, right)

    def members(self, members: tuple[Any, ...] | t.ParamRef) -> Any:
        if isinstance(members, t.ParamRef):
            return self.parameter(members.parameter)
        return sorted({str(m) for m in members})

    # -- values ------------------------------------------------------------------------------------------------------
    def value(self, node: t.Value) -> str:
        match node:
            case t.FieldRef(relation, each, scope):
                return digest("field", scope, self.field(relation, each))
            case t.Const(value, kind):
                unit = kind.unit if kind.kind == "duration" else ""
                return digest("const", kind.kind, unit, str(value))
            case t.ParamRef(parameter):
                return self.parameter(parameter)
            case t.AsOf():
                return "as of"
            case t.Span(start, end):
                return digest("span", self.value(start), self.value(end))
            case t.Arith(op, left, right):
                return digest("arith", op, self.value(left), self.value(right))
            case t.NamedValue(_, _, inner):
                return self.value(inner)
            case t.DefValue(relation, definition, scope):
                return digest("computed", scope, self.computed(relation, definition.label))
            case t.AggValue(quant):
                return self.quant(quant)

    # -- words -------------------------------------------------------------------------------------------------------
    def computed(self, relation: Relation, label: str) -> str:
        """A definition, by what it says."""
        key = ("definition", relation.name, label)
        if key not in self.done:
            checked = self.checked.definitions[relation.name, label]
            inner = self.bool(checked.body) if checked.body is not None else ""
            value = self.value(checked.value) if checked.value is not None else ""
            self.done[key] = digest("definition", inner, value)
        return self.done[key]

    def field(self, relation: Relation, each: Field) -> str:
        """A field with all that bears on an outcome: its type, and what its absence means."""
        key = ("field", relation.name, each.name)
        if key not in self.done:
            absent = self.checked.vocabulary.not_applicable.get((relation.name, each.name))
            missing = (each.missing.kind, each.missing.value, self.bool(absent) if absent is not None else "")
            self.done[key] = digest(key, each.type, each.unit, each.interval, missing)
        return self.done[key]

    def parameter(self, parameter: Parameter) -> str:
        key = ("parameter", parameter.name)
        if key not in self.done:
            values = sorted(
                (v.start.isoformat(), v.region, json.dumps(parameter_constant(parameter, v), default=str))
                for v in parameter.values
            )
            self.done[key] = digest(key, parameter.type, parameter.unit, parameter.codes, values)
        return self.done[key]

    def word_list(self, found: WordList) -> str:
        return digest("list", sorted(set(found.values)), sorted(set(found.not_after)))

    def words(self, when: str, relation: Relation) -> dict[str, str]:
        """Every definition, list and parameter that a condition uses, also through one another, with its digest."""
        found: dict[str, str] = {}
        todo: list[tuple[str, Relation]] = [(when, relation)]
        while todo:
            text, home = todo.pop()
            for name in words_of(text):
                key = (name, home.name)
                if key not in self.looked_up:
                    self.looked_up[key] = self._word(name, home)
                for word, mark, more in self.looked_up[key]:
                    if word not in found:
                        found[word] = mark
                        todo += more
        return dict(sorted(found.items()))

    def _word(self, name: tuple[str, ...], home: Relation) -> list[Word]:
        vocabulary = self.checked.vocabulary
        if name[0] == "@":
            found = vocabulary.pack.lists.get(name[1])
            return [(f"词表 {found.name}", self.word_list(found), [])] if found else []
        if name[0] == "参数":
            parameter = vocabulary.parameter(name[-1])
            return [(f"参数 {parameter.name}", self.parameter(parameter), [])] if parameter else []
        every = [home, vocabulary.household, *vocabulary.relations.values()]
        for owner in dict.fromkeys(r.name for r in every):
            relation = next(r for r in every if r.name == owner)
            definition = vocabulary.defined[owner].get(name[-1])
            if definition is not None and (owner, definition.label) in self.checked.definitions:
                texts = [x for x in (definition.text, definition.yes, definition.no) if x]
                mark = self.computed(relation, definition.label)
                return [(f"定义 {relation.label}.{definition.label}", mark, [(x, relation) for x in texts])]
        return []


def _settings(owner: Rule | Hold) -> dict[str, Any]:
    """Everything of a rule that is not wording: whatever is added to the model later counts until it is named above."""
    found: dict[str, Any] = {}
    for each in fields(owner):
        value = getattr(owner, each.name)
        if each.name in _WORDING or value in (None, False, (), "", {}):  # a key left out and its default are the same
            continue
        if isinstance(value, Mapping):
            value = sorted((k, v) for k, v in value.items() if v)
        found[each.name] = sorted(value) if isinstance(value, tuple) else value
    return dict(sorted(found.items()))


@lru_cache(maxsize=4096)
def words_of(text: str) -> list[tuple[str, ...]]:
    """The names in a condition: fields and definitions as dotted parts, lists as ("@", name)."""
    node, _ = parse(text)
    found: list[tuple[str, ...]] = []
    todo: list[object] = [node]
    while todo:
        one = todo.pop()
        if isinstance(one, tree.Name):
            found.append(one.parts)
        elif isinstance(one, tree.ListRef):
            found.append(("@", one.name))
        elif isinstance(one, tree.Node):
            todo += [getattr(one, n) for n in one.__dataclass_fields__ if n not in ("start", "end")]
        elif isinstance(one, tuple):
            todo += one
    return found


def _flat(node: t.Bool, kind: type) -> list[t.Bool]:
    """The parts of an and / or, through definitions used in place: their names are not logic."""
    while isinstance(node, t.Named):
        node = node.body
    if isinstance(node, kind) and isinstance(node, t.And | t.Or):
        return [part for each in node.parts for part in _flat(each, kind)]
    return [node]
