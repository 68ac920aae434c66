"""Which rows are records of a kind where a column says what the person of the row is: rows of suspects are case rows.

Comes in: the rows of a file, ``rows`` of its source ({case: {victim.role: 嫌疑人}}, or a list of codes of
which one must stand there), ``of_event`` ({case: [case.charges, …]}). Goes out: SQL that keeps the rows, and SQL
that keeps of the others what they say of the event: the row of a victim tells the charge, not a suspect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from clue_engine.ingest.layout import RawFile, feeds
from clue_engine.ingest.readings import reader
from clue_engine.ingest.regular import said
from clue_engine.pack.model import CodeSet, RecordKind
from clue_engine.workspace import Workspace, literal


class _Layout(Protocol):
    @property
    def codes(self) -> Mapping[str, CodeSet]: ...
    @property
    def records(self) -> Mapping[str, RecordKind]: ...


def rows_of(ws: Workspace, file: RawFile, kind: RecordKind, pack: _Layout) -> str:
    """A condition on the rows; "true" for a kind that all rows have."""
    wanted: Mapping[str, str | Sequence[str]] = file.source.options.get("rows", {}).get(kind.name, {})
    tests = [_test(ws, file, target, [c] if isinstance(c, str) else c, pack) for target, c in wanted.items()]
    return " and ".join(tests) or "true"


def of_event(file: RawFile, kind: RecordKind) -> frozenset[str]:
    """The fields of a kind that every row tells of the event, if the file has one that is no mere number."""
    named = frozenset(map(str, file.source.options.get("of_event", {}).get(kind.name, ())))
    fed = {f for c in file.columns if c.column_no is not None for f in file.source.columns[c.column_no].fields} & named
    told = {f.name for f in kind.fields if f.type != "caseno" and f"{kind.name}.{f.name}" in fed}
    return frozenset(target.partition(".")[2] for target in named) if told else frozenset()


def _test(ws: Workspace, file: RawFile, target: str, codes: Sequence[str], pack: _Layout) -> str:
    record, _, name = target.partition(".")
    feed = next((f for f in feeds(file.source, pack.records[record], file.columns) if f.field.name == name), None)
    if feed is None or not feed.groups:
        return "false"
    read = reader(feed, pack.codes, float("inf"))
    cells = [said(f"c{position}") for position in feed.positions]
    text = f"coalesce({', '.join(cells)}, '')"
    texts = [t for (t,) in ws.rows(f"select distinct {text} from {file.stage}") if read(t)[0][0] in codes]
    return f"{text} in ({', '.join(map(literal, sorted(texts)))})" if texts else "false"
