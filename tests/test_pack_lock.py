"""pack.lock, rules lock, rules diff: logic keeps its version, ids are used once, changes are told in words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_cli_rules import ROOT, SMALL, run

from clue_engine.errors import ClueError
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.locking import entries, lock_findings, renewed
from clue_engine.language.pack_diff import Change, diff_lock, diff_packs, next_version, size
from clue_engine.pack.load import load_pack
from clue_engine.pack.lock import Lock, lock_text, read_lock, write_lock
from clue_engine.pack.rule_edit import scalar, set_values, with_value
from clue_engine.pack.text import parse_yaml


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small pack with a lock."""
    made = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    write_lock(made, renewed(checked(made), None))
    return made


def checked(folder: Path) -> CheckedPack:
    return check_pack(load_pack(folder))[0]


def rule(folder: Path) -> Path:
    return folder / "judicial" / "J01_重伤.yaml"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def codes(folder: Path) -> list[str]:
    return [d.code for d in lock_findings(checked(folder)) if d.code != "CE803"]


def test_the_lock_of_the_shipped_rules_is_up_to_date() -> None:
    pack = check_pack(load_pack())[0]
    lock = read_lock(pack.pack.root)
    assert lock is not None
    assert [d for d in lock_findings(pack) if d.level == "error"] == []
    assert lock_text(renewed(pack, lock)) == lock_text(lock), "run: clue-engine rules lock"


def test_no_lock_no_complaint(tmp_path: Path) -> None:
    assert codes(SMALL) == []


def test_words_may_change(folder: Path) -> None:
    change(rule(folder), "title: 重伤被害人", "title: 受重伤的人")
    change(rule(folder), "any 涉案 (受害 and 伤情 in @重伤)", "any 涉案（伤情 in @重伤 且 受害）")
    assert codes(folder) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("judicial/J01_重伤.yaml", "受害 and 伤情", "伤情", "条件"),
        ("judicial/J01_重伤.yaml", "harm: 30", "harm: 29", "分值"),
        ("lists/harm.yaml", "重伤二级", "轻伤一级", "词表 重伤"),
    ],
)
def test_logic_without_a_new_version(folder: Path, file: str, old: str, new: str, said: str) -> None:
    change(folder / file, old, new)
    found = [d for d in lock_findings(checked(folder)) if d.code == "CE801"]
    assert len(found) == 1 and found[0].level == "error"
    assert said in found[0].message and "version 改成 2" in found[0].hint
    set_values(rule(folder), {"version": "2"})
    assert codes(folder) == []


def test_a_version_never_goes_back(folder: Path) -> None:
    set_values(rule(folder), {"version": "3"})
    write_lock(folder, renewed(checked(folder), read_lock(folder)))
    set_values(rule(folder), {"version": "2"})
    assert codes(folder) == ["CE801"]


def test_drafts_change_freely(folder: Path) -> None:
    set_values(rule(folder), {"status": "draft"})
    write_lock(folder, renewed(checked(folder), read_lock(folder)))
    change(rule(folder), "受害 and 伤情", "伤情")
    assert codes(folder) == []


def test_ids_are_never_used_again(folder: Path) -> None:
    text = rule(folder).read_text(encoding="utf-8")
    rule(folder).unlink()
    assert codes(folder) == ["CE804"]
    write_lock(folder, renewed(checked(folder), read_lock(folder)))
    lock = read_lock(folder)
    assert lock is not None and lock.entries["J01"].status == "retired"
    assert codes(folder) == []
    rule(folder).write_text(text.replace("伤情 in @重伤", "伤情 = '死亡'").replace("version: 1", "version: 9"), "utf-8")
    assert codes(folder) == ["CE802"]
    rule(folder).write_text(text, encoding="utf-8")  # the very same rule may come back
    assert codes(folder) == []


def test_a_new_rule_is_noted(folder: Path) -> None:
    text = rule(folder).read_text(encoding="utf-8").replace("id: J01", "id: J02").replace("重伤被害人", "另一条")
    (folder / "judicial" / "J02_另一条.yaml").write_text(text, encoding="utf-8")
    assert codes(folder) == ["CE804"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 2}', '{"format": 1, "pack": "1", "rules": {"J": 1}}', "[" * 9000]
)
def test_a_broken_lock_is_told(folder: Path, text: str) -> None:
    (folder / "pack.lock").write_text(text, encoding="utf-8")
    with pytest.raises(ClueError) as told:
        read_lock(folder)
    assert told.value.code == "CE806"
    assert codes(folder) == ["CE806"]


def test_a_parameter_without_a_value_is_told_once() -> None:
    found = [d for d in lock_findings(check_pack(load_pack())[0]) if d.code == "CE803"]
    assert len(found) == 1 and "监测范围" in found[0].message
    local = check_pack(load_pack(None, ROOT / "sample_data" / "parameters.yaml"))[0]
    assert [d.code for d in lock_findings(local, local=True)] == []


def test_the_lock_reads_back(folder: Path) -> None:
    lock = Lock(load_pack(folder).version, entries(checked(folder)))
    assert read_lock(folder) == lock
    assert write_lock(folder, lock) is False
    assert len((folder / "pack.lock").read_text(encoding="utf-8").splitlines()) == len(lock.entries) + 2


# -- editing -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("id: J1\nstatus:  draft   # 试\nversion: 1\n", "id: J1\nstatus:  trial   # 试\nversion: 1\n"),
        ("id: J1\r\n'status': \"draft\"\r\n", "id: J1\r\n'status': trial\r\n"),
        ("id: J1 # 编号\ntitle: 甲\n", "id: J1 # 编号\nstatus: trial\ntitle: 甲\n"),
        ("id: J1\nstatus:\n", "id: J1\nstatus: trial\n"),
        ("{id: J1, status: draft}\n", "{id: J1, status: trial}\n"),
    ],
)
def test_one_value_and_nothing_else(before: str, after: str) -> None:
    assert with_value(before, "status", "trial") == after


# -- diff --------------------------------------------------------------------------------------------------------------
def diffed(tmp_path: Path, *changes: tuple[str, str, str]) -> list[Change]:
    new = Path(shutil.copytree(SMALL, tmp_path / "new"))
    for file, old, text in changes:
        change(new / file, old, text)
    return diff_packs(checked(SMALL), checked(new))


J01 = "judicial/J01_重伤.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "level", "words"),
    [
        (J01, "受害 and 伤情 in @重伤", "伤情 = '死亡'", "minor",
         "条件由“any 涉案 (受害 and 伤情 in @重伤)”改为“any 涉案 (伤情 = '死亡')”"),
        (J01, "any 涉案 (受害", "any 涉案（受害", "none", ""),
        (J01, "harm: 30", "harm: 25, hardship: 5", "minor", "分值 harm 由 30 改为 25|分值 hardship 由 0 改为 5"),
        (J01, "title: 重伤被害人", "title: 甲", "patch", "名称由“重伤被害人”改为“甲”"),
        (J01, "案中{伤情}", "{伤情}", "patch", "理由有修改"),
        (J01, "status: active", "status: retired", "major", "状态由“启用”改为“停用”"),
        (J01, "status: active", "status: draft", "minor", "状态由“启用”改为“草稿”"),
        ("lists/harm.yaml", "重伤二级", "轻伤一级", "minor", "词增加 轻伤一级|词去掉 重伤二级|涉及规则 J01"),
        ("hold/X01_互殴.yaml", "action: hold", "action: suppress", "major", "处理由“hold”改为“suppress”"),
        ("pack.yaml", "cap: 35", "cap: 40", "major", "分项封顶 损害后果 由 35 改为 40"),
    ],
)  # fmt: skip
def test_changes_in_words(tmp_path: Path, file: str, old: str, new: str, level: str, words: str) -> None:
    found = diffed(tmp_path, (file, old, new))
    assert (size(found) or "none") == level
    assert "|".join(found[0].words if found else ()) == words


def test_a_removed_rule_is_major_and_a_new_one_minor(tmp_path: Path) -> None:
    new = Path(shutil.copytree(SMALL, tmp_path / "new"))
    rule(new).rename(new / "judicial" / "J02_重伤.yaml")
    change(new / "judicial" / "J02_重伤.yaml", "id: J01", "id: J02")
    found = diff_packs(checked(SMALL), checked(new))
    assert [(c.id, c.level) for c in found] == [("J01", "major"), ("J02", "minor")]


def test_against_the_lock(folder: Path) -> None:
    lock = read_lock(folder)
    assert lock is not None and diff_lock(lock, checked(folder)) == []
    change(folder / "lists" / "harm.yaml", "重伤二级", "轻伤一级")
    (found,) = diff_lock(lock, checked(folder))
    assert (found.id, found.level) == ("J01", "minor")
    assert found.words == ("用到的词表 重伤变了",)


def test_version_that_a_change_asks_for() -> None:
    assert [next_version("1.2.3", level) for level in ("patch", "minor", "major", "")] == [
        "1.2.4",
        "1.3.0",
        "2.0.0",
        "",
    ]
    assert next_version("2025", "minor") == ""


def test_the_commands(folder: Path) -> None:
    run("rules", "lock", "--rules", str(folder))
    change(rule(folder), "harm: 30", "harm: 20")
    result = run("rules", "lock", "--rules", str(folder))
    assert result.returncode == 1 and "CE801" in result.stdout
    result = run("rules", "diff", str(folder))
    assert result.stdout.splitlines()[0] == "minor  J01 重伤被害人"
    assert result.stdout.splitlines()[1].strip() == "分值 harm 由 30 改为 20"
    assert json.loads(run("rules", "diff", str(SMALL), str(folder), "--json").stdout)["level"] == "minor"
    assert run("rules", "lock", "--rules", str(folder), "--check").returncode == 1
    result = run("rules", "lock", "--rules", str(folder), "--raise")
    assert (result.returncode, result.stdout) == (0, "J01 重伤被害人：版本 1 → 2\n")
    assert run("rules", "lock", "--rules", str(folder), "--check").returncode == 0
    assert run("rules", "diff", str(SMALL)).returncode == 2


words = st.text(alphabet=st.sampled_from("甲乙丙a1-:#,[]{}'\"|>&*!%@`?.=~ \\“”：，"), min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(words)
def test_every_text_is_written_so_that_it_is_read_again(text: str) -> None:
    for form in (f"a: {scalar(text)}", f"a: [{scalar(text)}, 乙]", f"a: {{{scalar(text)}: {scalar(text)}}}"):
        value, problems = parse_yaml(form, "r.yaml")
        assert value in ({"a": text}, {"a": [text, "乙"]}, {"a": {text: text}}), problems
