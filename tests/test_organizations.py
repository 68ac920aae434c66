"""A company among the victims: accounted for, told as such, and never a household."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from clue_engine.cli.app import main
from clue_engine.workspace import Workspace

HEAD = ["部门受案号", "被害人姓名", "被害人类型", "证件号码"]
ROWS = [
    ("甲某某", "", "110101199003070011", "person"),
    ("某县某某商贸有限公司", "单位", "", "organization"),
    ("某县某某农民专业合作社（负责人乙某）", "", "", "organization"),
    ("某某加工厂", "", "91110000600037341L", "organization"),
    ("某县某某饭店", "", "110101199003070038", "person"),  # an owner's number: his loss may be meant
    ("国家", "", "", "organization"),
    ("国公司", "", "", "person"),
    ("某某公司", "自然人", "", "person"),
    ("王小二", "", "", "person"),
    ("阿毛毛", "", "", "person"),
]


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    with (tmp_path / "刑事案件被害人.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEAD)
        writer.writerows([f"某院诉受[2025]52990000{i:03d}号", *row[:3]] for i, row in enumerate(ROWS))
    with pytest.raises(SystemExit):
        main(["ingest", str(tmp_path), "-w", str(tmp_path / "w"), "--json"])
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(["link", "-w", str(tmp_path / "w"), "--json"])
    return tmp_path / "w"


def test_only_persons_become_households(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(capsys.readouterr().out)
    persons = {i + 2 for i, row in enumerate(ROWS) if row[3] == "person"}
    organizations = {i + 2 for i, row in enumerate(ROWS)} - persons
    with Workspace.open(workspace) as ws:
        assert {n for (n,) in ws.rows("select row_no from party")} == persons | organizations
        assert ws.rows("select count(*) from household") == [(len(persons),)]
        kinds = dict(ws.rows("select name, party_kind from party"))
        assert (kinds["王小二"], kinds["阿毛毛"]) == ("自然人", None)  # a surname and a name, without a number
        found = ws.rows("select row_no from issue where code = 'PARTY_ORGANIZATION' order by 1")
        assert {n for (n,) in found} == organizations and len(found) == len(organizations)
    assert {i["code"]: i["n"] for i in said["issues"]}["PARTY_ORGANIZATION"] == len(organizations)
