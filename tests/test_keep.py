"""run on a folder whose workspace holds other files: nothing goes without a word, and what people decided stays."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tiny_county as county

from tests.terminal import on_terminal

NEW = "某院被害人信息（补）.csv"
# A person of the register under another name: two numbers alike, two names, so a person must look.
CONFLICT = (
    "部门受案号,统一受案号,被害人姓名,证件号码,伤情等级,损失数额（万元）,赔偿情况,案由\n"
    f"样检刑诉受[2024]19号,T529921202400019,周不同,{county.IDS['江平']},重伤二级,3,未赔偿,故意伤害罪\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county that was scanned once, with one identity decided by hand."""
    folder = tmp_path_factory.mktemp("county")
    county.write(folder / "in")
    (folder / "in" / "被害人_疑.csv").write_text(CONFLICT, encoding="utf-8")
    county.write_pack(folder / "pack")
    assert run(folder, folder / "in").returncode == 0
    [item] = reviews(folder)
    decided = county.clue_engine("review", "decide", item["review_key"], "none", "-w", folder / "out" / "workspace")
    assert decided.returncode == 0, decided.stderr.decode()
    assert run(folder, folder / "in").returncode == 0  # the same files: no question
    assert loaded(folder) == names(folder) and decisions(folder) == ["none"]
    (folder / "new").mkdir()
    (folder / "new" / NEW).write_text(CONFLICT.replace("19号", "20号").replace("00019", "00020"), encoding="utf-8")
    return folder


@pytest.fixture
def scanned(place: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(place, tmp_path / "county"))


def settings(place: Path) -> list[object]:
    return ["--rules", place / "pack", "--parameters", place / "本县口径.yaml"]


def run(place: Path, inputs: Path, *more: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return county.run(inputs, place / "out", *settings(place), *more, **options)


def reviews(place: Path) -> list[dict[str, Any]]:
    shown = county.clue_engine("review", "list", "--all", "--json", "-w", place / "out" / "workspace")
    assert shown.returncode == 0, shown.stderr.decode()
    found: list[dict[str, Any]] = json.loads(shown.stdout)
    return found


def decisions(place: Path) -> list[str]:
    return [item["decision"] for item in reviews(place)]


def loaded(place: Path) -> set[str]:
    record = json.loads((place / "out" / "run.json").read_text("utf-8"))
    return {f["name"] for f in record["inputs"] if f["status"] == "loaded"}


def names(place: Path) -> set[str]:
    return {p.name for p in (place / "in").iterdir()}


def test_one_new_file_does_not_empty_a_workspace(scanned: Path) -> None:
    before = {p: p.read_bytes() for p in (scanned / "out").rglob("*") if p.is_file()}
    result = run(scanned, scanned / "new")
    text = result.stderr.decode()
    assert (result.returncode, result.stdout) == (2, b"") and "CE-U16" in text, text
    assert "4 个文件" in text and all(name in text for name in names(scanned)) and re.search(r"\d+ 条线索", text)
    assert {p: p.read_bytes() for p in (scanned / "out").rglob("*") if p.is_file()} == before
    commands = [shlex.split(said) for said in re.findall(r"：clue-engine (.*)", text)]
    assert [said[-1] for said in commands] == ["--add", "--replace"]
    told = json.loads(run(scanned, scanned / "new", "--json").stdout)
    assert told["error"]["code"] == "CE-U16"
    added = county.clue_engine(*commands[0])
    assert added.returncode == 0, added.stderr.decode()
    assert loaded(scanned) == {*names(scanned), NEW} and "none" in decisions(scanned)
    replaced = county.clue_engine(*commands[1])
    assert replaced.returncode in (0, 3) and loaded(scanned) == {NEW}  # 3: nothing to link with any more


def test_a_decision_outlives_other_inputs(scanned: Path) -> None:
    [item] = reviews(scanned)
    assert run(scanned, scanned / "new", "--replace").returncode in (0, 3)
    assert run(scanned, scanned / "in", "--replace").returncode == 0
    assert [r for r in reviews(scanned) if r["review_key"] == item["review_key"]] == [item]


@pytest.mark.parametrize("case", ["one corrected", "another folder and name", "one more"])
def test_no_question_where_nothing_goes(scanned: Path, case: str) -> None:
    folder = scanned / "in"
    if case == "one corrected":
        path = folder / "刑事案件被害人信息.csv"
        path.write_text(path.read_text("utf-8").replace("8.5", "9.5"), encoding="utf-8")
    elif case == "another folder and name":
        folder = Path(shutil.copytree(folder, scanned / "elsewhere"))
        (folder / "案件查询列表.csv").rename(folder / "案件查询列表 (2).csv")
    elif case == "one more":
        shutil.copy(scanned / "new" / NEW, folder)
    result = run(scanned, folder)
    assert result.returncode == 0, result.stderr.decode()
    assert loaded(scanned) == {p.name for p in folder.iterdir()}
    assert "none" in decisions(scanned)


def test_one_of_two_files_of_one_name(scanned: Path) -> None:
    """Two towns send files of one name: the new version of the one is not a version of the other."""
    other = scanned / "乡二"
    other.mkdir()
    (other / NEW).write_text(CONFLICT.replace("19号", "21号").replace("00019", "00021"), encoding="utf-8")
    both = county.run(scanned / "in", scanned / "out", *settings(scanned), scanned / "new" / NEW, other / NEW)
    assert both.returncode == 0, both.stderr.decode()
    text = run(scanned, scanned / "in", other / NEW).stderr.decode()
    assert "CE-U16" in text and "1 个文件" in text and NEW in text


@pytest.mark.parametrize(("answer", "exit_code"), [("1", 0), ("2", 0), ("是", 2)])
def test_on_a_terminal_it_asks(scanned: Path, answer: str, exit_code: int) -> None:
    command = ["run", scanned / "new", "--as-of", county.AS_OF, "--out", scanned / "out", *settings(scanned)]
    code, said = on_terminal(command, ("其他键取消：",), [answer])
    assert "4 个文件" in said and "1 加在原有文件旁边" in said and "案件查询列表.csv" in said
    assert code == exit_code or (answer == "2" and code == 3), said
    assert loaded(scanned) == {"1": {*names(scanned), NEW}, "2": {NEW}}.get(answer, names(scanned))


def test_one_word_or_the_other(scanned: Path) -> None:
    result = run(scanned, scanned / "in", "--add", "--replace")
    assert result.returncode == 2 and "CE-U01" in result.stderr.decode()
