"""Console blocks of a document: found, run in a folder of their own, compared with what stands in the document.

A block is one command: ``$ command`` and its standard output. A comment ``<!-- show: head=3 tail=5 -->`` before it says
which lines are shown; the gap is a line "…". ``python -m tests.document_blocks FILE…`` writes the present output.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import clue_engine
from tests.called import called

ROOT = Path(__file__).parent.parent
PROGRAM = Path(clue_engine.__file__).parent.parent
_BLOCK = re.compile(r"(?:<!-- show: (?P<show>[^\n]*?) -->\n)?```console\n(?P<body>.*?)```", re.S)
GAP = "…"


@dataclass(frozen=True)
class Block:
    command: str
    output: str
    head: int | None
    tail: int
    start: int
    end: int

    def shown(self, full: str) -> str:
        lines = [line.rstrip() for line in full.splitlines()]
        if self.head is None or len(lines) <= self.head + self.tail:
            return "\n".join(lines)
        tail = lines[len(lines) - self.tail :] if self.tail else []
        return "\n".join([*lines[: self.head], GAP, *tail])


def blocks(text: str) -> list[Block]:
    found = []
    for match in _BLOCK.finditer(text):
        first, _, rest = match["body"].partition("\n")
        if not first.startswith("$ "):
            raise ValueError(f"a console block starts with '$ ': {first!r}")
        show = dict(part.split("=") for part in (match["show"] or "").split())
        head = int(show["head"]) if "head" in show else (0 if show else None)
        tail = int(show.get("tail", 0))
        found.append(Block(first[2:], rest.rstrip("\n"), head, tail, match.start("body"), match.end("body")))
    return found


def run_block(block: Block, folder: Path) -> str:
    """Standard output of the command, as it would look on a terminal of 80 columns; without a shell where none is
    needed, which is a start of Python less."""
    words = shlex.split(block.command)
    if words[0] == "clue-engine" and not re.search("[|>$;&]", block.command):
        own = {"COLUMNS": "80", "CLUE_SITE_KEY_FILE": str(ROOT / "tests" / "site.key")}
        return called(*words[1:], env=own, cwd=folder).stdout.decode()
    environment = {
        **os.environ,
        "COLUMNS": "80",
        "PYTHONPATH": str(PROGRAM),
        "PYTHONIOENCODING": "utf-8",
        "CLUE_SITE_KEY_FILE": str(ROOT / "tests" / "site.key"),  # the numbers that stand in the document
        "PATH": f"{folder / '.bin'}:{os.environ['PATH']}",
    }
    done = subprocess.run(
        ["bash", "-c", block.command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout


def prepare(folder: Path) -> None:
    """A newcomer's folder: the sample data and the command, nothing else."""
    shutil.copytree(ROOT / "sample_data", folder / "sample_data", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / ".bin").mkdir()
    command = folder / ".bin" / "clue-engine"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m clue_engine "$@"\n')
    command.chmod(0o755)


def rewrite(path: Path) -> None:
    """Put the present output into every block of a document."""
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        parts, at = [], 0
        for block in blocks(text):
            parts += [text[at : block.start], f"$ {block.command}\n{block.shown(run_block(block, folder))}\n"]
            at = block.end
    path.write_text("".join([*parts, text[at:]]), encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        rewrite(Path(argument))
