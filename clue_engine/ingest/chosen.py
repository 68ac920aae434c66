"""Which columns feed which fields, once for all loaded files.

Comes in: the loaded files, the options column_few and column_margin of the pack. Goes out: the files with what their
columns lost, written to raw_column and issue; a file that cannot be decided is refused and its tables are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clue_engine.errors import ClueError
from clue_engine.ingest import manifest
from clue_engine.ingest.contest import Beaten, Rules, contests, without_beaten
from clue_engine.ingest.issues import DETAILS
from clue_engine.ingest.key_join import KeyPlaces
from clue_engine.ingest.land import insert
from clue_engine.ingest.layout import RawFile, kinds_of
from clue_engine.ingest.stage import loaded_rows
from clue_engine.pack.model import RecordKind
from clue_engine.workspace import Workspace


def choose_columns(
    ws: Workspace, files: Sequence[RawFile], records: Mapping[str, RecordKind], rules: Mapping[str, Rules]
) -> tuple[list[RawFile], list[ClueError]]:
    """Judge every file by the ``rules`` of its source; their order does not matter."""
    types = {f"{kind.name}.{field.name}": field.type for kind in records.values() for field in kind.fields}
    keys = KeyPlaces(ws, files, types)
    fed = {(file_id, at): fed for file_id, at, fed in ws.rows("select file_id, position, field from raw_column")}
    chosen: list[RawFile] = []
    refused: list[tuple[int, ClueError]] = []
    for file in files:
        kinds = [records[name] for name in kinds_of(file)]
        try:
            beaten = contests(ws, file, f"(select * from {loaded_rows(ws, file)})", kinds, keys, rules[file.source.id])
        except ClueError as error:
            refused.append((file.file_id, error))
            continue
        chosen.append(without_beaten(file, beaten))
        _write(ws, chosen[-1], beaten, fed)
    keys.drop()
    # only now: the keys of every file are looked up, in whatever order they come
    return chosen, [manifest.refuse(ws, file_id, error) for file_id, error in refused]


def _write(ws: Workspace, file: RawFile, beaten: Sequence[Beaten], fed: Mapping[tuple[int, int], str | None]) -> None:
    """The fields that a column feeds, where an earlier judgement was another one; an issue for each that one lost."""
    for column in file.columns:
        fields = file.source.columns[column.column_no].fields if column.column_no is not None else ()
        feeds = ",".join(field for field in fields if field not in column.lost) or None
        if feeds != fed[file.file_id, column.position]:
            place = [feeds, file.file_id, column.position]
            ws.con.execute("update raw_column set field = ? where file_id = ? and position = ?", place)
    detail = DETAILS["COLUMN_BEATEN"]
    insert(
        ws,
        "issue",
        [
            ("COLUMN_BEATEN", "warning", file.file_id, None, one.loser.header, f"{detail}：{one}")
            for one in dict.fromkeys(beaten)
        ],
    )
