"""rules try and near-miss on nine households: every figure can be counted by hand."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import trial_world as world
from test_cli_rules import SMALL, columns, run

from clue_engine.enquiry.near_miss import NearMiss, near_misses
from clue_engine.enquiry.replay import facts
from clue_engine.enquiry.run import changes
from clue_engine.enquiry.trial import Counts, HoldDraft, MissingFact, Overlap, Trial, read_draft, try_hold, try_rule
from clue_engine.errors import ClueError, Problems
from clue_engine.pack.fingerprint import parts
from clue_engine.workspace import DATABASE, Workspace


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world.county(tmp_path_factory.mktemp("county") / "ws")


def tried(data: Path, folder: Path, when: str = world.LOW, id: str = "J30") -> Trial:
    draft = read_draft(world.draft_file(folder, when, id), world.small_pack())
    with facts(data) as ws:
        return try_rule(ws, draft)


def near(data: Path, folder: Path, when: str) -> list[NearMiss]:
    draft = read_draft(world.draft_file(folder, when), world.small_pack())
    with facts(data) as ws:
        return near_misses(ws.con, draft.alone, draft.checked, world.AS_OF)


def test_a_new_rule(data: Path, tmp_path: Path) -> None:
    found = tried(data, tmp_path)
    assert found.counts == Counts(9, n_hit=2, n_pending=0, n_unknown=0, n_held=0, n_new=2, n_gone=0, known_before=False)
    assert (found.shift.n_before, found.shift.n_after, found.shift.n_new, found.shift.n_gone) == (8, 8, 0, 0)
    assert (found.shift.n_raised, found.shift.n_lowered, found.shift.most_change) == (2, 0, 10)
    assert {(e.name, e.outcome, e.score_before, e.score_after) for e in found.examples} == {
        ("白*", "命中", 30, 40), ("柳*", "命中", 30, 40),
    }  # fmt: skip
    assert found.overlaps == (Overlap("J01", "重伤被害人", 2, 1.0, 2 / 6),)


def test_the_same_id_is_compared_with_the_last_scan(data: Path, tmp_path: Path) -> None:
    found = tried(data, tmp_path, id="J01")
    assert found.counts.known_before
    assert (found.counts.n_hit, found.counts.n_new, found.counts.n_gone) == (2, 0, 4)
    assert (found.shift.n_before, found.shift.n_after) == (8, 2)  # the two 待核 go as well
    assert found.overlaps == ()


def test_a_measure_lists_nobody(tmp_path: Path) -> None:
    file = tmp_path / "M90.yaml"
    file.write_text("id: M90\ntitle: 送医\ncolumn: 健康帮扶\nprovider: 卫健\n", encoding="utf-8")
    with pytest.raises(ClueError, match=r"这是一项帮扶措施.*(?s:.*)rules promote M90") as told:
        read_draft(file, world.small_pack())
    assert told.value.code == "CE-U11"


def test_unknown_and_what_is_missing(data: Path, tmp_path: Path) -> None:
    found = tried(data, tmp_path, "any 涉案 (受害 and 伤情 in @重伤) and 人均纯收入 >= 6507元")
    assert (found.counts.n_hit, found.counts.n_unknown) == (1, 1)
    assert found.missing == (MissingFact("伤情", "", 1, 1),)
    assert [e.outcome for e in found.examples] == ["命中", "不能确定"]


def test_near_misses(data: Path, tmp_path: Path) -> None:
    found = near(data, tmp_path, world.LOW)
    # 6503, 6504, 6505 and 6508 yuan: 0, 1, 2 and 5 too much
    assert [(m.condition, m.n_households, m.quartiles, m.unit) for m in found] == [
        ("人均纯收入 < 6503元", 4, (0.75, 1.5, 2.75), "元")
    ]
    assert len(found[0].nearest) == 4 and all(n.startswith("SF-") or n.startswith("JU-") for n in found[0].nearest)
    found = near(data, tmp_path, "any 涉案 (受害 and 伤情 = '死亡') and 人均纯收入 < 6503元")
    assert [(m.condition, m.n_households, m.quartiles, m.unit) for m in found] == [
        ("any 涉案 (受害 and 伤情 = '死亡')", 2, None, ""), ("伤情 = '死亡'", 2, None, ""),
    ]  # fmt: skip
    assert near(data, tmp_path, "any 涉案 (伤情 = '死亡') and 人均纯收入 > 1万元") == []


def test_near_misses_of_days_and_negations(data: Path, tmp_path: Path) -> None:
    # no household has an event date: unknown is not a near miss
    assert near(data, tmp_path, "any 涉案 (受害 and 距今(事件日期) <= 10天)") == []
    found = near(data, tmp_path, "any 涉案 and not 人均纯收入 >= 6502元")
    assert replace(found[0], nearest=()) == NearMiss("“人均纯收入 >= 6502元”不成立", 8, (1.75, 3.5, 5.25), "元")
    assert len(found[0].nearest) == 5  # at most
    found = near(data, tmp_path, "any 涉案 (受害 and 伤情 in @重伤 and 伤情 <> '重伤二级')")
    assert "伤情 <> '重伤二级'" in [each.condition for each in found]
    assert not any("不成立" in each.condition for each in found)


def test_the_distance_of_a_count(data: Path, tmp_path: Path) -> None:
    found = near(data, tmp_path, "count 涉案 (受害) >= 3 and 人均纯收入 < 6503元")
    assert (found[0].condition, found[0].n_households, found[0].quartiles) == ("count 涉案 (受害) >= 3", 2, (2, 2, 2))
    assert found[0].unit == "条"


def test_restricted_households_are_only_counted(tmp_path: Path) -> None:
    """Whatever a draft asks of them, in whichever direction they are listed."""
    directory = world.county(tmp_path / "ws")
    with Workspace.open(directory, create=False) as ws:
        kept, gone = (ws.rows("select clue_id from clue where household_id = ?", [n])[0][0] for n in (1, 2))
        ws.con.execute("insert into clue_protected values (2, false)")
    found = tried(directory, tmp_path)
    assert ([e.clue_id for e in found.examples], found.n_restricted, found.counts.n_hit) == ([kept], 1, 2)
    shown = run("rules", "try", str(world.draft_file(tmp_path)), "-w", str(directory), "--rules", str(SMALL))
    assert "另有受限 1 户，不列编号" in shown.stdout and gone not in shown.stdout and kept in shown.stdout
    told = near(directory, tmp_path, "any 涉案 (受害) and 人均纯收入 < 6500元")
    assert kept in told[0].nearest and gone not in told[0].nearest
    draft = read_draft(world.draft_file(tmp_path), world.small_pack())
    assert not isinstance(draft, HoldDraft)
    with facts(directory) as seen:
        hidden = try_rule(seen, replace(draft, rule=replace(draft.rule, restrict="minors")))
    assert (hidden.examples, hidden.n_restricted) == ((), 2)


def test_a_draft_with_errors(tmp_path: Path) -> None:
    with pytest.raises(Problems) as wrong:
        read_draft(world.draft_file(tmp_path, "any 涉案 (伤情 in @重份)"), world.small_pack())
    assert [d.code for d in wrong.value.diagnostics] == ["CE108"]
    hold = tmp_path / "X90.yaml"
    hold.write_text("id: X90\naction: suppress\n", encoding="utf-8")
    with pytest.raises(Problems):
        read_draft(hold, world.small_pack())
    with pytest.raises(ClueError, match="没有这个文件"):
        read_draft(tmp_path / "没有.yaml", world.small_pack())


def test_commands(data: Path, tmp_path: Path) -> None:
    before = hashlib.sha256((data / DATABASE).read_bytes()).hexdigest()
    common = ("-w", str(data), "--rules", str(SMALL))
    shown = run("rules", "try", str(world.draft_file(tmp_path)), *common)
    assert shown.returncode == 0, shown.stderr
    assert "占全部 9 户的 22.22%" in shown.stdout and "0.8元、1.5元、2.8元" in shown.stdout
    assert max(map(columns, shown.stdout.splitlines())) <= 80
    assert "白石" not in shown.stdout and "工作区没有改动" in shown.stderr
    read = json.loads(run("rules", "try", str(world.draft_file(tmp_path)), *common, "--json").stdout)
    assert read["counts"]["n_hit"] == 2 and read["near_misses"][0]["n_households"] == 4
    listed = json.loads(run("rules", "near-miss", "J01", *common, "--json").stdout)
    assert listed["rule"] == "J01"
    assert run("rules", "near-miss", "J77", *common).returncode == 2
    assert hashlib.sha256((data / DATABASE).read_bytes()).hexdigest() == before


HOLD = """\
id: X90
title: 收入不低
version: 1
status: draft
action: hold
direction: all
relation: 户
when: "{when}"
unknown: keep
reason: 收入不低
"""


def hold_file(folder: Path, when: str) -> Path:
    path = folder / "我的排除.yaml"
    path.write_text(HOLD.format(when=when), encoding="utf-8")
    return path


def test_a_hold_says_which_clues_it_holds(data: Path, tmp_path: Path) -> None:
    """Clues: households 1–5 and 8, open 6 and 7. From 6504 yuan per head: 4 to 8."""
    pack = world.small_pack()
    draft = read_draft(hold_file(tmp_path, "人均纯收入 >= 6504元"), pack)
    assert isinstance(draft, HoldDraft)
    with facts(data) as ws:
        found = try_hold(ws, pack, draft)
    assert (found.n_rows, found.n_households, found.n_open, found.known_before) == (5, 5, 0, False)
    assert [(s.before, s.after, s.n) for s in found.steps] == [("待核 B", "不在清单", 2), ("线索 B", "搁置 B", 3)]
    assert len(found.clues) == 5


def test_the_command_tries_a_hold(data: Path, tmp_path: Path) -> None:
    common = ("-w", str(data), "--rules", str(SMALL))
    shown = run("rules", "try", str(hold_file(tmp_path, "人均纯收入 >= 6504元")), *common)
    assert shown.returncode == 0, shown.stderr
    assert "符合的有 5 行，涉及 5 户" in shown.stdout and "搁置" in shown.stdout and "工作区没有改动" in shown.stderr
    none = run("rules", "try", str(hold_file(tmp_path, "人均纯收入 >= 9999元")), *common)
    assert "与没有这条规则时比，没有线索因此改变" in none.stdout
    told = json.loads(run("rules", "try", str(hold_file(tmp_path, "人均纯收入 >= 6504元")), *common, "--json").stdout)
    assert told["hold_id"] == "X90" and told["steps"][0]["n"] > 0
    wrong = run("rules", "try", str(hold_file(tmp_path, "人均纯收 >= 1元")), *common)
    assert wrong.returncode == 2 and "CE101" in wrong.stdout + wrong.stderr


def test_what_was_changed_since_the_last_scan(data: Path, tmp_path: Path) -> None:
    """A draft alone is no other pack; what counts is named."""
    pack = world.small_pack()
    draft = read_draft(world.draft_file(tmp_path), pack)
    assert not isinstance(draft, HoldDraft)
    directory = world.county(tmp_path / "ws")
    with Workspace.open(directory, create=False) as ws:
        world.world.add(ws, "run_meta", ("pack_parts", json.dumps(parts(pack))))
        assert changes(ws, pack) == ""
        with_draft = replace(pack, hash="x", rules=(*pack.rules, replace(draft.rule, status="draft")))
        assert changes(ws, with_draft) == ""
        assert changes(ws, with_draft, draft.rule) == "上次扫描之后新增：J30（草稿）"
        assert changes(ws, replace(pack, rules=(*pack.rules, replace(draft.rule, status="trial")))) == (
            "上次扫描之后新增：J30（试行）"
        )
        other = (replace(pack.rules[0], points={"harm": 1}), *pack.rules[1:])
        assert changes(ws, replace(pack, rules=other)) == f"上次扫描之后改过：{pack.rules[0].id}"
        assert changes(ws, replace(pack, rules=other), pack.rules[0]) == ""
        assert "或 --parameters 与扫描时不同" in changes(ws, replace(pack, region="529921"))
        assert "词表、说法等有改动" in changes(ws, replace(pack, lists={}))
