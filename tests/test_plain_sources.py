"""Tables that fit no known layout: loaded for what their columns, values and title say, and for nothing else."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace
from tests.heading_tables import IDS, NAMES, OTHER_IDS, OTHERS, N

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
CASES = [f"样检刑受[2025]{100 + i}号" for i in range(N)]
NUMBERS = [f"529921250{i:04d}" for i in range(N)]
DAYS = [f"2025-{1 + i % 12:02d}-1{i % 10}" for i in range(N)]
CRIMES = ["故意伤害罪", "盗窃罪"] * (N // 2)
HEADS = [NAMES[i - i % 4] for i in range(N)]
RELATIONS = ["01-本人", "10-配偶", "20-子", "30-女"] * (N // 4)

# name of the file (and title): heading -> cells; wanted: source, heading -> field; "" = not used
TABLES: dict[str, tuple[dict[str, list[str]], str, dict[str, str]]] = {
    "一般嫌疑人": (
        {"案号": CASES, "罪名": CRIMES, "犯罪嫌疑人": OTHERS, "身份证号": OTHER_IDS, "收案日期": DAYS},
        "plain_case",
        {"案号": "case.case_no", "犯罪嫌疑人": "case.suspect_name", "身份证号": "case.suspect_id"},
    ),
    "犯罪嫌疑人一览": (
        {"案件流水号": NUMBERS, "姓名": OTHERS, "证照号码": OTHER_IDS, "立案罪名": CRIMES, "接收日期": DAYS},
        "plain_case",
        {"案件流水号": "case.case_no", "姓名": "case.suspect_name", "证照号码": "case.suspect_id"},
    ),
    "某某登记": (  # whose name and number?
        {"案号": CASES, "姓名": OTHERS, "身份证号": OTHER_IDS, "罪名": CRIMES, "收案日期": DAYS},
        "plain_case",
        {"案号": "case.case_no", "姓名": "", "身份证号": ""},
    ),
    "受害群众花名": (
        {"案号": CASES, "姓名": NAMES, "身份证": IDS, "受伤程度鉴定": ["重伤二级", "轻伤一级"] * (N // 2)},
        "victim_list",
        {
            "案号": "victim.case_no,case.case_no",
            "姓名": "victim.name",
            "身份证": "victim.id",
            "受伤程度鉴定": "victim.injury",
        },
    ),
    "来访登记": (  # the number of the case complained of is not that of the petition
        {"登记日期": DAYS, "来访人": NAMES, "来访人身份证": IDS, "反映事项": ["请求帮助"] * N, "案号": CASES},
        "petition_list",
        {"来访人": "victim.name", "反映事项": "case.summary", "案号": ""},
    ),
    "交通事故登记": (  # who is hurt is a victim, not who drives: test_lists_of_offices
        {"事故编号": NUMBERS, "驾驶人姓名": NAMES, "身份证号": IDS, "伤亡情况": ["轻微伤", "无"] * (N // 2)},
        "traffic_parties",
        {"事故编号": "case.case_no,victim.case_no", "驾驶人姓名": "victim.name", "伤亡情况": "victim.injury"},
    ),
    "某年交通事故": (  # names of which nobody says whose they are
        {"事故编号": NUMBERS, "姓名": NAMES, "身份证号": IDS, "事故地点": ["甲路"] * N},
        "",
        {},
    ),
    "民事监督清单": (
        {"监督案号": NUMBERS, "申请监督人": NAMES, "申请人身份证": IDS, "纠纷": ["健康权纠纷"] * N},
        "civil_supervision",
        {"申请监督人": "victim.name", "申请人身份证": "victim.id", "纠纷": "case.charges"},
    ),
    "住户底册": (
        {"门牌": [f"{i // 4}号" for i in range(N)], "当家人": HEADS, "家人姓名": NAMES, "与户主是何关系": RELATIONS},
        "plain_register",
        {"当家人": "registry.head_name", "家人姓名": "registry.name", "与户主是何关系": "registry.relation"},
    ),
    "家庭成员明细": (
        {
            "家庭标识码": [f"529921100200{i // 4:04d}" for i in range(N)], "公民身份证件号": IDS, "成员名称": NAMES,
            "家庭角色": RELATIONS, "家庭成员总数": ["4"] * N,
        },
        "monitoring_custom",
        {"家庭标识码": "registry.household_no", "家庭角色": "registry.relation", "公民身份证件号": "registry.id"},
    ),
    "低保在享家庭": (
        {"村别": ["第一村"] * N, "申领人": NAMES, "申领人证照号码": IDS, "保障人口数": ["3"] * N, "起保年月": DAYS},
        "plain_dibao",
        {"申领人": "listing.name", "申领人证照号码": "listing.id"},
    ),
    "防返贫重点户": (
        {"哪个村": ["第一村"] * N, "当家人": NAMES, "身份证": IDS, "监测户属性": ["突发困难", "边缘易致贫"] * (N // 2)},
        "plain_monitored",
        {"当家人": "registry.name,registry.head_name,listing.name", "监测户属性": "registry.monitoring_kind"},
    ),
    "农户收入汇总": (  # heads alone, no number of the household: what a column of kinds says goes where it belongs
        {
            "村": ["第一村"] * N, "户主": NAMES, "身份证": IDS, "家庭其他成员": ["妻、二子", "独居"] * (N // 2),
            "户属性": ["脱贫户", "低保户"] * (N // 2), "月人均收入": [f"{500 + i}" for i in range(N)],
            "已纳入监测": ["否", "是"] * (N // 2),
        },
        "plain_monitored",
        {"户主": "registry.name,registry.head_name,listing.name", "户属性": "registry.household_type,listing.list",
         "家庭其他成员": "registry.note",
         "月人均收入": "registry.total_income_pc", "已纳入监测": "registry.monitoring_kind"},
    ),
    "法律援助登记": (
        {"受援人": NAMES, "证件号码": IDS, "案由": ["健康权纠纷"] * N, "受理日期": DAYS, "取得利益": ["50000"] * N,
         "实际到账": ["0"] * N},
        "legal_aid",
        {"受援人": "victim.name", "证件号码": "victim.id", "取得利益": "victim.award", "实际到账": "victim.paid"},
    ),
    "反诈登记": (
        {"立案编号": NUMBERS, "报案人": NAMES, "报案人身份证": IDS, "被骗金额": ["9000"] * N, "挽损金额": ["0"] * N},
        "fraud_report",
        {"报案人": "victim.name", "被骗金额": "victim.loss", "挽损金额": "victim.paid"},
    ),
    "附带民事判决": (  # a suspect and victims with their numbers, what befell them and their families in one cell each
        {
            "案号": CASES, "罪名": CRIMES,
            "被告人": [f"{a},{b}" if i % 2 else a for i, (a, b) in enumerate(zip(OTHERS, OTHER_IDS, strict=True))],
            "被害人信息": [
                f"{a}({b}),重伤二级" if i % 2 else f"{a}({b}),系死者萧某山之妻"
                for i, (a, b) in enumerate(zip(NAMES, IDS, strict=True))
            ],
            "履行": ["0", "2"] * (N // 2), "判项内容": ["赔偿人民币46200元"] * N,
        },
        "flat_ledger",
        {"犯罪嫌疑人姓名": "case.suspect_name", "犯罪嫌疑人证件号码": "case.suspect_id", "被害人姓名": "victim.name",
         "受侵害后果": "victim.injury,victim.note", "近亲属证件号码": "victim.kin_id", "履行": "victim.pay_state"},
    ),
    "临时救助发放": (  # the aid of another office is no aid in a case: a list of those in need
        {"领取人": NAMES, "身份证号": IDS, "发放金额（元）": ["3000"] * N, "发放日期": DAYS},
        "titled_list",
        {"领取人": "listing.name", "身份证号": "listing.id"},
    ),
    "检察院救助金发放": (
        {"领钱的人": NAMES, "身份证": IDS, "对应案件案号": CASES, "实发救助金（元）": ["30000"] * N},
        "judicial_aid_case",
        {"领钱的人": "aid.applicant_name", "对应案件案号": "aid.origin_case_no", "实发救助金（元）": "aid.amount"},
    ),
    "法院执行情况": (
        {
            "执行案号": [f"(2025)样9921执{i}号" for i in range(N)], "权利人": NAMES, "权利人身份证号": IDS,
            "义务人": OTHERS, "标的额（元）": [f"{90000 + 700 * i}" for i in range(N)],
            "已到位（元）": [f"{100 * i}" for i in range(N)],
        },
        "enforcement",
        {"权利人": "enforcement.applicant_name", "权利人身份证号": "enforcement.applicant_id",
         "义务人": "enforcement.respondent_name", "已到位（元）": "enforcement.executed"},
    ),
    # as systems of offices export them
    "低保边缘人员查询_20250630": (
        {
            "姓名": NAMES, "身份证号": IDS, "与户主关系": RELATIONS, "户主身份证号": [IDS[i - i % 4] for i in range(N)],
            "月收入": ["1200"] * N, "残疾证号": [""] * N, "劳动能力": ["部分丧失劳动能力"] * N,
            "纳入月份": ["202401"] * N,
        },
        "low_income_list",
        {"姓名": "listing.name,registry.name", "户主身份证号": "listing.head_id,registry.head_id",
         "纳入月份": "listing.since", "月收入": "", "残疾证号": ""},
    ),
    "村民信息": (  # a column of the disabled makes no list of the disabled
        {
            "村民姓名": NAMES, "身份证号码": IDS, "特种（残疾）信息": ["无", "肢体三级"] * (N // 2), "户主": HEADS,
            "户主身份证号": [IDS[i - i % 4] for i in range(N)], "与户主关系": RELATIONS,
            "是否低保户": ["1", "0"] * (N // 2),
        },
        "monitoring_custom",
        {"村民姓名": "registry.name", "户主": "registry.head_name", "是否低保户": "registry.dibao"},
    ),
    "儿童基本信息采集表": (  # is no list of those who are helped
        {
            "姓 名": NAMES, "身份证号": IDS, "上报类型": ["事实无人抚养儿童", "留守儿童"] * (N // 2),
            "残疾类型": ["肢体", "听力"] * (N // 2), "残疾等级": ["二级"] * N,
            "其他情况": ["父亡，母失联", "父亲被害，母亲改嫁"] * (N // 2), "领取人（开户人）": OTHERS,
            "保障标准": ["1400"] * N, "遭受监护人侵害的情形": ["无"] * N,
        },
        "child_survey",
        {"姓 名": "registry.name,listing.name", "其他情况": "family.parents_said", "保障标准": "", "上报类型": ""},
    ),
    "残疾人业务申请": (
        {"姓名": NAMES, "证件号码": IDS, "残疾类别": ["肢体"] * N, "残疾等级": ["二级"] * N,
         "残疾证号": [number + "42" for number in IDS], "是否低保": ["0"] * N},
        "disability_list",
        {"证件号码": "listing.id", "残疾证号": "listing.id", "残疾等级": "listing.cert_level,listing.level"},
    ),
    "道路交通事故社会救助基金申请": (  # nobody lives where the accident was; whoever is buried is dead
        {
            "费用类型": ["抢救费", "丧葬费"] * (N // 2), "事故时间": DAYS, "事故地址/详细地址": ["某路12号"] * N,
            "受害人姓名/姓名": NAMES, "受害人姓名/证件号": IDS, "受害人姓名/现居住地址": ["东河乡第一村3组"] * N,
            "申请经办人/姓名": OTHERS, "申请经办人/证件号": OTHER_IDS, "申请经办人/与受害人关系": ["配偶"] * N,
        },
        "rescue_fund",
        {"费用类型": "victim.injury", "受害人姓名/证件号": "victim.id", "事故地址/详细地址": "",
         "受害人姓名/现居住地址": "victim.address", "申请经办人/姓名": "victim.kin_name"},
    ),
    "一览": (  # two understood columns of nine are no recognition
        {"罪名": CRIMES, "案号": CASES, **{f"甲{i}": ["无"] * N for i in range(7)}},
        "",
        {},
    ),
}  # fmt: skip


def write(path: Path, columns: Mapping[str, list[str]], *above: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([*above, list(columns), *zip(*columns.values(), strict=True)])
    return path


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, dict[str, str]]]:
    """Of each table: its source ("" when refused) and the fields that its columns feed."""
    folder = tmp_path_factory.mktemp("plain")
    paths = [write(folder / f"{name}.csv", columns) for name, (columns, _, _) in TABLES.items()]
    with Workspace.open(folder / "ws") as ws:
        ingest(ws, LAYOUTS.sources, paths, records=LAYOUTS.records)
        found = {
            name: (source or "", dict(ws.rows("select header, field from raw_column where file_id = ?", [file_id])))
            for name, source, file_id in ws.rows("select name, source_id, file_id from input_file")
        }
    return {name.removesuffix(".csv"): found[name] for name in found}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_its_columns_say(name: str, loaded: dict[str, tuple[str, dict[str, str]]]) -> None:
    _, wanted, fields = TABLES[name]
    source, found = loaded[name]
    assert source == wanted
    assert {heading: found.get(heading) or "" for heading in fields} == fields


def test_whose_name_it_is_must_be_said(tmp_path: Path) -> None:
    path = write(tmp_path / "某某登记.csv", TABLES["某某登记"][0])
    with Workspace.open(tmp_path / "ws") as ws:
        assert not ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records).errors
        told = ws.rows("select column_name, detail from issue where code = 'COLUMN_DOUBTFUL' order by 1")
        clean(ws, LAYOUTS)
        needed = ws.rows("select header, field from unused_column order by 1")
    assert [header for header, _ in told] == ["姓名", "身份证号"]
    assert all(said.endswith("表头和表名都没有说是谁的") for _, said in told)
    assert needed == [("身份证号", "case.suspect_id")]  # told first, exit 3


def test_units_below_a_header_belong_to_it(tmp_path: Path) -> None:
    columns = {"案号": CASES, "受害人": NAMES, "身份证": IDS, "损失金额": ["9.5"] * N, "获赔金额": ["200"] * N}
    path = tmp_path / "受害人名册.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = [list(columns), ["", "", "（18位）", "（万元）", "（元）"], *zip(*columns.values(), strict=True)]
        csv.writer(stream).writerows(rows)
    with Workspace.open(tmp_path / "ws") as ws:
        assert not ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records).errors
        clean(ws, LAYOUTS)
        assert ws.rows("select count(*), min(loss), max(loss), max(paid) from rec_victim") == [(N, 95000, 95000, 200)]


def test_a_household_code_needs_one_head_each(tmp_path: Path) -> None:
    """The same two columns with values that do not agree with each other are neither."""
    columns = dict(TABLES["家庭成员明细"][0]) | {"家庭标识码": [f"529921100200{i % 5:04d}" for i in range(N)]}
    path = write(tmp_path / "家庭成员明细.csv", columns)
    with Workspace.open(tmp_path / "ws") as ws:
        ingest(ws, LAYOUTS.sources, [path], records=LAYOUTS.records)
        fed = dict(ws.rows("select header, field from raw_column"))
    assert fed.get("家庭标识码") is None
