"""why-not: the condition that fails, how far it is, the fact that decides; nothing of protected households."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trial_world as world
from language.small_pack import text
from test_cli_rules import SMALL, columns, run

from clue_engine.decide.seen import Bound, Seen, SeenValue
from clue_engine.enquiry.overview import NOT_LISTED, overview
from clue_engine.enquiry.tree import gap
from clue_engine.enquiry.who import find
from clue_engine.enquiry.why_not import Fact, Failure, WhyNot, why_not
from clue_engine.errors import ClueError
from clue_engine.pack.model import Hold, Pack
from clue_engine.workspace import Workspace


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return world.county(tmp_path_factory.mktemp("county") / "ws")


@pytest.fixture(scope="module")
def ws(data: Path) -> Iterator[Workspace]:
    with Workspace.open(data, create=False) as opened:
        yield opened


def number(n: int) -> str:
    return f"529921101201{n:04d}"


def pack(when: str = world.LOW, **more: object) -> Pack:
    """The small pack with a rule J30."""
    small = world.small_pack()
    rule = replace(small.rules[0], id="J30", title="收入低的重伤户", when=text(when), **more)
    return replace(small, rules=(*small.rules, rule))


def asked(ws: Workspace, n: int, own: Pack | None = None, rule_id: str = "J30") -> WhyNot:
    return why_not(ws, own or pack(), world.AS_OF, number(n), rule_id)


def test_which_condition_failed_and_by_how_much(ws: Workspace) -> None:
    found = asked(ws, 8)
    assert (found.outcome, found.household, found.missing) == ("没有命中", "项* 东河乡第8号村", ())
    assert found.failed == (Failure("人均纯收入 < 6503元", "人均纯收入=6508元", "比界限 6503元 高 5元"),)


def test_at_the_bound(ws: Workspace) -> None:
    assert asked(ws, 3).failed[0].gap == "正好等于界限 6503元"


def test_a_hit(ws: Workspace) -> None:
    found = asked(ws, 1)
    assert (found.outcome, found.failed, found.missing) == ("命中", (), ())
    marks = {True: "+", False: "-", None: "?"}
    assert [f"{'  ' * x.depth}{marks[x.outcome]} {x.text} {x.value}".rstrip() for x in found.tree] == [
        "+ 全部满足",
        "  + any 涉案 (受害 and 伤情 in @重伤)",
        "    + 第1行 被害人清单.csv第2行",
        "      + 涉案.受害",
        "        + 身份 contains '被害人' 身份=被害人",
        "      + 伤情 in @重伤 伤情=重伤二级",
        "  + 人均纯收入 < 6503元 人均纯收入=6501元；比界限 6503元 低 2元",
    ]


def test_the_fact_that_decides(ws: Workspace) -> None:
    found = asked(ws, 6, rule_id="J01")
    assert (found.outcome, found.missing) == ("不能确定", (Fact("伤情", "", True),))
    assert asked(ws, 6).outcome == "没有命中"  # the income alone says no: nothing to ask for
    assert asked(ws, 6).missing == ()


def test_no_such_row_and_the_nearest_of_alternatives(ws: Workspace) -> None:
    own = pack("any 涉案 (身份 contains '嫌疑人' and 伤情 = '死亡') or 人均纯收入 < 6500元")
    assert asked(ws, 2, own).failed == (Failure("人均纯收入 < 6500元", "人均纯收入=6502元", "比界限 6500元 高 2元"),)
    own = pack("none 涉案 (受害)")
    assert "none 涉案 (受害)" in asked(ws, 2, own).failed[0].condition


NEGATED = [
    "any 涉案 (伤情 <> '重伤二级')",
    "any 涉案 (伤情 not in @重伤)",
    "any 涉案 (身份 not contains '被害人')",
    "人均纯收入 <> 6502元",
    "人均纯收入 not between 6000元 and 7000元",
]


@pytest.mark.parametrize("when", NEGATED)
def test_a_negated_test_is_told_as_it_was_written(ws: Workspace, when: str) -> None:
    """Never the wrapper “not” around the author's text, which says the contrary."""
    found = asked(ws, 2, pack(when))
    own = when.removeprefix("any 涉案 (").removesuffix(")")
    assert found.failed[0].condition == own
    line = next(x for x in found.tree if x.text == own)
    assert line.outcome is False and line.value
    assert not any("不满足下面这条" in x.text for x in found.tree)


def test_no_row_of_a_kind_and_none_of_its_rows(ws: Workspace) -> None:
    for when in ("none 涉案 (受害)", "count 涉案 (受害) <> 1"):
        found = asked(ws, 2, pack(when))
        assert found.failed[0].condition == when
        assert [(x.text, x.outcome) for x in found.tree if x.text == when] == [(when, False)]
        assert not any("不满足下面这条" in x.text for x in found.tree)


def test_not_around_a_negated_test(ws: Workspace) -> None:
    found = asked(ws, 8, pack("not (人均纯收入 <> 6502元)"))
    assert found.failed[0].condition == "“人均纯收入 <> 6502元”应不成立"
    assert [(x.text, x.outcome) for x in found.tree] == [("不满足下面这条", False), ("人均纯收入 <> 6502元", True)]


def test_held(ws: Workspace) -> None:
    small = pack()
    hold = replace(small.holds[0], when=text("伤情 = '重伤二级'"))
    ws.con.execute("insert into hold_row values ('X01', '*', 'involvement', 2, 12, 1)")
    try:
        found = asked(ws, 2, replace(small, holds=(hold,)))
    finally:
        ws.con.execute("delete from hold_row")
    assert (found.outcome, found.holds, found.failed) == ("条件满足，因 X01 搁置", ("X01 互殴",), ())


def restricting(when: str, unknown: str = "restrict") -> Hold:
    return replace(world.small_pack().holds[0], id="X14", action="restrict", when=text(when), unknown=unknown)


def test_nothing_of_what_is_restricted(ws: Workspace) -> None:
    nothing = WhyNot("J30", "收入低的重伤户", "（受限）", "", restricted=True)
    assert asked(ws, 8, pack(restrict="minors")) == nothing
    small = pack()
    assert asked(ws, 8, replace(small, holds=(restricting("伤情 = '重伤二级'"),))) == nothing
    doubtful = replace(small, holds=(restricting("伤情 = '重伤二级'"),))
    assert asked(ws, 6, doubtful) == nothing  # harm not known: in doubt protected
    open_hold = replace(small, holds=(restricting("伤情 = '重伤二级'", "keep"),))
    assert not asked(ws, 6, open_hold).restricted


def test_restricted_as_on_the_list(ws: Workspace) -> None:
    """A protected household in no direction, by none of its numbers, whether it has a clue or not."""
    nothing = WhyNot("J01", "重伤被害人", "（受限）", "", restricted=True)
    own = ws.rows("select clue_id from clue where household_id = 1")[0][0]
    ws.con.execute("insert into clue_protected values (1, false), (9, false)")
    try:
        assert why_not(ws, pack(), world.AS_OF, own.lower(), "J01") == nothing
        assert asked(ws, 1, rule_id="J01") == nothing
        assert asked(ws, 9, rule_id="J01") == nothing  # not listed
        assert not asked(ws, 2, rule_id="J01").restricted
    finally:
        ws.con.execute("delete from clue_protected")


def test_a_rule_that_tells_no_crime(ws: Workspace) -> None:
    found = asked(ws, 8, pack(no_crime_detail=True))
    assert found.quiet and found.tree == () and found.failed == ()


@pytest.mark.parametrize(
    ("word", "rule_id", "message"),
    [("0", "J30", "没有查到"), (number(1), "J77", "没有规则"), ("JU-00000000", "J30", "没有这个线索编号")],
)
def test_unknown_words(ws: Workspace, word: str, rule_id: str, message: str) -> None:
    with pytest.raises(ClueError, match=message):
        why_not(ws, pack(), world.AS_OF, word, rule_id)


def test_of_several_rules_the_one_that_lacks_least_is_told_first(ws: Workspace) -> None:
    small = pack()
    far = replace(small.rules[-1], id="J31", when=text("any 涉案 (受害) and 人均纯收入 < 100元"))
    two = replace(small.rules[-1], id="J32", when=text("any 涉案 (伤情 = '死亡') and 人均纯收入 < 6503元"))
    own = replace(small, rules=(*small.rules, two, far))
    found = find(ws, own, number(8), world.AS_OF)
    told = overview(ws, own, world.AS_OF, found, found.ones[0]).standings[0]
    assert told.status == "线索" and told.near == ()  # J01 lists it there
    ws.con.execute("create temp table kept as from clue where household_id = 8")
    ws.con.execute("delete from clue where household_id = 8")
    try:
        told = overview(ws, own, world.AS_OF, found, found.ones[0]).standings[0]
    finally:
        ws.con.execute("insert into clue from kept")
    assert (told.status, [n.rules for n in told.near]) == (NOT_LISTED, [("J30",), ("J32",)])
    assert told.near[0].failed[0].gap == "比界限 6503元 高 5元"


def test_by_clue_number(ws: Workspace) -> None:
    clue_id = ws.rows("select clue_id from clue where household_id = 1")[0][0]
    assert why_not(ws, pack(), world.AS_OF, clue_id.lower(), "j01").household == "白* 东河乡第1号村"


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        (Bound((120.0, 120.0), (100.0, 100.0), "元"), "比界限 100元 高 20元"),
        (Bound((0.5, 0.5), (0.9, 0.9), "%"), "比界限 90% 低 40个百分点"),
        (Bound((3.0, 5.0), (6.0, 6.0), "月"), "比界限 6个月 低 1个月"),
        (Bound((3.0, 7.0), (6.0, 6.0), "月"), "界限 6个月"),
        (Bound((None, None), (6.0, 6.0), "月"), ""),
        (Bound((8.0, 8.0), (None, None), "月"), ""),
        (Bound((world.AS_OF, world.AS_OF), (world.AS_OF, world.AS_OF), "天"), "正好等于界限 2025年6月30日"),
    ],
)
def test_gap(bound: Bound, expected: str) -> None:
    assert gap(bound) == expected


def test_is_missing_reads_as_written() -> None:
    from clue_engine.enquiry.why_not import failures

    seen = Seen("or", "", False, parts=(
        Seen("test", "损失 is missing", False, (SeenValue("r", "loss", "损失", 3.0, unit="元"),)),
        Seen("test", "收入 < 5元", False, bound=Bound((7.0, 7.0), (5.0, 5.0), "元")),
    ))  # fmt: skip
    assert failures(seen) == [Failure("收入 < 5元", "", "比界限 5元 高 2元")]


def test_command(data: Path, ws: Workspace) -> None:
    ws.con.execute("checkpoint")
    ws.close()
    common = ("-w", str(data), "--rules", str(SMALL))
    shown = run("why-not", number(6), "J01", *common)
    assert shown.returncode == 0, shown.stderr
    assert "只要知道“伤情”就能判断" in shown.stdout and "文朗" not in shown.stdout
    assert max(map(columns, shown.stdout.splitlines())) <= 80
    assert json.loads(run("why-not", number(6), "J01", *common, "--json").stdout)["outcome"] == "不能确定"
    assert run("why-not", "0", "J01", *common).returncode == 2
