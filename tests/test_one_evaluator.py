"""What decides a condition is one thing: broken anywhere, the shipped pack's own tests say so, as does a scan.

Each break is made where the scan computes it; ``rules test`` fails, so it runs the same code and not a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from language.small_pack import AS_OF, database, hold, pack, rule

from clue_engine.decide import columns, holds, verdicts
from clue_engine.decide.columns import Read, Table, Texts
from clue_engine.decide.rule_tests import run_rule_tests
from clue_engine.decide.verdicts import Verdicts
from clue_engine.evaluate.station import evaluate_checked
from clue_engine.language import compile as compiled
from clue_engine.language import types as t
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.compile import Compiler
from clue_engine.pack.load import load_pack

Patch = pytest.MonkeyPatch
SHIPPED, _ = check_pack(load_pack())


def computed(change: Callable[[Verdicts, t.Bool, tuple[Any, ...]], Any]) -> Callable[[Patch], None]:
    """Break what one kind of node comes to; ``change`` returns None for the others."""
    right = Verdicts._computed

    def wrong(self: Verdicts, body: t.Bool, *more: Any) -> Any:
        found = change(self, body, more)
        return right(self, body, *more) if found is None else found

    return lambda patch: patch.setattr(Verdicts, "_computed", wrong)


def no_negation(self: Verdicts, body: t.Bool, more: tuple[Any, ...]) -> Any:
    return self.at(body.body, *more) if isinstance(body, t.Not) else None


def and_is_or(self: Verdicts, body: t.Bool, more: tuple[Any, ...]) -> Any:
    return np.max([self.at(p, *more) for p in body.parts], axis=0) if isinstance(body, t.And) else None


def or_is_and(self: Verdicts, body: t.Bool, more: tuple[Any, ...]) -> Any:
    return np.min([self.at(p, *more) for p in body.parts], axis=0) if isinstance(body, t.Or) else None


def no_other_side(self: Verdicts, body: t.Bool, more: tuple[Any, ...]) -> Any:
    return self.at(body.yes, *more) if isinstance(body, t.TwoSided) else None


def any_is_none(self: Verdicts, body: t.Bool, more: tuple[Any, ...]) -> Any:
    at, *rest = more
    return -self._quantified(body, at.variant, *rest) if isinstance(body, t.Quant) and body.kind == "any" else None


def comparison(patch: Patch) -> None:
    patch.setattr(compiled, "compare", lambda *_: "false")


def boundary(patch: Patch) -> None:
    right, shifted = compiled.compare, {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
    patch.setattr(compiled, "compare", lambda op, a, b: right(shifted.get(op, op), a, b))


def every_test(patch: Patch) -> None:
    right = Table.verdict
    patch.setattr(Table, "verdict", lambda self, column: -right(self, column))


def members(patch: Patch) -> None:
    patch.setattr(Compiler, "_in", lambda *_: "false")


def count(patch: Patch) -> None:
    right = Verdicts.count
    patch.setattr(Verdicts, "count", lambda self, *rows: right(self, *rows) + 1)


def count_boundary(patch: Patch) -> None:
    right = verdicts.compare
    patch.setattr(verdicts, "compare", lambda op, a, b: right({">=": ">", "<=": "<"}.get(op, op), a, b))


def hold_reversed(patch: Patch) -> None:
    right = holds._said
    patch.setattr(holds, "_said", lambda *of: -right(*of))


def missing_is_no(patch: Patch) -> None:
    right = columns.verdict
    patch.setattr(columns, "verdict", lambda read: np.where(right(read) == 0, np.int8(-1), right(read)))


def applies_always(patch: Patch) -> None:
    patch.setattr(Texts, "not_applicable", lambda *_: None)


def nobody_unidentified(patch: Patch) -> None:
    patch.setattr(Read, "extra", lambda self, _: np.zeros(len(self.ids)))


BREAKS: dict[str, Callable[[Patch], None]] = {
    "comparison": comparison,
    "boundary": boundary,
    "every test": every_test,
    "members": members,
    "negation": computed(no_negation),
    "and": computed(and_is_or),
    "or": computed(or_is_and),
    "two-sided": computed(no_other_side),
    "quantifier": computed(any_is_none),
    "count": count,
    "count's boundary": count_boundary,
    "hold": hold_reversed,
    "missing": missing_is_no,
    "not applicable": applies_always,
    "open link": nobody_unidentified,
}


def test_unbroken() -> None:
    assert [r for r in run_rule_tests(SHIPPED) if not r.passed] == []


@pytest.mark.parametrize("name", BREAKS)
def test_rule_tests_notice(name: str, monkeypatch: Patch) -> None:
    BREAKS[name](monkeypatch)
    assert [r for r in run_rule_tests(SHIPPED) if not r.passed]


WORLD: dict[str, list[dict[str, Any]]] = {
    "household": [{"household_id": n, "income_pc": 5000.0 * n, "kind": "未纳入", "removed": True} for n in (1, 2, 3)],
    "member": [
        {"household_id": 1, "person_id": 11, "alive": "在世", "wage": 3000.0, "works": False},
        {"household_id": 2, "person_id": 21, "alive": "死亡", "wage": 3000.0, "works": True},
        {"household_id": 2, "person_id": 22, "alive": None, "birth": None},
    ],
    "involvement": [
        {"household_id": 1, "person_id": 11, "roles": ["被害人"], "harm": "重伤二级", "due": 100.0, "low": 95.0},
        {"household_id": 2, "person_id": 21, "roles": ["嫌疑人"], "harm": "死亡", "loss": 5000.0},
        {"household_id": 3, "person_id": 31, "roles": ["被害人"], "harm": None, "loss": 5e3, "due": 1e2, "high": 1e1},
    ],
}  # fmt: skip
CONDITIONS = (
    "人均纯收入 < 1万元", "人均纯收入 <= 1万元 and not 监测对象类别 = '未纳入'", "any 涉案 (伤情 in @重伤)",
    "count 成员 (生存状态 = '在世') >= 1", "any 涉案 (伤情 = '死亡' or 已足额)", "any 成员 (务工月收入 > 2000元)",
    "any 涉案 (损失金额 > 1000元 and 受害)", "any 成员 (父母皆失能)",
)  # fmt: skip


def scanned(own: CheckedPack) -> list[Any]:
    with database(WORLD) as con:
        evaluate_checked(con, own, AS_OF)
        tables = ("hit", "lost_hit", "hold_row", "missing_fact")
        return [con.execute(f"from {name} order by all").fetchall() for name in tables]


@pytest.mark.parametrize("name", BREAKS)
def test_a_scan_goes_wrong_with_them(name: str, monkeypatch: Patch) -> None:
    rules = [rule(f"R{n}", when) for n, when in enumerate(CONDITIONS)]
    own, found = check_pack(pack(rules, [hold("X", "已足额", unknown="mark")]))
    assert not [d for d in found if d.level == "error"]
    right = scanned(own)
    BREAKS[name](monkeypatch)
    assert scanned(own) != right
