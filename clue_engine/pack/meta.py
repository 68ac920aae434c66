"""pack.yaml: name and version of the pack, directions with receiver, dimensions and bands, options, answers.

Comes in: parsed YAML. Goes out: ``Meta``, plus findings; a ClueError where the pack does not fit this program (format,
and the words that stations name: needs.yaml). A pack is copied by ``clue-engine init`` and lives on beside newer
programs: that must not end in an error of ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from clue_engine.errors import ClueError, Mark
from clue_engine.pack.answers import Feedback
from clue_engine.pack.feedback import feedback
from clue_engine.pack.model import Band, Dimension, Direction, Pack, Text
from clue_engine.pack.suggest import hint as suggestion
from clue_engine.pack.text import read_yaml
from clue_engine.pack.typed import Findings, Section, as_int, as_mapping, bare, place, shown
from clue_engine.pack.vocabulary import sections

# the keys of pack.yaml; the schema for editors is made of them
NEEDS = ("name", "version", "directions")
KEYS = (*NEEDS, "format", "description", "options", "feedback")
DIRECTION_NEEDS = ("code", "receiver", "deadline_days", "dimensions", "bands")
DIRECTION_KEYS = (*DIRECTION_NEEDS, "prefix")
DIMENSION_KEYS = ("label", "cap")
BAND_NEEDS = ("label", "floor")
BAND_KEYS = (*BAND_NEEDS, "needs")


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
    section = Section(mapping, findings, top, "pack.yaml ", KEYS, NEEDS)
    known = sections(section.raw("directions") or {}, findings, top, "方向", DIRECTION_KEYS, DIRECTION_NEEDS)
    directions = tuple(_direction(name, one, findings) for name, one in known.items())
    seen: dict[str, str] = {}
    for name, one in known.items():
        code = one.word("code")
        other = seen.setdefault(code, str(name))
        if other != name:
            findings.add("CE007", f"方向“{other}”和“{name}”的 code 相同", one.at("code"), hint="换一个英文代码")
    answers = feedback(section.raw("feedback"), findings, top)
    options = bare(section.mapping("options"))
    return Meta(section.word("name"), section.word("version"), directions, options, answers)


def _direction(name: Text, section: Section, findings: Findings) -> Direction:
    code = section.text("code")
    if not re.fullmatch(r"[a-z][a-z_]*", code):
        findings.add("CE013", f"code“{shown(code)}”只能用小写字母和下划线", code)
    keys = DIMENSION_KEYS
    dimensions = tuple(
        Dimension(str(key), one.word("label"), one.integer("cap"))
        for key, one in sections(section.mapping("dimensions"), findings, name.at(0), "分项", keys, keys).items()
    )
    bands = tuple(
        _band(key, one, findings, {d.name: d.cap for d in dimensions})
        for key, one in sections(section.mapping("bands"), findings, name.at(0), "等次", BAND_KEYS, BAND_NEEDS).items()
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


# -- whether a pack fits this program --------------------------------------------------------------------------------
# How the files of a pack are written; ``format`` in pack.yaml, 1 where nothing is said. Raised when a pack of the old
# format would be read wrongly or not at all; a new optional key is no new format.
PACK_FORMAT = 1
_NEEDS = Path(__file__).with_name("needs.yaml")
_SHOWN = 4
_RENEW = (
    "用 clue-engine init 新规则 --rules-only 复制本版程序的规则包，"
    "用 clue-engine rules diff 旧规则 新规则 看有哪些不同，再把自己改过的规则放进去"
)


def check_format(written: str, place: str) -> None:
    """Raise CE040 when a pack is written for another program than this one."""
    if written == str(PACK_FORMAT):
        return
    newer = written.isdecimal() and int(written) > PACK_FORMAT
    raise ClueError(
        "CE040",
        f"规则包的格式是“{written[:10]}”，本程序只认格式 {PACK_FORMAT}",
        place=place,
        hint=f"升级程序；或{_RENEW}" if newer else _RENEW,
    )


def check_fit(pack: Pack) -> None:
    """Raise CE041 when the pack lacks what the stations need; to be called before the first of them."""
    lacking = missing(pack)
    if lacking:
        more = f" 等 {len(lacking)} 项" if len(lacking) > _SHOWN else ""
        raise ClueError(
            "CE041", f"规则包缺少本版程序要用的内容：{'、'.join(lacking[:_SHOWN])}{more}", place=pack.root, hint=_RENEW
        )


def missing(pack: Pack) -> list[str]:
    """What the pack lacks, as its files would name it."""
    needs = _needs()
    options = pack.options
    return [
        *_fields("vocabulary/records.yaml", needs["records"], {k: r.fields for k, r in pack.records.items()}),
        *_fields("vocabulary 的 relation", needs["relations"], {r.name: r.fields for r in pack.relations}),
        *(f"pack.yaml 的 options.{name}" for name in needs["options"] if name not in options),
        *_keys("text_flags", needs["text_flags"], options),
        *_keys("text_values", needs["text_values"], options),
        *(f"参数“{name}”" for name in needs["parameters"] if name not in pack.parameters),
    ]


@cache
def _needs() -> dict[str, Any]:
    value, problems = read_yaml(_NEEDS)
    if problems or not isinstance(value, dict):
        raise ValueError(f"needs.yaml: {problems}")
    return {str(key): one for key, one in value.items()}


def _fields(file: str, needed: dict[str, list[str]], present: dict[str, Any]) -> list[str]:
    lacking = []
    for kind, names in needed.items():
        if kind not in present:
            lacking.append(f"{file} 的 {kind}")
        else:
            known = {f.name for f in present[kind]}
            lacking += [f"{file} 的 {kind}.{name}" for name in names if name not in known]
    return lacking


def _keys(option: str, needed: list[str], options: Any) -> list[str]:
    present = options.get(option)
    if not isinstance(present, dict):
        return []  # told already
    return [f"pack.yaml 的 options.{option}.{name}" for name in needed if name not in present]
