"""The ledger: what is written stays, whole, whoever writes it and whenever it is cut short."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import shutil
import signal
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clue_engine.errors import ClueError
from clue_engine.ledger import Event, Ledger, standings
from clue_engine.ledger.check import problems
from clue_engine.ledger.store import FILE, TABLES, backup_of

DAY = dt.date(2025, 6, 30)
JUDICIAL, POVERTY = "司法救助线索", "返贫致贫风险线索"
KEYS = {"part_key": [("P1", "k1", 1, 0, 1), ("P2", "k2", 1, 0, 1)]}
NUMBERS = {"number_given": [("SF-0001", JUDICIAL, 1, None), ("FP-0002", POVERTY, 2, None)]}


def event(kind: str, part: str = "P1", direction: str = JUDICIAL, **body: object) -> Event:
    number = "SF-0001" if direction == JUDICIAL else "FP-0002"
    return Event(kind, number, part, DAY, direction, body)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "台账" / FILE
    with Ledger.open(file, create=True) as ledger:
        ledger.append([event("listed", status="线索")], {**KEYS, **NUMBERS}, secret="s")
    return file


def kinds(file: Path) -> list[str]:
    with Ledger.open(file) as ledger:
        return [e.kind for e in ledger.events()]


def test_what_is_written_is_read_in_its_order_by_another_process(path: Path) -> None:
    with Ledger.open(path) as ledger:
        assert ledger.append([event("referred", receiver="民政局", due="2025-07-14"), event("closed", "P2")]) == 2
    with Ledger.open(path) as ledger:
        one, two, three = ledger.events()
        assert (one.kind, two.kind, three.kind) == ("listed", "referred", "closed")
        assert two.text("receiver") == "民政局" and two.act == three.act > one.act and two.day == DAY and two.by
        assert ledger.secret() == "s" and not problems(ledger)


def test_only_its_owner_reads_it_or_its_copy(path: Path) -> None:
    path.chmod(0o644)
    with Ledger.open(path) as ledger:
        ledger.append([event("received")])
    modes = [stat.S_IMODE(p.stat().st_mode) for p in (path.parent, path, backup_of(path))]
    assert modes == [0o700, 0o600, 0o600]
    assert {p.name for p in path.parent.iterdir()} == {path.name, backup_of(path).name}


@pytest.mark.parametrize("sql", ["update event set body = '{}'", "delete from event", "delete from number_given"])
def test_nothing_is_changed_or_removed(path: Path, sql: str) -> None:
    con = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        con.execute(sql)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("update event set day = '2024-01-01' where seq = 1", "表 event 第 1 行"),
        ("delete from event where seq = 1", "表 event 第 1 行"),
        ("update part_key set key = 'x' where part = 'P2'", "表 part_key 第 2 行"),
    ],
)
def test_a_row_that_was_edited_past_the_program_is_found(path: Path, sql: str, said: str) -> None:
    with Ledger.open(path) as ledger:
        ledger.append([event("received")])
    con = sqlite3.connect(path)
    for table in TABLES:
        con.execute(f"drop trigger {table}_no_update")
        con.execute(f"drop trigger {table}_no_delete")
    con.execute(sql)
    con.commit()
    con.close()
    with Ledger.open(path) as ledger:
        assert any(said in text for text in problems(ledger))


def test_an_event_without_a_key_or_a_number_and_a_copy_that_lags_are_found(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.append([event("received", "P9"), Event("received", "SF-9999", "P1", DAY, JUDICIAL)])
        assert len(problems(ledger)) == 2
        shutil.copy(path, path.with_name("old"))
        ledger.append([event("received")])
    shutil.copy(path.with_name("old"), backup_of(path))
    with Ledger.open(path) as ledger:
        assert any("不是最新的" in text for text in problems(ledger))
        ledger.back_up()
        assert not any("备份" in text for text in problems(ledger))


def test_the_copy_is_a_ledger_as_it_stands(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.append([event("received")])
    assert kinds(backup_of(path)) == kinds(path) == ["listed", "received"]


def test_all_or_nothing(path: Path) -> None:
    with Ledger.open(path) as ledger, pytest.raises(TypeError):
        ledger.append([event("received"), Event("closed", "SF-0001", object(), DAY, JUDICIAL)])  # type: ignore[arg-type]
    assert kinds(path) == ["listed"]


def _killed(path: Path, point: int) -> None:
    """Append many events and be killed before the ``point``-th statement of the transaction."""
    with Ledger.open(path) as ledger:
        real, n = ledger._con, 0

        class Dying:
            def execute(self, *args: Any) -> Any:
                nonlocal n
                n += 1
                if n == point:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real.execute(*args)

        ledger._con = Dying()  # type: ignore[assignment]
        real.execute("pragma cache_size = 1")  # pages reach the file before the end of the transaction
        ledger.append([event("received", note="x" * 3000) for _ in range(40)])


@pytest.mark.parametrize("point", [2, 4, 20, 44])
def test_killed_in_the_middle_of_an_append_nothing_of_it_is_there(path: Path, point: int) -> None:
    process = multiprocessing.get_context("fork").Process(target=_killed, args=(path, point))
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL
    assert path.with_name(f"{FILE}-journal").exists() or point < 20  # half of it was in the file already
    with Ledger.open(path) as ledger:
        assert [e.kind for e in ledger.events()] == ["listed"] and not problems(ledger)
        ledger.append([event("received")])
    assert kinds(path) == ["listed", "received"]


def _writes(path: Path, n: int) -> None:
    for _ in range(n):
        with Ledger.open(path) as ledger:
            ledger.append([event("received"), event("verified")])


def test_two_writers_lose_nothing(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_writes, args=(path, 8)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [w.exitcode for w in writers] == [0, 0]
    with Ledger.open(path) as ledger:
        acts = [e.act for e in ledger.events()[1:]]
        assert len(acts) == 32 and acts == sorted(acts) and len(set(acts)) == 16 and not problems(ledger)


def test_who_holds_it_too_long_is_told(path: Path) -> None:
    con = sqlite3.connect(path, isolation_level=None)
    con.execute("begin immediate")
    with Ledger.open(path, wait=0.05) as ledger, pytest.raises(ClueError, match="CE-L03") as told:
        ledger.append([event("received")])
    assert told.value.exit_code == 4
    con.execute("rollback")


def test_numbers_that_another_run_wrote_meanwhile_are_not_written_over(path: Path) -> None:
    with Ledger.open(path) as slow:
        (head,) = slow.head("number_given")
        with Ledger.open(path) as fast:
            fast.append(rows={"number_given": [("SF-0003", JUDICIAL, 3, None)]}, unchanged={"number_given": head})
        with pytest.raises(ClueError, match="CE-L03"):
            slow.append(rows={"number_given": [("SF-0004", JUDICIAL, 3, None)]}, unchanged={"number_given": head})
        assert set(slow.numbers()) == {"SF-0001", "FP-0002", "SF-0003"}


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0 but no more", b"not a database at all" * 100])
def test_what_is_no_ledger_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / FILE
    path.write_bytes(content)
    if content:
        with pytest.raises(ClueError, match="CE-L02"):
            Ledger.open(path)
        assert path.read_bytes() == content
    else:  # an empty file is a new ledger
        with Ledger.open(path) as ledger:
            assert not ledger.events()


def test_a_ledger_of_another_format_and_one_that_is_not_there(path: Path, tmp_path: Path) -> None:
    con = sqlite3.connect(path)
    con.execute("update meta set value = '3' where key = 'format'")
    con.commit()
    with pytest.raises(ClueError, match="CE-L04"):
        Ledger.open(path)
    with pytest.raises(ClueError, match="CE-L01"):
        Ledger.open(tmp_path / "none" / FILE)
    assert not (tmp_path / "none").exists()


def test_a_ledger_of_the_format_before_is_read_and_goes_on(path: Path) -> None:
    with sqlite3.connect(path) as con:
        con.execute("update meta set value = '1' where key = 'format'")
    assert kinds(path) == ["listed"]
    with Ledger.open(path) as ledger:
        ledger.append([event("received")])
    with sqlite3.connect(path) as con:
        assert con.execute("select value from meta where key = 'format'").fetchone() == ("2",)


def test_a_ledger_that_is_gone_is_not_begun_anew_while_its_copy_is_there(path: Path) -> None:
    path.unlink()
    with pytest.raises(ClueError, match="CE-L01"):
        Ledger.open(path, create=True)
    shutil.copy(backup_of(path), path)
    assert kinds(path) == ["listed"]


def test_an_alias_leads_to_the_number_of_today(path: Path) -> None:
    with Ledger.open(path) as ledger:
        ledger.append(rows={"number_given": [("SF-0005", JUDICIAL, 3, "SF-0001"), ("SF-0006", JUDICIAL, 4, "SF-0005")]})
        assert ledger.numbers() == dict.fromkeys(("SF-0001", "SF-0005", "SF-0006"), "SF-0001") | {"FP-0002": "FP-0002"}


def test_the_same_events_at_another_hour_are_the_same_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = []
    for name in ("甲", "乙"):
        monkeypatch.setattr("getpass.getuser", lambda name=name: name)
        with Ledger.open(tmp_path / name / FILE, create=True) as ledger:
            ledger.append([event("closed", code="不属实")], {**KEYS, **NUMBERS}, secret="s")
            digests.append(ledger.digest())
            ledger.append([event("reopened")])
            assert ledger.digest() not in digests
    assert digests[0] == digests[1]


STANDINGS = {
    "listed": ([event("listed")], (False, 0)),
    "referred": ([event("referred", receiver="民政局")], (False, 1)),
    "answered": ([event("referred", receiver="民政局"), event("verified", receiver="民政局")], (False, 0)),
    "another answers": ([event("referred", receiver="民政局"), event("verified", receiver="残联")], (False, 1)),
    "received is no answer": ([event("referred", receiver="民政局"), event("received", receiver="民政局")], (False, 1)),
    "an answer that closes": (
        [event("referred", receiver="检察"), event("verified", source="甲.xlsx"), event("closed", source="甲.xlsx")],
        (True, 0),
    ),
    "who only helps to verify closes nothing": (
        [
            event("referred", receiver="农业农村局", assist=True),
            event("verified", source="甲.xlsx"),
            event("closed", source="甲.xlsx"),
        ],
        (False, 0),
    ),
    "who only helps pays nothing of this direction, and says it again later": (
        [
            event("referred", receiver="民政局", assist=True),
            replace(event("verified", source="甲.xlsx"), act=2),
            replace(event("paid", source="甲.xlsx"), act=2),
            replace(event("verified", source="乙.xlsx"), act=3),
            replace(event("closed", source="乙.xlsx"), act=3),
        ],
        (False, 0),
    ),
    "who is in charge closes, whoever helps": (
        [
            event("referred", receiver="农业农村局", assist=True),
            event("referred", receiver="检察"),
            event("verified", source="甲.xlsx"),
            event("closed", source="甲.xlsx"),
        ],
        (True, 0),
    ),
    "a person closes": (
        [event("referred", receiver="农业农村局", assist=True), event("closed", reason="核实")],
        (True, 0),
    ),
    "closed": ([event("closed", code="不属实")], (True, 0)),
    "closed and reopened": ([event("closed"), event("reopened")], (False, 0)),
    "decided and reopened": ([event("decided"), event("reopened")], (False, 0)),
    "paid stays": ([event("decided"), event("paid"), event("reopened")], (True, 0)),
    "rescued by the data": ([event("referred", receiver="民政局"), event("rescued")], (True, 0)),
    "the data was wrong": ([event("referred", receiver="民政局"), event("rescued"), event("reopened")], (False, 1)),
    "monitored": ([event("monitored")], (False, 0)),
    "the other applicant": ([event("closed", "P2")], None),
    "the other direction": ([event("closed", direction=POVERTY)], None),
}


@pytest.mark.parametrize("name", STANDINGS)
def test_where_a_part_stands(name: str) -> None:
    events, expected = STANDINGS[name]
    found = standings(events).get(("P1", JUDICIAL))
    assert (None if found is None else (found.ended is not None, len(found.waiting))) == expected
