"""What the logic says of random conditions holds on random rows: never true, always true, implied, superfluous."""

from __future__ import annotations

from random import Random

import pytest
from language.random_rules import CASE_ATOMS, HOME_ATOMS, MEMBER_ATOMS, SAID, world
from language.small_pack import AS_OF, database, pack, rule

from clue_engine.evaluate.station import evaluate_checked
from clue_engine.language.between_rules import implied_bodies
from clue_engine.language.check_pack import check_pack
from clue_engine.language.formula import Translator
from clue_engine.language.logic import FALSE, TRUE, Space, Spent


def pair(r: Random) -> tuple[str, str, str]:
    """Two tests of one relation joined, and each alone; often on the same field."""
    head, atoms = r.choice(
        (("any 涉案", CASE_ATOMS), ("any 成员", MEMBER_ATOMS), ("none 成员", MEMBER_ATOMS), ("", HOME_ATOMS))
    )
    usable = [a for a in atoms if not a.startswith(SAID)]
    first = r.choice(usable)
    alike = [a for a in usable if a[:2] == first[:2]]
    second = r.choice(alike if r.random() < 0.7 else usable)
    first, second = (f"not ({a})" if r.random() < 0.3 else a for a in (first, second))
    joint = r.choice(("and", "or"))
    texts = (f"({first}) {joint} ({second})", first, second)
    return tuple(f"{head} ({t})" if head else t for t in texts)  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(3))
def test_claims_hold(seed: int) -> None:
    r = Random(seed)
    texts = [text for _ in range(14) for text in pair(r)]
    checked, problems = check_pack(pack([rule(f"R{n:03d}", text) for n, text in enumerate(texts)]))
    assert [p for p in problems if p.level == "error"] == []
    rows, kin = world(r, households=60)
    con = database(rows, (), kin)
    evaluate_checked(con, checked, AS_OF)
    outcome = {name: {1: set(), 2: set()} for name in checked.rules}
    for household, name, level in con.execute("select household_id, rule_id, outcome from hit").fetchall():
        outcome[name][level].add(household)
    everybody = set(range(1, 61))
    space = Space(checked.vocabulary.codes)
    translator = Translator(space)
    nodes = {name: translator.formula(each.when) for name, each in checked.rules.items()}
    space.freeze()
    implied_bodies(space)
    claims = 0

    def never(node: int, want: int) -> bool:
        try:
            return space.possible(node, want) is None
        except Spent:
            return False

    for name, node in nodes.items():
        if never(node, TRUE):
            claims += 1
            assert outcome[name][1] == set(), checked.rules[name].rule.when
        if never(node, FALSE):
            claims += 1
            assert outcome[name][1] | outcome[name][2] == everybody, checked.rules[name].rule.when
        for other, wide in nodes.items():
            if node != wide and space.related(node, wide) and never(space.node("two", (wide, node)), FALSE):
                claims += 1
                both = (checked.rules[name].rule.when, checked.rules[other].rule.when)
                assert outcome[name][1] <= outcome[other][1], both
            if node == wide:
                assert outcome[name] == outcome[other]
    assert claims > 5
    con.close()
