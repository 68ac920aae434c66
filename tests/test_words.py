"""What clerks say leads to what a rule writes: in `fields`, in CE101, and every line of words.yaml is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli_rules import run

from clue_engine.errors import Mark
from clue_engine.language.check_pack import Definer, check_text
from clue_engine.language.vocabulary import Vocabulary
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import Pack, Text
from clue_engine.pack.typed import Findings
from clue_engine.pack.words import said_as, sayings, written


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack()


@pytest.mark.parametrize(
    ("word", "write"),
    [
        ("子女", "any 成员 (与户主关系 in ('之子', '之女'))"),
        ("未成年子女", "any 成员 (在世未成年)"),
        ("交通", "案件性质 = '道路交通'"),
        ("遇害", "亡故"),
        ("致死", "亡故"),
        ("死亡", "亡故"),
        ("逃逸", "有嫌疑人在逃"),
        ("肇事逃逸", "有嫌疑人在逃"),
        ("独居", "户.家庭人口 = 1"),
        ("老人", "案发时年龄 >= 参数.老年起点"),
        ("残疾", "残疾证等级 in ('一级', '二级', '三级', '四级')"),
        ("唯一劳动力", "唯一劳动力"),
        ("赔偿", "赔偿已足额"),
        ("未获赔", "赔偿状态 = '未赔偿'"),
        ("谅解", "和解谅解"),
        ("学生", "any 成员 (在校生状况)"),
        ("大病", "any 成员 (健康状况 contains '患有大病')"),
        ("医疗", "户.合规自付支出"),
        ("已消除风险", "户.风险是否已消除 = 是"),
        ("又遭案", "事件日期"),
        ("遇害者", "受害"),
    ],
)
def test_words_of_the_trade(pack: Pack, word: str, write: str) -> None:
    assert written(said_as(word, pack.sayings)[0], ["涉案"]) == write
    assert run("fields", word).returncode == 0


def test_every_saying_can_be_written(pack: Pack) -> None:
    """A target with a condition is a condition; all are known."""
    vocabulary = Vocabulary(pack)
    definer = Definer(vocabulary, [])
    for saying in pack.sayings:
        if saying.head in ("@", "参数"):
            continue
        relation = vocabulary.relations[saying.head]
        text = written(saying, [saying.head])
        found = check_text(text, vocabulary, relation, definer.define)[1]
        errors = [d for d in found if d.level == "error" and d.code != "CE201"]  # CE201: a bare field is a value
        assert not errors, (saying, errors)


def test_an_unknown_name_is_led_to_what_a_rule_writes(pack: Pack) -> None:
    vocabulary = Vocabulary(pack)
    definer = Definer(vocabulary, [])
    for text, hint in (
        ("any 涉案 (受害 and 逃逸)", "说“逃逸”的，规则里写 有嫌疑人在逃，或 案情摘要 contains '逃逸'"),
        ("any 涉案 (受害 and 孤寡)", "说“孤寡”的，规则里写 户.家庭人口 = 1"),
        ("子女 = 2", "或 any 成员 (在世未成年)"),
    ):
        (found,) = check_text(text, vocabulary, vocabulary.household, definer.define)[1]
        assert found.code == "CE101" and hint in found.hint


def test_fields_tells_sayings_lists_and_parameters() -> None:
    told = json.loads(run("fields", "老人", "--json").stdout)
    kinds = {v["kind"]: v for v in told}
    assert {"saying", "field", "definition", "parameter"} <= set(kinds)
    assert kinds["parameter"]["name"] == "参数.老年起点"
    shown = run("fields", "逃逸", COLUMNS="120").stdout
    assert shown.startswith("业务上的说法") and "@在逃词" in shown and "案卡在逃栏" in shown


@pytest.mark.parametrize(
    ("line", "code", "level"),
    [("涉案.没有的", "CE014", "warning"), ("没有.伤情", "CE014", "warning"), ("伤情", "CE013", "error")],
)
def test_a_saying_that_leads_nowhere(pack: Pack, line: str, code: str, level: str) -> None:
    findings = Findings()
    root = {Text("逃逸", (Mark("w", 1, 1),) * 2): [Text(line, (Mark("w", 1, 5),) * len(line))]}
    assert sayings(root, findings, Mark("w", 1, 1), pack.relations, pack.lists, pack.parameters) == ()
    assert [(d.code, d.level) for d in findings] == [(code, level)]


def test_the_file_is_optional(tmp_path: Path) -> None:
    from test_cli_rules import SMALL

    assert load_pack(SMALL).sayings == ()
