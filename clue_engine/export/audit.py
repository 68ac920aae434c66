"""The audit trail of a workspace: one JSON line per act that shows personal numbers, chained by hashes.

Comes in: what was done and why. Goes out: a line in ``audit.jsonl``. The only place where a clock is read.
"""

from __future__ import annotations

import datetime as dt
import getpass
import hashlib
import json
import os
from pathlib import Path

AUDIT_FILE = "audit.jsonl"


def write_audit(directory: Path, action: str, **details: object) -> None:
    """Append one line; ``prev`` is the hash of the line before, so that a line edited by hand is noticed."""
    path = directory / AUDIT_FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    previous = hashlib.sha256(lines[-1]).hexdigest() if lines else ""
    entry = {
        "time": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "user": _user(),
        "action": action,
        **details,
        "prev": previous,
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no login name in a container or service
        return ""
