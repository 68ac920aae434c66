"""sources accept: a person says what a doubtful column is; it holds for tables of exactly these headings."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from clue_engine.cli.app import main
from clue_engine.ingest.alias import with_heading
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
    assert fed(tmp_path, tmp_path / "规则", other)["全年人均收入（元）"] == ("registry.total_income_pc", "inferred")


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


VICTIMS = {
    "案号": [f"样检刑诉受[2024]{n}号" for n in range(N)], "受侵害人": NAMES, "证件号码": IDS,
    "身体受损评定": ["重伤二级", "轻伤一级"] * (N // 2), "赔偿情况": ["未赔偿", "部分赔偿"] * (N // 2),
}  # fmt: skip


def sources(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["sources", *words])
    return int(left.value.code or 0)


def test_an_alias_holds_for_every_table_of_the_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two headings in other words: known afterwards in this table and in others of its kind."""
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "被害人名册.csv", VICTIMS)
    assert sources("alias", path.name, "受侵害人=姓名", "身体受损评定=伤情等级") == 0
    said = capsys.readouterr().out
    assert "已复制一份到 规则" in said and f"“受侵害人”是“姓名”（{N} 格有内容，100% 相合）" in said
    text = (tmp_path / "规则" / "sources" / "victim_list.yaml").read_text("utf-8")
    shipped = (default_root() / "sources" / "victim_list.yaml").read_text("utf-8")
    added = [(old, new) for old, new in zip(shipped.splitlines(), text.splitlines(), strict=True) if old != new]
    assert [
        new.replace(f", {heading}]", "]") for (_, new), heading in zip(added, ("受侵害人", "身体受损评定"), strict=True)
    ] == [old for old, _ in added]  # nothing else
    again = write(tmp_path / "另一册被害人.csv", {**VICTIMS, "职业": ["农民"] * N})
    assert fed(tmp_path, tmp_path / "规则", again)["身体受损评定"] == ("victim.injury", "known")
    assert sources("alias", path.name, "受侵害人=姓名") == 0  # once more: nothing is added
    assert (tmp_path / "规则" / "sources" / "victim_list.yaml").read_text("utf-8") == text
    capsys.readouterr()
    for wrong in ("证件号码=姓名", "受侵害人=损失数额", "案号=统一受案号"):
        assert sources("alias", path.name, wrong) == 2 and "CE-U44" in capsys.readouterr().err
    assert (tmp_path / "规则" / "sources" / "victim_list.yaml").read_text("utf-8") == text


def test_a_child_layout_gets_a_column_of_its_own() -> None:
    text = "id: x\nrecords: [registry]\ncolumns_of: monitoring_custom\nfooter: [合计]\n"
    added = 'columns:\n  - {headers: ["人名: 甲"], to: registry.name}\n'
    assert with_heading(text, "registry.name", "人名: 甲") == text + added
    own = "id: x\ncolumns:  # 列\n  - {headers: [甲], to: [registry.name, registry.head_name]}\n"
    assert with_heading(own, "registry.id", "乙").endswith(
        "\n  - {headers: [乙], to: registry.id}\n  - {headers: [甲], to: [registry.name, registry.head_name]}\n"
    )


def test_detect_draft_and_run_give_one_advice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    others = {"损失数额": ["1.5"] * N, "伤情等级": VICTIMS["身体受损评定"], "某甲": [f"{n}号" for n in range(N)]}
    path = write(tmp_path / "一览.csv", {"部门受案号": VICTIMS["案号"], **others, "赔偿情况": VICTIMS["赔偿情况"]})
    layouts = load_layouts(default_root())
    with Workspace.open(tmp_path / "ws") as ws:
        (error,) = ingest(ws, layouts.sources, [path], records=layouts.records).errors
    assert error.code == "CE-F05" and "sources alias 一览.csv 表里的写法=" in error.hint
    assert sources("detect", path.name) == 1
    assert str(error) in capsys.readouterr().err
    assert sources("draft", path.name) == 0
    assert "clue-engine sources alias 一览.csv" in capsys.readouterr().err
