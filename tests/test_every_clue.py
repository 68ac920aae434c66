"""Every clue of the sample county can be shown, and every rule be asked about: no fact is of a kind that stops it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clue_engine.enquiry.clues import list_clues
from clue_engine.enquiry.run import scan_date
from clue_engine.enquiry.show import show, view_of
from clue_engine.enquiry.tree import explained, explainer
from clue_engine.enquiry.why_not import why_not
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace

SAMPLE = Path(__file__).parent.parent / "sample_data"


@pytest.fixture(scope="module")
def scanned(
    tmp_path_factory: pytest.TempPathFactory, sample_copy: Callable[[Path], Path]
) -> Iterator[tuple[Workspace, Pack]]:
    out = sample_copy(tmp_path_factory.mktemp("sample") / "out")
    with Workspace.open(out / "workspace", create=False) as ws:
        yield ws, load_pack(None, SAMPLE / "parameters.yaml")


def test_every_clue_is_shown(scanned: tuple[Workspace, Pack]) -> None:
    ws, pack = scanned
    rows = list_clues(ws, pack)
    assert len(rows) > 50
    # each rule in each state once is enough: of lines that add none, none is shown
    chosen, told = [], set[tuple[str, str, bool, str]]()
    for row in sorted(rows, key=lambda r: len(str(r.details.get("rules"))), reverse=True):
        rules = re.findall("[A-Z][0-9]{2}", str(row.details.get("rules"))) or [""]
        states = {(row.direction, row.status, row.restricted, rule) for rule in rules}
        if not states <= told:
            told |= states
            chosen.append(row)
    assert len(told) > 40
    asked = ws.rows(
        "select household_id, rule_id from clue join clue_rule using (clue_id) where list_contains(?, clue_id)",
        [[row.clue_id for row in chosen if not row.restricted]],
    )
    explain = explained(ws, pack, scan_date(ws), asked, full=True)
    for row in chosen:
        if not row.restricted:
            view = view_of(ws, pack, row, explain)
            assert view.rules and view.sources
    for row in (chosen[0], next(row for row in chosen if row.restricted)):  # as the command asks, one by one
        found = show(ws, pack, row.clue_id, explain=explainer(ws, pack, scan_date(ws), full=True))
        assert found.row.clue_id == row.clue_id and bool(found.rules) is not row.restricted


def test_every_rule_can_be_asked_about(scanned: tuple[Workspace, Pack]) -> None:
    ws, pack = scanned
    day = scan_date(ws)
    rows = list_clues(ws, pack)
    open_one = next(r.clue_id for r in rows if not why_not(ws, pack, day, r.clue_id, pack.rules[0].id).restricted)
    for rule in pack.rules:
        assert why_not(ws, pack, day, open_one, rule.id).rule_id == rule.id
    restricted = next(r.clue_id for r in rows if r.restricted)  # stops before the tree: the rules all go one way
    for rule in pack.rules[::8]:
        assert why_not(ws, pack, day, restricted, rule.id).restricted
