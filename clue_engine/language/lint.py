"""Findings about a typed condition that is well formed but probably not meant."""

from __future__ import annotations

from clue_engine.errors import Diagnostic, Level
from clue_engine.language import types as t
from clue_engine.language.lexer import diagnose
from clue_engine.language.vocabulary import Vocabulary

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
