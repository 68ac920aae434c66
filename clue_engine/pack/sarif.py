"""Diagnostics as SARIF 2.1.0, the form in which code hosts and editors read findings.

Comes in: diagnostics. Goes out: plain values for JSON. Columns count characters, as ours do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from clue_engine.errors import Diagnostic
from clue_engine.pack.pages import pages, shown

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def sarif(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    """One run with the rules that were found and a result per diagnostic."""
    codes = sorted({d.code for d in diagnostics})
    driver = {"name": "clue-engine", "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(d, codes.index(d.code)) for d in diagnostics],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    page = pages().get(code)
    if page is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.meaning},
        "help": {"text": shown(page)},
        "defaultConfiguration": {"level": LEVELS[page.level]},
    }


def _result(found: Diagnostic, index: int) -> dict[str, Any]:
    region: dict[str, Any] = {
        "startLine": found.mark.line,
        "startColumn": found.mark.column,
        "endColumn": found.mark.column + max(found.length, 1),
    }
    if found.source_line:
        region["snippet"] = {"text": found.source_line}
    place = {"artifactLocation": {"uri": quote(found.mark.file or "unknown")}, "region": region}
    text = f"{found.message}\n{found.hint}" if found.hint else found.message
    return {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": LEVELS[found.level],
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }
