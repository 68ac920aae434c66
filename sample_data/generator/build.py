"""The program's work from top to bottom: make the county, write its files, write the answer key."""

from pathlib import Path

from .case_files import write_cases
from .judge import HEADINGS, answers
from .ordinary import build_quiet, build_sample
from .registry_files import custom_export, other_dialect, poverty_export
from .social_files import dibao_list, disabled_list, write_social
from .story import World
from .victim_files import write_victims
from .writers import write_csv

PARAMETERS = """\
# 本县口径（虚构）。本县自己的参数文件：把这些值并入项目的参数形式使用（键名以项目的为准）。
地区: "538821"
防返贫监测范围_元每人每年: {2024: 8600, 2025: 9000, 2026: 9000}
困难参考倍数: 1.3            # 监测参考人均纯收入（无则人均纯收入）低于 监测范围 × 1.3 视为困难
足额赔偿比例: 90%
重大财产损失_占家庭年纯收入: 50%
严重残疾_致残分级: [一级, 二级, 三级, 四级, 五级, 六级]     # 致残分级，不是残疾人证等级
上年度职工月平均工资_元: 7900   # 仅用于救助金额上限提示
"""
NOTE = """\
# 说明

本目录全部人员、住址、案件、金额均为虚构；县区代码 538821 不存在。数据日期 2026-06-30。
本文件不是数据，装载时应当跳过并写明跳过。
"""


def build(out: Path, seed: int, households: int, cases: int) -> None:
    """Write input/, quiet/, expected/expected.csv and parameters.yaml."""
    for name in ("input", "quiet", "expected"):
        (out / name).mkdir(parents=True, exist_ok=True)
    county = World(seed, "input")
    build_sample(county, households, cases)
    write_input(county, out / "input")
    (out / "input" / "说明.md").write_text(NOTE, encoding="utf-8")
    write_csv(out / "expected" / "expected.csv", [HEADINGS, *answers(county)])
    (out / "parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    quiet = World(seed, "quiet")
    build_quiet(quiet, households // 4, max(20, cases // 4))
    write_quiet(quiet, out / "quiet")


def write_input(w: World, folder: Path) -> None:
    custom_export(w, folder)
    other_dialect(w, folder)
    poverty_export(w, folder)
    write_cases(w, folder)
    write_victims(w, folder)
    write_social(w, folder)


def write_quiet(w: World, folder: Path) -> None:
    """The files county_a's quiet batch has, in the same shapes."""
    custom_export(w, folder)
    poverty_export(w, folder)
    write_cases(w, folder, with_list=False)
    write_victims(w, folder, civil=6, with_ledger=False)
    dibao_list(w, folder)
    disabled_list(w, folder, as_xlsx=True)
