"""The stations in order, and nothing else: each reads tables and writes tables; they meet in the workspace only.

Comes in: a job (inputs, pack, scan date, output folder). Goes out: tables, and at the end the files.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clue_engine import canonical, involvement, link
from clue_engine.clue.number import prepare_numbers, remember_numbers
from clue_engine.clue.outlive import Heads, keep, take
from clue_engine.clue.scoring import make_clues
from clue_engine.errors import EXIT_PROBLEMS, ClueError
from clue_engine.evaluate.station import evaluate
from clue_engine.export.bundle import export_clues, run_code
from clue_engine.export.listing import keep_listing
from clue_engine.export.privacy import redact
from clue_engine.export.standing_said import told_of
from clue_engine.ingest.clean import clean as clean_rows
from clue_engine.ingest.expected import CODES as EXPECTED
from clue_engine.ingest.land import MAX_REJECTS
from clue_engine.ingest.load import ingest
from clue_engine.ingest.newest import Newest, newest_data
from clue_engine.ingest.supersede import supersede
from clue_engine.ingest.table import Table
from clue_engine.ingest.told_of import tell_of_whom
from clue_engine.language.template import render
from clue_engine.ledger import Ledger
from clue_engine.ledger.history import Book
from clue_engine.pack.field_words import shared_words
from clue_engine.pack.fingerprint import parts
from clue_engine.pack.meta import check_fit
from clue_engine.pack.model import Pack
from clue_engine.pack.parameters import value_of
from clue_engine.staging import staging
from clue_engine.workspace import Workspace, literal

_NAMED = 5  # numbers in a notice
Say = Callable[[str], None]


@dataclass
class Job:
    """What a run is asked to do. ``as_of`` None: the newest data date of the inputs."""

    pack: Pack
    inputs: Sequence[Path] = ()
    out: Path | None = None
    as_of: dt.date | None = None
    encoding: str | None = None
    sheets: list[str] = field(default_factory=list)  # names of sheets, where a workbook has several of one source
    max_rejects: float = MAX_REJECTS
    add: bool = False  # inputs stand beside what the workspace holds
    force: bool = False  # load known contents anew; scan although a source or the scan date is not as expected
    confirm: Callable[[str], bool] = lambda _: False  # asks a person, where there is one
    notices: list[str] = field(default_factory=list)  # what the summary has to say beside the limits of the data
    unchanged: bool = False  # the inputs were all there already
    new_numbers: int | None = None  # clues that no scan before has listed; None: not scanned
    unmask: str | None = None
    ledger: Ledger | None = None  # what outlives this scan; None: a scan without past or future
    ledger_read: str = ""  # its digest as this scan read it
    heads: Heads = field(default_factory=dict)  # … and the heads of its numbers
    parameters: bytes | None = None  # the local parameters as they were read, for whoever looks at the scan later
    say: Say = lambda _: None
    errors: list[ClueError] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)  # of the inputs, as they were recognised
    seconds: dict[str, float] = field(default_factory=dict)

    def day(self, ws: Workspace) -> dt.date:
        """The scan date: as asked, else as recorded by an earlier station, else the newest data date."""
        if self.as_of is None:
            found = ws.rows("select value from run_meta where key = 'as_of'") if ws.has_table("run_meta") else []
            self.as_of = dt.date.fromisoformat(found[0][0]) if found else newest_date(ws)
        return self.as_of


def read(ws: Workspace, job: Job) -> None:
    report = ingest(
        ws,
        job.pack.sources,
        job.inputs,
        records=job.pack.records,
        encoding=job.encoding,
        sheets=job.sheets,
        max_rejects=job.max_rejects,
        add=job.add,
        force=job.force,
        progress=job.say,
    )
    ws.use_threads()
    job.errors += report.errors
    job.tables += report.tables
    job.unchanged = report.unchanged and ws.has_table("record_column")
    if not job.unchanged and ws.has_table("run_meta"):
        ws.con.execute("drop table run_meta")


def clean(ws: Workspace, job: Job) -> None:
    if not job.unchanged:
        job.errors += clean_rows(ws, job.pack)
        tell_of_whom(ws, job.pack)
        ws.run_sql_file("clue_engine.ingest", "rec_enforcement.sql")
        supersede(ws, job.pack.records)


def canonicalise(ws: Workspace, job: Job) -> None:
    options = job.pack.options
    words = _words(options.get("organization_words", ()))
    alike = [c for name in _words(options.get("alike_charges", ())) for c in job.pack.lists[name].values]
    canonical.canonicalise(
        ws,
        same_event_days=int(options["same_event_days"]),
        organization_words=words,
        event_by_victim=[s.id for s in job.pack.sources if str(s.options.get("event_by_victim")) in ("是", "true")],
        alike_charges=alike,
        parent_words=_parent_words(job.pack),
        charge_endings=job.pack.charge_endings,
        surnames=_surnames(job.pack),
        court_causes=job.pack.court_causes,
    )


def _surnames(pack: Pack) -> str:
    words = shared_words(pack.sources)
    return "".join(sorted(words.surnames)) if words else ""


def _parent_words(pack: Pack) -> dict[str, str]:
    """What a list of children may say of a father or mother; a pack may know nothing of it."""
    codes = pack.codes.get(str(pack.options.get("parent_codes", "")))
    return {**codes.aliases, **{code: code for code in codes.values}} if codes else {}


def take_ledger(ws: Workspace, job: Job) -> None:
    """What people decided and the numbers that clues had, before anything is linked or looked for."""
    if job.ledger:
        job.heads, job.ledger_read = take(ws, job.ledger), job.ledger.digest()


def link_parties(ws: Workspace, job: Job) -> None:
    take_ledger(ws, job)
    options = job.pack.options
    prose = [source.id for source in job.pack.sources if source.options.get("prose_of")]
    words = {name: _words(options[name]) for name in ("kin_words", "dead_codes")}
    link.link(ws, **words, prose_sources=prose)


def involve(ws: Workspace, job: Job) -> None:
    require_expected(ws, job)
    require_day(ws, job)
    take_ledger(ws, job)
    day = job.day(ws)
    involvement.involve(
        ws,
        job.pack,
        longest_wait_days=int(_number(job.pack, "案发受理最长间隔", day)),
        adult_age=int(_number(job.pack, "未成年上限", day)),
        ledger=job.ledger,
        secret=prepare_numbers(ws),
        scan_day=day,
    )


def scan(ws: Workspace, job: Job) -> None:
    ws.lock()
    evaluate(ws, job.pack, job.day(ws))


def score(ws: Workspace, job: Job) -> None:
    make_clues(ws, job.pack, job.day(ws), render=render)
    job.new_numbers = remember_numbers(ws)
    write_meta(ws, job)
    keep_listing(ws, job.pack, job.day(ws), run_code(ws, job.pack, job.day(ws)))
    ws.keep_parameters(job.parameters)
    if job.ledger:
        rescued = _words(job.pack.options.get("rescued_holds", ()))
        keep(ws, job.ledger, job.heads, job.day(ws), run_code(ws, job.pack, job.day(ws)), rescued)
        missing = Book.read(job.ledger).missing()
        if missing:
            named = "、".join(missing[:_NAMED]) + ("等" if len(missing) > _NAMED else "")
            job.notices.append(
                f"台账里已移送、等待反馈的线索有 {len(missing)} 条这次没有列出（{named}）："
                "案件不在这次的数据里、身份待人工核对，或规则不再命中；逐条看 clue-engine changes"
            )
    else:
        ws.con.execute("drop table if exists clue_progress")


def deliver(ws: Workspace, job: Job) -> None:
    if job.out is None:
        raise ValueError("a job that delivers needs an output folder")
    told = told_of(job.ledger, job.pack) if job.ledger else {}
    events = job.ledger.events() if job.ledger else []
    export_clues(ws, job.pack, job.out, job.day(ws), unmask_reason=job.unmask, told=told, events=events)


@dataclass(frozen=True)
class Station:
    name: str
    label: str
    run: Callable[[Workspace, Job], None]


STATIONS = (
    Station("ingest", "载入", read),
    Station("clean", "清洗", clean),
    Station("canonical", "归并", canonicalise),
    Station("link", "关联", link_parties),
    Station("involvement", "涉案事实", involve),
    Station("evaluate", "规则扫描", scan),
    Station("clue", "计分排序", score),
    Station("export", "导出", deliver),
)


def run(ws: Workspace, job: Job, *, first: str = "ingest", last: str = "export") -> None:
    """Run the stations from ``first`` to ``last``, in their order, and note the seconds of each."""
    check_fit(job.pack)
    names = [s.name for s in STATIONS]
    for station in STATIONS[names.index(first) : names.index(last) + 1]:
        job.say(station.label)
        start = time.perf_counter()
        station.run(ws, job)
        job.seconds[station.name] = time.perf_counter() - start


@contextmanager
def tried(job: Job) -> Iterator[Workspace]:
    """The inputs loaded and cleaned in a private workspace that is gone afterwards; what a killed process leaves the
    next one takes away."""
    with staging(Path(tempfile.gettempdir())) as folder, Workspace.open(folder / "workspace") as ws:
        run(ws, job, last="clean")
        yield ws


# What each station needs from the ones before it; a command that starts in the middle says what is missing.
_NEEDS = {
    "canonical": ("rec_case", "ingest"),
    "involvement": ("household_party", "link"),
    "export": ("clue", "scan"),
}


def require(ws: Workspace, first: str) -> None:
    """Raise CE-U08 when the tables that station ``first`` reads are not there yet."""
    table, command = _NEEDS.get(first, ("", ""))
    if table and not ws.has_table(table):
        raise ClueError(
            "CE-U08",
            "工作区里还没有上一步的结果",
            place=str(ws.directory),
            hint=f"先运行 clue-engine {command} -w {ws.directory}",
        )


def require_expected(ws: Workspace, job: Job) -> None:
    """Raise CE-D20 when an input is not what its source is expected to hold; --force goes on."""
    codes = ", ".join(literal(code) for code in EXPECTED)
    found = [] if job.force else ws.rows(f"select detail from issue where code in ({codes}) order by 1")
    if found:
        raise ClueError(
            "CE-D20",
            "数据与预期不符，没有扫描：" + "；".join(detail for (detail,) in found),
            hint="核对导出是否完整；确认无误时加 --force 继续，或修改来源文件里的 expect",
            exit_code=EXIT_PROBLEMS,
        )


def require_day(ws: Workspace, job: Job) -> None:
    """Raise CE-U17 when the scan date that was asked for does not go with the data; a person or --force goes on."""
    asked = job.as_of is not None
    day, newest = job.day(ws), newest_data(ws)
    found = _misfit(job.pack, day, newest) if newest else ""
    if not found:
        return
    if asked and not job.force and not job.confirm(found):
        hint = "核对 --as-of 的年月日；确实要按这一天扫描时加 --force"
        raise ClueError("CE-U17", f"{found}；没有扫描", place="--as-of", hint=hint)
    job.notices.append(f"{found}。")


def _misfit(pack: Pack, day: dt.date, newest: Newest) -> str:
    """How the scan date contradicts the data, in words."""
    file = f"“{redact(newest.file)}”"
    if day < newest.day:
        said = f"至少 {newest.cases} 件案件在 {newest.day} 或以后受理" if newest.cases else f"的数据日期是 {newest.day}"
        return f"扫描日 {day} 早于数据：{file}{'里' if newest.cases else ''}{said}"
    months = int(_number(pack, "数据最长间隔", day))
    last = newest.day.year * 12 + newest.day.month - 1 + months
    if (day.year * 12 + day.month - 1, day.day) <= (last, newest.day.day):
        return ""
    return f"扫描日 {day} 比最新的数据（{file}，{newest.day}）晚 {months} 个月以上，这期间的变化数据里都没有"


def newest_date(ws: Workspace) -> dt.date:
    """The newest data date that any input names; without one the scan date must be said."""
    found = ws.rows("select max(snapshot_date) from input_file where status = 'loaded'")
    if not found or found[0][0] is None:
        message = "数据文件没有写数据日期，不知道按哪一天扫描"
        raise ClueError("CE-U06", message, hint="加上 --as-of 日期，如 --as-of 2025-06-30")
    day: dt.date = found[0][0]
    return day


def write_meta(ws: Workspace, job: Job) -> None:
    """run_meta: what this scan was made with. No clock in it: as-of stands where others print a time."""
    pack = job.pack
    rows: list[tuple[str, Any]] = [
        ("as_of", job.day(ws).isoformat()),
        ("pack_name", pack.name),
        ("pack_version", pack.version),
        ("pack_hash", pack.hash),
        ("pack_parts", json.dumps(parts(pack), ensure_ascii=False, sort_keys=True)),
        ("region", pack.region),
        ("ledger", job.ledger_read),
    ]
    ws.con.execute("create or replace table run_meta (key varchar, value varchar)")
    ws.con.executemany("insert into run_meta values (?, ?)", rows)


def _words(value: object) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _number(pack: Pack, name: str, day: dt.date) -> float:
    found = value_of(pack, name, day, pack.region)
    if found is None:
        hint = "在规则包 parameters/ 或 --parameters 文件里补上"
        raise ClueError("CE805", f"参数“{name}”在 {day} 没有取值", hint=hint)
    return float(found.value)
