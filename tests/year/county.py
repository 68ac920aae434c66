"""The sample generator's county, month by month: households enter and leave the registers, cases come and move stage.

Comes in: a month (0 to 11). Goes out: its exports. Each household and case has its own fate, drawn from its number.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from sample_data.generator.build import write_input
from sample_data.generator.ordinary import build_sample
from sample_data.generator.story import World

MONTHS = 12


def write(folder: Path, month: int, households: int, cases: int, seed: int = 7) -> None:
    folder.mkdir(parents=True)
    county = World(seed, "input")
    build_sample(county, households, cases)
    aided = {aid.event_index for aid in county.aids}
    for home in county.homes.all:
        fate = Random(f"{seed}:home:{home.no}")
        renumbered, leaves, enters = fate.randrange(1, 60), fate.randrange(2, 60), fate.randrange(1, 60)
        back = leaves + fate.randrange(1, 6)
        if leaves <= month < back or (enters < MONTHS and month < enters and leaves > MONTHS):
            home.kind, home.house_type, home.dibao, home.tekun = "", "", False, False  # in no register of the month
        if renumbered <= month:
            home.no = home.no[:-4] + f"{int(home.no[-4:]) + 5000:04d}"
    for place, event in enumerate(county.book.events):
        fate = Random(f"{seed}:case:{event.serial}")
        comes, moves = fate.choice((0, 0, 0, *range(MONTHS))), fate.randrange(1, 8)
        if event.ledger or place in aided:
            continue
        if month < comes:
            event.arrest_no, event.charge_no, event.victims, event.suspects = "", "", [], event.suspects
        elif event.arrest_no and event.charge_no and month < comes + moves:
            event.charge_no, event.twice = "", False  # still at the stage of arrest
    write_input(county, folder)
    for path in list(folder.iterdir()):
        if "20260630" in path.name:
            path.rename(path.with_name(path.name.replace("20260630", day_of(month).replace("-", ""))))


def day_of(month: int) -> str:
    """The day of the scan: from July 2026 on."""
    year, number = 2026 + (6 + month) // 12, (6 + month) % 12 + 1
    return f"{year}-{number:02d}-28"
