"""A big county for benchmarks: whole columns at a time, CSV or Parquet, no answer key.

Comes in: numbers of households, persons and parties. Goes out: the registry, two hardship lists, cases, victims and
court executions with the column heads of the sample, a few per cent of the victims' IDs broken as in real lists.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from . import places
from .bulk_cases import cases
from .bulk_columns import Table, as_strings, digits, either, join, pick, same, text
from .bulk_people import RELATIONS, Population


def registry(rng: np.random.Generator, p: Population) -> Table:
    """监测对象信息: one row per person, household facts repeated."""
    kind = pick(rng, ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户"), p.n_homes, (5, 3, 2)).take(pa.array(p.home))
    month = pick(rng, ("202203", "202307", "202401", "202409"), p.n_homes).take(pa.array(p.home))
    gone = pick(rng, ("202410", "202502", "202509", "202601"), p.n_homes).take(pa.array(p.home))
    able = either(p.age < 16, "无劳动力", either(p.age > 60, "弱劳动力或半劳动力", "普通劳动力"))
    n = p.n
    return {
        "省": same(places.PROVINCE, n),
        "市": same(places.CITY, n),
        "县": same(places.COUNTY, n),
        "乡": p.town,
        "村": p.village,
        "户编号": p.home_no,
        "人编号": join(p.home_no, as_strings(digits(p.position + 1, 2) + 48)),
        "姓名": p.names,
        "性别": either(p.male, "男", "女"),
        "证件类型": same("居民身份证", n),
        "证件号码": p.ids,
        "出生日期": p.births,
        "家庭人口": text(p.size),
        "与户主关系": pa.array(RELATIONS).take(pa.array(p.relation_index)),
        "健康状况": pick(rng, ("健康", "长期慢性病", "患有大病", "残疾"), n, (86, 7, 2, 5)),
        "劳动技能": able,
        "户类型": pick(rng, ("脱贫户", "一般农户"), p.n_homes, (7, 3)).take(pa.array(p.home)),
        "监测对象类别": either(p.monitored, kind, ""),
        "致贫/返贫风险1": either(p.monitored, same("因病", n), ""),
        "风险是否已消除": either(p.monitored, either(p.open, "否", "是"), ""),
        "识别监测时间": either(p.monitored, month, ""),
        "消除监测时间": either(p.monitored & ~p.open, gone, ""),
        "享受低保政策情况": either(p.dibao, "农村低保", "未享受"),
        "家庭纯收入": text(p.income * p.size),
        "人均纯收入（元）": text(p.income),
        "合规自付支出": text(p.income // 9),
        "监测参考人均纯收入": text(p.income * 8 // 9),
        "实施开发式帮扶措施情况": pick(rng, ("已实施", "尚未实施", ""), n),
        "其他备注": same("", n),
    }


def hardship(rng: np.random.Generator, p: Population) -> tuple[Table, Table]:
    """农村低保备案表 and 持证残疾人名单."""
    head = np.r_[0, np.flatnonzero(np.diff(p.home)) + 1][p.home]
    low = pa.array(np.flatnonzero(p.dibao))
    heads = pa.array(head).take(low)
    dibao = {
        "序号": text(np.arange(1, len(low) + 1)),
        "所在乡镇": p.town.take(low),
        "所在村": p.village.take(low),
        "户主姓名": p.names.take(heads),
        "户主身份证号码": p.ids.take(heads),
        "家庭人口": text(p.size).take(low),
        "姓名": p.names.take(low),
        "身份证号码": p.ids.take(low),
        "与户主关系": pa.array(RELATIONS).take(pa.array(p.relation_index)).take(low),
        "保障类别": same("整户保", len(low)),
        "月保障金额（元）": same("285", len(low)),
        "开始享受时间": same("202401", len(low)),
    }
    some = pa.array(np.flatnonzero(rng.random(p.n) < 0.05))
    kind, level = rng.integers(1, 8, len(some)), rng.integers(1, 5, len(some))
    cards = {
        "姓名": p.names.take(some),
        "残疾人证号": join(p.ids.take(some), text(kind), text(level)),
        "残疾类别": pa.array(("视力", "听力", "言语", "肢体", "智力", "精神", "多重")).take(pa.array(kind - 1)),
        "残疾等级": pa.array(("一级", "二级", "三级", "四级")).take(pa.array(level - 1)),
        "乡镇": p.town.take(some),
        "村": p.village.take(some),
    }
    return dibao, cards


def write(out: Path, seed: int, households: int, persons: int, parties: int, as_parquet: bool = False) -> None:
    """Write all files of the big county into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    people = Population(rng, households, persons)
    dibao, cards = hardship(rng, people)
    save(out / "监测对象信息", registry(rng, people), as_parquet)
    save(out / "农村低保备案表", dibao, as_parquet)
    save(out / "持证残疾人名单", cards, as_parquet)
    for name, table in cases(rng, people, parties).items():
        save(out / name, table, as_parquet=False)


def save(stem: Path, columns: Table, as_parquet: bool) -> None:
    """One table as CSV (UTF-8) or Parquet."""
    table = pa.table(columns)
    if as_parquet:
        pq.write_table(table, stem.with_suffix(".parquet"))
    else:
        pacsv.write_csv(table, stem.with_suffix(".csv"), pacsv.WriteOptions(quoting_style="needed"))
