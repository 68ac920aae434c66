"""What the last scan of a workspace was made with.

Comes in: run_meta, the kept parameters. Goes out: its scan date; CE-U08 where no scan was made yet; what of a pack
was changed since; the pack to look at it with.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.pack.fingerprint import OTHERS, PARAMETERS, parts
from clue_engine.pack.labels import STATUSES
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Hold, Pack, Rule
from clue_engine.workspace import Workspace, kept_parameters

_MOST = 5  # rules named


def load_scanned(workspace: Path, rules: Path | None, parameters: Path | None = None) -> Pack:
    """The pack to look at a scan with: where no parameters are named, with those that the scan was made with."""
    return load_pack(rules, parameters or kept_parameters(workspace))


def scan_date(ws: Workspace) -> dt.date:
    """The as-of date of the last scan."""
    found = ws.rows("select value from run_meta where key = 'as_of'") if ws.has_table("run_meta") else []
    if not found or not ws.has_table("clue"):
        raise ClueError(
            "CE-U08",
            "工作区里还没有扫描结果",
            place=str(ws.directory),
            hint=f"先运行 clue-engine scan -w {ws.directory}",
        )
    return dt.date.fromisoformat(found[0][0])


def changes(ws: Workspace, pack: Pack, draft: Rule | Hold | None = None) -> str:
    """What was changed since the last scan, in a sentence; empty where nothing that counts. ``draft``: is left out."""
    meta = dict(ws.rows("select key, value from run_meta"))
    if "pack_parts" not in meta:
        same = meta.get("pack_hash") in (None, pack.hash)
        return "" if same else "规则包或参数与上一次扫描时不同；请用扫描时的 --rules、--parameters"
    before, now = json.loads(meta["pack_parts"]), parts(pack)
    own = "" if draft is None else draft.id
    status = {key: STATUSES[owner.status] for key, owner in pack.owners.items()}
    new = [f"{key}（{status[key]}）" for key in now if key not in before and key != own]
    if draft is not None and own not in before:
        new.append(f"{own}（草稿）")
    said = [f"新增：{'、'.join(new)}"] if new else []
    gone = [key for key in before if key not in now and key != own]
    said += [f"不再运行：{'、'.join(gone)}"] if gone else []
    changed = [key for key in now if key in before and before[key] != now[key] and key != own]
    rules = [key for key in changed if key in status]
    said += [f"改过：{'、'.join(rules[:_MOST])}{'等' if len(rules) > _MOST else ''}"] if rules else []
    said += ["参数不同（规则包的 parameters/ 改过，或 --parameters 与扫描时不同）"] if PARAMETERS in changed else []
    said += ["词表、说法等有改动（请用扫描时的 --rules）"] if OTHERS in changed else []
    return f"上次扫描之后{'；'.join(said)}" if said else ""
