"""The logic of a condition as one hash: the typed tree with definitions, lists and parameters inlined.

Comes in: a checked pack. Goes out: a digest per rule or hold, and the words (definition, list, parameter) that it uses,
each with a digest of its own. Writing never counts (spacing, order of and / or, aliases, names of definitions); what
decides an outcome always does: also what a missing value means, the order of a scale, the values of a parameter *in
the pack*. Local parameter files do not count: a county's numbers are not a new version of the rule.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

from clue_engine.language import tree
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedHold, CheckedPack, CheckedRule
from clue_engine.language.parser import parse
from clue_engine.language.vocabulary import parameter_constant
from clue_engine.pack.model import Field, Hold, Parameter, Relation, Rule, WordList

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
