"""The words of a pack, looked up by the names that authors use; unknown names get up to three suggestions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clue_engine.language.lexer import tokenize
from clue_engine.language.types import Bool, CheckedDefinition, DefBool, DefValue, Named, NamedValue, Type
from clue_engine.pack.model import CodeSet, Definition, Field, Link, Pack, Parameter, ParameterValue, Relation
from clue_engine.pack.parameters import value_on
from clue_engine.pack.suggest import nearest

HOUSEHOLD = "户"
# what to do where a condition is too deep
NEW_DEFINITION = '在规则包的 vocabulary/definitions.yaml 里写一个定义（在所属关系下面加一行 名称: "条件"）'


@dataclass
class Vocabulary:
    """Index of a pack. ``definitions`` and ``not_applicable`` fill while the pack is checked."""

    pack: Pack
    relations: dict[str, Relation] = field(default_factory=dict)
    fields: dict[str, dict[str, Field]] = field(default_factory=dict)  # relation name -> label or alias -> field
    defined: dict[str, dict[str, Definition]] = field(default_factory=dict)
    definitions: dict[tuple[str, str], CheckedDefinition] = field(default_factory=dict)
    not_applicable: dict[tuple[str, str], Bool] = field(default_factory=dict)
    sizes: dict[tuple[str, str], int] = field(default_factory=dict)  # of definitions, with all that they use opened
    depths: dict[tuple[str, str], int] = field(default_factory=dict)  # likewise
    placed: dict[tuple[str, str, str], NamedValue | DefValue | Named | DefBool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for relation in self.pack.relations:
            self.relations[relation.label] = relation
            words = self.fields.setdefault(relation.name, {})
            for each in relation.fields:
                for word in (each.label, *each.aliases):
                    words.setdefault(word, each)
            self.defined[relation.name] = {d.label: d for d in relation.definitions}

    @property
    def household(self) -> Relation:
        return self.relations[HOUSEHOLD]

    @property
    def codes(self) -> Mapping[str, CodeSet]:
        return self.pack.codes

    def link(self, name: str) -> Link | None:
        return self.pack.links.get(name)

    def parameter(self, word: str) -> Parameter | None:
        for parameter in self.pack.parameters.values():
            if word in (parameter.name, parameter.label, *parameter.aliases):
                return parameter
        return None

    def region_field(self) -> Field | None:
        """The household's region code, by which regional parameters are chosen."""
        return next((f for f in self.household.fields if f.name == "region"), None)


def field_type(each: Field) -> Type:
    return Type(each.type, each.codes, each.unit or "")


def suggest(word: str, known: Iterable[str]) -> str:
    """“是否想写 …？” with up to three close words, or nothing."""
    found = nearest(word, known)
    return f"是否想写 {'、'.join(found)}？" if found else ""


# -- parameters ----------------------------------------------------------------------------------------------------
def parameter_type(parameter: Parameter) -> Type:
    unit = {"个月": "月", "周岁": "岁", "日": "天"}.get(parameter.unit or "", parameter.unit or "")
    if parameter.type == "duration":
        if not unit and parameter.values:
            value = parameter_constant(parameter, parameter.values[0])
            unit = value[1] if isinstance(value, tuple) else ""
        return Type("duration", None, "月" if unit == "年" else unit)
    return Type(parameter.type, parameter.codes, unit if parameter.type == "money" else "")


def parameter_constant(parameter: Parameter, value: ParameterValue) -> object:
    """The value of a parameter as typed: (number, unit) for durations, a float, a code or a tuple of codes."""
    raw = value.value
    if isinstance(raw, bool) or raw is None:
        return raw
    if isinstance(raw, int | float):
        number = float(raw)
        if parameter.type == "duration":
            return _in_months(number, parameter.unit or "")
        return number
    if isinstance(raw, list | tuple):
        if parameter.type == "duration" and len(raw) == 2:
            return _in_months(float(raw[0]), str(raw[1]))
        return tuple(str(v) for v in raw)
    if isinstance(raw, dt.date) or parameter.type in ("code", "codes", "text"):
        return (str(raw),) if parameter.type == "codes" else raw
    token = tokenize(str(raw))[0]
    if not token or not isinstance(token[0].value, float):
        return None
    return _in_months(token[0].value, token[0].unit) if token[0].kind == "literal:duration" else token[0].value


def _in_months(number: float, unit: str) -> tuple[float, str]:
    unit = {"个月": "月", "周岁": "岁", "日": "天"}.get(unit, unit)
    return (number * 12, "月") if unit == "年" else (number, unit)


def parameter_regions(parameter: Parameter, as_of: dt.date) -> list[str]:
    """The region prefixes that have a value on the day, longest first."""
    regions = {v.region for v in parameter.values if v.start <= as_of}
    return sorted(regions, key=lambda r: (-len(r), r))


def parameter_value(parameter: Parameter, as_of: dt.date, region: str) -> object:
    """The value for a region on a day: the most precise region wins, then the newest start. None: no value."""
    best = value_on(parameter, as_of, region)
    if best is None:
        return None
    constant = parameter_constant(parameter, best)
    return constant[0] if isinstance(constant, tuple) and parameter.type == "duration" else constant


# -- fact tables -------------------------------------------------------------------------------------------------------
_COLUMN_TYPES = {
    "text": "varchar", "code": "varchar", "codes": "varchar[]", "bool": "boolean", "date": "date",
    "number": "double", "money": "double", "share": "double", "duration": "double",
}  # fmt: skip


def fact_columns(relation: Relation) -> list[tuple[str, str]]:
    """Columns of a relation's fact table with their SQL types, as the contract states them."""
    columns = [("household_id", "bigint"), ("row_id", "bigint"), ("certain", "boolean")]
    columns += [("person_id", "bigint"), ("event_id", "bigint")]
    for each in relation.fields:
        kind = _COLUMN_TYPES[each.type]
        columns += [(each.name + s, kind) for s in (("_lo", "_hi") if each.interval else ("",))]
    return columns
