"""The rows of the input files behind a clue, back to the cell as it was found.

Comes in: clue_source, input_file, raw_*, raw_column. Goes out: ``SourceRow`` records, personal numbers masked.
"""

from __future__ import annotations

from dataclasses import dataclass

from clue_engine.export.privacy import plain, redact
from clue_engine.pack.model import Pack
from clue_engine.values.mask import mask_id, mask_name, mask_phone
from clue_engine.workspace import Workspace, ident

_LONGEST = 40


@dataclass(frozen=True)
class SourceCell:
    column: int  # 1-based, as in the sheet
    header: str
    text: str


@dataclass(frozen=True)
class SourceRow:
    file: str
    sheet: str
    row_no: int
    source: str
    cells: tuple[SourceCell, ...]


def source_rows(ws: Workspace, pack: Pack, clue_id: str, *, cells: bool) -> tuple[SourceRow, ...]:
    """Each file row behind a clue; ``cells`` False leaves out what the row says."""
    found = ws.dicts(
        "select s.file_id, s.row_no, f.name, f.sheet, f.source_label from clue_source as s"
        " join input_file as f using (file_id) where s.clue_id = ? order by s.file_id, s.row_no",
        [clue_id],
    )
    return tuple(
        SourceRow(
            file=redact(row["name"]),
            sheet=row["sheet"] or "",
            row_no=row["row_no"],
            source=row["source_label"] or "",
            cells=_cells(ws, pack, row["file_id"], row["row_no"]) if cells else (),
        )
        for row in found
    )


def _cells(ws: Workspace, pack: Pack, file_id: int, row_no: int) -> tuple[SourceCell, ...]:
    """The filled cells of one raw row whose column means something to the source."""
    raw = f"raw_{int(file_id)}"
    if not ws.has_table(raw):
        return ()
    columns = ws.rows(
        "select position, any_value(header), min(field) from raw_column where file_id = ? and field is not null"
        " group by position order by position",
        [file_id],
    )
    rows = ws.dicts(f"select * from {ident(raw)} where row_no = ?", [row_no])
    if not rows:
        return ()
    types = {f"{kind.name}.{f.name}": f.type for kind in pack.records.values() for f in kind.fields}
    cells = []
    for position, header, field in columns:
        text = rows[0].get(f"c{position}")
        if text and text.strip():
            cells.append(SourceCell(position, plain(redact(header)), _shown(text, types.get(field, "text"), field)))
    return tuple(cells)


def _shown(text: str, kind: str, field: str) -> str:
    """A raw cell as it may be shown."""
    text = plain(text)
    if kind == "id":
        return mask_id(text)
    if kind == "phone":
        return mask_phone(text)
    if kind == "name" or field.rpartition(".")[2] in ("name", "head_name"):
        return mask_name(text)
    # the story of a case names people who have nothing to do with this clue
    return redact(text) if len(text) <= _LONGEST else "（长文字，见原文件）"
