"""The command line as a user meets it: help, usage errors, rules and fields, exit codes, odd consoles."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

import clue_engine
from tests.called import called

SMALL = Path(__file__).parent / "pack" / "small"
ROOT = Path(__file__).parent.parent
PROGRAM = Path(clue_engine.__file__).parent.parent  # the checkout, or where the wheel is installed


def run(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """clue-engine, output as text."""
    done = called(*args, cwd=cwd, env={"COLUMNS": "80", **env})
    out, err = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_help_is_chinese_and_leads_with_examples() -> None:
    result = run("--help")
    assert result.returncode == 0
    assert result.stderr == ""
    assert result.stdout.index("例：") < result.stdout.index("用法：") < result.stdout.index("命令：")
    assert not re.search(r"Usage|Options|Commands|Show this message", result.stdout)
    assert run().stdout == result.stdout


@pytest.mark.parametrize("command", [("rules",), ("rules", "check"), ("rules", "show"), ("fields",)])
def test_help_of_commands(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.returncode == 0
    assert "用法：clue-engine " + " ".join(command) in result.stdout
    assert not re.search(r"Usage|Options|Show this|default:|TEXT|required", result.stdout)
    assert max(columns(line) for line in result.stdout.splitlines()) <= 80


@pytest.mark.parametrize("arguments", [(), ("--help",)], ids=" ".join)
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    """What makes it start at once; how fast that is on a machine, the benchmark says."""
    code = (
        "import sys; from clue_engine.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "own = ('clue_engine.pack', 'clue_engine.workspace', 'clue_engine.pipeline', 'clue_engine.enquiry')\n"
        "heavy = 'duckdb pandas pyarrow pydantic yaml openpyxl xlsxwriter fastexcel rich typing_extensions'.split()\n"
        "print([m for m in sys.modules if m in heavy or m.startswith(own)])"
    )
    settings = {**os.environ, "PYTHONPATH": str(PROGRAM), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", code, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=settings, check=True)
    assert "用法：" in result.stdout and result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("rule",), "没有“rule”这个命令"),
        (("rules", "chekc"), "是否想写 check"),
        (("--halp",), "没有 --halp 这个选项"),
        (("rules", "check", "--rule", "x"), "--rules"),
        (("rules", "check", "--rules"), "--rules 后面要写一个值"),
        (("rules", "show"), "缺少参数 编号"),
        (("rules", "show", "J01", "J02"), "多余的参数"),
        (("rules", "check", "--format", "xml"), "text、json"),
        (("rules", "list", "--rules", "没有这个目录"), "CE015"),
    ],
)
def test_usage_errors(args: tuple[str, ...], words: str) -> None:
    result = run(*args)
    assert result.returncode == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert "CE" in result.stderr and "下一步：" in result.stderr
    assert "Error" not in result.stderr and "Traceback" not in result.stderr


def test_errors_are_json_too() -> None:
    result = run("rules", "show", "J99", "--json", "--rules", str(SMALL))
    assert json.loads(result.stdout)["error"]["code"] == "CE-U04"


def test_rules_list() -> None:
    result = run("rules", "list", "--rules", str(SMALL))
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["编号", "名称", "方向", "状态", "版本", "分值或处理"]
    assert lines[2].split() == ["J01", "重伤被害人", "司法救助线索", "启用", "1", "损害后果", "30"]
    assert lines[3].split() == ["X01", "互殴", "全部", "启用", "1", "搁置"]
    assert len({columns(line) for line in lines}) == 1
    assert "\x1b" not in result.stdout
    assert [r["id"] for r in json.loads(run("rules", "list", "--json", "--rules", str(SMALL)).stdout)] == ["J01", "X01"]


def test_rules_show() -> None:
    shown = run("rules", "show", "j01", "--rules", str(SMALL)).stdout
    assert "any 涉案 (受害 and 伤情 in @重伤)" in shown
    assert "国家司法救助工作细则第七条" in shown


def test_rules_show_sql() -> None:
    shown = run("rules", "show", "J01", "--sql", "--as-of", "2025-06-30", "--rules", str(SMALL)).stdout
    assert """(r."harm" in ('重伤一级', '重伤二级'))""" in shown
    assert run("rules", "show", "J01", "--sql", "--as-of", "2025-02-30", "--rules", str(SMALL)).returncode == 2


def test_rules_check_points_at_the_characters(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    rule = folder / "judicial" / "J01_重伤.yaml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("伤情 in @重伤", "伤情 = '重伤3级'"), encoding="utf-8")
    result = run("rules", "check", "--rules", "rules", cwd=tmp_path)
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    head = next(i for i, line in enumerate(lines) if "重伤3级" in line and line.startswith("CE"))
    place = re.search(r"rules/judicial/J01_重伤\.yaml:6:(\d+)", lines[head])
    assert place
    caret = lines[head + 2]
    source = lines[head + 1]
    under = source[: source.index("'重伤3级'")]
    assert columns(under) == len(caret) - len(caret.lstrip())
    assert "重伤二级" in "".join(lines[head : head + 5])


def test_rules_check_json_and_exit_code(tmp_path: Path) -> None:
    good = run("rules", "check", "--json", "--rules", str(SMALL))
    assert good.returncode == 0
    assert json.loads(good.stdout)["errors"] == 0
    folder = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    (folder / "judicial" / "J02_坏.yaml").write_text("条件\uff1a甲", encoding="utf-8")
    bad = run("rules", "check", "--format", "json", "--rules", str(folder))
    assert bad.returncode == 1
    found = json.loads(bad.stdout)["diagnostics"][0]
    assert (found["code"], found["line"], found["column"]) == ("CE003", 1, 3)


def test_own_pack_has_no_errors() -> None:
    result = run("rules", "check", cwd=ROOT)
    assert result.returncode == 0, result.stdout


def test_rules_test(tmp_path: Path) -> None:
    good = run("rules", "test", "--rules", str(SMALL))
    assert (good.returncode, good.stderr.split()[0]) == (0, "1"), good.stdout + good.stderr
    folder = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    rule = folder / "judicial" / "J01_重伤.yaml"
    rule.write_text(rule.read_text(encoding="utf-8").replace("expect: hit", "expect: no_hit"), encoding="utf-8")
    bad = run("rules", "test", "--rules", str(folder))
    assert bad.returncode == 1
    assert "J01 重伤" in bad.stdout


def test_fields() -> None:
    result = run("fields", "伤情等级", "--rules", str(SMALL))
    assert "从重到轻：死亡、重伤一级" in result.stdout
    assert run("fields", "没有的词啊", "--rules", str(SMALL)).returncode == 2
    values = json.loads(run("fields", "--json", "--rules", str(SMALL)).stdout)
    assert {v["relation"] for v in values if v["kind"] == "field"} == {"户", "涉案"}


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp936"])
def test_odd_consoles(encoding: str) -> None:
    settings = {**os.environ, "PYTHONPATH": str(PROGRAM), "PYTHONIOENCODING": encoding, "LC_ALL": "C", "TERM": "dumb"}
    command = [sys.executable, "-m", "clue_engine", "fields", "--rules", str(SMALL)]
    result = subprocess.run(command, capture_output=True, env=settings, check=False)
    assert result.returncode == 0
    assert b"Traceback" not in result.stderr


def test_closed_pipe_is_silent() -> None:
    command = f"'{sys.executable}' -m clue_engine fields | head -1"
    settings = {**os.environ, "PYTHONPATH": str(PROGRAM)}
    result = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, env=settings, check=False)
    assert result.returncode == 0
    assert b"Traceback" not in result.stderr and b"Broken" not in result.stderr


def test_narrow_terminal() -> None:
    assert run("fields", "--rules", str(SMALL), COLUMNS="20").returncode == 0


def commands() -> list[tuple[str, ...]]:
    from clue_engine.cli.commands import COMMANDS, Family

    found: list[tuple[str, ...]] = []
    for name, entry in COMMANDS.items():
        found += [(name, sub) for sub in entry.commands] if isinstance(entry, Family) else [(name,)]
    return found


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_has_chinese_help(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.returncode == 0, result.stderr
    assert "用法：" in result.stdout
    assert not re.search(r"Usage|Options|Show this|default:|\bTEXT\b|\bPATH\b|required", result.stdout), result.stdout
