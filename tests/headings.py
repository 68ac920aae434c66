"""Headings that other offices write: does the program understand them with values that fit, and leave them with others?

    python -m tests.headings TABLE.csv [--each]

TABLE.csv: 导出表, 本来的表头, 别处的写法, 应读作 (原字段 | 存疑 | 另一字段：…). Every line is written into a small
export of its kind and loaded; what counts is the record field after cleaning. --each prints the lines that failed.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clue_engine.ingest.clean import clean
from clue_engine.ingest.load import ingest
from clue_engine.pack.sources import Layouts, load_layouts
from clue_engine.workspace import Workspace, ident
from tests.heading_tables import AGAINST, FIELDS, OWN_WORDS, write

_SUFFIX = {"date": "_lo"}
SAME_RECORD = "：身份证号码"  # of a list of certificates both numbers go to one field
TOGETHER = 80  # files to a workspace


@dataclass(frozen=True)
class Line:
    export: str
    heading: str
    written: str
    meant: str

    @property
    def target(self) -> str:
        return FIELDS[self.export, self.heading]


@dataclass(frozen=True)
class Found:
    """Of a line: values that its field had with fitting cells, and the contradicting cells that became values.

    ``elsewhere``: the column was given to another field, whose words said this one too (户类型: 脱贫不稳定户).
    """

    line: Line
    n_before: int
    n_fitting: int
    wrong: tuple[str, ...]
    elsewhere: bool = False

    @property
    def understood(self) -> bool:
        return self.n_before > 0 and self.n_fitting >= self.n_before

    @property
    def adopted_wrongly(self) -> bool:
        """With cells that contradict; another field even with cells that would fit."""
        other = self.line.meant.startswith("另一字段") and not self.line.meant.endswith(SAME_RECORD)
        return bool(self.wrong) or (other and self.n_fitting > 0 and not self.elsewhere)


def read_lines(path: Path) -> list[Line]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [Line(r["导出表"], r["本来的表头"], r["别处的写法"], r["应读作"]) for r in csv.DictReader(stream)]


def judge(lines: Sequence[Line], layouts: Layouts) -> list[Found]:
    """Load every line with its own cells and with each kind of cells that contradict it."""
    types = {f"{k.name}.{f.name}": f.type for k in layouts.records.values() for f in k.fields}
    keys = dict.fromkeys((line.export, line.heading) for line in lines)
    plain = [_Variant(*key, key[1], None, FIELDS[key]) for key in keys]
    variants = {
        line: [_Variant(line.export, line.heading, line.written, cells, line.target) for cells in _cells(line, types)]
        for line in lines
    }
    every = list(dict.fromkeys([*plain, *(v for found in variants.values() for v in found)]))
    counts: dict[_Variant, int] = {}
    elsewhere: set[_Variant] = set()
    for start in range(0, len(every), TOGETHER):
        counts.update(_values(every[start : start + TOGETHER], types, layouts, elsewhere))
    before = {(v.export, v.heading): counts[v] for v in plain}
    found = []
    for line in lines:
        fitting, *against = variants[line]
        wrong = tuple(f"{v.cells[0][:8]}×{counts[v]}" for v in against if counts[v] and v.cells)
        found.append(Found(line, before[line.export, line.heading], counts[fitting], wrong, fitting in elsewhere))
    return found


@dataclass(frozen=True)
class _Variant:
    """A file to write: ``cells`` None are those of the export itself."""

    export: str
    heading: str
    written: str
    cells: tuple[str, ...] | None
    target: str


def _cells(line: Line, types: Mapping[str, str]) -> list[tuple[str, ...] | None]:
    own = OWN_WORDS.get(line.target, frozenset())
    against = AGAINST["code" if types[line.target] == "codes" else types[line.target]]
    return [None, *(tuple("" if cell in own else cell for cell in cells) for cells in against)]


def _values(
    variants: Sequence[_Variant], types: Mapping[str, str], layouts: Layouts, elsewhere: set[_Variant]
) -> dict[_Variant, int]:
    """How many rows of each file have a value in its field; ``elsewhere``: files whose column was another field's."""
    counts = dict.fromkeys(variants, 0)
    with tempfile.TemporaryDirectory(prefix="headings-") as folder:
        paths = [
            write(Path(folder), v.export, v.heading, v.written, v.cells, f"{n:04d}_") for n, v in enumerate(variants)
        ]
        with Workspace.open(Path(folder) / "ws") as ws:
            ingest(ws, layouts.sources, paths, records=layouts.records)
            clean(ws, layouts)
            loaded = ws.rows("select name, file_id, sha256 from input_file where status = 'loaded'")
            by_content = {sha256: file_id for _, file_id, sha256 in loaded}  # equal files are loaded once
            for v, path in zip(variants, paths, strict=True):
                kind, _, name = v.target.partition(".")
                column = name + _SUFFIX.get(types[v.target], "")
                file_id = by_content.get(hashlib.sha256(path.read_bytes()).hexdigest())
                if file_id is not None:
                    where = f"where file_id = {file_id}"
                    ((counts[v],),) = ws.rows(f"select count({ident(column)}) from {ident(f'rec_{kind}')} {where}")
                    given = ws.rows(f"select field from raw_column {where} and header = ?", [v.written])
                    if any(field and v.target not in field.split(",") for (field,) in given):
                        elsewhere.add(v)
    return counts


def summary(found: Sequence[Found]) -> str:
    original = [f for f in found if f.line.meant == "原字段"]
    doubtful = Counter(f.understood for f in found if f.line.meant == "存疑")
    wrong = [f for f in found if f.adopted_wrongly]
    n_good = sum(f.understood for f in original)
    return (
        f"原字段 {n_good}/{len(original)}（{n_good / max(len(original), 1):.0%}）；存疑而用了 {doubtful[True]}，"
        f"没有用 {doubtful[False]}；误用 {len(wrong)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("table", type=Path)
    parser.add_argument("--each", action="store_true")
    given = parser.parse_args()
    found = judge(read_lines(given.table), load_layouts(Path(__file__).parent.parent / "rules"))
    if given.each:
        for f in found:
            if f.adopted_wrongly or (f.line.meant == "原字段" and not f.understood):
                said = f"误用：{'，'.join(f.wrong) or '另一字段'}" if f.adopted_wrongly else "没有认出"
                print(f"{f.line.heading} ← {f.line.written}（{f.line.meant}）{said}")
    print(summary(found))


if __name__ == "__main__":
    main()
