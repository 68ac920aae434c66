"""Everything that can be said about a pack without data: types, names, templates, the logic of conditions, leftovers.

Comes in: a pack. Goes out: the checked pack and all findings. What runs is decided by ``check_pack`` alone: the lints
here never take a rule out of a scan. CE411 (never true), CE412 (always true), CE413 (a part too many), CE415 (a
negation on a field that is often missing), CE416 (two rules with one condition), CE421 to CE423 (list, definition,
parameter that nothing uses). What follows from several values at once, or from one rule for another, is not looked
for: the data show it (CE9xx).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from clue_engine.errors import Diagnostic, Level, Mark
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, CheckedRule, check_pack
from clue_engine.language.lexer import diagnose
from clue_engine.language.locking import Expander
from clue_engine.language.one_value import Cells, Values
from clue_engine.language.sameness import joint, shape
from clue_engine.pack.model import CodeSet, Definition, Pack

_OPTION = "often_missing"


def check_all(pack: Pack, *, whole: bool = True) -> tuple[CheckedPack, list[Diagnostic]]:
    """The checked pack with all diagnostics, ordered by place. Not ``whole``: what could not be read may use names."""
    checked, problems = check_pack(pack)
    problems = problems + logic_lints(checked) + (unused(pack) if whole else [])
    return checked, sorted(problems, key=lambda d: (d.mark, d.code))


def logic_lints(checked: CheckedPack) -> list[Diagnostic]:
    """All findings about the logic of rules, holds and definitions."""
    often = _often(checked)
    found: list[Diagnostic] = []
    for text, body, rule in _conditions(checked):
        found += _Inspector(text, checked.vocabulary.codes, rule).inspect(body)
        found += _negated(text, body, often)
    return found + _same_rules(checked)


def _conditions(checked: CheckedPack) -> Iterator[tuple[str, t.Bool, bool]]:
    """Every condition that somebody wrote, and whether a rule or hold hangs on it alone."""
    for rule in checked.rules.values():
        yield rule.rule.when, rule.when, True
    for hold in checked.holds.values():
        yield hold.hold.when, hold.when, True
    for definition in checked.vocabulary.definitions.values():
        source, body = definition.definition, definition.body
        if isinstance(body, t.TwoSided) and source.yes is not None and source.no is not None:
            yield source.yes, body.yes, False
            yield source.no, body.no, False
        elif body is not None and source.text is not None:
            yield source.text, body, False
    for (relation, name), body in checked.vocabulary.not_applicable.items():
        owner = next(r for r in checked.pack.relations if r.name == relation)
        condition = next(f.missing.condition for f in owner.fields if f.name == name)
        if condition is not None:
            yield condition, body, False


@dataclass
class _Inspector:
    """One condition, looked at from its parts upwards; a part that is wrong silences what stands above it."""

    text: str
    codes: Mapping[str, CodeSet]
    rule: bool
    found: list[Diagnostic] = field(default_factory=list)

    def inspect(self, body: t.Bool) -> list[Diagnostic]:
        self.values = Values(self.codes)
        self.values.note(body)
        fixed = self._look(body, True)
        level: Level = "error" if self.rule and fixed is not None else "warning"
        return [replace(d, level=level) for d in self.found]

    def _look(self, node: t.Bool, positive: bool) -> bool | None:
        """Tell what is wrong with a part. What the part always is: False never true, True never false, else None."""
        match node:
            case t.Named() | t.DefBool() | t.TwoSided():
                return None  # looked at where the definition is written
            case t.Not(body):
                found = self._look(body, not positive)
                return None if found is None else not found
            case t.And(parts) | t.Or(parts) if not _lowered(node):
                both, before = isinstance(node, t.And), len(self.found)
                said = [self._look(p, positive) for p in parts]
                if (not both) in said:
                    return not both
                if len(self.found) > before:
                    return both if set(said) == {both} else None
                return self._group(node, parts, positive, both)
            case t.And(parts) if isinstance(parts[0], t.Quant) and parts[0].body is not None:
                before = len(self.found)
                self._look(parts[0].body, True)
                if len(self.found) > before:
                    return None
            case t.Quant(body=inner) if inner is not None:
                before = len(self.found)
                never = self._look(inner, True) is False
                if len(self.found) > before:
                    return False if never and node.kind == "any" else None
        return self._alone(node, positive)

    def _alone(self, node: t.Bool, positive: bool) -> bool | None:
        own = self.values.cells(node, positive)
        if own is not None and not own.true:
            return self._say("CE411", node, "这个条件永远不成立") and False
        if own is not None and not own.false:
            return self._say("CE412", node, "这个条件总是成立（除非数据缺失）")
        return None

    def _group(self, node: t.Bool, parts: tuple[t.Bool, ...], positive: bool, both: bool) -> bool | None:
        """Parts that exclude or repeat one another. An or is the and of what it denies."""
        said = [[c for each in joint(p, both) if (c := self.values.cells(each, positive is both)) is not None]
                for p in parts]  # fmt: skip
        shapes: list[Any] = [shape(p, self.values.known) for p in parts]
        # Not t.Not(p): shapes are known by the identity of living nodes.
        denied = [own[1] if own[0] == "Not" else ("Not", own) for own in shapes]
        code, effect = ("CE411", "不可能同时成立") if both else ("CE412", "总有一个成立，等于没有条件")
        hint = "检查数值、名单，或把 and 与 or 弄反了"
        counts = positive and both  # of lower bounds on what holds leave and upper bounds on all rows
        for i in range(len(parts)):
            for j in range(i):
                opposed = any(not a.true & b.true for a in said[i] for b in said[j] if _alike(a, b, counts))
                if opposed or (denied[i] == shapes[j] and counts):
                    message = f"“{_written(parts[j])}”和“{_written(parts[i])}”{effect}"
                    again = int(_texts(parts[i])[:1] == _texts(parts[j])[:1])
                    self._say(code, parts[i], message, hint, again)
                    return not both
        every = [c for own in said for c in own]
        for each in every:
            rest = each.true
            for other in every:
                rest &= other.true if _alike(each, other, counts) else rest
            if not rest:
                self._say(code, node, f"这几个条件{effect}", hint)
                return not both
        self._repeated(parts, shapes, said, positive, both)
        return None

    def _repeated(
        self, parts: tuple[t.Bool, ...], shapes: list[Any], said: list[list[Cells]], positive: bool, both: bool
    ) -> None:
        own_cells = [self.values.cells(p, positive) for p in parts]
        same = [cells or one for cells, one in zip(own_cells, shapes, strict=True)]
        for i, part in enumerate(parts):
            if same[i] in same[:i]:
                self._say("CE413", part, f"“{_written(part)}”写了两次", "删去一处", 1)
                return
            own = own_cells[i]
            own = own if own is None or both else own.negated()
            others = [c for j, cells in enumerate(said) if j != i and same[j] != same[i] for c in cells]
            others = [c for c in others if own is not None and _alike(own, c, False)]
            if own is None or not others:
                continue
            true, false = others[0].true, 0
            for each in others:
                true, false = true & each.true, false | each.false
            if not true & ~own.true and not own.false & ~false:
                why = "其他条件已经保证它成立" if both else "其他条件已经包含它"
                self._say("CE413", part, f"“{_written(part)}”可以删去：{why}", "删去它，或检查数值和名单")
                return

    def _say(self, code: str, node: t.Bool, message: str, hint: str = "", nth: int = 0) -> bool:
        start, end = _span(self.text, node, nth)
        hint = hint or "检查数值、名单和比较方向"
        self.found.append(diagnose(self.text, start, end, code, message, hint, "warning"))
        return True


def _alike(a: Cells, b: Cells, counts: bool) -> bool:
    """Whether two parts speak of one value. ``counts``: also of rows with and without those that holds take out."""
    return a.value == b.value and (a.fewer == b.fewer or counts)


def _lowered(node: t.And | t.Or) -> bool:
    """Whether an and is one test of the author: between, or a count that equals."""
    words = {getattr(p, "text", "") for p in node.parts}
    return isinstance(node, t.And) and len(node.parts) == 2 and len(words) == 1 and "" not in words


def _texts(node: t.Bool) -> list[str]:
    """What the author wrote for the tests of a node, in order."""
    if isinstance(node, t.Named):
        return [node.definition.label]
    if isinstance(node, t.Quant):
        return [node.text]
    own = getattr(node, "text", "")
    return [own] if own else list(dict.fromkeys(w for child in t.children(node) for w in _texts(child)))


def _written(node: t.Bool) -> str:
    words = _texts(node)
    shown = words[0] if len(words) == 1 else f"{words[0]} … {words[-1]}" if words else ""
    shown = " ".join(shown.split())
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _span(text: str, node: t.Bool, nth: int = 0) -> tuple[int, int]:
    """Where a node stands in its text; ``nth``: not its first occurrence."""
    words = _texts(node)
    if not words:
        return 0, max(len(text), 1)
    start = text.find(words[0])
    if nth and start >= 0:
        start = max(text.find(words[0], start + len(words[0])), start)
    start = max(start, 0)
    end = start
    for word in words:
        at = text.find(word, end)
        end = at + len(word) if at >= 0 else end
    return start, max(end, start + 1)


# -- negations on what is often missing ------------------------------------------------------------------------------
def _often(checked: CheckedPack) -> set[tuple[str, str]]:
    """(relation, field) that the pack declares as often missing."""
    named = checked.pack.options.get(_OPTION)
    found: set[tuple[str, str]] = set()
    for label, words in named.items() if isinstance(named, Mapping) else ():
        relation = checked.vocabulary.relations.get(str(label))
        for word in words if relation is not None and isinstance(words, list | tuple) else ():
            each = checked.vocabulary.fields[relation.name].get(str(word)) if relation else None
            if relation is not None and each is not None:
                found.add((relation.name, each.name))
    return found


def _negated(text: str, body: t.Bool, often: set[tuple[str, str]]) -> list[Diagnostic]:
    """<>, not in, not contains on a field that is often missing, without a word on what then."""
    if not often:
        return []
    found = []
    nodes = [n for q in _bodies(body) for n in t.walk(q)]
    asked = {k for n in nodes if isinstance(n, t.Known) for k in t.atom_keys(n)}
    for node in nodes:
        if isinstance(node, t.Not) and isinstance(node.body, t.Test | t.InSet | t.Contains):
            atom = node.body
            if isinstance(atom, t.Test) and atom.op != "=":
                continue
            hit = [k for k in t.atom_keys(atom) if k in often and k not in asked]
            if hit and atom.text and atom.text in text:
                message = f"“{_written(atom)}”的字段常常缺失，缺失时不能判断，这一户会成为待核"
                hint = "写明缺失时怎么办：加上 is known 或 is missing，或改用正面的条件"
                start = text.find(atom.text)
                found.append(diagnose(text, start, start + len(atom.text), "CE415", message, hint, "warning"))
    return found


def _bodies(body: t.Bool) -> list[t.Bool]:
    """A condition and the bodies of its quantifiers; not what definitions hide."""
    found = [body]
    for node in t.walk(body):
        if isinstance(node, t.Quant) and node.body is not None:
            found.append(node.body)
    return found


# -- rules with one condition -----------------------------------------------------------------------------------------
def _same_rules(checked: CheckedPack) -> list[Diagnostic]:
    """Rules of one direction and one dimension whose conditions say the same, told at the later one."""
    expander = Expander(checked)
    first: dict[object, CheckedRule] = {}
    found = []
    for rule in checked.rules.values():
        if rule.rule.status == "retired":
            continue
        one = first.setdefault((rule.rule.direction, expander.bool(rule.when)), rule)
        apart = one.rule.id in rule.rule.supersedes or rule.rule.id in one.rule.supersedes
        if one is not rule and not apart and set(one.rule.points) & set(rule.rule.points):
            message = f"{rule.rule.id} 与 {one.rule.id}“{one.rule.title}”条件相同，会重复计分"
            hint = f"有意如此时在 {rule.rule.id} 写 supersedes: [{one.rule.id}]，否则改条件或分项"
            found.append(diagnose(rule.rule.when, 0, len(rule.rule.when), "CE416", message, hint, "warning"))
    return found


# -- names that nothing uses -------------------------------------------------------------------------------------------
# What stations ask the pack for by name (pipeline.py), without a rule.
BY_STATIONS = ("案发受理最长间隔", "数据最长间隔", "未成年上限", "清单骤减下限", "清单骤减起点")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|‘[^’]*’")
_LIST = re.compile(r"[@\uff20]\s*([^\W\d][\w·]*)")
_WORD = re.compile(r"[^\W\d][\w·]*")


def unused(pack: Pack) -> list[Diagnostic]:
    """All names of the pack that no condition, no option and no station uses."""
    lists: set[str] = set()
    words: set[str] = set(BY_STATIONS)
    for text in _written_in(pack):
        bare = _QUOTED.sub(" ", text)
        lists.update(_LIST.findall(bare))
        words.update(_WORD.findall(_LIST.sub(" ", bare)))
    named = set(_strings(pack.options))
    found = [
        _say("CE421", f"名单“{name}”没有地方使用", one.mark, len(name), "删去它，或检查别处是否写错了名称")
        for name, one in pack.lists.items()
        if name not in lists | named
    ]
    for relation in pack.relations:
        for one in relation.definitions:
            if one.label not in words | named:
                hint = "删去它，或检查别处是否写错了名称"
                found.append(_say("CE422", f"定义“{one.label}”没有地方使用", one.mark, len(one.label), hint))
    for name, parameter in pack.parameters.items():
        if not {name, parameter.label, *parameter.aliases} & (words | named):
            hint = "删去它，或检查别处是否写错了名称"
            found.append(_say("CE423", f"参数“{name}”没有地方使用", parameter.mark, len(name), hint))
    return found


def _say(code: str, message: str, mark: Mark | None, length: int, hint: str) -> Diagnostic:
    return Diagnostic(code, "warning", message, mark or Mark("", 1, 1), length, hint)


def _written_in(pack: Pack) -> Iterator[str]:
    """All texts that may name something. A definition does not use itself."""
    for rule in pack.rules_and_measures:
        yield rule.when
        yield rule.reason
    for hold in pack.holds:
        yield hold.when
        yield hold.reason
    for relation in pack.relations:
        yield from (f.missing.condition for f in relation.fields if f.missing.condition is not None)
        for definition in relation.definitions:
            for text in (definition.text, definition.yes, definition.no):
                yield _without_itself(definition, text or "")


def _without_itself(definition: Definition, text: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(definition.label)}(?!\w)", " ", text)


def _strings(value: Any) -> Iterator[str]:
    """All texts below an option."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
    else:
        yield str(value)
