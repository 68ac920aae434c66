"""The vocabulary: code tables, relations with fields and definitions, links, record tables; lists, text facts.

Comes in: parsed YAML of rules/vocabulary/ and rules/lists/. Goes out: the frozen records of ``model``, plus findings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from clue_engine.errors import Mark
from clue_engine.pack.model import (
    NOT_OF_SUSPECT,
    OF_VICTIM,
    CodeSet,
    Definition,
    Field,
    FieldType,
    Link,
    Missing,
    RecordField,
    RecordKind,
    Relation,
    Text,
    TextFact,
    TextFacts,
    WordList,
)
from clue_engine.pack.suggest import hint as suggestion
from clue_engine.pack.typed import Findings, Section, as_list, as_mapping, as_names, as_text, place, shown
from clue_engine.pack.wording import DOUBTS, Wording, with_words, wording, wording_faults
from clue_engine.pack.wording import KEYS as WORDING_KEYS

FIELD_TYPES: tuple[str, ...] = get_args(FieldType)
YES_NO = "是否"
RECORD_TYPES = ("text", "name", "id", "date", "money", "number", "bool", "code", "codes", "phone", "caseno")
UNITS = ("岁", "月", "天", "年")
_FIELD_KEYS = (
    "label", "aliases", "type", "unit", "codes", "interval", "missing", "sensitivity", "holder", "meaning",
    "listed", "ending",
)  # fmt: skip
_PARAMETER = "写成 {type: share, label: 含义, values: [{from: 2020-01-01, value: 20%, source: 依据}]}"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_VIA = re.compile(r"person|household_others|event|kin:\S+")


def sections(
    root: Any, findings: Findings, top: Mark, what: str, keys: tuple[str, ...], required: tuple[str, ...] = ()
) -> dict[Text, Section]:
    """A file of named mappings: name -> its section."""
    found: dict[Text, Section] = {}
    for name, value in (as_mapping(root, findings, top, what) or {}).items():
        assert isinstance(name, Text)
        form = _PARAMETER if what == "参数" else ""
        mapping = as_mapping(value, findings, name, name, form)
        if mapping is not None:
            found[name] = Section(mapping, findings, name, f"{what}“{shown(name)}”", keys, required)
    return found


def code_sets(root: Any, findings: Findings, top: Mark) -> dict[str, CodeSet]:
    """codes.yaml."""
    found = {}
    tables = dict(as_mapping(root, findings, top, "代码表") or {})
    doubts = as_names(tables.pop(DOUBTS, []), findings, top, Text(DOUBTS, ()))
    keys = ("values", "ordered", "unknown", "outside", "spans", "unordered", "aliases", *WORDING_KEYS)
    for name, section in sections(tables, findings, top, "代码表", keys, ("values",)).items():
        values = section.names("values")
        aliases: dict[str, str] = {}
        for alias, target in section.mapping("aliases").items():
            text = as_text(target, findings, place([alias], name), alias)
            if text is not None and text not in values:
                findings.add("CE014", f"代码表“{name}”没有取值“{shown(text)}”", text, hint=suggestion(text, values))
            elif text is not None:
                aliases[str(alias)] = str(text)
        ordered = section.boolean("ordered")
        unknown, outside, spans = off_scale(section, findings, ordered, values)
        said = _wording(section, findings, values, aliases, doubts)
        unordered = unknown + outside
        found[str(name)] = CodeSet(str(name), values, ordered, unordered, aliases, name.at(0), outside, spans, said)
    return found


def _wording(
    section: Section, findings: Findings, values: Sequence[str], aliases: Collection[str], doubts: Collection[str]
) -> Wording | None:
    """How the values are said in words; None when something is wrong with it, which has been told."""
    lists = {
        key: {name: as_names(texts, findings, place([name], section.where), name) for name, texts in written.items()}
        for key, written in (("words", section.mapping("words")), ("says", section.mapping("says")))
    }
    entry = {**lists, **{key: section.names(key) for key in ("filler", "details")}}
    entry |= {"worst": str(section.boolean("worst")).lower()}
    faults = list(wording_faults(entry, values))
    for at, message, hint in faults:
        findings.add("CE014", f"{section.what}：{message}", at if isinstance(at, Text) else section.where, hint=hint)
    return None if faults else wording(entry, values, aliases, doubts)


def off_scale(
    section: Section, findings: Findings, ordered: bool, values: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[str, ...]] | None]:
    """What of a scale is not one grade: nobody graded it (``unordered``: as older packs say it), no grade at all,
    one of several. Each is a code of the table, in one of the three, and the grades of a span stand side by side."""
    said = {key: section.names(key) for key in ("unknown", "unordered", "outside")}
    spans: dict[str, tuple[str, ...]] = {}
    for code, grades in section.mapping("spans").items():
        spans[str(code)] = tuple(str(text) for text in as_names(grades, findings, place([code], section.where), code))
    parts = [(code, key) for key, codes in said.items() for code in codes]
    parts += [(code, "spans") for code in spans]
    parts += [(grade, "spans") for grades in spans.values() for grade in grades]
    name = section.what
    for code, key in parts:
        if code not in values:
            findings.add("CE014", f"{name}没有取值“{shown(code)}”", section.at(key), hint=suggestion(code, values))
    without = next((key for _, key in parts if key != "unordered"), "")
    if without and not ordered:
        findings.add("CE014", f"{name}没有写 ordered: true，不能写 {without}", section.at(without))
    owners = [*(code for codes in said.values() for code in codes), *spans]
    for code in dict.fromkeys(c for c in owners if owners.count(c) > 1):
        findings.add("CE014", f"{name}的“{shown(code)}”只能写在 unknown、outside、spans 之一", section.at("spans"))
    scale = [v for v in values if v not in owners]
    for code, grades in spans.items():
        at = sorted(scale.index(g) for g in grades if g in scale)
        if len(at) != len(grades) or len(at) < 2 or at[-1] - at[0] != len(at) - 1:
            message = f"{name}的“{shown(code)}”应是相邻的两个以上等级之一"
            findings.add("CE014", message, section.at("spans"), hint=f"等级从重到轻：{'、'.join(scale)}")
    return said["unknown"] + said["unordered"], said["outside"], spans if "spans" in section else None


def relation(root: Any, findings: Findings, top: Mark, codes: Mapping[str, CodeSet]) -> Relation | None:
    """One relation_*.yaml."""
    mapping = as_mapping(root, findings, top, "关系文件")
    if mapping is None:
        return None
    keys = ("relation", "name", "table", "fields")
    section = Section(mapping, findings, top, "关系文件", keys, keys)
    label = section.text("relation")
    written = sections(section.mapping("fields"), findings, top, "字段", _FIELD_KEYS, ("label", "type"))
    fields = [_field(name, one, findings, codes) for name, one in written.items()]
    _no_twice(fields, findings, str(label))
    return Relation(section.word("name"), str(label), section.word("table"), tuple(fields), (), label.at(0))


def _field(name: Text, section: Section, findings: Findings, codes: Mapping[str, CodeSet]) -> Field:
    if not _NAME.fullmatch(name):
        findings.add("CE013", f"字段名“{shown(name)}”只能用小写字母、数字和下划线", name)
    kind: Any = section.choice("type", FIELD_TYPES, "text")
    code_set = section.word("codes") or None
    if code_set and code_set not in codes:
        findings.add("CE018", f"没有代码表“{shown(code_set)}”", section.text("codes"), hint=suggestion(code_set, codes))
    return Field(
        name=str(name),
        label=section.word("label"),
        type=kind,
        aliases=section.names("aliases"),
        codes=code_set,
        unit=section.choice("unit", UNITS, "") or None,
        interval=section.boolean("interval"),
        missing=_missing(section, findings, kind, codes.get(code_set or "")),
        sensitivity=section.choice("sensitivity", ("normal", "personal", "secret"), "normal"),
        holder=section.word("holder"),
        meaning=section.word("meaning"),
        listed=section.word("listed"),
        ending=section.names("ending"),
        mark=name.at(0),
    )


def _missing(section: Section, findings: Findings, kind: str, codes: CodeSet | None) -> Missing:
    """What an empty value means: unknown | said | interval | {value|absent|na_if: …, because: …}."""
    raw = section.raw("missing")
    if not isinstance(raw, dict):
        word = section.choice("missing", ("unknown", "said", "interval"), "unknown")
        if word == "interval" and not section.boolean("interval"):
            findings.add("CE014", "missing: interval 的字段要写 interval: true", section.at("missing"))
        return Missing("said" if word == "said" else "unknown")
    keys = ("value", "absent", "na_if", "because")
    inner = Section(raw, findings, section.at("missing"), "missing ", keys, ("because",))
    used = [key for key in keys[:3] if key in inner]
    if len(used) != 1:
        findings.add("CE006", "missing 里 value、absent、na_if 要写一个且只写一个", inner.where)
        return Missing()
    text = inner.text(used[0])
    if used[0] == "na_if":
        return Missing("n/a", None, text, inner.word("because"))
    allowed = codes.values if codes else ("是", "否") if kind == "bool" else ()
    if allowed and text not in allowed:
        findings.add("CE014", f"“{section.word('label')}”没有取值“{shown(text)}”", text, hint=suggestion(text, allowed))
    return Missing(used[0], str(text), None, inner.word("because"))


def _no_twice(fields: list[Field], findings: Findings, relation: str) -> None:
    owner: dict[str, Field] = {}
    for one in fields:
        for word in (one.label, *one.aliases):
            other = owner.setdefault(word, one)
            if other is not one and one.mark:
                message = f"{relation}里“{word}”既指 {other.name} 又指 {one.name}"
                findings.add("CE007", message, one.mark, hint="改掉其中一个的名称或别名")


def links(root: Any, findings: Findings, top: Mark) -> dict[str, Link]:
    """links.yaml."""
    found = {}
    for name, section in sections(root, findings, top, "连接", ("via", "open", "most"), ("via",)).items():
        via = section.text("via")
        if via and not _VIA.fullmatch(via):
            hint = "可用：person、household_others、event、kin:父母 等"
            findings.add("CE014", f"via 不能是“{shown(via)}”", via, hint=hint)
        most = section.integer("most") if "most" in section else None
        found[str(name)] = Link(str(name), str(via), section.boolean("open"), most)
    return found


def with_definitions(root: Any, findings: Findings, top: Mark, relations: list[Relation]) -> list[Relation]:
    """definitions.yaml, laid onto the relations it names."""
    by_label, above = {r.label: r for r in relations}, ""
    for label, value in (as_mapping(root, findings, top, "定义文件") or {}).items():
        if label not in by_label and (isinstance(value, Text) or set(value) <= {"yes", "no"}):
            message = f"“{shown(label)}”写在最左边，不属于任何关系"
            hint = f"往右缩进两格，写在“{above or next(iter(by_label), '户')}:”的下面，或它所属的关系下面"
            findings.add("CE014", message, place([label], top), hint=hint)
            continue
        above = label if label in by_label else above
        form = "下面的定义各往右缩进两格" if value == "" else ""
        mapping = as_mapping(value, findings, place([label], top), label, form)
        if label not in by_label:
            findings.add(
                "CE014", f"没有关系“{shown(label)}”", place([label], top), hint=suggestion(label, list(by_label))
            )
        elif mapping is not None:
            target = by_label[str(label)]
            made = [_definition(target, name, one, findings) for name, one in mapping.items()]
            by_label[str(label)] = replace(target, definitions=(*target.definitions, *(d for d in made if d)))
    return list(by_label.values())


def _definition(target: Relation, name: Any, value: Any, findings: Findings) -> Definition | None:
    assert isinstance(name, Text)
    for one in target.fields:
        if name == one.label or name in one.aliases:
            findings.add("CE007", f"“{name}”已经是{target.label}的字段，不能再作定义", name, hint="给定义换一个名称")
    if isinstance(value, dict):
        section = Section(value, findings, name, f"定义“{shown(name)}”", ("yes", "no"), ("yes", "no"))
        if section.missing:
            return None
        return Definition(target.label, str(name), None, section.text("yes"), section.text("no"), name.at(0))
    text = as_text(value, findings, name, name)
    if not text:
        findings.add("CE006", f"定义“{shown(name)}”是空的", name)
        return None
    return Definition(target.label, str(name), text, None, None, name.at(0))


def record_kinds(root: Any, findings: Findings, top: Mark, codes: Mapping[str, CodeSet]) -> dict[str, RecordKind]:
    """records.yaml."""
    found = {}
    allowed, required = ("label", "fields", "key", "gone", "needed", "must"), ("label", "fields")
    for name, section in sections(root, findings, top, "记录", allowed, required).items():
        fields = []
        keys = ("label", "type", "codes", "negative", "months", "says", "denies")
        for field_name, one in sections(section.mapping("fields"), findings, top, "字段", keys, keys[:2]).items():
            kind = one.choice("type", RECORD_TYPES, "text")
            code_set = one.word("codes") or None
            if (code_set or kind in ("code", "codes")) and code_set not in codes:
                hint = suggestion(code_set or "", codes)
                findings.add("CE018", f"没有代码表“{shown(code_set or '')}”", one.at("codes"), hint=hint)
            negative, months = one.boolean("negative"), one.boolean("months")
            said = _said(one, codes) if kind == "bool" else None
            fields.append(RecordField(str(field_name), one.word("label"), kind, code_set, negative, months, said))
        key, known = tuple(str(k) for k in section.raw("key") or ()), {f.name for f in fields}
        for part in (part for alternative in key for part in alternative.split("+")):
            if part not in known:
                hint = suggestion(part, known)
                findings.add("CE032", f"没有记录字段“{shown(part)}”", section.at("key"), hint=hint)
        gone = section.choice("gone", ("kept", "struck", "dropped"), "kept")
        needed = section.names("needed")
        for word in (word for word in needed if word not in known):
            hint = suggestion(word, known)
            findings.add("CE032", f"没有记录字段“{shown(word)}”", section.at("needed"), hint=hint)
        must = {
            str(what): tuple(str(one) for one in as_names(names, findings, section.at("must"), str(what)))
            for what, names in section.mapping("must").items()
        }
        for word in (word for names in must.values() for word in names if "." not in word and word not in known):
            hint = suggestion(word, known)
            findings.add("CE032", f"没有记录字段“{shown(word)}”", section.at("must"), hint=hint)
        found[str(name)] = RecordKind(str(name), section.word("label"), tuple(fields), key, gone, needed, must)
    return found


def _said(section: Section, codes: Mapping[str, CodeSet]) -> CodeSet | None:
    """How 是 and 否 of a field are said: its words for the matter and for the opposite, in the forms of ``是否``."""
    words = {"事": section.names("says"), "反": section.names("denies")}
    form = codes.get(YES_NO)
    if form is None or form.wording is None or not words["事"]:
        return None
    return replace(form, wording=with_words(form.wording, words))


# -- named lists: 名称: [甲, 乙] or, for words in free text, 名称: {any: […], not_after: […]} ----------------------
def lists(root: Any, findings: Findings, top: Mark) -> dict[str, WordList]:
    """One file of lists/."""
    found = {}
    for name, value in (as_mapping(root, findings, top, "名单文件") or {}).items():
        assert isinstance(name, Text)
        not_after: tuple[str, ...] = ()
        if isinstance(value, dict):
            section = Section(value, findings, name, f"名单“{shown(name)}”", ("any", "not_after"), ("any",))
            values, not_after = section.names("any"), section.names("not_after")
        else:
            values = tuple(str(text).strip() for text in as_names(value, findings, name, name))
        for text in value if isinstance(value, list) else ():
            if isinstance(text, Text) and text[:1] in ("@", "\uff20"):
                message = f"名单里不能引用别的名单“{shown(text)}”"
                findings.add("CE013", message, text, hint="把那个名单的各项写在这里；两个名单都要时条件里用 or 连接")
        if not values and not (isinstance(value, list) and value):  # wrong items have been told
            findings.add("CE006", f"名单“{shown(name)}”是空的", name, hint="写上各项，或删去这个名单")
        found[str(name)] = WordList(str(name), values, not_after, name.at(0))
    return found


# -- facts that sentences of free text may say: text_facts.yaml --------------------------------------------------------
# Words are literal; {n} stands for a grade (一…十, 1…10), {m} for an amount, {t} for a term (三年二个月), … for up to
# twelve characters of the same sentence. An author
# cannot write a regular expression here, so none can run away.
_PLACES = ("{n}", "{m}", "{t}")
_KEYS = (
    "denied", "between", "doubtful", "citations", "refuted", "victim_words", "suspect_words", "kin_words",
    "other_words", "both_words", "lead_words", "joint_words", "facts",
)  # fmt: skip
_FACT_KEYS = ("fact", "value", "says", "not_before", "not_after", "column", "yes", "no", "bodily", "subject")


def text_facts(root: Any, findings: Findings, top: Mark) -> TextFacts:
    """Read the file; a pack may do without it."""
    mapping = as_mapping(root, findings, top, "text_facts.yaml")
    if mapping is None:
        return TextFacts()
    section = Section(mapping, findings, top, "text_facts.yaml ", _KEYS, ("facts",))
    facts = []
    entries = section.raw("facts")
    if not isinstance(entries, list):
        findings.add("CE013", "facts 应是一个列表", section.at("facts"), hint="每项前加“- ”")
        entries = []
    for entry in entries:
        one = as_mapping(entry, findings, section.at("facts"), "facts")
        if one is None:
            continue
        where = next((key for key in one if isinstance(key, Text)), section.at("facts"))
        part = Section(one, findings, where, "facts ", _FACT_KEYS, ("fact", "value", "says"))
        says = tuple(str(t) for t in as_list(part.raw("says") or [], findings, where, "says"))
        places = [place for place in _PLACES if place in part.word("value")]
        for word in says:
            if not word.strip("…{nmt} ") or places != [place for place in _PLACES if place in word]:
                hint = "{n}、{m}、{t} 两边都写或都不写"
                findings.add("CE013", f"说法“{word}”与取值“{part.word('value')}”不配", where, hint=hint)
        facts.append(
            TextFact(
                part.word("fact"),
                part.word("value"),
                says,
                part.names("not_before"),
                part.names("not_after"),
                _texts(part, "yes"),
                _texts(part, "no"),
                column=part.word("column") if "column" in part else "",
                bodily=part.boolean("bodily"),
                subject=part.choice("subject", (OF_VICTIM, NOT_OF_SUSPECT), ""),
            )
        )
    return TextFacts(
        facts=tuple(facts),
        denied=section.names("denied"),
        between=section.names("between"),
        doubtful=section.names("doubtful"),
        citations=section.names("citations"),
        refuted=section.names("refuted"),
        victim_words=section.names("victim_words"),
        suspect_words=section.names("suspect_words"),
        kin_words=section.names("kin_words"),
        other_words=section.names("other_words"),
        both_words=section.names("both_words"),
        lead_words=section.names("lead_words"),
        joint_words=section.names("joint_words"),
    )


def _texts(section: Section, key: str) -> tuple[str, ...]:
    return tuple(str(text) for text in section.texts(key)) if key in section else ()
