"""The layouts of the pack: code tables, record tables and the sources that are mapped onto them.

Comes in: rules/vocabulary/codes.yaml, rules/vocabulary/records.yaml, rules/sources/*.yaml. Goes out: model objects
and every finding about them, all at once. A source may say ``columns_of: other`` to share the columns of another
one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from clue_engine.errors import Diagnostic, Mark
from clue_engine.pack.expect import expectation_faults
from clue_engine.pack.field_words import FieldWords, field_words
from clue_engine.pack.model import CodeSet, RecordField, RecordKind, Source, SourceColumn, Text
from clue_engine.pack.places import MAX_SHOWN, Places
from clue_engine.pack.source_values import constant_fault, value_faults
from clue_engine.pack.text import read_yaml
from clue_engine.pack.wording import wording

TYPES = ("text", "name", "id", "date", "money", "number", "bool", "code", "codes", "phone", "caseno")
_KNOWN = {
    "id", "label", "records", "columns", "columns_of", "persons", "constants", "footer", "ignore", "recognise",
    "expect", "options",
}  # fmt: skip
_COLUMN_KEYS = {"headers", "to", "unit", "required", "values", "split"}
_UNITS = ("元", "万元", "千元")


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
    read: Reader = read_yaml
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def say(self, code: str, message: str, at: object, file: str, hint: str = "") -> None:
        mark = at.at(0) if isinstance(at, Text) and at.marks else Mark(file, 1, 1)
        length = len(at) if isinstance(at, Text) else 1
        places = at.marks if isinstance(at, Text) else None
        line = places.source.line(mark.line)[:MAX_SHOWN] if isinstance(places, Places) else ""
        self.diagnostics.append(Diagnostic(code, "error", message, mark, length, hint, line))


def load_layouts(root: Path, read: Reader = read_yaml) -> Layouts:
    """Read the three parts of the pack in ``root``. ``read``: of who has read the files already."""
    layouts = Layouts(read=read)
    layouts.codes = load_codes(root / "vocabulary" / "codes.yaml", layouts, root)
    layouts.records = load_records(root / "vocabulary" / "records.yaml", layouts, root)
    layouts.heading_words = _heading_words(root / "vocabulary" / "headings.yaml", layouts, root)
    layouts.field_words = _field_words(root / "vocabulary" / "field_words.yaml", layouts, root)
    if (root / "pack.yaml").is_file() and isinstance(meta := read(root / "pack.yaml", "pack.yaml")[0], dict):
        layouts.options = _plain(meta.get("options") or {})
    drafts: list[tuple[Source, Text | None, str]] = []
    for path in sorted((root / "sources").glob("*.yaml")):
        name = _name(path, root)
        if (value := _read(path, name, layouts)) is not None:
            drafts.append(_source(value, name, layouts))
    by_id = {source.id: source for source, _, _ in drafts}
    for source, parent, name in drafts:
        if parent is not None:
            if parent in by_id:
                columns = _with_parent(source.columns, by_id[parent].columns)
                options = {**by_id[parent].options, **source.options}
                source = replace(source, columns=columns, options=options, footer=source.footer or by_id[parent].footer)
            else:
                layouts.say("CE032", f"没有来源“{parent}”", parent, name, _near(parent, by_id))
        layouts.sources.append(source)
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
    return field_words(
        value,
        layouts.records,
        layouts.codes,
        lambda at, message, hint: layouts.say("CE030", message, at, name, hint),
    )


def load_codes(path: Path, layouts: Layouts, root: Path) -> dict[str, CodeSet]:
    """Code tables by name."""
    name = _name(path, root)
    result: dict[str, CodeSet] = {}
    for key, entry in (_read(path, name, layouts) or {}).items():
        if not isinstance(entry, dict) or not isinstance(entry.get("values"), list):
            layouts.say("CE030", f"代码表“{key}”没有 values 清单", key, name, "写成 {values: [甲, 乙]}")
            continue
        values = tuple(str(v) for v in entry["values"])
        aliases = {str(k): str(v) for k, v in (entry.get("aliases") or {}).items()}
        for alias, code in aliases.items():
            if code not in values:
                layouts.say(
                    "CE031", f"代码表“{key}”的别名“{alias}”指向没有的取值“{code}”", key, name, _near(code, values)
                )
        unordered = tuple(str(v) for v in entry.get("unordered") or ())
        mark = key.at(0) if isinstance(key, Text) else None
        ordered, said = str(entry.get("ordered")) == "true", wording(entry, values)
        result[str(key)] = CodeSet(str(key), values, ordered, unordered, aliases, mark, wording=said)
    return result


def load_records(path: Path, layouts: Layouts, root: Path) -> dict[str, RecordKind]:
    """Record kinds by name."""
    name = _name(path, root)
    result: dict[str, RecordKind] = {}
    for kind, entry in (_read(path, name, layouts) or {}).items():
        fields = []
        for field_name, facts in (entry.get("fields") or {}).items():
            if facts.get("type") not in TYPES:
                layouts.say(
                    "CE030",
                    f"字段“{field_name}”的类型“{facts.get('type')}”不认识",
                    field_name,
                    name,
                    "可用：" + "、".join(TYPES),
                )
                continue
            codes = facts.get("codes")
            if facts["type"] in ("code", "codes") and codes not in layouts.codes:
                layouts.say(
                    "CE031",
                    f"字段“{field_name}”没有代码表“{codes}”",
                    field_name,
                    name,
                    _near(str(codes), layouts.codes),
                )
                continue
            negative, months = (str(facts.get(name)) in ("true", "是") for name in ("negative", "months"))
            code_set = str(codes) if codes else None
            label, kind_of = str(facts["label"]), str(facts["type"])
            fields.append(RecordField(str(field_name), label, kind_of, code_set, negative, months))
        result[str(kind)] = RecordKind(
            str(kind),
            str(entry.get("label", kind)),
            tuple(fields),
            tuple(str(k) for k in entry.get("key") or ()),
            str(entry.get("gone", "kept")),
            tuple(str(f) for f in entry.get("needed") or ()),
        )
    return result


def _with_parent(own: tuple[SourceColumn, ...], parent: tuple[SourceColumn, ...]) -> tuple[SourceColumn, ...]:
    """The parent's columns; a column of the same field is one column with the headings of both."""
    mine = {column.fields: column for column in own}
    merged = []
    for column in parent:
        if (child := mine.pop(column.fields, None)) is not None:
            column = replace(
                column,
                headers=child.headers + column.headers,
                unit=child.unit or column.unit,
                required=child.required or column.required,
                values={**column.values, **child.values},
            )
        merged.append(column)
    return tuple(mine.values()) + tuple(merged)


def _source(value: Mapping[str, Any], name: str, layouts: Layouts) -> tuple[Source, Text | None, str]:
    for key in value:
        if key not in _KNOWN:
            layouts.say("CE030", f"来源文件里没有“{key}”这一项", key, name, _near(str(key), _KNOWN))
    for key in ("id", "label", "records"):
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
    words = {"heading_words": layouts.heading_words, "field_words": layouts.field_words}
    options = {**words, **_plain(value.get("options") or {})}
    for key in ("ignore", "recognise", "expect"):
        if key in value:
            options[key] = _plain(value[key])
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
        if key not in _COLUMN_KEYS:
            layouts.say("CE030", f"列的写法里没有“{key}”", key, name, _near(str(key), _COLUMN_KEYS))
    if not headers or "to" not in entry:
        layouts.say("CE030", "一列要写 headers（表头写法）和 to（去向）", first, name)
    targets = entry.get("to") or []
    targets = targets if isinstance(targets, list) else [targets]
    for target in targets:
        _check_field(target, name, layouts)
    for at, message, hint in value_faults(entry.get("values") or {}, _targets(targets, layouts), layouts.codes):
        layouts.say("CE034", message, at, name, hint)
    unit = entry.get("unit")
    if unit is not None and unit not in _UNITS:
        layouts.say("CE030", f"单位“{unit}”不认识", unit, name, "可用：" + "、".join(_UNITS))
    return SourceColumn(
        headers=tuple(str(h) for h in headers),
        fields=tuple(str(t) for t in targets),
        unit=str(unit) if unit else None,
        required=str(entry.get("required")) == "true",
        values={str(k): str(v) for k, v in (entry.get("values") or {}).items()},
        split=str(entry["split"]) if "split" in entry else None,
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


def _plain(value: Any) -> Any:
    """Text as str all the way down: options are read, never pointed at."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list) else str(value)


def _read(path: Path, name: str, layouts: Layouts) -> dict[str, Any] | None:
    value, diagnostics = layouts.read(path, name)
    layouts.diagnostics.extend(diagnostics)
    if value is not None and not isinstance(value, dict):
        layouts.say("CE030", "文件应当由“键: 值”组成", None, name)
        return None
    return value


def _name(path: Path, root: Path) -> str:
    return f"{root.name}/{path.relative_to(root).as_posix()}"


def _near(word: str, known: Any) -> str:
    close = get_close_matches(word, [str(k) for k in known], n=1, cutoff=0.5)
    return f"是否想写 {close[0]}？" if close else ""
