"""Name, numbers, injury, loss and payment of a row in the lists are of one person in one case; the others are named.

Households have several applicants and cases: the dead husband of an old case (whom no register knows), the living wife
who is the victim of a new one.
"""

from __future__ import annotations

import random
from pathlib import Path

import clue_world as world
import pytest

from clue_engine.clue import make_clues
from clue_engine.export import columns as c
from clue_engine.export.list_rows import Row, list_rows
from clue_engine.workspace import Workspace

FIRST = 20


def rows_of(ws: Workspace) -> dict[str, Row]:
    """The certain judicial lines by the head of the household, who stands in the register."""
    make_clues(ws, world.PACK, world.AS_OF, render=world.fill)
    heads = dict(ws.rows("select clue_id, head_name from clue join household using (household_id)"))
    return {heads[row.clue_id]: row for row in list_rows(ws, world.PACK, unmasked=True)}


def add_case(ws: Workspace, h: int, row_id: int, name: str, rule_id: str, **more: object) -> None:
    world.add_involvement(ws, h, row_id, name, **more)  # type: ignore[arg-type]
    world.add(ws, "hit", (h, world.JUDICIAL, rule_id, 1, False))
    world.add(ws, "witness", (h, rule_id, "involvement", row_id, 1))


@pytest.mark.parametrize("known", [True, False], ids=["案卷有死者号码", "死者只有姓名"])
@pytest.mark.parametrize("heavier", ["夫", "妻"])
def test_a_dead_husband_and_his_living_wife_are_two_cases(tmp_path: Path, known: bool, heavier: str) -> None:
    ws = world.build(tmp_path / "ws")
    world.add_household(ws, 1, 20, "麦穗", "52992119800101020X", "第1号村")
    world.add(ws, "person", (99, "禾丰", "52992119780101099X", "ok", "男", None, None, None))
    rules = ("J02", "J08") if heavier == "夫" else ("J08", "J02")
    add_case(ws, 20, 200, "禾丰", rules[0], harm="死亡", paid=0.0, via="近亲属", event=71, person_id=99, n=2)
    add_case(ws, 20, 201, "麦穗", rules[1], harm="重伤二级", paid=300.0, event=72, n=5)
    if not known:
        ws.con.execute("update fact_involvement set person_id = null where row_id = 200")
    told = rows_of(ws)["麦穗"].cells
    shown = [told[h] for h in (c.NAME, c.ID, c.HARM, c.PAID, c.ACCEPTED, c.CASES)]
    if heavier == "夫":
        assert shown == ["禾丰", "52992119780101099X" if known else None, "死亡", 0.0, "2024-03-02", 2]
        assert told[c.PHONE] is None
        assert told[c.NOTE] == "本户另有1件：麦穗，重伤二级，2024-03-05受理"
    else:
        assert shown == ["麦穗", "52992119800101020X", "重伤二级", 300.0, "2024-03-05", 2]
        assert told[c.NOTE] == "本户另有1件：禾丰，死亡，2024-03-02受理"


def test_two_applicants_of_one_case_and_a_child(tmp_path: Path) -> None:
    ws = world.build(tmp_path / "ws")
    world.add_household(ws, 1, 20, "麦穗", "52992119800101020X", "第1号村")
    world.add(ws, "person", (99, "禾小苗", None, None, "女", world.AS_OF.replace(year=2015), None, None))
    add_case(ws, 20, 200, "麦穗", "J02", event=71, n=2)
    add_case(ws, 20, 201, "禾小苗", "J08", harm="轻伤一级", event=71, person_id=99, n=2)
    told = rows_of(ws)["麦穗"].cells
    assert [told[h] for h in (c.NAME, c.HARM, c.CASES)] == ["麦穗", "重伤二级", 1]
    assert told[c.NOTE] == "本户另有1件：禾*苗，轻伤一级，2024-03-02受理"


@pytest.mark.parametrize("seed", range(3))
def test_whatever_the_cases_a_row_is_of_one_of_them(tmp_path: Path, seed: int) -> None:
    """Forty homes with up to four cases; each case row has a loss of its own, by which it is known again."""
    chance = random.Random(seed)
    ws = world.build(tmp_path / "ws")
    for h in range(FIRST, FIRST + 40):
        world.add_household(ws, 1, h, f"户{h}", f"529921198001010{h}0", "第1号村")
        for place in range(chance.randint(1, 4)):
            row_id = h * 10 + place
            person = chance.choice([h, 1000 + row_id, None])
            name = f"户{h}" if person == h else f"人{row_id}"
            add_case(
                ws, h, row_id, name, chance.choice(["J02", "J08", "J04"]), harm=chance.choice(["死亡", "轻伤一级"]),
                via=chance.choice(["本人", "近亲属"]), event=chance.choice([h, 1000 + row_id]), person_id=person or h,
                n=chance.randint(1, 9),
            )  # fmt: skip
            if person is None:
                ws.con.execute("update fact_involvement set person_id = null where row_id = ?", [row_id])
            elif person != h:
                world.add(ws, "person", (person, name, f"NO{row_id}", "ok", "女", None, None, f"T{row_id}"))
    ws.con.execute("update fact_involvement set loss = row_id where row_id >= ?", [FIRST * 10])
    cases = {row["row_id"]: row for row in ws.dicts("select * from fact_involvement")}
    persons = {row["person_id"]: row for row in ws.dicts("select * from person")}
    told = rows_of(ws)
    for h in range(FIRST, FIRST + 40):
        cells = told[f"户{h}"].cells
        case = cases[cells[c.LOSS]]
        person = persons.get(case["person_id"], {})
        assert (cells[c.NAME], cells[c.HARM]) == (case["name"], case["harm"])
        assert (cells[c.ID], cells[c.PHONE]) == (person.get("id"), person.get("phone"))
    again = {head: row.cells for head, row in rows_of(ws).items()}
    assert again == {head: row.cells for head, row in told.items()}
