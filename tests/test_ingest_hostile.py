"""Every damaged, disguised or hostile file costs one message; the good file beside it is loaded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hostile_files import HEAD, LOADED, REFUSED, ROWS, TEXT, xlsx

import clue_engine
import clue_engine.ingest.workbook as workbook
from clue_engine.cli.app import main
from clue_engine.ingest.load import ingest
from clue_engine.ingest.report import IngestReport
from clue_engine.pack.sources import load_layouts
from clue_engine.workspace import Workspace

LAYOUTS = load_layouts(Path(__file__).parent.parent / "rules")


def run(folder: Path, **options: float) -> tuple[IngestReport, Workspace]:
    ws = Workspace.open(folder.with_name(folder.name + "_ws"))
    report = ingest(ws, LAYOUTS.sources, [folder], records=LAYOUTS.records, **options)  # type: ignore[arg-type]
    assert [p.name for p in (ws.directory / "tmp").iterdir()] == []
    return report, ws


def test_each_bad_file_costs_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "SECONDS", 10.0)
    for name, (content, _) in REFUSED.items():
        (tmp_path / name).write_bytes(content())
    (tmp_path / "好.csv").write_text(TEXT, encoding="utf-8")
    report, ws = run(tmp_path)
    with ws:
        found = {error.place.split()[0]: error.code for error in report.errors}
        assert found == {name: code for name, (_, code) in REFUSED.items()}
        assert len(report.errors) == len(REFUSED)
        assert all(error.hint and "\n" not in error.message for error in report.errors)
        assert [f.name for f in report.loaded] == ["好.csv"]
        assert ws.rows("select count(*) from raw_1") == [(40,)]


@pytest.mark.parametrize("name", LOADED)
def test_each_odd_file_is_read_whole(tmp_path: Path, name: str) -> None:
    content, n_read, n_loaded, rejects = LOADED[name]
    (tmp_path / name).write_bytes(content())
    report, ws = run(tmp_path)
    with ws:
        assert report.errors == []
        (entry,) = report.files
        assert (entry.status, entry.n_read, entry.n_loaded) == ("loaded", n_read, n_loaded)
        assert dict(ws.rows("select code, count(*) from reject group by 1")) == rejects
        assert ws.rows("select c1, c5 from raw_1 where c2 = '甲某39' limit 1") == [("某院诉受[2024]39号", "注")]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("os.abort()", "中断"),
        ("os.kill(os.getpid(), 9)", "中断"),
        ("raise type('PanicException', (BaseException,), {})('index out of bounds')", "中断"),
        ("time.sleep(600)", "超时"),
        ("print('spoils the protocol'); bytearray(1 << 44)", "内存"),
        ("resource.setrlimit(resource.RLIMIT_AS, (1 << 30, -1)); [0] * (1 << 28)", "内存"),
    ],
)
def test_a_reader_that_dies_costs_its_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, word: str
) -> None:
    script = tmp_path.with_name(tmp_path.name + "_worker.py")
    script.write_text(
        "import os, resource, sys, time\n"
        "from clue_engine.ingest import worker\n"
        "def broken(path):\n"
        "    if '坏' in path:\n"
        f"        {body}\n"
        "    yield from calamine(path)\n"
        "calamine = worker.READERS['calamine']\n"
        "worker.READERS.update(calamine=broken, openpyxl=broken)\n"
        "worker.main()\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(Path(clue_engine.__file__).parent.parent))
    monkeypatch.setattr(workbook, "WORKER", (workbook.WORKER[0], str(script)))
    if "sleep" in body:  # the others die by themselves: the usual limit, whatever else the machine does
        monkeypatch.setattr(workbook, "SECONDS", 6.0)
        monkeypatch.setitem(workbook.READERS, "xlsx", ("calamine",))  # one is waited for, not each in turn
    (tmp_path / "坏.xlsx").write_bytes(xlsx())
    (tmp_path / "好.xlsx").write_bytes(xlsx(lambda book, sheet: sheet.write(50, 1, "乙")))
    report, ws = run(tmp_path)
    with ws:
        assert [(e.code, e.place) for e in report.errors] == [("CE-F15", "坏.xlsx")]
        assert word in report.errors[0].message
        assert [f.name for f in report.loaded] == ["好.xlsx"]


@pytest.mark.parametrize(
    ("first", "second", "line"), [("gb18030", "utf-8", 42), ("utf-8", "gb18030", 42), ("utf-8-sig", "gb18030", 42)]
)
def test_mixed_encodings_are_named_with_their_place(tmp_path: Path, first: str, second: str, line: int) -> None:
    start = (TEXT + "\n").encode(first)
    (tmp_path / "混.csv").write_bytes(start + "某院诉受[2024]99号,追加的行文字,,,\n".encode(second) * 9)
    report, ws = run(tmp_path)
    ws.close()
    (error,) = report.errors
    assert (error.code, f"第 {line} 行" in error.message) == ("CE-E18", True)
    offset = int(re.findall(r"第 (\d+) 字节", error.message)[0])
    assert len(start) <= offset < len(start) + 20


def test_share_of_bad_rows_is_an_option(tmp_path: Path) -> None:
    lines = [",".join(HEAD), *("a,b" for _ in range(10)), *TEXT.split("\n")[1:]]
    (tmp_path / "x.csv").write_text("\n".join(lines), encoding="utf-8")
    report, ws = run(tmp_path)
    ws.close()
    assert [e.code for e in report.errors] == ["CE-F09"]
    report, ws = run(tmp_path, max_rejects=0.5)
    ws.close()
    assert (report.files[0].n_read, report.files[0].n_loaded) == (50, 40)


def test_command_says_it_in_one_line_each_and_exits_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "坏.xlsx").write_bytes(REFUSED["密码.xlsx"][0]())
    (tmp_path / "好.csv").write_text(TEXT, encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["ingest", str(tmp_path), "-w", str(tmp_path.with_name(tmp_path.name + "_ws"))])
    assert left.value.code == 3
    out, err = capsys.readouterr()
    assert "没有载入：“坏.xlsx”" in err.splitlines()[0]
    assert err.count("CE-F02") == 1 and "Traceback" not in err + out
    assert f"{len(ROWS)}={len(ROWS)}+0" in out
