"""Of whom a sentence says it: blame, a waiver, a fight, hardship. A doubt never speaks against the victim.

王某 is the victim, 李某 the suspect. Expected: what is taken as said of 王某, None where nothing is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from clue_engine.involvement.text_fact import read_text
from clue_engine.pack.load import load_pack

RULES = load_pack(Path(__file__).parent.parent / "rules").text_facts

SHARE = [
    # the suspect's, by name or by role
    ("经认定，李某负事故全部责任。", None),
    ("犯罪嫌疑人李某负事故全部责任。", None),
    ("被告人李某应承担此次事故的全部责任。", None),
    ("嫌疑人负事故主要责任。", None),
    ("李某驾驶货车撞倒行人王某，负事故全部责任。", None),
    ("被告人李某酒后驾车，撞倒被害人王某，负事故主要责任。", None),
    ("李某驾车将王某撞伤，经交警部门认定，承担事故全部责任。", None),
    ("李某驾驶货车与王某驾驶的电动车相撞，致王某死亡，负事故全部责任。", None),
    ("李某驾车致被害人王某死亡，负全部责任。", None),
    ("公安机关交通管理部门认定李某负全部责任。", None),
    ("货车司机李某负全部责任。", None),
    ("事故责任由李某承担全部责任。", None),
    ("负事故全部责任的李某被依法逮捕。", None),
    ("王某与负事故全部责任的李某达成和解。", None),
    ("李某对王某的死亡负全部责任。", None),
    # nobody is named: the driver is prosecuted, and nothing is known of the victim
    ("交警认定负全部责任。", None),
    ("负事故全部责任。", None),
    ("经认定，负事故主要责任。", None),
    ("驾驶无号牌电动三轮车载客，车辆后溜翻下路坎，乘客当场死亡，负全部责任。", None),
    ("犯罪嫌疑人酒后驾车追尾三轮车，弃车逃逸；交警认定负全部责任。", None),
    ("犯罪嫌疑人李某驾车撞倒行人。负事故全部责任。", None),
    ("被害人王某横穿马路。负事故主要责任。", None),  # in the sentence before: not clear enough
    ("撞倒被害人王某，负事故全部责任。", None),
    ("驾车碾压王某负事故全部责任。", None),
    # somebody who is neither
    ("经认定，张三负事故全部责任。", None),
    ("驾驶人负事故全部责任。", None),
    ("肇事方负全部责任。", None),
    ("对方负事故全部责任，三年多没有获得任何赔偿。", None),
    ("王某横穿马路，张三负全部责任。", None),
    ("被害人王某的父亲负事故主要责任。", None),
    # doubted, denied
    ("李某辩称王某负事故全部责任。", None),
    ("被害人王某不负事故全部责任。", None),
    ("王某与李某发生碰撞，负事故全部责任。", None),  # of which of the two?
    ("李某、王某分别负主要责任、次要责任。", None),
    # the victim's own
    ("被害人王某负次要责任。", "次责"),
    ("经认定，王某负事故全部责任。", "全责"),
    ("经溪山县公安局交通警察大队认定，被害人负事故主要责任。", "主责"),
    ("李某负事故次要责任，被害人王某负主要责任。", "主责"),
    ("李某负次要责任、王某负主要责任。", "主责"),
    ("李某负事故主要责任，王某负事故次要责任。", "次责"),
    ("李某负全部责任，王某无责任。", "无责"),
    ("王某无责任。", "无责"),
    ("被害人王某不承担事故责任。", "无责"),
    ("双方负同等责任。", "同责"),
    ("李某、王某负事故同等责任。", "同责"),
    ("李某与王某承担同等责任。", "同责"),
    ("王某被认定负事故主要责任。", "主责"),
    ("王某被李某驾车撞倒，负事故次要责任。", "次责"),
    ("被害人王某横穿马路，经认定，负事故主要责任。", "主责"),
    ("全部责任由李某承担，次要责任无，王某不负事故责任。", "无责"),
    ("事故中，死者王某承担次要责任。", "次责"),
    ("电动车驾驶人王某负事故主要责任。", "主责"),
    ("此次事故由王某承担主要责任。", "主责"),
    ("责任认定：王某负主要责任。", "主责"),
    ("犯罪嫌疑人李某负主要责任，被害人负次要责任。", "次责"),
    ("2025年3月1日王某负事故主要责任。", "主责"),
]  # fmt: skip


def said(fact: str, text: str, victims: tuple[str, ...] = ("王某",), **more: str) -> str | None:
    found = [s for s in read_text(text, RULES, victims, ("李某",), **more) if s.fact == fact]
    mine = {s.value for s in found if "王某" in s.names or not s.names}
    assert len(mine) <= 1
    return mine.pop() if mine else None


@pytest.mark.parametrize(("text", "expected"), SHARE, ids=[t for t, _ in SHARE])
def test_share_of_the_road(text: str, expected: str | None) -> None:
    assert said("事故责任", text) == expected


FAULT = [
    ("双方互殴。", "是"),
    ("王某与李某互殴。", "是"),
    ("李某与王某因琐事发生口角，进而相互厮打。", "是"),
    ("李某在互殴中将王某打伤。", "是"),
    ("李某与张某互殴，王某上前劝阻被打伤。", None),
    ("李某与他人互殴，误伤路人王某。", None),
    ("李某伙同他人聚众斗殴。", None),
    ("与他人互殴，致一人轻伤。", None),
    ("李某、张某结伙斗殴，王某被误伤。", None),
    ("王某先动手殴打李某。", "是"),
    ("李某先动手殴打王某。", None),
    ("先动手殴打王某。", None),
    ("被李某先动手殴打的王某报警。", None),
    ("被害人王某对矛盾激化存在明显过错。", "是"),
    ("李某存在重大过错。", None),
    ("李某对王某的死亡存在重大过错。", None),
    ("存在重大过错。", None),
    ("对事故的发生存在重大过错。", None),
    ("王某辱骂李某，存在过错。", "是"),
    ("李某辱骂王某，存在过错。", None),
    ("由于被害人王某过错在先，李某将其打伤。", "是"),
    ("被告人及其辩护人主张被害人有过错。", None),
]


@pytest.mark.parametrize(("text", "expected"), FAULT, ids=[t for t, _ in FAULT])
def test_grave_fault(text: str, expected: str | None) -> None:
    assert (said("重大过错", text) or said("互殴", text)) == expected


WAIVER = [
    ("被害人王某自愿放弃民事赔偿。", "是"),
    ("王某表示不要求赔偿。", "是"),
    ("王某家属放弃赔偿请求。", "是"),
    ("出具书面材料，放弃附带民事赔偿请求。", "是"),
    ("李某取得王某谅解，王某放弃赔偿。", "是"),
    ("犯罪嫌疑人李某自愿放弃辩护。", None),
    ("李某自愿认罪认罚，自愿放弃上诉。", None),
    ("已签署认罪认罚具结书，自愿放弃法律援助。", None),
    ("李某自愿放弃财产权利。", None),
    ("李某要求王某放弃赔偿。", None),
    ("驾驶人放弃追偿。", None),
]


@pytest.mark.parametrize(("text", "expected"), WAIVER, ids=[t for t, _ in WAIVER])
def test_waiver(text: str, expected: str | None) -> None:
    assert said("放弃赔偿", text) == expected


def test_a_name_of_both_sides_is_told_by_its_role_only() -> None:
    """Names are shortened in exports: 李某 the driver and 李某 the pedestrian."""

    def of_both(text: str) -> list[str]:
        return [s.value for s in read_text(text, RULES, ("李某",), ("李某",)) if s.fact == "事故责任"]

    assert of_both("李某负事故全部责任。") == []
    assert of_both("犯罪嫌疑人李某负事故全部责任。") == []
    assert of_both("被害人李某负事故主要责任。") == ["主责"]


def test_blame_of_one_of_several_victims_without_a_name_is_nobodys() -> None:
    assert said("事故责任", "被害人负事故主要责任。", ("王某", "赵某")) is None
    assert said("事故责任", "被害人赵某负事故主要责任，王某无责任。", ("王某", "赵某")) == "无责"


def test_the_cell_for_it_in_the_row_of_a_victim_needs_no_subject() -> None:
    assert said("事故责任", "负事故主要责任", column="fault", own="事故责任") == "主责"
    assert said("事故责任", "李某负事故主要责任", column="fault", own="事故责任") is None
    assert said("事故责任", "负事故主要责任", column="note", own="") is None
