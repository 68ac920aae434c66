"""rules new: a rule file that passes rules check, with three tests.

Comes in: a pack and the answers of an author. Goes out: the file's name and text; nothing is written here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clue_engine.enquiry.propose import propose, skeleton
from clue_engine.errors import Diagnostic
from clue_engine.language.canonical_text import canonical_text
from clue_engine.language.check_pack import Definer, check_text
from clue_engine.language.format_rule import format_rule
from clue_engine.language.vocabulary import Vocabulary
from clue_engine.pack.labels import OUTCOMES
from clue_engine.pack.lock import Lock
from clue_engine.pack.model import Pack, Rule, Text
from clue_engine.pack.rule_layout import quoted, scalar
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
    """``lacking``: outcomes for which no test could be found; the author has to write them."""

    path: Path
    text: str
    n_tests: int
    lacking: tuple[str, ...]


def free_id(pack: Pack, direction: str, lock: Lock | None) -> str:
    """The next id of a direction's letter that was never used, J90 or more: those below are the shipped pack's."""
    used = {r.id for r in pack.rules_and_measures} | {h.id for h in pack.holds} | set(lock.entries if lock else ())
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
    tests = propose(pack, rule)
    lines = [
        f"id: {answers.id}",
        f"title: {scalar(answers.title)}",
        "version: 1",
        "status: draft",
        f"direction: {scalar(answers.direction)}",
        "# 依据写到哪一条；核实要点写入户时要问的；误报、遗漏写已经知道的",
        "basis:",
        f"  - {{law: {TO_DO}, article: {TO_DO}}}",
        f"when: {quoted(when)}",
        "points: " + _flow(dict(answers.points)),
        f"reason: {quoted(reason)}",
        f"check: [{TO_DO}]",
        f"false_positives: [{TO_DO}]",
        f"misses: [{TO_DO}]",
    ]
    outcomes = {str(t["expect"]) for t in tests}
    lacking = tuple(o for o in ("hit", "no_hit", "unknown") if o not in outcomes)
    lines += ["tests:", *(f"  - {_flow(dict(t))}" for t in tests)]
    for outcome in lacking:  # last in the file, so that a line without its # is the next item of the tests
        lines.append(
            f"# 请补写结果为{OUTCOMES[outcome]}的测试：“值”换成实际的值（不知道写 缺失），再删去行首的 #，空格留着："
        )
        lines.append(f"#  - {_flow(skeleton(pack, rule, outcome))}")
    name = re.sub(r'[\\/:*?"<>|\s]+', "", answers.title)[:40] or "新规则"
    path = Path(pack.root) / folder(pack, answers.direction) / f"{answers.id}_{name}.yaml"
    text = "\n".join(lines) + "\n"
    return NewRule(path, format_rule(text.encode("utf-8"), str(path)).text or text, len(tests), lacking)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(str(k))}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    return scalar(str(value))
