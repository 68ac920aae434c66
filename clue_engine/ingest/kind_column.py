"""A column of household kinds that says of some households that they are monitored: of the others, that they are not.

It says of others that they live on 低保 or 特困; where it does, an ordinary household does not. Who has come out of
poverty may have either.

Comes in: the files of registers that have no column of their own for it, the code tables of both. Goes out: per file
the fields that this column feeds beside the kind of household, and table kind_column (file_id, header), the files
whose 未纳入 rests on it. Sheets of one workbook under one heading are one form. A kind that is neither an ordinary
household nor one out of poverty (低保户) says nothing of monitoring, and of a form in which nobody is monitored
nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clue_engine.ingest.land import insert
from clue_engine.ingest.layout import Feed, RawFile, feeds
from clue_engine.ingest.readings import code_table, look_up, yes_no_of
from clue_engine.pack.model import CodeSet, RecordField, RecordKind
from clue_engine.values import dates
from clue_engine.values.text import code_key, yes_no
from clue_engine.workspace import Workspace, ident

_KIND, _MONITORED = "household_type", "monitoring_kind"
_NOT_MONITORED = "未纳入"
_ORDINARY = "一般农户"
_KEPT = {
    "dibao": "低保",
    "tekun": "特困",
}  # the kind of list; the first value of their code tables is that it is not so
_URBAN = "城"
_REMOVED, _REMOVED_ON = "risk_removed", "removed_on"
_PHRASES = re.compile(r"[,，;；。、()（）\[\]【】/]")
_DAY = re.compile(r"^.*?(?=\D*$)")  # 2024年6月已消除: the day and what stands behind it


@dataclass
class _Said:
    """What the texts of one form say: text → kind, → whether the risk is removed, → since when."""

    kinds: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)


def kind_columns(
    ws: Workspace, files: Sequence[RawFile], records: Mapping[str, RecordKind], codes: Mapping[str, CodeSet]
) -> dict[int, list[Feed]]:
    """Per file the feeds that its column of kinds gives; writes kind_column."""
    ws.con.execute("create or replace table kind_column (file_id integer, header varchar)")
    registry = records.get("registry")
    own = {f.name: f for f in registry.fields} if registry else {}
    if registry is None or not {_KIND, _MONITORED} <= own.keys():
        return {}
    found: dict[int, list[Feed]] = {}
    lists = next((codes[str(f.codes)] for f in _fields(records, "listing") if f.name == "list"), None)
    names = dict(ws.rows("select file_id, coalesce(path, name) from input_file"))
    forms: dict[tuple[str, str], list[tuple[RawFile, Feed]]] = {}
    monitoring: set[int] = set()
    for file in files:
        fed = {f.field.name: f for f in feeds(file.source, registry, file.columns) if f.groups}
        if _KIND in fed and "registry" in file.source.records:
            forms.setdefault((names[file.file_id], code_key(fed[_KIND].header)), []).append((file, fed[_KIND]))
            monitoring |= {file.file_id} if _MONITORED in fed else set()
    for sheets in forms.values():
        texts = sorted({text for file, feed in sheets for text in _texts(ws, file, feed)})
        for file, feed in sheets:
            found[file.file_id] = _kept(feed, own, texts, codes, lists)
        sheets = [pair for pair in sheets if pair[0].file_id not in monitoring]
        said = _read(texts, own, codes)
        told = set(said.kinds.values()) - {_NOT_MONITORED, ""} or any(_tells(text, own, codes) for text in texts)
        if sheets and told:
            for file, feed in sheets:
                found[file.file_id] += _fed(feed, own, said)
            insert(ws, "kind_column", [(file.file_id, feed.header) for file, feed in sheets])
    return found


def _texts(ws: Workspace, file: RawFile, feed: Feed) -> list[str]:
    position = feed.positions[0]
    return [t for (t,) in ws.rows(f"select distinct c{position} from {ident(file.raw)} where c{position} <> ''")]


def _fields(records: Mapping[str, RecordKind], kind: str) -> Sequence[RecordField]:
    return records[kind].fields if kind in records else ()


def _kept(
    feed: Feed,
    own: Mapping[str, RecordField],
    texts: Sequence[str],
    codes: Mapping[str, CodeSet],
    lists: CodeSet | None,
) -> list[Feed]:
    """What the kinds say of 低保 and 特困, where one of them is such a kind."""
    parts = []
    listed = {t: look_up(code_table(lists, {}), t, lists)[0] for t in texts} if lists else {}
    household = codes[own[_KIND].codes or ""]
    ordinary = {t for t in texts if look_up(code_table(household, {}), t, household)[0] == _ORDINARY}
    for name, kind in ((name, kind) for name, kind in _KEPT.items() if name in own):
        denied, *said = codes[own[name].codes or ""].values
        urban = next((code for code in said if _URBAN in code), said[-1])
        if kind in listed.values():
            meant = {t: "" if t not in ordinary else denied for t in texts}
            meant |= {t: urban if _URBAN in t else said[-1] for t, code in listed.items() if code == kind}
            parts.append((name, meant))
    return _derived(feed, own, parts)


def _fed(feed: Feed, own: Mapping[str, RecordField], said: _Said) -> list[Feed]:
    return _derived(feed, own, ((_MONITORED, said.kinds), (_REMOVED, said.removed), (_REMOVED_ON, said.days)))


def _derived(feed: Feed, own: Mapping[str, RecordField], parts: Iterable[tuple[str, Mapping[str, str]]]) -> list[Feed]:
    columns = feed.source_columns
    return [
        replace(
            feed,
            field=own[name],
            source_columns=tuple(replace(c, fields=(f"registry.{name}",), values=values) for c in columns),
            constant=None,
            derived=True,
        )
        for name, values in parts
        if name in own
    ]


def _read(texts: Iterable[str], own: Mapping[str, RecordField], codes: Mapping[str, CodeSet]) -> _Said:
    said = _Said()
    monitoring, household = codes[own[_MONITORED].codes or ""], codes[own[_KIND].codes or ""]
    for text in texts:
        kind = _monitored_kind(text, monitoring)
        plain = look_up(code_table(household, {}), text, household)[0]
        said.kinds[text] = kind or (_NOT_MONITORED if plain and not _is_monitored(text, own, codes) else "")
        phrases = [p for p in _PHRASES.split(text) if p] if kind else []
        states = {answer for p in phrases if (answer := _removed(p, own)) is not None}
        said.removed[text] = ("是" if states.pop() else "否") if len(states) == 1 else ""
        days = {day for p in phrases if _removed(p, own) and (day := _day(p))}
        said.days[text] = days.pop() if len(days) == 1 else ""
    return said


def _monitored_kind(text: str, codes: CodeSet) -> str:
    """The one kind that a phrase of the cell names, the others telling of the risk or when."""
    table = code_table(codes, {})
    found = {look_up(table, part, codes)[0] for part in (text, *_PHRASES.split(text)) if part}
    kinds = found - {None, _NOT_MONITORED}
    return str(kinds.pop()) if len(kinds) == 1 else ""


def _is_monitored(text: str, own: Mapping[str, RecordField], codes: Mapping[str, CodeSet]) -> bool:
    """监测户, of which kind nobody says: the words of the code table for it, and no denial."""
    monitoring = codes[own[_MONITORED].codes or ""]
    words = monitoring.wording.words.items() if monitoring.wording else ()
    named = {word for _, known in words for word, name in known if name == "监"}
    return any(_PHRASES.split(code_key(text))[0] == word for word in named)


def _tells(text: str, own: Mapping[str, RecordField], codes: Mapping[str, CodeSet]) -> bool:
    """Whether a kind speaks of monitoring at all: 监测户, 非监测一般户."""
    monitoring = codes[own[_MONITORED].codes or ""]
    denied = "监测" in text and look_up(code_table(monitoring, {}), text, monitoring)[0] == _NOT_MONITORED
    return denied or _is_monitored(text, own, codes)


def _removed(phrase: str, own: Mapping[str, RecordField]) -> bool | None:
    bare = phrase.removeprefix(_day(phrase)) if _REMOVED in own else ""
    return yes_no(yes_no_of(own[_REMOVED], {}, bare)) if bare and not bare.isdigit() else None


def _day(phrase: str) -> str:
    """The day with which a phrase begins."""
    found = _DAY.match(phrase)
    day = found[0] if found else ""
    rest = phrase[len(day) :]
    for n in range(len(rest), -1, -1):
        if dates.date_interval(day + rest[:n]) != dates.NOTHING:
            return day + rest[:n]
    return ""
