"""rules check and rules explain: formats, exit codes, data, and what one bad rule does to the others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from language.example_data import scanned
from language.example_pack import PACK, RULE, rule_text

from clue_engine.cli.app import main
from clue_engine.pack.load import read_pack
from clue_engine.pack.pages import pages
from clue_engine.workspace import Workspace

BROKEN = Path(__file__).parent / "language" / "broken"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PACK, tmp_path / "rules"))


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["rules", *(str(a) for a in args)])
    code = ended.value.code
    return (code if isinstance(code, int) else 0), capsys.readouterr().out


def write(folder: Path, when: str, id: str = "J90") -> None:
    (folder / "judicial" / f"{id}_例.yaml").write_text(rule_text(when, id), encoding="utf-8")


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ("any 涉案 (伤情 in @重伤)", {"never": 0, "warn": 0, "error": 0}),
        ("any 涉案 (受害) and any 涉案 (有嫌疑人在逃)", {"never": 0, "warn": 1, "error": 0}),
        ("any 涉案 (伤请 in @重伤)", {"never": 0, "warn": 1, "error": 1}),
    ],
)
def test_exit_code(when: str, codes: dict[str, int], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, when)
    assert {level: run(capsys, "check", "--rules", folder, "--fail-on", level)[0] for level in codes} == codes


def test_wrong_options(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--format", "--fail-on"):
        assert run(capsys, "check", "--rules", folder, option, "x")[0] == 2


def test_json_and_text_say_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, "人均收人 < 7000元 and 家庭人口 > '三'")
    _, text = run(capsys, "check", "--rules", folder)
    _, out = run(capsys, "check", "--rules", folder, "--format", "json")
    found = json.loads(out)
    assert found["errors"] == 2
    for one in found["diagnostics"]:
        assert f"{one['code']} {one['file']}:{one['line']}:{one['column']}" in text


# -- explain ---------------------------------------------------------------------------------------------------------
def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "explain", "ce203")
    assert code == 0
    assert [line for line in text.splitlines() if line and line[0] != " "] == [
        "CE203 代码表里没有这个取值(错误)", "错误的写法：", "正确的写法：", "怎么办：",
    ]  # fmt: skip
    assert json.loads(run(capsys, "explain", "CE203", "--json")[1])["code"] == "CE203"


def test_explain_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = run(capsys, "explain")
    assert [line.split()[0] for line in text.splitlines()] == list(pages())


def test_explain_a_word_of_the_lists(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "explain", "折叠")
    assert code == 0 and text.startswith("折叠：也是待核") and "pending.csv" in text
    assert json.loads(run(capsys, "explain", "搁置", "--json")[1])["word"] == "搁置"


def test_explain_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rules", "explain", "CE999"])
    assert ended.value.code == 2
    assert "CE-U09" in capsys.readouterr().err


# -- data ------------------------------------------------------------------------------------------------------------
def test_check_against_data(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = rule_text("人均收入 < 10元").replace("status: draft", "status: active")
    (folder / RULE).write_text(text, encoding="utf-8")
    pack, _ = read_pack(folder)
    place = tmp_path / "ws"
    with scanned(pack, place) as memory, Workspace.open(place) as ws:
        for (name,) in memory.rows("select table_name from duckdb_tables() where not temporary"):
            ws.con.register("moved", memory.con.sql(f'select * from "{name}"').to_arrow_table())
            ws.con.execute(f'create table "{name}" as select * from moved')
    code, out = run(capsys, "check", "--rules", folder, "--data", place, "--fail-on", "warn")
    assert code == 1
    assert "CE901" in out and "J90_例.yaml:7:3" in out
    assert run(capsys, "check", "--rules", folder, "--data", tmp_path / "没有")[0] == 2


@pytest.mark.parametrize("name", ["vocabulary/definitions.yaml", "lists/harm.yaml", "parameters/policy.yaml"])
def test_a_shared_file_that_cannot_be_read_is_all_that_is_told(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = next(folder.glob(f"{name.split('/')[0]}/{'*' if 'param' in name else name.split('/')[1]}"))
    with path.open("a", encoding="utf-8") as file:
        file.write("\n错处：甲\n")
    code, out = run(capsys, "check", "--rules", folder)
    assert (code, out.count(" 错误 ")) == (1, 1)
    assert out.rstrip().endswith("1 处错误。其余检查待改好后再做")
    read = json.loads(run(capsys, "check", "--rules", folder, "--json")[1])
    assert (read["complete"], len(read["diagnostics"])) == (False, 1)


# -- one bad rule alters no other ------------------------------------------------------------------------------------
def test_hits_are_the_same_with_forty_broken_rules(folder: Path) -> None:
    def hits() -> list[Any]:
        with scanned(read_pack(folder)[0], folder) as ws:
            return ws.rows("select * from hit where rule_id in ('J01', 'J02', 'J03', 'N01') order by all")

    before = hits()
    n_broken = 0
    for path in sorted(BROKEN.glob("*.yaml")):
        content = path.read_text(encoding="utf-8")
        if "# file: judicial/J90_例.yaml" in content and "status: draft" in content and n_broken < 40:
            n_broken += 1
            content = content.replace("id: J90", f"id: B{n_broken:02d}").replace("status: draft", "status: active")
            (folder / "judicial" / f"B{n_broken:02d}_坏.yaml").write_text(content, encoding="utf-8")
    assert n_broken == 40
    assert hits() == before
    assert len(before) > 10
