"""rules new: a rule file that passes rules check, with the form of three tests.

Comes in: a pack and the answers of an author. Goes out: the file's name and text; nothing is written here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clue_engine.decide.given import MISSING
from clue_engine.errors import Diagnostic
from clue_engine.language import types as t
from clue_engine.language.canonical_text import canonical_text, condition_lines
from clue_engine.language.check_pack import Definer, check_pack, check_text
from clue_engine.language.opened import opened
from clue_engine.language.vocabulary import HOUSEHOLD, Vocabulary
from clue_engine.pack.lock import Lock
from clue_engine.pack.model import Pack, Rule, Text
from clue_engine.pack.rule_edit import quoted, scalar
from clue_engine.pack.rules import TO_DO

OWN = 90  # rules of one's own are numbered from here on: the shipped pack stays below


@dataclass(frozen=True)
class Answers:
    id: str
    title: str
    direction: str
    when: str
    points: Mapping[str, int]
    reason: str = ""


@dataclass(frozen=True)
class NewRule:
    path: Path
    text: str


def free_id(pack: Pack, direction: str, lock: Lock | None) -> str:
    """The next id of a direction's letter that was never used, J90 or more: those below are the shipped pack's."""
    used = set(pack.owners) | set(lock.entries if lock else ())
    letters = Counter(_letters(r.id) for r in pack.rules if r.direction == direction and _letters(r.id))
    code = next((d.code for d in pack.directions if d.name == direction), "R")
    letter = letters.most_common(1)[0][0] if letters else code[:1].upper()
    numbers = [int(n[len(letter) :]) for n in used if re.fullmatch(re.escape(letter) + r"\d{1,4}", n)]
    return f"{letter}{max([OWN - 1, *(n for n in numbers if n >= OWN)]) + 1:02d}"


def _letters(rule_id: str) -> str:
    found = re.fullmatch(r"([A-Za-z]+)\d+", rule_id)
    return found.group(1) if found else ""


def folder(pack: Pack, direction: str) -> str:
    """Where the rules of a direction lie."""
    places = Counter(Path(r.file).parent.name for r in pack.rules if r.direction == direction and r.file)
    code = next((d.code for d in pack.directions if d.name == direction), "judicial")
    return places.most_common(1)[0][0] if places else code


def condition_problems(pack: Pack, when: str) -> list[Diagnostic]:
    """What is wrong with a condition for a clue rule."""
    vocabulary = Vocabulary(pack)
    definer = Definer(vocabulary, [])
    for relation in pack.relations:
        for definition in relation.definitions:
            definer.define(relation, definition.label)
    return check_text(when, vocabulary, vocabulary.household, definer.define)[1]


def new_rule(pack: Pack, answers: Answers) -> NewRule:
    """The file of a new rule. The condition must be right (``condition_problems``)."""
    when = canonical_text(answers.when) or answers.when
    reason = answers.reason or answers.title
    rule = Rule(
        answers.id, answers.title, 1, "draft", answers.direction, Text(when, ()), dict(answers.points), Text(reason, ())
    )
    lines = [
        f"id: {answers.id}",
        f"title: {scalar(answers.title)}",
        "version: 1",
        "status: draft",
        f"direction: {scalar(answers.direction)}",
        "# 依据写到哪一条；核实要点写入户时要问的；误报、遗漏写已经知道的",
        "basis:",
        f"  - {{law: {TO_DO}, article: {TO_DO}}}",
        "when: " + quoted("\x00".join(condition_lines(when))).replace("\x00", "\n"),
        "points: " + _flow(dict(answers.points)),
        f"reason: {quoted(reason)}",
        f"check: [{TO_DO}]",
        f"false_positives: [{TO_DO}]",
        f"misses: [{TO_DO}]",
    ]
    # last in the file, so that a line without its # is the next item of the tests
    lines += [
        "tests:",
        "# 请补写三个测试：“值”换成实际的值，用不着的字段删去，再删去行首的 #，空格留着；后两个只留要改的一项",
    ]
    lines += [f"#  - {_flow(one)}" for one in _forms(pack, rule)]
    name = re.sub(r'[\\/:*?"<>|\s]+', "", answers.title)[:40] or "新规则"
    path = Path(pack.root) / folder(pack, answers.direction) / f"{answers.id}_{name}.yaml"
    return NewRule(path, "\n".join(lines) + "\n")


def _forms(pack: Pack, rule: Rule) -> list[dict[str, Any]]:
    """Three tests to be filled in: every field that the condition looks at, with “值” for what the author says."""
    checked, _ = check_pack(replace(pack, rules=(rule,), holds=()))
    named: dict[str, dict[str, str]] = {}
    todo, seen = [opened(checked.rules[rule.id].when, checked.vocabulary)], set()
    while todo:
        for node in t.walk(todo.pop()):
            if isinstance(node, t.Quant) and node.body is not None:
                named.setdefault(node.relation.label, {})
                todo.append(opened(node.body, checked.vocabulary))
            elif isinstance(node, t.DefBool) and t.fact_key(node) not in seen:
                seen.add(t.fact_key(node))
                own = checked.definitions[node.relation.name, node.definition.label].body
                todo += [opened(own, checked.vocabulary)] if own is not None else []
            elif isinstance(node, t.Atom):
                for ref in t.atom_refs(node):
                    if isinstance(ref, t.FieldRef):
                        named.setdefault(ref.relation.label, {})[ref.field.label] = "值"
    first = {r: own if r == HOUSEHOLD else [own] for r, own in named.items()}
    unknown = {r: dict.fromkeys(own, MISSING) for r, own in named.items()}
    return [
        {"name": "命中", **first, "expect": "hit"},
        {"name": "不符", "like": "命中", **named, "expect": "no_hit"},
        {"name": "不详", "like": "命中", **unknown, "expect": "unknown"},
    ]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(str(k))}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    return scalar(str(value))
