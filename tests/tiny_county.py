"""A county of four invented households, small enough to run whole in a few seconds: input files of many faults.

白石𠮷 重伤, poor, unpaid → a clue; 柳青 a struck child (restricted); two quiet households.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.called import called, forked

AS_OF = "2025-06-30"
SECRET_VILLAGE = "荷塘村"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def number(birth: str, serial: int) -> str:
    """A resident number of the invented county 529921, with its check digit."""
    body = f"529921{birth}{serial:03d}"
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


IDS = {
    "白石𠮷": number("19800101", 11),
    "童小荷": number("20150301", 22),
    "童大": number("19850101", 33),
    "江平": number("19700101", 55),
    "文朗": number("19600101", 77),
}
_REGISTRY = """姓名,证件号码,户编号,乡镇,村,与户主关系,性别,出生日期,监测对象类别,风险是否已消除,人均纯收入,联系电话
白石𠮷,{白石𠮷},5299211012010001,东河乡,第一村,户主,男,1980-01-01,突发严重困难户,否,6500,13900000001
童大,{童大},5299211012010002,东河乡,荷塘村,户主,男,1985-01-01,边缘易致贫户,否,7000,13900000002
童小荷,{童小荷},5299211012010002,东河乡,荷塘村,之女,女,2015-03-01,边缘易致贫户,否,7000,
江平,{江平},5299211012010003,西山镇,第三村,户主,男,1970-01-01,脱贫不稳定户,是,15000,13900000003
文朗,{文朗},5299211012010004,西山镇,第四村,户主,男,1960-01-01,脱贫不稳定户,是,16000,13900000004
"""
_VICTIMS = """部门受案号,统一受案号,被害人姓名,证件号码,伤情等级,损失数额（万元）,赔偿情况,案由
样检刑诉受[2024]11号,T529921202400011,白石𠮷,{白石𠮷},重伤二级,8.5,未赔偿,故意伤害罪
样检刑诉受[2024]12号,T529921202400012,童小荷,{童小荷},轻伤一级,,未赔偿,强奸罪
"""
_CASES = """部门受案号,统一受案号,案件名称,嫌疑人姓名,受理日期,案由,案情摘要
样检刑诉受[2024]11号,T529921202400011,某某故意伤害案,甲某,2024-03-05,故意伤害罪,2024年2月3日甲某将白石𠮷打成重伤
样检刑诉受[2024]12号,T529921202400012,某某强奸案,乙某,2024-04-05,强奸罪,乙某在荷塘村侵害童小荷
"""
FILES = {"监测对象信息_20250630.csv": _REGISTRY.format(**IDS), "刑事案件被害人信息.csv": _VICTIMS.format(**IDS)}
FILES["案件查询列表.csv"] = _CASES
PARAMETERS = "防返贫监测范围_元每人每年: {2024: 8600, 2025: 9000}\n"
SOURCES = ("case_list", "monitoring_custom", "victim_list")  # those of the files
RULES = ("J02_", "T07_", "X02_", "X14_", "X17_")  # few: a run is a matter of seconds


def write(folder: Path) -> Path:
    """The input files in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def write_pack(folder: Path) -> Path:
    """The pack of the program with a few of its rules and sources."""
    source = Path(__file__).parent.parent / "rules"
    for kind in ("judicial", "poverty", "social", "hold"):
        (folder / kind).mkdir(parents=True)
        for path in sorted((source / kind).glob("*.yaml")):
            if path.name.startswith(RULES):
                shutil.copy(path, folder / kind)
    for kind in ("vocabulary", "lists", "parameters"):
        shutil.copytree(source / kind, folder / kind)
    (folder / "sources").mkdir()
    for name in SOURCES:
        shutil.copy(source / "sources" / f"{name}.yaml", folder / "sources")
    shutil.copy(source / "pack.yaml", folder)
    (folder.parent / "本县口径.yaml").write_text(PARAMETERS, encoding="utf-8")
    return folder


_OF_A_START = {"PYTHONIOENCODING", "PYTHONHASHSEED", "TZ", "LC_ALL"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "clue_engine", *map(str, arguments)]


def clue_engine(
    *arguments: object, env: Mapping[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[bytes]:
    """The program, as a user calls it; output as bytes. In a process of its own under limits (``before``, ``more``) or
    in surroundings that are read as Python starts."""
    if set(more) == {"before"}:
        return forked(*arguments, **more)[1]()
    if not more and not _OF_A_START & set(env or ()):
        return called(*arguments, env=env)
    settings = {**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})}
    return subprocess.run(command(*arguments), env=settings, capture_output=True, timeout=120, **more)


def run(folder: Path, out: Path, *more: object, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return clue_engine("run", folder, "--as-of", AS_OF, "--out", out, *more, **options)


def lists(out: Path, names: Sequence[str] = ("*.csv", "clues.json")) -> dict[str, bytes]:
    """The lists of an output folder, by name."""
    return {path.name: path.read_bytes() for pattern in names for path in sorted(out.glob(pattern))}
