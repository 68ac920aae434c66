"""A change made, the county read and scanned: the same list, a loss that is told, or a silent one.

Comes in: the folder of a small county. Goes out: ``Outcome`` per variant. A table whose records are the same as before
gives the same list, so only what changes records is scanned; a column that is named before the scan is told whatever
comes of it, since what a scan adds stands below. ``whole`` scans every time.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from clue_engine.clue.scoring import make_clues
from clue_engine.errors import ClueError
from clue_engine.evaluate.station import evaluate_checked
from clue_engine.export.trouble import troubles
from clue_engine.export.unread import blank
from clue_engine.ingest.clean import _files as read_files
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.ingest.needed_columns import note_needed_columns
from clue_engine.ingest.supersede import supersede
from clue_engine.language.check_pack import check_pack
from clue_engine.pack.expect import expectation
from clue_engine.pack.model import Pack, Source
from clue_engine.pipeline import Job, canonicalise, involve, link_parties, write_meta
from clue_engine.workspace import Workspace, ident
from tests.columns.county import Grid
from tests.columns.variants import Column, Variant

_FIRST = 3  # lines in which a loss must be named
Listed = frozenset[tuple[object, ...]]


@dataclass(frozen=True)
class Outcome:
    """``said``: same (list) · told (exit 3) · refused (no list, exit not 0) · noted (a blank column that an honest file
    of its kind may have: named in the summary, exit 0) · silent · unnamed · alarm."""

    variant: Variant
    said: str
    lines: tuple[str, ...] = ()
    moved: int = 0  # lines of the list that are others

    @property
    def passed(self) -> bool:
        return self.said in ("same", "told", "refused", "noted")


class Trials:
    """A county that is read once; then each variant against it."""

    def __init__(self, folder: Path, grids: Sequence[Grid], pack: Pack, as_of: dt.date, *, whole: bool = False) -> None:
        self._folder, self._pack, self._day, self._whole = folder, pack, as_of, whole
        self._checked = check_pack(pack)[0]
        inputs = folder / "in"
        inputs.mkdir()
        self._paths = {grid.name: grid.write(inputs) for grid in grids}
        self._read = folder / "read_in"  # the county as it was read: a scan starts from a copy of it
        with Workspace.open(self._read) as ws:
            errors = self._ingested(ws, list(self._paths.values()))
            write_meta(ws, Job(pack, as_of=as_of))
            self.columns = _columns(ws, grids, pack)
            self._numbers = dict(ws.rows("select name, file_id from input_file where status = 'loaded'"))
        with self._copy() as ws:
            self.listed, lines = self._scanned(ws)
        if errors or lines:
            raise SystemExit("\n".join(["the county itself is told of:", *errors, *lines]))
        self._one = _opened(folder / "one")
        self._records: dict[str, list[tuple[object, ...]]] = {}  # by file, once one of it is tried
        self._last: tuple[str, list[tuple[object, ...]]] = ("", [])  # what the scan that lies there was made of

    def outcome(self, variant: Variant) -> Outcome:
        place = self._folder / "one_in"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        path = _workbook(variant, place) if variant.lay_out else variant.grid.write(place)
        if variant.file not in self._records:
            self._records[variant.file] = self._alone(self._paths[variant.file])[0]
        records, lines, settled = self._alone(path)
        if settled and records == self._records[variant.file] and not self._whole:
            return self._judged(variant, self.listed, lines)
        if settled and (variant.file, records) == self._last:  # the scan of another change that left the same records
            with _opened(self._folder / "scan") as ws:
                self._transplant(ws, self._numbers[variant.file])
                return self._judged(variant, _listed(ws), troubles(ws, self._pack), blank(ws))
        self._last = ("", [])
        with self._copy() as ws:
            errors: list[str] = []
            alike = settled and records[-1] == self._records[variant.file][-1]
            if alike:
                self._transplant(ws, self._numbers[variant.file])
                lines = troubles(ws, self._pack)
                if not self._whole and len(lines) <= _FIRST and _named(variant, lines):
                    return Outcome(variant, "told", tuple(lines))
            else:
                inputs = [path if name == variant.file else other for name, other in self._paths.items()]
                errors = self._ingested(ws, inputs)
            try:
                listed, lines = self._scanned(ws)
            except ClueError as error:
                return self._judged(variant, None, [str(error)])
            noted = blank(ws)
        if alike and not self._whole:
            self._last = (variant.file, records)
        return self._judged(variant, listed, [*lines, *errors], noted)

    def close(self) -> None:
        self._one.close()

    def _judged(
        self, variant: Variant, listed: Listed | None, lines: Sequence[str], noted: Sequence[str] = ()
    ) -> Outcome:
        moved = 0 if listed is None else len(listed ^ self.listed)
        said = "refused" if listed is None else "told" if lines else "silent"
        if listed == self.listed:
            said = "alarm" if lines and not variant.words else "same"
        if said in ("told", "refused") and not _named(variant, lines):
            said = "unnamed"
        if said == "silent" and variant.may_be_blank and any(f"“{variant.words[0]}”" in line for line in noted):
            said = "noted"
        return Outcome(variant, said, tuple(lines[:_FIRST]), moved)

    def _alone(self, path: Path) -> tuple[list[tuple[object, ...]], list[str], bool]:
        """The records of one file, what is told of it, and whether no other file has a say in them."""
        ws = self._one
        errors = self._ingested(ws, [path])
        records = [row for kind in self._pack.records for row in _digest(ws, kind)]
        records += _cells(ws)
        records += ws.rows("select source_id, snapshot_date from input_file where status = 'loaded' order by all")
        contested = ws.rows("select 1 from issue where code = 'COLUMN_BEATEN' limit 1")
        return records, [*troubles(ws, self._pack), *errors], not errors and not contested

    def _ingested(self, ws: Workspace, paths: Sequence[Path]) -> list[str]:
        report = ingest(ws, self._pack.sources, paths, records=self._pack.records)
        return list(map(str, [*report.errors, *clean(ws, self._pack)]))

    def _scanned(self, ws: Workspace) -> tuple[Listed, list[str]]:
        """The list, and what a run would say first."""
        pack, job = self._pack, Job(self._pack, as_of=self._day)
        supersede(ws, pack.records)
        for station in (canonicalise, link_parties, involve):
            station(ws, job)
        evaluate_checked(ws.con, self._checked, self._day)
        make_clues(ws, pack, self._day, render=lambda *_: "")
        return _listed(ws), troubles(ws, pack)

    @contextmanager
    def _copy(self) -> Iterator[Workspace]:
        workspace = self._folder / "scan"
        shutil.rmtree(workspace, ignore_errors=True)
        shutil.copytree(self._read, workspace)
        with _opened(workspace) as ws:
            yield ws

    def _transplant(self, ws: Workspace, file_id: int) -> None:
        """What was read of the one file in the place of what was read of it before."""
        one = self._one
        ((own,),) = one.rows("select file_id from input_file where status = 'loaded'")
        _copied(one, ws, f"raw_{own}", f"create or replace table raw_{file_id} as select * from moved")
        for (table,) in one.rows(
            "select table_name from duckdb_columns() semi join duckdb_tables() using (table_oid)"
            " where column_name = 'file_id' and table_name not in ('superseded_row') order by 1"
        ):
            ws.con.execute(f"delete from {ident(table)} where file_id = {file_id}")
            moved = f"select * replace ({file_id} as file_id) from moved where file_id = {own}"
            _copied(one, ws, table, f"insert into {ident(table)} {moved}")
        files = read_files(ws, {source.id: source for source in self._pack.sources}, self._pack)
        note_needed_columns(ws, files, self._pack.records, self._pack.codes)  # what other files have speaks too


def _named(variant: Variant, lines: Sequence[str]) -> bool:
    return any(word in line for line in lines[:_FIRST] for word in variant.words)


def _opened(folder: Path) -> Workspace:
    """A workspace that is thrown away: nothing is written behind what the scan needs, and a small county is no reason
    to think long about a query (a sixth of the time of a scan)."""
    ws = Workspace.open(folder, threads=1)
    ws.con.execute("pragma disable_optimizer")
    ws.con.execute("pragma disable_checkpoint_on_shutdown")
    ws.con.execute("set checkpoint_threshold = '8GB'")
    return ws


def _copied(source: Workspace, target: Workspace, table: str, sql: str) -> None:
    with target.shown("moved", source.con.sql(f"select * from {ident(table)}").to_arrow_table()):
        target.con.execute(sql)


def _cells(ws: Workspace) -> list[tuple[object, ...]]:
    """The cells of columns that are used, in the order of rows: some are heard as text where they cannot be read."""
    found: list[tuple[object, ...]] = []
    for file_id, position, fed in ws.rows("select file_id, position, field from raw_column where field is not null"):
        cells = f"select row_number() over (order by row_no) as n, c{position} as c from raw_{file_id}"
        found += ws.rows(f"select ?, sum(hash(n, trim(c))::hugeint) from ({cells})", [fed])
    return sorted(found, key=str)


def _digest(ws: Workspace, kind: str) -> list[tuple[object, ...]]:
    """The records of a kind in their order, without where they stand."""
    table = ident("rec_" + kind)
    return ws.rows(
        f"select '{kind}', count(*), sum(hash(n, t)::hugeint) from (select row_number() over (order by row_no, part_no)"
        f" as n, to_json(struct_update(r, file_id := 0, row_no := 0))::varchar as t from {table} as r)"
    )


def _listed(ws: Workspace) -> Listed:
    return frozenset(
        ws.rows(
            "select clue_id, direction, status, band, list_sort(list(distinct rule_id) filter (rule_id is not null))"
            "::varchar from clue left join (select clue_id, rule_id || ' ' || kind as rule_id from clue_rule)"
            " using (clue_id) group by all"
        )
    )


def _columns(ws: Workspace, grids: Sequence[Grid], pack: Pack) -> list[Column]:
    """Every column that feeds a field."""
    labels = {f"{kind.name}.{f.name}": f.label for kind in pack.records.values() for f in kind.fields}
    sources = {source.id: source for source in pack.sources}
    by_name = {grid.name: grid for grid in grids}
    found = []
    for name, source_id, position, header, fed, column_no in ws.rows(
        "select f.name, f.source_id, c.position, c.header, c.field, c.column_no from raw_column as c"
        " join input_file as f using (file_id) where c.field is not null order by f.file_id, c.position"
    ):
        heading = header.rpartition("/")[2] if by_name[name].upper else header
        known = [h for h in sources[source_id].columns[column_no].headers if h != heading]
        targets = fed.split(",")
        names = tuple(labels[target] for target in targets)
        needed = not _needed(sources[source_id], pack).isdisjoint(targets)
        joined = not set(sources[source_id].options.get("join", ())).isdisjoint(targets)
        known_as = known[-1] if known else ""
        found.append(Column(by_name[name], position - 1, heading.strip(), names, known_as, needed, joined))
    return found


def _needed(source: Source, pack: Pack) -> set[str]:
    """The fields that rules need of a source: as records.yaml says, and as the source expects to know them."""
    found = {target for column in source.columns if column.required for target in column.fields}
    for name in source.records:
        kind = pack.records[name]
        found |= {f"{name}.{field}" for field in (*kind.needed, *(f for fields in kind.must.values() for f in fields))}
    expected = expectation(source.options)
    return found | set(expected.read if expected else ())


def _workbook(variant: Variant, folder: Path) -> Path:
    """As a workbook with a sheet of notes and an empty one before or behind."""
    path = folder / f"{Path(variant.file).stem}.xlsx"
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False}) as book:
        names = ["数据", "说明", "空"] if "behind" in variant.lay_out else ["说明", "数据", "空"]
        sheets = {name: book.add_worksheet(name) for name in names}
        for n, row in enumerate(variant.grid.rows):
            sheets["数据"].write_row(n, 0, [cell or None for cell in row])
        sheets["说明"].write_column(0, 0, ["填表说明", "本表由各乡镇填报"])
    return path
