"""Measurements -> one table in markdown with the ratios and whether each target is met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.data import Load, Size
from benchmarks.measure import Cost

READ_LIMIT = 2.5
SCAN_LIMIT = 1.5
PEAK_LIMIT_MB = 2048
HELP_LIMIT_MS = 100
LOAD_LIMIT = 1.6
LOAD_PEAK_MB = 1024
SMALLER = ("county", "csv")
BARE = {
    "office": "calamine iter_rows、read_csv",
    "csv": "DuckDB read_csv",
    "parquet": "DuckDB read_parquet、read_csv",
}


@dataclass
class Measured:
    """What was measured on one size. ``stations``: in their order; ``scans`` and ``pandas``: what the jobs said."""

    size: Size
    megabytes: float
    readers: Cost
    by_pandas: Cost | None
    stored: Cost
    whole: Cost
    stations: dict[str, Cost] = field(default_factory=dict)
    scans: dict[str, Any] = field(default_factory=dict)
    pandas: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """What was measured on one big table."""

    load: Load
    megabytes: float
    readers: Cost
    by_pandas: Cost | None
    loaded: Cost
    cleaned: Cost


@dataclass(frozen=True)
class Target:
    """One demand: ``text`` says what, ``value`` what was measured. ``met`` None: told, not demanded."""

    text: str
    value: str
    met: bool | None


def targets(measured: dict[str, Measured], loaded: Sequence[Loaded], help_ms: float | None) -> list[Target]:
    """All demands that the measured sizes can answer."""
    found = []
    for name, each in measured.items():
        found += _against_readers(each)
        if name in SMALLER:
            text = f"{each.size.label}：全程内存峰值不超过 {PEAK_LIMIT_MB} MB"
            found.append(Target(text, f"{each.whole.peak:.0f} MB", each.whole.peak <= PEAK_LIMIT_MB))
        if each.scans:
            warm, equal = each.scans["warm"], each.scans["differences"]
            ratio = warm["subset_hits"][1] / warm["by_hand"][1]
            found.append(
                Target(
                    f"{each.size.label}：热扫描不超过手写 SQL 的 {SCAN_LIMIT} 倍（同 13 条规则、8 条挡规则）",
                    f"{ratio:.1f} 倍（{warm['subset_hits'][1]:.2f} 秒比 {warm['by_hand'][1]:.2f} 秒）",
                    ratio <= SCAN_LIMIT if name == "prefecture" else None,
                )
            )
            same = all(a == 0 and b == 0 for _, a, b in equal.values())
            lines = "、".join(f"{table} {n}" for table, (n, _, _) in equal.items())
            found.append(Target(f"{each.size.label}：与手写 SQL 结果相同", lines, same))
    for one in loaded:
        bare = {"calamine iter_rows" if one.load.form == "xlsx" else "DuckDB read_csv": one.readers}
        if one.by_pandas is not None:
            bare["pandas read_csv"] = one.by_pandas
        for reader, cost in bare.items():
            ratio = one.loaded.said["cpu"] / cost.said["cpu"]
            seconds = f"{one.loaded.said['cpu']:.1f} 秒比 {cost.said['cpu']:.1f} 秒"
            text = f"载入 {one.load.label}：不超过 {reader} 的 {LOAD_LIMIT} 倍（CPU）"
            found.append(Target(text, f"{ratio:.1f} 倍（{seconds}）", ratio <= LOAD_LIMIT))
        text = f"载入 {one.load.label}：最大一个进程的内存峰值不超过 {LOAD_PEAK_MB} MB"
        peak = max(one.loaded.peak, one.cleaned.peak)
        found.append(Target(text, f"{peak:.0f} MB", peak <= LOAD_PEAK_MB))
    if help_ms is not None:
        text = f"clue-engine --help 比 python -c pass 多不超过 {HELP_LIMIT_MS} 毫秒"
        found.append(Target(text, f"{help_ms:.0f} 毫秒", help_ms <= HELP_LIMIT_MS))
    return found


def _against_readers(each: Measured) -> list[Target]:
    """The whole run beside the bare readers, by processor time and by the clock. Parquet is told, not demanded."""
    label, run = each.size.label, each.whole.said
    bare = {BARE[each.size.form]: each.readers}
    if each.by_pandas is not None:
        bare["pandas read_csv"] = each.by_pandas
    found = []
    for reader, cost in bare.items():
        for clock, name in (("cpu", "CPU"), ("wall", "墙钟")):
            ratio = run[clock] / cost.said[clock]
            value = f"{ratio:.2f} 倍（{run[clock]:.1f} 秒比 {cost.said[clock]:.1f} 秒）"
            met = None if each.size.form == "parquet" else ratio <= READ_LIMIT
            found.append(Target(f"{label}：全程不超过裸读 {reader} 的 {READ_LIMIT} 倍（{name}）", value, met))
    return found


def markdown(
    measured: dict[str, Measured], loaded: Sequence[Loaded], help_ms: float | None, versions: dict[str, Any], date: str
) -> str:
    """The whole report."""
    lines = ["# 基准测试结果", "", f"日期 {date}；机器 {versions.pop('machine')}；"]
    lines += ["、".join(f"{k} {v}" for k, v in versions.items()) + "。", ""]
    lines += ["墙钟受同机其他任务影响，比较看 CPU 秒。峰值是最大一个进程的常驻内存。", ""]
    lines += ["## 目标", "", "| 目标 | 实测 | |", "|---|---|---|"]
    for target in targets(measured, loaded, help_ms):
        mark = "—" if target.met is None else "达到" if target.met else "**未达到**"
        lines.append(f"| {target.text} | {target.value} | {mark} |")
    for each in measured.values():
        lines += ["", *_of_size(each)]
    for one in loaded:
        title = f"载入 {one.load.label}，{one.megabytes:.0f} MB"
        by_pandas = {} if one.by_pandas is None else {"pandas read_csv": one.by_pandas}
        parts = {"裸读": one.readers, **by_pandas, "载入": one.loaded, "载入并读出各列": one.cleaned}
        lines += ["", *_table(title, parts)]
    return "\n".join(lines) + "\n"


def _of_size(each: Measured) -> list[str]:
    size = each.size
    title = (
        f"{size.label}：{size.households:,} 户、{size.persons:,} 人、{size.parties:,} 当事人，{each.megabytes:.0f} MB"
    )
    read = {"裸读全部文件": each.readers, "裸读并按文本存入数据库文件": each.stored}
    lines = _table(title, {**read, **each.stations, "全程（一个进程）": each.whole})
    if each.scans:
        warm = each.scans["warm"]
        names = {
            "all": "全部规则，含缺什么事实",
            "all_hits": "全部规则，只要三种结果、证据行和挡下的",
            "subset_hits": "13 条规则、8 条挡规则，同上",
            "by_hand": "手写 SQL，同样 13 条和 8 条",
        }
        lines += ["", "| 热扫描（工作区已打开，三轮中最快） | 墙钟秒 | CPU 秒 |", "|---|---:|---:|"]
        lines += [f"| {label} | {warm[name][0]:.2f} | {warm[name][1]:.2f} |" for name, label in names.items()]
    if each.pandas:
        lines += ["", f"pandas 脚本 5 条规则：{each.pandas['cpu']:.2f} CPU 秒（不含取数）。空值当“否”的后果：", ""]
        lines += ["| 规则 | pandas | 命中 | 待核 | 漏掉的命中 | 待核却当命中 | 不该列而列 |"]
        lines += ["|---|--:|--:|--:|--:|--:|--:|"]
        for rule, n in each.pandas["rules"].items():
            row = (n["pandas"], n["hit"], n["unknown"], n["missed"], n["listed_though_unknown"], n["listed_wrongly"])
            lines.append(f"| {rule} | " + " | ".join(str(v) for v in row) + " |")
    return lines


def _table(title: str, costs: Mapping[str, Cost]) -> list[str]:
    lines = [f"## {title}", "", "| 站 | 墙钟秒 | CPU 秒 | 进程峰值 MB |", "|---|---:|---:|---:|"]
    for name, cost in costs.items():
        lines.append(f"| {name} | {cost.said['wall']:.2f} | {cost.said['cpu']:.2f} | {cost.peak:.0f} |")
    return lines
