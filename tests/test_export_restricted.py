"""Restricted clues reach the one who may see them: encrypted, under a password nobody else reads, kept in the audit."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import clue_world as world
import openpyxl
import pytest
import secret_county as county
import tiny_county
from office import needs_office, open_locked, python_with_uno
from terminal import on_terminal
from test_export import ws  # noqa: F401

from clue_engine.enquiry.compare import Leaks
from clue_engine.enquiry.show import show
from clue_engine.errors import ClueError
from clue_engine.export import restricted
from clue_engine.export.encrypt import encrypted, weakness
from clue_engine.export.restricted import deliver, purpose, restricted_rows
from clue_engine.pack.load import load_pack
from clue_engine.pipeline import Job, run
from clue_engine.workspace import Workspace
from tests.called import ended

# ruff: noqa: F811 -- fixtures of test_export
PASSWORD = "Correct-Horse-7"
PROMPTS = ("密码（不显示）：", "再输入一次：")
WHAT = ("--restricted", "--to", "未检", "--reason", "司法救助审查")


def opened(file: Path, password: str = PASSWORD) -> Any:
    import msoffcrypto

    book = io.BytesIO()
    with file.open("rb") as stream:
        locked = msoffcrypto.OfficeFile(stream)
        locked.load_key(password=password, verify_password=True)
        locked.decrypt(book, verify_integrity=True)
    return openpyxl.load_workbook(book)


def text(book: Any) -> str:
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def audit(directory: Path) -> list[dict[str, Any]]:
    path = directory / "audit.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


# -- the file --------------------------------------------------------------------------------------------------------
@pytest.fixture
def delivered(ws: Workspace, tmp_path: Path) -> Path:
    file = tmp_path / "受限" / "受限线索.xlsx"
    rows = restricted_rows(ws, world.PACK)
    deliver(ws, world.PACK, rows, file, world.AS_OF, purpose("未检", "司法救助审查"), PASSWORD)
    return file


def test_only_restricted_clues_and_those_in_full(delivered: Path) -> None:
    found = text(opened(delivered))
    assert all(word in found for word in ("童小荷", world.IDS[5], "荷塘村", "未检", "司法救助审查"))
    assert not any(world.NAMES[n] in found for n in (1, 2, 3, 4, 6))


def test_the_file_opens_with_the_password_only(delivered: Path) -> None:
    from msoffcrypto.exceptions import InvalidKeyError

    data = delivered.read_bytes()
    assert not data.startswith(b"PK") and "童小荷".encode() not in data and "童小荷".encode("utf-16-le") not in data
    with pytest.raises(InvalidKeyError):
        opened(delivered, PASSWORD + "x")
    assert stat.S_IMODE(delivered.stat().st_mode) == 0o600


def test_every_clue_stands_in_the_audit(ws: Workspace, delivered: Path) -> None:
    [line] = audit(ws.directory)
    kept = ("action", "to", "reason", "clues", "sha256")
    assert [line[key] for key in kept] == [
        "export restricted", "未检", "司法救助审查", [r.clue_id for r in restricted_rows(ws, world.PACK)],
        hashlib.sha256(delivered.read_bytes()).hexdigest(),
    ]  # fmt: skip
    assert PASSWORD not in (ws.directory / "audit.jsonl").read_text("utf-8")


def test_named_clues_only(ws: Workspace) -> None:
    [row] = restricted_rows(ws, world.PACK)
    assert restricted_rows(ws, world.PACK, [row.clue_id.lower()]) == [row]
    an_open_one = ws.rows("select clue_id from clue where not restricted order by 1")[0][0]
    for number in (an_open_one, "JU-00000000"):
        with pytest.raises(ClueError, match="CE-U30"):
            restricted_rows(ws, world.PACK, [row.clue_id, number])


def test_nothing_restricted_is_no_delivery(ws: Workspace) -> None:
    ws.con.execute("update clue set restricted = false")
    with pytest.raises(ClueError, match="CE-X07"):
        restricted_rows(ws, world.PACK)
    assert audit(ws.directory) == []


@pytest.mark.parametrize("fault", ["encrypt", "audit", "place"])
def test_whole_or_not_at_all(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    if fault == "place":
        monkeypatch.setattr(os, "link", full)
        monkeypatch.setattr(Path, "replace", full)
    else:
        monkeypatch.setattr(restricted, {"encrypt": "restricted_workbook", "audit": "write_audit"}[fault], full)
    file = tmp_path / "a" / "b.xlsx"
    with pytest.raises((ClueError, OSError)):
        deliver(ws, world.PACK, restricted_rows(ws, world.PACK), file, world.AS_OF, purpose("甲", "乙"), PASSWORD)
    assert list(file.parent.iterdir()) == []


def test_nothing_of_a_person_is_ever_on_the_disk_in_plain(ws: Workspace, tmp_path: Path) -> None:
    """Every file opened for writing while a delivery is made, whatever becomes of it later."""
    written: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        flags = os.O_WRONLY | os.O_RDWR
        if event == "open" and watching and (arguments[2] or 0) & flags:
            written.append(str(arguments[0]))

    watching = True
    sys.addaudithook(watch)
    try:
        file = tmp_path / "a" / "b.xlsx"
        deliver(ws, world.PACK, restricted_rows(ws, world.PACK), file, world.AS_OF, purpose("甲", "乙"), PASSWORD)
    finally:
        watching = False
    paths = [Path(p) for p in written if not p.isdigit() and "__pycache__" not in p]  # a number: opened already
    own = [path for path in paths if not path.is_relative_to(ws.directory)]
    assert len(own) == 1 and own[0].parent.parent == file.parent, written  # in a stage beside it
    noted = [path for path in paths if path.is_relative_to(ws.directory)]  # where the stage is, then who got it
    assert noted == [ws.directory / "stages", ws.directory / "audit.jsonl"]
    assert not [path for path in noted if "童小荷" in path.read_text("utf-8")]


def test_places_that_are_refused(ws: Workspace, tmp_path: Path) -> None:
    rows, goal = restricted_rows(ws, world.PACK), purpose("甲", "乙")
    (tmp_path / "there.xlsx").write_text("")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.json").write_text("{}")
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
    for name, code in {
        "there.xlsx": "CE-U07", "link.xlsx": "CE-U07", "a.csv": "CE-U02", "clue-out": "CE-U02", "out/a.xlsx": "CE-X06",
        "there.xlsx/a.xlsx": "CE-S28",
    }.items():  # fmt: skip
        with pytest.raises(ClueError) as caught:
            deliver(ws, world.PACK, rows, tmp_path / name, world.AS_OF, goal, PASSWORD)
        assert caught.value.code == code, name
    assert audit(ws.directory) == []


def test_two_deliveries_to_one_name_keep_the_first(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restricted, "check_file", lambda file: None)  # the other one comes after the look
    file = tmp_path / "a.xlsx"
    file.write_text("the first")
    with pytest.raises(ClueError, match="CE-U07"):
        deliver(ws, world.PACK, restricted_rows(ws, world.PACK), file, world.AS_OF, purpose("甲", "乙"), PASSWORD)
    assert file.read_text() == "the first"


@needs_office
def test_libreoffice_opens_it_with_the_password(delivered: Path, tmp_path: Path) -> None:
    if not python_with_uno():
        pytest.skip("no Python that speaks with LibreOffice (python3-uno): the file was not opened in it")
    book = open_locked(delivered, PASSWORD, tmp_path)
    assert book is not None and "童小荷" in text(openpyxl.load_workbook(book))


# -- the password ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("password", "said"),
    [
        (PASSWORD, ""), ("Abcdefghij12", ""), ("x" * 12, "太弱"), ("Abc-1234567", "太弱"), ("abcdefghijkl", "太弱"),
        ("Aa1Aa1Aa1Aa1", "太弱"), ("", "太弱"), ("密码Abcdefg1234", "只能用"), ("Abcdefg\t12345", "只能用"),
        (" Abcdefghij12", "空格"), ("Abcdefg-1" * 8, "最多"),
    ],
)  # fmt: skip
def test_weak_passwords(password: str, said: str) -> None:
    found = weakness(password)
    assert (said in found) if said else not found


def test_an_encryption_that_does_not_open_again_is_never_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    assert encrypted(book.getvalue(), PASSWORD) != book.getvalue()
    monkeypatch.setattr(OOXMLFile, "decrypt", lambda self, out, **_: out.write(b"PK something else"))
    with pytest.raises(RuntimeError):
        encrypted(book.getvalue(), PASSWORD)


# -- the commands ------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secret")
    county.write(folder / "in")
    pack = load_pack(tiny_county.write_pack(folder / "pack"), folder / "本县口径.yaml")
    with Workspace.open(folder / "ws") as ws:
        run(ws, Job(pack, [folder / "in"], folder / "out"))
    return folder


def of(place: Path) -> tuple[str, ...]:
    return ("-w", str(place / "ws"), "--rules", str(place / "pack"))


@pytest.fixture
def hidden(place: Path) -> list[str]:
    clues = json.loads((place / "out" / "clues.json").read_text("utf-8"))["clues"]
    return [clue["clue_id"] for clue in clues if clue["restricted"]]


@pytest.mark.skipif(os.name == "nt", reason="no pty")
def test_the_password_is_asked_twice_and_not_shown(place: Path, hidden: list[str], tmp_path: Path) -> None:
    file, before = tmp_path / "受限.xlsx", len(audit(place / "ws"))
    answers = ["short", PASSWORD, "another", PASSWORD, PASSWORD]
    code, screen = on_terminal(["export", *WHAT, *of(place), "--out", file], PROMPTS, answers)
    assert code == 0, screen
    assert "密码太弱" in screen and "两次输入的密码不一样" in screen and PASSWORD not in screen
    found = text(opened(file))
    assert all(name in found for name in ("童大", "柳青", "文朗", "江平")) and "白石" not in found
    [line] = audit(place / "ws")[before:]
    assert (line["to"], sorted(line["clues"])) == ("未检", sorted(hidden))


@pytest.mark.skipif(os.name == "nt", reason="no pty")
def test_after_three_tries_there_is_no_file(place: Path, tmp_path: Path) -> None:
    before = len(audit(place / "ws"))
    code, screen = on_terminal(["export", *WHAT, *of(place), "--out", tmp_path / "a.xlsx"], PROMPTS, ["a", "b", "c"])
    assert code == 2 and "CE-X09" in screen
    assert not list(tmp_path.iterdir()) and len(audit(place / "ws")) == before


def test_without_a_terminal_it_is_refused(place: Path, tmp_path: Path) -> None:
    told = f"{PASSWORD}\n{PASSWORD}\n".encode()
    argv = [sys.executable, "-m", "clue_engine", "export", *WHAT, *of(place), "--out", str(tmp_path / "a.xlsx")]
    for more in ([], ["--json"]):
        left = subprocess.run([*argv, *more], input=told, capture_output=True, start_new_session=True)
        assert left.returncode == 2 and "CE-X08" in left.stderr.decode(), left.stderr.decode()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--restricted", "--to", "未检"), "CE-X05"), (("--restricted", "--reason", "用途"), "CE-X05"),
        (("--restricted", "--to", " ", "--reason", "用途"), "CE-X05"), (("--to", "未检"), "CE-U01"),
        (("--reason", "用途"), "CE-U01"), (("--number", "JU-1"), "CE-U01"), ((*WHAT, "--unmask", "用途"), "CE-U01"),
        ((*WHAT, "--password", PASSWORD), "CE-U01"),
    ],
)  # fmt: skip
def test_options_that_are_refused(place: Path, tmp_path: Path, options: tuple[str, ...], code: str) -> None:
    left, _, err = ended("export", *options, *of(place), "--out", tmp_path / "a.xlsx")
    assert left == 2 and code in err and not list(tmp_path.iterdir()), err


def test_show_tells_whom_to_ask_and_the_command(place: Path, hidden: list[str]) -> None:
    before = audit(place / "ws")
    _, out, err = ended("show", hidden[0], *of(place))
    assert "由检察机关指定的专人" in out and f"show {hidden[0]}" in err and "export --restricted" in err
    _, _, err = ended("clues", *of(place))
    assert "export --restricted" in err
    assert audit(place / "ws") == before


def test_show_in_full_with_a_purpose_is_kept(place: Path, hidden: list[str]) -> None:
    before = len(audit(place / "ws"))
    shown = []
    for number in hidden:
        code, out, _ = ended("show", number, "--restricted", "--reason", "司法救助审查", *of(place))
        assert code == 0 and "命中" in out and "数据出处" in out
        shown.append(out)
    assert "童大" in "".join(shown) and not [n for n in county.IDS.values() if n in "".join(shown)]
    kept = [(line["action"], line["reason"], line["clues"]) for line in audit(place / "ws")[before:]]
    assert kept == [("show restricted", "司法救助审查", [number]) for number in hidden]


def test_an_open_clue_shown_so_is_not_kept(place: Path) -> None:
    clues = json.loads((place / "out" / "clues.json").read_text("utf-8"))["clues"]
    number = next(clue["clue_id"] for clue in clues if not clue["restricted"])
    before = len(audit(place / "ws"))
    assert ended("show", number, "--restricted", "--reason", "看", *of(place))[0] == 0
    assert len(audit(place / "ws")) == before


def test_show_refuses_without_a_purpose(place: Path, hidden: list[str]) -> None:
    before = audit(place / "ws")
    for options, code in ((["--restricted"], "CE-X05"), (["--reason", "看"], "CE-U01")):
        left, out, err = ended("show", hidden[0], *options, *of(place))
        assert (left, out) == (2, "") and code in err
    assert audit(place / "ws") == before


def test_a_wrong_number_is_not_kept(ws: Workspace) -> None:
    with pytest.raises(ClueError, match="CE-U30"):
        show(ws, world.PACK, "JU-00000000", reason="看")
    assert audit(ws.directory) == []


def test_an_encrypted_file_among_the_lists_does_not_stop_a_comparison(ws: Workspace, delivered: Path) -> None:
    from clue_engine.export import export_clues

    out = delivered.parent
    export_clues(ws, world.PACK, out, world.AS_OF)
    [row] = restricted_rows(ws, world.PACK)
    assert not Leaks(out).of(row.clue_id, ["童小荷"])
