"""Candidate pairs: equi-joins find what the old statement found, which met every namesake; and no more rows than that.

tests/link/pair_by_name_alone.sql is that old statement: a join on the name alone, then the tiers as one long case.
"""

from __future__ import annotations

import json
import random
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from clue_engine.workspace import Workspace

SLOW = Path(__file__).parent / "link" / "pair_by_name_alone.sql"
PARTY = (
    "party_id bigint, name_key varchar, id varchar, id_partial varchar, sex varchar, sex_said varchar, "
    "birth_lo_said date, birth_hi_said date, birth_id date, phone varchar, domicile varchar, address varchar, "
    "party_kind varchar"
)
PERSON = (
    "person_id bigint, name_key varchar, id varchar, sex varchar, birth_lo date, birth_hi date, phone varchar, "
    "county varchar, town varchar, village varchar"
)
NOBODY = {
    "legal_event": "event_id bigint, all_text varchar",
    "victim_row": "party_id bigint, note varchar",
    "kin_of": "party_id bigint, kin_party_id bigint",
    "register_member": "household_id bigint, person_id bigint",
    "party_mention": "party_id bigint, name_key varchar, sex varchar, file_id int, row_no bigint, part_no int, nth int",
    "registry_row": "file_id int, row_no bigint, part_no int, person_id bigint",
}
NAMES = ("张三", "张三", "李四", "阿依古丽艾合买提", None)
IDS = tuple(
    f"5299{area}19{year}0101{tail}" for area in (21, 22) for year in (70, 71) for tail in ("1234", "1235", "876X")
)
PARTIAL = (
    "5299**********1234",
    "529921197*",
    "529921*",
    "52992119700101****",
    "*",
    "**876X",
    "529921******01123*",
    "5*4",
    "1234",
)
BIRTHS = (
    ("1970-01-01", "1970-01-01"),
    ("1971-01-01", "1971-01-01"),
    ("1970-01-01", "1970-12-31"),
    ("1972-05-01", "1972-05-01"),
    ("1970-06-01", "1970-06-30"),
    (None, None),
)
PHONES = ("19700000001", "19700000002", None)
COUNTIES, TOWNS = ("溪山县", "临江县", None), ("新田镇", "石板乡", "村镇", None)
VILLAGES = ("柏香村", "香村", "村", "村村", "红岩社区", "三组", None)
PLACES = ("", "溪山县", "新田镇", "石板乡", "村镇", "柏香村", "村村", "红岩社区", "3组", "三组", "香", "村")


def any_party(draw: random.Random, number: int) -> tuple[Any, ...]:
    birth = draw.choice(BIRTHS)
    identity = draw.choice((*IDS, None, None, None, None, None, None))
    born = f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}" if identity else None
    words = ["".join(draw.choices(PLACES, k=draw.randint(0, 4))) or None for _ in range(2)]
    kind = draw.choice((None, None, None, "自然人", "单位"))
    sex = draw.choice(("男", "女", None))
    said = draw.choice((sex, sex, "男", None))
    return (
        number,
        draw.choice(NAMES),
        identity,
        draw.choice((None, *PARTIAL)),
        sex,
        said,
        *birth,
        born,
        draw.choice(PHONES),
        *words,
        kind,
    )


def any_person(draw: random.Random, number: int) -> tuple[Any, ...]:
    places = (draw.choice(COUNTIES), draw.choice(TOWNS), draw.choice(VILLAGES))
    identity, sex = draw.choice((*IDS, None)), draw.choice(("男", "女", None))
    return (number, draw.choice(NAMES), identity, sex, *draw.choice(BIRTHS), draw.choice(PHONES), *places)


def fill(ws: Workspace, parties: list[tuple[Any, ...]], persons: list[tuple[Any, ...]]) -> None:
    for table, columns, rows in (("party", PARTY, parties), ("register_person", PERSON, persons)):
        ws.con.execute(f"create or replace table {table} ({columns})")
        ws.con.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)
    ws.con.execute("alter table party add column event_id bigint")
    for table, columns in NOBODY.items():  # relatives and rows of forms: tests/test_lists_of_offices.py
        ws.con.execute(f"create or replace table {table} ({columns})")


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Workspace.open(tmp_path_factory.mktemp("pairs")) as ws:
        yield ws


@pytest.mark.parametrize("seed", range(12))
def test_pairs_are_those_of_a_join_on_the_name_alone(seed: int, ws: Workspace) -> None:
    draw = random.Random(seed)
    fill(ws, [any_party(draw, n) for n in range(120)], [any_person(draw, n) for n in range(160)])
    ws.con.execute(SLOW.read_text(encoding="utf-8"))
    wanted = ws.rows("from pair")
    ws.run_sql_file("clue_engine.link", "pair.sql")
    assert ws.rows("from pair") == wanted
    assert {tier for _, _, tier in wanted} == {1, 2, 3, 4, 5, 8}


def namesakes(n: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """n persons of one name, ten in a village and one born each day; a tenth of them are parties without a number."""
    born = [f"{1950 + i // 360 % 60}-{i // 30 % 12 + 1:02d}-{i % 28 + 1:02d}" for i in range(n)]
    identity = [f"5299{i // 100 % 100:02d}{day.replace('-', '')}{i % 10000:04d}" for i, day in enumerate(born)]
    persons = [
        (i, "张伟", identity[i], "男", born[i], born[i], f"197{i:08d}", "溪山县", "新田镇", f"第{i // 10}村")
        for i in range(n)
    ]
    parties = [
        (
            i,
            "张伟",
            None,
            f"{identity[i][:6]}********{identity[i][14:]}" if i % 2 else None,
            "男",
            "男",
            born[i],
            born[i],
            None,
            f"197{i:08d}",
            f"溪山县新田镇第{i // 10}村",
            None,
            None,
        )
        for i in range(0, n, 10)
    ]
    return parties, persons


def most_rows(ws: Workspace, text: str) -> int:
    """The rows that come out of the largest step, whatever it is, of any statement."""
    most = 0
    ws.con.execute("pragma enable_profiling = 'no_output'")
    for statement in ws.con.extract_statements(text):
        ws.con.execute(statement).fetchall()
        steps = json.loads(ws.con.get_profiling_information())["operator"]
        while steps:
            step = steps.pop()
            most = max(most, step["intermediate_rows"])
            steps += step.get("children", ())
    ws.con.execute("pragma disable_profiling")
    return most


def test_a_name_that_everybody_has_meets_nobody_by_itself(ws: Workspace) -> None:
    text = resources.files("clue_engine.link").joinpath("pair.sql").read_text(encoding="utf-8")
    for n in (500, 1000, 2000):
        parties, persons = namesakes(n)
        fill(ws, parties, persons)
        assert most_rows(ws, SLOW.read_text(encoding="utf-8")) == len(parties) * n
        assert n <= most_rows(ws, text) <= 1.5 * n
        assert len(parties) < ws.rows("select count(*) from pair")[0][0] < 1.5 * len(persons)
