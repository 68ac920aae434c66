"""The layouts of the pack: code tables, record tables and the sources that are mapped onto them.

Comes in: the code tables and records of a pack, rules/sources/*.yaml. Goes out: model objects and every finding about
them, all at once: first what has the wrong shape (text, list, mapping), then what means nothing. A source may say
``columns_of: other`` to share the columns of another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from clue_engine.errors import Diagnostic, Mark
from clue_engine.pack.accepted import FILE, Accepted, accepted, others
from clue_engine.pack.expect import expectation_faults, unreachable
from clue_engine.pack.field_words import FieldWords, field_words
from clue_engine.pack.model import CodeSet, RecordField, RecordKind, Source, SourceColumn, Text
from clue_engine.pack.suggest import nearest
from clue_engine.pack.text import read_yaml
from clue_engine.pack.typed import Findings, as_mapping, as_number, as_text, bare, place, read_date, shown
from clue_engine.pack.vocabulary import code_sets, record_kinds
from clue_engine.values.money import MONTHLY

# The keys of a source and of one of its columns, and what stands under each; where nothing is said, its reader knows.
# The schema for editors is made of them.
SOURCE_KEYS = {
    "id": "text", "label": "text", "columns_of": "text", "records": "texts", "footer": "texts", "constants": "words",
    "options": "", "persons": "", "columns": "", "ignore": "", "recognise": "", "expect": "",
}  # fmt: skip
COLUMN_KEYS = {
    "headers": "texts", "to": "", "values": "words", "unit": "text", "required": "text", "split": "text",
    "lead": "text",
}  # fmt: skip
SOURCE_NEEDS, COLUMN_NEEDS = ("id", "label", "records"), ("headers", "to")
_NOTES = ("victim.note", "enforcement.note")  # of whom is asked whether he was rescued
UNITS = ("元", "万元", "千元", MONTHLY)


Reader = Callable[[Path, str], tuple[Any, list[Diagnostic]]]


@dataclass
class Layouts:
    """What the sources need, and what is wrong with it."""

    codes: dict[str, CodeSet] = field(default_factory=dict)
    records: dict[str, RecordKind] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)  # of pack.yaml
    heading_words: dict[str, str] = field(default_factory=dict)
    field_words: FieldWords = field(default_factory=FieldWords)
    accepted: tuple[Accepted, ...] = ()
    read: Reader = read_yaml
    diagnostics: Findings = field(default_factory=Findings)

    def say(self, code: str, message: str, at: object, file: str, hint: str = "") -> None:
        where = at if isinstance(at, Text) and at.marks else Mark(file, 1, 1)
        self.diagnostics.add(code, message, where, hint=hint)


def load_layouts(root: Path) -> Layouts:
    """The layouts of a pack folder on their own, with the code tables and records they are mapped onto."""
    layouts = Layouts()
    for name in ("codes.yaml", "records.yaml"):
        path = root / "vocabulary" / name
        value, top = _read(path, _name(path, root), layouts), Mark(_name(path, root), 1, 1)
        if value is not None and name == "codes.yaml":
            layouts.codes = code_sets(value, layouts.diagnostics, top)
        elif value is not None:
            layouts.records = record_kinds(value, layouts.diagnostics, top, layouts.codes)
    if (root / "pack.yaml").is_file() and isinstance(meta := read_yaml(root / "pack.yaml", "pack.yaml")[0], dict):
        layouts.options = bare(meta.get("options") or {})
    return with_sources(layouts, root)


def with_sources(layouts: Layouts, root: Path) -> Layouts:
    """Read the sources of the pack in ``root``, and the words of headings."""
    layouts.heading_words = _heading_words(root / "vocabulary" / "headings.yaml", layouts, root)
    layouts.field_words = _field_words(root / "vocabulary" / "field_words.yaml", layouts, root)
    layouts.accepted = _accepted(root / "vocabulary" / FILE, layouts, root)
    drafts: list[tuple[Source, Text | None, str]] = []
    for path in sorted((root / "sources").glob("*.yaml")):
        name = _name(path, root)
        if (value := _read(path, name, layouts)) is not None:
            drafts.append(_source(value, name, layouts))
    by_id = {source.id: source for source, _, _ in drafts}
    anywhere = _anywhere(root / "vocabulary" / "field_words.yaml", layouts, root)
    for source, parent, name in drafts:
        if parent is not None:
            if parent in by_id:
                columns = _with_parent(source.columns, by_id[parent].columns)
                options = {**_shared(by_id[parent].options, source.options), **source.options}
                source = replace(source, columns=columns, options=options, footer=source.footer or by_id[parent].footer)
            else:
                layouts.say("CE032", f"没有来源“{parent}”", parent, name, _near(parent, by_id))
        source = _with_notes(source, anywhere)
        layouts.sources.append(source)
        for message, hint in unreachable(source, layouts.records):
            layouts.say("CE035", message, source.mark, name, hint)
    _check_accepted(layouts, {source.id: source for source in layouts.sources}, root)
    seen: dict[str, str] = {}
    for source, _, name in drafts:
        if source.id in seen:
            layouts.say(
                "CE033",
                f"来源编号“{source.id}”在 {seen[source.id]} 和 {name} 中重复",
                source.id,
                name,
                "改成不同的编号",
            )
        seen[source.id] = name
    return layouts


def _shared(parent: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What a source has of another one: of a table that fits no known layout no shares of read fields are expected."""
    shared = dict(parent)
    if "plain" in own.get("recognise", {}) and isinstance(shared.get("expect"), Mapping):
        shared["expect"] = {key: value for key, value in shared["expect"].items() if key != "read"}
    return shared


def _heading_words(path: Path, layouts: Layouts, root: Path) -> dict[str, str]:
    """Words of headings that mean the same: word -> the word for comparing. A pack may do without."""
    if not path.is_file():
        return {}
    name = _name(path, root)
    result: dict[str, str] = {}
    for word, meant in (_read(path, name, layouts) or {}).items():
        if not isinstance(meant, str):
            layouts.say("CE030", f"“{word}”后面要写一个词", word, name, "写成 受害人: 被害人")
        else:
            result[str(word)] = str(meant)
    return result


def _field_words(path: Path, layouts: Layouts, root: Path) -> FieldWords:
    """How headings that no source has are read. A pack may do without."""
    if not path.is_file():
        return FieldWords()
    name = _name(path, root)
    value = _read(path, name, layouts) or {}
    words = field_words(
        value, layouts.records, layouts.codes, lambda at, message, hint: layouts.say("CE030", message, at, name, hint)
    )
    lists = root / "lists" / "text.yaml"
    if "incidents" not in value or not lists.is_file():
        return words
    incidents = (_read(lists, _name(lists, root), layouts) or {}).get(str(value["incidents"]), ())
    return replace(words, incidents=tuple(map(str, incidents)))


def _anywhere(path: Path, layouts: Layouts, root: Path) -> tuple[SourceColumn, ...]:
    """The columns that any table of parties may have, without what they feed; what they lack was said before."""
    value = read_yaml(path, _name(path, root))[0] if path.is_file() else None
    entries = value.get("anywhere") or () if isinstance(value, dict) else ()
    return tuple(
        _column({**{key: part for key, part in entry.items() if key != "like"}, "to": []}, _name(path, root), layouts)
        for entry in entries
    )


def _with_notes(source: Source, anywhere: Sequence[SourceColumn]) -> Source:
    """The source with those columns as notes, where several of its notes may stand side by side; a list of rescues
    says itself what became of each."""
    joined = () if "aid" in source.records else source.options.get("join", ())
    note = next((note for note in _NOTES if note in joined), None)
    own = {heading for column in source.columns for heading in column.headers}
    added = tuple(
        replace(c, headers=tuple(h for h in c.headers if h not in own), fields=(note,)) for c in anywhere if note
    )
    return replace(source, columns=source.columns + tuple(c for c in added if c.headers))


def _accepted(path: Path, layouts: Layouts, root: Path) -> tuple[Accepted, ...]:
    """What persons have accepted for tables of certain headings. Most packs do without."""
    if not path.is_file():
        return ()
    value, diagnostics = layouts.read(path, _name(path, root))
    layouts.diagnostics.extend(diagnostics)
    for one in others(value):
        hint = "写成 {source: 来源编号, headings: [全部表头], columns: {表头: 字段}}，或用 sources accept 重新记下"
        layouts.say("CE030", "确认过的列里有一条读不懂，没有用", one, _name(path, root), hint)
    return accepted(value)


def _check_accepted(layouts: Layouts, by_id: Mapping[str, Source], root: Path) -> None:
    """An entry for a source or a field that is not there would be followed by nobody."""
    name = _name(root / "vocabulary" / FILE, root)
    for entry in layouts.accepted:
        if entry.source not in by_id:
            layouts.say("CE032", f"确认过的列所属的来源“{entry.source}”没有", None, name, _near(entry.source, by_id))
            continue
        fields = {fed for column in by_id[entry.source].columns for fed in column.fields}
        for wanted in entry.columns.values():
            if wanted not in fields:
                said = f"来源“{entry.source}”没有字段“{wanted}”，确认过的这一列用不上"
                layouts.say("CE032", said, None, name, _near(wanted, fields))


def _with_parent(own: tuple[SourceColumn, ...], parent: tuple[SourceColumn, ...]) -> tuple[SourceColumn, ...]:
    """The parent's columns; a column of the same field is one column with the headings of both.

    Of several own ones of a field (赔偿情况 and 保险赔付 heard as notes) it is the last; the others stay beside it.
    """
    mine = {column.fields: column for column in own}
    others = tuple(column for column in own if mine[column.fields] is not column)
    merged = []
    for column in parent:
        if (child := mine.pop(column.fields, None)) is not None:
            column = replace(
                column,
                headers=child.headers + column.headers,
                unit=child.unit or column.unit,
                required=child.required or column.required,
                values={**column.values, **child.values},
                lead=child.lead or column.lead,
            )
        merged.append(column)
    return others + tuple(mine.values()) + tuple(merged)


def _source(value: Mapping[str, Any], name: str, layouts: Layouts) -> tuple[Source, Text | None, str]:
    for key in value:
        if key not in SOURCE_KEYS:
            layouts.say("CE030", f"来源文件里没有“{key}”这一项", key, name, _near(str(key), SOURCE_KEYS))
    for key in SOURCE_NEEDS:
        if key not in value:
            layouts.say("CE030", f"来源文件缺少“{key}”", value.get("id"), name)
    columns = tuple(_column(entry, name, layouts) for entry in value.get("columns") or ())
    constants = {str(k): str(v) for k, v in (value.get("constants") or {}).items()}
    persons = tuple(tuple(str(f) for f in group) for group in value.get("persons") or ())
    for target in [*(value.get("constants") or {}), *(f for group in value.get("persons") or () for f in group)]:
        _check_field(target, name, layouts)
    for target, constant in (value.get("constants") or {}).items():
        for own in _targets([target], layouts):
            for at, message, hint in constant_fault(constant, own, layouts.codes):
                layouts.say("CE034", message, at, name, hint)
    words: dict[str, Any] = {"heading_words": layouts.heading_words, "field_words": layouts.field_words}
    if given := tuple(one for one in layouts.accepted if one.source == str(value.get("id"))):
        words["accepted"] = given
    options = {**words, **bare(value.get("options") or {})}
    for key in ("ignore", "recognise", "expect"):
        if key in value:
            options[key] = bare(value[key])
    for at, message, hint in expectation_faults(value.get("expect"), set(_fields(layouts.records))):
        layouts.say("CE030", message, at, name, hint)
    identifier = value.get("id", Path(name).stem)
    source = Source(
        id=str(identifier),
        label=str(value.get("label", identifier)),
        records=tuple(str(r) for r in value.get("records") or ()),
        columns=columns,
        constants=constants,
        persons=persons,
        footer=tuple(str(f) for f in value.get("footer") or ()),
        options=options,
        mark=identifier.at(0) if isinstance(identifier, Text) else None,
    )
    for record in value.get("records") or ():
        if record not in layouts.records:
            layouts.say("CE032", f"没有记录表“{record}”", record, name, _near(str(record), layouts.records))
    parent = value.get("columns_of")
    return source, parent if isinstance(parent, Text) else None, name


def _column(entry: Mapping[str, Any], name: str, layouts: Layouts) -> SourceColumn:
    headers = entry.get("headers") or []
    first = headers[0] if headers else next(iter(entry), None)
    for key in entry:
        if key not in COLUMN_KEYS:
            layouts.say("CE030", f"列的写法里没有“{key}”", key, name, _near(str(key), COLUMN_KEYS))
    if not headers or "to" not in entry:
        layouts.say("CE030", "一列要写 headers（表头写法）和 to（去向）", first, name)
    targets = entry.get("to") or []
    targets = targets if isinstance(targets, list) else [targets]
    for target in targets:
        _check_field(target, name, layouts)
    for at, message, hint in value_faults(entry.get("values") or {}, _targets(targets, layouts), layouts.codes):
        layouts.say("CE034", message, at, name, hint)
    unit = entry.get("unit")
    if unit is not None and unit not in UNITS:
        layouts.say("CE030", f"单位“{unit}”不认识", unit, name, "可用：" + "、".join(UNITS))
    return SourceColumn(
        headers=tuple(str(h) for h in headers),
        fields=tuple(str(t) for t in targets),
        unit=str(unit) if unit else None,
        required=str(entry.get("required")) == "true",
        values={str(k): str(v) for k, v in (entry.get("values") or {}).items()},
        split=str(entry["split"]) if "split" in entry else None,
        lead=str(entry.get("lead") or ""),
        mark=first.at(0) if isinstance(first, Text) else None,
    )


def _check_field(target: str, name: str, layouts: Layouts) -> None:
    kind, _, field_name = target.partition(".")
    record = layouts.records.get(kind)
    if record is None or all(f.name != field_name for f in record.fields):
        known = list(_fields(layouts.records))
        layouts.say("CE032", f"没有记录字段“{target}”", target, name, _near(str(target), known))


def _targets(targets: Sequence[str], layouts: Layouts) -> list[RecordField]:
    """The record fields that these are; what is none has been told."""
    parts = [str(target).partition(".") for target in targets]
    return [
        f for kind, _, name in parts if kind in layouts.records for f in layouts.records[kind].fields if f.name == name
    ]


def _fields(records: Mapping[str, RecordKind]) -> Iterator[str]:
    for kind in records.values():
        yield from (f"{kind.name}.{f.name}" for f in kind.fields)


def _read(path: Path, name: str, layouts: Layouts) -> dict[str, Any] | None:
    value, diagnostics = layouts.read(path, name)
    layouts.diagnostics.extend(diagnostics)
    if value is not None and not isinstance(value, dict):
        layouts.say("CE030", "文件应当由“键: 值”组成", None, name)
        return None
    return value


def _name(path: Path, root: Path) -> str:
    return f"{root.name}/{path.relative_to(root).as_posix()}"


def _near(word: str, known: Iterable[object]) -> str:
    close = nearest(word, map(str, known), limit=1)
    return f"是否想写 {close[0]}？" if close else ""


# -- shapes: what must be a text, a list, a mapping, before its meaning is read --------------------------------------
def source_shape(root: Any, findings: Findings, top: Mark) -> None:
    """Everything that has the wrong shape in one source file."""
    mapping = as_mapping(root, findings, top, "来源文件")
    if mapping is None:
        return
    _texts(mapping, SOURCE_KEYS, findings, top)
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
        to = "text" if isinstance(fields.get("to"), Text) else "texts"
        _texts(fields, COLUMN_KEYS | {"to": to}, findings, where)


def _texts(mapping: dict[str, Any], keys: Mapping[str, str], findings: Findings, where: Text | Mark) -> None:
    for key, shape in keys.items():
        if shape == "texts":
            _text_list(mapping, key, findings, where)
        elif shape == "words":
            _text_mapping(mapping, key, findings, where)
        elif shape and key in mapping:
            as_text(mapping[key], findings, _key(mapping, key, where), key)


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


# -- whether what a source writes into a field is a value of that field ----------------------------------------------
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
