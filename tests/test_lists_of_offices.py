"""Lists of offices that are neither case files nor registers: each is read for what it says and for nothing else.

One small invented county; every list names a few persons of it, so that one run shows what became of all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from tiny_county import number

from clue_engine.pipeline import Job, run
from clue_engine.workspace import Workspace
from tests.record_world import shipped_pack

ID = {
    "农大山": number("19800101", 11), "农小山": number("20150301", 12), "韦四": number("19850202", 13),
    "覃五": number("19900303", 14), "陆六": number("19750404", 15), "梁七": number("19880505", 16),
    "黄小八": number("20140606", 17), "黄奶奶": number("19550707", 18), "黄爸": number("19860808", 19),
    "蒙九": number("19790909", 20), "蒙妻": number("19811010", 21), "卢十": number("19701111", 23),
    "石大": number("19700505", 31), "石妻": number("19720303", 32), "石小": number("20050606", 33),
    "齐三": number("19680808", 35), "齐妻": number("19690909", 36), "边一": number("19600101", 37),
    "庞一": number("19610101", 39),
    "莫小一": number("20160101", 24), "莫奶奶": number("19560202", 25), "唐外人": number("19600303", 26),
}  # fmt: skip
FILES = {
    "监测对象信息_20250630.csv": """姓名,证件号码,户编号,乡镇,村,与户主关系,监测对象类别,风险是否已消除,人均纯收入
农大山,{农大山},5299211012010001,东河乡,第一村,户主,,,6500
农小山,{农小山},5299211012010001,东河乡,第一村,之子,,,6500
陆六,{陆六},5299211012010002,东河乡,第一村,户主,突发严重困难户,否,6500
蒙九,{蒙九},5299211012010003,东河乡,第一村,户主,,,16500
蒙妻,{蒙妻},5299211012010003,东河乡,第一村,配偶,,,16500
卢十,{卢十},5299211012010004,东河乡,第一村,户主,突发严重困难户,否,6500
""",
    "案件查询列表.csv": """部门受案号,案件名称,案件类别,嫌疑人姓名,嫌疑人证件号码,受理日期,案由,处理结果,一审宣告刑,刑期
样检刑诉受[2025]11号,某交通肇事案,审查起诉,甲某,,2025-05-05,交通肇事罪,起诉,,
样检刑诉受[2025]12号,某贩卖毒品案,审查起诉,黄爸,{黄爸},2025-01-05,贩卖毒品罪,起诉,有期徒刑八年,96
""",
    "刑事案件被害人信息.csv": """部门受案号,被害人姓名,证件号码,伤情等级,附带民事判决金额（元）,已获赔偿金额（元）
样检刑诉受[2025]11号,农大山,{农大山},重伤二级,100000,100000
""",
    # one row a party: the driver who is not hurt is nobody's victim, nor is he a suspect
    "交通事故台账.csv": """事故编号,事故时间,当事人姓名,身份证号,伤亡情况,事故责任,保险赔付情况
5299012025001,2025.3.5,农大山,{农大山},重伤二级,次要责任,已赔付10万元
5299012025001,2025.3.5,韦四,{韦四},无,主要责任,
5299012025002,2025.4.5,覃五,{覃五},轻伤一级,全部责任,无
""",
    "民事监督清单.csv": """监督案号,申请监督人,申请人身份证,对方当事人,纠纷,生效裁判主文,执行进展,申请人家庭情况
样民监〔2025〕1号,陆六,{陆六},某某,健康权纠纷（2024年9月）,某某赔偿陆六153600元,已执行4000元，终本,独自带孙子
样民监〔2025〕2号,梁七,{梁七},某某,健康权纠纷,梁七赔偿某某20000元,,家庭困难
""",
    "民政孤儿和事实无人抚养儿童保障名册.csv": """编号,儿童,儿童证件,保障类型,起发月,月标准,监护人,监护人证件,情况
1,莫小一,{莫小一},事实无人抚养儿童,202303,1400,莫奶奶,{莫奶奶},父服刑、母失联
""",
    "困境儿童待核名单.csv": """儿童,儿童证件,代养人,代养人证件,父亲,父亲证件,父母状况
黄小八,{黄小八},黄奶奶,{黄奶奶},黄爸,{黄爸},父服刑（八年），母亲2019年病故
农小山,{农小山},农大山,{农大山},,,父亲在家，母未改嫁
""",
    "残疾人两项补贴发放表5月.csv": """序,领补贴人,残疾证编号,生活补贴(元),护理补贴(元),备注
1,陆六,{陆六}42,80,80,
2,蒙九,{蒙九}41,,0,停发待核
""",
    "农户花名册.csv": """户编号,姓名,证件号码,与户主关系,乡镇,村
5299211012010011,石大,{石大},户主,东河乡,第二村
5299211012010011,石妻,{石妻},妻,东河乡,第二村
5299211012010011,石小,{石小},子,东河乡,第二村
5299211012010012,齐妻,{齐妻},户主,东河乡,第二村
5299211012010013,庞一,{庞一},户主,西河乡,第三村
""",
    # forms of a village: no numbers, the case in words; the village is in the title
    "第二村入户排查表.csv": """户序,户主,成员姓名,与户主关系,出生年月,是否涉法涉案及影响
1,石大,石大,户主,1970年5月,2025年3月被人砍伤，一直没有赔
1,石大,石妻,妻,1972年3月,2025年3月被人砍伤，一直没有赔
""",
    # whom of the household the words are about: a son, the wife by name, nobody but the head
    "第八村入户排查表.csv": """户序,户主,成员姓名,与户主关系,出生年月,健康状况,是否涉法涉案及影响
1,桂一,桂一,户主,1960年5月,健康,儿子桂小一2025年3月被人杀害，凶手判死缓没有钱赔
1,桂一,桂孙,孙女,2013年5月,健康,
2,桂二,桂二,户主,1970年5月,健康,2025年2月黎小妹刷单被骗3.6万，没追回
2,桂二,黎小妹,妻,1972年5月,健康,
3,桂三,桂三,户主,1950年5月,中风,独子抢劫判11年，老两口没人管
7,桂七,桂七,户主,1985年5月,健康,丈夫2024年死于车祸
8,桂八,桂八,户主,1965年5月,健康,儿子把别人打成重伤，被判四年，赔了人家6万元
9,桂九,桂九,户主,1965年5月,健康,母亲2020年因病死亡
10,桂十,桂十,户主,1965年5月,健康,2019年儿子打架被判三年，已刑满释放
4,桂四,桂四,户主,1975年5月,高位截瘫,2024年4月给别人盖房摔下，法院判赔39.6万，强制执行没财产，终本
5,桂五,桂五,户主,1975年5月,瘫痪,2025年1月被儿子骗走2万元，人均6500元
6,桂六,桂六,户主,1986年5月,健康,桂六贩毒2024年9月被判8年，原来在浙江打工养家
""",
    # a village of that name in another town: whoever is called so there is somebody else
    "样山县东河乡第三村入户排查表.csv": """户序,户主,成员姓名,与户主关系,出生年月,是否涉法涉案及影响
1,庞一,庞一,户主,1961年1月,2025年3月被人打伤，没有赔
""",
    # no column for it: the kinds of household tell who is monitored, and of the same form who is not
    "第五村农户花名册.csv": """户主,成员姓名,与户主关系,出生年月,户类别,乡镇,村
云一,云一,户主,1970年5月,一般户,西河乡,第五村
云二,云二,户主,1970年6月,监测户（脱贫不稳定户，2024年6月已消除）,西河乡,第五村
云三,云三,户主,1970年7月,低保户,西河乡,第五村
云四,云四,户主,1970年8月,监测户,西河乡,第五村
""",
    "第六村农户花名册.csv": """户主,成员姓名,与户主关系,出生年月,农户类型,乡镇,村
云五,云五,户主,1970年5月,一般户,西河乡,第六村
""",
    "第七村农户花名册.csv": """户主,成员姓名,与户主关系,出生年月,是否监测户,乡镇,村
云六,云六,户主,1970年5月,否,西河乡,第七村
云七,云七,户主,1970年5月,是,西河乡,第七村
""",
    "第二村因案致困摸排表.csv": """户主,身份证号码,涉案人,与户主关系,案件简况,已获赔偿（元）
石大,,石小,之子,2025年4月被人骗走家里的钱，没有追回,0
""",
    "涉案人员信息.csv": """关联案号,人员身份,姓名,证件号码,伤情等级,财产损失（元）,已获赔金额
样检刑诉受[2025]13号,被害人,齐三,{齐三},死亡,,500
样检刑诉受[2025]13号,附带民事诉讼原告人,齐妻,{齐妻},,,
""",
    "救助对象查询.csv": """家庭编号,对象姓名,对象身份证号,救助项目,救助状态,停止年月
1,石大,{石大},农村低保,在享,
2,齐妻,{齐妻},农村低保,停止,
3,莫奶奶,{莫奶奶},分散供养,在享,
""",
    "民政低保特困名单.csv": """户主,身份证号,类别,人数,状态
石大,{石大},农村低保,3,在享
莫奶奶,{莫奶奶},特困,1,在享
""",
    "低保边缘家庭.csv": """户主姓名,身份证号,人口
边一,{边一},3
""",
    "医保大额自付名单.csv": """序号,参保人,参保人证件号,就医日期,住院总费用,个人自付（合规）
1,卢十,{卢十},2025-01-09,186300,70000
2,卢十,{卢十},2025-03-09,20000,9000
3,卢十,{卢十},2025-03-09,20000,9000
4,卢十,{卢十},2024-03-09,20000,8000
5,唐外人,{唐外人},2025-01-09,186300,79000
""",
}


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("lists")
    (folder / "in").mkdir()
    for name, text in FILES.items():
        (folder / "in" / name).write_text(text.format(**ID), encoding="utf-8")
    with Workspace.open(folder / "ws") as opened:
        run(
            opened, Job(shipped_pack(), [folder / "in"], folder / "out", as_of=dt.date(2025, 6, 30)), last="involvement"
        )
        yield opened


def test_each_list_has_a_home(ws: Workspace) -> None:
    assert dict(ws.rows("select name, source_id from input_file")) == {
        "监测对象信息_20250630.csv": "monitoring_custom",
        "案件查询列表.csv": "prosecution_card",
        "刑事案件被害人信息.csv": "victim_list",
        "交通事故台账.csv": "traffic_parties",
        "民事监督清单.csv": "civil_supervision",
        "民政孤儿和事实无人抚养儿童保障名册.csv": "child_benefit_list",
        "困境儿童待核名单.csv": "child_survey",
        "残疾人两项补贴发放表5月.csv": "disability_subsidy",
        "农户花名册.csv": "monitoring_custom",
        "第五村农户花名册.csv": "plain_register",
        "第六村农户花名册.csv": "plain_register",
        "第七村农户花名册.csv": "plain_register",
        "第二村入户排查表.csv": "involved_members",
        "第八村入户排查表.csv": "involved_members",
        "样山县东河乡第三村入户排查表.csv": "involved_members",
        "第二村因案致困摸排表.csv": "involved_person",
        "涉案人员信息.csv": "ledger_person",
        "救助对象查询.csv": "plain_list",
        "民政低保特困名单.csv": "titled_list",  # of two kinds: no list of 特困, whatever its title
        "低保边缘家庭.csv": "titled_list",
        "医保大额自付名单.csv": "medical_payment",
    }


def test_the_accident_of_the_police_is_the_case_of_the_prosecutors(ws: Workspace) -> None:
    """By the victim's number and the day: one event, whose charge is the prosecutors' and whose payment settles it."""
    found = ws.rows("select case_no, cause, paid, due, fault from fact_involvement where name = '农大山'")
    assert found == [("样检刑诉受[2025]11号", ["交通肇事罪"], 100000, 100000, "次责")]


def test_a_driver_is_no_party_unless_he_is_hurt(ws: Workspace) -> None:
    assert ws.rows("select roles, fault from party join victim_row using (party_id) where party.name = '覃五'") == [
        (["被害人"], "全责")
    ]
    assert not ws.rows("select 1 from party where name = '韦四'")


def test_who_applies_for_supervision_is_no_victim(ws: Workspace) -> None:
    """He sues for what the judgment grants him; who was himself told to pay is owed nothing."""
    assert ws.rows(
        "select name, roles, claim, claim_injured, award, paid, exe_state from fact_involvement"
        " where name in ('陆六', '梁七') order by name desc"
    ) == [
        ("陆六", ["原告"], "侵权赔偿", True, 153600, 4000, "终结本次执行程序"),
        ("梁七", ["原告"], "其他", True, None, None, None),
    ]


def test_a_child_of_a_list_lives_with_its_guardian_and_has_its_parents(ws: Workspace) -> None:
    home = "household_id = (select household_id from fact_member where name = '黄小八')"
    assert ws.rows(f"select name, father_state, mother_state from fact_member where {home} order by name") == [
        ("黄奶奶", None, None),
        ("黄小八", "服刑", "死亡"),
        ("黄爸", None, None),
    ]
    assert ws.rows(f"select roles, sentence from fact_involvement where {home}") == [(["嫌疑人"], 96)]
    parents = "select p.name from fact_kin as k join person as p on k.other_person_id = p.person_id"
    assert ws.rows(f"{parents} where k.link = '父母' and k.{home}") == [("黄爸",)]
    # a child of the register stays there; what is denied of a parent is not said of him
    assert ws.rows("select relation, father_state, mother_state from fact_member where name = '农小山'") == [
        ("之子", "健在", None)
    ]


def test_only_who_is_on_the_benefit_list_has_the_benefit(ws: Workspace) -> None:
    listed = (
        "select p.name from fact_hardship as h join person as p using (person_id) where h.list = '孤儿事实无人抚养'"
    )
    assert ws.rows(listed) == [("莫小一",)]


def test_subsidies_of_the_disabled_are_held_while_they_are_paid(ws: Workspace) -> None:
    """The certificate is known from its number; that others stand on no list of subsidies says nothing of theirs."""
    assert ws.rows(
        "select name, cert_level, subsidised from fact_member where name in ('陆六', '蒙九', '蒙妻') order by name"
    ) == [("蒙九", "一级", False), ("蒙妻", None, False), ("陆六", "二级", True)]


def test_payments_add_up_in_a_known_household_and_found_none(ws: Workspace) -> None:
    home = "household_id in (select household_id from fact_member where name = '卢十')"
    assert ws.rows(f"select own_payment from fact_household where {home}") == [(79000,)]
    assert not ws.rows("select 1 from person where name = '唐外人'")


def test_a_village_form_meets_the_register_without_numbers(ws: Workspace) -> None:
    """Its people are those of the register; what it tells of the case stands on the row of the head alone."""
    assert ws.rows("select id from person where name in ('石大', '石妻', '石小') order by 1") == [
        (ID["石大"],),
        (ID["石妻"],),
        (ID["石小"],),
    ]
    assert ws.rows("select count(*) from household where head_name = '石大'") == [(1,)]
    told = ws.rows(
        "select name, role, address from rec_victim where source_id = 'involved_members'"
        " and address <> '第八村' order by 1"
    )
    assert told == [("庞一", "被害人", "第三村"), ("石大", "被害人", "第二村")]
    assert set(ws.rows("select town, village, id from person where name = '庞一'")) == {
        ("西河乡", "第三村", ID["庞一"]),
        ("东河乡", "第三村", None),
    }


def test_the_words_of_a_village_form_say_of_whom_and_what(ws: Workspace) -> None:
    """桂五 was robbed by his son, and is paralysed not by that; the mother of 桂九 was no case."""
    found = ws.rows(
        "select c.name, roles, h.head_name, harm, loss, c.award, pay_state, cause_kind, exe_state, sentence,"
        " own_outcome, event_date_lo from fact_involvement as c join household as h using (household_id)"
        " where h.village = '第八村' order by h.head_name"
    )
    ended = "终结本次执行程序"
    day = [dt.date(*d, 1) for d in ((2025, 3), (2025, 2), (2024, 4), (2025, 1), (2024, 9), (2024, 1), (2019, 1))]
    assert sorted(found, key=lambda row: "一二三四五六七八十".index(row[2][1])) == [
        ("桂小一", ["被害人"], "桂一", "死亡", None, None, "未赔偿", "人身", None, None, [], day[0]),
        ("黎小妹", ["被害人"], "桂二", "无人身伤害", 36000, None, "未赔偿", "财产", None, None, [], day[1]),
        ("桂三的儿子", ["嫌疑人"], "桂三", None, None, None, None, "人身", None, 132, ["实刑"], None),
        ("桂四", ["被害人"], "桂四", "重伤(级别不明)", None, 396000, "未赔偿", None, ended, None, [], day[2]),
        ("桂五", ["被害人"], "桂五", "无人身伤害", 20000, None, None, "财产", None, None, [], day[3]),
        ("桂六", ["嫌疑人"], "桂六", None, None, None, None, None, None, 96, ["实刑"], day[4]),
        ("桂七的丈夫", ["被害人"], "桂七", "死亡", None, None, None, "道路交通", None, None, [], day[5]),
        ("桂八的儿子", ["嫌疑人"], "桂八", None, None, None, None, None, None, 48, ["实刑"], None),
        ("桂十的儿子", ["嫌疑人"], "桂十", None, None, None, None, None, None, None, [], day[6]),
    ]  # fmt: skip
    poor = (
        "select head_name, income_pc_at_most from fact_household join household using (household_id)"
        " where income_pc_at_most > 0"
    )
    assert ws.rows(f"{poor} and household.village = '第八村'") == [("桂五", 6500)]
    assert ws.rows("select name from rec_victim where is_minor = false") == [("桂七的丈夫",)]
    assert ws.rows("select said from told_of where said like '%桂小一' or said = '独子' order by 1") == [
        ("儿子桂小一",),
        ("独子",),
    ]


def test_who_is_not_monitored_is_known_of_the_place_and_the_form_only(ws: Workspace) -> None:
    """石大 lives in another village than the register of the monitored is of; 云三, 云四, 云五 might be anything."""
    found = ws.rows(
        "select head_name, monitoring_kind, risk_removed, removed_on_lo, monitoring_told from fact_household"
        " join household using (household_id) where left(head_name, 1) in ('云', '农', '石') order by 1"
    )
    assert found == [
        ("云一", "未纳入", None, None, "名册“户类别”一列写有监测户，此户写的是一般农户"),
        ("云七", None, None, None, None),
        ("云三", None, None, None, None),
        ("云二", "脱贫不稳定户", True, dt.date(2024, 6, 1), None),
        ("云五", None, None, None, None),
        ("云六", "未纳入", None, None, None),
        ("云四", None, None, None, None),
        ("农大山", "未纳入", None, None, None),
        ("石大", None, None, None, None),
    ]


def test_a_relative_of_the_case_in_the_same_household_tells_who_is_meant(ws: Workspace) -> None:
    found = (
        "select p.name, l.tier from link_party as l join party as p using (party_id) where p.name in ('石大', '石小')"
    )
    assert set(ws.rows(found)) == {("石大", "T6"), ("石小", "T7")}


def test_who_sues_for_a_dead_victim_is_his_family(ws: Workspace) -> None:
    found = "select h.household_no, x.via, c.paid from household_party as x join household as h using (household_id)"
    joined = (
        f"{found} join party as p using (party_id) join fact_involvement as c using (party_id) where p.name = '齐三'"
    )
    assert ws.rows(joined) == [("5299211012010012", "近亲属", 500)]


def test_a_list_says_in_rows_or_title_what_it_is(ws: Workspace) -> None:
    """Whose benefit has ended is on no list."""
    assert ws.rows("select name, list, ended from rec_listing where source_id = 'plain_list' order by row_no") == [
        ("石大", "低保", False),
        ("齐妻", "低保", True),
        ("莫奶奶", "特困", False),
    ]
    titled = ws.rows("select name, list from rec_listing where source_id = 'titled_list' order by file_id, row_no")
    assert titled == [("边一", "低保边缘"), ("石大", "低保"), ("莫奶奶", "特困")]
    held = ws.rows("select distinct p.name from fact_hardship join person as p using (person_id) where list = '低保'")
    assert held == [("石大",)]
