"""Case rows that hang together by any chain of keys are one event: the recursion against a plain union of sets."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest

from clue_engine.workspace import Workspace

Nodes = list[tuple[int, str]]


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace.open(tmp_path_factory.mktemp("labels")) as ws:
        yield ws


def labels(ws: Workspace, n_rows: int, nodes: Nodes) -> dict[int, int]:
    ws.con.execute(f"create or replace temp table event_row as select range + 1 as label from range({n_rows})")
    ws.con.execute("create or replace temp table event_node (label bigint, node varchar)")
    if nodes:
        ws.con.executemany("insert into event_node values (?, ?)", nodes)
    ws.run_sql_file("clue_engine.canonical", "event_label.sql")
    return dict(ws.rows("select label, root from event_label"))


def united(n_rows: int, nodes: Nodes) -> dict[int, int]:
    """Row -> the smallest row of its set."""
    sets = {label: {label} for label in range(1, n_rows + 1)}
    first: dict[str, int] = {}
    for label, node in nodes:
        whole = sets[label] | sets[first.setdefault(node, label)]
        for each in whole:
            sets[each] = whole
    return {label: min(own) for label, own in sets.items()}


@pytest.mark.parametrize("seed", range(8))
def test_rows_are_united_by_any_chain_of_keys(seed: int, ws: Workspace) -> None:
    draw = random.Random(seed)
    n_keys = draw.choice((20, 40, 60))
    nodes = [(draw.randint(1, 60), f"C:{draw.randint(1, n_keys)}") for _ in range(draw.choice((20, 50, 80)))]
    found = labels(ws, 60, nodes)
    assert found == united(60, nodes)
    assert len(set(found.values())) > 1


def test_a_long_chain_in_any_order_is_one_event(ws: Workspace) -> None:
    rows = list(range(1, 41))
    random.Random(1).shuffle(rows)
    nodes = [(row, f"U:{link}") for link, pair in enumerate(pairwise(rows)) for row in pair]
    assert set(labels(ws, 40, nodes).values()) == {1}


def test_rows_without_a_key_stand_alone(ws: Workspace) -> None:
    assert labels(ws, 3, []) == {1: 1, 2: 2, 3: 3}
    assert labels(ws, 0, []) == {}
