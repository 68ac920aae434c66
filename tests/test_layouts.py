"""What tables of a workspace look like, against table_layouts.txt: no change goes without a new SCHEMA_VERSION.

After raising the number in workspace.py, ``python tests/test_layouts.py`` writes the file anew; it refuses as long as
the number stands there already with other tables.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from pathlib import Path

import tiny_county as county

from clue_engine.pack.load import load_pack
from clue_engine.pipeline import Job, run
from clue_engine.workspace import SCHEMA_VERSION, Workspace

FILE = Path(__file__).parent / "table_layouts.txt"
HISTORY = "version "  # version number, digest of the tables: one line for each that ever was


def layouts(folder: Path) -> str:
    """Every table and view after a whole run, one a line. What a pack says about fields is in it: they hold them."""
    county.write(folder / "in")
    pack = load_pack(county.write_pack(folder / "pack"))
    with Workspace.open(folder / "ws") as ws:
        run(ws, Job(pack, [folder / "in"], folder / "out"))
        rows = ws.rows(
            "select table_name, string_agg(column_name || ' ' || lower(data_type), ', ' order by column_index)"
            " from duckdb_columns() semi join (select table_oid from duckdb_tables() where not temporary"
            " union all select view_oid from duckdb_views() where not temporary and not internal) using (table_oid)"
            " where table_name not similar to 'raw_[0-9]+'"
            " group by table_name order by table_name"
        )
    return "".join(f"{name}: {columns}\n" for name, columns in rows)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept() -> tuple[dict[int, str], str]:
    """The history and the tables of the file."""
    lines = FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    history = [line.split() for line in lines if line.startswith(HISTORY)]
    return {int(n): d for _, n, d in history}, "".join(line for line in lines if not line.startswith(HISTORY))


def test_a_layout_does_not_change_without_a_new_version(tmp_path: Path) -> None:
    history, tables = kept()
    found = layouts(tmp_path)
    changed = sorted(set(found.splitlines()) ^ set(tables.splitlines()))
    assert not changed, f"raise SCHEMA_VERSION in workspace.py, then run python {Path(__file__).name}: {changed}"
    assert history[SCHEMA_VERSION] == digest(tables) and max(history) == SCHEMA_VERSION


def test_a_date_is_a_day() -> None:
    """A day less some days is a moment in SQL, and then `show` compares days with moments."""
    times = [line.split(":")[0] for line in kept()[1].splitlines() if re.search(r"_(lo|hi) timestamp", line)]
    assert not times


def write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = layouts(Path(folder))
    history = kept()[0] if FILE.exists() else {}
    if history.get(SCHEMA_VERSION, digest(found)) != digest(found):
        sys.exit(f"tables differ from those of version {SCHEMA_VERSION}: raise SCHEMA_VERSION in workspace.py first")
    history[SCHEMA_VERSION] = digest(found)
    lines = [f"{HISTORY}{number} {text}\n" for number, text in sorted(history.items())]
    FILE.write_text("".join(lines) + found, encoding="utf-8")


if __name__ == "__main__":
    write()
