"""What people decided and the numbers that clues had, out of an earlier workspace into another: they outlive both.

Comes in: an open workspace and the folder of an earlier one, of this version or an older. Goes out: its tables decision
and number_* beside what was there. The earlier workspace is only read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clue_engine.clue.number import FORMER, HOMES, TABLES
from clue_engine.errors import ClueError
from clue_engine.export.listing import FILE as LISTING
from clue_engine.workspace import DATABASE, Workspace, literal, open_error

_EARLIER = "earlier"


@dataclass(frozen=True)
class Carried:
    """``decisions``: new here. ``numbers``: of clues, new here; None where the earlier version kept none."""

    source: str
    decisions: int
    numbers: int | None


def carry(ws: Workspace, source: Path, *, force: bool = False) -> Carried:
    """Add the decisions and take over the numbers of ``source``. Raises CE-S30, CE-U11, CE-U35.

    A workspace that gave numbers of its own has another secret: two sets of numbers cannot become one. ``force`` drops
    its own. Twice the same is once.
    """
    import duckdb

    folder = earlier_workspace(source)
    if folder.resolve() == ws.directory.resolve():
        hint = "写出旧的工作区；-w 写新的"
        raise ClueError("CE-U35", "来源和目的是同一个工作区", place=str(folder), hint=hint)
    try:
        ws.con.execute(f"attach {literal(str(folder / DATABASE))} as {_EARLIER} (read_only)")
    except duckdb.Error as error:
        raise open_error(error, folder / DATABASE) from None
    try:
        held = {
            name for (name,) in ws.rows("select table_name from duckdb_tables() where database_name = ?", [_EARLIER])
        }
        with ws.transaction():
            decisions = _decisions(ws) if "decision" in held else 0
            numbers = _numbers(ws, folder, force) if set(TABLES) <= held else None
            if numbers is not None:
                _listing(ws, folder)
                if HOMES in held:
                    ws.con.execute(f"create or replace table {HOMES} as from {_EARLIER}.{HOMES}")
            if FORMER in held:
                ws.con.execute(f"create or replace table {FORMER} as from {_EARLIER}.{FORMER}")
            elif numbers is None and "clue" in held:  # numbers before version 6 were a hash of the household's key
                columns = "clue_id, direction, household_key"
                ws.con.execute(
                    f"create or replace table {FORMER} as select {columns} from {_EARLIER}.clue order by all"
                )
    finally:
        ws.con.execute(f"detach {_EARLIER}")
    return Carried(str(folder), decisions, numbers)


def earlier_workspace(source: Path) -> Path:
    """The folder with the database: the one that is named, or the workspace in an output folder."""
    for folder in (source, source / "workspace"):
        if (folder / DATABASE).is_file():
            return folder
    raise ClueError("CE-S30", "这里没有工作区", place=str(source), hint="写出旧的工作区，或它所在的输出目录")


def _decisions(ws: Workspace) -> int:
    """Those that are not there yet, before the decisions of this workspace: whoever decides last is heard."""
    ws.con.execute(
        "create table if not exists decision (review_key varchar, choice varchar, note varchar, seq integer)"
    )
    ((before,),) = ws.rows("select count(*) from decision")
    ws.run_sql_file("clue_engine.enquiry", "decision.sql")
    ((now,),) = ws.rows("select count(*) from decision")
    return int(now) - int(before)


def _listing(ws: Workspace, folder: Path) -> None:
    """What was listed there last, where nothing was listed here yet: what the first scan here is compared with."""
    own = ws.directory / LISTING
    if (folder / LISTING).is_file() and not own.exists():
        own.touch(mode=0o600)
        own.write_bytes((folder / LISTING).read_bytes())


def _numbers(ws: Workspace, folder: Path, force: bool) -> int:
    own = set(ws.rows("from number_secret")) if ws.has_table_here("number_secret") else set()
    before = ws.rows("select count(*) from number_given")[0][0] if own else 0
    same = own == set(ws.rows(f"from {_EARLIER}.number_secret"))
    newer = before > ws.rows(f"select count(*) from {_EARLIER}.number_given")[0][0]
    if before and same and newer:
        return 0  # numbers are only ever added: this workspace has gone on from the other
    if before and not same and not force:
        raise ClueError(
            "CE-U35",
            f"这个工作区已经自己编了 {before} 个线索编号，与旧工作区的不能并存，没有改动",
            place=str(ws.directory),
            hint="清单还没有发出去的，用旧编号代替，再运行 scan 和 export："
            f"clue-engine carry {folder} -w {ws.directory} --force",
        )
    for table in TABLES:
        ws.con.execute(f"create or replace table {table} as from {_EARLIER}.{table}")
    return int(ws.rows("select count(*) from number_given")[0][0]) - (before if same else 0)
