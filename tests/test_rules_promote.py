"""rules promote, retire, diff -w: gates in words, one step at a time, nothing written unless all are passed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

import clue_world as world
import pytest
import trial_world
from test_cli_rules import SMALL, run

from clue_engine.decide.coverage import Coverage, Survivor
from clue_engine.enquiry.promotion import Gate, gates, write_status
from clue_engine.enquiry.replay import effects, facts, listed, replay
from clue_engine.errors import ClueError
from clue_engine.language.check_pack import check_pack
from clue_engine.language.locking import lock_findings, renewed
from clue_engine.pack.load import load_pack
from clue_engine.pack.lock import read_lock, write_lock
from clue_engine.pack.rule_edit import set_values

RULE = "judicial/J01_重伤.yaml"
TESTS = """\
  - {name: 重伤, 涉案: [{身份: [被害人], 伤情: 重伤二级}], expect: hit}
  - {name: 轻伤, like: 重伤, 涉案.0: {伤情: 轻伤一级}, expect: no_hit}
  - {name: 不详, like: 重伤, 涉案.0: {伤情: 缺失}, expect: unknown, missing: [伤情]}
"""

SIX = "命中 6 户（66.7%），不能确定 2 户（知道一项事实即可判断 2 户），因排除规则搁置 0 户"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine households, eight with a victim: six 重伤, two of which nothing is known."""
    directory = tmp_path_factory.mktemp("county") / "ws"
    with world.build(directory) as ws:
        ws.con.execute("alter table fact_household add column poor boolean")
        ws.con.execute("alter table fact_involvement add column event_date_lo date")
        ws.con.execute("alter table fact_involvement add column event_date_hi date")
    return directory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small pack with J01 as a draft with three tests, and its lock."""
    made = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    text = (made / RULE).read_text(encoding="utf-8")
    head = text[: text.index("  - {name")].replace("status: active", "status: draft   # 起草中")
    (made / RULE).write_text(head + TESTS, encoding="utf-8")
    pack = made / "pack.yaml"
    options = "options: {pending_share: 50%, promote: {most_share: 80%, mutation: 0%}}"
    pack.write_text(
        pack.read_text(encoding="utf-8").replace("options: {pending_share: 50%}", options), encoding="utf-8"
    )
    write_lock(made, renewed(check_pack(load_pack(made))[0], None))
    return made


def change(folder: Path, old: str, new: str) -> None:
    path = folder / RULE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def failed(found: list[Gate]) -> dict[str, str]:
    return {gate.name: gate.words for gate in found if not gate.passed}


def test_from_draft_to_active(folder: Path, data: Path) -> None:
    assert failed(gates(folder, "J01", "trial", data)) == {}
    assert write_status(folder, "J01", "trial") == (1, 1)
    assert "status: trial   # 起草中\n" in (folder / RULE).read_text(encoding="utf-8")
    assert read_lock(folder).entries["J01"].status == "trial"  # type: ignore[union-attr]
    found = gates(folder, "J01", "active", data)
    assert failed(found) == {}
    assert found[-1] == Gate("命中比例", True, SIX)
    write_status(folder, "J01", "active")
    assert [d.code for d in lock_findings(check_pack(load_pack(folder))[0])] == []
    assert failed(gates(folder, "J01", "active", data)) == {"次序": "已经启用"}


@pytest.mark.parametrize(
    ("old", "new", "gate", "words"),
    [
        ("expect: unknown, missing: [伤情]", "expect: hit", "测试", "3 个测试，1 个失败：不详；原因见"),
        (TESTS.splitlines()[2] + "\n", "", "测试", "没有结果为待核的测试"),
        ("伤情 in @重伤", "伤情 = '没有的'", "检查", "1 处错误，第一处 CE203 伤情没有取值“没有的”"),
        ("status: draft", "status: retired", "次序", "已经停用"),
        ("status: draft", "status: trial", "次序", "试行的下一步是启用"),
    ],
)
def test_a_gate_that_stays_shut(folder: Path, data: Path, old: str, new: str, gate: str, words: str) -> None:
    change(folder, old, new)
    found = failed(gates(folder, "J01", "trial", data))
    assert found[gate].startswith(words)


def test_a_rule_that_fires_on_everybody(folder: Path, data: Path) -> None:
    pack = folder / "pack.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace("most_share: 80%", "most_share: 5%"), encoding="utf-8")
    assert failed(gates(folder, "J01", "trial", data)) == {"命中比例": SIX + "；超过 5%，条件太宽"}
    pack.write_text(pack.read_text(encoding="utf-8").replace("most_share: 5%", "most_share: 很少"), encoding="utf-8")
    with pytest.raises(ClueError, match="most_share"):
        gates(folder, "J01", "trial", data)


def test_a_rule_that_fires_on_nobody_is_not_made_active(folder: Path, data: Path) -> None:
    change(folder, "any 涉案 (受害 and", "人均纯收入 < 1元 and any 涉案 (受害 and")
    change(folder, "涉案: [{身份", "户: {人均纯收入: 0元}, 涉案: [{身份")
    write_status(folder, "J01", "trial")
    found = failed(gates(folder, "J01", "active", data))
    assert list(found) == ["命中比例"]
    assert "命中 0 户（0.0%），不能确定 0 户，因排除规则搁置 0 户；" in found["命中比例"]
    assert "三项合计至少要 1 户。只差一项条件的：" in found["命中比例"]
    assert "“人均纯收入 < 1元”（6 户）" in found["命中比例"] and "--accept-none 理由" in found["命中比例"]
    found = {g.name: g for g in gates(folder, "J01", "active", data, rare="本县尚无这种户")}
    assert found["命中比例"].passed and found["命中比例"].words.endswith("已写明理由：本县尚无这种户")
    write_status(folder, "J01", "active", "本县尚无这种户")
    assert "rare: 本县尚无这种户\n" in (folder / RULE).read_text(encoding="utf-8")
    assert lock_findings(check_pack(load_pack(folder))[0]) == []  # a reason is no logic


def test_what_was_tried_is_what_becomes_active(folder: Path, data: Path) -> None:
    write_status(folder, "J01", "trial")
    change(folder, "伤情 in @重伤", "伤情 = '重伤二级'")
    assert failed(gates(folder, "J01", "active", data))["次序"].startswith("试行之后条件、分值或口径又改过")
    assert write_status(folder, "J01", "trial") == (1, 2)  # another logic, another version


@pytest.mark.parametrize(("n_alive", "passed"), [(4, False), (1, True)])
def test_mutation_coverage_is_a_gate(folder: Path, data: Path, n_alive: int, passed: bool) -> None:
    pack = folder / "pack.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace(", mutation: 0%", ""), encoding="utf-8")
    survivors = (Survivor("= 换成 <>"),) * n_alive
    found = gates(folder, "J01", "trial", data, covered=lambda _, rule_id: Coverage(rule_id, "", 40, survivors))
    assert [gate.passed for gate in found if gate.name == "测试的把关力"] == [passed]


def test_a_trial_rule_gives_no_points_and_its_own_status(folder: Path, data: Path) -> None:
    set_values(folder / RULE, {"status": "trial"})
    with facts(data) as ws:
        seen = replay(ws, load_pack(folder))
    assert {c.status for c in seen.clues.values()} == {"试行"}
    assert {c.score for c in seen.clues.values()} == {0}


def test_the_command(folder: Path, data: Path) -> None:
    before = hashlib.sha256((data / "clue.duckdb").read_bytes()).hexdigest()
    args = ("rules", "promote", "j01", "--rules", str(folder), "-w", str(data))
    result = run(*args, "--dry-run")
    assert result.returncode == 0 and "可以通过" in result.stdout
    assert "status: draft" in (folder / RULE).read_text(encoding="utf-8")
    result = run(*args)
    lines = result.stdout.splitlines()
    assert lines[0] == "J01 重伤被害人：草稿 → 试行"
    assert lines[1].split() == ["✓", "次序", "草稿", "→", "试行"]
    assert lines[-1] == "已试行，版本 1，已记入 pack.lock"
    shown = json.loads(run(*args, "--to", "trial", "--json").stdout)
    assert shown["passed"] is False and shown["gates"][0]["words"] == "试行的下一步是启用"
    assert run("rules", "promote", "J01", "--rules", str(folder), cwd=folder).returncode == 2
    assert "CE-S30" in run("rules", "promote", "J01", "--rules", str(folder), "--data", "无").stderr
    result = run("rules", "retire", "J01", "--rules", str(folder))
    assert result.stdout == "J01 重伤被害人：试行 → 停用，已记入 pack.lock\n"
    assert hashlib.sha256((data / "clue.duckdb").read_bytes()).hexdigest() == before


# -- diff -w ---------------------------------------------------------------------------------------------------------
def test_households_gained_lost_and_moved(folder: Path, data: Path, tmp_path: Path) -> None:
    set_values(folder / RULE, {"status": "active"})
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    text = (other / RULE).read_text(encoding="utf-8")
    text = text.replace(
        "any 涉案 (受害 and 伤情 in @重伤)", "人均纯收入 < 6503元 and any 涉案 (受害 and 伤情 in @重伤)"
    )
    (other / RULE).write_text(text, encoding="utf-8")
    packs = [load_pack(p) for p in (folder, other)]
    with facts(data) as ws:
        old, new = (listed(ws, pack) for pack in packs)
    (effect,) = effects(old, new, ["司法救助线索"])
    assert (effect.n_before, effect.n_after) == (8, 2)
    assert (
        sorted((m.before, m.after) for m in effect.lost) == [("待核 B", "不在清单")] * 2 + [("线索 B", "不在清单")] * 4
    )
    assert len(effects(new, old, ["司法救助线索"])[0].gained) == 6
    assert "受限" not in {m.clue_id for m in effect.lost}
    hidden = {key: dataclasses.replace(clue, restricted=True) for key, clue in old.items()}
    assert {m.clue_id for m in effects(hidden, new, ["司法救助线索"])[0].lost} == {"受限"}
    shown = run("rules", "diff", str(folder), str(other), "-w", str(data)).stdout
    assert "司法救助线索：8 户 → 2 户，增加 0，减少 6，换档 0" in shown
    assert not any(name in shown for name in world.NAMES.values())
    assert json.loads(run("rules", "diff", str(folder), str(other), "--data", str(data), "--json").stdout)["effects"]


def test_the_last_scan_is_taken_where_it_is_of_this_pack(folder: Path, tmp_path: Path) -> None:
    pack = load_pack(folder)
    with world.build(tmp_path / "ws") as ws:
        world.add(ws, "run_meta", ("pack_hash", pack.hash))
        columns = "'SF-1' as clue_id, 1::bigint as household_id, '甲' as direction, '线索' as status, 'A' as band"
        ws.con.execute(f"create table clue as select {columns}, 60 as score, false as restricted, 1 as rank")
    with facts(tmp_path / "ws") as seen:
        assert [c.clue_id for c in listed(seen, pack).values()] == ["SF-1"]


def test_a_workspace_that_was_never_scanned(tmp_path: Path) -> None:
    from clue_engine.workspace import Workspace

    Workspace.open(tmp_path / "ws").close()
    with pytest.raises(ClueError) as told, facts(tmp_path / "ws"):
        pass
    assert told.value.code == "CE-U08"


def test_a_rule_that_lists_nobody_new(folder: Path, tmp_path: Path) -> None:
    scanned = trial_world.county(tmp_path / "ws")
    change(folder, "status: draft", "status: active")
    text = (folder / RULE).read_text(encoding="utf-8").replace("id: J01", "id: J30").replace("active", "draft")
    (folder / RULE).with_name("J30_重复.yaml").write_text(text, encoding="utf-8")
    words = {g.name: g.words for g in gates(folder, "J30", "trial", scanned)}["命中比例"]
    assert "命中 6 户" in words and words.endswith("；命中的户全部已由 J01 列出")


def test_a_reason_says_something(folder: Path, data: Path) -> None:
    args = ("rules", "promote", "J01", "--rules", str(folder), "-w", str(data), "--accept-none")
    result = run(*args, "少见")
    assert result.returncode == 2 and "理由太短" in result.stderr
    assert run(*args, "本县今年没有", "--dry-run").returncode == 0
