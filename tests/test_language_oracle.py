"""The evaluator and the plain-Python oracle agree on hit, no hit and unknown, with gaps, open links and holds.

And on which facts are missing, and which of them decide.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language.oracle import Oracle, Place, World
from language.oracle_missing import missing_facts
from language.random_rules import condition, definitions, row_condition, world
from language.small_pack import AS_OF, database, hold, pack, rule

from clue_engine.evaluate.station import evaluate_checked
from clue_engine.language.check_pack import CheckedPack, check_pack
from clue_engine.language.opened import opened

LEVEL = {True: 1, None: 2, False: 0}


def _oracle_world(con: Any, checked: CheckedPack, loaded: dict[str, bool]) -> World:
    rows = {}
    for relation in checked.pack.relations:
        cursor = con.execute(f"select * from {relation.table}")
        names = [d[0] for d in cursor.description]
        rows[relation.name] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return World(rows, con.execute("select * from fact_kin").fetchall(), loaded)


def _expected(checked: CheckedPack, whole: World) -> tuple[set[Any], set[Any], set[Any]]:
    """hit, lost_hit and missing_fact by the oracle."""
    hits, lost, missing = set(), set(), set()
    plain = Oracle(checked.vocabulary, AS_OF, whole)
    for direction in {r.rule.direction for r in checked.rules.values()}:
        dead: dict[str, set[Any]] = {}
        marked: dict[str, set[Any]] = {}
        for each in checked.holds.values():
            if each.hold.directions and direction not in each.hold.directions:
                continue
            name = each.relation.name
            for row in whole.rows[name]:
                home = row if name == "household" else plain.home(row)
                place_row = None if name == "household" else row
                verdict = plain.condition(each.when, Place(home, place_row))
                if verdict:
                    dead.setdefault(name, set()).add(row["row_id"])
                elif verdict is None and each.hold.unknown == "mark":
                    marked.setdefault(name, set()).add(row["row_id"])
        held = World(whole.rows, whole.kin, whole.loaded, dead, marked)
        oracle = Oracle(checked.vocabulary, AS_OF, held)
        for each_rule in checked.rules.values():
            if each_rule.rule.direction != direction:
                continue
            for home in whole.rows["household"]:
                a, s, m = (LEVEL[oracle.outcome(each_rule.when, home, v)] for v in "asm")
                key = (home["household_id"], each_rule.rule.id)
                gone = home["row_id"] in dead.get("household", ())
                if s and not gone:
                    doubt = home["row_id"] in marked.get("household", ())
                    hits.add((*key, s, s == 1 and (m != 1 or doubt)))
                elif a:
                    lost.add((*key, a))
                if s == 2 and not gone:
                    missing |= {(*key, *fact) for fact in _missing(oracle, each_rule.when, home)}
    return hits, lost, missing


def _missing(oracle: Oracle, when: Any, home: Any) -> set[tuple[Any, ...]]:
    """(relation, field, decides) of an unknown outcome."""
    oracle.variant = "s"
    body = opened(when, oracle.vocabulary)
    found = set()
    for relation, name in missing_facts(oracle, body, Place(home)):
        trials = [{"surely": relation}] if name is None else [{"assume": {(relation, name): v}} for v in (True, False)]
        decides = False
        for trial in trials:
            told = Oracle(oracle.vocabulary, AS_OF, oracle.world, "s", cache=oracle.cache, **trial)
            decides = decides or told.outcome(body, home, "s") is True
        found.add((relation, name, decides))
    return found


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**9))
def test_sql_and_oracle_agree(seed: int) -> None:
    check_seed(seed)


def check_seed(seed: int) -> None:
    r = Random(seed)
    more = definitions(r)
    rules = [rule(f"R{i:02}", condition(r), r.choice(("甲", "乙"))) for i in range(10)]
    rules += [
        rule("D1", "随机户"),
        rule("D2", "any 成员 (随机人)"),
        rule("D3", "any 涉案 (随机案)"),
        rule("D4", "随机数 >= 1"),
    ]
    rules += [rule("D5", "none 涉案 (随机再)"), rule("D6", "any 涉案 (not 随机再)")]
    holds = [
        hold("X1", row_condition(r), unknown="mark", directions=("甲",), not_loaded="unknown"),
        hold("X2", row_condition(r), directions=r.choice(((), ("乙",)))),
        hold("X3", "监测对象类别 = '未纳入'", "户", directions=("乙",), unknown=r.choice(("mark", "keep"))),
    ]
    checked, problems = check_pack(pack(rules, holds[: r.randint(0, 3)], more, region=r.choice(("", "330100"))))
    errors = [f"{d.code} {d.message} | {d.hint}" for d in problems if d.level == "error"]
    assert not errors, errors
    rows, kin = world(r)
    unloaded = [n for n in ("member", "involvement", "aid") if r.random() < 0.1]
    for name in unloaded:
        rows[name] = []
    con = database(rows, unloaded, kin)
    evaluate_checked(con, checked, AS_OF)
    failed = con.execute("select rule_id, error from rule_run where error is not null").fetchall()
    assert not failed, failed
    loaded = {n: n not in unloaded for n in rows}
    hits, lost, missing = _expected(checked, _oracle_world(con, checked, loaded))
    texts = {x.rule.id: x.rule.when for x in checked.rules.values()}
    got = set(con.execute("select household_id, rule_id, outcome, pending from hit").fetchall())
    wrong = sorted(got ^ hits, key=str)
    assert not wrong, [(w, w in hits, texts[w[1]]) for w in wrong[:4]] + [more]
    got_lost = set(con.execute("select household_id, rule_id, outcome from lost_hit").fetchall())
    wrong = sorted(got_lost ^ lost, key=str)
    assert not wrong, [(w, w in lost, texts[w[1]]) for w in wrong[:4]]
    got_missing = set(
        con.execute("select household_id, rule_id, relation, field, decides from missing_fact").fetchall()
    )
    wrong = sorted(got_missing ^ missing, key=str)
    assert not wrong, [(w, w in missing, texts[w[1]]) for w in wrong[:4]] + [more]
    con.close()
