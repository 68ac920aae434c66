"""The workspace: one directory with one DuckDB file. Opens, locks, configures, and runs a station's SQL files.

Comes in: a directory. Goes out: a connection on which stations read tables and write tables.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clue_engine.errors import EXIT_BUSY, EXIT_STORAGE, ClueError, disk_failed, system_reason
from clue_engine.staging import settle_noted

if TYPE_CHECKING:
    import duckdb

DATABASE = "clue.duckdb"
PARAMETERS = "parameters.yaml"  # a copy of the local parameters of the last scan
LISTING = "listing.json"  # what was listed in the last scans
BEFORE = ".before"  # behind the name: as it was before a run that is not over
# What tables look like. Raised with every change of a layout: tests/test_layouts.py fails until it is.
SCHEMA_VERSION = 11
# DuckDB shares work out by row groups of 122,880 rows. With fewer than four of them a second thread saves no time and
# costs a sixth more processor time (measured at 250,000 rows: 8.7 s on one thread, 8.5 s for 10.2 CPU s on two).
ROWS_PER_THREAD = 500_000
_SETTINGS = {
    # GBK and xlsx support would otherwise be downloaded: no connection may leave the machine.
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "preserve_insertion_order": "true",
}


def literal(value: object) -> str:
    """A value as an SQL literal. The only door through which a value enters SQL text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if value != value or value in (float("inf"), float("-inf")):
            return "null"
        return repr(value)
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(v) for v in value) + "]"
    return "'" + str(value).replace("'", "''").replace("\x00", "") + "'"


def ident(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def kept_parameters(directory: Path) -> Path | None:
    """The copy of the local parameters of the last scan; None when it was made without."""
    kept = directory / PARAMETERS
    return kept if kept.is_file() else None


class Workspace:
    """An open workspace. Use as a context manager; a second process is refused with CE-S25 (exit code 4)."""

    def __init__(self, directory: Path, con: duckdb.DuckDBPyConnection, threads: int = 0):
        self.directory = directory
        self.con = con
        self._threads = threads

    @classmethod
    def open(
        cls, directory: Path, *, create: bool = True, memory_limit: str = "2GB", threads: int = 0, wait: float = 0
    ) -> Workspace:
        """Open or create the workspace in ``directory``. Raises ClueError CE-S23, CE-S25, CE-S28, CE-S29, CE-S32.

        ``threads``: how many to use; 0 lets the loaded rows decide. ``wait``: seconds to wait for another process that
        has it open.
        """
        directory = Path(directory)
        database = directory / DATABASE
        if not create and not database.exists():
            raise ClueError(
                "CE-S30",
                "这里没有工作区",
                place=str(directory),
                hint="先运行 clue-engine run 或 clue-engine ingest，或检查 --workspace 的路径",
            )
        config: dict[str, str | bool | int | float | list[str]] = {**_SETTINGS, "memory_limit": memory_limit}
        if threads:
            config["threads"] = str(threads)
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            spill = directory / "tmp"
            spill.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise _read_only(directory, error.errno or 0) from None
        con = _connect(database, config, wait)
        if _unfinished(database).exists():  # now that nobody else has it open
            con.close()
            _put_back(directory)
            con = _connect(database, config, wait)
        with suppress(OSError):  # what cannot be taken away now is tried again by the next command
            for leftover in spill.iterdir():  # spill files of a killed run hold plain text
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            for leftover in (*directory.glob("*.new"), *directory.glob(f"*{BEFORE}")):  # not begun, or put back
                leftover.unlink()
            settle_noted(directory)
        workspace = cls(directory, con, threads)
        try:
            con.execute(f"set temp_directory = {literal(str(spill))}")
            con.execute("set timezone = 'UTC'")
            # Measured on 2.0.0: the bar goes to stdout of a plain script and would end up in the data.
            con.execute("set enable_progress_bar = false")
            workspace._check_schema()
            workspace.use_threads()
        except BaseException as error:
            con.close()
            raise (storage_error(error, directory) or error) from None
        return workspace

    def _check_schema(self) -> None:
        """A new file gets the version; one of another version, or not ours, is left as it is."""
        if self.rows("select 1 from duckdb_tables() limit 1"):
            check_schema(self.con, self.directory)
        else:
            self.con.execute("create table workspace_meta (key varchar primary key, value varchar)")
            self.con.execute("insert into workspace_meta values ('schema_version', ?)", [str(SCHEMA_VERSION)])

    def use_threads(self) -> None:
        """As many threads as the loaded rows are worth; all that the machine has before anything is loaded."""
        if self._threads:
            return
        own = "select coalesce(sum(estimated_size), 0) from duckdb_tables() where table_name like 'raw\\_%' escape '\\'"
        ((n_rows,),) = self.rows(own)
        self.con.execute("reset threads")
        if n_rows:
            self.con.execute(f"set threads = least({1 + int(n_rows) // ROWS_PER_THREAD}, current_setting('threads'))")

    def lock(self) -> None:
        """No statement reaches a file or a setting from here on: called before anything of a rule is run.

        The second wall; the first is the typed compiler. For the life of the connection, so reading comes before it.
        """
        self.con.execute("set enable_external_access = false")
        # Rules compile to long texts over few rows: searching them for common parts costs more than it saves
        # (measured on the shipped pack: scan 3.3 CPU s with it, 2.4 without).
        self.con.execute("set disabled_optimizers = 'common_subexpressions'")
        self.con.execute("set lock_configuration = true")

    def keep_parameters(self, text: bytes | None) -> None:
        """Lay a copy of the local parameters of a scan beside the database, or take away what an earlier one left."""
        path = self.directory / PARAMETERS
        if text is None:
            path.unlink(missing_ok=True)
            return
        new = path.with_suffix(".new")
        new.write_bytes(text)
        new.chmod(0o600)
        new.replace(path)

    def close(self) -> None:
        self.con.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Close; a full disk, a broken file and an interrupted query leave as what the user can act on."""
        try:
            self.close()
        except Exception as closing:  # the database could not write its last block
            error = error or closing
        known = storage_error(error, self.directory) if error is not None else None
        if known is not None:
            raise known from None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What was scanned before can be read again when the block is cut short: killed, interrupted, a failing disk.

        Copies lie beside the files until the block is over; whoever opens the workspace next puts them back. An error
        that the user can act on leaves what was loaded: the next step may build on it.
        """
        self.con.execute("checkpoint")
        copies = [_unfinished(self.directory / name) for name in (PARAMETERS, LISTING, DATABASE)]
        for copy in copies:  # the database last: its copy is what counts
            path = copy.with_name(copy.name.removesuffix(BEFORE))
            if path.exists():
                new = copy.with_name(f"{copy.name}.new")
                new.touch(mode=0o600)
                shutil.copyfile(path, new)
                new.replace(copy)
        try:
            yield
        except BaseException as error:
            known = storage_error(error, self.directory) or error
            if isinstance(known, ClueError) and known.exit_code != EXIT_STORAGE:
                self._forget(copies)
            raise
        self._forget(copies)

    def _forget(self, copies: list[Path]) -> None:
        for copy in reversed(copies):
            copy.unlink(missing_ok=True)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what happens inside is committed at the end or rolled back."""
        self.con.execute("begin transaction")
        try:
            yield
        except BaseException:
            with suppress(Exception):  # after a failed write there is nothing left to roll back
                self.con.execute("rollback")
            raise
        self.con.execute("commit")

    @contextmanager
    def shown(self, name: str, data: object) -> Iterator[None]:
        """An Arrow table or reader under a name in SQL, for the statements inside."""
        self.con.register(name, data)
        try:
            yield
        finally:
            with suppress(Exception):  # in an aborted transaction nothing can be said; the next of its name replaces it
                self.con.unregister(name)

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query. fetchall, never fetchone: an open result blocks the connection in DuckDB 2."""
        return self.con.execute(sql, parameters or []).fetchall()

    def dicts(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """All rows of a query as dicts by column name."""
        cursor = self.con.execute(sql, parameters or [])
        names = [d[0] for d in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def add_rows(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        """Add rows of words and numbers in one statement: one for each takes twenty times as long."""
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.con.execute(f"insert into {ident(table)} select {', '.join('unnest(?)' for _ in columns)}", columns)

    def has_table(self, name: str) -> bool:
        """Whether there is a table or view of this name."""
        return bool(
            self.rows("select 1 from duckdb_tables() where table_name = ?", [name])
            or self.rows("select 1 from duckdb_views() where view_name = ? and not internal", [name])
        )

    def has_table_here(self, name: str) -> bool:
        """The same, of the workspace alone: not in a database that is attached."""
        own = "select 1 from duckdb_tables() where table_name = ? and database_name = current_database()"
        return bool(self.rows(own, [name]))

    def drop_temporaries(self) -> None:
        """Drop what a station made on its way: temporary tables and views, which are never in the workspace's file."""
        views = "select 'view', view_name from duckdb_views() where temporary and not internal"
        tables = "select 'table', table_name from duckdb_tables() where temporary"
        for kind, name in self.rows(f"{views} union all {tables}"):
            self.con.execute(f"drop {kind} temp.{ident(name)}")

    def run_sql_file(self, package: str, name: str, variables: Mapping[str, object] | None = None) -> None:
        """Run a station's .sql file; ``variables`` are read in it with getvariable('name')."""
        text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
        for key, value in (variables or {}).items():
            if not re.fullmatch(r"[a-z_]+", key):
                raise ValueError(f"not a variable name: {key}")
            self.con.execute(f"set variable {key} = {literal(value)}")
        self.con.execute(text)


def check_schema(con: duckdb.DuckDBPyConnection, directory: Path, database: str = "") -> None:
    """Raise CE-S32 when the tables of ``database`` (attached; default: the file itself) are of another version.

    Nothing is rebuilt: the inputs may have moved, and what people decided stands in there.
    """
    meta = f"{ident(database)}.workspace_meta" if database else "workspace_meta"
    where = "database_name = ? and table_name = 'workspace_meta'" if database else "table_name = 'workspace_meta'"
    if not con.execute(f"select 1 from duckdb_tables() where {where}", [database] if database else []).fetchall():
        raise _damaged(directory / DATABASE)
    found = con.execute(f"select value from {meta} where key = 'schema_version'").fetchall()
    version = found[0][0] if found else ""
    if version != str(SCHEMA_VERSION):
        raise ClueError(
            "CE-S32",
            f"工作区由另一版本的程序建立（表的格式 {version}，本程序为 {SCHEMA_VERSION}），没有打开，也没有改动",
            place=str(directory),
            hint=f"把这个文件夹改名留存，运行 clue-engine carry 改名后的文件夹 -w {directory}"
            "（带过来人工核对的结论和线索编号），再用原来的命令重新载入、扫描",
            exit_code=EXIT_STORAGE,
        )


def _connect(database: Path, config: Mapping[str, Any], wait: float) -> duckdb.DuckDBPyConnection:
    import duckdb

    end = time.monotonic() + wait
    while True:
        before = os.umask(0o077)  # DuckDB makes its file 0644: the data is about victims and children
        try:
            return duckdb.connect(str(database), config=dict(config))
        except duckdb.Error as error:
            found = open_error(error, database)
            if found.code != "CE-S25" or time.monotonic() >= end:
                raise found from None
            time.sleep(0.2)
        finally:
            os.umask(before)


def _unfinished(path: Path) -> Path:
    return path.with_name(path.name + BEFORE)


def _put_back(directory: Path) -> None:
    """The workspace as it was before a run that was cut short; the database last, since its copy says that it was."""
    for name in (PARAMETERS, LISTING):
        if _unfinished(directory / name).exists():
            _unfinished(directory / name).replace(directory / name)
    (directory / f"{DATABASE}.wal").unlink(missing_ok=True)
    _unfinished(directory / DATABASE).replace(directory / DATABASE)


_FULL = re.compile(r"no space left|disk (?:is )?full|file too large|quota exceeded|could not write", re.I)
_UNSAFE = re.compile(r"fsync failed|input/output error", re.I)
_DENIED = re.compile(r"permission denied|read-only file system|operation not permitted|access is denied", re.I)
_BROKEN = re.compile(r"corrupt|checksum|not a valid duckdb|magic bytes|serialization", re.I)


def _is_interrupted(error: BaseException) -> bool:
    """Ctrl-C inside the database, inside Arrow, or while a module was being imported: each wraps it in its own way."""
    current: BaseException | None = error
    while current is not None:
        named = type(current).__name__ in ("KeyboardInterrupt", "InterruptException", "ArrowCancelled")
        if named or "KeyboardInterrupt" in str(current) or str(current) == "Query interrupted":
            return True
        current = current.__cause__ or current.__context__
    return False


def storage_error(error: BaseException, directory: Path) -> ClueError | KeyboardInterrupt | None:
    """What the user can act on behind an error of the database or of the disk; None for anything else."""
    text, kind = str(error), type(error).__name__
    from_database = type(error).__module__.split(".")[0] in ("duckdb", "_duckdb")
    if isinstance(error, ClueError | KeyboardInterrupt):
        return None
    if _is_interrupted(error):
        return KeyboardInterrupt()
    if (isinstance(error, OSError) and error.errno == errno.EIO) or (from_database and _UNSAFE.search(text)):
        return disk_failed(directory, "工作区没有写完")
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
    if full or (from_database and _FULL.search(text)):
        return ClueError(
            "CE-S23",
            "磁盘空间不足，工作区没有写完",
            place=str(directory),
            hint="清理磁盘空间后重新运行；这一步写的内容已撤销，原有结果没有改动",
            exit_code=EXIT_STORAGE,
        )
    if from_database and kind == "OutOfMemoryException":
        return ClueError("CE-S31", "内存不足", hint="关闭其他程序后重新运行", exit_code=EXIT_STORAGE)
    if from_database and (_BROKEN.search(text) or kind in ("SerializationException", "FatalException")):
        return _damaged(directory / DATABASE)
    return None


def _read_only(place: Path, number: int) -> ClueError:
    return ClueError(
        "CE-S28",
        f"工作区不能写入（{system_reason(number)}）",
        place=str(place),
        hint="恢复这个目录和其中文件的写权限，或换一个有写权限的目录",
        exit_code=EXIT_STORAGE,
    )


def _damaged(database: Path) -> ClueError:
    return ClueError(
        "CE-S29",
        "工作区文件打不开：文件损坏、不是数据库，或由更新的版本建立",
        place=str(database),
        hint="请勿删除原文件；换一个新的工作区重新载入，或从备份恢复",
        exit_code=EXIT_STORAGE,
    )


def open_error(error: Exception, database: Path) -> ClueError:
    """Why a database could not be opened or attached: in use, read-only, out of space or memory, else damaged."""
    known = storage_error(error, database.parent)
    if isinstance(known, ClueError) and known.code != "CE-S29":
        return known
    text = str(error)
    denied = _DENIED.search(text)
    if denied:
        return _read_only(database, errno.EROFS if "read-only" in denied.group().lower() else errno.EACCES)
    holder = re.search(r"PID (\d+)", text)
    if holder or "could not set lock" in text.lower():
        pid = f"（进程号 {holder.group(1)}）" if holder else ""
        return ClueError(
            "CE-S25",
            f"另一个程序正在使用这个工作区{pid}",
            place=str(database),
            hint="等它结束后再运行，或加 --wait 秒数等待，或用 --workspace 指定另一个目录",
            exit_code=EXIT_BUSY,
        )
    return _damaged(database)
