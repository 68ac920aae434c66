"""sources list, show, draft: what a data clerk sees, in 80 columns, and no value of any person."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from clue_engine.cli.app import main
from clue_engine.pack.sources import load_layouts
from clue_engine.values.text import width
from tests.tiny_county import number

RULES = Path(__file__).parent.parent / "rules"
UNKNOWN = """某县检察院苦主登记,,,,,,,
案子编号,苦主,苦主公民号码,手机,伤势鉴定结果,亏损（万元）,是否成年,经手
某检刑诉受〔2024〕52992100001号,张甲,529921197001011236,19900001234,重伤二级,1.5,是,某某
某检刑诉受〔2024〕52992100002号,李乙,529921198002021234,19900001235,轻伤一级,0.2,是,某某
"""


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main([*words, "--rules", str(RULES)])
    return int(left.value.code or 0), capsys.readouterr().out


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    path = tmp_path / "苦主登记.csv"
    path.write_text(UNKNOWN, encoding="utf-8")
    return path


@pytest.mark.parametrize("words", [("list",), ("show", "monitoring_custom"), ("show", "victim_list")])
def test_fits_eighty_columns(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out = run(capsys, "sources", *words)
    assert code == 0 and out
    assert max(width(line) for line in out.splitlines()) <= 80


def test_list_names_every_source(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = run(capsys, "sources", "list", "--json")
    assert {s["id"] for s in json.loads(out)} == {s.id for s in load_layouts(RULES).sources}


def test_unknown_source_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["sources", "show", "victim_lst"])
    assert left.value.code == 2
    assert "victim_list" in capsys.readouterr().err


def test_draft_loads_and_then_the_file_is_known(
    capsys: pytest.CaptureFixture[str], unknown: Path, tmp_path: Path
) -> None:
    out = tmp_path / "draft.yaml"
    run(capsys, "sources", "draft", str(unknown), "--out", str(out))
    text = out.read_text(encoding="utf-8")
    for line in (
        "records: [victim]",
        "headers: [案子编号], to: victim.case_no",
        "headers: [苦主], to: victim.name, required: true",
        "headers: [苦主公民号码], to: victim.id",
        "headers: [伤势鉴定结果], to: victim.injury",
    ):
        assert line in text
    assert "victim.is_minor" not in text  # 是否成年 is the opposite of 是否未成年
    assert "张甲" not in text and "529921" not in text
    pack = tmp_path / "rules"
    shutil.copytree(RULES, pack)
    shutil.copy(out, pack / "sources" / "draft.yaml")
    # who they are and of which case is for a person to say: nobody is a victim by default
    lacks = [(d.code, d.message.partition("（")[2][:14]) for d in load_layouts(pack).diagnostics]
    assert lacks == [("CE035", "victim.role 一项"), ("CE035", "victim.case_no")]
    named = re.sub("^# .*(constants: {victim.role: 被害人})", r"\1", text, flags=re.M)
    named = re.sub("^  # (- .*victim.case_no)", r"  \1", named, flags=re.M)
    (pack / "sources" / "draft.yaml").write_text(named, encoding="utf-8")
    assert load_layouts(pack).diagnostics == []
    with pytest.raises(SystemExit) as left:
        main(["sources", "detect", str(unknown), "--rules", str(pack), "--json"])
    assert left.value.code == 0
    (sheet,) = json.loads(capsys.readouterr().out)["files"]
    assert sheet["source"] == text.split("id: ")[1].split("\n")[0] and sheet["header_row"] == 2


PETITIONS = "登记日期,来访人姓名,来访人身份证,住址,反映事项\n" + "".join(
    f"2024-03-0{n},张{c}一,{number(f'197001{n + 10}', n)},东河乡,请求帮助\n" for n, c in enumerate("甲乙丙丁", 1)
)
MEMBERS = "家庭标识码,公民身份证件号,成员名称,家庭角色\n" + "".join(
    f"529921100200{n // 2:04d},{number(f'197001{n + 10}', n)},张{c}一,{('01-本人', '10-配偶')[n % 2]}\n"
    for n, c in enumerate("甲乙丙丁戊己庚辛")
)


def test_a_draft_uses_only_what_is_sure(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Who complains is no victim, a member no head: below 0.7 a column stands as a comment."""
    drafts = {}
    for name, text in (("来访登记.csv", PETITIONS), ("家庭成员明细.csv", MEMBERS)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        _, out = run(capsys, "sources", "draft", str(tmp_path / name))
        drafts[name] = [line for line in out.splitlines() if line.startswith("  - ")]
        assert "\nignore:" not in out  # what nobody has looked at is not silenced
    assert drafts["来访登记.csv"] == []
    live = " ".join(drafts["家庭成员明细.csv"])
    assert "[家庭标识码], to: registry.household_no" in live and "[成员名称], to: registry.name" in live
    assert "[公民身份证件号], to: registry.id" in live and "registry.head" not in live
