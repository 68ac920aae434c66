"""A pack of another program ends in one message; what needs.yaml lists is enough to run with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tiny_county as county

from clue_engine.errors import ClueError
from clue_engine.pack.load import load_pack, read_pack
from clue_engine.pack.meta import PACK_FORMAT, _needs, check_fit, missing
from clue_engine.pack.model import Pack
from clue_engine.pipeline import Job, run
from clue_engine.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return county.write_pack(tmp_path / "pack")


def fields() -> dict[str, list[str]]:
    return {str(kind): list(map(str, names)) for kind, names in _needs()["records"].items()}


def stripped(pack: Pack) -> Pack:
    """The pack with nothing but what the program needs, and without rules."""
    needs, kept = _needs(), fields()
    targets = {f"{kind}.{name}" for kind, names in kept.items() for name in names}
    records = {
        kind: replace(one, fields=tuple(f for f in one.fields if f.name in kept[kind]), key=())
        for kind, one in pack.records.items()
    }
    sources = tuple(
        replace(
            source,
            columns=tuple(c for c in source.columns if set(c.fields) <= targets),
            persons=tuple(tuple(f for f in group if f in targets) for group in source.persons),
            constants={k: v for k, v in source.constants.items() if k in targets},
        )
        for source in pack.sources
    )
    options = {name: pack.options[name] for name in needs["options"]}
    for name in ("text_flags", "text_values"):
        options[name] = {key: pack.options[name][key] for key in needs[name]}
    parameters = {name: pack.parameters[name] for name in needs["parameters"]}
    relations = tuple(
        replace(r, fields=tuple(f for f in r.fields if f.name in needs["relations"][r.name]), definitions=())
        for r in pack.relations
    )
    return replace(
        pack, records=records, sources=sources, options=options, parameters=parameters, relations=relations,
        rules=(), holds=(),
    )  # fmt: skip


def test_what_is_listed_is_enough(folder: Path, tmp_path: Path) -> None:
    """A station that names another word of the pack stops here: list it in needs.yaml."""
    least = stripped(load_pack(folder))
    county.write(tmp_path / "in")
    with Workspace.open(tmp_path / "ws") as ws:
        run(ws, Job(least, [tmp_path / "in"], tmp_path / "out"))
        assert ws.rows("select count(*) from household_party")[0][0] > 0


def test_the_shipped_pack_fits() -> None:
    assert missing(load_pack()) == []


def test_each_missing_thing_is_named(folder: Path) -> None:
    pack = stripped(load_pack(folder))
    assert missing(pack) == []
    for kind, names in fields().items():
        for name in names:
            one = pack.records[kind]
            less = replace(one, fields=tuple(f for f in one.fields if f.name != name))
            assert missing(replace(pack, records={**pack.records, kind: less})) == [
                f"vocabulary/records.yaml 的 {kind}.{name}"
            ]
    for name in pack.options:
        assert len(missing(replace(pack, options={k: v for k, v in pack.options.items() if k != name}))) == 1
    for name in pack.parameters:
        assert missing(replace(pack, parameters={k: v for k, v in pack.parameters.items() if k != name})) == [
            f"参数“{name}”"
        ]
    with pytest.raises(ClueError, match=r"CE041 .* 等 \d+ 项"):
        check_fit(replace(pack, records={}, options={}))


@pytest.mark.parametrize("file", ["vocabulary/records.yaml", "pack.yaml"])
def test_a_pack_of_an_older_program(folder: Path, tmp_path: Path, file: str) -> None:
    """As the user meets it: one message, before anything is read; no list is written."""
    county.write(tmp_path / "in")
    lines = (folder / file).read_text(encoding="utf-8").splitlines(keepends=True)
    gone = {"vocabulary/records.yaml": "    charges_judged:", "pack.yaml": "  same_event_days:"}[file]
    (folder / file).write_text("".join(x for x in lines if not x.startswith(gone)), encoding="utf-8")
    source = folder / "sources"
    for path in source.glob("*.yaml"):
        text = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(x for x in text if "case.charges_judged" not in x), encoding="utf-8")
    for command in (
        ["run", tmp_path / "in", "--out", tmp_path / "out"],
        ["ingest", tmp_path / "in", "-w", tmp_path / "w"],
    ):
        result = county.clue_engine(*command, "--rules", folder)
        said = result.stderr.decode()
        assert result.returncode == 2 and said.count("CE041") == 1 and "CE-P00" not in said, said
        assert gone.strip(" :") in said and "clue-engine init" in said
    assert not list((tmp_path / "out").glob("*.csv"))


@pytest.mark.parametrize(("written", "says"), [("0", "init"), (str(PACK_FORMAT + 1), "升级程序"), ("新", "init")])
def test_another_format(folder: Path, written: str, says: str) -> None:
    path = folder / "pack.yaml"
    text = path.read_text(encoding="utf-8")
    assert f"format: {PACK_FORMAT}" in text
    path.write_text(text.replace(f"format: {PACK_FORMAT}", f"format: {written}\nunheard_of: 1"), encoding="utf-8")
    with pytest.raises(ClueError, match="CE040") as caught:
        read_pack(folder)
    assert says in caught.value.hint and caught.value.exit_code == 2
    assert county.clue_engine("rules", "check", "--rules", folder).stderr.decode().count("CE040") == 1


def test_a_pack_that_names_no_format_is_of_the_first(folder: Path) -> None:
    path = folder / "pack.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text("".join(x for x in text.splitlines(keepends=True) if not x.startswith("format")), encoding="utf-8")
    assert not [d for d in read_pack(folder)[1] if d.level == "error"]
