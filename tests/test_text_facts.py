"""What sentences say: the examples of the pack, and whose fact it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from clue_engine.canonical import canonicalise
from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.involvement.text_fact import read_text, settle
from clue_engine.involvement.text_table import write_text_facts
from clue_engine.pack.load import load_pack
from clue_engine.pack.model import TextFact
from clue_engine.workspace import Workspace

PACK = load_pack(Path(__file__).parent.parent / "rules")
RULES = PACK.text_facts
YES = [(fact, text) for fact in RULES.facts for text in fact.yes]
NO = [(fact, text) for fact in RULES.facts for text in fact.no]


def values(fact: TextFact, text: str) -> set[str]:
    found = {s.value for s in read_text(text, RULES, ("某甲",), ("某乙",), fact.column) if s.fact == fact.fact}
    place = next((p for p in ("{m}", "{t}") if p in fact.value), "{n}")
    stem, graded, rest = fact.value.partition(place)
    return {v for v in found if v.startswith(stem) and v.endswith(rest) and bool(graded) == (v != fact.value)}


@pytest.mark.parametrize(("fact", "text"), YES, ids=[f"{f.value}:{t}" for f, t in YES])
def test_says(fact: TextFact, text: str) -> None:
    assert values(fact, text)


@pytest.mark.parametrize(("fact", "text"), NO, ids=[f"{f.value}:{t}" for f, t in NO])
def test_does_not_say(fact: TextFact, text: str) -> None:
    assert not values(fact, text)


def test_every_fact_has_examples_for_and_against() -> None:
    assert [f.value for f in RULES.facts if not f.yes or not f.no] == []


WHOSE = [
    ("某乙持刀将某甲刺成重伤二级，某丙轻伤一级。", {("重伤二级", ("某甲",)), ("轻伤一级", ("某丙",))}),
    ("被害人某甲、某丙均构成轻伤二级。", {("轻伤二级", ("某甲", "某丙"))}),
    ("某甲被某乙打成重伤二级。", {("重伤二级", ("某甲",))}),
    ("某乙被某甲打成轻伤二级。", set()),
    ("犯罪嫌疑人某乙驾车肇事致人死亡。", {("死亡", ())}),
    ("被害人致其重伤二级。", {("重伤二级", ())}),
    ("被害人某甲、某丙分别构成轻伤一级、轻伤二级。", {("轻伤一级", ()), ("轻伤二级", ())}),
    ("致被害人某甲死亡、某丙受轻伤（二级）。", {("死亡", ("某甲",)), ("轻伤二级", ("某丙",))}),
]


@pytest.mark.parametrize(("text", "expected"), WHOSE, ids=[t for t, _ in WHOSE])
def test_of_whom(text: str, expected: set[tuple[str, tuple[str, ...]]]) -> None:
    found = read_text(text, RULES, ("某甲", "某丙"), ("某乙",))
    assert {(s.value, s.names) for s in found if s.fact == "伤情"} == expected


GRADES = ("死亡", "重伤一级", "重伤二级", "重伤(级别不明)", "轻伤二级", "轻伤(级别不明)")
AGREED = [
    ([["重伤(级别不明)"], ["重伤二级"]], GRADES, "重伤二级"),
    ([["重伤二级"], ["死亡"]], GRADES, "死亡"),
    ([["重伤二级"], ["轻伤二级"]], GRADES, None),  # first opinion and second one: nobody knows which holds
    ([["轻伤二级", "重伤二级"]], GRADES, "重伤二级"),  # two injuries in one opinion
    ([["轻伤二级"], ["轻伤二级"]], GRADES, "轻伤二级"),
    ([["未赔偿"], ["部分赔偿"]], (), None),
    ([["部分赔偿", "已赔偿(程度不明)"]], (), None),
    ([], GRADES, None),
]


@pytest.mark.parametrize(("sentences", "grades", "expected"), AGREED)
def test_settle(sentences: list[list[str]], grades: tuple[str, ...], expected: str | None) -> None:
    assert settle(sentences, grades, ("死亡",)) == expected


def test_tables_keep_the_sentence_and_its_row(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "w") as ws:
        ws.con.execute(
            "create table party (event_id bigint, party_id bigint, name varchar, roles varchar[], claims boolean,"
            " id varchar);"
            " create table rec_enforcement (applicant_name varchar, applicant_id varchar, note varchar, file_id int,"
            " row_no bigint)"
        )
        ws.con.execute(
            "insert into party values (1, 11, '某甲', ['被害人'], false, null),"
            " (1, 12, '某丙', ['被害人'], false, null)"
        )
        ws.con.execute(
            "insert into party values (1, 13, '某乙', ['嫌疑人'], false, null),"
            " (2, 21, '某丁', ['被害人'], false, null)"
        )
        ws.con.execute(
            "create table case_row (event_id bigint, summary varchar, note varchar, file_id integer, row_no bigint)"
        )
        ws.con.execute("insert into case_row values (1, '某乙将被害人某甲打成重伤Ⅱ级。已赔偿某丙。', null, 3, 7)")
        ws.con.execute("insert into case_row values (2, '致其死亡。至今未获赔偿。', null, 3, 8)")
        ws.con.execute(
            "create table victim_row (event_id bigint, party_id bigint, note varchar, file_id integer, row_no bigint, "
            "role varchar); create table kin_of (party_id bigint, kin_party_id bigint)"
        )
        ws.con.execute(
            "insert into victim_row values (1, 12, '伤残等级为九级', 4, 2, '被害人'),"
            " (2, 21, '部分赔偿', 4, 3, '被害人')"
        )
        ws.con.execute("create table issue (code varchar, file_id integer, row_no bigint, column_name varchar)")
        ws.con.execute("insert into issue values ('CODE_UNKNOWN', 4, 3, '赔偿情况'), ('CODE_UNKNOWN', 4, 2, '性别')")
        ws.con.execute("create table raw_column (file_id integer, position integer, header varchar, field varchar)")
        ws.con.execute("insert into raw_column values (4, 1, '性别', 'victim.sex')")
        ws.con.execute("insert into raw_column values (4, 2, '赔偿情况', 'victim.pay_state')")
        ws.con.execute("create table raw_4 (row_no bigint, c1 varchar, c2 varchar)")
        ws.con.execute("insert into raw_4 values (2, '？', '未赔偿'), (3, '女', '达成和解协议，至今未履行')")
        write_text_facts(ws, PACK)
        assert ws.rows(
            "select party_id, fact, value, sentence, file_id, row_no, field from text_fact "
            "order by event_id, party_id, fact"
        ) == [
            (11, "伤情", "重伤二级", "某乙将被害人某甲打成重伤Ⅱ级。", 3, 7, "summary"),
            (12, "伤残等级", "九级", "伤残等级为九级", 4, 2, "note"),
            (12, "赔偿状态", "已赔偿(程度不明)", "已赔偿某丙。", 3, 7, "summary"),
            (21, "和解谅解", "是", "达成和解协议，至今未履行", 4, 3, "pay_state"),
            (21, "赔偿状态", "部分赔偿", "部分赔偿", 4, 3, "note"),
            (21, "赔偿状态", "未赔偿", "达成和解协议，至今未履行", 4, 3, "pay_state"),
            (None, "伤情", "死亡", "致其死亡。", 3, 8, "summary"),
            (None, "有人亡故", "是", "致其死亡。", 3, 8, "summary"),
            (None, "赔偿状态", "未赔偿", "至今未获赔偿。", 3, 8, "summary"),
        ]
        # paid, nobody knows how much, is no state; the only victim of an event is meant where none is named; the
        # sentence in the column for payment goes before one in a note
        assert ws.rows("select party_id, harm, disability, pay_state from text_value order by 1") == [
            (11, "重伤二级", None, None),
            (12, None, "九级", None),
            (21, "死亡", None, "未赔偿"),
        ]


def test_what_stands_beside_a_code_is_heard(tmp_path: Path) -> None:
    """重伤一级，九级伤残 under 伤情等级, amounts under 赔偿情况: possible facts of the victim of the row, in a list of
    victims and in a ledger with case and victim in a row; people counted say nothing of the one of the row."""
    path = tmp_path / "被害人清单.csv"
    path.write_text(
        "部门受案号,被害人姓名,伤情等级,赔偿情况\n"
        '甲检刑诉受[2025]1号,某甲,"重伤一级，九级伤残",已赔5万元\n'
        '甲检刑诉受[2025]2号,某丙,重伤二级,"应赔12万元，仅付1.2万元"\n'
        "甲检刑诉受[2025]3号,某丁,轻伤一级,未赔偿\n"
        "甲检刑诉受[2025]4号,某戊,死亡1人、受伤2人,已赔2万元，余款无\n",
        encoding="utf-8",
    )
    ledger = tmp_path / "刑事案件台账.csv"
    ledger.write_text(
        "部门受案号,案由,受理日期,嫌疑人姓名,被害人姓名,伤情及损失,赔偿情况\n"
        '甲检刑诉受[2025]5号,故意伤害罪,2025-01-02,某乙,某己,"重伤二级，七级伤残，损失3万元",分文未得\n'
        "甲检刑诉受[2025]6号,盗窃罪,2025-01-03,某庚,某辛,损失8000元,已赔3000元，还欠5000元\n",
        encoding="utf-8",
    )
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, PACK.sources, [path, ledger], records=PACK.records)
        clean(ws, PACK)
        canonicalise(ws, same_event_days=365)
        write_text_facts(ws, PACK)
        found = ws.rows(
            "select p.name, t.fact, t.value from text_fact as t join party as p using (party_id) order by all"
        )
    assert set(found) == {
        ("某丙", "应赔金额", "120000元"),
        ("某丙", "已赔金额", "12000元"),
        ("某丙", "赔偿状态", "部分赔偿"),
        ("某甲", "伤情", "重伤一级"),
        ("某甲", "伤残等级", "九级"),
        ("某甲", "已赔金额", "50000元"),
        ("某戊", "已赔金额", "20000元"),
        ("某己", "伤情", "重伤二级"),
        ("某己", "伤残等级", "七级"),
        ("某己", "损失金额", "30000元"),
        ("某辛", "损失金额", "8000元"),
        ("某辛", "已赔金额", "3000元"),
        ("某辛", "赔偿状态", "部分赔偿"),
    }
