"""What is kept no longer than the office says: workspaces, lists and parcels, a number of days after their scan.

Comes in: an office folder, the ledger, a day. Goes out: what is older, and deletes it. What the ledger must know stays:
a workspace whose numbers or decisions are not all in it is left; audit trails move to the ledger's folder. Files that
no run of ours wrote are left and told.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason
from clue_engine.export.audit import AUDIT_FILE, write_audit
from clue_engine.export.written import KEPT
from clue_engine.ledger import Ledger
from clue_engine.staging import RUN
from clue_engine.workspace import DATABASE, Workspace

MANIFEST = "manifest.json"
AUDITS = "审计"
WORKSPACE, LISTS, PARCEL, PAGE, BACK = "工作区", "线索清单", "移送件", "线索明细", "读回的清单"
_PAGE = re.compile(r"<title>线索明细（内部）</title>.*?扫描日 (\d{4}-\d\d-\d\d)", re.S)
_HEAD = 16_384  # bytes of a page in which its title and day stand


@dataclass(frozen=True)
class Expired:
    """``files``: in the order in which they go; the one by which it is found again last."""

    kind: str
    place: Path
    as_of: dt.date
    files: tuple[Path, ...]
    audit: Path | None = None


def expired(folder: Path, ledger: Ledger, before: dt.date) -> tuple[list[Expired], list[str]]:
    """What was scanned before a day, and what cannot go or of which nobody can say."""
    found = [*_recorded(folder, RUN, LISTS, "outputs", before), *_recorded(folder, MANIFEST, PARCEL, "files", before)]
    found += [*_pages(folder, before), *_read_back(folder, before)]
    left: list[str] = []
    for database in sorted(folder.rglob(DATABASE)):
        one = _workspace(database, ledger, before)
        if isinstance(one, str):
            left.append(f"{database.parent}：{one}")
        elif one:
            found.append(one)
    return found, left


def _recorded(folder: Path, name: str, kind: str, key: str, before: dt.date) -> Iterator[Expired]:
    """Sets of files with a record of ours beside them."""
    for path in sorted(folder.rglob(name)):
        record = _read(path)
        files, day = record.get(key), _day(record.get("as_of"))
        if isinstance(files, dict) and day is not None and day < before and not path.is_symlink():
            own = [path.parent / Path(str(file)).name for file in files]
            yield Expired(kind, path.parent, day, (*(f for f in own if f.is_file()), path))


def _pages(folder: Path, before: dt.date) -> Iterator[Expired]:
    """Internal pages, under whatever name they were written."""
    for path in sorted(folder.rglob("*.html")):
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as stream:
            told = _PAGE.search(stream.read(_HEAD).decode("utf-8", "replace"))
        day = _day(told[1]) if told else None
        if day is not None and day < before:
            yield Expired(PAGE, path, day, (path,))


def _read_back(folder: Path, before: dt.date) -> Iterator[Expired]:
    """Filled-in lists that feedback import kept; the name says of which scan."""
    for path in sorted(folder.rglob(f"{KEPT}/*_????-??-??_*")):
        day = _day(path.stem.split("_")[-2])
        if day is not None and day < before and path.is_file() and not path.is_symlink():
            yield Expired(BACK, path.parent, day, (path,))


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None


def _workspace(database: Path, ledger: Ledger, before: dt.date) -> Expired | str | None:
    """None: not old enough, or without a scan (a copy of numbers and decisions: it holds no person)."""
    place = database.parent
    try:
        with Workspace.open(place, create=False) as ws:
            meta = dict(ws.rows("select key, value from run_meta")) if ws.has_table("run_meta") else {}
            day = _day(meta.get("as_of"))
            if day is None and not ws.has_table("input_file"):
                return None
            told = _only_here(ws, ledger)
    except ClueError as error:
        return f"打不开（{error.code}），没有清理"
    if day is None:
        return "没有扫描过，不知道扫描日，没有清理"
    if day >= before:
        return None
    if told:
        return told
    audit = place / AUDIT_FILE
    # the folder is the program's own: whatever lies in it was made from the data
    inside = sorted(path for path in place.rglob("*") if path.is_file() and path not in (audit, database))
    return Expired(WORKSPACE, place, day, (*inside, database), audit if audit.is_file() else None)


def _only_here(ws: Workspace, ledger: Ledger) -> str:
    """What would be lost with the workspace, in words; empty where the ledger has it all."""
    numbers = {n for (n,) in ws.rows("select clue_id from number_given")} if ws.has_table("number_given") else set()
    decided = set(ws.rows("select review_key, choice from decision")) if ws.has_table("decision") else set()
    if numbers - set(ledger.numbers()):
        return "有线索编号没有记入台账，没有清理：先用 --ledger 扫描一次"
    if decided - {(key, choice) for key, choice, _ in ledger.rows("decision")}:
        return "有核对结论没有记入台账，没有清理：先用 --ledger 扫描一次"
    return ""


def purge(folder: Path, ledger: Ledger, found: Sequence[Expired]) -> int:
    """Delete it; one line in the audit trail beside the ledger comes first. Returns how many files. Raises CE-S28."""
    home = ledger.path.parent
    sets = [{"kind": e.kind, "place": str(e.place), "as_of": e.as_of.isoformat()} for e in found]
    write_audit(home, "purge", sets=sets)
    n = 0
    try:
        for one in found:
            if one.audit:
                _keep_audit(one.audit, home / AUDITS)
            for file in one.files:
                file.unlink(missing_ok=True)
                n += 1
            _empty(one.place, folder)
    except OSError as error:
        message = f"没有清理完（{system_reason(error.errno)}）"
        hint = "关闭正在打开的文件，恢复写权限，再运行一次"
        raise ClueError("CE-S28", message, place=str(folder), hint=hint, exit_code=EXIT_STORAGE) from None
    return n


def _keep_audit(path: Path, home: Path) -> None:
    """Under a name of its content, so that twice is once; the old file goes when the new one is whole."""
    content = path.read_bytes()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = home / f"{hashlib.sha256(content).hexdigest()[:16]}.jsonl"
    part = new.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)
    part.replace(new)
    path.unlink()


def _empty(place: Path, top: Path) -> None:
    """Folders in which nothing is left, up to the office folder."""
    for folder in (place / "tmp", place, *place.parents):
        if folder == top or not folder.is_dir() or any(folder.iterdir()):
            if folder == place / "tmp":
                continue
            return
        shutil.rmtree(folder, ignore_errors=True)


def others(found: Iterable[Expired]) -> list[Path]:
    """Files beside what goes that no run of ours wrote: answers that came back, copies."""
    found = [one for one in found if one.kind != PAGE]
    own = {file for one in found for file in one.files} | {one.audit for one in found}
    beside = (path for one in found for path in sorted(one.place.iterdir()) if path.is_file())
    return list(dict.fromkeys(path for path in beside if path not in own))
