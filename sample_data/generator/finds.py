"""Stories that must be found: the plain ones and those behind broken IDs, shared cells, dead victims, several rows."""

from collections.abc import Callable
from datetime import timedelta

from .cases import Suspect, Victim, hurt, robbed, stranger
from .people import TODAY, Person
from .story import J, N, T, World, adult, bury, child

CERT_CODE = {"视力": 1, "听力": 2, "言语": 3, "肢体": 4, "智力": 5, "精神": 6, "多重": 7}
Ailment = Callable[[World, Person], str | float]


def bereaved(w: World, turn: int) -> None:
    """A killed breadwinner is no longer in the registry; the household is found through the next of kin."""
    home = w.home(("removed", "low", "listed")[turn % 3], "sc", dibao=turn % 3 == 0, removed="202401")
    dead = home.members[0]
    kin = bury(home, dead)
    remark = ("肇事车辆未投保", "", "肇事后逃逸，车辆脱保")[turn % 3]
    crime = ("交通肇事", "过失致人死亡", "交通肇事")[turn % 3]
    victim = hurt(w.rng, dead, "死亡", kin=kin, insurer=remark)
    w.book.event(crime, w.day(120, 420), [victim])
    w.trap(home, None, (J,), "必须列出", "亡故被害人的近亲属")


def struck_again(w: World, turn: int) -> None:
    """Risk removed, and then the event."""
    home = w.home("removed", "scp", dibao=False, removed="202409")
    victim = hurt(w.rng, adult(home), ("重伤一级", "重伤二级")[turn % 2], grade=("三级", "八级")[turn % 2])
    w.homes.earn(home, "low")
    adult(home).skill = "丧失劳动力" if turn % 2 == 0 else "弱劳动力或半劳动力"
    w.book.event("故意伤害", w.day(100, 500), [victim])
    w.trap(home, None, (N,), "必须列出", "风险消除后遭案")


def sheltered_child(w: World, turn: int) -> None:
    """A child victim of a sexual offence: listed by number only."""
    home = w.home(("low", "open", "removed")[turn % 3], "scc", removed="202402")
    if turn % 3 == 2:
        home.dibao = True
    victim = Victim(child(home), pay="unpaid", pay_text="未赔偿", paid=0, award=(28000 + turn * 4000), kin=adult(home))
    w.book.event(("猥亵儿童", "强奸")[turn % 2], w.day(), [victim], [Suspect(stranger(w.book), months=62)])
    w.trap(home, child(home), (J, N, T), "不得显示姓名或完整证件号", "敏感受限")


def precise_loss(w: World, person: Person) -> float:
    return float(int(person.id[:17] + "0") // 1000 * 1000)


def scientific(w: World, person: Person) -> str:
    return f"{float(person.id[:17]) * 10:.5E}"


def masked(w: World, person: Person) -> str:
    return w.rng.choice((person.id[:6] + "********" + person.id[-4:], person.id[:4] + "**********" + person.id[-4:]))


def missing(w: World, person: Person) -> str:
    return ""


def card(w: World, person: Person) -> str:
    """20 digits: a disability certificate number instead of the ID."""
    w.homes.disable(person)
    kind, level = person.cert or ("肢体", 2)
    return f"{person.id}{CERT_CODE[kind]}{level}"


def long_card(w: World, person: Person) -> str:
    """22 digits: a reissued certificate."""
    return card(w, person) + "B1"


def old_number(w: World, person: Person) -> str:
    """15 digits, as on papers from before 1999."""
    return person.id[:6] + person.id[8:17]


def lower_x(w: World, person: Person) -> str:
    return person.id.lower().replace("x", "Ｘ") + "\t"


AILMENTS: tuple[tuple[str, Ailment], ...] = (
    ("证件号丢精度", precise_loss),
    ("证件号丢精度", scientific),
    ("证件号脱敏", masked),
    ("证件号脱敏", masked),
    ("缺证件号", missing),
    ("缺证件号", missing),
    ("20位残疾人证号", card),
    ("20位残疾人证号", card),
    ("22位残疾人证号", long_card),
    ("15位旧证号", old_number),
    ("证件号带空白", lower_x),
)


def broken_numbers(w: World, turn: int) -> None:
    """One victim for every ailment of the ID cell (once)."""
    for step, (kind, ailment) in enumerate(AILMENTS):
        home = w.home(("open", "low", "listed")[step % 3], "sc", dibao=step % 2 == 0)
        victim = hurt(w.rng, adult(home), "重伤二级", grade=("七级", "五级")[step % 2])
        victim.id_text = ailment(w, adult(home))
        w.book.event("故意伤害" if step % 2 else "过失致人重伤", w.day(), [victim], ledger=kind == "15位旧证号")
        w.trap(home, victim.person, (J,), "必须列出", kind)


def several_rows(w: World, turn: int) -> None:
    """The same victim is listed under the arrest and under the prosecution."""
    home = w.home("open", dibao=turn % 2 == 0)
    victim = hurt(w.rng, adult(home), "重伤二级", grade="九级")
    w.book.event("故意伤害", w.day(200, 700), [victim], twice=True)
    w.trap(home, victim.person, (J,), "必须列出且只列一次", "一事多行")


def shared_cell(w: World, turn: int) -> None:
    """Two victims of one event in one row."""
    first, second = w.home("low", dibao=True), w.home("listed")
    pair = [
        hurt(w.rng, adult(h), "重伤二级", grade="七级", cell=1, pay_text="均未赔偿", insurer="肇事后逃逸，车辆脱保")
        for h in (first, second)
    ]
    for victim in pair:
        victim.loss, victim.award, victim.paid = victim.loss or victim.award or 130000, None, 0
    w.book.event("交通肇事", w.day(), pair)
    for home, victim in zip((first, second), pair, strict=True):
        w.trap(home, victim.person, (J,), "必须列出", "多人同格")


def unpaid_award(w: World, turn: int) -> None:
    """A judgment that could not be enforced."""
    home = w.home(("open", "low", "listed")[turn % 3], "scp")
    amount = 96000 + turn * 21000
    victim = hurt(w.rng, adult(home), "重伤一级", grade="四级", award=amount, loss=None)
    adult(home).skill = "丧失劳动力"
    victim.court = (amount, int(amount * 0.1), "终结本次执行程序")
    w.book.event("故意伤害", w.day(420, 800), [victim])


def known_only_to_prosecutors(w: World, turn: int) -> None:
    """Hardship stands only in the remark of the case."""
    home = w.home(("unseen", "outside")[turn % 2], "sc")
    victim = hurt(w.rng, adult(home), "重伤二级", grade="五级", poor_remark=True)
    w.book.event("过失致人重伤", w.day(), [victim])


def swindled(w: World, turn: int) -> None:
    """A loss bigger than half of the yearly income."""
    home = w.home(("open", "low")[turn % 2], "s", age=62)
    victim = robbed(w.rng, adult(home), 52000 + 7000 * turn)
    suspects = [Suspect(stranger(w.book), months=40), Suspect(stranger(w.book), months=22, probation=True)]
    w.book.event("诈骗", w.day(), [victim], suspects)


def ledger_only(w: World, turn: int) -> None:
    """The event stands only in the hand-made ledger."""
    home = w.home(("low", "listed")[turn % 2], "sc", dibao=True)
    victim = hurt(w.rng, adult(home), "重伤二级", grade="七级", loss=118000 + turn * 3000, award=None)
    w.book.event("故意伤害", w.day(60, 300), [victim], ledger=True)


def dead_offender(w: World, turn: int) -> None:
    """Nobody is left who could pay, or the evidence did not suffice."""
    home = w.home("open", "scp")
    victim = hurt(w.rng, adult(home), "重伤二级", grade="六级", award=None)
    result = ("绝对不起诉", "其他证据不足不起诉")[turn % 2]
    suspect = Suspect(stranger(w.book), result=result, dead=turn % 2 == 0)
    w.book.event("故意伤害", w.day(150, 500), [victim], [suspect])


def new_this_month(w: World, turn: int) -> None:
    """So fresh that only the arrest stage exists."""
    home = w.home("low", "sc", dibao=True)
    victim = hurt(w.rng, adult(home), "重伤二级", loss=92000, award=None)
    w.book.event("故意伤害", TODAY - timedelta(days=45 + turn), [victim])


FINDS = (
    bereaved,
    struck_again,
    sheltered_child,
    several_rows,
    shared_cell,
    unpaid_award,
    known_only_to_prosecutors,
    swindled,
    ledger_only,
    dead_offender,
    new_this_month,
)
