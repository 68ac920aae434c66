"""Lists of civil affairs and of the disabled persons' federation."""

from pathlib import Path

from . import mess, places
from .finds import CERT_CODE
from .households import Household
from .people import TODAY, Person
from .story import World
from .writers import write_parquet, write_xls, write_xlsx

GRADES = "一二三四"


def dibao_list(w: World, folder: Path) -> None:
    """农村低保备案表: two title rows, a two-line merged header, a total and a note at the end."""
    rng = w.stream("dibao")
    titles: list[list[object]] = [
        [f"{places.COUNTY}农村居民最低生活保障备案表"],
        [f"填报单位：{places.COUNTY}民政局      填报日期：{places.DATA_DATE}"],
    ]
    heads: list[list[object]] = [
        [
            "序号",
            "所在乡镇",
            "所在村",
            "户主信息",
            "",
            "家庭人口",
            "保障对象",
            "",
            "",
            "保障类别",
            "月保障金额（元）",
            "开始享受时间",
        ],
        ["", "", "", "户主姓名", "身份证号码", "", "姓名", "身份证号码", "与户主关系", "", "", ""],
    ]
    rows: list[list[object]] = []
    for home in w.homes.all:
        if not home.dibao or home.origin != "乡村":
            continue
        head = home.members[0]
        for p in home.members:
            if p.listed:
                rows.append(
                    [
                        len(rows) + 1,
                        home.town,
                        home.village,
                        mess.name(rng, head.name),
                        mess.number(rng, head.id, 0.01),
                        home.size,
                        mess.name(rng, p.name),
                        mess.number(rng, p.id),
                        p.relation,
                        "整户保",
                        285,
                        "202401",
                    ]
                )
    ends: list[list[object]] = [
        ["合计", "", "", "", "", "", f"{len(rows)}人", "", "", "", 285 * len(rows), ""],
        ["注：本表一式三份"],
    ]
    merges = [(2, 2, 3, 4), (2, 2, 6, 8), *((2, 3, c, c) for c in (0, 1, 2, 5, 9, 10, 11))]
    write_xls(folder / "农村低保备案表.xls", "低保", titles + heads + rows + ends, merges)


def tekun_list(w: World, folder: Path) -> None:
    """城乡特困人员备案表."""
    rng = w.stream("tekun")
    rows: list[list[object]] = [
        ["城乡特困人员备案表"],
        ["制表单位：澜水县民政局", "", "", "", "制表日期：2026-06-30"],
        [
            "序号",
            "乡镇",
            "村（社区）",
            "姓名",
            "性别",
            "身份证号码",
            "人员类别",
            "供养方式",
            "自理能力",
            "起始时间",
            "备注",
        ],
    ]
    for home in w.homes.all:
        if home.tekun:
            p = home.members[0]
            rows.append(
                [
                    len(rows) - 2,
                    home.town,
                    home.village,
                    mess.name(rng, p.name),
                    p.sex,
                    mess.number(rng, p.id),
                    "农村特困人员",
                    rng.choice(("分散供养", "集中供养")),
                    rng.choice(("全自理", "半护理")),
                    f"{p.age_on(TODAY) % 5 + 2020}年03月",
                    "",
                ]
            )
    write_xlsx(folder / "城乡特困人员备案表.xlsx", [("特困", rows)], merges=("A1:K1",))


def low_income_roll(w: World, folder: Path) -> None:
    """低收入人口花名册: pupils are listed by their school number (G + ID)."""
    rng = w.stream("low income")
    rows: list[list[object]] = [
        ["低收入人口花名册"],
        [
            "序号",
            "乡（镇）",
            "村（居）",
            "户主姓名",
            "户主身份证号",
            "姓名",
            "身份证号码",
            "与户主关系",
            "低收入人口类别",
            "认定时间",
            "联系电话",
        ],
    ]
    for home in w.homes.all:
        if not home.low_income:
            continue
        head = home.members[0]
        for p in home.members:
            number = f"G{p.id}" if p.school and rng.random() < 0.3 else mess.number(rng, p.id)
            rows.append(
                [
                    len(rows) - 1,
                    home.town,
                    home.village,
                    head.name,
                    head.id,
                    mess.name(rng, p.name),
                    number,
                    p.relation,
                    home.low_income,
                    "2025年09月",
                    p.phone,
                ]
            )
    for i, number in enumerate(("999999198804051214", "", "538821197802306621")):
        # a person without papers, an empty cell, an impossible birth date
        name = w.people.name("男")
        rows.append(
            [
                len(rows) - 1,
                "梅坪镇",
                "白鹤岭村",
                name,
                number,
                name,
                number,
                "户主",
                "低保边缘家庭",
                f"2025年1{i % 3}月",
                "",
            ]
        )
    write_xlsx(folder / "低收入人口花名册.xlsx", [("花名册", rows)], merges=("A1:K1",))


def card_number(person: Person) -> str:
    """20 digits of a disability certificate; a few were reissued (22)."""
    kind, level = person.cert or ("肢体", 4)
    return f"{person.id}{CERT_CODE[kind]}{level}" + ("B1" if person.id[-3] == "9" else "")


def disabled_list(w: World, folder: Path, as_xlsx: bool = False) -> None:
    """持证残疾人名单."""
    rng = w.stream("disabled")
    rows: list[list[object]] = [
        ["姓名", "残疾人证号", "残疾类别", "残疾等级", "性别", "乡镇", "村", "监护人", "联系电话"]
    ]
    holders: list[tuple[Household, Person]] = [
        (h, p) for h in w.homes.all for p in h.members if p.cert and h.origin == "乡村"
    ]
    rng.shuffle(holders)
    for home, p in holders:
        kind, level = p.cert or ("", 1)
        rows.append(
            [
                mess.name(rng, p.name),
                card_number(p),
                kind,
                f"{GRADES[level - 1]}级",
                p.sex,
                home.town,
                home.village,
                home.members[0].name,
                p.phone,
            ]
        )
    if as_xlsx:
        write_xlsx(folder / "持证残疾人名单.xlsx", [("Sheet1", rows)])
    else:
        write_parquet(folder / "持证残疾人名单.parquet", rows)


def write_social(w: World, folder: Path) -> None:
    dibao_list(w, folder)
    tekun_list(w, folder)
    low_income_roll(w, folder)
    disabled_list(w, folder)
