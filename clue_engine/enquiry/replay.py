"""Evaluate twice and compare: what a pack would find on the facts of a workspace, and what it lists differently.

Comes in: a workspace directory that was scanned before, attached read-only; packs. Goes out: the clues and the outcomes
of rules as plain rows, computed in memory; the households that one pack gains, loses or moves beside another. A
household is named by its clue number, which is the same in both and names no person; a restricted one is not named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from clue_engine.clue.scoring import rank_clues
from clue_engine.errors import ClueError
from clue_engine.evaluate.station import evaluate
from clue_engine.evaluate.tables import TABLES
from clue_engine.pack.model import RUNNING, Pack
from clue_engine.workspace import DATABASE, Workspace, check_schema, ident, literal, open_error

HIDDEN = "受限"
_READ = "scanned"  # the attached workspace
LISTED = ("线索", "待核")  # what is on the list; 搁置 and 试行 are not


@dataclass(frozen=True)
class Seen:
    """A clue as the pack would list it."""

    clue_id: str
    household_id: int
    direction: str
    status: str
    band: str
    score: int
    restricted: bool = False
    rank: int = 0

    @property
    def listed(self) -> bool:
        return self.status in LISTED


Clues = Mapping[tuple[int, str], Seen]  # by household_id, direction


@dataclass(frozen=True)
class RuleRun:
    """``n_lost``: what holds took; ``n_maybe_held``: those of them that are unknown without the hold as well."""

    n_hit: int
    n_unknown: int
    n_lost: int
    error: str
    n_decidable: int = 0
    n_maybe_held: int = 0


@dataclass(frozen=True)
class Replay:
    """``runs`` by rule id. ``no_value``: parameters without one."""

    as_of: dt.date
    n_households: int
    clues: Clues
    runs: dict[str, RuleRun]
    no_value: tuple[str, ...]


@contextmanager
def facts(directory: Path) -> Iterator[Workspace]:
    """A workspace in memory that sees the tables of ``directory`` through read-only views."""
    database = Path(directory) / DATABASE
    if not database.exists():
        hint = "先运行 clue-engine run 或 scan，或检查 -w 的路径"
        raise ClueError("CE-S30", "这里没有工作区", place=str(directory), hint=hint)
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "memory_limit": "2GB",
    }  # fmt: skip
    with duckdb.connect(config=config) as con:
        con.execute("set enable_progress_bar = false")
        con.execute("set timezone = 'UTC'")
        try:
            con.execute(f"attach {literal(str(database))} as {_READ} (read_only)")
        except duckdb.Error as error:
            raise open_error(error, database) from None
        check_schema(con, Path(directory), _READ)
        names = [
            r[0] for r in con.execute(
                "select table_name from duckdb_tables() where database_name = $1"
                " union all select view_name from duckdb_views() where database_name = $1 and not internal order by 1",
                [_READ],
            ).fetchall()
        ]  # fmt: skip
        if "run_meta" not in names or "fact_household" not in names:
            hint = "先运行 clue-engine run 或 clue-engine scan"
            raise ClueError("CE-U08", "这个工作区还没有扫描过", place=str(directory), hint=hint)
        for name in names:
            # what evaluate and clue write is computed anew; everything else is an input of theirs
            if name not in TABLES and not name.startswith(("clue", "raw_", "rec_")):
                con.execute(f"create view {ident(name)} as select * from {_READ}.{ident(name)}")
        yield Workspace(Path(directory), con)


def scan_date(ws: Workspace) -> dt.date:
    """The scan date of the last scan."""
    found = ws.rows("select value from run_meta where key = 'as_of'")
    return dt.date.fromisoformat(found[0][0])


def listed(ws: Workspace, pack: Pack) -> Clues:
    """The clues of a pack: those of the last scan where it was made with this very pack, else of a replay."""
    meta = dict(ws.rows("select key, value from run_meta"))
    kept = ws.rows("select 1 from duckdb_tables() where database_name = ? and table_name = 'clue'", [_READ])
    if kept and meta.get("pack_hash") == pack.hash:
        return last_scan(ws)
    return replay(ws, pack).clues


def last_scan(ws: Workspace) -> Clues:
    """The clues of the last scan."""
    return _clues(ws, f"{_READ}.clue")


def _clues(ws: Workspace, table: str) -> Clues:
    columns = "clue_id, household_id, direction, status, coalesce(band, ''), coalesce(score, 0)"
    rows = ws.rows(f"select {columns}, coalesce(restricted, false), rank from {table} order by clue_id, direction")
    return {(home, name): Seen(clue, home, name, *more) for clue, home, name, *more in rows}


def replay(ws: Workspace, pack: Pack, *, only: str = "") -> Replay:
    """Run the pack on the facts of ``ws`` (from ``facts``).

    ``only``: run this rule alone, beside the outcomes of the others as the last scan left them.
    """
    day = scan_date(ws)
    evaluate(ws, replace(pack, rules=tuple(r for r in pack.rules if r.id == only)) if only else pack, day)
    runs = ws.rows(
        "select r.rule_id, r.n_hit, r.n_unknown, r.n_lost, r.error,"
        " (select count(distinct household_id) from missing_fact as m where m.rule_id = r.rule_id and decides),"
        " (select count(distinct household_id) from lost_hit as l where l.rule_id = r.rule_id and l.outcome = 2)"
        " from rule_run as r"
    )
    missing = ws.rows("select distinct detail from evaluate_caveat where code = 'PARAMETER_NO_VALUE' order by 1")
    if only:
        others = [[r.id for r in pack.rules if r.id != only]]
        for table in ("hit", "lost_hit", "witness", "missing_fact"):
            sql = f"insert into {table} by name select * from {_READ}.{table} where list_contains(?, rule_id)"
            ws.con.execute(sql, others)
        ws.con.execute(f"insert into hold_row by name select * from {_READ}.hold_row except select * from hold_row")
    rank_clues(ws, pack, day)
    return Replay(
        day,
        ws.rows("select count(*) from household")[0][0],
        _clues(ws, "clue"),
        {r[0]: RuleRun(r[1] or 0, r[2] or 0, r[3] or 0, r[4] or "", *r[5:]) for r in runs},
        tuple(r[0] for r in missing),
    )


# -- what two packs list differently -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Moved:
    clue_id: str
    before: str  # 线索 B
    after: str


@dataclass
class Effect:
    """What changes on the list of one direction."""

    direction: str
    n_before: int
    n_after: int
    gained: list[Moved] = field(default_factory=list)
    lost: list[Moved] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)


def moves(old: Clues, new: Clues) -> Iterator[tuple[str, Seen, Moved]]:
    """Every household that stands otherwise: direction, clue, from where to where."""
    for key in sorted({*old, *new}):
        a, b = old.get(key), new.get(key)
        if place(a) != place(b):
            clue = a or new[key]
            hidden = any(one is not None and one.restricted for one in (a, b))
            yield key[1], clue, Moved(HIDDEN if hidden else clue.clue_id, place(a), place(b))


def effects(old: Clues, new: Clues, directions: Iterable[str]) -> list[Effect]:
    """Per direction, in the order given. A household that is on both lists in the same place is not named."""
    found = {}
    for name in directions:
        n_before, n_after = (sum(c.listed and c.direction == name for c in clues.values()) for clues in (old, new))
        found[name] = Effect(name, n_before, n_after)
    for direction, clue, moved in moves(old, new):
        key = (clue.household_id, direction)
        was, now = (key in clues and clues[key].listed for clues in (old, new))
        effect = found[direction]
        (effect.moved if was == now else effect.gained if now else effect.lost).append(moved)
    return list(found.values())


def place(clue: Seen | None) -> str:
    """Where a clue stands on the list."""
    return "不在清单" if clue is None else f"{clue.status} {clue.band}".strip()


def write_protected(con: duckdb.DuckDBPyConnection, pack: Pack, direction: str, *, doubt_counts: bool = False) -> None:
    """Write ``protected (household_id)`` for enquiries about rules of a direction.

    ``doubt_counts``: rows that may be of a protected person protect as well, for enquiries about rows no clue rests on.
    """
    restricting = [h for h in pack.holds if h.action == "restrict" and h.status in RUNNING]
    sure, doubt = [h.id for h in restricting], [h.id for h in restricting if h.unknown == "restrict"]
    con.execute(
        """
        create or replace temp table protected as
        select household_id from scanned.clue_protected
        union
        select household_id from scanned.hold_row where outcome = 1 and list_contains($1, hold_id)
        union
        select household_id from scanned.hold_row
        where list_contains($2, hold_id)
            and ($4 or household_id not in (select household_id from scanned.clue where direction = $3))
        """,
        [sure, doubt, direction, doubt_counts],
    )


def unknown(n: int, decidable: int) -> str:
    """2 户（知道一项事实即可判断 0 户）"""
    return f"{n} 户（知道一项事实即可判断 {decidable} 户）" if n else "0 户"


def held(n: int, maybe: int) -> str:
    """Those that satisfy the condition; beside them those of which that is not known either."""
    return f"{n} 户" + (f"（另有 {maybe} 户本来就不能确定）" if maybe else "")
