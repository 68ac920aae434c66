"""One text under check, and its names -> fields, definitions, parameters. Says what was probably meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from clue_engine.errors import Diagnostic, Level
from clue_engine.language import tree
from clue_engine.language import types as t
from clue_engine.language.lexer import diagnose
from clue_engine.language.types import Type
from clue_engine.language.vocabulary import HOUSEHOLD, Vocabulary, field_type, parameter_type, suggest
from clue_engine.language.wrong_words import EMPTY, UNFILLED, spelled
from clue_engine.pack.labels import TYPES
from clue_engine.pack.model import Relation
from clue_engine.pack.words import said_as, written

MAX_SIZE, MAX_DEPTH = 3000, 120  # the largest definition of the shipped pack has about 90 tests and 21 levels
Found = t.FieldRef | t.NamedValue | t.DefValue | t.ParamRef | t.Named | t.DefBool


class Abort(Exception):
    """This branch of the tree cannot be typed; its diagnostic is already recorded."""


@dataclass(frozen=True)
class Scope:
    """What names mean: ``relation`` is that of the row in hand; ``outer`` that of 本行; links only in definitions."""

    relation: Relation
    outer: Relation | None = None
    in_definition: bool = False
    in_quantifier: bool = False


@dataclass
class Words:
    """One text and what is said of it. ``define`` gives a checked definition on demand (and finds cycles)."""

    text: str
    vocabulary: Vocabulary
    define: Callable[[Relation, str], t.CheckedDefinition | None]
    problems: list[Diagnostic] = field(default_factory=list)
    used: list[t.CheckedDefinition] = field(default_factory=list)
    size: int = 0  # of the definitions used so far, opened
    depth: int = 0  # of the deepest of them
    own_depth: int = 0

    def report(self, node: tree.Node, code: str, message: str, hint: str = "", level: Level = "error") -> None:
        self.problems.append(diagnose(self.text, node.start, node.end, code, message, hint, level))

    def fail(self, node: tree.Node, code: str, message: str, hint: str = "") -> Abort:
        self.report(node, code, message, hint)
        return Abort()

    def written(self, node: tree.Node) -> str:
        return self.text[node.start : node.end]


_LABELS = {**TYPES, "number": "数字", "span": "时间间隔"}


def type_label(found: Type) -> str:
    return _LABELS[found.kind] + (f"({found.unit})" if found.kind == "duration" else "")


def resolve_name(checker: Words, node: tree.Name, scope: Scope) -> Found:
    """What a name means in ``scope``: bare names are the row's, then the household's."""
    if len(node.parts) == 1:
        return _bare(checker, node, scope)
    if len(node.parts) > 2:
        raise checker.fail(node, "CE104", "名字最多两段，如 户.困难、参数.名称")
    head, word = node.parts
    if head == "参数":
        parameter = checker.vocabulary.parameter(word)
        if parameter is None:
            known = [w for p in checker.vocabulary.pack.parameters.values() for w in (p.name, p.label, *p.aliases) if w]
            raise checker.fail(node, "CE108", f"没有参数“{word}”", suggest(word, known) or "在 parameters/ 里写明再用")
        return t.ParamRef(parameter, parameter_type(parameter))
    if head == HOUSEHOLD:
        found = _in_relation(checker, checker.vocabulary.household, word, "household")
        if found is None:
            raise _unknown(checker, node, word, [checker.vocabulary.household])
        return found
    if head == "本行":
        return _outer(checker, node, word, scope)
    if head in checker.vocabulary.relations:
        relation = checker.vocabulary.relations[head]
        if scope.in_quantifier and relation == scope.relation:
            found = _in_relation(checker, relation, word, "row")
            if found is not None:
                return found
            raise _unknown(checker, node, word, [relation])
        hint = f"户下可能有几行{head},写成 any {head} ({word} …) 或 count {head} (…)"
        raise checker.fail(node, "CE301", f"“{head}.{word}”要写明是哪一行", hint)
    known = ["户", "参数", "本行", *checker.vocabulary.relations]
    raise checker.fail(node, "CE108", f"“{head}”后面不能加点", suggest(head, known))


def _bare(checker: Words, node: tree.Name, scope: Scope) -> Found:
    word = node.parts[0]
    household = checker.vocabulary.household
    at_home = scope.relation.label == HOUSEHOLD
    found = _in_relation(checker, scope.relation, word, "household" if at_home else "row")
    if found is None and not at_home:
        found = _in_relation(checker, household, word, "household")
    if found is not None:
        return found
    elsewhere = [
        r for r in checker.vocabulary.relations.values()
        if word in checker.vocabulary.fields[r.name] or word in checker.vocabulary.defined[r.name]
    ]  # fmt: skip
    if elsewhere:
        label = elsewhere[0].label
        message = f"“{word}”是{'、'.join(r.label for r in elsewhere)}的字段，要写明是哪一行"
        raise checker.fail(node, "CE301", message, f"写成 any {label} ({word} …) 或 count {label} (…)")
    if checker.vocabulary.parameter(word) is not None:
        raise checker.fail(node, "CE101", f"“{word}”是参数", f"写成 参数.{word}")
    if word in checker.vocabulary.pack.lists:
        raise checker.fail(node, "CE101", f"“{word}”是词表", f"写成 @{word}")
    raise _unknown(checker, node, word, [scope.relation] if at_home else [scope.relation, household])


def _outer(checker: Words, node: tree.Name, word: str, scope: Scope) -> Found:
    if not scope.in_definition or not scope.in_quantifier or scope.outer is None:
        raise checker.fail(node, "CE302", "“本行”只能写在定义的 any、count 括号里", "规则里直接写字段名")
    at_home = scope.outer.label == HOUSEHOLD
    found = _in_relation(checker, scope.outer, word, "household" if at_home else "outer")
    if found is None:
        raise _unknown(checker, node, word, [scope.outer])
    return found


def _in_relation(checker: Words, relation: Relation, word: str, scope: str) -> Found | None:
    field = checker.vocabulary.fields[relation.name].get(word)
    if field is not None:
        return t.FieldRef(relation, field, scope, field_type(field))
    if word not in checker.vocabulary.defined[relation.name]:
        return None
    checked = checker.define(relation, word)
    if checked is None:  # the definition itself is wrong and says so; here it is merely unusable
        raise Abort
    checker.size += checker.vocabulary.sizes.get((relation.name, word), 1)
    checker.depth = max(checker.depth, checker.vocabulary.depths.get((relation.name, word), 1))
    if (
        checker.size > MAX_SIZE or checker.own_depth + checker.depth > MAX_DEPTH
    ):  # each doubling the one before, twenty short definitions fill any memory
        start = max(checker.text.find(word), 0)
        message = f"用到的定义一层套一层，展开后太大（超过 {MAX_SIZE} 个条件或 {MAX_DEPTH} 层）"
        hint = "减少重复引用同一个定义"
        checker.problems.append(diagnose(checker.text, start, start + len(word), "CE106", message, hint))
        raise Abort
    checker.used.append(checked)
    key = (relation.name, word, scope)
    if key not in checker.vocabulary.placed:  # a pack of hundred rules names a definition some fifteen times
        checker.vocabulary.placed[key] = place(checked, scope)
    return checker.vocabulary.placed[key]


def place(checked: t.CheckedDefinition, scope: str) -> t.NamedValue | t.DefValue | t.Named | t.DefBool:
    """A definition seen from another row: in place where that is possible, else as its column."""
    relation, definition = checked.relation, checked.definition
    if checked.level > 0:
        if checked.value is not None:
            return t.DefValue(relation, definition, scope, checked.value.type)
        return t.DefBool(relation, definition, scope, definition.label)
    if checked.value is not None:
        return t.NamedValue(relation, definition, move_value(checked.value, scope))
    assert checked.body is not None
    return t.Named(relation, definition, move(checked.body, scope), scope)


def move(body: t.Bool, scope: str) -> t.Bool:
    """A condition on a row, as seen when that row is the household or the outer row."""
    body = t.rebuilt(body, [move(p, scope) for p in t.children(body)])
    match body:
        case t.Named() | t.DefBool() if body.scope == "row":
            return replace(body, scope=scope)
        case t.Test(_, left, right):
            return replace(body, left=move_value(left, scope), right=move_value(right, scope))
        case t.IsTrue(value):
            moved = move_value(value, scope)
            assert isinstance(moved, t.FieldRef)
            return replace(body, value=moved)
        case t.InSet(value) | t.Contains(value) | t.Known(value):
            return replace(body, value=move_value(value, scope))
    return body


def move_value(value: t.Value, scope: str) -> t.Value:
    match value:
        case t.FieldRef() | t.DefValue() if value.scope == "row":
            return replace(value, scope=scope)
        case t.Span(start, end):
            return replace(value, start=move_value(start, scope), end=move_value(end, scope))
        case t.Arith(_, left, right):
            return replace(value, left=move_value(left, scope), right=move_value(right, scope))
        case t.NamedValue():
            return replace(value, value=move_value(value.value, scope))
    return value


def _unknown(checker: Words, node: tree.Name, word: str, relations: list[Relation]) -> Exception:
    vocabulary = checker.vocabulary
    aliases = [a for r in relations for f in r.fields for a in f.aliases]
    known = [w for r in relations for w in (*vocabulary.fields[r.name], *vocabulary.defined[r.name])]
    hint = suggest(word, [*aliases, *known])
    pack = vocabulary.pack
    said = said_as(word, pack.sayings)[:3]
    if said and (word in said[0].words or not hint):  # a slip of the pen is likelier than a saying inside it
        hint = f"说“{word}”的，规则里写 {'，或 '.join(written(s, [relations[0].label]) for s in said)}"
    value = any(word in c.values for c in pack.codes.values()) or any(word in w.values for w in pack.lists.values())
    if value or (not said and any(word in c.aliases for c in pack.codes.values())):
        hint = f"这是取值，要加引号：'{word}'" + (f"；{hint}" if said and word in said[0].words else "")
    hint = spelled(word, [*aliases, *known]) or (UNFILLED if word in EMPTY else hint)
    for joint in ("并且", "且", "或"):
        left, found, right = word.partition(joint)
        if found and (left in known or right in known):
            hint = f"在“{joint}”的前后加空格"
            break
    where = "、".join(r.label for r in relations)
    return checker.fail(
        node, "CE101", f"{where}没有字段或定义“{word}”", hint or f"查看可用字段：clue-engine fields {word}"
    )
