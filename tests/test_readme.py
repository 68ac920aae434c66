"""The READMEs cannot lie: each console block is run, in order, in a newcomer's folder; both languages say the same."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.document_blocks import ROOT, blocks, run_block


def test_every_console_block_is_what_the_command_prints(sample: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sample.parent, tmp_path / "newcomer"))  # the first command has run
    told = (folder / "told.txt").read_text(encoding="utf-8")
    twins = [blocks((ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "README.zh-CN.md")]
    assert twins[0]
    for nth, (one, other) in enumerate(zip(*twins, strict=True)):  # the same command, as below: run once
        printed = run_block(one, folder) if nth else told
        for block in (one, other):
            assert block.shown(printed) == block.output, block.command


def test_the_twins_run_the_same_commands() -> None:
    one, other = (
        [b.command for b in blocks((ROOT / name).read_text(encoding="utf-8"))]
        for name in ("README.md", "README.zh-CN.md")
    )
    assert one == other


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / target).exists(), target
