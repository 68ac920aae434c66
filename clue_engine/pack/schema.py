"""JSON Schema of rules, sources, pack.yaml, for completion and checking in editors: keys, fields, codes of a pack.

Comes in: a pack. Goes out: a schema (draft-07, which the YAML plug-ins of editors read) as plain values. Editors type
YAML themselves (3 is a number, 2025-06-01 perhaps a date), so every value that may be a number is allowed as both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from clue_engine.pack import feedback, meta, sources
from clue_engine.pack.answers import EVENTS
from clue_engine.pack.model import Field, Pack, Relation
from clue_engine.pack.rules import (
    ACTIONS,
    ALL,
    HOLD_NEEDS,
    MEASURE_NEEDS,
    NOT_LOADED,
    RESTRICTIONS,
    RULE_NEEDS,
    STATUSES,
    UNKNOWNS,
)  # fmt: skip

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_ANY_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_TEXTS: Schema = {"anyOf": [{"type": "array", "items": _TEXT}, _TEXT]}
_WHOLE: Schema = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}
_YES_NO: Schema = {"anyOf": [{"type": "boolean"}, {"enum": ["是", "否", "true", "false"]}]}
_OBJECT: Schema = {"type": "object"}
_WORDS: Schema = {**_OBJECT, "additionalProperties": _ANY_SCALAR}
_SHAPES: dict[str, Schema] = {"text": _ANY_SCALAR, "texts": {"type": "array", "items": _ANY_SCALAR}, "words": _WORDS}
_DRAFT = "http://json-schema.org/draft-07/schema#"
MISSING = "缺失"


def source_schema(pack: Pack) -> Schema:
    """The schema of a file of sources/."""
    target: Schema = {"enum": [f"{kind.name}.{f.name}" for kind in pack.records.values() for f in kind.fields]}
    column = _closed(
        {key: _SHAPES.get(shape, {}) for key, shape in sources.COLUMN_KEYS.items()}
        | {
            "to": {"anyOf": [target, {"type": "array", "items": target}], "description": "写到哪个记录字段"},
            "headers": {**_SHAPES["texts"], "description": "这一列的表头写法"},
            "unit": {"enum": list(sources.UNITS), "description": "表头没有写单位时按这个单位"},
            "required": {**_YES_NO, "description": "没有这一列就不是这种表"},
            "values": {**_WORDS, "description": "本表的写法: 代码表的写法；空着是什么都没说"},
        },
        sources.COLUMN_NEEDS,
    )
    own: Schema = {
        "records": {"type": "array", "items": {"enum": list(pack.records)}, "description": "一行写成哪些记录"},
        "columns": {"type": "array", "items": column},
        "columns_of": {"enum": [source.id for source in pack.sources], "description": "另一个来源的列也算"},
        "persons": {"type": "array", "items": {"type": "array", "items": target}, "description": "哪些列说的是一个人"},
        "constants": {
            **_OBJECT,
            "properties": dict.fromkeys(target["enum"], _ANY_SCALAR),
            "additionalProperties": False,
        },
        "ignore": {**_TEXTS, "description": "这些表头不算漏读"},
        **dict.fromkeys(("options", "recognise", "expect"), _OBJECT),
    }
    shapes = {key: _SHAPES.get(shape, {}) for key, shape in sources.SOURCE_KEYS.items()}
    title = f"{pack.name} {pack.version} 的来源文件"
    return {"$schema": _DRAFT, "title": title, **_closed(shapes | own, sources.SOURCE_NEEDS)}


def pack_schema(pack: Pack) -> Schema:
    """The schema of pack.yaml."""
    events = {"anyOf": [{"type": "array", "items": {"enum": list(EVENTS)}}, {"enum": list(EVENTS)}]}
    result = dict.fromkeys(feedback.RESULT_KEYS, _TEXTS) | {"right": _YES_NO, "events": events}
    answers = dict.fromkeys(feedback.KEYS, _TEXTS) | {
        "results": _named(_closed(result)),
        "old": _WORDS,
        "low": _closed(dict.fromkeys(feedback.LOW_KEYS, _WHOLE)),
    }
    dimension = _closed({"label": _TEXT, "cap": _WHOLE}, meta.DIMENSION_KEYS)
    band = _closed({"label": _TEXT, "floor": _WHOLE, "needs": _named(_WHOLE)}, meta.BAND_NEEDS)
    direction = dict.fromkeys(meta.DIRECTION_KEYS, _TEXT) | {
        "code": {**_TEXT, "pattern": "^[a-z][a-z_]*$"},
        "deadline_days": {**_WHOLE, "description": "收到后几个工作日反馈"},
        "dimensions": _named(dimension),
        "bands": _named(band),
    }
    own = dict.fromkeys(meta.KEYS, _ANY_SCALAR) | {
        "directions": _named(_closed(direction, meta.DIRECTION_NEEDS)),
        "feedback": _closed(answers),
        "options": _OBJECT,
    }
    title = f"{pack.name} {pack.version} 的 pack.yaml"
    return {"$schema": _DRAFT, "title": title, **_closed(own, meta.NEEDS)}


def _closed(properties: Schema, needs: Iterable[str] = ()) -> Schema:
    return {**_OBJECT, "properties": properties, "required": list(needs), "additionalProperties": False}


def _named(each: Schema) -> Schema:
    """Names of one's own, each with the same under it."""
    return {**_OBJECT, "additionalProperties": each}


def rule_schema(pack: Pack) -> Schema:
    """The schema of one rule, hold or measure file."""
    return {
        "$schema": _DRAFT,
        "title": f"{pack.name} {pack.version} 的规则文件",
        "if": {"required": ["action"]},
        "then": {"$ref": "#/definitions/hold"},
        "else": {
            "if": {"required": ["column"]},
            "then": {"$ref": "#/definitions/measure"},
            "else": {"$ref": "#/definitions/rule"},
        },
        "definitions": {
            "rule": _rule(pack),
            "hold": _hold(pack),
            "measure": _measure(pack),
            "test": _test(pack),
            **{f"row {r.name}": _row(pack, r) for r in pack.relations},
        },
    }


def _owner(pack: Pack, own: Schema) -> Schema:
    """What every file may have, and ``own``."""
    words = "、".join(f"@{name}" for name in pack.lists)
    parameters = "、".join(f"参数.{name}" for name in pack.parameters)
    fields = "\n".join(
        f"{r.label}:{'、'.join([f.label for f in r.fields] + [d.label for d in r.definitions])}" for r in pack.relations
    )
    common = {
        "id": {**_TEXT, "pattern": "^[A-Za-z][A-Za-z0-9-]{0,15}$", "description": "编号，与文件名开头一致，不重复使用"},
        "title": {**_TEXT, "description": "一句话说清是什么情况"},
        "version": {**_WHOLE, "description": "改了条件、分值就加一"},
        "status": {"enum": list(STATUSES), "description": "draft 草稿 | trial 试行 | active 启用 | retired 停用"},
        "basis": {"type": "array", "items": {"type": "object", "additionalProperties": _ANY_SCALAR}},
        "when": {**_TEXT, "description": f"条件。\n{fields}\n词表：{words}\n{parameters}"},
        "reason": {**_TEXT, "description": "清单上的理由，如 {姓名}在“{案由}”案中{伤情}"},
        "check": {**_TEXTS, "description": "核实要点"},
        "tests": {"type": ["array", "null"], "items": {"$ref": "#/definitions/test"}},
    }  # fmt: skip
    return {**common, **own}


def _of_rules(pack: Pack, own: Schema) -> Schema:
    """What a rule and a measure have alike, and ``own``."""
    alike = {
        "direction": {"enum": [d.name for d in pack.directions]},
        "false_positives": {**_TEXTS, "description": "可能的误报"},
        "misses": {**_TEXTS, "description": "可能的遗漏"},
        "rare": {**_TEXT, "description": "现有数据里没有命中也可以启用的理由"},
    }
    return _owner(pack, alike | own)


def _rule(pack: Pack) -> Schema:
    dimensions = {
        d.name: {**_WHOLE, "description": f"{d.label}，封顶 {d.cap}"} for one in pack.directions for d in one.dimensions
    }
    ids = [r.id for r in pack.rules]
    own = {
        "points": {"type": "object", "properties": dimensions, "additionalProperties": False},
        "supersedes": {"anyOf": [{"type": "array", "items": {"enum": ids}}, {"enum": ids}]},
        "urgent": {**_YES_NO, "description": "先行救助"},
        "restrict": {"enum": list(RESTRICTIONS)},
        "receiver": {**_TEXT, "description": "接收单位，不写则用方向的"},
        "also": {**_TEXTS, "description": "抄送"},
        "no_crime_detail": {**_YES_NO, "description": "清单上不写案情"},
    }
    return _closed(_of_rules(pack, own), RULE_NEEDS)


def _measure(pack: Pack) -> Schema:
    own = {
        "column": {**_TEXT, "description": "平台的列名，如 就业帮扶；其他单位的帮扶写一个名称"},
        "provider": {**_TEXT, "description": "由谁提供"},
        "capped": {**_YES_NO, "description": "提示救助上限的算法"},
        "direction": {"enum": [d.name for d in pack.directions], "description": "按哪个方向的排除规则，不写则不按"},
        "no_crime_detail": {**_YES_NO, "description": "与案情无关，也列在不写案情的清单上"},
        "restrict": {"enum": list(RESTRICTIONS), "description": "只写在交给专人的受限清单上"},
    }
    return _closed(_of_rules(pack, own), MEASURE_NEEDS)


def _hold(pack: Pack) -> Schema:
    names = [d.name for d in pack.directions]
    own = {
        "direction": {"anyOf": [{"enum": [*names, *ALL]}, {"type": "array", "items": {"enum": names}}]},
        "action": {"enum": list(ACTIONS), "description": "排除、搁置、降级、转办、限制知悉、附注"},
        "relation": {"enum": [r.label for r in pack.relations]},
        "unknown": {"enum": list(UNKNOWNS), "description": "不能判断时：保留、标为待核、按限制处理"},
        "not_loaded": {"enum": list(NOT_LOADED)},
        "to": _TEXT,
        "careful": {**_YES_NO, "description": "谨慎：加害人可能同住，不得惊动"},
    }
    # The keys of a hold grow with the pack's reader; an unknown one is told by rules check, not by the editor.
    return {"type": "object", "properties": _owner(pack, own), "required": list(HOLD_NEEDS)}


def _test(pack: Pack) -> Schema:
    rows: Schema = {}
    patched: Schema = {}
    for relation in pack.relations:
        row = {"$ref": f"#/definitions/row {relation.name}"}
        rows[relation.label] = {"anyOf": [row, {"type": "array", "items": row}]}
        patched[f"^{relation.label}\\.[0-9]+$"] = row
    own: Schema = {
        "name": _ANY_SCALAR,
        "like": {**_ANY_SCALAR, "description": "先照另一个测试，再改下面写的"},
        "expect": {"enum": ["hit", "no_hit", "unknown"], "description": "命中 | 未命中 | 待核"},
        "missing": {**_TEXTS, "description": "待核时缺的字段"},
        "as_of": {**_ANY_SCALAR, "description": "扫描日"},
        "亲属": {"type": "array", "items": {"type": "object"}, "description": "如 {谁: 儿, 父母: 父}"},
    }
    found = {"type": "object", "properties": {**own, **rows}, "patternProperties": patched}
    return {**found, "required": ["name", "expect"]}


def _row(pack: Pack, relation: Relation) -> Schema:
    own: Schema = {"是": {**_ANY_SCALAR, "description": "这一行是谁（供 亲属 引用）"}}
    for each in relation.fields:
        for word in (each.label, *each.aliases):
            own[word] = _field(pack, each)
    return {"type": "object", "properties": own, "additionalProperties": False}


def _field(pack: Pack, each: Field) -> Schema:
    told: Schema = {"description": each.meaning} if each.meaning else {}
    codes = pack.codes.get(each.codes or "")
    if each.type in ("code", "codes") and codes is not None:
        one: Schema = {"enum": [*codes.values, *codes.aliases, MISSING]}
        return {**({"anyOf": [one, {"type": "array", "items": one}]} if each.type == "codes" else one), **told}
    if each.type == "bool":
        return {"anyOf": [_YES_NO, {"enum": [MISSING]}], **told}
    return {**(_ANY_SCALAR if each.type != "codes" else {"anyOf": [_ANY_SCALAR, _TEXTS]}), **told}
