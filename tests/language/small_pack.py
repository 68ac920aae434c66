"""A small vocabulary and pack for the tests of the rule language, and fact rows in a database in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from clue_engine.errors import Mark
from clue_engine.language.vocabulary import fact_columns
from clue_engine.pack.model import (
    CodeSet,
    Definition,
    Field,
    Hold,
    Link,
    Missing,
    Pack,
    Parameter,
    ParameterValue,
    Relation,
    Rule,
    Text,
    WordList,
)
from clue_engine.workspace import ident

AS_OF = dt.date(2026, 11, 24)


def text(value: str, file: str = "r.yaml") -> Text:
    return Text(value, [Mark(file, 1, i + 1) for i in range(len(value))] or [Mark(file, 1, 1)])


def na(condition: str) -> Missing:
    return Missing("n/a", None, text(condition), "test")


SAID = Missing("said")


def _field(name: str, label: str, kind: Any, **more: Any) -> Field:
    return Field(name, label, kind, **more)


HOUSEHOLD = (
    _field("region", "行政区划", "text"),
    _field("kind", "监测对象类别", "code", codes="监测"),
    _field("removed", "风险是否已消除", "bool", missing=na("监测对象类别 = '未纳入'")),
    _field("income", "家庭纯收入", "money", unit="元/年"),
    _field("income_pc", "人均纯收入", "money", aliases=("人均收入",), unit="元/年"),
    _field("size", "家庭人口", "number"),
    _field("found", "识别监测时间", "date", interval=True),
    _field("notes", "户备注", "text", missing=SAID),
    _field("dibao", "户享受低保", "bool"),
)
MEMBER = (
    _field("sex", "性别", "code", codes="性别"),
    _field("birth", "出生日期", "date"),
    _field("alive", "生存状态", "code", codes="生存"),
    _field("labour", "劳动能力", "code", codes="劳动"),
    _field("works", "已务工", "bool"),
    _field("wage", "务工月收入", "money", unit="元/月", missing=na("已务工 = 否")),
    _field("health", "健康状况", "codes", codes="健康"),
)
INVOLVEMENT = (
    _field("roles", "身份", "codes", codes="身份"),
    _field("harm", "伤情", "code", codes="伤情", missing=na("not 身份 contains '被害人'")),
    _field("grade", "伤残等级", "code", codes="致残"),
    _field("cert", "残疾证等级", "code", codes="证"),
    _field("day", "事件日期", "date", interval=True),
    _field("age", "案发时年龄", "duration", unit="岁", interval=True),
    _field("term", "本人刑期", "duration", unit="月"),
    _field("loss", "损失金额", "money"),
    _field("due", "应赔金额", "money"),
    _field("low", "已赔下限", "money"),
    _field("high", "已赔上限", "money"),
    _field("share", "执行到位率", "share"),
    _field("open_n", "未获救助申请人数", "number", interval=True),
    _field("summary", "案情摘要", "text", missing=SAID, sensitivity="secret"),
    _field("dv", "家庭暴力", "bool", missing=SAID),
    _field("at_large", "有嫌疑人在逃", "bool"),
    _field("cause", "案由", "codes"),
)
AID = (_field("kind", "救助类型", "text"), _field("amount", "救助金额", "money"), _field("day", "发放日期", "date"))

CODES = {
    "监测": CodeSet("监测", ("脱贫不稳定户", "边缘易致贫户", "未纳入"), aliases={"边缘户": "边缘易致贫户"}),
    "性别": CodeSet("性别", ("男", "女")),
    "生存": CodeSet("生存", ("在世", "死亡", "失踪")),
    "劳动": CodeSet("劳动", ("普通劳动力", "弱劳动力", "丧失劳动力", "无劳动力")),
    "健康": CodeSet("健康", ("健康", "患有大病", "残疾")),
    "身份": CodeSet("身份", ("被害人", "嫌疑人", "近亲属")),
    "伤情": CodeSet(
        "伤情",
        ("死亡", "重伤一级", "重伤二级", "重伤", "轻伤", "轻微伤"),
        True,
        aliases={"重伤2级": "重伤二级"},
        spans={"重伤": ("重伤一级", "重伤二级")},
    ),
    "致残": CodeSet("致残", ("一级", "二级", "六级", "十级", "未评定"), True, ("未评定",), spans={}),
    "证": CodeSet("证", ("一级", "二级", "四级", "无证"), True, ("无证",), outside=("无证",), spans={}),
}
LISTS = {
    "重伤": WordList("重伤", ("重伤一级", "重伤二级")),
    "急救词": WordList("急救词", ("抢救", "住院"), ("未", "没有")),
    "大病": WordList("大病", ("患有大病",)),
    "无劳动力": WordList("无劳动力", ("丧失劳动力", "无劳动力")),
}


def parameter(
    name: str, kind: str, *values: tuple[str, Any], unit: str | None = None, codes: str | None = None
) -> Parameter:
    dated = tuple(ParameterValue(dt.date(2020, 1, 1), region, str(value), value, "测试") for region, value in values)
    return Parameter(name, kind, name, unit, codes, (), dated)


PARAMETERS = {
    p.name: p
    for p in (
        parameter("足额比例", "share", ("", 0.9)),
        parameter("收入线", "money", ("", 7000.0), ("33", 12000.0), unit="元/年"),
        parameter("未成年上限", "duration", ("", 18), unit="岁"),
        parameter("窗口", "duration", ("", 3), unit="月"),
        parameter("天数", "duration", ("", 30), unit="天"),
        parameter("羁押期", "duration", ("", 12), unit="月"),
        parameter("严重级", "code", ("", "六级"), codes="致残"),
        parameter("空缺", "money"),
    )
}
LINKS = {
    link.name: link
    for link in (
        Link("本人", "person"),
        Link("同户其他人", "household_others"),
        Link("同一事件", "event"),
        Link("父母", "kin:父母", True, 2),
        Link("子女", "kin:子女", True),
    )
}
DEFINITIONS: dict[str, dict[str, Any]] = {
    "户": {
        "受监测": "监测对象类别 in ('脱贫不稳定户', '边缘易致贫户')",
        "风险未消除": "受监测 and 风险是否已消除 = 否",
        "劳动力人数": "count 成员 (生存状态 = '在世' and 劳动能力 = '普通劳动力')",
        "最高工资": "max 成员.务工月收入",
        "困难": "风险未消除 or 户享受低保 or 人均纯收入 < 参数.收入线",
    },
    "成员": {
        "年龄": "距今(出生日期)",
        "在世未成年": "生存状态 = '在世' and 年龄 < 参数.未成年上限",
        "在押满期": "any 涉案 of 本人 (身份 contains '嫌疑人' and 本人刑期 >= 参数.羁押期)",
        "失能": "生存状态 in ('死亡', '失踪') or 在押满期 or 健康状况 contains '患有大病'",
        "父母皆失能": "count 成员 of 父母 (失能) >= 2",
        "无子女赡养": "none 成员 of 子女 (生存状态 = '在世')",
    },
    "涉案": {
        "受害": "身份 contains '被害人'",
        "重害": "受害 and 伤情 in @重伤",
        "独居": "count 成员 of 同户其他人 (生存状态 = '在世') = 0",
        "案后救助额": "sum 救助.救助金额 of 本人 (发放日期 > 本行.事件日期)",
        "已足额": {
            "yes": "已赔下限 / 应赔金额 >= 参数.足额比例",
            "no": "已赔上限 / 应赔金额 < 参数.足额比例",
        },
    },
}


def definitions(relation: str, own: Mapping[str, Any]) -> tuple[Definition, ...]:
    return tuple(
        Definition(relation, label, yes=text(v["yes"]), no=text(v["no"]))
        if isinstance(v, dict)
        else Definition(relation, label, text(v))
        for label, v in own.items()
    )


def relations(more: Mapping[str, Mapping[str, Any]] | None = None) -> tuple[Relation, ...]:
    own = {k: {**v, **(more or {}).get(k, {})} for k, v in {"救助": {}, **DEFINITIONS}.items()}
    made = (
        ("household", "户", HOUSEHOLD),
        ("member", "成员", MEMBER),
        ("involvement", "涉案", INVOLVEMENT),
        ("aid", "救助", AID),
    )
    return tuple(Relation(n, w, f"fact_{n}", f, definitions(w, own[w])) for n, w, f in made)


def rule(id: str, when: str, direction: str = "司法救助", **more: Any) -> Rule:
    values = {"title": id, "version": 1, "status": "active", "points": {"harm": 1}, "reason": text("{案由}"), **more}
    return Rule(id=id, direction=direction, when=text(when), **values)


def hold(id: str, when: str, relation: str = "涉案", **more: Any) -> Hold:
    values = {
        "title": id, "version": 1, "status": "active", "action": "suppress", "directions": (), "unknown": "keep",
        "not_loaded": "caveat", "reason": text("搁置"), **more,
    }  # fmt: skip
    return Hold(id=id, relation=relation, when=text(when), **values)


def pack(
    rules: Sequence[Rule] = (), holds: Sequence[Hold] = (), more: Mapping[str, Mapping[str, Any]] | None = None,
    **other: Any,
) -> Pack:  # fmt: skip
    values: dict[str, Any] = {
        "name": "t", "version": "1", "root": "", "hash": "", "directions": (), "relations": relations(more),
        "codes": CODES, "links": LINKS, "lists": LISTS, "parameters": PARAMETERS, "rules": tuple(rules),
        "holds": tuple(holds), "records": {}, "sources": (), **other,
    }  # fmt: skip
    return Pack(**values)


def database(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], unloaded: Sequence[str] = (), kin: Sequence[Any] = ()
) -> Any:
    """Fact tables in memory. ``rows``: relation name -> rows by column; row_id and certain get defaults."""
    con = duckdb.connect()
    for relation in relations():
        columns = fact_columns(relation)
        con.execute(f"create table {relation.table} ({', '.join(f'{ident(n)} {k}' for n, k in columns)})")
        for i, given in enumerate(rows.get(relation.name, ())):
            home = relation.name == "household"
            values = {"certain": True, "row_id": given["household_id"] if home else i + 1, **given}
            names = [n for n, _ in columns]
            assert set(values) <= set(names), set(values) - set(names)
            marks = ", ".join("?" for _ in names)
            con.execute(f"insert into {relation.table} values ({marks})", [values.get(n) for n in names])
    con.execute("create table fact_kin (household_id bigint, person_id bigint, link varchar, other_person_id bigint)")
    for line in kin:
        con.execute("insert into fact_kin values (?, ?, ?, ?)", list(line))
    con.execute("create table coverage (relation varchar, loaded boolean)")
    for relation in relations():
        con.execute("insert into coverage values (?, ?)", [relation.name, relation.name not in unloaded])
    return con
