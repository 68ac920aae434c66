"""What people decided and the numbers that were given outlive a folder and a version: carry, run --carry."""

from __future__ import annotations

import csv
import tarfile
from pathlib import Path

import pytest
import tiny_county as county

from clue_engine.clue.number import number_now
from clue_engine.workspace import Workspace
from tests.record_world import record_world, up_to_link

FORMER = Path(__file__).parent / "versions" / "4.tar.xz"


def told(done: object) -> str:
    return (done.stdout + done.stderr).decode()  # type: ignore[attr-defined]


def listed(out: Path) -> dict[str, str]:
    """Household number or restricted → clue number of the judicial and social lists."""
    found = {}
    for name in ("clues_judicial.csv", "clues_social.csv"):
        with (out / name).open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                found[name[6:8] + row.get("户编号", "").lstrip("'")] = row["线索编号"]
    return found


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the version before, and a pack of today."""
    folder = tmp_path_factory.mktemp("former")
    with tarfile.open(FORMER) as archive:
        archive.extractall(folder, filter="data")
    county.write_pack(folder / "new" / "pack")
    return folder


def test_a_workspace_of_the_version_before(former: Path, tmp_path: Path) -> None:
    """Refused by a message with the command that helps; after it the decision is heard and the old numbers lead on."""
    place, ws = former / "county", former / "county" / "out" / "workspace"
    pack, old = ["--rules", former / "new" / "pack"], former / "county" / "old"
    refused = county.clue_engine("clues", "-w", ws, *pack)
    assert refused.returncode == 5 and f"clue-engine carry 改名后的文件夹 -w {ws}" in told(refused)
    before = (ws / "clue.duckdb").read_bytes()
    ws.rename(old)
    carried = county.clue_engine("carry", old, "-w", ws)
    assert carried.returncode == 0 and "核对结论 1 条" in told(carried) and "没有留下可以沿用的编号" in told(carried)
    done = county.run(place / "in", tmp_path / "out", "-w", ws, *pack)
    assert done.returncode in (0, 3), told(done)
    assert (old / "clue.duckdb").read_bytes() == before
    items = told(county.clue_engine("review", "list", "--all", "-w", ws))
    assert "4492586ba615" in items and "3c08c10d5078" in items
    with Workspace.open(ws) as now:
        assert now.rows("select tier, reason from link_party join party using (party_id) where name = '樊九'") == [
            ("M", "人工核定")]  # fmt: skip
        ((number,),) = now.rows(
            "select f.clue_id from number_former as f join household as h using (household_key)"
            " join clue as c on c.household_id = h.household_id and c.direction = f.direction"
            " where h.head_name = '江平'"
        )
        current = number_now(now, number)
        assert current != number
        assert now.rows("select 1 from clue where clue_id = ?", [current])
    shown = county.clue_engine("show", number, "-w", ws, *pack)
    assert shown.returncode == 0 and current in told(shown) and f"{number} 与 {current} 已是同一条线索" in told(shown)


def test_a_filled_workbook_of_the_version_before_is_not_written_over(former: Path) -> None:
    book = former / "county" / "out" / "clues.xlsx"
    before = book.read_bytes()
    done = county.run(former / "county" / "in", book.parent, "--rules", former / "new" / "pack")
    assert done.returncode == 2 and "CE-X04" in told(done) and "写到另一个目录：clue-engine run" in told(done)
    assert book.read_bytes() == before


def test_a_pack_of_the_version_before_is_told(former: Path, tmp_path: Path) -> None:
    done = county.run(former / "county" / "in", tmp_path / "out", "--rules", former / "county" / "pack")
    assert done.returncode == 2 and "CE041" in told(done) and "clue-engine init" in told(done)


def test_into_a_new_folder_with_and_without_carry(tmp_path: Path) -> None:
    pack = ["--rules", county.write_pack(tmp_path / "pack")]
    given, env = county.write(tmp_path / "in"), {"CLUE_SITE_KEY_FILE": ""}
    first = county.run(given, tmp_path / "one", *pack, env=env)
    assert "线索编号：沿用 0 条，新编 2 条；要与以前的清单同号，写 --carry 旧工作区" in told(first)
    carried = county.run(given, tmp_path / "two", "--carry", tmp_path / "one", *pack, env=env)
    assert "线索编号：沿用 2 条，新编 0 条\n" in told(carried) and "线索编号 2 个" in told(carried)
    county.run(given, tmp_path / "again", *pack, env=env)
    assert county.lists(tmp_path / "again") == county.lists(tmp_path / "one")  # the same cases, the same secret
    (tmp_path / "key").write_text("another office", encoding="utf-8")
    alone = county.run(given, tmp_path / "three", *pack, env={"CLUE_SITE_KEY_FILE": str(tmp_path / "key")})
    assert "沿用 0 条，新编 2 条" in told(alone)
    one, two, three = (listed(tmp_path / name) for name in ("one", "two", "three"))
    assert len(one) == 2 and one == two and county.lists(tmp_path / "one") == county.lists(tmp_path / "two")
    assert not set(one.values()) & set(three.values())
    refused = county.clue_engine("carry", tmp_path / "one", "-w", tmp_path / "three" / "workspace")
    assert refused.returncode == 2 and "CE-U35" in told(refused)
    assert listed(tmp_path / "three") == three
    forced = county.clue_engine("carry", tmp_path / "one", "-w", tmp_path / "three" / "workspace", "--force")
    assert forced.returncode == 0
    again = county.clue_engine("scan", "-w", tmp_path / "three" / "workspace", *pack)
    assert "沿用 2 条" in told(again)
    backup = county.clue_engine("carry", tmp_path / "three", "-w", tmp_path / "backup")
    assert backup.returncode == 0 and "线索编号 2 个" in told(backup)
    assert oct((tmp_path / "backup" / "clue.duckdb").stat().st_mode)[-3:] == "600"
    itself = county.clue_engine("carry", tmp_path / "one", "-w", tmp_path / "one" / "workspace")
    assert itself.returncode == 2 and "CE-U35" in told(itself)
    nothing = county.clue_engine("carry", tmp_path / "in", "-w", tmp_path / "four")
    assert nothing.returncode == 2 and "CE-S30" in told(nothing) and not (tmp_path / "four").exists()


HOMES = [
    {"household_no": f"52992101{n:08d}", "town": "东河乡", "village": "第五村", "name": "穆一",
     "id": county.number("19900202", n), "relation": "户主", "sex": "男", "head_name": "穆一"}
    for n in (1, 3)
]  # fmt: skip
VICTIM = {"name": "穆一", "sex": "男", "birth": "1990-02-02", "address": "东河乡第五村"}


@pytest.mark.parametrize(
    ("now", "homes", "heard"),
    [
        ({"case_no": "甲1号", "unified_no": None}, HOMES, True),
        ({"case_no": "甲1号", "unified_no": "T1"}, HOMES, True),  # the case got its unified number since
        ({"case_no": "甲2号", "unified_no": None}, HOMES, False),  # another case
        ({"case_no": "甲1号", "unified_no": None}, [HOMES[0], {**HOMES[1], "id": county.number("19900202", 5)}], False),
    ],
)
def test_a_decision_is_heard_as_long_as_the_question_is_the_same(
    tmp_path: Path, now: dict[str, str | None], homes: list[dict[str, str]], heard: bool
) -> None:
    """Where the chosen one is no candidate any more the question is open again: nothing is answered by silence."""
    first = {"victim": [{**VICTIM, "case_no": "甲1号"}], "registry": HOMES}
    with record_world(tmp_path / "one", first) as ws:
        up_to_link(ws)
        ((key, candidates),) = ws.rows("select review_key, candidates from review_item")
        chosen = "select substr(sha256(person_key), 1, 12) from register_person where id = ?"
        ((ref,),) = ws.rows(chosen, [HOMES[1]["id"]])
        assert ref in candidates
    with record_world(tmp_path / "two", {"victim": [{**VICTIM, **now}], "registry": homes}) as ws:
        ws.con.execute("create table decision (review_key varchar, choice varchar, note varchar, seq integer)")
        ws.con.execute("insert into decision values (?, ?, '', 1)", [key, ref])
        up_to_link(ws)
        tiers = {tier for (tier,) in ws.rows("select tier from link_party")}
        assert tiers == ({"M"} if heard else {"?"})
        assert ws.rows("select decision from review_item") == [(ref if heard else None,)]
