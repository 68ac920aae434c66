"""Answers in the ledger: each once, to the case that is meant, none against what is known without being asked."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from clue_engine.cli.app import main
from clue_engine.feedback.answers import Answer
from clue_engine.feedback.keep import Plan, plan
from clue_engine.ledger import Event, Ledger, standings
from clue_engine.pack.load import load_pack

CODES = load_pack(None).feedback
JUDICIAL, POVERTY = "司法救助线索", "返贫致贫风险线索"
DAY, TODAY = dt.date(2025, 6, 30), dt.date(2025, 8, 1)
NUMBERS = [("SF-0000AAAA", JUDICIAL, 1, None), ("FP-0000BBBB", POVERTY, 2, None), ("SF-0000CCCC", JUDICIAL, 3, None),
           ("SF-0000DDDD", JUDICIAL, 4, "SF-0000AAAA")]  # fmt: skip


def event(kind: str, number: str = "SF-0000AAAA", part: str = "P1", **body: object) -> Event:
    direction = next(d for n, d, *_ in NUMBERS if n == number)
    return Event(kind, number, part, DAY, direction, body)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """SF-…AAAA one case, FP-…BBBB the same person's other direction, SF-…CCCC two cases, SF-…DDDD merged into AAAA."""
    found = Ledger.open(tmp_path / "台账.sqlite", create=True)
    listed = [
        event("listed"), event("listed", "FP-0000BBBB"), event("listed", "SF-0000CCCC", "P2"),
        event("listed", "SF-0000CCCC", "P3"),
    ]  # fmt: skip
    found.append(listed, {"number_given": NUMBERS, "part_key": [(f"P{n}", f"k{n}", 1, 0, 1) for n in (1, 2, 3)]})
    return found


def answer(code: str, number: str = "SF-0000AAAA", row: int = 5, on: str = "", **more: object) -> Answer:
    dates = {"核查日期": dt.date.fromisoformat(on)} if on else {}
    return Answer(f"返回.xlsx第{row}行", number, code, dates=dates, **more)  # type: ignore[arg-type]


def keep(ledger: Ledger, *answers: Answer, today: dt.date = TODAY, later_counts: bool = False) -> Plan:
    found = plan(ledger, answers, CODES, today, later_counts=later_counts)
    ledger.append(found.events)
    return found


def said(found: Plan) -> Sequence[tuple[str, str]]:
    return [(doubt.kind, doubt.number) for doubt in found.doubts]


def test_an_answer_becomes_the_events_of_its_code(ledger: Ledger) -> None:
    dates = {"核查日期": dt.date(2025, 7, 1), "发放日期": dt.date(2025, 7, 20)}
    paid = Answer("返回.xlsx第5行", "SF-0000AAAA", "已发放", "司法救助", "", 20000.0, dates=dates)
    found = keep(ledger, paid, answer("不属实", "FP-0000BBBB", 6, "2025-07-02"))
    assert [(e.kind, e.clue_id, e.day.isoformat()) for e in found.events] == [
        ("decided", "SF-0000AAAA", "2025-07-01"), ("paid", "SF-0000AAAA", "2025-07-20"),
        ("closed", "SF-0000AAAA", "2025-07-01"),
        ("verified", "FP-0000BBBB", "2025-07-02"), ("closed", "FP-0000BBBB", "2025-07-02"),
    ]  # fmt: skip
    assert found.events[1].body == {"code": "已发放", "source": "返回.xlsx第5行", "amount": 20000.0}


def test_one_direction_closes_nothing_for_the_other(ledger: Ledger) -> None:
    keep(ledger, answer("不属实", "FP-0000BBBB"))
    now = standings(ledger.events())
    assert now["P1", POVERTY].closed and not now["P1", JUDICIAL].closed


@pytest.mark.parametrize("on", ["", "2025-07-01"])
@pytest.mark.parametrize("number", ["SF-0000AAAA", "SF-0000CCCC", "SF-0000DDDD"])
def test_the_same_again_adds_nothing(ledger: Ledger, number: str, on: str) -> None:
    first = keep(ledger, answer("不属实", number, on=on), answer("核查中", "FP-0000BBBB", 6))
    assert len(first.events) == 3 and first.repeated == 0
    again = keep(
        ledger, answer("不属实", number, 9, on), answer("核查中", "FP-0000BBBB", 7), today=TODAY.replace(day=9)
    )
    assert again.events == [] and again.repeated == 2 and not again.doubts


def test_a_merged_number_is_its_heir(ledger: Ledger) -> None:
    assert [e.clue_id for e in keep(ledger, answer("属实", "SF-0000DDDD")).events] == ["SF-0000AAAA"]


def test_a_number_of_the_version_before_is_known_by_another_name(ledger: Ledger) -> None:
    alias = {"JU-33249512": "SF-0000DDDD"}
    found = plan(ledger, [answer("属实", "JU-33249512")], CODES, TODAY, alias=lambda n: alias.get(n, n))
    assert [e.clue_id for e in found.events] == ["SF-0000AAAA"]


def test_numbers_that_nobody_gave(ledger: Ledger) -> None:
    found = keep(ledger, answer("属实", "SF-0000AAAB"), answer("属实", "QQ-99999999"))
    assert said(found) == [("没有这个编号", "SF-0000AAAB"), ("没有这个编号", "QQ-99999999")] and not found.events
    assert "是否 SF-0000AAAA" in found.doubts[0].said and "是否" not in found.doubts[1].said


def test_of_several_cases_the_one_that_waits_is_meant(ledger: Ledger) -> None:
    ledger.append([event("referred", "SF-0000CCCC", "P3", receiver="民政局")])
    one = keep(ledger, answer("属实", "SF-0000CCCC")).kept[0]
    assert (one.part, one.parts) == ("P3", 2)
    # sent once more and answered in the same words: from another file it is an answer, from the same it is not
    ledger.append([event("referred", "SF-0000CCCC", "P2", receiver="民政局")])
    assert keep(ledger, answer("属实", "SF-0000CCCC")).repeated == 1
    assert keep(ledger, answer("属实", "SF-0000CCCC", 8)).kept[0].part == "P2"


def test_the_line_that_names_its_case_is_about_that_case(ledger: Ledger) -> None:
    ledger.append([event("referred", "SF-0000CCCC", "P3", receiver="民政局")])
    cases = {"P2": ["样检刑诉受[2024]2号"], "P3": ["样检刑诉受[2024]3号"]}
    for case_no, part in (("样检刑诉受［2024］2号", "P2"), ("样检刑诉受[2024]3号", "P3"), ("别的", "P3"), ("", "P3")):
        found = plan(ledger, [answer("属实", "SF-0000CCCC", case_no=case_no)], CODES, TODAY, cases=cases)
        assert [one.part for one in found.kept] == [part], case_no
    ledger.append(plan(ledger, [answer("属实", "SF-0000CCCC", case_no="别的")], CODES, TODAY, cases=cases).events)
    other = answer("属实", "SF-0000CCCC", case_no="样检刑诉受[2024]2号")
    again = plan(ledger, [other], CODES, TODAY, cases=cases)
    assert [one.part for one in again.kept] == ["P2"] and not again.repeated  # what P3 was told says nothing of P2


def test_a_later_answer_opens_what_an_earlier_one_closed(ledger: Ledger) -> None:
    keep(ledger, answer("不属实", on="2025-07-01"))
    assert standings(ledger.events())["P1", JUDICIAL].closed
    later = keep(ledger, answer("属实-拟救助", on="2025-07-10"), later_counts=True)
    assert [e.kind for e in later.events] == ["reopened", "verified"]
    assert not standings(ledger.events())["P1", JUDICIAL].ended


def test_a_contradiction_is_told_and_not_kept(ledger: Ledger) -> None:
    keep(ledger, answer("属实-拟救助", on="2025-07-01"))
    found = keep(ledger, answer("不属实", on="2025-07-10"))
    assert said(found) == [("与以前的答复矛盾", "SF-0000AAAA")] and not found.events
    assert "2025-07-01 记的是“属实-拟救助”，这次是“不属实”" in found.doubts[0].said
    assert [e.kind for e in keep(ledger, answer("不属实", on="2025-07-10"), later_counts=True).events] == [
        "verified", "closed"]  # fmt: skip
    assert not keep(ledger, answer("核查中")).doubts  # says nothing against it


def test_rows_against_each_other_are_not_kept(ledger: Ledger) -> None:
    found = keep(ledger, answer("属实"), answer("不属实", row=6))
    assert said(found) == [("前后矛盾", "SF-0000AAAA")] * 2 and not found.events
    assert "返回.xlsx第5行写“属实”，返回.xlsx第6行写“不属实”" in found.doubts[0].said


def test_a_clue_goes_its_way(ledger: Ledger) -> None:
    """Checked, decided and paid in one go, in any order of the rows."""
    found = keep(
        ledger, answer("已发放", row=6, on="2025-07-20", amount=20000.0), answer("属实-拟救助", on="2025-07-01")
    )
    assert [e.kind for e in found.events] == ["verified", "decided", "paid", "closed"] and not found.doubts


def test_the_command_tells_what_it_did(ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Twice: the second time nothing is new. A dry run writes nothing. Doubts are listed, exit code 3."""
    lines = ["线索编号,核查结果,核查日期,备注", "SF-0000AAAA,部分属实,2025-07-01,张某某说", "SF-0000CCCC,=1+1,,"]
    (tmp_path / "返回.csv").write_text("\n".join(lines), encoding="utf-8")
    told = [str(tmp_path / "返回.csv"), "--ledger", str(ledger.path), "-w", str(tmp_path / "none")]

    def run(*more: str) -> tuple[int, dict[str, object], str]:
        with pytest.raises(SystemExit) as ended:
            main(["feedback", "import", *told, *more])
        shown = capsys.readouterr()
        return int(str(ended.value.code)), json.loads(shown.out) if "--json" in more else {}, shown.out + shown.err

    code, dry, _ = run("--dry-run", "--json")
    assert (code, dry["events"], dry["repeated"]) == (3, 1, 0) and len(ledger.events()) == 4
    code, done, _ = run("--json")
    assert (code, done["events"], done["mapped"]) == (3, 1, [{"word": "部分属实", "code": "属实", "rows": 1}])
    _, again, _ = run("--json")
    assert (again["events"], again["repeated"]) == (0, 1) and len(ledger.events()) == 5
    _, _, text = run()
    assert "返回.csv第3行" in text and "不在可选之内" in text and "已记入台账 0 项" in text and "张某某" not in text
