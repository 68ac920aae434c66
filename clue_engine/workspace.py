"""The workspace: one directory with one DuckDB file. Opens, locks, configures, and runs a station's SQL files.

Comes in: a directory. Goes out: a connection on which stations read tables and write tables.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clue_engine.errors import EXIT_BUSY, EXIT_STORAGE, ClueError

if TYPE_CHECKING:
    import duckdb

DATABASE = "clue.duckdb"
SCHEMA_VERSION = 1
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


class Workspace:
    """An open workspace. Use as a context manager; a second process is refused with CE-S25 (exit code 4)."""

    def __init__(self, directory: Path, con: duckdb.DuckDBPyConnection):
        self.directory = directory
        self.con = con

    @classmethod
    def open(cls, directory: Path, *, create: bool = True, memory_limit: str = "2GB", threads: int = 0) -> Workspace:
        """Open or create the workspace in ``directory``. Raises ClueError CE-S25, CE-S28, CE-S29."""
        import duckdb

        directory = Path(directory)
        database = directory / DATABASE
        if not create and not database.exists():
            raise ClueError(
                "CE-S30",
                "这里没有工作区",
                place=str(directory),
                hint="先运行 clue-engine run 或 clue-engine ingest,或检查 --workspace 的路径",
            )
        config: dict[str, str | bool | int | float | list[str]] = {**_SETTINGS, "memory_limit": memory_limit}
        if threads:
            config["threads"] = str(threads)
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            spill = directory / "tmp"
            spill.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ClueError(
                "CE-S28",
                f"工作区目录不能写入({os.strerror(error.errno or 0)})",
                place=str(directory),
                hint="换一个有写权限的目录",
                exit_code=EXIT_STORAGE,
            ) from None
        before = os.umask(0o077)  # DuckDB makes its file 0644: the data is about victims and children
        try:
            con = duckdb.connect(str(database), config=config)
        except duckdb.Error as error:
            raise _open_error(str(error), database) from None
        finally:
            os.umask(before)
        for leftover in spill.iterdir():  # spill files of a killed run hold plain text
            if leftover.is_file():
                leftover.unlink()
        con.execute(f"set temp_directory = {literal(str(spill))}")
        con.execute("set timezone = 'UTC'")
        # Measured on 2.0.0: the bar goes to stdout of a plain script and would end up in the data.
        con.execute("set enable_progress_bar = false")
        workspace = cls(directory, con)
        workspace._check_schema()
        return workspace

    def _check_schema(self) -> None:
        self.con.execute("create table if not exists workspace_meta (key varchar primary key, value varchar)")
        found = self.con.execute("select value from workspace_meta where key = 'schema_version'").fetchall()
        if not found:
            self.con.execute("insert into workspace_meta values ('schema_version', ?)", [str(SCHEMA_VERSION)])
        elif found[0][0] != str(SCHEMA_VERSION):
            raise ClueError(
                "CE-S29",
                f"工作区是另一版本的程序建立的(版本 {found[0][0]},本程序为 {SCHEMA_VERSION})",
                place=str(self.directory),
                hint="用建立它的版本打开,或换一个新的工作区重新载入",
                exit_code=EXIT_STORAGE,
            )

    def lock(self) -> None:
        """No statement reaches a file or a setting from here on: called before anything of a rule is run.

        The second wall; the first is the typed compiler. For the life of the connection, so reading comes before it.
        """
        self.con.execute("set enable_external_access = false")
        self.con.execute("set lock_configuration = true")

    def close(self) -> None:
        self.con.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what happens inside is committed at the end or rolled back."""
        self.con.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.con.execute("rollback")
            raise
        self.con.execute("commit")

    def rows(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query. fetchall, never fetchone: an open result blocks the connection in DuckDB 2."""
        return self.con.execute(sql, parameters or []).fetchall()

    def dicts(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """All rows of a query as dicts by column name."""
        cursor = self.con.execute(sql, parameters or [])
        names = [d[0] for d in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def has_table(self, name: str) -> bool:
        return bool(self.rows("select 1 from duckdb_tables() where table_name = ?", [name]))

    def run_sql_file(self, package: str, name: str, variables: Mapping[str, object] | None = None) -> None:
        """Run a station's .sql file; ``variables`` are read in it with getvariable('name')."""
        text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
        for key, value in (variables or {}).items():
            if not re.fullmatch(r"[a-z_]+", key):
                raise ValueError(f"not a variable name: {key}")
            self.con.execute(f"set variable {key} = {literal(value)}")
        self.con.execute(text)


def _open_error(text: str, database: Path) -> ClueError:
    holder = re.search(r"PID (\d+)", text)
    if holder or "lock" in text.lower():
        pid = f"(进程号 {holder.group(1)})" if holder else ""
        return ClueError(
            "CE-S25",
            f"另一个程序正在使用这个工作区{pid}",
            place=str(database),
            hint="等它结束后再运行,或用 --workspace 指定另一个目录",
            exit_code=EXIT_BUSY,
        )
    return ClueError(
        "CE-S29",
        "工作区文件打不开:文件损坏、不是数据库,或由更新的版本建立",
        place=str(database),
        hint="请勿删除原文件;换一个新的工作区重新载入,或从备份恢复",
        exit_code=EXIT_STORAGE,
    )
