"""Manners at the shell: -h, quiet and verbose, completion, a pager that is closed early, pipes in place of files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import tiny_county as county

from clue_engine.cli.app import main
from clue_engine.cli.commands import COMMANDS, Entry
from clue_engine.cli.endings import patient
from clue_engine.cli.screen import table, talk, wrap


def typed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(words)
    out, err = capsys.readouterr()
    return int(left.value.code or 0), out, err


@pytest.mark.parametrize("words", [(), ("clues",), ("rules", "list"), ("feedback", "import")])
def test_help_by_h(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out, _ = typed(capsys, *words, "-h")
    assert code == 0 and "用法：" in out and typed(capsys, *words, "--help")[1] == out


def test_help_promises_what_there_is() -> None:
    """Every command that the table names is there and its help says what it does."""
    entries = [e for one in COMMANDS.values() for e in ([one] if isinstance(one, Entry) else one.commands.values())]
    for entry in entries:
        module = __import__(f"clue_engine.cli.{entry.module}", fromlist=["_"])
        assert getattr(module, entry.function).__doc__, entry


def test_quiet_and_verbose_are_of_every_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = typed(capsys, "rules", "list", "-q")
    assert (code, err, talk.quiet) == (0, "", True) and out
    assert typed(capsys, "clues", "-w", str(tmp_path), "--quiet")[2].startswith("错误 CE-S30")  # errors are told
    typed(capsys, "rules", "list", "-v")
    assert (talk.quiet, talk.verbose) == (False, True)
    typed(capsys, "rules", "list")
    assert (talk.quiet, talk.verbose) == (False, False)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("clue-engine feed", "feedback"), ("clue-engine rules ne", "near-miss\nnew"),
        ("clue-engine clues --over", "--overdue"), ("clue-engine nothing --", ""),
    ],
)  # fmt: skip
def test_completion(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: str, found: str) -> None:
    monkeypatch.setenv("_CLUE_ENGINE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split()) - 1))
    code, out, _ = typed(capsys)
    assert code == 0 and out.strip().startswith(found)


def test_what_a_shell_shows_beside_a_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line of the table of commands, whole: of some zsh showed three dots, of --help English."""
    monkeypatch.setenv("_CLUE_ENGINE_COMPLETE", "complete_zsh")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "clue-engine ")
    code, out, _ = typed(capsys)
    assert code == 0 and all(f'"{name}":"{entry.line}"' in out for name, entry in COMMANDS.items())
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "clue-engine overdue --h")
    assert '"--help":"显示这份说明"' in typed(capsys)[1]


def test_the_script_for_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = typed(capsys, "completion", "zsh")
    assert code == 0 and "#compdef clue-engine" in out and "_CLUE_ENGINE_COMPLETE=complete_zsh" in out
    assert typed(capsys, "completion", "basch")[0] == 2


def test_a_pager_that_is_closed_changes_nothing() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as pipe:
        stream = patient(pipe)
        print("线索" * 100_000, file=stream, flush=True)  # would raise BrokenPipeError
        print("再来一行", file=stream, flush=True)
        assert stream.fileno() == pipe.fileno() and not stream.isatty() and stream is not pipe
    assert patient(sys.stdout) is sys.stdout or hasattr(sys.stdout, "buffer")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize(
    "words",
    [
        ("run", "{pipe}"), ("run", "{folder}", "--parameters", "{pipe}"), ("compare", "{folder}", "{pipe}"),
        ("feedback", "import", "{pipe}"), ("sources", "detect", "{pipe}"), ("rules", "list", "--rules", "{pipe}"),
    ],
)  # fmt: skip
def test_a_pipe_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, words: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, _, err = typed(capsys, *(word.format(pipe=tmp_path / "pipe", folder=tmp_path) for word in words))
    assert code == 2 and "CE-F11" in err and "管道" in err


def test_plain_ascii_consoles() -> None:
    done = county.clue_engine("rules", "explain", "CE-F11", env={"LC_ALL": "C", "PYTHONIOENCODING": ""})
    assert done.returncode == 0 and done.stdout and b"Traceback" not in done.stderr


@pytest.mark.parametrize("columns", range(26, 60, 3))
def test_a_line_never_breaks_inside_a_path_a_number_or_a_date(columns: int) -> None:
    text = "清单在 线索/七月清单/workspace，编号 JU-1E6B9160。下一步：clue-engine show 线索编号 -w 线索/工作区"
    told = "\n".join(wrap(text, columns))
    assert all(word in told for word in ("线索/七月清单/workspace，", "JU-1E6B9160", "-w", "线索/工作区"))
    lines = table(("日期", "线索编号", "说明"), [("2027-06-28", "JU-1E6B9160", "说明" * 40)], columns)
    assert "2027-06-28" in "".join(lines) and "JU-1E6B9160" in "".join(lines)
