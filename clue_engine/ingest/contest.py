"""Two columns for one field: the one whose values fit it feeds the field, the other is named; on a tie neither.

Comes in: the loaded files, their raw tables. Goes out: what each column lost, an issue COLUMN_BEATEN for each, and an
error for a file of which the values do not tell which column holds. Columns that differ in a few rows only are no
contest: cleaning notes those rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from clue_engine.errors import ClueError
from clue_engine.ingest import persons
from clue_engine.ingest.agreement import agreement, says_something
from clue_engine.ingest.header import heading_key
from clue_engine.ingest.key_join import KeyPlaces
from clue_engine.ingest.layout import Feed, FileColumn, RawFile, feeds, twins
from clue_engine.ingest.readings import Reader, Reading, reader
from clue_engine.ingest.regular import said
from clue_engine.ingest.value_shape import CASE_NO, NAME
from clue_engine.pack.model import CodeSet, RecordKind
from clue_engine.values.text import compact
from clue_engine.workspace import Workspace

KEYS = ("caseno", "id")
# Fields that neither say who and which case nor what was lost and paid: there the heading that the source names first
# holds where the values do not tell (受理日期 beside 立案日期), instead of the whole file being refused.
BY_ORDER = ("date", "text", "phone")
_FEW = 3  # rows in which the columns of a small file may differ, when they agree in as many
_LONG = 10  # rows of a list of which it tells something that twins are filled by turns
Test = Callable[[str], bool]


@dataclass(frozen=True)
class Rules:
    """``few``: the share of rows up to which columns that differ are one column with slips. ``margin``: the share of
    rows, or of numbers found elsewhere, by which a column must be better. ``separators``: between persons in a cell."""

    codes: Mapping[str, CodeSet]
    few: float
    margin: float
    separators: str = ""


@dataclass(frozen=True)
class Beaten:
    """``loser`` does not feed ``target``; ``better``, ``worse``: cells that fit, or numbers found elsewhere.

    ``by``: what decided: numbers found elsewhere (key), cells that fit (fit), the order of headings in the source.
    """

    target: str
    label: str
    winner: FileColumn
    loser: FileColumn
    n_differ: int
    by: str  # key | fit | order
    better: int = 0
    worse: int = 0

    def __str__(self) -> str:
        loser = self.loser.header
        if self.winner.header == loser:
            loser = f"{loser}（第 {self.loser.position} 列）"
        head = f"“{self.label}”一项用“{self.winner.header}”，没有用“{loser}”，{self.n_differ} 行两列不同"
        if self.by == "order":
            return f"{head}；从内容分不出，按这种表通常的表头用“{self.winner.header}”"
        if self.by == "key":
            counts = f"其他表里找得到的号码 {self.better} 个对 {self.worse} 个"
            return f"{head}；{counts}，其他表中只写“{loser}”的将对不上"
        return (
            f"{head}；合乎这一项的 {self.better} 格对 {self.worse} 格，改用“{loser}”会少 {self.better - self.worse} 格"
        )


def contests(
    ws: Workspace, file: RawFile, rows: str, kinds: Sequence[RecordKind], keys: KeyPlaces, rules: Rules
) -> list[Beaten]:
    """The columns of a file that lose a field. ``rows``: its loaded rows in SQL. Raises CE-F18 on a tie."""
    found: list[Beaten] = []
    for kind in kinds:
        for feed in feeds(file.source, kind, file.columns):
            for group in feed.groups:
                if len(group) > 1 and feed.field.type != "codes" and not feed.joined:
                    rivals = _Rivals(ws, file, rows, f"{kind.name}.{feed.field.name}", feed, group, rules)
                    found += rivals.judge(keys, needed=feed.field.name in kind.needed)
    return found


def without_beaten(file: RawFile, beaten: Sequence[Beaten]) -> RawFile:
    """The file with what its columns lost."""
    lost = [(one.loser.position, one.target) for one in beaten]
    columns = (replace(c, lost=frozenset(target for at, target in lost if at == c.position)) for c in file.columns)
    return replace(file, columns=tuple(columns))


class _Rivals:
    """The columns of one field in one file."""

    def __init__(
        self,
        ws: Workspace,
        file: RawFile,
        rows: str,
        target: str,
        feed: Feed,
        group: tuple[FileColumn, ...],
        rules: Rules,
    ) -> None:
        self._ws, self._file, self._rows, self._target = ws, file, rows, target
        self._feed, self._group, self._rules = feed, group, rules
        shared = any(target in together for together in file.source.persons)
        self._separators = rules.separators if shared else ""
        self._read = in_parts(reader(feed, rules.codes, float("inf")), self._separators)

    def judge(self, keys: KeyPlaces, *, needed: bool) -> Iterator[Beaten]:
        """The losers; none when the columns say the same, or differ in a few rows only. ``needed``: twins of which
        now one and now the other is blank are a tie, since none of their rows would be known."""
        n_differ = agreement(self._ws, self._rows, self._group, self._read).n_differ
        n_said, n_beside = self._counts()
        few = max(self._rules.few * n_said, min(_FEW, n_said - n_beside - n_differ))
        if n_differ <= few and not (twins(self._group) and n_beside > few):
            return
        for by_key, scores, most in self._scores(keys, n_said):
            best = max(range(len(scores)), key=lambda i: scores[i])
            lost = [
                i for i, n in enumerate(scores) if n < scores[best] and scores[best] - n >= self._rules.margin * most
            ]
            kept = [column for i, column in enumerate(self._group) if i not in lost]
            if lost and (len(kept) == 1 or agreement(self._ws, self._rows, kept, self._read).n_differ <= few):
                for i in lost:
                    yield Beaten(
                        self._target,
                        self._feed.field.label,
                        self._group[best],
                        self._group[i],
                        n_differ or n_beside,
                        "key" if by_key else "fit",
                        scores[best],
                        scores[i],
                    )
                return
        by_turns = needed and twins(self._group) and n_said >= _LONG and n_beside > few
        if n_differ <= few and not by_turns:
            return
        if self._feed.field.type not in BY_ORDER or twins(self._group):
            raise self._tie(max(n_differ, n_beside))
        first = min(self._group, key=self._order)
        for column in self._group:
            if column is not first:
                yield Beaten(self._target, self._feed.field.label, first, column, n_differ, "order")

    def _order(self, column: FileColumn) -> tuple[int, int]:
        """The place of a heading among those the source knows for this field; one it does not know comes last."""
        known = [heading_key(h)[0] for source in self._feed.source_columns for h in source.headers]
        key = heading_key(column.header)[0]
        return (known.index(key) if key in known else len(known)), column.position

    def _counts(self) -> tuple[int, int]:
        """Rows in which a column says something, and rows in which another one says nothing beside it."""
        cells = [said(f"c{column.position}") for column in self._group]
        spoken = f"len(list_filter([{', '.join(cells)}], lambda x: x is not null))"
        ((n_said, n_beside),) = self._ws.rows(
            f"select count(*) filter ({spoken} > 0), count(*) filter ({spoken} between 1 and {len(cells) - 1})"
            f" from {self._rows}"
        )
        return int(n_said), int(n_beside)

    def _scores(self, keys: KeyPlaces, n_said: int) -> Iterator[tuple[bool, list[int], int]]:
        """What speaks for each column, and how much could: first what its numbers join, then the cells that fit."""
        kind = self._feed.field.type
        if kind in KEYS:
            scores, most = keys.found(self._file, self._group, kind)
            yield True, scores, most
        texts = [self._texts(column) for column in self._group]
        for test in _tests(kind, self._read):
            scores = [sum(n for text, n in found if all(map(test, self._parts(text)))) for found in texts]
            if any(scores):
                yield False, scores, n_said
                return

    def _parts(self, text: str) -> list[str]:
        return [p for p in persons.parts(text, self._separators) if p] if self._separators else [text]

    def _texts(self, column: FileColumn) -> list[tuple[str, int]]:
        cell = said(f"c{column.position}")
        found = self._ws.rows(f"select {cell}, count(*) from {self._rows} group by 1 having {cell} is not null")
        return [(text, n) for text, n in found]

    def _tie(self, n_differ: int) -> ClueError:
        names = "和".join(f"“{c.header}”（第 {c.position} 列）" for c in self._group)
        used = next(c for c in self._feed.source_columns if self._target in c.fields)
        where = used.mark.file if used.mark else f"sources/{self._file.source.id}.yaml"
        hint = "删去不用的一列，或改它的表头，再载入"
        if not twins(self._group):
            hint = f"{hint}；或在规则包 {where} 里把不用的表头从 headers 移到 ignore"
        message = f"{names}都作“{self._feed.field.label}”，{n_differ} 行内容不同，从内容分不出该用哪一列，整份不载入"
        return ClueError("CE-F18", message, hint=hint)


def in_parts(read: Reader, separators: str) -> Reader:
    """The reading of a cell that may hold several persons: that of its parts together."""
    if not separators:
        return read

    def read_parts(text: str) -> Reading:
        readings = [read(part) for part in persons.parts(text, separators) if part]
        saying = [reading for reading in readings if says_something(reading)]
        return tuple(value for values, _ in saying for value in values), next((i for _, i in saying if i), None)

    return read_parts


def _tests(kind: str, read: Reader) -> list[Test]:
    """When a text fits its type; a later test counts where no cell passes the one before."""

    def is_read(text: str) -> bool:
        values, issue = read(text)
        return issue is None and any(value is not None for value in values)

    if kind == "id":
        return [lambda text: any(value in ("ok", "old15") for value in read(text)[0])]
    if kind == "caseno":
        return [lambda text: bool(CASE_NO.fullmatch(compact(text))), lambda text: any(map(str.isdigit, text)), is_read]
    if kind == "name":
        return [lambda text: bool(NAME.fullmatch(compact(text))), is_read]
    return [is_read]
