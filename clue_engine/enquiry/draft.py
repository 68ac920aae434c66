"""A rule file outside the pack, read as a rule of the pack: what `rules try` looks at.

Comes in: a file and a pack. Goes out: the rule, and the pack with it in the place of the rule with the same id. The
name of the file is free: a draft may be called anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from clue_engine.errors import EXIT_USAGE, ClueError, Mark, Problems
from clue_engine.language.check_pack import CheckedPack, CheckedRule, check_pack
from clue_engine.pack import rules as rule_files
from clue_engine.pack.load import shown_path
from clue_engine.pack.model import Pack, Rule
from clue_engine.pack.text import read_yaml
from clue_engine.pack.typed import Findings


@dataclass(frozen=True)
class Draft:
    """``alone``: the pack with this rule only, checked. ``pack``: the whole pack with it, as an active rule."""

    rule: Rule
    checked: CheckedRule
    alone: CheckedPack
    pack: Pack
    replaces: Rule | None


def read_draft(path: Path, pack: Pack) -> Draft:
    """Raises ``Problems`` with every finding when the file has errors, CE-U34 for a hold."""
    name = shown_path(path)
    if not path.is_file():
        raise ClueError("CE-U11", "没有这个文件", place=name, hint="写规则文件的路径，如 草稿/J30_独居老人.yaml")
    value, problems = read_yaml(path, name)
    findings = Findings()
    findings.extend(problems)
    rule: Rule | None = None
    if value is not None:
        if rule_files.is_hold(value, ""):
            hint = "改了排除规则，用 clue-engine rules diff 旧规则包 新规则包 --data 工作区 看影响"
            raise ClueError("CE-U34", "这是排除规则，不能单独试", place=name, hint=hint)
        stem = str(value.get("id", "")) if isinstance(value, dict) else ""
        rule = rule_files.rule(value, findings, Mark(name, 1, 1), stem, pack.directions)
    if rule is None or findings.errors:
        raise Problems(list(findings), exit_code=EXIT_USAGE)
    tried = replace(rule, status="active")
    alone, found = check_pack(replace(pack, rules=(tried,)))
    if tried.id not in alone.rules:
        own = [d for d in found if d.mark.file == name] or found
        raise Problems([d for d in own if d.level == "error"] or own, exit_code=EXIT_USAGE)
    old = next((r for r in pack.rules if r.id == tried.id), None)
    others = tuple(r for r in pack.rules if r.id != tried.id)
    return Draft(rule, alone.rules[tried.id], alone, replace(pack, rules=(*others, tried)), old)
