"""Whatever stands in a rule file: it ends in a pack or in diagnostics, never in another exception."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language.example_pack import RULE, ExamplePack, rule_text
from language.random_rules import condition
from language.small_pack import pack, rule

from clue_engine.language.lints import check_all
from clue_engine.pack.pages import pages
from clue_engine.pack.render import as_values, render_all

HERE = Path(__file__).parent / "language"
TOKENS = [t for line in (HERE / "tokens.txt").read_text(encoding="utf-8").splitlines() for t in line.split()]
LINES = (HERE / "lines.txt").read_text(encoding="utf-8").splitlines()
CONDITIONS = st.lists(st.sampled_from([*TOKENS, "\x00", "\u200b", "\n"]), max_size=14).map(" ".join)
FILES = st.one_of(
    st.text(max_size=80),
    st.binary(max_size=80),
    CONDITIONS.map(rule_text),
    st.lists(st.sampled_from([*LINES, "\tx: 1"]), max_size=10).map("\n".join),
)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> ExamplePack:
    return ExamplePack(tmp_path_factory.mktemp("any"))


@given(FILES)
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_ends_in_a_pack_or_in_diagnostics(example: ExamplePack, content: str | bytes) -> None:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    found = example.said({RULE: data})
    render_all(found)
    json.dumps([as_values(d) for d in found])
    assert all(d.code in pages() and d.message and d.mark.line >= 1 and d.mark.column >= 1 for d in found)


@pytest.mark.parametrize("seed", range(5))
def test_random_conditions_are_linted(seed: int) -> None:
    """Well-typed conditions of every kind go through all lints; what they say is of the logic family."""
    r = Random(seed)
    rules = [rule(f"R{n}", condition(r)) for n in range(40)]
    checked, problems = check_all(pack(rules))
    assert set(checked.rules) == {each.id for each in rules}
    assert {p.code for p in problems} <= {
        "CE107",
        "CE305",
        "CE411",
        "CE412",
        "CE413",
        "CE416",
        "CE421",
        "CE422",
        "CE423",
    }
