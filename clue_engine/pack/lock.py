"""pack.lock: what each rule was when its version was last accepted. One line per id, so that a diff reads well.

Comes in: a pack folder. Goes out: ``Lock``; ``write_lock`` writes it whole or not at all. JSON, for programs: data
staff read it through ``rules diff``. A retired id stays here for ever with its last hash, so that it is not used again.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from clue_engine.errors import EXIT_STORAGE, ClueError, system_reason
from clue_engine.pack.load import shown_path

LOCK_FILE = "pack.lock"
FORMAT = 1
_MAX_BYTES = 32 * 1024 * 1024
_NOTE = "由 clue-engine rules lock 写出，不要手改"


@dataclass(frozen=True)
class Entry:
    """One rule or hold as accepted. ``words``: definitions, lists and parameters it uses -> their hashes."""

    version: int
    status: str
    hash: str
    title: str
    when: str = ""
    direction: str = ""
    points: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lock:
    """``pack``: version of the pack when the lock was written."""

    pack: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)


def lock_path(root: Path | str) -> Path:
    return Path(root) / LOCK_FILE


def read_lock(root: Path | str) -> Lock | None:
    """The lock of a pack folder (or a lock file itself); None when there is none. Raises CE806 when unreadable."""
    path = Path(root) if Path(root).is_file() else lock_path(root)
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("too large")
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.get("format") != FORMAT:
            raise ValueError("format")
        return Lock(str(raw["pack"]), {str(k): _entry(v) for k, v in raw["rules"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        hint = "从备份或版本库恢复；确实没有了，删去它再运行 clue-engine rules lock（以前的版本和停用的编号会无从核对）"
        raise ClueError("CE806", "规则锁定文件读不出来", place=shown_path(path), hint=hint) from None


def _entry(raw: Mapping[str, Any]) -> Entry:
    return Entry(
        version=int(raw["version"]),
        status=str(raw["status"]),
        hash=str(raw["hash"]),
        title=str(raw["title"]),
        when=str(raw.get("when", "")),
        direction=str(raw.get("direction", "")),
        points={str(k): int(v) for k, v in raw.get("points", {}).items()},
        words={str(k): str(v) for k, v in raw.get("words", {}).items()},
    )


def lock_text(lock: Lock) -> str:
    """The file: sorted, one id per line."""
    head = json.dumps({"note": _NOTE, "format": FORMAT, "pack": lock.pack}, ensure_ascii=False)[:-1]
    lines = [
        f"{json.dumps(key)}: {json.dumps(asdict(one), ensure_ascii=False, sort_keys=True)}"
        for key, one in sorted(lock.entries.items())
    ]
    return head + ', "rules": {\n' + ",\n".join(lines) + "\n}}\n"


def write_lock(root: Path | str, lock: Lock) -> bool:
    """Write the lock of a folder; False when it was up to date."""
    return write_whole(lock_path(root), lock_text(lock))


def write_whole(path: Path, text: str) -> bool:
    """Replace a file by a new text, whole or not at all; False when nothing changed. Raises CE-S28."""
    data = text.encode("utf-8")
    try:
        if path.is_file() and path.read_bytes() == data:
            return False
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        hint = "关闭打开它的程序，检查目录是否可写"
        message = f"不能写入（{system_reason(error.errno)}）"
        raise ClueError("CE-S28", message, place=shown_path(path), hint=hint, exit_code=EXIT_STORAGE) from None
    return True
