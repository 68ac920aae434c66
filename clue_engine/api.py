"""For whoever programs with it: one call that does what the command ``run`` does, and its results as data frames.

Comes in: exports and where the results go. Goes out: a ``Report``: counts, what went wrong, and four tables, each with
documented columns. They hold what the files hold: numbers of persons are masked, a restricted clue is a number only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

from clue_engine.enquiry.carry import carry as carry_over
from clue_engine.enquiry.carry import earlier_workspace
from clue_engine.enquiry.run import load_scanned, scan_date
from clue_engine.errors import ClueError
from clue_engine.export import columns as c
from clue_engine.export.bundle import check_output
from clue_engine.export.list_rows import Row, list_rows
from clue_engine.export.rejects import reject_records
from clue_engine.export.trouble import troubles
from clue_engine.export.written import check_unchanged, output_names
from clue_engine.ingest.removal import would_go
from clue_engine.ledger import Ledger
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack
from clue_engine.pipeline import Job
from clue_engine.pipeline import run as run_stations
from clue_engine.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

AnyPath = str | Path
Kind = Literal["pandas", "arrow"]


class Column(NamedTuple):
    """A column of a result. ``type``: text, integer or boolean; empty (NA) is *not said* or *not shown*."""

    name: str
    type: str
    unit: str
    meaning: str


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "clues": (
        Column("clue_id", "text", "", "线索编号；同一条线索每次扫描都是同一个编号"),
        Column("direction", "text", "", "线索方向，用规则包里的名称"),
        Column("status", "text", "", "线索、待核、搁置或试行"),
        Column("band", "text", "", "优先级，用规则包里的名称"),
        Column("score", "integer", "分", "确定的得分，已按各维度封顶"),
        Column("possible_score", "integer", "分", "待定的事实都成立时的得分"),
        Column("rank", "integer", "第一名为 1", "在本方向清单里的排名"),
        Column("restricted", "boolean", "", "是：受限，只有编号、方向、状态、优先级和排名"),
        Column("match", "text", "", "凭什么、多大把握认定案件里的人就是这一户的人"),
        Column("household_no", "text", "", "名册里的户编号"),
        Column("town", "text", "", "乡镇"),
        Column("village", "text", "", "村"),
        Column("receiver", "text", "", "建议承办单位"),
        Column("reasons", "text", "", "清单里的理由"),
    ),
    "hits": (
        Column("clue_id", "text", "", "线索编号"),
        Column("rule_id", "text", "", "规则编号"),
        Column("rule_version", "integer", "", "规则版本"),
        Column("title", "text", "", "规则名称"),
        Column("kind", "text", "", "hit 命中，pending 只差一项排除条件，unknown 差一项事实"),
        Column("points", "integer", "分", "本条的分值，封顶以前；由别的规则代替为 0"),
        Column("trial", "boolean", "", "是：试行规则，不因它列入清单"),
        Column("reason", "text", "", "填入事实的理由"),
    ),
    "missing": (
        Column("clue_id", "text", "", "线索编号"),
        Column("field", "text", "", "不知道的那一项事实"),
        Column("holder", "text", "", "由谁掌握"),
        Column("decides", "boolean", "", "是：知道这一项就能判断"),
    ),
    "issues": (
        Column("file", "text", "", "输入文件"),
        Column("sheet", "text", "", "工作簿里的工作表"),
        Column("row", "integer", "首行为 1", "文件里的行号；空：整份文件"),
        Column("column", "text", "", "列名"),
        Column("level", "text", "", "疑点、提示、未装载、整份未载或不符预期"),
        Column("code", "text", "", "代码；`clue-engine rules explain 代码` 有详细说明"),
        Column("reason", "text", "", "疑在哪里，不含数据的值"),
        Column("advice", "text", "", "怎么办"),
    ),
}


@dataclass(frozen=True)
class Report:
    """What a run found. ``counts``: clues by direction and status; ``troubles``: what to read before anything else.

    ``errors``: files that could not be read, each with code, place and next step; the rest went on without them.
    """

    workspace: Path
    pack: Pack = field(repr=False)
    as_of: dt.date
    out: Path | None = None
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    errors: tuple[ClueError, ...] = ()
    troubles: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    @overload
    def clues(self, kind: Literal["pandas"] = "pandas") -> pd.DataFrame: ...
    @overload
    def clues(self, kind: Literal["arrow"]) -> pa.Table: ...
    def clues(self, kind: Kind = "pandas") -> pd.DataFrame | pa.Table:
        """One row per clue, in the order of the lists."""
        with self._open() as ws:
            return _table("clues", [_clue(row) for row in list_rows(ws, self.pack)], kind)

    @overload
    def hits(self, kind: Literal["pandas"] = "pandas") -> pd.DataFrame: ...
    @overload
    def hits(self, kind: Literal["arrow"]) -> pa.Table: ...
    def hits(self, kind: Kind = "pandas") -> pd.DataFrame | pa.Table:
        """One row per clue and rule that speaks for it; none of a restricted clue."""
        with self._open() as ws:
            names = {"rule_id": "id", "rule_version": "version"}
            return _table("hits", _details(list_rows(ws, self.pack), "rules", "hits", names), kind)

    @overload
    def missing(self, kind: Literal["pandas"] = "pandas") -> pd.DataFrame: ...
    @overload
    def missing(self, kind: Literal["arrow"]) -> pa.Table: ...
    def missing(self, kind: Kind = "pandas") -> pd.DataFrame | pa.Table:
        """One row per clue and fact that is not known; none of a restricted clue."""
        with self._open() as ws:
            return _table("missing", _details(list_rows(ws, self.pack), "missing", "missing", {}), kind)

    @overload
    def issues(self, kind: Literal["pandas"] = "pandas") -> pd.DataFrame: ...
    @overload
    def issues(self, kind: Literal["arrow"]) -> pa.Table: ...
    def issues(self, kind: Kind = "pandas") -> pd.DataFrame | pa.Table:
        """One row per file, row or cell that was not read or is doubtful."""
        with self._open() as ws:
            rows: list[Sequence[object]] = [[value if value != "" else None for value in r] for r in reject_records(ws)]
            return _table("issues", rows, kind)

    @contextmanager
    def _open(self) -> Iterator[Workspace]:
        with Workspace.open(self.workspace, create=False) as ws:
            scan_date(ws)  # CE-U08 where the scan is gone
            yield ws


def run(
    inputs: AnyPath | Sequence[AnyPath],
    *,
    out: AnyPath | None = None,
    workspace: AnyPath | None = None,
    parameters: AnyPath | None = None,
    rules: AnyPath | None = None,
    as_of: dt.date | None = None,
    carry: AnyPath | None = None,
    ledger: AnyPath | None = None,
    add: bool = False,
    replace: bool = False,
    force: bool = False,
) -> Report:
    """Load exports, link, scan, rank, and with ``out`` write the lists there: the command ``run`` in one call.

    ``inputs``: files or folders. ``workspace``: without it a folder in ``out``. ``parameters``: the county's own
    values, once. ``as_of``: the scan date, without it the newest data date. ``carry``: an earlier workspace
    whose decisions and numbers go on. ``ledger``: the file that outlives scans, made where there is none.
    ``add``, ``replace``: files it holds beside ``inputs``: keep or drop.
    ``force``: scan although the data is not as expected. Raises ClueError: ``code``, ``message``, ``place``, ``hint``.
    """
    given = [Path(inputs)] if isinstance(inputs, str | Path) else [Path(path) for path in inputs]
    if out is None and workspace is None:
        raise ClueError("CE-U01", "out 和 workspace 至少写一个", place="clue_engine.run", hint="run(数据, out=目录)")
    county = Path(parameters) if parameters else None
    text = _read(county) if county else None
    pack = load_pack(Path(rules) if rules else None, parameters=county)
    target = Path(out) if out is not None else None
    if target is not None:
        check_output(target)
        check_unchanged(target, output_names(pack))
    folder = Path(workspace) if workspace is not None else (target or Path()) / "workspace"
    earlier = earlier_workspace(Path(carry)) if carry else None
    job = Job(pack, given, target, as_of, parameters=text, add=add, force=force)
    own = Ledger.open(Path(ledger), create=True) if ledger else nullcontext()
    with Workspace.open(folder) as ws, own as job.ledger:
        gone = [] if add or replace else would_go(ws, given)
        if gone:
            raise ClueError(
                "CE-U16", f"工作区里有 {len(gone)} 个文件这次没有写，照此载入就没有了", place=str(folder),
                hint="写 add=True（加在旁边）或 replace=True（只用这次的）",
            )  # fmt: skip
        if earlier:
            carry_over(ws, earlier)
        run_stations(ws, job, last="clue" if target is None else "export")
        return _report(ws, job.pack, target, job.errors, job.notices)


def report(workspace: AnyPath, *, parameters: AnyPath | None = None, rules: AnyPath | None = None) -> Report:
    """The report of a scan that was made before, by ``run`` or on the command line. Raises ClueError CE-S30, CE-U08."""
    folder = Path(workspace)
    pack = load_scanned(folder, Path(rules) if rules else None, Path(parameters) if parameters else None)
    with Workspace.open(folder, create=False) as ws:
        return _report(ws, pack, None, (), ())


def _report(ws: Workspace, pack: Pack, out: Path | None, errors: Sequence[ClueError], notices: Sequence[str]) -> Report:
    day = scan_date(ws)
    rows = ws.rows("select direction, status, count(*) from clue group by all order by min(direction_seq), status")
    counts = {(direction, status): n for direction, status, n in rows}
    return Report(ws.directory, pack, day, out, counts, tuple(errors), tuple(troubles(ws, pack)), tuple(notices))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ClueError("CE-U11", "找不到本地参数文件", place=str(path), hint="检查路径") from None


def _clue(row: Row) -> list[object]:
    cells = row.cells
    place = (cells[c.HOUSEHOLD_NO], cells[c.TOWN], cells[c.VILLAGE], cells[c.RECEIVER], cells[c.REASON])
    scores = (cells[c.SCORE], cells[c.POSSIBLE], cells[c.RANK])
    return [row.clue_id, row.direction, row.status, cells[c.BAND], *scores, row.restricted, cells[c.MATCH], *place]


def _details(rows: Sequence[Row], part: str, table: str, names: Mapping[str, str]) -> list[Sequence[object]]:
    columns = [names.get(column.name, column.name) for column in COLUMNS[table][1:]]
    return [[row.clue_id, *(one[name] for name in columns)] for row in rows for one in row.details.get(part, ())]


def _table(name: str, rows: Sequence[Sequence[object]], kind: Kind) -> pd.DataFrame | pa.Table:
    """Rows under the columns of ``COLUMNS``: types do not depend on what happens to be empty."""
    import pyarrow as pa

    types = {"text": pa.string(), "integer": pa.int64(), "boolean": pa.bool_()}
    schema = pa.schema([(column.name, types[column.type]) for column in COLUMNS[name]])
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    table = pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema)
    if kind == "arrow":
        return table
    import pandas as pd

    nullable = {pa.string(): pd.StringDtype(), pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return table.to_pandas(types_mapper=nullable.get)
