"""Sheets of courts, police and victims in the words of other offices: what each is taken for and what is read of it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import clue_engine
from clue_engine.ingest.codes_explained import codes_in
from clue_engine.ingest.examine import read_tables
from clue_engine.ingest.recognise import Match, index_sources, recognise
from clue_engine.values.persons_cell import hurt_in, persons_in
from clue_engine.values.victims_cell import victims_in
from clue_engine.workspace import Workspace
from tests.record_world import shipped_pack

SHEETS: list[tuple[str, str, str, dict[str, str]]] = [
    (
        "人民法院案件执行情况.csv",
        """案号,被告（被执行人）,权利人（原告）,案由,判赔数（万元）,已执行（万元）,结案与财产情况
(2025)样01刑初8号,石某甲,农大山,刑事附带民事,19.5,0,终本，石某甲无财产
(2025)样01刑初9号,孟某乙,韦小四,责令退赔,15.3,0,无财产可供执行
(2025)样01民初3号,项成刚,项成刚诉王某,买卖合同,21,3,执行中
""",
        "enforcement",
        {
            "权利人（原告）": "enforcement.applicant_name",
            "被告（被执行人）": "enforcement.respondent_name",
            "判赔数（万元）": "enforcement.claimed",
            "结案与财产情况": "enforcement.closing",
        },
    ),
    (
        "附带民事履行监督表.csv",
        """罪犯,罪名,权利人,判赔金额（万元）,已履行（万元）,未履行原因
岳大勇,故意伤害,农大山,6.8,0,名下无房产
田茂,交通肇事,韦小四,8.15,1,无财产可供执行
""",
        "enforcement",
        {
            "罪犯": "enforcement.respondent_name",
            "权利人": "enforcement.applicant_name",
            "罪名": "enforcement.cause",
            "未履行原因": "enforcement.note",
        },
    ),
    (
        "立案侦查案件统计表.csv",
        """序号,发案（受案）时间,案别,违法犯罪嫌疑人,被害人姓名,被害人公民身份号码,伤情鉴定,办案进展
1,2024-11-03,故意杀人案,蒙正奎,郎建军,529921198002174635,死亡,嫌疑人作案后服毒自杀死亡，撤销案件
2,2025-02-14,交通肇事逃逸案,未知,蓝国强,529921197309234757,重伤一级（颅脑损伤）,移送起诉
4,2025-05-28,诈骗案,彭绪,农大山,529921196408285459,无,移送起诉
5,2025-06-12,帮助信息网络犯罪活动案,贝勇,韦小四,529921197410015591,无,逮捕
3,2025-12-11,殴打他人（治安）,冉丽（继母）、秦大勇（生父）,秦乐乐,52992120180622505X,轻微伤,行政拘留五日
""",
        "flat_ledger",
        {
            "案别": "case.charges_moved",
            "违法犯罪嫌疑人": "case.suspect_name",
            "发案（受案）时间": "case.happened_on",
            "伤情鉴定": "victim.injury",
        },
    ),
    (
        "涉人身财产损害警情登记.csv",
        """序,接警日期,受理单位,性质,甲方（受害方）,甲方证件,乙方（行为方）,乙方证件,经过及后果,案件走向
1,2025.2.13,茶亭所,交通,农大山,529921196408285459,不详,,农大山被大货车撞倒，当场死亡，货车逃逸,立刑事案件侦查，未破
2,2025.9.19,茶亭所,殴打,韦小四,529921197410015591,石某甲,,石某甲用锄头砍伤韦小四，重伤二级，一分未赔,强制医疗
""",
        "dispute_ledger",
        {
            "接警日期": "case.accepted_on",
            "甲方证件": "victim.id",
            "乙方（行为方）": "case.suspect_name",
            "经过及后果": "victim.role",
            "案件走向": "case.sentence_text",
        },
    ),
    (
        "2026年4月农村低保发放表.csv",
        """序号,户主姓名,身份证号码,住址,其中残疾人,家庭补差,重点救助金,合计
1,农大山,529921196408285459,茶亭乡第一村,1,720,0,720
2,韦小四,529921197410015591,茶亭乡第二村,0,990,0,990
""",
        "plain_dibao",
        {"户主姓名": "listing.name", "身份证号码": "listing.id"},
    ),
    (
        "被害人列表.csv",
        """部门受案号,被害人姓名,证件号码,受侵害程度,赔偿谅解情况
52992122400112,郎建军,529921198002174635,死亡,未赔偿
52992122400113,蓝国强,529921197309234757,重伤二级,已赔偿28万元（全部到账），出具谅解书
""",
        "victim_list",
        {"受侵害程度": "victim.injury", "赔偿谅解情况": "victim.pay_state"},
    ),
    (
        "一般程序事故台账.csv",
        """事故编号,事故时间,甲方当事人,甲方证件号,甲方责任,乙方当事人(伤亡者),乙方证件号,后果,损害赔偿情况
5299212025030007,2025-03-11,都某,,全部,蓝国强,529921197309234757,重伤,仅付2万元
5299212025030008,2025-04-11,吴某,,无责,郎建军,529921198002174635,重伤,未赔
""",
        "traffic_parties",
        {
            "乙方当事人(伤亡者)": "victim.name",
            "乙方证件号": "victim.id",
            "甲方责任": "victim.note",
            "损害赔偿情况": "victim.pay_state",
        },
    ),
]


@cache
def indexes() -> list[Any]:
    return index_sources(shipped_pack().sources)


@pytest.mark.parametrize(("name", "text", "source", "columns"), SHEETS, ids=[sheet[0] for sheet in SHEETS])
def test_what_a_sheet_is_and_what_is_read_of_it(
    name: str, text: str, source: str, columns: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    [table] = read_tables(path, shipped_pack().sources)
    found = recognise(table, indexes())
    assert isinstance(found, Match)
    assert found.source.id == source
    fields = {c.header: found.source.columns[c.column_no].fields[0] for c in found.columns if c.column_no is not None}
    assert {header: fields.get(header) for header in columns} == columns


HURT = [
    ("芦某（死亡）；佟某", [("芦某", "死亡")]),
    ("米某某（重伤一级，高位截瘫）；逃逸车辆", [("米某某", "重伤一级,高位截瘫")]),
    ("丛某（骨折，十级伤残）\n戚某（皮外擦伤，轻微）", [("丛某", "骨折,十级伤残"), ("戚某", "皮外擦伤,轻微")]),
    ("芦某（驾驶人）；佟某", None),
    ("芦某", None),
]


@pytest.mark.parametrize(("cell", "expected"), HURT)
def test_who_is_hurt_of_those_who_met(cell: str, expected: list[tuple[str, str]] | None) -> None:
    found = hurt_in(cell)
    assert (None if found is None else [(one.name, one.relation) for one in found]) == expected


VICTIMS = [  # name, number, harm, family (name, relation, number)
    ("农大山,男,52990119840914551X,重伤二级(脾脏摘除)", [("农大山", "52990119840914551X", "重伤二级(脾脏摘除)", [])]),
    (
        "农大山(52990119840914551X)、农小秀,系死者农老幺之妻、女",
        [("农老幺", "", "死亡", [("农大山", "妻", "52990119840914551X"), ("农小秀", "女", "")])],
    ),
    ("农大山(亡者农老幺之妻)", [("农老幺", "", "死亡", [("农大山", "妻", "")])]),
    ("农老幺,死亡;近亲属:子农小山", [("农老幺", "", "死亡", [("农小山", "子", "")])]),
    (
        "甲:身份不明,驾车逃逸;乙:农老幺(52990119840914551X),行人,死亡。家属:农秀(529901198409145523)(妻)",
        [("农老幺", "52990119840914551X", "行人,死亡", [("农秀", "妻", "529901198409145523")])],
    ),
    ("甲:农老幺(52990119840914551X),撞护栏,重伤", []),  # nobody else was there
    ("甲:农老幺,重伤;乙:农大山,轻伤一级", None),  # whose fault the other column tells is open
    ("—", []),
    ("农大山等三人,另有两名伤者", None),
    ("农大山（已死亡），红石乡岭背村五组，52990119840914551X", [("农大山", "52990119840914551X", "已死亡", [])]),
    ("农 秀（未成年），红石乡", [("农秀", "", "未成年", [])]),
    ("农秀（农大山之妻，已死亡）", [("农秀", "", "已死亡", [])]),
    ("农大山、农秀", [("农大山", "", "", []), ("农秀", "", "", [])]),
    ("农老幺之妻农秀(529901198409145523,轻微伤)", [("农秀", "529901198409145523", "轻微伤", [])]),
]


def test_where_a_victim_lives_stands_in_his_cell() -> None:
    (victim,) = victims_in("农大山（已死亡），红石乡岭背村五组", set().__contains__) or [None]
    assert victim is not None and (victim.harm, victim.address) == ("已死亡", "红石乡岭背村五组")


def test_a_small_table_in_a_cell() -> None:
    cell = "农大山|52990119840914551X|户主|务工\n农秀||妻|无劳动力"
    found = persons_in(cell, {"户主", "妻"}.__contains__)
    assert found is not None
    assert [(p.name, p.relation, p.number, p.said) for p in found] == [
        ("农大山", "户主", "52990119840914551X", "务工"),
        ("农秀", "妻", "", "无劳动力"),
    ]
    assert persons_in("农大山|52990119840914551X|务工", {"户主"}.__contains__) is None  # what is he to the household?


@pytest.mark.parametrize(("cell", "expected"), VICTIMS)
def test_victims_in_a_cell(cell: str, expected: list[Any] | None) -> None:
    found = victims_in(cell, {"妻", "女", "子"}.__contains__)
    said = found and [(v.name, v.number, v.harm, [(k.name, k.relation, k.number) for k in v.kin]) for v in found]
    assert said == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "0—未履行;1—仅履行小部分(不足一成);2—全部履行",
            {"0": "未履行", "1": "仅履行小部分(不足一成)", "2": "全部履行"},
        ),
        ("01死亡 02重伤 03轻伤及以下", {"01": "死亡", "02": "重伤", "03": "轻伤及以下"}),
        ("2026年监测线9000元。", {}),
        ("“实际到账”为2026年4月回访数。", {}),
    ],
)
def test_codes_in_a_line_of_text(text: str, words: dict[str, str]) -> None:
    assert codes_in(text) == words


def test_a_column_of_who_met_becomes_one_of_who_was_hurt(tmp_path: Path) -> None:
    path = tmp_path / "事故认定与赔偿.csv"
    path.write_text(
        "事故编号,事故时间,当事人及伤亡,证件号\n2025-0113,2025-01-13,芦某（死亡）；佟某,\n", encoding="utf-8"
    )
    [table] = read_tables(path, shipped_pack().sources)
    [packed] = table.packed
    assert (packed.headings, packed.hurt) == (("伤亡人员姓名", "伤亡情况"), True)


def test_the_dead_and_the_hurt_of_two_columns_are_one_list(tmp_path: Path) -> None:
    path = tmp_path / "事故台账.csv"
    path.write_text(
        "事故编号,事故日期,死亡人员,受伤人员,肇事方责任,赔偿情况\n"
        "甲1,2025-01-13,农老幺（529921198002174635）,农老幺之妻农秀（529901198409145523，轻微伤）,全责,未赔偿\n"
        "甲2,2025-02-13,,韦小四（529921197410015591，重伤二级）,主责,未赔偿\n",
        encoding="utf-8",
    )
    report = clue_engine.run([path], out=tmp_path / "o", as_of=dt.date(2026, 5, 31))
    with Workspace.open(report.workspace) as ws:
        assert ws.rows("select name, id, injury from rec_victim order by row_no, part_no") == [
            ("农老幺", "529921198002174635", "死亡"),
            ("农秀", "529901198409145523", "轻微伤"),
            ("韦小四", "529921197410015591", "重伤二级"),
        ]


def test_a_low_income_list_tells_its_households_by_its_own_number(tmp_path: Path) -> None:
    """Its numbers are no 户编号 of the register of farmers: they bind the rows of the list alone."""
    path = tmp_path / "低收入人口.csv"
    path.write_text(
        "家庭编码,姓名,证件号码,户主关系,乡镇,村,人口类型,身体状况,劳动能力,家庭人均年收入\n"
        "D2,农秀,529901198409145523,配偶,茶亭乡,白岩村,低保对象,患有大病,无劳动能力,5000\n"
        "D1,韦小四,529921197410015591,户主,茶亭乡,白岩村,低保边缘家庭,健康,有劳动能力,9000\n"
        "D2,农老幺,529921198002174635,户主,茶亭乡,白岩村,低保对象,健康,有劳动能力,5000\n",
        encoding="utf-8",
    )
    report = clue_engine.run([path], out=tmp_path / "o", as_of=dt.date(2026, 5, 31))
    with Workspace.open(report.workspace) as ws:
        members = ws.rows(
            "select name, dense_rank() over (order by household_id) from member join person using (person_id)"
        )
        homes: dict[int, set[str]] = {}
        for name, home in members:
            homes.setdefault(home, set()).add(name)
        assert sorted(map(sorted, homes.values())) == [["农秀", "农老幺"], ["韦小四"]]


def test_codes_explained_in_a_note_at_the_end_of_a_long_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["案号", "姓名", "诉讼地位"])
    for n in range(90):
        sheet.append([f"案{n}", f"农{n}", 1 + n % 2])
    sheet.append(["注：诉讼地位 1=犯罪嫌疑人 2=被害人"])
    book.save(path := tmp_path / "当事人.xlsx")
    [table] = read_tables(path, shipped_pack().sources)
    [one] = table.explained
    assert (one.heading, dict(one.codes)) == ("诉讼地位", {"1": "犯罪嫌疑人", "2": "被害人"})


def test_what_the_values_are_decides_where_the_heading_says_another_thing(tmp_path: Path) -> None:
    path = tmp_path / "执行案件履行情况表.csv"
    path.write_text(
        "执行案号,执行依据,申请执行人,被执行人,申请标的,已到位\n"
        "(2025)样执1号,身体权纠纷,农大山,石某甲,152000,0\n"
        "(2025)样执2号,买卖合同纠纷,韦小四,孟某乙,48000,48000\n"
        "(2025)样执3号,健康权纠纷,郎建军,孟某丙,52000,0\n"
        "(2025)样执4号,故意伤害罪,蓝国强,孟某丁,88000,0\n"
        "(2025)样执5号,民间借贷纠纷,项成刚,王某,98000,0\n",
        encoding="utf-8",
    )
    report = clue_engine.run([path], out=tmp_path / "o", as_of=dt.date(2026, 5, 31))
    with Workspace.open(report.workspace) as ws:
        assert ws.rows("select cause from rec_enforcement where applicant_name = '农大山'") == [("身体权纠纷",)]
        [(said,)] = ws.rows("select detail from issue where code = 'COLUMN_INFERRED' and column_name = '执行依据'")
        assert "案由" in said and "字词" not in said
