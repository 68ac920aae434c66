"""Which lines go to an office: by filter only what is certain and open; everything else by its number, marked."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from clue_engine.errors import ClueError
from clue_engine.export import columns as c
from clue_engine.export.list_rows import Row
from clue_engine.export.referral import Wanted, chosen, events
from clue_engine.ledger import Event, standings
from clue_engine.ledger.history import Book, rows
from clue_engine.pack.holidays import known_years
from clue_engine.pack.load import load_pack

PACK = load_pack()
YEARS = known_years(PACK)
DAY = dt.date(2025, 9, 28)
SOCIAL = "社会救助帮扶线索"


def row(
    number: str, status: str = "线索", *, match: str = "确认：证件号码一致", to: str = "民政部门", **more: object
) -> Row:
    cells = {c.RECEIVER: to, c.MATCH: match, c.BAND: "高", c.TOWN: "东河乡", c.NOTE: None}
    restricted = bool(more.pop("restricted", False))
    cells |= more  # type: ignore[arg-type]
    if restricted:
        cells = {c.BAND: "高", c.RECEIVER: to}
    return Row(number, SOCIAL, "social", status, restricted, cells)


ROWS = [
    row("SH-01"),
    row("SH-02", match="疑似：姓名一致"),
    row("SH-03", "待核"),
    row("SH-04", "折叠"),
    row("SH-05", "试行"),
    row("SH-06", "搁置"),
    row("SH-07", restricted=True),
    row("SH-08", to="残联、妇联", 抄送单位="民政部门"),
    row("SH-09", to="残联、妇联"),
    row("SH-10", 乡镇="西山镇", 优先级="中"),
    row("SH-11"),  # waits for an answer of 民政局
    row("SH-12"),  # rescued
    row("SH-13"),  # waits for another office
]  # fmt: skip


def event(kind: str, number: str, part: str = "", **body: object) -> Event:
    return Event(kind, number, part or f"P{number}", DAY, SOCIAL, body, act=1)


RECEIVERS = {r.clue_id: str(r.cells.get(c.RECEIVER) or "检察") for r in ROWS}
EVENTS = [event("listed", r.clue_id, status=r.status, **({"restricted": True} if r.restricted else {})) for r in ROWS]
EVENTS += [
    event("listed", "SH-01", "P-second", status="线索"),
    event("referred", "SH-11", receiver="民政局", due="2025-10-01"),
    event("paid", "SH-12", amount=5000),
    event("referred", "SH-13", receiver="残联", due="2025-10-01"),
    event("verified", "SH-07", receiver="民政局", code="属实", reason="遭性侵", note="在荷塘村"),
]
NUMBERS = {r.clue_id: r.clue_id for r in ROWS} | {"SH-00": "SH-01", "SH-99": "SH-99"}
EVENTS = [replace(e, body={**e.body, "receiver": RECEIVERS[e.clue_id]}) if e.kind == "listed" else e for e in EVENTS]
LAST = {(SOCIAL, n): tuple(e for e in EVENTS if e.kind == "listed" and e.clue_id == n) for n in NUMBERS}
BOOK = Book(EVENTS, NUMBERS, standings(EVENTS), {key: own for key, own in LAST.items() if own})


def refer(*numbers: str, **more: object) -> tuple[dict[str, str], dict[str, int]]:
    """Number -> caution, and why others stay."""
    wanted = Wanted("民政局", ("民政",), DAY, numbers=numbers, **more)  # type: ignore[arg-type]
    lines, behind = chosen(ROWS, BOOK, wanted, PACK, YEARS)
    return {line.row.clue_id: line.caution for line in lines}, dict(behind)


def test_a_filter_takes_only_what_is_certain_open_and_not_restricted() -> None:
    found, behind = refer()
    assert found == dict.fromkeys(("SH-01", "SH-08", "SH-10", "SH-13"), "")
    assert behind == {
        "疑似": 1, "待核": 1, "折叠": 1, "试行": 1, "搁置": 1, "已移送、等待反馈": 1, "已救助": 1, "受限": 1,
    }  # fmt: skip


@pytest.mark.parametrize("more", [{}, {"top": 50}, {"direction": "social"}, {"band": "高"}, {"town": "东河乡"}])
def test_no_filter_ever_takes_the_others(more: dict) -> None:
    assert not set(refer(**more)[0]) & {"SH-02", "SH-03", "SH-04", "SH-05", "SH-06", "SH-07", "SH-11", "SH-12"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"top": 2}, ["SH-01", "SH-08"]),
        ({"band": "中"}, ["SH-10"]),
        ({"town": "西山镇"}, ["SH-10"]),
        ({"direction": SOCIAL, "top": 1}, ["SH-01"]),
    ],
)
def test_filters(more: dict, expected: list[str]) -> None:
    assert list(refer(**more)[0]) == expected


@pytest.mark.parametrize(
    ("number", "caution"),
    [
        ("SH-01", ""), ("SH-02", "先核实身份"), ("SH-03", "待核实"), ("SH-04", "待核实"), ("SH-05", "待核实"),
        ("SH-06", "待核实"), ("SH-07", ""), ("SH-09", ""), ("sh-00", ""),
    ],
)  # fmt: skip
def test_by_number_all_go_marked(number: str, caution: str) -> None:
    found, _ = refer(number)
    assert list(found.values()) == [caution] and list(found) == ["SH-01" if number == "sh-00" else number]


@pytest.mark.parametrize(
    ("numbers", "code"), [(["SH-11"], "CE-L06"), (["SH-12"], "CE-L06"), (["SH-99"], "CE-L06"), (["SH-98"], "CE-U30")]
)
def test_what_waits_is_rescued_or_gone_is_not_referred_again(numbers: list[str], code: str) -> None:
    with pytest.raises(ClueError, match=code):
        refer(*numbers)


def book(*more: Event) -> Book:
    return replace(BOOK, events=[*EVENTS, *more], standings=standings([*EVENTS, *more]))


def sent(known: Book, *numbers: str, part: int | None = None) -> dict[str, tuple[list[int], str]]:
    """Number -> its parts that go, and how that is said."""
    wanted = Wanted("民政局", ("民政",), DAY, numbers=numbers, part=part)
    lines, _ = chosen(ROWS, known, wanted, PACK, YEARS)
    told = events(lines, wanted)
    assert [e.part for e in told] == [s.part for line in lines for s in line.parts]
    return {line.row.clue_id: ([known.place(s) for s in line.parts], line.which) for line in lines}


def test_a_new_case_of_a_household_that_was_referred_can_go() -> None:
    """By condition and by number: only the case that was not sent there; which one is said to the receiver too."""
    known = book(event("referred", "SH-01", receiver="民政局", due="2025-10-01"))
    assert sent(known)["SH-01"] == sent(known, "SH-01")["SH-01"] == ([2], "第2件")
    assert sent(BOOK)["SH-01"] == ([1, 2], "") and sent(BOOK, "SH-01", part=2)["SH-01"] == ([2], "第2件")
    lines, _ = chosen(ROWS, known, Wanted("民政局", ("民政",), DAY, numbers=("SH-01",)), PACK, YEARS)
    assert lines[0].shown().cells[c.NOTE] == "【这次移送第2件】"
    with pytest.raises(ClueError, match="CE-L06"):
        sent(known, "SH-01", part=1)
    with pytest.raises(ClueError, match="CE-U02"):
        sent(known, "SH-01", part=3)


def test_what_is_closed_goes_only_when_it_is_opened_again() -> None:
    ends = [event("closed", "SH-01", part, code="不属实") for part in ("PSH-01", "P-second")]
    with pytest.raises(ClueError) as told:
        sent(book(*ends), "SH-01")
    assert "第1件已办结（2025-09-28），原因：不属实" in told.value.message and "reopen SH-01" in told.value.hint
    assert "SH-01" not in sent(book(*ends)) and sent(book(ends[0]), "SH-01")["SH-01"] == ([2], "第2件")
    assert sent(book(*ends, event("reopened", "SH-01")), "SH-01")["SH-01"] == ([1], "第1件")
    with pytest.raises(ClueError) as hidden:
        sent(book(event("closed", "SH-07", code="重大过错")), "SH-07")
    assert "已办结" in hidden.value.message and "过错" not in hidden.value.message


def test_the_deadline_is_a_date_and_each_part_has_its_event() -> None:
    wanted = Wanted("民政局", ("民政",), DAY, numbers=("SH-01", "SH-03"), days=4, document="检救移〔2025〕3号")
    lines, _ = chosen(ROWS, BOOK, wanted, PACK, YEARS)
    told = events(lines, wanted)
    assert [(e.clue_id, e.part) for e in told] == [("SH-01", "PSH-01"), ("SH-01", "P-second"), ("SH-03", "PSH-03")]
    assert {e.text("due") for e in told} == {"2025-10-10"} and {e.text("document") for e in told} == {
        "检救移〔2025〕3号"
    }
    assert [e.text("caution") for e in told] == ["", "", "待核实"]
    shown = [(line.shown().cells[c.NOTE], line.shown().cells[c.DEADLINE]) for line in lines]
    assert shown == [(None, "2025-10-10前"), ("【待核实】", "2025-10-10前")]
    own = {d.name: d.deadline_days for d in PACK.directions}
    lines, _ = chosen(ROWS, BOOK, Wanted("民政局", ("民政",), dt.date(2025, 6, 30)), PACK, YEARS)
    assert own[SOCIAL] == 10 and {line.due for line in lines} == {dt.date(2025, 7, 14)}
    lines, _ = chosen(ROWS, BOOK, Wanted("民政局", ("民政",), DAY, due=dt.date(2030, 1, 1)), PACK, YEARS)
    assert {line.due for line in lines} == {dt.date(2030, 1, 1)}


def test_an_office_that_is_not_in_charge_only_helps() -> None:
    """By number to whom one likes; the answer ends nothing for the one in charge: agriculture, procuratorate."""
    for number, assist in (("SH-01", False), ("SH-07", False), ("SH-08", True), ("SH-09", True)):
        wanted = Wanted("民政局", ("民政",), DAY, numbers=(number,))
        lines, _ = chosen(ROWS, BOOK, wanted, PACK, YEARS)
        told = events(lines, wanted)
        assert {bool(e.body.get("assist")) for e in told} == {line.assist for line in lines} == {assist}


def test_overdue_is_what_nobody_has_answered() -> None:
    late = BOOK.overdue(dt.date(2025, 10, 2))
    assert [wait.number for wait in late] == ["SH-11", "SH-13"] and not BOOK.overdue(dt.date(2025, 10, 1))


def test_of_restricted_lines_the_table_tells_only_that_something_happened() -> None:
    table = rows(BOOK, BOOK.events)
    own = [line for line in table if line[2] == "SH-07"]
    assert [line[6] for line in own] == ["列入清单", "核查反馈"]
    assert not any(word in "".join(line) for line in own for word in ("属实", "性侵", "荷塘", "民政"))
    assert any("5000" in line for line in table)
