"""Households of the county: who lives in them, what they earn, which lists they stand on."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from . import places
from .people import TODAY, People, Person

SCHOOLS = (
    (3, 5, "学前教育"),
    (6, 11, "小学"),
    (12, 12, "七年级"),
    (13, 13, "八年级"),
    (14, 14, "九年级"),
    (15, 15, "普通高中一年级"),
    (16, 16, "普通高中二年级"),
    (17, 17, "中职二年级"),
)
RISKS = (
    "因病",
    "因学",
    "因残",
    "因自然灾害",
    "因务工就业不稳",
    "务工就业不稳",
    "缺劳动力",
    "因缺劳动力",
    "因产业项目失败",
)
LINE = 9000  # 监测范围 of the current year
CERT_KINDS = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")


@dataclass(eq=False)
class Household:
    """One household as it truly is. house_type '' means: not in any national export."""

    no: str
    town: str
    village: str
    group: int
    origin: str = "乡村"  # 乡村, 城镇, 邻市, 外省
    members: list[Person] = field(default_factory=list)
    house_type: str = ""
    kind: str = ""  # 监测对象类别
    identified: str = ""  # YYYYMM
    removed: str = ""  # YYYYMM
    risks: list[str] = field(default_factory=list)
    net: int = 0
    own_payment: int = 0
    claims: int = 0
    dibao: bool = False
    tekun: bool = False
    low_income: str = ""  # 低保边缘家庭, 刚性支出困难家庭
    note: str = ""
    cleared: bool = False
    dev: str = ""

    @property
    def open(self) -> bool:
        return bool(self.kind) and not self.removed

    @property
    def size(self) -> int:
        return sum(1 for m in self.members if m.listed)

    @property
    def reference_income(self) -> float:
        """监测参考人均纯收入."""
        return (self.net - self.own_payment + self.claims) / max(1, self.size)

    @property
    def visible(self) -> bool:
        """Some file other than the case files shows this household."""
        return bool(self.house_type) or self.dibao or self.tekun or bool(self.low_income)

    @property
    def hard(self) -> bool:
        """困难 as an outsider can see it in the tables (the case remark comes on top)."""
        low = bool(self.house_type) and self.reference_income < LINE * 1.3
        return self.open or self.dibao or self.tekun or bool(self.low_income) or low

    @property
    def domicile(self) -> str:
        county = {"邻市": places.NEIGHBOUR[0], "外省": places.OUTSIDE[0]}.get(self.origin, places.COUNTY)
        return f"{county}{self.town}{self.village}"


class Households:
    """Builds households into one list."""

    def __init__(self, rng: Random, people: People) -> None:
        self.rng = rng
        self.people = people
        self.all: list[Household] = []
        self.serial: dict[str, int] = {}

    def place(self, origin: str) -> Household:
        """An empty household somewhere; only rural ones inside the county get a household number."""
        rng = self.rng
        if origin == "城镇":
            return Household("", places.STREET, rng.choice(places.COMMUNITIES), rng.randrange(1, 9), origin)
        town_index, village_index, town, village = places.rural_place(rng)
        if origin != "乡村":
            return Household("", town, village, rng.randrange(1, 9), origin)
        code = places.village_code(town_index, village_index)
        self.serial[code] = self.serial.get(code, 0) + 1
        return Household(f"{code}{self.serial[code]:04d}", town, village, rng.randrange(1, 9), origin)

    def add(self, origin: str = "乡村", shape: str = "", adult_age: int = 0) -> Household:
        """A household with members. shape: letters of 配偶 s, 子女 c(minor) g(grown), 父母 p; the head is implied."""
        rng = self.rng
        home = self.place(origin)
        code = {"邻市": places.NEIGHBOUR[1], "外省": places.OUTSIDE[1]}.get(origin, places.CODE)
        age = adult_age or rng.randrange(28, 58)
        shape = (
            shape
            or rng.choices(
                ("s", "sc", "scc", "scp", "scpp", "sg", "sgg", "c", "", "spp"), (8, 14, 16, 9, 8, 12, 8, 5, 6, 8)
            )[0]
        )
        head = self._member(home, "男" if rng.random() < 0.75 else "女", age, code, "户主")
        surname = head.name[0] if "·" not in head.name else ""
        for letter in shape:
            if letter == "s":
                self._member(
                    home, "女" if head.sex == "男" else "男", max(20, age + rng.randrange(-4, 4)), code, "配偶"
                )
            elif letter in "cg":
                sex = rng.choice("男女")
                years = rng.randrange(3, 16) if letter == "c" else max(19, min(30, age - rng.randrange(21, 26)))
                self._member(home, sex, min(years, max(1, age - 19)), code, "之子" if sex == "男" else "之女", surname)
            elif letter == "p":
                father = not any(m.relation == "之父" for m in home.members)
                years = min(85, age + rng.randrange(21, 27))
                self._member(
                    home, "男" if father else "女", years, code, "之父" if father else "之母", surname if father else ""
                )
        self.all.append(home)
        self.earn(home, "middle")
        return home

    def _member(self, home: Household, sex: str, age: int, code: str, relation: str, surname: str = "") -> Person:
        rng = self.rng
        if rng.random() < 0.02:
            code = places.CODE[:4] + "52"  # first registered in a county that was merged away
        person = self.people.person(sex, age, code, relation, surname)
        person.household = home
        if age < 16 or age > 75:
            person.skill = "无劳动力"
        elif age > 60:
            person.skill = rng.choice(("弱劳动力或半劳动力", "无劳动力"))
        elif rng.random() < 0.1:
            person.skill = "技能劳动力"
        person.school = next((s for low, high, s in SCHOOLS if low <= age <= high), "")
        if 18 <= age <= 22 and rng.random() < 0.4:
            person.school = rng.choice(("高职高专二年级", "本科"))
        if rng.random() < 0.08:
            person.health = rng.choice(("长期慢性病", "患有大病"))
        if rng.random() < 0.06:
            self.disable(person)
        if person.skill in ("普通劳动力", "技能劳动力") and not person.school and rng.random() < 0.6:
            person.wage, person.months = rng.randrange(18, 56) * 100, rng.randrange(4, 12)
        home.members.append(person)
        return person

    def disable(self, person: Person, level: int = 0) -> None:
        """Give a disability certificate (another scale than 致残等级)."""
        person.health = "残疾"
        person.cert = (self.rng.choice(CERT_KINDS), level or self.rng.randrange(1, 5))

    def earn(self, home: Household, band: str) -> None:
        """Set income: 'low' well under 1.3 of the line, 'middle' well over it, 'high'."""
        rng, size = self.rng, max(1, home.size)
        per_head = {
            "low": rng.randrange(4200, 8200),
            "middle": rng.randrange(14500, 21000),
            "high": rng.randrange(21000, 30000),
        }[band]
        home.net = per_head * size
        home.own_payment = rng.randrange(0, 900) * size

    def register(
        self,
        home: Household,
        house_type: str,
        state: str = "",
        dibao: bool = False,
        identified: str = "",
        removed: str = "",
    ) -> None:
        """Put the household into the national system. state: '' not monitored, 'open', 'removed'."""
        rng = self.rng
        home.house_type, home.dibao = house_type, dibao
        if not state:
            return
        usual = "脱贫不稳定户" if house_type == "脱贫户" else "边缘易致贫户"
        home.kind = usual if rng.random() < 0.75 else "突发严重困难户"
        home.identified = identified or f"{rng.randrange(2021, 2025)}{rng.randrange(1, 13):02d}"
        home.risks = rng.sample(RISKS, rng.choice((1, 1, 2)))
        home.dev = rng.choice(("已实施", "已实施", "尚未实施", ""))
        if state == "removed":
            home.removed = removed or f"{rng.randrange(2025, 2027)}{rng.randrange(1, 7):02d}"
            if home.removed <= home.identified:
                home.identified = "202308"
        else:
            self.earn(home, "low")

    def background(self) -> Household:
        """A household that no case touches."""
        rng = self.rng
        home = self.add()
        draw = rng.random()
        if draw < 0.22:
            self.register(home, rng.choice(("脱贫户", "一般农户", "普通农户")), "open", dibao=rng.random() < 0.55)
        elif draw < 0.45:
            self.register(home, rng.choice(("脱贫户", "脱贫户", "一般农户")), "removed")
        elif draw < 0.8:
            self.register(home, "脱贫户", dibao=rng.random() < 0.15)
        elif draw < 0.95:
            home.dibao = True
        else:
            home.low_income = rng.choice(("低保边缘家庭", "刚性支出困难家庭"))
        if home.size == 1 and home.members[0].age_on(TODAY) >= 45 and rng.random() < 0.3:
            home.tekun, home.dibao = True, False
        return home


def month_after(month: str, day: date) -> bool:
    """True when the YYYYMM month is the month of the day or later."""
    return bool(month) and month >= f"{day:%Y%m}"
