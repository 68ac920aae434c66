"""The shape of a source file: what must be a text, a list, a mapping, before its meaning is read.

Comes in: parsed YAML of sources/*.yaml. Goes out: findings; none means ``sources`` can read it without looking twice.
"""

from __future__ import annotations

from typing import Any

from clue_engine.errors import Mark
from clue_engine.pack.model import Text
from clue_engine.pack.typed import Findings, as_mapping, as_text, place, shown

_TEXTS = ("id", "label", "columns_of")
_TEXT_LISTS = ("records", "footer")
_COLUMN_TEXTS = ("unit", "required", "split")


def source_shape(root: Any, findings: Findings, top: Mark) -> None:
    """Everything that has the wrong shape in one source file."""
    mapping = as_mapping(root, findings, top, "来源文件")
    if mapping is None:
        return
    for key in _TEXTS:
        if key in mapping:
            as_text(mapping[key], findings, _key(mapping, key, top), key)
    for key in _TEXT_LISTS:
        _text_list(mapping, key, findings, top)
    _text_mapping(mapping, "constants", findings, top)
    if "options" in mapping:
        as_mapping(mapping["options"], findings, _key(mapping, "options", top), "options")
    for group in _list(mapping, "persons", findings, top):
        if not isinstance(group, list) or not all(isinstance(one, Text) for one in group):
            findings.add(
                "CE013", "persons 的每一项是一组字段", place(group, top), hint="写成 [[victim.name, victim.id]]"
            )
    for column in _list(mapping, "columns", findings, top):
        fields = as_mapping(column, findings, _key(mapping, "columns", top), "columns")
        if fields is None:
            continue
        where = place(fields, top)
        _text_list(fields, "headers", findings, where)
        if not isinstance(fields.get("to"), Text):
            _text_list(fields, "to", findings, where)
        _text_mapping(fields, "values", findings, where)
        for key in _COLUMN_TEXTS:
            if key in fields:
                as_text(fields[key], findings, _key(fields, key, where), key)


def _key(mapping: dict[str, Any], key: str, default: Text | Mark) -> Text | Mark:
    return next((k for k in mapping if k == key and isinstance(k, Text)), default)


def _list(mapping: dict[str, Any], key: str, findings: Findings, where: Text | Mark) -> list[Any]:
    value = mapping.get(key, [])
    if isinstance(value, list):
        return value
    findings.add(
        "CE013", f"“{key}”应是一个列表", place(value, _key(mapping, key, where)), hint="每项前加“- ”,或写成 [甲, 乙]"
    )
    return []


def _text_list(mapping: dict[str, Any], key: str, findings: Findings, where: Text | Mark) -> None:
    for item in _list(mapping, key, findings, where):
        text = as_text(item, findings, _key(mapping, key, where), key)
        if text is not None and "\uff0c" in text:  # a heading is compared in half-width form: no true one is lost
            hint = "改用半角逗号隔开；表头里确有逗号的，整段加引号并写半角逗号"
            findings.add("CE013", f"“{key}”里“{shown(text)}”用了全角逗号，会被当成一项", text, hint=hint)


def _text_mapping(mapping: dict[str, Any], key: str, findings: Findings, where: Text | Mark) -> None:
    if key in mapping:
        for name, value in (as_mapping(mapping[key], findings, _key(mapping, key, where), key) or {}).items():
            as_text(value, findings, place([name], where), name)
