"""Hashes of the parts of a pack that a scan uses: tells afterwards what was changed since, not only that something was.

Comes in: a ``Pack``. Goes out: hashes by part: every rule and hold that runs by its id, 参数 and 其他 (lists,
definitions, directions, codes and whatever else).
"""

from __future__ import annotations

from dataclasses import replace

from clue_engine.pack.fingerprint import fingerprint
from clue_engine.pack.model import Pack

PARAMETERS, OTHERS = "参数", "其他"
_RUN = ("trial", "active")  # drafts and retired rules list nobody


def parts(pack: Pack) -> dict[str, str]:
    """Tests and explanations of a rule change nothing that a scan finds, so they are left out."""
    found = {r.id: fingerprint(replace(r, tests=())) for r in pack.rules_and_measures if r.status in _RUN}
    found |= {h.id: fingerprint(replace(h, tests=())) for h in pack.holds if h.status in _RUN}
    found[PARAMETERS] = fingerprint([list(pack.parameters.values()), pack.region])
    found[OTHERS] = fingerprint(replace(pack, rules=(), holds=(), measures=(), parameters={}, region="", hash=""))
    return found
