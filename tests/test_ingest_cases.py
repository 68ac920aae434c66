"""Every file of tests/ingest: a small export as text, and what must come of it. A new case needs no Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import Layouts, load_layouts
from clue_engine.workspace import Workspace

CASES = sorted((Path(__file__).parent / "ingest").glob("*.yaml"))
RULES = Path(__file__).parent.parent / "rules"


@pytest.fixture(scope="module")
def layouts() -> Layouts:
    found = load_layouts(RULES)
    assert found.diagnostics == []
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_case(case: Path, encoding: str, layouts: Layouts, tmp_path: Path) -> None:
    spec: dict[str, Any] = yaml.safe_load(case.read_text(encoding="utf-8"))
    expect = spec["expect"]
    (tmp_path / spec["name"]).write_text(spec["content"], encoding=encoding)
    with Workspace.open(tmp_path / "ws") as ws:
        report = ingest(ws, layouts.sources, [tmp_path / spec["name"]])
        clean(ws, layouts)
        assert report.errors == []
        (entry,) = report.files
        assert (entry.status, entry.source_id) == ("loaded", expect["source"])
        assert [entry.n_read, entry.n_loaded, entry.n_rejected] == expect["counts"]
        assert str(entry.snapshot_date or "") == expect.get("snapshot", "")
        if "rejects" in expect:
            assert [list(r) for r in ws.rows("select row_no, code from reject order by 1")] == expect["rejects"]
        for kind, rows in expect["records"].items():
            found = ws.dicts(f"select * from rec_{kind} order by file_id, row_no, part_no")
            assert len(found) == len(rows)
            for row, wanted in zip(found, rows, strict=True):
                assert {k: _plain(row[k]) for k in wanted} == wanted
        if "issues" in expect:
            counted = dict(ws.rows("select code, count(*) from issue where code <> 'COLUMN_UNKNOWN' group by all"))
            assert counted == expect["issues"]


def _plain(value: object) -> object:
    return str(value) if hasattr(value, "isoformat") else value
