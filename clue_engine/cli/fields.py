"""fields [WORD]: the vocabulary as rule authors see it.

Comes in: a pack and a word to look for in names, aliases, meanings, values and in what clerks say. Goes out: tables of
sayings, of fields and definitions per relation, of lists, of parameters; or JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clue_engine.cli.options import JsonOption, RulesOption
from clue_engine.cli.screen import print_json, print_table, style
from clue_engine.errors import ClueError
from clue_engine.pack.labels import TYPES
from clue_engine.pack.suggest import fold, hint
from clue_engine.pack.words import said_as, written

if TYPE_CHECKING:
    from clue_engine.pack.model import Definition, Field, Pack, Relation, Saying

MISSING = {"unknown": "待核", "said": "未提及", "n/a": "不适用", "value": "即", "absent": "名单中没有即"}
Part = tuple[str, Sequence[str], Sequence[Sequence[str]]]  # title, headers, rows of a table
WordArgument = Annotated[str, typer.Argument(metavar="词", help="在名称、别名、含义里查找", show_default=False)]


def fields_command(word: WordArgument = "", rules: RulesOption = None, json: JsonOption = False) -> None:
    """查规则里能用的字段、定义、词表和参数：类型、取值、缺失时怎样判断。

    业务上的说法（逃逸、独居、唯一劳动力……）也可以查，会列出规则里怎样写。

    例：
      clue-engine fields
      clue-engine fields 赔偿
    """
    from clue_engine.pack.load import read_pack

    pack, _ = read_pack(rules)
    labels = {w for r in pack.relations for f in r.fields for w in (f.label, *f.aliases)}
    labels |= {d.label for r in pack.relations for d in r.definitions}
    said = said_as(word, pack.sayings) if word else []
    if word in labels:  # 案发时年龄 is a field; that 案发 is said too does not matter
        said = [s for s in said if word in s.words]
    named = {(s.head, s.name) for s in said}
    found = [(r, _fields(pack, r, word, named), _definitions(r, word, named)) for r in pack.relations]
    found = [item for item in found if item[1] or item[2]]
    lists = [one for name, one in pack.lists.items() if ("@", name) in named or _in(word, name, *one.values)]
    parameters = [p for p in pack.parameters.values() if ("参数", p.name) in named or _in(word, p.name, p.label)]
    if json:
        print_json([
            *(_said_values(s) for s in said),
            *(_values(pack, r, f) for r, fields, _ in found for f in fields),
            *(_definition_values(d) for _, _, definitions in found for d in definitions),
            *({"kind": "list", "name": f"@{one.name}", "values": list(one.values)} for one in lists),
            *({"kind": "parameter", "name": f"参数.{p.name}", "meaning": p.label} for p in parameters),
        ])  # fmt: skip
        return
    if not found and not lists and not parameters:
        known = [*sorted(labels), *(w for s in pack.sayings for w in s.words)]
        raise ClueError("CE-U05", f"没有与“{word}”有关的字段", place="fields", hint=hint(word, known))
    parts = [*_said(said), *_relations(pack, found)]
    if lists:
        parts.append(("词表", ("名称", "各项"), [(f"@{one.name}", "、".join(one.values)) for one in lists]))
    if parameters:
        values = [(f"参数.{p.name}", p.values[-1].raw if p.values else "本县口径", p.label) for p in parameters]
        parts.append(("参数", ("名称", "现值", "含义"), values))
    for number, (title, headers, rows) in enumerate(parts):
        print(("\n" if number else "") + style(title, "bold"))
        print_table(headers, rows)


def _said(said: list[Saying]) -> list[Part]:
    """The sayings, their words once."""
    rows: list[Sequence[str]] = []
    for n, one in enumerate(said):
        words = "" if n and said[n - 1].words == one.words else "、".join(one.words)
        rows.append((words, _head(one), written(one, [one.head])))
    return [("业务上的说法", ("说法", "属于", "规则里写"), rows)] if said else []


def _relations(pack: Pack, found: list[tuple[Relation, list[Field], list[Definition]]]) -> Iterator[Part]:
    for relation, fields, definitions in found:
        rows: list[Sequence[str]] = [(f.label, _type(f), _missing(f), _meaning(pack, f)) for f in fields]
        rows += [(d.label, "定义", "", d.text or f"是：{d.yes}；否：{d.no}") for d in definitions]
        yield f"{relation.label}（{relation.name}）", ("名称", "类型", "空格表示", "含义"), rows


def _in(word: str, *texts: str) -> bool:
    return any(fold(word) in fold(text) for text in texts)


def _head(saying: Saying) -> str:
    return {"@": "词表", "参数": "参数"}.get(saying.head, saying.head)


def _fields(pack: Pack, relation: Relation, word: str, named: set[tuple[str, str]]) -> list[Field]:
    """Fields that a saying names, whose name, alias or meaning has the word, or that may have it as a value."""
    found = []
    for one in relation.fields:
        codes = pack.codes.get(one.codes or "")
        values = (*codes.values, *codes.aliases) if codes and word else ()
        own = any((relation.label, w) in named for w in (one.label, *one.aliases))
        valued = fold(word) in {fold(v) for v in values}
        if own or valued or _in(word, one.name, one.label, *one.aliases, one.meaning):
            found.append(one)
    return found


def _definitions(relation: Relation, word: str, named: set[tuple[str, str]]) -> list[Definition]:
    return [d for d in relation.definitions if (relation.label, d.label) in named or _in(word, d.label)]


def _said_values(saying: Saying) -> dict[str, Any]:
    return {"kind": "saying", "words": list(saying.words), "write": written(saying, [saying.head])}


def _definition_values(one: Definition) -> dict[str, Any]:
    text = one.text or f"是：{one.yes}；否：{one.no}"
    return {"kind": "definition", "relation": one.relation, "label": one.label, "text": text}


def _type(one: Field) -> str:
    return TYPES[one.type] + (f"（{one.unit}）" if one.unit else "")


def _missing(one: Field) -> str:
    return MISSING.get(one.missing.kind, one.missing.kind) + (one.missing.value or "")


def _meaning(pack: Pack, one: Field) -> str:
    from clue_engine.language.codes import scale_text

    parts = [one.meaning]
    if one.aliases:
        parts.append("又称 " + "、".join(one.aliases))
    if one.codes and one.codes in pack.codes:
        parts.append("取值 " + scale_text(pack.codes[one.codes]))
    if one.holder:
        parts.append(f"可问 {one.holder}")
    return "；".join(part for part in parts if part)


def _values(pack: Pack, relation: Relation, one: Field) -> dict[str, Any]:
    return {
        "kind": "field",
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
