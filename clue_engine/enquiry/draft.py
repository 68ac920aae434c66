"""A rule or hold file outside the pack, read as one of the pack: what `rules try` looks at.

Comes in: a file and a pack. Goes out: the rule, and the pack with it in the place of the rule with the same id. The
name of the file is free: a draft may be called anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clue_engine.errors import EXIT_USAGE, ClueError, Diagnostic, Mark, Problems
from clue_engine.language.check_pack import CheckedPack, CheckedRule, check_pack
from clue_engine.pack import rules as rule_files
from clue_engine.pack.load import shown_path
from clue_engine.pack.model import Hold, Pack, Rule
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


@dataclass(frozen=True)
class HoldDraft:
    """``pack``: the whole pack with this hold, as an active one, in the place of that with the same id."""

    hold: Hold
    pack: Pack


def read_draft(path: Path, pack: Pack) -> Draft | HoldDraft:
    """Raises ``Problems`` with every finding when the file has errors."""
    name = shown_path(path)
    if not path.is_file():
        raise ClueError("CE-U11", "没有这个文件", place=name, hint="写规则文件的路径，如 草稿/J30_独居老人.yaml")
    value, problems = read_yaml(path, name)
    findings = Findings()
    findings.extend(problems)
    found: Rule | Hold | None = None
    if value is not None:
        stem = str(value.get("id", "")) if isinstance(value, dict) else ""
        read = rule_files.hold if rule_files.is_hold(value, "") else rule_files.rule
        found = read(value, findings, Mark(name, 1, 1), stem, pack.directions)
    if found is None or findings.errors:
        raise Problems(list(findings), exit_code=EXIT_USAGE)
    return _hold(found, pack, name) if isinstance(found, Hold) else _rule(found, pack, name)


def _rule(rule: Rule, pack: Pack, name: str) -> Draft:
    tried = replace(rule, status="active")
    alone, found = check_pack(replace(pack, rules=(tried,)))
    if tried.id not in alone.rules:
        raise _wrong(found, name)
    old = next((r for r in pack.rules if r.id == tried.id), None)
    others = tuple(r for r in pack.rules if r.id != tried.id)
    return Draft(rule, alone.rules[tried.id], alone, replace(pack, rules=(*others, tried)), old)


def _hold(hold: Hold, pack: Pack, name: str) -> HoldDraft:
    tried = replace(hold, status="active")
    with_it = replace(pack, holds=(*(h for h in pack.holds if h.id != tried.id), tried))
    checked, found = check_pack(replace(with_it, rules=(), holds=(tried,)))
    if tried.id not in checked.holds:
        raise _wrong(found, name)
    return HoldDraft(hold, with_it)


def _wrong(found: Sequence[Diagnostic], name: str) -> Problems:
    own = [d for d in found if d.mark.file == name] or list(found)
    return Problems([d for d in own if d.level == "error"] or own, exit_code=EXIT_USAGE)
