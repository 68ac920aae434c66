"""Long cells and many persons in cells: read as short ones are, and no work that grows faster than the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import load_layouts
from clue_engine.values import dates, money, number
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")
HEAD = "部门受案号,被害人姓名,证件号码,伤情,备注"


class Counting:
    """A connection that counts the statements it is given."""

    def __init__(self, con: Any) -> None:
        self.con, self.n = con, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.con, name)

    def execute(self, *given: Any) -> Any:
        self.n += 1
        return self.con.execute(*given)

    def executemany(self, sql: str, rows: list[Any]) -> Any:
        self.n += len(rows)
        return self.con.executemany(sql, rows)


def cleaned(folder: Path, lines: list[str]) -> tuple[int, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Statements that cleaning took, the victims, and the issues by heading."""
    folder.mkdir()
    (folder / "被害人.csv").write_text("\n".join([HEAD, *lines]) + "\n", "utf-8")
    with Workspace.open(folder / "ws") as ws:
        assert ingest(ws, LAYOUTS.sources, [folder / "被害人.csv"]).errors == []
        counting = Counting(ws.con)
        ws.con = counting  # type: ignore[assignment]
        clean(ws, LAYOUTS)
        ws.con = counting.con
        victims = ws.rows("select row_no, part_no, name, injury, note from rec_victim order by all")
        issues = ws.rows(
            "select column_name, count(*) from issue where code = 'PERSONS_UNPAIRED' group by 1 order by 1"
        )
        return counting.n, victims, issues


def test_two_names_in_a_cell_take_no_statement_a_row(tmp_path: Path) -> None:
    two = "{0},甲某、乙某,,轻伤一级、轻伤二级,注{0}"
    unpaired = "{0},甲某、乙某,529921199003070014,死亡,"
    few, victims, _ = cleaned(tmp_path / "few", [(two, unpaired)[n % 2].format(n) for n in range(20)])
    many, _, issues = cleaned(tmp_path / "many", [(two, unpaired)[n % 2].format(n) for n in range(200)])
    assert few == many
    assert victims[:2] == [(2, 1, "甲某", "轻伤一级", "注0"), (2, 2, "乙某", "轻伤二级", "注0")]
    assert issues == [("证件号码", 100)]


def test_a_thousand_names_are_a_list_and_more_are_none(tmp_path: Path) -> None:
    rows = [f"1,{'、'.join(['甲某'] * 1000)},,死亡,注", f"2,{'、'.join(['甲某'] * 1001)},,死亡,注", "3,乙某,,死亡,注"]
    _, victims, issues = cleaned(tmp_path / "w", rows)
    assert len(victims) == 1002
    assert victims[-2:] == [(3, 1, None, None, "注"), (4, 1, "乙某", "死亡", "注")]
    assert issues == [("伤情", 1), ("被害人姓名", 1), ("证件号码", 1)]


def test_a_cell_longer_than_the_limit_of_csv_in_a_damaged_file(tmp_path: Path) -> None:
    """Python's csv module gives up at 131,072 characters; a stray quote sends the file to the reader that uses it."""
    long = "打" * 200_000
    _, victims, _ = cleaned(tmp_path / "w", [f"1,甲某,,死亡,{long}", '2,乙"某,,死亡,注', "3,丙某,,死亡,注"])
    assert (2, 1, "甲某", "死亡", long) in victims
    assert (4, 1, "丙某", "死亡", "注") in victims


def test_digits_without_end_are_no_number() -> None:
    assert money.money("9" * 400) == (None, None)
    assert not money.is_readable("9" * 400)
    assert money.money("9" * 400 + "-1") == (None, None)
    assert number.number("9" * 400) is None


@pytest.mark.parametrize("run", ["T" * 40, " " * 40, "　T" * 20])
def test_a_run_of_blanks_before_a_time_is_looked_at_once(run: str) -> None:
    """From each of its places anew it took 30 s in a cell of 100,000."""
    text = f"2024-01-05{run}10:30"
    assert [at for at in range(len(text)) if dates._TIME.match(text, at)] == [10]
    assert dates.date_interval(text)[0] == dates.date_interval("2024-01-05")[0]
