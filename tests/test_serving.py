"""Who serves a sentence in the community is not in custody: such a list is no list of prisoners."""

from __future__ import annotations

from pathlib import Path

import pytest

from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")


@pytest.mark.parametrize(
    ("name", "heading", "source"),
    [
        ("服刑人员名单.csv", "服刑人员", "serving_list"),
        ("社区矫正对象名册.csv", "服刑人员", None),
        ("名册.csv", "社区矫正对象", "correction_list"),  # of people who are at home
        ("社区服刑人员名单.csv", "服刑人员姓名", None),
    ],
)
def test_only_who_is_in_custody(tmp_path: Path, name: str, heading: str, source: str | None) -> None:
    path = tmp_path / name
    path.write_text(f"{heading},身份证号,罪名,刑期\n甲某,529921199001010078,盗窃罪,有期徒刑二年\n", encoding="utf-8")
    with Workspace.open(tmp_path / "ws") as ws:
        (file,) = ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records).files
    assert file.source_id == source
