"""The nine households of clue_world with the small pack, scanned: what rules try, near-miss and why-not look at.

Per head they have 6501 … 6509 yuan. Victims of 重伤: 1–5 and 8; 6 and 7: harm not known; 9: a suspect.
"""

from __future__ import annotations

from pathlib import Path

import clue_world as world
from test_cli_rules import SMALL

from clue_engine.clue.scoring import make_clues
from clue_engine.evaluate.station import evaluate
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack

AS_OF = world.AS_OF
RULE = """\
id: {id}
title: 收入低的重伤户
version: 1
status: draft
direction: 司法救助线索
when: "{when}"
points: {{hardship: 10}}
reason: "案中{{伤情}},人均{{人均纯收入}}"
tests: []
"""
LOW = "any 涉案 (受害 and 伤情 in @重伤) and 人均纯收入 < 6503元"


def small_pack() -> Pack:
    return load_pack(SMALL)


def county(directory: Path) -> Path:
    """The scanned workspace, closed."""
    with world.build(directory) as ws:
        ws.con.execute("alter table fact_household add column poor boolean")
        ws.con.execute("alter table fact_involvement add column event_date_lo date")
        ws.con.execute("alter table fact_involvement add column event_date_hi date")
        pack = small_pack()
        evaluate(ws, pack, AS_OF)
        make_clues(ws, pack, AS_OF)
        world.add(ws, "run_meta", ("pack_hash", pack.hash))
    return directory


def draft_file(folder: Path, when: str = LOW, id: str = "J30") -> Path:
    """A draft under a name of its own choosing."""
    path = folder / "我的草稿.yaml"
    path.write_text(RULE.format(id=id, when=when), encoding="utf-8")
    return path
