"""A county of invented households around one child: who is in a case with it, who is in a case with those.

童小荷  a raped child; her father 童大 was struck in another case       → protected: all lines of the household
柳青    a grown victim of the man who raped her, severely hurt          → protected herself
文朗    severely hurt together with 童大                                → protected: a case of her household
石生    a boy robbed; his household is not poor and on no list          → protected, and with him
江平    severely hurt in the same robbery                               → protected: a case of a protected person
项远    severely hurt in another case together with 江平                → open: that case is nobody's secret
潘岭    severely hurt by her husband 石虎, the head             → careful: by number, and he is never asked or named
白石    severely hurt in a case of his own, in the village of the child → open
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tiny_county

AS_OF = "2025-06-30"
_BORN = {
    "童大": "19850101", "童小荷": "20150301", "柳青": "19800101", "文朗": "19700101", "石大": "19820101",
    "石生": "20120301", "江平": "19750101", "项远": "19650101", "白石": "19600101",
    "石虎": "19810101", "潘岭": "19830101",
}  # fmt: skip
IDS = {name: tiny_county.number(born, 10 + n) for n, (name, born) in enumerate(_BORN.items())}
PROTECTED = ("童大", "童小荷", "柳青", "文朗", "石大", "石生", "江平", "石虎", "潘岭")
OPEN = ("项远", "白石")
_HOMES = {  # household number -> town, village, income, members
    "5299211012010002": ("荷花镇", "荷塘村", 7000, ("童大", "童小荷")),
    "5299211012010003": ("柳林镇", "第三村", 6500, ("柳青",)),
    "5299211012010004": ("文昌镇", "第四村", 6500, ("文朗",)),
    "5299211012010005": ("石桥镇", "第五村", 90000, ("石大", "石生")),
    "5299211012010006": ("江口镇", "第六村", 6500, ("江平",)),
    "5299211012010007": ("东河乡", "第七村", 6500, ("项远",)),
    "5299211012010009": ("湖口镇", "第九村", 6500, ("石虎", "潘岭")),
    "5299211012010008": ("东河乡", "荷塘村", 6500, ("白石",)),
}
_CASES = {  # case -> charge, day, victims with their harm
    12: ("强奸罪", "2024-04-05", {"童小荷": "轻伤一级", "柳青": "重伤二级"}),
    13: ("故意伤害罪", "2024-05-05", {"童大": "重伤二级", "文朗": "重伤二级"}),
    14: ("抢劫罪", "2024-06-05", {"石生": "无人身伤害", "江平": "重伤二级"}),
    15: ("交通肇事罪", "2024-07-05", {"江平": "重伤二级", "项远": "重伤二级"}),
    16: ("故意伤害罪", "2024-08-05", {"白石": "重伤二级"}),
    17: ("故意伤害罪", "2024-09-05", {"潘岭": "重伤二级"}),
}
_SUSPECTS = {17: ("石虎", "配偶")}  # who lives in a house of the register, and what he is to the victims
PHONE = "13911110000"  # of the house


def case_no(number: int) -> str:
    return f"样检刑诉受[2024]{number}号"


def write(folder: Path) -> Path:
    """The input files in ``folder``."""
    registry = ["姓名,证件号码,户编号,乡镇,村,与户主关系,性别,出生日期,监测对象类别,风险是否已消除,人均纯收入,联系电话"]
    for number, (town, village, income, members) in _HOMES.items():
        kind = "突发严重困难户,否" if income < 10000 else "脱贫不稳定户,是"
        for place, name in enumerate(members):
            born = f"{_BORN[name][:4]}-{_BORN[name][4:6]}-{_BORN[name][6:]}"
            relation = ("配偶" if name == "潘岭" else "之子") if place else "户主"
            phone = PHONE if "石虎" in members else ""
            registry.append(
                f"{name},{IDS[name]},{number},{town},{village},{relation},男,{born},{kind},{income},{phone}"
            )
    victims = ["部门受案号,统一受案号,被害人姓名,证件号码,伤情等级,损失数额（万元）,赔偿情况,案由,与嫌疑人关系"]
    cases = ["部门受案号,统一受案号,案件名称,嫌疑人姓名,嫌疑人证件号码,受理日期,案由,案情摘要"]
    for number, (charge, day, harmed) in _CASES.items():
        unified = f"T5299212024000{number}"
        suspect, relation = _SUSPECTS.get(number, (f"嫌疑某{number}", ""))
        named = f"{suspect},{IDS.get(suspect, '')}"
        cases.append(f"{case_no(number)},{unified},某某{charge}案,{named},{day},{charge},案情略")
        for n, h in harmed.items():
            victims.append(f"{case_no(number)},{unified},{n},{IDS[n]},{h},8.5,未赔偿,{charge},{relation}")
    folder.mkdir(parents=True)
    named = ("监测对象信息_20250630.csv", "刑事案件被害人信息.csv", "案件查询列表.csv")
    for name, lines in zip(named, (registry, victims, cases), strict=True):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def own_rows(folder: Path, names: Sequence[str]) -> dict[tuple[str, int], list[str]]:
    """The rows of the input files that name any of them or carry a number of their households or cases, with cells."""
    homes = {number for number, home in _HOMES.items() if set(home[3]) & set(names)}
    keys = {*names, *(IDS[n] for n in names), *homes}
    keys |= {case_no(number) for number, (_, _, harmed) in _CASES.items() if number != 15 and set(harmed) & set(names)}
    found = {}
    for path in sorted(folder.glob("*.csv")):
        for row_no, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            cells = line.split(",")
            if keys.intersection(cells):
                found[path.name, row_no] = cells
    return found
