"""Two scans of one county, scenario by scenario: what happens to a clue between them, and which number must stay.

A scenario is (name, rows before, rows after, expected). ``expected`` says of each name after: "=" the number it had,
"=甲" the number that 甲 had, "new" one that nobody had before. Each scenario has names and case numbers of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.tiny_county import number

Rows = Mapping[str, list[dict[str, Any]]]
_SURNAMES = "艾鲍卞蔡车邓杜范冯甘葛桂郝洪侯华霍季江蒋金康柯孔赖蓝雷黎廉凌柳龙卢骆麻毛孟苗莫倪"


@dataclass(frozen=True)
class Place:
    """Names and numbers of one scenario."""

    n: int

    def name(self, who: str) -> str:
        return _SURNAMES[self.n] + who

    def id(self, serial: int, birth: str = "19800101") -> str:
        return number(birth, self.n * 20 + serial)

    def no(self, nth: int = 1) -> str:
        return f"样检刑诉受〔2024〕{self.n * 10 + nth}号"

    def unified(self, nth: int = 1) -> str:
        return f"T5299212024{self.n * 10 + nth:05d}"

    def victim(self, who: str, nth: int = 1, *, no: str | None = "", unified: str | None = "", **more: Any) -> Rows:
        numbers = {"case_no": self.no(nth) if no == "" else no}
        numbers["unified_no"] = self.unified(nth) if unified == "" else unified
        row = {**numbers, "name": self.name(who), "sex": "男", **more}
        if "kin_name" in row:
            row["kin_name"] = self.name(row["kin_name"])
        return {"victim": [row]}

    def case(
        self, nth: int = 1, *, no: str = "", unified: str | None = "", stage: str = "审查起诉", **more: Any
    ) -> Rows:
        row = {"case_no": no or self.no(nth), "unified_no": self.unified(nth) if unified == "" else unified,
               "suspect_name": f"疑{self.n}{nth}", "charges": "故意伤害罪", "accepted_on": f"2024-03-{nth + 1:02d}",
               "category": stage, **more}  # fmt: skip
        return {"case": [row]}

    def home(self, household: int, *persons: tuple[str, str | None]) -> Rows:
        no = f"529921{self.n:06d}{household:04d}"
        return {"registry": [
            {"household_no": no, "town": "东河乡", "village": f"第{self.n}号村", "name": self.name(who), "id": number,
             "relation": "户主" if nth == 0 else "成员", "sex": "男", "head_name": self.name(persons[0][0]),
             **({} if number else {"birth": "1980-01-01"})}
            for nth, (who, number) in enumerate(persons)
        ]}  # fmt: skip


def rows(*given: Rows) -> Rows:
    found: dict[str, list[dict[str, Any]]] = {}
    for part in given:
        for kind, more in part.items():
            found.setdefault(kind, []).extend(more)
    return found


Scenario = tuple[str, Callable[[Place], Rows], Callable[[Place], Rows], Mapping[str, str]]

SCENARIOS: tuple[Scenario, ...] = (
    ("什么也没有变",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("甲", p.id(1)))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("甲", p.id(1)))),
     {"甲": "="}),
    ("这一户进了名册",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("乙", p.id(2)), ("甲", p.id(1)))),
     {"甲": "="}),
    ("没有证件号码的人进了名册",
     lambda p: rows(p.case(), p.victim("甲", birth="1980-01-01", address=f"东河乡第{p.n}号村")),
     lambda p: rows(p.case(), p.victim("甲", birth="1980-01-01", address=f"东河乡第{p.n}号村"),
                    p.home(1, ("甲", p.id(1)))),
     {"甲": "="}),
    ("换了户编号",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("甲", p.id(1)))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(2, ("甲", p.id(1)))),
     {"甲": "="}),
    ("批捕变成起诉，部门受案号换了，统一受案号没有换",
     lambda p: rows(p.case(no=p.no(1), stage="审查逮捕"), p.victim("甲", no=p.no(1), id=p.id(1))),
     lambda p: rows(p.case(no=p.no(2)), p.victim("甲", no=p.no(2), id=p.id(1))),
     {"甲": "="}),
    ("统一受案号后来才有",
     lambda p: rows(p.case(unified=None), p.victim("甲", unified=None, id=p.id(1))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1))),
     {"甲": "="}),
    ("同案多了一名被害人",
     lambda p: rows(p.case(), p.victim("乙", id=p.id(2))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.victim("乙", id=p.id(2))),
     {"乙": "=", "甲": "new"}),
    ("补了一名近亲属，在他的户里找到",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1), dead=True)),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1), dead=True, kin_name="乙", kin_id=p.id(2), kin_relation="父亲"),
                    p.home(1, ("乙", p.id(2)))),
     {"甲": "="}),
    ("近亲属的那一行没有了",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1), dead=True, kin_name="乙", kin_id=p.id(2), kin_relation="父亲"),
                    p.home(1, ("乙", p.id(2)))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1), dead=True), p.home(1, ("乙", p.id(2)))),
     {"甲": "="}),
    ("死者的另一户近亲属，不是原来那一户",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1), dead=True, kin_name="乙", kin_id=p.id(2), kin_relation="父亲"),
                    p.home(1, ("乙", p.id(2)))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1), dead=True, kin_name="丙", kin_id=p.id(3), kin_relation="儿子"),
                    p.home(2, ("丙", p.id(3)))),
     {"甲": "new"}),
    ("证件号码后来补上",
     lambda p: rows(p.case(), p.victim("甲", birth="1980-01-01")),
     lambda p: rows(p.case(), p.victim("甲", birth="1980-01-01", id=p.id(1))),
     {"甲": "="}),
    ("证件号码后来补上，先前只有姓名",
     lambda p: rows(p.case(), p.victim("甲")),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1))),
     {"甲": "="}),
    ("证件号码后来没有了",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1))),
     lambda p: rows(p.case(), p.victim("甲")),
     {"甲": "="}),
    ("证件号码改正，出生日期没有变",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(2))),
     {"甲": "="}),
    ("姓名改正，证件号码没有变",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1))),
     lambda p: rows(p.case(), p.victim("乙", id=p.id(1))),
     {"乙": "=甲"}),
    ("又有一件案件",
     lambda p: rows(p.case(2), p.victim("甲", 2, id=p.id(1))),
     lambda p: rows(p.case(1), p.victim("甲", 1, id=p.id(1)), p.case(2), p.victim("甲", 2, id=p.id(1))),
     {"甲": "="}),
    ("只剩另一件案件，不是同一条线索",
     lambda p: rows(p.case(1), p.victim("甲", 1, id=p.id(1))),
     lambda p: rows(p.case(2), p.victim("甲", 2, id=p.id(1))),
     {"甲": "new"}),
    ("同案另一个人同名，各有证件号码",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(2, "19550707"))),
     {"甲": "new"}),
    ("两个人的户在名册里是一户",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.victim("乙", id=p.id(2))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.victim("乙", id=p.id(2)),
                    p.home(1, ("甲", p.id(1)), ("乙", p.id(2)))),
     {"甲": "one of 甲乙", "乙": "one of 甲乙"}),
    ("一户分成两户",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.victim("乙", id=p.id(2)),
                    p.home(1, ("甲", p.id(1)), ("乙", p.id(2)))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.victim("乙", id=p.id(2)),
                    p.home(1, ("甲", p.id(1))), p.home(2, ("乙", p.id(2)))),
     {"甲": "one keeps", "乙": "one keeps"}),
    ("换了户主",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("甲", p.id(1)), ("乙", p.id(2)))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("乙", p.id(2)), ("甲", p.id(1)))),
     {"甲": "="}),
    ("第一名被害人不在了，同户另一名不冒用他的编号",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("甲", p.id(1)), ("乙", p.id(2)))),
     lambda p: rows(p.case(), p.victim("乙", id=p.id(2)), p.home(1, ("甲", p.id(1)), ("乙", p.id(2)))),
     {"乙": "new"}),
    ("嫌疑人的家进了名册",
     lambda p: rows(p.case(suspect_name=p.name("甲"), suspect_id=p.id(1)), p.victim("乙", id=p.id(2)),
                    p.home(1, ("甲", p.id(1)))),
     lambda p: rows(p.case(suspect_name=p.name("甲"), suspect_id=p.id(1)), p.victim("乙", id=p.id(2)),
                    p.home(2, ("丙", p.id(3)), ("甲", p.id(1)))),
     {"甲": "=", "乙": "="}),
    ("一个人先后在两户里，两户都在册",
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("甲", p.id(1)))),
     lambda p: rows(p.case(), p.victim("甲", id=p.id(1)), p.home(1, ("甲", p.id(1))), p.home(2, ("甲", p.id(1)))),
     {"甲": "one keeps"}),
)  # fmt: skip
