"""Ordinary victims added to a county: paid, lightly hurt, well-off, insured, settled. None of them is poor by the case.

Comes in: a seed and how many. Goes out: input files of the sample county with them in it, and ``ordinary.csv`` (who
they are and of which kind). ``python -m tests.ordinary OUT`` writes, scans and counts: no certain clue, and
no more than one of twenty in the open list.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sample_data.generator.build import PARAMETERS, write_input, write_quiet
from sample_data.generator.cases import DEADLY, PERSONAL, Suspect, Victim, hurt, robbed, stranger
from sample_data.generator.households import Household
from sample_data.generator.ordinary import build_quiet, build_sample
from sample_data.generator.story import World, adult, bury

AS_OF = dt.date(2026, 6, 30)
KINDS = ("已赔偿", "轻伤", "宽裕", "有保险", "已和解")
FRAUDS = ("诈骗", "盗窃", "合同诈骗", "敲诈勒索", "故意毁坏财物", "破坏生产经营")
LIGHT = ("轻伤一级", "轻伤二级", "轻伤二级", "轻微伤")
GRAVE = ("重伤一级", "重伤二级", "重伤二级")
HEADINGS = ("证件号码", "户编号", "种类")


def add(w: World, count: int) -> list[tuple[str, str, str]]:
    """``count`` ordinary victims, the kinds in turn; each a household in the register that is not poor."""
    made = []
    for n in range(count):
        kind = KINDS[n % len(KINDS)]
        home = w.home("well")
        w.homes.earn(home, "high" if kind == "宽裕" else w.rng.choice(("middle", "high")))
        person = adult(home)
        crime, victim, suspect = _harmed(w, kind, home)
        w.book.event(crime, w.day(30, 900), [victim], [suspect])
        made.append((person.id, home.no, kind))
    return made


def _harmed(w: World, kind: str, home: Household) -> tuple[str, Victim, Suspect]:
    rng, person = w.rng, adult(home)
    suspect = Suspect(stranger(w.book), months=rng.randrange(6, 40), probation=rng.random() < 0.3)
    if kind == "已赔偿":
        if rng.random() < 0.2:
            more = {"kin": bury(home, person)} if len(home.members) > 1 else {}
            return rng.choice(DEADLY), hurt(rng, person, "死亡", "full", **more), suspect
        victim = hurt(rng, person, rng.choice((*GRAVE, *LIGHT)), "full")
        if rng.random() < 0.3:
            victim.court = (victim.award or 90000, victim.award or 90000, "执行完毕")
        return rng.choice(PERSONAL), victim, suspect
    if kind == "轻伤":
        return (
            rng.choice(PERSONAL),
            hurt(rng, person, rng.choice(LIGHT), rng.choice(("unpaid", "unknown", "part"))),
            suspect,
        )
    if kind == "宽裕":
        lost = int(home.net * rng.uniform(1, 3)) // 100 * 100
        pay = rng.choice(("unpaid", "unpaid", "part", "unknown"))
        return rng.choice(FRAUDS), robbed(rng, person, lost, pay), suspect
    if kind == "有保险":
        pay = rng.choice(("full", "full", "part", "unknown"))
        victim = hurt(rng, person, rng.choice((*GRAVE, *LIGHT)), pay, insurer="车辆投保交强险及商业险")
        return "交通肇事", victim, suspect
    victim = hurt(rng, person, rng.choice((*GRAVE, *LIGHT)), "full", pay_text="已赔偿并取得谅解")
    suspect.result = rng.choice(("刑事和解不起诉", "其他情节轻微不起诉", "起诉"))
    return rng.choice(PERSONAL), victim, suspect


def write(out: Path, seed: int, count: int, households: int = 0, cases: int = 0, *, quiet: bool = False) -> Path:
    """The input files in ``out/input`` and who was added in ``out/ordinary.csv``.

    They are added to a sample county, with ``quiet`` to a quiet batch, and without ``cases`` they are alone.
    """
    county = World(seed, "quiet" if quiet else "ordinary")
    if quiet:
        build_quiet(county, households, cases)
    elif cases:
        build_sample(county, households, cases)
    made = add(county, count)
    (out / "input").mkdir(parents=True, exist_ok=True)
    (write_quiet if quiet else write_input)(county, out / "input")
    (out / "parameters.yaml").write_text(PARAMETERS, encoding="utf-8")
    with (out / "ordinary.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *made])
    return out / "input"


def listed(out: Path, scanned: Path) -> list[tuple[str, str, str]]:
    """Of the ordinary victims who are listed or open after a scan: kind, direction, status."""
    from clue_engine.workspace import Workspace

    with (out / "ordinary.csv").open(encoding="utf-8-sig") as file:
        kinds = {row["证件号码"]: row["种类"] for row in csv.DictReader(file)}
    query = (
        "with seen as (select household_id, id from household_party join party using (party_id) union all "
        "select household_id, id from member join person using (person_id)) "
        "select distinct s.id, c.direction, c.status from clue as c join seen as s using (household_id) "
        "where c.status in ('线索', '待核')"
    )
    with Workspace.open(scanned / "workspace") as ws:
        rows = ws.rows(query)
    return sorted((kinds[who], direction, status) for who, direction, status in rows if who in kinds)


def main(arguments: Sequence[str] | None = None) -> int:
    import clue_engine

    parser = argparse.ArgumentParser(
        prog="python -m tests.ordinary", description="生成普通被害人，扫描，数一数有没有列进清单的"
    )
    parser.add_argument("out", type=Path, help="输出目录")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--households", type=int, default=400)
    parser.add_argument("--cases", type=int, default=170, help="县里原有的案件数；0 则只有这些被害人")
    given = parser.parse_args(arguments)
    source = write(given.out, given.seed, given.count, given.households, given.cases)
    scanned = given.out / "out"
    clue_engine.run([source], parameters=given.out / "parameters.yaml", as_of=AS_OF, out=scanned)
    found = listed(given.out, scanned)
    for (kind, direction, status), n in sorted(Counter(found).items()):
        print(kind, direction, status, n)
    certain = sum(status == "线索" for _, _, status in found)
    open_ = len(found) - certain
    print(f"{given.count} 名：线索 {certain}，列出的待核 {open_}（{open_ / given.count:.1%}）")
    return int(certain > 0 or open_ > given.count / 20)


if __name__ == "__main__":
    sys.exit(main())
