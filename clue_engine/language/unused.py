"""Lists, definitions and parameters that nothing uses: leftovers, or a misspelt name elsewhere.

Comes in: a pack. Goes out: diagnostics CE421 (list), CE422 (definition), CE423 (parameter).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from clue_engine.errors import Diagnostic, Mark
from clue_engine.pack.model import Definition, Pack

# What stations ask the pack for by name (pipeline.py), without a rule.
BY_STATIONS = ("案发受理最长间隔", "数据最长间隔", "未成年上限")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|‘[^’]*’")
_LIST = re.compile(r"[@\uff20]\s*([^\W\d][\w·]*)")
_WORD = re.compile(r"[^\W\d][\w·]*")


def unused(pack: Pack) -> list[Diagnostic]:
    """All names of the pack that no condition, no option and no station uses."""
    lists: set[str] = set()
    words: set[str] = set(BY_STATIONS)
    for text in _texts(pack):
        bare = _QUOTED.sub(" ", text)
        lists.update(_LIST.findall(bare))
        words.update(_WORD.findall(_LIST.sub(" ", bare)))
    named = set(_strings(pack.options))
    found = [
        _say("CE421", f"名单“{name}”没有地方使用", one.mark, len(name), "删去它，或检查别处是否写错了名称")
        for name, one in pack.lists.items()
        if name not in lists | named
    ]
    for relation in pack.relations:
        for one in relation.definitions:
            if one.label not in words | named:
                hint = "删去它，或检查别处是否写错了名称"
                found.append(_say("CE422", f"定义“{one.label}”没有地方使用", one.mark, len(one.label), hint))
    for name, parameter in pack.parameters.items():
        if not {name, parameter.label, *parameter.aliases} & (words | named):
            hint = "删去它，或检查别处是否写错了名称"
            found.append(_say("CE423", f"参数“{name}”没有地方使用", parameter.mark, len(name), hint))
    return found


def _say(code: str, message: str, mark: Mark | None, length: int, hint: str) -> Diagnostic:
    return Diagnostic(code, "warning", message, mark or Mark("", 1, 1), length, hint)


def _texts(pack: Pack) -> Iterator[str]:
    """All texts that may name something. A definition does not use itself."""
    for rule in pack.rules_and_measures:
        yield rule.when
        yield rule.reason
    for hold in pack.holds:
        yield hold.when
        yield hold.reason
    for relation in pack.relations:
        yield from (f.missing.condition for f in relation.fields if f.missing.condition is not None)
        for definition in relation.definitions:
            for text in (definition.text, definition.yes, definition.no):
                yield _without_itself(definition, text or "")


def _without_itself(definition: Definition, text: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(definition.label)}(?!\w)", " ", text)


def _strings(value: Any) -> Iterator[str]:
    """All texts below an option."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
    else:
        yield str(value)
