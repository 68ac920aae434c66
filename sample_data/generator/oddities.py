"""Doubtful rows that real exports hold and that must be counted, not repaired: broken IDs, doubles, odd amounts."""

from .cases import Suspect, hurt, stranger
from .people import check_digit
from .story import World, adult


def broken_rows(w: World) -> None:
    """Rows of households that no case touches: wrong check digit, lost character, no papers, one ID twice."""
    first, second, third, fourth = (w.home("well") for _ in range(4))
    person = adult(first)
    person.id = person.id[:17] + ("1" if check_digit(person.id[:17]) != "1" else "2")
    adult(second).name = adult(second).name[0] + "□"
    adult(third).id = f"999999{adult(third).birth:%Y%m%d}1234"
    fourth.members[-1].id = adult(fourth).id  # one ID, two persons of a household
    if len(fourth.members) == 1:
        adult(third).id = adult(fourth).id


def married_away(w: World) -> None:
    """A daughter who married stands in her parents' household and in her husband's."""
    old, new = w.home("well", "sg"), w.home("open", "s")
    new.members[1].id = old.members[2].id
    new.members[1].name = old.members[2].name
    new.members[1].birth = old.members[2].birth


def odd_amounts(w: World) -> None:
    """Light injuries whose loss is told in words, and a foreigner with a passport."""
    for text, yuan in (("3万余元", 32000), ("约2.5万-3万元", 27000), ("1.2万（含后续治疗）", 12000)):
        home = w.home("town")
        victim = hurt(w.rng, adult(home), "轻伤二级", "full", loss=yuan, award=None, paid=yuan, loss_text=text)
        w.book.event("故意伤害", w.day(), [victim])
    victim = hurt(w.rng, adult(w.home("outside")), "轻微伤", "full", id_text="E40213876")
    w.book.event("寻衅滋事", w.day(), [victim], [Suspect(stranger(w.book), arrest="", result="其他情节轻微不起诉")])


ODDITIES = (broken_rows, married_away, odd_amounts)
