"""What a person typed into a list is not written over: refused before anything is done, with the command that works."""
# ruff: noqa: F811 -- fixtures of test_export

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import clue_world as world
import openpyxl
import pytest
import tiny_county as county
from test_export import out, ws  # noqa: F401

from clue_engine import staging
from clue_engine.errors import ClueError
from clue_engine.export import export_clues
from clue_engine.export.tables import indented
from clue_engine.export.written import RUN, STAGE, changed, check_unchanged, hashes, keep_copy, output_names
from clue_engine.workspace import Workspace


def fill(heading: str, sheet: str | None = None, row: int = 5) -> Callable[[Path], None]:
    """Type into the column of a heading of clues.xlsx."""

    def type_it(folder: Path) -> None:
        book = openpyxl.load_workbook(folder / "clues.xlsx")
        page = book[sheet] if sheet else book.worksheets[0]
        place = next(cell.column for cell in page[4] if cell.value == heading)
        page.cell(row, place, "属实")
        book.save(folder / "clues.xlsx")

    return type_it


def fill_csv(name: str, heading: str) -> Callable[[Path], None]:
    def type_it(folder: Path) -> None:
        lines = (folder / name).read_text("utf-8-sig").split("\n")
        heads, cells = lines[0].strip().split(","), lines[1].rstrip("\r").split(",")
        cells[heads.index(heading) - len(heads)] = "属实"
        text = "\n".join([lines[0], ",".join(cells), *lines[2:]])
        (folder / name).write_text(text, encoding="utf-8-sig", newline="")

    return type_it


def save_again(folder: Path) -> None:
    openpyxl.load_workbook(folder / "clues.xlsx").save(folder / "clues.xlsx")


def append(name: str, data: bytes = b"\r\n") -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + data) and None


FILLED: dict[str, tuple[Callable[[Path], None], str]] = {
    "result": (fill("核查结果"), "clues.xlsx"),
    "outcome": (fill("处理去向"), "clues.xlsx"),
    "who": (fill("核查人"), "clues.xlsx"),
    "when": (fill("核查日期"), "clues.xlsx"),
    "remark": (fill("备注"), "clues.xlsx"),
    "by hand": (fill("核查人、日期（手写）", "搁置"), "clues.xlsx"),
    "open list": (fill("核查结果", "待核"), "clues.xlsx"),
    "held list": (fill("备注", "搁置"), "clues.xlsx"),
    "a line added below": (fill("核查结果", row=40), "clues.xlsx"),
    "csv": (fill_csv("clues_judicial.csv", "核查结果"), "clues_judicial.csv"),
    "held csv": (fill_csv("held.csv", "备注"), "held.csv"),
}
TOUCHED = {
    **FILLED,
    "saved again": (save_again, "clues.xlsx"),
    "csv saved again": (append("clues_poverty.csv"), "clues_poverty.csv"),
    "json": (append("clues.json"), "clues.json"),
    "rejects": (append("rejects.xlsx", b"x"), "rejects.xlsx"),
}  # fmt: skip


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


@pytest.mark.parametrize("kind", TOUCHED)
def test_a_changed_file_is_not_written_over(ws: Workspace, out: Path, kind: str) -> None:
    touch, name = TOUCHED[kind]
    touch(out)
    before = files(out)
    with pytest.raises(ClueError, match=name) as caught:
        export_clues(ws, world.PACK, out, world.AS_OF)
    assert (caught.value.code, caught.value.exit_code) == ("CE-X04", 2)
    assert files(out) == before
    (out / name).rename(out / f"填过的{name}")  # what the page of the code advises
    export_clues(ws, world.PACK, out, world.AS_OF)
    assert (out / f"填过的{name}").read_bytes() == before[name] and changed(out, output_names(world.PACK)) == []


def test_what_was_read_back_may_be_written_over(ws: Workspace, out: Path) -> None:
    """It stays beside the lists as it was filled in; filled in once more it is refused again, with what to do first."""
    fill("核查结果")(out)
    filled = (out / "clues.xlsx").read_bytes()
    copy = keep_copy(out / "clues.xlsx")
    assert copy is not None and copy.read_bytes() == filled and copy.stat().st_mode & 0o777 == 0o600
    assert keep_copy(out / "clues.xlsx") is None and keep_copy(out / "held.csv") is None
    fill("备注")(out)
    with pytest.raises(ClueError) as caught:
        check_unchanged(out, output_names(world.PACK), "clue-engine run", lambda files: f"import {files[0].name}")
    assert caught.value.hint.startswith("先读回台账，读完再运行就可以写：import clues.xlsx\n")
    (out / "clues.xlsx").write_bytes(filled)
    export_clues(ws, world.PACK, out, world.AS_OF)
    assert copy.read_bytes() == filled != (out / "clues.xlsx").read_bytes()


OLDER = ("no run.json", "names only", "broken")  # one way to have no hashes; none tells what was filled
FOUND = [*((older, None) for older in OLDER), *((OLDER[n % 3], kind) for n, kind in enumerate(FILLED))]


@pytest.mark.parametrize(("older", "kind"), FOUND)
def test_without_hashes_filled_cells_are_looked_for(out: Path, older: str, kind: str | None) -> None:
    record = json.loads((out / RUN).read_text("utf-8"))
    text = json.dumps(record | {"outputs": sorted(record["outputs"])}) if older == "names only" else "{"
    (out / RUN).unlink() if older == "no run.json" else (out / RUN).write_text(text)
    if kind is None:
        assert changed(out, output_names(world.PACK)) == []
    else:
        FILLED[kind][0](out)
        assert changed(out, output_names(world.PACK)) == [FILLED[kind][1]]


@pytest.mark.parametrize("name", ["held.csv", "clues.xlsx", "rejects.xlsx", "clues.json"])
def test_a_file_of_ones_own_under_our_name_stays(ws: Workspace, tmp_path: Path, name: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text("姓名,电话\n某某,1\n", encoding="utf-8")
    with pytest.raises(ClueError, match="CE-X04"):
        export_clues(ws, world.PACK, tmp_path / "out", world.AS_OF)
    assert files(tmp_path / "out") == {name: "姓名,电话\n某某,1\n".encode()}


def test_the_names_are_those_that_are_written(out: Path) -> None:
    written = set(json.loads((out / RUN).read_text("utf-8"))["outputs"])
    assert written == set(output_names(world.PACK)) == {p.name for p in out.iterdir()} - {RUN}


def test_stopped_between_two_files_all_is_as_before(ws: Workspace, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, before = Path.replace, files(out)

    def stopped(path: Path, target: Path) -> Path:
        if path.name == "clues.xlsx":
            raise KeyboardInterrupt
        return replace(path, target)

    ws.con.execute("update person set name = name || '甲' where person_id = 1")
    monkeypatch.setattr(Path, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        export_clues(ws, world.PACK, out, world.AS_OF)
    assert files(out) == before and not list(out.glob(f"{STAGE}*"))


@pytest.mark.parametrize("typed", [False, True])
def test_what_a_kill_left_half_in_place_is_completed_unless_a_person_typed(
    ws: Workspace, out: Path, monkeypatch: pytest.MonkeyPatch, typed: bool
) -> None:
    """Of a set that was being put in place: what is typed into one of its files is a person's, the rest is ours."""
    monkeypatch.setattr(staging, "_take_back", lambda *_: None)
    monkeypatch.setattr(staging, "_settle", lambda *_: None)
    replace = Path.replace

    def killed(path: Path, target: Path) -> Path:
        if path.name == "clues.xlsx":
            raise KeyboardInterrupt
        return replace(path, target)

    ws.con.execute("update person set name = name || '甲' where person_id = 1")
    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        export_clues(ws, world.PACK, out, world.AS_OF)
    monkeypatch.undo()
    assert changed(out, output_names(world.PACK)) == []
    if typed:
        fill("核查结果")(out)
    with Workspace.open(ws.directory.parent / "other") as other:  # any command with a workspace that knows the place
        (other.directory / staging.NOTES).write_text(f"{out}\n")
    Workspace.open(other.directory).close()
    left = {p.name for folder in out.glob(f"{STAGE}*") for p in folder.iterdir()}
    assert left == ({RUN} if typed else set())
    assert changed(out, output_names(world.PACK)) == (["clues.xlsx"] if typed else [])
    record = json.loads((out / RUN).read_text("utf-8"))["outputs"]
    assert (hashes(out, output_names(world.PACK)) == record) is not typed
    (out / "clues.xlsx").unlink()
    export_clues(ws, world.PACK, out, world.AS_OF)
    assert not list(out.glob(f"{STAGE}*"))


def test_a_run_stops_before_it_reads_and_names_the_command_that_works(
    tiny_copy: Callable[[Path], Path], tmp_path: Path
) -> None:
    place = tiny_copy(tmp_path / "tiny")
    folder, out = place / "in", (place / "done").rename(place / "线索 清单")
    more = ("--rules", place / "pack", "--parameters", place / "本县口径.yaml")
    assert county.run(folder, out, *more).returncode == 0  # what nobody touched is replaced
    fill("核查结果")(out)
    before = files(out / "workspace") | files(out)
    for command in (
        lambda: county.run(folder, out, *more),
        lambda: county.clue_engine("export", "-w", out / "workspace", "--rules", place / "pack", "-o", out),
    ):
        result = command()
        text = result.stderr.decode()
        assert (result.returncode, result.stdout) == (2, b"") and "CE-X04" in text and "clues.xlsx" in text, text
        assert files(out / "workspace") | files(out) == before
        [said] = re.findall(r"下一步：.*?clue-engine (.*)", text)
        again = county.clue_engine(*shlex.split(said))
        assert again.returncode == 0, again.stderr.decode()
        beside = out.with_name(shlex.split(said)[shlex.split(said).index("--out") + 1].split("/")[-1])
        assert (beside / "clues.xlsx").exists() and not (beside / "workspace").exists()
        before = files(out / "workspace") | files(out)


def test_a_document_is_what_the_library_writes() -> None:
    value = {'甲\u2028"\\\t\x01': [1, -2.5, 1e20, True, None, "𠮷", [], {}, (1, ["a"]), {"b": {"c": [[]]}}], "": ""}
    assert indented(value) == json.dumps(value, ensure_ascii=False, indent=1)
