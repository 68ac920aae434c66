"""What the logic says of random conditions holds on random rows: never true, always true, superfluous."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from language.random_rules import CASE_ATOMS, HOME_ATOMS, MEMBER_ATOMS, SAID, world
from language.small_pack import AS_OF, database, pack, rule, text

from clue_engine.evaluate.station import evaluate_checked
from clue_engine.language.lints import check_all


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


@pytest.mark.parametrize("seed", range(6))
def test_claims_hold(seed: int) -> None:
    r = Random(seed)
    texts = [each for _ in range(40) for each in pair(r)]
    named = {f"R{n:03d}": each for n, each in enumerate(texts)}
    checked, problems = check_all(pack([replace(rule(n, w), when=text(w, f"{n}.yaml")) for n, w in named.items()]))
    problems = [p for p in problems if p.code in ("CE411", "CE412", "CE413")]
    assert len(checked.rules) == len(texts)
    rows, kin = world(r, households=60)
    con = database(rows, (), kin)
    evaluate_checked(con, checked, AS_OF)
    outcome = {name: {1: set(), 2: set()} for name in checked.rules}
    for household, name, level in con.execute("select household_id, rule_id, outcome from hit").fetchall():
        outcome[name][level].add(household)
    everybody = set(range(1, 61))
    claims = 0
    for each in problems:
        name = each.mark.file.removesuffix(".yaml")
        when = named[name]
        if each.level == "error":  # none 成员 (what is never true) is always true
            claims += 1
            possible = outcome[name][1] | outcome[name][2]
            never = each.code == "CE411" and not when.startswith("none")
            assert outcome[name][1] == set() if never else outcome[name][1] == set() or possible == everybody, when
        if each.code == "CE413" and each.mark.column > 0:
            claims += 1
            assert outcome[name] in (outcome[_next(name, 1)], outcome[_next(name, 2)]), when
    assert claims > 1
    con.close()


def _next(name: str, n: int) -> str:
    """The rule that has one of the two parts alone."""
    return f"R{int(name[1:]) + n:03d}"
