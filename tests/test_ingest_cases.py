"""Every file of tests/ingest: a small export as text, and what must come of it. A new case needs no Python."""

from __future__ import annotations

import shutil
from dataclasses import replace
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
def test_case(case: Path, layouts: Layouts, tmp_path: Path) -> None:
    """In one of three encodings by turns: that they are one table, test_damage says of every kind of table."""
    spec: dict[str, Any] = yaml.safe_load(case.read_text(encoding="utf-8"))
    encoding = ("utf-8", "gb18030", "utf-16")[CASES.index(case) % 3]
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


OUTSIDE = """id: x
label: 例
records: [registry, victim]
columns:
  - {headers: [姓名], to: registry.name, required: true}
  - {headers: [是否低保], values: {低保: 是, 非低保: 否}, to: registry.dibao}
  - {headers: [致贫原因], values: {没钱: 贫困, 病: 因病}, to: registry.risks}
  - {headers: [身份], values: {伤者: 受伤人}, to: victim.role}
constants: {victim.party_kind: 老百姓, victim.dead: 否, victim.injury: 轻伤, victim.role: 被害人}
"""


def test_what_is_no_code_is_not_known_whoever_wrote_it(tmp_path: Path) -> None:
    """The check says so (CE034); who runs all the same gets no yes out of values, constants or aliases."""
    shutil.copytree(RULES / "vocabulary", tmp_path / "rules" / "vocabulary")
    (tmp_path / "rules" / "sources").mkdir()
    (tmp_path / "rules" / "sources" / "x.yaml").write_text(OUTSIDE, encoding="utf-8")
    found = load_layouts(tmp_path / "rules")
    assert [d.code for d in found.diagnostics if d.code != "CE035"] == ["CE034"] * 6
    table = found.codes["享受低保"]
    found.codes["享受低保"] = replace(table, aliases={**table.aliases, "五保": "农村五保"})
    cells = ["姓名,是否低保,致贫原因,身份", "甲某,低保,没钱,", "乙某,农村低保,病、没钱,伤者", "丙某,五保,病,嫌疑人"]
    (tmp_path / "表.csv").write_text("\n".join(cells), encoding="utf-8")
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, found.sources, [tmp_path / "表.csv"])
        clean(ws, found)
        rows = ws.rows("select dibao, risks from rec_registry order by row_no")
        assert rows == [(None, None), ("农村低保", ["因病"]), (None, ["因病"])]
        parties = ws.rows("select role, party_kind, injury, dead from rec_victim order by row_no")
        assert parties == [(role, None, None, False) for role in ("被害人", None, "嫌疑人")]
        issues = ws.rows("select column_name, row_no from issue where code = 'CODE_UNKNOWN' order by all")
    told = [
        ("主体类型", 0),
        ("伤情等级", 0),
        ("是否低保", 2),
        ("是否低保", 4),
        ("致贫原因", 2),
        ("致贫原因", 3),
        ("身份", 3),
    ]
    assert issues == told


def _plain(value: object) -> object:
    return str(value) if hasattr(value, "isoformat") else value


@pytest.mark.parametrize(("n_rows", "kind"), [(500, "tail000"), (600, "ok")])
def test_one_shortened_number_makes_a_fitting_one_doubtful_in_a_short_list(
    n_rows: int, kind: str, layouts: Layouts, tmp_path: Path
) -> None:
    """529921199003070000 is no number; 529921198803011000 fits by chance, or is somebody's."""
    others = [f"{n},甲某,529921198501010010" for n in range(3, n_rows + 1)]
    lines = ["部门受案号,被害人姓名,证件号码", "1,甲某,529921199003070000", "2,乙某,529921198803011000", *others]
    (tmp_path / "被害人.csv").write_text("\n".join(lines), "utf-8")
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, layouts.sources, [tmp_path / "被害人.csv"])
        clean(ws, layouts)
        assert ws.rows("select id_kind from rec_victim order by row_no limit 3") == [("tail000",), (kind,), ("ok",)]


@pytest.mark.parametrize("at_once", [1, 2, 8])
def test_records_of_many_files_stand_in_the_order_of_the_files(
    at_once: int, layouts: Layouts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clue_engine.ingest.clean.FILES_AT_ONCE", at_once)
    for n in range(5):
        lines = ["部门受案号,被害人姓名,证件号码", f"{n},甲某,529921198501010010", f"{n},乙某,无"]
        (tmp_path / f"被害人{n}.csv").write_text("\n".join(lines), "utf-8")
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, layouts.sources, sorted(tmp_path.glob("*.csv")))
        clean(ws, layouts)
        places = ws.rows("select file_id, row_no from rec_victim order by rowid")
        assert places == [(file_id, row_no) for file_id in range(1, 6) for row_no in (2, 3)]
        assert len(ws.rows("select distinct case_no from rec_victim")) == 5
