"""Facts that sentences of free text may say: rules/vocabulary/text_facts.yaml.

Comes in: parsed YAML. Goes out: ``TextFacts``. Words are literal; ``{n}`` stands for a grade (一…十, 1…10), ``…`` for
up to twelve characters of the same sentence. An author cannot write a regular expression here, so none can run away.
"""

from __future__ import annotations

from typing import Any

from clue_engine.errors import Mark
from clue_engine.pack.model import NOT_OF_SUSPECT, OF_VICTIM, Text, TextFact, TextFacts
from clue_engine.pack.typed import Findings, Section, as_list, as_mapping

_KEYS = (
    "denied", "between", "doubtful", "citations", "refuted", "victim_words", "suspect_words", "kin_words",
    "other_words", "both_words", "lead_words", "joint_words", "facts",
)  # fmt: skip
_FACT_KEYS = ("fact", "value", "says", "not_before", "not_after", "column", "yes", "no", "bodily", "subject")


def text_facts(root: Any, findings: Findings, top: Mark) -> TextFacts:
    """Read the file; a pack may do without it."""
    mapping = as_mapping(root, findings, top, "text_facts.yaml")
    if mapping is None:
        return TextFacts()
    section = Section(mapping, findings, top, "text_facts.yaml ", _KEYS, ("facts",))
    facts = []
    entries = section.raw("facts")
    if not isinstance(entries, list):
        findings.add("CE013", "facts 应是一个列表", section.at("facts"), hint="每项前加“- ”")
        entries = []
    for entry in entries:
        one = as_mapping(entry, findings, section.at("facts"), "facts")
        if one is None:
            continue
        where = next((key for key in one if isinstance(key, Text)), section.at("facts"))
        part = Section(one, findings, where, "facts ", _FACT_KEYS, ("fact", "value", "says"))
        says = tuple(str(t) for t in as_list(part.raw("says") or [], findings, where, "says"))
        grades = "{n}" in part.word("value")
        for word in says:
            if not word.strip("…{n} ") or grades != ("{n}" in word):
                findings.add(
                    "CE013", f"说法“{word}”与取值“{part.word('value')}”不配", where, hint="两边都写 {n} 或都不写"
                )
        facts.append(
            TextFact(
                part.word("fact"),
                part.word("value"),
                says,
                part.names("not_before"),
                part.names("not_after"),
                _texts(part, "yes"),
                _texts(part, "no"),
                column=part.word("column") if "column" in part else "",
                bodily=part.boolean("bodily"),
                subject=part.choice("subject", (OF_VICTIM, NOT_OF_SUSPECT), ""),
            )
        )
    return TextFacts(
        facts=tuple(facts),
        denied=section.names("denied"),
        between=section.names("between"),
        doubtful=section.names("doubtful"),
        citations=section.names("citations"),
        refuted=section.names("refuted"),
        victim_words=section.names("victim_words"),
        suspect_words=section.names("suspect_words"),
        kin_words=section.names("kin_words"),
        other_words=section.names("other_words"),
        both_words=section.names("both_words"),
        lead_words=section.names("lead_words"),
        joint_words=section.names("joint_words"),
    )


def _texts(section: Section, key: str) -> tuple[str, ...]:
    return tuple(str(text) for text in section.texts(key)) if key in section else ()
