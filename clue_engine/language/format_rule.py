"""rules fmt: a rule file -> the same rule in one form, or what is wrong with the file.

Comes in: the text of a file. Goes out: the formatted text; the rule it says is exactly the same, or nothing is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from clue_engine.errors import Diagnostic, Mark
from clue_engine.language.canonical_text import bare, canonical_text
from clue_engine.language.lexer import tokenize
from clue_engine.language.parser import parse
from clue_engine.pack.rule_layout import HOLD_ORDER, RULE_ORDER, WIDTH, comments, layout, width
from clue_engine.pack.text import parse_yaml


@dataclass(frozen=True)
class Formatted:
    """``text`` is None when the file has errors that hinder formatting: those are ``problems``."""

    text: str | None
    problems: tuple[Diagnostic, ...] = ()


def format_rule(data: bytes, name: str) -> Formatted:
    """The file ``name`` with content ``data`` in one form."""
    value, problems = parse_yaml(data, name)
    if not isinstance(value, dict):
        shape = Diagnostic("CE013", "error", "规则文件应是“键: 值”", Mark(name, 1, 1), hint="每行写一个键，如 id: J02")
        return Formatted(None, tuple(problems) or (shape,))
    when = value.get("when")
    if isinstance(when, str):
        node, found = parse(when)
        if node is None:
            return Formatted(None, tuple(found))
    source = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    written = layout(source, HOLD_ORDER if "action" in value else RULE_ORDER, condition_lines)
    again, _ = parse_yaml(written, name)
    if not _same(value, again) or len(comments(written)) != len(comments(source)):
        raise AssertionError(f"{name}: formatting would change the rule")  # a bug of ours: never write the file
    return Formatted(written)


def condition_lines(text: str) -> list[str]:
    """A condition in its one form; a long one broken before and / or, the outermost first, indented by depth."""
    written = canonical_text(text)
    if written is None:
        return [text]
    if width(f'when: "{written}"') <= WIDTH:
        return [written]
    first, *rest = _broken(written, _joints(written), 0, len(written), 0)
    return [first[1], *("  " * (depth + 1) + line for depth, line in rest)]


def _joints(text: str) -> list[tuple[int, int]]:
    """(depth of brackets, offset) of every and / or that joins conditions; not the and of between."""
    found: list[tuple[int, int]] = []
    depth, between = 0, [0]
    for token in tokenize(text)[0]:
        if token.kind == "(":
            depth += 1
            between.append(0)
        elif token.kind == ")" and depth:
            depth -= 1
            between.pop()
        elif token.kind == "between":
            between[-1] += 1
        elif token.kind == "and" and between[-1]:
            between[-1] -= 1
        elif token.kind in ("and", "or"):
            found.append((depth, token.start))
    return found


def _broken(text: str, joints: list[tuple[int, int]], start: int, end: int, indent: int) -> list[tuple[int, str]]:
    """The lines of text[start:end], each with the depth at which it begins."""
    own = [j for j in joints if start < j[1] < end]
    if not own or width(text[start:end]) + 2 * indent + 8 <= WIDTH:
        return [(indent, text[start:end].rstrip())]
    depth = min(d for d, _ in own)
    cuts = [start, *(at for d, at in own if d == depth), end]
    lines: list[tuple[int, str]] = []
    for n, (a, b) in enumerate(pairwise(cuts)):
        lines += _broken(text, joints, a, b, indent if n == 0 else depth)
    return lines


def _same(before: Any, after: Any) -> bool:
    """Whether two files say the same: all texts equal, the conditions equal as trees."""
    if not isinstance(after, dict) or set(before) != set(after):
        return False
    return all(_means(a) == _means(after[k]) if k == "when" else a == after[k] for k, a in before.items())


def _means(when: Any) -> Any:
    node, _ = parse(when) if isinstance(when, str) else (None, [])
    return bare(node) if node is not None else when
