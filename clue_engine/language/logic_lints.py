"""Conditions that can never be true, are always true, or contain parts that change nothing.

Comes in: a checked pack. Goes out: diagnostics CE411 (never true), CE412 (always true), CE413 (a part too many), CE415
(a negation on a field that is often missing). What rules say about each other: see ``between_rules``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from clue_engine.errors import Diagnostic, Level
from clue_engine.language import types as t
from clue_engine.language.between_rules import implied_bodies, implied_rules
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.formula import Translator
from clue_engine.language.lexer import diagnose
from clue_engine.language.logic import FALSE, TRUE, Space, Spent

_OPTION = "often_missing"


def logic_lints(checked: CheckedPack) -> list[Diagnostic]:
    """All findings about the logic of rules, holds and definitions."""
    space = Space(checked.vocabulary.codes)
    translator = Translator(space)
    conditions = list(_conditions(checked))
    for _, body, _ in conditions:
        translator.formula(body)
    space.freeze()
    implied_bodies(space)
    often = _often(checked)
    found: list[Diagnostic] = []
    for text, body, rule in conditions:
        found += _Inspector(text, translator, rule).inspect(body)
        found += _negated(text, body, often)
    return found + implied_rules(checked, translator)


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
    translator: Translator
    rule: bool
    found: list[Diagnostic] = field(default_factory=list)

    def inspect(self, body: t.Bool) -> list[Diagnostic]:
        whole = self.translator.formula(body)
        found = self._look(body, True)
        if not found and self.translator.space.independent(whole):
            return []
        never, always = self._never(whole), self._never(whole, FALSE)
        if not found and (never or always):
            self._say("CE411" if never else "CE412", body, "条件永远不成立" if never else "条件总是成立")
        level: Level = "error" if self.rule and (never or always) else "warning"
        if level == "error":
            self.found = [replace(d, level=level) for d in self.found]
        return self.found

    def _never(self, node: int, want: int = TRUE) -> bool:
        """Whether a formula certainly never has the outcome."""
        space = self.translator.space
        if space.independent(node):  # each part is free: what the parts may be is what the whole may be
            return not space.outcomes(node, {}) & want
        try:
            return space.possible(node, want) is None
        except Spent:
            return False

    def _look(self, node: t.Bool, positive: bool) -> bool:
        match node:
            case t.Named() | t.DefBool() | t.TwoSided():
                return False  # looked at where the definition is written
            case t.Not(body):
                return self._look(body, not positive)
            case t.And(parts) | t.Or(parts):
                if not _lowered(node):
                    wrong = [self._look(p, positive) for p in parts]
                    return any(wrong) or self._group(node, parts, positive)
                first = parts[0]
                if isinstance(first, t.Quant) and first.body is not None and self._look(first.body, True):
                    return True
            case t.Quant(body=inner) if inner is not None and self._look(inner, True):
                return True
        single = self.translator.formula(node, positive)
        if self._never(single):
            return self._say("CE411", node, "这个条件永远不成立")
        return self._never(single, FALSE) and self._say("CE412", node, "这个条件总是成立（除非数据缺失）")

    def _group(self, node: t.And | t.Or, parts: tuple[t.Bool, ...], positive: bool) -> bool:
        space = self.translator.space
        ids = [self.translator.formula(p, positive) for p in parts]
        both = isinstance(node, t.And)
        kind = "and" if both else "or"
        if len(set(ids)) == len(ids) and space.independent(space.node(kind, tuple(ids))):
            return False
        want = TRUE if both else FALSE
        if self._never(space.node(kind, tuple(dict.fromkeys(ids))), want):
            return self._stuck(kind, parts, ids, want)
        for i, part in enumerate(parts):
            rest = [n for j, n in enumerate(ids) if j != i]
            if ids[i] in ids[:i]:
                return self._say("CE413", part, f"“{_written(part)}”写了两次", "删去一处", 1)
            if ids[i] not in rest and self._superfluous(kind, ids[i], rest):
                why = "其他条件已经保证它成立" if both else "其他条件已经包含它"
                return self._say("CE413", part, f"“{_written(part)}”可以删去：{why}", "删去它，或检查数值和名单")
        return False

    def _stuck(self, kind: str, parts: tuple[t.Bool, ...], ids: list[int], want: int) -> bool:
        """An and that is never true, an or that is never false: name the two parts that make it so."""
        code, effect = ("CE411", "不可能同时成立") if want == TRUE else ("CE412", "总有一个成立，等于没有条件")
        space = self.translator.space
        for i in range(len(ids)):
            for j in range(i):
                if space.related(ids[i], ids[j]) and self._never(space.node(kind, (ids[j], ids[i])), want):
                    message = f"“{_written(parts[j])}”和“{_written(parts[i])}”{effect}"
                    again = int(_texts(parts[i])[:1] == _texts(parts[j])[:1])
                    return self._say(code, parts[i], message, "检查数值、名单，或把 and 与 or 弄反了", again)
        whole = t.And(parts) if kind == "and" else t.Or(parts)
        return self._say(code, whole, f"这几个条件{effect}", "检查数值、名单，或把 and 与 or 弄反了")

    def _superfluous(self, kind: str, part: int, rest: list[int]) -> bool:
        """Whether the whole has the same outcome without the part, whatever the data say."""
        space = self.translator.space
        if not any(space.related(part, other) for other in rest):
            return False
        others = space.node(kind, tuple(dict.fromkeys(rest)))
        if kind == "or":  # an or is the mirror of an and
            part, others = space.negated(part), space.negated(others)
        if not self._never(space.node("two", (part, others)), FALSE):  # the others true, the part not
            return False
        return self._never(space.node("two", (space.negated(others), space.negated(part))), FALSE)

    def _say(self, code: str, node: t.Bool, message: str, hint: str = "", nth: int = 0) -> bool:
        start, end = _span(self.text, node, nth)
        hint = hint or "检查数值、名单和比较方向"
        self.found.append(diagnose(self.text, start, end, code, message, hint, "warning"))
        return True


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
