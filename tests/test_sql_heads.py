"""What the head of an .sql file says it reads and writes is what its statements read and write.

Whoever looks for the maker of a table, or for all who need it, reads heads; a table that only one file knows about
(temporary) need not be named.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

import clue_engine
from clue_engine.canonical import canonicalise
from tests.record_world import record_world, up_to_facts, up_to_link

PACKAGE = Path(clue_engine.__file__).parent
ROOMS = ("canonical", "link", "involvement", "clue", "export")
FILES = sorted(path for room in ROOMS for path in (PACKAGE / room).glob("*.sql"))
IDS = [f"{path.parent.name}/{path.name}" for path in FILES]
_SEVERAL = ("facts.sql",)  # small fact tables that are made of the same few
_MADE = re.compile(r"create or replace (temp )?(?:table|view) (\w+)")
_CHANGED = re.compile(r"(?:insert into|delete from|(?m:^update)) (\w+)")
_READ = re.compile(r"(?<!delete )(?<!distinct )\b(?:from|join) (?:recurring\.)?([a-z_]\w*)")
_CTE = re.compile(r"(?:\bwith (?:recursive )?|\),\s+)(\w+)(?: \([^)]*\) using key \([^)]*\))? as \(")


def said(path: Path) -> tuple[set[str], set[str]]:
    """The names after reads and after writes in the first comment; what stands in brackets explains."""
    head = path.read_text(encoding="utf-8").split("\n\n")[0]
    lines = [line.removeprefix("-- ") for line in head.splitlines() if line.startswith("-- ")]
    text = re.sub(r"\([^()]*\)|,? variables? [^.;]*", "", " ".join(lines))
    found = re.search(r"\b[Rr]eads ([^;.]*)[;.] [Ww]rites ([^;.]*)[;.]", text)
    assert found, f"{path.name}: its head does not say “reads …; writes ….”"
    reads, writes = (set(re.findall(r"[a-z]\w*", part)) - {"and", "temporary", "nothing"} for part in found.groups())
    return reads, writes


def done(path: Path) -> tuple[set[str], set[str], set[str]]:
    """What the statements read from elsewhere, write to stay, and write for a while."""
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    made = {name: bool(temp) for temp, name in _MADE.findall(text)}
    read = set(_READ.findall(text)) - set(_CTE.findall(text)) - set(made)
    scratch = {name for name, temp in made.items() if temp}
    return read, (set(made) | set(_CHANGED.findall(text))) - scratch, scratch


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_head_is_true(path: Path) -> None:
    reads, writes = said(path)
    read, kept, scratch = done(path)
    assert reads == read
    assert kept <= writes <= kept | scratch


@pytest.mark.parametrize("path", [path for path in FILES if path.parent.name not in ("clue", "export")])
def test_a_file_is_named_after_a_table_that_it_writes(path: Path) -> None:
    if path.name not in _SEVERAL:
        assert path.stem in said(path)[1]


@pytest.mark.parametrize("room", ROOMS)
def test_who_makes_a_temporary_table_for_another_file_says_so(room: str) -> None:
    files = [path for path in FILES if path.parent.name == room]
    makers = {name: path for path in files for name in done(path)[2]}
    for path in files:
        for name in done(path)[0] & set(makers):
            assert name in said(makers[name])[1], f"{makers[name].name} does not say that it writes {name}"


def test_no_temporary_table_hides_another() -> None:
    kept = {name for path in FILES for name in done(path)[1]}
    for path in FILES:
        assert not done(path)[2] & kept


def test_no_temporary_table_outlives_its_station(tmp_path: Path) -> None:
    temporary = "select table_name from duckdb_tables() where temporary union all select view_name from duckdb_views()"
    records = {"registry": [{"household_no": "H1", "name": "张三"}], "victim": [{"case_no": "A1", "name": "张三"}]}
    with record_world(tmp_path, records) as ws:
        for station in (partial(canonicalise, same_event_days=365), up_to_link, up_to_facts):
            station(ws)
            assert ws.rows(f"{temporary} where temporary and not internal") == []


def test_a_false_head_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.sql"
    path.write_text(
        "-- a: all. reads b (why; not. now), c; writes a.\n\ncreate or replace table a as\n"
        "with d as (\n    select * from b\n),\n\ne as (\n    from d\n)\n\nfrom e inner join f using (x);\n"
        "insert into issue from e;\ncreate or replace temp table g as from a;\ndrop table g;\n",
        encoding="utf-8",
    )
    assert said(path) == ({"b", "c"}, {"a"})
    assert done(path) == ({"b", "f"}, {"a", "issue"}, {"g"})
