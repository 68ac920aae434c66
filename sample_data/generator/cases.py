"""Case events as they truly happened: suspects, victims, stages, payment, court execution, earlier aid."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from . import places
from .people import TODAY, People, Person

PERSONAL = ("故意伤害", "过失致人重伤", "寻衅滋事", "抢劫")
DEADLY = ("交通肇事", "过失致人死亡", "故意伤害", "重大责任事故")
PROPERTY = ("诈骗", "盗窃", "敲诈勒索", "拒不支付劳动报酬")
NO_VICTIM = ("危险驾驶", "开设赌场", "掩饰、隐瞒犯罪所得、犯罪所得收益")
PROSECUTORS = ("岳某", "冼某", "卓某", "滕某")


@dataclass
class Victim:
    """One victim of one event; money in yuan, None = nobody wrote it down."""

    person: Person | None
    unit: str = ""
    injury: str = ""  # 重伤一级 … 轻微伤
    grade: str = ""  # 致残等级 一级 … 十级
    dead: bool = False
    loss: int | None = None
    award: int | None = None
    paid: int | None = 0
    pay: str = "unpaid"  # unpaid, full, unknown, part
    pay_text: str = ""
    waived: bool = False
    mutual: bool = False
    kin: Person | None = None
    insurer: str = ""
    poor_remark: bool = False
    court: tuple[int, int, str] | None = None  # claimed, executed, closing
    aided: str = ""  # '' no, 检察院, or the name of another organ
    aided_by_name: str = ""
    conflict: bool = False  # ID or name points to somebody else
    id_text: str | float | None = None  # what stands in the ID cell, if not the ID
    name_text: str = ""
    loss_text: str = ""
    cell: int = 0  # victims with the same number >0 share one row
    number: str = ""

    @property
    def name(self) -> str:
        return self.unit or (self.person.name if self.person else "")


@dataclass
class Suspect:
    """One suspect and what became of him or her."""

    person: Person
    arrest: str = "批准逮捕"
    result: str = "起诉"
    months: int = 18
    probation: bool = False
    dead: bool = False


@dataclass
class Event:
    """One event; the same event has up to two stages with different 部门受案号."""

    serial: int
    crime: str
    day: date
    town: str
    suspects: list[Suspect]
    victims: list[Victim]
    unified: str = ""
    arrest_no: str = ""
    charge_no: str = ""
    arrest_on: date = TODAY
    charge_on: date | None = None
    closed_on: date | None = None
    judged_on: date | None = None
    ledger: bool = False  # recorded only in the hand-made ledger
    twice: bool = False  # the victims are listed under both stages
    domestic: bool = False
    marks: list[str] = field(default_factory=list)

    @property
    def charge(self) -> str:
        return self.crime + "罪"

    @property
    def result(self) -> str:
        return self.suspects[0].result if self.closed_on else ""

    @property
    def main_no(self) -> str:
        return self.charge_no or self.arrest_no


def stranger(book: "CaseBook", code: str = "") -> Person:
    """Somebody from elsewhere who is a suspect."""
    rng = book.rng
    address, own = rng.choices(
        (
            (places.COUNTY + places.STREET + "水门社区", places.CODE),
            (places.NEIGHBOUR[0] + "河西镇大桥村", places.NEIGHBOUR[1]),
            (places.OUTSIDE[0] + "东沟镇前进村", places.OUTSIDE[1]),
        ),
        (3, 4, 3),
    )[0]
    person = book.people.person("男" if rng.random() < 0.85 else "女", rng.randrange(19, 62), code or own)
    person.address = address
    return person


class CaseBook:
    """Collects events and gives them numbers and dates."""

    def __init__(self, rng: Random, people: People) -> None:
        self.rng = rng
        self.people = people
        self.events: list[Event] = []

    def event(
        self, crime: str, day: date, victims: list[Victim], suspects: list[Suspect] | None = None, **more: object
    ) -> Event:
        """Record an event and derive its stages; stages after the data date do not exist yet."""
        rng = self.rng
        serial = len(self.events) + 1
        if suspects is None:
            months = 2 if crime in NO_VICTIM else rng.randrange(8, 50)
            suspects = [Suspect(stranger(self), months=months, probation=rng.random() < 0.2)]
        event = Event(serial, crime, day, rng.choice(places.TOWNS), suspects, victims)
        for key, value in more.items():
            setattr(event, key, value)
        event.unified = f"{places.CODE}{day.year}{serial:07d}"
        event.arrest_on = day + timedelta(days=rng.randrange(9, 30))
        if event.arrest_on.year != day.year:
            event.unified = f"{places.CODE}{event.arrest_on.year}{serial:07d}"
        number = 40 + serial * 3 + rng.randrange(3)
        if event.ledger:
            event.charge_no = f"澜水县院诉受[{event.arrest_on.year}]{places.CODE}{7000 + number:07d}号"
            event.charge_on = event.arrest_on
        else:
            if suspects[0].arrest:
                event.arrest_no = f"澜水县院捕受[{event.arrest_on.year}]{places.CODE}{number:07d}号"
            accepted = event.arrest_on + timedelta(days=rng.randrange(45, 75))
            if accepted <= TODAY and suspects[0].result:
                event.charge_on = accepted
                event.charge_no = f"澜水县院诉受[{accepted.year}]{places.CODE}{4000 + number:07d}号"
            elif not event.arrest_no:
                suspects[0].arrest = "批准逮捕"
                event.arrest_no = f"澜水县院捕受[{event.arrest_on.year}]{places.CODE}{number:07d}号"
        if event.charge_on:
            closed = event.charge_on + timedelta(days=rng.randrange(26, 42))
            event.closed_on = closed if closed <= TODAY else None
        if event.closed_on and suspects[0].result == "起诉":
            judged = event.closed_on + timedelta(days=rng.randrange(36, 65))
            event.judged_on = judged if judged <= TODAY else None
        for number_in_case, victim in enumerate(victims, start=1):
            victim.number = f"BHR{serial:07d}{number_in_case:02d}"
            if event.judged_on is None:
                self._unjudge(victim)
        self.events.append(event)
        return event

    @staticmethod
    def _unjudge(victim: Victim) -> None:
        """Without a judgment there is no award and nothing to execute."""
        if victim.award is not None and victim.loss is None:
            victim.loss = victim.award
        victim.award = None
        if victim.court is not None:
            victim.court = None


NOT_PAID = ("无", "未赔偿", "分文未赔", "未获赔偿")
PAID = ("已赔偿到位", "赔偿到位", "已全额赔偿", "已足额赔偿", "已赔偿并取得谅解")
PARTLY = ("部分赔偿", "赔偿部分医疗费", "已赔付部分")
UNKNOWN = ("暂无", "不详", "")


def hurt(
    rng: Random, person: Person | None, injury: str, pay: str = "unpaid", grade: str = "", **more: object
) -> Victim:
    """A victim with plausible money for the injury and the payment state."""
    amount = {
        "死亡": rng.randrange(300, 720),
        "重伤一级": rng.randrange(180, 420),
        "重伤二级": rng.randrange(75, 230),
        "轻伤一级": rng.randrange(15, 60),
        "轻伤二级": rng.randrange(6, 30),
        "轻微伤": rng.randrange(2, 9),
    }[injury] * 1000
    victim = Victim(person, injury="" if injury == "死亡" else injury, dead=injury == "死亡", grade=grade, pay=pay)
    settle(rng, victim, amount)
    for key, value in more.items():
        setattr(victim, key, value)
    return victim


def robbed(rng: Random, person: Person | None, amount: int, pay: str = "unpaid", **more: object) -> Victim:
    """A victim who lost money or goods."""
    victim = Victim(person, pay=pay)
    settle(rng, victim, amount)
    victim.loss, victim.award = amount, None
    for key, value in more.items():
        setattr(victim, key, value)
    return victim


def settle(rng: Random, victim: Victim, amount: int) -> None:
    """Write the money down the way clerks do: loss, award, both or neither."""
    shape = rng.random()
    victim.loss = amount if shape < 0.65 else None
    victim.award = amount if shape > 0.4 else None
    if victim.pay == "full":
        victim.pay_text, victim.paid = rng.choice(PAID), amount
    elif victim.pay == "part":
        victim.pay_text, victim.paid = rng.choice(PARTLY), int(amount * rng.choice((0.1, 0.2, 0.4)))
        victim.loss = amount
    elif victim.pay == "unknown":
        victim.pay_text, victim.paid = rng.choice(UNKNOWN), None
    else:
        victim.pay_text, victim.paid = rng.choice(NOT_PAID), 0
        if shape > 0.93:
            victim.loss = victim.award = None
