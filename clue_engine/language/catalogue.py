"""The catalogue of a pack: all rules, holds, fields, definitions, codes, lists and parameters, for people.

Comes in: a checked pack. Goes out: ``Part`` records (headings, facts, tables), and these as Markdown and as
one HTML page that needs no network, no script, and prints on A4. No clock and no path in it: the same pack gives the
same catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

from clue_engine.language.canonical_text import condition_lines
from clue_engine.language.check_pack import CheckedPack
from clue_engine.language.codes import scale_text, spelled_out
from clue_engine.language.locking import users
from clue_engine.pack.labels import ACTIONS, OUTCOMES, STATUSES, TYPES
from clue_engine.pack.model import Definition, Direction, Field, Hold, Pack, Parameter, Relation, Rule

UNKNOWNS = {"keep": "保留，提示核实", "mark": "标为待核", "restrict": "按限制处理"}


@dataclass(frozen=True)
class Facts:
    """Label and text, one under the other; ``code``: the condition, whose line breaks count."""

    rows: tuple[tuple[str, str], ...]
    code: str = ""


@dataclass(frozen=True)
class Table:
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Part:
    """A heading and what stands below it. ``level`` 2 or 3; ``anchor`` is unique in the catalogue."""

    level: int
    title: str
    anchor: str
    text: str = ""
    blocks: tuple[Facts | Table, ...] = ()


def catalogue(checked: CheckedPack) -> list[Part]:
    """All parts in reading order."""
    pack = checked.pack
    used_by = users(checked)
    parts = _summary(pack)
    for direction in pack.directions:
        parts += _direction(checked, direction)
    parts += _holds(checked)
    parts += [*_measures(checked), *_not_rules(pack)]
    parts += _fields(pack)
    parts += _definitions(checked, used_by)
    return [*parts, _codes(pack), _lists(pack, used_by), _parameters(pack, used_by)]


def _summary(pack: Pack) -> list[Part]:
    counts = [sum(r.direction == d.name for r in pack.rules) for d in pack.directions]
    rows = tuple(
        (d.name, str(n), d.receiver, f"{d.deadline_days} 天") for d, n in zip(pack.directions, counts, strict=True)
    )
    n_measures = f"，{len(pack.measures)} 项帮扶措施" if pack.measures else ""
    told = f"{len(pack.rules)} 条规则，{len(pack.holds)} 条排除规则{n_measures}"
    text = f"{told}。规则只给出供人核实的线索，不是认定结论。"
    table = Table(("方向", "规则数", "接收单位", "期限"), rows)
    return [Part(2, "概要", "summary", text, (table,))]


def _direction(checked: CheckedPack, direction: Direction) -> list[Part]:
    dimensions = Table(("分项", "名称", "封顶"), tuple((d.name, d.label, str(d.cap)) for d in direction.dimensions))
    labels = {d.name: d.label for d in direction.dimensions}
    bands = Table(
        ("等次", "名称", "最低分", "还要"),
        tuple(
            (b.name, b.label, str(b.floor), "、".join(f"{labels.get(k, k)} {n} 分" for k, n in b.needs.items()))
            for b in direction.bands
        ),
    )
    head = Part(
        2, direction.name, f"direction-{direction.code}", "得分是各分项之和，分项到封顶为止。", (dimensions, bands)
    )
    return [head, *(_owner(checked, r) for r in checked.pack.rules if r.direction == direction.name)]


def owner_facts(checked: CheckedPack, owner: Rule | Hold, *, coded: bool = False) -> Facts:
    """What is told of a rule, a hold or a measure. ``coded``: dimensions also as the file of a rule names them."""
    facts = [("状态", f"{STATUSES[owner.status]}，版本 {owner.version}")]
    if isinstance(owner, Hold):
        facts += [
            ("处理", ACTIONS[owner.action] + (f"，转给{owner.to}" if owner.to else "")),
            ("谨慎", "是：只交专人，不写案情，加害人不作联系人" if owner.careful else ""),
            ("方向", "、".join(owner.directions) or "全部"),
            ("作用于", owner.relation),
            ("不能判断时", UNKNOWNS[owner.unknown]),
        ]
    elif support := owner.support:
        facts += [
            ("列名", support.column),
            ("提供单位", support.provider),
            ("提示救助上限", "是" if support.capped else ""),
            ("按哪个方向排除", owner.direction),
            ("不涉及案情", "是" if owner.no_crime_detail else ""),
        ]
    else:
        facts += [
            ("分值", points_text(checked.pack, owner, coded=coded) or "不计分"),
            ("取代", "、".join(owner.supersedes)),
            ("先行救助", "是" if owner.urgent else ""),
            ("限制知悉", "是" if owner.restrict else ""),
            ("清单不写案情", "是" if owner.no_crime_detail else ""),
            ("暂无命中", owner.rare),
            ("接收单位", "、".join(w for w in (owner.receiver, *owner.also) if w)),
        ]
    basis = ";".join("".join(dict.fromkeys(item.values())) for item in owner.basis)  # 待补充 once
    facts += [("理由", str(owner.reason)), ("依据", basis), ("核实要点", ";".join(owner.check))]
    if isinstance(owner, Rule):
        facts += [("可能误报", ";".join(owner.false_positives)), ("可能遗漏", ";".join(owner.misses))]
    own = checked.rules.get(owner.id) or checked.holds.get(owner.id)
    facts += [_tests(owner), ("条件里", "；".join(spelled_out(own.when) if own is not None else []))]
    return Facts(tuple((label, text) for label, text in facts if text), "\n".join(condition_lines(owner.when)))


def points_text(pack: Pack, rule: Rule, *, coded: bool = False) -> str:
    """损害后果 30; ``coded``: 损害后果（harm） 30."""
    labels = {d.name: d.label for one in pack.directions if one.name == rule.direction for d in one.dimensions}
    told = {name: labels.get(name, name) + (f"（{name}）" if coded and name in labels else "") for name in rule.points}
    return "、".join(f"{told[name]} {n}" for name, n in rule.points.items())


def _owner(checked: CheckedPack, owner: Rule | Hold) -> Part:
    return Part(3, f"{owner.id} {owner.title}", owner.id.lower(), "", (owner_facts(checked, owner),))


def _holds(checked: CheckedPack) -> list[Part]:
    text = "排除规则看的是一件事、一个人或一户该不该列；被它拿掉的户仍留在“搁置”表里，写明原因。"
    return [Part(2, "排除规则", "holds", text), *(_owner(checked, h) for h in checked.pack.holds)]


def _measures(checked: CheckedPack) -> list[Part]:
    text = "已列入清单的户可以得到哪些帮扶，按紧要程度排列。已有的不再建议；不能确定的写“待核实后”。"
    found = [_owner(checked, m) for m in checked.pack.measures]
    return [Part(2, "帮扶措施", "measures", text), *found] if found else []


def _not_rules(pack: Pack) -> list[Part]:
    rows = tuple((str(name), str(why)) for name, why in (pack.options.get("not_rules") or {}).items())
    text = "想过而没有写成规则的，或者由别的规则、措施代替的。编号不再使用。"
    return (
        [Part(2, "没有写成规则的情形", "not-rules", text, (Table(("情形", "为什么、见哪里"), rows),))] if rows else []
    )


def _tests(owner: Rule | Hold) -> tuple[str, str]:
    kinds = [str(t.get("expect", "")) for t in owner.tests]
    counts = "、".join(f"{word} {kinds.count(k)}" for k, word in OUTCOMES.items() if k in kinds)
    return "测试", f"{len(kinds)} 个（{counts}）" if kinds else ""


# -- words -------------------------------------------------------------------------------------------------------------
def _fields(pack: Pack) -> list[Part]:
    headers = ("名称", "类型", "空着表示", "含义、取值", "可问")
    parts = [Part(2, "字段", "fields", "写条件时用“名称”一列的词，也可用括号里的别名。")]
    for relation in pack.relations:
        rows = tuple(_field(pack, f) for f in relation.fields)
        parts.append(Part(3, relation.label, f"fields-{relation.name}", "", (Table(headers, rows),)))
    return parts


def _field(pack: Pack, each: Field) -> tuple[str, ...]:
    name = each.label + (f"({'、'.join(each.aliases)})" if each.aliases else "")
    kind = TYPES[each.type] + (f"({each.unit})" if each.unit else "") + ("，可为区间" if each.interval else "")
    codes = [f"取值见代码表“{each.codes}”"] if each.codes in pack.codes else []
    secret = ["不公开"] if each.sensitivity == "secret" else []
    return name, kind, _missing(each), ";".join([w for w in (each.meaning, *codes, *secret) if w]), each.holder


def _missing(each: Field) -> str:
    kind = each.missing.kind
    words = {
        "unknown": "不知道，待核",
        "said": "没有写明，不等于没有",
        "interval": "按可能的范围",
        "absent": "名单里没有",
    }
    if kind == "value":
        return f"即“{each.missing.value}”"
    if kind == "n/a":
        return f"{each.missing.condition} 时不适用，否则待核"
    return words.get(kind, kind)


def _definitions(checked: CheckedPack, used_by: dict[str, list[str]]) -> list[Part]:
    parts = [Part(2, "定义", "definitions", "几条规则共用的说法，口径只在一处写。")]
    for relation in checked.pack.relations:
        if relation.definitions:
            rows = tuple(_definition(checked, relation, d, used_by) for d in relation.definitions)
            table = Table(("名称", "说的是", "用到它的规则"), rows)
            parts.append(Part(3, f"{relation.label}的定义", f"definitions-{relation.name}", "", (table,)))
    return parts


def _definition(
    checked: CheckedPack, relation: Relation, one: Definition, used_by: dict[str, list[str]]
) -> tuple[str, ...]:
    text = str(one.text) if one.text is not None else f"是：{one.yes}；否：{one.no}"
    found = checked.definitions.get((relation.name, one.label))
    spelled = spelled_out(found.body) if found is not None and found.body is not None else []
    text = f"{text}（{'；'.join(spelled)}）" if spelled else text
    return one.label, text, "、".join(used_by.get(f"定义 {relation.label}.{one.label}", ()))


def _codes(pack: Pack) -> Part:
    rows = []
    for name, codes in pack.codes.items():
        rows.append((name, scale_text(codes), "、".join(f"{a}={v}" for a, v in codes.aliases.items())))
    text = "写“从重到轻”的可以用 不轻于、不重于，如 伤情 不轻于 '轻伤一级'。“又写作”的词程序也认得。"
    return Part(2, "代码表", "codes", text, (Table(("代码表", "取值", "又写作"), tuple(rows)),))


def _lists(pack: Pack, used_by: dict[str, list[str]]) -> Part:
    rows = [
        (f"@{w.name}", "、".join(w.values), "、".join(w.not_after), "、".join(used_by.get(f"词表 {w.name}", ())))
        for w in pack.lists.values()
    ]
    text = "在文字里找词时，紧跟在“前面不能有”的字后面的不算。"
    return Part(2, "词表", "lists", text, (Table(("词表", "词", "前面不能有", "用到它的规则"), tuple(rows)),))


def _parameters(pack: Pack, used_by: dict[str, list[str]]) -> Part:
    rows = []
    for one in pack.parameters.values():
        name = f"参数.{one.name}" + (f"({'、'.join(one.aliases)})" if one.aliases else "")
        rows.append((name, one.label, _values(one), _sources(one), "、".join(used_by.get(f"参数 {one.name}", ()))))
    text = "没有取值的由本地参数文件（--parameters）给出；没有给出的，用到它的条件一律待核。"
    table = Table(("参数", "含义", "取值", "来源", "用到它的规则"), tuple(rows))
    return Part(2, "参数", "parameters", text, (table,))


def _values(one: Parameter) -> str:
    shown = []
    for v in one.values:
        since = "" if v.start.year <= 2000 else f"{v.start} 起 "
        shown.append(since + (f"地区 {v.region} " if v.region else "") + v.raw)
    return ";".join(shown) or "（本地给出）"


def _sources(one: Parameter) -> str:
    return ";".join(_unique(v.source for v in one.values))


def _unique(words: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(words))


# -- writing -----------------------------------------------------------------------------------------------------------
def markdown(title: str, lead: str, parts: Sequence[Part]) -> str:
    """One Markdown file."""
    lines = [f"# {title}", "", lead, ""]
    for part in parts:
        lines += [f"{'#' * part.level} {part.title}", ""]
        lines += [part.text, ""] if part.text else []
        for block in part.blocks:
            lines += [*(_fact_lines(block) if isinstance(block, Facts) else _table_lines(block)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _fact_lines(block: Facts) -> list[str]:
    code = ["```text", block.code, "```", ""] if block.code else []
    return code + [f"- {label}:{_plain(text)}" for label, text in block.rows]


def _table_lines(block: Table) -> list[str]:
    rows = [block.headers, tuple("---" for _ in block.headers), *block.rows]
    return ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows]


def _plain(text: str) -> str:
    """A text that Markdown shows as it is: a condition is full of signs that mean something there."""
    for sign in "\\`*_|<>[]#":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())


def html(title: str, lead: str, parts: Sequence[Part]) -> str:
    """One page with everything inside."""
    import jinja2

    template = resources.files("clue_engine.language").joinpath("catalogue.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(template).render(title=title, lead=lead, parts=parts)
