"""Diagnostics as text for people and as plain values for programs.

Comes in: diagnostics. Goes out: lines like

    CE203 rules/judicial/J02.yaml:12:18 错误 伤情没有取值“重伤2级”
      when: "any 涉案 (伤情 = '重伤2级')"
                              ^^^^^^^^^
      是否想写 重伤二级？
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from clue_engine.errors import Diagnostic
from clue_engine.values.text import width

LEVELS = {"error": "错误", "warning": "提醒", "note": "说明"}
_MAX_LINE = 100  # display columns of a source line that are shown


def render(found: Diagnostic, line: str = "", paint: Callable[[str, str], str] | None = None) -> str:
    """One diagnostic; ``line`` is the source line when the diagnostic does not carry it."""
    colour = paint or (lambda text, _: text)
    tone = {"error": "red", "warning": "yellow"}.get(found.level, "cyan")
    lines = [f"{colour(found.code, tone)} {found.mark} {colour(LEVELS[found.level], tone)} {found.message}"]
    line = "".join(c if c.isprintable() else " " for c in found.source_line or line)
    if line.strip():
        start = min(found.mark.column - 1, len(line))
        shown, start = _window(line, start)
        caret = "^" * max(width(shown[start : start + found.length]), 1)
        lines += [f"  {shown}", "  " + " " * width(shown[:start]) + colour(caret, tone)]
    if found.hint:
        lines.append(f"  {found.hint}")
    return "\n".join(lines)


def render_all(diagnostics: Sequence[Diagnostic], paint: Callable[[str, str], str] | None = None) -> str:
    """All diagnostics with a line that counts them."""
    lines_of = _Lines()
    parts = [render(found, lines_of(found), paint) for found in diagnostics]
    return "\n\n".join([*parts, summary(diagnostics)])


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """2 处错误，1 处提醒。"""
    counts = [(LEVELS[level], sum(d.level == level for d in diagnostics)) for level in LEVELS]
    return "，".join(f"{n} 处{word}" for word, n in counts if n) or "没有发现问题"


def as_values(found: Diagnostic) -> dict[str, object]:
    """One diagnostic for JSON."""
    return {
        "code": found.code,
        "level": found.level,
        "file": found.mark.file,
        "line": found.mark.line,
        "column": found.mark.column,
        "length": found.length,
        "message": found.message,
        "hint": found.hint,
    }


class _Lines:
    """Source lines of files, each read once; empty when a file cannot be read any more."""

    def __init__(self) -> None:
        self.files: dict[str, list[str]] = {}

    def __call__(self, found: Diagnostic) -> str:
        if found.source_line or not found.mark.file:
            return found.source_line
        name = found.mark.file
        if name not in self.files:
            try:
                self.files[name] = Path(name).read_text(encoding="utf-8-sig", errors="replace").splitlines()[:100_000]
            except OSError:
                self.files[name] = []
        lines = self.files[name]
        return lines[found.mark.line - 1] if 0 < found.mark.line <= len(lines) else ""


def _window(line: str, start: int) -> tuple[str, int]:
    """The part of a long line around ``start``, and where ``start`` is in it."""
    if width(line) <= _MAX_LINE:
        return line, start
    begin = start
    while begin > 0 and width(line[begin - 1 : start]) <= _MAX_LINE // 2:
        begin -= 1
    end = start
    while end < len(line) and width(line[begin : end + 1]) <= _MAX_LINE - 6:
        end += 1
    head = "..." if begin else ""
    return head + line[begin:end] + ("..." if end < len(line) else ""), start - begin + len(head)
