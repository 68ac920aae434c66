"""pack.yaml: name and version of the pack, directions with receiver, dimensions and bands, options, answers.

Comes in: parsed YAML. Goes out: ``Meta``, plus findings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clue_engine.errors import Mark
from clue_engine.pack.answers import Feedback
from clue_engine.pack.feedback import feedback
from clue_engine.pack.fit import PACK_FORMAT, check_format
from clue_engine.pack.model import Band, Dimension, Direction, Text
from clue_engine.pack.suggest import hint as suggestion
from clue_engine.pack.typed import Findings, Section, as_int, as_mapping, place, shown
from clue_engine.pack.vocabulary import sections

_DIRECTION_NEEDS = ("code", "receiver", "deadline_days", "dimensions", "bands")
_DIRECTION_KEYS = (*_DIRECTION_NEEDS, "prefix")


@dataclass(frozen=True)
class Meta:
    """What pack.yaml says."""

    name: str = ""
    version: str = ""
    directions: tuple[Direction, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    feedback: Feedback = field(default_factory=Feedback)


def meta(root: Any, findings: Findings, top: Mark) -> Meta:
    """Read pack.yaml. Raises CE040 for a format of another program: what else it says would be misread."""
    mapping = as_mapping(root, findings, top, "pack.yaml")
    if mapping is None:
        return Meta()
    check_format(str(mapping.get("format", PACK_FORMAT)), top.file)
    section = Section(
        mapping,
        findings,
        top,
        "pack.yaml ",
        ("name", "version", "format", "description", "directions", "options", "feedback"),
        ("name", "version", "directions"),
    )
    known = sections(section.raw("directions") or {}, findings, top, "方向", _DIRECTION_KEYS, _DIRECTION_NEEDS)
    directions = tuple(_direction(name, one, findings) for name, one in known.items())
    seen: dict[str, str] = {}
    for name, one in known.items():
        code = one.word("code")
        other = seen.setdefault(code, str(name))
        if other != name:
            findings.add("CE007", f"方向“{other}”和“{name}”的 code 相同", one.at("code"), hint="换一个英文代码")
    answers = feedback(section.raw("feedback"), findings, top)
    options = _plain(section.mapping("options"))
    return Meta(section.word("name"), section.word("version"), directions, options, answers)


def _plain(value: Any) -> Any:
    """Options are read by stations, not pointed at: str without places."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else str(value)


def _direction(name: Text, section: Section, findings: Findings) -> Direction:
    code = section.text("code")
    if not re.fullmatch(r"[a-z][a-z_]*", code):
        findings.add("CE013", f"code“{shown(code)}”只能用小写字母和下划线", code)
    keys = ("label", "cap")
    dimensions = tuple(
        Dimension(str(key), one.word("label"), one.integer("cap"))
        for key, one in sections(section.mapping("dimensions"), findings, name.at(0), "分项", keys, keys).items()
    )
    bands = tuple(
        _band(key, one, findings, {d.name: d.cap for d in dimensions})
        for key, one in sections(
            section.mapping("bands"), findings, name.at(0), "等次", ("label", "floor", "needs"), ("label", "floor")
        ).items()
    )
    floors = [band.floor for band in bands]
    if floors != sorted(set(floors), reverse=True) or (floors and (floors[-1] != 0 or bands[-1].needs)):
        message = f"方向“{name}”的等次要从高到低排列，最后一等 floor: 0 且没有 needs"
        findings.add("CE014", message, section.at("bands"), hint="这样每个分数都落在一个等次里")
    return Direction(
        str(name),
        str(code),
        section.word("receiver"),
        section.integer("deadline_days"),
        dimensions,
        bands,
        section.word("prefix"),
    )


def _band(name: Text, section: Section, findings: Findings, caps: Mapping[str, int]) -> Band:
    needs: dict[str, int] = {}
    for key, value in section.mapping("needs").items():
        number = as_int(value, findings, place([key], name), key)
        if key not in caps:
            findings.add("CE601", f"没有分项“{shown(key)}”", place([key], name), hint=suggestion(key, caps))
        elif number is not None and number > caps[key]:
            findings.add("CE602", f"“{key}”要求 {number}，超过封顶 {caps[key]}，永远达不到", place([key], name))
        elif number is not None:
            needs[str(key)] = number
    return Band(str(name), section.word("label"), section.integer("floor"), needs)
