"""sources accept: a person says what a doubtful column is; it holds for tables of exactly these headings."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from clue_engine.cli.app import main
from clue_engine.ingest.load import ingest
from clue_engine.pack.load import default_root, load_pack
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace
from tests.heading_tables import IDS, NAMES, N

COLUMNS = {
    "户号": [f"529921100200{i // 2:04d}" for i in range(N)], "姓名": NAMES, "身份证号": IDS,
    "与户主关系": ["户主", "配偶"] * (N // 2), "全年人均收入（元）": [f"{6000 + 100 * (i // 2)}" for i in range(N)],
}  # fmt: skip


def write(path: Path, columns: dict[str, list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([list(columns), *zip(*columns.values(), strict=True)])
    return path


def fed(folder: Path, pack: Path, path: Path) -> dict[str, tuple[str | None, str | None]]:
    layouts = load_layouts(pack)
    assert layouts.diagnostics == []
    with Workspace.open(folder / f"ws_{path.stem}") as ws:
        ingest(ws, layouts.sources, [path], records=layouts.records)
        return {h: (f, g) for h, f, g in ws.rows("select header, field, grade from raw_column")}


def accept(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["sources", "accept", *words])
    return int(left.value.code or 0)


def test_an_accepted_column_is_used_in_tables_of_these_headings_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "住户底册.csv", COLUMNS)
    assert accept(str(path), "全年人均收入=人均纯收入") == 0
    said = capsys.readouterr().out
    assert "已复制一份到 规则" in said and "16 格有内容，100% 相合" in said
    kept = (tmp_path / "规则" / "vocabulary" / "accepted.yaml").read_text("utf-8")
    assert not any(cell in kept for cell in (*NAMES, *IDS, *COLUMNS["户号"]))
    assert fed(tmp_path, tmp_path / "规则", path)["全年人均收入（元）"] == ("registry.income_pc", "accepted")
    assert load_pack(tmp_path / "规则").hash != load_pack().hash  # what was accepted is part of what a run rests on
    other = write(tmp_path / "另一册.csv", {**COLUMNS, "支出": ["1"] * N})
    assert fed(tmp_path, tmp_path / "规则", other)["全年人均收入（元）"] == (None, None)


@pytest.mark.parametrize("column", ["姓名=人均纯收入", "没有的列=人均纯收入", "姓名=没有的字段", "姓名"])
def test_what_is_clearly_wrong_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], column: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "住户底册.csv", COLUMNS)
    assert accept(str(path), column) == 2
    assert "CE-U44" in capsys.readouterr().err and not (tmp_path / "规则").exists()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("- {source: monitoring_custom, headings: [甲]}", "CE030"),
        ("- {source: monitoring_custom, headings: [甲], columns: [甲]}", "CE030"),
        ("source: monitoring_custom", "CE030"),
        ("- {source: 没有的, headings: [甲], columns: {甲: registry.income}}", "CE032"),
        ("- {source: monitoring_custom, headings: [甲], columns: {甲: registry.nothing}}", "CE032"),
    ],
)
def test_an_entry_that_is_not_followed_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str, code: str
) -> None:
    pack = Path(shutil.copytree(default_root(), tmp_path / "规则"))
    (pack / "vocabulary" / "accepted.yaml").write_text(written, encoding="utf-8")
    (found,) = load_layouts(pack).diagnostics
    assert (found.code, found.mark.file) == (code, "规则/vocabulary/accepted.yaml")
    with pytest.raises(SystemExit) as left:
        main(["rules", "check", "--rules", str(pack)])
    assert left.value.code == 1 and f"{code} " in capsys.readouterr().out
