"""Whether several sheets of one source are the parts of one list: by year, town or village, and nobody on two of them.

Comes in: the sheets of a workbook that fit one source. Goes out: yes or no; where their names or their keys do not say
it, it may be an old and a new state, and only the user knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from clue_engine.ingest.recognise import Match
from clue_engine.ingest.table import Table
from clue_engine.values.text import compact

_KEYS = ("household_no", "case_no", "unified_no", "enforcement_no", "aid_no", "id", "applicant_id")
_PART = re.compile(r"(?:19|20)\d{2}|[乡镇村屯寨]|街道|社区|办事处|苏木|嘎查|林场|农场")
_SHARED = 0.02  # of the keys of the smaller sheet: a slip, no second state


def are_parts(sheets: Sequence[tuple[Table, Match]]) -> bool:
    """Each name says a year or a place, another one each, and hardly a key stands on two sheets."""
    names = [compact(table.sheet) for table, _ in sheets]
    if not all(_PART.search(name) for name in names) or len(set(names)) < len(names):
        return False
    keys = [_keys(table, match) for table, match in sheets]
    return all(keys) and all(len(a & b) <= _SHARED * min(len(a), len(b)) for a, b in combinations(keys, 2))


def _keys(table: Table, match: Match) -> set[str]:
    """The cells of the column that names a row best."""
    import pyarrow as pa

    fields = {
        field.partition(".")[2]: c.position
        for c in match.columns
        if c.column_no is not None
        for field in match.source.columns[c.column_no].fields
    }
    position = next((fields[key] for key in _KEYS if key in fields), None)
    if position is None or table.staged is None:
        return set()
    with pa.memory_map(str(table.staged)) as source:
        rows = pa.ipc.open_file(source).read_all()
        names = rows.column_names
        if f"c{position}" not in names:
            return set()
        numbers, cells = rows.column("row_no").to_pylist(), rows.column(f"c{position}").to_pylist()
    return {compact(c) for n, c in zip(numbers, cells, strict=True) if n > match.header.row and c and compact(c)}
