"""What a story needs: the county so far, households on demand, and the list of trap rows."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .cases import CaseBook, Victim
from .households import Household, Households
from .people import TODAY, People, Person

J, N, T = "司法救助线索", "返贫致贫风险线索", "社会救助帮扶线索"


@dataclass(frozen=True)
class Trap:
    """One 陷阱 row of expected.csv."""

    household: str
    person: str
    directions: tuple[str, ...]
    demand: str
    kind: str
    note: str = ""


@dataclass(frozen=True)
class Aid:
    """One rescue decision: who applied, in which event."""

    event_index: int
    victim: Victim
    applicant: Person
    organ: str
    decided: date
    amount: int


class World:
    """The county while it is being made; every part draws from its own seeded stream."""

    def __init__(self, seed: int, salt: str) -> None:
        self.rng = Random(f"{seed}:{salt}:story")
        self.people = People(Random(f"{seed}:{salt}:people"))
        self.homes = Households(Random(f"{seed}:{salt}:homes"), self.people)
        self.book = CaseBook(Random(f"{seed}:{salt}:cases"), self.people)
        self.traps: list[Trap] = []
        self.aids: list[Aid] = []
        self.seed, self.salt = seed, salt

    def stream(self, name: str) -> Random:
        """A seeded stream of its own for one file or part."""
        return Random(f"{self.seed}:{self.salt}:{name}")

    def home(
        self,
        state: str,
        shape: str = "",
        dibao: bool | None = None,
        house_type: str = "脱贫户",
        age: int = 0,
        removed: str = "",
    ) -> Household:
        """A household: open, removed, low, listed (only on a 低保 list), unseen, town, neighbour, outside."""
        rng = self.rng
        origin = {"town": "城镇", "neighbour": "邻市", "outside": "外省"}.get(state, "乡村")
        home = self.homes.add(origin, shape, age or rng.randrange(33, 52))
        has_dibao = rng.random() < 0.5 if dibao is None else dibao
        if state in ("open", "removed"):
            self.homes.register(home, house_type, state, has_dibao, removed=removed)
        elif state == "low":
            self.homes.register(home, "脱贫户", dibao=has_dibao)
            self.homes.earn(home, "low")
        elif state == "well":
            self.homes.register(home, "脱贫户", dibao=False)
        elif state == "listed":
            home.dibao = True
        for member in home.members[:2]:
            member.cert = None
            member.health = "健康" if member.health == "残疾" else member.health
        return home

    def day(self, newest: int = 150, oldest: int = 780) -> date:
        """A day of an event, so many days before the data date."""
        return TODAY - timedelta(days=self.rng.randrange(newest, oldest))

    def trap(
        self,
        home: Household | None,
        person: Person | None,
        directions: tuple[str, ...],
        demand: str,
        kind: str,
        note: str = "",
    ) -> None:
        number = home.no if home is not None and home.house_type else ""
        self.traps.append(Trap(number, person.id if person else "", directions, demand, kind, note))

    def aid(self, victim: Victim, applicant: Person, organ: str = "检察院") -> None:
        """Note a rescue decision for this victim in the newest event."""
        event = self.book.events[-1]
        victim.aided = organ
        decided = min(event.arrest_on + timedelta(days=self.rng.randrange(60, 140)), TODAY - timedelta(days=3))
        self.aids.append(
            Aid(len(self.book.events) - 1, victim, applicant, organ, decided, self.rng.randrange(6, 40) * 1000)
        )


def adult(home: Household) -> Person:
    """The head of the household."""
    return home.members[0]


def child(home: Household) -> Person:
    """The youngest member."""
    return max(home.members, key=lambda m: m.birth)


def bury(home: Household, person: Person) -> Person:
    """Take a dead victim out of the registry rows and make the next adult the head; returns the new head."""
    person.listed = False
    home.members.remove(person)
    successor = home.members[0]
    successor.relation = "户主"
    person.household = home
    return successor
