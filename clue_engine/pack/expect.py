"""What a source is expected to hold: ``expect:`` of a source file.

Comes in: its YAML. Goes out: ``Expectation``. A scan does not start when the newest export of a source misses rows,
fill or change; read is looked at after cleaning: less is told first, exit code 3, and the scan is made.
rows: at least so many rows · fill: share of filled cells by field · change: largest change of the number of rows
against the export before · read: share of records in which a field that rules need is known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clue_engine.pack.model import RecordKind, Source

_KEYS = ("rows", "fill", "change", "read")
_BY_FIELD = {"fill": "填写率", "read": "读出的份额"}


@dataclass(frozen=True)
class Expectation:
    rows: int | None
    fill: Mapping[str, float]
    change: float | None
    read: Mapping[str, float]


def expectation(options: Mapping[str, Any]) -> Expectation | None:
    """The expectation of a source, None when it states none."""
    found = options.get("expect")
    if not isinstance(found, Mapping):
        return None
    by_field = {
        key: {str(k): share for k, v in (found.get(key) or {}).items() if (share := _share(v)) is not None}
        for key in _BY_FIELD
    }
    return Expectation(
        int(found["rows"]) if str(found.get("rows", "")).isdigit() else None,
        by_field["fill"],
        _share(found.get("change")),
        by_field["read"],
    )


def expectation_faults(value: Any, fields: Collection[str]) -> Iterator[tuple[object, str, str]]:
    """What is wrong with it: place, message, hint."""
    if value is None:
        return
    if not isinstance(value, Mapping):
        yield value, "expect 应当由“键: 值”组成", "写成 {rows: 100, fill: {case.case_no: 90%}, change: 30%}"
        return
    for key, entry in value.items():
        if key not in _KEYS:
            yield key, f"expect 里没有“{key}”这一项", "可用：" + "、".join(_KEYS)
        elif key == "rows" and not str(entry).isdigit():
            yield entry, "rows 应当是整数", "写成 rows: 100"
        elif key == "change" and _share(entry) is None:
            yield entry, "change 应当是百分数", "写成 change: 30%"
        elif key in _BY_FIELD:
            for field, share in entry.items() if isinstance(entry, Mapping) else ():
                if field not in fields:
                    yield field, f"没有记录字段“{field}”", "写成 kind.field，如 case.case_no"
                elif _share(share) is None:
                    yield share, f"{_BY_FIELD[key]}应当是百分数", "写成 90%"


def _share(value: object) -> float | None:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)%", str(value).strip())
    return float(found[1]) / 100 if found else None


# -- what the rows of a source must have to mean anything --------------------------------------------------------------
# A role, a name, a number (CE035). Comes in: a source with the columns of its parent, ``must`` of records.yaml. Goes
# out: message and hint per kind that lacks something. A source with ``needs`` says by itself what must be there.
def unreachable(source: Source, records: Mapping[str, RecordKind]) -> Iterator[tuple[str, str]]:
    """The kinds of record of which the rows of a source would say nothing about anybody."""
    if {"plain", "needs"} & set(source.options.get("recognise", {})):
        return
    given = {target for column in source.columns for target in column.fields} | set(source.constants)
    for name in source.records:
        kind = records.get(name)
        picked = name in source.options.get("rows", {})  # rows that are picked one by one: each is a case of its own
        for what, fields in kind.must.items() if kind else ():
            wanted = [field if "." in field else f"{name}.{field}" for field in fields]
            numbers = kind is not None and all(f.type == "caseno" for f in kind.fields if f.name in fields)
            if not given.intersection(wanted) and not (picked and numbers):
                lacks = f"却没有{what}（{'、'.join(wanted)} 一项也没有），这些行谁也对不上"
                yield (
                    f"来源“{source.id}”的行作“{name}”用，{lacks}",
                    f"给这一列写上 to: {wanted[0]}；整张表都一样的写成 constants: {{{wanted[0]}: …}}",
                )
