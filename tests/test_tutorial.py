"""docs/教程.md cannot lie: every console block is run, in order, in an empty folder beside sample_data.

``<!-- file: PATH -->`` before a block: the reader writes this file. ``<!-- edit: PATH -->`` before a diff block: the
reader changes these lines. Lines below a command must come out in this order; … stands for anything.
"""

from __future__ import annotations

import re
import shlex
import shutil
import unicodedata
from pathlib import Path

from test_cli_rules import ROOT, run

from clue_engine.cli.commands import COMMANDS, Family

TUTORIAL = ROOT / "docs" / "教程.md"
_BLOCK = re.compile(r"(?:<!-- (file|edit): (\S+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)
_FAILS = "# 退出码 1"


def test_the_tutorial(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sample_data" / "input", tmp_path / "sample_data" / "input")
    shutil.copy(ROOT / "sample_data" / "parameters.yaml", tmp_path / "sample_data")
    n_commands = 0
    for kind, path, language, text in _BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        if kind == "file":
            (tmp_path / path).write_text(text, encoding="utf-8")
        elif kind == "edit":
            _edit(tmp_path / path, text)
        elif language == "console":
            for one in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, expected = one.partition("\n")
                _execute(tmp_path, command, expected)
                n_commands += 1
    assert n_commands >= 18


def _edit(path: Path, text: str) -> None:
    old = "\n".join(line[1:] for line in text.splitlines() if line.startswith("-"))
    new = "\n".join(line[1:] for line in text.splitlines() if line.startswith("+"))
    before = path.read_text(encoding="utf-8")
    assert before.count(old) == 1, old
    path.write_text(before.replace(old, new), encoding="utf-8")


def _execute(folder: Path, command: str, expected: str) -> None:
    words = shlex.split(command, comments=True)
    assert words[0] == "clue-engine"
    result = run(*words[1:], cwd=folder, COLUMNS="160")
    said = _plain(result.stdout + result.stderr)
    assert result.returncode == (1 if _FAILS in command else 0), f"{command}\n{said}"
    position = 0
    for line in expected.splitlines():
        pattern = ".*".join(re.escape(_plain(piece)) for piece in line.strip().split("…"))
        found = re.compile(pattern).search(said, position)
        assert found, f"{command}\n{line}\n---\n{said}"
        position = found.end()


def _plain(text: str) -> str:
    """Half-width signs: whether a comma is wide is a matter of taste, not of truth."""
    return unicodedata.normalize("NFKC", text)


def test_every_command_of_the_tutorial_exists() -> None:
    named = re.findall(r"clue-engine ([a-z]+)(?: ([a-z]+) )?", TUTORIAL.read_text(encoding="utf-8"))
    for word, below in named:
        entry = COMMANDS[word]
        assert not isinstance(entry, Family) or below in entry.commands or below == "try"  # built elsewhere
