"""How often rules were right: counted by hand from a small ledger."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from clue_engine.cli.app import main
from clue_engine.cli.rules_stats import verified_gates
from clue_engine.feedback.stats import RuleCount, lines, rule_counts, wilson
from clue_engine.ledger import Event, Ledger
from clue_engine.pack.load import load_pack

KNOWN = load_pack(None).feedback
JUDICIAL = "司法救助线索"
TODAY = dt.date(2025, 8, 1)


def listed(number: int, *rules: str, status: str = "线索") -> Event:
    day = dt.date(2024, 6, 30)
    return Event("listed", f"SF-{number:08}", f"P{number}", day, JUDICIAL, {"rules": list(rules), "status": status})


def answered(number: int, code: str, day: str = "2025-07-01", kind: str = "verified", reason: str = "") -> Event:
    body = {"code": code} | ({"reason": reason} if reason else {})
    return Event(kind, f"SF-{number:08}", f"P{number}", dt.date.fromisoformat(day), JUDICIAL, body)


EVENTS = [
    listed(1, "J02", "J08"), listed(2, "J08", "J02"), listed(3, "J02"), listed(4, "J02"), listed(5, "J08"),
    listed(6, "J02", status="待核"), answered(6, "属实"),
    answered(1, "属实-拟救助", "2024-08-01"), answered(1, "已发放", "2024-09-01", "paid"),
    answered(2, "已获赔偿", reason="X02"), answered(2, "已获赔偿", kind="closed", reason="X02"),
    answered(3, "不属实"), answered(4, "无法联系", kind="received"),
]  # fmt: skip


def counts(events: list[Event]) -> dict[str, RuleCount]:
    single, several = rule_counts(lines(events, {}, KNOWN), TODAY)
    return {"+".join(c.rules): c for c in (*single, *several)}


def test_counts() -> None:
    found = counts(EVENTS)
    assert {key: (c.listed, c.verified, c.right) for key, c in found.items()} == {
        "J02": (4, 3, 1), "J08": (3, 2, 1), "J02+J08": (2, 2, 1),
    }  # fmt: skip
    assert found["J02"].why_not == {"X02": 1, "不属实": 1}
    assert (found["J02"].recent, found["J02"].before) == ((0, 2), (1, 1))


def test_a_later_verdict_counts_with_the_rules_of_its_time() -> None:
    late = [*EVENTS, listed(3, "J16"), answered(3, "属实", "2025-07-20")]
    found = counts(late)
    assert (found["J02"].right, found["J02"].verified) == (2, 3) and "J16" not in found


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),  # from the tables of Newcombe 1998: 81/263, 15/148, 0/20, 1/29
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(("right", "n", "flagged"), [(5, 20, True), (6, 20, False), (0, 19, False), (0, 0, False)])
def test_low_ones_are_flagged(right: int, n: int, flagged: bool) -> None:
    assert RuleCount(("J02",), n, n, right).is_low(KNOWN) is flagged


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = [e for n in range(10, 30) for e in (listed(n, "J05"), answered(n, "属实" if n < 12 else "非案因"))]
    with Ledger.open(tmp_path / "台账.sqlite", create=True) as ledger:
        ledger.append([*EVENTS, *many])

    def run(*more: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["rules", "stats", *more])
        return (int(str(ended.value.code)), *capsys.readouterr())

    code, out, _ = run("--json", "--ledger", str(tmp_path / "台账.sqlite"))
    found = {"+".join(one["rules"]): one for kind in json.loads(out).values() for one in kind}
    assert code == 0 and (found["J05"]["flagged"], found["J02"]["flagged"]) == (True, False)
    assert found["J02+J08"]["verified"] == 2
    _, out, err = run("--ledger", str(tmp_path / "台账.sqlite"))
    assert "（偏低）" in out and "非案因 18" in out and "偏低：J05 属实 2/20" in err
    assert run()[0] == 2


def test_what_offices_said_is_a_gate_before_active(tmp_path: Path) -> None:
    """Of a rule on trial its own list counts; without a ledger nothing is asked."""
    pack, path = load_pack(None), tmp_path / "台账.sqlite"
    many = [
        e for n in range(10, 30)
        for e in (listed(n, "J90", status="试行"), answered(n, "属实" if n < 12 else "非案因"))
    ]  # fmt: skip
    with Ledger.open(path, create=True) as ledger:
        ledger.append([*EVENTS, *many])
    assert verified_gates(None, pack, "J90") == []
    [low] = verified_gates(str(path), pack, "J90")
    assert not low.passed and "核实 20 条，属实 2 条" in low.words and "属实太少" in low.words
    assert [gate.passed for gate in verified_gates(str(path), pack, "J02")] == [True]
    asked = replace(pack, options={**pack.options, "promote": {"least_verified": "5"}})
    [few] = verified_gates(str(path), asked, "J02")
    assert not few.passed and "至少要核实 5 条" in few.words
