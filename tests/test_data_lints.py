"""Lints against data: what a scan says about the rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from language.example_data import said, scanned
from language.example_pack import PACK, rule_text

from clue_engine.enquiry.data_lints import data_lints
from clue_engine.errors import ClueError
from clue_engine.pack.load import read_pack
from clue_engine.workspace import Workspace

MISSING = "字段“本人刑期”在 60 行里有 100% 缺失，用到它的规则多半只能待核"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACK, tmp_path / "rules"))


def add(folder: Path, when: str, id: str = "J90", more: str = "") -> None:
    text = rule_text(when, id).replace("status: draft", "status: active")
    (folder / "judicial" / f"{id}_例.yaml").write_text(text + more, encoding="utf-8")


def test_nothing_odd(folder: Path) -> None:
    assert said(folder) == []


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("人均收入 < 10元", ["CE901 J90“例J90”没有命中任何一户"]),
        ("人均收入 > 6000元", ["CE902 J90“例J90”命中 56 户，占全部户的 93%，超过 60%"]),
        ("any 涉案 (本人刑期 > 6个月 or 伤情 = '死亡')", [f"CE904 {MISSING}"]),
        ("any 成员 (务工月收入 > 2055元)", []),
        ("any 涉案 (案情摘要 contains '醉酒' or 伤情 = '死亡')", []),
    ],
)  # fmt: skip
def test_one_rule(folder: Path, when: str, expected: list[str]) -> None:
    add(folder, when)
    assert [" ".join(pair) for pair in said(folder)] == expected


def test_overlap_is_told_once_and_not_where_the_rules_say_so(folder: Path) -> None:
    add(folder, "any 涉案 (有嫌疑人在逃)")
    add(folder, "any 涉案 (有嫌疑人在逃 and 损失金额 > 0元)", "J91")
    assert said(folder) == [("CE905", "J91“例J91”与 J90“例J90”命中的户有 100% 相同（20 户）")]
    add(folder, "any 涉案 (有嫌疑人在逃 and 损失金额 > 0元)", "J91", "supersedes: [J90]\n")
    assert said(folder) == []


def test_limits_are_options_of_the_pack(folder: Path) -> None:
    path = folder / "pack.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("max_share: 60%", "max_share: 10%"), encoding="utf-8")
    add(folder, "any 涉案 (有嫌疑人在逃)")
    assert [code for code, _ in said(folder)] == ["CE902"]


def test_a_limit_that_cannot_be_read_is_told(folder: Path) -> None:
    path = folder / "pack.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("max_share: 60%", "max_share: 六成"), encoding="utf-8")
    with pytest.raises(ClueError, match=r"CE013.*options.lint.max_share"):
        said(folder)


def test_a_pack_changed_since_the_scan_is_told(folder: Path) -> None:
    with scanned(read_pack(folder)[0], folder) as ws:
        ws.con.execute("create table run_meta as select 'pack_hash' as key, 'x' as value")
        found = data_lints(ws, read_pack(folder)[0])
    assert [(d.code, d.level) for d in found] == [("CE907", "note")]


def test_nothing_is_written(folder: Path) -> None:
    pack, _ = read_pack(folder)
    with scanned(pack, folder) as ws:
        count = "select table_name, estimated_size from duckdb_tables() order by all"
        before = ws.rows(count)
        data_lints(ws, pack)
        assert ws.rows(count) == before


def test_without_a_scan(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as ws, pytest.raises(ClueError, match="CE-U08"):
        data_lints(ws, read_pack(PACK)[0])
