"""The files of the agriculture side: custom export, poverty list of another dialect, 脱贫户 export."""

from collections.abc import Callable
from pathlib import Path
from random import Random

from . import mess, places
from .finds import CERT_CODE
from .households import Household
from .people import TODAY, Person
from .story import World
from .writers import write_xlsx

Column = tuple[str, Callable[[Household, Person], object]]


def _columns(w: World, salt: str) -> list[Column]:
    """Every column of the national export this county could tick, with its value."""
    rng = w.stream(f"registry:{salt}")
    fixed: list[Column] = [
        ("省", lambda h, p: places.PROVINCE),
        ("市", lambda h, p: places.CITY),
        ("县", lambda h, p: places.COUNTY),
        ("乡", lambda h, p: h.town),
        ("村", lambda h, p: h.village),
        ("自然村", lambda h, p: f"{h.group}组"),
        ("户编号", lambda h, p: h.no),
        ("人编号", lambda h, p: f"{h.no}{h.members.index(p) + 1:02d}"),
        ("姓名", lambda h, p: mess.name(rng, p.name, 0.01)),
        ("性别", lambda h, p: p.sex),
        ("证件类型", lambda h, p: "残疾人证" if _by_card(p) else "居民身份证"),
        ("证件号码", lambda h, p: _number(w, rng, p)),
        ("出生日期", lambda h, p: f"{p.birth:%Y%m%d}"),
        ("年龄", lambda h, p: str(p.age_on(TODAY))),
        ("民族", lambda h, p: p.ethnic),
        ("家庭人口", lambda h, p: str(h.size)),
        ("与户主关系", lambda h, p: p.relation),
        ("政治面貌", lambda h, p: "群众"),
        ("文化程度", lambda h, p: "" if p.age_on(TODAY) < 14 else ("文盲或半文盲" if p.age_on(TODAY) > 70 else "初中")),
        ("在校生状况", lambda h, p: p.school),
        ("健康状况", lambda h, p: p.health),
        ("劳动技能", lambda h, p: p.skill),
        ("是否参加城乡居民基本医疗保险", lambda h, p: "是"),
        ("是否参加大病保险", lambda h, p: "是"),
        ("是否参加城乡居民基本养老保险", lambda h, p: "是" if p.age_on(TODAY) >= 16 and not p.school else "否"),
        ("享受低保政策情况", lambda h, p: "农村低保" if h.dibao else rng.choice(("", "未享受"))),
        ("享受特困供养政策情况", lambda h, p: "农村特困" if h.tekun else rng.choice(("", "不享受"))),
        ("户类型", lambda h, p: h.house_type),
        ("监测对象类别", lambda h, p: h.kind),
        ("致贫/返贫风险1", lambda h, p: [*h.risks, "", ""][0]),
        ("致贫/返贫风险2", lambda h, p: [*h.risks, "", ""][1]),
        ("致贫/返贫风险3", lambda h, p: ""),
        ("致贫/返贫风险4", lambda h, p: ""),
        ("致贫/返贫风险5", lambda h, p: ""),
        ("风险是否已消除", lambda h, p: "" if not h.kind else "否" if h.open else "是"),
        ("风险是否已消除", lambda h, p: "" if not h.kind else "否" if h.open else "是"),
        ("首次识别时间", lambda h, p: mess.month(rng, h.identified)),
        ("识别监测时间", lambda h, p: mess.month(rng, h.identified)),
        ("消除监测时间", lambda h, p: mess.month(rng, h.removed)),
        ("风险消除方式", lambda h, p: "帮扶消除" if h.removed else ""),
        ("是否危房户", lambda h, p: "否"),
        ("是否解决安全饮用水", lambda h, p: "是"),
        ("耕地面积（亩）", lambda h, p: f"{1 + h.group * 0.4:.1f}"),
        ("林地面积（亩）", lambda h, p: "1.3"),
        ("户联系电话", lambda h, p: h.members[0].phone),
        ("家庭成员联系电话", lambda h, p: p.phone),
        ("工资性收入", lambda h, p: str(_wages(h))),
        ("生产经营性收入", lambda h, p: str(max(0, h.net - _wages(h)))),
        ("生产经营性支出", lambda h, p: str(max(0, _wages(h) - h.net))),
        ("财产性收入", lambda h, p: "0"),
        ("转移性收入", lambda h, p: "0"),
        ("家庭年收入", lambda h, p: str(max(h.net, _wages(h)))),
        ("家庭纯收入", lambda h, p: str(h.net)),
        ("人均纯收入（元）", lambda h, p: f"{h.net / max(1, h.size):.2f}"),
        ("理赔收入", lambda h, p: str(h.claims)),
        ("合规自付支出", lambda h, p: str(h.own_payment)),
        ("监测参考人均纯收入", lambda h, p: f"{h.reference_income:.2f}"),
        ("是否已务工", lambda h, p: "是" if p.wage else "否"),
        ("务工所在地", lambda h, p: rng.choice(("县内", "省内县外", "省外")) if p.wage else ""),
        ("务工月收入", lambda h, p: str(p.wage or "")),
        ("务工时间（月）", lambda h, p: str(p.months or "")),
        ("务工企业名称", lambda h, p: ""),
        ("实施开发式帮扶措施情况", lambda h, p: h.dev),
        ("产业帮扶", lambda h, p: "技术指导" if h.dev == "已实施" and p.relation == "户主" else ""),
        ("就业帮扶", lambda h, p: "其他,技能培训" if h.dev == "已实施" and p.wage else ""),
        ("金融帮扶", lambda h, p: ""),
        ("公益性岗位帮扶", lambda h, p: ""),
        ("教育帮扶", lambda h, p: "雨露计划" if p.school.startswith("中职") else ""),
        ("健康帮扶", lambda h, p: "参加城乡居民基本医疗保险个人缴费补贴" if h.kind else ""),
        ("综合保障", lambda h, p: "低保" if h.dibao else "特困供养" if h.tekun else ""),
        ("社会帮扶", lambda h, p: ""),
        (
            "整户无劳动能力兜底保障户",
            lambda h, p: "否" if any(m.skill not in ("无劳动力", "丧失劳动力") for m in h.members) else "是",
        ),
        ("信息采集人", lambda h, p: "游某"),
        ("其他备注", lambda h, p: h.note),
    ]
    return fixed


def _wages(home: Household) -> int:
    return sum(m.wage * m.months for m in home.members)


def _by_card(person: Person) -> bool:
    """A few certificate holders were entered with the 20-digit card."""
    return person.cert is not None and person.id[-2] in "37"


def _number(w: World, rng: Random, person: Person) -> str:
    if _by_card(person) and person.cert:
        return f"{person.id}{CERT_CODE[person.cert[0]]}{person.cert[1]}"
    return mess.number(rng, person.id, 0.015)


def table(w: World, salt: str, homes: list[Household], leave_out: int) -> list[list[object]]:
    """Header and rows; which columns and in which order differs from export to export."""
    rng = w.stream(f"columns:{salt}")
    columns = _columns(w, salt)
    keep = {
        "户编号",
        "姓名",
        "证件号码",
        "与户主关系",
        "户类型",
        "监测对象类别",
        "风险是否已消除",
        "县",
        "乡",
        "村",
        "家庭人口",
        "家庭纯收入",
        "消除监测时间",
        "识别监测时间",
        "监测参考人均纯收入",
        "人均纯收入（元）",
        "享受低保政策情况",
        "其他备注",
        "劳动技能",
        "出生日期",
    }
    optional = [i for i, (head, _) in enumerate(columns) if head not in keep]
    gone = set(rng.sample(optional, leave_out))
    columns = [c for i, c in enumerate(columns) if i not in gone]
    rng.shuffle(columns)
    rows: list[list[object]] = [[head for head, _ in columns]]
    for home in homes:
        rows += [[value(home, member) for _, value in columns] for member in home.members if member.listed]
    return rows


def custom_export(w: World, folder: Path) -> None:
    """（自定义）监测对象信息: every monitored household, header in row 3."""
    homes = [h for h in w.homes.all if h.kind]
    rows = table(w, "custom", homes, 9)
    titles = [["防返贫监测对象信息（自定义）"], [f"单位：{places.COUNTY}    数据日期：{places.DATA_DATE}"]]
    write_xlsx(folder / "（自定义）监测对象信息 (7).xlsx", [("Sheet1", titles + rows)], wrong_dimension=True)


def poverty_export(w: World, folder: Path) -> None:
    """脱贫户信息: also the households struck off, told apart only by 其他备注."""
    homes = [h for h in w.homes.all if h.house_type == "脱贫户"]
    rows = table(w, "poor", homes, 14)
    titles = [["脱贫户信息"], [f"导出日期：{places.DATA_DATE}"]]
    write_xlsx(folder / "脱贫户信息_20260630-继续享受政策.xlsx", [("脱贫户信息", titles + rows)], wrong_dimension=True)


def other_dialect(w: World, folder: Path) -> None:
    """边缘易致贫人口名单: the same system, other words for the columns, header in row 2, one sheet empty."""
    rng = w.stream("dialect")
    heads = [
        "序号",
        "县(市、区、旗)",
        "乡(镇)",
        "行政村",
        "自然村(组)",
        "户编号",
        "姓名",
        "性别",
        "证件号码",
        "与户主关系",
        "家庭人口数",
        "易返贫致贫户(监测对象)类型",
        "风险识别时间",
        "风险是否消除",
        "风险消除时间",
        "致贫原因1",
        "人均纯收入",
        "联系电话",
        "劳动能力",
    ]
    rows: list[list[object]] = [["边缘易致贫人口名单"], heads]
    for home in w.homes.all:
        if not home.kind or home.house_type == "脱贫户":
            continue
        for p in home.members:
            if not p.listed:
                continue
            cause = home.risks[0].removeprefix("因") if rng.random() < 0.4 else home.risks[0]
            rows.append(
                [
                    len(rows) - 1,
                    places.COUNTY,
                    home.town,
                    home.village,
                    f"{home.group}组",
                    home.no,
                    mess.name(rng, p.name),
                    p.sex,
                    mess.number(rng, p.id),
                    p.relation,
                    home.size,
                    home.kind,
                    mess.month(rng, home.identified),
                    "否" if home.open else "是",
                    mess.month(rng, home.removed),
                    cause,
                    round(home.net / max(1, home.size), 2),
                    p.phone,
                    p.skill,
                ]
            )
    hidden = (5,) if len(rows) > 6 else ()
    write_xlsx(
        folder / "边缘易致贫人口名单_20260630.xlsx",
        [("名单", rows), ("填表说明", [])],
        hidden=hidden,
        merges=("A1:S1",),
    )
