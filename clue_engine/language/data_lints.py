"""Findings about a pack beside the results of a scan: what fires never or too often, what the data do not hold.

Comes in: a scanned workspace and the pack. Goes out: diagnostics CE9xx. Nothing is written.
"""

from __future__ import annotations

from clue_engine.errors import Diagnostic
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace


def data_lints(ws: Workspace, pack: Pack) -> list[Diagnostic]:
    """All findings CE9xx, ordered by place."""
    return []
