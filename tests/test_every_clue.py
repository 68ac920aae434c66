"""Every clue of the sample county can be shown, and every rule be asked about: no fact is of a kind that stops it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_county import clue_engine

from clue_engine.enquiry.clues import list_clues
from clue_engine.enquiry.run import scan_date
from clue_engine.enquiry.show import show
from clue_engine.enquiry.tree import explainer
from clue_engine.enquiry.why_not import why_not
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

SAMPLE = Path(__file__).parent.parent / "sample_data"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Pack]]:
    out = tmp_path_factory.mktemp("sample")
    assert clue_engine("run", SAMPLE / "input", "--as-of", "2026-06-30", "--out", out).returncode == 0
    with Workspace.open(out / "workspace", create=False) as ws:
        yield ws, load_pack()


def test_every_clue_is_shown(scanned: tuple[Workspace, Pack]) -> None:
    ws, pack = scanned
    explain = explainer(ws, pack, scan_date(ws), full=True)
    rows = list_clues(ws, pack)
    assert len(rows) > 50
    # of lines that the same rules list in the same state one is enough
    one_each = {(r.direction, r.status, r.restricted, str(r.details.get("rules"))): r for r in rows}
    one_each = {(d, s, k, tuple(re.findall("[A-Z][0-9]{2}", rules))): r for (d, s, k, rules), r in one_each.items()}
    assert len(one_each) > 20
    for row in one_each.values():
        assert show(ws, pack, row.clue_id, explain=explain).row.clue_id == row.clue_id


def test_every_rule_can_be_asked_about(scanned: tuple[Workspace, Pack]) -> None:
    ws, pack = scanned
    day = scan_date(ws)
    rows = list_clues(ws, pack)
    open_one = next(r.clue_id for r in rows if not why_not(ws, pack, day, r.clue_id, pack.rules[0].id).restricted)
    for clue_id in (open_one, next(r.clue_id for r in rows if r.restricted)):
        for rule in pack.rules:
            assert why_not(ws, pack, day, clue_id, rule.id).rule_id == rule.id
