"""A pack as loaded -> a pack that can run: every condition parsed and typed, all findings at once.

One wrong rule, hold or definition never stops the others; it is left out of the CheckedPack and named. Well formed but
not meant: said fields under a negation (CE402), two facts that may come from different cases (CE305).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from clue_engine.errors import Diagnostic, Level
from clue_engine.language import types as t
from clue_engine.language.check import Checker
from clue_engine.language.check_names import Abort, Scope
from clue_engine.language.lexer import diagnose
from clue_engine.language.opened import leaves
from clue_engine.language.parser import parse
from clue_engine.language.template import check_template
from clue_engine.language.tree import depth
from clue_engine.language.vocabulary import HOUSEHOLD, NEW_DEFINITION, Vocabulary
from clue_engine.pack.model import Definition, Hold, Pack, Relation, Rule

MAX_PATH = 25  # definitions below definitions; the shipped pack has 5


@dataclass(frozen=True)
class CheckedRule:
    """A rule with its typed condition. ``needs``: relations without a row of which it cannot hit."""

    rule: Rule
    when: t.Bool
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CheckedHold:
    hold: Hold
    relation: Relation
    when: t.Bool


@dataclass
class CheckedPack:
    """What evaluate runs: typed conditions of everything that is right."""

    pack: Pack
    vocabulary: Vocabulary
    rules: dict[str, CheckedRule] = field(default_factory=dict)
    holds: dict[str, CheckedHold] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)  # rule or hold id -> first error

    @property
    def definitions(self) -> dict[tuple[str, str], t.CheckedDefinition]:
        return self.vocabulary.definitions


_LAST: list[tuple[Pack, CheckedPack, list[Diagnostic]]] = []


def check_pack(pack: Pack) -> tuple[CheckedPack, list[Diagnostic]]:
    """Parse and check all conditions of a pack. Diagnostics are ordered by place.

    A command asks several times about the one pack that it has loaded: it is checked once.
    """
    if not _LAST or _LAST[0][0] is not pack:
        _LAST[:] = [(pack, *_checked(pack))]
    _, checked, problems = _LAST[0]
    return checked, list(problems)


def _checked(pack: Pack) -> tuple[CheckedPack, list[Diagnostic]]:
    vocabulary = Vocabulary(pack)
    problems: list[Diagnostic] = []
    definer = Definer(vocabulary, problems)
    for relation in pack.relations:
        for definition in relation.definitions:
            definer.define(relation, definition.label)
    for relation in pack.relations:
        _check_not_applicable(vocabulary, relation, definer, problems)
    checked = CheckedPack(pack, vocabulary)
    for rule in pack.rules_and_measures:
        body, found = check_text(rule.when, vocabulary, vocabulary.household, definer.define)
        problems += found
        if body is None:
            checked.wrong[rule.id] = _first(found)
        else:
            checked.rules[rule.id] = CheckedRule(rule, body, frozenset(required_relations(body)))
        problems += check_template(rule.reason, vocabulary)
    for hold in pack.holds:
        _check_hold(checked, hold, definer, problems)
        problems += check_template(hold.reason, vocabulary)
    return checked, sorted(problems, key=lambda d: (d.mark, d.code))


def _first(found: list[Diagnostic]) -> str:
    errors = [d for d in found if d.level == "error"]
    return f"{errors[0].code} {errors[0].mark} {errors[0].message}" if errors else "CE108 条件用到的定义有错"


def _check_hold(checked: CheckedPack, hold: Hold, definer: Definer, problems: list[Diagnostic]) -> None:
    relation = checked.vocabulary.relations.get(hold.relation)
    if relation is None:
        message = f"没有关系“{hold.relation}”"
        hint = "relation 可以写：" + "、".join(checked.vocabulary.relations)
        problems.append(diagnose(hold.when, 0, 1, "CE108", message, hint))
        checked.wrong[hold.id] = message
        return
    body, found = check_text(hold.when, checked.vocabulary, relation, definer.define)
    problems += found
    if body is None:
        checked.wrong[hold.id] = _first(found)
    elif relation.label != HOUSEHOLD and t.quantifiers(body):
        message = "行上的搁置条件里不能写 any、count"
        problems.append(
            diagnose(
                hold.when,
                0,
                len(hold.when),
                "CE303",
                message,
                f"{NEW_DEFINITION}，条件里用它的名称；或改为 relation: 户",
            )
        )
        checked.wrong[hold.id] = message
    else:
        checked.holds[hold.id] = CheckedHold(hold, relation, body)


def check_text(
    text: str, vocabulary: Vocabulary, relation: Relation,
    define: Callable[[Relation, str], t.CheckedDefinition | None], in_definition: bool = False,
) -> tuple[t.Bool | None, list[Diagnostic]]:  # fmt: skip
    """Parse and type one condition on a row of ``relation``. None when something is wrong."""
    node, problems = parse(text)
    if node is None:
        return None, problems
    checker = Checker(text, vocabulary, define, problems, own_depth=depth(node))
    try:
        body = checker.condition(node, Scope(relation, in_definition=in_definition))
    except Abort:
        return None, problems
    problems += lint(body, text, vocabulary)
    if any(p.level == "error" for p in problems):
        return None, problems
    return body, problems


def _check_not_applicable(
    vocabulary: Vocabulary, relation: Relation, definer: Definer, problems: list[Diagnostic]
) -> None:
    for each in relation.fields:
        if each.missing.condition is None:
            continue
        body, found = check_text(each.missing.condition, vocabulary, relation, definer.define)
        problems += found
        if body is None:
            continue
        if t.quantifiers(body) or any(isinstance(n, t.DefBool) for n in t.walk(body)):
            text = each.missing.condition
            problems.append(diagnose(text, 0, len(text), "CE303", "“不适用”的条件只能看同一行", "去掉 any、count"))
            continue
        vocabulary.not_applicable[relation.name, each.name] = body
    for name, label in _circular(vocabulary, relation):
        own = next(f.missing.condition for f in relation.fields if f.name == name) or ""
        problems.append(diagnose(own, 0, len(own), "CE109", f"“{label}”的不适用条件绕回到自己", "去掉其中一个"))
        del vocabulary.not_applicable[relation.name, name]


def _circular(vocabulary: Vocabulary, relation: Relation) -> list[tuple[str, str]]:
    """Fields whose condition depends on themselves."""
    reads: dict[str, set[str]] = {}
    for (owner, name), body in vocabulary.not_applicable.items():
        if owner == relation.name:
            atoms = [n for n in t.walk(body) if isinstance(n, t.Test | t.InSet | t.Contains | t.IsTrue)]
            refs = [r for a in atoms for r in t.atom_refs(a) if isinstance(r, t.FieldRef) and r.relation == relation]
            reads[name] = {r.field.name for r in refs}
    found = []
    for name in reads:
        seen: set[str] = set()
        todo = set(reads[name])
        while todo:
            each = todo.pop()
            if each not in seen:
                seen.add(each)
                todo |= reads.get(each, set())
        if name in seen:
            found.append((name, next(f.label for f in relation.fields if f.name == name)))
    return found


class _TooDeep(Exception):
    """Definitions that use definitions that use …: the next step would not fit the stack."""


@dataclass
class Definer:
    """Checks definitions on demand, once each; a circle is reported with its path."""

    vocabulary: Vocabulary
    problems: list[Diagnostic]
    path: list[str] = field(default_factory=list)
    done: dict[tuple[str, str], t.CheckedDefinition | None] = field(default_factory=dict)

    def define(self, relation: Relation, label: str) -> t.CheckedDefinition | None:
        key = (relation.name, label)
        if key in self.done:
            return self.done[key]
        definition = self.vocabulary.defined[relation.name][label]
        name = f"{relation.label}.{label}"
        if name in self.path:
            circle = " -> ".join([*self.path[self.path.index(name) :], name])
            text = definition.text or definition.yes or ""
            self.problems.append(
                diagnose(text, 0, max(len(text), 1), "CE109", f"定义绕成了圈：{circle}", "去掉一处引用")
            )
            return None
        self.path.append(name)
        try:
            if len(self.path) > MAX_PATH:
                raise _TooDeep
            checked = self._check(relation, definition)
        except (_TooDeep, RecursionError):
            if len(self.path) > 1:  # only the outermost is at fault: those below may be right on their own
                raise
            text, message = definition.text or definition.yes or "", f"定义一层套一层，超过 {MAX_PATH} 层"
            self.problems.append(diagnose(text, 0, max(len(text), 1), "CE106", message, "检查是否绕成了圈，或合并几层"))
            checked = None
        finally:
            self.path.pop()
        self.done[key] = checked
        if checked is not None:
            self.vocabulary.definitions[key] = checked
            for leaf in leaves(checked):
                self.vocabulary.definitions[relation.name, leaf.definition.label] = leaf
        return checked

    def _check(self, relation: Relation, definition: Definition) -> t.CheckedDefinition | None:
        used: list[t.CheckedDefinition] = []
        if definition.text is not None:
            body, value = self._one(relation, definition.label, definition.text, used)
        else:
            yes, _ = self._one(relation, definition.label, definition.yes or "", used, boolean=True)
            no, _ = self._one(relation, definition.label, definition.no or "", used, boolean=True)
            body, value = (t.TwoSided(yes, no), None) if yes is not None and no is not None else (None, None)
        if body is None and value is None:
            return None
        own = t.quantifiers(body) if body is not None else t.value_quantifiers(value) if value is not None else []
        inner = max((u.depth for u in used), default=0)
        level = inner + 1 if own else 0
        said = body is not None and mentions_said(body, self.vocabulary)
        return t.CheckedDefinition(relation, definition, body, value, level, said, max(level, inner))

    def _one(
        self, relation: Relation, label: str, text: str, used: list[t.CheckedDefinition], boolean: bool = False
    ) -> tuple[t.Bool | None, t.Value | None]:
        node, problems = parse(text)
        checker = Checker(text, self.vocabulary, self.define, problems, own_depth=depth(node) if node else 0)
        body: t.Bool | None = None
        value: t.Value | None = None
        try:
            if node is not None:
                scope = Scope(relation, in_definition=True)
                if boolean or checker.is_condition(node, scope):
                    body = checker.condition(node, scope)
                    problems += lint(body, text, self.vocabulary)
                else:
                    value = checker.value(node, scope)
        except Abort:
            body = value = None
        self.problems += problems
        used += checker.used
        key = (relation.name, label)
        own = 1 + len(text) // 8  # about one test in eight characters
        self.vocabulary.sizes[key] = self.vocabulary.sizes.get(key, 0) + own + checker.size
        deepest = max(self.vocabulary.depths.get(key, 0), checker.own_depth + checker.depth)
        self.vocabulary.depths[key] = deepest
        if any(p.level == "error" for p in problems):
            return None, None
        return body, value


# -- what is well formed but probably not meant ------------------------------------------------------------------------
_CASE_RELATION = "涉案"


def lint(body: t.Bool, text: str, vocabulary: Vocabulary) -> list[Diagnostic]:
    """said fields under a negation (error), two facts that may come from different cases (warning)."""
    found: list[Diagnostic] = []
    for word, written in negated_said(body, vocabulary):
        message = f"“{word}”只记录写明了的情况，没写不等于没有，不能否定"
        found.append(_at(text, written, "CE402", message, "去掉否定，或换一个记录“否”的字段"))
    for node in t.walk(body):
        if isinstance(node, t.And):
            anys = [p for p in node.parts if isinstance(p, t.Quant) and p.kind == "any" and p.link is None]
            cases = [p for p in anys if p.relation.label == _CASE_RELATION]
            if len(cases) > 1:
                message = "两个 any 涉案 说的可能不是同一个案件"
                hint = "同一案件写成 any 涉案 (甲 and 乙);确实可以是两个案件时不必理会"
                found.append(_at(text, cases[1].text, "CE305", message, hint, "warning"))
    return found


def _at(text: str, part: str, code: str, message: str, hint: str, level: Level = "error") -> Diagnostic:
    start = max(text.find(part), 0) if part else 0
    return diagnose(text, start, start + max(len(part), 1) if part else len(text), code, message, hint, level)


def negated_said(body: t.Bool, vocabulary: Vocabulary, positive: bool = True) -> list[tuple[str, str]]:
    """The said fields or definitions that stand where their absence would count, each with the text of its test."""
    match body:
        case t.Not(inner):
            return negated_said(inner, vocabulary, not positive)
        case t.Named(_, definition, inner):
            below = negated_said(inner, vocabulary, positive)
            # A definition with a said field is named itself: the text of the rule shows no more than its name.
            return [(definition.label, definition.label)] if below else []
        case t.DefBool(relation, definition):
            checked = vocabulary.definitions.get((relation.name, definition.label))
            label = definition.label
            return [(label, label)] if not positive and checked is not None and checked.has_said else []
        case t.Quant():
            rising = positive if body.rising else not positive
            return negated_said(body.body, vocabulary, rising) if body.body is not None else []
        case t.And() | t.Or() | t.TwoSided():
            return [w for part in t.children(body) for w in negated_said(part, vocabulary, positive)]
        case t.Known():
            return []
        case t.IsTrue(want=False):
            positive = not positive
    if positive:
        return []
    refs = t.atom_refs(body)
    said = [r.field.label for r in refs if isinstance(r, t.FieldRef) and r.field.missing.kind == "said"]
    return [(label, getattr(body, "text", "") or label) for label in said]


def mentions_said(body: t.Bool, vocabulary: Vocabulary) -> bool:
    """Whether a said field decides anything in the condition, here or in a quantifier's body."""
    for node in t.walk(body):
        if isinstance(node, t.Quant):
            if node.body is not None and mentions_said(node.body, vocabulary):
                return True
        elif isinstance(node, t.DefBool):
            checked = vocabulary.definitions.get((node.relation.name, node.definition.label))
            if checked is not None and checked.has_said:
                return True
        elif isinstance(node, t.Test | t.InSet | t.Contains | t.IsTrue):
            refs = t.atom_refs(node)
            if any(isinstance(r, t.FieldRef) and r.field.missing.kind == "said" for r in refs):
                return True
    return False


def required_relations(body: t.Bool) -> set[str]:
    """Relations of which a household needs a row, or the condition is false (unless the relation is not loaded)."""
    match body:
        case t.And(parts):
            return set().union(*(required_relations(p) for p in parts))
        case t.Or(parts):
            return set.intersection(*(required_relations(p) for p in parts))
        case t.Quant(kind="any", link=None):
            return {body.relation.name}
        case t.Quant(link=None, value=None, op=">=" | ">", right=t.Const(value=float(n))):
            return {body.relation.name} if n >= 1 or (body.op == ">" and n >= 0) else set()
    return set()
