"""Whether what a source writes into a field is a value of that field: ``values:`` targets and ``constants:``.

Comes in: the code tables and record fields of the pack, texts of a source file. Goes out: (place, message, hint) per
fault. A code that is in no table is no value: at run it is not known, and a county's list would change without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clue_engine.pack.model import CodeSet, RecordField
from clue_engine.pack.suggest import nearest
from clue_engine.pack.typed import as_number, read_date, shown

Fault = tuple[Any, str, str]
_YES_NO = ("是", "否")
_MANY = 12  # codes that a message lists


def value_faults(
    written: Mapping[str, Any], targets: Sequence[RecordField], codes: Mapping[str, CodeSet]
) -> Iterator[Fault]:
    """``values:`` of a column: each target is a value of one of its fields; an empty one says nothing.

    In a column of text they are words for words (是否缓刑: 是 → 缓刑).
    """
    if any(f.type == "text" for f in targets):
        return  # any words may stand for a word of a text
    fields = [f for f in targets if _allowed(f, codes)]
    if written and targets and not fields:
        place = next(iter(written))
        labels = "、".join(f.label for f in targets)
        yield place, f"values 只用于代码和是否，“{labels}”不是", "删去 values，或把 to 改成代码字段"
        return
    for target in written.values():
        if str(target) and fields and not any(str(target) in _allowed(f, codes) for f in fields):
            yield target, *_unknown(str(target), fields[0], codes)


def constant_fault(constant: Any, field: RecordField, codes: Mapping[str, CodeSet]) -> Iterator[Fault]:
    """``constants:``: a value of the field's type."""
    text = str(constant)
    if allowed := _allowed(field, codes):
        if text not in allowed:
            yield constant, *_unknown(text, field, codes)
    elif field.type == "date" and read_date(text) is None:
        yield constant, f"“{field.label}”应是日期，写的是“{shown(text)}”", "如 2024-01-31"
    elif field.type in ("money", "number") and as_number(text) is None:
        yield constant, f"“{field.label}”应是数，写的是“{shown(text)}”", "只写数字，如 30；金额以元计"


def _allowed(field: RecordField, codes: Mapping[str, CodeSet]) -> tuple[str, ...]:
    if field.type == "bool":
        return _YES_NO
    found = codes.get(field.codes or "")
    return found.values if found and field.type in ("code", "codes") else ()


def _unknown(text: str, field: RecordField, codes: Mapping[str, CodeSet]) -> tuple[str, str]:
    """What is said of a value that the field does not have, and the cure: an alias means its code."""
    allowed = _allowed(field, codes)
    found = codes.get(field.codes or "")
    aliases = found.aliases if found and field.type != "bool" else {}
    close = [aliases[text]] if text in aliases else nearest(text, allowed, aliases)
    asked = f"是否想写 {'、'.join(close)}？" if close else ""
    more = "……" if len(allowed) > _MANY else ""
    return f"“{field.label}”没有取值“{shown(text)}”", f"{asked}可用：{'、'.join(allowed[:_MANY])}{more}"
