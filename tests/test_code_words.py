"""Words of exports and the codes they mean; a word that might mean two things is no code at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from clue_engine.ingest.readings import code_table, look_up
from clue_engine.pack.sources import load_layouts

CODES = load_layouts(Path(__file__).parent.parent / "rules").codes

WORDS = {
    "赔偿状态": {
        "未赔偿": ["没赔", "分文未付", "至今未获赔偿", "无力赔偿", "拒不赔偿", "无", "否", "未赔偿（嫌疑人在逃）"],
        "部分赔偿": ["赔了一部分", "未足额赔偿", "没赔完", "已支付部分赔偿款", "已赔偿（部分）"],
        "已足额": ["全部赔完", "已赔清", "一次性赔偿到位", "赔偿并取得谅解", "已履行完毕", " 已 赔偿 到位 "],
        "判决后履行": ["待判决后履行", "判后履行"],
        None: [
            "是",
            "有",
            "协商中",
            "赔过",
            "已达成协议",
            "不清楚",
            "未知晓",
            "双方协商",
            "未到期",
            "保险理赔中",
            "垫付医疗费",  # who paid is not said: a fund's money is no compensation
            "已赔偿",  # something was paid, whether all of it is not said
            "已赔偿(未到位)",
        ],
    },
    "伤情": {
        "死亡": ["死亡", "致死", "当场死亡", "经抢救无效死亡"],
        "重伤二级": ["重伤Ⅱ级", "重伤2级", "重伤（二级）", "重伤贰级", "二级重伤", "重伤 II级"],
        "轻伤一级": ["轻伤Ⅰ级", "轻伤1级", "轻伤（一级）"],
        "重伤(级别不明)": ["重伤", "构成重伤"],
        None: ["不构成重伤", "未达轻伤", "伤", "待定伤", "二级"],
    },
    "伤残等级": {
        "九级": ["九级伤残", "9级", "伤残九级", "玖级", "9级伤残", "构成九级伤残"],
        "十级": ["十级", "10", "Ⅹ级"],
        "未评定": ["不构成伤残", "未达伤残等级", "无"],
        None: ["十一级", "肢体", "重度"],
    },
    "残疾证等级": {"一级": ["1", "1级", "Ⅰ级", "极重度"], "四级": ["轻度", "四级残疾"], None: ["五级", "9"]},
    "处理结果": {
        "法定不起诉": ["绝对不起诉", "法定不诉"],
        "酌定不起诉": ["相对不起诉", "其他情节轻微不起诉"],
        "存疑不起诉": ["证据不足不起诉", "其他证据不足不起诉"],
        "不捕": ["不批准逮捕", "不予批准逮捕"],
        None: ["不起诉", "移送起诉"],
    },
    "风险类型": {
        "务工就业不稳": ["因务工就业不稳", "务工就业不稳"],
        "缺劳动力": ["因缺劳动力"],
        "因病": ["因病", "因大病"],
    },
    "名单": {"低保边缘": ["低边", "低保边缘家庭"], "特困": ["分散供养"], None: ["重点优抚对象", "一般农户"]},
    "性别": {"男": ["1|男", "1-男性"], None: ["1-男女"]},
    "户类型": {"一般农户": ["01-一般户"]},
    "案件性质": {"道路交通": ["02-道路交通", "（2）道路交通"], None: ["02-别的"]},  # the number says nothing more
    "与户主关系": {"之女": ["长女", "之长女"], "配偶": ["妻", "老伴"], "之孙子女": ["外孙女"], None: ["邻居", "之"]},
}
CASES = [(name, code, word) for name, groups in WORDS.items() for code, words in groups.items() for word in words]


@pytest.mark.parametrize(("name", "code", "word"), CASES)
def test_word(name: str, code: str | None, word: str) -> None:
    assert look_up(code_table(CODES[name], {}), word, CODES[name]) == (code, code is not None)


@pytest.mark.parametrize("name", CODES)
def test_every_alias_leads_to_its_code(name: str) -> None:
    table = code_table(CODES[name], {})
    for alias, code in CODES[name].aliases.items():
        assert look_up(table, alias, CODES[name]) == (code, True), alias


def test_a_part_that_is_denied_says_nothing() -> None:
    codes = CODES["身份"]
    table = code_table(codes, {"*被害人": "被害人"})
    assert look_up(table, "本人系被害人，伤重", codes) == ("被害人", True)
    assert look_up(table, "本人不是被害人", codes) == (None, False)
