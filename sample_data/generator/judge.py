"""The answer key: what the lists should say, from the truth of the generator (not from the messy files).

The plain reading of the county's own rules: harm, payment, visible hardship, stops. It is written apart from the
rules of the pack on purpose; it is the thing they are compared with.
"""

from datetime import date

from .cases import Event, Suspect, Victim
from .households import Household, month_after
from .story import J, N, T, Trap, World

RANK = {"": 0, "可列可不列": 1, "待核": 2, "应列": 3}
MUST, OPEN, MAY = "应列", "待核", "可列可不列"
HEADINGS = ("记录类型", "户编号", "证件号码", "线索方向", "要求", "陷阱种类", "说明")
SEVERE = ("一级", "二级", "三级", "四级", "五级", "六级")
LABOUR = ("普通劳动力", "技能劳动力")


def dependants(home: Household, day: date, victim: Victim) -> bool:
    """Somebody else in the household was under 18, 60 or older, or unable to work on the day."""
    others = [m for m in home.members if m is not victim.person and m.birth <= day]
    return any(m.age_on(day) < 18 or m.age_on(day) >= 60 or m.skill in ("无劳动力", "丧失劳动力") for m in others)


def minor_abused(event: Event, victim: Victim) -> bool:
    return event.crime in ("强奸", "猥亵儿童") and victim.person is not None and victim.person.age_on(event.day) < 18


def lost_share(home: Household, victim: Victim) -> float:
    """Loss left over as a share of the household's yearly net income."""
    return ((victim.loss or 0) - (victim.paid or 0)) / max(1, home.net)


def serious(event: Event, victim: Victim, home: Household) -> bool:
    if victim.dead:
        return dependants(home, event.day, victim) if home.visible else False
    if victim.injury.startswith("重伤") or minor_abused(event, victim):
        return True
    if victim.injury:
        return False
    # no file shows the income of a household outside the registry; a plainly big loss must do
    return lost_share(home, victim) >= 0.5 if home.house_type else (victim.loss or 0) >= 30000


def judicial(event: Event, victim: Victim, home: Household) -> str:
    """司法救助: harm, not paid, visible hardship, none of the grounds that stop."""
    if victim.pay == "full" or victim.aided or victim.waived or victim.mutual:
        return ""
    grave = serious(event, victim, home)
    hard = home.hard or victim.poor_remark
    if grave and hard and not home.cleared:
        return OPEN if victim.pay == "unknown" else MUST
    if grave or victim.dead or victim.injury.startswith("轻伤") or event.crime in ("强奸", "猥亵儿童"):
        return MAY
    return MAY if (victim.loss or 0) >= 4000 and lost_share(home, victim) >= 0.1 else ""


def poverty(event: Event, victim: Victim, home: Household) -> str:
    """返贫致贫: rural, of this county, not yet watched; a stop of the judicial direction leaves it open."""
    if home.origin != "乡村" or home.cleared or month_after(home.removed, event.day):
        return ""
    stopped = victim.waived or victim.mutual
    hard = home.hard or victim.poor_remark
    if victim.pay == "full" or home.open or stopped or not hard or not serious(event, victim, home):
        return MAY
    return OPEN if victim.pay == "unknown" else MUST


def social(event: Event, victim: Victim, home: Household) -> str:
    """社会救助: what civil affairs, the disabled persons' federation, schools and the road fund could give."""
    person = victim.person
    if not home.visible or person is None or home.cleared or victim.mutual:
        return MAY
    if minor_abused(event, victim) and home.house_type:
        return MUST
    if victim.pay == "full" or victim.waived:
        return MAY
    disabled = victim.injury.startswith("重伤") and victim.grade in SEVERE and person.cert is None
    fund = event.crime == "交通肇事" and victim.dead and victim.insurer[:4] in ("肇事车辆", "肇事后逃")
    poor = bool(home.house_type) and home.reference_income < 11700
    uncovered = poor and not (home.dibao or home.tekun or home.low_income) and serious(event, victim, home)
    if disabled or fund or uncovered:
        return OPEN if victim.pay == "unknown" else MUST
    return MAY


def suspect_side(event: Event, suspect: Suspect, home: Household) -> tuple[str, str]:
    """返贫 and 社会救助 of a suspect's household: prison takes the earner, or both parents."""
    jailed = suspect.arrest == "批准逮捕" and not suspect.probation
    if not jailed or home.origin != "乡村" or home.cleared:
        return "", ""
    inside = {s.person for s in event.suspects if s.arrest == "批准逮捕" and not s.probation}
    rest = [m for m in home.members if m not in inside and m.skill in LABOUR and m.age_on(event.day) >= 18]
    orphaned = "parents" in event.marks
    alone = not rest and dependants(home, event.day, Victim(suspect.person)) and home.visible
    return (MAY if home.open or not alone else MUST), (MUST if orphaned else MAY)


def answers(w: World) -> list[tuple[str, ...]]:
    """All rows of expected.csv: labels first, traps after them."""
    found: dict[tuple[str, str, str], str] = {}

    def note(home: Household, person_id: str, direction: str, label: str) -> None:
        key = (direction, home.no, "") if home.house_type else (direction, "", person_id)
        if RANK[label] > RANK[found.get(key, "")]:
            found[key] = label

    for event in w.book.events:
        for victim in event.victims:
            person = victim.person
            if person is None or person.household is None or (victim.conflict and victim.id_text):
                continue
            home = person.household
            for direction, judge in ((J, judicial), (N, poverty), (T, social)):
                note(home, person.id, direction, judge(event, victim, home))
        for suspect in event.suspects:
            if suspect.person.household is not None:
                home = suspect.person.household
                for direction, label in zip((N, T), suspect_side(event, suspect, home), strict=True):
                    note(home, suspect.person.id, direction, label)
    rows = [(label, home, person, direction, "", "", "") for (direction, home, person), label in sorted(found.items())]
    return rows + [trap_row(t) for t in w.traps]


def trap_row(trap: Trap) -> tuple[str, ...]:
    return ("陷阱", trap.household, trap.person, "、".join(trap.directions), trap.demand, trap.kind, trap.note)
