"""Statuses, scores, bands, ranks and numbers of clues in the county of clue_world."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import clue_world as world
import pytest

from clue_engine.clue import make_clues
from clue_engine.workspace import Workspace

J, P = world.JUDICIAL, world.POVERTY


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    return world.build(tmp_path / "ws")


def scored(ws: Workspace) -> dict[int, dict[str, object]]:
    make_clues(ws, world.PACK, world.AS_OF, render=world.fill)
    return {row["household_id"]: row for row in ws.dicts("select * from clue")}


def test_statuses(ws: Workspace) -> None:
    found = {n: (c["direction"], c["status"]) for n, c in scored(ws).items()}
    assert found == {
        1: (J, "线索"), 2: (J, "线索"), 3: (J, "待核"), 4: (J, "搁置"), 5: (J, "线索"),
        6: (J, "待核"), 8: (J, "试行"), 9: (P, "线索"),
    }  # fmt: skip
    assert ws.rows("select n from clue_count where what = '信息不足、暂不列出'") == [(1,)]


def test_scores_and_bands(ws: Workspace) -> None:
    found = {n: (c["score"], c["possible_score"], c["band"]) for n, c in scored(ws).items()}
    assert found == {
        1: (50, 52, "A"),  # J02 30 + J08 20; J03 is open: 32 instead of 30
        2: (50, 50, "A"),
        3: (0, 30, "B"),  # judged by what it would weigh
        4: (0, 30, "B"),
        5: (42, 42, "B"),  # 42 < 50
        6: (0, 30, "B"),
        8: (0, 0, "C"),  # trial rules have no points
        9: (20, 20, "C"),
    }


def test_a_dominated_rule_loses_its_points_and_caps_hold(ws: Workspace) -> None:
    ws.con.execute("update hit set outcome = 1 where rule_id = 'J03'")
    clue = scored(ws)[1]
    assert (clue["score"], clue["possible_score"]) == (52, 52)
    rules = ws.rows("select rule_id, points, superseded from clue_rule join clue using (clue_id)"
                    " where household_id = 1 order by clue_rule.seq")  # fmt: skip
    assert rules == [("J03", 32, False), ("J08", 20, False), ("J02", 0, True)]


def test_band_needs_a_dimension(ws: Workspace) -> None:
    ws.con.execute("update hit set rule_id = 'J04' where rule_id = 'J02' and household_id = 1")
    assert scored(ws)[1]["band"] == "B"  # 20 + 12 without harm


def test_ranks_follow_status_band_strength(ws: Workspace) -> None:
    ranks = {c["rank"]: n for n, c in scored(ws).items() if c["direction"] == J}
    assert [ranks[r] for r in sorted(ranks)] == [1, 2, 5, 3, 6, 4, 8]


def test_of_equal_clues_the_one_whose_case_another_list_put_aside_comes_last(ws: Workspace) -> None:
    ws.con.execute("update fact_involvement set \"match\" = '确认'")
    ws.con.execute("delete from hit where rule_id = 'J03'")
    found = scored(ws)
    assert found[1]["score"] == found[2]["score"] and found[1]["rank"] < found[2]["rank"]
    world.add(ws, "hold_row", ("X04", world.POVERTY, "涉案", 1, 11, 2))  # perhaps
    assert scored(ws)[1]["rank"] < scored(ws)[2]["rank"]
    ws.con.execute("update hold_row set outcome = 1 where hold_id = 'X04'")
    assert scored(ws)[1]["rank"] > scored(ws)[2]["rank"]


def test_urgent_stands_on_top_of_its_band(ws: Workspace) -> None:
    world.add(ws, "hit", (5, J, "J04", 1, False))  # 30 + 12 (cap of focus)
    world.add(ws, "hit", (2, J, "J04", 1, False))
    found = scored(ws)
    assert (found[2]["urgent"], found[2]["rank"], found[1]["rank"]) == (True, 2, 1)  # 疑似 stays behind 确认
    ws.con.execute("update fact_involvement set \"match\" = '确认'")
    found = scored(ws)
    assert (found[2]["rank"], found[1]["rank"]) == (1, 2)


def test_strength_is_doubtful_only_if_every_row_is(ws: Workspace) -> None:
    assert scored(ws)[2]["strength"] == "疑似"
    ws.con.execute("insert into fact_involvement select * replace (99 as row_id, '确认' as \"match\")"
                   " from fact_involvement where household_id = 2")  # fmt: skip
    world.add(ws, "witness", (2, "J02", "involvement", 99, 1))
    assert scored(ws)[2]["strength"] == "确认"


def test_downgrade_reroute_and_restrict(ws: Workspace) -> None:
    world.add(ws, "hold_row", ("X05", J, "involvement", 1, 11, 1), ("X09", J, "涉案", 1, 11, 1))
    found = scored(ws)
    assert (found[1]["band"], found[1]["downgraded"], found[1]["receiver"]) == ("B", True, "有管辖权的检察院")
    assert found[9]["receiver"] == "乡镇农业办"
    assert [n for n, c in found.items() if c["restricted"]] == [5]


def test_downgrade_of_another_event_is_only_told(ws: Workspace) -> None:
    world.add(ws, "hold_row", ("X05", J, "involvement", 1, 999, 1))
    assert scored(ws)[1]["downgraded"] is False


def test_doubt_about_a_protected_person_restricts_only_its_own_rows(ws: Workspace) -> None:
    world.add(ws, "hold_row", ("X14", "*", "involvement", 1, 11, 2), ("X14", "*", "involvement", 2, 999, 2))
    found = scored(ws)
    assert (found[1]["restricted"], found[2]["restricted"]) == (True, False)


def test_restricted_follows_the_event_one_step(ws: Workspace) -> None:
    """5 is the source. 2 is in its case, 3 in another case of 2 only; 9, of the other list, is told from a row of 5."""
    before = {n: c["rank"] for n, c in scored(ws).items()}
    more = "insert into fact_involvement select * replace (90 + household_id as row_id, {event} as event_id)"
    ws.con.execute(f"{more.format(event=5)} from fact_involvement where household_id = 2")
    ws.con.execute(f"{more.format(event=2)} from fact_involvement where household_id = 3")
    world.add(ws, "fact_source", ("involvement", 19, 1, 8, None))
    found = scored(ws)
    assert {n for n, c in found.items() if c["restricted"]} == {2, 5, 9}
    assert ws.rows("select household_id from clue_protected order by 1") == [(2,), (5,), (9,)]
    assert {n: c["rank"] for n, c in found.items()} == before


def test_a_protected_person_who_is_not_listed_restricts_the_others(ws: Workspace) -> None:
    ws.con.execute("delete from hit where household_id = 5")
    assert not [n for n, c in scored(ws).items() if c["restricted"]]
    ws.con.execute("update fact_involvement set event_id = 5 where household_id = 1")
    assert [n for n, c in scored(ws).items() if c["restricted"]] == [1]


def test_all_directions_of_a_household_are_restricted(ws: Workspace) -> None:
    world.add(ws, "hit", (5, P, "N04", 1, False))
    world.add(ws, "witness", (5, "N04", "involvement", 15, 1))
    ws.con.execute("delete from hold_row where hold_id = 'X14'")  # only J10 restricts, in the judicial direction
    make_clues(ws, world.PACK, world.AS_OF, render=world.fill)
    assert ws.rows("select direction, restricted from clue where household_id = 5 order by 1") == [(J, True), (P, True)]


def test_the_open_question_of_a_restricting_rule_restricts_its_own_line_only(ws: Workspace) -> None:
    """Whether listed or folded: that somebody might be a child without parents makes no other line a secret."""
    ws.con.execute("update hit set rule_id = 'J10', household_id = 9 where rule_id = 'J02' and household_id = 6")
    ws.con.execute("update missing_fact set rule_id = 'J10', household_id = 9 where household_id = 6")
    ws.con.execute("update witness set rule_id = 'J10', household_id = 9, row_id = 19 where household_id = 6")
    lines = "select direction, restricted from clue where household_id = 9 order by 1"
    scored(ws)
    assert ws.rows(lines) == [(J, True), (P, False)]
    short = replace(world.PACK, options={"pending_share": "0%", "pending_least": 0})
    make_clues(ws, short, world.AS_OF, render=world.fill)
    assert ws.rows("select household_id, direction from clue where restricted and status <> '折叠'") == [(5, J)]
    assert ws.rows("select household_id, status from clue where restricted and direction = ? order by 1", [J]) == [
        (5, "线索"),
        (9, "折叠"),
    ]  # it stands in pending.csv, by its number only
    assert ws.rows(lines) == [(J, True), (P, False)]


def test_missing_facts_name_holder_and_the_deciding_one(ws: Workspace) -> None:
    scored(ws)
    rows = ws.rows("select household_id, field_label, holder, decides from clue_missing join clue using (clue_id)"
                   " order by household_id")  # fmt: skip
    assert rows == [(3, "赔偿情况", "承办检察官", True), (6, "伤情", "承办检察官", True)]


def test_an_open_hold_without_a_named_field_is_still_named(ws: Workspace) -> None:
    ws.con.execute("delete from missing_fact")
    scored(ws)
    assert ws.rows("select field_label, decides from clue_missing") == [("赔偿情况", True)]


def test_reasons_are_ordered_by_what_they_add(ws: Workspace) -> None:
    scored(ws)
    rows = ws.rows("select rule_id, kind, marginal, reason from clue_rule join clue using (clue_id)"
                   " where household_id = 1 order by clue_rule.seq")  # fmt: skip
    assert rows[0] == ("J02", "hit", 30, "重伤被害人:白石重伤二级")
    assert [r[0] for r in rows] == ["J02", "J08", "J03"]


def test_persons_and_sources(ws: Workspace) -> None:
    scored(ws)
    assert ws.rows("select person_id from clue_person join clue using (clue_id) where household_id = 1") == [(1,)]
    assert ws.rows("select text from clue_source join clue using (clue_id) where household_id = 1") == [
        ("监测对象信息.xlsx〔Sheet1〕第4行",), ("被害人清单.csv第2行",)]  # fmt: skip


def test_numbers_do_not_depend_on_the_order_of_input(ws: Workspace, tmp_path: Path) -> None:
    scored(ws)
    mirrored = world.build(tmp_path / "mirrored", shuffled=True)
    make_clues(mirrored, world.PACK, world.AS_OF, render=world.fill)
    query = "select clue_id, direction, rank, status, band, score from clue order by clue_id"
    assert ws.rows(query) == mirrored.rows(query)
    ids = [r[0] for r in ws.rows(query)]
    assert len(set(ids)) == len(ids) == 8
    assert {i[:3] for i in ids} == {"JU-", "PO-"}


def test_any_bytes_are_a_site_key(tmp_path: Path) -> None:
    found = []
    texts = ("", "本单位自设", "\ufeff本单位自设\r\n")
    for nth, key in enumerate((*(t.encode() for t in texts), "本单位自设".encode("utf-16"), bytes(range(128, 160)))):
        with world.build(tmp_path / str(nth)) as ws:
            if key:
                (ws.directory / "site.key").write_bytes(key)
            found.append(frozenset(str(c["clue_id"]) for c in scored(ws).values()))
    assert found[1] == found[2]
    assert len(set().union(*found)) == 4 * len(found[0])  # else all different
