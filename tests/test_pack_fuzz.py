"""Whatever an author does to a pack file, loading and checking give findings, never an exception."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clue_engine.pack.load import read_pack
from clue_engine.pack.render import render_all

SMALL = Path(__file__).parent / "pack" / "small"
FILES = sorted(path.relative_to(SMALL).as_posix() for path in SMALL.rglob("*.yaml"))
PIECES = st.sampled_from(
    ["[", "]", "{", "}", ": ", ":", "\n", "- ", "'", '"', "\uff1a", "\uff0c", "\t", "甲", "0", "", "[]", "{}", "|"]
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path_factory.mktemp("fuzz") / "rules"))


@given(st.sampled_from(FILES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_edited_pack_never_raises(folder: Path, name: str, edits: list[tuple[float, int, str]]) -> None:
    original = (SMALL / name).read_text(encoding="utf-8")
    text = original
    for where, cut, piece in edits:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + cut :]
    try:
        (folder / name).write_text(text, encoding="utf-8")
        pack, found = read_pack(folder)
        render_all(found)
        assert len(pack.hash) == 64
    finally:
        (folder / name).write_text(original, encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content", ["甲", "[]", "{}", "[甲]", "甲: 乙", "甲: [乙]", "甲: {乙: 丙}", "甲:\n  乙: {丙: [丁]}", "甲:"]
)
def test_any_shape_of_a_file(name: str, content: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    (folder / name).write_text(content, encoding="utf-8")
    _, found = read_pack(folder)
    if content not in ("{}", "[]") and "options" not in content:
        assert any(d.level == "error" and d.mark.file.endswith(name) for d in found) or name.startswith("lists/")
