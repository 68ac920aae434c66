"""Which values the columns of a file hold: code values, words unknown to the code table, states of identity numbers.

Comes in: rec_*, issue, raw_*, raw_column. Goes out: ``ColumnValues`` by record field; counts, never a person's value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from clue_engine.export.privacy import plain, redact
from clue_engine.pack.model import Pack
from clue_engine.workspace import Workspace, ident

_MOST = 8
_OFTEN = 3  # a word that occurs so often in a column of codes is a word, not somebody's name
_LONGEST = 20
ID_STATES = {
    "ok": "有效",
    "old15": "十五位",
    "bad_checksum": "校验不符",
    "tail000": "末位丢失",
    "sci": "末位丢失",
    "masked": "有遮盖",
    "virtual": "虚拟号",
    "org": "单位代码",
    "other": "不是身份证号",
    "none": "空",
}


@dataclass(frozen=True)
class ColumnValues:
    seen: tuple[tuple[str, int], ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()


def column_values(ws: Workspace, pack: Pack, file_id: int) -> dict[str, ColumnValues]:
    """By record field (kind.field); only codes and identity numbers have values that may be shown."""
    found: dict[str, ColumnValues] = {}
    if not ws.has_table("record_column"):
        return found
    unknown = _unknown_words(ws, file_id)
    for kind_name, names in ws.rows(
        "select kind, list(field order by field) from record_column where file_id = ? group by 1 order by 1", [file_id]
    ):
        kind = pack.records.get(kind_name)
        fields = [f for f in kind.fields if f.name in names and f.type in ("code", "codes", "id")] if kind else []
        if not fields:
            continue
        counted = []
        for field in fields:
            column = ident(field.name + ("_kind" if field.type == "id" else ""))
            counted.append(
                f"histogram({column})" if field.type != "codes" else f"histogram(array_to_string({column}, ','))"
            )
        rows = ws.rows(f"select {', '.join(counted)} from {ident('rec_' + kind_name)} where file_id = ?", [file_id])
        for field, counts in zip(fields, rows[0], strict=True):
            target = f"{kind_name}.{field.name}"
            found[target] = ColumnValues(_frequent(counts or {}, field.type), unknown.get(target, ()))
    return found


def _frequent(counts: dict[str, int], kind: str) -> tuple[tuple[str, int], ...]:
    merged: dict[str, int] = {}
    for text, n in counts.items():
        for value in text.split(",") if kind == "codes" else [text]:
            shown = ID_STATES.get(value, value) if kind == "id" else value
            if shown:
                merged[shown] = merged.get(shown, 0) + n
    return tuple(sorted(merged.items(), key=lambda item: (-item[1], item[0]))[:_MOST])


def _unknown_words(ws: Workspace, file_id: int) -> dict[str, tuple[tuple[str, int], ...]]:
    """Words of code columns that no table knows."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for position, field in ws.rows(
        "select distinct c.position, c.field from issue as i join raw_column as c on c.file_id = i.file_id"
        " and c.header = i.column_name where i.file_id = ? and i.code = 'CODE_UNKNOWN' and c.field is not null",
        [file_id],
    ):
        words = ws.rows(
            f"select trim(c{int(position)}), count(*) as n from raw_{int(file_id)} where row_no in"
            " (select i.row_no from issue as i join raw_column as c on c.file_id = i.file_id and c.header ="
            " i.column_name where i.file_id = ? and i.code = 'CODE_UNKNOWN' and c.position = ?)"
            f" group by 1 having n >= {_OFTEN} order by 2 desc, 1 limit {_MOST}",
            [file_id, position],
        )
        shown = tuple(
            (redact(plain(word)), n) for word, n in words if len(word) <= _LONGEST and not re.search(r"\d{5}", word)
        )
        for target in field.split(","):
            found[target] = shown
    return found
