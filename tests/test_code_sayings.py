"""What is said in words for a code: put together from the words of its table, or unknown and told; never a guess."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from clue_engine.errors import Problems
from clue_engine.ingest.layout import Feed
from clue_engine.ingest.readings import reader
from clue_engine.pack.load import default_root, load_pack
from clue_engine.pack.model import CodeSet, RecordField
from clue_engine.pack.text import read_yaml
from clue_engine.pack.wording import meant, wording, wording_faults

TABLE = Path(__file__).parent / "code_sayings.yaml"
UNKNOWN = "不明"


@pytest.fixture(scope="module")
def codes() -> dict[str, CodeSet]:
    return dict(load_pack().codes)


SAYINGS = [
    (name, text, code)
    for name, by_code in read_yaml(TABLE, TABLE.name)[0].items()
    for code, texts in by_code.items()
    for text in texts
]


@pytest.mark.parametrize(("name", "text", "code"), SAYINGS)
def test_sayings(codes: dict[str, CodeSet], name: str, text: str, code: str) -> None:
    read = reader(Feed(RecordField("x", name, "code", name), (), (), None, False), codes, 499)
    assert read(text) == (((None,), "CODE_UNKNOWN") if code == UNKNOWN else ((code,), None))


ENTRY = {
    "words": {"未": ["未", "没"], "赔": ["赔", "赔偿"]},
    "filler": ["了"],
    "says": {"未赔偿": ["未 赔"], "已赔": ["赔 全?"]},
}


def test_faults_are_told_with_their_place() -> None:
    assert [(at, message) for at, message, _ in wording_faults(ENTRY, ["未赔偿"])] == [
        ("已赔", "says 里的“已赔”不是这张代码表的取值"),
        ("赔 全?", "says 里的“全”没有写在 words 里"),
    ]
    twice = ENTRY | {"says": {"甲": ["未 赔"], "乙": ["未? 赔"]}}
    assert [message for _, message, _ in wording_faults(twice, ["甲", "乙"])] == ["“未 赔”既是 甲 又是 乙"]


def test_a_text_that_reads_two_ways_means_nothing() -> None:
    entry = {"words": {"甲": ["丙"], "乙": ["丙", "丙丁"], "尾": ["丁"]}, "says": {"一": ["甲 尾"], "二": ["乙"]}}
    said = wording(entry, ["一", "二"])
    assert said is not None
    assert meant(said, "丙丁", ["一", "二"]) is None
    assert meant(said, "丙", ["一", "二"]) == "二"
    assert meant(said, "", ["一", "二"]) is None


def test_prose_costs_nothing(codes: dict[str, CodeSet]) -> None:
    said = codes["赔偿状态"].wording
    assert said is not None
    assert meant(said, "赔" * 40, ["未赔偿"]) is None
    assert meant(said, "未赔偿" * 50_000, ["未赔偿"]) is None


def test_a_pack_with_a_fault_is_refused(tmp_path: Path) -> None:
    pack_copy = Path(shutil.copytree(default_root(), tmp_path / "rules"))
    path = pack_copy / "vocabulary" / "codes.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("未纳入: [未 监?]", "未纳入: [未 藍?]"), encoding="utf-8")
    with pytest.raises(Problems) as found:
        load_pack(pack_copy)
    assert any(d.code == "CE014" and "藍" in d.message for d in found.value.diagnostics)
