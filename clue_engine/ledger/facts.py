"""Values of a case that the ledger keeps of a listed line, and whether they have changed since.

Comes in: facts by label. Goes out: the same, or keyed hashes where nobody may read them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping

from clue_engine.ledger.events import Event

HASHED = "h:"  # in front of what stands for a value of a restricted clue
Facts = Mapping[str, str]


def hashed(secret: str, facts: Facts) -> dict[str, str]:
    """The same facts where nobody may read them: enough to see that one has changed."""
    return {
        label: HASHED + hmac.new(secret.encode(), f"{label}|{value}".encode(), hashlib.sha256).hexdigest()[:16]
        for label, value in facts.items()
    }


def changed_since(listed: Event | None, now: Facts, secret: str, watched: Collection[object]) -> list[dict[str, str]]:
    """The watched facts that are known now and were another, or not known, when the line was ``listed``.

    What is not known any more is no change: a column may be missing this month.
    """
    before = listed.body.get("facts") if listed else None
    if not isinstance(before, dict):
        return []
    if any(str(value).startswith(HASHED) for value in before.values()):
        now = hashed(secret, now)
    return [
        {"fact": label, "old": str(before.get(label, "")), "new": value}
        for label, value in now.items()
        if label in watched and str(before.get(label, "")) != value
    ]
