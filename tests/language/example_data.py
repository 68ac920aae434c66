"""Fact tables for the small pack: sixty households, each with two members and one case, in which nothing is odd.

J01 hits households 1–3, J02 4–6, J03 7–9, N01 10–12; every value of every list occurs; no field is mostly missing.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb

from clue_engine.enquiry.data_lints import data_lints
from clue_engine.evaluate.station import evaluate_checked
from clue_engine.language.check_pack import check_pack
from clue_engine.language.vocabulary import fact_columns
from clue_engine.pack.load import read_pack
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, ident

AS_OF = dt.date(2025, 6, 30)
HARM = ("轻伤一级", "轻伤二级", "轻微伤", "无人身伤害", "死亡", "重伤一级", "重伤二级")
KINDS = ("未纳入", "脱贫不稳定户", "边缘易致贫户", "突发严重困难户")


def household(n: int) -> dict[str, Any]:
    poor = n <= 3 or n == 31
    return {
        "household_id": n, "row_id": n, "region": "520000", "kind": KINDS[n % 4] if n > 20 else "未纳入",
        "removed": n % 2 == 0, "income": 40_000.0 + n, "income_pc": 5_000.0 if poor else 10_000.0 + 100 * n,
        "size": float(2 + n % 5), "found_lo": dt.date(2024, 1, 1), "found_hi": dt.date(2024, 1, 1), "dibao": poor,
    }  # fmt: skip


def members(n: int) -> list[dict[str, Any]]:
    idle = 7 <= n <= 9
    child = {"birth": 2015, "labour": "无劳动力", "alive": "在世", "person_id": n * 10 + 1}
    parent = {"birth": 1985, "labour": "弱劳动力" if idle else "普通劳动力", "person_id": n * 10 + 2}
    other = {"birth": 1986, "labour": "弱劳动力", "person_id": n * 10 + 3}
    ill = ["患有大病"] if 10 <= n <= 12 else ["健康"]
    dead = "死亡" if 10 <= n <= 12 else "在世"
    adults = [{**parent, "health": ill, "alive": "在世"}, {**other, "health": ["健康"], "alive": dead}]
    rows = [child | {"health": ["健康"]}, *adults]
    for row in rows:
        row["birth_lo"] = row["birth_hi"] = dt.date(row.pop("birth"), 3, 1)
    return [{"household_id": n, "sex": "男" if n % 2 else "女", "works": True, "wage": 2000.0 + n} | r for r in rows]


def case(n: int) -> dict[str, Any]:
    harm = "重伤二级" if n <= 3 else "死亡" if 10 <= n <= 12 else HARM[n % 7] if n > 20 else "轻伤一级"
    fraud = "诈骗罪" if n % 2 else "合同诈骗罪"
    day = dt.date(2025, 6, 1) if 4 <= n <= 6 else dt.date(2024, 1, 1)
    urgent = "送医抢救" if n == 7 else "仍在住院" if n <= 9 else "双方争执"
    return {
        "household_id": n, "person_id": n * 10 + 2, "event_id": n, "roles": ["被害人"], "party": "自然人",
        "cause": [fraud if 4 <= n <= 6 or n > 50 else "故意伤害罪"], "harm": harm,
        "grade": "三级" if 7 <= n <= 9 else "未评定", "cert": "无证", "event_date_lo": day, "event_date_hi": day,
        "age_lo": 40.0, "age_hi": 40.0, "loss": 5_000.0 + n, "due": 10_000.0, "paid": float(n), "ratio": 0.1,
        "summary": urgent, "violence": False, "at_large": n % 3 == 0, "term": None,
    }  # fmt: skip


def scanned(pack: Pack, folder: Path) -> Workspace:
    """A workspace in memory with the sixty households, scanned."""
    con = duckdb.connect()
    rows = {
        "household": [household(n) for n in range(1, 61)],
        "member": [m for n in range(1, 61) for m in members(n)],
        "involvement": [case(n) for n in range(1, 61)],
        "aid": [],
    }
    for relation in pack.relations:
        columns = fact_columns(relation)
        con.execute(f"create table {ident(relation.table)} ({', '.join(f'{ident(n)} {k}' for n, k in columns)})")
        full = [{"certain": True, "row_id": i + 1, **row} for i, row in enumerate(rows[relation.name])]
        marks = ", ".join("?" for _ in columns)
        values = [[row.get(n) for n, _ in columns] for row in full]
        if values:
            con.executemany(f"insert into {ident(relation.table)} values ({marks})", values)
    con.execute("create table fact_kin (household_id bigint, person_id bigint, link varchar, other_person_id bigint)")
    kin = [[n, n * 10 + 1, n * 10 + other] for n in range(1, 61) for other in (2, 3)]
    con.executemany("insert into fact_kin values (?, ?, '父母', ?)", kin)
    con.execute("create table coverage (relation varchar, loaded boolean)")
    for relation in pack.relations:
        con.execute("insert into coverage values (?, true)", [relation.name])
    evaluate_checked(con, check_pack(pack)[0], AS_OF)
    return Workspace(folder, con)


def said(folder: Path) -> list[tuple[str, str]]:
    """(code, message) of what the data say about the pack in ``folder``."""
    pack, _ = read_pack(folder)
    with scanned(pack, folder) as ws:
        return [(d.code, d.message) for d in data_lints(ws, pack)]
