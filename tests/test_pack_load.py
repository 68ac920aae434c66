"""Loading a pack. Broken files are data: tests/pack/broken/*.yaml, each ends with what it must say."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

from clue_engine.errors import ClueError, Diagnostic, Problems
from clue_engine.pack.load import load_pack, read_pack
from clue_engine.pack.model import Pack, Text
from clue_engine.pack.parameters import value_of
from clue_engine.pack.render import render_all

HERE = Path(__file__).parent / "pack"
SMALL = HERE / "small"
CONDITION = "any 涉案 (受害 and 伤情 in @重伤)"


def said(diagnostics: list[Diagnostic]) -> list[str]:
    return [f"{d.mark.line}:{d.mark.column} {d.code} {d.message} {d.hint}" for d in diagnostics]


def compare(diagnostics: list[Diagnostic], expected: list[str]) -> None:
    """Each expected line is 'line:column code words'; all findings are expected ones and the other way round."""
    found = said(diagnostics)
    for line in expected:
        place, code, words = line.split(" ", 2)
        assert any(f.startswith(f"{place} {code} ") and words in f for f in found), f"{line}\nfound:\n" + "\n".join(
            found
        )
    assert len(found) == len(expected), "\n".join(found)


@pytest.fixture
def pack_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "rules"))


def test_small_pack_is_whole() -> None:
    pack, found = read_pack(SMALL)
    assert found == []
    assert [r.label for r in pack.relations] == ["户", "涉案"]
    assert [d.label for d in pack.relations[1].definitions] == ["受害", "重害"]
    assert pack.rules[0].points == {"harm": 30}
    assert pack.rules[0].basis == ({"law": "国家司法救助工作细则", "article": "第七条"},)
    assert (pack.holds[0].directions, pack.holds[0].not_loaded) == ((), "caveat")
    assert pack.lists["过错词"].not_after == ("未", "无")
    assert pack.directions[0].bands[0].needs == {"harm": 18}
    assert pack.options == {"pending_share": "50%"}
    kinds = {f.label: f.missing.kind for r in pack.relations for f in r.fields}
    assert kinds == {
        "乡镇": "unknown", "人均纯收入": "unknown", "困难户": "value", "身份": "unknown", "伤情": "n/a",
        "事件日期": "unknown", "案情摘要": "said",
    }  # fmt: skip


def test_conditions_know_their_place() -> None:
    pack, _ = read_pack(SMALL)
    when = pack.rules[0].when
    mark = when.at(when.index("@重伤"))
    assert (Path(mark.file).name, mark.line, mark.column) == ("J01_重伤.yaml", 6, 29)


@pytest.mark.parametrize("path", sorted((HERE / "broken").glob("*.yaml")), ids=lambda p: p.stem)
def test_broken_file(path: Path, pack_copy: Path) -> None:
    content = path.read_text(encoding="utf-8")
    target = re.findall(r"^# file: (.*)$", content, re.MULTILINE)[0]
    (pack_copy / target).write_text(content, encoding="utf-8")
    _, found = read_pack(pack_copy)
    own = [d for d in found if d.mark.file.endswith(target) and d.level == "error"]
    compare(own, re.findall(r"^# expect: (.*)$", content, re.MULTILINE))


def test_a_bad_rule_leaves_the_others(pack_copy: Path) -> None:
    (pack_copy / "judicial" / "J02_坏.yaml").write_bytes("条件\uff1a甲".encode())
    assert [r.id for r in load_pack(pack_copy).rules] == ["J01"]
    with pytest.raises(Problems) as raised:
        load_pack(pack_copy, strict=True)
    assert [d.code for d in raised.value.diagnostics] == ["CE003"]


def test_of_two_rules_with_one_id_neither_runs(pack_copy: Path) -> None:
    rule = (pack_copy / "judicial" / "J01_重伤.yaml").read_text(encoding="utf-8")
    (pack_copy / "hold" / "J01_抄.yaml").write_text(rule, encoding="utf-8")
    (pack_copy / "judicial" / "J01_抄.yaml").write_text(rule, encoding="utf-8")
    pack, found = read_pack(pack_copy)
    assert pack.rules == ()
    assert "CE007" in [d.code for d in found]


def test_a_broken_vocabulary_stops(pack_copy: Path) -> None:
    (pack_copy / "vocabulary" / "codes.yaml").unlink()
    with pytest.raises(Problems) as raised:
        load_pack(pack_copy)
    assert raised.value.diagnostics[0].code == "CE015"


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ClueError, match="CE015") as raised:
        load_pack(tmp_path / "没有")
    assert raised.value.exit_code == 2


def test_file_with_another_ending_is_told(pack_copy: Path) -> None:
    (pack_copy / "judicial" / "J02_甲.yml").write_text("id: J02")
    _, found = read_pack(pack_copy)
    assert [(d.code, d.level) for d in found] == [("CE015", "warning")]


@pytest.mark.parametrize("name", ["J92_甲.txt", "J92_甲.yaml.txt", "J92_甲.yml", "J92_甲.YAML", "J92_甲.yml.txt"])
def test_the_name_to_give_a_file_ends_in_yaml_once(name: str, pack_copy: Path) -> None:
    (pack_copy / "judicial" / name).write_text("id: J92", encoding="utf-8")
    _, found = read_pack(pack_copy)
    assert [d.hint for d in found] == ["改名为 J92_甲.yaml"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_line_in_another_encoding_is_shown_as_it_was_typed(encoding: str, pack_copy: Path) -> None:
    (pack_copy / "judicial" / "J92_甲.yaml").write_bytes("title: 工伤 困难\nid: J92\n".encode(encoding))
    _, found = read_pack(pack_copy)
    assert [d.code for d in found] == ["CE001"]
    assert "  title: 工伤 困难\n" in render_all(found)


def test_a_line_in_no_known_encoding_is_not_shown(pack_copy: Path) -> None:
    (pack_copy / "judicial" / "J92_甲.yaml").write_bytes(b"title: \xff\xff\n")
    _, found = read_pack(pack_copy)
    assert [d.code for d in found] == ["CE001"]
    assert "\ufffd" not in render_all(found) and "title" not in render_all(found)


# -- parameters ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("as_of", "region", "value", "source"),
    [
        (dt.date(2022, 12, 31), "", None, None),
        (dt.date(2023, 1, 1), "", 7000.0, "甲文件"),
        (dt.date(2024, 6, 1), "", 7500.0, "乙文件"),
        (dt.date(2024, 6, 1), "529921", 7500.0, "乙文件"),
        (dt.date(2024, 6, 1), "530102", 8000.0, "丙文件"),
        (dt.date(2023, 6, 1), "530102", 7000.0, "甲文件"),
    ],
)
def test_value_by_date_and_region(as_of: dt.date, region: str, value: float | None, source: str | None) -> None:
    pack, _ = read_pack(SMALL)
    for name in ("监测范围", "监测线"):
        found = value_of(pack, name, as_of, region)
        assert (found.value if found else None, found.source if found else None) == (value, source)


def test_typed_values() -> None:
    pack, _ = read_pack(SMALL)
    got = {name: value_of(pack, name, dt.date(2025, 1, 1), "") for name in ("足额比例", "急救窗口", "重伤级")}
    assert {n: v.value for n, v in got.items() if v} == {
        "足额比例": 0.9,
        "急救窗口": 12.0,
        "重伤级": ("重伤一级", "死亡"),
    }


def test_local_file_overrides() -> None:
    pack, found = read_pack(SMALL, HERE / "local" / "good.yaml")
    assert found == []
    assert pack.region == "529921"

    def value(name: str, year: int) -> object:
        one = value_of(pack, name, dt.date(year, 6, 1), "529921")
        return one.value if one else None

    assert [value("监测范围", year) for year in (2022, 2023, 2024, 2026)] == [None, 8000.0, 8500.0, 8500.0]
    assert value("足额比例", 2025) == 0.8
    assert value("急救窗口", 2025) == 3.0
    assert value("本县新参数", 2025) == 2.0
    elsewhere = value_of(pack, "足额比例", dt.date(2025, 1, 1), "110101")
    assert elsewhere and elsewhere.value == 0.9


def test_local_file_with_errors_stops() -> None:
    path = HERE / "local" / "bad.yaml"
    expected = re.findall(r"^# expect: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    _, found = read_pack(SMALL, path)
    compare(found, expected)
    with pytest.raises(Problems):
        load_pack(SMALL, path)


# -- hash ---------------------------------------------------------------------------------------------------------
def changed(pack: Pack, folder: Path, path: str, old: str, new: str) -> bool:
    file = folder / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    other, found = read_pack(folder)
    assert found == []
    return other.hash != pack.hash


@pytest.mark.parametrize(
    ("path", "old", "new", "differs"),
    [
        ("judicial/J01_重伤.yaml", "points: {harm: 30}", "points:\n  harm: 30   # 三十分", False),
        ("judicial/J01_重伤.yaml", f'"{CONDITION}"', f">-\n  {CONDITION.replace(' (', chr(10) + '  (')}", False),
        ("lists/harm.yaml", "重伤: [重伤一级, 重伤二级]", "重伤:\n  - 重伤一级\n  - 重伤二级", False),
        ("judicial/J01_重伤.yaml", "harm: 30", "harm: 29", True),
        ("lists/harm.yaml", "重伤: [重伤一级, 重伤二级]", "重伤: [重伤一级]", True),
        ("parameters/policy.yaml", "value: 90%", "value: 91%", True),
        ("vocabulary/definitions.yaml", "伤情 = '无'", "伤情 <> '死亡'", True),
        ("vocabulary/codes.yaml", "ordered: true", "ordered: false", True),
        ("hold/X01_互殴.yaml", "unknown: keep", "unknown: mark", True),
    ],
)  # fmt: skip
def test_hash_sees_content_not_form(pack_copy: Path, path: str, old: str, new: str, differs: bool) -> None:
    pack, _ = read_pack(pack_copy)
    assert changed(pack, pack_copy, path, old, new) is differs


def test_hash_ignores_folder_and_file_names(pack_copy: Path) -> None:
    (pack_copy / "judicial" / "J01_重伤.yaml").rename(pack_copy / "judicial" / "J01_改名.yaml")
    assert read_pack(pack_copy)[0].hash == read_pack(SMALL)[0].hash


# -- the pack of this repository ----------------------------------------------------------------------------------
def test_own_pack_loads_with_local_parameters() -> None:
    pack, found = read_pack()
    assert said([d for d in found if d.level == "error"]) == []
    assert all(isinstance(r.when, Text) for r in pack.rules)


# -- hostile files (faults 37) ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[" * 250_000, "CE009"),
        (b"{a: " * 900 + b"}" * 900, "CE009"),
        (("a: &a [x]\n" + "".join(f"b{i}: &b{i} [{','.join(['*a'] * 9)}]\n" for i in range(9))).encode(), "CE010"),
        ("甲: 1".encode("utf-16"), "CE001"),
        (b"a: " + b"x" * 1_000_000, "CE009"),
        ("".join(f"k{i}: v\n" for i in range(20_000)).encode(), "CE005"),
        (b"- a\n" * 60_000, "CE013"),
        (b'a: "' + b"\\u4e2d" * 40_000 + b'"', "CE005"),
    ],
)
def test_hostile_rule_file_is_told_in_few_words(content: bytes, code: str, pack_copy: Path) -> None:
    (pack_copy / "judicial" / "J66_x.yaml").write_bytes(content)
    pack, found = read_pack(pack_copy)
    render_all(found)
    assert [r.id for r in pack.rules] == ["J01"]
    assert code in [d.code for d in found], [d.message for d in found]
    assert len(found) < 30


@pytest.mark.parametrize("inside", [".", "rules", "a/b"])
def test_errors_of_a_source_are_told_wherever_the_pack_lies(
    inside: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two folders below the current one their place was doubled, a run took them for no errors of a source: exit 0."""
    pack = tmp_path / inside / "pack"
    shutil.copytree(SMALL, pack)
    (pack / "sources").mkdir(exist_ok=True)
    wrong = (
        "id: x\nlabel: 表\nrecords: [victim]\ncolumns:\n  - {headers: [伤情], values: {重: 很重}, to: victim.injury}\n"
    )
    (pack / "sources" / "x.yaml").write_text(wrong, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for root in (pack, pack.relative_to(tmp_path)):
        told: list[Diagnostic] = []
        load_pack(root, told=told)
        assert told and {d.mark.file for d in told} == {str(pack.relative_to(tmp_path) / "sources" / "x.yaml")}
