"""Cases, victims and court executions of the bulk county, as wide as the real lists: one of each per event."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from . import places
from .bulk_columns import Table, as_strings, digits, either, join, pick, resident_ids, same, text
from .bulk_people import Population
from .people import GIVEN_MALE, SURNAMES

CRIMES = ("故意伤害罪", "交通肇事罪", "诈骗罪", "盗窃罪", "过失致人死亡罪", "寻衅滋事罪", "危险驾驶罪")
INJURIES = ("", "重伤一级", "重伤二级", "轻伤一级", "轻伤二级", "轻微伤")
PAY = ("未赔偿", "分文未赔", "已全额赔偿", "部分赔偿", "不详", "")


class Strangers:
    """Persons that stand in no registry."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        births = np.datetime64("2006-01-01") - rng.integers(0, 18000, size).astype("timedelta64[D]")
        self.male = rng.random(size) < 0.7
        self.ids, self.births = resident_ids(births, rng.integers(0, 4491, size), self.male)
        self.names = join(pick(rng, SURNAMES, size), pick(rng, GIVEN_MALE, size), pick(rng, GIVEN_MALE, size))
        self.size = size

    def card(self, unified: pa.Array) -> Table:
        """What a person card says of a suspect, and who handles it; one suspect per event."""
        return {
            "嫌疑人姓名": self.names,
            "嫌疑人编号": join(unified, "01"),
            "性别": either(self.male, "男", "女"),
            "证件号码": self.ids,
            "出生日期": self.births,
            "住所地详细地址": same(f"{places.NEIGHBOUR[0]}河西镇大桥村", self.size),
            "承办部门": same("第二检察部", self.size),
            "承办检察官": same("滕某", self.size),
        }


def day_text(days: np.ndarray) -> pa.Array:
    """datetime64[D] as ISO text."""
    return pa.array(np.datetime_as_string(days))


def case_numbers(stage: str, year: np.ndarray, serial: np.ndarray) -> pa.Array:
    """部门受案号 of the events."""
    return join(f"澜水县院{stage}受[", text(year), f"]{places.CODE}", as_strings(digits(serial, 7) + 48), "号")


def broken(rng: np.random.Generator, ids: pa.Array) -> pa.Array:
    """IDs as they stand in victim lists: a few masked, missing, with a tab, or after a float."""
    draw = rng.random(len(ids))
    head, tail = pc.utf8_slice_codeunits(ids, 0, 6), pc.utf8_slice_codeunits(ids, 14)
    out = either(draw < 0.02, join(head, "********", tail), ids)
    out = either((draw >= 0.02) & (draw < 0.04), "", out)
    out = either((draw >= 0.04) & (draw < 0.05), "5.38821E+17", out)
    return either((draw >= 0.05) & (draw < 0.07), join(ids, "\t"), out)


def cases(rng: np.random.Generator, p: Population, parties: int) -> dict[str, Table]:
    """The case files by name; `parties` = suspects + victims."""
    n = max(1, parties // 2)
    serial = np.arange(1, n + 1)
    event_day = np.datetime64("2025-12-01") - rng.integers(0, 900, n).astype("timedelta64[D]")
    arrest_day, charge_day = event_day + 14, event_day + 75
    year = arrest_day.astype("datetime64[Y]").astype(int) + 1970
    unified = join(places.CODE, text(year), as_strings(digits(serial, 7) + 48))
    crime = pick(rng, CRIMES, n, (20, 14, 22, 18, 5, 11, 10))
    suspects = Strangers(rng, n)
    title = join(suspects.names, "涉嫌", crime, "案")
    outcome = pick(rng, ("起诉", "其他证据不足不起诉", "其他情节轻微不起诉", ""), n, (82, 6, 6, 6))
    arrest_no = case_numbers("捕", year, serial * 2)
    charge_no = case_numbers("诉", charge_day.astype("datetime64[Y]").astype(int) + 1970, serial * 2 + 1)
    decision = pick(rng, ("批准逮捕", "不批准逮捕"), n, (8, 2))
    arrest = {
        "部门受案号": arrest_no,
        "统一受案号": unified,
        "案件名称": title,
        **suspects.card(unified),
        "受理日期": day_text(arrest_day),
        "移送案由": crime,
        "移送其他案由": same("", n),
        "审结案由": crime,
        "侦查机关名称": same(f"{places.COUNTY}公安局", n),
        "全案_审结处理结果": decision,
        "审结处理结果": decision,
        "全案_审结日期": day_text(arrest_day + 7),
        "审结日期": day_text(arrest_day + 7),
        "不捕情形": same("", n),
        "执行日期": day_text(arrest_day + 7),
        "执行情况": same("已执行", n),
        "前科": same("无", n),
        "被害人情况": same("自然人", n),
        "案件造成伤亡情况": same("", n),
        "犯罪涉及校园家庭暴力": same("", n),
        "是否利用电信或网络实施犯罪": same("否", n),
        "专项活动重点工作": same("", n),
    }
    charge = {
        "部门受案号": charge_no,
        "统一受案号": unified,
        "案件名称": title,
        **suspects.card(unified),
        "全案_受理日期": day_text(charge_day),
        "全案_移送案由": crime,
        "全案_移送意见": same("移送起诉", n),
        "移诉案由": crime,
        "审结案由": crime,
        "审结处理情况": outcome,
        "全案_审结日期": day_text(charge_day + 30),
        "审结日期": day_text(charge_day + 30),
        "审结前强制措施": pick(rng, ("逮捕", "取保候审"), n),
        "被害人情况": same("自然人", n),
        "案件造成伤亡情况": same("", n),
        "案件是否涉及追赃挽损": same("否", n),
        "认定造成经济损失（万元）": same("", n),
        "挽回经济损失（万元）": same("", n),
        "捕诉环节犯罪嫌疑人主动退赔（万元）": same("", n),
        "提起公诉日期": either(pc.equal(outcome, "起诉"), day_text(charge_day + 30), ""),
        "全案_审查起诉阶段检察机关适用认罪认罚": same("是", n),
        "一审判决日期": day_text(charge_day + 80),
        "一审判决生效日期": day_text(charge_day + 91),
        "一审判决罪名": crime,
        "一审宣告刑": same("有期徒刑", n),
        "一审宣告刑刑期": text(rng.integers(6, 60, n)),
        "一审罚金数额（万元）": same("", n),
        "作案时年龄": same("", n),
        "是否为单位": same("否", n),
        "案情摘要": join(day_text(event_day), "，", suspects.names, "涉嫌", crime, "。"),
        "附注": same("", n),
    }
    return {
        "审查逮捕案件010101表1行4列受理合计（人）": arrest,
        "一审公诉案件020101表1行19列受理合计（人）": charge,
        **victims(rng, p, charge_no, suspects.names, charge_day),
    }


def victims(
    rng: np.random.Generator, p: Population, charge_no: pa.Array, suspects: pa.Array, day: np.ndarray
) -> dict[str, Table]:
    """Victim list and court executions: two of five victims are persons of the registry."""
    n = len(charge_no)
    known, others = rng.integers(0, p.n, n), Strangers(rng, n)
    here = rng.random(n) < 0.4
    local = pa.array(known)
    names = either(here, p.names.take(local), others.names)
    ids = either(here, p.ids.take(local), others.ids)
    place = either(
        here, join(places.COUNTY, p.town.take(local), p.village.take(local)), f"{places.NEIGHBOUR[0]}河西镇大桥村"
    )
    injury = pick(rng, INJURIES, n, (45, 5, 12, 12, 14, 12))
    amount = rng.integers(5, 4000, n) * 100
    award = rng.random(n) < 0.4
    table = {
        "部门受案号": charge_no,
        "被害人编号": join("BHR", text(np.arange(1, n + 1))),
        "被害人姓名": names,
        "性别": either(here, either(p.male[known], "男", "女"), either(others.male, "男", "女")),
        "证件类型": same("居民身份证", n),
        "证件号码": broken(rng, ids),
        "出生日期": either(here, p.births.take(local), others.births),
        "民族": same("汉族", n),
        "户籍所在地": place,
        "住所地": place,
        "联系电话": same("", n),
        "被害人类型": same("自然人", n),
        "是否未成年人": same("", n),
        "与嫌疑人关系": pick(rng, ("邻居", "同村", "陌生人", ""), n),
        "伤情等级": injury,
        "伤残等级": same("", n),
        "是否死亡": pick(rng, ("否", "是"), n, (9, 1)),
        "损失数额（万元）": text(amount / 10000),
        "赔偿情况": pick(rng, PAY, n, (30, 20, 25, 10, 8, 7)),
        "已获赔偿金额（万元）": text(np.where(rng.random(n) < 0.3, amount, 0) / 10000),
        "是否和解/谅解": pick(rng, ("否", "是", "不详"), n, (7, 2, 1)),
        "附带民事诉讼": either(award, "是", "否"),
        "附带民事判决金额（万元）": either(award, text(amount / 10000), ""),
        "附带民事执行情况": same("", n),
        "是否告知司法救助": pick(rng, ("是", "否"), n),
        "是否申请": same("否", n),
        "近亲属/法定代理人姓名": same("", n),
        "近亲属/法定代理人关系": same("", n),
        "近亲属/法定代理人证件号码": same("", n),
        "备注": same("", n),
    }
    rows = pa.array(np.flatnonzero(award))
    year = (day.astype("datetime64[Y]").astype(int) + 1970)[award]
    serial = text(np.arange(101, 101 + len(rows)))
    court = {
        "执行案号": join("(", text(year), f"){places.CODE}执", serial, "号"),
        "原审案号": join("(", text(year), f"){places.CODE}刑初", serial, "号"),
        "申请执行人": names.take(rows),
        "申请执行人证件号码": ids.take(rows),
        "被执行人": suspects.take(rows),
        "案由": same("故意伤害罪附带民事赔偿", len(rows)),
        "立案日期": day_text((day + 110)[award]),
        "申请执行标的（元）": text(amount[award]),
        "执行到位金额（元）": text(amount[award] // 10),
        "结案方式": pick(rng, ("终结本次执行程序", "执行完毕", ""), len(rows)),
        "结案日期": same("", len(rows)),
        "备注": join("被害人", names.take(rows)),
    }
    return {"刑事案件被害人信息": table, "法院执行案件": court}
