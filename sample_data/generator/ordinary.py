"""Ordinary cases of a county: most of them lead nowhere. Also the harmless cases of the quiet batch."""

from random import Random

from .cases import DEADLY, NO_VICTIM, PERSONAL, PROPERTY, Suspect, Victim, hurt, robbed, stranger
from .finds import FINDS, broken_numbers
from .households import Household
from .oddities import ODDITIES
from .story import World, adult, bury
from .traps import STOPS, UNITS

PAYS = ("unpaid", "full", "unknown", "part")


def ordinary_case(w: World) -> None:
    """One case with a victim out of the blue; whether it makes a clue is for the judge to say."""
    rng = w.rng
    state = rng.choices(
        ("unseen", "town", "outside", "neighbour", "well", "open", "listed"), (36, 24, 8, 10, 12, 5, 5)
    )[0]
    home = w.home(state, dibao=None if state == "open" else False)
    person = adult(home)
    draw = rng.random()
    pay = rng.choices(PAYS, (46, 36, 11, 7))[0]
    if draw < 0.14:
        victim = _killed(w, home, pay)
        crime = rng.choice(DEADLY)
    elif draw < 0.48:
        injury = rng.choices(("重伤一级", "重伤二级", "轻伤一级", "轻伤二级", "轻微伤"), (8, 20, 28, 28, 16))[0]
        grade = rng.choice(("七级", "八级", "九级", "")) if injury.startswith("重伤") else ""
        victim = hurt(rng, person, injury, pay, grade)
        crime = "交通肇事" if injury.startswith("重伤") and rng.random() < 0.2 else rng.choice(PERSONAL)
    else:
        crime = rng.choice(PROPERTY)
        amount = int(rng.choice((0.6, 0.9, 1.8, 3.4, 7, 42, 68)) * 1000 * rng.uniform(0.8, 1.2)) // 100 * 100
        if rng.random() < 0.07:
            unit = rng.choice(UNITS)
            w.book.event(crime, w.day(10, 1000), [robbed(rng, None, amount, pay, unit=unit)])
            return
        victim = robbed(rng, person, amount, pay)
    if crime == "交通肇事":
        victim.insurer = "车辆投保交强险及商业险" if rng.random() < 0.8 else "肇事车辆未投保"
    suspects = [
        Suspect(
            stranger(w.book),
            months=rng.randrange(6, 48),
            probation=rng.random() < 0.25,
            result=rng.choices(
                ("起诉", "其他情节轻微不起诉", "其他证据不足不起诉", "刑事和解不起诉", "退查后未重报"), (80, 6, 6, 6, 2)
            )[0],
            arrest=rng.choices(("批准逮捕", "不批准逮捕", ""), (66, 16, 18))[0],
        )
    ]
    if rng.random() < 0.2:
        suspects.append(Suspect(stranger(w.book), months=rng.randrange(6, 24), probation=True))
    day = w.day(10, 1000)
    event = w.book.event(crime, day, [victim], suspects)
    if event.judged_on and victim.award and rng.random() < 0.4:
        _enforce(rng, victim)


def _killed(w: World, home: Household, pay: str) -> Victim:
    rng = w.rng
    dead = adult(home)
    if len(home.members) == 1:
        return hurt(rng, dead, "死亡", pay)
    return hurt(rng, dead, "死亡", pay, kin=bury(home, dead))


def _enforce(rng: Random, victim: Victim) -> None:
    """A court execution record that agrees with the payment state."""
    claimed = victim.award or 0
    if victim.pay == "full":
        victim.court = (claimed, claimed, "执行完毕")
    elif victim.pay in ("unpaid", "part"):
        victim.court = (claimed, int(claimed * rng.choice((0, 0, 0.1, 0.25))), rng.choice(("终结本次执行程序", "")))
        victim.pay = "unpaid"


def no_victim_case(w: World) -> None:
    """Drunk driving, a gambling den, stolen goods: suspects from anywhere, also from the registry."""
    rng = w.rng
    suspect = stranger(w.book)
    if rng.random() < 0.3:
        home = w.home(rng.choice(("well", "open")))
        suspect = adult(home)
    w.book.event(
        rng.choice(NO_VICTIM),
        w.day(10, 1000),
        [],
        [Suspect(suspect, months=rng.randrange(2, 5), arrest="不批准逮捕", probation=True)],
    )


def harmless_case(w: World) -> None:
    """For the quiet batch: no victim, a unit, or a townsman who lost little and was paid back."""
    rng = w.rng
    draw = rng.random()
    outsider = stranger(w.book)
    if draw < 0.4:
        crime = rng.choice(("危险驾驶", "危险驾驶", "开设赌场"))
        w.book.event(crime, w.day(10, 1000), [], [Suspect(outsider, months=2, arrest=rng.choice(("", "批准逮捕")))])
        return
    amount = rng.randrange(4, 20) * 100
    suspects = [
        Suspect(
            outsider,
            months=9,
            arrest=rng.choice(("批准逮捕", "不批准逮捕")),
            result=rng.choice(("起诉", "其他情节轻微不起诉")),
        )
    ]
    if draw < 0.7:
        victim = robbed(
            rng, None, amount * rng.choice((1, 10, 30)), rng.choice(("full", "unpaid")), unit=rng.choice(UNITS)
        )
    else:
        victim = robbed(rng, adult(w.home("town")), amount, "full")
    w.book.event("盗窃", w.day(10, 1000), [victim], suspects)


def build_sample(w: World, households: int, cases: int, turns: int = 2) -> None:
    """The sample county: every story `turns` times, then ordinary cases and households up to the wanted numbers."""
    for turn in range(turns):
        for story in (*STOPS, *FINDS):
            story(w, turn)
    broken_numbers(w, 0)
    for oddity in ODDITIES:
        oddity(w)
    while len(w.book.events) < cases:
        if w.rng.random() < 0.16:
            no_victim_case(w)
        else:
            ordinary_case(w)
    fill(w, households)


def build_quiet(w: World, households: int, cases: int) -> None:
    """The quiet batch: nobody in the registry is touched by a case that did harm."""
    for _ in range(cases):
        harmless_case(w)
    fill(w, households)


def fill(w: World, households: int) -> None:
    """Add untouched households until so many stand in the registry or on a list."""
    missing = households - sum(1 for h in w.homes.all if h.visible)
    while missing > 0:
        missing -= w.homes.background().visible
