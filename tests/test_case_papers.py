"""Papers of cases as small offices write them: each is loaded for what it is, with what is missing unknown.

A case paper that nobody reads leaves a whole county without a line; one that is read as what it is not sends somebody
to the wrong house.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.pipeline import Job, run
from clue_engine.workspace import Workspace
from tests.record_world import shipped_pack
from tests.tiny_county import number

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
NAMES = [
    "岑一川",
    "温小月",
    "骆石头",
    "苗青山",
    "蓝田玉",
    "宋春来",
    "向前进",
    "荣大成",
    "祝小荷",
    "莫问天",
    "詹一鸣",
    "尤金花",
]
ID = {name: number(f"19{50 + 3 * n}0{1 + n % 9}1{n % 10}", 101 + n) for n, name in enumerate(NAMES)}

# the name of a file, its text ({某甲}: the number of 某甲), the source that it is
FILES: dict[str, tuple[str, str]] = {
    # neither 被害人 nor 被骗金额 stands above a column
    "财产案件受损群众清单.csv": (
        """编号,案别,报案日期,报案人（受害人）,受害人证件,联系地址,被骗/被毁金额,止付返还金额,是否破案,自述家境
A1,诈骗,20250811,岑一川,{岑一川},东河乡第一村,"￥96,000",￥0,否,老伴瘫痪
A2,失火,20250306,温小月,{温小月},东河乡第一村,24.7万元,0,是,三口人住帐篷
A3,破坏生产经营,20251019,骆石头,{骆石头},东河乡第二村,185000,"2,000",是,借钱养鱼
""",
        "victim_with_case",
    ),
    # most of its columns are nobody's: what is told of loss is read all the same
    "网格受害群众包联表.csv": (
        """片区,网格长,包联干部,走访次数,姓名,证件号,损失金额（元）,满意度,下次走访,打卡率,积分,星级,牵头领导,督办科室
甲,某,某,3,苗青山,{苗青山},52000,好,下周,高,10,三,某,某
甲,某,某,3,蓝田玉,{蓝田玉},9000,好,下周,高,10,三,某,某
甲,某,某,3,宋春来,{宋春来},120000,好,下周,高,10,三,某,某
""",
        "plain_victim",
    ),
    "民政低收入数据库.csv": (
        """类型,户主,户主证,成员,成员证,关系,月人均,起始年月
低保,岑一川,{岑一川},岑一川,{岑一川},户主,350,2019.06
低保,岑一川,{岑一川},祝小荷,{祝小荷},妻,350,2019.06
低保边缘,莫问天,{莫问天},莫问天,{莫问天},户主,620,2024.07
""",
        "low_income_list",
    ),
    # as they speak at a police station: a day without the century, 伤成什么样, 钱赔了没
    "派出所案件登记.csv": (
        """发案,类别,被侵害人,身份证,伤成什么样,嫌疑人,钱赔了没,家里和其他情况
24年12月8号,打架致死,向前进,{向前进},12月11号人没了,某甲,没有,他是家里唯一挣钱的
25年2月14号,故意伤害,荣大成,{荣大成},重伤二级,某乙,赔了15万，写了谅解,开货车
25年8月30号,故意伤害,詹一鸣,{詹一鸣},轻微伤,某丙,没有,在街上住
""",
        "flat_ledger",
    ),
    # whose name and number it is nobody says; who of them is hurt is the victim
    "石门所案件情况.csv": (
        """编号,姓名及身份证号,案情,损害后果,已赔金额（元）,应赔金额（元）,备注
S1,尤金花 {尤金花},2025-03-21邻居某丁用木棒殴打,重伤二级，左眼失明,5000,137000,
S2,祝小荷 {祝小荷},2025-08-06被抢劫,重伤二级,0,78000,
""",
        "victim_list",
    ),
    "柳溪监测脱贫户.csv": (
        """户序,户主,家庭成员,关系,身份证号,身体,干得动活不,监测户/脱贫户,哪年纳入,消除没有,人均收入
1,向前进,向前进,本人,{向前进},健康,能,脱贫户,,,5766
,,岑一川,妻,{岑一川},多病,不能,,,,
,,温小月,女,{温小月},健康,上初中,,,,
2,荣大成,荣大成,本人,{荣大成},健康,半劳力,监测户（边缘易致贫）,2023.4,没有,6400
,,莫问天,父,{莫问天},多病,不能,,,,
""",
        "plain_register",
    ),
}


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("papers")
    (folder / "in").mkdir()
    for name, (text, _) in FILES.items():
        (folder / "in" / name).write_text(text.format(**ID), encoding="utf-8")
    with Workspace.open(folder / "ws") as opened:
        ingest(opened, LAYOUTS.sources, [folder / "in"], records=LAYOUTS.records)
        clean(opened, LAYOUTS)
        yield opened


def test_each_is_what_it_is(ws: Workspace) -> None:
    found = dict(ws.rows("select name, source_id from input_file"))
    assert found == {name: source for name, (_, source) in FILES.items()}


def test_who_reports_his_loss_is_the_victim(ws: Workspace) -> None:
    rows = ws.rows(
        "select v.name, role, v.loss, paid, charges_moved, c.note, accepted_on_lo::varchar from rec_victim as v"
        " join rec_case as c using (file_id, row_no) where v.name in ('岑一川', '温小月', '骆石头') order by row_no"
    )
    assert rows == [
        ("岑一川", "被害人", 96000, 0, "诈骗", "未侦破", "2025-08-11"),
        ("温小月", "被害人", 247000, 0, "失火", "已侦破", "2025-03-06"),
        ("骆石头", "被害人", 185000, 2000, "破坏生产经营", "已侦破", "2025-10-19"),
    ]


def test_of_a_paper_of_strange_columns_the_victims_are_read(ws: Workspace) -> None:
    rows = ws.rows("select name, role, loss from rec_victim where source_id = 'plain_victim' order by row_no")
    assert rows == [("苗青山", "被害人", 52000), ("蓝田玉", "被害人", 9000), ("宋春来", "被害人", 120000)]


def test_spoken_words_are_read(ws: Workspace) -> None:
    rows = ws.rows(
        "select v.name, happened_on_lo::varchar, charges_moved, injury, pay_state from rec_victim as v"
        " join rec_case as c using (file_id, row_no) where v.source_id = 'flat_ledger' order by row_no"
    )
    assert rows == [
        ("向前进", "2024-12-08", "打架致死", "死亡", "未赔偿"),
        ("荣大成", "2025-02-14", "故意伤害", "重伤二级", None),
        ("詹一鸣", "2025-08-30", "故意伤害", "轻微伤", "未赔偿"),
    ]
    rows = ws.rows(
        "select name, labour, monitoring_kind, identified_on_lo::varchar from rec_registry"
        " where source_id = 'plain_register' order by row_no"
    )
    assert rows == [
        ("向前进", "普通劳动力", "未纳入", None),
        ("岑一川", "无劳动力", None, None),
        ("温小月", None, None, None),  # who goes to school is not said to be unfit for work
        ("荣大成", "弱劳动力或半劳动力", "边缘易致贫户", "2023-04-01"),
        ("莫问天", "无劳动力", None, None),
    ]


def test_a_name_and_its_number_in_one_cell(ws: Workspace) -> None:
    rows = ws.rows("select name, id, injury, paid, due from rec_victim where source_id = 'victim_list' order by row_no")
    assert rows == [
        ("尤金花", ID["尤金花"], "重伤二级", 5000, 137000),
        ("祝小荷", ID["祝小荷"], "重伤二级", 0, 78000),
    ]


def test_a_number_of_a_case_is_nobodys(tmp_path: Path) -> None:
    """统受529921202500011 holds fifteen figures, and no person."""
    text = "被害人编号,统一受案号,被害人,证件号码,伤情\n1,统受529921202500011,岑一川,{岑一川},重伤二级\n"
    (tmp_path / "被害人信息.csv").write_text(text.format(**ID), encoding="utf-8")
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, LAYOUTS.sources, [tmp_path / "被害人信息.csv"], records=LAYOUTS.records)
        clean(ws, LAYOUTS)
        assert ws.rows("select unified_no, name from rec_victim") == [("统受529921202500011", "岑一川")]


def test_members_of_a_list_stand_under_member(ws: Workspace) -> None:
    rows = ws.rows("select list, name, head_name from rec_listing where name <> '莫问天' order by row_no")
    assert rows == [("低保", "岑一川", "岑一川"), ("低保", "祝小荷", "岑一川")]


# applications that name the victim and tell the case; suits in one table, who sues in another one
TOGETHER = {
    "控申司法救助申请登记.csv": """\
来访日期,申请人（姓名、身份证号）,与被害人关系,被害人,案件,损害,加害方履行,家庭,处理意见
二〇二五年十月九日,温小月 {温小月},父女,温大山,某甲故意杀人,2025年5月28日遇害,未赔,靠他养家,正在审查，尚未发放
二〇二五年八月八日,骆石头 {骆石头},本人,骆石头,故意伤害,2024年8月19日重伤二级,未赔,独居,已办结，发放救助金4万元
二〇二五年九月九日,苗青山 {苗青山},母子,苗大娘,某乙交通肇事（存疑不起诉）,重伤一级,一分未赔,住院,正在审查
二〇二五年九月十日,蓝田玉 {蓝田玉},本人,蓝田玉,故意伤害,轻伤一级,赔2万,教师,不符合，驳回
""",
    "民事及附带民事案件信息.csv": """案件标识,案号,案由,立案日期,裁判结果要点,判决给付金额,已履行金额,执行状态
AJ1,（2025）样民初310号,提供劳务者受害责任纠纷,20250312,宋春来为被告盖房高坠致重伤,536000,20000,终本
AJ2,（2025）样刑初77号,故意伤害罪（附带民事）,20250409,被告人某丙将向前进打成重伤二级,118600,2000,终本
AJ3,（2025）样民初655号,离婚纠纷,20250520,准予离婚,,,—
""",
    "当事人信息.csv": """案件标识,诉讼地位,当事人名称,证件号码,与受害人关系
AJ1,原告,宋春来,{宋春来},本人
AJ1,被告,某厂,,
AJ2,附带民事诉讼原告人,向前进,{向前进},本人
AJ2,被告人,詹一鸣,{詹一鸣},
AJ3,原告,荣大成,{荣大成},
""",
    # of the child's father, of himself, of what he did
    "未检关爱台账.csv": """编号,孩子,,案件情况,,,监护人,,关爱情况
,姓名,身份证,案发时间,什么案,孩子或家长受到什么损害,姓名,证件,赔偿
W1,祝小荷,{祝小荷},2025-12-08,故意伤害案,父亲祝大山被打成重伤一级，植物状态,莫问天,{莫问天},已付3000元，应赔62万元
W2,尤金花,{尤金花},2025-09-14,交通肇事（逃逸，未找到）,尤金花重伤二级，左腿截肢,岑一川,{岑一川},一分未赔
W3,詹小鸣,,2025-07-29,抢劫案,詹小鸣系抢劫案犯罪嫌疑人,詹一鸣,{詹一鸣},—
""",
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("county")
    (folder / "in").mkdir()
    for name, text in TOGETHER.items():
        (folder / "in" / name).write_text(text.format(**ID), encoding="utf-8")
    with Workspace.open(folder / "ws") as opened:
        job = Job(shipped_pack(), [folder / "in"], folder / "out", as_of=dt.date(2026, 5, 31))
        run(opened, job, last="involvement")
        yield opened


def test_an_applicant_is_kin_of_the_victim_whom_he_names(county: Workspace) -> None:
    rows = county.rows(
        "select distinct v.name, e.causes, r.injury, k.name from party as v join legal_event as e using (event_id)"
        " join victim_row as r using (party_id)"
        " left join kin_of as o using (party_id) left join party as k on o.kin_party_id = k.party_id"
        " where v.name in ('温大山', '骆石头', '苗大娘') order by v.name"
    )
    assert rows == [
        ("温大山", ["故意杀人罪"], "死亡", "温小月"),
        ("苗大娘", ["交通肇事罪"], "重伤一级", "苗青山"),
        ("骆石头", ["故意伤害罪"], "重伤二级", None),
    ]


def test_what_became_of_an_application_is_of_its_case(county: Workspace) -> None:
    rows = county.rows(
        "select v.name, state, certainty from aid_of join party as v using (party_id) order by certainty, v.name"
    )
    assert rows == [
        ("温大山", "尚未发放", 2),
        ("苗大娘", "审查中", 2),
        ("蓝田玉", "不予救助", 2),
        ("骆石头", "已发放", 2),
    ]


def test_who_sues_stands_in_another_table(county: Workspace) -> None:
    rows = county.rows(
        "select p.name, list_contains(p.roles, '被害人'), p.claims, e.claimed, e.executed"
        " from enforcement_of as e join party as p using (party_id) order by e.claimed nulls last"
    )
    assert rows == [
        ("向前进", True, False, 118600, 2000),  # beside a crime: its victim
        ("宋春来", False, True, 536000, 20000),
        ("荣大成", False, True, None, None),
    ]


def test_of_a_child_or_of_his_parent_as_the_words_say(county: Workspace) -> None:
    rows = county.rows(
        "select v.name, v.role, v.kin_name, e.causes from rec_victim as v join event_of_row as o"
        " on o.kind = 'victim' and v.file_id = o.file_id and v.row_no = o.row_no join legal_event as e using (event_id)"
        " where v.source_id = 'child_case' order by v.row_no"
    )
    assert rows == [
        ("祝大山", "被害人", "祝小荷", ["故意伤害罪"]),
        ("尤金花", "被害人", "岑一川", ["交通肇事罪"]),
        ("詹小鸣", "嫌疑人", "詹一鸣", ["抢劫罪"]),
    ]


# accidents in one sheet, their parties in another one, what the codes mean in a third
SHEETS = {
    "事故": """事故编号,发生时间,地点,死亡人数,受伤人数,事故简况,办理情况
2025-1,2025/04/17 19:40,某处,1,0,某甲驾无牌三轮车撞行人后驶离,民事赔偿未履行
2025-2,2025/06/11 08:20,某处,0,1,某乙越线与某丙相撞,保险理赔完毕""",
    "当事人": """事故编号,当事人,证件号,责任,人员损伤,伤情说明,应赔,已收到
2025-1,詹一鸣,{詹一鸣},1,3,,,
2025-1,尤金花,{尤金花},2,1,当场死亡,512000,0
2025-2,祝小荷,{祝小荷},2,2,"股骨骨折，重伤二级",9000,100
2025-2,岑一川,{岑一川},2,2,重伤二级,20000,1000""",
    "代码说明": """代码,项目,含义
1,责任,全部
2,责任,无
,,
1,人员损伤,死亡
2,人员损伤,重伤
3,人员损伤,未受伤""",
}


def test_a_sheet_explains_the_codes_of_another_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in SHEETS.items():
        sheet = book.create_sheet(name)
        for row in csv.reader(text.format(**ID).splitlines()):
            sheet.append(row)
    book.save(tmp_path / "交通事故.xlsx")
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, LAYOUTS.sources, [tmp_path / "交通事故.xlsx"], records=LAYOUTS.records)
        clean(ws, LAYOUTS)
        rows = ws.rows("select case_no, name, injury, fault, due, paid from rec_victim order by row_no")
        told = ws.rows("select case_no, note from rec_case where source_id = 'traffic_events' order by row_no")
    assert rows == [
        ("2025-1", "尤金花", "死亡", "无责", 512000, 0),
        ("2025-2", "祝小荷", "重伤(级别不明)", "无责", 9000, 100),
        ("2025-2", "岑一川", "重伤(级别不明)", "无责", 20000, 1000),
    ]
    assert told == [("2025-1", "民事赔偿未履行"), ("2025-2", "保险理赔完毕")]


@pytest.mark.parametrize("other", ["", "字典项,代码,名称\n受害形式,1,重伤\n受害形式,2,死亡\n"])
def test_a_file_of_codes_explains_those_of_another_file(other: str, tmp_path: Path) -> None:
    """As a police export has them: letters and numbers in the list, the dictionary in a workbook of its own. Where a
    second dictionary says otherwise, nobody knows which of them is meant."""
    text = "受害人姓名,受害人证件号码,发案时间,受害形式,简要案情\n"
    text += "尤金花,{尤金花},20250417,2,被人打伤\n祝小荷,{祝小荷},20250611,1,被撞身亡\n"
    text += "岑一川,{岑一川},20250612,5,手机被盗\n"
    (tmp_path / "受害人信息.csv").write_text(text.format(**ID), encoding="utf-8")
    codes = "字典项,代码,名称\n受害形式,1,死亡\n受害形式,2,重伤\n受害形式,5,财产损失\n"
    (tmp_path / "代码.csv").write_text(codes, encoding="utf-8")
    with Workspace.open(tmp_path / "ws") as ws:
        paths = [tmp_path / "受害人信息.csv", tmp_path / "代码.csv"]
        if other:
            paths.append(tmp_path / "别的系统代码.csv")
            paths[-1].write_text(other, encoding="utf-8")
        ingest(ws, LAYOUTS.sources, paths, records=LAYOUTS.records)
        clean(ws, LAYOUTS)
        rows = ws.rows("select name, injury from rec_victim order by row_no")
        unread = ws.rows("select count(*) from issue where code = 'CODE_UNKNOWN' and column_name = '受害形式'")
    harms = [None, None, None] if other else ["重伤(级别不明)", "死亡", "无人身伤害"]
    assert rows == list(zip(["尤金花", "祝小荷", "岑一川"], harms, strict=True))
    assert unread == [(3 if other else 0,)]


def test_who_is_helped_already_is_heard_under_its_heading(tmp_path: Path) -> None:
    texts = {
        "被害人信息.csv": "统一受案号,被害人,证件号码,伤情,获赔（元）,应获赔（元）,近亲属/代理人,救助办理\n"
        "统受529921202500011,岑一川,{岑一川},重伤二级,0,88000,祝小荷,2026-03-20发放25000元\n"
        "统受529921202500012,温小月,{温小月},重伤二级,8000,166000,,\n"
        "统受529921202500013,骆石头,{骆石头},轻伤一级,100,9000,,\n",
        # whose number stands beside him: the head's, who is called 申请人
        "困难群众台账.csv": "困难类型,申请人,公民身份号码,人口,家庭成员\n"
        "低保边缘家庭,莫问天,{莫问天},2,詹小鸣(配偶)\n最低生活保障,尤金花,{尤金花},2,祝小鸣(儿子)\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text.format(**ID), encoding="utf-8")
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, LAYOUTS.sources, [tmp_path / name for name in texts], records=LAYOUTS.records)
        clean(ws, LAYOUTS)
        victims = ws.rows("select name, due, paid, kin_name, note from rec_victim order by row_no")
        listed = ws.rows("select name, id, list from rec_listing order by row_no, part_no")
    assert victims == [
        ("岑一川", 88000, 0, "祝小荷", "司法救助金2026-03-20发放25000元"),
        ("温小月", 166000, 8000, None, None),
        ("骆石头", 9000, 100, None, None),
    ]
    assert listed == [
        ("莫问天", ID["莫问天"], "低保边缘"),
        ("詹小鸣", None, "低保边缘"),
        ("尤金花", ID["尤金花"], "低保"),
        ("祝小鸣", None, "低保"),
    ]


# tables of parties of three kinds, and what stands before the question whether they were helped
ASKED = {
    "被害人信息.csv": "被害人,证件号码,罪名,案发日期,伤情,赔偿情况,{asked}\n"
    "{name},{id},故意伤害罪,2025-03-05,重伤二级,未赔偿,{said}\n",
    "交通事故台账.csv": "事故编号,事故时间,当事人姓名,身份证号,伤亡情况,事故责任,{asked}\n"
    "SG1,2025.3.5,{name},{id},重伤二级,次要责任,{said}\n",
    "执行案件.csv": "执行案号,申请执行人,申请执行人身份证号,被执行人,案由,申请标的,到位金额,结案方式,{asked}\n"
    "（2025）样执1号,{name},{id},某甲,生命权纠纷,100000,0,终本,{said}\n",
}


@pytest.mark.parametrize("asked", ["是否救助过", "以前救助过没有", "是否获得过救助", "曾获救助情况"])
@pytest.mark.parametrize("name", ASKED)
def test_whether_somebody_was_helped_is_asked_of_any_table(tmp_path: Path, name: str, asked: str) -> None:
    """First seen in a ledger of a new office: the answer was not read, and a family already helped was listed."""
    said = "是，2025年2月发3万元"
    (tmp_path / name).write_text(ASKED[name].format(asked=asked, name="荣大成", id=ID["荣大成"], said=said), "utf-8")
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, LAYOUTS.sources, [tmp_path / name], records=LAYOUTS.records)
        clean(ws, LAYOUTS)
        table = "rec_enforcement" if "执行" in name else "rec_victim"
        assert [said in str(note) for (note,) in ws.rows(f"select note from {table}")] == [True]
