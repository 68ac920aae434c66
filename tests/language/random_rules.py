# ruff: noqa: E501
"""Random well-typed conditions as text, and random fact rows with gaps, over the small vocabulary."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from language.small_pack import AS_OF

HOME_ATOMS = [
    "监测对象类别 = '未纳入'", "监测对象类别 <> '边缘户'", "风险是否已消除", "风险是否已消除 = 否", "not 风险是否已消除", "家庭纯收入 >= 1万元",
    "人均收入 < 参数.收入线", "人均纯收入 * 2 <> 家庭纯收入", "家庭纯收入 / 家庭人口 < 3000元", "距今(识别监测时间) > 3个月",
    "识别监测时间 between 2026-06-01 and 扫描日", "户享受低保", "受监测", "风险未消除", "劳动力人数 = 0", "劳动力人数 between 1 and 2",
    "最高工资 > 2000元", "困难", "人均纯收入 is missing", "识别监测时间 is known", "人均纯收入 < 参数.空缺", "户备注 contains '打'",
    "行政区划 = '330100'", "家庭人口 in (1, 2)", "家庭人口 not in (2, 3)",
]  # fmt: skip
MEMBER_ATOMS = [
    "性别 = '女'", "生存状态 in ('在世', '死亡')", "生存状态 <> '死亡'", "年龄 < 参数.未成年上限", "年龄 between 18岁 and 60岁", "年龄 = 17岁",
    "距今(出生日期) >= 18年", "距今(出生日期) <= 参数.天数", "劳动能力 in @无劳动力", "劳动能力 not in @无劳动力", "已务工 = 否", "已务工",
    "务工月收入 > 2000元", "务工月收入 <= 2000元", "健康状况 contains '患有大病'", "not 健康状况 contains any @大病", "在世未成年", "在押满期", "失能",
    "父母皆失能", "无子女赡养", "户.困难", "务工月收入 * 12 > 户.家庭纯收入",
]  # fmt: skip
CASE_ATOMS = [
    "受害", "重害", "伤情 = '死亡'", "伤情 <> '死亡'", "伤情 不轻于 '重伤二级'", "not 伤情 不轻于 '重伤一级'", "伤情 不重于 '重伤二级'", "伤残等级 = 参数.严重级", "not 伤残等级 不轻于 '六级'",
    "残疾证等级 <> '无证'", "残疾证等级 不轻于 '二级'", "残疾证等级 不重于 '四级'", "身份 contains '嫌疑人'", "not 身份 contains '被害人'", "距今(事件日期) <= 30天",
    "距今(事件日期) > 参数.天数", "间隔(事件日期, 户.识别监测时间) between 0个月 and 参数.窗口", "事件日期 > 户.识别监测时间", "事件日期 = 2026-10-25",
    "事件日期 + 1个月 < 扫描日", "案发时年龄 < 参数.未成年上限", "案发时年龄 >= 60岁", "案发时年龄 = 17岁", "本人刑期 >= 参数.羁押期",
    "本人刑期 < 3年", "损失金额 >= 户.家庭纯收入 * 50%", "损失金额 > 0元", "已足额", "not 已足额", "已赔下限 / 应赔金额 >= 90%",
    "执行到位率 < 参数.足额比例", "未获救助申请人数 = 0", "未获救助申请人数 >= 1", "not 未获救助申请人数 > 1", "未获救助申请人数 * 2 - 家庭人口 >= 1",
    "案情摘要 contains any @急救词", "家庭暴力", "有嫌疑人在逃", "有嫌疑人在逃 = 否", "独居", "案后救助额 > 1000元", "案由 contains '盗窃罪'", "户.困难",
    "伤情 is missing", "事件日期 is known", "未获救助申请人数 in (1, 2)", "未获救助申请人数 * 未获救助申请人数 < 5", "1 / 未获救助申请人数 > 0.6",
]  # fmt: skip
SAID = ("案情摘要", "家庭暴力", "户备注")


def _joined(r: Random, atoms: list[str], depth: int, positive: bool | None) -> str:
    if depth == 0 or r.random() < 0.35:
        usable = [a for a in atoms if positive or not a.startswith(SAID)]
        return r.choice(usable)
    pick = r.random()
    if pick < 0.2:
        return f"not ({_joined(r, atoms, depth - 1, None if positive is None else not positive)})"
    word = " and " if pick < 0.6 else " or "
    return "(" + word.join(_joined(r, atoms, depth - 1, positive) for _ in range(r.choice((2, 2, 3)))) + ")"


def quantified(r: Random, positive: bool | None = True, link: str = "") -> str:
    relation, atoms = r.choice(
        (("成员", MEMBER_ATOMS), ("涉案", CASE_ATOMS), ("救助", ["救助金额 > 500元", "发放日期 is known"]))
    )
    if link:
        relation, atoms = r.choice((("成员", MEMBER_ATOMS[:13]), ("涉案", CASE_ATOMS[:20])))
    kind = r.choice(("any", "any", "none", "all", "count", "count", "value"))
    head = relation + (f" of {link}" if link else "")
    # Said fields must not stand under a negation; in a compared count they may, and are kept out (None).
    sign = {"any": positive, "all": positive, "none": None if positive is None else not positive}.get(kind)
    body = _joined(r, atoms, 2, sign) if kind == "all" or r.random() < 0.85 else ""
    inner = f" ({body})" if body else ""
    if kind in ("any", "none", "all"):
        return f"{kind} {head}{inner}"
    op = r.choice(("=", "<>", "<", "<=", ">", ">="))
    if kind == "count":
        if relation == "涉案" and not link and r.random() < 0.5:
            head = "案件 of 涉案"
        return f"count {head}{inner} {op} {r.choice((0, 1, 2))}"
    name = {"成员": "务工月收入", "涉案": "损失金额", "救助": "救助金额"}[relation]
    of = f" of {link}" if link else ""
    return f"{r.choice(('sum', 'min', 'max'))} {relation}.{name}{of}{inner} {op} {r.choice((0, 1000, 2000))}元"


def condition(r: Random, depth: int = 2, positive: bool = True) -> str:
    if depth == 0 or r.random() < 0.3:
        if r.random() < 0.75:
            return quantified(r, positive)
        return _joined(r, HOME_ATOMS, 0, positive)
    pick = r.random()
    if pick < 0.2:
        return f"not ({condition(r, depth - 1, not positive)})"
    word = " and " if pick < 0.65 else " or "
    return "(" + word.join(condition(r, depth - 1, positive) for _ in range(2)) + ")"


def row_condition(r: Random) -> str:
    return _joined(r, CASE_ATOMS, 2, True)


def definitions(r: Random) -> dict[str, dict[str, str]]:
    links = ("本人", "同户其他人", "同一事件", "父母", "子女")
    return {
        "户": {"随机户": quantified(r, None), "随机数": "count 涉案 (重害)"},
        "成员": {"随机人": quantified(r, None, r.choice(links))},
        "涉案": {
            "随机案": quantified(r, None, r.choice(links)),
            "随机再": quantified(r, None, r.choice(links)) + " and 随机案 and 户.随机户",
        },
    }


# -- data ----------------------------------------------------------------------------------------------------------
DAYS = [dt.date(2008, 11, 24), dt.date(2008, 11, 25), dt.date(1960, 1, 31), dt.date(2004, 2, 29), dt.date(2026, 10, 25)]
DAYS += [dt.date(2026, 8, 24), dt.date(2026, 11, 24), dt.date(2026, 11, 20), dt.date(2027, 1, 1)]
MONEY = [0.0, 500.0, 1000.0, 2000.0, 5000.0, 9000.0, 20000.0, -100.0]


def _some(r: Random, choices: Any, gap: float = 0.25) -> Any:
    return None if r.random() < gap else r.choice(choices)


def _interval(r: Random, choices: list[Any]) -> tuple[Any, Any]:
    a, b = sorted((r.choice(choices), r.choice(choices)))
    if r.random() < 0.5:
        b = a
    return (None if r.random() < 0.2 else a), (None if r.random() < 0.2 else b)


def _codes(r: Random, values: tuple[str, ...]) -> Any:
    return None if r.random() < 0.2 else [v for v in values if r.random() < 0.5]


def world(r: Random, households: int = 5) -> tuple[dict[str, list[dict[str, Any]]], list[tuple[Any, ...]]]:
    rows: dict[str, list[dict[str, Any]]] = {"household": [], "member": [], "involvement": [], "aid": []}
    kin: list[tuple[Any, ...]] = []
    for h in range(1, households + 1):
        low, high = _interval(r, DAYS)
        rows["household"].append({
            "household_id": h, "region": _some(r, ["330100", "330200", "110000"]), "income": _some(r, MONEY),
            "kind": _some(r, ["脱贫不稳定户", "边缘易致贫户", "未纳入"]), "removed": _some(r, [True, False]),
            "income_pc": _some(r, MONEY), "size": _some(r, [0.0, 1.0, 2.0, 3.0]), "found_lo": low, "found_hi": high,
            "notes": _some(r, ["被打", "好"]), "dibao": _some(r, [True, False]),
        })  # fmt: skip
        persons = [h * 10 + i for i in range(r.randint(0, 3))]
        for p in persons:
            rows["member"].append({
                "household_id": h, "person_id": _some(r, [p], 0.1), "sex": _some(r, ["男", "女"]), "birth": _some(r, DAYS),
                "alive": _some(r, ["在世", "在世", "死亡", "失踪"]), "labour": _some(r, ["普通劳动力", "丧失劳动力", "无劳动力"]),
                "works": _some(r, [True, False]), "wage": _some(r, MONEY), "health": _codes(r, ("健康", "患有大病", "残疾")),
                "certain": r.random() < 0.85,
            })  # fmt: skip
            for other in persons:
                if other != p and r.random() < 0.5:
                    kin.append((h, p, r.choice(("父母", "子女")), other))
        for _ in range(r.randint(0, 3)):
            rows["involvement"].append({"household_id": h, **_case(r, persons)})
        for _ in range(r.randint(0, 2)):
            rows["aid"].append({
                "household_id": h, "person_id": _some(r, persons or [1]), "amount": _some(r, MONEY), "day": _some(r, DAYS),
                "certain": r.random() < 0.85,
            })  # fmt: skip
    return rows, kin


def _case(r: Random, persons: list[int]) -> dict[str, Any]:
    day, age, open_n = (
        _interval(r, DAYS),
        _interval(r, [16.0, 17.0, 18.0, 59.0, 60.0]),
        _interval(r, [0.0, 1.0, 2.0, 3.0]),
    )
    return {
        "person_id": _some(r, persons or [1]), "event_id": _some(r, [1, 2, 3]), "certain": r.random() < 0.85,
        "roles": _codes(r, ("被害人", "嫌疑人", "近亲属")), "harm": _some(r, ["死亡", "重伤一级", "重伤二级", "重伤", "轻伤", "轻微伤"]),
        "grade": _some(r, ["一级", "六级", "十级", "未评定"]), "cert": _some(r, ["一级", "四级", "无证"]),
        "day_lo": day[0], "day_hi": day[1], "age_lo": age[0], "age_hi": age[1], "term": _some(r, [6.0, 12.0, 36.0]),
        "loss": _some(r, MONEY), "due": _some(r, MONEY), "low": _some(r, MONEY), "high": _some(r, MONEY),
        "share": _some(r, [0.0, 0.5, 0.9, 1.0]), "open_n_lo": open_n[0], "open_n_hi": open_n[1],
        "summary": _some(r, ["在医院抢救", "未抢救", "没有住院后抢救", "没有住院", "未未抢救", "打"]), "dv": _some(r, [True, False]),
        "at_large": _some(r, [True, False]), "cause": _codes(r, ("盗窃罪", "诈骗罪")),
    }  # fmt: skip


assert dt.date(2026, 11, 24) == AS_OF
