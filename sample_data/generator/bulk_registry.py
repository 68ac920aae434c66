"""The registry of the bulk county: as many columns as a county ticks in the national export, one row per person."""

import numpy as np
import pyarrow as pa

from . import places
from .bulk_columns import Table, as_strings, digits, either, join, pick, same, text
from .bulk_people import RELATIONS, Population

NO_WORK = ("无劳动力", "丧失劳动力")
SCHOOL = ((3, "学龄前儿童"), (6, "学前教育"), (12, "小学"), (15, "九年级"), (18, "普通高中二年级"))


def registry(rng: np.random.Generator, p: Population) -> Table:
    """监测对象信息: persons, then what their household is, has and gets, repeated on each of its rows."""
    return {**persons(rng, p), **monitoring(rng, p), **income(rng, p), **measures(rng, p)}


def of_home(
    rng: np.random.Generator, p: Population, words: tuple[str, ...], weights: tuple[float, ...] = ()
) -> pa.Array:
    """A random word per household, on the row of each of its persons."""
    return pick(rng, words, p.n_homes, weights).take(pa.array(p.home))


def persons(rng: np.random.Generator, p: Population) -> Table:
    """Who the person is and where the household lives."""
    n = p.n
    able = either(p.age < 16, "无劳动力", either(p.age > 60, "弱劳动力或半劳动力", "普通劳动力"))
    school = same("", n)
    for years, stage in reversed(SCHOOL):
        school = either(p.age < years, stage, school)
    phone = join("1990000", as_strings(digits(np.arange(n) % 10000, 4) + 48))
    return {
        "省": same(places.PROVINCE, n),
        "市": same(places.CITY, n),
        "县": same(places.COUNTY, n),
        "乡": p.town,
        "村": p.village,
        "自然村": join(text(p.home % 9 + 1), "组"),
        "户编号": p.home_no,
        "人编号": join(p.home_no, as_strings(digits(p.position + 1, 2) + 48)),
        "姓名": p.names,
        "性别": either(p.male, "男", "女"),
        "证件类型": same("居民身份证", n),
        "证件号码": p.ids,
        "出生日期": p.births,
        "年龄": text(p.age),
        "民族": of_home(rng, p, ("汉族", "苗族", "土家族"), (8, 1, 1)),
        "家庭人口": text(p.size),
        "与户主关系": pa.array(RELATIONS).take(pa.array(p.relation_index)),
        "政治面貌": pick(rng, ("群众", "中共党员"), n, (95, 5)),
        "文化程度": either(p.age < 12, "", pick(rng, ("文盲或半文盲", "小学", "初中", "高中"), n, (1, 4, 4, 1))),
        "在校生状况": school,
        "健康状况": pick(rng, ("健康", "长期慢性病", "患有大病", "残疾"), n, (86, 7, 2, 5)),
        "劳动技能": able,
        "是否参加城乡居民基本医疗保险": pick(rng, ("是", "否"), n, (99, 1)),
        "是否参加大病保险": same("是", n),
        "是否参加城乡居民基本养老保险": either(p.age >= 16, "是", "否"),
        "户联系电话": phone.take(pa.array(np.arange(n) - p.position)),
        "家庭成员联系电话": phone,
        "信息采集人": same("游某", n),
    }


def monitoring(rng: np.random.Generator, p: Population) -> Table:
    """What the household was registered for, since when, and what it draws."""
    n = p.n
    kind = of_home(rng, p, ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户"), (5, 3, 2))
    month = of_home(rng, p, ("202203", "202307", "202401", "202409"))
    gone = of_home(rng, p, ("202410", "202502", "202509", "202601"))
    risks = ("因病", "因残", "因学", "务工就业不稳", "缺劳动力")
    return {
        "享受低保政策情况": either(p.dibao, "农村低保", "未享受"),
        "享受特困供养政策情况": same("不享受", n),
        "户类型": of_home(rng, p, ("脱贫户", "一般农户"), (7, 3)),
        "监测对象类别": either(p.monitored, kind, ""),
        "致贫/返贫风险1": either(p.monitored, of_home(rng, p, risks, (6, 1, 1, 1, 1)), ""),
        "致贫/返贫风险2": either(p.monitored, of_home(rng, p, ("", *risks)), ""),
        "致贫/返贫风险3": same("", n),
        "致贫/返贫风险4": same("", n),
        "致贫/返贫风险5": same("", n),
        "风险是否已消除": either(p.monitored, either(p.open, "否", "是"), ""),
        "首次识别时间": either(p.monitored, month, ""),
        "识别监测时间": either(p.monitored, month, ""),
        "消除监测时间": either(p.monitored & ~p.open, gone, ""),
        "风险消除方式": either(p.monitored & ~p.open, of_home(rng, p, ("帮扶消除", "自然消除"), (8, 2)), ""),
        "是否危房户": same("否", n),
        "是否解决安全饮用水": same("是", n),
        "整户无劳动能力兜底保障户": either(p.monitored, "否", ""),
    }


def income(rng: np.random.Generator, p: Population) -> Table:
    """Land, income and payments of the household, in yuan a year and mu."""
    net = p.income * p.size
    paid = p.income // 9 * p.size
    wages = rng.integers(0, 60_000, p.n_homes)[p.home]
    works = (p.age >= 18) & (p.age < 60) & (rng.random(p.n) < 0.4)
    return {
        "耕地面积（亩）": text(rng.integers(3, 60, p.n_homes)[p.home] / 10),
        "林地面积（亩）": text(rng.integers(0, 40, p.n_homes)[p.home] / 10),
        "工资性收入": text(np.minimum(wages, net)),
        "生产经营性收入": text(net - np.minimum(wages, net)),
        "生产经营性支出": same("0", p.n),
        "财产性收入": same("0", p.n),
        "转移性收入": same("0", p.n),
        "低保金": either(p.dibao, "3420", "0"),
        "家庭年收入": text(net),
        "家庭纯收入": text(net),
        "人均纯收入（元）": text(p.income.astype(float)),
        "理赔收入": same("0", p.n),
        "合规自付支出": text(paid),
        "监测参考人均纯收入": text(np.round((net - paid) / p.size, 2)),
        "是否已务工": either(works, "是", "否"),
        "务工所在地": either(works, pick(rng, ("县内", "省内县外", "省外"), p.n), ""),
        "务工企业名称": same("", p.n),
        "务工月收入": either(works, text(rng.integers(18, 60, p.n) * 100), ""),
        "务工时间（月）": either(works, text(rng.integers(1, 12, p.n)), ""),
    }


def measures(rng: np.random.Generator, p: Population) -> Table:
    """What is done for the household."""
    n = p.n
    done = of_home(rng, p, ("已实施", "尚未实施", ""))
    seldom = {
        "产业帮扶": "技术指导",
        "就业帮扶": "劳务输出,技能培训",
        "金融帮扶": "",
        "公益性岗位帮扶": "",
        "教育帮扶": "雨露计划",
        "社会帮扶": "",
    }
    return {
        "实施开发式帮扶措施情况": done,
        **{name: either(p.monitored, of_home(rng, p, (word, ""), (2, 8)), "") for name, word in seldom.items()},
        "健康帮扶": either(p.monitored, "参加城乡居民基本医疗保险个人缴费补贴", ""),
        "综合保障": either(p.dibao, "低保", ""),
        "其他备注": same("", n),
    }
