"""A big county for benchmarks: whole columns at a time, CSV or Parquet, no answer key.

Comes in: numbers of households, persons and parties. Goes out: the registry, two hardship lists, cases, victims and
court executions with the column heads of the sample, a few per cent of the victims' IDs broken as in real lists.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from .bulk_cases import cases
from .bulk_columns import Table, join, same, text
from .bulk_people import RELATIONS, Population
from .bulk_registry import registry


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
