"""What was referred or closed is found again in the next scan, whatever happened to the household in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import clue_world as world
import pytest

from clue_engine.clue.number import prepare_numbers, remember_numbers
from clue_engine.clue.outlive import keep, note_progress, take
from clue_engine.clue.scoring import make_clues
from clue_engine.errors import ClueError
from clue_engine.involvement import involve
from clue_engine.ledger import Event, Ledger, standings
from clue_engine.ledger import events as e
from clue_engine.ledger.check import problems
from clue_engine.ledger.history import Book
from clue_engine.ledger.store import FILE
from clue_engine.workspace import Workspace
from tests.number_cases import SCENARIOS, Place, Rows, rows
from tests.record_world import record_world, shipped_pack, up_to_link
from tests.test_clue_number import _STATION

JUNE, JULY = dt.date(2025, 6, 30), dt.date(2025, 7, 31)


def scan(folder: Path, records: Rows, ledger: Ledger, day: dt.date, rescued: str = "") -> Workspace:
    """A household with a victim is a judicial clue, with a suspect a poverty clue; nothing else holds or weighs."""
    ws = record_world(folder, records)
    heads = take(ws, ledger)
    up_to_link(ws)
    secret = prepare_numbers(ws)
    involve(ws, shipped_pack(), longest_wait_days=365, adult_age=18, ledger=ledger, secret=secret)
    ws.con.execute(_STATION)
    for rule_id, direction in (("J02", world.JUDICIAL), ("N04", world.POVERTY)):
        ws.con.execute(
            "insert into hit select distinct household_id, ?, rule_id, 1, false from said where rule_id = ?",
            [direction, rule_id],
        )
    ws.con.execute(
        "insert into hold_row select 'X02', ?, '涉案', household_id, row_id, 1 from fact_involvement where name = ?",
        [world.JUDICIAL, rescued],
    )
    make_clues(ws, world.PACK, day, render=world.fill)
    remember_numbers(ws)
    keep(ws, ledger, heads, day, f"run-{day}", ["X02"])
    return ws


def by_name(ws: Workspace) -> dict[str, set[tuple[str, str]]]:
    """Name -> the parts that he is, with their directions."""
    found: dict[str, set[tuple[str, str]]] = {}
    for name, part, direction in ws.rows(
        "select distinct f.name, p.part, p.direction from clue_part as p join involved_part as i using (part)"
        " join fact_involvement as f using (household_id, party_id)"
    ):
        found.setdefault(name, set()).add((part, direction))
    return found


# place -> how it ended in June, what its victim's row says in July, and which facts open it again
ENDINGS: Mapping[int, tuple[str, Mapping[str, object], list[str]]] = {
    24: ("closed", {"injury": "重伤一级"}, ["伤情"]),
    25: ("closed", {"injury": "重伤二级", "paid": 1000.0}, ["已赔金额"]),
    26: ("closed", {"injury": None}, []),  # a column that is missing this month is no change
    27: ("closed", {"injury": "重伤二级"}, []),
    28: ("decided paid", {"injury": "重伤一级"}, []),  # who was rescued stays rescued
    29: ("decided", {"injury": "重伤一级"}, ["伤情"]),
}


@dataclass
class Months:
    """The county in June, all of it referred and closed; in July; and in July once more."""

    before: Mapping[str, set[tuple[str, str]]]
    after: Mapping[str, set[tuple[str, str]]]
    events: list[Event]
    closed: Mapping[str, set[str | None]]
    twice: int  # rows that are closed in more than the one direction
    again: Mapping[str, set[str | None]]
    grew: int  # by what the third scan added
    decisions: list[tuple[str, str]]
    secrets: set[str]
    missing: list[str]
    file: Path


RESCUED = Place(30)  # helped by what the data said in June; the file that said so is gone in July


GONE = Place(31)  # referred in June, and waited for; the case is not in the data of July


def county(nth: int) -> Rows:
    parts = [scenario[nth](Place(n)) for n, scenario in enumerate(SCENARIOS)]
    for n, (_, later, _) in ENDINGS.items():
        p = Place(n)
        parts += [
            p.case(outcome="起诉" if nth == 2 else None),
            p.victim("甲", id=p.id(1), **(later if nth == 2 else {"injury": "重伤二级"})),
        ]
    if nth == 1:
        parts += [GONE.case(), GONE.victim("甲", id=GONE.id(1))]
    harm = "重伤一级" if nth == 2 else "重伤二级"
    return rows(*parts, RESCUED.case(), RESCUED.victim("甲", id=RESCUED.id(1), injury=harm))


def closed(ws: Workspace) -> dict[str, set[str | None]]:
    found: dict[str, set[str | None]] = {}
    for name, why in ws.rows("select name, coalesce(closed_judicial, closed_poverty) from fact_involvement"):
        found.setdefault(name, set()).add(why)
    return found


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Months]:
    folder = tmp_path_factory.mktemp("months")
    with Ledger.open(folder / FILE, create=True) as ledger, pytest.MonkeyPatch.context() as patch:
        with scan(folder / "june", county(1), ledger, JUNE, RESCUED.name("甲")) as ws:
            before = by_name(ws)
            ws.con.execute("insert into decision values ('k1', 'none', '', 1), ('k2', 'r', '电话核实', 2)")
            keep(ws, ledger, {}, JUNE, f"run-{JUNE}")
        ended = {key: kind.split() for n, (kind, *_) in ENDINGS.items() for key in before[Place(n).name("甲")]}
        listed = [e for e in ledger.events() if e.kind == "listed"]
        ledger.append(Event("referred", e.clue_id, e.part, JUNE, e.direction, {"receiver": "民政局"}) for e in listed)
        ledger.append(
            Event(kind, e.clue_id, e.part, JUNE, e.direction, {"code": "不属实"})
            for e in listed
            for kind in ended.get((e.part, e.direction), ["closed"])
            if (e.part, e.direction) not in before[GONE.name("甲")]
        )
        (folder / "key").write_text("another office", encoding="utf-8")
        patch.setenv("CLUE_SITE_KEY_FILE", str(folder / "key"))
        with scan(folder / "july", county(2), ledger, JULY) as ws:
            after, july = by_name(ws), closed(ws)
            columns = [f"(closed_{code} is not null)::int" for code in ("judicial", "poverty", "social")]
            ((twice,),) = ws.rows(f"select count(*) from fact_involvement where {' + '.join(columns)} > 1")
            decisions = ws.rows("select review_key, choice from decision order by seq")
            secrets = {secret for (secret,) in ws.rows("select secret from number_secret")} | {ledger.secret()}
        n_events = len(ledger.events())
        with scan(folder / "again", county(2), ledger, JULY) as ws:
            again = closed(ws)
        events = ledger.events()
        assert not problems(ledger)
        grew = len(events) - n_events
        missing = Book.read(ledger).missing()
        yield Months(before, after, events, july, twice, again, grew, decisions, secrets, missing, folder / FILE)


@pytest.mark.parametrize("n", range(len(SCENARIOS)), ids=[s[0] for s in SCENARIOS])
def test_a_referred_and_closed_line_is_found_again(n: int, months: Months) -> None:
    place, expected = Place(n), SCENARIOS[n][3]
    found = standings(months.events)
    for who, said in expected.items():
        name = place.name(who)
        old = months.before.get(place.name(said[1:]) if said.startswith("=") and len(said) > 1 else name, set())
        kept = [key for key in months.after[name] if found[key].referred and found[key].closed]
        if said == "new":
            assert not kept and not old & months.after[name] and months.closed[name] == {None}
        else:  # merged, split or the same: the applicant's case is what it was
            assert set(kept) == old and months.closed[name] - {None} == {"不属实（2025-06-30）"}
            # only another case of the same person is open
            assert (None in months.closed[name]) == (SCENARIOS[n][0] == "又有一件案件")


def test_what_is_waited_for_and_not_listed_is_told(months: Months) -> None:
    """Of all that was referred only the case that is gone; what was closed is waited for no more."""
    keys = months.before[GONE.name("甲")]
    assert months.missing == sorted({e.clue_id for e in months.events if (e.part, e.direction) in keys})
    assert len(months.missing) == 1


def test_a_household_keeps_its_number_in_a_new_workspace(months: Months) -> None:
    listed = [e for e in months.events if e.kind == "listed"]
    june, july = ({e.clue_id: e.text("home") for e in listed if e.day == day} for day in (JUNE, JULY))
    both = june.keys() & july.keys()
    assert len(both) > 20 and [n for n in both if june[n] != july[n] or not june[n]] == []


def test_a_closing_ends_one_direction(months: Months) -> None:
    assert months.twice == 0 and any(months.closed.values())


def test_who_was_helped_by_the_data_is_not_listed_when_the_file_is_gone(months: Months) -> None:
    """Whatever else has changed; a person may say that it was an error."""
    name = RESCUED.name("甲")
    (key,) = months.before[name]
    kinds = [e.kind for e in months.events if (e.part, e.direction) == key]
    assert kinds == ["listed", "rescued", "referred", "closed", "listed"]
    assert months.closed[name] == months.again[name] == {"数据中已救助（2025-06-30）"}
    again = standings([*months.events, Event("reopened", "JU-1", key[0], JULY, key[1])])
    assert again[key].ended is None


def test_what_became_of_numbers_is_told(months: Months) -> None:
    moved = [e for e in months.events if e.kind in ("merged", "split", "renumbered")]
    assert {"merged", "split"} <= {e.kind for e in moved}
    assert all(e.text("from") != e.clue_id and e.day == JULY for e in moved)


def test_the_same_scan_again_adds_nothing(months: Months) -> None:
    assert months.grew == 0 and months.again == months.closed


@pytest.mark.parametrize("n", ENDINGS)
def test_a_closed_line_is_listed_again_when_its_facts_change(n: int, months: Months) -> None:
    _, _, facts = ENDINGS[n]
    name = Place(n).name("甲")
    parts = {part for part, _ in months.before[name]}
    told = [c["fact"] for e in months.events if e.kind == "reopened" and e.part in parts for c in e.body["changed"]]  # type: ignore[attr-defined]
    assert told == facts
    assert months.closed[name] == ({None} if facts else {"不属实（2025-06-30）"})


def test_nothing_in_the_file_names_a_person(months: Months) -> None:
    content = months.file.read_bytes() + months.file.with_suffix(".bak").read_bytes()
    given = [
        value for county_ in (county(1), county(2)) for own in county_.values() for row in own for value in row.items()
    ]
    secret = {str(v) for k, v in given if k in ("name", "id", "kin_name", "kin_id", "case_no", "unified_no", "village")}
    assert len(secret) > 100
    assert [word for word in sorted(secret) if word.encode() in content] == []


def test_decisions_and_the_secret_go_from_one_workspace_to_the_next(months: Months) -> None:
    """Whatever site key the new workspace would have."""
    assert months.decisions == [("k1", "none"), ("k2", "r")] and len(months.secrets) == 1


def test_a_workspace_with_numbers_of_its_own_is_refused(months: Months, tmp_path: Path) -> None:
    with Ledger.open(months.file) as ledger, Workspace.open(tmp_path) as ws:
        ws.con.execute("create table decision (review_key varchar, choice varchar, note varchar, seq integer)")
        ws.con.execute("insert into decision values ('k1', 'r', '', 1)")
        prepare_numbers_of(ws)
        with pytest.raises(ClueError, match="CE-U35"):
            take(ws, ledger)
        # whoever decides last is heard
        assert ws.rows("select arg_max(choice, seq) from decision where review_key = 'k1'") == [("r",)]


def prepare_numbers_of(ws: Workspace) -> None:
    ws.con.execute("create table number_given (clue_id varchar, direction varchar, seq bigint, now_id varchar)")
    ws.con.execute("create table number_secret as select 'another' as secret")
    ws.con.execute("insert into number_given values ('JU-1', 'x', 1, null)")


@pytest.mark.parametrize(("hidden", "told"), [(False, True), (True, False)])
def test_another_case_of_the_household_that_has_ended_is_told(tmp_path: Path, hidden: bool, told: bool) -> None:
    """Its number is listed no more, since one clue stands for the household; of a restricted one nothing is said."""
    with Ledger.open(tmp_path / FILE, create=True) as ledger, Workspace.open(tmp_path / "ws") as ws:
        body: dict[str, object] = {"restricted": True} if hidden else {}
        ledger.append(
            [Event(e.LISTED, "JU-1", "P1", JUNE, world.JUDICIAL, body),
             Event(e.LISTED, "JU-2", "P2", JULY, world.JUDICIAL),
             Event(e.RESCUED, "JU-1", "P1", JUNE, world.JUDICIAL)],
            {"number_given": [("JU-1", world.JUDICIAL, 1, None), ("JU-2", world.JUDICIAL, 2, None)]},
        )  # fmt: skip
        ws.con.execute(
            "create table clue as select 'JU-2' as clue_id, ? as direction, 1 as household_id, false as restricted",
            [world.JUDICIAL],
        )
        ws.con.execute("create table clue_part as select clue_id, direction, 'P2' as part from clue")
        ws.con.execute("create table involved_part as select 1 as household_id, unnest(['P1', 'P2']) as part")
        note_progress(ws, ledger)
        said = "这户以前的线索（JU-1）数据中已救助（2025-06-30）"
        assert ws.rows("from clue_progress") == ([("JU-2", said)] if told else [])
