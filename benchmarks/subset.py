"""The subset of rules and holds that is also written by hand, and whether both ways say the same.

Comes in: a workspace that was evaluated with the subset. Goes out: lines in which the two differ.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clue_engine.pack.model import Pack
    from clue_engine.workspace import Workspace

RULES = ("J01", "J02", "J05", "J06", "J07", "J08", "J10", "J15", "J16", "N01", "N02", "T04", "T10")
HOLDS = ("X01", "X02", "X03", "X04", "X07", "X08", "X13", "X15")
SCRIPT = Path(__file__).parent / "by_hand" / "scan.sql"

_COMPARED = {
    "hit": ("select * from hit", "select * from by_hand_hit"),
    "lost_hit": ("select * from lost_hit", "select * from by_hand_lost"),
    "witness": ("select * from witness", "select * from by_hand_witness"),
    # The script writes every true hold and the undecided ones that mark.
    "hold_row": (
        "select distinct hold_id, relation, household_id, row_id, outcome from hold_row "
        "where outcome = 1 or hold_id = 'X02'",
        "select * from by_hand_hold",
    ),
}


def small(pack: Pack) -> Pack:
    """The pack with the rules and holds of the subset only."""
    return dataclasses.replace(
        pack,
        rules=tuple(r for r in pack.rules if r.id in RULES),
        holds=tuple(h for h in pack.holds if h.id in HOLDS),
    )


def numbers(pack: Pack, as_of: dt.date) -> dict[str, Any]:
    """What the scripts need of the pack's parameters."""
    from clue_engine.pack.parameters import value_of

    def number(name: str) -> Any:
        found = value_of(pack, name, as_of, pack.region)
        return found.value if found else None

    return {
        "as_of": as_of,
        "income_limit": number("监测范围") * number("困难参考倍数"),
        "loss_ratio": number("重大损失比例"),
        "usual_income": number("监测范围") * number("平均家庭户人口"),
        "full_share": number("足额赔偿比例"),
        "heavy_grades": list(number("严重伤残级")),
        "taking_charges": list(pack.lists["兼害财产罪"].values),
    }


def prepare_by_hand(ws: Workspace, pack: Pack, as_of: dt.date) -> str:
    """Set the variables of the script; its text."""
    for name, value in numbers(pack, as_of).items():
        ws.con.execute(f"set variable {name} = $1", [value])
    return SCRIPT.read_text("utf-8")


def differences(ws: Workspace) -> dict[str, tuple[int, int, int]]:
    """Per table: lines of the engine, lines only the engine has, lines only the script has."""
    found = {}
    for table, (engine, script) in _COMPARED.items():
        counts = ws.rows(
            f"select (select count(*) from ({engine})), (select count(*) from ({engine} except all {script})), "
            f"(select count(*) from ({script} except all {engine}))"
        )
        found[table] = counts[0]
    return found
