"""Wrong files, wrong arguments and odd terminals: one Chinese message with code and next step, the right exit code."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny_county as county

NUMBER = re.compile(r"\d{17}[\dXx]")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_copy: Callable[[Path], Path]) -> Path:
    return tiny_copy(tmp_path_factory.mktemp("county") / "tiny")


def settings(place: Path) -> list[object]:
    return ["--rules", place / "pack", "--parameters", place / "本县口径.yaml"]


def empty(folder: Path) -> list[object]:
    folder.mkdir()
    return [folder]


def picture(folder: Path) -> list[object]:
    county.write(folder)
    (folder / "照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    return [folder]


def cut_workbook(folder: Path) -> list[object]:
    county.write(folder)
    with zipfile.ZipFile(folder / "名单.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>" * 500)
    data = (folder / "名单.xlsx").read_bytes()
    (folder / "名单.xlsx").write_bytes(data[: len(data) // 2])
    return [folder]


def nowhere(folder: Path) -> list[object]:
    return [folder]


def wrong_day(folder: Path) -> list[object]:
    return [county.write(folder), "--as-of", "去年年底"]


@pytest.mark.parametrize(
    ("make", "code", "exit_code"),
    [
        (empty, "CE-U12", 2), (nowhere, "CE-U11", 2), (picture, "CE-F12", 3), (cut_workbook, "CE-F01", 3),
        (wrong_day, "CE-U02", 2),
    ],
)  # fmt: skip
def test_bad_input(
    place: Path, tmp_path: Path, make: Callable[[Path], list[object]], code: str, exit_code: int
) -> None:
    arguments = make(tmp_path / "in")
    if "--as-of" not in arguments:
        arguments += ["--as-of", county.AS_OF]
    result = county.clue_engine("run", *arguments, "--out", tmp_path / "out", *settings(place))
    text = result.stderr.decode()
    assert result.returncode == exit_code, text
    assert text.count("CE-") == 1 and f"{code}" in text and "下一步" in text, text
    assert "Traceback" not in text and not NUMBER.search(text + result.stdout.decode())
    if exit_code == 3:  # the other files were listed
        assert county.lists(tmp_path / "out") == county.lists(place / "done") | {
            name: data for name, data in county.lists(tmp_path / "out").items() if name == "rejects.csv"
        }


def test_rule_with_an_unknown_field(place: Path, tmp_path: Path) -> None:
    pack = Path(shutil.copytree(place / "pack", tmp_path / "pack"))
    rule = next((pack / "judicial").glob("J02*"))
    rule.write_text(rule.read_text("utf-8").replace("伤情 in @重伤", "伤惰 in @重伤"), encoding="utf-8")
    result = county.clue_engine("rules", "check", "--rules", pack)
    said = (result.stdout + result.stderr).decode()
    assert result.returncode == 1 and "伤惰" in said and "伤情" in said and re.search(r"J02\S*\.yaml:\d+:\d+", said)
    ran = county.run(place / "in", tmp_path / "out", "--rules", pack, "--parameters", place / "本县口径.yaml")
    assert ran.returncode in (1, 3) and "Traceback" not in ran.stderr.decode()
    assert "J02" in ran.stderr.decode() + ran.stdout.decode()


def test_parameter_missing_for_the_county(place: Path, tmp_path: Path) -> None:
    result = county.run(place / "in", tmp_path / "out", "--rules", place / "pack")
    assert result.returncode == 0
    assert "参数“监测范围”在扫描日没有取值" in result.stdout.decode()


# -- terminals and surroundings ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "env",
    [
        {
            "LC_ALL": "C",
            "LANG": "C",
            "PYTHONIOENCODING": "ascii",
            "TERM": "dumb",
            "NO_COLOR": "1",
            "FORCE_COLOR": "1",
            "TZ": "America/Los_Angeles",
            "PYTHONHASHSEED": "7",
        },
        {"LC_ALL": "zh_CN.GBK", "PYTHONIOENCODING": "gbk", "TZ": "Asia/Shanghai", "COLUMNS": "20"},
    ],
)
def test_surroundings_change_nothing(place: Path, tmp_path: Path, env: dict[str, str]) -> None:
    clean = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "USERPROFILE"), "")
    result = county.run(place / "in", tmp_path / "out", *settings(place), env={**clean, **env})
    assert result.returncode == 0, result.stderr
    assert county.lists(tmp_path / "out") == county.lists(place / "done")
    workspace = place / "done" / "workspace"
    for arguments in (["clues"], ["review", "list"]):  # what a console shows
        shown = county.clue_engine(*arguments, "-w", workspace, *(["--rules", place / "pack"] * ("clues" in arguments)),
                                   env={**clean, **env})  # fmt: skip
        assert shown.returncode == 0, (arguments, shown.stderr)
        text = shown.stdout.decode(env["PYTHONIOENCODING"])
        assert "\x1b" not in text and not NUMBER.search(text)
        if arguments == ["clues"]:
            # the rare character of the name, or what stands for it
            assert ("𠮷" in text.replace("\n", "")) or "\\U00020bb7" in "".join(text.split())


def test_a_run_is_not_silent_about_a_wrong_source(place: Path, tmp_path: Path) -> None:
    """受害人员 is no role: whose list it is, nobody is a victim, and an emptied list must not look like a good one."""
    rules = Path(shutil.copytree(place / "pack", tmp_path / "rules"))
    source = rules / "sources" / "victim_list.yaml"
    text = source.read_text(encoding="utf-8")
    assert "{victim.role: 被害人}" in text
    source.write_text(text.replace("{victim.role: 被害人}", "{victim.role: 受害人员}"), encoding="utf-8")
    result = county.run(place / "in", tmp_path / "out", "--rules", rules, "--parameters", place / "本县口径.yaml")
    said = result.stderr.decode()
    assert result.returncode == 3, said
    assert "CE034" in said and "没有取值“受害人员”" in said and "是否想写 被害人？" in said


def test_a_scan_is_looked_at_with_the_parameters_it_was_made_with(place: Path, tmp_path: Path) -> None:
    workspace, pack = tmp_path / "workspace", ["--rules", place / "pack"]
    shutil.copytree(place / "done" / "workspace", workspace)
    kept, given = workspace / "parameters.yaml", (place / "本县口径.yaml").read_bytes()
    assert kept.read_bytes() == given and kept.stat().st_mode & 0o077 == 0
    again = tmp_path / "again"
    assert county.clue_engine("export", "-w", workspace, "--out", again, *pack).returncode == 0
    assert county.lists(again, ("*.csv", "*.json")) == county.lists(place / "done", ("*.csv", "*.json"))
    clue = next(c for c in json.loads((again / "clues.json").read_text("utf-8"))["clues"] if not c["restricted"])
    for command in (("show", clue["clue_id"]), ("why-not", clue["clue_id"], "J02"), ("rules", "near-miss", "J02")):
        looked = county.clue_engine(*command, "-w", workspace, *pack)
        assert looked.returncode == 0 and "上次扫描之后" not in looked.stderr.decode(), command
    # a threshold that only the county can give
    assert b"CE803" in county.clue_engine("rules", "check", *pack).stdout
    assert b"CE803" not in county.clue_engine("rules", "check", "-w", workspace, *pack).stdout
    other = tmp_path / "other.yaml"
    other.write_bytes(given + b"\n# another copy\n")
    assert county.clue_engine("scan", "-w", workspace, *pack, "--parameters", other).returncode == 0
    assert kept.read_bytes() == other.read_bytes()
    assert county.clue_engine("scan", "-w", workspace, *pack).returncode == 0
    assert not kept.exists()
