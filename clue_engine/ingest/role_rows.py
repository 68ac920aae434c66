"""Which rows are records of a kind where a column says what the person of the row is: rows of suspects are case rows.

Comes in: the rows of a file, ``rows`` of its source ({case: {victim.role: 嫌疑人}}, or a list of codes of
which one must stand there). Goes out: SQL that keeps the rows.
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
