"""Stories that a careless engine gets wrong: what must not be listed.

Each adds households, an event and one or more trap rows; `turn` counts the repetitions of the story.
"""

from datetime import timedelta

from .cases import NO_VICTIM, Suspect, hurt, robbed, stranger
from .story import J, N, T, Trap, World, adult

UNITS = ("澜水县春雨茶叶专业合作社", "澜水县安泰粮油有限公司", "澜水县同心超市", "澜水县农村信用合作联社")


def paid_in_full(w: World, turn: int) -> None:
    """Paid directly, or collected by the court while the victim list still says nothing was paid."""
    home = w.home(("low", "listed")[turn % 2])
    victim = hurt(w.rng, adult(home), "重伤二级", "full", "八级")
    w.book.event("故意伤害", w.day(), [victim])
    w.trap(home, victim.person, (J,), "不得列出", "已足额赔偿", "直接赔付")
    home = w.home("low")
    victim = hurt(
        w.rng, adult(home), "重伤二级", "full", "七级", award=152000, loss=None, paid=0, pay_text="判决后履行"
    )
    victim.court = (152000, 152000, "执行完毕")
    w.book.event("寻衅滋事", w.day(400, 800), [victim], [Suspect(stranger(w.book), months=20)])
    w.trap(home, victim.person, (J,), "不得列出", "已足额赔偿", "经法院执行到位")


def payment_unknown(w: World, turn: int) -> None:
    home = w.home(("low", "open")[turn % 2], dibao=True)
    victim = hurt(w.rng, adult(home), "重伤二级", "unknown", "八级")
    w.book.event("故意伤害", w.day(), [victim])
    w.trap(home, victim.person, (J,), "列出并标明赔偿情况待核", "赔偿情况不明")


def helped_before(w: World, turn: int) -> None:
    """Two victims of one event: one was helped already, the other not; a third household was helped in another case."""
    organ = ("检察院", "县人民法院")[turn % 2]
    first, second = w.home("low"), w.home("open", dibao=True)
    done = hurt(w.rng, adult(first), "重伤二级", grade="六级")
    other = hurt(w.rng, adult(second), "重伤二级", grade="七级")
    w.book.event("过失致人重伤", w.day(260, 700), [done, other])
    w.aid(done, adult(first), organ)
    w.trap(first, done.person, (J,), "不得列出", "已救助")
    w.trap(second, other.person, (J,), "必须列出", "同案其他申请人未救助")
    home = w.home("low", dibao=True)
    old = robbed(w.rng, adult(home), 47000)
    w.book.event("诈骗", w.day(800, 1000), [old])
    w.aid(old, adult(home))
    new = hurt(w.rng, adult(home), "重伤二级", grade="七级")
    w.book.event("故意伤害", w.day(), [new])
    w.trap(home, new.person, (J,), "必须列出", "另案曾救助、本案未救助")


def own_fault(w: World, turn: int) -> None:
    """The victim is a suspect of the same event; another gives up all claims."""
    home = w.home("open")
    victim = hurt(w.rng, adult(home), "重伤二级", grade="九级", mutual=True)
    w.book.event(
        "故意伤害",
        w.day(),
        [victim],
        [Suspect(stranger(w.book), months=14), Suspect(adult(home), months=9, probation=True)],
    )
    w.trap(home, None, (J,), "不得列出", "本人同为嫌疑人/互殴")
    home = w.home(("open", "listed")[turn % 2])
    victim = hurt(w.rng, adult(home), "重伤二级", grade="八级", waived=True)
    w.book.event("故意伤害", w.day(), [victim])
    w.trap(home, victim.person, (J,), "不得列出", "放弃赔偿")


def mistaken_identity(w: World, turn: int) -> None:
    """A namesake from elsewhere; and an ID in the victim list that belongs to somebody here with another name."""
    here = w.home("open")
    away = w.home(("outside", "neighbour")[turn % 2])
    adult(away).name = adult(here).name
    victim = hurt(w.rng, adult(away), "重伤二级", grade="八级", conflict=turn % 2 == 0)
    if turn % 2 == 0:
        victim.id_text = ""
    w.book.event("故意伤害", w.day(), [victim])
    w.trap(here, adult(here), (J, N), "不得列出", "同名不同人")
    here, away = w.home("low"), w.home("neighbour")
    victim = hurt(w.rng, adult(away), "重伤二级", grade="六级", id_text=adult(here).id, conflict=True)
    w.book.event("过失致人重伤", w.day(), [victim])
    w.trap(here, None, (J, N), "不得列出", "证件号与姓名冲突")


def units_and_no_victims(w: World, turn: int) -> None:
    unit = UNITS[turn % len(UNITS)]
    w.book.event("盗窃", w.day(), [robbed(w.rng, None, 36000 + turn * 1000, unit=unit, id_text=_credit_code(turn))])
    w.traps.append(Trap("", unit, (J, N, T), "不得列出", "被害人为单位"))
    home = w.home("open")
    person = adult(home)
    w.book.event(NO_VICTIM[turn % 2], w.day(), [], [Suspect(person, months=3, arrest="不批准逮捕", probation=True)])
    w.trap(home, None, (J,), "不得列出", "无被害人犯罪")


def _credit_code(turn: int) -> str:
    return f"91538821MA77{1103 + turn * 771:04d}X{turn}"


def suspects_family(w: World, turn: int) -> None:
    """The only earner is in prison; and both parents of small children are."""
    home = w.home("removed" if turn % 2 else "well", "scp", dibao=False, removed="202402")
    earner = adult(home)
    for member in home.members[1:]:
        member.skill = "弱劳动力或半劳动力" if member.relation == "配偶" else "无劳动力"
        member.wage = member.months = 0
    w.book.event(
        "盗窃", w.day(), [robbed(w.rng, None, 8000, "full", unit=UNITS[(turn + 1) % 4])], [Suspect(earner, months=40)]
    )
    w.book.events[-1].marks.append("earner")
    w.trap(home, earner, (J,), "不得列出", "嫌疑人家庭")
    home = w.home("low", "scc", dibao=bool(turn % 2))
    pair = [Suspect(home.members[0], months=44), Suspect(home.members[1], months=38)]
    town = w.home("town")
    w.book.event("诈骗", w.day(), [robbed(w.rng, adult(town), 5200, "full")], pair)
    w.book.events[-1].marks.append("parents")
    w.trap(home, home.members[0], (J,), "不得列出", "嫌疑人家庭")


def wrong_unit(w: World, turn: int) -> None:
    """Yuan typed into a 万元 column: a big loss, and a small one that looks like 万元."""
    home = w.home("open", dibao=True)
    victim = robbed(w.rng, adult(home), 83000 + turn * 9400, loss_text=str(83000 + turn * 9400))
    w.book.event("诈骗", w.day(), [victim])
    w.trap(home, victim.person, (J,), "必须列出", "万元列误填元", "真实损失大")
    home = w.home("open", dibao=True)
    victim = robbed(w.rng, adult(home), 800 + turn * 400, loss_text=str(800 + turn * 400))
    w.book.event("诈骗", w.day(), [victim])
    w.trap(home, victim.person, (J,), "不得列出", "万元列误填元", "真实损失小")


def not_for_agriculture(w: World, turn: int) -> None:
    """Townspeople; households struck off; households whose risk was removed after the event."""
    home = w.home("town")
    victim = hurt(w.rng, adult(home), "重伤二级", grade="八级")
    w.book.event("故意伤害", w.day(), [victim])
    w.trap(home, victim.person, (N,), "不得列出", "非农村户")
    home = w.home("low", dibao=False)
    home.cleared = True
    home.note = ("整户清退：户籍迁往外省，不再享受政策", "整户自然减少（已销户）")[turn % 2]
    victim = hurt(w.rng, adult(home), "重伤二级", grade="五级")
    w.book.event("故意伤害", w.day(), [victim])
    w.trap(home, None, (N,), "不得列出", "整户清退")
    day = w.day(420, 620)
    later = day + timedelta(days=210)
    month = f"{later:%Y%m}"
    home = w.home("removed", dibao=False, removed=month)
    victim = hurt(w.rng, adult(home), "重伤二级", grade="五级")
    w.book.event("故意伤害", day, [victim])
    w.trap(home, None, (N,), "不得列出", "案发后已消除风险")


STOPS = (
    paid_in_full,
    payment_unknown,
    helped_before,
    own_fault,
    mistaken_identity,
    units_and_no_victims,
    suspects_family,
    wrong_unit,
    not_for_agriculture,
)
