"""Tests for a condition that has none yet: rows that make it hit, that do not, and that leave it open.

Comes in: a rule as written and its pack. Goes out: up to three tests in words. Rows are guessed from the typed tree;
what is given back was run on the production path and came out as it says, so a guess is never passed off as a test.
Where none was found, a skeleton says which fields the test has to be about.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clue_engine.decide.cases import with_test_parameters
from clue_engine.decide.rule_tests import run_rule_tests
from clue_engine.enquiry.guess import Guess, Key, Rows
from clue_engine.language import types as t
from clue_engine.language.check_pack import check_pack
from clue_engine.language.given import KIN, MISSING, PERSON, WHO, day
from clue_engine.language.opened import opened
from clue_engine.language.vocabulary import HOUSEHOLD
from clue_engine.pack.model import Pack, Rule

_VALUE = "值"


def propose(pack: Pack, rule: Rule) -> tuple[Mapping[str, Any], ...]:
    """Tests of the outcomes hit, no_hit, unknown, as far as they could be found."""
    checked = with_test_parameters(check_pack(replace(pack, rules=(replace(rule, tests=()),), holds=()))[0])
    found = checked.rules.get(rule.id)
    if found is None:
        return ()
    guess = Guess(checked, day(pack.options.get("test_as_of", "")) or dt.date(2026, 1, 1))
    ways = guess.ways(found.when, True)
    defaults = pack.options.get("test_defaults") or {}
    hits = [_test("命中", _unusual(rows, defaults), "hit") for rows in ways]
    hit = _first(pack, rule, (), hits)
    if hit is None:
        return ()
    base = ways[hits.index(hit)]
    tests = [hit]
    misses = []
    for rows in guess.ways(found.when, False):
        changed = {k: v for k, v in rows.items() if base.get(k) != v and k[0] != KIN}
        misses += [_like(f"{_shown(k)}不符", {k: v}, "no_hit") for k, v in changed.items() if k in base]
        misses += [_like("不符", changed, "no_hit")] if changed else []
    misses += [_test("不符", _fewer(base), "no_hit")]
    opens = [
        _like(f"{_shown(k)}不详", {k: MISSING}, "unknown", missing=[k[1]])
        for k in base
        if k[1] != PERSON and k[0] != KIN
    ]
    opens += [{k: v for k, v in test.items() if k != "missing"} for test in opens]
    for candidates in (misses, opens):
        # first what the author wrote himself
        candidates.sort(key=lambda test: test["name"][:-2] not in rule.when or test["name"] == "不符")
        one = _first(pack, rule, (hit,), candidates)
        tests += [one] if one is not None else []
    return tuple(tests)


def skeleton(pack: Pack, rule: Rule, expect: str) -> dict[str, Any]:
    """A test to be filled in: every field that the condition looks at, with “值” where the author has to say it."""
    checked, _ = check_pack(replace(pack, rules=(replace(rule, tests=()),), holds=()))
    found = checked.rules.get(rule.id)
    if found is None:
        return {}
    named: dict[str, dict[str, str]] = {}
    todo, seen = [opened(found.when, checked.vocabulary)], set()
    while todo:
        for node in t.walk(todo.pop()):
            if isinstance(node, t.Quant) and node.body is not None:
                named.setdefault(node.relation.label, {})
                todo.append(opened(node.body, checked.vocabulary))
            elif isinstance(node, t.DefBool) and t.fact_key(node) not in seen:
                seen.add(t.fact_key(node))
                own = checked.definitions[node.relation.name, node.definition.label].body
                todo += [opened(own, checked.vocabulary)] if own is not None else []
            elif isinstance(node, t.Test | t.InSet | t.Contains | t.IsTrue | t.Known):
                for ref in t.atom_refs(node):
                    if isinstance(ref, t.FieldRef):
                        named.setdefault(ref.relation.label, {})[ref.field.label] = _VALUE
    words = {"hit": "命中", "no_hit": "不符", "unknown": "不详"}
    rows = {r: own if r == HOUSEHOLD else [own] for r, own in named.items()}
    return {"name": words[expect], **rows, "expect": expect}


def _first(
    pack: Pack, rule: Rule, fixed: tuple[Mapping[str, Any], ...], candidates: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """The first candidate that passes. All run at once, under names of their own."""
    tried = [{**test, "name": f"试 {n}"} for n, test in enumerate(candidates)]
    if not tried:
        return None
    alone = replace(pack, rules=(replace(rule, tests=(*fixed, *tried)),), holds=())
    passed = {r.name for r in run_rule_tests(alone) if r.passed}
    return next((test for test, own in zip(candidates, tried, strict=True) if own["name"] in passed), None)


def _test(name: str, rows: Rows, expect: str) -> dict[str, Any]:
    """A whole test: rows in order, lines of kin behind them."""
    test: dict[str, Any] = {"name": name}
    numbers = {row: n for n, row in enumerate(sorted({k[0] for k in rows}))}
    kin: dict[str, dict[str, Any]] = {}
    for (row, field), value in sorted(rows.items(), key=lambda item: numbers[item[0][0]]):
        relation, _, number = row.partition(".")
        if row == KIN:
            who, link = field.split(" ")
            kin.setdefault(who, {WHO: who})[link] = value if len(value) > 1 else value[0]
        elif row == HOUSEHOLD:
            test.setdefault(row, {})[field] = value
        else:
            own = test.setdefault(relation, [])
            while len(own) <= int(number):
                own.append({})
            own[int(number)][field] = value
    return {**test, **({KIN: list(kin.values())} if kin else {}), "expect": expect}


def _unusual(rows: Rows, defaults: Mapping[str, Any]) -> Rows:
    """What the tests of this pack do not take for granted; of every row at least one field."""
    kept = {k: v for k, v in rows.items() if (defaults.get(k[0].split(".")[0]) or {}).get(k[1]) != v}
    there = {k[0] for k in kept}
    for key, value in rows.items():
        if key[0] not in there and key[0] != HOUSEHOLD:
            there.add(key[0])
            kept[key] = value
    return kept or rows


def _fewer(rows: Rows) -> Rows:
    """The same without the last row of the relation that has most."""
    last = max((k[0] for k in rows if "." in k[0]), key=lambda row: int(row.split(".")[1]), default="")
    return {k: v for k, v in rows.items() if k[0] not in (last, KIN)}


def _like(name: str, rows: Rows, expect: str, **more: Any) -> dict[str, Any]:
    test: dict[str, Any] = {"name": name, "like": "命中"}
    for (row, field), value in rows.items():
        test.setdefault(row, {})[field] = value
    return {**test, "expect": expect, **more}


def _shown(key: Key) -> str:
    return key[1]
