"""The floors of the house: imports point down, stations never import each other, no modules in a circle."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import clue_engine

PACKAGE = Path(clue_engine.__file__).parent
STATIONS = ("ingest", "canonical", "link", "involvement", "evaluate", "clue", "export")
FLOOR = {
    "bug_log": 0,
    "errors": 0,
    "staging": 0,
    "values": 0,
    "workspace": 1,
    "pack": 2,
    "ledger": 2,
    "office": 1,
    "language": 3,
    "decide": 4,
    **dict.fromkeys(STATIONS, 5),
    "pipeline": 6,
    "enquiry": 6,
    "feedback": 6,
    "api": 7,
    "cli": 7,
    "__init__": 8,
    "__main__": 8,
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """The rooms of our own that a module imports, wherever the import stands."""
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        rooms |= {n.split(".")[1] for n in names if n.startswith("clue_engine.")}
    return {r for r in rooms if r in FLOOR}


@pytest.mark.parametrize("path", MODULES, ids=[str(p.relative_to(PACKAGE)) for p in MODULES])
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    for other in imported_rooms(path) - {here}:
        assert FLOOR[other] < FLOOR[here], f"{here} imports {other}"


def test_no_modules_in_a_circle() -> None:
    """An import inside a function or for types alone counts too: it shows that a thing lies on the wrong floor."""
    named = {
        ".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): p for p in MODULES
    }
    graph: dict[str, set[str]] = {}
    for name, path in named.items():
        nodes = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.ImportFrom)]
        asked = {(n.module or "", alias.name) for n in nodes for alias in n.names}
        found = {f"{module}.{word}" if f"{module}.{word}" in named else module for module, word in asked}
        graph[name] = (found & set(named)) - {name}
    assert len(list(TopologicalSorter(graph).static_order())) == len(named)


def test_every_room_has_a_floor() -> None:
    assert {room(p) for p in MODULES} <= set(FLOOR)


@pytest.mark.parametrize("path", MODULES, ids=[str(p.relative_to(PACKAGE)) for p in MODULES])
def test_no_file_grows_beyond_a_sitting(path: Path) -> None:
    """One subject may need 500 lines; it was 400, and one class was cut in three for it."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500
