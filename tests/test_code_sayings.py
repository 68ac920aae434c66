"""What is said in words for a code: put together from the words of its table, or unknown and told; never a guess."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from clue_engine.errors import Problems
from clue_engine.ingest.layout import Feed
from clue_engine.ingest.readings import code_table, look_up, reader
from clue_engine.pack.load import default_root, load_pack
from clue_engine.pack.model import CodeSet, RecordField
from clue_engine.pack.saying import by_phrases, meant
from clue_engine.pack.text import read_yaml
from clue_engine.pack.wording import UNSURE_CODE, Common, wording, wording_faults

TABLE = Path(__file__).parent / "code_sayings.yaml"
UNKNOWN = "不明"


YES_NO = {"是": True, "否": False}
PACK = load_pack()
SAYINGS = read_yaml(TABLE, TABLE.name)[0]


@pytest.fixture(scope="module")
def codes() -> dict[str, CodeSet]:
    return dict(PACK.codes)


def field_of(name: str) -> RecordField:
    """A code table, or a yes/no field by its place: registry.risk_removed."""
    kind, _, field = name.partition(".")
    return (
        next(f for f in PACK.records[kind].fields if f.name == field) if field else RecordField("x", name, "code", name)
    )


@pytest.mark.parametrize("name", SAYINGS)
def test_sayings(codes: dict[str, CodeSet], name: str) -> None:
    own = field_of(name)
    read = reader(Feed(own, (), (), None, False), codes, 499)
    wrong = {
        text: read(text)
        for code, texts in SAYINGS[name].items()
        for value in [YES_NO[code] if own.type == "bool" and code != UNKNOWN else code]
        for text in texts
        if read(text) != (((None,), "CODE_UNKNOWN") if code == UNKNOWN else ((value,), None))
    }
    assert wrong == {}


@pytest.mark.parametrize("form", ["{}-{:02}-{:02}", "{}/{}/{}", "{}.{}.{}", "{}年{}月{}日"])
def test_a_day_is_no_code(codes: dict[str, CodeSet], form: str) -> None:
    """2023-01-10 is no relation 10 and no grade 11, in any table: a column of days is not one of codes."""
    days = [form.format(2023, month, day) for month in (1, 10, 12) for day in (1, 2, 10, 11, 12, 21, 28)]
    read = {
        (name, day) for name, table in codes.items() for day in days if look_up(code_table(table, {}), day, table)[0]
    }
    assert read == set()


def test_a_list_of_codes_ends_where_it_is_denied(codes: dict[str, CodeSet]) -> None:
    """Joined ones count where each is known; a code in brackets says nothing of the whole."""
    read = reader(Feed(RecordField("x", "健康状况", "codes", "健康状况"), (), (), None, False), codes, 499)
    assert read("残疾和长期慢性病") == ((["残疾", "长期慢性病"],), None)
    assert read("长期慢性病、未定残、残疾") == ((["长期慢性病"],), "CODE_UNKNOWN")
    assert read("不是大病、残疾") == ((None,), "CODE_UNKNOWN")
    kinds = reader(Feed(RecordField("x", "残疾类别", "codes", "残疾类别"), (), (), None, False), codes, 499)
    assert kinds("多重（肢体、智力）") == ((None,), "CODE_UNKNOWN")


VALUES = {
    "与户主关系": "养女", "执行结案方式": "终本", "身份": "被害人", "名单": "低保", "劳动能力": "丧失劳动力",
    "监测对象类别": "边缘易致贫户", "处理结果": "相对不起诉", "伤残等级": "九级伤残", "伤情": "重伤二级",
}  # fmt: skip
DOUBTED = (
    "未批准 未认定 未生效 不服 未通过 未确认 不属实 没办下来 未公示 未录入 不认可 未采纳 未核实 不确定 非本人 无依据 "
    "没有鉴定书 待批 拟 疑似 申请中 已停 已取消 原 曾 复核中 已撤销 待定 有误 他人 对方 其父 其妻 母亲 过期 自报 "
    "听说 ？ 不作数 "
    "不构成 没评上 没写 查无 未签字 已失效 已作废 父亲享受 "
    "母亲名下 孩子的 是儿子"
)
BESIDE = "未婚 无业 没文化 无儿无女 未住院 户口未迁 丈夫服刑 孩子上大学 父母离异 2024年起 当家人 正在住院 欠外债"


@pytest.mark.parametrize("name", VALUES)
def test_what_stands_beside_a_value(codes: dict[str, CodeSet], name: str) -> None:
    """Doubt, denial and other people leave nothing certain; what is said of something else leaves the value."""
    read = reader(Feed(RecordField("x", name, "code", name), (), (), None, False), codes, 499)
    value = VALUES[name]
    (code,), _ = read(value)
    assert [word for word in DOUBTED.split() if read(f"{value}（{word}）")[0] != (None,)] == []
    assert [word for word in BESIDE.split() if read(f"{value}（{word}）")[0] != (code,)] == []


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


def test_other_words_stand_where_a_saying_lets_them() -> None:
    entry = {
        "words": {"丧": ["丧失"], "劳": ["劳动力"], "退": ["退查"], "收": ["拒收"]},
        "parts": {"款": ["款"]},
        "filler": ["拒收"],
        "says": {"甲": ["… 丧 劳", "劳 …"], "不说明": ["退"], "不明": ["收 款"], "乙": ["款"]},
    }
    said = wording(entry, ["甲", "乙"], (), Common(doubts=["拟"]))
    read = {
        text: by_phrases(said, text, lambda one: meant(said, one, ["甲", "乙"]))
        for text in (
            "因车祸丧失劳动力",
            "拟因车祸丧失劳动力",
            "劳动力三个",
            "劳动力拟",
            "退查,款",
            "退查",
            "拒收款",
            "无,款",
        )
    }
    assert read == {
        "因车祸丧失劳动力": "甲", "拟因车祸丧失劳动力": None, "劳动力三个": "甲", "劳动力拟": None,
        "退查,款": "乙", "退查": None, "拒收款": UNSURE_CODE, "无,款": None,
    }  # fmt: skip


def test_prose_costs_nothing(codes: dict[str, CodeSet]) -> None:
    said = codes["赔偿状态"].wording
    assert said is not None
    assert meant(said, "赔" * 40, ["未赔偿"]) is None
    assert meant(said, "未赔偿" * 50_000, ["未赔偿"]) is None


def test_a_pack_with_a_fault_is_refused(tmp_path: Path) -> None:
    pack_copy = Path(shutil.copytree(default_root(), tmp_path / "rules"))
    path = pack_copy / "vocabulary" / "codes.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("未纳入: [未 监?,", "未纳入: [未 藍?,"), encoding="utf-8")
    with pytest.raises(Problems) as found:
        load_pack(pack_copy)
    assert any(d.code == "CE014" and "藍" in d.message for d in found.value.diagnostics)
