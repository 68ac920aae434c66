"""Nine invented exports, small, of which a heading may be changed and the values under it made to contradict it.

Comes in: the name of an export, one of its headings, the heading to write in its place, cells. Goes out: the file.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.tiny_county import number

N = 16
_NAMES = (
    "陈一苇 罗小满 韦大山 蒙秋月 黄石生 覃花朵 梁向前 农家宝 莫春生 陆小河 李青禾 张望田 何冬至 周满仓 吴晓晨 郑乐水"
)
_OTHERS = (
    "赵甲子 钱乙丑 孙丙寅 冯丁卯 蒋戊辰 沈己巳 韩庚午 杨辛未 朱壬申 秦癸酉 许子规 吕丑时 施寅初 曹卯生 严辰光 华巳月"
)
_KIN = "邹云 柏松 苏梅 潘石 葛青 范江 彭海 鲁原 马川 方圆 任重 袁野 柳絮 史料 唐糖 薛冰"


def _ids(start: int) -> list[str]:
    return [number(f"{1950 + 3 * i}0{1 + i % 9}1{i % 10}", start + i) for i in range(N)]


def _turn(*values: str) -> list[str]:
    return [values[i % len(values)] for i in range(N)]


NAMES, OTHERS, KIN = _NAMES.split(), _OTHERS.split(), _KIN.split()
IDS, OTHER_IDS, KIN_IDS = _ids(11), _ids(311), _ids(611)
_CASES = [f"样检刑诉受[2024]{529921000000 + i}号" for i in range(N)]
_HOUSES = [f"529921101201{1000 + i // 2}" for i in range(N)]
_DAYS = [f"2024-{1 + i % 12:02d}-{10 + i}" for i in range(N)]
_AWARDS = [f"{8 + i}.5" for i in range(N)]
_PAID = ["0" if i % 3 == 0 else f"{1 + i % 5}.2" for i in range(N)]

EXPORTS: Mapping[str, Mapping[str, list[str]]] = {
    "一审公诉案件": {
        "部门受案号": _CASES, "统一受案号": [f"529921202400000{i:02d}" for i in range(N)],
        "案件名称": [f"{n}涉嫌故意伤害案" for n in OTHERS], "嫌疑人姓名": OTHERS,
        "嫌疑人编号": [f"5299212024000000{i:03d}" for i in range(N)], "性别": _turn("男", "女"),
        "证件号码": OTHER_IDS, "全案_受理日期": _DAYS, "移诉案由": _turn("故意伤害罪", "交通肇事罪", "诈骗罪"),
        "审结案由": _turn("故意伤害罪", "交通肇事罪", "诈骗罪"),
        "审结处理情况": _turn("起诉", "起诉", "相对不起诉", "存疑不起诉"), "审结日期": _DAYS,
        "一审判决日期": _DAYS, "一审宣告刑": _turn("有期徒刑三年", "有期徒刑一年，缓刑二年"),
        "一审宣告刑刑期": _turn("36", "12", "18"), "案情摘要": ["两人因琐事争执，一人受伤。"] * N,
    },
    "农村低保备案表": {
        "户主信息/姓名": [NAMES[i - i % 2] for i in range(N)],
        "户主信息/身份证号码": [IDS[i - i % 2] for i in range(N)],
        "保障对象/姓名": NAMES, "保障对象/身份证号码": IDS, "与户主关系": _turn("户主", "配偶"),
        "乡镇": _turn("东河乡"), "村": _turn("第一村"), "保障方式": _turn("单人保", "整户保", "单人保"),
        "开始享受时间": _DAYS, "低保证号": [f"DB{i:06d}" for i in range(N)],
    },
    "刑事案件台账": {
        "关联案号": _CASES, "人员姓名": NAMES, "人员类型（必填）": _turn("被害人", "犯罪嫌疑人", "近亲属", "证人"),
        "证件号码": IDS, "人员性别": _turn("男", "女"), "联系电话": [f"139000000{i:02d}" for i in range(N)],
    },
    "刑事案件被害人信息": {
        "部门受案号（必填）": [_CASES[i - i % 2] for i in range(N)], "被害人编号": [f"BHR{i:07d}" for i in range(N)],
        "被害人姓名（必填）": NAMES, "性别": _turn("男", "女"), "证件类型": _turn("居民身份证"),
        "证件号码（必填）": IDS,
        "住所地": _turn("东河乡第一村"), "被害人类型": _turn("自然人"),
        "伤情等级": _turn("重伤二级", "轻伤一级", "轻微伤"), "伤残等级": _turn("九级", "十级", "八级"),
        "是否死亡": _turn("否", "否", "是", "否", "否"), "损失数额（万元）": [f"{12 + i}.3" for i in range(N)],
        "赔偿情况": ["未赔偿" if i % 3 == 0 else "部分赔偿" for i in range(N)], "已获赔偿金额（万元）": _PAID,
        "附带民事诉讼": _turn("是", "否"), "附带民事判决金额（万元）": _AWARDS,
        "近亲属/法定代理人姓名": KIN, "近亲属/法定代理人关系": _turn("父亲", "配偶", "之子"),
        "近亲属/法定代理人证件号码": KIN_IDS, "备注": _turn("家庭主要劳动力", "尚在住院", "无其他说明的事项"),
    },
    "国家司法救助案件": {
        "部门受案号": [f"样检控救受[2024]{529921100000 + i}号" for i in range(N)], "申请人姓名": NAMES,
        "申请人证件号码": IDS,
        "原案部门受案号": _CASES, "原案案由": _turn("故意伤害罪"), "受理日期": _DAYS, "救助决定日期": _DAYS,
        "处理结果": _turn("予以救助", "不予救助", "予以救助"), "救助金额（元）": _turn("30000", "", "50000"),
    },
    "持证残疾人名单": {
        "姓名": NAMES, "残疾人证号": [f"{one}4{1 + i % 4}" for i, one in enumerate(IDS)], "残疾类别": _turn("肢体"),
        "残疾等级": [("一级", "二级", "三级", "四级")[i % 4] for i in range(N)], "性别": _turn("男", "女"),
        "乡镇": _turn("东河乡"), "村": _turn("第一村"), "监护人": KIN,
    },
    "法院执行案件": {
        "执行案号": [f"(2024)529921执{100 + i}号" for i in range(N)],
        "原审案号": [f"(2024)529921刑初{20 + i}号" for i in range(N)],
        "申请执行人": NAMES, "申请执行人证件号码": IDS, "被执行人": OTHERS, "案由": _turn("故意伤害罪附带民事赔偿"),
        "立案日期": _DAYS, "申请执行标的（元）": [f"{90000 + 100 * i}" for i in range(N)],
        "执行到位金额（元）": ["0" if i % 2 else f"{5000 + 10 * i}" for i in range(N)],
        "结案方式": _turn("执行完毕", "终结本次执行程序"), "结案日期": _DAYS,
    },
    "（自定义）监测对象信息 (22).xlsx": {
        "姓名": NAMES, "证件号码": IDS, "户编号": _HOUSES, "人编号": [f"{h}0{i % 2}" for i, h in enumerate(_HOUSES)],
        "乡": _turn("东河乡"), "村": _turn("第一村"), "与户主关系": _turn("户主", "配偶"), "性别": _turn("男", "女"),
        "劳动技能": _turn("普通劳动力", "弱劳动力或半劳动力", "无劳动力"),
        "监测对象类别": [("边缘易致贫户", "脱贫不稳定户")[i // 2 % 2] for i in range(N)],
        "风险是否已消除": [("是", "否")[i // 2 % 2] for i in range(N)],
        "识别监测时间": ["2022年3月"] * N, "消除监测时间": ["2023年6月" if i // 2 % 2 == 0 else "" for i in range(N)],
        "家庭纯收入（元）": [f"{20000 + 1000 * (i // 2)}" for i in range(N)], "家庭人口": ["2"] * N,
        "人均纯收入（元）": [f"{10000 + 500 * (i // 2)}" for i in range(N)],
    },
}  # fmt: skip

FIELDS = {
    ("一审公诉案件", "一审宣告刑刑期"): "case.sentence_months", ("一审公诉案件", "嫌疑人姓名"): "case.suspect_name",
    ("一审公诉案件", "审结处理情况"): "case.outcome", ("一审公诉案件", "审结案由"): "case.charges",
    ("一审公诉案件", "证件号码"): "case.suspect_id", ("农村低保备案表", "保障对象"): "listing.name",
    ("农村低保备案表", "户主信息"): "listing.head_name", ("刑事案件台账", "人员类型（必填）"): "victim.role",
    ("刑事案件被害人信息", "伤情等级"): "victim.injury", ("刑事案件被害人信息", "伤残等级"): "victim.disability",
    ("刑事案件被害人信息", "备注"): "victim.note", ("刑事案件被害人信息", "已获赔偿金额（万元）"): "victim.paid",
    ("刑事案件被害人信息", "损失数额（万元）"): "victim.loss", ("刑事案件被害人信息", "是否死亡"): "victim.dead",
    ("刑事案件被害人信息", "被害人姓名（必填）"): "victim.name", ("刑事案件被害人信息",
    "证件号码（必填）"): "victim.id",
    ("刑事案件被害人信息", "赔偿情况"): "victim.pay_state",
    ("刑事案件被害人信息", "近亲属/法定代理人姓名"): "victim.kin_name",
    ("刑事案件被害人信息", "近亲属/法定代理人证件号码"): "victim.kin_id",
    ("刑事案件被害人信息", "部门受案号（必填）"): "victim.case_no",
    ("刑事案件被害人信息", "附带民事判决金额（万元）"): "victim.award",
    ("国家司法救助案件", "原案部门受案号"): "aid.origin_case_no", ("国家司法救助案件", "处理结果"): "aid.state",
    ("持证残疾人名单", "残疾人证号"): "listing.id", ("持证残疾人名单", "残疾等级"): "listing.cert_level",
    ("法院执行案件", "执行到位金额（元）"): "enforcement.executed", ("法院执行案件",
    "申请执行人"): "enforcement.applicant_name",
    ("法院执行案件", "结案方式"): "enforcement.closing",
    ("（自定义）监测对象信息 (22).xlsx", "与户主关系"): "registry.relation",
    ("（自定义）监测对象信息 (22).xlsx", "人均纯收入（元）"): "registry.income_pc",
    ("（自定义）监测对象信息 (22).xlsx", "劳动技能"): "registry.labour",
    ("（自定义）监测对象信息 (22).xlsx", "户编号"): "registry.household_no",
    ("（自定义）监测对象信息 (22).xlsx", "消除监测时间"): "registry.removed_on",
    ("（自定义）监测对象信息 (22).xlsx", "监测对象类别"): "registry.monitoring_kind",
    ("（自定义）监测对象信息 (22).xlsx", "风险是否已消除"): "registry.risk_removed",
}  # fmt: skip

_PROSE = ["经走访了解该情况属实目前仍在进一步核查办理之中尚无结论，另行书面答复"] * N
_SERIAL = [str(i + 1) for i in range(N)]
_LONG = [f"7{i:011d}" for i in range(N)]
_DATES = [f"2023-{1 + i % 12:02d}-0{1 + i % 9}" for i in range(N)]
_WORDS = _turn("父子", "夫妻", "母女", "兄弟")
_FIRMS = [f"样县第{i}建筑公司" for i in range(N)]
_DONE = _turn("已审结", "未审结", "在办")
_JOBS = _turn("农民", "学生", "个体户")
_POLICE = [f"样公（刑）受案字[2024]{100 + i}号" for i in range(N)]
_INDICTED = [f"样检刑诉[2024]{100 + i}号" for i in range(N)]
_COURT = [f"(2024)样刑初{100 + i}号" for i in range(N)]
_LARGE = [f"{9000000 + 1000 * i}" for i in range(N)]

# What contradicts a heading of each field: none of these may become a value of it.
AGAINST: Mapping[str, Sequence[list[str]]] = {
    "name": [_PROSE, _WORDS, _DATES, _SERIAL, _JOBS],
    "id": [_PROSE, _SERIAL, _LONG, _DATES, _JOBS, _CASES],
    "caseno": [_PROSE, _SERIAL, _DATES, _LONG, _POLICE, _INDICTED, _COURT],
    "code": [_PROSE, _DONE, _DATES, _SERIAL, _JOBS, _turn("有", "无意见", "待查")],
    "bool": [_PROSE, _DATES, _SERIAL, _JOBS],
    "money": [_PROSE, _DATES, _SERIAL, _DONE, _LONG],
    "number": [_PROSE, _DATES, _DONE, _LONG],
    "date": [_PROSE, _DONE, _LARGE, _JOBS],
    "text": [_DATES, _LONG, _LARGE],
}

# A rescue or an enforcement that goes on is one of their own values, whatever else the column says.
OWN_WORDS: Mapping[str, frozenset[str]] = {"aid.state": frozenset({"在办"}), "enforcement.closing": frozenset({"在办"})}


def write(folder: Path, export: str, heading: str, written: str, cells: Sequence[str] | None, stem: str = "") -> Path:
    """The export with ``written`` in place of a heading or group head; ``cells`` in place of its values."""
    columns = EXPORTS[export]
    grouped = export == "农村低保备案表"
    heads = [name.replace(heading, written, 1) if grouped and name.split("/")[0] == heading else
             (written if name == heading else name) for name in columns]  # fmt: skip
    rows = [heads]
    if grouped:
        upper = [h.split("/")[0] for h in heads]
        upper = ["" if i and h == upper[i - 1] else h for i, h in enumerate(upper)]
        rows = [upper, [h.split("/")[-1] if "/" in h else "" for h in heads]]
    changed = next((n for n in columns if n in (heading, f"{heading}/姓名")), None)
    values = [list(cells) if cells is not None and name == changed else column for name, column in columns.items()]
    path = folder / f"{stem}{export.removesuffix('.xlsx')}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([*rows, *zip(*values, strict=True)])
    return path
