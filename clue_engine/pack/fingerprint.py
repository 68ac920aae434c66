"""The hash of a pack: formatting, order of keys, file names and comments do not matter, any change of content does.

Comes in: a ``Pack``. Goes out: a hex digest; or one per part that a scan uses, to tell afterwards what was changed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clue_engine.pack.answers import Feedback
from clue_engine.pack.model import RUNNING, Pack

_NAMES: dict[type, tuple[str, ...]] = {}  # by kind of record; looked up 26,000 times per pack
_PLACES = frozenset({"mark", "file", "root", "hash"})


def fingerprint(record: Any) -> str:
    """SHA-256 over the content of a frozen record."""
    text = json.dumps(content(record), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _names(kind: type) -> tuple[str, ...]:
    """The fields of a kind of record that count; none of another type."""
    if not dataclasses.is_dataclass(kind):
        return ()
    if (hashed := getattr(kind, "HASHED", None)) is not None:
        return tuple(hashed)
    return tuple(f.name for f in dataclasses.fields(kind) if f.name not in _PLACES)


def content(value: Any) -> Any:
    """A record as plain JSON values, without places."""
    if value is None or type(value) is str:
        return value
    kind = type(value)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = _names(kind)
    if names:
        return {name: content(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(k): content(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [content(v) for v in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


PARAMETERS, OTHERS = "参数", "其他"


def parts(pack: Pack) -> dict[str, str]:
    """Tests of a rule and the answers of offices change nothing that a scan finds, so they are left out."""
    found = {r.id: fingerprint(replace(r, tests=())) for r in pack.rules_and_measures if r.status in RUNNING}
    found |= {h.id: fingerprint(replace(h, tests=())) for h in pack.holds if h.status in RUNNING}
    found[PARAMETERS] = fingerprint([list(pack.parameters.values()), pack.region])
    rest = replace(pack, rules=(), holds=(), measures=(), parameters={}, region="", hash="", feedback=Feedback())
    found[OTHERS] = fingerprint(rest)
    return found
