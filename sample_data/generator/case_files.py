"""The prosecutors' drill-downs (one row per suspect) and the case list."""

from datetime import timedelta
from pathlib import Path
from random import Random

from . import mess, places
from .cases import PROSECUTORS, Event, Suspect
from .headings import ARREST, CASE_LIST, CHARGE
from .people import TODAY, Person
from .story import World
from .writers import write_csv


def title(event: Event) -> str:
    """案件名称."""
    first = event.suspects[0].person.name
    several = f"等{len(event.suspects)}人" if len(event.suspects) > 1 else ""
    return f"{first}{several}涉嫌{event.crime}案"


def address(person: Person) -> str:
    home = person.household
    return home.domicile if home is not None else person.address


def victims_kind(event: Event) -> str:
    """被害人情况 of the whole case."""
    if not event.victims:
        return "无"
    return "单位" if event.victims[0].unit else "自然人"


def casualties(rng: Random, event: Event) -> str:
    """案件造成伤亡情况; clerks leave it empty, and sometimes write 无 though somebody was hurt."""
    counts: dict[str, int] = {}
    for victim in event.victims:
        kind = "死亡" if victim.dead else victim.injury[:2] if victim.injury[:2] in ("重伤", "轻伤") else ""
        if kind:
            counts[kind] = counts.get(kind, 0) + 1
    if not counts:
        return "财产损失" if any(v.loss and not v.injury for v in event.victims) else ""
    draw = rng.random()
    if draw < 0.08:
        return "无" if draw < 0.04 else ""
    return "，".join(f"{kind}{n}人" for kind, n in sorted(counts.items(), key=lambda x: "死重轻".index(x[0][0])))


def summary(rng: Random, event: Event) -> str:
    """案情摘要, in the words of the form; nothing is told about offences against children."""
    when = f"{event.day.year}年{event.day.month:02d}月"
    names = "、".join(s.person.name for s in event.suspects)
    if event.crime in ("强奸", "猥亵儿童"):
        return f"{when}，犯罪嫌疑人{names}在{places.COUNTY}{event.town}对被害人实施侵害。"
    when += f"{event.day.day:02d}日"
    head = f"{when}，犯罪嫌疑人{names}在{places.COUNTY}{event.town}"
    if event.crime == "危险驾驶":
        return head + "酒后驾驶机动车被查获。"
    if not event.victims:
        return f"{head}实施{event.crime}。"
    victim = event.victims[0]
    harm = "致其死亡" if victim.dead else f"致其{victim.injury}" if victim.injury else f"造成损失{victim.loss or 0}元"
    tail = "犯罪嫌疑人已死亡。" if event.suspects[0].dead else ""
    return f"{head}涉嫌{event.crime}，被害人{victim.name}{harm}。{tail}"


def arrest_rows(w: World) -> list[list[str]]:
    rng = w.stream("arrest")
    rows: list[list[str]] = [list(ARREST)]
    for event in w.book.events:
        if not event.arrest_no or event.ledger:
            continue
        decided = event.arrest_on + timedelta(days=7)
        hurt, kind, number = casualties(rng, event), victims_kind(event), mess.case_no(rng, event.arrest_no)
        unified = "" if rng.random() < 0.02 and not event.twice else event.unified
        for i, suspect in enumerate(event.suspects, start=1):
            p, result = suspect.person, suspect.arrest or "批准逮捕"
            yes = result == "批准逮捕"
            why = (
                ""
                if yes
                else rng.choice(("证据不足其他情形不捕", "无社会危险性其他情形不捕", "认罪认罚或刑事和解不捕"))
            )
            rows.append(
                [
                    number,
                    unified,
                    title(event),
                    mess.name(rng, p.name),
                    f"{event.unified}{i:02d}",
                    p.sex,
                    mess.number(rng, p.id),
                    mess.day(rng, p.birth),
                    address(p),
                    "第二检察部",
                    PROSECUTORS[event.serial % 4],
                    mess.day(rng, event.arrest_on),
                    mess.charge(rng, event.charge),
                    "寻衅滋事罪,妨害公务罪" if event.serial % 41 == 0 else "",
                    event.charge,
                    "澜水县公安局",
                    event.suspects[0].arrest or result,
                    result,
                    mess.day(rng, decided),
                    mess.day(rng, decided),
                    why,
                    mess.day(rng, decided if yes else None),
                    "已执行" if yes else "",
                    rng.choice(("无", "无", "有")),
                    kind,
                    hurt,
                    "涉及家庭暴力" if event.domestic else "",
                    "是" if event.crime == "诈骗" and rng.random() < 0.5 else "否",
                    "",
                ]
            )
    return rows


def charge_rows(w: World) -> list[list[str]]:
    rng = w.stream("charge")
    rows: list[list[str]] = [list(CHARGE)]
    for event in w.book.events:
        if not event.charge_no or event.ledger:
            continue
        hurt, kind, number = casualties(rng, event), victims_kind(event), mess.case_no(rng, event.charge_no)
        unified = "" if rng.random() < 0.02 and not event.twice else event.unified
        lost = sum(v.loss or 0 for v in event.victims if not v.injury and not v.dead)
        back = sum(v.paid or 0 for v in event.victims if not v.injury and not v.dead)
        # a 万元 column holding yuan, as in the victim list of the same event
        loss_text = next((v.loss_text for v in event.victims if v.loss_text), mess.wan(rng, lost) if lost else "")
        text = summary(rng, event)
        for i, suspect in enumerate(event.suspects, start=1):
            rows.append(
                [
                    number,
                    unified,
                    title(event),
                    mess.name(rng, suspect.person.name),
                    f"{event.unified}{i:02d}",
                    suspect.person.sex,
                    mess.number(rng, suspect.person.id),
                    mess.day(rng, suspect.person.birth),
                    address(suspect.person),
                    "第二检察部",
                    PROSECUTORS[(event.serial + 1) % 4],
                    mess.day(rng, event.charge_on),
                    event.charge,
                    "移送起诉",
                    mess.charge(rng, event.charge),
                    event.charge,
                    *_outcome(rng, event, suspect),
                    kind,
                    hurt,
                    "是" if lost else "否",
                    loss_text,
                    mess.wan(rng, back) if back else "",
                    "",
                    *_trial(rng, event, suspect),
                    str(suspect.person.age_on(event.day)),
                    "否",
                    text,
                    "犯罪嫌疑人死亡" if suspect.dead else "",
                ]
            )
    return rows


def _outcome(rng: Random, event: Event, suspect: Suspect) -> list[str]:
    """审结处理情况, two dates, 强制措施."""
    measure = "逮捕" if suspect.arrest == "批准逮捕" else "取保候审"
    closed = event.closed_on
    return [suspect.result if closed else "", mess.day(rng, closed), mess.day(rng, closed), measure]


def _trial(rng: Random, event: Event, suspect: Suspect) -> list[str]:
    """From 提起公诉日期 to 罚金."""
    charged = event.closed_on if suspect.result == "起诉" else None
    plea = rng.choice(("是", "是", "否"))
    judged = event.judged_on if suspect.result == "起诉" else None
    if judged is None:
        return [mess.day(rng, charged), plea, "", "", "", "", "", ""]
    valid = judged + timedelta(days=11)
    sentence = f"有期徒刑{suspect.months}个月" + ("，缓刑" if suspect.probation else "")
    return [
        mess.day(rng, charged),
        plea,
        mess.day(rng, judged),
        mess.day(rng, valid if valid <= TODAY else None),
        mess.charge(rng, event.charge),
        sentence,
        str(suspect.months),
        "",
    ]


def list_rows(w: World) -> list[list[str]]:
    """One row per stage of a case."""
    rng = w.stream("list")
    rows: list[list[str]] = [list(CASE_LIST)]
    for event in w.book.events:
        if event.ledger:
            continue
        base = [places.COUNTY + "人民检察院", "第二检察部"]
        if event.arrest_no:
            decided = event.arrest_on + timedelta(days=7)
            rows.append(
                [
                    event.unified,
                    event.arrest_no,
                    title(event),
                    "审查逮捕案件",
                    *base,
                    PROSECUTORS[event.serial % 4],
                    mess.day(rng, event.arrest_on),
                    "已办结",
                    "审查逮捕",
                    mess.day(rng, decided),
                    event.suspects[0].arrest or "批准逮捕",
                ]
            )
        if event.charge_no:
            state, stage = ("已办结", "审查起诉") if event.closed_on else ("办理中", "审查起诉")
            rows.append(
                [
                    event.unified,
                    event.charge_no,
                    title(event),
                    "一审公诉案件",
                    *base,
                    PROSECUTORS[(event.serial + 1) % 4],
                    mess.day(rng, event.charge_on),
                    state,
                    stage,
                    mess.day(rng, event.closed_on),
                    event.result,
                ]
            )
    return rows


def write_cases(w: World, folder: Path, with_list: bool = True) -> None:
    """Three text files in three encodings."""
    write_csv(folder / "审查逮捕案件010101表1行4列受理合计（人）.csv", arrest_rows(w))
    write_csv(folder / "一审公诉案件020101表1行19列受理合计（人）.csv", charge_rows(w), "gb18030")
    if with_list:
        write_csv(folder / "案件查询列表.csv", list_rows(w), "utf-16", "\t")
