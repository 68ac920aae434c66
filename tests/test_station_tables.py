"""What stations make of small worlds, case by case from tests/stations/*.yaml. A new case needs no Python.

A case: ``records`` (kind -> rows), ``decide`` (what people decide about a party, one after the other: the number of
the candidate's household, or none), ``expect``: table -> person or household -> the columns of its row, the rows, or
nothing. All cases of a file stand in one workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from clue_engine.canonical import canonicalise
from clue_engine.workspace import Workspace
from tests.case_worlds import CaseWorld, worlds
from tests.record_world import up_to_facts, up_to_link

TABLES = Path(__file__).parent / "stations"
Placed = dict[str, tuple[CaseWorld, int]]


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((TABLES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert len({case["name"] for case in found}) == len(found)
    return found


def up_to_canonical(ws: Workspace) -> None:
    canonicalise(ws, same_event_days=365)


CANONICAL, LINK, FACTS = cases("canonical"), cases("link"), cases("facts")


def place(folder: Path, table: list[dict[str, Any]], run: Callable[[Workspace], None]) -> Placed:
    found = worlds(folder, table, lambda case: case["records"], run)
    return {case["name"]: (world, number) for case, world, number in found}


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Placed:
    return place(tmp_path_factory.mktemp("canonical"), CANONICAL, up_to_canonical)


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Placed:
    return place(tmp_path_factory.mktemp("link"), LINK, up_to_link)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Placed:
    return place(tmp_path_factory.mktemp("facts"), FACTS, up_to_facts)


@pytest.mark.parametrize("case", CANONICAL, ids=[c["name"] for c in CANONICAL])
def test_canonical(case: Mapping[str, Any], canonical: Placed) -> None:
    check(case, *canonical[case["name"]])


@pytest.mark.parametrize("case", LINK, ids=[c["name"] for c in LINK])
def test_link(case: Mapping[str, Any], linked: Placed) -> None:
    check(case, *linked[case["name"]])


@pytest.mark.parametrize("case", FACTS, ids=[c["name"] for c in FACTS])
def test_facts(case: Mapping[str, Any], facts: Placed) -> None:
    check(case, *facts[case["name"]])


def check(case: Mapping[str, Any], world: CaseWorld, number: int) -> None:
    for table, expected in case["expect"].items():
        found = world.rows(number, table)
        for who, wanted in expected.items():
            rows = [] if wanted is None else wanted if isinstance(wanted, list) else [wanted]
            columns = list(dict.fromkeys(column for row in rows for column in row))
            said = [{column: row[column] for column in columns} for row in found.get(who, [])]
            assert sorted(said, key=str) == sorted(rows, key=str), f"{table} {who}"
