"""Deadlines by working days: against days counted by hand, and the rules of the tables themselves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from clue_engine.errors import ClueError
from clue_engine.pack.holidays import deadline, known_years
from clue_engine.pack.load import load_pack
from clue_engine.values.working_days import Year, is_working_day

PACK = load_pack()
YEARS = known_years(PACK)


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2025-06-30", 10, "2025-07-14"),  # two plain weeks
        ("2025-06-27", 1, "2025-06-30"),  # over a weekend
        ("2025-09-26", 1, "2025-09-28"),  # a Sunday that is worked
        ("2025-09-28", 4, "2025-10-10"),  # two days, eight of holiday, then 9, 10
        ("2025-10-10", 1, "2025-10-11"),  # a Saturday that is worked
        ("2025-12-30", 2, "2026-01-04"),  # 31; the new year is off until Saturday, Sunday is worked
        ("2026-02-13", 2, "2026-02-24"),  # Saturday is worked, then the spring festival
        ("2024-02-09", 1, "2024-02-18"),
        ("2026-11-30", 0, "2026-11-30"),
    ],
)
def test_the_nth_working_day(start: str, n: int, expected: str) -> None:
    assert deadline(d(start), n, YEARS) == d(expected)
    days = (d(start) + dt.timedelta(days=k) for k in range(1, (d(expected) - d(start)).days + 1))
    assert sum(is_working_day(day, YEARS) for day in days) == n


@pytest.mark.parametrize(("year", "n"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_its_notice_leaves(year: int, n: int) -> None:
    """Weekdays less the holidays on weekdays and the weekends that are worked in exchange."""
    days = [dt.date(year, 1, 1) + dt.timedelta(days=k) for k in range(366)]
    days = [day for day in days if day.year == year]
    known: Year = YEARS[year]
    weekdays = sum(day.weekday() < 5 for day in days)
    off = sum(day.weekday() < 5 for day in known.off)
    assert sum(is_working_day(day, YEARS) for day in days) == weekdays - off + len(known.on) == n
    assert str(year) in known.source and "国务院办公厅" in known.source


def test_a_year_that_nobody_wrote_down_is_not_guessed() -> None:
    with pytest.raises(ClueError, match=r"CE-U42.*2027"):
        deadline(d("2026-12-30"), 3, YEARS)


def test_the_office_adds_a_year_and_overrules_another(tmp_path: Path) -> None:
    own = tmp_path / "本单位.yaml"
    own.write_text(
        "2027:\n  source: 通知\n  holidays: [{name: 元旦, from: 2027-01-01, to: 2027-01-03}]\n"
        "2025:\n  source: 本地\n  holidays: []\n",
        encoding="utf-8",
    )
    years = known_years(PACK, own)
    assert deadline(d("2026-12-31"), 1, years) == d("2027-01-04")
    assert deadline(d("2025-09-30"), 1, years) == d("2025-10-01")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2027:\n  holidays: []\n", "2027 source：没有写"),
        ("2027:\n  source: x\n  holidays: []\n  weekends: []\n", "2027 weekends：不认识这一项"),
        ("2027:\n  source: x\n  holidays: [{name: a, from: 2027-02-30, to: 2027-03-01}]\n", "from：不是要写的样子"),
        ("2027:\n  source: x\n  holidays: [{name: a, from: 2027-03-02, to: 2027-03-01}]\n", "起止倒了"),
        ("2027:\n  source: x\n  holidays: []\n  workdays: [2027-03-01]\n", "不是周末"),
        ("2027: [\n", "节假日文件有错"),
    ],
)
def test_a_wrong_table_is_told(tmp_path: Path, text: str, said: str) -> None:
    own = tmp_path / "本单位.yaml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(ClueError, match="CE-U41") as told:
        known_years(PACK, own)
    assert said in str(told.value)
