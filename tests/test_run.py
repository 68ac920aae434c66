"""The sample county from end to end: the same lists whatever the order, encoding and columns of its files."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import ordinary
import pyarrow.parquet
import pytest
from tiny_county import clue_engine

from clue_engine.enquiry.compare import Leaks, secrets
from clue_engine.workspace import Workspace

SAMPLE = Path(__file__).parent.parent / "sample_data"
AS_OF = "2026-06-30"
ENCODINGS = ("utf-8", "gb18030", "utf-16", "utf-8-sig")


def run(out: Path, *inputs: Path) -> dict[str, bytes]:
    """The clue lists of a run over these inputs."""
    result = clue_engine("run", *inputs, "--parameters", SAMPLE / "parameters.yaml", "--as-of", AS_OF, "--out", out)
    assert result.returncode == 0, result.stderr.decode()
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.csv")) if path.name != "rejects.csv"}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory, sample_copy: Callable[[Path], Path]) -> Path:
    return sample_copy(tmp_path_factory.mktemp("sample") / "out")


def lists(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.glob("*.csv")) if path.name != "rejects.csv"}


def test_every_row_is_accounted_for(out: Path) -> None:
    record = json.loads((out / "run.json").read_text("utf-8"))
    files = record["inputs"]
    loaded = [f for f in files if f["status"] == "loaded"]
    assert len(loaded) >= 14
    assert all(f["n_read"] == f["n_loaded"] + f["n_rejected"] > 0 for f in loaded)
    assert [f["name"] for f in files if f["status"] == "refused"] == []
    assert sum(f["n_rejected"] for f in loaded) == record["rejected_rows"]


def test_each_direction_has_clues_and_each_household_once(out: Path) -> None:
    for name, data in lists(out).items():
        if name.startswith("clues_"):
            rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
            assert len([r for r in rows if r["状态"] == "线索"]) >= 10, name
            assert len({r["线索编号"] for r in rows}) == len(rows)
            assert [int(r["排名"]) for r in rows] == sorted(int(r["排名"]) for r in rows)


def test_other_encodings_column_orders_and_order_of_files(out: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shutil.copytree(SAMPLE / "input", folder)
    chance = random.Random(3)
    for n, path in enumerate(sorted(folder.glob("*.csv"))):
        _rewrite_csv(path, ENCODINGS[n % len(ENCODINGS)], chance)
    for path in folder.glob("*.parquet"):
        table = pyarrow.parquet.read_table(path)
        pyarrow.parquet.write_table(table.select(chance.sample(table.column_names, table.num_columns)), path)
    files = sorted((p for p in folder.iterdir() if p.suffix != ".md"), reverse=True)
    assert run(tmp_path / "out", *files) == lists(out)


def _rewrite_csv(path: Path, encoding: str, chance: random.Random) -> None:
    """The same table in another encoding, its columns in another order."""
    text = path.read_bytes()
    rows = list(csv.reader(io.StringIO(decode_any(text), newline="")))
    width = max(len(row) for row in rows)
    order = chance.sample(range(width), width)
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows([[*row, *[""] * (width - len(row))][place] for place in order] for row in rows)


def decode_any(data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "gb18030", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("not a text")


def test_quiet_households_and_ordinary_victims_give_nothing(tmp_path: Path) -> None:
    """python -m tests.ordinary counts 300 in a county; without a certain line the open list has five at most."""
    run(tmp_path / "out", ordinary.write(tmp_path, 8, 50, 100, 42, quiet=True))
    clues = json.loads((tmp_path / "out" / "clues.json").read_text("utf-8"))["clues"]
    told = Counter((c["direction"], c["status"]) for c in clues if c["status"] not in ("搁置", "折叠"))
    assert told == Counter(one[1:] for one in ordinary.listed(tmp_path, tmp_path / "out"))  # nobody of the quiet ones
    assert {status for _, status in told} == {"待核"} and max(told.values()) <= 5


# -- privacy -------------------------------------------------------------------------------------------------------
def texts(out: Path) -> Iterator[tuple[str, str]]:
    """All text that a run leaves outside of its database: files, hidden sheets, logs."""
    for path in sorted(p for p in out.rglob("*") if p.is_file() and ".duckdb" not in p.name):
        if path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path)
            for sheet in book:
                yield (
                    f"{path.name} {sheet.title}",
                    "\n".join(
                        "\t".join(str(cell.value) for cell in row if cell.value is not None)
                        for row in sheet.iter_rows()
                    ),
                )
            assert all(
                not sheet[cell].comment for sheet in book for row in sheet.iter_rows() for cell in [row[0].coordinate]
            )
        else:
            yield path.name, path.read_text("utf-8-sig")


def test_no_number_of_a_person_in_any_file(out: Path) -> None:
    for name, text in texts(out):
        found = re.search(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx](?!\d)", text)
        assert not found, f"{name}: {found}"


def test_restricted_lines_lead_to_no_one(out: Path) -> None:
    leaks = Leaks(out)
    with Workspace.open(out / "workspace") as ws:
        restricted = ws.rows("select clue_id, household_id from clue where restricted order by clue_id")
        assert len(restricted) >= 5
        for clue_id, household_id in restricted:
            assert not leaks.of(clue_id, secrets(ws, [household_id])), clue_id


def test_protected_persons_are_named_nowhere(out: Path) -> None:
    with Workspace.open(out / "workspace") as ws:
        protected = ws.rows(
            "select distinct f.name, p.id from hold_row as h join fact_involvement as f on f.row_id = h.row_id"
            " left join person as p on p.person_id = f.person_id"
            " where h.hold_id = 'X14' and h.outcome = 1 and length(f.name) > 1"
            "   and (select count(distinct q.person_id) from person as q where q.name = f.name) <= 1"
        )
        summaries = [s for (s,) in ws.rows(
            "select distinct f.summary from hold_row as h join fact_involvement as f on f.row_id = h.row_id"
            " where h.hold_id = 'X14' and h.outcome = 1 and length(f.summary) > 6")]  # fmt: skip
    assert len(protected) >= 2
    for name, text in texts(out):
        for person, number in protected:
            assert person not in text and (number is None or number not in text), name
        assert not any(summary in text for summary in summaries), name
