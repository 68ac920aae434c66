"""Which dated, regional value of a parameter counts: the oracle looks it up its own way, the compiled SQL agrees."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language.oracle import Oracle, World
from language.oracle_values import parameter_on
from language.small_pack import PARAMETERS, database, pack, rule

from clue_engine.evaluate.station import evaluate_checked
from clue_engine.language.check_pack import check_pack
from clue_engine.language.vocabulary import parameter_value
from clue_engine.pack.model import Parameter, ParameterValue
from clue_engine.pack.parameters import value_of

DAYS = [dt.date(2023, 1, 1), dt.date(2024, 2, 29), dt.date(2024, 7, 1), dt.date(2025, 6, 30)]
REGIONS = ["", "3", "33", "3301", "330100", "330122", "52"]
HOMES = [None, "", "33", "330100", "330122", "339999", "520100"]
KINDS = {
    "income": ("money", "元", [7000.0, 8600.0, 9000.0]),
    "share": ("share", None, [0.5, 0.9]),
    "years": ("duration", "年", [1, [18, "月"]]),
    "age": ("duration", "岁", [14, 18]),
    "level": ("codes", None, [["六级"], ["五级", "六级"]]),
}


def dated(kind: str, entries: list[tuple[dt.date, str, int]]) -> Parameter:
    """A parameter with one value for each different (start, region)."""
    type_, unit, values = KINDS[kind]
    once = {(start, region): values[n % len(values)] for start, region, n in entries}
    made = [ParameterValue(start, region, str(value), value, "测试") for (start, region), value in once.items()]
    return Parameter(kind, type_, kind, unit, "致残" if type_ == "codes" else None, (), tuple(made))


ENTRIES = st.lists(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(REGIONS), st.integers(0, 5)),
    max_size=10,
    unique_by=lambda e: e[:2],
)
DAY = st.sampled_from([d + dt.timedelta(days=n) for d in DAYS for n in (-1, 0, 1)])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(sorted(KINDS)), ENTRIES, DAY, st.sampled_from([h for h in HOMES if h is not None]))
def test_three_look_ups_agree(kind: str, entries: list[Any], day: dt.date, region: str) -> None:
    """The oracle's, the compiler's, and the one that the stations and the lists use."""
    one = dated(kind, entries)
    found = parameter_on(one, day, region)
    assert found == parameter_value(one, day, region)
    record = value_of(pack(parameters={kind: one}), kind, day, region)
    assert (record is None) == (found is None)
    if record is not None and one.type in ("money", "share"):
        assert record.value == found


@pytest.mark.parametrize(
    ("day", "region", "value"),
    [
        ("2023-12-31", "330122", None), ("2024-01-01", "330122", 8600.0), ("2024-06-30", "330122", 8600.0),
        ("2024-07-01", "330122", 9000.0), ("2025-01-01", "330122", 9000.0), ("2025-01-01", "330100", 7000.0),
        ("2024-12-31", "330100", 8600.0), ("2025-01-01", "", 8600.0), ("2025-01-01", "52", 8600.0),
    ],
)  # fmt: skip
def test_by_eye(day: str, region: str, value: float | None) -> None:
    """The nearer region wins although the wider one's value is newer."""
    entries = [(dt.date(2024, 1, 1), "", 1), (dt.date(2024, 7, 1), "330122", 2), (dt.date(2025, 1, 1), "33", 0)]
    one = dated("income", entries)
    assert parameter_on(one, dt.date.fromisoformat(day), region) == value
    assert parameter_value(one, dt.date.fromisoformat(day), region) == value


@settings(max_examples=25, deadline=None, derandomize=True)
@given(ENTRIES, ENTRIES, DAY, st.sampled_from(["", "33", "330122"]), st.integers(0, 10**6))
def test_compiled_conditions_take_the_same_value(
    lines: list[Any], shares: list[Any], day: dt.date, own: str, seed: int
) -> None:
    """Households of several regions, one of them unknown, by rules with one and with two parameters."""
    r = Random(seed)
    line = replace(dated("income", lines), name="收入线", unit=PARAMETERS["收入线"].unit)
    share = replace(dated("share", shares), name="足额比例")
    rules = [
        rule("A", "人均收入 < 参数.收入线"),
        rule("B", "not 人均收入 < 参数.收入线 or 人均收入 >= 参数.收入线 * 参数.足额比例"),
        rule("C", "any 成员 (务工月收入 < 参数.收入线 * 参数.足额比例)"),
    ]
    checked, problems = check_pack(
        pack(rules, parameters={**PARAMETERS, "收入线": line, "足额比例": share}, region=own)
    )
    assert not [d for d in problems if d.level == "error"]
    homes = [
        {"household_id": n, "region": home, "income_pc": r.choice((None, 6999.0, 7000.0, 8000.0, 8600.0, 9000.0))}
        for n, home in enumerate(HOMES, 1)
    ]
    members = [
        {"household_id": n, "works": True, "wage": r.choice((None, 3499.0, 7740.0, 9000.0))}
        for n in range(1, len(HOMES) + 1)
    ]
    con = database({"household": homes, "member": members})
    evaluate_checked(con, checked, day)
    got = set(con.execute("select household_id, rule_id, outcome from hit").fetchall())
    rows = {}
    for relation in checked.pack.relations:
        cursor = con.execute(f"select * from {relation.table}")
        rows[relation.name] = [dict(zip([d[0] for d in cursor.description], x, strict=True)) for x in cursor.fetchall()]
    oracle = Oracle(checked.vocabulary, day, World(rows, (), dict.fromkeys(rows, True)))
    level = {True: 1, None: 2}
    wanted = {
        (home["household_id"], one.rule.id, level[verdict])
        for one in checked.rules.values()
        for home in rows["household"]
        if (verdict := oracle.outcome(one.when, home)) is not False
    }
    assert got == wanted
    con.close()
