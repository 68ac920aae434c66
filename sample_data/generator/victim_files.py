"""Victim list, hand-made ledger, rescue decisions (two ledgers) and the court's execution list."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

from . import mess, places
from .case_files import title
from .cases import PROSECUTORS, Event, Victim
from .headings import AID, COURT, LEDGER_CASE, LEDGER_PERSON, OTHER_AID, VICTIM
from .people import TODAY
from .story import World
from .writers import write_csv, write_xls, write_xlsx

CIVIL = ("民间借贷纠纷", "买卖合同纠纷", "离婚纠纷", "抚养费纠纷")


def remark(event: Event, victim: Victim) -> str:
    """备注: what the clerk noted about hardship, insurance, the family."""
    notes = []
    if victim.poor_remark:
        notes.append("被害人家庭生活困难，曾到院反映")
    if victim.waived:
        notes.append("被害人明确表示放弃民事赔偿请求")
    if victim.mutual:
        notes.append("双方互殴")
    if victim.insurer:
        notes.append(victim.insurer)
    if victim.dead and victim.person is not None and 18 <= victim.person.age_on(event.day) < 60:
        notes.append("系家中主要劳动力")
    if event.crime in ("强奸", "猥亵儿童") and victim.person is not None and victim.person.age_on(event.day) < 18:
        notes.append("未成年被害人，注意保密")
    return "；".join(notes)


def id_cell(rng: Random, victim: Victim) -> str | float:
    if victim.id_text is not None:
        return victim.id_text
    return mess.number(rng, victim.person.id if victim.person else "")


def victim_row(rng: Random, event: Event, victim: Victim, number: str) -> list[object]:
    """One row of the victim list."""
    p = victim.person
    if p is None or p.household is None:
        who: list[object] = ["", "统一社会信用代码", victim.id_text or "", "", "", places.COUNTY, "", "", "单位", ""]
    else:
        home = p.household
        minor = p.age_on(event.day) < 18
        who = [
            p.sex,
            "居民身份证",
            id_cell(rng, victim),
            mess.day(rng, p.birth),
            p.ethnic,
            home.domicile,
            f"{home.domicile}{home.group}组",
            p.phone,
            "自然人",
            mess.flag(rng, minor) if not minor else "是",
        ]
    shown = victim.name_text or mess.name(rng, victim.name)
    if victim.dead and rng.random() < 0.15:
        shown += "（已故）"
    loss = victim.loss_text or mess.wan(rng, victim.loss)
    kin = victim.kin
    relation = (
        ("" if rng.random() < 0.4 else rng.choice(("同村", "邻居", "陌生人"))) if not event.domestic else "家庭成员"
    )
    closing = "终结本次执行" if victim.court and "终结" in victim.court[2] and rng.random() < 0.7 else ""
    settled = victim.pay == "full" and rng.random() < 0.5
    return [
        mess.case_no(rng, number),
        victim.number,
        shown,
        *who,
        relation,
        mess.injury(rng, victim.injury),
        victim.grade,
        mess.flag(rng, True, 0.05) if victim.dead else "" if p is None else mess.flag(rng, False),
        loss,
        victim.pay_text,
        mess.wan(rng, victim.paid),
        mess.flag(rng, None if victim.pay == "unknown" else settled),
        mess.flag(rng, victim.award is not None),
        mess.wan(rng, victim.award),
        closing,
        mess.flag(rng, bool(victim.aided)),
        mess.flag(rng, bool(victim.aided)),
        kin.name if kin else "",
        "近亲属" if kin else "",
        mess.number(rng, kin.id) if kin else "",
        remark(event, victim),
    ]


def shared_row(rng: Random, rows: list[list[object]]) -> list[object]:
    """Several victims in one row: names and IDs in parallel cells, other cells joined where they differ."""
    joiner = rng.choice(("、", "；"))
    joined = {
        VICTIM.index(h)
        for h in ("被害人姓名（必填）", "证件号码（必填）", "伤情等级", "伤残等级", "是否死亡", "损失数额（万元）")
    }
    return [joiner.join(str(r[i]).strip() for r in rows) if i in joined else rows[0][i] for i in range(len(VICTIM))]


def victim_list(w: World, folder: Path) -> None:
    """刑事案件被害人信息: header in row 2, an empty second sheet."""
    rng = w.stream("victims")
    rows: list[list[object]] = [
        [f"{places.COUNTY}人民检察院刑事案件及刑事案件被害人信息"],
        [mess.header(rng, h) for h in VICTIM],
    ]
    for event in w.book.events:
        if event.ledger:
            continue
        numbers = (
            [event.arrest_no, event.charge_no]
            if event.twice and event.charge_no and event.arrest_no
            else [event.main_no]
        )
        for number in numbers:
            shared = [victim_row(rng, event, v, number) for v in event.victims if v.cell]
            if shared:
                rows.append(shared_row(rng, shared))
            rows += [victim_row(rng, event, v, number) for v in event.victims if not v.cell]
    write_xlsx(folder / "刑事案件被害人信息.xlsx", [("被害人信息", rows), ("Sheet2", [])], merges=("A1:AD1",))


def ledger(w: World, folder: Path) -> None:
    """A hand-made ledger: two sheets tied by 关联案号; money in yuan here."""
    rng = w.stream("ledger")
    cases: list[list[object]] = [list(LEDGER_CASE)]
    persons: list[list[object]] = [list(LEDGER_PERSON)]
    for event in w.book.events:
        if not event.ledger:
            continue
        cases.append(
            [
                event.main_no,
                title(event),
                "一审公诉案件",
                event.charge,
                places.COUNTY + "人民检察院",
                PROSECUTORS[event.serial % 4],
                mess.day(rng, event.charge_on),
                event.result,
                mess.day(rng, event.closed_on),
                f"{event.day.year}年{event.day.month}月{event.day.day}日，{event.suspects[0].person.name}与被害人发生纠纷致其受伤。",
            ]
        )
        for s in event.suspects:
            persons.append(
                [
                    event.main_no,
                    s.person.name,
                    "犯罪嫌疑人",
                    s.person.sex,
                    s.person.id,
                    mess.day(rng, s.person.birth),
                    s.person.address,
                    s.person.phone,
                    "",
                    "",
                    "",
                    "",
                    "",
                ]
            )
        for v in event.victims:
            p = v.person
            if p is not None and p.household is not None:
                persons.append(
                    [
                        event.main_no,
                        v.name,
                        "被害人",
                        p.sex,
                        id_cell(rng, v),
                        mess.day(rng, p.birth),
                        p.household.domicile,
                        p.phone,
                        mess.injury(rng, v.injury),
                        mess.yuan(rng, v.loss) if v.loss else "",
                        mess.yuan(rng, v.paid) if v.paid is not None else "",
                        v.pay_text,
                        remark(event, v),
                    ]
                )
    write_xlsx(folder / "办案台账（手工）.xlsx", [("案件", cases), ("涉案人员信息", persons)])


def aids(w: World, folder: Path) -> None:
    """国家司法救助案件 (own system, BIFF) and the ledger of other organs (CSV)."""
    rng = w.stream("aid")
    own: list[list[object]] = [["国家司法救助案件反查列表"], list(AID)]
    other: list[list[object]] = [list(OTHER_AID)]
    for i, aid in enumerate(w.aids, start=31):
        event = w.book.events[aid.event_index]
        relation = "本人" if aid.applicant is aid.victim.person else "近亲属"
        number = mess.number(rng, aid.applicant.id)
        if aid.organ == "检察院":
            accepted = aid.decided - timedelta(days=12)
            own.append(
                [
                    f"澜水县院救助受[{accepted.year}]{places.CODE}{i:07d}号",
                    aid.applicant.name,
                    number,
                    aid.victim.name,
                    relation,
                    mess.case_no(rng, event.main_no),
                    event.crime,
                    mess.day(rng, accepted),
                    mess.day(rng, aid.decided),
                    "予以救助",
                    mess.yuan(rng, aid.amount, 0.1),
                    "符某",
                ]
            )
        else:
            other.append(
                [
                    len(other),
                    aid.organ,
                    aid.applicant.name,
                    number,
                    relation,
                    event.main_no,
                    event.crime,
                    mess.wan(rng, aid.amount, 0),
                    mess.day(rng, aid.decided),
                    "",
                ]
            )
    write_xls(folder / "国家司法救助案件.xls", "国家司法救助案件", own)
    write_csv(folder / "司法救助台账.csv", other)


def court(w: World, folder: Path, civil: int) -> None:
    """法院执行案件: yuan, GB18030, most rows have nothing to do with crimes."""
    rng = w.stream("court")
    rows: list[list[object]] = [list(COURT)]
    for event in w.book.events:
        for victim in event.victims:
            if victim.court and event.judged_on and victim.person:
                claimed, executed, closing = victim.court
                who = victim.kin or victim.person
                sides = (who.name, mess.number(rng, who.id), event.suspects[0].person.name)
                money = (mess.yuan(rng, claimed), mess.yuan(rng, executed), closing)
                filed = min(event.judged_on + timedelta(days=30), TODAY)
                cause = f"{event.charge}附带民事赔偿"
                rows.append(court_row(rng, len(rows), "刑初", sides, cause, filed, money, f"被害人{victim.name}"))
    for _ in range(civil):
        person = rng.choice(w.homes.all).members[0]
        amount = rng.randrange(3, 60) * 1000
        closing = rng.choice(("终结本次执行程序", "执行完毕", ""))
        money = (str(amount), str(amount if closing == "执行完毕" else 0), closing)
        sides = (person.name, person.id, w.people.name("男"))
        rows.append(court_row(rng, len(rows), "民初", sides, rng.choice(CIVIL), w.day(10, 900), money, ""))
    write_csv(folder / "法院执行案件.csv", rows, "gb18030")


def court_row(
    rng: Random,
    serial: int,
    kind: str,
    sides: tuple[str, str, str],
    cause: str,
    filed: date,
    money: tuple[str, str, str],
    note: str,
) -> list[object]:
    """One execution case. sides: applicant, ID, respondent; money: claimed, executed, way of closing."""
    claimed, executed, closing = money
    closed = min(filed + timedelta(days=91), TODAY) if closing else None
    return [
        f"({filed.year}){places.CODE}执{100 + serial}号",
        f"({filed.year}){places.CODE}{kind}{20 + serial}号",
        *sides,
        cause,
        mess.day(rng, filed).replace("-", "/"),
        claimed,
        executed,
        closing,
        mess.day(rng, closed),
        note,
    ]


def write_victims(w: World, folder: Path, civil: int = 24, with_ledger: bool = True) -> None:
    victim_list(w, folder)
    aids(w, folder)
    court(w, folder, civil)
    if with_ledger:
        ledger(w, folder)
