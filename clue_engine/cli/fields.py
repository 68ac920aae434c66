"""fields [WORD]: the vocabulary as rule authors see it.

Comes in: a pack and a word to look for in labels, aliases, names, meanings. Goes out: one table per relation, or JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import JsonOption, RulesOption
from clue_engine.cli.screen import print_json, print_table, style
from clue_engine.errors import ClueError
from clue_engine.pack.suggest import fold, hint

if TYPE_CHECKING:
    from clue_engine.pack.model import Definition, Field, Pack, Relation

TYPES = {
    "text": "文字", "code": "代码", "codes": "代码（可多个）", "bool": "是否", "number": "数", "money": "金额",
    "share": "比例", "duration": "时长", "date": "日期",
}  # fmt: skip
MISSING = {"unknown": "待核", "said": "未提及", "n/a": "不适用", "value": "即", "absent": "名单中没有即"}
WordArgument = Annotated[str, typer.Argument(metavar="词", help="在名称、别名、含义里查找", show_default=False)]


def fields_command(word: WordArgument = "", rules: RulesOption = None, json: JsonOption = False) -> None:
    """查规则里能用的字段和定义：类型、取值、缺失时怎样判断。

    例：
      clue-engine fields
      clue-engine fields 赔偿
    """
    from clue_engine.pack.load import read_pack

    pack, _ = read_pack(rules)
    found = [(r, [f for f in r.fields if _matches(f, word)], _definitions(r, word)) for r in pack.relations]
    found = [item for item in found if item[1] or item[2]]
    if json:
        print_json([_values(pack, r, f) for r, fields, _ in found for f in fields])
        return
    if not found:
        labels = [w for r in pack.relations for f in r.fields for w in (f.label, *f.aliases)]
        raise ClueError("CE-U05", f"没有与“{word}”有关的字段", place="fields", hint=hint(word, labels))
    for number, (relation, fields, definitions) in enumerate(found):
        print(("\n" if number else "") + style(f"{relation.label}({relation.name})", "bold"))
        rows: list[tuple[str, str, str, str]] = [(f.label, _type(f), _missing(f), _meaning(pack, f)) for f in fields]
        rows += [(d.label, "定义", "", d.text or f"是：{d.yes}；否：{d.no}") for d in definitions]
        print_table(("名称", "类型", "空格表示", "含义"), rows)


def _matches(one: Field, word: str) -> bool:
    return any(fold(word) in fold(text) for text in (one.name, one.label, *one.aliases, one.meaning))


def _definitions(relation: Relation, word: str) -> list[Definition]:
    return [d for d in relation.definitions if fold(word) in fold(d.label)]


def _type(one: Field) -> str:
    return TYPES[one.type] + (f"({one.unit})" if one.unit else "")


def _missing(one: Field) -> str:
    return MISSING.get(one.missing.kind, one.missing.kind) + (one.missing.value or "")


def _meaning(pack: Pack, one: Field) -> str:
    parts = [one.meaning]
    if one.aliases:
        parts.append("又称 " + "、".join(one.aliases))
    if one.codes and one.codes in pack.codes:
        codes = pack.codes[one.codes]
        parts.append("取值 " + (" > " if codes.ordered else "、").join(codes.values))
    if one.holder:
        parts.append(f"可问 {one.holder}")
    return "；".join(part for part in parts if part)


def _values(pack: Pack, relation: Relation, one: Field) -> dict[str, Any]:
    return {
        "relation": relation.label,
        "name": one.name,
        "label": one.label,
        "aliases": list(one.aliases),
        "type": one.type,
        "unit": one.unit,
        "codes": list(pack.codes[one.codes].values) if one.codes and one.codes in pack.codes else [],
        "missing": one.missing.kind,
        "sensitivity": one.sensitivity,
        "holder": one.holder,
        "meaning": one.meaning,
    }
