"""What an office may answer to a clue, and what each answer means: the section ``feedback`` of pack.yaml.

Comes in: parsed YAML. Goes out: ``Feedback``, plus findings.
"""

from __future__ import annotations

from typing import Any

from clue_engine.errors import Mark
from clue_engine.pack.answers import EVENTS, Feedback, Result
from clue_engine.pack.suggest import hint as suggestion
from clue_engine.pack.typed import Findings, Section, as_mapping, as_names, as_text, place, shown

KEYS = ("results", "outcomes", "visit", "old", "low")
RESULT_KEYS = ("right", "events", "reason", "needs", "against")
LOW_KEYS = ("percent", "least")


def feedback(root: Any, findings: Findings, top: Mark) -> Feedback:
    """Read the section; an answer that the table of old words leads to must be one of the answers."""
    mapping = as_mapping(root, findings, top, "feedback") if root else None
    if mapping is None:
        return Feedback()
    section = Section(mapping, findings, top, "feedback ", KEYS, ("results",))
    results = tuple(_result(code, value, findings) for code, value in section.mapping("results").items())
    codes = [result.code for result in results]
    old = {}
    for word, value in section.mapping("old").items():
        code = as_text(value, findings, place([word], top), word)
        if code is not None and code not in codes:
            findings.add("CE014", f"没有核查结果“{shown(code)}”", code, hint=suggestion(code, codes))
        old[str(word)] = str(code)
    visit = section.names("visit")
    for word in (word for word in visit if word not in codes):
        findings.add("CE014", f"没有核查结果“{shown(word)}”", section.at("visit"), hint=suggestion(word, codes))
    low = Section(section.mapping("low"), findings, section.at("low"), "low ", LOW_KEYS)
    share, least = low.integer("percent") / 100, low.integer("least")
    return Feedback(results, section.names("outcomes"), visit, old, share, least)


def _result(code: Any, value: Any, findings: Findings) -> Result:
    mark = place([code], Mark("", 1, 1))
    mapping = as_mapping(value, findings, mark, str(code)) or {}
    section = Section(mapping, findings, mark, f"核查结果“{shown(code)}”", RESULT_KEYS)
    events = as_names(mapping["events"], findings, mark, "events") if "events" in mapping else []
    for event in events:
        if event not in EVENTS:
            findings.add("CE014", f"没有事件“{shown(event)}”", event, hint=suggestion(event, EVENTS))
    right = section.boolean("right") if "right" in section else None
    needs, against = section.names("needs"), section.names("against")
    return Result(str(code), right, tuple(str(event) for event in events), section.word("reason"), needs, against)
