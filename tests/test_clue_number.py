"""Numbers of clues from scan to scan: the same clue keeps its number, nobody else gets it, nobody can compute it."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import clue_world as world
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clue_engine.clue.number import HOMES, TABLES, number_now, prepare_numbers, remember_numbers
from clue_engine.clue.scoring import make_clues
from clue_engine.errors import ClueError
from clue_engine.workspace import Workspace
from tests.number_cases import SCENARIOS, Place, Rows, rows
from tests.record_world import record_world, up_to_facts

Numbers = dict[str, set[str]]
_STATION = """
create table hit (household_id bigint, direction varchar, rule_id varchar, outcome tinyint, pending boolean);
create table lost_hit (household_id bigint, direction varchar, rule_id varchar, outcome tinyint);
create table hold_row (hold_id varchar, direction varchar, relation varchar, household_id bigint, row_id bigint,
    outcome tinyint);
create table witness (household_id bigint, rule_id varchar, relation varchar, row_id bigint, outcome tinyint);
create table missing_fact (household_id bigint, rule_id varchar, relation varchar, field varchar, decides boolean);
create temp table said as
select household_id, row_id, if(list_contains(roles, '被害人'), 'J02', 'N04') as rule_id from fact_involvement;
insert into witness select household_id, rule_id, '涉案', row_id, 1 from said;
"""


ONE_AT: list[Path] = []  # the county ``ONE`` up to its facts, from which several tests go on


def facts(path: Path, records: Rows) -> Workspace:
    """A household with a victim is a judicial clue, with a suspect a poverty clue."""
    if ONE_AT and records is ONE:
        return Workspace.open(Path(shutil.copytree(ONE_AT[0], path)))
    ws = record_world(path, records)
    up_to_facts(ws)
    ws.con.execute(_STATION)
    for rule_id, direction in (("J02", world.JUDICIAL), ("N04", world.POVERTY)):
        ws.con.execute(
            "insert into hit select distinct household_id, ?, rule_id, 1, false from said where rule_id = ?",
            [direction, rule_id],
        )
    return ws


def scan(path: Path, records: Rows, earlier: Path | None = None, held: Iterable[str] = ()) -> Workspace:
    """The clues of a county and their numbers; ``held``: names aided already."""
    ws = facts(path, records)
    for name in held:
        ws.con.execute(
            "insert into hold_row select 'X02', '*', '涉案', household_id, row_id, 1 from fact_involvement"
            " where name = ?",
            [name],
        )
        ws.con.execute(
            "insert into lost_hit select household_id, direction, rule_id, 1 from hit"
            " semi join hold_row using (household_id)"
        )
        for table in ("witness", "hit"):
            ws.con.execute(f"delete from {table} where household_id in (select household_id from hold_row)")
    if earlier is not None:
        ws.con.execute(f"attach '{earlier / 'clue.duckdb'}' as earlier (read_only)")
        for table in (*TABLES, HOMES):
            ws.con.execute(f"create table {table} as from earlier.{table}")
        ws.con.execute("detach earlier")
    make_clues(ws, world.PACK, world.AS_OF, render=world.fill)
    remember_numbers(ws)
    return ws


def numbers(ws: Workspace) -> Numbers:
    found: Numbers = {}
    for name, number in ws.rows(
        "select distinct f.name, c.clue_id from clue as c join clue_resting as r using (household_id, direction)"
        " join fact_involvement as f on f.row_id = r.row_id union"
        " select distinct f.name, c.clue_id from clue as c join hold_row as r using (household_id)"
        " join fact_involvement as f on f.row_id = r.row_id where c.status = '搁置'"
    ):
        found.setdefault(name, set()).add(number)
    return found


def homes(ws: Workspace) -> Numbers:
    """Number of the clue -> the number of its household, and how many households have that one."""
    assert not ws.rows("select home_no from clue_home group by all having count(*) > 1")
    return {n: {no} for n, no in ws.rows("select clue_id, home_no from clue join clue_home using (household_id)")}


@pytest.fixture(scope="module", autouse=True)
def one_at(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("one") / "ws"
    facts(folder, ONE).close()
    ONE_AT.append(folder)


HOMES_OF: list[Numbers] = []  # of the two scans of ``twice``


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Numbers, Numbers, Mapping[str, str]]:
    """The county of all scenarios before and after, and the aliases of the second scan."""
    folder = tmp_path_factory.mktemp("numbers")
    before, after = (rows(*(scenario[nth](Place(n)) for n, scenario in enumerate(SCENARIOS))) for nth in (1, 2))
    with scan(folder / "one", before) as ws:
        first = numbers(ws)
        HOMES_OF.append(homes(ws))
    with scan(folder / "two", after, folder / "one") as ws:
        HOMES_OF.append(homes(ws))
        aliases = dict(ws.rows("select clue_id, now_id from number_given where now_id is not null"))
        return first, numbers(ws), aliases


@pytest.mark.parametrize("n", range(len(SCENARIOS)), ids=[s[0] for s in SCENARIOS])
def test_a_clue_keeps_its_number(n: int, twice: tuple[Numbers, Numbers, Mapping[str, str]]) -> None:
    first, second, aliases = twice
    place, expected = Place(n), SCENARIOS[n][3]
    before, after = ({who: found.get(place.name(who), set()) for who in "甲乙丙"} for found in (first, second))
    everybodys = set().union(*first.values())
    if set(expected.values()) == {"one of 甲乙"}:  # the older stays, the other leads to it
        (kept,) = after["甲"] | after["乙"]
        both = before["甲"] | before["乙"]
        assert len(both) == 2 and kept in both
        assert {aliases[number] for number in both - {kept}} == {kept}
    elif set(expected.values()) == {"one keeps"}:
        (old,) = before["甲"]
        found = after["甲"] | after["乙"]
        assert old in found and len(found) == 2 and not (found - {old}) & everybodys
    else:
        for who, said in expected.items():
            (now,) = after[who]
            if said == "new":
                assert now not in everybodys
            else:
                assert {now} == before[said[1:] or who]


def test_a_household_keeps_its_number_with_its_clues(twice: object) -> None:
    """It enters the register, gets another household number, its case another stage."""
    before, after = HOMES_OF
    both = before.keys() & after.keys()
    assert len(both) > 20 and not {n: (before[n], after[n]) for n in both if before[n] != after[n]}


def test_nothing_is_given_twice(twice: tuple[Numbers, Numbers, Mapping[str, str]]) -> None:
    """A number stands with names of one scenario only, over both scans."""
    whose: dict[str, set[str]] = {}
    for found in twice[:2]:
        for name, own in found.items():
            for number in own:
                whose.setdefault(number, set()).add(name[0])
    assert len(whose) > len(SCENARIOS) and all(len(surnames) == 1 for surnames in whose.values())


P = Place(30)
ONE = rows(P.case(), P.victim("甲", id=P.id(1)), P.victim("乙", id=P.id(2)))
HOME = P.home(1, ("甲", P.id(1)), ("乙", P.id(2)))


def chain(folder: Path, *counties: Rows, held: Mapping[int, Iterable[str]] | None = None) -> list[Numbers]:
    found, earlier = [], None
    for nth, records in enumerate(counties):
        with scan(folder / str(nth), records, earlier, (held or {}).get(nth, ())) as ws:
            found.append(numbers(ws))
        earlier = folder / str(nth)
    return found


def _split(p: Place) -> list[Rows]:
    one = rows(p.case(), p.victim("甲", id=p.id(1)), p.victim("乙", id=p.id(2)))
    home = p.home(1, ("甲", p.id(1)), ("乙", p.id(2)))
    return [one, rows(one, home), one, rows(one, p.home(1, ("甲", p.id(1))), p.home(2, ("乙", p.id(2))))]


def _cases(p: Place) -> list[Rows]:
    return [rows(p.case(n), p.victim("甲", n, id=p.id(1))) for n in (1, 2)]


def _numbered(p: Place, no: str, unified: str | None) -> Rows:
    return rows(p.case(no=no, unified=unified), p.victim("甲", no=no, unified=unified, id=p.id(1)))


CHAINS: dict[str, Callable[[Place], list[Rows]]] = {
    "merged and split again": lambda p: _split(p)[:3],
    "split, then 甲 alone": lambda p: [*_split(p)[1::2], rows(p.case(), p.victim("甲", id=p.id(1)))],
    "split, then 乙 alone": lambda p: [*_split(p)[1::2], rows(p.case(), p.victim("乙", id=p.id(2)))],
    "through two cases to the second alone": lambda p: [_cases(p)[0], rows(*_cases(p)), _cases(p)[1]],
    "case numbers one after the other": lambda p: [
        _numbered(p, p.no(1), None), _numbered(p, p.no(1), p.unified()), _numbered(p, p.no(2), p.unified())],
    "away for a scan": lambda p: [_cases(p)[0], {}, _cases(p)[0]],
}  # fmt: skip
PLACES = {name: Place(31 + nth) for nth, name in enumerate(CHAINS)}


@pytest.fixture(scope="module")
def chained(tmp_path_factory: pytest.TempPathFactory) -> list[Numbers]:
    """Three scans of the county of all chains."""
    steps = [CHAINS[name](place) for name, place in PLACES.items()]
    return chain(tmp_path_factory.mktemp("chains"), *(rows(ONE, *(step[nth] for step in steps)) for nth in range(3)))


def of(chained: list[Numbers], name: str) -> list[Numbers]:
    surname = PLACES[name].name("")
    return [{who: given for who, given in found.items() if who.startswith(surname)} for found in chained]


def test_merged_and_split_again_each_has_its_own_number_back(chained: list[Numbers]) -> None:
    apart, together, again = of(chained, "merged and split again")
    assert len(set().union(*together.values())) == 1 and again == apart
    assert len(set().union(*apart.values())) == 2


@pytest.mark.parametrize("who", ["甲", "乙"])
def test_who_is_left_alone_after_a_split_keeps_what_the_split_gave(who: str, chained: list[Numbers]) -> None:
    together, split, alone = of(chained, f"split, then {who} alone")
    (one,) = set().union(*together.values())
    (first,), (second,) = split.values()
    assert first != second and one in (first, second)
    ((left, number),) = alone.items()
    assert number == split[left]


@pytest.mark.parametrize("name", ["through two cases to the second alone", "case numbers one after the other"])
def test_step_by_step_it_is_the_same_clue(name: str, chained: list[Numbers]) -> None:
    one, two, three = of(chained, name)
    assert one == two == three and len(one) == 1


def test_a_clue_that_is_away_for_a_scan_comes_back_with_its_number(chained: list[Numbers]) -> None:
    one, two, three = of(chained, "away for a scan")
    assert one == three and len(one) == 1 and not two


def test_a_rescued_household_is_held_under_the_same_number(tmp_path: Path) -> None:
    one, two = chain(tmp_path, ONE, ONE, held={1: [P.name("甲")]})
    assert one == two


def test_the_secret_makes_the_number_and_nothing_that_is_kept_tells_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for name, key in (("a", "one key"), ("b", "one key"), ("c", "another")):
        (tmp_path / "key").write_text(key, encoding="utf-8")
        monkeypatch.setenv("CLUE_SITE_KEY_FILE", str(tmp_path / "key"))
        with scan(tmp_path / name, ONE) as ws:
            found.append(numbers(ws))
            kept = " ".join(str(row) for table in ("number_given", "number_key") for row in ws.rows(f"from {table}"))
            assert not any(word in kept for word in (P.id(1), P.name("甲"), P.no(), P.unified()))
    monkeypatch.delenv("CLUE_SITE_KEY_FILE")
    for name in "de":
        with scan(tmp_path / name, ONE) as ws:
            found.append(numbers(ws))
    a, b, c, d, e = ({n for given in one.values() for n in given} for one in found)
    assert a == b and not a & c and not a & d and d == e  # without a key one is made of what the cases hold


def test_a_key_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUE_SITE_KEY_FILE", str(tmp_path / "none"))
    with Workspace.open(tmp_path / "ws") as ws, pytest.raises(ClueError, match="CE-U34"):
        prepare_numbers(ws)


def test_a_later_site_key_changes_no_number(tmp_path: Path) -> None:
    with scan(tmp_path / "ws", ONE) as ws:
        before = numbers(ws)
        (tmp_path / "ws" / "site.key").write_text("später", encoding="utf-8")
        make_clues(ws, world.PACK, dt.date(2025, 7, 31), render=world.fill)
        assert numbers(ws) == before


def test_an_old_number_leads_to_the_one_of_today(tmp_path: Path) -> None:
    with scan(tmp_path / "one", ONE) as ws:
        before = numbers(ws)
    with scan(tmp_path / "two", rows(ONE, HOME), tmp_path / "one") as ws:
        (now,) = numbers(ws)[P.name("甲")]
        old = before[P.name("甲")] | before[P.name("乙")]
        assert {number_now(ws, number.lower()) for number in old} == {now}
        assert number_now(ws, "JU-00000000") == "JU-00000000"


MIXED = [rows(*(SCENARIOS[n][nth](Place(n)) for n in (1, 6, 9, 18, 19, 23))) for nth in (1, 2)]


@pytest.fixture(scope="module")
def as_given(tmp_path_factory: pytest.TempPathFactory) -> list[Numbers]:
    return chain(tmp_path_factory.mktemp("given"), *MIXED)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_the_input_changes_no_number(
    tmp_path_factory: pytest.TempPathFactory, as_given: list[Numbers], seed: int
) -> None:
    """Rows in any order, in both scans: the same numbers, also of those that are merged, split and new."""
    shuffle, counties = random.Random(seed).shuffle, [{kind: list(r) for kind, r in c.items()} for c in MIXED]
    for county in counties:
        for given_rows in county.values():
            shuffle(given_rows)
    assert chain(tmp_path_factory.mktemp("mixed"), *counties) == as_given
