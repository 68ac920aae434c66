"""Invented persons: names, resident IDs with a right check digit, telephone numbers that cannot exist."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .households import Household

SURNAMES = "欧蓝覃农韦岑甘凌庞骆容冼卓符翁瞿褚詹滕阮蒙麦游饶柯柳涂闵鄢缪"
GIVEN_MALE = "崇岳川启森栋岩坤泽衡桥柏岭晟楷炜昌笙祺铭"
GIVEN_FEMALE = "芸芷苓槿蔓棠荷菱茗筠黛岚澜汐沅溪婵妍妤璇"
DOTTED_FIRST = ("沙木", "塔力", "古丽夏", "努尔沁", "阿合", "买提江")
DOTTED_LAST = ("艾克", "托列", "哈布", "吾守", "萨比", "依明")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
TODAY = date(2026, 6, 30)


@dataclass(eq=False)
class Person:
    """One invented person as he or she truly is; the mess is added when files are written."""

    name: str
    sex: str
    birth: date
    id: str
    relation: str = "户主"
    ethnic: str = "汉族"
    skill: str = "普通劳动力"
    health: str = "健康"
    school: str = ""
    wage: int = 0
    months: int = 0
    phone: str = ""
    cert: tuple[str, int] | None = None  # disability certificate: kind, level 1-4
    address: str = ""  # only for strangers, who have no household
    listed: bool = True  # still a row of the registry (dead members usually are not)
    household: "Household | None" = field(default=None, repr=False)

    def age_on(self, day: date) -> int:
        """Full years on a day."""
        return day.year - self.birth.year - ((day.month, day.day) < (self.birth.month, self.birth.day))


def check_digit(first17: str) -> str:
    """Check digit of GB 11643-1999."""
    return CHECK_DIGITS[sum(int(c) * w for c, w in zip(first17, WEIGHTS, strict=True)) % 11]


class People:
    """Makes persons; no two get the same name or the same ID unless asked for."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.names: set[str] = set()
        self.ids: set[str] = set()

    def name(self, sex: str, surname: str = "") -> str:
        """A new name; of 40 about one is written with a middle dot."""
        rng = self.rng
        for _ in range(20):
            if not surname and rng.random() < 0.025:
                candidate = f"{rng.choice(DOTTED_FIRST)}·{rng.choice(DOTTED_LAST)}"
            else:
                pool = GIVEN_MALE if sex == "男" else GIVEN_FEMALE
                length = 1 if rng.random() < 0.12 else 2
                candidate = (surname or rng.choice(SURNAMES)) + "".join(rng.choice(pool) for _ in range(length))
            if candidate not in self.names:
                self.names.add(candidate)
                return candidate
        return candidate  # large counties have namesakes

    def resident_id(self, code: str, birth: date, sex: str) -> str:
        """18 digits: region, birth date, running number (odd = male), check digit."""
        while True:
            running = self.rng.randrange(1, 500) * 2 - (1 if sex == "男" else 0)
            first17 = f"{code}{birth:%Y%m%d}{running:03d}"
            number = first17 + check_digit(first17)
            if number not in self.ids:
                self.ids.add(number)
                return number

    def phone(self) -> str:
        """Eleven digits in blocks that no operator uses."""
        return f"{self.rng.choice(('19700', '19800', '19900'))}{self.rng.randrange(10000):06d}"

    def person(self, sex: str, age: int, code: str, relation: str = "户主", surname: str = "") -> Person:
        """A person who was `age` years old on the data date."""
        rng = self.rng
        birth = date(TODAY.year - age, 1, 1) + timedelta(days=rng.randrange(0, 175))
        return Person(
            name=self.name(sex, surname),
            sex=sex,
            birth=birth,
            id=self.resident_id(code, birth, sex),
            relation=relation,
            ethnic=rng.choices(("汉族", "壮族", "瑶族", "侗族"), (70, 16, 8, 6))[0],
            phone=self.phone() if age >= 14 and rng.random() < 0.9 else "",
        )
