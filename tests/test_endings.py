"""How commands end: exit codes, and what an error of the program itself leaves behind."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from clue_engine import bug_log, errors
from tests.called import ended

NUMBER = "11010119900307123X"


def fail(*_: object) -> None:
    """An error whose texts hold what data may hold, twice: as cause and as effect."""
    try:
        raise KeyError(f"{NUMBER} 白石𠮷·买买提")
    except KeyError as cause:
        raise RuntimeError(f"row of 童小荷, 荷塘村, born 2015-03-01, phone 13900000002, {NUMBER}") from cause


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clue_engine.pack.load.read_pack", fail)
    monkeypatch.setattr("clue_engine.pack.load.load_pack", fail)


def clean(text: str) -> bool:
    """Nothing of a person: no Chinese in what the errors say, no long number anywhere."""
    said = [line for line in text.splitlines() if line.startswith(("KeyError", "RuntimeError"))]
    return not re.search(r"\d{4}", "".join(said)) and not re.search(r"[\u4e00-\u9fff𠮷]", "".join(said))


def test_a_bug_is_one_message_and_kept_in_the_workspace(
    broken: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUE_WORKSPACE", str(tmp_path))
    code, out, err = ended("rules", "list")
    assert (code, out) == (errors.EXIT_BUG, "")
    assert err.count("CE-P00") == 1 and "下一步" in err and "Traceback" not in err and clean(err)
    log = (tmp_path / bug_log.LOG).read_text(encoding="utf-8")
    assert "KeyError" in log and "RuntimeError: row of □, □, born *, phone *, *" in log and clean(log)
    assert "in fail" in log  # where it happened
    assert (tmp_path / bug_log.LOG).stat().st_mode & 0o077 == 0


def test_the_log_goes_where_the_workspace_is(broken: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out" / "workspace").mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # the project's folder has a workspace once the README's first command has run
    for arguments in (["-w", tmp_path / "out" / "workspace"], ["--out", tmp_path / "out"], [f"-o={tmp_path}"]):
        _, _, err = ended("run", tmp_path, *arguments)
        [log] = re.findall(r"经过已记入 (.*?)，", "".join(err.split("\n")))
        assert Path(log).is_file() and clean(Path(log).read_text(encoding="utf-8"))
        assert Path(log).stat().st_mode & 0o077 == 0
    assert Path(log).parent == tmp_path  # without a workspace: a file of its own


def test_a_bug_with_json_and_debug(broken: None, tmp_path: Path) -> None:
    code, out, err = ended("rules", "list", "--json", "--debug")
    assert code == errors.EXIT_BUG
    assert json.loads(out)["error"]["code"] == "CE-P00"
    assert "in fail" in err and clean(err)


def test_no_exit_code_means_two_things() -> None:
    codes = {name: value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert sorted(codes.values()) == [0, 1, 2, 3, 4, 5, 70, 130, 143]
