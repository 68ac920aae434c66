"""The file of the ledger: append-only tables in one SQLite file, each row chained to the one before by a hash.

Comes in: events, keys, numbers, decisions. Goes out: the same, in their order. Nothing is ever changed or removed
(triggers refuse it); what was begun and not finished is rolled back when the file is next opened. A copy of the file is
made after each change. One file in rollback mode, not WAL: an office may keep it on a shared disk.
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from clue_engine.errors import EXIT_BUSY, EXIT_STORAGE, ClueError, disk_failed, system_reason
from clue_engine.ledger.events import Event, packed
from clue_engine.staging import can_lock, settle

FILE = "线索台账.sqlite"
FORMAT = "2"
_READ = ("1", FORMAT)  # 1: listed lines without 户号; it becomes 2 with the next that is added
TABLES: Mapping[str, tuple[str, ...]] = {
    "event": ("act", "at", "by", "day", "kind", "clue_id", "direction", "part", "body"),
    "part_key": ("part", "key", "level", "through", "known"),
    "number_given": ("clue_id", "direction", "number_seq", "now_id"),
    "number_key": ("key", "clue_id", "since", "place", "through", "known"),
    "decision": ("review_key", "choice", "note"),
}
_CLOCK = ("at", "by")  # in the chain, not in what a run depends on
_UNFINISHED = ".new"
_WAIT = 10.0  # seconds for another writer


class Ledger:
    """An open ledger. Use as a context manager."""

    def __init__(self, path: Path, con: sqlite3.Connection):
        self.path = path
        self._con = con

    @classmethod
    def open(cls, path: Path, *, create: bool = False, wait: float = _WAIT) -> Ledger:
        """Open the ledger at ``path``, or make it. Raises CE-L01, CE-L02, CE-L03, CE-L04, CE-S28."""
        path = Path(path)
        if not path.exists() and not create:
            hint = "检查 --ledger 或 clue.toml 里的路径；在办公目录里运行 run 时自动建立"
            raise ClueError("CE-L01", "这里没有线索台账", place=str(path), hint=hint)
        if not path.exists() and backup_of(path).exists():
            hint = f"把备份 {backup_of(path).name} 复制为 {path.name} 再运行；确实要从头开始，先把备份移走"
            raise ClueError("CE-L01", "台账不见了，备份还在，没有新建", place=str(path), hint=hint)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
            path.chmod(0o600)
            if can_lock():
                settle(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from None
        con = sqlite3.connect(path, timeout=wait, isolation_level=None)
        ledger = cls(path, con)
        try:
            with ledger._told():
                con.execute("pragma synchronous = extra")
                con.execute("pragma trusted_schema = off")
                ledger._prepare()
                if path.with_suffix(_UNFINISHED).exists():  # of a process that was killed, or one that makes it now
                    with suppress(OSError, sqlite3.Error), ledger._transaction():
                        ledger._drop_unfinished()
        except BaseException:
            con.close()
            raise
        return ledger

    def _prepare(self) -> None:
        """The tables of a new file; one of another format, or not ours, is left as it is."""
        if not self._con.execute("select count(*) from sqlite_master").fetchone()[0]:
            with self._transaction():
                if not self._con.execute("select count(*) from sqlite_master").fetchone()[0]:
                    self._make()
        names = {name for (name,) in self._con.execute("select name from sqlite_master where type = 'table'")}
        found = self._con.execute("select value from meta where key = 'format'").fetchone() if "meta" in names else None
        if found is None or not names >= set(TABLES):
            raise _damaged(self.path)
        if found[0] not in _READ:
            hint = "用写它的那个版本打开，或更新程序；台账没有改动"
            message = f"台账由另一版本的程序写成（格式 {found[0]}，本程序为 {FORMAT}）"
            raise ClueError("CE-L04", message, place=str(self.path), hint=hint, exit_code=EXIT_STORAGE)

    def _make(self) -> None:
        self._con.execute("create table meta (key text primary key, value text not null)")
        self._con.execute("insert into meta values ('format', ?)", [FORMAT])
        for table, columns in TABLES.items():
            self._con.execute(
                f"create table {table} (seq integer primary key, {', '.join(columns)}, hash text not null)"
            )
            for act in ("update", "delete"):
                self._con.execute(
                    f"create trigger {table}_no_{act} before {act} on {table}"
                    " begin select raise(abort, 'append only'); end"
                )

    def close(self) -> None:
        self._con.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- reading -----------------------------------------------------------------------------------------------------
    def rows(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of a table in their order, without number and hash."""
        with self._told():
            return self._con.execute(f"select {', '.join(TABLES[table])} from {table} order by seq").fetchall()

    def events(self) -> list[Event]:
        """Everything that ever happened, in its order. Raises CE-L02."""
        with self._told():
            found = self._con.execute(f"select seq, {', '.join(TABLES['event'])} from event order by seq").fetchall()
        try:
            return [
                Event(kind, clue_id, part, dt.date.fromisoformat(day), direction, json.loads(body), seq, act, at, by)
                for seq, act, at, by, day, kind, clue_id, direction, part, body in found
            ]
        except (ValueError, TypeError):  # a row that no version of ours has written
            raise _damaged(self.path) from None

    def secret(self) -> str:
        """The key of all hashes in it; empty before the first scan."""
        with self._told():
            found = self._con.execute("select value from meta where key = 'secret'").fetchone()
        return str(found[0]) if found else ""

    def integrity(self) -> list[str]:
        """What the database itself finds wrong with the file."""
        with self._told():
            found = [str(said) for (said,) in self._con.execute("pragma integrity_check")]
        return [] if found == ["ok"] else found

    def chain(self, table: str) -> Iterator[tuple[int, tuple[Any, ...], str]]:
        """Each row of a table with its number and its hash."""
        with self._told():
            for seq, *row, hash_ in self._con.execute(
                f"select seq, {', '.join(TABLES[table])}, hash from {table} order by seq"
            ):
                yield seq, tuple(row), hash_

    def head(self, *tables: str) -> tuple[str, ...]:
        """The hash of the last row of each table: whether anything was added since."""
        with self._told():
            found = [self._con.execute(f"select hash from {t} order by seq desc limit 1").fetchone() for t in tables]
        return tuple(row[0] if row else "" for row in found)

    def digest(self) -> str:
        """A hash of all that a run depends on: the same events at another hour have the same."""
        digest = hashlib.sha256(self.secret().encode())
        for table, columns in TABLES.items():
            keep = [n for n, column in enumerate(columns) if column not in _CLOCK]
            for row in self.rows(table):
                digest.update(repr([row[n] for n in keep]).encode())
        return digest.hexdigest()

    def numbers(self) -> dict[str, str]:
        """Every number that was ever given, with the one under which its clue is listed now."""
        now = {clue_id: now_id for clue_id, _, _, now_id in self.rows("number_given")}
        found = {}
        for number in now:
            seen, last = {number}, number
            while (after := now.get(last)) and after not in seen:
                seen.add(after)
                last = after
            found[number] = last
        return found

    # -- writing -----------------------------------------------------------------------------------------------------
    def append(
        self,
        events: Iterable[Event] = (),
        rows: Mapping[str, Sequence[Sequence[object]]] | None = None,
        *,
        secret: str = "",
        unchanged: Mapping[str, str] | None = None,
        before_commit: Callable[[str], object] | None = None,
    ) -> int:
        """Add events and rows of other tables: all or none. Returns how many events. Raises CE-L02, CE-L03, CE-S23.

        ``unchanged``: tables and the heads they must still have (CE-L03: another run was faster).
        ``before_commit`` is called with the hash of the last event: what depends on it is made ready first.
        """
        at, by = dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), _user()
        given = [(event, packed(event.body)) for event in events]
        others = {table: list(more) for table, more in (rows or {}).items() if more}
        if not given and not others and not secret:
            return 0
        with self._told(), self._transaction():
            faster = bool(unchanged) and self.head(*unchanged or ()) != tuple((unchanged or {}).values())
            if faster or (secret and self.secret() not in ("", secret)):
                raise ClueError(
                    "CE-L03", "另一次运行刚写过台账，这次的编号没有记入", place=str(self.path),
                    hint="再运行一次", exit_code=EXIT_BUSY,
                )  # fmt: skip
            if secret and not self.secret():
                self._con.execute("insert into meta values ('secret', ?)", [secret])
            self._con.execute("update meta set value = ? where key = 'format'", [FORMAT])
            act = self._con.execute("select coalesce(max(act), 0) + 1 from event").fetchone()[0]
            lines = [
                (act, at, by, e.day.isoformat(), e.kind, e.clue_id, e.direction, e.part, body) for e, body in given
            ]
            self._add("event", lines)
            for table, more in others.items():
                self._add(table, more)
            if before_commit:
                before_commit(*self.head("event"))
        self.back_up()
        return len(given)

    def _add(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        columns = TABLES[table]
        (hash_,) = self.head(table)
        marks = ", ".join("?" * (len(columns) + 1))
        for row in rows:
            hash_ = chained(hash_, row)
            self._con.execute(f"insert into {table} ({', '.join(columns)}, hash) values ({marks})", [*row, hash_])

    def back_up(self) -> None:
        """A copy beside the file, as it now stands; the one before stays until the new one is whole."""
        copy, new = backup_of(self.path), self.path.with_suffix(_UNFINISHED)
        try:
            with self._transaction():  # nobody writes meanwhile, or an older copy could come last
                self._drop_unfinished()
                os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
                with closing(sqlite3.connect(self.path)) as whole, closing(sqlite3.connect(new)) as other:
                    whole.backup(other)
                new.replace(copy)
        except (OSError, sqlite3.Error):
            with suppress(OSError):
                self._drop_unfinished()
            message = "这次的内容已记入台账，但备份没有写成"
            hint = "检查磁盘（空间、U 盘或网络盘是否断开），再运行 clue-engine ledger check --backup"
            raise ClueError("CE-L05", message, place=str(copy), hint=hint, exit_code=EXIT_STORAGE) from None

    def _drop_unfinished(self) -> None:
        """A copy that was not finished, and its journal; for whoever alone may write."""
        for name in (_UNFINISHED, f"{_UNFINISHED}-journal"):
            self.path.with_suffix(name).unlink(missing_ok=True)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._con.execute("begin immediate")
        try:
            yield
            self._con.execute("commit")
        except BaseException:
            with suppress(sqlite3.Error):
                self._con.execute("rollback")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the file as what the user can act on."""
        try:
            yield
        except sqlite3.Error as error:
            if not getattr(error, "sqlite_errorname", ""):
                raise  # of our own making: the file has said nothing
            raise _known(error, self.path) from None


def chained(before: str, row: Sequence[object]) -> str:
    """The hash of a row after the one with the hash ``before``."""
    return hashlib.sha256((before + json.dumps(list(row), ensure_ascii=False)).encode()).hexdigest()


def backup_of(path: Path) -> Path:
    return path.with_suffix(".bak")


def _known(error: sqlite3.Error, path: Path) -> ClueError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        message, hint = "另一个程序正在写线索台账", "等它结束后再运行"
        return ClueError("CE-L03", message, place=str(path), hint=hint, exit_code=EXIT_BUSY)
    if name.startswith("SQLITE_IOERR"):
        return disk_failed(path, "台账没有写完，没有记入一半的内容")
    if name.startswith("SQLITE_FULL"):
        hint = "清理磁盘空间后重新运行；没有记入一半的内容"
        return ClueError("CE-S23", "台账没有写完", place=str(path), hint=hint, exit_code=EXIT_STORAGE)
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return _unwritable(path, OSError(13, "Permission denied"))
    return _damaged(path)


def _unwritable(path: Path, error: OSError) -> ClueError:
    message = f"线索台账不能写入（{system_reason(error.errno)}）"
    hint = "恢复这个目录和文件的写权限"
    return ClueError("CE-S28", message, place=str(path), hint=hint, exit_code=EXIT_STORAGE)


def _damaged(path: Path) -> ClueError:
    message = "线索台账打不开：文件损坏，或不是台账"
    hint = f"请勿删除原文件；备份是 {backup_of(path).name}，先用 clue-engine ledger check --ledger 备份文件 检查"
    return ClueError("CE-L02", message, place=str(path), hint=hint, exit_code=EXIT_STORAGE)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no login name in a container or service
        return ""
