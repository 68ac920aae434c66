"""Mutants of a condition, which of them tests kill, and the tests that are proposed for the rest."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from language.small_pack import AS_OF, hold, pack, rule
from test_cli_rules import SMALL, columns, run

from clue_engine.decide.coverage import ENOUGH, Coverage, coverage, coverages
from clue_engine.decide.mutate import Mutator, run_mutants
from clue_engine.decide.rule_tests import run_rule_tests
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.opened import opened
from clue_engine.language.sameness import owned_definitions
from clue_engine.pack.load import load_pack

OPTIONS = {"test_as_of": "2026-11-24"}


def checked(when: str, *tests: dict[str, Any], others: tuple[str, ...] = (), **more: Any) -> CheckedPack:
    rules = [rule("A", when, tests=tests), *(rule(f"B{n}", w) for n, w in enumerate(others))]
    found, problems = check_pack(pack(rules, options=OPTIONS, **more))
    assert not [p for p in problems if p.level == "error"], problems
    return found


def changes(when: str, *others: str) -> list[str]:
    own = checked(when, others=others)
    return [m.change for m in run_mutants(own, ["A"], AS_OF).trials["A"].mutants]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (
            "人均纯收入 < 5000元",
            ["改为相反：不满足 人均纯收入 < 5000元", "人均纯收入 < 5000元：< 改为 <=",
             "人均纯收入 < 5000元：界限低 1元", "人均纯收入 < 5000元：界限高 1元"],
        ),
        ("户享受低保", ["改为相反：不满足 户享受低保"]),
        (
            "not 户享受低保 or 人均纯收入 is missing",
            ["“或”改为“且”：“户享受低保”不成立 或 人均纯收入 is missing", "漏掉条件：“户享受低保”不成立",
             "去掉否定：户享受低保", "漏掉条件：人均纯收入 is missing", "去掉否定：“人均纯收入 is missing”不成立"],
        ),
        (
            "监测对象类别 in ('脱贫不稳定户', '边缘户')",
            ["改为相反：不满足 监测对象类别 in ('脱贫不稳定户', '边缘户')",
             "监测对象类别 in ('脱贫不稳定户', '边缘户')：漏掉“脱贫不稳定户”",
             "监测对象类别 in ('脱贫不稳定户', '边缘户')：漏掉“边缘易致贫户”",
             "监测对象类别 in ('脱贫不稳定户', '边缘户')：也算“未纳入”"],
        ),
        (
            "count 成员 >= 3",
            ["改为相反：不满足 count 成员 >= 3", "count 成员 >= 3：>= 改为 >", "count 成员 >= 3：界限低 1",
             "count 成员 >= 3：界限高 1"],
        ),
        (
            "any 涉案 (伤情 不轻于 '重伤一级')",
            ["改为相反：不满足 any 涉案 (伤情 不轻于 '重伤一级')", "有一行涉案满足改为每一行涉案都满足",
             "改为相反：不满足 伤情 不轻于 '重伤一级'（即 死亡、重伤一级；重伤不能确定）",
             "伤情 不轻于 '重伤一级'：漏掉“死亡”", "伤情 不轻于 '重伤一级'：漏掉“重伤一级”",
             "伤情 不轻于 '重伤一级'：也算“重伤二级”"],
        ),
        (
            "户备注 contains any @急救词",
            ["改为相反：不满足 户备注 contains any @急救词", "户备注 contains any @急救词：漏掉“抢救”",
             "户备注 contains any @急救词：漏掉“住院”", "户备注 contains any @急救词：不看前面的“未”等字"],
        ),
        (
            "any 涉案 (执行到位率 < 参数.足额比例 and 案由 contains '诈骗罪')",
            ["改为相反：不满足 any 涉案 (执行到位率 < 参数.足额比例 and 案由 contains '诈骗罪')",
             "有一行涉案满足改为每一行涉案都满足",
             "“且”改为“或”：执行到位率 < 参数.足额比例 且 案由 contains '诈骗罪'",
             "漏掉条件：执行到位率 < 参数.足额比例", "改为相反：不满足 执行到位率 < 参数.足额比例",
             "执行到位率 < 参数.足额比例：< 改为 <=", "执行到位率 < 参数.足额比例：界限低 1个百分点",
             "执行到位率 < 参数.足额比例：界限高 1个百分点", "漏掉条件：案由 contains '诈骗罪'",
             "改为相反：不满足 案由 contains '诈骗罪'"],
        ),
    ],
)  # fmt: skip
def test_what_is_mutated(when: str, expected: list[str]) -> None:
    assert changes(when) == expected


@pytest.mark.parametrize(
    ("when", "absent"),
    [
        # 死亡 is excluded beside: to drop it from the set changes nothing
        ("any 涉案 (伤情 in ('死亡', '轻伤') and 伤情 <> '死亡')", "漏掉“死亡”"),
        # 轻伤 comes in by the other side anyway
        ("any 涉案 (伤情 in ('重伤二级', '重伤一级') or 伤情 in ('轻伤', '轻微伤'))", "也算“轻伤”"),
        # 受害 says it already
        ("any 涉案 (身份 contains '被害人' and 受害)", "漏掉条件：身份 contains '被害人'"),
        ("not 户享受低保 and not 困难", "漏掉条件：“户享受低保”不成立"),
    ],
)
def test_what_cannot_show_is_no_mutant(when: str, absent: str) -> None:
    assert not [c for c in changes(when) if absent in c]


def test_shared_definitions_are_one_word() -> None:
    inside = "伤情 in @重伤：漏掉“重伤一级”"
    assert inside in changes("any 涉案 (重害)")
    assert inside not in changes("any 涉案 (重害)", "any 涉案 (重害 and 有嫌疑人在逃)")
    both = {"A": "any 涉案 (重害)", "B": "any 涉案 (受害)"}
    own = checked(both["A"], others=(both["B"],))
    bodies = {i: opened(r.when, own.vocabulary) for i, r in own.rules.items()}
    assert owned_definitions(bodies, "A") == frozenset({("involvement", "重害")})


def test_computed_definitions_are_mutated_too() -> None:
    found = changes("any 成员 (父母皆失能)")
    assert "count 成员 of 父母 (失能) >= 2：>= 改为 >" in found
    assert "count 成员 of 父母 (失能) >= 2：界限低 1" in found


POOR = {"name": "穷", "户": {"人均纯收入": "4999元"}, "expect": "hit"}
AT = {"name": "正好", "户": {"人均纯收入": "5000元"}, "expect": "no_hit"}


def test_killed_and_survived() -> None:
    found = coverage(checked("人均纯收入 < 5000元", POOR), "A", AS_OF)
    assert (found.total, found.killed, round(found.share, 2)) == (4, 2, 0.5)  # 相反, 界限低
    assert [s.change for s in found.survivors] == ["人均纯收入 < 5000元：< 改为 <=", "人均纯收入 < 5000元：界限高 1元"]
    assert {s.test for s in found.survivors} == {
        "- {name: 人均纯收入5000元, like: 穷, 户: {人均纯收入: 5000元}, expect: no_hit}"
    }
    assert coverage(checked("人均纯收入 < 5000元", POOR, AT), "A", AS_OF).share == 1.0


def test_a_failing_test_kills_nothing() -> None:
    wrong = {**POOR, "expect": "no_hit"}
    assert coverages(checked("人均纯收入 < 5000元", wrong), ["A"], AS_OF, propose=False)[0].killed == 0
    assert coverages(checked("人均纯收入 < 5000元"), ["A"], AS_OF)[0].killed == 0


RULES = [
    ("any 涉案 (受害 and 伤情 in @重伤) and 人均纯收入 < 参数.收入线",
     {"涉案": [{"身份": ["被害人"], "伤情": "重伤一级"}], "户": {"人均纯收入": "5000元"}}),
    ("any 成员 (距今(出生日期) < 18岁 and 生存状态 = '在世')",
     {"成员": [{"出生日期": "2015-01-01", "生存状态": "在世"}]}),
    ("count 成员 (生存状态 = '在世') >= 2", {"成员": [{"生存状态": "在世"}, {"生存状态": "在世"}]}),
    ("any 涉案 (损失金额 - 已赔下限 > 户.家庭纯收入 * 0.5)",
     {"涉案": [{"损失金额": "60000元", "已赔下限": "0元"}], "户": {"家庭纯收入": "40000元"}}),
    ("any 涉案 (事件日期 > 户.识别监测时间 and 案情摘要 contains any @急救词)",
     {"涉案": [{"事件日期": "2025-05-01", "案情摘要": "抢救"}], "户": {"识别监测时间": "2025-01-01"}}),
    ("sum 救助.救助金额 >= 3万元 or 户享受低保 = 否",
     {"救助": [{"救助金额": "30000元"}], "户": {"户享受低保": "是"}}),
]  # fmt: skip


@pytest.mark.parametrize(("when", "rows"), RULES, ids=[when for when, _ in RULES])
def test_proposed_tests_pass_and_kill(when: str, rows: dict[str, Any]) -> None:
    """Round trip: with the proposals pasted in, all tests pass and what they were proposed for is killed."""
    base = {"name": "甲", **rows, "expect": "hit"}
    before = coverage(checked(when, base), "A", AS_OF)
    proposed = list(dict.fromkeys(s.test for s in before.survivors if s.test))
    pasted = [yaml.safe_load(text)[0] for text in proposed]
    after = checked(when, base, *map(_as_text, pasted))
    assert [r.detail for r in run_rule_tests(after, AS_OF) if not r.passed] == []
    found = coverage(after, "A", AS_OF)
    assert {s.change for s in found.survivors} == {s.change for s in before.survivors if not s.test}
    assert found.share >= 0.9, found.survivors


def _as_text(value: Any) -> Any:
    """YAML's own types back to words, as the pack reads them."""
    if isinstance(value, dict):
        return {k: _as_text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_as_text(v) for v in value]
    return value if isinstance(value, str) else str(value)


def test_holds_on_rows() -> None:
    own = hold("X", "损失金额 > 1000元", tests=({"name": "多", "涉案": [{"损失金额": "1001元"}], "expect": "hit"},))
    found, _ = check_pack(pack([], [own], options=OPTIONS))
    assert [s.change for s in coverage(found, "X", AS_OF).survivors] == [
        "损失金额 > 1000元：> 改为 >=", "损失金额 > 1000元：界限低 1元",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        coverage(found, "Y", AS_OF)


def test_a_test_with_its_own_day() -> None:
    child = {"name": "小", "成员": [{"出生日期": "2010-01-01"}], "as_of": "2027-06-01", "expect": "hit"}
    found = coverage(checked("any 成员 (年龄 < 18岁)", child), "A", AS_OF)
    assert found.killed >= 2


class Counted:
    """A connection that counts the statements it is sent."""

    n = 0

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con

    def __enter__(self) -> Counted:
        return self

    def __exit__(self, *_: object) -> None:
        self.con.close()

    def __getattr__(self, name: str) -> Any:
        Counted.n += name == "execute"
        return getattr(self.con, name)


def test_five_hundred_mutants(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wide conditions over many rows stay in a few queries: fewer by far than there are mutants or tests."""
    parts = [f"损失金额 >= {n}万元" for n in range(1, 43)] + [f"人均纯收入 < {n}元" for n in range(1, 43)]
    when = "any 涉案 (" + " or ".join(parts) + ")"
    tests = [{"name": f"t{n}", "涉案": [{"损失金额": f"{n}元"}], "户": {"人均纯收入": "1元"}, "expect": "hit"}
             for n in range(250)]  # fmt: skip
    own = checked(when, *tests)
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda *_: Counted(connect()))
    found = run_mutants(own, ["A"], AS_OF)
    assert len(found.trials["A"].mutants) > 400
    assert 0 < Counted.n < 40


def test_mutator_needs_no_pack_options() -> None:
    own = checked("户享受低保")
    body = own.rules["A"].when
    assert isinstance(body, t.IsTrue)
    assert [m.body for m in Mutator(own.vocabulary, dt.date(2026, 1, 1)).mutants(body)] == [t.Not(body)]


def test_shipped_rules_reach_the_share() -> None:
    own, _ = check_pack(load_pack())
    low = [c for c in coverages(own, propose=False) if c.share < ENOUGH]
    assert [(c.rule_id, [s.change for s in c.survivors]) for c in low] == []


def test_command(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "rules"))
    shown = run("rules", "test", "j01", "--mutate", "--rules", str(folder))
    assert shown.returncode == 1
    assert "- {name: " in shown.stdout and "不到 95% 的" in shown.stderr
    tables = [line for line in shown.stdout.splitlines() if not line.strip().startswith("- {")]
    assert max(map(columns, tables)) <= 80
    read = json.loads(run("rules", "test", "--mutate", "--rules", str(folder), "--json").stdout)
    assert {"rule", "title", "total", "killed", "share", "survivors"} == set(read[0])
    assert run("rules", "test", "J77", "--mutate", "--rules", str(folder)).returncode == 2


def test_share_of_nothing() -> None:
    assert Coverage("A", "a", 0, ()).share == 1.0
    assert replace(Coverage("A", "a", 4, ()), total=8).killed == 8
